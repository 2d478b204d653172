/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * two_trackers.h - two trackers that differ in what must not be seen, and the same segments: the same
 * records.
 */
#ifndef LASTACK_TESTS_TWO_TRACKERS_H
#define LASTACK_TESTS_TWO_TRACKERS_H

#include "analyzer/tracker.h"

/* All records of one tracker. */
struct records {
	struct sink sink;   /* first: see record.h */
	struct record *all; /* to be freed */
	size_t n, room;
};

/* In what they differ. */
struct two_trackers {
	bool no_prediction, packs_at_once; /* struct tracker_options has them: of the second */
	size_t round; /* a round ends after so many segments (tracker_round()), 0 = as the tracker's own do */
	bool set_back; /* the clock is set back in the middle; needs rounds */
	/* In each round both are asked for connections that they follow, and the second packs; so often: */
	uint64_t looked, packed;
};

/* What both are compared under. */
struct limits {
	uint64_t max_flows; /* 0 = without a limit */
	int64_t syn_idle;   /* 0 = never */
};

/* The records of one tracker, of the first kind, without limits. */
struct records track(const struct segment *segments, size_t n);

/* Fails unless both tell the same. */
void compare(struct two_trackers *two, const struct segment *segments, size_t n, struct limits limits);

/*
 * Compares with what is in all captures of that pattern, under several limits; and again with segments left
 * out, seen twice and out of order. False: there are none.
 */
bool compare_files(struct two_trackers *two, const char *pattern);

#endif
