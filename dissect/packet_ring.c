/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The frames lie one behind the other, each a struct frame and its bytes, in the order of time; none is split
 * over the end. So what is kept is one row, or two: from the oldest to the edge, and from 0 to the newest.
 */
#include "dissect/packet_ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct packet_ring {
	uint8_t *memory;
	size_t size;
	size_t oldest; /* where it begins, if count > 0 */
	size_t end;    /* of the newest */
	size_t edge;   /* end of the row that begins with the oldest, while the newest lies before that */
	size_t count;
	size_t reader, unread; /* where the next to be read begins, and how many are left */
	uint64_t forgotten;
};

struct packet_ring *packet_ring_new(size_t bytes)
{
	struct packet_ring *ring = calloc(1, sizeof *ring);

	if (!ring)
		return NULL;
	ring->memory = malloc(bytes ? bytes : 1);
	ring->size = bytes;
	if (ring->memory)
		return ring;
	free(ring);
	errno = ENOMEM;
	return NULL;
}

/* What a frame takes, so that the next one is aligned. */
static size_t taken_by(const struct frame *frame)
{
	size_t align = _Alignof(struct frame);

	return (sizeof *frame + frame->caplen + align - 1) & ~(align - 1);
}

static struct frame *frame_at(const struct packet_ring *ring, size_t at)
{
	return (struct frame *)(ring->memory + at);
}

static bool wrapped(const struct packet_ring *ring)
{
	return ring->count > 0 && ring->end <= ring->oldest;
}

/* The place behind the frame at 'at'. */
static size_t after(const struct packet_ring *ring, size_t at)
{
	size_t next = at + taken_by(frame_at(ring, at));

	return wrapped(ring) && next == ring->edge ? 0 : next;
}

static void forget_oldest(struct packet_ring *ring)
{
	ring->oldest = after(ring, ring->oldest);
	ring->forgotten++;
	if (--ring->count == 0)
		ring->oldest = ring->end = 0;
}

/* Room for n bytes in a row, n <= ring->size, behind the newest. */
static size_t make_room(struct packet_ring *ring, size_t n)
{
	for (;;) {
		if (wrapped(ring)) {
			if (ring->oldest - ring->end >= n)
				return ring->end;
		} else {
			if (ring->size - ring->end >= n)
				return ring->end;
			/* the row ends here; goes on at 0, before the oldest */
			ring->edge = ring->end;
			ring->end = 0;
			continue;
		}
		forget_oldest(ring);
	}
}

void packet_ring_put(struct packet_ring *ring, const struct frame *frame)
{
	size_t n = taken_by(frame);

	if (n > ring->size) {
		ring->forgotten++;
		return;
	}
	size_t at = make_room(ring, n);
	struct frame *copy = frame_at(ring, at);

	*copy = *frame;
	copy->bytes = (uint8_t *)(copy + 1);
	if (frame->caplen > 0)
		memcpy(copy + 1, frame->bytes, frame->caplen);
	if (ring->count++ == 0)
		ring->oldest = at;
	ring->end = at + n;
}

void packet_ring_rewind(struct packet_ring *ring)
{
	ring->reader = ring->oldest;
	ring->unread = ring->count;
}

const struct frame *packet_ring_peek(const struct packet_ring *ring)
{
	return ring->unread > 0 ? frame_at(ring, ring->reader) : NULL;
}

void packet_ring_skip(struct packet_ring *ring)
{
	ring->reader = after(ring, ring->reader);
	ring->unread--;
}

uint64_t packet_ring_forgotten(const struct packet_ring *ring)
{
	return ring->forgotten;
}

void packet_ring_free(struct packet_ring *ring)
{
	if (!ring)
		return;
	free(ring->memory);
	free(ring);
}
