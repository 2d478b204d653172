/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One capture: every format, whole, cut short and damaged. */
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

static uint8_t frame_a[FRAME_SIZE], frame_b[FRAME_SIZE];

static int group_setup(void **state)
{
	(void)state;
	frame_marked(frame_a, 'a');
	frame_marked(frame_b, 'b');
	return 0;
}

static int remove_files(void **state)
{
	(void)state;
	files_remove();
	return 0;
}

static void assert_two_packets(const struct seen *seen, int format)
{
	assert_clean(seen, 2);
	assert_int_equal(seen->frames[0].at.ns, 1700000000000001000);
	assert_int_equal(seen->frames[1].at.ns, 1700000000500000000);
	assert_int_equal(seen->frames[0].packet, 1);
	assert_int_equal(seen->frames[1].packet, 2);
	assert_int_equal(seen->frames[0].caplen, 60);
	assert_int_equal(seen->frames[0].len, 60);
	assert_int_equal(seen->frames[0].link, DLT_EN10MB);
	assert_int_equal(seen->marks[0], 'a');
	assert_int_equal(seen->marks[1], 'b');
	assert_true(seen->frames[0].matched);
	assert_int_equal(seen->nanoseconds, format / 2 == 1);
}

static void every_format_plain_and_compressed_from_file_and_pipe(void **state)
{
	(void)state;
	for (int format = 0; format < FORMATS; format++) {
		struct file plain = two_packets(format);
		struct file all[] = { plain, gzipped(&plain), zstded(&plain) };

		for (size_t i = 0; i < 3; i++) {
			assert_two_packets(see_file(&all[i]), format);
			assert_two_packets(see_pipe(&all[i]), format);
			assert_string_equal(see_pipe(&all[i])->sources[0], "-");
			file_free(&all[i]);
		}
	}
}

static void modified_pcap_is_read(void **state)
{
	(void)state;
	/* Kuznetzov's: 8 more bytes in each packet header, at its end */
	struct file f = { 0 };

	put_pcap(&f, 0xa1b2cd34, LINKTYPE_ETHERNET);
	put32(&f, 5);
	put32(&f, 6);
	put32(&f, 60);
	put32(&f, 1500);
	put64(&f, 0x0001000000000002);
	put(&f, frame_a, 60);
	const struct seen *seen = see_file(&f);

	assert_clean(seen, 1);
	assert_int_equal(seen->frames[0].at.ns, 5000006000);
	assert_int_equal(seen->frames[0].len, 1500);
	file_free(&f);
}

static void several_members_of_compressed_data_are_one_file(void **state)
{
	(void)state;
	for (int kind = 0; kind < 2; kind++) {
		struct file whole = two_packets(0), both = { 0 };
		struct file first = { .bytes = whole.bytes, .n = 50 };
		struct file second = { .bytes = whole.bytes + 50, .n = whole.n - 50 };
		struct file part[2] = { kind ? zstded(&first) : gzipped(&first),
					kind ? zstded(&second) : gzipped(&second) };

		put(&both, part[0].bytes, part[0].n);
		put(&both, part[1].bytes, part[1].n);
		assert_two_packets(see_file(&both), 0);
		if (kind == 0)
			put(&both, "\0\0\0\0\0", 5); /* padding */
		assert_two_packets(see_file(&both), 0);
		put(&both, "garbage!", 8);
		assert_one_complaint(see_file(&both), 2, "is damaged (");
		file_free(&part[0]);
		file_free(&part[1]);
		file_free(&both);
		file_free(&whole);
	}
}

static void zstd_that_begins_with_a_skippable_frame_is_read(void **state)
{
	(void)state;
	struct file whole = two_packets(0), packed = zstded(&whole), f = { 0 };

	put(&f, "\x53\x2a\x4d\x18\x03\0\0\0abc", 11);
	put(&f, packed.bytes, packed.n);
	assert_two_packets(see_file(&f), 0);
	file_free(&f);
	file_free(&packed);
	file_free(&whole);
}

