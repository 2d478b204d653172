/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * terminal_screen.h - a screen's cells on a terminal, and its keys and mouse. The only part that knows
 * ncurses.
 *
 * Never blocks, however slow or stopped the terminal is: what it does not take at once is kept, and meanwhile
 * nothing new is painted. Everything that needs a file (terminfo, the terminal itself) is opened at the
 * beginning. However the program ends, unless by SIGKILL, the terminal is made whole again
 * (terminal_guard.h).
 */
#ifndef LASTACK_UI_TERMINAL_SCREEN_H
#define LASTACK_UI_TERMINAL_SCREEN_H

#include "ui/format.h"
#include "ui/press.h"
#include "ui/screen.h"
#include "ui/theme.h"

struct terminal_screen;

/*
 * Takes over the terminal that standard output is. NULL where it is none, or one of a type that is not known
 * or cannot do it: why then says so. At most one at a time (ncurses).
 */
struct terminal_screen *terminal_screen_open(enum theme theme, struct text *why);

/* Rows and columns as they are now. */
void terminal_screen_size(const struct terminal_screen *terminal, int *rows, int *columns);

/*
 * Paints what has changed, by the size that the screen has. False when the terminal is still busy with what
 * it was given before: nothing was painted.
 */
bool terminal_screen_paint(struct terminal_screen *terminal, const struct screen *screen);

/* Paints everything anew with the next terminal_screen_paint(): something else has written there. */
void terminal_screen_redraw(struct terminal_screen *terminal);

/* The next that was pressed; PRESS_NOTHING at once when there is none. */
struct press terminal_screen_read(struct terminal_screen *terminal);

/* The descriptor to wait on for keys. */
int terminal_screen_fd(const struct terminal_screen *terminal);

/* Gives the terminal back and stops the program (SIGTSTP), as a shell's Ctrl-Z does; goes on afterwards. */
void terminal_screen_suspend(struct terminal_screen *terminal);

/* Gives the terminal back as it was. NULL is fine. */
void terminal_screen_close(struct terminal_screen *terminal);

#endif
