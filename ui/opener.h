/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * opener.h - how output files are opened and removed once the program has begun: by itself (--no-sandbox), or
 * by the broker, who alone still may (design/house.md).
 *
 * A struct whose first member is this one knows how. Names are those of the command line, or made from them;
 * what is meant relative to the folder that the program was started in stays so.
 */
#ifndef LASTACK_UI_OPENER_H
#define LASTACK_UI_OPENER_H

#include <stdbool.h>

struct opener {
	/*
	 * Opens a file for writing, and makes it where it does not exist; what it holds stays. A descriptor
	 * that the caller owns (O_CLOEXEC), or -1 with errno (EACCES: not in a folder that is written to).
	 */
	int (*open)(struct opener *opener, const char *name);
	/* Removes a file. False with errno. */
	bool (*remove)(struct opener *opener, const char *name);
};

/* Does it itself, as long as it may. Not owned; lives as long as the program. */
struct opener *opener_direct(void);

#endif
