/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * waiting.h - ends that wait in some state, such as CLOSE-WAIT, and which of them have waited longest.
 *
 * Bounded: when it is full, those that come are counted and not remembered, so that the oldest are always
 * among those that are. Constant time.
 */
#ifndef LASTACK_ANALYZER_WAITING_H
#define LASTACK_ANALYZER_WAITING_H

#include <stddef.h>
#include <stdint.h>

#include "dissect/segment.h"

struct waiting;

struct waiting_end {
	uint64_t connection; /* names it: struct change's, the record's first packet */
	struct moment since; /* when it began to wait */
	struct host host[2]; /* by enum side */
	uint16_t port[2];
};

/* For at most 'most' ends (1 to 2^24); seed is the hash's. NULL with errno = ENOMEM or EINVAL. */
struct waiting *waiting_new(size_t most, uint64_t seed);

/* One begins to wait; if it waits already, it does so from then on. Ends must come in order of time. */
void waiting_enter(struct waiting *waiting, const struct waiting_end *end);

/* It waits no more. Nothing happens when it is not remembered. */
void waiting_leave(struct waiting *waiting, uint64_t connection);

/* Fills out with the n that have waited longest, that one first. Returns how many. */
size_t waiting_longest(const struct waiting *waiting, struct waiting_end *out, size_t n);

size_t waiting_count(const struct waiting *waiting); /* remembered now */

void waiting_free(struct waiting *waiting); /* NULL is fine */

#endif
