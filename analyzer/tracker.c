/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tracker.c - which connection a segment belongs to.
 *
 * A SYN on a known pair is held: it gets a flow of its own, which takes the pair's place in
 * the table and names the older flow, until an answer shows which of the two lives
 * (design/verdicts.md 1). There are never more than two.
 */
#include "analyzer/tracker.h"

#include <errno.h>
#include <stdlib.h>

#include "analyzer/changes.h"
#include "analyzer/duplicate.h"
#include "analyzer/flow.h"
#include "analyzer/prediction.h"
#include "analyzer/routine.h"
#include "analyzer/store.h"

/*
 * How many segments are done in one go; and how far ahead of the one being analysed memory is fetched: the
 * slots that lead to flows, then the flows.
 */
enum { BATCH = 128, SLOTS_AHEAD = 32, FLOWS_AHEAD = 16 };

/* Segments of a round of tracker_feed(). */
enum { ROUND = 1024 };

struct tracker {
	struct store store;
	struct tracker_counts counts;
	struct duplicates duplicates;
	struct moment round; /* now, when the last round ended */
	size_t fed;	     /* segments of this one, by tracker_feed() */
};

struct tracker *tracker_new(const struct tracker_options *options, struct sink *sink)
{
	struct tracker *t;

	if (options->time_wait <= 0 || options->idle < 0 || options->syn_idle < 0) {
		errno = EINVAL;
		return NULL;
	}
	t = calloc(1, sizeof *t);
	if (t == NULL)
		return NULL;
	t->round.ns = INT64_MIN;
	if (store_init(&t->store, options, sink) == -1) {
		tracker_free(t);
		return NULL;
	}
	return t;
}

void tracker_free(struct tracker *t)
{
	if (t == NULL)
		return;
	store_destroy(&t->store);
	free(t);
}

struct tracker_counts tracker_counts(const struct tracker *t)
{
	struct tracker_counts counts = t->counts;

	for (int kind = 0; kind < EVICTION_COUNT; kind++) {
		counts.evicted_by[kind] = t->store.evicted[kind];
		counts.evicted += t->store.evicted[kind];
	}
	counts.flows = store_count(&t->store);
	counts.packed = t->store.packed_count;
	counts.flows_peak = t->store.flows_peak;
	counts.memory = store_memory(&t->store) + sizeof *t;
	return counts;
}

void tracker_tick(struct tracker *t, struct moment now)
{
	store_tick(&t->store, now);
	store_expire(&t->store);
	store_flush(&t->store);
	store_pack(&t->store);
}

void tracker_set_back(struct tracker *t, struct moment now)
{
	store_set_back(&t->store, now);
	t->round.ns = INT64_MIN;
}

void tracker_lost(struct tracker *t, struct moment from, struct moment to)
{
	losses_add(&t->store.losses, from, to);
}

void tracker_round(struct tracker *t, struct moment now)
{
	store_tick(&t->store, now);
	store_expire(&t->store);
	if (t->store.now.ns > t->round.ns)
		store_flush(&t->store);
	else
		store_flush_all(&t->store);
	t->round = t->store.now;
	store_pack(&t->store);
}

bool tracker_look(const struct tracker *t, const struct host host[static 2], const uint16_t port[static 2],
		  uint64_t connection, struct record *record)
{
	const struct segment pair = {
		.src = host[CLIENT], .dst = host[SERVER], .sport = port[CLIENT], .dport = port[SERVER]
	};
	struct tracker_key key;
	uint32_t index;

	tracker_keys(&key, &pair, 1, t->store.seed);
	index = store_find_index(&t->store, store_part(&t->store, &key), &pair, key.hash);
	if (index != 0 && store_first_packet(&t->store, index) != connection)
		index = store_is_packed(index) ? 0 : flow_at(&t->store, index)->older;
	if (index == 0 || store_first_packet(&t->store, index) != connection)
		return false;
	store_look(&t->store, index, record);
	return true;
}

int tracker_finish(struct tracker *t)
{
	store_expire(&t->store);
	return store_finish(&t->store);
}

