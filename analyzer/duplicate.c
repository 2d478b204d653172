/* SPDX-License-Identifier: GPL-2.0-or-later */
/* duplicate.c - see duplicate.h. */
#include "analyzer/duplicate.h"

#include <endian.h>
#include <string.h>

enum { TIME_SHIFT = 10, WINDOW = 1000000 >> TIME_SHIFT };

/* Two 64-bit words into one. */
static inline uint64_t mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)(a ^ 0x9e3779b97f4a7c15u) * (b ^ 0xe7037ed1a0b428dbu);

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Both ends in one word, the same for both directions and on every machine. */
static inline uint64_t pair_of(const struct segment *s)
{
	uint64_t src[2], dst[2];

	memcpy(src, &s->src, sizeof src);
	memcpy(dst, &s->dst, sizeof dst);
	for (int i = 0; i < 2; i++) {
		src[i] = le64toh(src[i]);
		dst[i] = le64toh(dst[i]);
	}
	return (src[0] + dst[0]) * 3 ^ (src[1] + dst[1]) ^ (uint64_t)(s->sport ^ s->dport) << 20;
}

/* Spreads a word over a power of two of places, by its upper bits. */
static inline uint32_t spread(uint64_t word, unsigned places)
{
	return (uint32_t)((word * 0x9e3779b97f4a7c15u >> 32) * places >> 32);
}

struct duplicate_key duplicate_key(const struct segment *s, uint64_t seed)
{
	uint64_t numbers = (uint64_t)s->seq.n << 32 | s->ack.n;
	uint64_t shape = (uint64_t)s->ip_id << 48 | (uint64_t)s->checksum << 32 | (s->len << 8 ^ s->flags);
	uint64_t pair = pair_of(s);

	/* Where the IP ID does not tell segments apart, the timestamps option must. */
	if (s->ip_id == 0)
		shape ^= (uint64_t)s->tsval << 16;
	return (struct duplicate_key){
		.place = spread(pair, DUPLICATE_PARTS) * DUPLICATE_SLOTS +
			 spread(numbers ^ numbers >> 32 ^ shape ^ shape >> 32, DUPLICATE_SLOTS),
		/* The source port tells the directions apart. */
		.print = (uint32_t)(mix(numbers ^ seed, shape ^ pair ^ (uint64_t)s->sport << 40) >> 32) | 1,
	};
}

bool duplicate_seen(struct duplicates *d, struct duplicate_key key, struct moment at)
{
	struct duplicate_slot *slot = &d->slots[key.place];
	uint32_t now = (uint32_t)((uint64_t)at.ns >> TIME_SHIFT);
	int32_t since = (int32_t)(now - slot->time);

	if (slot->print == key.print && since <= WINDOW && since >= -WINDOW)
		return true;
	slot->print = key.print;
	slot->time = now;
	return false;
}
