/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files read a second time: the same frames, numbers and sources, and no complaint. */
#include "reading.h"

#include <fcntl.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int remove_files(void **state)
{
	(void)state;
	files_remove();
	return 0;
}

/* Reads all three times. */
static size_t check_files(const char *const *names, size_t n, const char *filter)
{
	struct complaints complaints = { 0 };
	const struct capture_options options = { .filter = filter };
	struct captures *c = captures_open(names, n, &options, note, &complaints);

	assert_non_null(c);
	struct reading first = read_frames(c, SIZE_MAX);
	size_t told = complaints.count, failed = captures_failed(c), count = first.count;

	for (int i = 0; i < 2; i++) {
		assert_int_equal(captures_rewind(c), 0);
		struct reading again = read_frames(c, SIZE_MAX);

		assert_same(&first, &again, names[0]);
		if (complaints.count != told)
			fail_msg("%s: a new complaint: %s", names[0], complaints.last.text);
		assert_int_equal(captures_failed(c), failed);
		assert_int_equal(captures_forgotten(c), 0);
		reading_free(&again);
	}
	reading_free(&first);
	captures_close(c);
	return count;
}

static glob_t all_captures(void)
{
	glob_t found = { 0 };

	glob(CAPTURES_DIR "/*.pcap", 0, NULL, &found);
	glob(SHARED_DIR "/recordings/*.pcap", GLOB_APPEND, NULL, &found);
	glob(SHARED_DIR "/captures/*", GLOB_APPEND, NULL, &found);
	return found;
}

static void every_capture_gives_the_same_again(void **state)
{
	(void)state;
	glob_t found = all_captures();

	assert_true(found.gl_pathc > 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *name = found.gl_pathv[i];

		check_files(&name, 1, NULL);
		check_files(&name, 1, "tcp port 80 or ip6");
	}
	globfree(&found);
}

static void captures_merged_give_the_same_again(void **state)
{
	(void)state;
	glob_t found = all_captures();
	const char *const *names = (const char *const *)found.gl_pathv;

	assert_true(check_files(names, found.gl_pathc, NULL) > 100);
	check_files(names, found.gl_pathc, "tcp");
	globfree(&found);
}

/* A pcapng file of many interfaces in several sections, with names and link types that differ. */
static struct file many_interfaces(void)
{
	struct file f = { 0 };
	uint8_t frame[FRAME_SIZE];

	for (int s = 0; s < 3; s++) {
		put_section(&f);
		for (uint32_t i = 0; i < 40; i++) {
			struct file options = { 0 };
			char name[8];

			put_option(&options, 2, name,
				   (uint16_t)snprintf(name, sizeof name, "n%d", (int)i * (s + 1)));
			put_interface(&f, i % 2 ? LINKTYPE_RAW : LINKTYPE_MTP2, 0, &options);
			file_free(&options);
			frame_marked(frame, (uint8_t)i);
			put_enhanced(&f, i, 1700000000000000 + i, frame, sizeof frame);
		}
	}
	return f;
}

static void interfaces_keep_their_sources(void **state)
{
	(void)state;
	struct file f = many_interfaces(), z = gzipped(&f);
	struct file other = two_packets(0);
	const char *names[] = { file_write("other", &other), file_write("interfaces", &f),
				file_write("z", &z) };

	assert_int_equal(check_files(names, 3, NULL), 242);
	file_free(&f);
	file_free(&z);
	file_free(&other);
}

/* A link type that is not decoded, and one that the filter cannot be used on, are told once. */
static void links_are_complained_about_once(void **state)
{
	(void)state;
	struct file strange = { 0 }, mixed = { 0 };
	uint8_t frame[FRAME_SIZE];

	frame_marked(frame, 'a');
	put_pcap(&strange, PCAP_MICRO, LINKTYPE_MTP2);
	put_pcap_frame(&strange, 1800000000, 0, frame, sizeof frame);
	put_section(&mixed);
	put_interface(&mixed, LINKTYPE_ETHERNET, 0, NULL);
	put_interface(&mixed, LINKTYPE_RAW, 0, NULL);
	frame_ipv4(frame, &(struct ipv4){ .protocol = 6 });
	for (uint32_t i = 0; i < 3; i++)
		put_enhanced(&mixed, i / 2, 1700000000000000 + i, frame, sizeof frame);
	const char *names[] = { file_write("strange", &strange), file_write("mixed", &mixed) };

	assert_int_equal(check_files(names, 2, NULL), 4);
	assert_int_equal(check_files(names, 2, "ether src 02:00:00:00:00:02"), 3);
	file_free(&strange);
	file_free(&mixed);
}

static void compressed_and_damaged_files_give_the_same_again(void **state)
{
	(void)state;
	struct file whole = frames_from(1000, 5000);
	struct file variants[] = {
		gzipped(&whole), zstded(&whole), frames_from(1000, 500), gzipped(&whole), zstded(&whole),
		{ 0 },		 { 0 }
	};
	const size_t expected[] = { 5000, 5000, 499 };

	variants[2].n -= 9;
	variants[3].n -= variants[3].n / 3;
	variants[4].bytes[variants[4].n / 2] ^= 0x55;
	put(&variants[5], "not a capture", 13);
	put(&variants[6], "?", 1);
	for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
		const char *name = file_write("variant", &variants[i]);
		size_t count = check_files(&name, 1, NULL);

		if (i < sizeof expected / sizeof *expected)
			assert_int_equal(count, expected[i]);
		file_free(&variants[i]);
	}
	file_free(&whole);
}

