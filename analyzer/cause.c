/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cause.c - the rules of design/verdicts.md section 4, most specific first: the first that holds decides.
 *
 * A RST without ACK that answers a packet of its receiver is a reply: no socket sent it. All
 * others are active, from a live socket: also a bare RST that answers nothing, as some
 * stacks abort that way.
 */
#include "analyzer/cause.h"

#include "analyzer/origin.h"

/* A connection idle for less than this was not idle (verdicts.md 4, keepalive-race). */
#define IDLE_NS 100000000

/* A server that turns a connection away does so about as soon as it can accept it. */
#define REJECT_NS 1000000000

/* tcp_fin_timeout counts seconds: no FIN-WAIT-2 of an orphan is set to less. */
#define SHORTEST_FIN_TIMEOUT_NS 1000000000

/* What a rule looks at. */
struct evidence {
	const struct flow *f;
	const struct closing *c;
	const struct cause_rules *rules;
	enum side sender, receiver; /* of the RST */
	enum rst_family family;	    /* what made it */
};

static bool sender_has_fin(const struct evidence *e)
{
	return e->f->end[e->sender].bits & END_FIN;
}

static bool any_fin(const struct evidence *e)
{
	return (e->f->end[CLIENT].bits | e->f->end[SERVER].bits) & END_FIN;
}

static bool is_reply(const struct evidence *e)
{
	return e->family == RST_REPLY;
}

static bool is_active(const struct evidence *e)
{
	return e->family == RST_ACTIVE;
}

static int64_t units_ns(uint32_t gap)
{
	return (int64_t)gap << FLOW_GAP_SHIFT;
}

static int64_t gap_ns(const struct evidence *e)
{
	return units_ns(e->f->gap);
}

/* Since the handshake was complete; where it began several times, since the last packet. */
static int64_t age_ns(const struct evidence *e)
{
	if (e->f->syn_retransmits > 0)
		return gap_ns(e);
	return e->c->closed.at.ns - e->f->start.ns - e->f->handshake;
}

/* Payload of that side was acknowledged, whether it was captured or not. */
static bool payload_acked(const struct flow *f, enum side side)
{
	const struct endpoint *end = &f->end[side];
	uint32_t fin = facts_include(end->facts, FIN_ACKED) ? 1 : 0;

	return (end->bits & END_SYN) && (end->bits & END_UNA) && end->una.n - end->isn.n > 1 + fin;
}

static bool no_payload(const struct evidence *e)
{
	if (e->rules->closes_only && (payload_acked(e->f, CLIENT) || payload_acked(e->f, SERVER)))
		return false;
	return !(e->f->bits & FLOW_PAYLOAD);
}

/* ---- the rules for resets ---- */

static bool is_rst_text(const struct evidence *e)
{
	return e->c->bits & CLOSING_TEXT;
}

static bool is_syn_recovery(const struct evidence *e)
{
	return e->c->challenge != 0 && e->c->trigger == e->c->challenge;
}

static bool is_injected(const struct evidence *e)
{
	return e->family == RST_FOREIGN;
}

static bool is_keepalive_dead(const struct evidence *e)
{
	return is_active(e) && (e->c->bits & CLOSING_AFTER_PROBES);
}

static bool is_abort_after_fin(const struct evidence *e)
{
	return is_active(e) && sender_has_fin(e);
}

static bool is_rst_for_fin(const struct evidence *e)
{
	return is_active(e) && (e->f->end[e->receiver].bits & END_FIN) &&
	       facts_include(e->f->end[e->sender].facts, GOT_FIN);
}

static bool is_late_fin(const struct evidence *e)
{
	return is_reply(e) && sender_has_fin(e) && e->c->trigger_kind == TRIGGER_FIN;
}

/* A probe asks for the same answer as data. */
static bool is_late_data(const struct evidence *e)
{
	return is_reply(e) && sender_has_fin(e) &&
	       (e->c->trigger_kind == TRIGGER_DATA || e->c->trigger_kind == TRIGGER_PROBE);
}

