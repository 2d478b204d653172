/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kept.h - the files that an output has had, oldest first, so that the oldest can be removed: those of this
 * run and, by their names, those of earlier ones. A service that starts again must not fill the disk.
 */
#ifndef LASTACK_UI_KEPT_H
#define LASTACK_UI_KEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ui/complain.h"
#include "ui/opener.h"

struct kept {
	char **names; /* as given to the opener; owned, as the array */
	size_t n, size;
	struct complain_pace pace; /* of what cannot be removed */
};

/*
 * Finds the regular files that the pattern (see rotation.h) makes names of, sorted by their last change.
 * Reads the folder: for the start only. False with errno; kept_free() in any case.
 */
bool kept_scan(struct kept *kept, const char *pattern);

/* Makes a name the youngest, be it in the list or not. False with errno = ENOMEM: then it is not in it. */
bool kept_add(struct kept *kept, const char *name);

/* The highest number (see rotation.h) among the names that the pattern makes at this time. */
uint64_t kept_highest(const struct kept *kept, const char *pattern, int64_t wall_ns);

/*
 * Removes the oldest files until 'most' are left. One that cannot be removed is complained about, at most
 * once a minute, and forgotten.
 */
void kept_expire(struct kept *kept, uint64_t most, struct opener *opener, int64_t wall_ns);

void kept_free(struct kept *kept);

#endif
