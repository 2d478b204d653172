/* SPDX-License-Identifier: GPL-2.0-or-later */
/* decimal.c - see decimal.h. */
#include "ui/decimal.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool decimal_parse(const char *at, size_t length, struct decimal *d)
{
	const char *end = at + length;
	bool any = false;

	*d = (struct decimal){ .negative = at < end && *at == '-' };
	at += d->negative;
	for (; at < end && is_digit(*at); at++, any = true) {
		uint64_t digit = (uint64_t)(*at - '0');

		if (d->whole > (UINT64_MAX - digit) / 10)
			return false;
		d->whole = d->whole * 10 + digit;
	}
	if (at < end && *at == '.') {
		uint32_t place = 100000000;

		for (at++; at < end && is_digit(*at); at++, any = true, place /= 10)
			d->billionths += (uint32_t)(*at - '0') * place;
	}
	return any && at == end;
}

static int compare_sizes(const struct decimal *a, const struct decimal *b)
{
	if (a->whole != b->whole)
		return a->whole < b->whole ? -1 : 1;
	return (a->billionths > b->billionths) - (a->billionths < b->billionths);
}

int decimal_compare(const struct decimal *a, const struct decimal *b)
{
	if (a->negative != b->negative)
		return a->negative ? -1 : 1;
	return a->negative ? compare_sizes(b, a) : compare_sizes(a, b);
}
