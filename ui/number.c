/* SPDX-License-Identifier: GPL-2.0-or-later */
/* number.c - see number.h. */
#include "ui/number.h"

#include <stddef.h>

#define NS_PER_S UINT64_C(1000000000)

bool number_digits(const char *string, const char **end, uint64_t *n)
{
	const char *at = string;

	*n = 0;
	for (; *at >= '0' && *at <= '9'; at++) {
		uint64_t digit = (uint64_t)(*at - '0');

		if (*n > (UINT64_MAX - digit) / 10)
			return false;
		*n = *n * 10 + digit;
	}
	*end = at;
	return at > string;
}

bool number_seconds(const char *string, const char **end, uint64_t *ns)
{
	uint64_t unit = NS_PER_S;
	const char *at;

	if (!number_digits(string, end, ns) || *ns >= INT64_MAX / NS_PER_S)
		return false;
	*ns *= NS_PER_S;
	if (**end != '.')
		return true;
	at = *end + 1;
	for (; *at >= '0' && *at <= '9' && unit > 1; at++) {
		unit /= 10;
		*ns += (uint64_t)(*at - '0') * unit;
	}
	if (at == *end + 1)
		return false; /* a point, and nothing after it */
	*end = at;
	return true;
}

bool number_duration(const char *string, const char **end, uint64_t *ns)
{
	static const struct {
		char letter;
		uint64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };

	if (!number_seconds(string, end, ns))
		return false;
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		if (**end != units[i].letter)
			continue;
		if (*ns > INT64_MAX / units[i].seconds)
			return false;
		*ns *= units[i].seconds;
		++*end;
		break;
	}
	return true;
}
