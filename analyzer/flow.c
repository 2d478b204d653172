/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flow.c - what one segment says about the two ends of its connection.
 *
 * A segment is evidence about its sender first: what it acknowledges the sender has got,
 * what it carries the sender has sent. About the receiver it says one thing: an
 * acknowledgement that passes is taken as delivered, until the receiver repeats what was
 * acknowledged. Within a segment acknowledgement comes before FIN (RFC 9293 3.10.7.4).
 */
#include "analyzer/flow.h"

#include "analyzer/closing.h"
#include "analyzer/habits.h"
#include "analyzer/history.h"
#include "analyzer/payload.h"
#include "analyzer/rst.h"

/* The side of the sender: a SYN tells, else the lower port is taken for the server's. */
static enum side side_of_first(const struct segment *s)
{
	if (has_syn(s))
		return has_ack(s) ? SERVER : CLIENT;
	return s->sport < s->dport ? SERVER : CLIENT;
}

void flow_open(struct flow *flow, const struct segment *s)
{
	enum side sender = side_of_first(s);

	flow->host[sender] = s->src;
	flow->port[sender] = s->sport;
	flow->host[other(sender)] = s->dst;
	flow->port[other(sender)] = s->dport;
	flow->start = flow->last = s->at;
	flow->first_packet = s->packet;
	flow->source = s->source;
	if (s->bits & SEGMENT_IPV6)
		flow->bits |= FLOW_IPV6;
	if (!has_syn(s) || has_ack(s))
		flow->bits |= FLOW_MIDSTREAM;
	if (!has_syn(s) && !(s->flags & TCP_RST))
		flow->bits |= FLOW_ESTABLISHED;
}

uint64_t flow_bytes(const struct flow *flow, enum side side)
{
	const struct endpoint *e = &flow->end[side];
	uint64_t first = seq_plus(e->isn, 1).n;
	uint64_t beyond = ((uint64_t)e->laps << 32) + e->nxt.n - (e->bits & END_FIN ? 1 : 0);

	if (!(e->bits & END_SEEN) || beyond < first)
		return 0;
	return beyond - first;
}

/* Data or an ACK beyond the SYN: a failed attempt it was not. */
static void establish(struct flow *flow, struct closing *c)
{
	flow->bits |= FLOW_ESTABLISHED;
	if (!(flow->bits & FLOW_CLOSED))
		return;
	if (closing_by_rst(c))
		rst_take_back(flow, c);
	flow->bits &= (uint16_t) ~(FLOW_CLOSED | FLOW_UNREACHABLE | FLOW_SYN_REFUSED | FLOW_SYN_RESET);
	c->closed = (struct mark){ 0 };
	c->after_close = 0;
}

static void apply_syn(struct flow *flow, const struct segment *s, enum side side)
{
	struct endpoint *me = &flow->end[side];
	enum fact fact = has_ack(s) ? SENT_SYN_ACK : SENT_SYN;
	bool again = (me->bits & END_SYN) && me->isn.n == s->seq.n;

	if (again && facts_include(me->facts, fact)) {
		flow->syn_retransmits++;
		/* Whoever repeats a SYN-ACK has not got the ACK that passed. */
		if (!facts_include(me->facts, SENT_SEGMENT))
			me->facts = facts_without(me->facts, SYN_ACKED);
	} else if ((me->bits & END_SYN) && !again) {
		if (flow->bits & (FLOW_ESTABLISHED | FLOW_CLOSED))
			return; /* not of this connection: its receiver will challenge it (RFC 5961 4) */
		me->isn = s->seq;
		me->nxt = seq_plus(s->seq, 1 + s->len);
		me->bits &= (uint8_t)~END_UNA;
		flow->syn_retransmits++;
	} else if (!(me->bits & END_SYN)) {
		if (!(me->bits & END_SEEN) || seq_diff(me->nxt, s->seq) <= 0)
			me->nxt = seq_plus(s->seq, 1 + s->len);
		me->isn = s->seq;
		me->bits |= END_SYN | END_SEEN;
		if (side == CLIENT && !has_ack(s))
			flow->bits &= (uint16_t)~FLOW_MIDSTREAM;
	}
	me->facts = facts_with(me->facts, fact);
	if (side == CLIENT && !has_ack(s) && !(flow->bits & FLOW_HANDSHAKE))
		flow->handshake = s->at.ns;
	if (side == SERVER && has_ack(s) && !(flow->bits & FLOW_HANDSHAKE) && flow->handshake != 0 && !again)
		me->answer_us = flow_answer_us((s->at.ns - flow->handshake) / 1000);
}

