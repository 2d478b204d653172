/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_output.c - rows into an output for months: whole, soon, with heads, into one file after the other. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "output_run.h"

static void rows_are_written_within_a_second(void **state)
{
	struct run run = start("a", none);

	(void)state;
	pass(&run, S);
	assert_string_equal(file_text("a"), HEAD);
	row(&run, 10);
	pass(&run, S - 100 * MS);
	assert_string_equal(file_text("a"), HEAD "000000,xx\n");
	row(&run, 10);
	assert_true(end(&run));
	assert_string_equal(file_text("a"), HEAD "000000,xx\n000001,xx\n");
	assert_string_equal(complaints(), "");
}

static void a_clock_that_is_set_back_holds_nothing_up(void **state)
{
	struct run run = start("a", none);

	(void)state;
	pass(&run, S);
	run.now -= 3600 * S;
	row(&run, 10);
	pass(&run, S);
	assert_string_equal(file_text("a"), HEAD "000000,xx\n");
	assert_true(end(&run));
}

static void many_rows_do_not_wait_for_a_tick(void **state)
{
	struct run run = start("a", none);
	unsigned int last;

	(void)state;
	for (int i = 0; i < 20000; i++)
		row(&run, 100);
	assert_true(outlet_counts(run.outlet).rows > 15000);
	assert_int_equal(outlet_counts(run.outlet).lost_rows, 0);
	assert_true(end(&run));
	assert_int_equal(assert_whole("a", &last), 20000);
	assert_int_equal(last, 19999);
}

static void the_longest_row_fits(void **state)
{
	struct run run = start("a", none);
	char *long_row = malloc(OUTLET_ROW_MAX);
	struct stat status;

	(void)state;
	memset(long_row, 'x', OUTLET_ROW_MAX);
	for (int i = 0; i < 5; i++)
		outlet_row(run.outlet, long_row, OUTLET_ROW_MAX);
	free(long_row);
	assert_int_equal(outlet_counts(run.outlet).lost_rows, 0);
	assert_true(end(&run));
	assert_int_equal(stat("a", &status), 0);
	assert_int_equal(status.st_size, (off_t)strlen(HEAD) + 5 * (off_t)OUTLET_ROW_MAX);
}

static void rows_are_added_to_what_is_there(void **state)
{
	struct run run = start("a", none);

	(void)state;
	row(&run, 10);
	assert_true(end(&run));
	run = start("a", none);
	row(&run, 10);
	assert_true(end(&run));
	assert_string_equal(file_text("a"), HEAD "000000,xx\n000000,xx\n");
	assert_string_equal(complaints(), "");
}

static void a_row_of_an_earlier_run_that_was_cut_is_removed(void **state)
{
	struct run run;

	(void)state;
	file_write("a", HEAD "1,x\n2,");
	run = start("a", none);
	row(&run, 10);
	assert_true(end(&run));
	assert_string_equal(file_text("a"), HEAD "1,x\n000000,xx\n");
	assert_string_equal(complaints(), "lastack: a: its last line had been cut short, and is removed\n");
	file_write("a", "number,fi");
	run = start("a", none);
	row(&run, 10);
	assert_true(end(&run));
	assert_string_equal(file_text("a"), HEAD "000000,xx\n");
}

static void what_holds_something_else_is_not_added_to(void **state)
{
	static const char *const others[] = { "number\n1\n", "a letter", "number,fillers\n", "\n" };
	struct run run = { .opener = test_opener() };

	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		file_write("a", others[i]);
		assert_null(run_open(&run, "a", HEAD, none, 0));
		assert_string_equal(file_text("a"), others[i]);
		assert_string_equal(complaints(),
				    "lastack: a: holds something else (rows with other columns?), and "
				    "nothing is added to it\n");
	}
	file_write("a", HEAD);
	assert_null(run_open(&run, "a", NULL, none, 0));
	assert_string_equal(file_text("a"), HEAD);
	file_write("a", "{\"a\":1}\n{\"a\":");
	assert_non_null(run_open(&run, "a", NULL, none, 0));
	outlet_row(run.outlet, "{\"a\":2}\n", 8);
	assert_true(end(&run));
	assert_string_equal(file_text("a"), "{\"a\":1}\n{\"a\":2}\n");
}

