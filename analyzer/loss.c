/* SPDX-License-Identifier: GPL-2.0-or-later */
/* loss.c - see loss.h. */
#include "analyzer/loss.h"

#include <string.h>

static void remove_span(struct losses *losses, size_t at)
{
	losses->n--;
	memmove(&losses->span[at], &losses->span[at + 1], (losses->n - at) * sizeof *losses->span);
}

/* The span and the next become one. */
static void join(struct losses *losses, size_t at)
{
	struct loss *a = &losses->span[at], *b = a + 1;

	if (b->to.ns > a->to.ns)
		a->to = b->to;
	remove_span(losses, at + 1);
}

static int64_t between(const struct losses *losses, size_t at)
{
	return losses->span[at + 1].from.ns - losses->span[at].to.ns;
}

static void make_room(struct losses *losses)
{
	size_t nearest = 0;

	for (size_t i = 1; i + 1 < losses->n; i++)
		if (between(losses, i) < between(losses, nearest))
			nearest = i;
	join(losses, nearest);
}

void losses_add(struct losses *losses, struct moment from, struct moment to)
{
	size_t at;

	if (to.ns < from.ns)
		from = to;
	if (losses->n == LOSSES_MAX)
		make_room(losses);
	at = losses->n;
	while (at > 0 && losses->span[at - 1].from.ns > from.ns)
		at--;
	memmove(&losses->span[at + 1], &losses->span[at], (losses->n - at) * sizeof *losses->span);
	losses->span[at] = (struct loss){ from, to };
	losses->n++;
	if (at > 0 && losses->span[at - 1].to.ns >= from.ns)
		join(losses, --at);
	while (at + 1 < losses->n && losses->span[at].to.ns >= losses->span[at + 1].from.ns)
		join(losses, at);
}

bool losses_within(const struct losses *losses, struct moment from, struct moment to)
{
	/* The newest are asked for most. */
	for (size_t i = losses->n; i-- > 0 && losses->span[i].to.ns >= from.ns;)
		if (losses->span[i].from.ns <= to.ns)
			return true;
	return false;
}

/* ---- from when on something is missing ---- */

/* Times are the capture's, which may say anything. */
static struct moment before(struct moment at, int64_t ns)
{
	return (struct moment){ at.ns < INT64_MIN + ns ? INT64_MIN : at.ns - ns };
}

/* Not less than a gap that flow_gap() rounded down. */
static int64_t gaps_ns(uint32_t gap, unsigned times)
{
	return (int64_t)times * ((int64_t)gap + 1) << FLOW_GAP_SHIFT;
}

/* The first of so many repeats up to 'at': none came later after the one before it than the longest gap. */
static struct moment first_try(const struct flow *f, struct moment at, unsigned tries)
{
	return before(at, gaps_ns(f->gap, tries));
}

static struct moment first_fin(const struct flow *f, const struct closing *c)
{
	bool client = f->end[CLIENT].bits & END_FIN, server = f->end[SERVER].bits & END_FIN;

	if (client && (!server || c->end[CLIENT].fin.at.ns < c->end[SERVER].fin.at.ns))
		return c->end[CLIENT].fin.at;
	return c->end[SERVER].fin.at;
}

/* What was repeated in vain may have been answered. */
static struct moment vanished_since(const struct flow *f)
{
	enum side side = f->end[CLIENT].tries >= f->end[SERVER].tries ? CLIENT : SERVER;

	return flow_was_last(f, side) ? first_try(f, f->last, f->end[side].tries) : f->start;
}

/* The silence before an idle connection's FIN; where the tap saw the request first, that before the request.
 */
static struct moment idle_since(const struct flow *f, const struct closing *c)
{
	struct moment payload = before(first_fin(f, c), c->idle > 0 ? c->idle : 0);

	return before(payload, gaps_ns(c->late.gap, 1));
}

/* A RST ended it: only two causes look at what was not there. */
static bool cause_lacks(const struct flow *f, const struct closing *c, enum cause cause, struct loss *span)
{
	span->to = c->closed.at;
	switch (cause) {
	case CAUSE_KEEPALIVE_DEAD: /* no answer to the probes */
		span->from = first_try(f, span->to, f->end[c->rst_side].tries + 1u);
		return true;
	case CAUSE_KEEPALIVE_RACE: /* no packet for a while before the FIN */
		span->from = idle_since(f, c);
		return true;
	default:
		return false;
	}
}

/* Does the verdict rest on what was not seen? Then *span is when it should have been. */
static bool verdict_lacks(const struct flow *f, const struct closing *c, const struct record *r,
			  struct loss *span)
{
	span->to = r->ended;
	switch (r->close) {
	case CLOSE_UNANSWERED:
		span->from = f->start;
		return true;
	case CLOSE_ABANDONED: /* by silence; if by a RST, that was seen */
		span->from = f->start;
		return c == NULL || !closing_by_rst(c);
	case CLOSE_VANISHED:
		span->from = vanished_since(f);
		return true;
	case CLOSE_CLOSING:
	case CLOSE_HALF_CLOSED:
		span->from = first_fin(f, c);
		return true;
	case CLOSE_OPEN:
		span->from = f->last;
		return true;
	case CLOSE_RESET:
		return cause_lacks(f, c, r->cause, span);
	default:
		return false;
	}
}

void losses_weigh(const struct losses *losses, const struct flow *f, const struct closing *c,
		  struct record *r)
{
	bool evicted = r->record_end == RECORD_EVICTED;
	struct loss span;

	if ((losses->n == 0 && !evicted) || r->confidence != CONFIDENCE_CERTAIN ||
	    !verdict_lacks(f, c, r, &span))
		return;
	/* Of one that was given up, it may have come a moment later. */
	if (evicted || losses_within(losses, span.from, span.to))
		r->confidence = CONFIDENCE_LIKELY;
}
