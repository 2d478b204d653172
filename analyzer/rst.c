/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rst.c - RFC 9293 3.10.7, RFC 5961 3.2: which RSTs end a connection; and who sent them.
 *
 * Acceptance is decided when the RST passes and can be taken back: only by a challenge
 * ACK, a repetition, or a segment of its receiver, later than one handshake round trip,
 * that no RST answers (verdicts.md 2). What was in flight already proves nothing.
 */
#include "analyzer/rst.h"

#include "analyzer/origin.h"

enum acceptance { IGNORED, IN_FLIGHT, EXACT };

/* RFC 5961 3.2, from what the receiver itself has acknowledged. */
static enum acceptance acceptance(const struct flow *flow, const struct closing *c, const struct segment *s,
				  enum side side)
{
	const struct endpoint *me = &flow->end[side], *peer = &flow->end[other(side)];
	int32_t ahead = seq_diff(s->seq, me->una);

	if (facts_state(peer->facts) == STATE_SYN_SENT && !(flow->bits & FLOW_ESTABLISHED))
		return (s->flags & TCP_ACK) && seq_diff(s->ack, peer->isn) >= 1 &&
				       seq_diff(s->ack, peer->nxt) <= 0
			       ? EXACT
			       : IGNORED;
	if (!(me->bits & END_SEEN))
		return IN_FLIGHT;
	if (!(me->bits & END_UNA))
		return seq_diff(s->seq, me->isn) > 0 && seq_diff(me->nxt, s->seq) >= 0 ? IN_FLIGHT : IGNORED;
	if (ahead == 0)
		return EXACT;
	/* Linux takes the number of the FIN octet that it has already counted. */
	if (ahead == -1 && (me->bits & END_FIN) && s->seq.n == c->end[side].fin_seq.n)
		return EXACT;
	if ((peer->bits & END_SACK) && s->seq.n == peer->sack_right.n)
		return EXACT;
	return ahead > 0 && seq_diff(me->nxt, s->seq) >= 0 ? IN_FLIGHT : IGNORED;
}

static uint16_t note_bits(const struct flow *flow, const struct segment *s, enum side side,
			  enum acceptance accepted)
{
	const struct endpoint *peer = &flow->end[other(side)];
	uint16_t bits = CLOSING_BY_RST;

	if (!(s->flags & TCP_ACK))
		bits |= CLOSING_BARE_RST;
	else if (seq_diff(s->ack, peer->nxt) >= (peer->bits & END_FIN ? -1 : 0))
		bits |= CLOSING_ACKS_ALL;
	if (accepted == EXACT)
		bits |= CLOSING_EXACT;
	if (origin_follows_probes(flow, s, side))
		bits |= CLOSING_AFTER_PROBES;
	if (!(s->bits & (SEGMENT_IPV6 | SEGMENT_DF)) && s->ip_id == 0)
		bits |= CLOSING_NO_DF;
	return bits;
}

/* What a live socket's abort follows: the last packet, and the last data, which it may have left unread. */
static void note_before(const struct flow *flow, struct closing *c)
{
	closing_note(c, flow, flow->last_packet);
	if (flow->burst != 0)
		closing_note(c, flow, flow_packet(flow, flow->burst));
}

static void note_rst(struct flow *flow, struct closing *c, const struct segment *s, enum side side,
		     enum acceptance accepted)
{
	bool any_fin = (flow->end[CLIENT].bits | flow->end[SERVER].bits) & END_FIN;

	c->closed = (struct mark){ s->packet, s->at };
	c->rst_seq = s->seq;
	c->rst_side = (uint8_t)side;
	c->bits = note_bits(flow, s, side, accepted);
	origin_find_trigger(flow, c, s, side);
	c->rst_signs = origin_signs(flow, s, side);
	if ((c->bits & CLOSING_BARE_RST) && c->trigger_kind == TRIGGER_NONE)
		c->rst_signs |= RST_SIGN_UNASKED;
	if (c->trigger == 0)
		note_before(flow, c);
	c->doubt = (struct moment){ 0 };
	if (!any_fin && (flow->bits & FLOW_PAYLOAD))
		c->idle = s->at.ns - flow->payload_at.ns;
	/* What an active RST breaks is the silence before itself; a reply, that before what it answers. */
	if (c->trigger == 0)
		flow->gap = flow_gap(flow, s);
	flow->bits |= FLOW_CLOSED;
}

