/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store.h - every connection that is known, from its first packet until its record ends and is reported.
 *
 * Part of the tracker: decides when a record ends (design/verdicts.md 8), in what order records are
 * reported, and which is given up when memory is needed. Flows are named by index, 0 = none. One that is over
 * may be packed (packed.h): its index is another one then, and says so.
 */
#ifndef LASTACK_ANALYZER_STORE_H
#define LASTACK_ANALYZER_STORE_H

#include "analyzer/fetch.h"
#include "analyzer/flow.h"
#include "analyzer/loss.h"
#include "analyzer/packed.h"
#include "analyzer/pool.h"
#include "analyzer/queue.h"
#include "analyzer/record.h"
#include "analyzer/report.h"
#include "analyzer/table.h"
#include "analyzer/tracker.h"

struct waiting;

/*
 * Some of the connections, always the same ones (tracker.h): what is given up for another, and in what order
 * things run out where time runs backwards, is decided within a part and depends on nothing else.
 */
struct part {
	struct queue queues[QUEUE_COUNT];
	uint64_t count, limit; /* flows whose record was not ended; of these at most, 0 = no limit */
	bool crowded;	       /* some may have to go soon: each flow is in the queue of what it is worth */
	uint32_t loose;	       /* first of QUEUE_CLOSED that was not looked at yet to be packed, 0 = none */
	uint32_t loose_count;  /* of QUEUE_CLOSED, not packed */
	struct moment quiet;   /* nothing is to be packed before this */
};

struct store {
	struct sink *sink;
	int64_t time_wait, idle, syn_idle; /* struct tracker_options has them */
	uint64_t seed, secrets[3];	   /* of the table's hash */
	struct cause_rules causes;
	struct losses losses;
	struct pool flows, closings, texts;
	struct pool packed[PACKED_SIZES];   /* by size */
	struct pool entered;		    /* goes along with flows, where sink->change is set */
	struct table tables[TRACKER_PARTS]; /* of each part: none is so large that its growth takes long */
	struct part parts[TRACKER_PARTS];
	int part_count, part_mask; /* all of TRACKER_PARTS, or one: part_count - 1 */
	bool predicts;	   /* segments that are as predicted go a shorter way: nobody wants to know of each */
	struct moment now; /* the greatest time so far */
	struct moment due; /* where changes are told: nothing runs out before this */
	struct waiting *waiting; /* ended, to be reported together */
	struct waiting *sorting; /* as much room, to put them in order */
	size_t waiting_count, waiting_room;
	uint64_t packed_count;
	uint32_t loose_max; /* of a part, before any is packed */
	int64_t quiet;	    /* ns that one is over before it is packed */
	bool unordered;	    /* memory did not suffice to put all rows in order */
	bool starved;	    /* it did not suffice to unpack the flow that store_find() was to find */
	uint64_t evicted[EVICTION_COUNT], flows_peak;
};

/* 0, or -1 with errno = ENOMEM; store_destroy() is due either way. sink is not owned. */
int store_init(struct store *store, const struct tracker_options *options, struct sink *sink);

void store_destroy(struct store *store);

/* Bytes held. */
uint64_t store_memory(const struct store *store);

static inline struct flow *flow_at(const struct store *store, uint32_t index)
{
	return pool_at_sized(&store->flows, index, sizeof(struct flow));
}

/* Of an index: whether its flow is packed; else it is in the pool of flows. */
static inline bool store_is_packed(uint32_t index)
{
	return index >> POOL_INDEX_BITS;
}

/* Whether it names a flow that is not packed: neither 0, none, nor packed. */
static inline bool store_is_flow(uint32_t index)
{
	return index - 1 < (1u << POOL_INDEX_BITS) - 1;
}

/* How long a packed object is. */
static inline size_t packed_size(uint32_t index)
{
	return PACKED_SIZE_LEAST + ((index >> POOL_INDEX_BITS) - 1) * PACKED_SIZE_STEP;
}

