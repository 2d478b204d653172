/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model.c - see model.h. */
#include "ui/model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ui/model_parts.h"

/* ---- those that have closed ---- */

static void add(uint64_t *count, uint64_t n, int by)
{
	if (by > 0)
		*count += n;
	else
		*count -= n < *count ? n : *count;
}

/* It counts, or with by = -1 no more. */
static void count(struct model *m, const struct record *r, int by)
{
	struct model_counts *c = &m->counts;

	add(&c->records, 1, by);
	add(&c->closes[r->close], 1, by);
	add(&c->closers[r->close][r->closer], 1, by);
	add(&c->causes[r->close][r->cause], 1, by);
	add(&c->midstream, r->midstream, by);
	add(&c->rst_ignored, r->rst_ignored, by);
}

static void note_close_wait(struct model *m, const struct record *r)
{
	for (enum side side = CLIENT; side <= SERVER; side++) {
		if (r->side[side].close_wait <= m->counts.close_wait)
			continue;
		m->counts.close_wait = r->side[side].close_wait;
		m->counts.close_wait_connection = r->first_packet;
		m->counts.close_wait_side = side;
	}
}

/* One more that has closed; its number. UINT64_MAX where memory is out. */
static uint64_t keep(struct model *m, const struct record *r, bool final)
{
	size_t chunk = m->next % m->options.records / MODEL_CHUNK;
	struct kept *kept;

	if (!m->chunks[chunk])
		m->chunks[chunk] = calloc(MODEL_CHUNK, sizeof **m->chunks);
	if (!m->chunks[chunk])
		return UINT64_MAX;
	kept = model_slot_of(m, m->next);
	*kept = (struct kept){ .record = *r, .final = final };
	model_name_of(m, r, kept->process);
	count(m, r, 1);
	note_close_wait(m, r);
	peers_record(m->peers, r);
	timeline_add(&m->timeline, r->end, (int)r->close, 1);
	return m->next++;
}

/* What was told of a close has become better known. */
static void replace(struct model *m, uint64_t number, const struct record *r)
{
	struct kept *kept = number < model_first(m) ? NULL : model_slot_of(m, number);

	if (!kept)
		return;
	if (number >= m->zeroed) {
		count(m, &kept->record, -1);
		count(m, r, 1);
	}
	if (kept->record.close != r->close) {
		timeline_add(&m->timeline, kept->record.end, (int)kept->record.close, -1);
		timeline_add(&m->timeline, r->end, (int)r->close, 1);
	}
	kept->record = *r;
	kept->final = true;
	model_name_of(m, r, kept->process);
}

/* It has not closed after all. */
static void take_back(struct model *m, struct live *live)
{
	struct kept *kept = live->number < model_first(m) ? NULL : model_slot_of(m, live->number);

	live->closed = false;
	living_list(&m->living, live);
	m->live_version++;
	m->taken_back++;
	if (!kept)
		return;
	if (live->number >= m->zeroed)
		count(m, &kept->record, -1);
	timeline_add(&m->timeline, kept->record.end, (int)kept->record.close, -1);
	kept->gone = true;
}

/* ---- what is told ---- */

static void reach(struct model *m, struct moment at)
{
	if (at.ns > m->now.ns)
		m->now = at;
}

static void count_time_wait(struct model *m, const struct record *r)
{
	m->counts.reused += r->time_wait == TIME_WAIT_REUSED;
	m->counts.assassinated += r->time_wait == TIME_WAIT_ASSASSINATED;
}

static void model_record(struct sink *sink, const struct record *r)
{
	struct model *m = (struct model *)sink;
	struct live *live = living_find(&m->living, r->first_packet);

	reach(m, r->ended);
	census_record(m->census, r);
	ledger_record(m->ledger, r);
	count_time_wait(m, r);
	if (live && live->closed)
		replace(m, live->number, r);
	else
		keep(m, r, true);
	if (live) {
		living_remove(&m->living, live);
		m->live_version++;
	} else if (m->unlisted > 0) {
		m->unlisted--;
	}
}

/* To be looked at by model_settle(). Where there is no memory its record will tell. */
static void unsettle(struct model *m, struct live *live)
{
	if (live->unsettled)
		return;
	if (m->unsettled_count == m->unsettled_size) {
		size_t size = m->unsettled_size ? 2 * m->unsettled_size : 64;
		uint64_t *bigger = realloc(m->unsettled, size * sizeof *bigger);

		if (!bigger)
			return;
		m->unsettled = bigger;
		m->unsettled_size = size;
	}
	m->unsettled[m->unsettled_count++] = live->connection;
	live->unsettled = true;
}

static bool may_be_over(uint8_t state)
{
	return state == STATE_CLOSED || state == STATE_TIME_WAIT;
}

static struct live *know(struct model *m, const struct change *change)
{
	struct live *live = living_find(&m->living, change->connection);

