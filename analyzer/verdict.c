/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verdict.c - the rules, in the order in which the manual lists them: the first that holds decides. */
#include "analyzer/verdict.h"

#include "analyzer/origin.h"

/* So many repeats without an answer, and the other end has vanished. */
enum { VANISHED_TRIES = 3 };

static bool established(const struct flow *f)
{
	return f->bits & FLOW_ESTABLISHED;
}

static bool has_fin(const struct flow *f, enum side side)
{
	return f->end[side].bits & END_FIN;
}

static bool any_fin(const struct flow *f)
{
	return has_fin(f, CLIENT) || has_fin(f, SERVER);
}

static bool fin_unacked(const struct flow *f, enum side side)
{
	return has_fin(f, side) && !facts_include(f->end[side].facts, FIN_ACKED);
}

/* Does that side's FIN acknowledge the other's? Then the other's came first. */
static bool acknowledges(const struct closing *c, enum side side)
{
	return seq_diff(c->end[side].fin_ack, c->end[other(side)].fin_seq) > 0;
}

/* Neither FIN acknowledges the other; first transmissions compared, never their order at the tap. */
static bool crossed(const struct flow *f, const struct closing *c)
{
	return has_fin(f, CLIENT) && has_fin(f, SERVER) && !acknowledges(c, CLIENT) &&
	       !acknowledges(c, SERVER);
}

/* What a rule looks at. */
struct evidence {
	const struct flow *f;
	const struct closing *c;
	bool both_closed; /* both FINs sent and both acknowledged */
};

/* ---- of attempts, which were never established ---- */

static bool is_refused(const struct evidence *e)
{
	return e->f->bits & FLOW_SYN_REFUSED;
}

static bool is_unreachable(const struct evidence *e)
{
	return e->f->bits & FLOW_UNREACHABLE;
}

static bool is_unanswered(const struct evidence *e)
{
	return !(e->f->bits & FLOW_SYN_RESET) && !facts_include(e->f->end[CLIENT].facts, SENT_SYN_ACK) &&
	       !facts_include(e->f->end[SERVER].facts, SENT_SYN_ACK);
}

/* ---- of connections ---- */

static bool is_reset(const struct evidence *e)
{
	return e->c != NULL && closing_by_rst(e->c) && !e->both_closed;
}

static bool is_simultaneous(const struct evidence *e)
{
	return e->both_closed && crossed(e->f, e->c);
}

static bool is_graceful(const struct evidence *e)
{
	return e->both_closed;
}

static bool is_vanished(const struct evidence *e)
{
	return e->f->end[CLIENT].tries >= VANISHED_TRIES || e->f->end[SERVER].tries >= VANISHED_TRIES;
}

static bool is_closing(const struct evidence *e)
{
	return fin_unacked(e->f, CLIENT) || fin_unacked(e->f, SERVER);
}

static bool is_half_closed(const struct evidence *e)
{
	return any_fin(e->f);
}

static bool is_any(const struct evidence *e)
{
	(void)e;
	return true;
}

/* The last rule of each list always holds. */
static const struct rule {
	enum close close;
	bool (*holds)(const struct evidence *);
} attempt_rules[] = {
	{ CLOSE_REFUSED, is_refused },
	{ CLOSE_UNREACHABLE, is_unreachable },
	{ CLOSE_UNANSWERED, is_unanswered },
	{ CLOSE_ABANDONED, is_any },
}, connection_rules[] = {
	{ CLOSE_RESET, is_reset },
	{ CLOSE_SIMULTANEOUS, is_simultaneous },
	{ CLOSE_GRACEFUL, is_graceful },
	{ CLOSE_VANISHED, is_vanished },
	{ CLOSE_CLOSING, is_closing },
	{ CLOSE_HALF_CLOSED, is_half_closed },
	{ CLOSE_OPEN, is_any },
};

static enum close close_of(const struct flow *f, const struct closing *c)
{
	const struct evidence e = { .f = f, .c = c, .both_closed = flow_both_closed(f) };
	const struct rule *rule = established(f) ? connection_rules : attempt_rules;

	while (!rule->holds(&e))
		rule++;
	return rule->close;
}

static enum closer closer_side(enum side side)
{
	return side == CLIENT ? CLOSER_CLIENT : CLOSER_SERVER;
}

static enum closer rst_closer(const struct closing *c)
{
	return origin_is_foreign(c->rst_signs) ? CLOSER_NETWORK : closer_side(c->rst_side);
}

/* The first FIN, crossed FINs, or the accepted RST, whichever passed first. */
static enum closer first_closer(const struct flow *f, const struct closing *c)
{
	uint64_t client = has_fin(f, CLIENT) ? c->end[CLIENT].fin.packet : UINT64_MAX;
	uint64_t server = has_fin(f, SERVER) ? c->end[SERVER].fin.packet : UINT64_MAX;

