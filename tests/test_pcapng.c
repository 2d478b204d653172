/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pcapng: sections, interfaces, times, every block that holds a packet, and lengths that lie. */
#include "capture_file.h"
#include "compare_readers.h"

#include "dissect/pcapng.h"

#include <pcap/dlt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint8_t frame_a[FRAME_SIZE], frame_b[FRAME_SIZE];

static int group_setup(void **state)
{
	(void)state;
	frame_marked(frame_a, 'a');
	frame_marked(frame_b, 'b');
	return 0;
}

static int group_teardown(void **state)
{
	(void)state;
	files_remove();
	return 0;
}

static struct file one_interface(bool big)
{
	struct file f = { .big = big };

	put_section(&f);
	put_interface(&f, LINKTYPE_ETHERNET, 0, NULL);
	return f;
}

static void reads_enhanced_packets_of_either_byte_order(void **state)
{
	(void)state;
	for (int big = 0; big <= 1; big++) {
		struct file f = one_interface(big);

		put_enhanced(&f, 0, 1700000000123456, frame_a, 60);
		put_enhanced(&f, 0, 1700000001000000, frame_b, 57); /* padded by 3 */
		const struct seen *seen = see_file(&f);

		assert_clean(seen, 2);
		assert_int_equal(seen->frames[0].at.ns, 1700000000123456000);
		assert_int_equal(seen->frames[0].packet, 1);
		assert_int_equal(seen->frames[0].caplen, 60);
		assert_int_equal(seen->frames[0].link, DLT_EN10MB);
		assert_int_equal(seen->marks[0], 'a');
		assert_int_equal(seen->frames[1].caplen, 57);
		assert_int_equal(seen->marks[1], 'b');
		assert_false(seen->nanoseconds);
		assert_true(seen->frames[0].matched);
		file_free(&f);
	}
}

static void sections_may_differ_in_byte_order(void **state)
{
	(void)state;
	struct file f = one_interface(false);

	put_enhanced(&f, 0, 1000000, frame_a, 60);
	f.big = true;
	put_section(&f);
	put_interface(&f, LINKTYPE_RAW, 0, NULL);
	put_enhanced(&f, 0, 2000000, frame_b, 60);
	const struct seen *seen = see_file(&f);

	assert_clean(seen, 2);
	assert_int_equal(seen->frames[1].at.ns, 2000000000);
	assert_int_equal(seen->frames[1].link, DLT_RAW);
	file_free(&f);
}

static void interfaces_differ_in_link_name_and_resolution(void **state)
{
	(void)state;
	struct file f = { 0 }, eth0 = { 0 }, nano = { 0 };

	put_option(&eth0, 2, "eth0", 4);
	put_option(&eth0, 0, NULL, 0);
	put_option(&nano, 9, "\x09", 1);
	put_option(&nano, 14, "\x0a\0\0\0\0\0\0\0", 8);
	put_section(&f);
	put_interface(&f, LINKTYPE_ETHERNET, 0, &eth0);
	put_interface(&f, LINKTYPE_SLL, 0, &nano);
	put_enhanced(&f, 1, 5000000007, frame_a, 60);
	put_enhanced(&f, 0, 15000001, frame_b, 60);
	put_enhanced(&f, 1, 5000000009, frame_a, 60);
	const struct seen *seen = see_file(&f);

	assert_clean(seen, 3);
	assert_int_equal(seen->frames[0].at.ns, 15000000007);
	assert_int_equal(seen->frames[0].link, DLT_LINUX_SLL);
	assert_int_equal(seen->frames[1].at.ns, 15000001000);
	assert_int_equal(seen->frames[0].source, seen->frames[2].source);
	assert_int_not_equal(seen->frames[0].source, seen->frames[1].source);
	assert_non_null(strstr(seen->sources[seen->frames[0].source], "/one:if1"));
	assert_non_null(strstr(seen->sources[seen->frames[1].source], "/one:eth0"));
	assert_true(seen->nanoseconds);
	file_free(&f);
	file_free(&eth0);
	file_free(&nano);
}

static void an_interface_that_returns_in_a_later_section_keeps_its_source(void **state)
{
	(void)state;
	struct file f = one_interface(false);

	put_enhanced(&f, 0, 1, frame_a, 60);
	put_section(&f);
	put_interface(&f, LINKTYPE_ETHERNET, 0, NULL);
	put_enhanced(&f, 0, 2, frame_a, 60);
	const struct seen *seen = see_file(&f);

	assert_clean(seen, 2);
	assert_int_equal(seen->frames[0].source, seen->frames[1].source);
	assert_non_null(strstr(seen->sources[0], "/one"));
	assert_null(strstr(seen->sources[0], "/one:"));
	file_free(&f);
}

