/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tracker.c - which connection a segment belongs to, and when a connection's record ends.
 *
 * A flow is in the table under its pair, and in one of three lists, each ordered by when
 * its flows run out: so that ending what has run out, and giving up what has to go, take
 * constant time.
 *
 * A SYN on a known pair is held: it gets a flow of its own, which takes the pair's place in
 * the table and names the older flow, until an answer shows which of the two lives
 * (design/verdicts.md 1). There are never more than two.
 */
#include "analyzer/tracker.h"

#include <errno.h>
#include <stdlib.h>

#include "analyzer/duplicate.h"
#include "analyzer/flow.h"
#include "analyzer/pool.h"
#include "analyzer/queue.h"
#include "analyzer/report.h"
#include "analyzer/rst.h"
#include "analyzer/table.h"

enum {
	BATCH = 32,	     /* segments whose memory is fetched ahead together */
	SECOND_CHANCES = 16, /* flows passed over, as used lately, to find one to evict */
	WAITING_MAX = 4096,  /* records of one moment held back to be sorted */
};

struct waiting {
	uint32_t flow;
	struct ending ending;
};

struct tracker {
	struct tracker_options options;
	struct sink *sink;
	struct pool flows, closings;
	struct table table;
	struct queue queues[QUEUE_COUNT];
	struct moment now;
	struct moment due;	 /* nothing runs out before this */
	struct waiting *waiting; /* ended at one moment: sorted by first packet, then reported */
	size_t waiting_count;
	struct tracker_counts counts;
	struct duplicates duplicates;
};

static const struct moment NEVER = { INT64_MAX };

static struct flow *flow_at(const struct tracker *t, uint32_t index)
{
	return pool_at(&t->flows, index);
}

static struct closing *closing_of(const struct tracker *t, const struct flow *f)
{
	return f->closing == 0 ? NULL : pool_at(&t->closings, f->closing);
}

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
	t->options = *options;
	t->sink = sink;
	t->now.ns = INT64_MIN;
	t->due = NEVER;
	t->duplicates.seed = options->seed;
	pool_init(&t->flows, sizeof(struct flow));
	pool_init(&t->closings, sizeof(struct closing));
	t->waiting = calloc(WAITING_MAX, sizeof *t->waiting);
	if (t->waiting == NULL || table_init(&t->table) == -1) {
		tracker_free(t);
		return NULL;
	}
	return t;
}

void tracker_free(struct tracker *t)
{
	if (t == NULL)
		return;
	pool_end(&t->flows);
	pool_end(&t->closings);
	table_end(&t->table);
	free(t->waiting);
	free(t);
}

struct tracker_counts tracker_counts(const struct tracker *t)
{
	struct tracker_counts counts = t->counts;

	counts.flows = t->flows.count;
	counts.memory = pool_memory(&t->flows) + pool_memory(&t->closings) + table_memory(&t->table) +
			sizeof *t + WAITING_MAX * sizeof *t->waiting;
	return counts;
}

/* ---- records that have ended ---- */

static int by_first_packet(const void *a, const void *b, void *tracker)
{
	uint64_t first = flow_at(tracker, ((const struct waiting *)a)->flow)->first_packet;
	uint64_t second = flow_at(tracker, ((const struct waiting *)b)->flow)->first_packet;

	return (first > second) - (first < second);
}

static void report_waiting(struct tracker *t)
{
	struct record record;

	if (t->waiting_count > 1)
		qsort_r(t->waiting, t->waiting_count, sizeof *t->waiting, by_first_packet, t);
	for (size_t i = 0; i < t->waiting_count; i++) {
		struct flow *f = flow_at(t, t->waiting[i].flow);

		report(f, closing_of(t, f), &t->waiting[i].ending, &record);
		t->sink->record(t->sink, &record);
		if (f->closing != 0)
			pool_give(&t->closings, f->closing);
		pool_give(&t->flows, t->waiting[i].flow);
	}
	t->waiting_count = 0;
}

