/* SPDX-License-Identifier: GPL-2.0-or-later */
/* prediction.c - see prediction.h. What each check rules out stands behind the name of who would see to it.
 */
#include "analyzer/prediction.h"

#include "analyzer/habits.h"
#include "analyzer/history.h"
#include "analyzer/payload.h"

/* Nothing but an acknowledgement, with or without payload. */
static bool is_plain(const struct segment *s)
{
	return s->kind == SEGMENT_TCP && (s->flags & (TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK)) == TCP_ACK;
}

/* Established, the handshake over, and nothing was closed or tried again. */
static bool is_undisturbed(const struct flow *f, const struct endpoint *me, const struct endpoint *peer)
{
	enum { MASK = FLOW_ESTABLISHED | FLOW_FAST_OPEN | FLOW_HANDSHAKE };

	return f->closing == 0 && (f->bits & MASK) == (FLOW_ESTABLISHED | FLOW_HANDSHAKE) &&
	       (me->tries | peer->tries) == 0 && (me->bits & END_SEEN) && (peer->bits & END_UNA);
}

bool prediction_holds(const struct flow *f, const struct segment *s, enum side side)
{
	const struct endpoint *me = &f->end[side], *peer = &f->end[other(side)];

	return is_plain(s) && s->seq.n == me->nxt.n && is_undisturbed(f, me, peer) &&
	       seq_diff(s->ack, peer->una) >= 0 && seq_diff(s->ack, peer->nxt) <= 0;
}

void prediction_apply(struct flow *f, const struct segment *s, enum side side)
{
	struct endpoint *me = &f->end[side], *peer = &f->end[other(side)];

	me->facts = facts_with(me->facts, SENT_SEGMENT);
	payload_acknowledge(f, s->ack, other(side));
	if (seq_diff(peer->una, peer->isn) > 0)
		peer->facts = facts_with(peer->facts, SYN_ACKED);
	payload_apply_next(f, s, side);
	if (!history_has(f, s, side))
		history_note(f, s, side, false);
	habits_note_gap(f, s, side);
	habits_count(f, s, side);
	habits_note(me, s);
}