/* Standard input that is a file is read again from where it stood. */
static void standard_input_from_a_file_is_read_again(void **state)
{
	(void)state;
	struct file f = { 0 }, capture = frames_from(1000, 700);
	const char *name = "-";

	put(&f, "something before", 16);
	put(&f, capture.bytes, capture.n);
	int saved = dup(STDIN_FILENO), fd = open(file_write("input", &f), O_RDONLY);

	assert_int_equal(lseek(fd, 16, SEEK_SET), 16);
	dup2(fd, STDIN_FILENO);
	close(fd);
	assert_int_equal(check_files(&name, 1, NULL), 700);
	dup2(saved, STDIN_FILENO);
	close(saved);
	file_free(&f);
	file_free(&capture);
}

/* No more comes than had come, whether it was not wanted or was not there. */
static void what_was_not_read_does_not_come(void **state)
{
	(void)state;
	struct file a = frames_from(1000, 300), b = frames_from(1100, 300);
	const char *names[] = { file_write("a", &a), file_write("b", &b) };
	const struct capture_options options = { 0 };
	struct complaints complaints = { 0 };

	for (size_t n = 0; n <= 600; n += 97) {
		struct captures *c = captures_open(names, 2, &options, note, &complaints);
		struct reading first = read_frames(c, n);
		uint8_t frame[FRAME_SIZE] = { 0 };
		struct file more = { 0 };
		FILE *out = fopen(names[1], "ab");

		put_pcap_frame(&more, 999999, 0, frame, sizeof frame);
		assert_non_null(out);
		assert_int_equal(fwrite(more.bytes, 1, more.n, out), more.n);
		fclose(out);
		file_free(&more);
		assert_int_equal(captures_rewind(c), 0);
		struct reading again = read_frames(c, SIZE_MAX);

		assert_same(&first, &again, "a part");
		reading_free(&first);
		reading_free(&again);
		captures_close(c);
	}
	assert_int_equal(complaints.count, 0);
	file_free(&a);
	file_free(&b);
}

static void a_stop_ends_only_the_reading_it_came_in(void **state)
{
	(void)state;
	struct file a = frames_from(1000, 300);
	const char *name = file_write("a", &a);
	volatile sig_atomic_t stop = 0;
	const struct capture_options options = { .stop = &stop };
	struct complaints complaints = { 0 };
	struct captures *c = captures_open(&name, 1, &options, note, &complaints);
	struct reading first = read_frames(c, 100);
	struct frame frame;

	stop = 1;
	assert_int_equal(captures_next(c, &frame), 0);
	assert_int_equal(captures_rewind(c), 0);
	struct reading again = read_frames(c, SIZE_MAX);

	assert_same(&first, &again, "what came before the stop");
	captures_close(c);
	reading_free(&first);
	reading_free(&again);

	stop = 0;
	c = captures_open(&name, 1, &options, note, &complaints);
	first = read_frames(c, SIZE_MAX);
	assert_int_equal(captures_rewind(c), 0);
	again = read_frames(c, 50);
	stop = 1;
	assert_int_equal(captures_next(c, &frame), 0);
	assert_int_equal(complaints.count, 0);
	captures_close(c);
	reading_free(&first);
	reading_free(&again);
	file_free(&a);
}

static void a_file_that_shrank_is_complained_about_once(void **state)
{
	(void)state;
	struct file a = frames_from(1000, 30000), b = frames_from(2000, 5);
	const char *names[] = { file_write("a", &a), file_write("b", &b) };
	const struct capture_options options = { 0 };
	const off_t sizes[] = { 24 + 76 * 100, 24 + 76 * 100 - 3, 10, 0 };

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct complaints complaints = { 0 };
		struct captures *c = captures_open(names, 2, &options, note, &complaints);
		struct reading first = read_frames(c, SIZE_MAX);

		assert_int_equal(first.count, i == 0 ? 30005 : first.count);
		assert_int_equal(truncate(names[0], sizes[i]), 0);
		complaints.count = 0;
		assert_int_equal(captures_rewind(c), 0);
		struct reading again = read_frames(c, SIZE_MAX);

		assert_true(again.count < first.count || first.count <= 5);
		assert_part_of(&first, &again);
		assert_int_equal(complaints.count, 1);
		assert_non_null(strstr(complaints.last.text, "/a: "));
		assert_int_equal(captures_failed(c), 1);
		reading_free(&first);
		reading_free(&again);
		captures_close(c);
		assert_int_equal(truncate(names[0], 0), 0);
		FILE *out = fopen(names[0], "wb");

		assert_non_null(out);
		assert_int_equal(fwrite(a.bytes, 1, a.n, out), a.n);
		fclose(out);
	}
	file_free(&a);
	file_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_capture_gives_the_same_again),
		cmocka_unit_test(captures_merged_give_the_same_again),
		cmocka_unit_test_teardown(interfaces_keep_their_sources, remove_files),
		cmocka_unit_test_teardown(links_are_complained_about_once, remove_files),
		cmocka_unit_test_teardown(compressed_and_damaged_files_give_the_same_again, remove_files),
		cmocka_unit_test_teardown(standard_input_from_a_file_is_read_again, remove_files),
		cmocka_unit_test_teardown(what_was_not_read_does_not_come, remove_files),
		cmocka_unit_test_teardown(a_stop_ends_only_the_reading_it_came_in, remove_files),
		cmocka_unit_test_teardown(a_file_that_shrank_is_complained_about_once, remove_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
