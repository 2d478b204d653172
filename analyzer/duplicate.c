/* SPDX-License-Identifier: GPL-2.0-or-later */
/* duplicate.c - see duplicate.h. */
#include "analyzer/duplicate.h"

enum { TIME_SHIFT = 10, WINDOW = 1000000 >> TIME_SHIFT };

/* Two 64-bit words into one; as good as needed, keyed by the seed. */
static uint64_t mix(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)(a ^ 0x9e3779b97f4a7c15u) * (b ^ 0xe7037ed1a0b428dbu);

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t duplicate_fingerprint(const struct duplicates *d, const struct segment *s, uint32_t flow_hash)
{
	uint64_t numbers = (uint64_t)s->seq.n << 32 | s->ack.n;
	uint64_t shape = (uint64_t)s->ip_id << 48 | (uint64_t)s->checksum << 32 | (s->len << 8 ^ s->flags);
	/* The port tells the directions apart; the flow's hash does not. */
	uint64_t whose = (uint64_t)flow_hash << 32 | (uint64_t)s->sport << 16;

	/* Where the IP ID does not tell segments apart, the timestamps option must. */
	if (s->ip_id == 0)
		whose ^= s->tsval;
	return mix(numbers ^ d->seed, shape ^ mix(whose, d->seed));
}

static inline size_t slot_of(uint64_t fingerprint)
{
	return (uint32_t)fingerprint % DUPLICATE_SLOTS;
}

void duplicate_prefetch(const struct duplicates *d, uint64_t fingerprint, uint32_t flow_hash)
{
	__builtin_prefetch(&d->slots[flow_hash % DUPLICATE_PARTS][slot_of(fingerprint)], 1);
}

bool duplicate_seen(struct duplicates *d, uint64_t fingerprint, uint32_t flow_hash, struct moment at)
{
	struct duplicate_slot *slot = &d->slots[flow_hash % DUPLICATE_PARTS][slot_of(fingerprint)];
	uint32_t print = (uint32_t)(fingerprint >> 32) | 1; /* 0 = never used */
	uint32_t now = (uint32_t)((uint64_t)at.ns >> TIME_SHIFT);
	int32_t since = (int32_t)(now - slot->time);

	if (slot->fingerprint == print && since <= WINDOW && since >= -WINDOW)
		return true;
	slot->fingerprint = print;
	slot->time = now;
	return false;
}
