/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * closing.h - FINs, what acknowledges them, and when a connection is over (RFC 9293 3.6, verdicts.md 1, 2).
 *
 * Part of flow_apply(): each function takes the flow, its closing, which exists, and a segment of 'side'.
 */
#ifndef LASTACK_ANALYZER_CLOSING_H
#define LASTACK_ANALYZER_CLOSING_H

#include "analyzer/flow.h"

/* A FIN: the first of its side, or a copy, or none that this side can have sent. */
void closing_fin_seen(struct flow *flow, struct closing *closing, const struct segment *segment,
		      enum side side);

/* The first FIN of its side, of which that is certain, with the number 'fin'. */
void closing_fin(struct flow *flow, struct closing *closing, const struct segment *segment, enum side side,
		 struct seq fin);

/* 'side' has acknowledged the other end's FIN, in the packet that 'by' marks. */
void closing_fin_acked(struct flow *flow, struct closing *closing, struct mark by, enum side side);

/* The connection is over; what passes from now on is late. */
void closing_decide(struct flow *flow, struct closing *closing, const struct segment *segment);

/* What is sent and not acknowledged at this moment is lost with the connection. */
void closing_note_lost(struct flow *flow, struct closing *closing);

/* What a segment means to a connection that is ending, or has ended before it ('was_closed'). To be called
 * when all that it says is known. */
void closing_note_segment(struct flow *flow, struct closing *closing, const struct segment *segment,
			  enum side side, bool was_closed);

#endif