/* The data had left before the FIN arrived, after both ends had been idle. */
static bool is_keepalive_race(const struct evidence *e)
{
	const struct closing_end *closer = &e->c->end[e->sender];
	int64_t idle = 2 * flow_round_trip(e->f);
	/* Where the tap saw the data first, the idle time is that before it. */
	int64_t was_idle = e->c->late.packet < closer->fin.packet ? units_ns(e->c->late.gap) : e->c->idle;

	return is_late_data(e) && e->c->late.packet != 0 && seq_diff(e->c->late.ack, closer->fin_seq) <= 0 &&
	       was_idle >= (idle > IDLE_NS ? idle : IDLE_NS);
}

/* Before the late data, with the FIN acknowledged: what an orphan waits in FIN-WAIT-2. 0 where it did not. */
static int64_t silence_after_fin(const struct evidence *e)
{
	if (!facts_include(e->f->end[e->sender].facts, FIN_ACKED))
		return 0;
	return e->c->late.packet != 0 ? units_ns(e->c->late.gap) : gap_ns(e);
}

static bool is_fin_timeout(const struct evidence *e)
{
	return is_late_data(e) && silence_after_fin(e) >= e->rules->fin_timeout;
}

/* A timer may fire a little late, and the tap see both ends of the gap with other delays. */
static bool is_near(int64_t gap, int64_t timer)
{
	return gap >= timer - timer / 200 - 20000000 && gap <= timer + timer / 50 + 200000000;
}

static const struct known_timer *nearest_timer(const struct evidence *e)
{
	const struct known_timer *nearest = NULL;
	int64_t gap = gap_ns(e), best = INT64_MAX;

	for (size_t i = 0; i < e->rules->timer_count; i++) {
		const struct known_timer *timer = &e->rules->timers[i];
		int64_t off;

		if (!is_near(gap, timer->ns))
			continue;
		off = gap > timer->ns ? gap - timer->ns : timer->ns - gap;
		if (off < best) {
			nearest = timer;
			best = off;
		}
	}
	return nearest;
}

static bool is_idle_timeout(const struct evidence *e)
{
	return !any_fin(e) && nearest_timer(e) != NULL;
}

static bool is_half_open(const struct evidence *e)
{
	return is_reply(e) && !sender_has_fin(e) && e->c->rst_ignored == 0;
}

static bool is_abort_discard(const struct evidence *e)
{
	return is_active(e) && e->c->end[e->sender].lost > 0;
}

static bool is_health_check(const struct evidence *e)
{
	return is_active(e) && e->sender == CLIENT && no_payload(e) && (e->f->bits & FLOW_HANDSHAKE) &&
	       age_ns(e) <= 2 * flow_round_trip(e->f);
}

static bool is_accept_reject(const struct evidence *e)
{
	return is_active(e) && e->sender == SERVER && no_payload(e) && (e->f->bits & FLOW_HANDSHAKE) &&
	       age_ns(e) <= 2 * flow_round_trip(e->f) + REJECT_NS;
}

/* The server sent payload: an answer, as far as can be told. */
static bool server_answered(const struct evidence *e)
{
	return (e->f->bits & FLOW_PAYLOAD_SERVER) || (e->rules->closes_only && payload_acked(e->f, SERVER));
}

static bool is_abort_unread(const struct evidence *e)
{
	return is_active(e) && e->sender == SERVER && !no_payload(e) && !server_answered(e) &&
	       ((e->c->bits & CLOSING_ACKS_ALL) || (e->f->bits & FLOW_TAKEN));
}

static bool is_abort(const struct evidence *e)
{
	return is_active(e);
}

static enum confidence certain(const struct evidence *e)
{
	(void)e;
	return CONFIDENCE_CERTAIN;
}

static enum confidence likely(const struct evidence *e)
{
	(void)e;
	return CONFIDENCE_LIKELY;
}

static enum confidence possible(const struct evidence *e)
{
	(void)e;
	return CONFIDENCE_POSSIBLE;
}