static void tell(const struct tracker *t, const struct found *found, const struct segment *s, bool duplicate)
{
	struct sink *sink = t->store.sink;
	const struct flow *f = found->flow;
	struct sighting sighting = {
		.segment = s,
		.connection = f->first_packet,
		.side = found->side,
		.base = { f->end[CLIENT].isn, f->end[SERVER].isn },
		.state = { facts_state(f->end[CLIENT].facts), facts_state(f->end[SERVER].facts) },
		.duplicate = duplicate,
		.decided = f->bits & FLOW_CLOSED,
	};

	sink->segment(sink, &sighting);
}

/* Tells the sink of a segment, if it wants to know. */
static inline void show(const struct tracker *t, const struct found *found, const struct segment *s,
			bool duplicate)
{
	if (t->store.sink->segment != NULL)
		tell(t, found, s, duplicate);
}

/* This RST ended the connection. */
static bool decided(const struct closing *c, const struct segment *s)
{
	return closing_by_rst(c) && c->closed.packet == s->packet;
}

/* What the segment says of its flow. 0, or -1 with errno = ENOMEM. */
static int apply_to_flow(struct tracker *t, struct flow *f, const struct segment *s, enum side side)
{
	struct closing *c =
		flow_needs_closing(f, s) ? store_need_closing(&t->store, f) : closing_of(&t->store, f);

	if (c == NULL && flow_needs_closing(f, s))
		return -1;
	if (s->kind == SEGMENT_ICMP)
		flow_apply_icmp(f, c, s, side);
	else
		flow_apply(f, c, s, side);
	if (s->kind == SEGMENT_TCP && (s->flags & TCP_RST) && decided(c, s))
		return store_keep_text(&t->store, c, s);
	return 0;
}

/* Not inlined: hardly anybody wants to know. */
__attribute__((noinline)) static void tell_changes(struct tracker *t, uint32_t index,
						   const struct knowledge *before, const struct segment *s,
						   enum side sender)
{
	const struct knowledge after = knowledge_of(flow_at(&t->store, index));

	changes_tell(&t->store, index, before, &after, (struct mark){ s->packet, s->at }, sender);
}

/* Applies a segment to a flow that is known. 0, or -1 with errno = ENOMEM. */
static int apply(struct tracker *t, struct found found, const struct segment *s)
{
	struct moment was = store_deadline(&t->store, found.flow);
	struct knowledge before = knowledge_of(found.flow);

	if (apply_to_flow(t, found.flow, s, found.side) == -1)
		return -1;
	if (changes_wanted(&t->store))
		tell_changes(t, found.index, &before, s, found.side);
	store_requeue(&t->store, found.index, found.flow, was);
	show(t, &found, s, false);
	return 0;
}

