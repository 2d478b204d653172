/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fragment4.h - the guard before libnids: which IPv4 fragments are fit to be fed to it, and which datagrams
 * wait.
 *
 * Plain arithmetic over headers; holds no payload. Remembers for every waiting datagram which of its bytes
 * have come, so that libnids never sees an overlap, a duplicate, or more than it can hold (design/libnids.md
 * 2, 4), and says when a datagram is complete and when one must be forgotten. Constant work per fragment: the
 * table is keyed by a random seed, and the pieces of a datagram are bounded.
 */
#ifndef LASTACK_DISSECT_FRAGMENT4_H
#define LASTACK_DISSECT_FRAGMENT4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/segment.h"

/* Which datagram (RFC 791 3.2). Addresses as they stand in the header, no padding between the fields. */
struct fragment4_key {
	uint8_t src[4], dst[4];
	uint16_t id;	/* host order */
	uint16_t proto; /* 0-255 */
};

/* One fragment, checked: its bytes are all there, and they fit into a datagram of 65,535. */
struct fragment4 {
	struct fragment4_key key;
	uint8_t tos, ttl;
	bool more; /* fragments follow; then length is a multiple of 8 */
	uint16_t offset,
		end; /* its bytes in the datagram's payload: from offset, a multiple of 8, to end - 1 */
	const uint8_t *payload; /* end - offset bytes, at least 1, in the packet it was read from */
};

/*
 * Reads the header at 'packet' (length bytes captured). False: not a fragment, a length that lies, cut short,
 * or reaching beyond the largest datagram.
 */
bool fragment4_read(struct fragment4 *fragment, const uint8_t *packet, size_t length);

struct fragments4;

/* Called for every datagram given up, while its slot and key are still its own. */
typedef void fragments4_drop(void *context, uint32_t slot, const struct fragment4_key *key);

/* memory = bytes that waiting datagrams may take here and in libnids together. NULL with errno. */
struct fragments4 *fragments4_new(size_t memory, fragments4_drop *drop, void *context);

/*
 * How many datagrams can wait at most. Each has a slot, a number below this, which is its own until it is
 * released or dropped.
 */
uint32_t fragments4_slots(const struct fragments4 *f);

enum fragment4_result {
	FRAGMENT4_TAKEN,     /* new bytes: feed it */
	FRAGMENT4_FIRST,     /* the same, and its datagram was not waiting before */
	FRAGMENT4_COMPLETE,  /* the same, and its datagram now has all its bytes; release it when done */
	FRAGMENT4_DUPLICATE, /* the very bytes that came before */
	/*
	 * Overlaps what came before. As in Linux (net/ipv4/inet_fragment.c, after RFC 5722): a fragment that
	 * brings no new byte is ignored, one that brings some gives up its whole datagram. Also given up: one
	 * that contradicts the length of its datagram, or is in too many pieces for libnids.
	 */
	FRAGMENT4_REFUSED,
};

/*
 * Accounts for one fragment; *slot is its datagram's, unless refused. 'at' is the fragment's time:
 * a datagram is given up when it is REASSEMBLE_TIMEOUT_NS from its first fragment, in either direction.
 */
enum fragment4_result fragments4_add(struct fragments4 *f, struct moment at, const struct fragment4 *fragment,
				     uint32_t *slot);

/* The length in bytes of the payload of a complete datagram. */
uint16_t fragments4_length(const struct fragments4 *f, uint32_t slot);

/* The datagram in 'slot' is whole and gone. */
void fragments4_release(struct fragments4 *f, uint32_t slot);

/* Gives up all that waits. */
void fragments4_drop_all(struct fragments4 *f);

/* Datagrams given up so far. */
uint64_t fragments4_given_up(const struct fragments4 *f);

/* Bytes that waiting datagrams take now, by the same count as 'memory'. */
size_t fragments4_held(const struct fragments4 *f);

/* Waiting datagrams passed by while others were looked for, so far: what a flood may not make many of. */
uint64_t fragments4_steps(const struct fragments4 *f);

void fragments4_free(struct fragments4 *f); /* NULL is fine; drops nothing */

#endif