/* The ACK of a live socket's abort tells whether it had got the other end's FIN. */
static void note_what_it_had(struct flow *flow, struct closing *c, const struct segment *s, enum side side)
{
	struct endpoint *me = &flow->end[side];

	if (c->bits & CLOSING_BARE_RST || !(flow->end[other(side)].bits & END_FIN))
		return;
	if (seq_diff(s->ack, c->end[other(side)].fin_seq) > 0) {
		me->facts = facts_with(me->facts, GOT_FIN);
		if (c->end[side].got_fin.ns == 0)
			c->end[side].got_fin = s->at;
	} else if (c->end[side].got_fin.ns == 0) {
		me->facts = facts_without(me->facts, GOT_FIN); /* that had only been inferred */
	}
}

static void deliver(struct flow *flow, struct closing *c, const struct segment *s, enum side side)
{
	struct endpoint *me = &flow->end[side], *peer = &flow->end[other(side)];

	if (!origin_is_foreign(c->rst_signs)) {
		note_what_it_had(flow, c, s, side);
		me->facts = facts_with(me->facts, SENT_RST);
	}
	peer->facts = facts_with(peer->facts, GOT_RST);
}

/* Another mark of a forgery came after the RST itself. */
static void note_forgery(struct flow *flow, struct closing *c, const struct segment *s, enum rst_sign sign)
{
	struct endpoint *supposed = &flow->end[c->rst_side];

	closing_note(c, flow, s->packet);
	c->rst_signs |= (uint16_t)sign;
	if (origin_is_foreign(c->rst_signs))
		supposed->facts = facts_without(supposed->facts, SENT_RST);
}

/* Two live sockets that abort at once: this one's RST had left before the other's arrived. */
static bool is_crossing_abort(const struct flow *flow, const struct closing *c, const struct segment *s,
			      enum side side)
{
	return closing_by_rst(c) && c->rst_side != side && (flow->bits & FLOW_ESTABLISHED) &&
	       (s->flags & TCP_ACK) && s->at.ns - c->closed.at.ns <= flow_round_trip(flow) &&
	       !origin_is_foreign(origin_signs(flow, s, side)) && acceptance(flow, c, s, side) != IGNORED;
}

/* After the connection was over: it may end a TIME-WAIT, or reach an end that a forged one spared. */
static void apply_late(struct flow *flow, struct closing *c, const struct segment *s, enum side side)
{
	struct endpoint *me = &flow->end[side], *peer = &flow->end[other(side)];
	enum state peer_state = facts_state(peer->facts);

	if (closing_by_rst(c) && c->rst_side == side)
		c->doubt = (struct moment){ 0 };
	if (closing_by_rst(c) && c->rst_side == side && seq_diff(s->seq, me->nxt) > 0)
		note_forgery(flow, c, s, RST_SIGN_LADDER);
	if (is_crossing_abort(flow, c, s, side))
		me->facts = facts_with_before(me->facts, SENT_RST, GOT_RST);
	if (peer_state == STATE_CLOSED || acceptance(flow, c, s, side) == IGNORED)
		return;
	if (flow_both_closed(flow)) {
		if (peer_state != STATE_TIME_WAIT)
			return;
		c->assassinated = s->at;
		closing_note(c, flow, s->packet);
	} else if (!closing_by_rst(c)) {
		return;
	}
	peer->facts = facts_with(peer->facts, GOT_RST);
	if (facts_state(me->facts) != STATE_TIME_WAIT && origin_signs(flow, s, side) == 0)
		me->facts = facts_with(me->facts, SENT_RST);
}

void rst_apply(struct flow *flow, struct closing *c, const struct segment *s, enum side side)
{
	struct endpoint *me = &flow->end[side];
	enum acceptance accepted;

	c->rst_count++;
	if (flow->bits & FLOW_CLOSED) {
		apply_late(flow, c, s, side);
		return;
	}
	accepted = acceptance(flow, c, s, side);
	if (accepted == IGNORED) {
		c->rst_ignored++;
		return;
	}
	note_rst(flow, c, s, side, accepted);
	deliver(flow, c, s, side);
	if (flow->bits & FLOW_ESTABLISHED)
		return;
	if (facts_include(flow->end[other(side)].facts, SENT_SYN) && (s->flags & TCP_ACK) &&
	    !facts_include(me->facts, SENT_SYN))
		flow->bits |= FLOW_SYN_REFUSED;
	else if (facts_include(me->facts, SENT_SYN) ||
		 facts_include(flow->end[other(side)].facts, SENT_SYN_ACK))
		flow->bits |= FLOW_SYN_RESET;
	else
		flow->bits |= FLOW_ESTABLISHED; /* seen from the middle on: something was there to reset */
}

