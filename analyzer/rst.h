/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rst.h - is a RST accepted by its receiver, did its supposed sender send it, and what takes either back. */
#ifndef LASTACK_ANALYZER_RST_H
#define LASTACK_ANALYZER_RST_H

#include "analyzer/flow.h"

/* A RST from 'side'. What it says about both ends, or that it was ignored, goes into flow and closing. */
void rst_apply(struct flow *flow, struct closing *closing, const struct segment *segment, enum side side);

/*
 * A segment without RST that passes after an accepted RST: may show that the RST was ignored after all, or
 * that its supposed sender lives. To be called before the segment is applied.
 */
void rst_reconsider(struct flow *flow, struct closing *closing, const struct segment *segment,
		    enum side side);

/* The RST was not accepted, or did not arrive: the connection is what it was before. */
void rst_take_back(struct flow *flow, struct closing *closing);

/*
 * Both FINs turn out to be acknowledged although a RST had passed: it came after them, and ended a TIME-WAIT
 * if any end was in one.
 */
void rst_came_too_late(struct flow *flow, struct closing *closing, const struct segment *segment);

#endif
