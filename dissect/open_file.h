/* SPDX-License-Identifier: GPL-2.0-or-later */
/* open_file.h - a descriptor to read a capture from. */
#ifndef LASTACK_DISSECT_OPEN_FILE_H
#define LASTACK_DISSECT_OPEN_FILE_H

#include <stdbool.h>
#include <sys/types.h>

struct open_file {
	int fd;	     /* the caller's to close */
	bool again;  /* a regular file: can be read a second time, from 'start' */
	off_t start; /* where it stands now: the standard input of a shell's list of commands may be used */
};

/* Opens by name, "-" = standard input. NULL, or why not: valid until the next call that sets errno. */
const char *open_file(struct open_file *file, const char *name);

#endif
