/* SPDX-License-Identifier: GPL-2.0-or-later */
/* page.c - see page.h. */
#include "ui/page.h"

#include <stdarg.h>
#include <string.h>

#include "ui/format.h"
#include "ui/plain.h"

/* Widths of a row's parts; with a space before the bar they add up to PAGE_COLUMNS. */
enum { LABEL_WIDTH = 24, COUNT_WIDTH = 11, SHARE_WIDTH = 8, BAR_WIDTH = 8, ITEM_WIDTH = 13, PAIR_WIDTH = 13 };

static const int cell_widths[PAGE_CELLS] = { 7, 7, 6, 8 };

static const char *const colour_codes[PAGE_COLOUR_COUNT] = {
	[PAGE_PLAIN] = "",	  [PAGE_GOOD] = "\033[32m", [PAGE_BAD] = "\033[31m",
	[PAGE_WARN] = "\033[33m", [PAGE_CALM] = "\033[36m",
};

/* Writes text in a colour, which ends with it. */
static void coloured(struct page *page, const char *code, const char *text)
{
	if (page->colours && *code && *text)
		fprintf(page->out, "%s%s\033[0m", code, text);
	else
		fputs(text, page->out);
}

static void spaces(struct page *page, int n)
{
	fprintf(page->out, "%*s", n > 0 ? n : 0, "");
}

static void open_title(struct page *page, const char *title)
{
	if (page->begun)
		fputc('\n', page->out);
	page->begun = true;
	coloured(page, "\033[1m", title);
}

void page_title(struct page *page, const char *title)
{
	open_title(page, title);
	fputc('\n', page->out);
}

void page_table_title(struct page *page, const char *title, const char *remark,
		      const char *const heads[PAGE_CELLS])
{
	open_title(page, title);
	spaces(page, LABEL_WIDTH - (int)strlen(title));
	fprintf(page->out, "%*s%*s %-*s", COUNT_WIDTH, "count", SHARE_WIDTH, "share", BAR_WIDTH, remark);
	for (int i = 0; i < PAGE_CELLS && heads[i]; i++)
		fprintf(page->out, "%*s", cell_widths[i], heads[i]);
	fputc('\n', page->out);
}

/* A count that fits in 'width' columns and leaves one free: all its digits, or 1.23k. */
static struct plain fitted(uint64_t n, int width)
{
	struct plain p = plain_number(n);
	struct text text = { .bytes = p.s, .size = sizeof p.s };

	if (strlen(p.s) < (size_t)width)
		return p;
	text_short_number(&text, n);
	text_end(&text);
	return p;
}

/* A bar in eighths of a column; what is not nothing shows. */
static int bar_text(char *to, size_t size, uint64_t n, uint64_t whole, bool utf8)
{
	static const char *const part[] = { "",	      "\u258f", "\u258e", "\u258d",
					    "\u258c", "\u258b", "\u258a", "\u2589" };
	struct text text = { .bytes = to, .size = size };
	int eighths = whole ? (int)((double)n / (double)whole * BAR_WIDTH * 8 + 0.5) : 0;
	int width;

	eighths = n > 0 && eighths == 0 ? 1 : eighths;
	eighths = eighths > BAR_WIDTH * 8 ? BAR_WIDTH * 8 : eighths;
	for (int i = 0; i < eighths / 8; i++)
		text_string(&text, utf8 ? "\u2588" : "#");
	width = eighths / 8;
	if (eighths % 8 > 0 && (utf8 || eighths < 8)) {
		text_string(&text, utf8 ? part[eighths % 8] : ".");
		width++;
	}
	text_end(&text);
	return width;
}

/* Cells that are empty at the end of a line are not padded. */
static void row_cells(struct page *page, const struct page_row *row, int owed)
{
	for (int i = 0; i < PAGE_CELLS; i++) {
		owed += cell_widths[i];
		if (row->cells[i] == 0)
			continue;
		fprintf(page->out, "%*s", owed, plain_round_share(row->cells[i], row->count).s);
		owed = 0;
	}
}

