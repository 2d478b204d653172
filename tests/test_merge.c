/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Captures together: opening them, merging them by time, filtering them, stopping. */
#include "capture_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pcap/dlt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static int remove_files(void **state)
{
	(void)state;
	files_remove();
	return 0;
}

static size_t complaints_at_opening;

static void count_complaint(void *context, const struct capture_error *error)
{
	(void)context;
	(void)error;
	complaints_at_opening++;
}

static void what_cannot_be_opened_is_told_at_opening(void **state)
{
	(void)state;
	const char *names[] = { file_path("absent"), file_path("folder"), file_path("whole") };
	struct file f = two_packets(0);

	assert_int_equal(mkdir(names[1], 0700), 0);
	FILE *out = fopen(names[2], "wb");

	assert_non_null(out);
	assert_int_equal(fwrite(f.bytes, 1, f.n, out), f.n);
	fclose(out);
	const struct seen *seen = see(names, 3, NULL);

	assert_int_equal(seen->count, 2);
	assert_int_equal(seen->failed, 2);
	assert_int_equal(seen->complained, 2);
	assert_says(seen, 0, "/absent: No such file or directory");
	assert_says(seen, 1, "/folder: Is a directory");
	const struct capture_options options = { 0 };

	complaints_at_opening = 0;
	captures_close(captures_open(names, 3, &options, count_complaint, NULL));
	assert_int_equal(complaints_at_opening, 2);
	file_free(&f);
}

static void a_file_without_permission_is_told(void **state)
{
	(void)state;
	struct file f = two_packets(0);
	const char *name = file_write("secret", &f);

	chmod(name, 0);
	/* root may read anything, unless it is somebody else for a moment */
	bool root = geteuid() == 0;

	if (root)
		assert_int_equal(seteuid(65534), 0);
	const struct seen *seen = see(&name, 1, NULL);

	if (root)
		assert_int_equal(seteuid(0), 0);
	assert_one_complaint(seen, 0, "Permission denied");
	file_free(&f);
}

static void nothing_is_read_before_the_first_frame_is_asked_for(void **state)
{
	(void)state;
	const char *name = file_path("late");
	struct file f = two_packets(0);
	const struct capture_options options = { 0 };
	struct frame frame;

	assert_int_equal(close(creat(name, 0600)), 0);
	struct captures *c = captures_open(&name, 1, &options, count_complaint, NULL);
	FILE *out = fopen(name, "wb");

	assert_non_null(out);
	assert_int_equal(fwrite(f.bytes, 1, f.n, out), f.n);
	fclose(out);
	assert_int_equal(captures_next(c, &frame), 1);
	captures_close(c);
	captures_close(NULL);
	file_free(&f);
}

static void standard_input_is_read_once(void **state)
{
	(void)state;
	const char *names[] = { "-", "-" };
	const struct capture_options options = { 0 };

	complaints_at_opening = 0;
	captures_close(captures_open(names, 2, &options, count_complaint, NULL));
	assert_int_equal(complaints_at_opening, 1);
}

static void no_file_is_no_frame(void **state)
{
	(void)state;
	assert_clean(see(NULL, 0, NULL), 0);
}

static void assert_order(const struct seen *seen, const char *marks)
{
	assert_clean(seen, strlen(marks));
	for (size_t i = 0; i < seen->count; i++) {
		assert_int_equal(seen->frames[i].packet, i + 1);
		if (seen->marks[i] != (uint8_t)marks[i])
			fail_msg("frame %zu is of %c, not %c", i, seen->marks[i], marks[i]);
	}
}

static void several_files_are_merged_by_time(void **state)
{
	(void)state;
	const char *names[] = {
		file_at("a", 'a', (uint32_t[]){ 1, 4, 7, 0 }),
		file_at("b", 'b', (uint32_t[]){ 2, 3, 9, 10, 0 }),
		file_at("c", 'c', (uint32_t[]){ 5, 6, 8, 0 }),
		file_at("d", 'd', (uint32_t[]){ 0 }),
	};
	const struct seen *seen = see(names, 4, NULL);

	assert_order(seen, "abbaccacbb");
	assert_string_equal(seen->sources[seen->frames[0].source], names[0]);
	assert_string_equal(seen->sources[seen->frames[9].source], names[1]);
}

static void equal_times_come_in_order_of_the_command_line(void **state)
{
	(void)state;
	const char *names[] = {
		file_at("a", 'a', (uint32_t[]){ 5, 5, 0 }),
		file_at("b", 'b', (uint32_t[]){ 5, 5, 0 }),
		file_at("c", 'c', (uint32_t[]){ 5, 5, 0 }),
	};
	const char *other_way[] = { names[2], names[1], names[0] };

	assert_order(see(names, 3, NULL), "aabbcc");
	assert_order(see(other_way, 3, NULL), "ccbbaa");
}