static void interface_names_cannot_hold_control_characters(void **state)
{
	(void)state;
	struct file f = { 0 }, name = { 0 };

	put_option(&name, 2, "e\x1b[2J", 5);
	put_section(&f);
	put_interface(&f, LINKTYPE_ETHERNET, 0, &name);
	put_interface(&f, LINKTYPE_ETHERNET, 0, NULL);
	put_enhanced(&f, 0, 1, frame_a, 60);
	const struct seen *seen = see_file(&f);

	assert_clean(seen, 1);
	assert_non_null(strstr(seen->sources[0], ":e?[2J"));
	file_free(&f);
	file_free(&name);
}

static void simple_packets_have_the_last_time_and_stop_at_the_snap_length(void **state)
{
	(void)state;
	struct file f = { 0 };

	put_section(&f);
	put_interface(&f, LINKTYPE_ETHERNET, 20, NULL);
	put_simple(&f, 60, frame_a, 20);
	put_enhanced(&f, 0, 7000000, frame_a, 20);
	put_simple(&f, 18, frame_b, 18);
	const struct seen *seen = see_file(&f);

	assert_clean(seen, 3);
	assert_int_equal(seen->frames[0].at.ns, 0);
	assert_int_equal(seen->frames[0].caplen, 20);
	assert_int_equal(seen->frames[0].len, 60);
	assert_int_equal(seen->frames[2].at.ns, 7000000000);
	assert_int_equal(seen->frames[2].caplen, 18);
	file_free(&f);
}

static void obsolete_packet_blocks_are_read(void **state)
{
	(void)state;
	for (int big = 0; big <= 1; big++) {
		struct file f = one_interface(big);

		put_obsolete(&f, 0, 0x123456789a, frame_b, 60);
		const struct seen *seen = see_file(&f);

		assert_clean(seen, 1);
		assert_int_equal(seen->frames[0].at.ns, 0x123456789a * 1000);
		assert_int_equal(seen->marks[0], 'b');
		file_free(&f);
	}
}

static void other_blocks_are_passed_over(void **state)
{
	(void)state;
	struct file f = one_interface(false), body = { 0 };

	put(&body, "whatever", 8);
	put_block(&f, 5, &body); /* interface statistics */
	put_enhanced(&f, 0, 1, frame_a, 60);
	put_block(&f, 0x80000bad, &body);
	put_enhanced(&f, 0, 2, frame_a, 60);
	assert_clean(see_file(&f), 2);
	file_free(&f);
	file_free(&body);
}

