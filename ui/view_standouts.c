/* SPDX-License-Identifier: GPL-2.0-or-later */
/* view_standouts.c - the overview's list of who stands out: resets, failures, CLOSE-WAIT, TIME-WAIT. */
#include "ui/plain.h"
#include "ui/view_overview.h"

#define NS_PER_S INT64_C(1000000000)

enum {
	KIND_WIDTH = 21,
	CONNECTIONS_LEAST = 5, /* fewer say little about a service */
};

static bool heavier(const struct standout *a, const struct standout *b)
{
	double x = (double)a->weight / (double)a->whole, y = (double)b->weight / (double)b->whole;

	if (x > y || x < y)
		return x > y;
	return a->weight > b->weight;
}

/* Room for one of that weight, in its place; NULL = it is not among the first. */
static struct standout *insert(struct standouts *list, uint64_t weight, uint64_t whole)
{
	const struct standout fresh = { .weight = weight, .whole = whole };
	int at = list->n;

	while (at > 0 && heavier(&fresh, &list->at[at - 1]))
		at--;
	if (at == STANDOUTS_EACH)
		return NULL;
	if (list->n < STANDOUTS_EACH)
		list->n++;
	for (int i = list->n - 1; i > at; i--)
		list->at[i] = list->at[i - 1];
	list->at[at] = fresh;
	return &list->at[at];
}

static uint64_t established(const struct peer *p)
{
	return p->closes[CLOSE_GRACEFUL] + p->closes[CLOSE_SIMULTANEOUS] + p->closes[CLOSE_RESET] +
	       p->closes[CLOSE_VANISHED];
}

static void find_services(const struct dashboard *d, struct standouts *list)
{
	const struct peers *peers = model_peers(d->model);

	for (size_t i = 0; i < peers_count(peers, true); i++) {
		struct peer_name name;
		const struct peer *p = peers_at(peers, true, i, &name);
		uint64_t resets = p->closes[CLOSE_RESET];
		struct standout *out;

		if (resets == 0 || established(p) < CONNECTIONS_LEAST)
			continue;
		out = insert(list, resets, established(p));
		if (!out)
			continue;
		out->kind = "most often reset";
		out->role = ROLE_BAD;
		out->view = VIEW_CONNECTIONS;
		snprintf(out->who, sizeof out->who, "%s", plain_endpoint(&name.host, name.port).s);
		snprintf(out->figure, sizeof out->figure, "%s of %s connections, %s", plain_number(resets).s,
			 plain_number(established(p)).s, plain_share(resets, established(p)).s);
		snprintf(out->filter, sizeof out->filter, "close=reset server_ip=%s server_port=%u",
			 plain_host(&name.host).s, (unsigned)name.port);
	}
}

static uint64_t failed(const struct peer *p)
{
	return p->closes[CLOSE_REFUSED] + p->closes[CLOSE_UNREACHABLE] + p->closes[CLOSE_UNANSWERED] +
	       p->closes[CLOSE_ABANDONED];
}

/* Services that cannot be reached: down, behind a firewall, or flooded. */
static void find_failures(const struct dashboard *d, struct standouts *list)
{
	const struct peers *peers = model_peers(d->model);

	for (size_t i = 0; i < peers_count(peers, true); i++) {
		struct peer_name name;
		const struct peer *p = peers_at(peers, true, i, &name);
		uint64_t all = failed(p) + established(p);
		struct standout *out = failed(p) >= CONNECTIONS_LEAST ? insert(list, failed(p), 1) : NULL;

		if (!out)
			continue;
		out->kind = "not reached";
		out->role = ROLE_BAD;
		out->view = VIEW_CONNECTIONS;
		snprintf(out->who, sizeof out->who, "%s", plain_endpoint(&name.host, name.port).s);
		snprintf(out->figure, sizeof out->figure, "%s of %s attempts, %s", plain_number(failed(p)).s,
			 plain_number(all).s, plain_share(failed(p), all).s);
		snprintf(out->filter, sizeof out->filter,
			 "refused,unreachable,unanswered,abandoned server_ip=%s server_port=%u",
			 plain_host(&name.host).s, (unsigned)name.port);
	}
}

static void find_hosts(const struct dashboard *d, struct standouts *list)
{
	const struct peers *peers = model_peers(d->model);
	uint64_t all = d->counts.closes[CLOSE_RESET];

	for (size_t i = 0; i < peers_count(peers, false); i++) {
		struct peer_name name;
		const struct peer *p = peers_at(peers, false, i, &name);
		struct standout *out = p->resets_sent > 0 ? insert(list, p->resets_sent, 1) : NULL;

		if (!out)
			continue;
		out->kind = "sends most resets";
		out->role = ROLE_BAD;
		out->view = VIEW_CONNECTIONS;
		snprintf(out->who, sizeof out->who, "%s", plain_host(&name.host).s);
		snprintf(out->figure, sizeof out->figure, "%s, %s of all",
			 plain_count(p->resets_sent, "reset", "resets").s,
			 plain_share(p->resets_sent, all).s);
		snprintf(out->filter, sizeof out->filter, "close=reset ip=%s", plain_host(&name.host).s);
	}
}

