/* SPDX-License-Identifier: GPL-2.0-or-later */
/* press.h - what a person does at the terminal: keys and the mouse, as values of ours. */
#ifndef LASTACK_UI_PRESS_H
#define LASTACK_UI_PRESS_H

/* Keys that are no character; characters stand for themselves (Unicode). */
enum {
	PRESS_UP = 0x110000,
	PRESS_DOWN,
	PRESS_LEFT,
	PRESS_RIGHT,
	PRESS_PAGE_UP,
	PRESS_PAGE_DOWN,
	PRESS_HOME,
	PRESS_END,
	PRESS_BACK_TAB,
	PRESS_BACKSPACE,
	PRESS_DELETE,
	/* Control characters that have a meaning here. */
	PRESS_TAB = '\t',
	PRESS_ENTER = '\n',
	PRESS_ESCAPE = 033,
};

enum press_kind {
	PRESS_NOTHING, /* nothing is there to read */
	PRESS_KEY,
	PRESS_CLICK, /* the left button, at row and column */
	PRESS_WHEEL, /* 'key' lines: -1 up, 1 down */
	PRESS_GONE,  /* the terminal is not there any more */
};

struct press {
	enum press_kind kind;
	int key;
	int row, column; /* from 0 */
};

#endif
