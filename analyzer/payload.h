/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * payload.h - the payload of one end by sequence arithmetic: what is new, what is repeated, what only
 * probes, and what was tried again and again without an answer.
 */
#ifndef LASTACK_ANALYZER_PAYLOAD_H
#define LASTACK_ANALYZER_PAYLOAD_H

#include "analyzer/flow.h"

/* No honest sender is this far ahead of what was seen of it; what is, moves nothing. */
#define FAR_AHEAD (1 << 30)

static inline bool has_syn(const struct segment *s)
{
	return s->flags & TCP_SYN;
}

static inline bool has_fin(const struct segment *s)
{
	return s->flags & TCP_FIN;
}

static inline bool has_ack(const struct segment *s)
{
	return s->flags & TCP_ACK;
}

/* Number of the first payload octet. */
static inline struct seq payload_seq(const struct segment *s)
{
	return seq_plus(s->seq, has_syn(s) ? 1 : 0);
}

/* The highest number an end sent has become nxt. */
static inline void payload_advance(struct endpoint *end, struct seq nxt)
{
	end->laps = (uint16_t)(end->laps + (nxt.n < end->nxt.n));
	end->nxt = nxt;
}

/* The tap has skipped what lies between the end's nxt and from, if anything does. */
void payload_skip(struct endpoint *end, struct seq from);

/* 'ack' acknowledges what 'side' sent, all of it or less; or only what was known already. */
static inline void payload_acknowledge(struct flow *flow, struct seq ack, enum side side)
{
	struct endpoint *end = &flow->end[side];
	unsigned takes = (ack.n != end->una.n) & flow_paid_last(flow, side), not_all = ack.n != end->nxt.n;

	end->una = ack;
	flow->bits = (uint16_t)(flow->bits | takes * FLOW_TAKEN);
	/* Which of its packets is now the first that is not acknowledged, nobody has kept. */
	flow->burst &= (takes & not_all) - 1;
}

/*
 * New payload: this side is the last that sent any; and where the data begins that it has sent since the
 * other did, or since all of it was acknowledged. (Nothing branches, as in habits.h.)
 */
static inline void payload_note_fresh(struct flow *flow, const struct segment *s, enum side side)
{
	const struct endpoint *me = &flow->end[side];
	bool all_acked = ((me->bits & END_UNA) != 0) & (seq_diff(me->una, payload_seq(s)) >= 0);
	bool paid_last = flow_paid_last(flow, side);
	uint32_t burst = flow->burst, here = flow_offset(flow, s->packet);
	unsigned kept = flow->bits & ~(unsigned)(FLOW_PAYLOAD_SERVER | (paid_last ? 0 : FLOW_TAKEN));

	flow->burst = (all_acked | (burst == 0) | !paid_last) ? here : burst;
	flow->bits = (uint16_t)(kept | FLOW_PAYLOAD | (side == SERVER ? (unsigned)FLOW_PAYLOAD_SERVER : 0));
}

/* What payload_apply() does with a segment, no SYN or FIN, that begins where side's last one ended, while
 * nothing was closed. */
static inline void payload_apply_next(struct flow *flow, const struct segment *s, enum side side)
{
	struct endpoint *me = &flow->end[side];

	me->probe_ms = me->probe_gap_ms = 0;
	if (s->len == 0)
		return;
	flow->payload_at = s->at;
	payload_note_fresh(flow, s, side);
	payload_advance(me, seq_plus(s->seq, s->len));
}

/* The payload of a segment from side. True when it only repeats old bytes. closing may be NULL. */
bool payload_apply(struct flow *flow, struct closing *closing, const struct segment *segment, enum side side);

#endif
