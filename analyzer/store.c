/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store.c - see store.h.
 *
 * A flow is in the table under its pair, and in one of the queues of queue.h, each in the order in
 * which its flows run out: ending what has run out, and giving up what has to go, takes
 * constant time.
 */
#include "analyzer/store.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/changes.h"
#include "analyzer/rst.h"
#include "analyzer/store_parts.h"
#include "analyzer/store_queue.h"

/* Whoever has sent nothing for so long is idle. */
#define EVICTED_IDLE_NS 60000000000

/* Linux's net.ipv4.tcp_fin_timeout. */
#define FIN_TIMEOUT_NS 60000000000

/* The limit is dealt out evenly, what is left over to the first ones. */
static void init_parts(struct store *store, uint64_t max_flows)
{
	store->part_count = tracker_parts(max_flows);
	store->part_mask = store->part_count - 1;
	for (int p = 0; p < store->part_count; p++) {
		store->parts[p].limit = max_flows / (unsigned)store->part_count +
					((unsigned)p < max_flows % (unsigned)store->part_count);
	}
}

static int init_tables(struct store *store)
{
	for (int p = 0; p < store->part_count; p++)
		if (table_init(&store->tables[p]) == -1)
			return -1;
	return 0;
}

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
		.predicts = options->idle == 0 && sink->segment == NULL && sink->change == NULL &&
			    !options->no_prediction,
	};
	table_secrets(store->secrets, options->seed);
	if (store->causes.fin_timeout == 0)
		store->causes.fin_timeout = FIN_TIMEOUT_NS;
	pool_init(&store->flows, sizeof(struct flow));
	pool_init(&store->closings, sizeof(struct closing));
	pool_init(&store->texts, sizeof(struct kept_text));
	pool_init(&store->entered, sizeof(struct entered));
	store_packed_init(store, options->packs_at_once);
	init_parts(store, options->max_flows);
	if (store_rows_init(store) == -1)
		return -1;
	return init_tables(store);
}

void store_destroy(struct store *store)
{
	pool_end(&store->flows);
	pool_end(&store->closings);
	pool_end(&store->texts);
	pool_end(&store->entered);
	store_packed_end(store);
	for (int p = 0; p < store->part_count; p++)
		table_end(&store->tables[p]);
	store_rows_end(store);
}

uint64_t store_memory(const struct store *store)
{
	uint64_t tables = 0;

	for (int p = 0; p < store->part_count; p++)
		tables += table_memory(&store->tables[p]);
	return pool_memory(&store->flows) + pool_memory(&store->closings) + pool_memory(&store->texts) +
	       pool_memory(&store->entered) + store_packed_memory(store) + tables + store_rows_memory(store);
}

/* The flow stands on its pair behind a newer one, which is in the table. */
static void leave_newer(struct store *store, const struct flow *f, uint32_t hash)
{
	const struct segment pair = { .src = f->host[CLIENT],
				      .dst = f->host[SERVER],
				      .sport = f->port[CLIENT],
				      .dport = f->port[SERVER] };

	store_find(store, f->part, &pair, hash).flow->older = 0;
}

