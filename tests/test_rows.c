/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_rows.c - rows of any length come out whole and in order, in pieces of a file or one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "capture_file.h"
#include "ui/report.h"

enum { PIECE = 128 * 1024, HEAD = 100, ALL_MAX = 4 << 20 };

/* Some end right at the end of a piece, or are as long as any may be. */
static const size_t lengths[] = {
	1,  1000, PIECE - HEAD - 1001, 1, PIECE, REPORT_ROW_MAX, REPORT_ROW_MAX - 1, 1, 1,
	77, 3000, REPORT_ROW_MAX
};

enum { ROWS = sizeof lengths / sizeof *lengths };

static char expected[ALL_MAX], found[ALL_MAX];
static size_t expected_length;

static void put_pattern(struct text *text, size_t n, uint64_t which)
{
	for (size_t i = 0; i < n; i++)
		text_char(text, (char)('a' + (which * 7 + i) % 23));
}

static void head(struct text *text, const struct report_options *options)
{
	(void)options;
	put_pattern(text, HEAD, 0);
}

static void row(struct text *text, const struct row *row, const struct report_options *options)
{
	(void)options;
	put_pattern(text, lengths[row->record->first_packet % ROWS], row->record->first_packet);
}

static const struct report_format format = { .head = head, .row = row };

static void expect(size_t rows)
{
	struct text text = { .bytes = expected, .size = sizeof expected };

	head(&text, NULL);
	for (uint64_t i = 0; i < rows; i++)
		put_pattern(&text, lengths[i % ROWS], i);
	assert_false(text.cut);
	expected_length = text.length;
}

static size_t file_size(const struct output *output)
{
	struct stat status;

	assert_int_equal(fstat(output->fd, &status), 0);
	return (size_t)status.st_size;
}

static void ignore(void *context, const struct capture_error *error)
{
	(void)context;
	fail_msg("%s", error->text);
}

static struct captures *open_captures(void)
{
	static const uint32_t seconds[] = { 1, 0 };
	const char *name = file_at("one", 'a', seconds);
	struct captures *captures = captures_open(&name, 1, &(struct capture_options){ 0 }, ignore, NULL);

	assert_non_null(captures);
	return captures;
}

static void write_rows(struct output *output, struct captures *captures, size_t rows, bool at_once)
{
	const struct report_options options = { .at_once = at_once };
	struct report *report = report_new(&format, output, &options, captures);

	assert_non_null(report);
	for (size_t i = 0, all = HEAD; i < rows; i++) {
		const struct record record = { .first_packet = i };

		report_sink(report)->record(report_sink(report), &record);
		all += lengths[i % ROWS];
		assert_int_equal(file_size(output), at_once ? all : all - all % PIECE);
	}
	report_finish(report);
	report_free(report);
}

static void assert_rows(size_t rows, bool at_once)
{
	struct captures *captures = open_captures();
	struct output output;
	FILE *file;

	assert_true(output_open(&output, file_path("rows")));
	expect(rows);
	write_rows(&output, captures, rows, at_once);
	assert_true(output_close(&output));
	file = fopen(file_path("rows"), "r");
	assert_non_null(file);
	assert_int_equal(fread(found, 1, sizeof found, file), expected_length);
	assert_memory_equal(found, expected, expected_length);
	fclose(file);
	captures_close(captures);
	files_remove();
}

static void rows_are_whole(void **state)
{
	(void)state;
	for (size_t rows = 0; rows <= 3 * ROWS; rows++) {
		assert_rows(rows, false);
		assert_rows(rows, true);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
