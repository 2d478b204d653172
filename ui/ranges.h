/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ranges.h - a set of connections, each by its pair and the numbers of its first and last packet.
 *
 * 24 bytes a connection, and a look-up that does not depend on how many there are, nor on how often a pair
 * was used. A pair is kept as a keyed hash of 64 bits: that two of a million are taken for each other happens
 * once in 40 million runs.
 */
#ifndef LASTACK_UI_RANGES_H
#define LASTACK_UI_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/segment.h"

struct range {
	uint64_t pair;
	uint64_t first, last;
};

/* To be held by value. */
struct ranges {
	struct range *at; /* sealed: by pair, then first; those of a pair do not touch */
	size_t count, size;
	size_t *index; /* of the first range whose pair begins with these bits or higher ones; NULL = not
			  sealed */
	unsigned bits;
};

/* A number for two ends, whichever comes first; the seed is random, so that nobody can aim at equal ones. */
uint64_t pair_number(const struct host host[static 2], const uint16_t port[static 2], uint64_t seed);

/* Not after ranges_seal(). False with errno = ENOMEM. */
bool ranges_add(struct ranges *r, struct range range);

/* Without those that end before that packet. Not after ranges_seal(). */
void ranges_forget(struct ranges *r, uint64_t packet);

/* Makes ready for ranges_have(). False with errno = ENOMEM. */
bool ranges_seal(struct ranges *r);

/* Whether a packet of that pair is within one of its ranges. */
bool ranges_have(const struct ranges *r, uint64_t pair, uint64_t packet);

void ranges_free(struct ranges *r); /* a zeroed one is fine */

#endif