/* The other end was never seen, but this acknowledges what it sent. */
static void imagine_peer(struct flow *flow, const struct segment *s, enum side side)
{
	struct endpoint *me = &flow->end[side], *peer = &flow->end[other(side)];

	peer->bits |= END_SEEN;
	peer->nxt = s->ack;
	peer->isn = seq_plus(s->ack, UINT32_MAX);
	if (has_syn(s)) {
		peer->facts = facts_with(peer->facts, SENT_SYN);
	} else if (me->bits & END_SYN) {
		peer->facts = facts_with(peer->facts, SENT_SYN_ACK);
	} else {
		peer->facts = facts_with(peer->facts, SENT_SEGMENT);
	}
}

static void apply_ack(struct flow *flow, struct closing *c, const struct segment *s, enum side side)
{
	struct endpoint *peer = &flow->end[other(side)];
	int32_t beyond;

	if (!(peer->bits & END_SEEN))
		imagine_peer(flow, s, side);
	beyond = seq_diff(s->ack, peer->nxt);
	/* Once more than that is known the first number says nothing: it may be gigabytes away. */
	if (beyond >= FAR_AHEAD || (!(peer->bits & END_UNA) && seq_diff(s->ack, peer->isn) < 0))
		return;
	if (beyond > 0 && ((flow->bits & FLOW_ESTABLISHED) || peer->packets == 0)) {
		/* It acknowledges what the capture missed, or shows later. */
		payload_skip(peer, s->ack);
		payload_advance(peer, s->ack);
		beyond = 0;
	}
	if (beyond > 0)
		return;
	if (!(peer->bits & END_UNA) || seq_diff(s->ack, peer->una) > 0) {
		if (c != NULL && peer->tries > 0 && !((flow->end[side].bits | peer->bits) & END_FIN))
			memset(c->extra, 0, sizeof c->extra); /* the repeats were answered after all */
		if (!(peer->bits & END_UNA))
			peer->una = peer->isn;
		peer->bits |= END_UNA;
		peer->tries = 0;
		payload_acknowledge(flow, s->ack, other(side));
	}
	if (peer->try_kind != CAUSE_DATA)
		peer->tries = 0;
	if (seq_diff(peer->una, peer->isn) > 0)
		peer->facts = facts_with(peer->facts, SYN_ACKED);
	if (!(flow->bits & FLOW_HANDSHAKE) && !has_syn(s) && side == CLIENT && flow->handshake != 0 &&
	    facts_include(peer->facts, SENT_SYN_ACK)) {
		flow->handshake = s->at.ns - flow->handshake;
		flow->bits |= FLOW_HANDSHAKE;
		flow->end[CLIENT].answer_us = flow_answer_us(flow->handshake / 1000 - peer->answer_us);
	}
	if ((peer->bits & END_FIN) && seq_diff(s->ack, c->end[other(side)].fin_seq) > 0)
		closing_fin_acked(flow, c, (struct mark){ s->packet, s->at }, side);
}

/* Does this segment prove that the connection was established? */
static bool proves_established(const struct flow *flow, const struct segment *s, enum side side)
{
	const struct endpoint *peer = &flow->end[other(side)];

	if (has_syn(s) || !has_ack(s))
		return false;
	if (s->len > 0 || has_fin(s))
		return seq_diff(s->ack, peer->isn) > 0 || !(peer->bits & END_SYN);
	if (side == CLIENT || facts_include(flow->end[side].facts, SENT_SYN))
		return seq_diff(s->ack, peer->isn) > 0 && seq_diff(s->ack, peer->nxt) <= 0;
	return seq_diff(s->ack, peer->isn) > 1 && seq_diff(s->ack, peer->nxt) <= 0 &&
	       !(flow->bits & FLOW_FAST_OPEN);
}

