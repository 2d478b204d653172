/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store.c - see store.h.
 *
 * A flow is in the table under its pair, and in one of the queues of queue.h, each in the order in
 * which its flows run out: ending what has run out, and giving up what has to go, takes
 * constant time.
 */
#include "analyzer/store.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/changes.h"
#include "analyzer/rst.h"

/* Whoever has sent nothing for so long is idle. */
#define EVICTED_IDLE_NS 60000000000

/* Linux's net.ipv4.tcp_fin_timeout. */
#define FIN_TIMEOUT_NS 60000000000

enum {
	WAITING_MAX = 4096, /* records of one moment held back to be sorted */
	REPORTED_TOGETHER = 64,
	FETCHED_AHEAD = 8, /* flows on their way to the cache while records end one after another */
};

/* A pool's objects are a multiple of 8 bytes. */
struct kept_text {
	_Alignas(8) struct rst_text says;
};

struct waiting {
	uint64_t first_packet;
	uint32_t flow, closing;
	struct ending ending;
};

int store_init(struct store *store, const struct tracker_options *options, struct sink *sink)
{
	*store = (struct store){
		.sink = sink,
		.time_wait = options->time_wait,
		.idle = options->idle,
		.syn_idle = options->syn_idle,
		.seed = options->seed,
		.causes = options->causes,
		.now = { INT64_MIN },
		.due = STORE_NEVER,
	};
	if (store->causes.fin_timeout == 0)
		store->causes.fin_timeout = FIN_TIMEOUT_NS;
	pool_init(&store->flows, sizeof(struct flow));
	pool_init(&store->closings, sizeof(struct closing));
	pool_init(&store->texts, sizeof(struct kept_text));
	pool_init(&store->entered, sizeof(struct entered));
	store->waiting = calloc(WAITING_MAX, sizeof *store->waiting);
	if (store->waiting == NULL || table_init(&store->table) == -1)
		return -1;
	return 0;
}

void store_destroy(struct store *store)
{
	pool_end(&store->flows);
	pool_end(&store->closings);
	pool_end(&store->texts);
	pool_end(&store->entered);
	table_end(&store->table);
	free(store->waiting);
}

uint64_t store_memory(const struct store *store)
{
	return pool_memory(&store->flows) + pool_memory(&store->closings) + pool_memory(&store->texts) +
	       pool_memory(&store->entered) + table_memory(&store->table) +
	       WAITING_MAX * sizeof *store->waiting;
}

static bool same_pair(const struct flow *f, const struct segment *s)
{
	if (f->port[CLIENT] == s->sport && f->port[SERVER] == s->dport &&
	    host_equal(&f->host[CLIENT], &s->src) && host_equal(&f->host[SERVER], &s->dst))
		return true;
	return f->port[CLIENT] == s->dport && f->port[SERVER] == s->sport &&
	       host_equal(&f->host[CLIENT], &s->dst) && host_equal(&f->host[SERVER], &s->src);
}

uint32_t store_find(const struct store *store, const struct segment *s, uint32_t hash)
{
	uint32_t at, index = table_find(&store->table, hash, hash, &at);

	while (index != 0 && !same_pair(flow_at(store, index), s))
		index = table_find(&store->table, hash, at + 1, &at);
	return index;
}

/* ---- records that have ended ---- */

/* The order of rows: design/verdicts.md 8. */
static int by_end(const void *a, const void *b)
{
	const struct waiting *x = a, *y = b;

	if (x->ending.at.ns != y->ending.at.ns)
		return x->ending.at.ns < y->ending.at.ns ? -1 : 1;
	return (x->first_packet > y->first_packet) - (x->first_packet < y->first_packet);
}

/* Gives back all that was kept of a flow. */
static void forget(struct store *store, uint32_t index)
{
	const struct flow *f = flow_at(store, index);
	const struct closing *c = closing_of(store, f);

	if (c != NULL && c->text != 0)
		pool_give(&store->texts, c->text);
	if (c != NULL)
		pool_give(&store->closings, f->closing);
	pool_give(&store->flows, index);
}

