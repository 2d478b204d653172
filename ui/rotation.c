/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rotation.c - when an output begins a new file, and what its files are called. */
#include "ui/rotation.h"

#include <limits.h>
#include <stdlib.h>
#include <time.h>

#include "ui/number.h"

#define NS_PER_S INT64_C(1000000000)

enum { PERIOD_MOST_S = 366 * 86400 };

/*
 * The conversions there are, and the form of what they make: 'd' a digit, '+' a sign, others themselves;
 * "d*" any number of digits.
 */
static const struct {
	char letter;
	const char *form;
} conversions[] = {
	{ 'Y', "dddd" }, { 'm', "dd" },		{ 'd', "dd" },	     { 'H', "dd" },    { 'M', "dd" },
	{ 'S', "dd" },	 { 'j', "ddd" },	{ 'y', "dd" },	     { 'V', "dd" },    { 'G', "dddd" },
	{ 'u', "d" },	 { 'F', "dddd-dd-dd" }, { 'T', "dd:dd:dd" }, { 'R', "dd:dd" }, { 'z', "+dddd" },
	{ 's', "d*" },	 { '%', "%" },
};

static const char *form_of(char letter)
{
	for (size_t i = 0; i < sizeof conversions / sizeof conversions[0]; i++) {
		if (conversions[i].letter == letter)
			return conversions[i].form;
	}
	return NULL;
}

/* What the letter behind the number stands for; 0 = nothing. */
static bool take_unit(struct rotation *rotation, uint64_t n, const char *unit)
{
	static const char sizes[] = "KMG";
	static const struct {
		char letter;
		uint64_t seconds;
	} times[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	const char *size = unit[0] ? strchr(sizes, unit[0]) : NULL;

	if (n == 0 || unit[0] == '\0' || unit[1] != '\0')
		return false;
	if (size) {
		unsigned int shift = 10 * (unsigned int)(size - sizes + 1);

		rotation->size = n << shift;
		return n <= (uint64_t)INT64_MAX >> shift;
	}
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		if (unit[0] == times[i].letter && n <= PERIOD_MOST_S / times[i].seconds) {
			rotation->period = (int64_t)(n * times[i].seconds) * NS_PER_S;
			return true;
		}
	}
	return false;
}

bool rotation_parse(struct rotation *rotation, const char *argument, struct text *why)
{
	const char *end;
	uint64_t n;

	if (number_digits(argument, &end, &n) && take_unit(rotation, n, end))
		return true;
	text_string(why,
		    "a size (such as 512K, 100M or 1G) or a time (such as 30s, 10m, 1h or 1d, at most 366d) "
		    "is needed, not '");
	text_string(why, argument);
	text_char(why, '\'');
	return false;
}

const char *rotation_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool rotation_pattern_valid(const char *pattern, struct text *why)
{
	const char *base = rotation_base(pattern);
	bool any = false;

	if (memchr(pattern, '%', (size_t)(base - pattern))) {
		text_string(why, "only the name of a file can hold the time, not its folder's");
		return false;
	}
	for (const char *at = base; *at; at++) {
		if (*at != '%')
			continue;
		at++;
		if (*at == '\0' || !form_of(*at)) {
			text_string(
				why,
				"of strftime's conversions only %Y %m %d %H %M %S %j %y %V %G %u %F %T %R "
				"%z %s and %% can be in a name");
			return false;
		}
		any = any || *at != '%';
	}
	if (!any)
		text_string(why,
			    "the name of the file must hold the time, such as in rows-%Y%m%d-%H%M%S.csv");
	return any;
}

void rotation_zone(void)
{
	/* The same as no TZ, but that glibc then compares names only (tzset(3)). */
	setenv("TZ", ":/etc/localtime", 0);
	tzset();
}

static int64_t floor_seconds(int64_t ns)
{
	return ns / NS_PER_S - (ns % NS_PER_S < 0);
}

