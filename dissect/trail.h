/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trail.h - which frames a datagram was put together from: the numbers of all that may have to do with it.
 *
 * Remembers for every datagram the frames of its fragments, also of those that were refused, until it is
 * whole: who is given just these frames finds the same datagram whole. Bounded memory, constant work per
 * fragment; a fragment that came inside fragments brings along theirs.
 */
#ifndef LASTACK_DISSECT_TRAIL_H
#define LASTACK_DISSECT_TRAIL_H

#include <stddef.h>
#include <stdint.h>

#include "dissect/frame.h"

#define TRAIL_TIMEOUT_NS (60LL * 1000000000) /* no reassembly waits longer */

/* Which datagram. */
struct trail_key {
	struct host src, dst;
	uint32_t id;
	uint32_t protocol; /* IPv4's; of IPv6 fragments TRAIL_IPV6: RFC 8200 4.5 */
};

enum { TRAIL_IPV6 = 256 };

struct trail;

/* memory = bytes to remember frames in; the oldest datagrams are forgotten beyond it. NULL with errno. */
struct trail *trail_new(size_t memory);

/* This frame holds a fragment of a datagram that is not whole yet. */
void trail_wait(struct trail *t, const struct trail_key *key, const struct frame *frame);

/* With this frame the datagram became whole; it is forgotten, and its frames are trail_frames(). */
void trail_whole(struct trail *t, const struct trail_key *key, const struct frame *frame);

/*
 * The numbers of the *n earlier frames that went into what frame number 'packet' holds; valid until the next
 * trail_wait() or trail_whole(). *n = 0 if it holds no datagram that became whole with it.
 */
const uint64_t *trail_frames(const struct trail *t, uint64_t packet, size_t *n);

void trail_free(struct trail *t); /* NULL is fine */

#endif