static void time_that_runs_backwards_reorders_nothing(void **state)
{
	(void)state;
	const char *names[] = {
		file_at("a", 'a', (uint32_t[]){ 10, 2, 3, 11, 0 }),
		file_at("b", 'b', (uint32_t[]){ 1, 9, 12, 10, 0 }),
	};
	const struct seen *seen = see(names, 2, NULL);

	assert_order(seen, "bbaaaabb");
	assert_int_equal(seen->frames[3].at.ns, 2000000000);
	assert_order(see(names, 1, NULL), "aaaa");
}

static void a_broken_file_does_not_end_the_others(void **state)
{
	(void)state;
	struct file f = two_packets(0);

	f.n -= 1;
	const char *names[] = {
		file_at("a", 'a', (uint32_t[]){ 1, 1800000000, 0 }),
		file_write("broken", &f),
		file_at("c", 'c', (uint32_t[]){ 2, 1800000001, 0 }),
	};
	const struct seen *seen = see(names, 3, NULL);

	assert_one_complaint(seen, 5, "/broken: packet 2: ");
	file_free(&f);
}

static void more_files_than_the_soft_limit_on_descriptors(void **state)
{
	(void)state;
	enum { FILES = 300 };
	static const char *names[FILES];
	struct rlimit was, low;
	const char *path = file_at("a", 'a', (uint32_t[]){ 1, 2, 3, 0 });

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
	if (was.rlim_max < FILES + 50)
		skip();
	low = (struct rlimit){ .rlim_cur = 64, .rlim_max = was.rlim_max };
	for (size_t i = 0; i < FILES; i++)
		names[i] = path;
	setrlimit(RLIMIT_NOFILE, &low);
	const struct seen *seen = see(names, FILES, NULL);

	assert_clean(seen, 3 * FILES);
	for (size_t i = 0; i < seen->count; i++)
		assert_int_equal(seen->frames[i].at.ns / 1000000000, 1 + i / FILES);
	setrlimit(RLIMIT_NOFILE, &was);
}

static void more_files_than_the_hard_limit_are_told(void **state)
{
	(void)state;
	struct file f = two_packets(0);
	const char *path = file_write("one", &f), *names[40];
	struct rlimit was;

	for (size_t i = 0; i < 40; i++)
		names[i] = path;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
	if (geteuid() != 0)
		skip(); /* could not raise it again */
	struct rlimit low = { .rlim_cur = 32, .rlim_max = 32 };

	setrlimit(RLIMIT_NOFILE, &low);
	const struct seen *seen = see(names, 40, NULL);

	setrlimit(RLIMIT_NOFILE, &was);
	assert_true(seen->failed > 0);
	assert_int_equal(seen->count, 2 * (40 - seen->failed));
	assert_says(seen, 0, "limit on open files");
	file_free(&f);
}

/* One frame of each kind; marks cannot be used, the order tells. */
static const char *mixed_file(void)
{
	static const struct ipv4 packets[] = {
		{ .protocol = 6, .sport = 1000, .dport = 80 },
		{ .protocol = 6, .sport = 1000, .dport = 443 },
		{ .protocol = 17, .sport = 53, .dport = 53 },
		{ .protocol = 1 },
		{ .protocol = 6, .sport = 1, .dport = 443, .fragment = 0x2000 },
		{ .protocol = 6, .fragment = 0x0003 },
		{ .protocol = 4 },
		{ .protocol = 6, .sport = 1000, .dport = 80, .tags = 1 },
		{ .protocol = 6, .fragment = 0x0003, .tags = 1 },
		{ .protocol = 6, .sport = 1000, .dport = 80, .tags = 2 },
		{ .protocol = 1, .tags = 2 },
		{ .protocol = 6, .sport = 1000, .dport = 80, .fragment = 0x4000 },
	};
	struct file f = { 0 };

	put_pcap(&f, PCAP_MICRO, LINKTYPE_ETHERNET);
	for (size_t i = 0; i < sizeof packets / sizeof *packets; i++) {
		uint8_t frame[FRAME_SIZE];

		frame_ipv4(frame, &packets[i]);
		put_pcap_frame(&f, (uint32_t)i, 0, frame, sizeof frame);
	}
	const char *path = file_write("mixed", &f);

	file_free(&f);
	return path;
}

static void a_filter_lets_fragments_and_icmp_through_unmatched(void **state)
{
	(void)state;
	static const struct {
		uint64_t packet;
		bool matched;
	} expected[] = { { 1, true },  { 4, false }, { 5, false },  { 6, false },
			 { 7, false }, { 9, false }, { 11, false }, { 12, true } };
	const char *path = mixed_file();
	const struct seen *seen = see(&path, 1, "tcp port 80");

	assert_clean(seen, sizeof expected / sizeof *expected);
	for (size_t i = 0; i < seen->count; i++) {
		assert_int_equal(seen->frames[i].packet, expected[i].packet);
		assert_int_equal(seen->frames[i].matched, expected[i].matched);
	}
	seen = see(&path, 1, "vlan and tcp port 80");
	for (size_t i = 0; i < seen->count; i++)
		assert_int_equal(seen->frames[i].matched, seen->frames[i].packet == 8);
	assert_clean(see(&path, 1, ""), 12);
}

