/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ladder_draw.h - a ladder as text: client left, server right, time running down. */
#ifndef LASTACK_UI_LADDER_DRAW_H
#define LASTACK_UI_LADDER_DRAW_H

#include "ui/ladder.h"
#include "ui/page.h"

/* Writes it to page->out, no line wider than page->columns, which must be at least OPTIONS_WIDTH_LEAST. */
void ladder_draw(struct page *page, const struct ladder *ladder);

#endif
