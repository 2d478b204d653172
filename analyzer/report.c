/* SPDX-License-Identifier: GPL-2.0-or-later */
/* report.c - from the marks of a flow to the values of a row (design/columns.md). */
#include "analyzer/report.h"

#include <string.h>

#include "analyzer/history.h"
#include "analyzer/verdict.h"

static int64_t from_to(struct moment from, struct moment to)
{
	return to.ns > from.ns ? to.ns - from.ns : 0;
}

/* What a record is made from. */
struct making {
	const struct flow *f;
	const struct closing *c;
	const struct ending *ending;
	struct record *r;
	struct way way[2]; /* by enum side */
};

static bool passed(const struct making *m, enum side side, enum state state)
{
	return way_passed(&m->way[side], state);
}

static enum path path_of(const struct making *m, enum side closer)
{
	if (!passed(m, closer, STATE_TIME_WAIT))
		return PATH_NONE;
	if (passed(m, closer, STATE_CLOSING))
		return PATH_CLOSING;
	if ((m->f->end[other(closer)].bits & END_FIN) &&
	    m->c->end[closer].fin_acked.packet == m->c->end[other(closer)].fin.packet)
		return PATH_FIN_ACK;
	return PATH_FIN_WAIT_2;
}

static bool held_time_wait(const struct making *m, enum side side)
{
	return m->c->end[side].time_wait.ns != 0 && passed(m, side, STATE_TIME_WAIT);
}

static enum holder holder_of(const struct making *m)
{
	bool client = held_time_wait(m, CLIENT), server = held_time_wait(m, SERVER);

	if (client && server)
		return HOLDER_BOTH;
	if (client)
		return HOLDER_CLIENT;
	return server ? HOLDER_SERVER : HOLDER_NONE;
}

static void report_time_wait(const struct making *m)
{
	const struct closing *c = m->c;
	const struct ending *ending = m->ending;
	struct record *r = m->r;
	int64_t left;
	struct moment until = ending->at;

	if (r->close == CLOSE_RESET)
		return; /* what was on its way to TIME-WAIT did not get there, or not for long */
	r->time_wait_side = holder_of(m);
	if (r->time_wait_side == HOLDER_NONE)
		return;
	left = flow_closed_at(c).ns + ending->time_wait - ending->at.ns;
	if (c->assassinated.ns != 0) {
		r->time_wait = TIME_WAIT_ASSASSINATED;
		until = c->assassinated;
	} else if (ending->reused) {
		r->time_wait = TIME_WAIT_REUSED;
	} else if (left > 0) {
		r->time_wait = TIME_WAIT_LINGERING;
		r->time_wait_left = left;
	} else {
		r->time_wait = TIME_WAIT_EXPIRED;
	}
	r->time_wait_held = from_to(c->closed.packet != 0 ? c->closed.at : flow_closed_at(c), until);
	r->path = path_of(m, r->time_wait_side == HOLDER_SERVER ? SERVER : CLIENT);
}

/* A TIME-WAIT that ran out or was reused ends in CLOSED. */
fact_list report_facts(const struct flow *f, const struct closing *c, const struct ending *ending,
		       enum side side)
{
	fact_list facts = f->end[side].facts;
	bool over = c != NULL && (ending->reused || ending->why == RECORD_TIME_WAIT);

	return over && way_end(facts_way(facts)) == STATE_TIME_WAIT ? facts_with(facts, RAN_OUT) : facts;
}

/* Until it acknowledged the peer's FIN; where it never did, until that passed: the peer had closed by then.
 */
static struct moment fin_wait_2_end(const struct flow *f, const struct closing *c, enum side side,
				    struct moment until)
{
	if (c->end[side].got_fin.ns != 0)
		return c->end[side].got_fin;
	return f->end[other(side)].bits & END_FIN ? c->end[other(side)].fin.at : until;
}

static void report_waits(const struct making *m, enum side side, struct record_side *out)
{
	const struct closing_end *mine = &m->c->end[side];
	struct moment until = closing_by_rst(m->c) ? m->c->closed.at : m->ending->at;

	if (passed(m, side, STATE_CLOSE_WAIT))
		out->close_wait =
			from_to(mine->got_fin, m->f->end[side].bits & END_FIN ? mine->fin.at : until);
	if (!passed(m, side, STATE_FIN_WAIT_2))
		return;
	if (path_of(m, side) == PATH_FIN_ACK)
		out->fin_wait_2 = 0;
	else
		out->fin_wait_2 = from_to(mine->fin_acked.at, fin_wait_2_end(m->f, m->c, side, until));
}

static void report_states(struct making *m, enum side side)
{
	struct record_side *out = &m->r->side[side];
	const struct way way = facts_way(report_facts(m->f, m->c, m->ending, side));

	memcpy(out->states, way.states, sizeof out->states);
	out->state_count = way.count;
	m->way[side] = way;
}

static void report_side(struct making *m, enum side side)
{
	const struct closing *c = m->c;
	struct record *r = m->r;
	struct record_side *out = &r->side[side];
	const struct endpoint *end = &m->f->end[side];

	report_states(m, side);
	out->saw = application_saw(m->f, c, r->close, side);
	/* It would have been given up by its own host only much later. */
	if (r->close == CLOSE_UNANSWERED && m->ending->why == RECORD_EVICTED)
		out->saw = SAW_NOTHING;
	out->close_wait = out->fin_wait_2 = UNKNOWN_NS;
	out->packets = end->packets;
	out->bytes = flow_bytes(m->f, side);
	out->retransmits = end->retransmits;
	if (c == NULL)
		return;
	report_waits(m, side, out);
	out->after_fin = c->end[side].after_fin;
	out->lost = c->end[side].lost;
	out->lost_known = (c->bits & CLOSING_LOST_KNOWN) && !r->closes_only;
}

