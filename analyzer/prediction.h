/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * prediction.h - the segment that nearly all are: the next one of an established connection.
 *
 * Header prediction (Van Jacobson, "4BSD TCP Header Prediction", 1990), from the tap's place: new data in
 * order and nothing else, or an acknowledgement and nothing else, of a connection of which nothing was
 * repeated, skipped or closed. A shortcut, never a second opinion: it takes only what flow_apply() would do
 * the very same with (tests/test_prediction.c compares the two), and leaves anything else to that.
 */
#ifndef LASTACK_ANALYZER_PREDICTION_H
#define LASTACK_ANALYZER_PREDICTION_H

#include "analyzer/habits.h"
#include "analyzer/history.h"
#include "analyzer/payload.h"

/* Part of prediction_possible(). */
static inline bool prediction_is_settled(const struct endpoint *end)
{
	return (end->bits & (END_SEEN | END_UNA | END_FIN)) == (END_SEEN | END_UNA) && end->tries == 0;
}

/*
 * Whether the flow's next segments can be predicted: it is established, the handshake over if any of it was
 * seen, no end has sent a FIN or tries again, and it is not closed. Only what flow_apply() changes changes
 * that.
 */
static inline bool prediction_possible(const struct flow *flow)
{
	enum { MASK = FLOW_ESTABLISHED | FLOW_FAST_OPEN | FLOW_CLOSED };
	bool handshake_over = (flow->bits & FLOW_HANDSHAKE) || flow->handshake == 0;

	return (flow->bits & MASK) == FLOW_ESTABLISHED && handshake_over &&
	       prediction_is_settled(&flow->end[CLIENT]) && prediction_is_settled(&flow->end[SERVER]);
}

/* Of such a flow: whether the segment, from 'side', is as predicted. Then prediction_apply() may be called
 * instead of flow_apply(). */
static inline bool prediction_holds(const struct flow *flow, const struct segment *s, enum side side)
{
	const struct endpoint *me = &flow->end[side], *peer = &flow->end[other(side)];

	return s->kind == SEGMENT_TCP && (s->flags & (TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK)) == TCP_ACK &&
	       s->seq.n == me->nxt.n && payload_fits(peer, s->ack);
}

static inline __attribute__((always_inline)) void prediction_apply(struct flow *flow, const struct segment *s,
								   enum side side)
{
	struct endpoint *me = &flow->end[side], *peer = &flow->end[other(side)];
	unsigned any = s->len != 0;
	struct talk talk = talk_of(flow);

	talk = talk_acknowledged(talk, other(side), s->ack.n != peer->una.n, s->ack.n == peer->nxt.n);
	talk = talk_paid(talk, side, any, me->una.n == s->seq.n, flow_offset(flow, s->packet));
	habits_note_gap(flow, s, side);
	talk_keep(flow, talk);
	habits_count(flow, s, side);
	flow->payload_at.ns += (s->at.ns - flow->payload_at.ns) & -(int64_t)any;
	peer->una = s->ack;
	me->probe_ms = me->probe_gap_ms = 0;
	payload_advance(me, seq_plus(s->seq, s->len));
	if (!facts_include(me->facts, SENT_SEGMENT))
		me->facts = facts_append(me->facts, SENT_SEGMENT);
	if (!facts_include(peer->facts, SYN_ACKED) && seq_diff(peer->una, peer->isn) > 0)
		peer->facts = facts_append(peer->facts, SYN_ACKED);
	if (!history_has(flow, s, side))
		history_note(flow, s, side, false);
	habits_note(me, s);
}

#endif