static void make_record(const struct store *store, uint32_t index, const struct ending *ending,
			struct record *record)
{
	const struct flow *f = flow_at(store, index);
	const struct closing *c = closing_of(store, f);
	const struct kept_text *text = c != NULL && c->text != 0 ? pool_at(&store->texts, c->text) : NULL;

	report(f, c, ending, text != NULL ? &text->says : NULL, &store->causes, record);
	losses_weigh(&store->losses, f, c, record);
}

void store_look(const struct store *store, uint32_t index, struct record *record)
{
	const struct ending now = { .at = store->now, .why = RECORD_END, .time_wait = store->time_wait };

	make_record(store, index, &now, record);
}

static void report_one(struct store *store, const struct waiting *w)
{
	struct record record;

	make_record(store, w->flow, &w->ending, &record);
	store->sink->record(store->sink, &record);
}

/* Starts to fetch what a report looks at. */
static void fetch_waiting(const struct store *store, const struct waiting *w)
{
	store_prefetch(store, w->flow);
	if (w->closing != 0)
		prefetch(pool_at_sized(&store->closings, w->closing, sizeof(struct closing)),
			 sizeof(struct closing));
}

/* The first n of those waiting, which are in order. */
static void report_first(struct store *store, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i + FETCHED_AHEAD < n)
			fetch_waiting(store, &store->waiting[i + FETCHED_AHEAD]);
		report_one(store, &store->waiting[i]);
		forget(store, store->waiting[i].flow);
	}
}

static void flush(struct store *store)
{
	if (store->waiting_count > 1)
		qsort(store->waiting, store->waiting_count, sizeof *store->waiting, by_end);
	report_first(store, store->waiting_count);
	store->waiting_count = 0;
}

void store_flush(struct store *store)
{
	struct waiting *w = store->waiting;
	size_t n = store->waiting_count, earlier = 0;

	if (n > 1)
		qsort(w, n, sizeof *w, by_end);
	while (earlier < n && w[earlier].ending.at.ns < store->now.ns)
		earlier++;
	report_first(store, earlier);
	memmove(w, w + earlier, (n - earlier) * sizeof *w);
	store->waiting_count = n - earlier;
}

/*
 * The flow has left table and queues. Reports are made many at a time: their sinks' tables stay in the cache
 * meanwhile. Those of one moment go together, so that they can be put in order.
 */
static void wait_for_report(struct store *store, uint32_t index, const struct ending *ending)
{
	size_t n = store->waiting_count;
	const struct flow *f = flow_at(store, index);

	if (n == WAITING_MAX ||
	    (n >= REPORTED_TOGETHER && store->waiting[n - 1].ending.at.ns != ending->at.ns))
		flush(store);
	store->waiting[store->waiting_count++] =
		(struct waiting){ f->first_packet, index, f->closing, *ending };
}

/* Takes the flow out of the table: an older or newer one on its pair stays. */
static void leave_table(struct store *store, uint32_t index, const struct flow *f)
{
	struct segment pair = { .src = f->host[CLIENT],
				.dst = f->host[SERVER],
				.sport = f->port[CLIENT],
				.dport = f->port[SERVER] };
	uint32_t hash = table_hash(&pair, store->seed);
	uint32_t newest = store_find(store, &pair, hash);

	if (newest != index)
		flow_at(store, newest)->older = 0;
	else if (f->older != 0)
		table_replace(&store->table, hash, index, f->older);
	else
		table_remove(&store->table, hash, index);
}

static enum record_end natural_end(const struct flow *f, const struct closing *c)
{
	bool time_wait = c != NULL && (c->end[CLIENT].time_wait.ns != 0 || c->end[SERVER].time_wait.ns != 0);

	return time_wait && (f->bits & FLOW_CLOSED) ? RECORD_TIME_WAIT : RECORD_CLOSED;
}

/* The end of a record may be a change too: TIME-WAIT is over. */
static void tell_end(struct store *store, uint32_t index, const struct ending *ending, uint64_t packet)
{
	const struct flow *f = flow_at(store, index);
	struct knowledge before = knowledge_of(f), after;

	for (enum side side = CLIENT; side <= SERVER; side++)
		after.facts[side] = report_facts(f, closing_of(store, f), ending, side);
	changes_tell(store, index, &before, &after, (struct mark){ packet, ending->at }, CLIENT);
}

