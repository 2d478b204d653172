/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * broker_files.h - which files the broker opens and removes: in the folders of the outputs given at start,
 * under names that these outputs could have.
 */
#ifndef LASTACK_UI_BROKER_FILES_H
#define LASTACK_UI_BROKER_FILES_H

#include <stdbool.h>
#include <stddef.h>

/* An output's folder, held open, and what its files may be called. */
struct broker_file {
	char *folder; /* with the slash; "" = where the program was started */
	char *base;   /* as given: a name, or a pattern of rotation.h's */
	bool rotates; /* it is such a pattern */
	int fd;	      /* of the folder: O_PATH */
};

struct broker_files {
	struct broker_file *list;
	size_t n;
};

/*
 * Opens the folders of n outputs ("-" is passed over). False with errno, and nothing to close, when one
 * cannot be opened.
 */
bool broker_files_open(struct broker_files *files, const char *const *outputs, size_t n);

/*
 * As opener's open() (opener.h), beneath the folder: no link leads out of it (openat2(2), or where the kernel
 * has none, no link is followed at all). EACCES: the name is none of the outputs', or not a regular file's
 * and not given at start.
 */
int broker_files_create(const struct broker_files *files, const char *name);

/* As opener's remove(); regular files only. */
bool broker_files_remove(const struct broker_files *files, const char *name);

void broker_files_close(struct broker_files *files);

/* Whether one of the output's files may be called so: as it was given, or as rotation.h names them. */
bool broker_name_fits(const struct broker_file *file, const char *base);

#endif