/* A cut row longer than what is read at once, and a head longer than that. */
static void long_lines_are_looked_at_whole(void **state)
{
	struct run run = { .opener = test_opener() };
	char *head = calloc(1, 10001), *text = calloc(1, 40000);

	(void)state;
	memset(head, 'h', 9999);
	head[9999] = '\n';
	memcpy(text, head, 10000);
	memset(text + 10000, 'r', 20000);
	file_write("a", text);
	assert_non_null(run_open(&run, "a", head, none, 0));
	assert_true(end(&run));
	assert_string_equal(file_text("a"), head);
	text[9998] = 'i';
	file_write("a", text);
	assert_null(run_open(&run, "a", head, none, 0));
	assert_string_equal(file_text("a"), text);
	free(head);
	free(text);
}

static void every_file_has_a_head_and_whole_rows(void **state)
{
	const struct rotation rotation = { .size = 2048 };
	struct run run = start("%Y.csv", rotation);
	unsigned int next = 0, files = 0;

	(void)state;
	for (int i = 0; i < 500; i++) {
		row(&run, 50 + (size_t)(i % 7) * 20);
		if (i % 50 == 0)
			pass(&run, S);
	}
	assert_true(end(&run));
	for (;; files++) {
		char name[32];
		unsigned int last, rows;
		struct stat status;

		snprintf(name, sizeof name, files == 0 ? "2026.csv" : "2026.%u.csv", files);
		if (stat(name, &status) == -1)
			break;
		assert_true(status.st_size <= 2048 && (status.st_size > 1800 || next > 480));
		rows = assert_whole(name, &last);
		assert_int_equal(last, next + rows - 1);
		next += rows;
	}
	assert_int_equal(next, 500);
	assert_true(files > 20);
}

static void a_row_larger_than_a_file_has_one_for_itself(void **state)
{
	struct run run = start("%Y.csv", (struct rotation){ .size = 40 });

	(void)state;
	for (int i = 0; i < 3; i++)
		row(&run, 100);
	row(&run, 10);
	row(&run, 10);
	assert_true(end(&run));
	assert_string_equal(file_names(), "2026.1.csv 2026.2.csv 2026.3.csv 2026.csv ");
	assert_string_equal(file_text("2026.3.csv"), HEAD "000003,xx\n000004,xx\n");
}

static void a_new_file_every_ten_seconds(void **state)
{
	struct run run = start("%H%M%S.csv", (struct rotation){ .period = 10 * S });

	(void)state;
	for (int i = 0; i < 25; i++) {
		if (i < 10 || i >= 20) /* those between have no rows, and yet a file */
			row(&run, 10);
		pass(&run, S);
	}
	assert_int_equal(outlet_counts(run.outlet).rotations, 2);
	assert_string_equal(file_text("140010.csv"), HEAD);
	assert_true(end(&run));
	assert_string_equal(file_names(), "140000.csv 140010.csv 140020.csv ");
	assert_non_null(strstr(file_text("140000.csv"), "000009,xx\n"));
	assert_non_null(strstr(file_text("140020.csv"), HEAD "000010,xx\n"));
	assert_string_equal(complaints(), "");
}

/* What was held belongs to the file before, and the next has its head at once. */
static void the_last_rows_of_a_time_are_in_its_file(void **state)
{
	struct run run = start("%H%M%S.csv", (struct rotation){ .period = 10 * S });

	(void)state;
	pass(&run, 9800 * MS);
	row(&run, 10);
	pass(&run, 100 * MS); /* is written, and so the next is held */
	row(&run, 10);
	assert_string_equal(file_text("140000.csv"), HEAD "000000,xx\n");
	pass(&run, 100 * MS);
	assert_string_equal(file_text("140000.csv"), HEAD "000000,xx\n000001,xx\n");
	assert_string_equal(file_text("140010.csv"), HEAD);
	assert_true(end(&run));
}

static void old_files_are_removed(void **state)
{
	struct run run = { .opener = test_opener(), .now = utc("2026-11-20 14:00:00") };

	(void)state;
	assert_non_null(run_open(&run, "%H%M%S.csv", HEAD, (struct rotation){ .period = 10 * S }, 2));
	for (int i = 0; i < 45; i++) {
		row(&run, 10);
		pass(&run, S);
	}
	assert_true(end(&run));
	assert_string_equal(file_names(), "140030.csv 140040.csv ");
}

