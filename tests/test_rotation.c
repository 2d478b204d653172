/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_rotation.c - when an output begins a new file, and what its files are called. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "ui/rotation.h"

#define S    INT64_C(1000000000)
#define HOUR (3600 * S)
#define DAY  (24 * HOUR)

/* 2026-03-29: clocks in Berlin go from 02:00 to 03:00; 2026-10-25: from 03:00 back to 02:00. */
#define BERLIN "CET-1CEST,M3.5.0,M10.5.0/3"

static void in_zone(const char *zone)
{
	setenv("TZ", zone, 1);
	tzset();
}

/* A time of UTC as "2026-11-20 14:05:09". */
static int64_t utc(const char *text)
{
	struct tm tm = { 0 };

	assert_non_null(strptime(text, "%Y-%m-%d %H:%M:%S", &tm));
	return (int64_t)timegm(&tm) * S;
}

static void sizes_and_times_are_read(void **state)
{
	static const struct {
		const char *argument;
		uint64_t size;
		int64_t period;
	} good[] = {
		{ "1K", 1024, 0 },	   { "512K", 512 * 1024, 0 }, { "100M", 100 << 20, 0 },
		{ "1G", 1 << 30, 0 },	   { "30s", 0, 30 * S },      { "10m", 0, 600 * S },
		{ "1h", 0, HOUR },	   { "1d", 0, DAY },	      { "366d", 0, 366 * DAY },
		{ "8784h", 0, 366 * DAY },
	};
	static const char *const bad[] = { "",
					   "1",
					   "K",
					   "0K",
					   "0s",
					   "1k",
					   "1KB",
					   "1.5h",
					   "-1h",
					   "1 h",
					   "367d",
					   "1w",
					   "h1",
					   "99999999999G",
					   "18446744073709551616K",
					   "18446744073709551615s" };

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		struct rotation rotation = { 0 };

		assert_true(rotation_parse(&rotation, good[i].argument, NULL));
		assert_int_equal(rotation.size, good[i].size);
		assert_int_equal(rotation.period, good[i].period);
		assert_true(rotation_wanted(&rotation));
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct rotation rotation = { 0 };
		char bytes[512];
		struct text why = { .bytes = bytes, .size = sizeof bytes };

		assert_false(rotation_parse(&rotation, bad[i], &why));
		assert_non_null(strstr(text_end(&why), "is needed, not '"));
	}
}

static void a_size_and_a_time_go_together(void **state)
{
	struct rotation rotation = { 0 };

	(void)state;
	assert_true(rotation_parse(&rotation, "1h", NULL) && rotation_parse(&rotation, "1M", NULL));
	assert_int_equal(rotation.size, 1 << 20);
	assert_int_equal(rotation.period, HOUR);
}

static void patterns_that_cannot_be_told_from_other_names_are_refused(void **state)
{
	static const char *const good[] = { "%Y%m%d", "a/b/rows-%F.csv", "x%s", "100%%-%j", "./%T" };
	static const char *const bad[] = { "rows.csv",	     "100%%", "%b.csv", "rows-%Y%",
					   "%Y/rows-%d.csv", "%Ey",   "%-d",	"" };
	char bytes[512];

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		struct text why = { .bytes = bytes, .size = sizeof bytes };

		assert_true(rotation_pattern_valid(good[i], &why));
		assert_int_equal(why.length, 0);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct text why = { .bytes = bytes, .size = sizeof bytes };

		assert_false(rotation_pattern_valid(bad[i], &why));
		assert_int_not_equal(why.length, 0);
	}
}

static void assert_name(const char *pattern, const char *when, uint64_t number, const char *expected)
{
	char bytes[256];
	struct text name = { .bytes = bytes, .size = sizeof bytes };
	uint64_t found = UINT64_MAX;

	assert_true(rotation_name(pattern, utc(when), number, &name));
	assert_string_equal(bytes, expected);
	assert_true(rotation_matches(pattern, rotation_base(bytes), &found));
	assert_int_equal(found, number);
}