static void a_large_file_is_the_same_compressed(void **state)
{
	(void)state;
	/* larger than any buffer, and hard to compress */
	enum { FRAMES = 4000 };
	static uint8_t frame[1000];
	struct file plain = { 0 };
	uint32_t random = 1;

	put_pcap(&plain, PCAP_MICRO, LINKTYPE_ETHERNET);
	for (uint32_t i = 0; i < FRAMES; i++) {
		for (size_t k = 0; k < sizeof frame; k++) {
			random = random * 1664525 + 1013904223;
			frame[k] = (uint8_t)(random >> 24);
		}
		frame[sizeof frame - 1] = (uint8_t)i;
		put_pcap_frame(&plain, i, 0, frame, 1 + i % sizeof frame);
	}
	struct file all[] = { plain, gzipped(&plain), zstded(&plain) };

	for (size_t i = 0; i < 3; i++) {
		const struct seen *seen = see_file(&all[i]);

		assert_clean(seen, FRAMES);
		assert_int_equal(seen->marks[FRAMES - 1], (uint8_t)(FRAMES - 1));
		assert_int_equal(seen->frames[FRAMES - 1].caplen, sizeof frame);
		all[i].n -= 10;
		seen = see_file(&all[i]);
		assert_int_equal(seen->complained, 1);
		assert_in_range(seen->count, FRAMES - 300, FRAMES);
		file_free(&all[i]);
	}
}

/* How many packets a prefix of a two packet file holds whole, and whether it is a good file. */
struct expected {
	size_t frames;
	bool good;
};

static struct expected expected_of_prefix(int format, size_t n, size_t whole)
{
	size_t packet = format == 4 ? 92 : 76, head = whole - 2 * packet;

	if (n < head)
		return (struct expected){ 0, format == 4 && n == 28 };
	return (struct expected){ (n - head) / packet, (n - head) % packet == 0 };
}

static void every_prefix_gives_what_it_holds_and_one_complaint(void **state)
{
	(void)state;
	for (int format = 0; format < FORMATS; format++) {
		struct file f = two_packets(format);
		size_t whole = f.n;

		for (f.n = 0; f.n <= whole; f.n++) {
			struct expected e = expected_of_prefix(format, f.n, whole);
			const struct seen *seen = see_file(&f);

			if (e.good)
				assert_clean(seen, e.frames);
			else
				assert_one_complaint(seen, e.frames,
						     f.n == 0 ? "the file is empty" : "(cut short?)");
		}
		file_free(&f);
	}
}

static void a_cut_inside_a_packet_names_it(void **state)
{
	(void)state;
	for (int format = 0; format < FORMATS; format++) {
		struct file f = two_packets(format);

		f.n -= 30;
		assert_one_complaint(see_file(&f), 1,
				     "/one: packet 2: the file ends in the middle of a packet (cut short?)");
		assert_one_complaint(see_pipe(&f), 1,
				     "standard input: packet 2: the file ends in the middle");
		file_free(&f);
	}
}

static void every_prefix_of_compressed_data_gives_one_complaint(void **state)
{
	(void)state;
	for (int format = 0; format < FORMATS; format += 4) {
		struct file plain = two_packets(format);
		struct file all[] = { gzipped(&plain), zstded(&plain) };

		for (size_t i = 0; i < 2; i++) {
			size_t whole = all[i].n;

			for (all[i].n = 0; all[i].n < whole; all[i].n++) {
				const struct seen *seen = see_file(&all[i]);

				assert_one_complaint(seen, seen->count,
						     all[i].n == 0  ? "empty"
						     : all[i].n < 4 ? "cut short?"
								    : "data ends before its end");
				assert_in_range(seen->count, 0, 2);
			}
			file_free(&all[i]);
		}
		file_free(&plain);
	}
}

static void any_damaged_byte_of_compressed_data_ends_well(void **state)
{
	(void)state;
	struct file plain = two_packets(0);
	struct file all[] = { gzipped(&plain), zstded(&plain) };

	for (size_t i = 0; i < 2; i++) {
		for (size_t at = 0; at < all[i].n; at++) {
			all[i].bytes[at] ^= 0x55;
			const struct seen *seen = see_file(&all[i]);

			all[i].bytes[at] ^= 0x55;
			assert_in_range(seen->complained, 0, 2);
			assert_in_range(seen->count, 0, 2);
		}
		/* the sum over the data is verified, after the packets were given */
		if (i == 0)
			all[i].bytes[all[i].n - 6] ^= 1;
		if (i == 0)
			assert_one_complaint(see_file(&all[i]), 2, "packet 3: the gzip data is damaged (");
		file_free(&all[i]);
	}
	file_free(&plain);
}

