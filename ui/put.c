/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * put.c - see put.h. Digits are looked up three at a time, side by side in one register, and stored at once;
 * those that say nothing are shifted out.
 */
#include "ui/put.h"

#define NS_PER_US 1000LL
#define NS_PER_S  UINT64_C(1000000000)

#define DIGITS(count, n)                                                                                     \
	((uint32_t)(count) << 24 | (0x30u + (n) / 100) | (0x30u + (n) / 10 % 10) << 8 |                      \
	 (0x30u + (n) % 10) << 16)
#define COUNT(n) ((n) < 10 ? 1 : (n) < 100 ? 2 : 3)
#define ONE(n)	 DIGITS(COUNT(n), n)
#define TEN(n)                                                                                               \
	ONE(n), ONE(n + 1), ONE(n + 2), ONE(n + 3), ONE(n + 4), ONE(n + 5), ONE(n + 6), ONE(n + 7),          \
		ONE(n + 8), ONE(n + 9)
#define HUNDRED(n)                                                                                           \
	TEN(n), TEN(n + 10), TEN(n + 20), TEN(n + 30), TEN(n + 40), TEN(n + 50), TEN(n + 60), TEN(n + 70),   \
		TEN(n + 80), TEN(n + 90)

const uint32_t put_three_digits[1000] = {
	HUNDRED(0),   HUNDRED(100), HUNDRED(200), HUNDRED(300), HUNDRED(400),
	HUNDRED(500), HUNDRED(600), HUNDRED(700), HUNDRED(800), HUNDRED(900),
};

/* Three digits of n < 1000, and those before them. */
static inline char *put_three(char *to, uint32_t n)
{
	uint32_t digits = htole32(put_three_digits[n]);

	memcpy(to, &digits, sizeof digits);
	return to + 3;
}

/* Six digits of n < 10^6. */
static inline char *put_six(char *to, uint32_t n)
{
	return put_three(put_three(to, n / 1000), n % 1000);
}

/* Nine of n < 10^9. */
static inline char *put_nine(char *to, uint32_t n)
{
	return put_six(put_three(to, n / 1000000), n % 1000000);
}

char *put_digits(char *to, uint64_t n)
{
	if (n < 1000000)
		return put_three(put_below_1000(to, (uint32_t)n / 1000), (uint32_t)n % 1000);
	if (n < NS_PER_S)
		return put_six(put_below_1000(to, (uint32_t)n / 1000000), (uint32_t)n % 1000000);
	return put_nine(put_number(to, n / NS_PER_S), (uint32_t)(n % NS_PER_S));
}

char *put_seconds(char *to, int64_t ns)
{
	uint64_t magnitude = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;

	if (ns < 0)
		to = put_char(to, '-');
	to = put_number(to, magnitude / NS_PER_S);
	return put_nine(put_char(to, '.'), (uint32_t)(magnitude % NS_PER_S));
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
	return put_six(put_char(to, '.'), (uint32_t)(magnitude % 1000000));
}

static char *put_ipv4(char *to, const uint8_t addr[4])
{
	for (int i = 0; i < 4; i++)
		to = put_char(put_below_1000(to, addr[i]), '.');
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
