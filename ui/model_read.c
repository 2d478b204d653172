/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model_read.c - what the model tells. */
#include <string.h>

#include "ui/model_parts.h"

uint64_t model_first(const struct model *m)
{
	return m->next > m->options.records ? m->next - m->options.records : 0;
}

uint64_t model_next(const struct model *m)
{
	return m->next;
}

uint64_t model_forgotten(const struct model *m)
{
	return model_first(m);
}

const struct kept *model_kept(const struct model *m, uint64_t number)
{
	const struct kept *kept;

	if (number < model_first(m) || number >= m->next)
		return NULL;
	kept = model_slot_of(m, number);
	return kept->gone ? NULL : kept;
}

struct moment model_now(const struct model *m)
{
	return m->now;
}

const struct model_counts *model_counts(const struct model *m)
{
	return &m->counts;
}

const struct timeline *model_timeline(const struct model *m)
{
	return &m->timeline;
}

const struct peers *model_peers(const struct model *m)
{
	return m->peers;
}

const struct census *model_census(const struct model *m)
{
	return m->census;
}

const struct ledger *model_ledger(const struct model *m)
{
	return m->ledger;
}

int64_t model_time_wait(const struct model *m)
{
	return m->options.time_wait;
}

uint64_t model_taken_back(const struct model *m)
{
	return m->taken_back;
}

uint64_t model_live_version(const struct model *m)
{
	return m->live_version;
}

const struct live *model_newest(const struct model *m)
{
	return m->living.newest == 0 ? NULL : &m->living.slots[m->living.newest];
}

const struct live *model_older(const struct model *m, const struct live *live)
{
	return live->older == 0 ? NULL : &m->living.slots[live->older];
}

uint64_t model_live_count(const struct model *m)
{
	return m->living.count + m->unlisted;
}

uint64_t model_live_unlisted(const struct model *m)
{
	return m->unlisted;
}

const struct live *model_find(const struct model *m, uint64_t connection)
{
	return living_find(&m->living, connection);
}

const struct live *model_slot(const struct model *m, size_t i)
{
	return m->living.slots[i + 1].connection == 0 ? NULL : &m->living.slots[i + 1];
}

size_t model_slots(const struct model *m)
{
	return m->living.used - 1;
}

/* All that states tell: as good as nothing of why. */
static void guess(const struct model *m, const struct live *live, struct record *r)
{
	*r = (struct record){
		.start = live->start,
		.end = m->now,
		.ended = m->now,
		.close = CLOSE_OPEN,
		.time_wait_left = UNKNOWN_NS,
		.time_wait_held = UNKNOWN_NS,
		.handshake_time = UNKNOWN_NS,
		.teardown_time = UNKNOWN_NS,
		.duration = m->now.ns > live->start.ns ? m->now.ns - live->start.ns : 0,
		.idle_before_close = UNKNOWN_NS,
		.first_packet = live->connection,
		.last_packet = live->connection,
	};
	memcpy(r->host, live->host, sizeof r->host);
	memcpy(r->port, live->port, sizeof r->port);
	for (int side = CLIENT; side <= SERVER; side++) {
		r->side[side].close_wait = r->side[side].fin_wait_2 = UNKNOWN_NS;
		r->side[side].states[0] = (enum state)live->state[side];
		r->side[side].state_count = 1;
	}
}

/* Who still waits for an answer has not given up yet, as its record will say when it ends. */
static void not_yet(struct record *r)
{
	for (int side = CLIENT; side <= SERVER; side++)
		if ((r->close == CLOSE_UNANSWERED || r->close == CLOSE_VANISHED) &&
		    r->side[side].saw == SAW_ETIMEDOUT)
			r->side[side].saw = SAW_NOTHING;
}

void model_name_of(const struct model *m, const struct record *r, struct process process[static 2])
{
	const struct process *known = m->options.name ? m->options.name(m->options.context, r) : NULL;

	for (int side = CLIENT; side <= SERVER; side++)
		if (known && known[side].pid != 0)
			process[side] = known[side];
}

void model_look_at(const struct model *m, const struct live *live, struct record *r)
{
	if (m->options.look &&
	    m->options.look(m->options.context, live->host, live->port, live->connection, r))
		not_yet(r);
	else
		guess(m, live, r);
}
