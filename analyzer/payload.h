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

/* What a flow keeps of who talks: its FLOW_PAYLOAD, FLOW_PAYLOAD_SERVER and FLOW_TAKEN, and its burst. */
struct talk {
	unsigned bits;
	uint32_t burst;
};

static inline struct talk talk_of(const struct flow *flow)
{
	return (struct talk){ flow->bits, flow->burst };
}

static inline void talk_keep(struct flow *flow, struct talk talk)
{
	flow->bits = (uint16_t)talk.bits;
	flow->burst = talk.burst;
}

/* 1 if the last new payload came from that side. */
static inline unsigned talk_paid_last(struct talk talk, enum side side)
{
	return (talk.bits & (FLOW_PAYLOAD | FLOW_PAYLOAD_SERVER)) ==
	       (FLOW_PAYLOAD | (unsigned)side * FLOW_PAYLOAD_SERVER);
}

/* What 'side' sent is acknowledged, all of it or less; 'more' = more than was known to be. Nothing branches,
 * as in habits.h, and in the next. */
static inline struct talk talk_acknowledged(struct talk talk, enum side side, unsigned more, unsigned all)
{
	unsigned takes = more & talk_paid_last(talk, side);

	/* Which of its packets is now the first that is not acknowledged, nobody has kept. */
	return (struct talk){ talk.bits | takes * FLOW_TAKEN, talk.burst & ((takes & ~all & 1u) - 1) };
}

/*
 * New payload ('any'; else nothing changes): this side is the last that sent any; and 'here' (as struct
 * flow's burst) the data begins that it has sent since the other did, or since all of it was acknowledged.
 */
static inline struct talk talk_paid(struct talk talk, enum side side, unsigned any, unsigned all_acked,
				    uint32_t here)
{
	unsigned turned = !talk_paid_last(talk, side),
		 begins = any & (all_acked | turned | (talk.burst == 0));
	unsigned gone = any * FLOW_PAYLOAD_SERVER | (any & turned) * FLOW_TAKEN;
	unsigned news = FLOW_PAYLOAD | (unsigned)side * FLOW_PAYLOAD_SERVER;

	return (struct talk){ (talk.bits & ~gone) | (news & -any),
			      (talk.burst & (begins - 1)) | (here & -begins) };
}

/* Is 'ack' no older than the last one, and of nothing but what the end sent? */
static inline bool payload_fits(const struct endpoint *end, struct seq ack)
{
	return seq_diff(ack, end->una) >= 0 && seq_diff(end->nxt, ack) >= 0;
}

/* 'ack' acknowledges what 'side' sent, all of it or less; or only what was known already. */
static inline void payload_acknowledge(struct flow *flow, struct seq ack, enum side side)
{
	struct endpoint *end = &flow->end[side];

	talk_keep(flow, talk_acknowledged(talk_of(flow), side, ack.n != end->una.n, ack.n == end->nxt.n));
	end->una = ack;
}

/* New payload of that side: who talks, and since when. */
static inline void payload_note_fresh(struct flow *flow, const struct segment *s, enum side side)
{
	const struct endpoint *me = &flow->end[side];
	bool all_acked = (me->bits & END_UNA) && seq_diff(me->una, payload_seq(s)) >= 0;

	talk_keep(flow, talk_paid(talk_of(flow), side, 1, all_acked, flow_offset(flow, s->packet)));
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
