/* SPDX-License-Identifier: GPL-2.0-or-later */
/* time_wait_rows.c - see time_wait_rows.h: holders by census and ledger, pairs by the connections themselves.
 */
#include "ui/time_wait_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_S INT64_C(1000000000)
#define AGAIN_NS NS_PER_S /* between two countings */

int64_t time_wait_runs_out(uint64_t now, uint64_t ports, double rate, int64_t time_wait)
{
	double seconds = (double)time_wait / (double)NS_PER_S, net;

	/* In the long run it holds as many as it makes in 2MSL. */
	if (now >= ports)
		return 0;
	if (rate * seconds < (double)ports)
		return UNKNOWN_NS;
	/* Those it holds run out evenly meanwhile. */
	net = rate - (double)now / seconds;
	return net > 0 ? (int64_t)((double)(ports - now) / net * (double)NS_PER_S) : UNKNOWN_NS;
}

static bool same_holder(const struct holder_row *h, const struct ledger_row *l)
{
	return h->side == l->side && h->port == l->port && host_equal(&h->holder, &l->holder) &&
	       host_equal(&h->peer, &l->peer);
}

/* What has become of those that are over. */
static void add_history(struct dashboard *d, const struct ledger_row *l)
{
	struct holder_row *h = NULL;

	for (size_t i = 0; i < d->holder_count && !h; i++)
		if (same_holder(&d->holders[i], l))
			h = &d->holders[i];
	if (!h) {
		if (d->holder_count == HOLDERS_MAX)
			return;
		h = &d->holders[d->holder_count++];
		memset(h, 0, sizeof *h);
		h->holder = l->holder;
		h->peer = l->peer;
		h->port = l->port;
		h->side = l->side;
		h->oldest = h->left = UNKNOWN_NS;
		h->ports = d->options.ports;
		h->rate = d->options.live ? 0 : (double)NAN;
	}
	if (!d->options.live)
		h->now = l->now;
	h->made = d->options.live ? l->made + h->now : l->made;
	h->peak = l->peak > h->now ? l->peak : h->now;
	h->reused = l->reused;
	h->assassinated = l->assassinated;
}

static void add_living(struct dashboard *d, const struct census_holder *c)
{
	struct holder_row *h = &d->holders[d->holder_count++];

	memset(h, 0, sizeof *h);
	h->holder = c->holder;
	h->peer = c->peer;
	h->port = c->port;
	h->side = c->side;
	h->now = h->made = h->peak = c->held.now;
	h->rate = (double)c->held.recent / ((double)c->held.over / (double)NS_PER_S);
	h->oldest = d->now.ns > c->held.oldest.ns ? d->now.ns - c->held.oldest.ns : 0;
	h->ports = d->options.ports;
	h->left = c->side == CLIENT ? time_wait_runs_out(h->now, h->ports, h->rate, d->options.time_wait)
				    : UNKNOWN_NS;
}

static void find_holders(struct dashboard *d)
{
	d->holder_count = 0;
	for (enum side side = CLIENT; side <= SERVER && d->options.live; side++) {
		struct census_holder held[CENSUS_TOP_MAX];
		uint64_t others;
		size_t n = census_holders(model_census(d->model), side, d->now, held, CENSUS_TOP_MAX / 2,
					  &others);

		for (size_t i = 0; i < n; i++)
			add_living(d, &held[i]);
	}
	for (enum side side = CLIENT; side <= SERVER; side++) {
		struct ledger_row top[LEDGER_TOP_MAX];
		uint64_t missed;
		size_t n = ledger_top(model_ledger(d->model), side, top, LEDGER_TOP_MAX / 2, &missed);

		for (size_t i = 0; i < n; i++)
			add_history(d, &top[i]);
	}
}

void time_wait_refresh(struct dashboard *d)
{
	struct holder_row before;
	bool any = d->holder_list.at > 0 && d->holder_list.at < d->holder_count;

	if (d->counted.ns != 0 && d->painted.ns - d->counted.ns < AGAIN_NS)
		return;
	d->counted = d->painted;
	if (any)
		before = d->holders[d->holder_list.at];
	find_holders(d);
	grid_sort(&time_wait_grid, d->holders, d->holder_count, d->holder_sort, d->holder_ascending);
	/* The selection stays with its holder. */
	for (size_t i = 0; any && i < d->holder_count; i++) {
		const struct holder_row *h = &d->holders[i];

		if (h->side == before.side && h->port == before.port &&
		    host_equal(&h->holder, &before.holder) && host_equal(&h->peer, &before.peer))
			d->holder_list.at = i;
	}
	if (d->view == VIEW_TIME_WAIT)
		time_wait_pairs(d);
}

/* ---- pairs ---- */

static bool is_of(const struct holder_row *h, const struct host host[2], const uint16_t port[2])
{
	if (!host_equal(&host[h->side], &h->holder) || port[SERVER] != h->port)
		return false;
	return h->side == SERVER || host_equal(&host[SERVER], &h->peer);
}

static void add_pair(struct dashboard *d, uint64_t connection, const struct host host[2],
		     const uint16_t port[2], int64_t left)
{
	struct pair_row *p;

	if (left <= 0)
		return;
	if (d->pair_count == PAIRS_MAX) {
		d->pairs_more++;
		return;
	}
	p = &d->pairs[d->pair_count++];
	*p = (struct pair_row){ .connection = connection, .left = left };
	memcpy(p->host, host, sizeof p->host);
	memcpy(p->port, port, sizeof p->port);
}

static int least_left(const void *a, const void *b)
{
	const struct pair_row *x = a, *y = b;

	if (x->left != y->left)
		return x->left < y->left ? -1 : 1;
	return (x->connection > y->connection) - (x->connection < y->connection);
}

static void pairs_of_living(struct dashboard *d, const struct holder_row *h)
{
	for (size_t i = 0; i < model_slots(d->model); i++) {
		const struct live *live = model_slot(d->model, i);

		if (live && live->state[h->side] == STATE_TIME_WAIT && is_of(h, live->host, live->port))
			add_pair(d, live->connection, live->host, live->port,
				 live->since[h->side].ns + d->options.time_wait - d->now.ns);
	}
}

/* Of what has been captured: those that were held when it ended. */
static void pairs_of_records(struct dashboard *d, const struct holder_row *h)
{
	for (uint64_t n = model_first(d->model); n < model_next(d->model); n++) {
		const struct kept *kept = model_kept(d->model, n);
		const struct record *r = kept ? &kept->record : NULL;
		enum holder holder = h->side == CLIENT ? HOLDER_CLIENT : HOLDER_SERVER;

		if (r && r->time_wait == TIME_WAIT_LINGERING && is_of(h, r->host, r->port) &&
		    (r->time_wait_side == holder || r->time_wait_side == HOLDER_BOTH))
			add_pair(d, r->first_packet, r->host, r->port, r->time_wait_left);
	}
}

void time_wait_pairs(struct dashboard *d)
{
	const struct holder_row *h;

	d->pair_count = d->pairs_more = 0;
	if (d->holder_list.at >= d->holder_count)
		return;
	h = &d->holders[d->holder_list.at];
	if (d->options.live)
		pairs_of_living(d, h);
	else
		pairs_of_records(d, h);
	if (d->pair_count > 1)
		qsort(d->pairs, d->pair_count, sizeof *d->pairs, least_left);
}