/* The flow has left table and queues: reported together with all that end at that moment. */
static void wait_for_report(struct tracker *t, uint32_t index, const struct ending *ending)
{
	if (t->waiting_count == WAITING_MAX ||
	    (t->waiting_count > 0 && t->waiting[0].ending.at.ns != ending->at.ns))
		report_waiting(t);
	t->waiting[t->waiting_count++] = (struct waiting){ index, *ending };
}

static uint32_t find(const struct tracker *t, const struct segment *s, uint32_t hash);

/* Takes the flow out of the table: an older or newer one on its pair stays. */
static void leave_table(struct tracker *t, uint32_t index, const struct flow *f)
{
	struct segment pair = { .src = f->host[CLIENT],
				.dst = f->host[SERVER],
				.sport = f->port[CLIENT],
				.dport = f->port[SERVER] };
	uint32_t newest = find(t, &pair, f->hash);

	if (newest != index)
		flow_at(t, newest)->older = 0;
	else if (f->older != 0)
		table_replace(&t->table, f->hash, index, f->older);
	else
		table_remove(&t->table, f->hash, index);
}

static enum record_end natural_end(const struct flow *f, const struct closing *c)
{
	bool time_wait = c != NULL && (c->end[CLIENT].time_wait.ns != 0 || c->end[SERVER].time_wait.ns != 0);

	return time_wait && (f->bits & FLOW_CLOSED) ? RECORD_TIME_WAIT : RECORD_CLOSED;
}

static void end_record(struct tracker *t, uint32_t index, struct ending ending)
{
	struct flow *f = flow_at(t, index);

	ending.time_wait = t->options.time_wait;
	queue_leave(&t->queues[f->list], &t->flows, index);
	leave_table(t, index, f);
	wait_for_report(t, index, &ending);
}

/* ---- when a record runs out ---- */

static struct moment later_by(struct moment at, int64_t ns)
{
	return (struct moment){ at.ns > INT64_MAX - ns ? INT64_MAX : at.ns + ns };
}

static struct moment deadline(const struct tracker *t, const struct flow *f)
{
	switch (f->list) {
	case QUEUE_CLOSED:
		return later_by(flow_closed_at(closing_of(t, f)), t->options.time_wait);
	case QUEUE_SYN:
		return t->options.syn_idle == 0 ? NEVER : later_by(f->last, t->options.syn_idle);
	default:
		return t->options.idle == 0 ? NEVER : later_by(f->last, t->options.idle);
	}
}

static enum queue_name queue_for(const struct flow *f)
{
	if (f->bits & FLOW_CLOSED)
		return QUEUE_CLOSED;
	return !(f->bits & FLOW_ESTABLISHED) && f->end[SERVER].packets == 0 ? QUEUE_SYN : QUEUE_LIVE;
}

/* How far a flow whose packet bears an earlier time is moved forward to keep its queue in order. */
enum { OUT_OF_ORDER_MAX = 64 };

static void enqueue(struct tracker *t, uint32_t index, struct flow *f)
{
	struct queue *q = &t->queues[f->list];
	struct moment mine = deadline(t, f);
	uint32_t after = q->tail;

	for (int i = 0; i < OUT_OF_ORDER_MAX && after != 0; i++) {
		struct flow *before = flow_at(t, after);

		if (deadline(t, before).ns <= mine.ns)
			break;
		after = before->prev;
	}
	queue_insert_after(q, &t->flows, index, after);
	if (mine.ns < t->due.ns)
		t->due = mine;
}

/* Puts the flow where its state after a segment belongs; 'was' is its deadline before. */
static void requeue(struct tracker *t, uint32_t index, struct flow *f, struct moment was)
{
	enum queue_name name = queue_for(f);

	f->bits |= FLOW_TOUCHED;
	if (f->list == name && deadline(t, f).ns == was.ns)
		return;
	queue_leave(&t->queues[f->list], &t->flows, index);
	f->list = (uint8_t)name;
	enqueue(t, index, f);
}

/* A RST that its receiver outlived, unanswered, did not close anything. True if so. */
static bool doubted(struct tracker *t, struct flow *f)
{
	struct closing *c = closing_of(t, f);

	if (c == NULL || c->doubt.ns == 0 || c->rst.packet == 0 || flow_both_closed(f))
		return false;
	rst_take_back(f, c);
	return true;
}