static void sighup_opens_the_name_again(void **state)
{
	struct run run = start("a", none);

	(void)state;
	row(&run, 10);
	assert_int_equal(rename("a", "a.1"), 0);
	outlet_reopen(run.outlet);
	pass(&run, 100 * MS);
	row(&run, 10);
	pass(&run, S);
	assert_string_equal(file_text("a.1"), HEAD "000000,xx\n");
	assert_string_equal(file_text("a"), HEAD "000001,xx\n");
	/* Nobody moved it: its own lock is not in the way. */
	outlet_reopen(run.outlet);
	pass(&run, 3 * S);
	assert_int_equal(outlet_counts(run.outlet).errors, 0);
	assert_string_equal(complaints(), "");
	row(&run, 10);
	assert_true(end(&run));
	assert_string_equal(file_text("a"), HEAD "000001,xx\n000002,xx\n");
	assert_int_equal(run.opener->opened, 3);
}

static void what_cannot_be_opened_again_is_tried_again(void **state)
{
	struct run run = start("a", none);

	(void)state;
	pass(&run, S);
	assert_int_equal(rename("a", "a.1"), 0);
	run.opener->open_error = EACCES;
	outlet_reopen(run.outlet);
	row(&run, 10);
	pass(&run, 90 * S);
	row(&run, 10);
	pass(&run, 10 * S);
	assert_int_equal(outlet_counts(run.outlet).errors, 100);
	assert_string_equal(
		complaints(),
		"lastack: a: no other file can be opened, rows still go here: Permission denied\n"
		"lastack: a: no other file can be opened, rows still go here: Permission denied\n");
	run.opener->open_error = 0;
	row(&run, 10);
	pass(&run, S);
	row(&run, 10);
	assert_true(end(&run));
	assert_string_equal(file_text("a.1"), HEAD "000000,xx\n000001,xx\n000002,xx\n");
	assert_string_equal(file_text("a"), HEAD "000003,xx\n");
}

/* The file grows beyond its size rather than that rows are lost. */
static void where_no_next_file_can_be_opened_rows_go_on_in_this(void **state)
{
	struct run run = start("%Y.csv", (struct rotation){ .size = 100 });
	unsigned int last;

	(void)state;
	run.opener->open_error = EMFILE;
	for (int i = 0; i < 100; i++) {
		row(&run, 30);
		pass(&run, 500 * MS);
	}
	assert_true(run.opener->opened < 60);
	pass(&run, S);
	assert_int_equal(assert_whole("2026.csv", &last), 100);
	assert_string_equal(
		complaints(),
		"lastack: 2026.csv: no other file can be opened, rows still go here: Too many open files\n");
	run.opener->open_error = 0;
	row(&run, 30);
	assert_true(end(&run));
	assert_int_equal(assert_whole("2026.1.csv", &last), 1);
}

/* As another program does it. A descriptor that holds the lock. */
static int lock_file(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_int_not_equal(fd, -1);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	return fd;
}

static bool is_locked(const char *name)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	bool locked;

	assert_int_not_equal(fd, -1);
	locked = flock(fd, LOCK_SH | LOCK_NB) == -1;
	close(fd);
	return locked;
}

static void what_another_writes_is_refused_at_the_start(void **state)
{
	struct run first = start("a", none), second = { .opener = test_opener(), .now = first.now };
	const struct rotation yearly = { .size = 100 };
	int fd;

	(void)state;
	row(&first, 10);
	pass(&first, S);
	assert_null(run_open(&second, "a", HEAD, none, 0));
	assert_string_equal(complaints(), "lastack: a: is being written by another lastack\n");
	assert_true(is_locked("a"));
	row(&first, 10);
	assert_true(end(&first));
	assert_string_equal(file_text("a"), HEAD "000000,xx\n000001,xx\n");
	assert_false(is_locked("a"));
	fd = lock_file("2026.csv");
	assert_null(run_open(&second, "%Y.csv", HEAD, yearly, 0));
	assert_string_equal(complaints(), "lastack: 2026.csv: is being written by another lastack\n");
	assert_string_equal(file_names(), "2026.csv a ");
	close(fd);
	assert_non_null(run_open(&second, "a", HEAD, none, 0));
	assert_true(end(&second));
}