/* Takes the flow out of the table: an older or newer one on its pair stays. */
static void leave_table(struct store *store, uint32_t index, const struct flow *f)
{
	struct table *table = &store->tables[f->part];
	uint32_t hash = store_hash(store, f);
	bool left = f->older != 0 ? table_replace(table, hash, index, f->older)
				  : table_remove(table, hash, index);

	if (!left)
		leave_newer(store, f, hash);
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

static inline void leave_queue(struct store *store, uint32_t index, struct flow *f)
{
	struct part *part = &store->parts[f->part];

	if (f->list == QUEUE_CLOSED) {
		part->loose_count--;
		if (part->loose == index)
			part->loose = f->next;
	}
	queue_leave(store, &part->queues[f->list], index, f);
}

/* packet = the one that ends it, 0 = none does. */
static void end_record(struct store *store, uint32_t index, struct ending ending, uint64_t packet)
{
	struct flow *f = flow_at(store, index);

	if (changes_wanted(store))
		tell_end(store, index, &ending, packet);
	ending.time_wait = store->time_wait;
	leave_queue(store, index, f);
	leave_table(store, index, f);
	store->parts[f->part].count--;
	store_wait(store, &(struct waiting){ f->first_packet, index, f->closing, ending });
}

static void end_packed_record(struct store *store, uint32_t index, struct ending ending)
{
	const struct packed *packed = packed_at(store, index);
	struct part *part = &store->parts[packed->part];

	ending.time_wait = store->time_wait;
	queue_leave_any(store, &part->queues[QUEUE_CLOSED], index);
	(void)table_remove(&store->tables[packed->part], packed->hash, index);
	part->count--;
	store_wait(store, &(struct waiting){ packed->first_packet, index, 0, ending });
}

/* ---- when a record runs out ---- */

/* By what it is worth when memory is needed. */
static enum queue_name worth(const struct flow *f)
{
	const struct endpoint *client = &f->end[CLIENT], *server = &f->end[SERVER];
	bool established = f->bits & FLOW_ESTABLISHED;

	if (!established && server->packets == 0)
		return QUEUE_SYN;
	if (client->packets == 0 || server->packets == 0)
		return QUEUE_ONE_SIDED;
	if (!established)
		return QUEUE_HANDSHAKE;
	return (client->bits | server->bits) & END_FIN ? QUEUE_HALF_CLOSED : QUEUE_LIVE;
}

/* Queues are told apart where that matters: most flows go from one to the other only when they close. */
static enum queue_name queue_for(const struct store *store, const struct flow *f)
{
	enum queue_name name;

	if (f->bits & FLOW_CLOSED)
		return QUEUE_CLOSED;
	if (store->parts[f->part].crowded)
		return worth(f);
	name = store->syn_idle != store->idle ? worth(f) : QUEUE_LIVE;
	return name == QUEUE_SYN ? QUEUE_SYN : QUEUE_LIVE;
}

/* How far a flow whose packet bears an earlier time is moved forward to keep its queue in order. */
enum { OUT_OF_ORDER_MAX = 64 };

static void enqueue(struct store *store, uint32_t index, struct flow *f)
{
	struct part *part = &store->parts[f->part];
	struct queue *q = &part->queues[f->list];
	struct moment mine = store_deadline(store, f);
	uint32_t after = q->tail;

	/* Nothing runs out after what never does. */
	for (int i = 0; i < OUT_OF_ORDER_MAX && after != 0 && mine.ns != STORE_NEVER.ns; i++) {
		if (deadline_of(store, after).ns <= mine.ns)
			break;
		after = *prev_of(store, after);
	}
	queue_insert_after(store, q, index, f, after);
	if (f->list == QUEUE_CLOSED) {
		part->loose_count++;
		if (part->loose == f->next)
			part->loose = index;
	}
	if (changes_wanted(store) && mine.ns < store->due.ns)
		store->due = mine;
}

static void set_list(struct flow *f, enum queue_name name)
{
	f->list = (unsigned)name & FLOW_LIST_MASK;
}

void store_requeue(struct store *store, uint32_t index, struct flow *f, struct moment was)
{
	bool by_use = store->idle != 0 || store->parts[f->part].crowded; /* then queues are in that order */
	enum queue_name name = queue_for(store, f);

	if (f->list == name && (name == QUEUE_CLOSED ? store_deadline(store, f).ns == was.ns : !by_use))
		return;
	leave_queue(store, index, f);
	set_list(f, name);
	enqueue(store, index, f);
}

bool store_doubted(struct store *store, uint32_t index, struct mark by)
{
	struct knowledge before, after;
	struct closing *c;
	struct flow *f;

	if (store_is_packed(index)) /* none of those is */
		return false;
	f = flow_at(store, index);
	c = closing_of(store, f);
	if (!store_is_doubted(f, c))
		return false;
	before = knowledge_of(f);
	rst_take_back(f, c);
	after = knowledge_of(f);
	if (changes_wanted(store))
		changes_tell(store, index, &before, &after, by, CLIENT);
	return true;
}

static void run_out_packed(struct store *store, uint32_t index)
{
	const struct packed *packed = packed_at(store, index);

	end_packed_record(store, index,
			  (struct ending){ .at = deadline_of(store, index),
					   .why = packed->time_wait ? RECORD_TIME_WAIT : RECORD_CLOSED });
}

void store_run_out(struct store *store, uint32_t index)
{
	struct moment at;
	struct flow *f;

	if (store_is_packed(index)) {
		run_out_packed(store, index);
		return;
	}
	f = flow_at(store, index);
	at = store_deadline(store, f);
	if (f->list != QUEUE_CLOSED) {
		end_record(store, index, (struct ending){ .at = at, .why = RECORD_IDLE }, 0);
	} else if (store_doubted(store, index, (struct mark){ 0, at })) {
		store_requeue(store, index, f, at);
	} else {
		end_record(store, index,
			   (struct ending){ .at = at, .why = store_natural_end(f, closing_of(store, f)) }, 0);
	}
}

/* Those of its queues in which something may run out. */
static int queues_that_run_out(const struct store *store)
{
	return store->idle == 0 ? QUEUE_CLOSED + 1 : QUEUE_COUNT;
}

/* Ends what has run out in a part, so many of a queue at most; false: there may be more. */
static bool expire_some(struct store *store, struct part *part, int most)
{
	int queues = queues_that_run_out(store);
	bool all = true;
	uint32_t head;

	for (int name = 0; name < queues; name++) {
		int n = 0;

		while (n < most && (head = part->queues[name].head) != 0 &&
		       deadline_of(store, head).ns <= store->now.ns) {
			store_run_out(store, head);
			n++;
		}
		all = all && n < most;
	}
	return all;
}

static void expire_part(struct store *store, struct part *part)
{
	while (!expire_some(store, part, INT_MAX))
		;
}

/* What is over and has run out, in the first of all parts; n of them. */
static int heads_that_run_out(const struct store *store, uint32_t heads[static TRACKER_PARTS])
{
	int n = 0;

	for (int p = 0; p < store->part_count; p++) {
		uint32_t head = store->parts[p].queues[QUEUE_CLOSED].head;

		if (head != 0 && deadline_of(store, head).ns <= store->now.ns)
			heads[n++] = head;
	}
	return n;
}

/*
 * A flow that runs out has not been used for 2MSL and is far from the cache, and so are its evidence and its
 * slot in the table. Where these are is known once it is there, as is the flow after it. So all parts' queues
 * are walked along side by side, so many steps: while one flow comes, the others do. Whether one has run out
 * its evidence tells, which comes a step later.
 */
static void fetch_expiring(const struct store *store, int steps)
{
	uint32_t at[TRACKER_PARTS];
	int n = heads_that_run_out(store, at);

	for (int left = 0; steps > 0 && n > 0; steps--, n = left, left = 0) {
		for (int i = 0; i < n; i++) {
			uint32_t prev = *prev_of(store, at[i]), next = *next_of(store, at[i]);

			if (prev != 0 && deadline_of(store, prev).ns > store->now.ns)
				continue;
			store_fetch_parts(store, at[i]);
			if (next != 0) {
				store_fetch(store, next);
				at[left++] = next;
			}
		}
	}
}

/* The flow that runs out first, 0 = none does; and when is noted. */
static uint32_t first_to_run_out(struct store *store)
{
	int queues = queues_that_run_out(store);
	uint32_t first = 0;

	store->due = STORE_NEVER;
	for (int p = 0; p < store->part_count; p++) {
		for (int name = 0; name < queues; name++) {
			uint32_t head = store->parts[p].queues[name].head;

			if (head == 0 || deadline_of(store, head).ns >= store->due.ns)
				continue;
			store->due = deadline_of(store, head);
			first = head;
		}
	}
	return first;
}

/* As many as are fetched ahead. */
enum { EXPIRED_AT_ONCE = 16 };

void store_expire(struct store *store)
{
	uint32_t first;
	bool all = false;

	if (changes_wanted(store)) {
		while ((first = first_to_run_out(store)) != 0 && store->due.ns <= store->now.ns)
			store_run_out(store, first);
		return;
	}
	while (!all) {
		fetch_expiring(store, EXPIRED_AT_ONCE);
		all = true;
		for (int p = 0; p < store->part_count; p++)
			all = expire_some(store, &store->parts[p], EXPIRED_AT_ONCE) && all;
	}
}

/* Of what is over, what runs out first; 0 = nothing is over. */
static uint32_t first_closed(const struct store *store)
{
	uint32_t first = 0;

	for (int p = 0; p < store->part_count; p++) {
		uint32_t head = store->parts[p].queues[QUEUE_CLOSED].head;

		if (head != 0 && (first == 0 || deadline_of(store, head).ns < deadline_of(store, first).ns))
			first = head;
	}
	return first;
}

/* Nothing of the part was heard later than that; none is packed. Queues stay in their order. */
static void wait_from(struct store *store, int p, struct moment now)
{
	store->parts[p].quiet = now;
	for (int name = 0; name < QUEUE_COUNT; name++)
		for (uint32_t i = store->parts[p].queues[name].head; i != 0; i = flow_at(store, i)->next)
			if (flow_at(store, i)->last.ns > now.ns)
				flow_at(store, i)->last = now;
}

void store_set_back(struct store *store, struct moment now)
{
	uint32_t index;

	if (now.ns >= store->now.ns)
		return;
	store_expire(store);
	while ((index = first_closed(store)) != 0)
		store_run_out(store, index);
	store_flush_all(store);
	for (int p = 0; p < store->part_count; p++)
		wait_from(store, p, now);
	store->now = now;
	store_expire(store);
}

/* What is counted for a flow of that queue. */
static enum eviction eviction_of(const struct store *store, enum queue_name name, uint32_t index)
{
	static const enum eviction by_queue[QUEUE_COUNT] = {
		[QUEUE_SYN] = EVICTED_SYN,
		[QUEUE_CLOSED] = EVICTED_CLOSED,
		[QUEUE_ONE_SIDED] = EVICTED_ONE_SIDED,
		[QUEUE_HANDSHAKE] = EVICTED_HANDSHAKE,
		[QUEUE_HALF_CLOSED] = EVICTED_HALF_CLOSED,
		[QUEUE_LIVE] = EVICTED_ACTIVE,
	};

	if (name == QUEUE_LIVE &&
	    store->now.ns > moment_after(flow_at(store, index)->last, EVICTED_IDLE_NS).ns)
		return EVICTED_IDLE;
	return by_queue[name];
}

static void evict(struct store *store, const struct part *part)
{
	const struct ending evicted = { .at = store->now, .why = RECORD_EVICTED };
	enum queue_name name = QUEUE_SYN;
	uint32_t index;

	while (part->queues[name].head == 0)
		name++;
	index = part->queues[name].head;
	store->evicted[eviction_of(store, name, index)]++;
	store_doubted(store, index, (struct mark){ 0, store->now });
	if (store_is_packed(index))
		end_packed_record(store, index, evicted);
	else
		end_record(store, index, evicted, 0);
}

/*
 * From now on each flow is in the queue of what it is worth. Those that were all the same go to theirs in the
 * order they were in; that takes time for each, and so it is not undone before half of them have gone.
 */
static void crowd(struct store *store, struct part *part)
{
	part->crowded = true;
	for (uint32_t index = part->queues[QUEUE_LIVE].head, next; index != 0; index = next) {
		struct flow *f = flow_at(store, index);

		next = f->next;
		f->bits &= (uint16_t)~FLOW_PREDICTABLE; /* each use counts now */
		if (queue_for(store, f) != QUEUE_LIVE)
			store_requeue(store, index, f, STORE_NEVER);
	}
}

void store_make_room(struct store *store, int p)
{
	struct part *part = &store->parts[p];

	if (part->limit == 0 || (!part->crowded && part->count < part->limit / 2))
		return;
	expire_part(store, part);
	if (part->crowded && part->count < part->limit / 4)
		part->crowded = false;
	else if (!part->crowded && part->count >= part->limit / 2)
		crowd(store, part);
	while (part->count >= part->limit)
		evict(store, part);
}

void store_supersede(struct store *store, uint32_t index, bool accepted, uint64_t packet)
{
	struct flow *f = flow_at(store, index);

	store_doubted(store, index, (struct mark){ packet, store->now });
	end_record(store, index,
		   (struct ending){ .at = store->now,
				    .why = store_natural_end(f, closing_of(store, f)),
				    .reused = accepted },
		   packet);
}

uint32_t store_open(struct store *store, const struct segment *s, const struct tracker_key *key,
		    uint32_t older)
{
	uint32_t index = pool_take(&store->flows);
	int part = store_part(store, key);
	struct table *table = &store->tables[part];
	struct flow *f;

	if (index == 0)
		return 0;
	f = flow_at(store, index);
	f->older = older;
	if (older != 0)
		flow_at(store, older)->bits &= (uint16_t)~FLOW_PREDICTABLE;
	flow_open(f, s);
	if (changes_wanted(store) && pool_follow(&store->entered, index) == -1) {
		pool_give(&store->flows, index);
		return 0;
	}
	if (older != 0) {
		(void)table_replace(table, key->hash, older, index);
	} else if (table_add(table, key->hash, index) == -1) {
		pool_give(&store->flows, index);
		return 0;
	}
	f->part = (unsigned)part & FLOW_PART_MASK;
	set_list(f, queue_for(store, f));
	store->parts[f->part].count++;
	enqueue(store, index, f);
	if (store_count(store) > store->flows_peak)
		store->flows_peak = store_count(store);
	return index;
}

void store_withdraw(struct store *store, uint32_t index)
{
	struct flow *f = flow_at(store, index);

	leave_table(store, index, f);
	leave_queue(store, index, f);
	store->parts[f->part].count--;
	store_forget(store, index);
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
		f->bits &= (uint16_t)~FLOW_PREDICTABLE;
		f->closing = pool_take(&store->closings);
		if (f->closing != 0)
			closing_of(store, f)->idle = UNKNOWN_NS;
	}
	return closing_of(store, f);
}
