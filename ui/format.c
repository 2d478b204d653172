/* SPDX-License-Identifier: GPL-2.0-or-later */
/* format.c - numbers, times, addresses and names as text. */
#include "ui/format.h"

#include "ui/put.h"

#define NS_PER_US 1000LL
#define NS_PER_MS (1000 * NS_PER_US)
#define NS_PER_S  (1000 * NS_PER_MS)

const char *text_end(struct text *text)
{
	if (text->length == text->size) {
		text->length--;
		text->cut = true;
	}
	text->bytes[text->length] = '\0';
	return text->bytes;
}

void text_pad(struct text *text, size_t from, size_t width)
{
	while (text->length - from < width && text->length < text->size)
		text_char(text, ' ');
}

void text_pad_left(struct text *text, size_t from, size_t width)
{
	size_t written = text->length - from;

	if (written >= width || width - written > text->size - text->length)
		return;
	memmove(text->bytes + from + width - written, text->bytes + from, written);
	memset(text->bytes + from, ' ', width - written);
	text->length = from + width;
}

/* n in decimal, filled up with zeros on the left to at least 'digits'. */
static void text_digits(struct text *text, uint64_t n, int digits)
{
	char buffer[20]; /* 2^64 has 20 digits */
	char *at = buffer + sizeof buffer;

	do {
		*--at = (char)('0' + n % 10);
		n /= 10;
		digits--;
	} while (n > 0 || digits > 0);
	text_bytes(text, at, (size_t)(buffer + sizeof buffer - at));
}

/* What was put from 'bytes' to 'end'. */
static void text_put(struct text *text, const char *bytes, const char *end)
{
	text_bytes(text, bytes, (size_t)(end - bytes));
}

void text_number(struct text *text, uint64_t n)
{
	char bytes[PUT_ROOM];

	text_put(text, bytes, put_number(bytes, n));
}

void text_seconds(struct text *text, int64_t ns)
{
	char bytes[PUT_ROOM];

	text_put(text, bytes, put_seconds(bytes, ns));
}

void text_moment(struct text *text, struct moment at, bool nanoseconds)
{
	char bytes[PUT_ROOM];

	text_put(text, bytes, put_moment(bytes, at, nanoseconds));
}

/* n / unit with three significant digits, rounded down: 1.23, 12.3, 123. n < 1000 * unit. */
static void text_three_digits(struct text *text, uint64_t n, uint64_t unit)
{
	uint64_t whole = n / unit;
	uint64_t rest = n % unit;

	text_number(text, whole);
	if (whole < 10) {
		text_char(text, '.');
		text_digits(text, rest / (unit / 100), 2);
	} else if (whole < 100) {
		text_char(text, '.');
		text_digits(text, rest / (unit / 10), 1);
	}
}

/* Two units: 59m03s. */
static void text_two_units(struct text *text, uint64_t n, uint64_t per, const char units[2])
{
	text_number(text, n / per);
	text_char(text, units[0]);
	text_digits(text, n % per, 2);
	text_char(text, units[1]);
}

void text_short_time(struct text *text, int64_t ns)
{
	uint64_t n = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
	uint64_t s = n / NS_PER_S;

	if (ns < 0)
		text_char(text, '-');
	if (n < NS_PER_US) {
		text_number(text, n);
		text_string(text, n > 0 ? "ns" : "");
	} else if (n < NS_PER_MS) {
		text_number(text, n / NS_PER_US);
		text_string(text, "us");
	} else if (n < NS_PER_S) {
		text_three_digits(text, n, NS_PER_MS);
		text_string(text, "ms");
	} else if (s < 100) {
		text_three_digits(text, n, NS_PER_S);
		text_char(text, 's');
	} else if (s < 3600) {
		text_two_units(text, s, 60, "ms");
	} else if (s < 100 * 3600) {
		text_two_units(text, s / 60, 60, "hm");
	} else if (s < 100 * 86400) {
		text_two_units(text, s / 3600, 24, "dh");
	} else {
		text_number(text, s / 86400);
		text_char(text, 'd');
	}
}

void text_short_number(struct text *text, uint64_t n)
{
	static const char units[] = "kMGTPE";
	uint64_t unit = 1000;
	int i = 0;

	if (n < 1000) {
		text_number(text, n);
		return;
	}
	while (n / unit >= 1000) {
		unit *= 1000;
		i++;
	}
	text_three_digits(text, n, unit);
	text_char(text, units[i]);
}

void text_host(struct text *text, const struct host *host)
{
	char bytes[PUT_ROOM];

	text_put(text, bytes, put_host(bytes, host));
}

void text_endpoint(struct text *text, const struct host *host, uint16_t port)
{
	bool ipv4 = host_is_ipv4(host);

	if (!ipv4)
		text_char(text, '[');
	text_host(text, host);
	text_string(text, ipv4 ? ":" : "]:");
	text_number(text, port);
}

/*
 * The length of the UTF-8 sequence at s (left > 0 bytes), 0 if there is no valid one: overlong forms,
 * surrogates and what is beyond U+10FFFF are not (RFC 3629 4). *code = the character.
 */
static size_t utf8_sequence(const unsigned char *s, size_t left, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t length = s[0] < 0x80 ? 1 : s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;

	*code = s[0];
	if (length == 1)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4 || length > left)
		return 0;
	*code &= 0x7fU >> length;
	for (size_t i = 1; i < length; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (s[i] & 0x3fU);
	}
	if (*code < least[length] || *code > 0x10ffff || (*code >= 0xd800 && *code <= 0xdfff))
		return 0;
	return length;
}

/* One character: all its bytes, or none where they do not fit. */
static void text_whole(struct text *text, const char *bytes, size_t n)
{
	if (n > text->size - text->length)
		text->cut = true;
	else
		text_bytes(text, bytes, n);
}

void text_utf8(struct text *text, const char *bytes, size_t n)
{
	const unsigned char *s = (const unsigned char *)bytes;
	uint32_t code;

	for (size_t i = 0; i < n;) {
		size_t length = utf8_sequence(s + i, n - i, &code);
		bool valid = length > 0;

		text_whole(text, valid ? bytes + i : "\xef\xbf\xbd", valid ? length : 3);
		i += valid ? length : 1;
	}
}

void text_plain(struct text *text, const char *string)
{
	const unsigned char *s = (const unsigned char *)string;
	size_t n = strlen(string);
	uint32_t code;

	for (size_t i = 0; i < n;) {
		size_t length = utf8_sequence(s + i, n - i, &code);

		if (length == 0 || code < 0x20 || (code >= 0x7f && code < 0xa0))
			text_char(text, '?');
		else
			text_whole(text, string + i, length);
		i += length > 0 ? length : 1;
	}
}