static void run_out(struct tracker *t, uint32_t index)
{
	struct flow *f = flow_at(t, index);
	struct moment at = deadline(t, f);

	if (f->list != QUEUE_CLOSED) {
		end_record(t, index, (struct ending){ .at = at, .why = RECORD_IDLE });
	} else if (doubted(t, f)) {
		requeue(t, index, f, at);
	} else {
		end_record(t, index, (struct ending){ .at = at, .why = natural_end(f, closing_of(t, f)) });
	}
}

/* Ends what has run out, in the order in which it did. */
static void expire(struct tracker *t)
{
	for (;;) {
		uint32_t first = 0;

		t->due = NEVER;
		for (int name = 0; name < QUEUE_COUNT; name++) {
			uint32_t head = t->queues[name].head;

			if (head == 0 || deadline(t, flow_at(t, head)).ns >= t->due.ns)
				continue;
			t->due = deadline(t, flow_at(t, head));
			first = head;
		}
		if (first == 0 || t->due.ns > t->now.ns)
			return;
		run_out(t, first);
	}
}

void tracker_tick(struct tracker *t, struct moment now)
{
	if (now.ns > t->now.ns)
		t->now = now;
	if (t->now.ns >= t->due.ns)
		expire(t);
}

/* A live flow not used since this came by last; bounded, so that it is constant time. */
static uint32_t least_recent(struct tracker *t)
{
	struct queue *q = &t->queues[QUEUE_LIVE];

	for (int i = 0; i < SECOND_CHANCES && (flow_at(t, q->head)->bits & FLOW_TOUCHED); i++) {
		uint32_t index = q->head;

		flow_at(t, index)->bits &= (uint16_t)~FLOW_TOUCHED;
		queue_leave(q, &t->flows, index);
		queue_insert_after(q, &t->flows, index, q->tail);
	}
	return q->head;
}

/* Gives up one flow: an unanswered SYN, else one that is over, else one not used lately. */
static void evict(struct tracker *t)
{
	uint32_t index = t->queues[QUEUE_SYN].head;

	if (index == 0)
		index = t->queues[QUEUE_CLOSED].head;
	if (index == 0)
		index = least_recent(t);
	t->counts.evicted++;
	doubted(t, flow_at(t, index));
	end_record(t, index, (struct ending){ .at = t->now, .why = RECORD_EVICTED });
}

/* ---- which connection ---- */

static bool same_pair(const struct flow *f, const struct segment *s)
{
	return (f->port[CLIENT] == s->sport && f->port[SERVER] == s->dport &&
		memcmp(&f->host[CLIENT], &s->src, sizeof s->src) == 0 &&
		memcmp(&f->host[SERVER], &s->dst, sizeof s->dst) == 0) ||
	       (f->port[CLIENT] == s->dport && f->port[SERVER] == s->sport &&
		memcmp(&f->host[CLIENT], &s->dst, sizeof s->dst) == 0 &&
		memcmp(&f->host[SERVER], &s->src, sizeof s->src) == 0);
}

static uint32_t find(const struct tracker *t, const struct segment *s, uint32_t hash)
{
	uint32_t at, index = table_find(&t->table, hash, hash, &at);

	while (index != 0 && !same_pair(flow_at(t, index), s))
		index = table_find(&t->table, hash, at + 1, &at);
	return index;
}

/* The flow's closing evidence, made now if there is none; NULL with errno = ENOMEM. */
static struct closing *need_closing(struct tracker *t, struct flow *f)
{
	if (f->closing == 0) {
		f->closing = pool_take(&t->closings);
		if (f->closing != 0)
			closing_of(t, f)->idle = UNKNOWN_NS;
	}
	return closing_of(t, f);
}

/* Applies a segment to a flow that is known. 0, or -1 with errno = ENOMEM. */
static int apply(struct tracker *t, uint32_t index, const struct segment *s)
{
	struct flow *f = flow_at(t, index);
	struct moment was = deadline(t, f);
	enum side side = flow_side(f, s);

	if (flow_needs_closing(s) && need_closing(t, f) == NULL)
		return -1;
	if (s->kind == SEGMENT_ICMP)
		flow_apply_icmp(f, closing_of(t, f), s, side);
	else
		flow_apply(f, closing_of(t, f), s, side);
	requeue(t, index, f, was);
	return 0;
}

