/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * origin.c - see origin.h.
 *
 * No sign is proof: middleboxes copy numbers, hosts send RSTs with other TTLs and windows than
 * their data. A RST is called foreign when what speaks for it weighs ORIGIN_FOREIGN; a reply
 * with its side's own TTL never does.
 */
#include "analyzer/origin.h"

/* A host answers a segment it has no socket for at once; this much is allowed for queues. */
#define REPLY_SLACK_NS 100000000

/* An ID this much beyond the side's last is still taken for one that goes on from it. */
#define NEAR_IP_ID 2000

/* Answers sooner than this are not told from the tap's own jitter. */
#define SOONEST_US 500

static const struct {
	enum rst_sign sign;
	int weight;
} weights[] = {
	{ RST_SIGN_TTL, 2 },	{ RST_SIGN_ID, 1 },	 { RST_SIGN_TIMESTAMPS, 1 },
	{ RST_SIGN_WINDOW, 1 }, { RST_SIGN_WENT_ON, 3 }, { RST_SIGN_TOO_SOON, 3 },
	{ RST_SIGN_LADDER, 2 }, { RST_SIGN_BELOW, 3 },	 { RST_SIGN_UNASKED, 1 },
};

int origin_weight(enum rst_sign sign)
{
	for (size_t i = 0; i < sizeof weights / sizeof *weights; i++)
		if (weights[i].sign == sign)
			return weights[i].weight;
	return 0;
}

int origin_score(uint16_t signs)
{
	int score = 0;

	if (signs == 0)
		return 0; /* as nearly all have */
	for (size_t i = 0; i < sizeof weights / sizeof *weights; i++)
		if (signs & weights[i].sign)
			score += weights[i].weight;
	return score;
}

bool origin_is_foreign(uint16_t signs)
{
	return origin_score(signs) >= ORIGIN_FOREIGN;
}

/* It acknowledges a segment that passed the tap less than half that side's shortest answer ago. */
static bool is_too_soon(const struct flow *flow, const struct segment *s, enum side side)
{
	const struct endpoint *me = &flow->end[side], *peer = &flow->end[other(side)];
	int64_t since_us = (s->at.ns - flow->last.ns) / 1000;

	return me->answer_us >= SOONEST_US && flow_was_last(flow, other(side)) &&
	       (flow->bits & FLOW_PAYLOAD) && flow->payload_at.ns == flow->last.ns &&
	       s->ack.n == peer->nxt.n && since_us < (int64_t)me->answer_us / 2;
}

/*
 * A live socket aborts at the next number it would send; Linux within the window it was given
 * (tcp_acceptable_seq), so nothing is said of one whose peer had closed its window.
 */
static bool is_below(const struct flow *flow, const struct segment *s, enum side side)
{
	const struct endpoint *me = &flow->end[side], *peer = &flow->end[other(side)];

	return (flow->bits & FLOW_ESTABLISHED) && (me->bits & END_SEEN) && !(me->bits & END_FIN) &&
	       peer->packets > 0 && peer->window != 0 && seq_diff(s->seq, me->nxt) < 0;
}

uint16_t origin_signs(const struct flow *flow, const struct segment *s, enum side side)
{
	const struct endpoint *me = &flow->end[side];
	bool active = s->flags & TCP_ACK; /* a reply to a segment with ACK has none */
	uint16_t id_step = (uint16_t)(s->ip_id - me->ip_id);
	uint16_t signs = 0;

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
	if (is_too_soon(flow, s, side))
		signs |= RST_SIGN_TOO_SOON;
	if (is_below(flow, s, side))
		signs |= RST_SIGN_BELOW;
	return signs;
}

static enum trigger_kind kind_of_last(const struct flow *flow, const struct closing *c, enum side side)
{
	if (flow_unacked(flow, side) != 0)
		return TRIGGER_DATA;
	if (c->end[side].fin_last != 0 && flow_packet(flow, c->end[side].fin_last) == flow->last_packet)
		return TRIGGER_FIN;
	return flow->end[side].probe_ms != 0 ? TRIGGER_PROBE : TRIGGER_ACK;
}

/* What the receiver sent just before, data first, if it acknowledged the RST's number. */
static bool answers_last(const struct flow *flow, const struct segment *s, enum side side)
{
	const struct endpoint *me = &flow->end[side];

	return flow_was_last(flow, other(side)) &&
	       s->at.ns - flow->last.ns <= 2 * flow_round_trip(flow) + REPLY_SLACK_NS &&
	       (!(me->bits & END_UNA) || s->seq.n == me->una.n);
}

static void set_trigger(struct closing *c, uint64_t packet, enum trigger_kind kind)
{
	c->trigger = packet;
	c->trigger_kind = (uint8_t)kind;
}

void origin_find_trigger(const struct flow *flow, struct closing *c, const struct segment *s, enum side side)
{
	enum side sender = other(side);
	const struct endpoint *peer = &flow->end[sender];
	const struct closing_end *its = &c->end[sender];

	set_trigger(c, 0, TRIGGER_NONE);
	if (s->flags & TCP_ACK) {
		if (facts_state(peer->facts) == STATE_SYN_SENT && !(flow->bits & FLOW_ESTABLISHED))
			set_trigger(c, flow_was_last(flow, sender) ? flow->last_packet : flow->first_packet,
				    TRIGGER_SYN);
	} else if (answers_last(flow, s, side)) {
		uint64_t unacked = flow_unacked(flow, sender);
		bool repeated = peer->tries > 0 || c->late.packet == flow->last_packet;

		/* Copies before the last were not answered. */
		set_trigger(c, unacked != 0 && !repeated ? unacked : flow->last_packet,
			    kind_of_last(flow, c, sender));
	} else if (c->late.packet != 0 && (flow->end[side].bits & END_FIN) && c->late.ack.n == s->seq.n) {
		set_trigger(c, c->late.packet, TRIGGER_DATA);
	} else if ((peer->bits & END_FIN) && its->fin_ack.n == s->seq.n &&
		   !facts_include(peer->facts, FIN_ACKED)) {
		set_trigger(c, flow_packet(flow, its->fin_last), TRIGGER_FIN);
	}
}

bool origin_follows_probes(const struct flow *flow, const struct segment *s, enum side side)
{
	const struct endpoint *me = &flow->end[side];
	int64_t since = (s->at.ns - flow->start.ns) / 1000000 + 1 - (int64_t)me->probe_ms;
	int64_t gap = me->probe_gap_ms, slack = gap / 8 + 20;

	return gap != 0 && (s->flags & TCP_ACK) && since >= gap - slack && since <= gap + slack;
}
