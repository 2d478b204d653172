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

/*
 * Whether the flow's next segments can be predicted: it is established, the handshake over, and nothing was
 * closed or tried again. Only what flow_apply() changes changes that.
 */
bool prediction_possible(const struct flow *flow);

/* Of such a flow: whether the segment, from 'side', is as predicted. Then prediction_apply() may be called
 * instead of flow_apply(). */
static inline bool prediction_holds(const struct flow *flow, const struct segment *s, enum side side)
{
	const struct endpoint *me = &flow->end[side], *peer = &flow->end[other(side)];

	return s->kind == SEGMENT_TCP && (s->flags & (TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK)) == TCP_ACK &&
	       s->seq.n == me->nxt.n && s->ack.n - peer->una.n <= peer->nxt.n - peer->una.n;
}

/* As all ends' facts are, in this order, from their first segment after an ordinary handshake on. */
static inline bool prediction_is_synchronised(fact_list facts)
{
	return facts >> 4 == (SYN_ACKED | SENT_SEGMENT << 4);
}

static inline void prediction_apply(struct flow *flow, const struct segment *s, enum side side)
{
	struct endpoint *me = &flow->end[side], *peer = &flow->end[other(side)];

	payload_acknowledge(flow, s->ack, other(side));
	if (!prediction_is_synchronised(me->facts))
		me->facts = facts_with(me->facts, SENT_SEGMENT);
	if (!prediction_is_synchronised(peer->facts) && seq_diff(peer->una, peer->isn) > 0)
		peer->facts = facts_with(peer->facts, SYN_ACKED);
	payload_apply_next(flow, s, side);
	if (!history_has(flow, s, side))
		history_note(flow, s, side, false);
	habits_note_gap(flow, s, side);
	habits_count(flow, s, side);
	habits_note(me, s);
}

#endif
