/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * census.c - see census.h.
 *
 * How old the TIME-WAITs of a holder are is kept as a number for each sixteenth of 2MSL in which they were
 * entered. All last equally long, so the one that ends is the oldest, but for the few that end early; no
 * memory a connection is needed.
 */
#include "analyzer/census.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/heavy.h"

enum { CENSUS_ENTRIES = 16384, SLOTS = 16, RATE_SLOTS = 4 };

/* In rings, by slot number modulo SLOTS. */
struct ages {
	bool begun;
	int64_t newest;		 /* number of the newest slot */
	uint32_t held[SLOTS];	 /* entered in that slot (in the oldest: or before) and not left */
	uint32_t entered[SLOTS]; /* entered in that slot */
};

/* Without padding, as heavy.h asks. */
struct holder_key {
	struct host holder, peer;
	uint16_t port;
	uint16_t side;
};

struct census {
	int64_t slot; /* ns, > 0 */
	struct census_counts counts;
	struct ages ages[2];	    /* of all TIME-WAITs, by enum side */
	struct heavy *holders[2];   /* struct holder_key to struct ages, which weighs what is held now */
	struct waiting *waiting[2]; /* in CLOSE-WAIT */
};

struct census *census_new(const struct census_options *options)
{
	size_t entries = options->entries ? options->entries : CENSUS_ENTRIES;
	struct heavy_options table = { .key_size = sizeof(struct holder_key),
				       .value_size = sizeof(struct ages),
				       .max = entries,
				       .seed = options->seed };
	struct census *c;
	bool made = true;

	if (options->time_wait <= 0 || entries < 2) {
		errno = EINVAL;
		return NULL;
	}
	c = calloc(1, sizeof *c);
	if (!c)
		return NULL;
	c->slot = options->time_wait / SLOTS;
	c->slot = c->slot > 0 ? c->slot : 1;
	for (int s = 0; s < 2; s++) {
		c->holders[s] = heavy_new(&table);
		c->waiting[s] = waiting_new(entries, options->seed);
		made = made && c->holders[s] && c->waiting[s];
	}
	if (made)
		return c;
	census_free(c);
	errno = ENOMEM;
	return NULL;
}

void census_free(struct census *c)
{
	if (!c)
		return;
	for (int s = 0; s < 2; s++) {
		heavy_free(c->holders[s]);
		waiting_free(c->waiting[s]);
	}
	free(c);
}

static size_t ring_at(int64_t slot)
{
	return (size_t)((uint64_t)slot % SLOTS);
}

/* Slots count from 1970, rounded down; far from the ends of int64_t, so that differences cannot overflow. */
static int64_t slot_of(const struct census *c, struct moment at)
{
	int64_t slot = at.ns / c->slot - (at.ns % c->slot < 0);
	int64_t most = INT64_MAX / 4;

	return slot < -most ? -most : slot > most ? most : slot;
}

static int64_t oldest_slot(const struct ages *a)
{
	return a->newest - (SLOTS - 1);
}

/* Moves the ring on by one; what it then has no slot for joins the oldest. */
static void ages_step(struct ages *a)
{
	size_t leaves = ring_at(oldest_slot(a));

	a->held[ring_at(oldest_slot(a) + 1)] += a->held[leaves];
	a->held[leaves] = 0;
	a->entered[leaves] = 0;
	a->newest++;
}

static void ages_advance(struct ages *a, int64_t slot)
{
	if (!a->begun) {
		a->begun = true;
		a->newest = slot;
	}
	/* After a pause; or the clock was set back. */
	if (slot - a->newest > 2 * SLOTS || a->newest - slot > 2 * SLOTS) {
		uint32_t held = 0;

		for (int i = 0; i < SLOTS; i++)
			held += a->held[i];
		*a = (struct ages){ .begun = true, .newest = slot };
		a->held[ring_at(oldest_slot(a))] = held;
	}
	while (a->newest < slot)
		ages_step(a);
}

static void ages_enter(struct ages *a, int64_t slot)
{
	ages_advance(a, slot);
	slot = slot < oldest_slot(a) ? oldest_slot(a) : slot;
	a->held[ring_at(slot)]++;
	a->entered[ring_at(slot)]++;
}

/* One leaves, the newest or the oldest. */
static void ages_leave(struct ages *a, bool newest)
{
	for (int i = 0; i < SLOTS; i++) {
		uint32_t *held = &a->held[ring_at(newest ? a->newest - i : oldest_slot(a) + i)];

		if (*held > 0) {
			(*held)--;
			return;
		}
	}
}

static struct census_time_wait ages_tell(const struct census *c, const struct ages *a, struct moment now)
{
	int64_t current = slot_of(c, now);
	struct census_time_wait told = { .oldest = now };

