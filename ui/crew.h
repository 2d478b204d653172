/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crew.h - the trackers: one, or several in threads of their own, and one order of what they tell.
 *
 * Whoever reads fills parcels with segments and their keys. One tracker takes them in crew_take(), and tells
 * the sink directly. Where reading has a thread of its own, that can help: a second tracker, in its hands,
 * has some of the parts of connections (tracker.h). Several have some of the parts each. They share nothing;
 * what is not told by the main thread goes to it as copies of records, in parcels (relay.h), and it merges
 * them.
 *
 * That the rows are the same bytes for any number of trackers rests on this: what a row says depends on the
 * segments of its part and on the time only, and each key bears the time that was observed by then, of all
 * packets. Segments are counted in rounds by whoever reads; each tracker is told of the end of each round,
 * and reports then, in order, what has ended; and the rows of one round are merged by that order before any
 * of the next.
 *
 * Nobody waits for ever: a round's end has gone to all trackers before whoever reads waits for room for the
 * next round, a tracker with room to send reaches it, and the merge waits only for a tracker that has room.
 * The helper's share of a parcel is analysed when that has gone to the main thread, for the same reason.
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

/* Whose segments are those of a parcel that all go the same way. */
enum { SHARE_MAIN, SHARE_READER, SHARE_NOBODY, SHARE_COUNT };

/* What is handed to a tracker in one go: segments, and then, perhaps, the end of a round. */
struct parcel {
	struct segment segments[PARCEL_SEGMENTS];
	struct tracker_key keys[PARCEL_SEGMENTS]; /* of the segments */
	size_t n;
	struct share { /* which of them, where they are not all the taker's */
		uint8_t which[PARCEL_SEGMENTS];
		size_t n;
	} shares[SHARE_COUNT];
	bool shared;	   /* 'shares' holds */
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
 * That tracker analyses a parcel, or its share of it. After an error segments are dropped, but rounds go on,
 * and all that was analysed until then stands.
 */
void crew_take(struct crew *crew, const struct parcel *parcel);

/*
 * A tracker for the thread that reads, before anything was analysed. From then on parcels are shared: the
 * thread that reads sends each to the main thread's crew_take(), and then calls crew_help() with it, before
 * it fills another. False: that is of no use (crew_useful()) or cannot be, and nothing has changed.
 */
bool crew_make_helper(struct crew *crew);

void crew_help(struct crew *crew, const struct parcel *parcel);

/* Whose is the n-th part of those that are looked at at all, where parcels are shared. */
int crew_share_of_part(const struct crew *crew, int n);

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
