/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissect/trail.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <xxhash.h>

enum { BUCKETS = 4096, NUMBERS_MIN = 2 };

/* Packet numbers in a row. */
struct numbers {
	uint64_t *at;
	size_t count, size;
};

struct datagram {
	struct trail_key key;
	struct moment first;
	struct numbers frames;
	struct datagram *chain;		/* in its bucket */
	struct datagram *older, *newer; /* by when they were first heard of */
};

struct trail {
	struct datagram *buckets[BUCKETS];
	struct datagram *oldest, *newest;
	size_t held, memory;
	uint64_t seed;
	uint64_t packet;	/* the frame that 'current' is about */
	struct numbers current; /* earlier frames that are part of what it holds */
};

struct trail *trail_new(size_t memory)
{
	struct trail *t = calloc(1, sizeof *t);

	if (!t)
		return NULL;
	t->memory = memory;
	if (getrandom(&t->seed, sizeof t->seed, 0) == sizeof t->seed)
		return t;
	int error = errno;

	trail_free(t);
	errno = error;
	return NULL;
}

static struct datagram **bucket_of(struct trail *t, const struct trail_key *key)
{
	return &t->buckets[XXH3_64bits_withSeed(key, sizeof *key, t->seed) % BUCKETS];
}

static void forget(struct trail *t, struct datagram *d)
{
	struct datagram **link = bucket_of(t, &d->key);

	while (*link != d)
		link = &(*link)->chain;
	*link = d->chain;
	*(d->older ? &d->older->newer : &t->oldest) = d->newer;
	*(d->newer ? &d->newer->older : &t->newest) = d->older;
	t->held -= sizeof *d + d->frames.size * sizeof *d->frames.at;
	free(d->frames.at);
	free(d);
}

/* Packet times come from the capture: the difference of two can be anything. */
static bool apart(struct moment a, struct moment b)
{
	int64_t age;

	if (__builtin_sub_overflow(a.ns, b.ns, &age))
		return true;
	return age >= TRAIL_TIMEOUT_NS || age <= -TRAIL_TIMEOUT_NS;
}

/* NULL if it is not known, or was too long ago. */
static struct datagram *find(struct trail *t, const struct trail_key *key, struct moment at)
{
	struct datagram *d = *bucket_of(t, key);

	while (d && memcmp(&d->key, key, sizeof *key) != 0)
		d = d->chain;
	if (!d || !apart(at, d->first))
		return d;
	forget(t, d);
	return NULL;
}

static struct datagram *begin(struct trail *t, const struct trail_key *key, struct moment at)
{
	struct datagram *d = calloc(1, sizeof *d), **bucket = bucket_of(t, key);

	if (!d)
		return NULL;
	d->key = *key;
	d->first = at;
	d->chain = *bucket;
	d->older = t->newest;
	*bucket = d;
	*(t->newest ? &t->newest->newer : &t->oldest) = d;
	t->newest = d;
	t->held += sizeof *d;
	return d;
}

/* Makes room for n more; false when out of memory. */
static bool grow(struct numbers *numbers, size_t n)
{
	size_t size = numbers->size ? numbers->size : NUMBERS_MIN;

	while (size - numbers->count < n)
		size *= 2;
	if (size == numbers->size)
		return true;
	uint64_t *bigger = realloc(numbers->at, size * sizeof *bigger);

	if (!bigger)
		return false;
	numbers->at = bigger;
	numbers->size = size;
	return true;
}

static void add(struct numbers *numbers, const uint64_t *more, size_t n)
{
	if (n == 0 || !grow(numbers, n))
		return;
	memcpy(numbers->at + numbers->count, more, n * sizeof *more);
	numbers->count += n;
}

static void begin_frame(struct trail *t, const struct frame *frame)
{
	if (t->packet != frame->packet)
		t->current.count = 0;
	t->packet = frame->packet;
}

void trail_wait(struct trail *t, const struct trail_key *key, const struct frame *frame)
{
	struct datagram *d = find(t, key, frame->at);

	begin_frame(t, frame);
	if (!d)
		d = begin(t, key, frame->at);
	if (!d)
		return;
	t->held -= d->frames.size * sizeof *d->frames.at;
	add(&d->frames, t->current.at, t->current.count);
	add(&d->frames, &frame->packet, 1);
	t->held += d->frames.size * sizeof *d->frames.at;
	while (t->held > t->memory)
		forget(t, t->oldest);
}

void trail_whole(struct trail *t, const struct trail_key *key, const struct frame *frame)
{
	struct datagram *d = find(t, key, frame->at);

	begin_frame(t, frame);
	if (!d)
		return;
	add(&t->current, d->frames.at, d->frames.count);
	forget(t, d);
}

const uint64_t *trail_frames(const struct trail *t, uint64_t packet, size_t *n)
{
	*n = t->packet == packet ? t->current.count : 0;
	return t->current.at;
}

void trail_free(struct trail *t)
{
	if (!t)
		return;
	while (t->oldest)
		forget(t, t->oldest);
	free(t->current.at);
	free(t);
}
