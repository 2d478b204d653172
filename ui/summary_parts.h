/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * summary_parts.h - the sections of the summary, for summary.c: each writes itself if it
 * has something to say, from what it is shown, and keeps nothing.
 */
#ifndef LASTACK_UI_SUMMARY_PARTS_H
#define LASTACK_UI_SUMMARY_PARTS_H

#include "analyzer/ledger.h"
#include "analyzer/tally.h"
#include "ui/page.h"
#include "ui/summary.h"

/* What a section may look at. */
struct summary_view {
	const struct tally *tally;
	const struct tally_counts *counts; /* the tally's */
	const struct ledger *ledger;
	const struct summary_input *input;
	int64_t time_wait; /* 2MSL, ns */
	uint32_t ports;	   /* ephemeral ports of a host */
	int64_t observed;  /* ns between the first packet and the last */
	size_t top;	   /* lines of a list */
};

void summary_read(struct page *page, const struct summary_view *view);
void summary_closes(struct page *page, const struct summary_view *view);
void summary_resets(struct page *page, const struct summary_view *view);
void summary_failed(struct page *page, const struct summary_view *view);
void summary_vanished(struct page *page, const struct summary_view *view);
void summary_unfinished(struct page *page, const struct summary_view *view);
void summary_time_wait(struct page *page, const struct summary_view *view);
void summary_saw(struct page *page, const struct summary_view *view);
void summary_habits(struct page *page, const struct summary_view *view);
void summary_kernel(struct page *page, const struct summary_view *view);
void summary_notable(struct page *page, const struct summary_view *view);

/* The line under a list that does not hold all keys; nothing when missed is 0. */
void summary_missed(struct page *page, int indent, uint64_t missed);

#endif
