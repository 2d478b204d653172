/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reading.h - the way of packets: from the captures through the dissector to the trackers, until there are no
 * more or nobody wants them; then all records end.
 */
#ifndef LASTACK_UI_READING_H
#define LASTACK_UI_READING_H

#include "dissect/capture.h"
#include "dissect/dissect.h"
#include "ui/crew.h"
#include "ui/progress.h"
#include "ui/run.h"
#include "ui/watch.h"

/* Who takes part. Nothing is owned. */
struct reading_parts {
	const struct requests *requests;
	struct captures *captures;
	struct dissector *dissector;
	struct crew *crew;
	uint64_t seed;	     /* the trackers' */
	struct watch *watch; /* NULL for files */
	int shard, shards;   /* only parts of connections (tracker.h) that are 'shard' modulo 'shards' */
	struct progress *progress;
	int threads; /* 1 or more; watching, 1 */
};

/* What was read: times of the packets that passed -f; watching, from its beginning to its end. */
struct reading_span {
	struct moment first, last;
	bool any; /* there was a packet */
};

/* How many threads are of use by default: one for each processor this process may run on, at most four. */
int reading_threads(void);

/*
 * Reads all there is, and ends all records. One thread does all. Of two, one reads and dissects, and both
 * analyse, each some of the connections (crew_make_helper()); this one writes. Of more, one reads and
 * dissects, this one writes, and the others analyse (as far as that is of use, see crew_useful()). What is
 * told is the same. 0, or -1 with errno = ENOMEM: all that was analysed until then stands.
 */
int reading_all(const struct reading_parts *parts, struct reading_span *span);

#endif