/* Just enough for a forgery is not much, unless its supposed sender itself denies it. */
static enum confidence by_score(const struct evidence *e)
{
	bool denied = e->c->rst_signs & RST_SIGN_WENT_ON;

	return denied || origin_score(e->c->rst_signs) > ORIGIN_FOREIGN ? CONFIDENCE_LIKELY
									: CONFIDENCE_POSSIBLE;
}

/* Lost state that somebody else's SYN brought to light looks the same, but for the SYN that follows. */
static enum confidence by_syn_again(const struct evidence *e)
{
	return e->c->bits & CLOSING_SYN_AGAIN ? CONFIDENCE_CERTAIN : CONFIDENCE_LIKELY;
}

/* The tap may have seen answers that never reached the prober. */
static enum confidence by_answers(const struct evidence *e)
{
	return e->f->end[e->sender].tries >= 2 ? CONFIDENCE_CERTAIN : CONFIDENCE_LIKELY;
}

/* After this much silence a short FIN-WAIT-2 may have run out just as well: one wire image, two causes. */
static enum confidence by_silence(const struct evidence *e)
{
	return silence_after_fin(e) < SHORTEST_FIN_TIMEOUT_NS ? CONFIDENCE_CERTAIN : CONFIDENCE_LIKELY;
}

static const struct {
	enum cause cause;
	bool (*holds)(const struct evidence *);
	enum confidence (*confidence)(const struct evidence *);
} reset_rules[] = {
	{ CAUSE_RST_TEXT, is_rst_text, certain },
	{ CAUSE_SYN_RECOVERY, is_syn_recovery, by_syn_again },
	{ CAUSE_INJECTED, is_injected, by_score },
	{ CAUSE_KEEPALIVE_DEAD, is_keepalive_dead, by_answers },
	{ CAUSE_ABORT_AFTER_FIN, is_abort_after_fin, certain },
	{ CAUSE_RST_FOR_FIN, is_rst_for_fin, certain },
	{ CAUSE_LATE_FIN, is_late_fin, certain },
	{ CAUSE_KEEPALIVE_RACE, is_keepalive_race, certain },
	{ CAUSE_FIN_TIMEOUT, is_fin_timeout, likely },
	{ CAUSE_LATE_DATA, is_late_data, by_silence },
	{ CAUSE_IDLE_TIMEOUT, is_idle_timeout, likely },
	{ CAUSE_HALF_OPEN, is_half_open, likely },
	{ CAUSE_ABORT_DISCARD, is_abort_discard, likely },
	{ CAUSE_HEALTH_CHECK, is_health_check, likely },
	{ CAUSE_ACCEPT_REJECT, is_accept_reject, likely },
	{ CAUSE_ABORT_UNREAD, is_abort_unread, possible },
	{ CAUSE_ABORT, is_abort, possible },
};

static enum confidence at_most(enum confidence confidence, enum confidence limit)
{
	return confidence < limit ? limit : confidence;
}

/* A RST unlike its side's other packets, or accepted by guess, or that answers a probe: all less sure. */
static bool is_doubtful(const struct evidence *e)
{
	return e->c->rst_signs != 0 || !(e->c->bits & CLOSING_EXACT) || e->c->trigger_kind == TRIGGER_PROBE;
}

static struct reason cause_of_reset(const struct evidence *e)
{
	struct reason reason = { CAUSE_NONE, CONFIDENCE_POSSIBLE, NULL };

	for (size_t i = 0; i < sizeof reset_rules / sizeof *reset_rules; i++) {
		if (!reset_rules[i].holds(e))
			continue;
		reason = (struct reason){ reset_rules[i].cause, reset_rules[i].confidence(e), NULL };
		break;
	}
	if (reason.cause == CAUSE_IDLE_TIMEOUT)
		reason.timer = nearest_timer(e);
	if (is_doubtful(e))
		reason.confidence = at_most(reason.confidence, CONFIDENCE_LIKELY);
	/* Most are told apart by the payload before the RST. */
	if (e->rules->closes_only && reason.cause != CAUSE_RST_TEXT && reason.cause != CAUSE_SYN_RECOVERY)
		reason.confidence = at_most(reason.confidence, CONFIDENCE_POSSIBLE);
	return reason;
}

