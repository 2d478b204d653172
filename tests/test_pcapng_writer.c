/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What pcapng_writer.h writes, read back: every frame, byte by byte, and its interface. */
#include "dissect/pcapng_writer.h"

#include "capture_file.h"

#include <pcap/dlt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int remove_files(void **state)
{
	(void)state;
	files_remove();
	return 0;
}

static void append(void *file, const void *bytes, size_t n)
{
	put(file, bytes, n);
}

static void frames_come_back_as_they_were(void **state)
{
	(void)state;
	struct file f = { 0 };
	struct pcapng_writer *w = pcapng_writer_new(true, append, &f);
	uint8_t bytes[70000];
	const struct frame frames[] = {
		{ .at = { 1700000000123456789 }, .caplen = 60, .len = 1500, .link = DLT_EN10MB, .source = 3 },
		{ .at = { 1700000000123456788 }, .caplen = 61, .len = 61, .link = DLT_RAW, .source = 0 },
		{ .at = { 0 }, .caplen = 62, .len = 62, .link = DLT_EN10MB, .source = 3 },
		{ .at = { INT64_MAX / 2 },
		  .caplen = 63,
		  .len = 63,
		  .link = DLT_LINUX_SLL2,
		  .source = UINT16_MAX },
		{ .at = { 5 },
		  .caplen = sizeof bytes,
		  .len = sizeof bytes,
		  .link = DLT_EN10MB,
		  .source = UINT16_MAX },
		{ .at = { 6 }, .caplen = 0, .len = 64, .link = DLT_RAW, .source = 0 },
	};
	enum { FRAMES = sizeof frames / sizeof *frames };

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * 7 + i / 256);
	for (int round = 0; round < 40; round++) {
		for (size_t i = 0; i < FRAMES; i++) {
			struct frame frame = frames[i];

			frame.bytes = bytes;
			assert_true(pcapng_writer_frame(w, &frame, i == 1 ? "eth1" : "b,\"ü"));
		}
	}
	pcapng_writer_finish(w);
	pcapng_writer_free(w);

	const char *name = file_write("written", &f);
	const struct capture_options options = { 0 };
	struct captures *c = captures_open(&name, 1, &options, NULL, NULL);
	struct frame frame;

	assert_non_null(c);
	for (int i = 0; i < 40 * FRAMES; i++) {
		const struct frame *expected = &frames[i % FRAMES];

		assert_int_equal(captures_next(c, &frame), 1);
		assert_int_equal(frame.at.ns, expected->at.ns);
		assert_int_equal(frame.caplen, expected->caplen);
		assert_int_equal(frame.len, expected->len);
		assert_int_equal(frame.link, expected->link);
		assert_memory_equal(frame.bytes, bytes, frame.caplen);
		if (i % FRAMES == 1)
			assert_non_null(strstr(captures_source(c, frame.source), ":eth1"));
	}
	assert_int_equal(captures_next(c, &frame), 0);
	assert_int_equal(captures_failed(c), 0);
	assert_true(captures_nanoseconds(c));
	captures_close(c);
	file_free(&f);
}

static void microseconds_stay_microseconds(void **state)
{
	(void)state;
	struct file f = { 0 };
	struct pcapng_writer *w = pcapng_writer_new(false, append, &f);
	const struct frame frame = { .at = { 1700000000123456999 },
				     .bytes = (const uint8_t *)"x",
				     .caplen = 1,
				     .len = 1,
				     .link = DLT_EN10MB };

	assert_true(pcapng_writer_frame(w, &frame, "file"));
	pcapng_writer_finish(w);
	pcapng_writer_free(w);
	const struct seen *seen = see_file(&f);

	assert_clean(seen, 1);
	assert_int_equal(seen->frames[0].at.ns, 1700000000123456000);
	assert_false(seen->nanoseconds);
	file_free(&f);
}

static void no_frame_is_a_capture_too(void **state)
{
	(void)state;
	struct file f = { 0 };
	struct pcapng_writer *w = pcapng_writer_new(false, append, &f);

	pcapng_writer_finish(w);
	pcapng_writer_free(w);
	assert_int_equal(f.n, 28);
	assert_clean(see_file(&f), 0);
	file_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(frames_come_back_as_they_were, remove_files),
		cmocka_unit_test_teardown(microseconds_stay_microseconds, remove_files),
		cmocka_unit_test_teardown(no_frame_is_a_capture_too, remove_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