	current = current < a->newest ? a->newest : current;
	for (int64_t slot = a->newest; a->begun && slot >= oldest_slot(a); slot--) {
		uint32_t held = a->held[ring_at(slot)];

		told.now += held;
		if (held > 0 && __builtin_mul_overflow(slot, c->slot, &told.oldest.ns))
			told.oldest.ns = slot < 0 ? INT64_MIN : INT64_MAX;
		if (slot >= current - RATE_SLOTS)
			told.recent += a->entered[ring_at(slot)];
	}
	told.over = RATE_SLOTS * c->slot;
	if (now.ns / c->slot == current)
		told.over += now.ns % c->slot;
	return told;
}

static struct holder_key key_of(const struct host host[2], const uint16_t port[2], enum side side)
{
	struct holder_key key = { .holder = host[side], .port = port[SERVER], .side = (uint16_t)side };

	if (side == CLIENT)
		key.peer = host[SERVER];
	return key;
}

static void enter_time_wait(struct census *c, const struct change *change)
{
	struct holder_key key = key_of(change->host, change->port, change->side);
	int64_t slot = slot_of(c, change->at);

	ages_enter(&c->ages[change->side], slot);
	ages_enter(heavy_add(c->holders[change->side], &key, 1), slot);
}

static void leave_time_wait(struct census *c, const struct holder_key *key, bool newest)
{
	struct ages *ages = heavy_take(c->holders[key->side], key, 1);

	ages_leave(&c->ages[key->side], newest);
	if (ages)
		ages_leave(ages, newest);
}

/* False when nobody was in it, as far as is known. */
static bool leave(struct census *c, enum side side, enum state state)
{
	if (c->counts.now[side][state] == 0)
		return false;
	c->counts.now[side][state]--;
	return true;
}

void census_change(struct census *c, const struct change *change)
{
	if (leave(c, change->side, change->from)) {
		if (change->from == STATE_TIME_WAIT) {
			struct holder_key key = key_of(change->host, change->port, change->side);

			leave_time_wait(c, &key, change->retracted);
		} else if (change->from == STATE_CLOSE_WAIT) {
			waiting_leave(c->waiting[change->side], change->connection);
		}
	}
	if (change->to == STATE_UNKNOWN)
		return;
	c->counts.now[change->side][change->to]++;
	if (!change->retracted)
		c->counts.entered[change->side][change->to]++;
	if (change->to == STATE_TIME_WAIT) {
		enter_time_wait(c, change);
	} else if (change->to == STATE_CLOSE_WAIT) {
		const struct waiting_end end = { .connection = change->connection,
						 .since = change->at,
						 .host = { change->host[CLIENT], change->host[SERVER] },
						 .port = { change->port[CLIENT], change->port[SERVER] } };

		waiting_enter(c->waiting[change->side], &end);
	}
}

void census_record(struct census *c, const struct record *record)
{
	for (int s = 0; s < 2; s++) {
		enum state state = record_state(&record->side[s]);

		if (!leave(c, (enum side)s, state))
			continue;
		if (state == STATE_TIME_WAIT) {
			struct holder_key key = key_of(record->host, record->port, (enum side)s);

			leave_time_wait(c, &key, false);
		} else if (state == STATE_CLOSE_WAIT) {
			waiting_leave(c->waiting[s], record->first_packet);
		}
	}
}

const struct census_counts *census_counts(const struct census *c)
{
	return &c->counts;
}

struct census_time_wait census_time_wait(const struct census *c, enum side side, struct moment now)
{
	return ages_tell(c, &c->ages[side], now);
}

static bool holds_more(const struct heavy_entry *a, const struct heavy_entry *b)
{
	if (a->weight != b->weight)
		return a->weight > b->weight;
	return memcmp(a->key, b->key, sizeof(struct holder_key)) < 0;
}

size_t census_holders(const struct census *c, enum side side, struct moment now, struct census_holder *out,
		      size_t n, uint64_t *others)
{
	struct heavy_entry best[CENSUS_TOP_MAX];

	n = heavy_top(c->holders[side], 1, holds_more, best, n < CENSUS_TOP_MAX ? n : CENSUS_TOP_MAX);
	*others = c->counts.now[side][STATE_TIME_WAIT];
	for (size_t i = 0; i < n; i++) {
		const struct holder_key *key = best[i].key;

		out[i] = (struct census_holder){ .holder = key->holder,
						 .peer = key->peer,
						 .port = key->port,
						 .side = side,
						 .held = ages_tell(c, best[i].value, now) };
		*others -= best[i].weight < *others ? best[i].weight : *others;
	}
	return n;
}

size_t census_close_wait(const struct census *c, enum side side, struct waiting_end *out, size_t n)
{
	return waiting_longest(c->waiting[side], out, n);
}
