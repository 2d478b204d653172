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

/* For what happens again and again, and is to be said at most once a minute; zeros at first. */
struct complain_pace {
	int64_t last; /* ns */
	bool any;
};

/* Whether it may be said now (ns by any one clock). True: it is taken as said. */
bool complain_paced(struct complain_pace *pace, int64_t now_ns);

#endif
