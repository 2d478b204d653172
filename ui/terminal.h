/* SPDX-License-Identifier: GPL-2.0-or-later */
/* terminal.h - how an output may look. */
#ifndef LASTACK_UI_TERMINAL_H
#define LASTACK_UI_TERMINAL_H

#include <stdbool.h>

/* Colours: on a terminal that is not dumb, and without NO_COLOR. */
bool terminal_colours(int fd);

/* Characters beyond ASCII: by the locale. */
bool terminal_utf8(void);

/* Columns for running text: the terminal's, within what reads well; 80 where fd is none. */
int terminal_columns(int fd);

#endif
