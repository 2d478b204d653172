/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rst.c - RFC 9293 3.10.7, RFC 5961 3.2: which RSTs end a connection; and who sent them.
 *
 * Acceptance is decided when the RST passes and can be taken back: only by a challenge
 * ACK, a repetition, or a segment of its receiver, later than one handshake round trip,
 * that no RST answers (verdicts.md 2). What was in flight already proves nothing.
 */
#include "analyzer/rst.h"

/* Without a handshake to measure, what a round trip may last (RFC 6298 2.1: initial RTO). */
#define UNKNOWN_ROUND_TRIP_NS 1000000000

/* A host answers a segment it has no socket for at once; this much is allowed for queues. */
#define REPLY_SLACK_NS 100000000

/* An ID this much beyond the side's last is still taken for one that goes on from it. */
#define NEAR_IP_ID 2000

static int64_t round_trip(const struct flow *flow)
{
	return flow->bits & FLOW_HANDSHAKE ? flow->handshake : UNKNOWN_ROUND_TRIP_NS;
}

static int weight(uint8_t signs, enum rst_sign sign, int weighs)
{
	return signs & sign ? weighs : 0;
}

static bool are_foreign(uint8_t signs)
{
	return weight(signs, RST_SIGN_TTL, 2) + weight(signs, RST_SIGN_ID, 1) +
		       weight(signs, RST_SIGN_TIMESTAMPS, 1) + weight(signs, RST_SIGN_WINDOW, 1) +
		       weight(signs, RST_SIGN_WENT_ON, 3) + weight(signs, RST_SIGN_LADDER, 2) >=
	       3;
}

bool rst_is_foreign(const struct closing *c)
{
	return are_foreign(c->rst_signs);
}

/* How the RST differs from what its side sent before in this connection. */
static uint8_t signs_of(const struct endpoint *me, const struct segment *s)
{
	bool active = s->flags & TCP_ACK; /* a reply to a segment with ACK has none: verdicts.md 3 */
	uint16_t id_step = (uint16_t)(s->ip_id - me->ip_id);
	uint8_t signs = 0;

	if (me->packets == 0)
		return 0;
	if (s->ttl != me->ttl)
		signs |= RST_SIGN_TTL;
	if (s->ip_id != 0 && (me->bits & END_IP_ID) && (id_step == 0 || id_step > NEAR_IP_ID))
		signs |= RST_SIGN_ID;
	if (!active)
		return signs;
	if ((me->bits & END_TIMESTAMPS) && !(s->bits & SEGMENT_TIMESTAMPS))
		signs |= RST_SIGN_TIMESTAMPS;
	if (s->window == 0 && me->window != 0)
		signs |= RST_SIGN_WINDOW;
	return signs;
}

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

/* The packet a reply RST answers: the connection's last, if its receiver sent it just before. */
static uint64_t trigger_of(const struct flow *flow, const struct segment *s, enum side side)
{
	bool from_receiver = !(flow->bits & FLOW_LAST_SERVER) == (other(side) == CLIENT);
	bool prompt = s->at.ns - flow->last.ns <= 2 * round_trip(flow) + REPLY_SLACK_NS;

	return from_receiver && prompt && !(s->flags & TCP_ACK) ? flow->last_packet : 0;
}

/* A RST one probe interval after the last of at least two probes: the prober gave up (RFC 1122 4.2.3.6). */
static bool follows_probes(const struct flow *flow, const struct segment *s, enum side side)
{
	const struct endpoint *me = &flow->end[side];
	int64_t since = (s->at.ns - flow->start.ns) / 1000000 + 1 - (int64_t)me->probe_ms;
	int64_t gap = me->probe_gap_ms, slack = gap / 8 + 20;

	return gap != 0 && (s->flags & TCP_ACK) && since >= gap - slack && since <= gap + slack;
}

static void note_rst(struct flow *flow, struct closing *c, const struct segment *s, enum side side,
		     enum acceptance accepted)
{
	c->rst = (struct mark){ s->packet, s->at };
	c->rst_seq = s->seq;
	c->rst_side = (uint8_t)side;
	c->rst_signs = signs_of(&flow->end[side], s);
	c->rst_reply = !(s->flags & TCP_ACK) || (s->seq.n == 0 && s->window == 0);
	c->rst_exact = accepted == EXACT;
	c->rst_after_probes = follows_probes(flow, s, side);
	c->trigger = trigger_of(flow, s, side);
	c->doubt = (struct moment){ 0 };
	if (!((flow->end[CLIENT].bits | flow->end[SERVER].bits) & END_FIN) && (flow->bits & FLOW_PAYLOAD))
		c->idle = s->at.ns - flow->payload_at.ns;
	flow->bits |= FLOW_CLOSED;
	if (c->closed.packet == 0)
		c->closed = c->rst;
}

