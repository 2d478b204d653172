/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ledger.c - see ledger.h.
 *
 * How many were held at once is computed while the records come by, in the order of
 * their ends and in constant memory: starts and ends are counted in a ring of slots of 2MSL/8 that reaches
 * two 2MSL back. What leaves the ring can no longer change, so the running sum there is
 * the true number held at that instant.
 */
#include "analyzer/ledger.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LEDGER_ENTRIES = 16384, SLOTS_A_TIME_WAIT = 8, SLOTS = 2 * SLOTS_A_TIME_WAIT };

struct crowd {
	int64_t base;	      /* number of the oldest slot in the ring */
	int32_t delta[SLOTS]; /* starts less ends, by slot number modulo SLOTS */
	bool begun;
	int64_t held, peak; /* before slot 'base' */
};

/* Without padding, as heavy.h asks. */
struct holder_key {
	struct host holder, peer;
	uint16_t port;
	uint16_t side;
};

struct holder_value {
	uint64_t now, reused, assassinated;
	struct crowd crowd;
};

struct ledger {
	int64_t slot; /* ns, > 0 */
	struct ledger_totals totals;
	struct crowd crowd;
	struct heavy *holders[2]; /* by enum side */
};

struct ledger *ledger_new(const struct ledger_options *options)
{
	struct heavy_options table = { .key_size = sizeof(struct holder_key),
				       .value_size = sizeof(struct holder_value),
				       .max = options->entries ? options->entries : LEDGER_ENTRIES,
				       .seed = options->seed };
	struct ledger *l;

	if (options->time_wait <= 0) {
		errno = EINVAL;
		return NULL;
	}
	l = calloc(1, sizeof *l);
	if (!l)
		return NULL;
	l->slot = options->time_wait / SLOTS_A_TIME_WAIT;
	l->slot = l->slot > 0 ? l->slot : 1;
	for (int s = 0; s < 2; s++)
		l->holders[s] = heavy_new(&table);
	if (l->holders[CLIENT] && l->holders[SERVER])
		return l;
	ledger_free(l);
	errno = ENOMEM;
	return NULL;
}

void ledger_free(struct ledger *l)
{
	if (!l)
		return;
	heavy_free(l->holders[CLIENT]);
	heavy_free(l->holders[SERVER]);
	free(l);
}

static size_t ring_at(int64_t slot)
{
	return (size_t)((uint64_t)slot % SLOTS);
}

/* Moves the ring on until it holds 'slot'. */
static void crowd_advance(struct crowd *c, int64_t slot)
{
	if (!c->begun) {
		c->begun = true;
		c->base = slot - (SLOTS - 1);
	}
	for (int i = 0; i < SLOTS && slot - c->base >= SLOTS; i++) {
		int32_t *delta = &c->delta[ring_at(c->base++)];

		c->held += *delta;
		*delta = 0;
		c->peak = c->held > c->peak ? c->held : c->peak;
	}
	if (slot - c->base >= SLOTS)
		c->base = slot - (SLOTS - 1);
}

/* One more was held from slot 'from' to slot 'to'; or to the end, when it still lingers. */
static void crowd_add(struct crowd *c, int64_t from, int64_t to, bool lingers)
{
	crowd_advance(c, to);
	c->delta[ring_at(from > c->base ? from : c->base)]++;
	if (!lingers)
		c->delta[ring_at(to > c->base ? to : c->base)]--;
}

/* The most at once, with what is still in the ring; one that fell between two looks was one all the same. */
static uint64_t crowd_peak(const struct crowd *c)
{
	int64_t held = c->held, peak = c->peak > c->begun ? c->peak : c->begun;

	for (int i = 0; i < SLOTS; i++) {
		held += c->delta[ring_at(c->base + i)];
		peak = held > peak ? held : peak;
	}
	return (uint64_t)peak;
}

/* Slots count from 1970, rounded down; far from the ends of int64_t, so that differences cannot overflow. */
static int64_t slot_of(const struct ledger *l, int64_t ns)
{
	int64_t slot = ns / l->slot - (ns % l->slot < 0);
	int64_t most = INT64_MAX / 4;

	return slot < -most ? -most : slot > most ? most : slot;
}

static struct holder_key key_of(const struct record *r, enum side side)
{
	struct holder_key key = { .holder = r->host[side], .port = r->port[SERVER], .side = (uint16_t)side };

	if (side == CLIENT)
		key.peer = r->host[SERVER];
	return key;
}

