/* SPDX-License-Identifier: GPL-2.0-or-later */
/* terminal_colours.c - what roles look like, by theme and by what the terminal has. */
#include <unistd.h>

#include "ui/terminal.h"
#include "ui/terminal_screen_parts.h"

enum { DEFAULT_COLOUR = -1 };

/* By theme and role: of 256, and of 8 or 16. */
static const short colours_256[2][ROLE_COUNT] = {
	[THEME_DARK] = { DEFAULT_COLOUR, 245, 117, 78, 203, 221, 75, 117, 253 },
	[THEME_LIGHT] = { DEFAULT_COLOUR, 242, 25, 28, 160, 130, 26, 25, 236 },
};
static const short colours_8[2][ROLE_COUNT] = {
	[THEME_DARK] = { DEFAULT_COLOUR, DEFAULT_COLOUR, COLOR_CYAN, COLOR_GREEN, COLOR_RED, COLOR_YELLOW,
			 COLOR_CYAN, COLOR_CYAN, DEFAULT_COLOUR },
	[THEME_LIGHT] = { DEFAULT_COLOUR, DEFAULT_COLOUR, COLOR_BLUE, COLOR_GREEN, COLOR_RED, COLOR_MAGENTA,
			  COLOR_BLUE, COLOR_BLUE, DEFAULT_COLOUR },
};
static const short bar_256[2] = { 237, 252 };

void terminal_set_colours(struct terminal_screen *t, enum theme theme)
{
	if (theme == THEME_MONO || !terminal_colours(STDOUT_FILENO) || !has_colors() ||
	    start_color() == ERR || use_default_colors() == ERR || COLOR_PAIRS <= ROLE_COUNT)
		return;
	for (short role = 0; role < ROLE_COUNT; role++) {
		short colour = (COLORS >= 256 ? colours_256 : colours_8)[theme][role];
		short ground = role == ROLE_BAR && COLORS >= 256 ? bar_256[theme] : DEFAULT_COLOUR;

		if (init_pair((short)(role + 1), colour, ground) != ERR)
			t->pairs[role] = (short)(role + 1);
	}
}

/* What is seen without colours too. */
attr_t terminal_attributes(const struct terminal_screen *t, const struct cell *c)
{
	static const attr_t of_role[ROLE_COUNT] = {
		[ROLE_DIM] = A_DIM,   [ROLE_TITLE] = A_BOLD, [ROLE_BAD] = A_BOLD,
		[ROLE_WARN] = A_BOLD, [ROLE_KEY] = A_BOLD,
	};
	attr_t a = of_role[c->role];

	/* Dim is not to be read on many terminals; with a grey there is no need for it. */
	if (c->role == ROLE_DIM && t->pairs[ROLE_DIM] && COLORS >= 256)
		a = A_NORMAL;
	if (c->role == ROLE_BAR && !(t->pairs[ROLE_BAR] && COLORS >= 256))
		a |= A_REVERSE;
	if (c->attributes & SCREEN_BOLD)
		a |= A_BOLD;
	if (c->attributes & SCREEN_UNDERLINE)
		a |= A_UNDERLINE;
	if (c->attributes & SCREEN_REVERSE)
		a ^= A_REVERSE;
	return a;
}
