/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pages.h - text written through a page (page.h), kept by line, to be drawn on a screen. */
#ifndef LASTACK_UI_PAGES_H
#define LASTACK_UI_PAGES_H

#include "ui/page.h"
#include "ui/screen.h"

struct pages;

/* None. NULL with errno = ENOMEM. */
struct pages *pages_new(void);

/*
 * Begins anew: what is written to the page that is returned, of so many columns, replaces what was there at
 * pages_end(). NULL with errno.
 */
struct page *pages_begin(struct pages *pages, int columns, bool utf8);
bool pages_end(struct pages *pages);

size_t pages_count(const struct pages *pages); /* lines */
void pages_draw(const struct pages *pages, struct screen *screen, int row, int column, size_t line);

/* All of it, without what stands for colours. */
void pages_write(const struct pages *pages, FILE *out);

void pages_free(struct pages *pages); /* NULL is fine */

#endif