static inline struct packed *packed_at(const struct store *store, uint32_t index)
{
	return pool_at_sized(&store->packed[(index >> POOL_INDEX_BITS) - 1],
			     index & ((1u << POOL_INDEX_BITS) - 1), packed_size(index));
}

/* When each end entered each state of its way, as far as was told (changes.h). */
struct entered {
	struct moment at[2][STATES_MAX]; /* by enum side */
};

static inline struct entered *entered_at(const struct store *store, uint32_t index)
{
	return pool_at_sized(&store->entered, index, sizeof(struct entered));
}

static inline void store_prefetch(const struct store *store, uint32_t index)
{
	const char *flow = (const char *)flow_at(store, index);

	/* A flow is four lines. */
	__builtin_prefetch(flow, 1);
	__builtin_prefetch(flow + 64, 1);
	__builtin_prefetch(flow + 128, 1);
	fetch_line(flow + 192);
}

static inline void store_prefetch_closing(const struct store *store, uint32_t closing)
{
	if (closing != 0)
		prefetch(pool_at_sized(&store->closings, closing, sizeof(struct closing)),
			 sizeof(struct closing));
}

/* NULL while nothing of its ending was seen. */
static inline struct closing *closing_of(const struct store *store, const struct flow *f)
{
	return f->closing == 0 ? NULL : pool_at_sized(&store->closings, f->closing, sizeof(struct closing));
}

/* The flow's closing evidence, made now if there is none; NULL with errno = ENOMEM. */
struct closing *store_need_closing(struct store *store, struct flow *f);

/*
 * Keeps what the RST that decided says, if it says anything. 0, or -1 with errno = ENOMEM.
 */
int store_keep_text(struct store *store, struct closing *closing, const struct segment *rst);

/* The table_hash() of its pair. */
static inline uint32_t store_hash(const struct store *store, const struct flow *f)
{
	return table_hash_pair(&f->host[CLIENT], f->port[CLIENT], &f->host[SERVER], f->port[SERVER],
			       store->secrets);
}

/* Flows whose record has not ended. */
static inline uint64_t store_count(const struct store *store)
{
	return store->flows.count + store->packed_count - store->waiting_count;
}

/* The part of a segment. */
static inline int store_part(const struct store *store, const struct tracker_key *key)
{
	return tracker_part(key) & store->part_mask;
}

/* A flow, and which of its ends has sent a segment. */
struct found {
	struct flow *flow; /* NULL = none */
	uint32_t index;
	enum side side;
};

/* The flow of that index, which is one of the segment's pair. */
static inline struct found store_found(const struct store *store, uint32_t index, const struct segment *s)
{
	struct flow *f = flow_at(store, index);

	return (struct found){ f, index, flow_side(f, s) };
}

/*
 * The flow that most likely is the newest on the pair whose table_hash() is 'hash', of that part; 0 = there
 * is none, or it is not known, or packed. May be any flow that there is, or was.
 */
static inline uint32_t store_guess(const struct store *store, int part, uint32_t hash)
{
	uint32_t index = table_glance(&store->tables[part], hash).flow;

	return index < store->flows.used ? index : 0;
}

/* The index of the newest flow on the segment's pair, whose table_hash() is 'hash', of that part; 0 = none.
 */
uint32_t store_find_index(const struct store *store, int part, const struct segment *s, uint32_t hash);

/* Part of store_find(): looks at all slots where it may be, and unpacks it if it is packed. */
struct found store_search(struct store *store, int part, const struct segment *s, uint32_t hash);

/* The newest flow on the segment's pair, likewise; it is not packed any more. None may also mean that it is
 * there and cannot be had: store_is_starved(). */
static inline struct found store_find(struct store *store, int part, const struct segment *s, uint32_t hash)
{
	struct table_glance first = table_glance(&store->tables[part], hash);

	if (first.sure && store_is_flow(first.flow)) {
		struct found found = store_found(store, first.flow, s);

		if (flow_is_of(found.flow, s, found.side))
			return found;
	}
	return store_search(store, part, s, hash);
}

