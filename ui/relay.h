/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * relay.h - batches of segments from the thread that reads and dissects to the one that analyses.
 *
 * A bounded queue for one of each: neither gets far ahead of the other, and both lock only once a batch.
 */
#ifndef LASTACK_UI_RELAY_H
#define LASTACK_UI_RELAY_H

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/tracker.h"
#include "dissect/segment.h"

enum { PARCEL_SEGMENTS = 128 };

/* What is handed over in one go: segments, and then, perhaps, the time. */
struct parcel {
	struct segment segments[PARCEL_SEGMENTS];
	struct tracker_key keys[PARCEL_SEGMENTS]; /* of the segments */
	size_t n;
	struct moment tick;
	bool ticks; /* tick is to be told after the segments */
};

struct relay;

/* NULL with errno when out of memory. */
struct relay *relay_new(void);

/* The sender's side. An empty parcel to fill, as soon as there is one; NULL: nobody takes any more. */
struct parcel *relay_blank(struct relay *relay);

/* Hands over the parcel that relay_blank() gave last. */
void relay_send(struct relay *relay);

/* Nothing more will be sent. */
void relay_close(struct relay *relay);

/* The receiver's side. The next parcel, its own until the next call; NULL: no more will come. */
const struct parcel *relay_take(struct relay *relay);

/* Nothing more will be taken: relay_blank() gives NULL from now on. */
void relay_abandon(struct relay *relay);

void relay_free(struct relay *relay); /* NULL is fine */

#endif