void page_row(struct page *page, const struct page_row *row)
{
	char bar[BAR_WIDTH * 3 + 1];
	int width;

	spaces(page, row->indent);
	fprintf(page->out, "%-*s", LABEL_WIDTH - row->indent, row->label);
	fprintf(page->out, "%*s", COUNT_WIDTH, fitted(row->count, COUNT_WIDTH).s);
	if (row->count > 0) {
		fprintf(page->out, "%*s ", SHARE_WIDTH, plain_share(row->count, row->whole).s);
		width = bar_text(bar, sizeof bar, row->count, row->whole, page->utf8);
		coloured(page, colour_codes[row->colour], bar);
		row_cells(page, row, BAR_WIDTH - width);
	}
	fputc('\n', page->out);
}

/* Columns that n bytes of UTF-8 take: one a character, as nothing wider is ever written. */
static int columns_of(const char *s, size_t n)
{
	int columns = 0;

	for (size_t i = 0; i < n; i++)
		columns += ((unsigned char)s[i] & 0xc0) != 0x80;
	return columns;
}

/*
 * Writes words until the text ends, beginning at column 'at'; new lines begin at 'indent'. Two
 * spaces stay two, so that a list's columns stand apart.
 */
static void wrap(struct page *page, int at, int indent, const char *text)
{
	int width = page->columns ? page->columns : PAGE_COLUMNS;
	bool first = true;

	for (;;) {
		int gap = (int)strspn(text, " "), columns;
		size_t length = strcspn(text += gap, " ");

		if (length == 0)
			break;
		columns = columns_of(text, length);
		/* Only what is not ours can be longer than a line, and that is ASCII. */
		if (columns > width - indent) {
			columns = width - indent;
			length = (size_t)columns;
		}
		if (!first && at + gap + columns > width) {
			fputc('\n', page->out);
			spaces(page, indent);
			at = indent;
			gap = 0;
		}
		fprintf(page->out, "%*s%.*s", gap, "", (int)length, text);
		at += gap + columns;
		first = false;
		text += length;
	}
	fputc('\n', page->out);
}

void page_item(struct page *page, uint64_t count, const char *what)
{
	fprintf(page->out, "%*s  ", ITEM_WIDTH, fitted(count, ITEM_WIDTH).s);
	wrap(page, ITEM_WIDTH + 2, ITEM_WIDTH + 2, what);
}

void page_pair(struct page *page, struct plain left, struct plain right, const char *what)
{
	fprintf(page->out, "%*s%*s  ", PAIR_WIDTH, left.s, PAIR_WIDTH, right.s);
	wrap(page, 2 * PAIR_WIDTH + 2, 2 * PAIR_WIDTH + 2, what);
}

void page_field(struct page *page, int indent, const char *label, const char *text)
{
	fprintf(page->out, "%-*s", indent, label);
	wrap(page, indent, indent, text);
}

static void say(struct page *page, int indent, const char *format, va_list args)
{
	char text[2048];

	vsnprintf(text, sizeof text, format, args);
	page->begun = true;
	spaces(page, indent);
	wrap(page, indent, indent + 2, text);
}

void page_say(struct page *page, int indent, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(page, indent, format, args);
	va_end(args);
}

void page_warn(struct page *page, int indent, const char *format, ...)
{
	va_list args;

	if (page->colours)
		fputs(colour_codes[PAGE_WARN], page->out);
	va_start(args, format);
	say(page, indent, format, args);
	va_end(args);
	if (page->colours)
		fputs("\033[0m", page->out);
}

const char *page_on(const struct page *page, enum page_colour colour)
{
	return page->colours ? colour_codes[colour] : "";
}

const char *page_off(const struct page *page)
{
	return page->colours ? "\033[0m" : "";
}

const char *page_arrow(const struct page *page)
{
	return page->utf8 ? "\u2192" : "->";
}

const char *page_clean(char *to, size_t size, const char *from)
{
	size_t at = 0;

	for (; *from && at + 1 < size; from++)
		to[at++] = *from >= 0x20 && *from < 0x7f ? *from : '?';
	to[at] = '\0';
	return to;
}
