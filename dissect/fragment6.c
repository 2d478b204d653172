// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fragment6.c - IPv6 fragments in, whole payloads out.
 *
 * Packets that wait are in a hash table, keyed so that nobody can aim collisions at it, and in a list by age.
 * Every packet is made once, and leaves once from the list's old end or by its key, so the work per fragment
 * is constant: one look-up, and a walk over at most FRAGMENTS_MAX fragments of the same packet.
 *
 * A packet that was given up for an overlap stays, without its fragments, until it expires: those that are
 * yet to come belong to nothing (RFC 5722 4).
 */
#include "dissect/fragment6.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum {
	BUCKETS = 4096,
	FRAGMENTS_MAX = 128, /* 65,535 bytes take 54 at the smallest MTU that IPv6 has */
	PAYLOAD_MAX = 65535,
	MALLOC_OVERHEAD = 16,
};

struct piece {
	struct piece *next; /* by offset */
	uint32_t offset, length;
	uint8_t bytes[];
};

struct waiting {
	struct waiting *chain;	       /* same bucket */
	struct waiting *older, *newer; /* by age */
	struct host src, dst;
	uint32_t id;
	struct moment first;
	struct piece *pieces, *last;
	uint32_t count;	 /* pieces */
	uint32_t length; /* bytes in them; they never overlap */
	uint32_t total;	 /* length of the whole, 0 = the last fragment has not come */
	uint8_t next_header;
	bool given_up; /* overlapped: a tombstone */
};

struct fragments6 {
	size_t memory, used;
	uint64_t seed;
	uint64_t given_up;
	struct waiting *oldest, *newest;
	struct waiting *buckets[BUCKETS];
	uint8_t payload[PAYLOAD_MAX];
};

struct fragments6 *fragments6_new(size_t memory)
{
	struct fragments6 *f = calloc(1, sizeof *f);

	if (!f)
		return NULL;
	f->memory = memory;
	if (getrandom(&f->seed, sizeof f->seed, 0) != sizeof f->seed) {
		free(f);
		return NULL;
	}
	return f;
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9fb21c651e98df25u;
	return hash ^ hash >> 32;
}

static struct waiting **bucket_of(struct fragments6 *f, const struct host *src, const struct host *dst,
				  uint32_t id)
{
	uint64_t words[4], hash = f->seed;

	memcpy(words, src->addr, 16);
	memcpy(words + 2, dst->addr, 16);
	for (size_t i = 0; i < 4; i++)
		hash = mix(hash, words[i]) + f->seed;
	return &f->buckets[mix(hash, id) % BUCKETS];
}

static size_t piece_cost(size_t length)
{
	return sizeof(struct piece) + length + MALLOC_OVERHEAD;
}

static const size_t waiting_cost = sizeof(struct waiting) + MALLOC_OVERHEAD;

static void drop_pieces(struct fragments6 *f, struct waiting *w)
{
	struct piece *next;

	for (struct piece *p = w->pieces; p; p = next) {
		next = p->next;
		f->used -= piece_cost(p->length);
		free(p);
	}
	w->pieces = w->last = NULL;
	w->count = w->length = 0;
}

static void drop(struct fragments6 *f, struct waiting *w)
{
	struct waiting **link = bucket_of(f, &w->src, &w->dst, w->id);

	while (*link != w)
		link = &(*link)->chain;
	*link = w->chain;
	*(w->older ? &w->older->newer : &f->oldest) = w->newer;
	*(w->newer ? &w->newer->older : &f->newest) = w->older;
	drop_pieces(f, w);
	f->used -= waiting_cost;
	free(w);
}

/* Not complete in time, or no room for it: counted, unless that was done when it overlapped. */
static void give_up(struct fragments6 *f, struct waiting *w)
{
	if (!w->given_up)
		f->given_up++;
	drop(f, w);
}

static enum fragment6_result refuse_packet(struct fragments6 *f, struct waiting *w)
{
	if (!w->given_up)
		f->given_up++;
	w->given_up = true;
	drop_pieces(f, w);
	return FRAGMENT6_REFUSED;
}

static bool expired(const struct waiting *w, struct moment at)
{
	return at.ns - w->first.ns > FRAGMENT6_TIMEOUT_NS;
}

static void expire(struct fragments6 *f, struct moment at)
{
	while (f->oldest && expired(f->oldest, at))
		give_up(f, f->oldest);
}

static bool make_room(struct fragments6 *f, size_t cost)
{
	while (f->used + cost > f->memory && f->oldest)
		give_up(f, f->oldest);
	return f->used + cost <= f->memory;
}

static struct waiting *find(struct fragments6 *f, const struct fragment6 *fragment)
{
	struct waiting *w = *bucket_of(f, &fragment->src, &fragment->dst, fragment->id);

	while (w && (w->id != fragment->id || memcmp(&w->src, &fragment->src, sizeof w->src) != 0 ||
		     memcmp(&w->dst, &fragment->dst, sizeof w->dst) != 0))
		w = w->chain;
	return w;
}

static struct waiting *begin(struct fragments6 *f, struct moment at, const struct fragment6 *fragment)
{
	struct waiting **bucket = bucket_of(f, &fragment->src, &fragment->dst, fragment->id);
	struct waiting *w = calloc(1, sizeof *w);

