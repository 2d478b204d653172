/* SPDX-License-Identifier: GPL-2.0-or-later */
/* terminal.h - how an output may look. */
#ifndef LASTACK_UI_TERMINAL_H
#define LASTACK_UI_TERMINAL_H

#include <stdbool.h>

/* Back to the line's begin, and all of it is empty (ECMA-48: EL). */
#define TERMINAL_WIPE "\r\33[K"

/* A terminal on which a line can be written over. */
bool terminal_wipes(int fd);

/* Colours: on a terminal that is not dumb, and without NO_COLOR. */
bool terminal_colours(int fd);

/* Characters beyond ASCII: by the locale. */
bool terminal_utf8(void);

/* Columns for running text: the terminal's, within what reads well; 80 where fd is none. */
int terminal_columns(int fd);

/* The terminal's columns, however few; 80 where fd is none. */
int terminal_width(int fd);

#endif
