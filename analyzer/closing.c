/* SPDX-License-Identifier: GPL-2.0-or-later */
/* closing.c - see closing.h. What a RST does is in rst.c. */
#include "analyzer/closing.h"

#include "analyzer/payload.h"
#include "analyzer/rst.h"

void closing_decide(struct flow *flow, struct closing *c, const struct segment *s)
{
	flow->bits |= FLOW_CLOSED;
	if (c->closed.packet == 0)
		c->closed = (struct mark){ s->packet, s->at };
}

struct moment flow_closed_at(const struct closing *c)
{
	struct moment at = c->closed.at;

	for (enum side side = CLIENT; side <= SERVER; side++)
		if (c->end[side].time_wait.ns > at.ns)
			at = c->end[side].time_wait;
	return at;
}

/* Both FINs are known and neither acknowledges the other: they crossed (verdicts.md 1). */
static bool fins_crossed(const struct flow *flow, const struct closing *c)
{
	const struct closing_end *a = &c->end[CLIENT], *b = &c->end[SERVER];

	return (flow->end[CLIENT].bits & flow->end[SERVER].bits & END_FIN) &&
	       seq_diff(a->fin_ack, b->fin_seq) <= 0 && seq_diff(b->fin_ack, a->fin_seq) <= 0;
}

void closing_fin_acked(struct flow *flow, struct closing *c, struct mark by, enum side side)
{
	struct endpoint *me = &flow->end[side], *peer = &flow->end[other(side)];
	struct closing_end *mine = &c->end[side], *its = &c->end[other(side)];

	/* Where its own FIN acknowledges the other's, it had got that before, whatever the order at the tap.
	 */
	if ((me->bits & END_FIN) && seq_diff(mine->fin_ack, its->fin_seq) > 0)
		me->facts = facts_with_before(me->facts, GOT_FIN, SENT_FIN);
	/* Nor does an end acknowledge anything once a RST has reached it. */
	me->facts = facts_with_before(me->facts, GOT_FIN, GOT_RST);
	if (mine->got_fin.ns == 0)
		mine->got_fin = by.at;
	if (facts_include(peer->facts, FIN_ACKED))
		return;
	/* What this end had sent before, its FIN, got there before this acknowledgement. */
	if (fins_crossed(flow, c))
		peer->facts = facts_with(peer->facts, GOT_FIN);
	peer->facts = facts_with(peer->facts, FIN_ACKED);
	its->fin_acked = by;
}

void closing_note_lost(struct flow *flow, struct closing *c)
{
	for (enum side side = CLIENT; side <= SERVER; side++) {
		struct endpoint *e = &flow->end[side];
		struct seq end = seq_plus(e->nxt, e->bits & END_FIN ? UINT32_MAX : 0);
		struct seq from = e->bits & END_UNA ? e->una : seq_plus(e->isn, 1);

		c->end[side].lost = 0;
		if ((e->bits & END_SEEN) && seq_diff(end, from) > 0)
			c->end[side].lost = (uint32_t)seq_diff(end, from);
	}
	c->bits |= CLOSING_LOST_KNOWN;
}

/* The other end's last data passed before this FIN, but had not arrived when it left. */
static void note_crossing_data(const struct flow *flow, struct closing *c, enum side side)
{
	const struct endpoint *peer = &flow->end[other(side)];
	uint64_t packet = flow_unacked(flow, other(side));

	if (packet != 0 && flow_was_last(flow, other(side)) && seq_diff(peer->nxt, c->end[side].fin_ack) > 0)
		c->late = (struct late){ packet, peer->nxt, flow->end[side].una, flow->gap };
}

void closing_fin(struct flow *flow, struct closing *c, const struct segment *s, enum side side,
		 struct seq fin)
{
	struct endpoint *me = &flow->end[side];
	struct closing_end *mine = &c->end[side];

