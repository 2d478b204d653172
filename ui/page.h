/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * page.h - a page of text 80 columns wide, or as told: titles, table rows with a bar, wrapped
 * sentences. Knows how things look (colours, UTF-8 or ASCII), not what they mean.
 */
#ifndef LASTACK_UI_PAGE_H
#define LASTACK_UI_PAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "ui/plain.h"

enum { PAGE_COLUMNS = 80 };

enum page_colour { PAGE_PLAIN, PAGE_GOOD, PAGE_BAD, PAGE_WARN, PAGE_CALM, PAGE_COLOUR_COUNT };

struct page {
	FILE *out; /* not owned; its error flag keeps what went wrong */
	bool colours, utf8;
	bool begun;  /* something has been written: a title is preceded by an empty line */
	int columns; /* of sentences; 0 = PAGE_COLUMNS */
};

enum { PAGE_CELLS = 4 }; /* cells at the end of a row */

/* A row: label, count, its share of whole, a bar of it, and cells. */
struct page_row {
	const char *label;
	int indent; /* of the label, in columns, at least 2 */
	uint64_t count, whole;
	enum page_colour colour;    /* of the bar */
	uint64_t cells[PAGE_CELLS]; /* shown as shares of count; nothing where 0 */
};

void page_title(struct page *page, const char *title);

/* The title of a table; 'remark' stands over the bars, heads (up to the first NULL) over the cells. */
void page_table_title(struct page *page, const char *title, const char *remark,
		      const char *const heads[PAGE_CELLS]);

void page_row(struct page *page, const struct page_row *row);

/* A count, and what it counts: the second wrapped beside the first. */
void page_item(struct page *page, uint64_t count, const char *what);

/* Two short texts, right-aligned one beside the other, and what they are of: that wrapped beside them. */
void page_pair(struct page *page, struct plain left, struct plain right, const char *what);

/*
 * A sentence, wrapped at spaces; lines after the first are indented by 2 more, double spaces stay. What
 * comes from outside must go through page_clean() first.
 */
__attribute__((format(printf, 3, 4))) void page_say(struct page *page, int indent, const char *format, ...);
__attribute__((format(printf, 3, 4))) void page_warn(struct page *page, int indent, const char *format, ...);

/* A label of at most 'indent' - 1 columns, and a text wrapped beside it, from column 'indent' on. */
void page_field(struct page *page, int indent, const char *label, const char *text);

/* What switches a colour on, "" without colours; page_off() ends it. */
const char *page_on(const struct page *page, enum page_colour colour);
const char *page_off(const struct page *page);

/* "->", or the arrow character. */
const char *page_arrow(const struct page *page);

/* Copies at most size - 1 printable ASCII characters, '?' for all others; returns to. */
const char *page_clean(char *to, size_t size, const char *from);

#endif
