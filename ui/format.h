/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * format.h - numbers, times, addresses and names as text, put together in a buffer of fixed size.
 *
 * Nothing here depends on the locale. Rows, which are written a million times, use put.h.
 */
#ifndef LASTACK_UI_FORMAT_H
#define LASTACK_UI_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "dissect/segment.h"

/* Text being put together. What does not fit is left out, and 'cut' says so. */
struct text {
	char *bytes;   /* not terminated; owned by the caller */
	size_t size;   /* of bytes */
	size_t length; /* used so far */
	bool cut;
};

static inline void text_bytes(struct text *text, const char *bytes, size_t n)
{
	if (n > text->size - text->length) {
		n = text->size - text->length;
		text->cut = true;
	}
	memcpy(text->bytes + text->length, bytes, n);
	text->length += n;
}

static inline void text_char(struct text *text, char c)
{
	text_bytes(text, &c, 1);
}

static inline void text_string(struct text *text, const char *string)
{
	text_bytes(text, string, strlen(string));
}

/* Terminates the text (its last byte gives way if it is full) and returns it. size must not be 0. */
const char *text_end(struct text *text);

/* Spaces until the text is 'width' bytes longer than it was at length 'from'. */
void text_pad(struct text *text, size_t from, size_t width);

/* Spaces before what was written since length 'from', so that it ends 'width' bytes further on. */
void text_pad_left(struct text *text, size_t from, size_t width);

void text_number(struct text *text, uint64_t n);

/* Seconds with nine digits after the point: 1.500000000. Below 0 with a minus sign. */
void text_seconds(struct text *text, int64_t ns);

/* Seconds since 1970 with nine digits after the point, or six, rounded down. */
void text_moment(struct text *text, struct moment at, bool nanoseconds);

/* A duration for people, at most 6 characters: 0, 250us, 12.3ms, 1.23s, 59m03s, 23h59m, 12d03h. */
void text_short_time(struct text *text, int64_t ns);

/* A number for people, at most 5 characters: 999, 1.23k, 45.6M, 789G (powers of 1,000, rounded down). */
void text_short_number(struct text *text, uint64_t n);

/* An address: RFC 5952 for IPv6, dotted for IPv4. */
void text_host(struct text *text, const struct host *host);

/* An address and port: 192.0.2.1:80, [2001:db8::1]:80 (RFC 5952 6). */
void text_endpoint(struct text *text, const struct host *host, uint16_t port);

/* n bytes that should be UTF-8; each byte that is not part of a valid sequence becomes U+FFFD. */
void text_utf8(struct text *text, const char *bytes, size_t n);

/*
 * Text for a terminal or a line of a log: valid UTF-8, and every control character (C0, DEL, C1)
 * becomes '?', so that a hostile name can neither break the line nor drive the terminal.
 */
void text_plain(struct text *text, const char *string);

#endif
