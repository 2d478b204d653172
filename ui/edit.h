/* SPDX-License-Identifier: GPL-2.0-or-later */
/* edit.h - a line of text that is being typed: printable ASCII. */
#ifndef LASTACK_UI_EDIT_H
#define LASTACK_UI_EDIT_H

#include <stdbool.h>
#include <stddef.h>

enum { EDIT_MAX = 256 };

struct edit {
	char text[EDIT_MAX];
	size_t length;
};

void edit_set(struct edit *edit, const char *text);

/* Takes a key in: characters, Backspace, Ctrl-U (all), Ctrl-W (a word). False when it is none of these. */
bool edit_key(struct edit *edit, int key);

#endif