static bool is_bare_syn(const struct segment *s)
{
	return s->kind == SEGMENT_TCP && (s->flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN;
}

/* A SYN that is none of this connection's: another attempt on its pair. */
static bool is_new_attempt(const struct flow *f, const struct segment *s, enum side side)
{
	const struct endpoint *me = &f->end[side], *peer = &f->end[other(side)];

	if (!is_bare_syn(s))
		return false;
	if (me->bits & END_SYN)
		return me->isn.n != s->seq.n;
	/* Simultaneous open: the other end's SYN is still unanswered. */
	if ((peer->bits & END_SYN) && !(me->bits & END_SEEN) && !(f->bits & (FLOW_ESTABLISHED | FLOW_CLOSED)))
		return false;
	/* Seen from the middle on: this may be its SYN, late. */
	return !(me->bits & END_SEEN) || me->isn.n != s->seq.n;
}

/* Does the segment belong to the attempt that holds a pair, or answer it? */
static bool fits_attempt(const struct flow *f, const struct segment *s, enum side side)
{
	const struct endpoint *client = &f->end[CLIENT];
	bool from_client = side == CLIENT;

	if (s->kind == SEGMENT_ICMP)
		return from_client && s->seq.n == client->isn.n;
	if (from_client)
		return (s->flags & TCP_SYN) || seq_diff(s->seq, client->isn) == 1;
	if (is_bare_syn(s))
		return true; /* simultaneous open */
	return (s->flags & TCP_ACK) && seq_diff(s->ack, client->isn) >= 1 &&
	       seq_diff(s->ack, client->nxt) <= 0;
}

/* All that was told of the held SYN's connection is taken back; and so may be what a RST did to the older. */
static void tell_withdrawn(struct tracker *t, uint32_t index, const struct knowledge *older_before,
			   const struct segment *challenge)
{
	const struct flow *f = flow_at(&t->store, index), *old = flow_at(&t->store, f->older);
	const struct knowledge before = knowledge_of(f), nothing = { 0 }, older_after = knowledge_of(old);
	struct mark by = { challenge->packet, challenge->at };

	changes_tell(&t->store, index, &before, &nothing, by, CLIENT);
	changes_tell(&t->store, f->older, older_before, &older_after, by, flow_side(old, challenge));
}

/* The held SYN was not what the pair's owner took up: it stays with the older connection. */
static int withdraw(struct tracker *t, uint32_t index, const struct segment *challenge)
{
	struct flow *f = flow_at(&t->store, index);
	uint32_t older = f->older;
	struct flow *old = flow_at(&t->store, older);
	struct moment was = store_deadline(&t->store, old);
	struct knowledge before = knowledge_of(old);

	if (store_need_closing(&t->store, old) == NULL)
		return -1;
	flow_absorb(old, closing_of(&t->store, old), f, closing_of(&t->store, f), challenge);
	if (changes_wanted(&t->store))
		tell_withdrawn(t, index, &before, challenge);
	store_withdraw(&t->store, index);
	store_requeue(&t->store, older, old, was);
	return 0;
}

/* Two connections on one pair: the held SYN's and the older one's. Which is it? */
static int apply_to_either(struct tracker *t, struct found found, const struct segment *s)
{
	struct found older = store_found(&t->store, found.flow->older, s);

	if (!fits_attempt(found.flow, s, found.side)) {
		/* Old numbers from the SYN's receiver are its challenge (RFC 5961 4). */
		if (found.side == SERVER && (s->flags & TCP_ACK) && s->kind == SEGMENT_TCP &&
		    withdraw(t, found.index, s) == -1)
			return -1;
		return apply(t, older, s);
	}
	if (!is_bare_syn(s))
		store_supersede(&t->store, older.index, s->kind == SEGMENT_TCP && !(s->flags & TCP_RST),
				s->packet);
	return apply(t, found, s);
}

/*
 * Nearly all segments that are not predicted are routine (routine.h), and of a flow that neither runs out nor
 * has another on its pair: the short way for those. False: it was none, or memory did not suffice.
 */
static bool apply_routine(struct tracker *t, const struct found *found, const struct segment *s)
{
	struct flow *f = found->flow;
	struct closing *c;

	if (!t->store.predicts || f->list != QUEUE_LIVE || f->older != 0)
		return false;
	c = flow_needs_closing(f, s) ? store_need_closing(&t->store, f) : closing_of(&t->store, f);
	if (!routine_apply(f, c, s, found->side))
		return false;
	if (!store_is_in_place(&t->store, f))
		store_requeue(&t->store, found->index, f, STORE_NEVER);
	return true;
}

static int open_flow(struct tracker *t, const struct segment *s, const struct tracker_key *key,
		     uint32_t older)
{
	uint32_t index = store_open(&t->store, s, key, older);
	struct found found;

	if (index == 0)
		return -1;
	found = store_found(&t->store, index, s);
	return apply_routine(t, &found, s) ? 0 : apply(t, found, s);
}

static int feed_unknown(struct tracker *t, const struct segment *s, const struct tracker_key *key)
{
	if (store_is_starved(&t->store))
		return -1;
	if (s->kind == SEGMENT_ICMP) {
		t->counts.icmp_stray++;
		return 0;
	}
	if (s->bits & SEGMENT_UNMATCHED)
		return 0;
	t->counts.segments++;
	store_make_room(&t->store, store_part(&t->store, key));
	return open_flow(t, s, key, 0);
}

/* The pair's connection had challenged such a SYN: here it is again. */
static void note_syn_again(struct tracker *t, const struct flow *f)
{
	struct closing *c = closing_of(&t->store, f);

	if (c != NULL && c->challenge != 0)
		c->bits |= CLOSING_SYN_AGAIN;
}

static int feed_attempt(struct tracker *t, const struct segment *s, const struct tracker_key *key)
{
	int part = store_part(&t->store, key);
	struct found found;

	store_make_room(&t->store, part);
	found = store_find(&t->store, part, s, key->hash);
	if (!found.flow)
		return open_flow(t, s, key, 0);
	note_syn_again(t, found.flow);
	/* Only two are kept: an attempt that was never answered ends here, and so does what it waited for. */
	if (found.flow->older != 0)
		store_supersede(&t->store, found.flow->older, false, s->packet);
	return open_flow(t, s, key, found.index);
}

/*
 * A RST that says nothing of its own (no ID, no timestamps) is taken for a duplicate frame only
 * where frames are duplicated: hosts send the same reply RST to several segments.
 */
static bool tells_itself_apart(const struct segment *s)
{
	return !(s->flags & TCP_RST) || s->ip_id != 0 || (s->bits & SEGMENT_TIMESTAMPS);
}

static bool has_duplicates(const struct tracker *t, const struct flow *f)
{
	const struct closing *c = closing_of(&t->store, f);

	return c != NULL && c->duplicates > 0;
}

static int note_duplicate(struct tracker *t, const struct found *found, const struct segment *s)
{
	struct closing *c = store_need_closing(&t->store, found->flow);

	if (c == NULL)
		return -1;
	t->counts.duplicates++;
	c->duplicates++;
	show(t, found, s, true);
	return 0;
}

/* Ends an older flow on a pair if it has run out; what a RST only seemed to end can run out again, idle. */
static void end_older(struct tracker *t, const struct flow *newest)
{
	uint32_t older;

	while ((older = newest->older) != 0 && store_has_run_out(&t->store, flow_at(&t->store, older)))
		store_run_out(&t->store, older);
}

/* The same flow, if it has not run out; else what there is now on the pair. */
static struct found still_there(struct tracker *t, struct found found, const struct segment *s,
				const struct tracker_key *key)
{
	while (found.flow != NULL) {
		end_older(t, found.flow);
		if (!store_has_run_out(&t->store, found.flow))
			break;
		store_run_out(&t->store, found.index);
		found = store_find(&t->store, store_part(&t->store, key), s, key->hash);
	}
	return found;
}

/* The newest connection on its pair, and the only one. */
static void note_predictable(const struct tracker *t, struct flow *f)
{
	unsigned predictable = 0;

	if (t->store.predicts && !t->store.parts[f->part].crowded && prediction_possible(f))
		predictable = FLOW_PREDICTABLE;
	f->bits = (uint16_t)((f->bits & ~(unsigned)FLOW_PREDICTABLE) | predictable);
}

static int feed_known(struct tracker *t, const struct segment *s, const struct tracker_key *key,
		      struct found found, bool repeated)
{
	if (s->kind == SEGMENT_TCP)
		t->counts.segments++;
	else
		t->counts.icmp++;
	if (repeated && (has_duplicates(t, found.flow) || tells_itself_apart(s)))
		return note_duplicate(t, &found, s);
	if (is_new_attempt(found.flow, s, found.side))
		return feed_attempt(t, s, key);
	if (found.flow->older != 0)
		return apply_to_either(t, found, s);
	if (apply(t, found, s) == -1)
		return -1;
	note_predictable(t, found.flow);
	return 0;
}

/* Whether prediction_apply() does all that is to be done for a segment of its flow. */
static inline bool is_predicted(const struct found *found, const struct segment *s)
{
	return (found->flow->bits & FLOW_PREDICTABLE) && prediction_holds(found->flow, s, found->side);
}

/* What is as predicted, of a connection too young to be guessed, or routine. False: it is neither. */
static inline bool feed_routine(struct tracker *t, const struct found *found, const struct segment *s)
{
	if (is_predicted(found, s))
		prediction_apply(found->flow, s, found->side);
	else if (apply_routine(t, found, s))
		note_predictable(t, found->flow);
	else
		return false;
	t->counts.segments++;
	return true;
}

/* Not inline, so that the way of the others needs few registers. */
__attribute__((noinline)) static int feed_any(struct tracker *t, const struct segment *s,
					      const struct tracker_key *key, bool repeated)
{
	struct found found;

	store_tick(&t->store, key->now);
	found = store_find(&t->store, store_part(&t->store, key), s, key->hash);
	if (found.flow != NULL && !repeated && feed_routine(t, &found, s))
		return 0;
	found = still_there(t, found, s, key);
	return found.flow != NULL ? feed_known(t, s, key, found, repeated) : feed_unknown(t, s, key);
}

/*
 * 'guess' is the flow that was found for the segment's hash a little earlier, 0 = none. That it may have
 * become another's since then, or an older one on its pair, does no harm: such a one is not predictable. To
 * one that is, what time it is does not matter.
 */
static inline int feed_one(struct tracker *t, const struct segment *s, const struct tracker_key *key,
			   uint32_t guess)
{
	bool repeated = s->kind == SEGMENT_TCP && duplicate_seen(&t->duplicates, key->duplicate, s->at);
	struct found found;

	if (repeated || guess == 0)
		return feed_any(t, s, key, repeated);
	found = store_found(&t->store, guess, s);
	if (!is_predicted(&found, s) || !flow_is_of(found.flow, s, found.side))
		return feed_any(t, s, key, false);
	t->counts.segments++;
	prediction_apply(found.flow, s, found.side);
	return 0;
}

void tracker_keys(struct tracker_key *keys, const struct segment *segments, size_t n, uint64_t seed)
{
	for (size_t i = 0; i < n; i++) {
		keys[i].hash = table_hash(&segments[i], seed);
		keys[i].duplicate = duplicate_key(&segments[i], seed);
	}
}

static inline void fetch_slots(const struct tracker *t, const struct tracker_key *key)
{
	table_prefetch(&t->store.tables[store_part(&t->store, key)], key->hash);
	duplicate_prefetch(&t->duplicates, key->duplicate);
}

/* Its slots have come: now the flow that is most likely the segment's, which is returned; 0 = none. */
static inline uint32_t fetch_flow(const struct tracker *t, const struct tracker_key *key)
{
	uint32_t index = store_guess(&t->store, store_part(&t->store, key), key->hash);

	if (index != 0)
		store_prefetch(&t->store, index);
	return index;
}

/* A pipeline: while one segment is analysed, what those further on will need is fetched. */
int tracker_feed_keyed(struct tracker *t, const struct segment *segments, const struct tracker_key *keys,
		       const uint8_t *which, size_t n)
{
	uint32_t guesses[FLOWS_AHEAD]; /* a ring */

	for (size_t i = 0; i < n && i < SLOTS_AHEAD; i++)
		fetch_slots(t, &keys[which[i]]);
	for (size_t i = 0; i < n && i < FLOWS_AHEAD; i++)
		guesses[i] = fetch_flow(t, &keys[which[i]]);
	for (size_t i = 0; i < n; i++) {
		uint32_t guess = guesses[i % FLOWS_AHEAD];

		if (i + SLOTS_AHEAD < n)
			fetch_slots(t, &keys[which[i + SLOTS_AHEAD]]);
		if (i + FLOWS_AHEAD < n) {
			guesses[i % FLOWS_AHEAD] = fetch_flow(t, &keys[which[i + FLOWS_AHEAD]]);
			/* Another thread may have written it. */
			prefetch(&segments[which[i + FLOWS_AHEAD]], sizeof *segments);
		}
		if (feed_one(t, &segments[which[i]], &keys[which[i]], guess) == -1)
			return -1;
	}
	if (n > 0)
		store_tick(&t->store, keys[which[n - 1]].now);
	return 0;
}

int tracker_feed(struct tracker *t, const struct segment *segments, size_t n)
{
	struct tracker_key keys[BATCH];
	struct moment now = t->store.now;
	uint8_t all[BATCH];

	for (uint8_t i = 0; i < BATCH; i++)
		all[i] = i;
	while (n > 0) {
		size_t batch = n < BATCH ? n : BATCH;

		if (batch > ROUND - t->fed)
			batch = ROUND - t->fed;
		tracker_keys(keys, segments, batch, t->store.seed);
		for (size_t i = 0; i < batch; i++) {
			if (segments[i].at.ns > now.ns)
				now = segments[i].at;
			keys[i].now = now;
		}
		if (tracker_feed_keyed(t, segments, keys, all, batch) == -1)
			return -1;
		t->fed = (t->fed + batch) % ROUND;
		if (t->fed == 0)
			tracker_round(t, t->store.now);
		segments += batch;
		n -= batch;
	}
	return 0;
}
