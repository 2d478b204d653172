/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fragment4.c - check IPv4 fragments, and keep the list of datagrams that wait for more of them. */
#include "dissect/fragment4.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <xxhash.h>

#include "dissect/cursor.h"
#include "dissect/pieces.h"
#include "dissect/reassemble.h"

enum {
	NONE = 0, /* no slot: links hold the slot's number plus one, so that zeroed memory is an empty table
		   */
	EXPIRED_AT_ONCE = 4, /* per fragment; each adds at most one datagram, so more than one is enough */
	SLOTS_MAX = 1 << 20,
	PAYLOAD_MAX = 65535,

	/*
	 * What a waiting datagram and each of its pieces take, malloc's share included: here, and in libnids
	 * (ip_fragment.c: struct hostfrags, ipq and a header; struct ipfrag, sk_buff and a header).
	 */
	DATAGRAM_BYTES = 384,
	PIECE_BYTES = 160,

	/* What libnids itself charges, and where it starts to throw away (ip_fragment.c; sk_buff_size = 0).
	 */
	NIDS_DATAGRAM = 96 + 72,
	NIDS_PIECE = 48 + 20 + 16 + 15,
	NIDS_LIMIT = 256 * 1024,
};

struct waiting {
	struct fragment4_key key;
	struct pieces pieces; /* of its payload; none = this slot is free */
	struct moment first;
	uint32_t chain;	       /* next in the bucket, or on the free list */
	uint32_t older, newer; /* by arrival */
	uint32_t held;	       /* bytes, as f->held counts */
	uint32_t charged;      /* bytes, as libnids counts */
};

struct fragments4 {
	struct waiting *slots;
	uint32_t *buckets;
	uint32_t n_slots, bucket_mask;
	uint32_t fresh;	     /* slots from this one on were never used */
	uint32_t free_chain; /* used before, free now */
	uint32_t oldest, newest;
	size_t memory, held;
	uint64_t seed, given_up;
	uint64_t steps; /* along chains */
	fragments4_drop *drop;
	void *context;
};

bool fragment4_read(struct fragment4 *fragment, const uint8_t *packet, size_t length)
{
	size_t header, total, offset, end;
	uint16_t field;

	if (length < 20 || packet[0] >> 4 != 4)
		return false;
	header = (size_t)(packet[0] & 0x0f) * 4;
	total = bytes_be16(packet + 2);
	field = bytes_be16(packet + 6);
	/* RFC 791 3.1; and a fragment of no bytes would never end. */
	if (header < 20 || total <= header || length < total || (field & 0x3fff) == 0)
		return false;
	offset = (size_t)(field & 0x1fff) * 8;
	end = offset + total - header;
	if (end + header > PAYLOAD_MAX)
		return false; /* the "ping of death" */
	*fragment = (struct fragment4){
		.key = { .id = bytes_be16(packet + 4), .proto = packet[9] },
		.tos = packet[1],
		.ttl = packet[8],
		.more = field & 0x2000,
		.offset = (uint16_t)offset,
		.end = (uint16_t)end,
		.payload = packet + header,
	};
	memcpy(fragment->key.src, packet + 12, 4);
	memcpy(fragment->key.dst, packet + 16, 4);
	/* RFC 791 3.2: all but the last are multiples of 8 octets. */
	return !fragment->more || (total - header) % 8 == 0;
}

static size_t power_of_two(size_t at_least)
{
	size_t n = 1;

	while (n < at_least)
		n *= 2;
	return n;
}

struct fragments4 *fragments4_new(size_t memory, fragments4_drop *drop, void *context)
{
	size_t slots = memory / (DATAGRAM_BYTES + PIECE_BYTES);
	struct fragments4 *f = calloc(1, sizeof *f);
	size_t buckets;