static void put_close_wait(struct standouts *list, const struct host *host, uint16_t port, enum side side,
			   int64_t ns, uint64_t connection, bool still)
{
	struct standout *out = ns >= NS_PER_S ? insert(list, (uint64_t)ns, 1) : NULL;

	if (!out)
		return;
	out->kind = "longest in CLOSE-WAIT";
	out->role = ROLE_WARN;
	out->view = VIEW_CONNECTION;
	out->connection = connection;
	snprintf(out->who, sizeof out->who, "%s (%s)", plain_endpoint(host, port).s,
		 side == CLIENT ? "client" : "server");
	snprintf(out->figure, sizeof out->figure, "%s%s", plain_duration(ns).s,
		 still ? ", and still is" : "");
}

/* Those that still wait; and the longest of those that did. */
static void find_close_waits(const struct dashboard *d, struct standouts *list)
{
	const struct model_counts *c = &d->counts;
	struct record record;
	bool lives;

	for (enum side side = CLIENT; side <= SERVER; side++) {
		struct waiting_end ends[STANDOUTS_EACH];
		size_t n = census_close_wait(model_census(d->model), side, ends, STANDOUTS_EACH);

		for (size_t i = 0; i < n; i++)
			put_close_wait(list, &ends[i].host[side], ends[i].port[side], side,
				       d->now.ns - ends[i].since.ns, ends[i].connection, true);
	}
	if (c->close_wait != UNKNOWN_NS && connection_find(d, c->close_wait_connection, &record, &lives))
		put_close_wait(list, &record.host[c->close_wait_side], record.port[c->close_wait_side],
			       c->close_wait_side, c->close_wait, c->close_wait_connection, false);
}

static void find_time_waits(const struct dashboard *d, struct standouts *list)
{
	for (size_t i = 0; i < d->holder_count; i++) {
		const struct holder_row *h = &d->holders[i];
		uint64_t held = d->options.live ? h->now : h->peak;
		struct standout *out = h->side == CLIENT && held > 0 ? insert(list, held, 1) : NULL;

		if (!out)
			continue;
		out->kind = "TIME-WAITs held";
		out->role = held >= d->options.ports / 2    ? ROLE_BAD
			    : held >= d->options.ports / 10 ? ROLE_WARN
							    : ROLE_CALM;
		out->view = VIEW_TIME_WAIT;
		snprintf(out->who, sizeof out->who, "%s > %s", plain_host(&h->holder).s,
			 plain_endpoint(&h->peer, h->port).s);
		snprintf(out->figure, sizeof out->figure, "%s%s, %s of ports%s", plain_number(held).s,
			 d->options.live ? "" : " at most", plain_share(held, d->options.ports).s,
			 h->left != UNKNOWN_NS ? ", which will run out" : "");
	}
}

static void draw_line(struct dashboard *d, int row, const struct standout *out)
{
	struct screen *s = d->screen;
	struct link *link = overview_link(d, row, 0, s->columns, out->view);
	int who = s->columns >= 110 ? 60 : 27;

	screen_put(s, row, 1, ROLE_TEXT, out->kind);
	screen_fit(s, row, KIND_WIDTH + 2, who, ROLE_TEXT, out->who);
	screen_fit(s, row, KIND_WIDTH + who + 3, s->columns - KIND_WIDTH - who - 3, out->role, out->figure);
	if (!link)
		return;
	link->connection = out->connection;
	memcpy(link->filter, out->filter, sizeof link->filter);
}

void overview_find_standouts(struct dashboard *d)
{
	for (int kind = 0; kind < STANDOUT_KINDS; kind++)
		d->standouts[kind].n = 0;
	find_services(d, &d->standouts[0]);
	find_hosts(d, &d->standouts[1]);
	find_failures(d, &d->standouts[2]);
	find_close_waits(d, &d->standouts[3]);
	find_time_waits(d, &d->standouts[4]);
}

void overview_standouts(struct dashboard *d, int top, int rows)
{
	int each[STANDOUT_KINDS] = { 0 }, left = rows - 1, row = top + 1;

	screen_put(d->screen, top, 0, ROLE_TITLE, "WHO STANDS OUT");
	/* A line of each kind, then a second of each, while there is room. */
	for (int round = 0; round < STANDOUTS_EACH; round++)
		for (int kind = 0; kind < STANDOUT_KINDS; kind++)
			if (left > 0 && d->standouts[kind].n > round) {
				each[kind]++;
				left--;
			}
	for (int kind = 0; kind < STANDOUT_KINDS; kind++)
		for (int i = 0; i < each[kind]; i++)
			draw_line(d, row++, &d->standouts[kind].at[i]);
	if (row == top + 1)
		screen_put(d->screen, row, 1, ROLE_DIM, "nobody");
}