/* packet = the one that ends it, 0 = none does. */
static void end_record(struct store *store, uint32_t index, struct ending ending, uint64_t packet)
{
	struct flow *f = flow_at(store, index);

	if (changes_wanted(store))
		tell_end(store, index, &ending, packet);
	ending.time_wait = store->time_wait;
	queue_leave(&store->queues[f->list], &store->flows, index);
	leave_table(store, index, f);
	wait_for_report(store, index, &ending);
}

/* ---- when a record runs out ---- */

static enum queue_name queue_for(const struct flow *f)
{
	const struct endpoint *client = &f->end[CLIENT], *server = &f->end[SERVER];
	bool established = f->bits & FLOW_ESTABLISHED;

	if (f->bits & FLOW_CLOSED)
		return QUEUE_CLOSED;
	if (!established && server->packets == 0)
		return QUEUE_SYN;
	if (client->packets == 0 || server->packets == 0)
		return QUEUE_ONE_SIDED;
	if (!established)
		return QUEUE_HANDSHAKE;
	return (client->bits | server->bits) & END_FIN ? QUEUE_HALF_CLOSED : QUEUE_LIVE;
}

/* How far a flow whose packet bears an earlier time is moved forward to keep its queue in order. */
enum { OUT_OF_ORDER_MAX = 64 };

static void enqueue(struct store *store, uint32_t index, struct flow *f)
{
	struct queue *q = &store->queues[f->list];
	struct moment mine = store_deadline(store, f);
	uint32_t after = q->tail;

	for (int i = 0; i < OUT_OF_ORDER_MAX && after != 0; i++) {
		struct flow *before = flow_at(store, after);

		if (store_deadline(store, before).ns <= mine.ns)
			break;
		after = before->prev;
	}
	queue_insert_after(q, &store->flows, index, after);
	if (mine.ns < store->due.ns)
		store->due = mine;
}

/* Puts the flow where its state after a segment belongs; 'was' is its deadline before. */
void store_move(struct store *store, uint32_t index, struct flow *f, struct moment was)
{
	enum queue_name name = queue_for(f);

	if (f->list == name && store_deadline(store, f).ns == was.ns &&
	    (name == QUEUE_CLOSED || !store->crowded))
		return;
	queue_leave(&store->queues[f->list], &store->flows, index);
	f->list = (uint8_t)name;
	enqueue(store, index, f);
}

/* A RST that its receiver outlived, unanswered, did not close anything: that is known 'by' now. True if so.
 */
static bool doubted(struct store *store, uint32_t index, struct mark by)
{
	struct flow *f = flow_at(store, index);
	struct closing *c = closing_of(store, f);
	struct knowledge before, after;

	if (c == NULL || c->doubt.ns == 0 || !closing_by_rst(c) || flow_both_closed(f))
		return false;
	before = knowledge_of(f);
	rst_take_back(f, c);
	after = knowledge_of(f);
	if (changes_wanted(store))
		changes_tell(store, index, &before, &after, by, CLIENT);
	return true;
}

/*
 * A flow that runs out has not been used for 2MSL and is far from the cache. Its successors in the queue are
 * next: the first is on its way already and tells where its evidence is.
 */
static void fetch_successors(const struct store *store, const struct flow *f)
{
	const struct flow *next;

	if (f->next == 0)
		return;
	next = flow_at(store, f->next);
	if (next->closing != 0)
		prefetch(closing_of(store, next), sizeof(struct closing));
	if (next->next != 0)
		store_prefetch(store, next->next);
}

static void run_out(struct store *store, uint32_t index)
{
	struct flow *f = flow_at(store, index);
	struct moment at = store_deadline(store, f);

	fetch_successors(store, f);
	if (f->list != QUEUE_CLOSED) {
		end_record(store, index, (struct ending){ .at = at, .why = RECORD_IDLE }, 0);
	} else if (doubted(store, index, (struct mark){ 0, at })) {
		store_requeue(store, index, f, at);
	} else {
		end_record(store, index,
			   (struct ending){ .at = at, .why = natural_end(f, closing_of(store, f)) }, 0);
	}
}

