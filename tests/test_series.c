/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_series.c - the files of one output: their names, which are gone on with, and which are removed. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "output_files.h"
#include "ui/series.h"

#define S    INT64_C(1000000000)
#define HOUR (3600 * S)

/* A series whose rows the test writes itself. */
struct run {
	struct test_opener *opener;
	struct series *series;
	int fd;
};

static struct run start(const char *name, struct rotation rotation, uint64_t keep, const char *when)
{
	struct run run = { .opener = test_opener() };
	const struct series_options options = {
		.name = name, .rotation = rotation, .keep = keep, .opener = &run.opener->opener
	};

	run.series = series_new(&options);
	assert_non_null(run.series);
	run.fd = series_begin(run.series, utc(when));
	assert_int_not_equal(run.fd, -1);
	return run;
}

static void end(struct run *run)
{
	close(run->fd);
	series_free(run->series);
}

static void row(const struct run *run)
{
	lseek(run->fd, 0, SEEK_END);
	assert_int_equal(write(run->fd, "row\n", 4), 4);
}

/* On to the next file, with a row in it. */
static void next(struct run *run, const char *when)
{
	int fd = series_next(run->series, utc(when));

	assert_int_not_equal(fd, -1);
	close(run->fd);
	run->fd = fd;
	row(run);
}

static void again(struct run *run, const char *when)
{
	int fd = series_begin(run->series, utc(when));

	assert_int_not_equal(fd, -1);
	close(run->fd);
	run->fd = fd;
}

/* Files are told apart by their age: a change every second, from 1970 on. */
static void age(const char *name, time_t seconds)
{
	const struct timespec times[2] = { { .tv_sec = seconds }, { .tv_sec = seconds } };

	assert_int_equal(utimensat(AT_FDCWD, name, times, 0), 0);
}

static const struct rotation hourly = { .period = HOUR }, small = { .size = 10 };

static void one_file_has_its_own_name(void **state)
{
	struct run run = start("rows-%Y.csv", (struct rotation){ 0 }, 0, "2026-11-20 14:05:09");

	(void)state;
	row(&run);
	assert_string_equal(series_name(run.series), "rows-%Y.csv");
	assert_false(series_due(run.series, INT64_MAX - 1));
	assert_false(series_full(run.series, 1 << 30, 1 << 30));
	again(&run, "2027-11-20 14:05:09");
	row(&run);
	assert_string_equal(file_text("rows-%Y.csv"), "row\nrow\n");
	end(&run);
}

static void a_file_lasts_until_the_full_hour(void **state)
{
	struct run run = start("%H%M%S", hourly, 0, "2026-11-20 14:05:09");

	(void)state;
	assert_string_equal(series_name(run.series), "140509");
	assert_false(series_due(run.series, utc("2026-11-20 14:59:59")));
	assert_true(series_due(run.series, utc("2026-11-20 15:00:00")));
	row(&run);
	next(&run, "2026-11-20 15:00:00");
	assert_false(series_due(run.series, utc("2026-11-20 15:59:59")));
	assert_true(series_due(run.series, utc("2026-11-20 16:00:00")));
	assert_string_equal(file_names(), "140509 150000 ");
	end(&run);
}

/* A second or so is not worth a file; a day must not be waited for. */
static void a_clock_that_is_set_back(void **state)
{
	struct run run = start("%H%M%S", hourly, 0, "2026-11-20 14:00:00");

	(void)state;
	assert_false(series_due(run.series, utc("2026-11-20 13:59:58")));
	assert_false(series_due(run.series, utc("2026-11-20 14:00:01")));
	assert_true(series_due(run.series, utc("2026-11-20 15:00:00")));
	assert_false(series_due(run.series, utc("2026-11-19 14:00:00")));
	assert_true(series_due(run.series, utc("2026-11-19 15:00:00")));
	end(&run);
}

