/* SPDX-License-Identifier: GPL-2.0-or-later */
/* payload.c - see stream.h. */
#include "analyzer/payload.h"

/* A keepalive or window probe: nothing, or one old octet, one below what comes next. */
static bool is_probe(const struct endpoint *me, const struct segment *s)
{
	return (me->bits & END_SEEN) && !(me->bits & END_FIN) && s->len <= 1 &&
	       !(s->flags & (TCP_SYN | TCP_FIN)) && s->seq.n == me->nxt.n - 1 &&
	       (!(me->bits & END_UNA) || me->una.n == me->nxt.n);
}

static void note_try(struct flow *flow, struct closing *c, const struct segment *s, enum side side,
		     enum cause kind)
{
	struct endpoint *me = &flow->end[side], *peer = &flow->end[other(side)];

	if ((me->bits | peer->bits) & END_FIN)
		return;
	if ((peer->bits & END_UNA) && peer->window == 0)
		kind = CAUSE_ZERO_WINDOW;
	if (me->tries < UINT8_MAX)
		me->tries++;
	me->try_kind = (uint8_t)kind;
	if (c == NULL)
		return;
	if (c->extra[0] == 0 && kind == CAUSE_DATA && flow_unacked(flow, side) != 0)
		closing_note(c, flow, flow_unacked(flow, side)); /* the first copy */
	closing_note(c, flow, s->packet);
}

/* Does it hold the first octet that is not acknowledged? */
static bool covers_unacked(const struct endpoint *me, struct seq from, struct seq to)
{
	return !(me->bits & END_UNA) || (seq_diff(from, me->una) <= 0 && seq_diff(to, me->una) > 0);
}

static void note_probe(struct flow *flow, struct closing *c, const struct segment *s, enum side side)
{
	struct endpoint *me = &flow->end[side];
	const struct endpoint *peer = &flow->end[other(side)];
	int64_t ms = (s->at.ns - flow->start.ns) / 1000000 + 1;
	bool for_window = (peer->bits & END_UNA) && peer->window == 0;
	uint32_t now = !for_window && ms > 0 && ms < UINT32_MAX ? (uint32_t)ms : 0;

	me->probe_gap_ms = me->probe_ms != 0 && now > me->probe_ms ? now - me->probe_ms : 0;
	me->probe_ms = now;
	note_try(flow, c, s, side, CAUSE_KEEPALIVE);
}

/* Old bytes that fill what the tap had skipped are late, not repeated. True if these do. */
static bool fills_hole(struct endpoint *me, struct seq from, struct seq to)
{
	if (!(me->bits & END_HOLE) || seq_diff(from, me->hole_from) < 0 || seq_diff(me->hole_to, to) < 0)
		return false;
	if (from.n == me->hole_from.n)
		me->hole_from = to;
	else
		me->hole_to = from;
	if (me->hole_from.n == me->hole_to.n)
		me->bits &= (uint8_t)~END_HOLE;
	return true;
}

void payload_skip(struct endpoint *me, struct seq from)
{
	if (seq_diff(from, me->nxt) <= 0)
		return;
	me->hole_from = me->nxt;
	me->hole_to = from;
	me->bits |= END_HOLE;
}

/* Payload that ends beyond what was seen before. */
static void apply_new_payload(struct flow *flow, struct closing *c, const struct segment *s, enum side side,
			      struct seq to)
{
	struct seq from = payload_seq(s);
	struct endpoint *me = &flow->end[side];

	payload_skip(me, from);
	if (c != NULL && c->end[side].got_fin.ns != 0 && c->end[side].after_fin == 0)
		closing_note(c, flow, s->packet);
	if (c != NULL && c->end[side].got_fin.ns != 0)
		c->end[side].after_fin += (uint32_t)seq_diff(to, me->nxt);
	payload_advance(me, to);
}

/* Bytes after its own FIN are nobody's. */
static bool is_beyond_fin(const struct endpoint *me, const struct closing *c, struct seq to, enum side side)
{
	return (me->bits & END_FIN) && seq_diff(to, c->end[side].fin_seq) > 0;
}

/* A stream joined in its middle turns out to begin earlier. */
static void begin_earlier(struct endpoint *me, struct seq from)
{
	struct seq isn = seq_plus(from, UINT32_MAX);

	if (from.n > seq_plus(me->isn, 1).n)
		me->laps++;
	me->isn = isn;
}

/* Data that meets an end which has sent its FIN; copies of it count as it. */
static void note_late(const struct flow *flow, struct closing *c, const struct segment *s, enum side side,
		      struct seq to)
{
	bool acked = seq_diff(flow->end[side].una, c->late.to) >= 0;
	bool is_copy = c->late.packet != 0 && !acked && seq_diff(to, c->late.to) <= 0;

	if (is_copy)
		c->late.packet = s->packet;
	else if (c->late.packet == 0 || acked)
		c->late = (struct late){ s->packet, to, s->ack, flow_gap(flow, s) };
}

static void note_payload(struct flow *flow, struct closing *c, const struct segment *s, enum side side,
			 struct seq to)
{
	flow->payload_at = s->at;
	if (flow->bits & FLOW_CLOSED)
		return;
	if (seq_diff(to, flow->end[side].nxt) > 0)
		payload_note_fresh(flow, s, side);
	flow->bits |= FLOW_PAYLOAD;
	if (c != NULL && (flow->end[other(side)].bits & END_FIN))
		note_late(flow, c, s, side, to);
}

bool payload_apply(struct flow *flow, struct closing *c, const struct segment *s, enum side side)
{
	struct endpoint *me = &flow->end[side];
	struct seq from = payload_seq(s), to = seq_plus(from, s->len);

	if (!(me->bits & END_SEEN)) {
		me->isn = seq_plus(from, UINT32_MAX);
		me->nxt = from;
		me->bits |= END_SEEN;
	}
	if (is_probe(me, s)) {
		note_probe(flow, c, s, side);
		return false;
	}
	me->probe_ms = me->probe_gap_ms = 0;
	if (s->len == 0)
		return false;
	note_payload(flow, c, s, side, to);
	if (seq_diff(to, me->nxt) >= FAR_AHEAD || is_beyond_fin(me, c, to, side))
		return false;
	if (seq_diff(to, me->nxt) > 0) {
		if (seq_diff(from, me->nxt) < 0 && !has_syn(s) && covers_unacked(me, from, to))
			note_try(flow, c, s, side, CAUSE_DATA); /* repeated, with more at its end */
		apply_new_payload(flow, c, s, side, to);
		return false;
	}
	if (has_syn(s))
		return false; /* counted with the SYN */
	if (!(me->bits & END_SYN) && seq_diff(from, me->isn) <= 0 && seq_diff(from, me->isn) > -(1 << 20)) {
		begin_earlier(me, from);
		return false;
	}
	if (fills_hole(me, from, to))
		return false;
	me->retransmits++;
	if (covers_unacked(me, from, to))
		note_try(flow, c, s, side, CAUSE_DATA);
	return true;
}
