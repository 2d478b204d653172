/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * screen.h - a grid of cells that the dashboard's views draw into. Knows no terminal: terminal_screen.c
 * paints it, tests compare it with text files.
 *
 * What is drawn outside is not drawn. Colours are named by what they mean; what they look like is the
 * terminal's and the theme's.
 */
#ifndef LASTACK_UI_SCREEN_H
#define LASTACK_UI_SCREEN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* What a cell means: ENUMERATOR, and the letter that stands for it in tests. */
#define ROLES(X)                                                                                             \
	X(ROLE_TEXT, ' ')                                                                                    \
	X(ROLE_DIM, 'd')   /* of little weight */                                                            \
	X(ROLE_TITLE, 't') /* what a part of the screen is about */                                          \
	X(ROLE_GOOD, 'g')                                                                                    \
	X(ROLE_BAD, 'b')                                                                                     \
	X(ROLE_WARN, 'w')                                                                                    \
	X(ROLE_CALM, 'c') /* neither good nor bad */                                                         \
	X(ROLE_KEY, 'k')  /* a key to press */                                                               \
	X(ROLE_BAR, 'h')  /* the lines at the top and the bottom */

#define ROLE_ENUMERATOR(id, letter) id,
enum role { ROLES(ROLE_ENUMERATOR) ROLE_COUNT };
#undef ROLE_ENUMERATOR

/* Attributes of a cell: seen without colours, too. */
enum { SCREEN_BOLD = 0x01, SCREEN_REVERSE = 0x02, SCREEN_UNDERLINE = 0x04 };

enum { CELL_BYTES = 14, SCREEN_ROWS_MAX = 500, SCREEN_COLUMNS_MAX = 300 };

struct cell {
	char text[CELL_BYTES]; /* UTF-8 of one character and what combines with it; "" = right half of the one
				  before it */
	uint8_t role, attributes;
};

struct screen {
	int rows, columns;
	bool utf8;	    /* false: only ASCII is drawn */
	struct cell *cells; /* rows * columns, owned */
};

/* Blank; sizes are kept within 1 and SCREEN_..._MAX. NULL with errno = ENOMEM. */
struct screen *screen_new(int rows, int columns, bool utf8);

/* Another size, blank. False with errno = ENOMEM: it is as it was. */
bool screen_resize(struct screen *screen, int rows, int columns);

void screen_clear(struct screen *screen);

/* The cell, which must be there. */
struct cell *screen_at(const struct screen *screen, int row, int column);

/*
 * Draws UTF-8 text; what is none, control characters and, on an ASCII screen, all else become '?'. Returns
 * the column behind it, also where that is outside.
 */
int screen_put(struct screen *screen, int row, int column, enum role role, const char *text);

/* The same by a format of printf, at most 1,023 bytes. */
__attribute__((format(printf, 5, 6))) int screen_say(struct screen *screen, int row, int column,
						     enum role role, const char *format, ...);

/* The same within 'width' columns: what is longer ends in a mark (screen_mark()). Returns column + width. */
int screen_fit(struct screen *screen, int row, int column, int width, enum role role, const char *text);

/* The same, flush right: numbers. */
int screen_fit_right(struct screen *screen, int row, int column, int width, enum role role, const char *text);

/* What tells that something was cut off: one column. */
const char *screen_mark(const struct screen *screen);

/* Columns that a text takes. */
int screen_width(const struct screen *screen, const char *text);

/* Sets attributes of 'width' cells, and their role if it is not ROLE_COUNT. */
void screen_paint(struct screen *screen, int row, int column, int width, enum role role, int attributes);

/* Blanks a rectangle. */
void screen_blank(struct screen *screen, int row, int column, int rows, int columns);

/* A bar of count / whole over 'width' columns, in eighths of a column where there is UTF-8. */
void screen_bar(struct screen *screen, int row, int column, int width, enum role role, uint64_t count,
		uint64_t whole);

/* n values as columns of one row, each by its share of 'most'; 0 is a blank, anything else is seen. */
void screen_spark(struct screen *screen, int row, int column, enum role role, const uint64_t *values, int n,
		  uint64_t most);

/* A line across: "-" or the line character. */
void screen_rule(struct screen *screen, int row, int column, int width, enum role role);

/* The text of the screen, a line a row, without the blanks at their ends. */
void screen_text(const struct screen *screen, FILE *out);

/* The roles of its cells in the same way: their letters, capitals where reversed ('S' for text). */
void screen_roles(const struct screen *screen, FILE *out);

void screen_free(struct screen *screen); /* NULL is fine */

#endif