/* The ACK of a live socket's abort tells whether it had got the other end's FIN. */
static void note_what_it_had(struct flow *flow, struct closing *c, const struct segment *s, enum side side)
{
	struct endpoint *me = &flow->end[side];

	if (c->rst_reply || !(flow->end[other(side)].bits & END_FIN))
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

	if (!rst_is_foreign(c)) {
		note_what_it_had(flow, c, s, side);
		me->facts = facts_with(me->facts, SENT_RST);
	}
	peer->facts = facts_with(peer->facts, GOT_RST);
}

/* Another mark of a forgery came after the RST itself. */
static void note_forgery(struct flow *flow, struct closing *c, enum rst_sign sign)
{
	struct endpoint *supposed = &flow->end[c->rst_side];

	c->rst_signs |= (uint8_t)sign;
	if (rst_is_foreign(c))
		supposed->facts = facts_without(supposed->facts, SENT_RST);
}

/* Two live sockets that abort at once: this one's RST had left before the other's arrived. */
static bool is_crossing_abort(const struct flow *flow, const struct closing *c, const struct segment *s,
			      enum side side)
{
	return c->rst.packet != 0 && c->rst_side != side && (flow->bits & FLOW_ESTABLISHED) &&
	       (s->flags & TCP_ACK) && s->at.ns - c->rst.at.ns <= round_trip(flow) &&
	       !are_foreign(signs_of(&flow->end[side], s)) && acceptance(flow, c, s, side) != IGNORED;
}

/* After the connection was over: it may end a TIME-WAIT, or reach an end that a forged one spared. */
static void apply_late(struct flow *flow, struct closing *c, const struct segment *s, enum side side)
{
	struct endpoint *me = &flow->end[side], *peer = &flow->end[other(side)];
	enum state peer_state = facts_state(peer->facts);

	if (c->rst.packet != 0 && c->rst_side == side)
		c->doubt = (struct moment){ 0 };
	if (c->rst.packet != 0 && c->rst_side == side && seq_diff(s->seq, me->nxt) > 0)
		note_forgery(flow, c, RST_SIGN_LADDER);
	if (is_crossing_abort(flow, c, s, side))
		me->facts = facts_with_before(me->facts, SENT_RST, GOT_RST);
	if (peer_state == STATE_CLOSED || acceptance(flow, c, s, side) == IGNORED)
		return;
	if (flow_both_closed(flow)) {
		if (peer_state != STATE_TIME_WAIT)
			return;
		c->assassinated = s->at;
	} else if (c->rst.packet == 0) {
		return;
	}
	peer->facts = facts_with(peer->facts, GOT_RST);
	if (facts_state(me->facts) != STATE_TIME_WAIT && signs_of(me, s) == 0)
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
	if (!(c->rst_reply && c->trigger != 0 && c->rst_signs == 0))
		me->facts = facts_without(me->facts, SENT_RST);
	peer->facts = facts_without(peer->facts, GOT_RST);
	c->rst = (struct mark){ 0 };
	c->closed = (struct mark){ 0 };
	c->doubt = (struct moment){ 0 };
	c->trigger = 0;
	c->rst_after_probes = false;
	c->rst_ignored++;
	c->after_close = 0;
	c->lost_known = false;
	flow->bits &= (uint16_t) ~(FLOW_CLOSED | FLOW_SYN_REFUSED | FLOW_SYN_RESET);
}

/* The RST's receiver speaks after it. */
static void receiver_went_on(struct flow *flow, struct closing *c, const struct segment *s, enum side side)
{
	const struct endpoint *me = &flow->end[side], *peer = &flow->end[other(side)];
	bool late = s->at.ns - c->rst.at.ns > round_trip(flow);
	bool fin = s->flags & TCP_FIN;
	bool repeats = (me->bits & END_SEEN) && (s->len > 0 || fin) &&
		       seq_diff(seq_plus(s->seq, s->len + fin), me->nxt) <= 0;
	bool challenges = !c->rst_exact && s->len == 0 && !fin && (s->flags & TCP_ACK) &&
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
	bool late = s->at.ns - c->rst.at.ns > round_trip(flow);

	if (c->doubt.ns != 0) {
		rst_take_back(flow, c); /* both go on as if nothing had been */
		return;
	}
	if (!beyond && !late)
		return;
	note_forgery(flow, c, RST_SIGN_WENT_ON);
}

void rst_reconsider(struct flow *flow, struct closing *c, const struct segment *s, enum side side)
{
	if (flow_both_closed(flow) || !(flow->bits & FLOW_ESTABLISHED))
		return;
	if (side == c->rst_side)
		sender_went_on(flow, c, s);
	else
		receiver_went_on(flow, c, s, side);
}
