/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Captures of every format, whole, cut short and damaged; several of them merged; filters. */
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

enum { LINKTYPE_ETHERNET = 1, LINKTYPE_NFLOG = 239, MICRO = 0xa1b2c3d4, NANO = 0xa1b23c4d };

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

static void assert_clean(const struct seen *seen, size_t frames)
{
	if (seen->complained > 0)
		fail_msg("unexpected: %s", seen->complaints[0].text);
	assert_int_equal(seen->count, frames);
	assert_int_equal(seen->failed, 0);
}

static void assert_says(const struct seen *seen, size_t complaint, const char *text)
{
	assert_true(seen->complained > complaint);
	if (!strstr(seen->complaints[complaint].text, text))
		fail_msg("\"%s\" does not say \"%s\"", seen->complaints[complaint].text, text);
}

static void assert_one_complaint(const struct seen *seen, size_t frames, const char *text)
{
	assert_says(seen, 0, text);
	assert_int_equal(seen->complained, 1);
	assert_int_equal(seen->failed, 1);
	assert_int_equal(seen->count, frames);
}

enum { FORMATS = 5 };

/* Two packets, at 1,700,000,000.000001 and .5 seconds, in each of the formats. */
static struct file two_packets(int format)
{
	struct file f = { .big = format % 2 == 1 };

	if (format == 4) {
		put_section(&f);
		put_interface(&f, LINKTYPE_ETHERNET, 0, NULL);
		put_enhanced(&f, 0, 1700000000000001, frame_a, 60);
		put_enhanced(&f, 0, 1700000000500000, frame_b, 60);
		return f;
	}
	uint32_t scale = format / 2 == 1 ? 1000 : 1;

	put_pcap(&f, scale == 1000 ? NANO : MICRO, LINKTYPE_ETHERNET);
	put_pcap_frame(&f, 1700000000, scale, frame_a, 60);
	put_pcap_frame(&f, 1700000000, 500000 * scale, frame_b, 60);
	return f;
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

	put_pcap(&plain, MICRO, LINKTYPE_ETHERNET);
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

	put_pcap(&f, MICRO, LINKTYPE_ETHERNET);
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

	put_pcap(&f, MICRO, 10);
	put_pcap_frame(&f, 1, 0, frame_a, 60);
	put_pcap_frame(&f, 2, 0, frame_a, 60);
	assert_one_complaint(see_file(&f), 2, "/one: link type 10 (FDDI) is not decoded");
	file_free(&f);
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

static void no_file_is_no_frame(void **state)
{
	(void)state;
	assert_clean(see(NULL, 0, NULL), 0);
}

/* A capture of frames marked with 'mark' at these seconds (0 ends the list). */
static const char *file_at(const char *name, uint8_t mark, const uint32_t *seconds)
{
	struct file f = { 0 };
	uint8_t frame[FRAME_SIZE];

	frame_marked(frame, mark);
	put_pcap(&f, MICRO, LINKTYPE_ETHERNET);
	for (; *seconds; seconds++)
		put_pcap_frame(&f, *seconds, 0, frame, 60);
	const char *path = file_write(name, &f);

	file_free(&f);
	return path;
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

	put_pcap(&f, MICRO, LINKTYPE_ETHERNET);
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
	struct file f = { 0 };

	put_pcap(&f, MICRO, LINKTYPE_NFLOG);
	put_pcap_frame(&f, 1, 0, frame_a, 60);
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
		cmocka_unit_test_teardown(what_cannot_be_opened_is_told_at_opening, remove_files),
		cmocka_unit_test_teardown(a_file_without_permission_is_told, remove_files),
		cmocka_unit_test_teardown(nothing_is_read_before_the_first_frame_is_asked_for, remove_files),
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

	return cmocka_run_group_tests(tests, group_setup, remove_files);
}
