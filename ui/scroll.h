/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scroll.h - a line of a list that is selected, and the part of the list that is seen. */
#ifndef LASTACK_UI_SCROLL_H
#define LASTACK_UI_SCROLL_H

#include <stddef.h>

#include "ui/keys.h"

/* All 0: at the beginning. */
struct scroll {
	size_t at;    /* the selected line */
	size_t top;   /* the first that is seen */
	size_t count; /* lines there are, as told last */
	int height;   /* rows there are for them, as told last */
};

/* There are so many lines now, and so many rows. Keeps the selected line in sight. */
void scroll_fit(struct scroll *scroll, size_t count, int height);

/* Moves the selected line by an action; false when it is none of moving. */
bool scroll_act(struct scroll *scroll, enum action action);

/* The same for a text without a selected line: moves what is seen. */
bool scroll_act_page(struct scroll *scroll, enum action action);

/* By so many lines, as a wheel does. */
void scroll_by(struct scroll *scroll, int lines);

#endif
