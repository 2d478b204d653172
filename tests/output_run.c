/* SPDX-License-Identifier: GPL-2.0-or-later */
/* output_run.c - see output_run.h. */
#include "output_run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct outlet *run_open(struct run *run, const char *name, const char *head, struct rotation rotation,
			uint64_t keep)
{
	const struct outlet_options options = {
		.series = { .name = name,
			    .rotation = rotation,
			    .keep = keep,
			    .opener = &run->opener->opener },
		.head = head,
		.head_length = head ? strlen(head) : 0,
		.begin = "{\"",
	};

	run->outlet = outlet_open(&options, run->now);
	return run->outlet;
}

struct run start(const char *name, struct rotation rotation)
{
	struct run run = { .opener = test_opener(), .now = utc("2026-11-20 14:00:00") };

	assert_non_null(run_open(&run, name, HEAD, rotation, 0));
	return run;
}

void row(struct run *run, size_t length)
{
	char bytes[1024];
	int head = snprintf(bytes, sizeof bytes, "%06u,", run->n++);

	assert_true(length < sizeof bytes && length > (size_t)head);
	memset(bytes + head, 'x', length - (size_t)head);
	bytes[length - 1] = '\n';
	outlet_row(run->outlet, bytes, length);
}

void pass(struct run *run, int64_t ns)
{
	for (int64_t end = run->now + ns; run->now < end;) {
		run->now += 100 * MS;
		outlet_tick(run->outlet, run->now);
	}
}

bool end(struct run *run)
{
	bool fine = outlet_close(run->outlet);

	outlet_free(run->outlet);
	return fine;
}

unsigned int whole_row(const char *text, size_t *length)
{
	const char *newline = strchr(text, '\n');
	char *after;
	unsigned int n;

	assert_non_null(newline);
	n = (unsigned int)strtoul(text, &after, 10);
	assert_true(after == text + 6 && *after == ',');
	assert_true(strspn(after + 1, "x") == (size_t)(newline - after - 1));
	*length = (size_t)(newline - text) + 1;
	return n;
}

unsigned int assert_whole(const char *name, unsigned int *last)
{
	const char *text = file_text(name);
	unsigned int rows = 0;

	assert_non_null(text);
	assert_memory_equal(text, HEAD, strlen(HEAD));
	for (text += strlen(HEAD); *text; rows++) {
		size_t length;
		unsigned int n = whole_row(text, &length);

		assert_true(rows == 0 || n > *last);
		*last = n;
		text += length;
	}
	return rows;
}