/* A flow of its own for the segment; older = the one on its pair that it may replace, 0 = none. */
static int open_flow(struct tracker *t, const struct segment *s, uint32_t hash, uint32_t older)
{
	uint32_t index = pool_take(&t->flows);
	struct flow *f;

	if (index == 0)
		return -1;
	f = flow_at(t, index);
	f->hash = hash;
	f->older = older;
	flow_open(f, s);
	if (older != 0) {
		table_replace(&t->table, hash, older, index);
	} else if (table_add(&t->table, hash, index) == -1) {
		pool_give(&t->flows, index);
		return -1;
	}
	f->list = (uint8_t)queue_for(f);
	enqueue(t, index, f);
	if (t->flows.count > t->counts.flows_peak)
		t->counts.flows_peak = t->flows.count;
	return apply(t, index, s);
}

/* A SYN that is none of this connection's: another attempt on its pair. */
static bool is_new_attempt(const struct flow *f, const struct segment *s)
{
	enum side side = flow_side(f, s);
	const struct endpoint *me = &f->end[side], *peer = &f->end[other(side)];

	if ((s->flags & (TCP_SYN | TCP_ACK | TCP_RST)) != TCP_SYN)
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
static bool fits_attempt(const struct flow *f, const struct segment *s)
{
	const struct endpoint *client = &f->end[CLIENT];
	bool from_client = flow_side(f, s) == CLIENT;

	if (s->kind == SEGMENT_ICMP)
		return from_client && s->seq.n == client->isn.n;
	if (from_client)
		return (s->flags & TCP_SYN) || seq_diff(s->seq, client->isn) == 1;
	return (s->flags & TCP_ACK) && seq_diff(s->ack, client->isn) >= 1 &&
	       seq_diff(s->ack, client->nxt) <= 0;
}

/* The held SYN was not what the pair's owner took up: it stays with the older connection. */
static void withdraw(struct tracker *t, uint32_t index)
{
	struct flow *f = flow_at(t, index);
	struct flow *old = flow_at(t, f->older);
	struct moment was = deadline(t, old);
	uint32_t old_index = f->older;

	flow_absorb(old, closing_of(t, old), f);
	table_replace(&t->table, f->hash, index, old_index);
	queue_leave(&t->queues[f->list], &t->flows, index);
	if (f->closing != 0)
		pool_give(&t->closings, f->closing);
	pool_give(&t->flows, index);
	requeue(t, old_index, old, was);
}

/* The pair is the newer connection's from now on. */
static void supersede(struct tracker *t, uint32_t older, bool accepted)
{
	struct flow *f = flow_at(t, older);

	doubted(t, f);
	end_record(
		t, older,
		(struct ending){ .at = t->now, .why = natural_end(f, closing_of(t, f)), .reused = accepted });
}

/* Two connections on one pair: the held SYN's and the older one's. Which is it? */
static int apply_to_either(struct tracker *t, uint32_t index, const struct segment *s)
{
	struct flow *f = flow_at(t, index);
	uint32_t older = f->older;
	bool from_client = flow_side(f, s) == CLIENT;

	if (!fits_attempt(f, s)) {
		/* Old numbers from the SYN's receiver are its challenge (RFC 5961 4). */
		if (!from_client && (s->flags & TCP_ACK) && s->kind == SEGMENT_TCP)
			withdraw(t, index);
		return apply(t, older, s);
	}
	if (!(from_client && (s->flags & TCP_SYN)))
		supersede(t, older, s->flags & TCP_SYN || from_client);
	return apply(t, index, s);
}

static int make_room(struct tracker *t)
{
	while (t->options.max_flows != 0 && t->flows.count - t->waiting_count >= t->options.max_flows)
		evict(t);
	return 0;
}

static int feed_unknown(struct tracker *t, const struct segment *s, uint32_t hash)
{
	if (s->kind == SEGMENT_ICMP) {
		t->counts.icmp_stray++;
		return 0;
	}
	if (s->bits & SEGMENT_UNMATCHED)
		return 0;
	make_room(t);
	return open_flow(t, s, hash, 0);
}

static int feed_attempt(struct tracker *t, const struct segment *s, uint32_t hash)
{
	uint32_t index;

	make_room(t);
	index = find(t, s, hash);
	/* Only two are kept: an attempt that was never answered ends here, and so does what it waited for. */
	if (index != 0 && flow_at(t, index)->older != 0)
		supersede(t, flow_at(t, index)->older, false);
	return open_flow(t, s, hash, index);
}

/*
 * A RST that says nothing of its own (no ID, no timestamps) is taken for a duplicate frame only
 * where frames are duplicated: hosts send the same reply RST to several segments.
 */
static bool is_duplicate(struct tracker *t, const struct flow *f, const struct segment *s, uint32_t hash)
{
	if (!duplicate_seen(&t->duplicates, s, hash))
		return false;
	return !(s->flags & TCP_RST) || s->ip_id != 0 || (s->bits & SEGMENT_TIMESTAMPS) || f->duplicates > 0;
}

static int feed_one(struct tracker *t, const struct segment *s, uint32_t hash)
{
	uint32_t index;
	struct flow *f;

	tracker_tick(t, s->at);
	index = find(t, s, hash);
	if (s->kind == SEGMENT_TCP && !(s->bits & SEGMENT_UNMATCHED && index == 0))
		t->counts.segments++;
	if (index == 0) {
		if (s->kind == SEGMENT_TCP)
			(void)duplicate_seen(&t->duplicates, s, hash);
		return feed_unknown(t, s, hash);
	}
	f = flow_at(t, index);
	if (s->kind == SEGMENT_ICMP) {
		t->counts.icmp++;
	} else if (is_duplicate(t, f, s, hash)) {
		t->counts.duplicates++;
		f->duplicates++;
		return 0;
	}
	if (s->kind == SEGMENT_TCP && is_new_attempt(f, s))
		return feed_attempt(t, s, hash);
	if (f->older != 0)
		return apply_to_either(t, index, s);
	return apply(t, index, s);
}

int tracker_feed(struct tracker *t, const struct segment *segments, size_t n)
{
	uint32_t hashes[BATCH];

	while (n > 0) {
		size_t batch = n < BATCH ? n : BATCH;

		for (size_t i = 0; i < batch; i++) {
			hashes[i] = table_hash(&segments[i], t->options.seed);
			table_prefetch(&t->table, hashes[i]);
		}
		for (size_t i = 0; i < batch; i++)
			if (feed_one(t, &segments[i], hashes[i]) == -1)
				return -1;
		segments += batch;
		n -= batch;
	}
	return 0;
}

/* ---- the end ---- */

struct last {
	uint64_t first_packet;
	uint32_t flow;
};

static int by_packet(const void *a, const void *b)
{
	uint64_t first = ((const struct last *)a)->first_packet,
		 second = ((const struct last *)b)->first_packet;

	return (first > second) - (first < second);
}

void tracker_finish(struct tracker *t)
{
	struct last *all;
	size_t n = 0;

	expire(t);
	report_waiting(t);
	all = calloc((size_t)t->flows.count + 1, sizeof *all);
	for (int name = 0; name < QUEUE_COUNT; name++) {
		uint32_t index = t->queues[name].head;

		while (index != 0) {
			uint32_t next = flow_at(t, index)->next;

			/* Without memory to sort them, the rows at least are all there. */
			doubted(t, flow_at(t, index));
			if (all != NULL)
				all[n++] = (struct last){ flow_at(t, index)->first_packet, index };
			else
				end_record(t, index, (struct ending){ .at = t->now, .why = RECORD_END });
			index = next;
		}
	}
	if (n > 0)
		qsort(all, n, sizeof *all, by_packet);
	for (size_t i = 0; i < n; i++)
		end_record(t, all[i].flow, (struct ending){ .at = t->now, .why = RECORD_END });
	report_waiting(t);
	free(all);
}
