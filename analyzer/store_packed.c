/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store_packed.c - what is over waits for 2MSL, and where there is much of it, it waits packed; see store.h.
 *
 * Of each part's queue of what is over the first are packed, up to 'loose'. Nothing but its size tells a
 * packed flow from another: whatever it is needed for, it is unpacked and the same again.
 */
#include "analyzer/changes.h"
#include "analyzer/store_parts.h"
#include "analyzer/store_queue.h"

/*
 * So many in each part stay as they are, so that who has less of them pays nothing; and so long each of them
 * does: most of what comes late (a FIN again) comes soon.
 */
enum { LOOSE_MAX = 1536 };
#define QUIET_NS 1000000000

void store_packed_init(struct store *store, bool at_once)
{
	for (int i = 0; i < PACKED_SIZES; i++) {
		pool_init(&store->packed[i], PACKED_SIZE_LEAST + (unsigned)i * PACKED_SIZE_STEP);
		store->packed[i].sparse = true;
	}
	store->quiet = at_once ? 0 : QUIET_NS;
	store->loose_max = at_once ? 0 : LOOSE_MAX;
}

void store_packed_end(struct store *store)
{
	for (int i = 0; i < PACKED_SIZES; i++)
		pool_end(&store->packed[i]);
}

uint64_t store_packed_memory(const struct store *store)
{
	uint64_t memory = 0;

	for (int i = 0; i < PACKED_SIZES; i++)
		memory += pool_memory(&store->packed[i]);
	return memory;
}

/* ---- queues with packed ones in them ---- */

/* What names the flow from before it, and from behind. */
static uint32_t *link_to(const struct store *store, struct queue *q, uint32_t prev)
{
	return prev != 0 ? next_of(store, prev) : &q->head;
}

static uint32_t *link_back_to(const struct store *store, struct queue *q, uint32_t next)
{
	return next != 0 ? prev_of(store, next) : &q->tail;
}

void queue_leave_any(const struct store *store, struct queue *q, uint32_t index)
{
	uint32_t prev = *prev_of(store, index), next = *next_of(store, index);

	*link_to(store, q, prev) = next;
	*link_back_to(store, q, next) = prev;
	*prev_of(store, index) = *next_of(store, index) = 0;
}

static void put_between(const struct store *store, struct queue *q, uint32_t index, uint32_t prev,
			uint32_t next)
{
	*prev_of(store, index) = prev;
	*next_of(store, index) = next;
	*link_to(store, q, prev) = index;
	*link_back_to(store, q, next) = index;
}

void queue_insert_after_any(const struct store *store, struct queue *q, uint32_t index, uint32_t after)
{
	put_between(store, q, index, after, *link_to(store, q, after));
}

void queue_replace(const struct store *store, struct queue *q, uint32_t index, uint32_t by)
{
	put_between(store, q, by, *prev_of(store, index), *next_of(store, index));
}

/* ---- fetching ---- */

void store_fetch(const struct store *store, uint32_t index)
{
	if (store_is_flow(index))
		store_prefetch(store, index);
	else if (index != 0)
		prefetch(packed_at(store, index), packed_size(index));
}

void store_fetch_parts(const struct store *store, uint32_t index)
{
	if (store_is_packed(index)) {
		const struct packed *packed = packed_at(store, index);

		table_prefetch(&store->tables[packed->part], packed->hash);
	} else {
		const struct flow *f = flow_at(store, index);

		store_prefetch_closing(store, f->closing);
		table_prefetch(&store->tables[f->part], store_hash(store, f));
	}
}

void store_fetch_successors(const struct store *store, uint32_t next)
{
	if (next == 0)
		return;
	store_fetch_parts(store, next);
	store_fetch(store, *next_of(store, next));
}

/* ---- packing ---- */

/* An object for it; 0 where it is too large, or errno = ENOMEM. */
static uint32_t take_object(struct store *store, const struct packing *packing)
{
	uint32_t which = 0, index;

	if (packing->size > PACKED_SIZE_LEAST)
		which = (uint32_t)(packing->size - PACKED_SIZE_LEAST + PACKED_SIZE_STEP - 1) /
			PACKED_SIZE_STEP;
	if (which >= PACKED_SIZES)
		return 0;
	index = pool_take(&store->packed[which]);
	return index == 0 ? 0 : (which + 1) << POOL_INDEX_BITS | index;
}

static void give_object(struct store *store, uint32_t index)
{
	pool_give(&store->packed[(index >> POOL_INDEX_BITS) - 1], index & ((1u << POOL_INDEX_BITS) - 1));
}

