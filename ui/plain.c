/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plain.c - see plain.h. */
#include "ui/plain.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ui/format.h"

#define SECOND_NS 1000000000LL

static struct text over(struct plain *p)
{
	return (struct text){ .bytes = p->s, .size = sizeof p->s };
}

/* A number with its thousands apart, a space, and what it counts. */
static struct plain counted(uint64_t n, const char *what)
{
	struct plain p, number = plain_number(n);
	struct text text = over(&p);

	text_string(&text, number.s);
	text_char(&text, ' ');
	text_string(&text, what);
	text_end(&text);
	return p;
}

struct plain plain_number(uint64_t n)
{
	char digits[24];
	struct plain p;
	struct text text = over(&p);
	int length = snprintf(digits, sizeof digits, "%" PRIu64, n);

	for (int i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			text_char(&text, ',');
		text_char(&text, digits[i]);
	}
	text_end(&text);
	return p;
}

struct plain plain_count(uint64_t n, const char *one, const char *many)
{
	return counted(n, n == 1 ? one : many);
}

/* n of whole in parts of 'parts', rounded; never 0 or all of them unless it is so. */
static uint64_t parts_of(uint64_t n, uint64_t whole, unsigned parts, bool *less, bool *more)
{
	uint64_t rounded = (uint64_t)((double)n / (double)whole * parts + 0.5);

	*less = n > 0 && rounded == 0;
	*more = n < whole && rounded >= parts;
	return *less ? 1 : *more ? parts - 1 : rounded;
}

struct plain plain_share(uint64_t n, uint64_t whole)
{
	struct plain p = { "-" };
	uint64_t tenths;
	bool less, more;

	if (whole == 0)
		return p;
	tenths = parts_of(n, whole, 1000, &less, &more);
	if (n == 0 || n == whole)
		snprintf(p.s, sizeof p.s, "%u %%", n == 0 ? 0 : 100);
	else
		snprintf(p.s, sizeof p.s, "%s%" PRIu64 ".%" PRIu64 " %%",
			 less	? "<"
			 : more ? ">"
				: "",
			 tenths / 10, tenths % 10);
	return p;
}

struct plain plain_round_share(uint64_t n, uint64_t whole)
{
	struct plain p = { "-" };
	uint64_t hundredths;
	bool less, more;

	if (whole == 0)
		return p;
	hundredths = parts_of(n, whole, 100, &less, &more);
	snprintf(p.s, sizeof p.s, "%s%" PRIu64 " %%", less ? "<" : more ? ">" : "", hundredths);
	return p;
}

/* n units of 'one' with a digit after the point while it is small: 1.2 s, 12.3 s, 123 ms. */
static struct plain tenths(int64_t n, int64_t one, const char *unit)
{
	struct plain p;

	if (n % one == 0 || n / one >= 100)
		snprintf(p.s, sizeof p.s, "%" PRId64 " %s", n / one, unit);
	else
		snprintf(p.s, sizeof p.s, "%" PRId64 ".%" PRId64 " %s", n / one, n % one / (one / 10), unit);
	return p;
}

struct plain plain_duration(int64_t ns)
{
	static const struct {
		int64_t seconds, divisor;
		const char *unit, *part;
	} pairs[] = {
		{ 86400, 3600, "d", "h" },
		{ 3600, 60, "h", "min" },
		{ 60, 1, "min", "s" },
	};
	int64_t seconds = ns / SECOND_NS;
	struct plain p;

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		int64_t rest = seconds % pairs[i].seconds / pairs[i].divisor;

		if (seconds < pairs[i].seconds)
			continue;
		p = counted((uint64_t)(seconds / pairs[i].seconds), pairs[i].unit);
		if (rest > 0)
			snprintf(p.s + strlen(p.s), sizeof p.s - strlen(p.s), " %" PRId64 " %s", rest,
				 pairs[i].part);
		return p;
	}
	if (ns <= 0)
		return (struct plain){ "0 s" };
	if (ns >= SECOND_NS)
		return tenths(ns, SECOND_NS, "s");
	if (ns >= 1000000)
		return tenths(ns, 1000000, "ms");
	return ns >= 1000 ? tenths(ns, 1000, "us") : tenths(ns, 1, "ns");
}

struct plain plain_bytes(uint64_t n)
{
	static const char *const units[] = { "kB", "MB", "GB", "TB", "PB", "EB" };
	uint64_t one = 1000;
	size_t unit = 0;
	struct plain p;

	if (n < 1000)
		return plain_count(n, "byte", "bytes");
	while (unit + 1 < sizeof units / sizeof *units && n / one >= 1000) {
		one *= 1000;
		unit++;
	}
	snprintf(p.s, sizeof p.s, "%" PRIu64 ".%" PRIu64 " %s", n / one, n % one / (one / 10), units[unit]);
	return p;
}

struct plain plain_rate(uint64_t n, int64_t ns)
{
	double rate = ns > 0 ? (double)n / ((double)ns / 1e9) : 0;
	struct plain p = { "-" };
	uint64_t tenth;

	if (ns <= 0)
		return p;
	rate = rate < 1e15 ? rate : 1e15;
	tenth = (uint64_t)(rate * 10 + 0.5);
	if (tenth >= 1000 || (tenth > 0 && tenth % 10 == 0))
		return counted((tenth + 5) / 10, "a second");
	if (tenth == 0 && rate * 3600 >= 0.5)
		return counted((uint64_t)(rate * 3600 + 0.5), "an hour");
	if (tenth == 0)
		return (struct plain){ "less than one an hour" };
	snprintf(p.s, sizeof p.s, "%" PRIu64 ".%" PRIu64 " a second", tenth / 10, tenth % 10);
	return p;
}

struct plain plain_host(const struct host *host)
{
	struct plain p;
	struct text text = over(&p);

	text_host(&text, host);
	text_end(&text);
	return p;
}

struct plain plain_endpoint(const struct host *host, uint16_t port)
{
	struct plain p;
	struct text text = over(&p);

	text_endpoint(&text, host, port);
	text_end(&text);
	return p;
}

struct plain plain_moment(struct moment at, bool day)
{
	time_t seconds = (time_t)(at.ns / SECOND_NS - (at.ns % SECOND_NS < 0));
	struct plain p = { "-" };
	struct tm tm;

	if (gmtime_r(&seconds, &tm))
		strftime(p.s, sizeof p.s, day ? "%Y-%m-%d %H:%M:%S" : "%H:%M:%S", &tm);
	return p;
}
