/* SPDX-License-Identifier: GPL-2.0-or-later */
/* grid.h - a table of rows of some kind: one list of columns that drawing, sorting and saving read. */
#ifndef LASTACK_UI_GRID_H
#define LASTACK_UI_GRID_H

#include <stddef.h>
#include <stdio.h>

#include "ui/format.h"
#include "ui/screen.h"

enum { GRID_TEXT_MAX = 128 };

struct grid_column {
	const char *name;    /* in files, and of what it is sorted by */
	const char *heading; /* short */
	int width;	     /* at least; what is longer is cut with a mark where there is no room */
	bool right;
	/* The text for people. */
	void (*show)(struct text *text, const void *row);
	/* What it is sorted by; and what files hold, unless it is 'text' there. NAN = not known. */
	double (*number)(const void *row);
	/* NULL, or of columns that are words: sorted by it, and what files hold. */
	void (*word)(struct text *text, const void *row);
};

struct grid {
	const struct grid_column *columns;
	int count;
	size_t row_size;
};

/* Sorts n rows by a column; equals stay in the order of their bytes. */
void grid_sort(const struct grid *grid, void *rows, size_t n, int column, bool ascending);

/* Draws the headings at 'top', and rows below them from the first column on; column 'sort' is marked. */
void grid_draw(const struct grid *grid, struct screen *screen, int top, const void *rows, int n, int first,
	       int sort, bool ascending);

/* As files: CSV and NDJSON with the names of the columns. */
void grid_csv(const struct grid *grid, FILE *out, const void *rows, size_t n);
void grid_json(const struct grid *grid, FILE *out, const void *rows, size_t n);

#endif
