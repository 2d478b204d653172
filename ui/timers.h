/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * timers.h - idle time-outs that resets are known to follow: a table built in (timers.txt) and those of
 * --timers, which count first.
 *
 * The form of both: a line each, SECONDS (decimals are fine), spaces or tabs, and what it is known from;
 * '#' begins a comment on a line of its own.
 */
#ifndef LASTACK_UI_TIMERS_H
#define LASTACK_UI_TIMERS_H

#include <stddef.h>

#include "analyzer/cause.h"
#include "ui/format.h"

enum { TIMERS_MAX = 4096, TIMERS_FILE_MAX = 1 << 20 /* bytes */ };

struct timers {
	struct known_timer *list; /* in the order in which they were added; owned, their names too */
	size_t n;
};

/* The text that is built in: timers.txt. */
extern const char timers_text[];

/* None. NULL with errno = ENOMEM. */
struct timers *timers_new(void);

/*
 * Adds the lines of a text ('length' bytes, called name in messages). False when one is wrong or memory is
 * out: why then says which, "NAME, line 3: ...".
 */
bool timers_add(struct timers *timers, const char *content, size_t length, const char *name,
		struct text *why);

/* The same of a file. */
bool timers_add_file(struct timers *timers, const char *name, struct text *why);

/* Adds those that are built in. False when memory is out. */
bool timers_add_builtin(struct timers *timers);

/*
 * Appends the names of all timers that are as long as the one called 'name' (a pointer that is in the list),
 * with its duration: "350 s: AWS NAT gateway, AWS Network Load Balancer". At most 'most' names.
 */
void timers_alike(struct text *text, const struct timers *timers, const char *name, size_t most);

void timers_free(struct timers *timers); /* NULL is fine */

#endif
