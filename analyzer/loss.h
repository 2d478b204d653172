/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loss.h - when the capture lost packets, and what can no longer be said for certain because of it.
 *
 * A verdict may rest on what was not seen: no answer, no FIN. Where packets were lost at that time it is at
 * most likely.
 */
#ifndef LASTACK_ANALYZER_LOSS_H
#define LASTACK_ANALYZER_LOSS_H

#include <stddef.h>

#include "analyzer/flow.h"
#include "analyzer/record.h"

enum { LOSSES_MAX = 64 };

/* Spans in which packets were lost, in order of time, apart from each other. All zero = none. */
struct losses {
	struct loss {
		struct moment from, to;
	} span[LOSSES_MAX];
	size_t n;
};

/*
 * Some of what passed from 'from' to 'to' was lost. Spans that touch become one. When there are too many,
 * the two with the least between them become one, so that no loss is ever forgotten.
 */
void losses_add(struct losses *losses, struct moment from, struct moment to);

/* Were packets lost at any time from 'from' to 'to'? */
bool losses_within(const struct losses *losses, struct moment from, struct moment to);

/* Takes 'certain' back from a record, made of that flow, that rests on the absence of a packet in a lossy
 * time, or whose connection was given up before it could come. */
void losses_weigh(const struct losses *losses, const struct flow *flow, const struct closing *closing,
		  struct record *record);

#endif
