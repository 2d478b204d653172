/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * keys.h - the dashboard's screens and keys: one table, which the dispatcher, the bottom line, the help
 * screen and the tests of the manual read.
 */
#ifndef LASTACK_UI_KEYS_H
#define LASTACK_UI_KEYS_H

#include <stdbool.h>
#include <stddef.h>

/* In the order of their number keys. ENUMERATOR, name, short name. */
#define VIEWS(X)                                                                                             \
	X(VIEW_OVERVIEW, "Overview", "Overview")                                                             \
	X(VIEW_CONNECTIONS, "Connections", "Conns")                                                          \
	X(VIEW_CONNECTION, "One connection", "One")                                                          \
	X(VIEW_TIME_WAIT, "TIME-WAIT", "TIME-WAIT")                                                          \
	X(VIEW_HOSTS, "Hosts and services", "Hosts")                                                         \
	X(VIEW_HELP, "Help", "Help")

#define VIEW_ENUMERATOR(id, name, shorter) id,
enum view_id { VIEWS(VIEW_ENUMERATOR) VIEW_COUNT };
#undef VIEW_ENUMERATOR

struct view_name {
	const char *name, *shorter;
};
extern const struct view_name view_names[VIEW_COUNT];

enum action {
	ACT_NONE,
	ACT_UP,
	ACT_DOWN,
	ACT_PAGE_UP,
	ACT_PAGE_DOWN,
	ACT_FIRST,
	ACT_LAST,
	ACT_LEFT,
	ACT_RIGHT,
	ACT_ENTER,
	ACT_BACK,
	ACT_NEXT_VIEW,
	ACT_PREVIOUS_VIEW,
	ACT_VIEW, /* by the number that was pressed */
	ACT_FILTER,
	ACT_PART,
	ACT_SORT,
	ACT_REVERSE,
	ACT_COLUMNS,
	ACT_TABLE,
	ACT_PAYLOAD,
	ACT_WRITE,
	ACT_PAUSE,
	ACT_ZERO,
	ACT_HELP,
	ACT_REDRAW,
	ACT_SUSPEND,
	ACT_QUIT,
};

enum { KEYS_EACH = 6 };

struct key_row {
	enum action action;
	int keys[KEYS_EACH]; /* characters and PRESS_...; ended by 0 */
	const char *shown;   /* as the help and the manual write them */
	unsigned views;	     /* where it means something: bits 1 << enum view_id */
	const char *bar;     /* in the bottom line; NULL = not there */
	const char *help;
};

extern const struct key_row key_rows[];
extern const size_t key_count;

/* What a key does on a screen; ACT_NONE = nothing. */
enum action key_action(enum view_id view, int key);

#endif