/* ---- the others ---- */

bool cause_refusal_is_foreign(const struct closing *c)
{
	return (c->bits & CLOSING_NO_DF) || origin_is_foreign(c->rst_signs);
}

static struct reason cause_of_refusal(const struct evidence *e)
{
	return (struct reason){ cause_refusal_is_foreign(e->c) ? CAUSE_FIREWALL : CAUSE_NO_LISTENER,
				CONFIDENCE_LIKELY, NULL };
}

static struct reason cause_of_orderly(const struct closing *c)
{
	if (c->end[CLIENT].after_fin > 0 || c->end[SERVER].after_fin > 0)
		return (struct reason){ CAUSE_HALF_CLOSE, CONFIDENCE_CERTAIN, NULL };
	if (c->end[CLIENT].denied > 0 || c->end[SERVER].denied > 0)
		return (struct reason){ CAUSE_LAST_ACK_LOST, CONFIDENCE_CERTAIN, NULL };
	return (struct reason){ CAUSE_NONE, CONFIDENCE_CERTAIN, NULL };
}

static enum cause what_was_retried(const struct flow *f)
{
	const struct endpoint *client = &f->end[CLIENT], *server = &f->end[SERVER];

	return client->tries >= server->tries ? client->try_kind : server->try_kind;
}

/* Where ICMP spoke too, silence is not all there was. */
static enum confidence certain_without_icmp(const struct closing *c)
{
	return c != NULL && (c->end[CLIENT].icmp || c->end[SERVER].icmp) ? CONFIDENCE_LIKELY
									 : CONFIDENCE_CERTAIN;
}

enum rst_family cause_rst_family(const struct closing *c)
{
	if (c == NULL || !closing_by_rst(c))
		return RST_NONE;
	if (origin_is_foreign(c->rst_signs))
		return RST_FOREIGN;
	return c->trigger_kind != TRIGGER_NONE ? RST_REPLY : RST_ACTIVE;
}

/* It rests on payload that did not come, or was sent in vain. */
static bool rests_on_payload(enum close close)
{
	return close == CLOSE_VANISHED || close == CLOSE_CLOSING || close == CLOSE_HALF_CLOSED ||
	       close == CLOSE_OPEN || close == CLOSE_ABANDONED;
}

static struct reason cause_as_captured(const struct flow *f, const struct closing *c, enum close close,
				       const struct cause_rules *rules)
{
	struct evidence e = { .f = f, .c = c, .rules = rules };

	if (c != NULL) {
		e.sender = c->rst_side;
		e.receiver = other(e.sender);
		e.family = cause_rst_family(c);
	}
	switch (close) {
	case CLOSE_RESET:
		return cause_of_reset(&e);
	case CLOSE_REFUSED:
		return cause_of_refusal(&e);
	case CLOSE_GRACEFUL:
	case CLOSE_SIMULTANEOUS:
		return cause_of_orderly(c);
	case CLOSE_UNREACHABLE:
		return (struct reason){ icmp_cause(f, &c->end[CLIENT]), CONFIDENCE_CERTAIN, NULL };
	case CLOSE_VANISHED:
		return (struct reason){ what_was_retried(f), certain_without_icmp(c), NULL };
	default:
		return (struct reason){ CAUSE_NONE, CONFIDENCE_CERTAIN, NULL };
	}
}

struct reason cause_of(const struct flow *f, const struct closing *c, enum close close,
		       const struct cause_rules *rules)
{
	struct reason reason = cause_as_captured(f, c, close, rules);

	if (rules->closes_only && rests_on_payload(close))
		reason.confidence = at_most(reason.confidence, CONFIDENCE_LIKELY);
	return reason;
}