/* Whether the last store_find() failed, with errno = ENOMEM. To be asked once. */
static inline bool store_is_starved(struct store *store)
{
	bool starved = store->starved;

	store->starved = false;
	return starved;
}

/*
 * A new flow for the segment, which is not applied yet. older = the flow on its pair whose place it takes
 * and that lives on beside it, 0 = none. 0 with errno = ENOMEM.
 */
uint32_t store_open(struct store *store, const struct segment *segment, const struct tracker_key *key,
		    uint32_t older);

/* Undoes store_open() of a flow that has an older one: that has its pair back. No record is reported. */
void store_withdraw(struct store *store, uint32_t index);

/*
 * What has run out need not be looked for with every segment: whoever finds a flow asks whether it has
 * (store_has_run_out()), and the others end when somebody would notice, with store_expire(). Where changes
 * are told, in order of time, they end as soon as time has moved on.
 */

/* Ends what has run out. */
void store_expire(struct store *store);

/* Moves the time on, never back. */
static inline void store_tick(struct store *store, struct moment now)
{
	if (now.ns > store->now.ns)
		store->now = now;
	if (store->now.ns >= store->due.ns)
		store_expire(store);
}

/* Ends one that has run out; unless it turns out that it goes on. */
void store_run_out(struct store *store, uint32_t index);

/* The time is earlier now. Ends what is over, in the order in which it would have run out. */
void store_set_back(struct store *store, struct moment now);

#define STORE_NEVER ((struct moment){ INT64_MAX })

static inline struct moment moment_after(struct moment at, int64_t ns)
{
	return (struct moment){ at.ns > INT64_MAX - ns ? INT64_MAX : at.ns + ns };
}

/* Reports what ended before now; what ends now waits, as more may, and they go in order. */
void store_flush(struct store *store);

/* Reports all that has ended. */
void store_flush_all(struct store *store);

/* When the flow runs out, as it is. */
static inline struct moment store_deadline(const struct store *store, const struct flow *f)
{
	int64_t idle = f->list == QUEUE_SYN ? store->syn_idle : store->idle;

	if (f->list == QUEUE_CLOSED)
		return moment_after(flow_closed_at(closing_of(store, f)), store->time_wait);
	return idle == 0 ? STORE_NEVER : moment_after(f->last, idle);
}

static inline bool store_has_run_out(const struct store *store, const struct flow *f)
{
	return store_deadline(store, f).ns <= store->now.ns;
}

/* After a segment was applied: whether the flow certainly is where it belongs. Most are. */
static inline bool store_is_in_place(const struct store *store, const struct flow *f)
{
	return f->list == QUEUE_LIVE && !(f->bits & FLOW_CLOSED) && store->idle == 0 &&
	       !store->parts[f->part].crowded;
}

/* Puts the flow where it belongs now; 'was' is its deadline before the segment. */
void store_requeue(struct store *store, uint32_t index, struct flow *f, struct moment was);

/* Packs what is over and was quiet for some time, where there is much of it. */
void store_pack(struct store *store);

/* The first packet of a flow, packed or not. */
static inline uint64_t store_first_packet(const struct store *store, uint32_t index)
{
	return store_is_packed(index) ? packed_at(store, index)->first_packet
				      : flow_at(store, index)->first_packet;
}

/* Makes the record of a flow as it is now, as if the observation ended. */
void store_look(const struct store *store, uint32_t index, struct record *record);

/* A newer connection has the pair from now on, as 'packet' shows; accepted = by a SYN that was answered. */
void store_supersede(struct store *store, uint32_t index, bool accepted, uint64_t packet);

/*
 * Sees to it that one more flow may be opened in a part: gives up the least recently used of the first queue
 * that has any (as far as that is known: from when the part was crowded), while there are too many. Ends what
 * has run out there before it does.
 */
void store_make_room(struct store *store, int part);

/* The observation is over: ends every record, and takes no memory for it. 0, or -1 with errno = ENOMEM: some
 * rows, these or earlier ones, are not in order. */
int store_finish(struct store *store);

#endif
