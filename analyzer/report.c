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
	bool time_wait_over; /* a TIME-WAIT ran out, or was reused */
	uint16_t passed[2];  /* the states of each end's way, as struct way has them */
};

static bool passed(const struct making *m, enum side side, enum state state)
{
	return m->passed[side] >> state & 1;
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

/* What is left of 2MSL when the record ends; not above 0: nothing. */
static int64_t time_wait_left(const struct making *m)
{
	return flow_closed_at(m->c).ns + m->ending->time_wait - m->ending->at.ns;
}

static void report_time_wait(const struct making *m)
{
	const struct closing *c = m->c;
	const struct ending *ending = m->ending;
	struct record *r = m->r;
	struct moment until = ending->at;

	if (r->close == CLOSE_RESET)
		return; /* what was on its way to TIME-WAIT did not get there, or not for long */
	r->time_wait_side = holder_of(m);
	if (r->time_wait_side == HOLDER_NONE)
		return;
	if (c->assassinated.ns != 0) {
		r->time_wait = TIME_WAIT_ASSASSINATED;
		until = c->assassinated;
	} else if (ending->reused) {
		r->time_wait = TIME_WAIT_REUSED;
	} else if (time_wait_left(m) > 0) {
		r->time_wait = TIME_WAIT_LINGERING;
	} else {
		r->time_wait = TIME_WAIT_EXPIRED;
	}
	r->time_wait_held = from_to(c->closed.packet != 0 ? c->closed.at : flow_closed_at(c), until);
}

static void time_wait_for_rows(const struct making *m)
{
	struct record *r = m->r;

	if (r->time_wait == TIME_WAIT_NONE)
		return;
	r->path = path_of(m, r->time_wait_side == HOLDER_SERVER ? SERVER : CLIENT);
	if (r->time_wait == TIME_WAIT_LINGERING)
		r->time_wait_left = time_wait_left(m);
}

/* A TIME-WAIT that ran out or was reused ends in CLOSED. */
static bool is_over(const struct closing *c, const struct ending *ending)
{
	return c != NULL && (ending->reused || ending->why == RECORD_TIME_WAIT);
}

fact_list report_facts(const struct flow *f, const struct closing *c, const struct ending *ending,
		       enum side side)
{
	fact_list facts = f->end[side].facts;

	return is_over(c, ending) && way_end(facts_way(facts)) == STATE_TIME_WAIT ? facts_with(facts, RAN_OUT)
										  : facts;
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

static void report_waits(const struct making *m, enum side side)
{
	const struct closing_end *mine = &m->c->end[side];
	struct record_side *out = &m->r->side[side];
	struct moment until = closing_by_rst(m->c) ? m->c->closed.at : m->ending->at;

	if (passed(m, side, STATE_CLOSE_WAIT))
		out->close_wait =
			from_to(mine->got_fin, m->f->end[side].bits & END_FIN ? mine->fin.at : until);
	if (passed(m, side, STATE_FIN_WAIT_2))
		out->fin_wait_2 =
			path_of(m, side) == PATH_FIN_ACK
				? 0
				: from_to(mine->fin_acked.at, fin_wait_2_end(m->f, m->c, side, until));
}

/* The way a side's states are made of is that of report_facts(). */
static void report_states(struct making *m, enum side side, const struct way *way)
{
	struct record_side *out = &m->r->side[side];

	if (m->time_wait_over && way_end(way) == STATE_TIME_WAIT)
		way = facts_way(facts_with(m->f->end[side].facts, RAN_OUT));
	memcpy(out->states, way->states, sizeof out->states);
	out->state_count = way->count;
	m->passed[side] = way->passed;
}

/* Unanswered, and given up: its own host would have given it up only much later. */
static bool gives_up_later(const struct making *m)
{
	return m->r->close == CLOSE_UNANSWERED && m->ending->why == RECORD_EVICTED;
}

static inline void report_side(struct making *m, enum side side)
{
	const struct flow *f = m->f;
	const struct closing *c = m->c;
	const struct endpoint *end = &f->end[side];
	const struct way *way = facts_way(end->facts);
	struct record_side *out = &m->r->side[side];

	out->saw = gives_up_later(m) ? SAW_NOTHING : application_saw(f, c, m->r->close, side, way);
	report_states(m, side, way);
	out->close_wait = out->fin_wait_2 = UNKNOWN_NS;
	out->packets = end->packets;
	out->bytes = flow_bytes(f, side);
	out->retransmits = end->retransmits;
	if (c != NULL) {
		out->after_fin = c->end[side].after_fin;
		out->lost = c->end[side].lost;
		out->lost_known = (c->bits & CLOSING_LOST_KNOWN) && !m->r->closes_only;
	} else {
		out->after_fin = out->lost = 0;
		out->lost_known = false;
	}
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

/* When the closing began. */
static struct mark closing_began(const struct closing *c)
{
	struct mark first_fin = first_mark(c->end[CLIENT].fin, c->end[SERVER].fin);

	return closing_by_rst(c) ? first_mark(first_fin, c->closed) : first_fin;
}

static void report_closing(const struct making *m)
{
	const struct closing *c = m->c;
	struct record *r = m->r;

	if (m->f->bits & FLOW_CLOSED) {
		struct mark began = closing_began(c);

		if (began.packet != 0)
			r->teardown_time = from_to(began.at, c->closed.at);
	}
	r->rst_ignored = c->rst_ignored;
	report_waits(m, CLIENT);
	report_waits(m, SERVER);
	report_time_wait(m);
}

static void closing_for_rows(const struct making *m, const struct rst_text *text)
{
	const struct flow *f = m->f;
	const struct closing *c = m->c;
	struct record *r = m->r;

	r->closing_packet = f->bits & FLOW_CLOSED ? c->closed.packet
						  : first_mark(c->end[CLIENT].fin, c->end[SERVER].fin).packet;
	r->trigger_packet = c->trigger;
	r->idle_before_close = r->closes_only ? UNKNOWN_NS : c->idle;
	r->fin_retransmits = (uint64_t)c->end[CLIENT].fin_tries + c->end[SERVER].fin_tries;
	r->duplicates = c->duplicates;
	r->rst_count = c->rst_count;
	r->packets_after_close = c->after_close;
	if (closing_by_rst(c))
		r->rst_signs = c->rst_signs;
	if (text != NULL && (c->bits & CLOSING_TEXT))
		r->rst_text = *text;
	time_wait_for_rows(m);
	report_evidence(f, c, r);
}

/* What a brief record does without. */
static void report_for_rows(const struct making *m, const struct known_timer *timer,
			    const struct rst_text *text)
{
	const struct flow *f = m->f;
	struct record *r = m->r;

	memset((char *)r + RECORD_BRIEF, 0, offsetof(struct record, evidence) - RECORD_BRIEF);
	r->time_wait_left = r->idle_before_close = UNKNOWN_NS;
	r->handshake_time = f->bits & FLOW_HANDSHAKE ? f->handshake : UNKNOWN_NS;
	r->duration = from_to(f->start, f->last);
	r->syn_retransmits = f->syn_retransmits;
	r->last_packet = f->last_packet;
	r->timer = timer != NULL ? timer->name : NULL;
	r->conn_state = history_conn_state(f);
	history_text(f, r->history);
	r->completeness = history_completeness(f);
	r->source = f->source;
	if (m->c != NULL)
		closing_for_rows(m, text);
}

/* What it comes to without an ending, and what became of it. */
static void report_close(const struct making *m, const struct verdict *v)
{
	struct record *r = m->r;

	r->close = v->close;
	r->cause = v->cause;
	r->confidence = v->confidence;
	r->closer = v->closer;
	r->rst_sender = v->rst_sender;
	r->rst_family = v->rst_family;
	r->record_end = m->ending->why;
	r->time_wait = TIME_WAIT_NONE;
	r->time_wait_side = HOLDER_NONE;
	r->time_wait_held = r->teardown_time = UNKNOWN_NS;
	r->rst_ignored = 0;
}

void report(const struct flow *f, const struct closing *c, const struct ending *ending,
	    const struct rst_text *text, const struct cause_rules *rules, bool brief, struct record *r)
{
	struct making m;
	const struct verdict v = classify(f, c, rules);

	m.f = f;
	m.c = c;
	m.ending = ending;
	m.r = r;
	m.time_wait_over = is_over(c, ending);
	/* Each member of a brief record is set, and so it need not be zeroed. */
	r->start = f->start;
	r->end = f->last;
	r->ended = ending->at;
	r->first_packet = f->first_packet;
	memcpy(r->host, f->host, sizeof r->host);
	memcpy(r->port, f->port, sizeof r->port);
	r->midstream = f->bits & FLOW_MIDSTREAM;
	r->closes_only = rules->closes_only;
	report_close(&m, &v);
	report_side(&m, CLIENT);
	report_side(&m, SERVER);
	if (c != NULL)
		report_closing(&m);
	if (!brief)
		report_for_rows(&m, v.timer, text);
}
