/* SPDX-License-Identifier: GPL-2.0-or-later */
/* grid.c - see grid.h. */
#include "ui/grid.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const void *row_at(const struct grid *g, const void *rows, size_t i)
{
	return (const char *)rows + i * g->row_size;
}

/* ---- sorting ---- */

struct order {
	const struct grid *grid;
	const struct grid_column *column;
	bool ascending;
};

static const char *word_of(char *bytes, size_t size, const struct grid_column *column, const void *row)
{
	struct text text = { .bytes = bytes, .size = size };

	column->word(&text, row);
	return text_end(&text);
}

static int compare_values(const struct grid_column *column, const void *a, const void *b)
{
	char x[GRID_TEXT_MAX], y[GRID_TEXT_MAX];
	double m, n;

	if (column->word)
		return strcmp(word_of(x, sizeof x, column, a), word_of(y, sizeof y, column, b));
	m = column->number(a);
	n = column->number(b);
	/* What is not known comes below all. */
	if (isnan(m) || isnan(n))
		return isnan(n) - isnan(m);
	return (m > n) - (m < n);
}

static int compare(const void *a, const void *b, void *context)
{
	const struct order *order = context;
	int by = compare_values(order->column, a, b);

	if (by != 0)
		return order->ascending ? by : -by;
	return memcmp(a, b, order->grid->row_size);
}

void grid_sort(const struct grid *g, void *rows, size_t n, int column, bool ascending)
{
	struct order order = { g, &g->columns[column], ascending };

	if (n > 1)
		qsort_r(rows, n, g->row_size, compare, &order);
}

/* ---- drawing ---- */

static const char *shown(char *bytes, size_t size, const struct grid_column *column, const void *row)
{
	struct text text = { .bytes = bytes, .size = size };

	column->show(&text, row);
	return text_end(&text);
}

/* As wide as what it holds, and its heading. */
static int width_of(const struct grid *g, const struct screen *s, int column, const void *rows, int n,
		    bool sorted)
{
	const struct grid_column *c = &g->columns[column];
	int width = c->width, heading = screen_width(s, c->heading) + sorted;

	width = heading > width ? heading : width;
	for (int i = 0; i < n; i++) {
		char bytes[GRID_TEXT_MAX];
		int wide = screen_width(s, shown(bytes, sizeof bytes, c, row_at(g, rows, (size_t)i)));

		width = wide > width ? wide : width;
	}
	return width;
}

static void draw_cell(struct screen *s, int row, int left, int width, const struct grid_column *column,
		      enum role role, const char *text)
{
	int room = s->columns - left;
	bool whole = width <= room;

	if (column->right && whole)
		screen_fit_right(s, row, left, width, role, text);
	else
		screen_fit(s, row, left, whole ? width : room, role, text);
}

void grid_draw(const struct grid *g, struct screen *s, int top, const void *rows, int n, int first, int sort,
	       bool ascending)
{
	const char *mark = ascending ? (s->utf8 ? "\u25b2" : "^") : (s->utf8 ? "\u25bc" : "v");
	int left = 1;

	for (int column = first; column < g->count && left < s->columns; column++) {
		const struct grid_column *c = &g->columns[column];
		int width = width_of(g, s, column, rows, n, column == sort);
		char text[GRID_TEXT_MAX];

		snprintf(text, sizeof text, "%s%s", c->heading, column == sort ? mark : "");
		draw_cell(s, top, left, width, c, ROLE_TITLE, text);
		for (int i = 0; i < n; i++)
			draw_cell(s, top + 1 + i, left, width, c, ROLE_TEXT,
				  shown(text, sizeof text, c, row_at(g, rows, (size_t)i)));
		left += width + 1;
	}
	if (first > 0)
		screen_put(s, top, 0, ROLE_WARN, "<");
	if (left - 1 > s->columns)
		screen_put(s, top, s->columns - 1, ROLE_WARN, ">");
	screen_paint(s, top, 0, s->columns, ROLE_COUNT, SCREEN_UNDERLINE);
}

/* ---- files ---- */

static void put_number(FILE *out, double n)
{
	if (n >= 0 && n < 9e15 && n <= floor(n))
		fprintf(out, "%.0f", n);
	else
		fprintf(out, "%.9f", n);
}

static void put_value(FILE *out, const struct grid_column *c, const void *row, const char *quote,
		      const char *none)
{
	char bytes[GRID_TEXT_MAX];
	double n = c->word ? 0 : c->number(row);

	if (c->word)
		fprintf(out, "%s%s%s", quote, word_of(bytes, sizeof bytes, c, row), quote);
	else if (isnan(n))
		fputs(none, out);
	else
		put_number(out, n);
}

void grid_csv(const struct grid *g, FILE *out, const void *rows, size_t n)
{
	for (int column = 0; column < g->count; column++)
		fprintf(out, "%s%s", column > 0 ? "," : "", g->columns[column].name);
	fputc('\n', out);
	for (size_t i = 0; i < n; i++) {
		for (int column = 0; column < g->count; column++) {
			fputs(column > 0 ? "," : "", out);
			put_value(out, &g->columns[column], row_at(g, rows, i), "", "");
		}
		fputc('\n', out);
	}
}

void grid_json(const struct grid *g, FILE *out, const void *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (int column = 0; column < g->count; column++) {
			fprintf(out, "%s\"%s\":", column > 0 ? "," : "{", g->columns[column].name);
			put_value(out, &g->columns[column], row_at(g, rows, i), "\"", "null");
		}
		fputs("}\n", out);
	}
}
