/* SPDX-License-Identifier: GPL-2.0-or-later */
/* screen.c - see screen.h. */
#include "ui/screen.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static int within(int n, int most)
{
	return n < 1 ? 1 : n > most ? most : n;
}

static const struct cell blank = { .text = " " };

void screen_clear(struct screen *s)
{
	for (int i = 0; i < s->rows * s->columns; i++)
		s->cells[i] = blank;
}

bool screen_resize(struct screen *s, int rows, int columns)
{
	struct cell *cells;

	rows = within(rows, SCREEN_ROWS_MAX);
	columns = within(columns, SCREEN_COLUMNS_MAX);
	cells = calloc((size_t)rows * (size_t)columns, sizeof *cells);
	if (!cells)
		return false;
	free(s->cells);
	s->cells = cells;
	s->rows = rows;
	s->columns = columns;
	screen_clear(s);
	return true;
}

struct screen *screen_new(int rows, int columns, bool utf8)
{
	struct screen *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	s->utf8 = utf8;
	if (screen_resize(s, rows, columns))
		return s;
	screen_free(s);
	errno = ENOMEM;
	return NULL;
}

void screen_free(struct screen *s)
{
	if (!s)
		return;
	free(s->cells);
	free(s);
}

struct cell *screen_at(const struct screen *s, int row, int column)
{
	return &s->cells[row * s->columns + column];
}

static bool inside(const struct screen *s, int row, int column)
{
	return row >= 0 && row < s->rows && column >= 0 && column < s->columns;
}

/* ---- characters ---- */

/* One character of a text: its bytes, and the columns it takes. */
struct glyph {
	char bytes[5];
	size_t length; /* of it in the text */
	int width;     /* 0 = it combines with the one before */
};

/* The code point at the beginning of a text (RFC 3629); length 0 = there is none. */
static uint32_t decode(const unsigned char *at, size_t *length)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = at[0] < 0x80	  ? 1
		   : at[0] < 0xc2 ? 0
		   : at[0] < 0xe0 ? 2
		   : at[0] < 0xf0 ? 3
		   : at[0] < 0xf5 ? 4
				  : 0;
	uint32_t code = n == 1 ? at[0] : at[0] & (0x7fu >> n);

	*length = 0;
	for (size_t i = 1; i < n; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (at[i] & 0x3fu);
	}
	if (n == 0 || code < least[n] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*length = n;
	return code;
}

static struct glyph next_glyph(const struct screen *s, const char *text)
{
	struct glyph g = { .bytes = "?", .length = 1, .width = 1 };
	size_t length;
	uint32_t code = decode((const unsigned char *)text, &length);
	int width;

	if (length == 0)
		return g;
	g.length = length;
	if (code < 0x20 || (code >= 0x7f && code < 0xa0))
		return g;
	width = code < 0x7f ? 1 : s->utf8 ? wcwidth((wchar_t)code) : -1;
	if (width < 0)
		return g;
	g.width = width;
	memcpy(g.bytes, text, length);
	g.bytes[length] = '\0';
	return g;
}

int screen_width(const struct screen *s, const char *text)
{
	int width = 0;

	while (*text) {
		struct glyph g = next_glyph(s, text);

		width += g.width;
		text += g.length;
	}
	return width;
}

/* A cell that held half of a wide character leaves a blank in the other half. */
static void split_wide(struct screen *s, int row, int column)
{
	struct cell *c = screen_at(s, row, column);

	if (c->text[0] == '\0' && column > 0)
		strcpy(screen_at(s, row, column - 1)->text, " ");
	if (column + 1 < s->columns && c[1].text[0] == '\0')
		strcpy(c[1].text, " ");
}

static void put_glyph(struct screen *s, int row, int column, enum role role, const struct glyph *g)
{
	struct cell *c;

	if (!inside(s, row, column) || !inside(s, row, column + g->width - 1))
		return;
	for (int i = 0; i < g->width; i++)
		split_wide(s, row, column + i);
	c = screen_at(s, row, column);
	*c = (struct cell){ .role = (uint8_t)role };
	memcpy(c->text, g->bytes, strlen(g->bytes) + 1);
	if (g->width == 2)
		c[1] = (struct cell){ .role = (uint8_t)role };
}

/* Joins the character before it, if there is room. */
static void combine(struct screen *s, int row, int column, const struct glyph *g)
{
	struct cell *c;

	if (!inside(s, row, column - 1))
		return;
	c = screen_at(s, row, column - 1);
	if (c->text[0] == '\0' && column > 1)
		c--;
	if (strlen(c->text) + strlen(g->bytes) < CELL_BYTES)
		strcat(c->text, g->bytes);
}

/* Draws until 'end'; *left is what had no room. */
static int put_until(struct screen *s, int row, int column, int end, enum role role, const char *text,
		     const char **left)
{
	bool any = false;

	while (*text) {
		struct glyph g = next_glyph(s, text);

		if (column + g.width > end)
			break;
		if (g.width > 0)
			put_glyph(s, row, column, role, &g);
		else if (any)
			combine(s, row, column, &g);
		any = any || g.width > 0;
		column += g.width;
		text += g.length;
	}
	*left = text;
	return column;
}

