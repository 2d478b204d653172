/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tally.c - counting for tally.h; the lists are in tally_top.c. */
#include "analyzer/tally.h"

#include <errno.h>
#include <stdlib.h>

#include "analyzer/tally_parts.h"

enum { TALLY_ENTRIES = 16384 };

static bool is_failed_attempt(enum close close)
{
	return close == CLOSE_REFUSED || close == CLOSE_UNREACHABLE || close == CLOSE_UNANSWERED ||
	       close == CLOSE_ABANDONED;
}

static struct heavy *table(const struct tally_options *options, size_t key, size_t value)
{
	struct heavy_options o = { .key_size = key,
				   .value_size = value,
				   .max = options->entries ? options->entries : TALLY_ENTRIES,
				   .seed = options->seed };

	return heavy_new(&o);
}

struct tally *tally_new(const struct tally_options *options)
{
	struct tally *t = calloc(1, sizeof *t);
	struct tally_counts *c;
	int error;

	if (!t)
		return NULL;
	c = &t->counts;
	for (int i = 0; i < CLOSE_COUNT; i++)
		c->age[i].ns = UNKNOWN_NS;
	c->silent_age.ns = c->close_wait.ns = c->fin_wait_2.ns = UNKNOWN_NS;
	t->hosts = table(options, sizeof(struct host), 0);
	t->services = table(options, sizeof(struct place), sizeof(struct program_value));
	t->clients = table(options, sizeof(struct place), sizeof(struct program_value));
	t->targets = table(options, sizeof(struct place), sizeof(struct target_value));
	t->stuck = table(options, sizeof(struct stuck_place), sizeof(struct stuck_value));
	t->checks = table(options, sizeof(struct check), sizeof(struct check_value));
	if (t->hosts && t->services && t->clients && t->targets && t->stuck && t->checks)
		return t;
	error = errno;
	tally_free(t);
	errno = error;
	return NULL;
}

void tally_free(struct tally *t)
{
	if (!t)
		return;
	heavy_free(t->hosts);
	heavy_free(t->services);
	heavy_free(t->clients);
	heavy_free(t->targets);
	heavy_free(t->stuck);
	heavy_free(t->checks);
	free(t);
}

static void group_add(struct tally_group *group, enum closer closer)
{
	group->count++;
	group->by_closer[closer]++;
}

static void keep(struct tally_longest *longest, const struct record *r, int64_t ns, enum side side)
{
	*longest = (struct tally_longest){ .ns = ns,
					   .host = { r->host[CLIENT], r->host[SERVER] },
					   .port = { r->port[CLIENT], r->port[SERVER] },
					   .side = side };
}

static inline void keep_longest(struct tally_longest *longest, const struct record *r, int64_t ns,
				enum side side)
{
	if (ns > longest->ns)
		keep(longest, r, ns, side);
}

