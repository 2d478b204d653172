/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * output.h - a file or standard output that rows or text are written to, with its first error kept.
 *
 * Unbuffered: who writes gathers. Signals do not cut a write short, so that an interrupted program still
 * finishes its report.
 */
#ifndef LASTACK_UI_OUTPUT_H
#define LASTACK_UI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

struct output {
	int fd;
	const char *name; /* for messages; not owned */
	bool standard;	  /* standard output or error, which others write to as well */
	int error;	  /* errno of the first failure, 0 = none; nothing is written after one */
};

extern const struct output output_stdout, output_stderr;

/*
 * Opens a file by name for writing, "-" = standard output. What the file holds stays until
 * output_truncate(). False with errno.
 */
bool output_open(struct output *output, const char *name);

/* Whether the output is the regular file called name, whatever its own name: writing would destroy that. */
bool output_is(const struct output *output, const char *name);

/* Empties a regular file (others have nothing to empty). False with errno. */
bool output_truncate(struct output *output);

void output_write(struct output *output, const char *bytes, size_t n);

/* Closes it (standard output stays open). False when this or anything before failed: see output->error. */
bool output_close(struct output *output);

/* Whether it failed because nobody reads standard output any more: `lastack ... | head`. */
bool output_unread(const struct output *output);

#endif