/* Only regular files have rows that stay. */
static void what_is_no_file_is_not_locked(void **state)
{
	struct run first = start("/dev/null", none), second = start("/dev/null", none);

	(void)state;
	assert_true(end(&first));
	assert_true(end(&second));
	assert_string_equal(complaints(), "");
}

static void a_name_that_another_writes_is_taken(void **state)
{
	struct run run = start("%H%M%S.csv", (struct rotation){ .period = 10 * S });
	int fd = lock_file("140010.csv"), again;

	(void)state;
	pass(&run, 15 * S);
	assert_true(is_locked("140010.1.csv"));
	assert_false(is_locked("140000.csv"));
	again = lock_file("140015.csv");
	outlet_reopen(run.outlet);
	pass(&run, S);
	row(&run, 10);
	assert_true(end(&run));
	assert_string_equal(file_names(), "140000.csv 140010.1.csv 140010.csv 140015.1.csv 140015.csv ");
	assert_string_equal(file_text("140010.csv"), "");
	assert_string_equal(file_text("140010.1.csv"), HEAD);
	assert_string_equal(file_text("140015.csv"), "");
	assert_string_equal(file_text("140015.1.csv"), HEAD "000000,xx\n");
	assert_string_equal(complaints(), "");
	close(fd);
	close(again);
}

static void a_single_name_that_another_writes_cannot_be_opened_again(void **state)
{
	struct run run = start("a", none);
	int fd;

	(void)state;
	pass(&run, S);
	assert_int_equal(rename("a", "a.1"), 0);
	fd = lock_file("a");
	outlet_reopen(run.outlet);
	pass(&run, 10 * S);
	assert_string_equal(complaints(),
			    "lastack: a: no other file can be opened, rows still go here: a is being "
			    "written by another lastack\n");
	close(fd);
	row(&run, 10);
	pass(&run, 2 * S);
	row(&run, 10);
	pass(&run, S);
	/* It keeps its lock where it opens what it has. */
	outlet_reopen(run.outlet);
	pass(&run, S);
	assert_true(is_locked("a"));
	assert_false(is_locked("a.1"));
	assert_true(end(&run));
	assert_non_null(strstr(file_text("a"), "000001,xx\n"));
}

/* logrotate's copytruncate. */
static void a_file_that_others_empty_gets_its_head_again(void **state)
{
	struct run run = start("a", none);

	(void)state;
	row(&run, 10);
	pass(&run, S);
	assert_int_equal(truncate("a", 0), 0);
	row(&run, 10);
	pass(&run, S);
	assert_string_equal(file_text("a"), HEAD "000001,xx\n");
	assert_true(end(&run));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, files_set_up, files_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(rows_are_written_within_a_second),
		TEST(a_clock_that_is_set_back_holds_nothing_up),
		TEST(many_rows_do_not_wait_for_a_tick),
		TEST(the_longest_row_fits),
		TEST(rows_are_added_to_what_is_there),
		TEST(a_row_of_an_earlier_run_that_was_cut_is_removed),
		TEST(what_holds_something_else_is_not_added_to),
		TEST(long_lines_are_looked_at_whole),
		TEST(every_file_has_a_head_and_whole_rows),
		TEST(a_row_larger_than_a_file_has_one_for_itself),
		TEST(a_new_file_every_ten_seconds),
		TEST(the_last_rows_of_a_time_are_in_its_file),
		TEST(old_files_are_removed),
		TEST(sighup_opens_the_name_again),
		TEST(what_cannot_be_opened_again_is_tried_again),
		TEST(where_no_next_file_can_be_opened_rows_go_on_in_this),
		TEST(what_another_writes_is_refused_at_the_start),
		TEST(what_is_no_file_is_not_locked),
		TEST(a_name_that_another_writes_is_taken),
		TEST(a_single_name_that_another_writes_cannot_be_opened_again),
		TEST(a_file_that_others_empty_gets_its_head_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