/* Ends what has run out, in the order in which it did. */
static void expire(struct store *store)
{
	/* Without --idle nothing runs out in the others. */
	const int queues = store->idle == 0 ? QUEUE_CLOSED + 1 : QUEUE_COUNT;

	for (;;) {
		uint32_t first = 0;

		store->due = STORE_NEVER;
		for (int name = 0; name < queues; name++) {
			uint32_t head = store->queues[name].head;

			if (head == 0 || store_deadline(store, flow_at(store, head)).ns >= store->due.ns)
				continue;
			store->due = store_deadline(store, flow_at(store, head));
			first = head;
		}
		if (first == 0 || store->due.ns > store->now.ns)
			return;
		run_out(store, first);
	}
}

void store_tick(struct store *store, struct moment now)
{
	if (now.ns > store->now.ns)
		store->now = now;
	if (store->now.ns >= store->due.ns)
		expire(store);
}

/* Nothing was heard later than that. Queues stay in their order. */
static void wait_from(struct store *store, struct moment now)
{
	for (int name = 0; name < QUEUE_COUNT; name++)
		for (uint32_t i = store->queues[name].head; i != 0; i = flow_at(store, i)->next)
			if (flow_at(store, i)->last.ns > now.ns)
				flow_at(store, i)->last = now;
}

void store_set_back(struct store *store, struct moment now)
{
	if (now.ns >= store->now.ns)
		return;
	while (store->queues[QUEUE_CLOSED].head != 0)
		run_out(store, store->queues[QUEUE_CLOSED].head);
	flush(store);
	wait_from(store, now);
	store->now = now;
	expire(store);
}

/* What is counted for a flow of that queue. */
static enum eviction eviction_of(const struct store *store, enum queue_name name, const struct flow *f)
{
	static const enum eviction by_queue[QUEUE_COUNT] = {
		[QUEUE_SYN] = EVICTED_SYN,
		[QUEUE_CLOSED] = EVICTED_CLOSED,
		[QUEUE_ONE_SIDED] = EVICTED_ONE_SIDED,
		[QUEUE_HANDSHAKE] = EVICTED_HANDSHAKE,
		[QUEUE_HALF_CLOSED] = EVICTED_HALF_CLOSED,
		[QUEUE_LIVE] = EVICTED_ACTIVE,
	};

	if (name == QUEUE_LIVE && store->now.ns > moment_after(f->last, EVICTED_IDLE_NS).ns)
		return EVICTED_IDLE;
	return by_queue[name];
}

void store_evict(struct store *store)
{
	enum queue_name name = QUEUE_SYN;
	uint32_t index;

	while (store->queues[name].head == 0)
		name++;
	index = store->queues[name].head;
	store->evicted[eviction_of(store, name, flow_at(store, index))]++;
	doubted(store, index, (struct mark){ 0, store->now });
	end_record(store, index, (struct ending){ .at = store->now, .why = RECORD_EVICTED }, 0);
}

void store_supersede(struct store *store, uint32_t index, bool accepted, uint64_t packet)
{
	struct flow *f = flow_at(store, index);

	doubted(store, index, (struct mark){ packet, store->now });
	end_record(store, index,
		   (struct ending){ .at = store->now,
				    .why = natural_end(f, closing_of(store, f)),
				    .reused = accepted },
		   packet);
}

uint32_t store_open(struct store *store, const struct segment *s, uint32_t hash, uint32_t older)
{
	uint32_t index = pool_take(&store->flows);
	struct flow *f;

	if (index == 0)
		return 0;
	f = flow_at(store, index);
	f->older = older;
	flow_open(f, s);
	if (changes_wanted(store) && pool_follow(&store->entered, index) == -1) {
		pool_give(&store->flows, index);
		return 0;
	}
	if (older != 0) {
		table_replace(&store->table, hash, older, index);
	} else if (table_add(&store->table, hash, index) == -1) {
		pool_give(&store->flows, index);
		return 0;
	}
	f->list = (uint8_t)queue_for(f);
	enqueue(store, index, f);
	if (store_count(store) > store->flows_peak)
		store->flows_peak = store_count(store);
	return index;
}

