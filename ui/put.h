/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * put.h - numbers, times and addresses as text, put straight to where they are wanted.
 *
 * For rows: a row has 60 values and a report a million rows, so nothing here asks whether there is room, and
 * hardly anything branches on how long a value is. Whoever calls has seen to it that there are PUT_ROOM bytes
 * from 'to' on; each returns the end of what it put, and may have scribbled over what lies behind that.
 * Nothing is terminated. format.h has the same for a struct text, which knows its room.
 */
#ifndef LASTACK_UI_PUT_H
#define LASTACK_UI_PUT_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "dissect/segment.h"

enum { PUT_ROOM = 64 };

static inline char *put_char(char *to, char c)
{
	*to = c;
	return to + 1;
}

/* Any number of them: n bytes of room are needed. */
static inline char *put_bytes(char *to, const char *bytes, size_t n)
{
	memcpy(to, bytes, n);
	return to + n;
}

/*
 * Below 1000, its three digits, the first in the lowest byte and zeros before others included; how many of
 * them are no such zeros is in the highest byte.
 */
extern const uint32_t put_three_digits[1000];

/* A number below 1000. */
static inline char *put_below_1000(char *to, uint32_t n)
{
	uint32_t digits = put_three_digits[n], count = digits >> 24;

	digits = htole32(digits >> (24 - 8 * count));
	memcpy(to, &digits, sizeof digits);
	return to + count;
}

/* A number of 1000 or more. */
char *put_digits(char *to, uint64_t n);

static inline char *put_number(char *to, uint64_t n)
{
	return n < 1000 ? put_below_1000(to, (uint32_t)n) : put_digits(to, n);
}

/* Seconds with nine digits after the point: 1.500000000. Below 0 with a minus sign. */
char *put_seconds(char *to, int64_t ns);

/* Seconds since 1970 with nine digits after the point, or six, rounded down. */
char *put_moment(char *to, struct moment at, bool nanoseconds);

/* An address: RFC 5952 for IPv6, dotted for IPv4. */
char *put_host(char *to, const struct host *host);

#endif