static void names_are_made_in_local_time(void **state)
{
	static const char at[] = "2026-11-20 23:05:09";

	(void)state;
	in_zone(BERLIN);
	assert_name("rows-%Y%m%d-%H%M%S.csv", at, 0, "rows-20261121-000509.csv");
	assert_name("/a.b/rows-%F", at, 0, "/a.b/rows-2026-11-21");
	assert_name("%y.%j.%V.%G.%u.%T.%R.%z.%%", at, 0, "26.325.47.2026.6.00:05:09.00:05.+0100.%");
	assert_name("%s.csv", at, 0, "1795215909.csv");
	in_zone("UTC0");
	assert_name("rows-%Y%m%d-%H%M%S.csv", at, 0, "rows-20261120-230509.csv");
	in_zone("<-0330>3:30");
	assert_name("%H%M%z", at, 0, "1935-0330");
}

static void a_number_stands_before_the_last_point(void **state)
{
	static const char at[] = "2026-11-20 23:05:09";

	(void)state;
	in_zone("UTC0");
	assert_name("rows-%Y%m%d.csv", at, 1, "rows-20261120.1.csv");
	assert_name("a.b/rows-%Y", at, 12, "a.b/rows-2026.12");
	assert_name(".%Y", at, 3, ".2026.3");
	assert_name("rows.%Y", at, 3, "rows.3.2026");
	assert_name("rows-%Y.%m.csv", at, 999, "rows-2026.11.999.csv");
}

static void only_names_of_ours_match(void **state)
{
	static const char *const others[] = {
		"rows-20261120.csv.gz",
		"rows-2026112.csv",
		"rows-202611200.csv",
		"rows-important.csv",
		"rows-20261120.0.csv",
		"rows-20261120..csv",
		"rows-20261120.x.csv",
		"rows-20261120.01.csv",
		"Rows-20261120.csv",
		"xrows-20261120.csv",
		"rows-20261120.1.2.csv",
		"rows-20261120",
		"rows-",
		"",
		"rows-20261120.99999999999999999999.csv",
	};
	uint64_t number;

	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		assert_false(rotation_matches("/x/rows-%Y%m%d.csv", others[i], &number));
	assert_true(rotation_matches("/x/rows-%Y%m%d.csv", "rows-20261120.csv", &number));
}

static void a_name_that_has_no_room_is_told(void **state)
{
	char bytes[16];
	struct text name = { .bytes = bytes, .size = 12 };

	(void)state;
	in_zone("UTC0");
	assert_true(rotation_name("%Y%m%d.%y", 0, 0, &name));
	name = (struct text){ .bytes = bytes, .size = 11 };
	assert_false(rotation_name("%Y%m%d.%y", 0, 0, &name));
}

static void assert_next(int64_t period, const char *from, const char *expected)
{
	const struct rotation rotation = { .period = period };

	assert_int_equal(rotation_next(&rotation, utc(from)) / S, utc(expected) / S);
	assert_int_equal(rotation_next(&rotation, utc(from) + S / 2) / S, utc(expected) / S);
}

static void times_are_aligned_in_local_time(void **state)
{
	const struct rotation none = { .size = 1 };

	(void)state;
	in_zone("<+0545>-5:45"); /* Kathmandu */
	assert_next(HOUR, "2026-11-20 14:00:00", "2026-11-20 14:15:00");
	assert_next(HOUR, "2026-11-20 14:15:00", "2026-11-20 15:15:00");
	assert_next(DAY, "2026-11-20 14:00:00", "2026-11-20 18:15:00");
	assert_next(30 * S, "2026-11-20 14:00:29", "2026-11-20 14:00:30");
	assert_next(30 * S, "2026-11-20 14:00:30", "2026-11-20 14:01:00");
	assert_next(DAY, "1969-12-31 00:00:00", "1969-12-31 18:15:00");
	assert_true(rotation_next(&none, 0) == INT64_MAX);
}

static void days_end_at_midnight_when_the_clocks_change(void **state)
{
	(void)state;
	in_zone(BERLIN);
	assert_next(DAY, "2026-03-28 23:00:00", "2026-03-29 22:00:00"); /* 23 hours */
	assert_next(DAY, "2026-03-29 12:00:00", "2026-03-29 22:00:00");
	assert_next(DAY, "2026-10-24 22:00:00", "2026-10-25 23:00:00"); /* 25 hours */
	assert_next(DAY, "2026-10-25 12:00:00", "2026-10-25 23:00:00");
}