static void insert_evidence(struct record *r, uint64_t packet)
{
	int at = r->evidence_count;

	while (at > 0 && r->evidence[at - 1] > packet)
		at--;
	if ((at > 0 && r->evidence[at - 1] == packet) || r->evidence_count == RECORD_EVIDENCE_MAX)
		return;
	memmove(&r->evidence[at + 1], &r->evidence[at],
		(size_t)(r->evidence_count - at) * sizeof *r->evidence);
	r->evidence[at] = packet;
	r->evidence_count++;
}

/* In order, each once. Most are 0, none, or the latest. */
static inline void add_evidence(struct record *r, uint64_t packet)
{
	if (packet == 0)
		return;
	if (r->evidence_count == 0 || packet > r->evidence[r->evidence_count - 1]) {
		if (r->evidence_count < RECORD_EVIDENCE_MAX)
			r->evidence[r->evidence_count++] = packet;
	} else {
		insert_evidence(r, packet);
	}
}

static struct mark first_mark(struct mark a, struct mark b)
{
	if (a.packet == 0 || (b.packet != 0 && b.packet < a.packet))
		return b;
	return a;
}

/* All packets that the verdict rests on. */
static void report_evidence(const struct flow *f, const struct closing *c, struct record *r)
{
	for (enum side side = CLIENT; side <= SERVER; side++) {
		add_evidence(r, c->end[side].fin.packet);
		add_evidence(r, c->end[side].fin_acked.packet);
		if (c->end[side].denied > 0)
			add_evidence(r, flow_packet(f, c->end[side].fin_last));
	}
	add_evidence(r, c->closed.packet);
	add_evidence(r, c->trigger);
	if (closing_by_rst(c) &&
	    (f->end[other((enum side)c->rst_side)].bits | f->end[c->rst_side].bits) & END_FIN)
		add_evidence(r, c->late.packet);
	add_evidence(r, c->challenge);
	for (int i = 0; i < CLOSING_EXTRA; i++)
		add_evidence(r, flow_packet(f, c->extra[i]));
}

static void report_closing(const struct flow *f, const struct closing *c, struct record *r)
{
	struct mark first_fin = first_mark(c->end[CLIENT].fin, c->end[SERVER].fin);
	struct mark began = closing_by_rst(c) ? first_mark(first_fin, c->closed) : first_fin;

	r->closing_packet = f->bits & FLOW_CLOSED ? c->closed.packet : first_fin.packet;
	r->trigger_packet = c->trigger;
	r->idle_before_close = r->closes_only ? UNKNOWN_NS : c->idle;
	if (f->bits & FLOW_CLOSED && began.packet != 0)
		r->teardown_time = from_to(began.at, c->closed.at);
	r->fin_retransmits = (uint64_t)c->end[CLIENT].fin_tries + c->end[SERVER].fin_tries;
	r->duplicates = c->duplicates;
	r->rst_count = c->rst_count;
	r->rst_ignored = c->rst_ignored;
	r->packets_after_close = c->after_close;
}

/* What a brief record does without (struct sink). */
static void report_for_rows(const struct flow *f, const struct closing *c, struct record *r)
{
	history_text(f, r->history);
	r->conn_state = history_conn_state(f);
	r->completeness = history_completeness(f);
	if (c != NULL)
		report_evidence(f, c, r);
}

void report(const struct flow *f, const struct closing *c, const struct ending *ending,
	    const struct rst_text *text, const struct cause_rules *rules, bool brief, struct record *r)
{
	struct making m = { .f = f, .c = c, .ending = ending, .r = r };
	struct verdict v = classify(f, c, rules);

	*r = (struct record){
		.start = f->start,
		.end = f->last,
		.ended = ending->at,
		.host = { f->host[CLIENT], f->host[SERVER] },
		.port = { f->port[CLIENT], f->port[SERVER] },
		.close = v.close,
		.cause = v.cause,
		.confidence = v.confidence,
		.closer = v.closer,
		.rst_sender = v.rst_sender,
		.rst_family = cause_rst_family(c),
		.timer = v.timer != NULL ? v.timer->name : NULL,
		.record_end = ending->why,
		.time_wait_left = UNKNOWN_NS,
		.time_wait_held = UNKNOWN_NS,
		.handshake_time = f->bits & FLOW_HANDSHAKE ? f->handshake : UNKNOWN_NS,
		.teardown_time = UNKNOWN_NS,
		.duration = from_to(f->start, f->last),
		.idle_before_close = UNKNOWN_NS,
		.syn_retransmits = f->syn_retransmits,
		.first_packet = f->first_packet,
		.last_packet = f->last_packet,
		.midstream = f->bits & FLOW_MIDSTREAM,
		.closes_only = rules->closes_only,
		.source = f->source,
	};
	if (!brief)
		report_for_rows(f, c, r);
	for (enum side side = CLIENT; side <= SERVER; side++)
		report_side(&m, side);
	if (c == NULL)
		return;
	report_closing(f, c, r);
	if (closing_by_rst(c))
		r->rst_signs = c->rst_signs;
	if (text != NULL && (c->bits & CLOSING_TEXT))
		r->rst_text = *text;
	report_time_wait(&m);
}