static void local_time(int64_t wall_ns, struct tm *tm)
{
	time_t seconds = (time_t)floor_seconds(wall_ns);

	/* It can only fail beyond the year 2^31. */
	if (!localtime_r(&seconds, tm))
		*tm = (struct tm){ .tm_mday = 1 };
}

/* How far local time is ahead of UTC. */
static int64_t zone_ns(int64_t wall_ns)
{
	struct tm tm;

	local_time(wall_ns, &tm);
	return (int64_t)tm.tm_gmtoff * NS_PER_S;
}

static int64_t since_boundary(int64_t wall_ns, int64_t period)
{
	int64_t rest = (wall_ns + zone_ns(wall_ns)) % period;

	return rest < 0 ? rest + period : rest;
}

int64_t rotation_next(const struct rotation *rotation, int64_t wall_ns)
{
	int64_t period = rotation->period;
	int64_t next, moved;

	if (period == 0)
		return INT64_MAX;
	next = wall_ns - since_boundary(wall_ns, period) + period;
	if (since_boundary(next, period) == 0)
		return next;
	/* The clocks change until then. A boundary that they leap over is where they leap. */
	moved = next + zone_ns(wall_ns) - zone_ns(next);
	return moved > wall_ns && since_boundary(moved, period) == 0 ? moved : next;
}

/* Where the number goes: before the last point of the name, but not before one that it begins with. */
static const char *number_place(const char *pattern)
{
	const char *base = rotation_base(pattern);
	const char *point = strrchr(base, '.');

	return point && point > base ? point : base + strlen(base);
}

/* The pattern from 'at' to 'end' as text. */
static bool expand(const char *at, const char *end, const struct tm *tm, struct text *name)
{
	for (; at < end; at++) {
		char conversion[3] = { '%', '\0', '\0' };
		char value[64];

		if (*at != '%') {
			text_char(name, *at);
			continue;
		}
		conversion[1] = *++at;
		text_bytes(name, value, strftime(value, sizeof value, conversion, tm));
	}
	return !name->cut;
}

bool rotation_name(const char *pattern, int64_t wall_ns, uint64_t number, struct text *name)
{
	const char *place = number_place(pattern);
	struct tm tm;

	local_time(wall_ns, &tm);
	expand(pattern, place, &tm, name);
	if (number > 0) {
		text_char(name, '.');
		text_number(name, number);
	}
	expand(place, place + strlen(place), &tm, name);
	text_char(name, '\0');
	return !name->cut;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* What is behind the part of name that has this form; NULL = it has another. */
static const char *after_form(const char *form, const char *name)
{
	if (strcmp(form, "d*") == 0) {
		const char *end = name;

		while (is_digit(*end))
			end++;
		return end > name ? end : NULL;
	}
	for (; *form; form++, name++) {
		if (*form == 'd'   ? !is_digit(*name)
		    : *form == '+' ? *name != '+' && *name != '-'
				   : *name != *form)
			return NULL;
	}
	return name;
}

/* The same for what the pattern from 'at' to 'end' makes. */
static const char *after_pattern(const char *at, const char *end, const char *name)
{
	for (; at < end && name; at++) {
		if (*at == '%')
			name = after_form(form_of(*++at), name);
		else
			name = *name == *at ? name + 1 : NULL;
	}
	return name;
}

static bool is_rest(const char *place, const char *name)
{
	const char *end = after_pattern(place, place + strlen(place), name);

	return end && *end == '\0';
}

bool rotation_matches(const char *pattern, const char *name, uint64_t *number)
{
	const char *place = number_place(pattern);
	const char *at = after_pattern(rotation_base(pattern), place, name);
	const char *end;

	*number = 0;
	if (!at)
		return false;
	if (is_rest(place, at))
		return true;
	return at[0] == '.' && at[1] != '0' && number_digits(at + 1, &end, number) && is_rest(place, end);
}