void rst_take_back(struct flow *flow, struct closing *c)
{
	struct endpoint *me = &flow->end[c->rst_side], *peer = &flow->end[other(c->rst_side)];

	/* That a reply RST did not arrive changes nothing for its sender: it has no socket any more. */
	if (!(c->trigger != 0 && c->rst_signs == 0))
		me->facts = facts_without(me->facts, SENT_RST);
	peer->facts = facts_without(peer->facts, GOT_RST);
	c->closed = (struct mark){ 0 };
	c->doubt = (struct moment){ 0 };
	c->trigger = 0;
	c->trigger_kind = TRIGGER_NONE;
	c->bits = 0;
	c->rst_ignored++;
	c->after_close = 0;
	flow->bits &= (uint16_t) ~(FLOW_CLOSED | FLOW_SYN_REFUSED | FLOW_SYN_RESET);
}

/* The RST's receiver speaks after it. */
static void receiver_went_on(struct flow *flow, struct closing *c, const struct segment *s, enum side side)
{
	const struct endpoint *me = &flow->end[side], *peer = &flow->end[other(side)];
	bool late = s->at.ns - c->closed.at.ns > flow_round_trip(flow);
	bool fin = s->flags & TCP_FIN;
	bool repeats = (me->bits & END_SEEN) && (s->len > 0 || fin) &&
		       seq_diff(seq_plus(s->seq, s->len + fin), me->nxt) <= 0;
	bool challenges = !(c->bits & CLOSING_EXACT) && s->len == 0 && !fin && (s->flags & TCP_ACK) &&
			  s->seq.n == me->nxt.n && s->ack.n == peer->una.n &&
			  seq_diff(s->ack, c->rst_seq) < 0;

	if ((late && repeats) || challenges)
		rst_take_back(flow, c);
	else if (late && c->doubt.ns == 0)
		c->doubt = s->at;
}

/* The RST's supposed sender speaks after it. */
static void sender_went_on(struct flow *flow, struct closing *c, const struct segment *s)
{
	uint32_t fin = s->flags & TCP_FIN ? 1 : 0;
	bool beyond = seq_diff(seq_plus(s->seq, s->len + fin), c->rst_seq) > 0;
	bool late = s->at.ns - c->closed.at.ns > flow_round_trip(flow);

	if (c->doubt.ns != 0) {
		rst_take_back(flow, c); /* both go on as if nothing had been */
		return;
	}
	if (!beyond && !late)
		return;
	note_forgery(flow, c, s, RST_SIGN_WENT_ON);
}

void rst_reconsider(struct flow *flow, struct closing *c, const struct segment *s, enum side side)
{
	if (flow_both_closed(flow))
		return;
	if (!(flow->bits & FLOW_ESTABLISHED)) {
		/* Whoever refuses a SYN does not answer it by a SYN-ACK too. */
		if (side == c->rst_side && (s->flags & TCP_SYN) && (s->flags & TCP_ACK))
			note_forgery(flow, c, s, RST_SIGN_WENT_ON);
		return;
	}
	if (side == c->rst_side)
		sender_went_on(flow, c, s);
	else
		receiver_went_on(flow, c, s, side);
}

void rst_came_too_late(struct flow *flow, struct closing *c, const struct segment *s)
{
	enum side receiver = other(c->rst_side);

	for (fact_list left = facts_in_order(flow->end[receiver].facts), before = 0; left != 0; left >>= 4) {
		if ((left & 15) == GOT_RST && facts_state(before) == STATE_TIME_WAIT) {
			c->assassinated = c->closed.at;
			c->end[receiver].time_wait = c->closed.at;
		}
		before = facts_with(before, left & 15);
	}
	c->bits &= (uint16_t)~CLOSING_BY_RST;
	c->trigger = 0;
	c->trigger_kind = TRIGGER_NONE;
	c->closed = (struct mark){ s->packet, s->at };
}
