/* SPDX-License-Identifier: GPL-2.0-or-later */
/* habits.h - what is noted of every segment of a connection, whatever it says. */
#ifndef LASTACK_ANALYZER_HABITS_H
#define LASTACK_ANALYZER_HABITS_H

#include "analyzer/payload.h"

/* What this end's packets usually look like, to tell a forged RST by. */
static inline void habits_note(struct endpoint *me, const struct segment *s)
{
	me->ttl = s->ttl;
	if (s->ip_id != 0) {
		me->ip_id = s->ip_id;
		me->bits |= END_IP_ID;
	}
	me->window = s->window;
	if (s->bits & SEGMENT_TIMESTAMPS) {
		me->bits |= END_TIMESTAMPS;
	} else if (!has_syn(s)) {
		me->bits &= (uint8_t)~END_TIMESTAMPS;
	}
	if (s->bits & SEGMENT_SACK) {
		me->sack_right = (struct seq){ s->sack_right };
		me->bits |= END_SACK;
	}
}

/* The longest silence since the other side was heard last. */
static inline void habits_note_gap(struct flow *flow, const struct segment *s, enum side side)
{
	uint32_t gap = flow_gap(flow, s);

	if (!flow_was_last(flow, side) || gap > flow->gap)
		flow->gap = gap;
}

/* That it passed. */
static inline void habits_count(struct flow *flow, const struct segment *s, enum side side)
{
	flow->end[side].packets++;
	flow->last_packet = s->packet;
	if (s->at.ns > flow->last.ns)
		flow->last = s->at;
	flow->bits = (uint16_t)((flow->bits & ~FLOW_LAST_SERVER) | (side == SERVER ? FLOW_LAST_SERVER : 0));
}

#endif