void store_withdraw(struct store *store, uint32_t index)
{
	struct flow *f = flow_at(store, index);

	leave_table(store, index, f);
	queue_leave(&store->queues[f->list], &store->flows, index);
	forget(store, index);
}

int store_keep_text(struct store *store, struct closing *c, const struct segment *s)
{
	struct kept_text *text;

	if (s->says.rst.text_len == 0 && !(s->bits & SEGMENT_MPTCP_RST))
		return 0;
	if (c->text == 0)
		c->text = pool_take(&store->texts);
	if (c->text == 0)
		return -1;
	text = pool_at(&store->texts, c->text);
	text->says = (struct rst_text){
		.mptcp = s->bits & SEGMENT_MPTCP_RST,
		.mptcp_reason = s->says.rst.mptcp_reason,
	};
	memcpy(text->says.text, s->says.rst.text, s->says.rst.text_len);
	c->bits |= CLOSING_TEXT;
	return 0;
}

struct closing *store_need_closing(struct store *store, struct flow *f)
{
	if (f->closing == 0) {
		f->closing = pool_take(&store->closings);
		if (f->closing != 0)
			closing_of(store, f)->idle = UNKNOWN_NS;
	}
	return closing_of(store, f);
}

/* ---- the end ---- */

/* A row of the last moment: it waits to be reported already, or its flow is still known. */
struct last {
	uint64_t first_packet;
	uint32_t at; /* index among those waiting, or of the flow */
	bool waits;
};

static int by_packet(const void *a, const void *b)
{
	const struct last *x = a, *y = b;

	return (x->first_packet > y->first_packet) - (x->first_packet < y->first_packet);
}

static void report_last(struct store *store, const struct last *last)
{
	const struct waiting still_known = {
		.flow = last->at,
		.ending = { .at = store->now, .why = RECORD_END, .time_wait = store->time_wait },
	};
	const struct waiting *w = last->waits ? &store->waiting[last->at] : &still_known;

	if (!last->waits)
		doubted(store, last->at, (struct mark){ 0, store->now });
	report_one(store, w);
	forget(store, w->flow);
}

/* All rows of the last moment, in no order yet; gives their number. */
static size_t collect_last(const struct store *store, size_t waiting, struct last *all)
{
	size_t n = 0;

	for (uint32_t i = 0; i < waiting; i++)
		all[n++] = (struct last){ store->waiting[i].first_packet, i, true };
	for (int name = 0; name < QUEUE_COUNT; name++)
		for (uint32_t i = store->queues[name].head; i != 0; i = flow_at(store, i)->next)
			all[n++] = (struct last){ flow_at(store, i)->first_packet, i, false };
	return n;
}

/* Without memory to sort them, the rows at least are all there. */
static void report_unsorted(struct store *store, size_t waiting)
{
	for (uint32_t i = 0; i < waiting; i++)
		report_last(store, &(struct last){ .at = i, .waits = true });
	for (int name = 0; name < QUEUE_COUNT; name++) {
		for (uint32_t i = store->queues[name].head, next; i != 0; i = next) {
			next = flow_at(store, i)->next;
			report_last(store, &(struct last){ .at = i });
		}
	}
}

int store_finish(struct store *store)
{
	size_t waiting, n;
	struct last *all;

	expire(store);
	store_flush(store);
	waiting = store->waiting_count;
	store->waiting_count = 0;
	all = calloc((size_t)store->flows.count + 1, sizeof *all);
	if (all == NULL) {
		report_unsorted(store, waiting);
		return -1;
	}
	n = collect_last(store, waiting, all);
	qsort(all, n, sizeof *all, by_packet);
	for (size_t i = 0; i < n; i++) {
		if (i + FETCHED_AHEAD < n && !all[i + FETCHED_AHEAD].waits)
			store_prefetch(store, all[i + FETCHED_AHEAD].at);
		report_last(store, &all[i]);
	}
	free(all);
	return 0;
}