static void survives_any_changed_byte(void **state)
{
	(void)state;
	static const uint8_t values[] = { 0, 1, 0x7f, 0x80, 0xff };
	struct file f = two_packets(0);

	for (size_t at = 0; at < f.n; at++) {
		uint8_t was = f.bytes[at];

		for (size_t i = 0; i < sizeof values; i++) {
			f.bytes[at] = values[i];
			const struct seen *seen = see_file(&f);

			assert_in_range(seen->count, 0, 2);
			assert_in_range(seen->complained, 0, 2);
		}
		f.bytes[at] = was;
	}
	file_free(&f);
}

static void a_length_that_lies_is_told(void **state)
{
	(void)state;
	struct file f = two_packets(0);

	memcpy(f.bytes + 24 + 76 + 8, "\xff\xff\xff\x7f", 4);
	assert_one_complaint(see_file(&f), 1, "/one: packet 2: invalid packet capture length");
	file_free(&f);
}

static void what_is_no_capture_is_told(void **state)
{
	(void)state;
	struct file text = { 0 }, snoop = { 0 }, twice = { 0 };

	put(&text, "#!/bin/sh\necho hello, world; exit 0\n", 36);
	assert_one_complaint(see_file(&text), 0, "/one: not a pcap or pcapng capture");
	put(&snoop, "snoop\0\0\0\0\0\0\2\0\0\0\4", 16);
	assert_one_complaint(see_file(&snoop), 0, "not a pcap or pcapng capture");
	struct file plain = two_packets(0), once = gzipped(&plain);

	twice = gzipped(&once);
	assert_one_complaint(see_file(&twice), 0, "not a pcap or pcapng capture");
	file_free(&text);
	file_free(&snoop);
	file_free(&plain);
	file_free(&once);
	file_free(&twice);
}

static void times_that_cannot_be_are_clamped(void **state)
{
	(void)state;
	struct file f = { 0 };

	put_pcap(&f, PCAP_MICRO, LINKTYPE_ETHERNET);
	put_pcap_frame(&f, 5, 1000000, frame_a, 60);
	put_pcap_frame(&f, 5, 0xffffffff, frame_a, 60);
	put_pcap_frame(&f, 0xffffffff, 0x7fffffff, frame_a, 60);
	const struct seen *seen = see_file(&f);

	assert_clean(seen, 3);
	assert_int_equal(seen->frames[0].at.ns, 5999999999);
	assert_int_equal(seen->frames[1].at.ns, 5999999999);
	assert_int_equal(seen->frames[2].at.ns, 4294967295999999999);
	file_free(&f);
}

static void an_unknown_link_is_told_and_its_frames_come(void **state)
{
	(void)state;
	struct file f = { 0 };

	put_pcap(&f, PCAP_MICRO, LINKTYPE_MTP2);
	put_pcap_frame(&f, 1, 0, frame_a, 60);
	put_pcap_frame(&f, 2, 0, frame_a, 60);
	assert_one_complaint(see_file(&f), 2, "/one: link type 140 (MTP2) is not decoded");
	file_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_format_plain_and_compressed_from_file_and_pipe),
		cmocka_unit_test(modified_pcap_is_read),
		cmocka_unit_test(several_members_of_compressed_data_are_one_file),
		cmocka_unit_test(zstd_that_begins_with_a_skippable_frame_is_read),
		cmocka_unit_test(a_large_file_is_the_same_compressed),
		cmocka_unit_test(every_prefix_gives_what_it_holds_and_one_complaint),
		cmocka_unit_test(a_cut_inside_a_packet_names_it),
		cmocka_unit_test(every_prefix_of_compressed_data_gives_one_complaint),
		cmocka_unit_test(any_damaged_byte_of_compressed_data_ends_well),
		cmocka_unit_test(survives_any_changed_byte),
		cmocka_unit_test(a_length_that_lies_is_told),
		cmocka_unit_test(what_is_no_capture_is_told),
		cmocka_unit_test(times_that_cannot_be_are_clamped),
		cmocka_unit_test(an_unknown_link_is_told_and_its_frames_come),
	};

	return cmocka_run_group_tests(tests, group_setup, remove_files);
}