int screen_put(struct screen *s, int row, int column, enum role role, const char *text)
{
	const char *left;

	column = put_until(s, row, column, s->columns, role, text, &left);
	return column + screen_width(s, left);
}

int screen_say(struct screen *s, int row, int column, enum role role, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	return screen_put(s, row, column, role, text);
}

const char *screen_mark(const struct screen *s)
{
	return s->utf8 ? "\u2026" : "~";
}

int screen_fit(struct screen *s, int row, int column, int width, enum role role, const char *text)
{
	const char *left;

	if (width <= 0)
		return column;
	if (screen_width(s, text) <= width) {
		put_until(s, row, column, column + width, role, text, &left);
	} else {
		int end = put_until(s, row, column, column + width - 1, role, text, &left);

		screen_put(s, row, end, ROLE_WARN, screen_mark(s));
	}
	return column + width;
}

int screen_fit_right(struct screen *s, int row, int column, int width, enum role role, const char *text)
{
	int spare = width - screen_width(s, text);

	screen_fit(s, row, column + (spare > 0 ? spare : 0), spare > 0 ? width - spare : width, role, text);
	return column + width;
}

/* ---- areas ---- */

void screen_paint(struct screen *s, int row, int column, int width, enum role role, int attributes)
{
	for (int i = column; i < column + width; i++) {
		if (!inside(s, row, i))
			continue;
		screen_at(s, row, i)->attributes = (uint8_t)attributes;
		if (role != ROLE_COUNT)
			screen_at(s, row, i)->role = (uint8_t)role;
	}
}

void screen_blank(struct screen *s, int row, int column, int rows, int columns)
{
	for (int r = row; r < row + rows; r++) {
		for (int c = column; c < column + columns; c++) {
			if (!inside(s, r, c))
				continue;
			split_wide(s, r, c);
			*screen_at(s, r, c) = blank;
		}
	}
}

/* ---- figures ---- */

static const char *const eighths_across[] = { "",	"\u258f", "\u258e", "\u258d", "\u258c",
					      "\u258b", "\u258a", "\u2589", "\u2588" };
static const char *const eighths_up[] = { " ",	    "\u2581", "\u2582", "\u2583", "\u2584",
					  "\u2585", "\u2586", "\u2587", "\u2588" };
static const char *const ascii_up[] = { " ", ".", ".", ":", ":", "+", "+", "#", "#" };

/* count / whole in so many parts, rounded; what is not 0 is at least one. */
static int parts(uint64_t count, uint64_t whole, int most)
{
	double share = whole > 0 ? (double)count / (double)whole : 0;
	int n = (int)(share * most + 0.5);

	if (n > most)
		n = most;
	return n == 0 && count > 0 ? 1 : n;
}

void screen_bar(struct screen *s, int row, int column, int width, enum role role, uint64_t count,
		uint64_t whole)
{
	int n = s->utf8 ? parts(count, whole, 8 * width) : 8 * parts(count, whole, width);

	for (; n > 0; n -= 8, column++)
		screen_put(s, row, column, role, s->utf8 ? eighths_across[n < 8 ? n : 8] : "#");
}

void screen_spark(struct screen *s, int row, int column, enum role role, const uint64_t *values, int n,
		  uint64_t most)
{
	for (int i = 0; i < n; i++) {
		int height = parts(values[i], most, 8);

		screen_put(s, row, column + i, role, s->utf8 ? eighths_up[height] : ascii_up[height]);
	}
}

void screen_rule(struct screen *s, int row, int column, int width, enum role role)
{
	for (int i = 0; i < width; i++)
		screen_put(s, row, column + i, role, s->utf8 ? "\u2500" : "-");
}

/* ---- for tests, and for what is saved as text ---- */

void screen_text(const struct screen *s, FILE *out)
{
	for (int row = 0; row < s->rows; row++) {
		int end = s->columns;

		while (end > 0 && strcmp(screen_at(s, row, end - 1)->text, " ") == 0)
			end--;
		for (int column = 0; column < end; column++)
			fputs(screen_at(s, row, column)->text, out);
		fputc('\n', out);
	}
}

static char role_letter(const struct cell *c)
{
#define ROLE_LETTER(id, letter) [id] = letter,
	static const char letters[] = { ROLES(ROLE_LETTER) };
#undef ROLE_LETTER
	char letter = letters[c->role];

	if (!(c->attributes & SCREEN_REVERSE))
		return letter;
	return letter == ' ' ? 'S' : (char)toupper((unsigned char)letter);
}

void screen_roles(const struct screen *s, FILE *out)
{
	for (int row = 0; row < s->rows; row++) {
		int end = s->columns;

		while (end > 0 && role_letter(screen_at(s, row, end - 1)) == ' ')
			end--;
		for (int column = 0; column < end; column++)
			fputc(role_letter(screen_at(s, row, column)), out);
		fputc('\n', out);
	}
}