static void hold(struct ledger *l, const struct record *r, enum side side, const struct heavy_fetch *holder)
{
	const struct holder_key key = key_of(r, side);
	int64_t held = r->time_wait_held > 0 ? r->time_wait_held : 0, began, from, to;
	bool lingers = r->time_wait == TIME_WAIT_LINGERING;
	struct holder_value *value;

	if (__builtin_sub_overflow(r->ended.ns, held, &began))
		began = INT64_MIN;
	from = slot_of(l, began);
	to = slot_of(l, r->ended.ns);
	l->totals.made++;
	l->totals.by_time_wait[r->time_wait]++;
	l->totals.held_ms += (uint64_t)held / 1000000;
	crowd_add(&l->crowd, from, to, lingers);
	value = heavy_add_fetched(holder, &key, 1);
	value->now += lingers;
	value->reused += r->time_wait == TIME_WAIT_REUSED;
	value->assassinated += r->time_wait == TIME_WAIT_ASSASSINATED;
	crowd_add(&value->crowd, from, to, lingers);
}

/* That side held, or holds, a TIME-WAIT. */
static bool holds(const struct record *r, enum side side)
{
	return r->time_wait != TIME_WAIT_NONE &&
	       (r->time_wait_side == HOLDER_BOTH ||
		r->time_wait_side == (side == CLIENT ? HOLDER_CLIENT : HOLDER_SERVER));
}

struct ledger_fetch ledger_fetch(const struct ledger *l, const struct record *r)
{
	struct ledger_fetch fetch = { .holder = { { NULL, 0 } } };

	for (enum side side = CLIENT; side <= SERVER; side++) {
		if (holds(r, side)) {
			const struct holder_key key = key_of(r, side);

			fetch.holder[side] = heavy_fetch(l->holders[side], &key);
		}
	}
	return fetch;
}

void ledger_fetch_on(const struct ledger_fetch *fetch)
{
	heavy_fetch_on(&fetch->holder[CLIENT]);
	heavy_fetch_on(&fetch->holder[SERVER]);
}

void ledger_record(struct ledger *l, const struct record *r)
{
	const struct ledger_fetch fetch = ledger_fetch(l, r);

	ledger_record_fetched(l, r, &fetch);
}

void ledger_record_fetched(struct ledger *l, const struct record *r, const struct ledger_fetch *fetch)
{
	for (enum side side = CLIENT; side <= SERVER; side++)
		if (holds(r, side))
			hold(l, r, side, &fetch->holder[side]);
}

struct ledger_totals ledger_totals(const struct ledger *l)
{
	struct ledger_totals totals = l->totals;

	totals.peak = crowd_peak(&l->crowd);
	return totals;
}

static int key_order(const struct holder_key *a, const struct holder_key *b)
{
	int holder = memcmp(&a->holder, &b->holder, sizeof a->holder);
	int peer = memcmp(&a->peer, &b->peer, sizeof a->peer);

	return holder ? holder : peer ? peer : a->port - b->port;
}

static bool holds_more(const struct heavy_entry *a, const struct heavy_entry *b)
{
	const struct holder_value *va = a->value, *vb = b->value;
	uint64_t peak_a, peak_b;

	if (va->now != vb->now)
		return va->now > vb->now;
	peak_a = crowd_peak(&va->crowd);
	peak_b = crowd_peak(&vb->crowd);
	if (peak_a != peak_b)
		return peak_a > peak_b;
	if (a->weight != b->weight)
		return a->weight > b->weight;
	return key_order(a->key, b->key) < 0;
}

size_t ledger_top(const struct ledger *l, enum side side, struct ledger_row *out, size_t n, uint64_t *missed)
{
	struct heavy_entry best[LEDGER_TOP_MAX];

	n = heavy_top(l->holders[side], 1, holds_more, best, n < LEDGER_TOP_MAX ? n : LEDGER_TOP_MAX);
	for (size_t i = 0; i < n; i++) {
		const struct holder_key *key = best[i].key;
		const struct holder_value *value = best[i].value;

		out[i] = (struct ledger_row){ .holder = key->holder,
					      .peer = key->peer,
					      .port = key->port,
					      .side = side,
					      .made = best[i].weight,
					      .now = value->now,
					      .reused = value->reused,
					      .assassinated = value->assassinated,
					      .peak = crowd_peak(&value->crowd) };
	}
	*missed = heavy_missed(l->holders[side]);
	return n;
}
