/* SPDX-License-Identifier: GPL-2.0-or-later */
/* terminal_screen_parts.h - what terminal_screen.c and terminal_keys.c share: ncurses is known to these
 * alone. */
#ifndef LASTACK_UI_TERMINAL_SCREEN_PARTS_H
#define LASTACK_UI_TERMINAL_SCREEN_PARTS_H

#include <curses.h>
#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

#include "ui/screen.h"
#include "ui/theme.h"

enum {
	KEY_MOUSE_BEGIN = KEY_MAX + 1,
	MOUSE_BYTES_MAX = 24,
};

struct terminal_screen {
	int tty;	/* opened anew, so that its O_NONBLOCK is ours alone */
	int memory;	/* what ncurses writes to */
	FILE *in, *out; /* the same, for ncurses */
	SCREEN *curses;
	struct termios before, ours;
	char *pending; /* what the terminal has not taken yet */
	size_t pending_length, pending_done, pending_size;
	struct cell *painted; /* what ncurses was told last */
	int rows, columns;    /* of 'painted' */
	bool mouse, redraw;
	short pairs[ROLE_COUNT];
	char mouse_bytes[MOUSE_BYTES_MAX]; /* of a report that is not whole yet */
	size_t mouse_length;
	bool in_mouse;
};

/* Sets the colours up; none where there are none, or none are wanted. */
void terminal_set_colours(struct terminal_screen *t, enum theme theme);

/* The attributes of a cell, which tell without colours too. */
attr_t terminal_attributes(const struct terminal_screen *t, const struct cell *c);

#endif
