/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_output_errors.c - an outlet that cannot be written to: what is lost, what is said, and how it goes
 * on. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "output_run.h"

/* What a disk that is full does to writes, without one: no file may grow beyond. */
static void limit_files(rlim_t size)
{
	const struct rlimit limit = { .rlim_cur = size, .rlim_max = RLIM_INFINITY };

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_head_that_has_no_room_is_taken_away_again(void **state)
{
	struct run run = start("a", none);

	(void)state;
	limit_files(5);
	row(&run, 10);
	pass(&run, S);
	assert_string_equal(file_text("a"), "");
	limit_files(RLIM_INFINITY);
	pass(&run, S);
	assert_string_equal(file_text("a"), HEAD "000000,xx\n");
	assert_true(end(&run));
	assert_string_equal(complaints(),
			    "lastack: a: File too large; tried again every second, rows are held meanwhile\n"
			    "lastack: a: it can be written again; 0 rows were lost\n");
}

static void a_half_row_is_taken_away_and_written_later(void **state)
{
	struct run run = start("a", none);

	(void)state;
	limit_files(strlen(HEAD) + 25);
	for (int i = 0; i < 4; i++)
		row(&run, 10);
	pass(&run, S);
	assert_string_equal(file_text("a"), HEAD "000000,xx\n000001,xx\n");
	assert_int_equal(outlet_counts(run.outlet).rows, 2);
	limit_files(RLIM_INFINITY);
	pass(&run, S);
	assert_string_equal(file_text("a"), HEAD "000000,xx\n000001,xx\n000002,xx\n000003,xx\n");
	assert_true(end(&run));
}

/* Several outages within a minute are said once, and yet no lost row goes untold. */
static void short_outages_are_said_once_a_minute(void **state)
{
	struct run run = start("a", none);
	unsigned int lost;
	char expected[256];
	int lines = 0;

	(void)state;
	for (int i = 0; i < 5; i++) {
		limit_files(0);
		for (int j = 0; j < 5000; j++)
			row(&run, 10);
		pass(&run, 2 * S);
		limit_files(RLIM_INFINITY);
		pass(&run, 2 * S);
	}
	lost = (unsigned int)outlet_counts(run.outlet).lost_rows;
	assert_true(lost > 4000 && lost < 5000);
	for (const char *at = complaints(); *at; at++)
		lines += *at == '\n';
	assert_int_equal(lines, 2);
	pass(&run, 60 * S);
	/* The first outage's were told with its end. */
	snprintf(expected, sizeof expected, "lastack: a: %u rows were lost\n", lost - lost / 5);
	assert_string_equal(complaints(), expected);
	assert_false(end(&run));
	assert_string_equal(complaints(), "");
}

static void a_clock_that_is_set_back_silences_nothing(void **state)
{
	struct run run = start("a", none);

	(void)state;
	limit_files(0);
	row(&run, 10);
	pass(&run, 5 * S);
	complaints();
	run.now -= 86400 * S;
	pass(&run, S);
	assert_non_null(strstr(complaints(), "File too large"));
	limit_files(RLIM_INFINITY);
	assert_true(end(&run));
}

static void rows_lost_at_the_end_are_told(void **state)
{
	struct run run = start("a", none);

	(void)state;
	limit_files(0);
	row(&run, 10);
	assert_false(outlet_close(run.outlet));
	assert_int_equal(outlet_counts(run.outlet).lost_rows, 1);
	assert_int_equal(outlet_output(run.outlet)->error, 0);
	outlet_free(run.outlet);
	limit_files(RLIM_INFINITY);
	assert_string_equal(complaints(),
			    "lastack: a: File too large; tried again every second, rows are held meanwhile\n"
			    "lastack: a: 1 row was lost\n");
}

/* Standard output for as long as a test needs. */
static int swap_stdout(int fd)
{
	int before = dup(STDOUT_FILENO);

	fflush(stdout);
	assert_int_not_equal(before, -1);
	assert_int_equal(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
	close(fd);
	return before;
}

static void nobody_who_reads_ends_it(void **state)
{
	struct run run;
	int pipes[2], before;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(pipes), 0);
	before = swap_stdout(pipes[1]);
	run = start("-", none);
	row(&run, 10);
	pass(&run, S);
	close(pipes[0]);
	row(&run, 10);
	pass(&run, S);
	swap_stdout(before);
	assert_int_equal(outlet_output(run.outlet)->error, EPIPE);
	assert_true(output_unread(outlet_output(run.outlet)));
	row(&run, 10);
	assert_int_equal(outlet_counts(run.outlet).lost_rows, 2);
	assert_false(end(&run));
	assert_string_equal(complaints(), "");
}

/* Standard output into the middle of a file. */
static void what_others_wrote_is_not_taken_away(void **state)
{
	char others[1001] = "";
	struct run run;
	int before;

	(void)state;
	memset(others, 'o', 1000);
	file_write("a", others);
	before = swap_stdout(open("a", O_WRONLY));
	run = start("-", none);
	row(&run, 100);
	limit_files(strlen(HEAD) + 50);
	pass(&run, S);
	limit_files(RLIM_INFINITY);
	assert_int_equal(strlen(file_text("a")), 1000);
	pass(&run, S);
	assert_true(end(&run));
	swap_stdout(before);
	assert_int_equal(strlen(file_text("a")), 1000);
	memcpy(others, HEAD "000000,", strlen(HEAD) + 7);
	memset(others + strlen(HEAD) + 7, 'x', 92);
	others[strlen(HEAD) + 99] = '\n';
	assert_string_equal(file_text("a"), others);
}

/* What stands behind ours is not ours to cut, so that what is missing of a row must follow. */
static void half_a_row_that_cannot_be_taken_away_is_completed(void **state)
{
	struct run run;
	int fds[2], before;
	char bytes[512] = "";
	int fd = open("/dev/null", O_WRONLY);

	(void)state;
	assert_int_not_equal(fd, -1);
	assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
	before = swap_stdout(fds[1]);
	close(fd);
	/* A pipe that is full and does not wait: EAGAIN in the middle of a row. */
	assert_true(fcntl(STDOUT_FILENO, F_SETPIPE_SZ, 4096) == 4096);
	run = start("-", none);
	for (int i = 0; i < 50; i++)
		row(&run, 100);
	pass(&run, S);
	assert_true(outlet_counts(run.outlet).rows > 0 && outlet_counts(run.outlet).rows <= 40);
	assert_int_equal(read(fds[0], bytes, 14), 14);
	assert_string_equal(bytes, HEAD);
	for (unsigned int i = 0; i < 50; i++) {
		size_t length;
		ssize_t got = read(fds[0], bytes, 100);

		assert_true(got > 0);
		if (got < 100) {
			pass(&run, 2 * S);
			assert_int_equal(read(fds[0], bytes + got, 100 - (size_t)got), 100 - got);
		}
		bytes[100] = '\0';
		assert_int_equal(whole_row(bytes, &length), i);
		assert_int_equal(length, 100);
	}
	assert_true(end(&run));
	swap_stdout(before);
	close(fds[0]);
}

/* Only this process sees it. False: that is not allowed here. */
static bool mount_small(const char *folder)
{
	return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mkdir(folder, 0700) == 0 && mount("none", folder, "tmpfs", 0, "size=64k") == 0;
}

static void unmount(const char *folder)
{
	assert_int_equal(umount2(folder, MNT_DETACH), 0);
	assert_int_equal(rmdir(folder), 0);
}

/* The filler takes all the room there is but some. */
static void fill(const char *name, size_t room)
{
	static const char page[4096];
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	off_t size;

	assert_int_not_equal(fd, -1);
	while (write(fd, page, sizeof page) > 0)
		;
	size = lseek(fd, 0, SEEK_END);
	assert_true(size > (off_t)room);
	assert_int_equal(ftruncate(fd, size - (off_t)room), 0);
	close(fd);
}

static void rows_in_a_file_that_was_removed_are_told(void **state)
{
	static const char gone[] = "lastack: a: rows go into a file that has no name any more\n";
	struct run run = start("a", none);

	(void)state;
	row(&run, 10);
	pass(&run, S);
	assert_int_equal(unlink("a"), 0);
	pass(&run, S);
	assert_string_equal(complaints(), ""); /* no row yet */
	for (int i = 0; i < 59; i++) {
		row(&run, 10);
		pass(&run, S);
	}
	assert_string_equal(complaints(), gone);
	row(&run, 10);
	pass(&run, 2 * S);
	row(&run, 10);
	pass(&run, S);
	assert_string_equal(complaints(), gone);
	outlet_reopen(run.outlet);
	pass(&run, S);
	row(&run, 10);
	assert_false(end(&run)); /* all the same */
	assert_string_equal(complaints(), "");
	assert_string_equal(file_text("a"), HEAD "000062,xx\n");
}

static void a_name_that_goes_without_a_row_is_no_loss(void **state)
{
	struct run run = start("a", none);

	(void)state;
	row(&run, 10);
	pass(&run, S);
	assert_int_equal(rename("a", "a.1"), 0);
	row(&run, 10);
	pass(&run, S);
	assert_int_equal(unlink("a.1"), 0);
	outlet_reopen(run.outlet);
	pass(&run, S);
	assert_true(end(&run));
	assert_string_equal(complaints(), "");
}

static void a_removed_file_that_none_follows_is_told(void **state)
{
	struct run run = start("%H%M%S.csv", (struct rotation){ .period = 10 * S });

	(void)state;
	pass(&run, S);
	assert_int_equal(unlink("140000.csv"), 0);
	run.opener->open_error = ENOENT;
	pass(&run, 65 * S); /* without a row */
	assert_string_equal(
		complaints(),
		"lastack: 140000.csv: no other file can be opened, rows go into a file that has no "
		"name any more: No such file or directory\n");
	row(&run, 10);
	assert_false(end(&run));
}

static void a_full_disk(void **state)
{
	struct run run;
	unsigned int last = 0, rows, lost;
	char expected[512];

	(void)state;
	if (!mount_small("disk")) {
		print_message("a disk of one's own cannot be mounted here: %s\n", strerror(errno));
		rmdir("disk");
		skip();
	}
	run = start("disk/a", none);
	fill("disk/filler", 8192);
	for (int i = 0; i < 100; i++) {
		row(&run, 99);
		pass(&run, 100 * MS);
	}
	/* Two pages have room for the head and 82 rows of 99 bytes; the other 18 are held. */
	assert_int_equal(assert_whole("disk/a", &last), 82);
	assert_int_equal(outlet_counts(run.outlet).rows, 82);
	assert_int_equal(outlet_counts(run.outlet).lost_rows, 0);
	assert_string_equal(
		complaints(),
		"lastack: disk/a: No space left on device; tried again every second, rows are held "
		"meanwhile\n");
	/* Two minutes more, with more rows than can be held. */
	for (int i = 0; i < 1200; i++) {
		for (int j = 0; j < 10; j++)
			row(&run, 99);
		pass(&run, 100 * MS);
	}
	assert_int_equal(assert_whole("disk/a", &last), 82);
	lost = (unsigned int)outlet_counts(run.outlet).lost_rows;
	assert_true(lost > 9000);
	assert_true(outlet_counts(run.outlet).errors > 115 && outlet_counts(run.outlet).errors < 125);
	rows = 0;
	for (const char *at = complaints(); *at; at++)
		rows += *at == '\n';
	assert_int_equal(rows, 2);
	/* The disk is too small for all that is held: some room, then enough. */
	assert_int_equal(unlink("disk/filler"), 0);
	pass(&run, 2 * S);
	rows = assert_whole("disk/a", &last);
	assert_int_equal(rows, outlet_counts(run.outlet).rows);
	assert_true(rows > 600);
	assert_int_equal(last, rows - 1);
	complaints();
	assert_int_equal(rename("disk/a", "disk/a.1"), 0);
	outlet_reopen(run.outlet);
	pass(&run, S);
	assert_int_equal(unlink("disk/a.1"), 0);
	for (int i = 0; i < 120 && outlet_counts(run.outlet).rows + lost < run.n; i++) {
		assert_int_equal(truncate("disk/a", 0), 0);
		pass(&run, S);
	}
	assert_int_equal(outlet_counts(run.outlet).rows + lost, run.n);
	snprintf(expected, sizeof expected, "lastack: disk/a: there is room again; %u rows were lost\n",
		 lost);
	assert_non_null(strstr(complaints(), expected));
	row(&run, 99);
	pass(&run, S);
	assert_true(assert_whole("disk/a", &last) > 0);
	assert_int_equal(last, run.n - 1);
	assert_int_equal(outlet_counts(run.outlet).rows + outlet_counts(run.outlet).lost_rows, run.n);
	assert_false(end(&run));
	unmount("disk");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, files_set_up, files_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_head_that_has_no_room_is_taken_away_again),
		TEST(a_half_row_is_taken_away_and_written_later),
		TEST(short_outages_are_said_once_a_minute),
		TEST(a_clock_that_is_set_back_silences_nothing),
		TEST(rows_lost_at_the_end_are_told),
		TEST(nobody_who_reads_ends_it),
		TEST(what_others_wrote_is_not_taken_away),
		TEST(half_a_row_that_cannot_be_taken_away_is_completed),
		TEST(rows_in_a_file_that_was_removed_are_told),
		TEST(a_name_that_goes_without_a_row_is_no_loss),
		TEST(a_removed_file_that_none_follows_is_told),
		TEST(a_full_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