static int64_t greater(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* b - a, never negative. Moments come from captures and may be anything. */
static int64_t between(struct moment a, struct moment b)
{
	int64_t ns;

	if (b.ns <= a.ns)
		return 0;
	return __builtin_sub_overflow(b.ns, a.ns, &ns) ? INT64_MAX : ns;
}

int64_t tally_age(const struct record *r)
{
	int64_t silence = between(r->end, r->ended), since;

	switch (r->close) {
	case CLOSE_OPEN:
		return between(r->start, r->ended);
	case CLOSE_HALF_CLOSED:
		since = greater(r->side[CLIENT].close_wait, r->side[SERVER].close_wait);
		since = greater(since, greater(r->side[CLIENT].fin_wait_2, r->side[SERVER].fin_wait_2));
		return since < 0 ? silence : since;
	case CLOSE_CLOSING:
		if (r->teardown_time < 0)
			return silence;
		return __builtin_add_overflow(silence, r->teardown_time, &since) ? INT64_MAX : since;
	case CLOSE_VANISHED:
		return silence;
	default:
		return UNKNOWN_NS;
	}
}

static bool sent_fin(const struct record_side *side)
{
	for (int i = 0; i < side->state_count; i++) {
		enum state s = side->states[i];

		if (s == STATE_FIN_WAIT_1 || s == STATE_FIN_WAIT_2 || s == STATE_CLOSING ||
		    s == STATE_LAST_ACK || s == STATE_TIME_WAIT)
			return true;
	}
	return false;
}

/* Who sent the RST that reset it; NULL = it was not, or that was neither of its ends. */
static const struct host *resetter(const struct record *r)
{
	if (r->close != CLOSE_RESET || (r->rst_sender != CLOSER_CLIENT && r->rst_sender != CLOSER_SERVER))
		return NULL;
	return &r->host[r->rst_sender == CLOSER_SERVER ? SERVER : CLIENT];
}

static void count_reset(struct tally *t, const struct record *r, const struct tally_fetch *fetch)
{
	struct tally_counts *c = &t->counts;
	bool client = sent_fin(&r->side[CLIENT]), server = sent_fin(&r->side[SERVER]);
	enum tally_phase phase = (enum tally_phase)(client + 2 * server);
	uint64_t lost = 0;

	group_add(&c->resets_in[phase], r->rst_sender);
	for (int s = 0; s < 2; s++)
		lost += r->side[s].lost_known ? r->side[s].lost : 0;
	c->lossy_resets += lost > 0;
	c->lost_bytes += lost;
	if (resetter(r) != NULL)
		heavy_add_fetched(&fetch->resetter, resetter(r), 1);
}

static struct place program_of(const struct record *r, enum side side)
{
	return (struct place){ .host = r->host[side], .port = r->port[SERVER], .side = (uint16_t)side };
}

/* Where it was to, for those that failed. */
static struct place target_of(const struct record *r)
{
	return (struct place){ .host = r->host[SERVER], .port = r->port[SERVER] };
}

/* One end's program had an established connection. */
static void count_program(const struct heavy_fetch *programs, const struct record *r, enum side side)
{
	static const enum closer own[] = { [CLIENT] = CLOSER_CLIENT, [SERVER] = CLOSER_SERVER };
	const struct place place = program_of(r, side);
	struct program_value *program = heavy_add_fetched(programs, &place, 1);
	bool aborted = r->close == CLOSE_RESET && r->rst_family == RST_ACTIVE && r->rst_sender == own[side];

	program->resets += r->close == CLOSE_RESET;
	program->checks += r->cause == CAUSE_HEALTH_CHECK;
	program->aborts += aborted && r->cause != CAUSE_HEALTH_CHECK && r->cause != CAUSE_KEEPALIVE_DEAD;
}

/* Where the connection was to: established ones are a service's, failed ones a target's. */
static void count_place(const struct record *r, const struct tally_fetch *fetch)
{
	const struct place place = target_of(r);
	struct target_value *target;

	if (is_failed_attempt(r->close)) {
		target = heavy_add_fetched(&fetch->server, &place, 1);
		target->by_close[r->close]++;
		return;
	}
	count_program(&fetch->server, r, SERVER);
	count_program(&fetch->client, r, CLIENT);
}

/* Opened and closed by the client, and nothing was said. */
static bool is_empty(const struct record *r)
{
	return r->close == CLOSE_GRACEFUL && r->closer == CLOSER_CLIENT && !r->midstream && !r->closes_only &&
	       r->side[CLIENT].bytes == 0 && r->side[SERVER].bytes == 0;
}

static void count_check(struct tally *t, const struct record *r)
{
	const struct check check = { .client = r->host[CLIENT],
				     .server = r->host[SERVER],
				     .port = r->port[SERVER] };
	struct check_value *value = heavy_add(t->checks, &check, 1);

	value->aborted += r->cause == CAUSE_HEALTH_CHECK;
	rhythm_add(&value->rhythm, r->start);
}

/* That side's program does not close. */
static void count_stuck(struct tally *t, const struct record *r, enum side side)
{
	struct stuck_place key = { .place = program_of(r, side) };
	struct stuck_value *stuck;

	if (side == CLIENT)
		key.server = r->host[SERVER];
	stuck = heavy_add(t->stuck, &key, 1);
	stuck->longest = greater(stuck->longest, r->side[side].close_wait);
}

static inline void count_waits(struct tally *t, const struct record *r, enum side side)
{
	const struct record_side *end = &r->side[side];

	keep_longest(&t->counts.close_wait, r, end->close_wait, side);
	keep_longest(&t->counts.fin_wait_2, r, end->fin_wait_2, side);
	if (record_state(end) == STATE_CLOSE_WAIT)
		count_stuck(t, r, side);
}

/* Who has to act next: the program in CLOSE-WAIT, or the side whose FIN is not acknowledged. */
static enum side concerned(const struct record *r)
{
	enum state client = record_state(&r->side[CLIENT]), server = record_state(&r->side[SERVER]);

	if (r->close == CLOSE_HALF_CLOSED)
		return client == STATE_CLOSE_WAIT || server == STATE_FIN_WAIT_2 ? CLIENT : SERVER;
	return client == STATE_FIN_WAIT_1 || client == STATE_CLOSING || client == STATE_LAST_ACK ? CLIENT
												 : SERVER;
}

static void count_unfinished(struct tally *t, const struct record *r)
{
	struct tally_counts *c = &t->counts;
	int64_t age = tally_age(r);
	bool silent = r->close == CLOSE_OPEN && !r->midstream && !r->closes_only &&
		      r->side[CLIENT].bytes == 0 && r->side[SERVER].bytes == 0;

	if (age == UNKNOWN_NS)
		return;
	keep_longest(&c->age[r->close], r, age, concerned(r));
	if (!silent)
		return;
	group_add(&c->silent, r->closer);
	keep_longest(&c->silent_age, r, age, concerned(r));
}

static bool is_one_sided(const struct record *r)
{
	return !is_failed_attempt(r->close) &&
	       (r->side[CLIENT].packets == 0) != (r->side[SERVER].packets == 0);
}

static bool has_closed(enum close close)
{
	return close == CLOSE_GRACEFUL || close == CLOSE_SIMULTANEOUS || close == CLOSE_RESET;
}

struct tally_fetch tally_fetch(const struct tally *t, const struct record *r)
{
	const struct place client = program_of(r, CLIENT), server = program_of(r, SERVER),
			   target = target_of(r);
	struct tally_fetch fetch = { .client = { NULL, 0 } };

	if (is_failed_attempt(r->close)) {
		fetch.server = heavy_fetch(t->targets, &target);
		return fetch;
	}
	fetch.server = heavy_fetch(t->services, &server);
	fetch.client = heavy_fetch(t->clients, &client);
	if (resetter(r) != NULL)
		fetch.resetter = heavy_fetch(t->hosts, resetter(r));
	return fetch;
}

void tally_fetch_on(const struct tally_fetch *fetch)
{
	heavy_fetch_on(&fetch->server);
	heavy_fetch_on(&fetch->client);
	heavy_fetch_on(&fetch->resetter);
}

void tally_record(struct tally *t, const struct record *r)
{
	const struct tally_fetch fetch = tally_fetch(t, r);

	tally_record_fetched(t, r, &fetch);
}

void tally_record_fetched(struct tally *t, const struct record *r, const struct tally_fetch *fetch)
{
	struct tally_counts *c = &t->counts;

	c->records++;
	c->midstream += r->midstream;
	c->by_end[r->record_end]++;
	group_add(&c->closes[r->close], r->closer);
	group_add(&c->causes[r->close][r->cause], r->close == CLOSE_RESET ? r->rst_sender : r->closer);
	for (int s = 0; s < 2; s++)
		c->saw[s][r->side[s].saw]++;
	c->rst_ignored += r->rst_ignored;
	c->one_sided += is_one_sided(r);
	if (r->time_wait == TIME_WAIT_LINGERING && has_closed(r->close)) {
		c->lingering++;
		c->lingering_at[r->time_wait_side]++;
	}
	if (r->close == CLOSE_RESET)
		count_reset(t, r, fetch);
	count_place(r, fetch);
	if (r->cause == CAUSE_HEALTH_CHECK || is_empty(r))
		count_check(t, r);
	count_waits(t, r, CLIENT);
	count_waits(t, r, SERVER);
	count_unfinished(t, r);
}

const struct tally_counts *tally_counts(const struct tally *t)
{
	return &t->counts;
}
