/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reading.h - the way of packets: from the captures through the dissector to the tracker, until there are no
 * more or nobody wants them.
 */
#ifndef LASTACK_UI_READING_H
#define LASTACK_UI_READING_H

#include "analyzer/tracker.h"
#include "dissect/capture.h"
#include "dissect/dissect.h"
#include "ui/run.h"
#include "ui/watch.h"
#include "ui/writers.h"

/* Who takes part. Nothing is owned. */
struct reading_parts {
	const struct requests *requests;
	struct captures *captures;
	struct dissector *dissector;
	struct tracker *tracker;
	uint64_t seed;		 /* the tracker's */
	struct writers *writers; /* they say when no more is wanted */
	struct watch *watch;	 /* NULL for files */
	bool captures_are_ours;	 /* nobody else asks the captures for anything meanwhile */
};

/* What was read: times of the packets that passed -f; watching, from its beginning to its end. */
struct reading_span {
	struct moment first, last;
	bool any; /* there was a packet */
};

/*
 * Reads all there is. Where the captures are ours and there is a second processor, a thread of its own reads
 * and dissects. 0, or -1 with errno = ENOMEM: all that was analysed until then stands.
 */
int reading_all(const struct reading_parts *parts, struct reading_span *span);

#endif