	if (!w)
		return NULL;
	w->src = fragment->src;
	w->dst = fragment->dst;
	w->id = fragment->id;
	w->first = at;
	w->chain = *bucket;
	*bucket = w;
	w->older = f->newest;
	*(f->newest ? &f->newest->newer : &f->oldest) = w;
	f->newest = w;
	f->used += waiting_cost;
	return w;
}

/* RFC 8200 4.5: what a fragment says of itself, whatever came before it. */
static bool lies(const struct fragment6 *fragment)
{
	return fragment->length < fragment->sent || fragment->sent == 0 ||
	       (fragment->more && fragment->sent % 8 != 0) || fragment->offset % 8 != 0 ||
	       fragment->offset > PAYLOAD_MAX || fragment->sent > PAYLOAD_MAX - fragment->offset;
}

/* The piece before which an offset belongs; fragments mostly come in order, and then it is behind the last.
 */
static struct piece **place(struct waiting *w, uint32_t offset)
{
	struct piece **link = &w->pieces;

	if (w->last && w->last->offset < offset)
		return &w->last->next;
	while (*link && (*link)->offset < offset)
		link = &(*link)->next;
	return link;
}

static bool same(const struct piece *p, const struct fragment6 *fragment)
{
	return p && p->offset == fragment->offset && p->length == fragment->sent &&
	       memcmp(p->bytes, fragment->bytes, p->length) == 0;
}

static uint32_t end_of(const struct piece *p)
{
	return p->offset + p->length;
}

/* Whether it runs into the piece before its place, the one behind it, or the end of the whole. */
static bool overlaps(const struct waiting *w, const struct piece *before, const struct piece *after,
		     const struct fragment6 *fragment)
{
	size_t end = fragment->offset + fragment->sent;

	if ((before && end_of(before) > fragment->offset) || (after && after->offset < end))
		return true;
	if (w->total > 0)
		return !fragment->more || end > w->total;
	return !fragment->more && w->last && end_of(w->last) > end;
}

static const struct piece *piece_before(const struct waiting *w, struct piece *const *link)
{
	const struct piece *before = NULL;

	if (w->last && link == &w->last->next)
		return w->last;
	for (const struct piece *p = w->pieces; p != *link; p = p->next)
		before = p;
	return before;
}

static bool insert(struct fragments6 *f, struct waiting *w, struct piece **link,
		   const struct fragment6 *fragment)
{
	struct piece *p = malloc(sizeof *p + fragment->sent);

	if (!p)
		return false;
	p->offset = fragment->offset;
	p->length = (uint32_t)fragment->sent;
	memcpy(p->bytes, fragment->bytes, fragment->sent);
	p->next = *link;
	*link = p;
	if (!p->next)
		w->last = p;
	w->count++;
	w->length += p->length;
	f->used += piece_cost(p->length);
	if (!fragment->more)
		w->total = end_of(p);
	if (fragment->offset == 0)
		w->next_header = fragment->next_header;
	return true;
}

static enum fragment6_result add_piece(struct fragments6 *f, struct waiting *w,
				       const struct fragment6 *fragment)
{
	struct piece **link = place(w, fragment->offset);

	if (same(*link, fragment) && fragment->more == (end_of(*link) != w->total))
		return FRAGMENT6_WAITING;
	if (overlaps(w, piece_before(w, link), *link, fragment) || w->count == FRAGMENTS_MAX)
		return refuse_packet(f, w);
	return insert(f, w, link, fragment) ? FRAGMENT6_WAITING : FRAGMENT6_REFUSED;
}

static void copy_out(struct fragments6 *f, const struct waiting *w)
{
	for (const struct piece *p = w->pieces; p; p = p->next)
		memcpy(f->payload + p->offset, p->bytes, p->length);
}

enum fragment6_result fragments6_add(struct fragments6 *f, struct moment at, const struct fragment6 *fragment,
				     const uint8_t **payload, size_t *length, uint8_t *next_header)
{
	enum fragment6_result result;
	struct waiting *w;

	expire(f, at);
	if (lies(fragment))
		return FRAGMENT6_REFUSED;
	if (fragment->offset == 0 && !fragment->more) { /* RFC 6946 4 */
		*payload = fragment->bytes;
		*length = fragment->sent;
		*next_header = fragment->next_header;
		return FRAGMENT6_WHOLE;
	}
	/* Before the look-up: it may be this packet that has to go. */
	if (!make_room(f, waiting_cost + piece_cost(fragment->sent)))
		return FRAGMENT6_REFUSED;
	w = find(f, fragment);
	if (w && expired(w, at)) { /* behind younger ones, where time ran backwards */
		give_up(f, w);
		w = NULL;
	}
	if (!w)
		w = begin(f, at, fragment);
	if (!w || w->given_up)
		return FRAGMENT6_REFUSED;
	result = add_piece(f, w, fragment);
	if (result != FRAGMENT6_WAITING || w->total == 0 || w->length != w->total)
		return result;
	copy_out(f, w);
	*payload = f->payload;
	*length = w->total;
	*next_header = w->next_header;
	drop(f, w);
	return FRAGMENT6_WHOLE;
}

uint64_t fragments6_given_up(const struct fragments6 *f)
{
	return f->given_up;
}

void fragments6_free(struct fragments6 *f)
{
	if (!f)
		return;
	while (f->oldest)
		drop(f, f->oldest);
	free(f);
}