	mine->fin = (struct mark){ s->packet, s->at };
	mine->fin_last = flow_offset(flow, s->packet);
	mine->fin_seq = fin;
	mine->fin_ack = has_ack(s) ? s->ack : flow->end[other(side)].una;
	if (!(flow->end[other(side)].bits & END_FIN) && (flow->bits & FLOW_PAYLOAD))
		c->idle = s->at.ns - flow->payload_at.ns;
	payload_skip(me, fin);
	note_crossing_data(flow, c, side);
	me->bits |= END_FIN;
	me->facts = facts_with(me->facts, SENT_FIN);
	if (seq_diff(fin, me->nxt) >= 0)
		payload_advance(me, seq_plus(fin, 1));
	/* The tap may show an acknowledgement before what it covers. */
	if ((me->bits & END_UNA) && seq_diff(me->una, fin) > 0) {
		const struct closing_end *its = &c->end[other(side)];
		bool by_fin = (flow->end[other(side)].bits & END_FIN) && seq_diff(its->fin_ack, fin) > 0;

		closing_fin_acked(flow, c, by_fin ? its->fin : mine->fin, other(side));
	}
}

/* One below what was sent, or far beyond it, is no FIN of this end; unless only an ACK told of that octet. */
static bool is_possible_fin(const struct endpoint *me, struct seq fin)
{
	int32_t ahead = seq_diff(fin, me->nxt);

	if (ahead == -1)
		return (me->bits & END_UNA) && me->una.n == me->nxt.n;
	return ahead >= 0 && ahead < FAR_AHEAD;
}

/* With an ID that this end had reached before: a copy that the network made says nothing of its sender. */
static bool is_old_copy(const struct endpoint *me, const struct segment *s)
{
	const uint16_t reach = 1000;

	return s->ip_id != 0 && (me->bits & END_IP_ID) && (uint16_t)(me->ip_id - s->ip_id) < reach;
}

void closing_fin_seen(struct flow *flow, struct closing *c, const struct segment *s, enum side side)
{
	struct endpoint *me = &flow->end[side], *peer = &flow->end[other(side)];
	struct closing_end *mine = &c->end[side];
	struct seq fin = seq_plus(payload_seq(s), s->len);

	if (!(me->bits & END_FIN)) {
		if (is_possible_fin(me, fin))
			closing_fin(flow, c, s, side, fin);
		return;
	}
	if (fin.n != mine->fin_seq.n)
		return;
	if (mine->fin_tries < UINT16_MAX)
		mine->fin_tries++;
	mine->fin_again = true;
	mine->fin_last = flow_offset(flow, s->packet);
	if (is_old_copy(me, s))
		return;
	if (facts_include(me->facts, FIN_ACKED)) {
		me->facts = facts_without(me->facts, FIN_ACKED);
		if (mine->denied < UINT8_MAX)
			mine->denied++;
		if (!closing_by_rst(c))
			flow->bits &= (uint16_t)~FLOW_CLOSED;
	} else if (c->end[other(side)].got_fin.ns == 0) {
		/* That crossed FINs had arrived was inferred, and this denies it. */
		peer->facts = facts_without(peer->facts, GOT_FIN);
	}
}

/* 'side' is in TIME-WAIT: since now, if it was not yet, or if it answers the other's FIN, which came again.
 */
static void note_time_wait(struct closing *c, const struct segment *s, enum side side, enum side sender)
{
	struct closing_end *end = &c->end[side], *its = &c->end[other(side)];
	bool answers = side == sender && its->fin_again && has_ack(s);

	if (end->time_wait.ns != 0 && !answers)
		return;
	end->time_wait = s->at;
	its->fin_again = false;
}

void closing_note_segment(struct flow *flow, struct closing *c, const struct segment *s, enum side side,
			  bool was_closed)
{
	if (was_closed && (flow->bits & FLOW_CLOSED))
		c->after_close++;
	if (flow_both_closed(flow)) {
		if (closing_by_rst(c))
			rst_came_too_late(flow, c, s);
		if (!(flow->bits & FLOW_CLOSED))
			closing_decide(flow, c, s);
	}
	if (facts_state(flow->end[CLIENT].facts) == STATE_TIME_WAIT)
		note_time_wait(c, s, CLIENT, side);
	if (facts_state(flow->end[SERVER].facts) == STATE_TIME_WAIT)
		note_time_wait(c, s, SERVER, side);
	if (!was_closed && (flow->bits & FLOW_CLOSED))
		closing_note_lost(flow, c);
}