	if (live)
		return live;
	if (change->from != STATE_UNKNOWN || change->retracted)
		return NULL;
	live = living_add(&m->living, change->connection);
	if (!live) {
		/* Both ends become known; it counts once. */
		m->unlisted += change->packet == change->connection && m->last_unlisted != change->connection;
		m->last_unlisted = change->connection;
		return NULL;
	}
	live->start = live->since[CLIENT] = live->since[SERVER] = change->start;
	memcpy(live->host, change->host, sizeof live->host);
	memcpy(live->port, change->port, sizeof live->port);
	m->live_version++;
	return live;
}

static void count_opening(struct model *m, const struct change *change)
{
	/* Seen from the middle on, it opened before. */
	if (change->side != CLIENT || change->to != STATE_ESTABLISHED || change->from == STATE_UNKNOWN ||
	    change->retracted)
		return;
	m->counts.opened++;
	timeline_add(&m->timeline, change->at, TIMELINE_OPENED, 1);
}

static void model_change(struct sink *sink, const struct change *change)
{
	struct model *m = (struct model *)sink;
	struct live *live;

	reach(m, change->at);
	census_change(m->census, change);
	count_opening(m, change);
	live = know(m, change);
	if (!live)
		return;
	live->state[change->side] = (uint8_t)change->to;
	live->since[change->side] = change->at;
	if (live->closed && change->retracted)
		take_back(m, live);
	if (live->state[CLIENT] == STATE_UNKNOWN && live->state[SERVER] == STATE_UNKNOWN) {
		living_remove(&m->living, live); /* a SYN that turned out to be another's */
		m->live_version++;
	} else if (may_be_over(live->state[CLIENT]) || may_be_over(live->state[SERVER])) {
		unsettle(m, live);
	}
}

/* ---- what has closed ---- */

static bool is_over(const struct record *r)
{
	return r->close == CLOSE_GRACEFUL || r->close == CLOSE_SIMULTANEOUS || r->close == CLOSE_RESET ||
	       r->close == CLOSE_REFUSED || r->close == CLOSE_UNREACHABLE;
}

static void settle(struct model *m, struct live *live)
{
	struct record record;

	live->unsettled = false;
	if (live->closed ||
	    !m->options.look(m->options.context, live->host, live->port, live->connection, &record) ||
	    !is_over(&record))
		return;
	live->number = keep(m, &record, false);
	if (live->number == UINT64_MAX)
		return;
	live->closed = true;
	living_unlist(&m->living, live);
	m->live_version++;
}

void model_settle(struct model *m, struct moment now)
{
	reach(m, now);
	timeline_reach(&m->timeline, m->now);
	for (size_t i = 0; i < m->unsettled_count && m->options.look; i++) {
		struct live *live = living_find(&m->living, m->unsettled[i]);

		if (live)
			settle(m, live);
	}
	m->unsettled_count = 0;
}

/* ---- beginning and end ---- */

static bool make_parts(struct model *m)
{
	const struct census_options census = { .time_wait = m->options.time_wait, .seed = m->options.seed };
	const struct ledger_options ledger = { .time_wait = m->options.time_wait, .seed = m->options.seed };

	m->peers = peers_new(m->options.seed);
	m->census = census_new(&census);
	m->ledger = ledger_new(&ledger);
	m->chunks = calloc(m->options.records / MODEL_CHUNK + 1, sizeof *m->chunks);
	return m->peers && m->census && m->ledger && m->chunks &&
	       living_init(&m->living, m->options.live, m->options.seed);
}

struct model *model_new(const struct model_options *options)
{
	struct model *m = calloc(1, sizeof *m);

	if (!m)
		return NULL;
	m->sink.record = model_record;
	m->sink.change = model_change;
	m->options = *options;
	if (m->options.records == 0)
		m->options.records = MODEL_RECORDS;
	if (m->options.live == 0)
		m->options.live = MODEL_LIVE;
	m->counts.close_wait = UNKNOWN_NS;
	timeline_init(&m->timeline, options->whole);
	if (make_parts(m))
		return m;
	int error = errno;

	model_free(m);
	errno = error;
	return NULL;
}

void model_free(struct model *m)
{
	if (!m)
		return;
	for (size_t i = 0; m->chunks && i < m->options.records / MODEL_CHUNK + 1; i++)
		free(m->chunks[i]);
	free(m->chunks);
	living_free(&m->living);
	free(m->unsettled);
	peers_free(m->peers);
	census_free(m->census);
	ledger_free(m->ledger);
	free(m);
}

bool model_zero(struct model *m)
{
	struct peers *peers = peers_new(m->options.seed);

	if (!peers)
		return false;
	peers_free(m->peers);
	m->peers = peers;
	m->counts = (struct model_counts){ .since = m->now, .close_wait = UNKNOWN_NS };
	m->zeroed = m->next;
	return true;
}

void model_set_look(struct model *m, model_look *look, model_name *name, void *context)
{
	m->options.look = look;
	m->options.name = name;
	m->options.context = context;
}

struct sink *model_sink(struct model *m)
{
	return &m->sink;
}
