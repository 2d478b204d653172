/* SPDX-License-Identifier: GPL-2.0-or-later */
/* habits.h - what is noted of every segment of a connection, whatever it says. */
#ifndef LASTACK_ANALYZER_HABITS_H
#define LASTACK_ANALYZER_HABITS_H

#include "analyzer/payload.h"

/*
 * Every segment passes here, and what it brings is anybody's guess: so nothing branches. A processor that has
 * guessed wrong loses more time than all of this takes.
 */

/* What this end's packets usually look like, to tell a forged RST by. */
static inline void habits_note(struct endpoint *me, const struct segment *s)
{
	unsigned known = me->bits, kept = has_syn(s) ? END_TIMESTAMPS : 0;
	unsigned timestamps = s->bits & SEGMENT_TIMESTAMPS ? END_TIMESTAMPS : known & kept;
	unsigned identified = s->ip_id != 0;

	me->ttl = s->ttl;
	me->window = s->window;
	me->ip_id = (uint16_t)((me->ip_id & (identified - 1)) | s->ip_id);
	me->bits = (uint8_t)((known & ~(unsigned)END_TIMESTAMPS) | timestamps | identified * END_IP_ID);
	if (s->bits & SEGMENT_SACK) {
		me->sack_right = (struct seq){ s->sack_right };
		me->bits |= END_SACK;
	}
}

/* The longest silence since the other side was heard last. */
static inline void habits_note_gap(struct flow *flow, const struct segment *s, enum side side)
{
	int64_t gap = (s->at.ns - flow->last.ns) >> FLOW_GAP_SHIFT;
	int64_t longest = flow->gap & -(unsigned)flow_was_last(flow, side);

	longest = gap > longest ? gap : longest;
	flow->gap = longest > UINT32_MAX ? UINT32_MAX : (uint32_t)longest;
}

/* That it passed. */
static inline void habits_count(struct flow *flow, const struct segment *s, enum side side)
{
	int64_t last = flow->last.ns;

	flow->end[side].packets++;
	flow->last_packet = s->packet;
	flow->last.ns = s->at.ns > last ? s->at.ns : last;
	flow->bits =
		(uint16_t)((flow->bits & ~(unsigned)FLOW_LAST_SERVER) | (unsigned)side * FLOW_LAST_SERVER);
}

#endif