	if (!f)
		return NULL;
	if (slots < 1)
		slots = 1;
	if (slots > SLOTS_MAX)
		slots = SLOTS_MAX;
	buckets = power_of_two(slots);
	f->slots = calloc(slots, sizeof *f->slots);
	f->buckets = calloc(buckets, sizeof *f->buckets);
	f->n_slots = (uint32_t)slots;
	f->bucket_mask = (uint32_t)(buckets - 1);
	f->memory = memory;
	f->drop = drop;
	f->context = context;
	if (!f->slots || !f->buckets || getrandom(&f->seed, sizeof f->seed, 0) != sizeof f->seed) {
		int error = errno;

		fragments4_free(f);
		errno = error;
		return NULL;
	}
	return f;
}

uint32_t fragments4_slots(const struct fragments4 *f)
{
	return f->n_slots;
}

static struct waiting *at_link(const struct fragments4 *f, uint32_t link)
{
	return link == NONE ? NULL : &f->slots[link - 1];
}

static uint32_t slot_of(const struct fragments4 *f, const struct waiting *w)
{
	return (uint32_t)(w - f->slots);
}

static uint32_t *bucket_of(const struct fragments4 *f, const struct fragment4_key *key)
{
	return &f->buckets[XXH3_64bits_withSeed(key, sizeof *key, f->seed) & f->bucket_mask];
}

static struct waiting *find(struct fragments4 *f, const struct fragment4_key *key)
{
	struct waiting *w = at_link(f, *bucket_of(f, key));

	for (; w && memcmp(&w->key, key, sizeof *key) != 0; w = at_link(f, w->chain))
		f->steps++;
	return w;
}

static void unlink_bucket(struct fragments4 *f, const struct waiting *w)
{
	uint32_t *link = bucket_of(f, &w->key);

	for (; at_link(f, *link) != w; f->steps++)
		link = &f->slots[*link - 1].chain;
	*link = w->chain;
}

static void unlink_age(struct fragments4 *f, const struct waiting *w)
{
	struct waiting *older = at_link(f, w->older), *newer = at_link(f, w->newer);

	*(older ? &older->newer : &f->oldest) = w->newer;
	*(newer ? &newer->older : &f->newest) = w->older;
}

static void forget(struct fragments4 *f, struct waiting *w)
{
	uint32_t link = slot_of(f, w) + 1;

	unlink_bucket(f, w);
	unlink_age(f, w);
	f->held -= w->held;
	free(w->pieces.piece);
	*w = (struct waiting){ .chain = f->free_chain };
	f->free_chain = link;
}

static void give_up(struct fragments4 *f, struct waiting *w)
{
	f->given_up++;
	f->drop(f->context, slot_of(f, w), &w->key);
	forget(f, w);
}

static struct waiting *take_slot(struct fragments4 *f)
{
	struct waiting *w;

	if (f->free_chain == NONE && f->fresh == f->n_slots)
		give_up(f, at_link(f, f->oldest));
	w = at_link(f, f->free_chain);
	if (!w)
		return &f->slots[f->fresh++];
	f->free_chain = w->chain;
	return w;
}

static struct waiting *begin(struct fragments4 *f, struct moment at, const struct fragment4_key *key)
{
	struct waiting *w = take_slot(f), *newest = at_link(f, f->newest);
	uint32_t *bucket = bucket_of(f, key), link = slot_of(f, w) + 1;

	*w = (struct waiting){
		.key = *key,
		.first = at,
		.chain = *bucket,
		.older = f->newest,
		.held = DATAGRAM_BYTES,
		.charged = NIDS_DATAGRAM,
	};
	f->held += w->held;
	*bucket = link;
	*(newest ? &newest->newer : &f->oldest) = link;
	f->newest = link;
	return w;
}

/* Packet times come from the capture: the difference of two can be anything. */
static bool later_by_timeout(struct moment a, struct moment b)
{
	int64_t age;

	if (__builtin_sub_overflow(a.ns, b.ns, &age))
		return a.ns > b.ns;
	return age >= REASSEMBLE_TIMEOUT_NS;
}