static void times_are_scaled_and_never_overflow(void **state)
{
	(void)state;
	const int64_t latest = INT64_MAX / 2;
	static const struct {
		uint64_t ticks, per_second;
		int64_t offset, ns;
	} cases[] = {
		{ 1, 1, 0, 1000000000 },
		{ 3, 1000, 0, 3000000 },
		{ 1700000000123456789, 1000000000, 0, 1700000000123456789 },
		{ 12345, 10000000000, 0, 1234 },
		{ 3ull << 31, 1ull << 32, 0, 1500000000 },
		{ 1, 1, 5, 6000000000 },
		{ 7, 1, -5, 2000000000 },
		{ 7, 1, -8, 0 },
		{ UINT64_MAX, 10000000000000000000u, 0, 1844674407 },
		{ UINT64_MAX, 1ull << 63, 0, 1999999999 },
		{ UINT64_MAX, 1, 0, INT64_MAX / 2 },
		{ UINT64_MAX, 1000000, 0, INT64_MAX / 2 },
		{ UINT64_MAX, 1000000000, 0, INT64_MAX / 2 },
		{ 1, 1000000, INT64_MAX, INT64_MAX / 2 },
		{ UINT64_MAX, 1, INT64_MAX, INT64_MAX / 2 },
		{ 0, 1, INT64_MIN, 0 },
		{ UINT64_MAX, 1, INT64_MIN, INT64_MAX / 2 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t ns = pcapng_moment(cases[i].ticks, cases[i].per_second, cases[i].offset).ns;

		if (ns != cases[i].ns)
			fail_msg("case %zu: %lld", i, (long long)ns);
		assert_true(ns >= 0 && ns <= latest);
	}
}

static void time_resolutions_are_read_or_refused(void **state)
{
	(void)state;
	static const struct {
		uint8_t value;
		uint64_t ticks;
		int64_t ns; /* -1: refused */
		bool fine;
	} cases[] = {
		{ 0, 2, 2000000000, false },
		{ 3, 2500, 2500000000, false },
		{ 6, 5, 5000, false },
		{ 7, 12345678, 1234567800, true },
		{ 9, 5, 5, true },
		{ 12, 5000, 5, true },
		{ 19, UINT64_MAX, 1844674407, true },
		{ 20, 1, -1, false },
		{ 0x80, 3, 3000000000, false },
		{ 0x8a, 1536, 1500000000, false },
		{ 0xbf, 1ull << 63, 1000000000, true },
		{ 0xc0, 1, -1, false },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct file f = { 0 }, options = { 0 };

		put_option(&options, 9, &cases[i].value, 1);
		put_section(&f);
		put_interface(&f, LINKTYPE_ETHERNET, 0, &options);
		put_enhanced(&f, 0, cases[i].ticks, frame_a, 60);
		const struct seen *seen = see_file(&f);

		if (cases[i].ns < 0) {
			assert_one_complaint(seen, 0, "resolution");
		} else {
			assert_clean(seen, 1);
			assert_int_equal(seen->frames[0].at.ns, cases[i].ns);
			assert_int_equal(seen->nanoseconds, cases[i].fine);
		}
		file_free(&f);
		file_free(&options);
	}
}

/* A good packet, then a body of this many bytes of a block of this type. */
static const struct seen *see_second_block(uint32_t type, const char *body, size_t n)
{
	struct file f = one_interface(false), b = { 0 };

	put_enhanced(&f, 0, 1, frame_a, 60);
	put(&b, body, n);
	put_block(&f, type, &b);
	const struct seen *seen = see_file(&f);

	file_free(&f);
	file_free(&b);
	return seen;
}

static void blocks_too_short_for_their_fields_are_refused(void **state)
{
	(void)state;
	static const char zeros[32];

	for (size_t n = 0; n < 20; n += 4)
		assert_one_complaint(see_second_block(6, zeros, n), 1,
				     "packet 2: a packet block that is too short");
	for (size_t n = 0; n < 20; n += 4)
		assert_one_complaint(see_second_block(2, zeros, n), 1,
				     "packet 2: a packet block that is too short");
	assert_one_complaint(see_second_block(3, zeros, 0), 1, "packet 2: a packet block that is too short");
	for (size_t n = 0; n < 8; n += 4)
		assert_one_complaint(see_second_block(1, zeros, n), 1,
				     "interface description that is too short");
	assert_one_complaint(see_second_block(0x0a0d0d0a, "\x4d\x3c\x2b\x1a\1\0\0\0\0\0\0\0", 12), 1,
			     "section header that is too short");
	assert_one_complaint(see_second_block(0x0a0d0d0a, "\x4d\x3c\x2b\x1a\2\0\0\0\0\0\0\0\0\0\0\0", 16), 1,
			     "version 2.0");
	assert_one_complaint(see_second_block(0x0a0d0d0a, "\x4d\x3c\x2b\x1b\1\0\0\0\0\0\0\0\0\0\0\0", 16), 1,
			     "byte order mark");
}

static void packets_that_lie_are_refused(void **state)
{
	(void)state;
	/* captured length 5 in a block with 4 bytes; an interface that was not described */
	assert_one_complaint(see_second_block(6, "\0\0\0\0\0\0\0\0\0\0\0\0\5\0\0\0\5\0\0\0abcd", 24), 1,
			     "packet 2: a captured length (5) beyond");
	assert_one_complaint(see_second_block(6, "\0\0\0\0\0\0\0\0\0\0\0\0\xff\xff\xff\xff\5\0\0\0abcd", 24),
			     1, "packet 2: a captured length (4294967295) beyond");
	assert_one_complaint(see_second_block(6, "\1\0\0\0\0\0\0\0\0\0\0\0\4\0\0\0\4\0\0\0abcd", 24), 1,
			     "packet 2: a packet of interface 1");
	assert_one_complaint(see_second_block(2, "\1\0\0\0\0\0\0\0\0\0\0\0\4\0\0\0\4\0\0\0abcd", 24), 1,
			     "packet 2: a packet of interface 1");
	assert_one_complaint(see_second_block(3, "\5\0\0\0abcd", 8), 1,
			     "packet 2: a captured length (5) beyond");
}

static void a_longer_capture_than_the_frame_is_taken_as_the_frame(void **state)
{
	(void)state;
	const struct seen *seen = see_second_block(6, "\0\0\0\0\0\0\0\0\0\0\0\0\4\0\0\0\2\0\0\0abcd", 24);

	assert_clean(seen, 2);
	assert_int_equal(seen->frames[1].len, 4);
}

static void interface_options_that_lie_are_refused(void **state)
{
	(void)state;
	assert_one_complaint(see_second_block(1, "\1\0\0\0\0\0\0\0\2\0\5\0abcd", 16), 1,
			     "option longer than its block");
	assert_one_complaint(see_second_block(1, "\1\0\0\0\0\0\0\0\x0e\0\4\0abcd", 16), 1, "time offset");
	assert_one_complaint(see_second_block(1, "\1\0\0\0\0\0\0\0\x09\0\0\0", 12), 1, "time resolution");
	assert_clean(see_second_block(1, "\1\0\0\0\0\0\0\0\0\0\0\0\x09\0\0\0", 16), 1); /* after the end */
}

static void block_lengths_that_lie_are_refused(void **state)
{
	(void)state;
	static const struct {
		size_t at; /* from the end of the first packet */
		uint32_t length;
		const char *says;
	} cases[] = {
		{ 4, 0, "garbage" },
		{ 4, 8, "garbage" },
		{ 4, 91, "whose length cannot be 91" },
		{ 4, 0xfffffffc, "garbage" },
		{ 4, 0x01000004, "garbage" },
		{ 4, 0x01000000, "middle of a packet" },
		{ 4, 88, "garbage" },
		{ 4, 96, "middle of a packet" },
		{ 88, 96, "garbage" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct file f = one_interface(false), lie = { 0 };

		put_enhanced(&f, 0, 1, frame_a, 60);
		size_t first = f.n;

		put_enhanced(&f, 0, 2, frame_b, 60);
		assert_int_equal(f.n - first, 92);
		put32(&lie, cases[i].length);
		memcpy(f.bytes + first + cases[i].at, lie.bytes, 4);
		const struct seen *seen = see_file(&f);

		assert_one_complaint(seen, 1, cases[i].says);
		assert_non_null(strstr(seen->complaints[0].text, "packet 2: "));
		file_free(&f);
		file_free(&lie);
	}
}

static void garbage_between_blocks_ends_the_file_there(void **state)
{
	(void)state;
	struct file f = one_interface(false);

	put_enhanced(&f, 0, 1, frame_a, 60);
	put(&f, "GET / HTTP/1.1\r\n", 16);
	put_enhanced(&f, 0, 2, frame_a, 60);
	assert_one_complaint(see_file(&f), 1, "packet 2: garbage");
	file_free(&f);
}

static void too_many_interfaces_are_refused(void **state)
{
	(void)state;
	struct file f = { 0 };

	put_section(&f);
	for (int i = 0; i < PCAPNG_MAX_INTERFACES; i++)
		put_interface(&f, LINKTYPE_ETHERNET, 0, NULL);
	put_enhanced(&f, PCAPNG_MAX_INTERFACES - 1, 1, frame_a, 60);
	assert_clean(see_file(&f), 1);
	put_interface(&f, LINKTYPE_ETHERNET, 0, NULL);
	assert_one_complaint(see_file(&f), 1, "more than 65536 interfaces");
	file_free(&f);
}

static void an_unknown_link_is_told_once_per_interface_and_its_frames_come(void **state)
{
	(void)state;
	struct file f = { 0 };

	put_section(&f);
	put_interface(&f, LINKTYPE_ETHERNET, 0, NULL);
	put_interface(&f, LINKTYPE_MTP2, 0, NULL);
	put_interface(&f, 147, 0, NULL);
	put_enhanced(&f, 0, 1, frame_a, 60);
	put_enhanced(&f, 1, 2, frame_a, 60);
	put_enhanced(&f, 1, 3, frame_a, 60);
	put_enhanced(&f, 0, 4, frame_a, 60);
	const struct seen *seen = see_file(&f);

	assert_one_complaint(seen, 4, "packet 2: link type 140 (MTP2) is not decoded");
	assert_int_equal(seen->frames[1].link, DLT_MTP2);
	put_interface(&f, LINKTYPE_MTP2, 0, NULL);
	put_enhanced(&f, 3, 5, frame_a, 60);
	seen = see_file(&f);
	assert_int_equal(seen->complained, 2);
	assert_int_equal(seen->failed, 1); /* one file */
	file_free(&f);
}

/* Any one byte of a file changed to anything: no crash, and an end. */
static void survives_any_changed_byte(void **state)
{
	(void)state;
	struct file f = { 0 }, options = { 0 };

	put_option(&options, 2, "eth0", 4);
	put_option(&options, 9, "\x06", 1);
	put_section(&f);
	put_interface(&f, LINKTYPE_ETHERNET, 0, &options);
	put_enhanced(&f, 0, 1, frame_a, 9);
	put_simple(&f, 8, frame_b, 8);
	put_obsolete(&f, 0, 2, frame_b, 8);
	static const uint8_t values[] = { 0, 1, 0x7f, 0x80, 0xff };

	for (size_t at = 0; at < f.n; at++) {
		uint8_t was = f.bytes[at];

		for (size_t i = 0; i < sizeof values; i++) {
			f.bytes[at] = values[i];
			const struct seen *seen = see_file(&f);

			assert_true(seen->count <= 3);
			assert_true(seen->complained <= 2);
		}
		f.bytes[at] = was;
	}
	file_free(&f);
	file_free(&options);
}

/* Whole packets of all kinds of blocks, times and byte orders, next to each other. */
static struct file mixed(void)
{
	struct file f = { 0 }, nano = { 0 }, odd = { 0 };

	put_option(&nano, 9, "\x09", 1);
	put_option(&odd, 9, "\x02", 1);
	put_option(&odd, 14, "\x0a\0\0\0\0\0\0\0", 8);
	put_section(&f);
	put_interface(&f, LINKTYPE_ETHERNET, 0, NULL);
	put_interface(&f, LINKTYPE_SLL, 0, &nano);
	put_interface(&f, LINKTYPE_ETHERNET, 20, &odd);
	for (uint32_t i = 0; i < 3; i++) {
		put_enhanced(&f, 0, 1700000000123456, frame_a, 9);
		put_enhanced(&f, i, 1700000000123457 + i, frame_b, 12);
	}
	put_simple(&f, 18, frame_b, 18);
	put_enhanced(&f, 1, UINT64_MAX - 1, frame_b, 8);
	put_obsolete(&f, 2, 5, frame_a, 4);
	put_enhanced(&f, 2, 7, frame_b, 5);
	f.big = true;
	put_section(&f);
	put_interface(&f, LINKTYPE_ETHERNET, 0, NULL);
	put_enhanced(&f, 0, 1, frame_a, 0);
	put_enhanced(&f, 0, 2, frame_a, 60);
	put_enhanced(&f, 0, 3, frame_b, 7);
	file_free(&nano);
	file_free(&odd);
	return f;
}

static uint64_t compare(const char *path, const struct file *f, size_t buffer)
{
	FILE *out = fopen(path, "wb");

	assert_non_null(out);
	assert_int_equal(fwrite(f->bytes, 1, f->n, out), f->n);
	assert_int_equal(fclose(out), 0);
	return readers_compare(path, buffer);
}

/* Of damaged files, too: packets taken several at a time are those that come one at a time. */
static void packets_at_hand_are_the_same(void **state)
{
	(void)state;
	static const uint8_t values[] = { 0, 1, 2, 40, 0x80, 0xff };
	struct file f = mixed();
	const char *path = file_write("mixed", &f);

	assert_int_equal(compare(path, &f, 65536), 13);
	for (size_t at = 0; at < f.n; at++) {
		uint8_t was = f.bytes[at];

		for (size_t i = 0; i < sizeof values; i++) {
			f.bytes[at] = values[i];
			compare(path, &f, i == 0 ? 150 : 65536);
		}
		f.bytes[at] = was;
	}
	for (; f.n > 0; f.n--)
		compare(path, &f, 65536);
	file_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_enhanced_packets_of_either_byte_order),
		cmocka_unit_test(sections_may_differ_in_byte_order),
		cmocka_unit_test(interfaces_differ_in_link_name_and_resolution),
		cmocka_unit_test(an_interface_that_returns_in_a_later_section_keeps_its_source),
		cmocka_unit_test(interface_names_cannot_hold_control_characters),
		cmocka_unit_test(simple_packets_have_the_last_time_and_stop_at_the_snap_length),
		cmocka_unit_test(obsolete_packet_blocks_are_read),
		cmocka_unit_test(other_blocks_are_passed_over),
		cmocka_unit_test(times_are_scaled_and_never_overflow),
		cmocka_unit_test(time_resolutions_are_read_or_refused),
		cmocka_unit_test(blocks_too_short_for_their_fields_are_refused),
		cmocka_unit_test(packets_that_lie_are_refused),
		cmocka_unit_test(a_longer_capture_than_the_frame_is_taken_as_the_frame),
		cmocka_unit_test(interface_options_that_lie_are_refused),
		cmocka_unit_test(block_lengths_that_lie_are_refused),
		cmocka_unit_test(garbage_between_blocks_ends_the_file_there),
		cmocka_unit_test(too_many_interfaces_are_refused),
		cmocka_unit_test(an_unknown_link_is_told_once_per_interface_and_its_frames_come),
		cmocka_unit_test(survives_any_changed_byte),
		cmocka_unit_test(packets_at_hand_are_the_same),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
