/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packet_ring.h - the last so many bytes of frames, for what cannot be read twice: a pipe, an interface.
 *
 * One piece of memory, taken at once and touched only as far as it is used. A frame more costs constant time,
 * apart from its copy: every frame pushes out about as many bytes as it brings.
 */
#ifndef LASTACK_DISSECT_PACKET_RING_H
#define LASTACK_DISSECT_PACKET_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/frame.h"

struct packet_ring;

/* A ring of that many bytes, what is noted of each frame included. NULL with errno = ENOMEM. */
struct packet_ring *packet_ring_new(size_t bytes);

/* Keeps a copy of the frame; the oldest make room for it. One that is larger than the ring is not kept. */
void packet_ring_put(struct packet_ring *ring, const struct frame *frame);

/* Puts the reader before the oldest frame that is kept. */
void packet_ring_rewind(struct packet_ring *ring);

/*
 * The frame that the reader stands before, or NULL behind the last. Valid, its bytes too, until the next
 * packet_ring_put().
 */
const struct frame *packet_ring_peek(const struct packet_ring *ring);

/* Moves the reader past that frame; there must be one. */
void packet_ring_skip(struct packet_ring *ring);

/* How many of the frames put in are not there any more. */
uint64_t packet_ring_forgotten(const struct packet_ring *ring);

void packet_ring_free(struct packet_ring *ring); /* NULL is fine */

#endif
