/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * put.c - see put.h. Digits are made several at a time, side by side in one register, the first in the lowest
 * byte; those that say nothing are shifted out, and all is stored at once.
 */
#include "ui/put.h"

#include <endian.h>

#define NS_PER_US 1000LL
#define NS_PER_S  (1000000 * NS_PER_US)

enum { EIGHT_DIGITS = 100000000 };

static const uint64_t zeros = 0x3030303030303030;

/* n < 10^8 as eight digits 0 to 9, a byte each: halved into groups of four, of two, of one. */
static inline uint64_t digits_of(uint32_t n)
{
	uint64_t fours = n / 10000 | (uint64_t)(n % 10000) << 32;
	/* x / 100 = x * 10486 / 2^20 for x < 10^4, x / 10 = x * 103 / 2^10 for x < 100. */
	uint64_t hundreds = fours * 10486 >> 20 & 0x0000007f0000007f;
	uint64_t twos = hundreds | (fours - 100 * hundreds) << 16;
	uint64_t tens = twos * 103 >> 10 & 0x000f000f000f000f;

	return tens | (twos - 10 * tens) << 8;
}

static void store(char *to, uint64_t bytes)
{
	bytes = htole64(bytes);
	memcpy(to, &bytes, sizeof bytes);
}

static char *put_eight(char *to, uint32_t n)
{
	store(to, digits_of(n) | zeros);
	return to + 8;
}

/*
 * How many digits 0 < n < 10^8 has: what follows waits for that, so it does not wait for the digits
 * themselves. By n's highest bit: so many digits at most, less one where n is below their least number.
 */
static int count_digits(uint32_t n)
{
#define FROM(least, digits) ((uint64_t)(digits) << 32) - (least)
#define ALL(digits)	    (uint64_t)(digits) << 32
	static const uint64_t by_bit[27] = {
		ALL(1),	      ALL(1),		ALL(1), FROM(10, 2),   ALL(2),		ALL(2),
		FROM(100, 3), ALL(3),		ALL(3), FROM(1000, 4), ALL(4),		ALL(4),
		ALL(4),	      FROM(10000, 5),	ALL(5), ALL(5),	       FROM(100000, 6), ALL(6),
		ALL(6),	      FROM(1000000, 7), ALL(7), ALL(7),	       ALL(7),		FROM(10000000, 8),
		ALL(8),	      ALL(8),		ALL(8),
	};
#undef FROM
#undef ALL

	return (int)((by_bit[31 - __builtin_clz(n)] + n) >> 32);
}

char *put_digits(char *to, uint64_t n)
{
	int count;

	if (n >= EIGHT_DIGITS)
		return put_eight(put_number(to, n / EIGHT_DIGITS), (uint32_t)(n % EIGHT_DIGITS));
	count = count_digits((uint32_t)n);
	store(to, (digits_of((uint32_t)n) | zeros) >> 8 * (8 - count));
	return to + count;
}

char *put_seconds(char *to, int64_t ns)
{
	uint64_t magnitude = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
	uint32_t rest = (uint32_t)(magnitude % NS_PER_S);

	if (ns < 0)
		to = put_char(to, '-');
	to = put_number(to, magnitude / NS_PER_S);
	to = put_char(to, '.');
	to = put_char(to, (char)('0' + rest / EIGHT_DIGITS));
	return put_eight(to, rest % EIGHT_DIGITS);
}

char *put_moment(char *to, struct moment at, bool nanoseconds)
{
	int64_t us = at.ns / NS_PER_US;
	uint64_t magnitude;

	if (nanoseconds)
		return put_seconds(to, at.ns);
	if (at.ns < 0 && at.ns % NS_PER_US != 0)
		us--;
	magnitude = us < 0 ? -(uint64_t)us : (uint64_t)us;
	if (us < 0)
		to = put_char(to, '-');
	to = put_number(to, magnitude / 1000000);
	to = put_char(to, '.');
	store(to, (digits_of((uint32_t)(magnitude % 1000000)) | zeros) >> 16);
	return to + 6;
}

/* A byte in decimal and a point. */
static char *put_octet(char *to, uint32_t n)
{
	uint32_t hundreds = n * 41 >> 12, rest = n - 100 * hundreds, tens = rest * 103 >> 10;
	uint32_t digits = hundreds | tens << 8 | (rest - 10 * tens) << 16;
	int leading = __builtin_ctz(digits | 1 << 16) / 8; /* zeros, but for the last digit */

	digits = htole32(((uint32_t)'.' << 24 | 0x303030 | digits) >> 8 * leading);
	memcpy(to, &digits, sizeof digits);
	return to + 4 - leading;
}

static char *put_ipv4(char *to, const uint8_t addr[4])
{
	for (int i = 0; i < 4; i++)
		to = put_octet(to, addr[i]);
	return to - 1; /* the last has no point */
}

/* Sixteen bits in hexadecimal. */
static char *put_group(char *to, uint32_t group)
{
	uint32_t four = group >> 12 | (group >> 8 & 15) << 8 | (group >> 4 & 15) << 16 | (group & 15) << 24;
	uint32_t letters = (four + 0x06060606) >> 4 & 0x01010101; /* which of them are above 9 */
	int leading = (__builtin_clz(group | 1) - 16) / 4;

	four = htole32((four + 0x30303030 + letters * ('a' - '0' - 10)) >> 8 * leading);
	memcpy(to, &four, sizeof four);
	return to + 4 - leading;
}

/* The first of the longest runs of zero groups; RFC 5952 4.2.2: a single one is not shortened. */
static int longest_zeros(const unsigned groups[8], int *length)
{
	unsigned runs = 0; /* bit i: so many zero groups begin at group i */

	*length = 1;
	for (int i = 0; i < 8; i++)
		runs |= (unsigned)(groups[i] == 0) << i;
	if ((runs & runs >> 1) == 0)
		return -1;
	while (runs & runs >> 1) {
		runs &= runs >> 1;
		(*length)++;
	}
	return __builtin_ctz(runs);
}

char *put_host(char *to, const struct host *host)
{
	unsigned groups[8];
	int run, length;

	if (host_is_ipv4(host))
		return put_ipv4(to, host->addr + 12);
	for (int i = 0; i < 8; i++)
		groups[i] = (unsigned)host->addr[2 * i] << 8 | host->addr[2 * i + 1];
	run = longest_zeros(groups, &length);
	for (int i = 0; i < 8; i++) {
		if (i == run) {
			to = put_bytes(to, "::", 2);
			i += length - 1;
			continue;
		}
		if (i > 0 && i != run + length)
			to = put_char(to, ':');
		to = put_group(to, groups[i]);
	}
	return to;
}
