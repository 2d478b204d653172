/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_usual.c - the shortcut for usual frames against the layers: the same segments, the same counts.
 *
 * On every capture there is, whole and with each frame cut, lengthened in its headers and damaged in every
 * byte of them.
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

enum { HEADERS = 14 + 40 + 60, FRAMES_DAMAGED = 400 };

struct both {
	struct dissector *shortcut, *layers;
	uint64_t segments;
};

static struct both both_new(void)
{
	const struct dissect_options shortcut = { .no_reassembly = true };
	const struct dissect_options layers = { .no_reassembly = true, .no_shortcut = true };
	struct both both = { .shortcut = dissector_new(&shortcut), .layers = dissector_new(&layers) };

	assert_non_null(both.shortcut);
	assert_non_null(both.layers);
	return both;
}

static void both_free(struct both *both)
{
	dissector_free(both->shortcut);
	dissector_free(both->layers);
}

/* The frame's bytes stand in a block of just their size, so that a read beyond them is seen. */
static void compare(struct both *both, const struct frame *frame)
{
	struct frame copy = *frame;
	uint8_t *bytes = malloc(frame->caplen ? frame->caplen : 1);
	struct segment a, b;
	bool got_a, got_b;

	memcpy(bytes, frame->bytes, frame->caplen);
	copy.bytes = bytes;
	/* What the segment's place held before must not shine through. */
	memset(&a, 0xa5, sizeof a);
	memset(&b, 0x5a, sizeof b);
	got_a = dissect_frame(both->shortcut, &copy, &a);
	got_b = dissect_frame(both->layers, &copy, &b);
	assert_int_equal(got_a, got_b);
	if (got_a)
		assert_same_segment(&a, &b);
	both->segments += got_a;
	free(bytes);
}

static void compare_counts(const struct both *both)
{
	struct dissect_counts a = dissect_counts(both->shortcut), b = dissect_counts(both->layers);

	assert_int_equal(a.frames, b.frames);
	assert_memory_equal(a.by_result, b.by_result, sizeof a.by_result);
	assert_int_equal(a.oversized, b.oversized);
	assert_int_equal(a.bad_checksum, b.bad_checksum);
	assert_int_equal(a.checksum_tried, b.checksum_tried);
	assert_int_equal(a.cut, b.cut);
}

/* The frame shortened to every length its headers may have, and with every byte of them changed. */
static void compare_damaged(struct both *both, const struct frame *frame)
{
	uint32_t end = frame->caplen < HEADERS ? frame->caplen : HEADERS;
	uint8_t bytes[HEADERS];
	struct frame damaged = *frame;

	memcpy(bytes, frame->bytes, end);
	damaged.bytes = bytes;
	for (uint32_t n = 0; n <= end; n++) {
		damaged.caplen = n;
		damaged.len = frame->len;
		compare(both, &damaged);
		damaged.len = n;
		compare(both, &damaged);
	}
	damaged.caplen = end;
	damaged.len = frame->len;
	for (uint32_t i = 0; i < end; i++) {
		for (int change = 1; change < 256; change += 42) {
			bytes[i] = (uint8_t)(frame->bytes[i] + change);
			compare(both, &damaged);
		}
		bytes[i] = frame->bytes[i];
	}
}

static void ignore(void *context, const struct capture_error *error)
{
	(void)context;
	(void)error;
}

static uint64_t compare_file(const char *name)
{
	const struct capture_options options = { 0 };
	struct captures *captures = captures_open(&name, 1, &options, ignore, NULL);
	struct both whole = both_new(), damaged = both_new();
	struct frame frame;
	uint64_t segments, n = 0;

	assert_non_null(captures);
	while (captures_next(captures, &frame)) {
		compare(&whole, &frame);
		if (n++ < FRAMES_DAMAGED)
			compare_damaged(&damaged, &frame);
	}
	compare_counts(&whole);
	compare_counts(&damaged);
	segments = whole.segments;
	both_free(&whole);
	both_free(&damaged);
	captures_close(captures);
	return segments;
}

static uint64_t compare_all(const char *pattern)
{
	uint64_t segments = 0;
	glob_t files;

	if (glob(pattern, 0, NULL, &files) != 0)
		return 0;
	for (size_t i = 0; i < files.gl_pathc; i++)
		segments += compare_file(files.gl_pathv[i]);
	globfree(&files);
	return segments;
}

static void test_generated(void **state)
{
	const char *name = file_path("generated.pcap");
	char command[512];

	(void)state;
	snprintf(command, sizeof command, "%s -n 300 -w %s >/dev/null 2>&1", GENERATE, name);
	assert_int_equal(system(command), 0);
	assert_true(compare_file(name) > 3000);
	files_remove();
}

static void test_shared_captures(void **state)
{
	(void)state;
	if (compare_all(SHARED_DIR "/captures/*.pcap*") == 0) {
		print_message("../shared/captures is not there\n");
		skip();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_generated),
		cmocka_unit_test(test_shared_captures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