static void expire(struct fragments4 *f, struct moment at)
{
	for (int i = 0; i < EXPIRED_AT_ONCE; i++) {
		struct waiting *w = at_link(f, f->oldest);

		if (!w || !later_by_timeout(at, w->first))
			return;
		give_up(f, w);
	}
}

static bool make_room(struct fragments4 *f, size_t bytes)
{
	while (f->held + bytes > f->memory && f->oldest != NONE)
		give_up(f, at_link(f, f->oldest));
	return f->held + bytes <= f->memory;
}

/* The datagram of a fragment if it waits and is not too old, or, if time ran back, too young. */
static struct waiting *find_in_time(struct fragments4 *f, struct moment at, const struct fragment4_key *key)
{
	struct waiting *w = find(f, key);

	if (w && (later_by_timeout(at, w->first) || later_by_timeout(w->first, at))) {
		give_up(f, w);
		return NULL;
	}
	return w;
}

static enum fragment4_result take(struct fragments4 *f, struct waiting *w, const struct piece *piece,
				  bool last)
{
	uint32_t length = (uint32_t)(piece->end - piece->start), bytes = PIECE_BYTES + ((length + 15) & ~15U);

	w->charged += NIDS_PIECE + length;
	if (w->charged > NIDS_LIMIT || !pieces_add(&w->pieces, piece, last)) {
		give_up(f, w);
		return FRAGMENT4_REFUSED;
	}
	w->held += bytes;
	f->held += bytes;
	if (w->pieces.received == w->pieces.total)
		return FRAGMENT4_COMPLETE;
	return w->pieces.count == 1 ? FRAGMENT4_FIRST : FRAGMENT4_TAKEN;
}

enum fragment4_result fragments4_add(struct fragments4 *f, struct moment at, const struct fragment4 *fragment,
				     uint32_t *slot)
{
	size_t length = (size_t)(fragment->end - fragment->offset);
	struct piece piece = { .start = fragment->offset, .end = fragment->end };
	enum pieces_fit fit = PIECES_FIT;
	struct waiting *w;

	piece.hash = (uint32_t)XXH3_64bits_withSeed(fragment->payload, length, f->seed);
	expire(f, at);
	w = find_in_time(f, at, &fragment->key);
	if (w)
		fit = pieces_fit(&w->pieces, &piece, !fragment->more);
	if (fit == PIECES_CONFLICT)
		give_up(f, w);
	if (fit == PIECES_CONFLICT || fit == PIECES_BRINGS_NOTHING)
		return FRAGMENT4_REFUSED;
	if (fit == PIECES_SAME) {
		*slot = slot_of(f, w);
		return FRAGMENT4_DUPLICATE;
	}
	if (!make_room(f, DATAGRAM_BYTES + PIECE_BYTES + length + 15))
		return FRAGMENT4_REFUSED;
	if (!w || w->pieces.count == 0) /* it may have been the oldest, and have made room for itself */
		w = begin(f, at, &fragment->key);
	*slot = slot_of(f, w);
	return take(f, w, &piece, !fragment->more);
}

uint16_t fragments4_length(const struct fragments4 *f, uint32_t slot)
{
	return f->slots[slot].pieces.total;
}

void fragments4_release(struct fragments4 *f, uint32_t slot)
{
	forget(f, &f->slots[slot]);
}

void fragments4_drop_all(struct fragments4 *f)
{
	while (f->oldest != NONE)
		give_up(f, at_link(f, f->oldest));
}

uint64_t fragments4_given_up(const struct fragments4 *f)
{
	return f->given_up;
}

size_t fragments4_held(const struct fragments4 *f)
{
	return f->held;
}

uint64_t fragments4_steps(const struct fragments4 *f)
{
	return f->steps;
}

void fragments4_free(struct fragments4 *f)
{
	if (!f)
		return;
	for (uint32_t link = f->oldest; link != NONE; link = f->slots[link - 1].newer)
		free(f->slots[link - 1].pieces.piece);
	free(f->slots);
	free(f->buckets);
	free(f);
}