static void a_filter_is_compiled_for_each_link_type(void **state)
{
	(void)state;
	static const struct ipv4 packet = { .protocol = 6, .sport = 1, .dport = 80 };
	uint8_t frame[FRAME_SIZE];
	struct file f = { 0 };

	frame_ipv4(frame, &packet);
	put_section(&f);
	put_interface(&f, LINKTYPE_ETHERNET, 0, NULL);
	put_interface(&f, 101, 0, NULL);
	put_enhanced(&f, 0, 1, frame, 60);
	put_enhanced(&f, 1, 2, frame + 14, 40);
	put_enhanced(&f, 1, 2, frame, 60);
	const char *path = file_write("links", &f);
	const struct seen *seen = see(&path, 1, "tcp port 80");

	assert_clean(seen, 3);
	assert_true(seen->frames[0].matched);
	assert_true(seen->frames[1].matched);
	assert_false(seen->frames[2].matched);
	file_free(&f);
}

static void a_filter_that_a_link_type_cannot_have_fails_that_file(void **state)
{
	(void)state;
	static const uint8_t frame[FRAME_SIZE];
	struct file f = { 0 };

	put_pcap(&f, PCAP_MICRO, LINKTYPE_NFLOG);
	put_pcap_frame(&f, 1, 0, frame, sizeof frame);
	const char *names[] = { file_write("nflog", &f), mixed_file() };
	const struct seen *seen = see(names, 2, "tcp port 443");

	assert_int_equal(seen->failed, 1);
	assert_says(seen, 0, "/nflog: the filter cannot be used on this capture: NFLOG");
	assert_true(seen->frames[0].matched);
	file_free(&f);
}

static void filters_are_checked_early(void **state)
{
	(void)state;
	struct capture_error error = { "" };

	assert_true(capture_filter_valid("tcp port 80", &error));
	assert_true(capture_filter_valid("type mgt", &error));
	assert_string_equal(error.text, "");
	assert_false(capture_filter_valid("tcp prt 80", &error));
	assert_string_not_equal(error.text, "");
}

static volatile sig_atomic_t stop;

static void set_stop(int signal)
{
	(void)signal;
	stop = 1;
}

static void a_signal_ends_the_wait_for_a_pipe(void **state)
{
	(void)state;
	const char *name = "-";
	const struct capture_options options = { .stop = &stop };
	const struct sigaction action = { .sa_handler = set_stop };
	struct file f = two_packets(0);
	struct frame frame;
	int ends[2], saved = dup(STDIN_FILENO);

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], f.bytes, f.n - 60), (ssize_t)f.n - 60);
	dup2(ends[0], STDIN_FILENO);
	complaints_at_opening = 0;
	struct captures *c = captures_open(&name, 1, &options, count_complaint, NULL);

	assert_int_equal(captures_next(c, &frame), 1);
	sigaction(SIGALRM, &action, NULL);
	alarm(1);
	assert_int_equal(captures_next(c, &frame), 0);
	assert_int_equal(stop, 1);
	assert_int_equal(captures_next(c, &frame), 0);
	assert_int_equal(complaints_at_opening, 0);
	captures_close(c);
	dup2(saved, STDIN_FILENO);
	close(saved);
	close(ends[0]);
	close(ends[1]);
	file_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(what_cannot_be_opened_is_told_at_opening, remove_files),
		cmocka_unit_test_teardown(a_file_without_permission_is_told, remove_files),
		cmocka_unit_test_teardown(nothing_is_read_before_the_first_frame_is_asked_for, remove_files),
		cmocka_unit_test(standard_input_is_read_once),
		cmocka_unit_test(no_file_is_no_frame),
		cmocka_unit_test_teardown(several_files_are_merged_by_time, remove_files),
		cmocka_unit_test_teardown(equal_times_come_in_order_of_the_command_line, remove_files),
		cmocka_unit_test_teardown(time_that_runs_backwards_reorders_nothing, remove_files),
		cmocka_unit_test_teardown(a_broken_file_does_not_end_the_others, remove_files),
		cmocka_unit_test_teardown(more_files_than_the_soft_limit_on_descriptors, remove_files),
		cmocka_unit_test_teardown(more_files_than_the_hard_limit_are_told, remove_files),
		cmocka_unit_test_teardown(a_filter_lets_fragments_and_icmp_through_unmatched, remove_files),
		cmocka_unit_test_teardown(a_filter_is_compiled_for_each_link_type, remove_files),
		cmocka_unit_test_teardown(a_filter_that_a_link_type_cannot_have_fails_that_file,
					  remove_files),
		cmocka_unit_test(filters_are_checked_early),
		cmocka_unit_test(a_signal_ends_the_wait_for_a_pipe),
	};

	return cmocka_run_group_tests(tests, NULL, remove_files);
}