static void names_that_are_taken_get_numbers(void **state)
{
	struct run run = start("rows-%Y%m%d.csv", hourly, 0, "2026-11-20 14:05:09");

	(void)state;
	row(&run);
	file_write("rows-20261120.2.csv", "another's\n");
	next(&run, "2026-11-20 15:00:00");
	next(&run, "2026-11-20 16:00:00");
	next(&run, "2026-11-21 00:00:00");
	assert_string_equal(file_names(),
			    "rows-20261120.1.csv rows-20261120.2.csv rows-20261120.3.csv rows-20261120.csv "
			    "rows-20261121.csv ");
	assert_string_equal(file_text("rows-20261120.2.csv"), "another's\n");
	assert_int_equal(run.opener->opened, 5);
	end(&run);
}

static void a_run_goes_on_where_the_one_before_was(void **state)
{
	struct run run = start("rows-%Y%m%d.csv", small, 0, "2026-11-20 14:05:09");

	(void)state;
	row(&run);
	next(&run, "2026-11-20 14:05:09");
	next(&run, "2026-11-20 14:05:09");
	end(&run);
	run = start("rows-%Y%m%d.csv", small, 0, "2026-11-20 23:00:00");
	assert_string_equal(series_name(run.series), "rows-20261120.2.csv");
	row(&run);
	row(&run);
	end(&run);
	/* Now it is full. */
	run = start("rows-%Y%m%d.csv", small, 0, "2026-11-20 23:00:01");
	assert_string_equal(series_name(run.series), "rows-20261120.3.csv");
	end(&run);
	run = start("rows-%Y%m%d.csv", small, 0, "2026-11-21 00:00:00");
	assert_string_equal(series_name(run.series), "rows-20261121.csv");
	end(&run);
}

static void sizes(void **state)
{
	struct run run = start("%Y", small, 0, "2026-11-20 14:05:09");

	(void)state;
	assert_false(series_full(run.series, 0, 10));
	assert_true(series_full(run.series, 0, 11));
	assert_false(series_full(run.series, 6, 4));
	assert_true(series_full(run.series, 7, 4));
	assert_true(series_full(run.series, 11, 0));
	end(&run);
}

static void opening_again_takes_the_name_of_now(void **state)
{
	struct run run = start("rows-%Y%m%d.csv", hourly, 0, "2026-11-20 14:05:09");

	(void)state;
	row(&run);
	next(&run, "2026-11-20 15:00:00");
	/* Nobody moved it: it goes on. */
	again(&run, "2026-11-20 15:10:00");
	row(&run);
	assert_string_equal(file_text("rows-20261120.1.csv"), "row\nrow\n");
	assert_int_equal(rename("rows-20261120.1.csv", "away"), 0);
	again(&run, "2026-11-20 15:20:00");
	row(&run);
	assert_string_equal(file_text("rows-20261120.1.csv"), "row\n");
	again(&run, "2026-11-21 00:10:00");
	assert_string_equal(series_name(run.series), "rows-20261121.csv");
	end(&run);
}

static void the_oldest_are_removed(void **state)
{
	struct run run = start("%H.csv", hourly, 3, "2026-11-20 14:05:09");

	(void)state;
	row(&run);
	next(&run, "2026-11-20 15:00:00");
	next(&run, "2026-11-20 16:00:00");
	assert_string_equal(file_names(), "14.csv 15.csv 16.csv ");
	next(&run, "2026-11-20 17:00:00");
	next(&run, "2026-11-20 18:00:00");
	assert_string_equal(file_names(), "16.csv 17.csv 18.csv ");
	end(&run);
	assert_string_equal(complaints(), "");
}