static void hours_last_an_hour_when_the_clocks_change(void **state)
{
	(void)state;
	in_zone(BERLIN);
	assert_next(HOUR, "2026-03-29 00:00:00", "2026-03-29 01:00:00");
	assert_next(HOUR, "2026-03-29 01:00:00", "2026-03-29 02:00:00");
	assert_next(HOUR, "2026-10-25 00:00:00", "2026-10-25 01:00:00"); /* both are 02:00 */
	assert_next(HOUR, "2026-10-25 01:00:00", "2026-10-25 02:00:00");
	assert_next(600 * S, "2026-10-25 00:55:00", "2026-10-25 01:00:00");
	assert_next(2 * HOUR, "2026-10-25 00:00:00", "2026-10-25 03:00:00");
	/* 02:00 is leapt over: so where they leap. */
	assert_next(2 * HOUR, "2026-03-28 23:00:00", "2026-03-29 01:00:00");
	assert_next(2 * HOUR, "2026-03-29 01:00:00", "2026-03-29 02:00:00");
}

/* Havana: midnight does not exist on the day the clocks go forward. */
static void a_midnight_that_is_leapt_over(void **state)
{
	(void)state;
	in_zone("CST5CDT,M3.2.0/0,M11.1.0/1");
	assert_next(DAY, "2026-03-07 12:00:00", "2026-03-08 05:00:00");
	assert_next(DAY, "2026-03-08 05:00:00", "2026-03-09 04:00:00");
}

/* For whole years, with every period: never back, never far, and every file ends. */
static void boundaries_follow_one_another_everywhere(void **state)
{
	static const char *const zones[] = { BERLIN, "CST5CDT,M3.2.0/0,M11.1.0/1",
					     "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "UTC0",
					     "NST3:30NDT,M3.2.0,M11.1.0" };
	static const int64_t periods[] = { 1800 * S, HOUR, 2 * HOUR, 5 * HOUR, 12 * HOUR, DAY, 7 * DAY };

	(void)state;
	for (size_t z = 0; z < sizeof zones / sizeof zones[0]; z++) {
		in_zone(zones[z]);
		for (size_t p = 0; p < sizeof periods / sizeof periods[0]; p++) {
			const struct rotation rotation = { .period = periods[p] };
			int64_t at = rotation_next(&rotation, utc("2026-01-01 00:00:00"));

			while (at < utc("2027-01-01 00:00:00")) {
				int64_t next = rotation_next(&rotation, at);

				assert_true(next > at && next - at <= periods[p] + HOUR);
				assert_true(next - at >= periods[p] - HOUR || periods[p] <= 5 * HOUR);
				at = next;
			}
		}
	}
}

static void the_zone_is_read_only_once(void **state)
{
	char file[] = "/tmp/lastack-zone-XXXXXX";
	char zone[64];
	int fd = mkstemp(file);
	FILE *from = fopen("/usr/share/zoneinfo/Asia/Kathmandu", "rb");
	char bytes[4096];
	size_t n;

	(void)state;
	assert_int_not_equal(fd, -1);
	if (!from) {
		close(fd);
		unlink(file);
		print_message("no /usr/share/zoneinfo\n");
		skip();
	}
	n = fread(bytes, 1, sizeof bytes, from);
	fclose(from);
	assert_int_equal(write(fd, bytes, n), n);
	close(fd);
	snprintf(zone, sizeof zone, ":%s", file);
	setenv("TZ", zone, 1);
	rotation_zone();
	assert_string_equal(getenv("TZ"), zone);
	unlink(file);
	assert_name("%H%M", "2026-11-20 12:00:00", 0, "1745");
	assert_name("%s", "2026-11-20 12:00:00", 0, "1795176000");
	unsetenv("TZ");
	rotation_zone();
	assert_string_equal(getenv("TZ"), ":/etc/localtime");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_and_times_are_read),
		cmocka_unit_test(a_size_and_a_time_go_together),
		cmocka_unit_test(patterns_that_cannot_be_told_from_other_names_are_refused),
		cmocka_unit_test(names_are_made_in_local_time),
		cmocka_unit_test(a_number_stands_before_the_last_point),
		cmocka_unit_test(only_names_of_ours_match),
		cmocka_unit_test(a_name_that_has_no_room_is_told),
		cmocka_unit_test(times_are_aligned_in_local_time),
		cmocka_unit_test(days_end_at_midnight_when_the_clocks_change),
		cmocka_unit_test(hours_last_an_hour_when_the_clocks_change),
		cmocka_unit_test(a_midnight_that_is_leapt_over),
		cmocka_unit_test(boundaries_follow_one_another_everywhere),
		cmocka_unit_test(the_zone_is_read_only_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
