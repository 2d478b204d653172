/* SPDX-License-Identifier: GPL-2.0-or-later */
/* output_run.h - for tests of outlets: one with a clock of the test's, and rows that tell whether they are
 * whole. */
#ifndef LASTACK_TESTS_OUTPUT_RUN_H
#define LASTACK_TESTS_OUTPUT_RUN_H

#include "output_files.h"
#include "ui/outlet.h"

#define MS   INT64_C(1000000)
#define S    (1000 * MS)
#define HEAD "number,filler\n"

/* An outlet, and the clock. */
struct run {
	struct test_opener *opener;
	struct outlet *outlet;
	int64_t now;
	unsigned int n; /* rows given to it */
};

static const struct rotation none = { 0 };

/* Opens run->outlet at run->now, through run->opener. What outlet_open() gives. */
struct outlet *run_open(struct run *run, const char *name, const char *head, struct rotation rotation,
			uint64_t keep);

/* One with the head, at 2026-11-20 14:00:00. */
struct run start(const char *name, struct rotation rotation);

/* The next row: its number, and as much as makes it 'length' bytes long. */
void row(struct run *run, size_t length);

/* Time passes, with a tick every 100 ms. */
void pass(struct run *run, int64_t ns);

/* Closes and frees it. What outlet_close() says. */
bool end(struct run *run);

/* A whole row of these tests at text: its number, *length. */
unsigned int whole_row(const char *text, size_t *length);

/* That a file holds the head and then whole rows with rising numbers. How many; *last = the highest. */
unsigned int assert_whole(const char *name, unsigned int *last);

#endif
