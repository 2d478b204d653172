/* SPDX-License-Identifier: GPL-2.0-or-later */
/* complain.h - the one way in which this program says that something is wrong. */
#ifndef LASTACK_UI_COMPLAIN_H
#define LASTACK_UI_COMPLAIN_H

#include <stdbool.h>
#include <stdint.h>

/*
 * One line on standard error: "lastack: NAME: MESSAGE", or without NAME when it is NULL. Control
 * characters and what is not UTF-8 come out as '?'. What has no room in 8 KiB is cut.
 */
__attribute__((format(printf, 2, 3))) void complain(const char *name, const char *format, ...);

/*
 * While something else has the terminal: complaints are kept, the last COMPLAINTS_KEPT of them, instead of
 * printed. To be held by value, zeroed.
 */
enum { COMPLAINTS_KEPT = 100 };
struct complaints {
	char *lines[COMPLAINTS_KEPT]; /* a ring */
	unsigned long long count;     /* ever */
};

/* From now on they are kept there. */
void complaints_keep(struct complaints *complaints);

/* The last one, without "lastack: " and the end of its line; NULL = none. Valid until the next. */
const char *complaints_last(const struct complaints *complaints);

/* Prints what was kept, and all further ones at once. Fine also where nothing was kept. */
void complaints_tell(struct complaints *complaints);

/* A line without an end stands on standard error and is to be wiped before anything else is said, or no more
 * (progress.h). Any thread may tell. */
void complain_over_line(bool line);

/* For what happens again and again, and is to be said at most once a minute; zeros at first. */
struct complain_pace {
	int64_t last; /* ns */
	bool any;
};

/* Whether it may be said now (ns by any one clock). True: it is taken as said. */
bool complain_paced(struct complain_pace *pace, int64_t now_ns);

#endif
