/* SPDX-License-Identifier: GPL-2.0-or-later */
/* resume.h - adding rows to a file that an earlier run has written. */
#ifndef LASTACK_UI_RESUME_H
#define LASTACK_UI_RESUME_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Makes a file ready for more rows at its end: looks whether it begins as such files do, and takes away a
 * last row that was cut short (of an earlier run that was killed), saying so. A file that holds nothing, and
 * what is no regular file, is ready as it is.
 *
 * fd is open for writing, name is that of the file, which is opened a second time for reading: for the start
 * only. begin, n: what it begins with, at most RESUME_BEGIN_MAX bytes are looked at. False after a complaint.
 */
bool resume_rows(int fd, const char *name, const char *begin, size_t n);

#endif
