/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_in_one_go.c - segments that come in one go (captures_segments()) against frame by frame and layer by
 * layer: the same segments, numbers, counts and complaints.
 *
 * On every capture there is, on generated ones in each format, and on these cut anywhere and damaged.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture_file.h"
#include "dissect/capture.h"
#include "dissect/dissect.h"
#include "same_segment.h"

enum { ROOM_MOST = 130 };

/* One way to read a file. */
struct way {
	struct captures *captures;
	struct dissector *dissector;
	struct capture_error complaint; /* the last */
	size_t complained;
};

static void keep_complaint(void *context, const struct capture_error *error)
{
	struct way *way = context;

	way->complaint = *error;
	way->complained++;
}

static void way_open(struct way *way, const char *const *names, size_t n, bool shortcut)
{
	const struct capture_options capture = { 0 };
	const struct dissect_options dissect = { .no_reassembly = true, .no_shortcut = !shortcut };

	*way = (struct way){ .captures = captures_open(names, n, &capture, keep_complaint, way),
			     .dissector = dissector_new(&dissect) };
	assert_non_null(way->captures);
	assert_non_null(way->dissector);
}

static void way_close(struct way *way)
{
	captures_close(way->captures);
	dissector_free(way->dissector);
}

/* The next frame, decoded. False: there is none. */
static bool next(struct way *way, struct frame *frame, bool *got, struct segment *segment)
{
	if (captures_next(way->captures, frame) != CAPTURES_FRAME)
		return false;
	*got = dissect_frame(way->dissector, frame, segment);
	return true;
}

/* What comes in one go, and the same by the layers. Returns how many. */
static size_t compare_segments(struct way *fast, struct way *slow, size_t room)
{
	struct segment segments[ROOM_MOST], segment;
	struct frame frame;
	bool got;

	memset(segments, 0xa5, sizeof segments);
	size_t n = captures_segments(fast->captures, fast->dissector, segments, room);

	assert_in_range(n, 0, room);
	for (size_t i = 0; i < n; i++) {
		assert_true(next(slow, &frame, &got, &segment) && got);
		assert_same_segment(&segments[i], &segment);
	}
	return n;
}

/* The frame that comes then. False: there is none. */
static bool compare_next(struct way *fast, struct way *slow)
{
	struct frame frame_a, frame_b;
	struct segment a, b;
	bool got_a = false, got_b = false, is = next(fast, &frame_a, &got_a, &a);

	assert_int_equal(is, next(slow, &frame_b, &got_b, &b));
	if (!is)
		return false;
	assert_int_equal(frame_a.at.ns, frame_b.at.ns);
	assert_int_equal(frame_a.packet, frame_b.packet);
	assert_int_equal(frame_a.source, frame_b.source);
	assert_int_equal(got_a, got_b);
	if (got_a)
		assert_same_segment(&a, &b);
	return true;
}

static void compare_ends(const struct way *fast, const struct way *slow)
{
	struct dissect_counts a = dissect_counts(fast->dissector), b = dissect_counts(slow->dissector);

	assert_memory_equal(a.by_result, b.by_result, sizeof a.by_result);
	assert_int_equal(a.frames, b.frames);
	assert_int_equal(a.oversized, b.oversized);
	assert_int_equal(a.bad_checksum, b.bad_checksum);
	assert_int_equal(a.checksum_tried, b.checksum_tried);
	assert_int_equal(a.cut, b.cut);
	assert_int_equal(captures_packets(fast->captures), captures_packets(slow->captures));
	assert_int_equal(fast->complained, slow->complained);
	assert_string_equal(fast->complaint.text, slow->complaint.text);
}

/* Returns how many segments came in one go. */
static uint64_t compare_files(const char *const *names, size_t n)
{
	struct way fast, slow;
	uint64_t segments = 0;
	size_t room = 0;

	way_open(&fast, names, n, true);
	way_open(&slow, names, n, false);
	do {
		room = (room + 1) % (ROOM_MOST + 1);
		segments += compare_segments(&fast, &slow, room);
	} while (compare_next(&fast, &slow));
	assert_int_equal(compare_segments(&fast, &slow, 1), 0);
	compare_ends(&fast, &slow);
	way_close(&fast);
	way_close(&slow);
	return segments;
}

static uint64_t compare_file(const char *name)
{
	return compare_files(&name, 1);
}

static struct file file_read(const char *name)
{
	struct file f = { 0 };
	uint8_t bytes[4096];
	FILE *in = fopen(name, "rb");
	size_t n;

	assert_non_null(in);
	while ((n = fread(bytes, 1, sizeof bytes, in)) > 0)
		put(&f, bytes, n);
	fclose(in);
	return f;
}

static uint32_t random_next(uint32_t *seed)
{
	return *seed = *seed * 1664525 + 1013904223;
}