	if (closing_by_rst(c) && c->closed.packet < client && c->closed.packet < server)
		return rst_closer(c);
	if (crossed(f, c))
		return CLOSER_BOTH;
	if (has_fin(f, CLIENT) && has_fin(f, SERVER))
		return acknowledges(c, SERVER) ? CLOSER_CLIENT : CLOSER_SERVER;
	return client < server ? CLOSER_CLIENT : CLOSER_SERVER;
}

static enum closer closer_of(const struct flow *f, const struct closing *c, enum close close)
{
	switch (close) {
	case CLOSE_UNREACHABLE:
		return CLOSER_NETWORK;
	case CLOSE_REFUSED:
		return cause_refusal_is_foreign(c) ? CLOSER_NETWORK : rst_closer(c);
	case CLOSE_ABANDONED:
		return c != NULL && closing_by_rst(c) ? rst_closer(c) : CLOSER_NONE;
	case CLOSE_RESET:
	case CLOSE_SIMULTANEOUS:
	case CLOSE_GRACEFUL:
	case CLOSE_CLOSING:
	case CLOSE_HALF_CLOSED:
		return first_closer(f, c);
	case CLOSE_VANISHED:
	case CLOSE_UNANSWERED:
	case CLOSE_OPEN:
	case CLOSE_COUNT:
		break;
	}
	return CLOSER_NONE;
}

/* What rests on one end alone is never certain. */
static enum confidence confidence_of(const struct flow *f, enum close close, enum confidence cause)
{
	bool one_way = f->end[CLIENT].packets == 0 || f->end[SERVER].packets == 0;

	if (close == CLOSE_UNANSWERED || close == CLOSE_UNREACHABLE || !one_way)
		return cause;
	return cause == CONFIDENCE_CERTAIN ? CONFIDENCE_LIKELY : cause;
}

struct verdict classify(const struct flow *f, const struct closing *c, const struct cause_rules *rules)
{
	enum close close = close_of(f, c);
	struct reason reason = cause_of(f, c, close, rules);

	return (struct verdict){
		.close = close,
		.cause = reason.cause,
		.confidence = confidence_of(f, close, reason.confidence),
		.closer = closer_of(f, c, close),
		.rst_sender = close == CLOSE_RESET ? rst_closer(c) : CLOSER_NONE,
		.rst_family = cause_rst_family(c),
		.timer = reason.timer,
	};
}

/* What a RST means to the end that got it, in the state it was in. */
static enum saw saw_of_rst(enum state state)
{
	switch (state) {
	case STATE_SYN_SENT:
		return SAW_ECONNREFUSED;
	case STATE_SYN_RECEIVED:
		return SAW_NOTHING;
	case STATE_CLOSE_WAIT:
		return SAW_EPIPE;
	default:
		return SAW_ECONNRESET;
	}
}

static bool gave_up_probing(const struct closing *c, enum side side)
{
	return c != NULL && closing_by_rst(c) && c->rst_side == side && (c->bits & CLOSING_AFTER_PROBES);
}

/* Without a RST: it closed fully, or the other end at least did. */
static enum saw saw_by_fins(const struct way *way)
{
	return way_passed(way, STATE_LAST_ACK) || way_passed(way, STATE_TIME_WAIT) ||
			       way_passed(way, STATE_CLOSING) || way_end(way) == STATE_CLOSE_WAIT
		       ? SAW_EOF
		       : SAW_NOTHING;
}

/* Follows the end's facts to the one that ended it; its own abort or full close beats what came later. */
static enum saw saw_by_facts(const struct flow *f, const struct closing *c, enum side side,
			     const struct way *way)
{
	fact_list facts = f->end[side].facts;
	enum state state = STATE_UNKNOWN;

	if (!facts_include(facts, SENT_RST) && !facts_include(facts, GOT_RST))
		return saw_by_fins(way);
	for (;; facts >>= 4) {
		enum fact fact = facts & 15;
		enum state to = state_after(state, fact);

		if (fact == SENT_RST)
			return gave_up_probing(c, side) ? SAW_ETIMEDOUT : SAW_NOTHING;
		if (fact == GOT_RST)
			return saw_of_rst(state);
		if (to != state && (to == STATE_LAST_ACK || to == STATE_TIME_WAIT || to == STATE_CLOSING))
			return SAW_EOF;
		state = to;
	}
}

enum saw application_saw(const struct flow *f, const struct closing *c, enum close close, enum side side,
			 const struct way *way)
{
	bool retried = f->end[side].tries >= VANISHED_TRIES;

	if (close == CLOSE_UNANSWERED || close == CLOSE_UNREACHABLE) {
		if (side == SERVER)
			return SAW_NOTHING;
		return c != NULL && c->end[CLIENT].icmp ? icmp_saw(f, &c->end[CLIENT]) : SAW_ETIMEDOUT;
	}
	if (close == CLOSE_VANISHED && retried)
		return c != NULL && c->end[side].icmp ? icmp_saw(f, &c->end[side]) : SAW_ETIMEDOUT;
	return saw_by_facts(f, c, side, way);
}