/* Nothing holds it as it is: no other flow on its pair, and no RST that time may show to be none. */
static bool may_be_packed(const struct flow *f, const struct closing *c)
{
	return f->older == 0 && !store_is_doubted(f, c);
}

static void pack_flow(struct store *store, uint32_t index)
{
	struct flow *f = flow_at(store, index);
	struct closing *c = closing_of(store, f);
	const uint32_t hash = store_hash(store, f);
	struct packing packing;
	uint32_t by;

	if (!may_be_packed(f, c))
		return;
	pack(f, c, &packing);
	by = take_object(store, &packing);
	if (by == 0)
		return;
	/* The older one of two on a pair is not in the table. */
	if (!table_replace(&store->tables[f->part], hash, index, by)) {
		give_object(store, by);
		return;
	}
	*packed_at(store, by) = (struct packed){
		.closed_at = flow_closed_at(c),
		.first_packet = f->first_packet,
		.hash = hash,
		.part = f->part,
		.time_wait = store_natural_end(f, c) == RECORD_TIME_WAIT,
	};
	packing_put(&packing, packed_at(store, by), packed_size(by));
	queue_replace(store, &store->parts[f->part].queues[QUEUE_CLOSED], index, by);
	store->parts[f->part].loose_count--;
	store->packed_count++;
	c->text = 0; /* it is the packed one's now */
	store_forget(store, index);
}

static void pack_part(struct store *store, struct part *part)
{
	while (part->loose != 0 && part->loose_count > store->loose_max) {
		uint32_t index = part->loose;
		const struct flow *f = flow_at(store, index);

		part->quiet = moment_after(flow_closed_at(closing_of(store, f)), store->quiet);
		if (part->quiet.ns > store->now.ns)
			break;
		store_fetch_successors(store, f->next);
		part->loose = f->next;
		pack_flow(store, index);
	}
}

void store_pack(struct store *store)
{
	if (changes_wanted(store)) /* 'entered' goes along with flows */
		return;
	for (int p = 0; p < store->part_count; p++) {
		struct part *part = &store->parts[p];

		if (part->loose_count > store->loose_max && part->quiet.ns <= store->now.ns)
			pack_part(store, part);
	}
}

/* ---- finding, and unpacking ---- */

static bool is_of(const struct store *store, uint32_t index, const struct segment *s)
{
	struct closing c;
	struct flow f;

	if (!store_is_packed(index)) {
		struct found found = store_found(store, index, s);

		return flow_is_of(found.flow, s, found.side);
	}
	unpack(packed_at(store, index), packed_size(index), &f, &c);
	return flow_is_of(&f, s, flow_side(&f, s));
}

uint32_t store_find_index(const struct store *store, int part, const struct segment *s, uint32_t hash)
{
	const struct table *table = &store->tables[part];
	uint32_t at, index = table_find(table, hash, table_home(table, hash), &at);

	while (index != 0 && !is_of(store, index, s))
		index = table_find(table, hash, at + 1, &at);
	return index;
}

void store_forget_packed(struct store *store, uint32_t index)
{
	give_object(store, index);
	store->packed_count--;
}

/* Its index from now on; 0 with errno = ENOMEM: it stays packed. */
static uint32_t unpack_flow(struct store *store, uint32_t index)
{
	const struct packed *packed = packed_at(store, index);
	struct part *part = &store->parts[packed->part];
	uint32_t by = pool_take(&store->flows), closing = pool_take(&store->closings);
	struct flow *f;

	if (by == 0 || closing == 0) {
		if (by != 0)
			pool_give(&store->flows, by);
		if (closing != 0)
			pool_give(&store->closings, closing);
		return 0;
	}
	f = flow_at(store, by);
	unpack(packed, packed_size(index), f, pool_at(&store->closings, closing));
	f->closing = closing;
	(void)table_replace(&store->tables[packed->part], packed->hash, index, by);
	queue_replace(store, &part->queues[QUEUE_CLOSED], index, by);
	part->loose_count++;
	store_forget_packed(store, index);
	return by;
}

struct found store_search(struct store *store, int part, const struct segment *s, uint32_t hash)
{
	uint32_t index = store_find_index(store, part, s, hash), by = index;

	if (index == 0)
		return (struct found){ 0 };
	if (store_is_packed(index))
		by = unpack_flow(store, index);
	store->starved = by == 0;
	return by == 0 ? (struct found){ 0 } : store_found(store, by, s);
}