/* A few bytes anywhere, most often in what is not payload. */
static void damage(struct file *f, uint32_t *seed)
{
	for (uint32_t i = 0; i <= random_next(seed) >> 30; i++)
		f->bytes[(random_next(seed) >> 8) % f->n] ^= (uint8_t)(1u << (random_next(seed) >> 29));
}

/* So many times cut anywhere, or damaged. */
static void compare_damaged(const char *name, int times)
{
	struct file whole = file_read(name);
	const char *path = file_path("damaged");
	uint32_t seed = 1;

	for (int i = 0; i < times; i++) {
		struct file f = { 0 };

		put(&f, whole.bytes, i % 2 ? whole.n : 1 + (random_next(&seed) >> 8) % whole.n);
		if (i % 2)
			damage(&f, &seed);
		FILE *out = fopen(path, "wb");

		assert_non_null(out);
		assert_int_equal(fwrite(f.bytes, 1, f.n, out), f.n);
		assert_int_equal(fclose(out), 0);
		file_free(&f);
		compare_file(path);
	}
	file_free(&whole);
}

/* A generated capture of so many connections. */
static const char *generated(int connections, const char *format)
{
	const char *name = file_path(format);
	char command[512];

	snprintf(command, sizeof command, "%s -n %d -f %s %s >/dev/null 2>&1", GENERATE, connections, format,
		 name);
	assert_int_equal(system(command), 0);
	return name;
}

/* Numbers of so many bytes each, in the other byte order. */
static void put_turned(struct file *f, const uint8_t *numbers, size_t n, size_t size)
{
	for (size_t at = 0; at < n; at++)
		put(f, &numbers[at / size * size + size - 1 - at % size], 1);
}

/* A pcap file in the other byte order. */
static const char *turned(const char *name)
{
	enum { HEAD = 24, RECORD_HEAD = 16 };
	struct file plain = file_read(name), f = { 0 };
	uint32_t captured;

	put_turned(&f, plain.bytes, 4, 4);
	put_turned(&f, plain.bytes + 4, 4, 2);
	put_turned(&f, plain.bytes + 8, HEAD - 8, 4);
	for (size_t at = HEAD; at < plain.n; at += RECORD_HEAD + captured) {
		memcpy(&captured, plain.bytes + at + 8, sizeof captured);
		put_turned(&f, plain.bytes + at, RECORD_HEAD, 4);
		put(&f, plain.bytes + at + RECORD_HEAD, captured);
	}
	const char *written = file_write("turned", &f);

	file_free(&plain);
	file_free(&f);
	return written;
}

static void generated_captures(void **state)
{
	(void)state;
	assert_true(compare_file(generated(300, "pcap")) > 3000);
	assert_true(compare_file(generated(300, "nanosecond")) > 3000);
	assert_true(compare_file(generated(300, "pcapng")) > 3000);
	assert_int_equal(compare_file(turned(generated(300, "pcap"))), 0);
	files_remove();
}

/* Not while there is something to merge, but when only one is left. */
static void merged_captures(void **state)
{
	static const char *const formats[] = { "pcap", "pcapng" };

	(void)state;
	for (int i = 0; i < 2; i++) {
		const char *many = generated(300, formats[i]), *few = generated(1, formats[!i]);

		assert_true(compare_files((const char *[]){ many, few }, 2) > 3000);
		assert_true(compare_files((const char *[]){ few, many }, 2) > 3000);
	}
	files_remove();
}

/* It has the time of the packet before it (pcapng.h). */
static void a_packet_without_a_time_behind_such_that_come_in_one_go(void **state)
{
	(void)state;
	struct file f = file_read(generated(300, "pcapng"));
	uint8_t frame[FRAME_SIZE];

	frame_marked(frame, 'a');
	put_simple(&f, sizeof frame, frame, sizeof frame);
	assert_true(compare_file(file_write("simple", &f)) > 10);
	file_free(&f);
	files_remove();
}

static void damaged_captures(void **state)
{
	(void)state;
	compare_damaged(generated(100, "pcap"), 300);
	compare_damaged(generated(100, "pcapng"), 300);
	files_remove();
}

static void shared_captures(void **state)
{
	uint64_t segments = 0;
	glob_t files;

	(void)state;
	if (glob(SHARED_DIR "/captures/*.*[pa]*", 0, NULL, &files) != 0) {
		print_message("../shared/captures is not there\n");
		skip();
	}
	for (size_t i = 0; i < files.gl_pathc; i++) {
		segments += compare_file(files.gl_pathv[i]);
		compare_damaged(files.gl_pathv[i], 6);
		files_remove();
	}
	assert_true(segments > 1000);
	globfree(&files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(generated_captures),
		cmocka_unit_test(merged_captures),
		cmocka_unit_test(a_packet_without_a_time_behind_such_that_come_in_one_go),
		cmocka_unit_test(damaged_captures),
		cmocka_unit_test(shared_captures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
