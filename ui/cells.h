/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cells.h - the columns of the dashboard's list of connections: some made for reading, and all of columns.h.
 */
#ifndef LASTACK_UI_CELLS_H
#define LASTACK_UI_CELLS_H

#include "ui/columns.h"
#include "ui/listing.h"
#include "ui/screen.h"

enum { CELLS_MAX = 80, CELL_TEXT_MAX = 256 };

/* One column. */
struct cells_column {
	const char *name, *heading, *meaning;
	bool right;		   /* flush right */
	bool elastic;		   /* may be narrower than its text, where there is no room */
	const struct column *sort; /* what it is sorted by */
	/* Made for reading; NULL: the value of 'sort'. */
	void (*value)(struct text *text, const struct listing_row *row);
};

/* Number i of all there are; false behind the last. */
bool cells_column(size_t i, struct cells_column *column);

/* Those that are shown, by their number. */
struct cells {
	size_t at[CELLS_MAX];
	size_t n;
	size_t first;	      /* the first that is seen */
	int width[CELLS_MAX]; /* the widest text seen, by place */
};

/* The usual ones. */
void cells_usual(struct cells *cells);

/* Reads names with commas between. False, and nothing changed, when one is none: why then says so. */
bool cells_parse(struct cells *cells, const char *names, struct text *why);
void cells_names(const struct cells *cells, struct text *text);

/* Forgets how wide texts were. */
void cells_forget(struct cells *cells);

/* Draws the headings, and n rows below them. sort is marked. */
void cells_draw(struct cells *cells, struct screen *screen, int top, const struct listing_row *rows, int n,
		const struct listing_order *order);

/* The column whose heading is at a place of a screen with room for so much; false where there is none. */
bool cells_at(const struct cells *cells, int room, int place, struct cells_column *column);

#endif
