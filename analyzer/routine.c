/* SPDX-License-Identifier: GPL-2.0-or-later */
/* routine.c - see routine.h. Each step names what must hold for it; what it does then is in flow.c's order.
 */
#include "analyzer/routine.h"

#include "analyzer/closing.h"
#include "analyzer/habits.h"
#include "analyzer/history.h"

/* What is noted of each, whatever it says; letters = of its history. */
static inline void note(struct flow *flow, const struct segment *s, enum side side, unsigned letters)
{
	history_add(flow, side, letters);
	if (!(flow->bits & FLOW_CLOSED))
		habits_note_gap(flow, s, side);
	habits_count(flow, s, side);
	habits_note(&flow->end[side], s);
}

/* The first acknowledgement of what 'side' sent, which is all of it. */
static inline void acknowledge_first(struct flow *flow, struct seq ack, enum side side)
{
	struct endpoint *end = &flow->end[side];

	end->una = end->isn;
	end->bits |= END_UNA;
	payload_acknowledge(flow, ack, side);
	end->facts = facts_with(end->facts, SYN_ACKED);
}

/* A SYN, of a flow of which nothing was seen yet: then its sender is the client. */
static bool apply_syn(struct flow *flow, const struct closing *c, const struct segment *s)
{
	struct endpoint *client = &flow->end[CLIENT];

	if (c != NULL || (client->bits | flow->end[SERVER].bits) != 0 || s->len != 0)
		return false;
	client->isn = s->seq;
	client->nxt = seq_plus(s->seq, 1);
	client->bits = END_SYN | END_SEEN;
	client->facts = facts_with(0, SENT_SYN);
	flow->handshake = s->at.ns;
	note(flow, s, CLIENT, history_bit(LETTER_SYN));
	return true;
}

/* The SYN-ACK that answers it, before anything else was heard of the server. */
static bool apply_syn_ack(struct flow *flow, const struct closing *c, const struct segment *s)
{
	struct endpoint *client = &flow->end[CLIENT], *server = &flow->end[SERVER];

	if (c != NULL || !(client->bits & END_SYN) || server->bits != 0 || s->len != 0 ||
	    s->ack.n != client->nxt.n || seq_diff(s->ack, client->isn) != 1)
		return false;
	server->isn = s->seq;
	server->nxt = seq_plus(s->seq, 1);
	server->bits = END_SYN | END_SEEN;
	server->facts = facts_with(0, SENT_SYN_ACK);
	if (flow->handshake != 0)
		server->answer_us = flow_answer_us((s->at.ns - flow->handshake) / 1000);
	acknowledge_first(flow, s->ack, CLIENT);
	note(flow, s, SERVER, history_bit(LETTER_SYN_ACK));
	return true;
}

/* The ACK that completes the handshake, with or without data, while there is no evidence of an ending. */
static bool apply_handshake_ack(struct flow *flow, const struct segment *s)
{
	struct endpoint *client = &flow->end[CLIENT], *server = &flow->end[SERVER];

	if ((flow->bits & FLOW_HANDSHAKE) || flow->handshake == 0 || (server->bits & END_UNA) ||
	    !facts_include(server->facts, SENT_SYN_ACK) || s->seq.n != client->nxt.n ||
	    s->ack.n != server->nxt.n || seq_diff(s->ack, server->isn) <= 0)
		return false;
	client->facts = facts_with(client->facts, SENT_SEGMENT);
	acknowledge_first(flow, s->ack, SERVER);
	flow->handshake = s->at.ns - flow->handshake;
	flow->bits |= FLOW_ESTABLISHED | FLOW_HANDSHAKE;
	client->answer_us = flow_answer_us(flow->handshake / 1000 - server->answer_us);
	payload_apply_next(flow, s, CLIENT);
	note(flow, s, CLIENT, history_usual(s));
	return true;
}

/*
 * Is it the next segment of an established connection that is not over, and does it acknowledge nothing but
 * what was sent? And without data once a FIN was sent. (That the sender is known follows from 'una'.)
 */
static bool is_next_of_closing(const struct flow *flow, const struct segment *s, enum side side)
{
	const struct endpoint *me = &flow->end[side], *peer = &flow->end[other(side)];
	unsigned fins = (me->bits | peer->bits) & END_FIN;

	return (flow->bits & (FLOW_ESTABLISHED | FLOW_FAST_OPEN | FLOW_CLOSED)) == FLOW_ESTABLISHED &&
	       ((flow->bits & FLOW_HANDSHAKE) || flow->handshake == 0) && (peer->bits & END_UNA) &&
	       peer->tries == 0 && s->seq.n == me->nxt.n && payload_fits(peer, s->ack) &&
	       (s->len == 0 || fins == 0) && !((s->flags & TCP_FIN) && (me->bits & END_FIN));
}

static unsigned letters_of_fin(const struct segment *s)
{
	return history_bit(LETTER_FIN) | (s->len > 0 ? history_bit(LETTER_DATA) : 0);
}

/* A FIN, what acknowledges one, or data before there is any. Inline, so that where each end is kept is known.
 */
static inline __attribute__((always_inline)) bool apply_closing(struct flow *flow, struct closing *c,
								const struct segment *s, enum side side)
{
	struct endpoint *me = &flow->end[side], *peer = &flow->end[other(side)];

	if (!is_next_of_closing(flow, s, side))
		return false;
	me->facts = facts_with(me->facts, SENT_SEGMENT);
	payload_acknowledge(flow, s->ack, other(side));
	if (seq_diff(peer->una, peer->isn) > 0)
		peer->facts = facts_with(peer->facts, SYN_ACKED);
	if ((peer->bits & END_FIN) && seq_diff(s->ack, c->end[other(side)].fin_seq) > 0)
		closing_fin_acked(flow, c, (struct mark){ s->packet, s->at }, side);
	payload_apply_next(flow, s, side);
	if (has_fin(s))
		closing_fin(flow, c, s, side, me->nxt);
	closing_note_segment(flow, c, s, side, false);
	note(flow, s, side, has_fin(s) ? letters_of_fin(s) : history_usual(s));
	return true;
}

bool routine_apply(struct flow *flow, struct closing *c, const struct segment *s, enum side side)
{
	if (s->kind != SEGMENT_TCP)
		return false;
	switch (s->flags & (TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK)) {
	case TCP_SYN:
		return apply_syn(flow, c, s);
	case TCP_SYN | TCP_ACK:
		return side == SERVER && apply_syn_ack(flow, c, s);
	case TCP_ACK:
		if (c == NULL)
			return side == CLIENT && apply_handshake_ack(flow, s);
		/* fall through */
	case TCP_FIN | TCP_ACK:
		if (c == NULL)
			return false;
		return side == CLIENT ? apply_closing(flow, c, s, CLIENT) : apply_closing(flow, c, s, SERVER);
	default:
		return false;
	}
}
