/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crew.h - the trackers: one, or several in threads of their own, and one order of what they tell.
 *
 * Whoever reads fills parcels with segments and their keys. One tracker takes them in crew_take(), and tells
 * the sink directly. Several have some of the parts of connections each (tracker.h), share nothing, and put
 * copies of their records into parcels (relay.h) that the main thread merges.
 *
 * That the rows are the same bytes for any number of trackers rests on this: what a row says depends on the
 * segments of its part and on the time only, and each key bears the time that was observed by then, of all
 * packets. Segments are counted in rounds by whoever reads; each tracker is told of the end of each round,
 * and reports then, in order, what has ended; and the rows of one round are merged by that order before any
 * of the next.
 *
 * Nobody waits for ever: a round's end has gone to all trackers before whoever reads waits for room for the
 * next round, a tracker with room to send reaches it, and the merge waits only for a tracker that has room.
 */
#ifndef LASTACK_UI_CREW_H
#define LASTACK_UI_CREW_H

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/tracker.h"
#include "dissect/segment.h"
#include "ui/relay.h"
#include "ui/writers.h"

enum { PARCEL_SEGMENTS = 128, CREW_MAX = 62 };

/* What is handed to a tracker in one go: segments, and then, perhaps, the end of a round. */
struct parcel {
	struct segment segments[PARCEL_SEGMENTS];
	struct tracker_key keys[PARCEL_SEGMENTS]; /* of the segments */
	size_t n;
	bool nanoseconds;  /* by now some input has times finer than microseconds */
	bool round;	   /* it ends with these segments, at 'now' */
	bool last;	   /* and so does all: every record ends */
	struct moment now; /* the greatest time observed; INT64_MIN = none was */
};

struct crew;

/*
 * One tracker, which tells the sink. Sink and writers (they say when no more is wanted) are not owned and
 * must outlive it. NULL with errno.
 */
struct crew *crew_new(const struct tracker_options *options, struct sink *sink, struct writers *writers);

/* That tracker, not owned: to be told and asked by the thread that calls crew_take(). */
struct tracker *crew_tracker(struct crew *crew);

/*
 * That tracker analyses a parcel. After an error segments are dropped, but rounds go on, and all that was
 * analysed until then stands.
 */
void crew_take(struct crew *crew, const struct parcel *parcel);

/*
 * How many trackers with threads of their own are of use: at most as many as are wanted; one where max_flows
 * is small (tracker_parts()); 0 where the sink wants to know segments or changes, which are told as they
 * come.
 */
int crew_useful(const struct crew *crew, int wanted);

/*
 * So many trackers instead, at most CREW_MAX, each in a thread of its own, before anything was analysed.
 * False: that cannot be, and nothing has changed.
 */
bool crew_spread(struct crew *crew, int trackers);

/* Which of them has the n-th part of those that are looked at at all. */
int crew_of_part(const struct crew *crew, int n);

/* Where parcels for tracker n go: one with 'round' set to each of them, one with 'last' in the end. */
struct relay *crew_relay(const struct crew *crew, int n);

/* Tells the sink what they tell, one round. True: it was the last, and their threads are gone. */
bool crew_merge(struct crew *crew);

/* False: no more is wanted, as an output or a tracker failed. Any thread may ask. */
bool crew_wanted(const struct crew *crew);

/* Of all trackers together; flows_peak is the sum of theirs. After the last parcel, or from crew_take()'s
 * thread. */
struct tracker_counts crew_counts(const struct crew *crew);

/* errno of the first failure, 0 = none; after the last parcel. */
int crew_error(const struct crew *crew);

void crew_free(struct crew *crew); /* NULL is fine; after the last parcel, or before the first */

#endif