/* A segment that is no RST. True when it only repeats old payload. */
static bool apply_segment(struct flow *flow, struct closing *c, const struct segment *s, enum side side)
{
	struct endpoint *me = &flow->end[side];
	struct endpoint *peer = &flow->end[other(side)];
	bool repeats;

	if (has_syn(s)) {
		apply_syn(flow, s, side);
		if (has_ack(s) && (peer->bits & END_SYN) && seq_diff(s->ack, peer->isn) > 1)
			flow->bits |= FLOW_FAST_OPEN;
	}
	if (!(flow->bits & FLOW_ESTABLISHED) && proves_established(flow, s, side))
		establish(flow, c);
	if (!has_syn(s) && has_ack(s) && (flow->bits & FLOW_ESTABLISHED)) {
		/* A Fast Open server sends before its handshake is complete. */
		bool early = (flow->bits & FLOW_FAST_OPEN) && !facts_include(me->facts, SENT_SYN);

		if (!early || facts_include(me->facts, SYN_ACKED))
			me->facts = facts_with(me->facts, SENT_SEGMENT);
	}
	if (has_ack(s))
		apply_ack(flow, c, s, side);
	repeats = payload_apply(flow, c, s, side);
	if (has_fin(s))
		closing_fin_seen(flow, c, s, side);
	return repeats;
}

void flow_apply(struct flow *flow, struct closing *c, const struct segment *s, enum side side)
{
	bool repeats = false, was_closed;

	if (c != NULL && closing_by_rst(c) && !(s->flags & TCP_RST))
		rst_reconsider(flow, c, s, side);
	was_closed = flow->bits & FLOW_CLOSED;
	if (s->flags & TCP_RST)
		rst_apply(flow, c, s, side);
	else
		repeats = apply_segment(flow, c, s, side);
	if (c != NULL)
		closing_note_segment(flow, c, s, side, was_closed);
	history_note(flow, s, side, repeats);
	if (!(flow->bits & FLOW_CLOSED))
		habits_note_gap(flow, s, side);
	habits_count(flow, s, side);
	if (!(s->flags & TCP_RST))
		habits_note(&flow->end[side], s);
}

/* Errors that tell of no failure: the sender is to send smaller packets (RFC 1191, RFC 8201). */
static bool is_too_big(const struct segment *s)
{
	if (s->bits & SEGMENT_IPV6)
		return s->says.icmp.type == 2;
	return s->says.icmp.type == 3 && s->says.icmp.code == 4;
}

void flow_apply_icmp(struct flow *flow, struct closing *c, const struct segment *s, enum side side)
{
	struct endpoint *me = &flow->end[side];
	struct closing_end *mine = &c->end[side];

	if (s->at.ns > flow->last.ns)
		flow->last = s->at;
	flow->last_packet = s->packet;
	if (is_too_big(s))
		return;
	mine->icmp = true;
	mine->icmp_type = s->says.icmp.type;
	mine->icmp_code = s->says.icmp.code;
	if (closing_by_rst(c) && c->rst_side == side && c->rst_seq.n == s->seq.n &&
	    ((s->flags & TCP_RST) || s->flags == 0)) {
		rst_take_back(flow, c); /* it never got there */
		return;
	}
	if (!(flow->bits & (FLOW_ESTABLISHED | FLOW_CLOSED)) && (me->bits & END_SYN) &&
	    s->seq.n == me->isn.n && !facts_include(me->facts, SENT_SYN_ACK)) {
		flow->bits |= FLOW_UNREACHABLE;
		me->facts = facts_with(me->facts, GOT_ERROR);
		closing_decide(flow, c, s);
		closing_note_lost(flow, c);
	}
}

void flow_absorb(struct flow *flow, struct closing *c, const struct flow *attempt, const struct closing *its,
		 const struct segment *challenge)
{
	enum side side = host_equal(&flow->host[CLIENT], &attempt->host[CLIENT]) &&
					 flow->port[CLIENT] == attempt->port[CLIENT]
				 ? CLIENT
				 : SERVER;

	flow->end[side].packets += attempt->end[CLIENT].packets;
	flow->end[other(side)].packets += attempt->end[SERVER].packets;
	if (its != NULL)
		c->duplicates += its->duplicates;
	if (attempt->last_packet > flow->last_packet)
		flow->last_packet = attempt->last_packet;
	if (attempt->last.ns > flow->last.ns)
		flow->last = attempt->last;
	if (flow->bits & FLOW_CLOSED)
		c->after_close += attempt->end[CLIENT].packets + attempt->end[SERVER].packets;
	closing_note(c, flow, attempt->first_packet);
	if (flow_both_closed(flow)) {
		closing_note(c, flow, challenge->packet); /* the slow connect: verdicts.md 6 */
		return;
	}
	if (closing_by_rst(c) && (flow->bits & FLOW_ESTABLISHED) && c->rst_side == side)
		rst_take_back(flow, c);
	c->challenge = challenge->packet;
}
