/* SPDX-License-Identifier: GPL-2.0-or-later */
/* select.h - which rows are written and listed: --only. */
#ifndef LASTACK_UI_SELECT_H
#define LASTACK_UI_SELECT_H

#include "analyzer/record.h"
#include "ui/format.h"

/* Sets of words; a record that is in one of them is selected. All zero = every record is. */
struct only {
	uint32_t closes; /* bit 1 << enum close */
	uint64_t causes; /* bit 1 << enum cause; never CAUSE_NONE */
	bool lingering;
};

_Static_assert(CLOSE_COUNT <= 32 && CAUSE_COUNT <= 64, "struct only has a bit for every word");

/*
 * Reads closes, causes and "lingering", separated by commas, in any case. False when a word is none of them:
 * why then names it and lists those that are.
 */
bool only_parse(struct only *only, const char *list, struct text *why);

bool only_takes(const struct only *only, const struct record *record);

#endif
