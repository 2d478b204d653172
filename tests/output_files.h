/* SPDX-License-Identifier: GPL-2.0-or-later */
/* output_files.h - for tests of outputs: a folder to work in, what stands in its files, and what was
 * complained. */
#ifndef LASTACK_TESTS_OUTPUT_FILES_H
#define LASTACK_TESTS_OUTPUT_FILES_H

#include <stdbool.h>
#include <stdint.h>

#include "ui/opener.h"

/*
 * cmocka's set-up and tear-down of a test: a new folder, which is the working one until it is removed;
 * standard error goes to a file of its own; and the zone is UTC.
 */
int files_set_up(void **state);
int files_tear_down(void **state);

/* What is in a file of the folder, '\0' behind it; NULL = there is none. The test owns it until it ends. */
char *file_text(const char *name);

void file_write(const char *name, const char *text);

/* The names of the folder's files, sorted, with a blank behind each; the test's. */
char *file_names(void);

/* What was written to standard error since the last call; the test's. */
char *complaints(void);

/* A time of UTC as "2026-11-20 14:05:09", in ns. */
int64_t utc(const char *text);

/* An opener that does as told, and counts. */
struct test_opener {
	struct opener opener;	      /* first */
	int open_error, remove_error; /* 0 = it works */
	int opened, removed;
};

/* One that works; the test's. */
struct test_opener *test_opener(void);

#endif