static void those_of_earlier_runs_count(void **state)
{
	struct run run;

	(void)state;
	for (int i = 0; i < 6; i++) {
		static const char *const names[] = { "05.csv",	  "03.1.csv", "03.csv",
						     "other.csv", "7.csv",    "04.csv" };

		file_write(names[i], "x\n");
		age(names[i], i);
	}
	assert_int_equal(mkdir("09.csv", 0700), 0);
	run = start("%H.csv", hourly, 3, "2026-11-20 14:05:09");
	assert_string_equal(file_names(), "03.csv 04.csv 09.csv 14.csv 7.csv other.csv ");
	assert_int_equal(run.opener->removed, 2);
	row(&run);
	next(&run, "2026-11-20 15:00:00");
	assert_string_equal(file_names(), "04.csv 09.csv 14.csv 15.csv 7.csv other.csv ");
	end(&run);
	assert_int_equal(rmdir("09.csv"), 0);
}

static void files_that_were_moved_away_are_not_missed(void **state)
{
	struct run run = start("%H.csv", hourly, 1, "2026-11-20 14:05:09");

	(void)state;
	row(&run);
	assert_int_equal(rename("14.csv", "away"), 0);
	next(&run, "2026-11-20 15:00:00");
	assert_string_equal(file_names(), "15.csv away ");
	assert_string_equal(complaints(), "");
	end(&run);
}

static void what_cannot_be_removed_is_told_once_a_minute(void **state)
{
	const struct rotation fast = { .period = 10 * S };
	struct run run = start("%H%M%S.csv", fast, 1, "2026-11-20 14:00:00");

	(void)state;
	row(&run);
	run.opener->remove_error = EACCES;
	next(&run, "2026-11-20 14:00:10");
	assert_string_equal(complaints(),
			    "lastack: 140000.csv: cannot be removed, and stays: Permission denied\n");
	next(&run, "2026-11-20 14:00:20");
	next(&run, "2026-11-20 14:01:09");
	assert_string_equal(complaints(), "");
	next(&run, "2026-11-20 14:01:10");
	assert_string_equal(complaints(),
			    "lastack: 140109.csv: cannot be removed, and stays: Permission denied\n");
	run.opener->remove_error = 0;
	next(&run, "2026-11-20 14:01:20");
	assert_int_equal(run.opener->removed, 5);
	end(&run);
}

static void a_file_that_cannot_be_opened_changes_nothing(void **state)
{
	struct run run = start("%H.csv", hourly, 1, "2026-11-20 14:05:09");

	(void)state;
	row(&run);
	run.opener->open_error = ENOSPC;
	assert_int_equal(series_next(run.series, utc("2026-11-20 15:00:00")), -1);
	assert_int_equal(errno, ENOSPC);
	assert_int_equal(series_begin(run.series, utc("2026-11-20 15:00:00")), -1);
	assert_string_equal(series_name(run.series), "14.csv");
	assert_true(series_due(run.series, utc("2026-11-20 15:00:01")));
	assert_string_equal(file_names(), "14.csv ");
	run.opener->open_error = 0;
	next(&run, "2026-11-20 15:00:02");
	assert_string_equal(file_names(), "15.csv ");
	end(&run);
}

static void a_folder_that_is_not_there(void **state)
{
	const struct series_options options = { .name = "no/%Y",
						.rotation = hourly,
						.opener = opener_direct() };

	(void)state;
	assert_null(series_new(&options));
	assert_int_equal(errno, ENOENT);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, files_set_up, files_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(one_file_has_its_own_name),
		TEST(a_file_lasts_until_the_full_hour),
		TEST(a_clock_that_is_set_back),
		TEST(names_that_are_taken_get_numbers),
		TEST(a_run_goes_on_where_the_one_before_was),
		TEST(sizes),
		TEST(opening_again_takes_the_name_of_now),
		TEST(the_oldest_are_removed),
		TEST(those_of_earlier_runs_count),
		TEST(files_that_were_moved_away_are_not_missed),
		TEST(what_cannot_be_removed_is_told_once_a_minute),
		TEST(a_file_that_cannot_be_opened_changes_nothing),
		TEST(a_folder_that_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
