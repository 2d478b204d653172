/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tracker.h - segments in, records out: owns the flow table and every connection in it.
 *
 * A tracker reads no clock: time is the greatest segment or tick time so far
 * (design/verdicts.md 8). It shares nothing with other trackers.
 */
#ifndef LASTACK_ANALYZER_TRACKER_H
#define LASTACK_ANALYZER_TRACKER_H

#include <stddef.h>
#include <stdint.h>

#include "analyzer/cause.h"
#include "analyzer/duplicate.h"
#include "analyzer/record.h"
#include "dissect/segment.h"

struct tracker_options {
	int64_t time_wait;	   /* 2MSL, ns; > 0 */
	int64_t idle;		   /* ns without a packet after which a record ends; 0 = never */
	int64_t syn_idle;	   /* the same for an unanswered SYN; 0 = never */
	uint64_t max_flows;	   /* concurrent connections kept, 0 = unbounded */
	struct cause_rules causes; /* fin_timeout 0 = 60 s; the timers must outlive the tracker */
	uint64_t seed;		   /* of the flow hash; random in production, fixed in tests */
	bool no_prediction; /* every segment goes the long way (prediction.h): for the test that compares */
	bool packs_at_once; /* what is over is packed with the next round (packed.h): likewise */
};

struct tracker_counts {
	uint64_t segments;		     /* TCP segments analysed, duplicates included */
	uint64_t duplicates;		     /* duplicate frames (verdicts.md 2) */
	uint64_t icmp;			     /* ICMP errors that belong to a connection */
	uint64_t icmp_stray;		     /* ICMP errors that quote none that is known */
	uint64_t evicted;		     /* records ended because of max_flows */
	uint64_t evicted_by[EVICTION_COUNT]; /* of these */
	uint64_t flows;			     /* connections held now */
	uint64_t packed;		     /* of these: over, and packed (packed.h) */
	uint64_t flows_peak;
	uint64_t memory; /* bytes held for flows and table now */
};

struct tracker;

/*
 * Connections are divided into so many parts, by a hash of their pair that never changes. What one connection
 * does to another - that it is given up for it, that a frame is forgotten for it - it does within its part
 * only, so that several trackers which have whole parts tell together what one would that has all.
 */
enum { TRACKER_PARTS = DUPLICATE_PARTS };

/* From so many on, max_flows is a limit for each part (max_flows / TRACKER_PARTS), below it one for all. */
enum { TRACKER_PARTED_FLOWS = 1 << 16 };

/* Into how many parts those with that max_flows may be divided among trackers: all of them, or 1. */
static inline int tracker_parts(uint64_t max_flows)
{
	return max_flows != 0 && max_flows < TRACKER_PARTED_FLOWS ? 1 : TRACKER_PARTS;
}

/* What a segment is looked up by, and when that is. */
struct tracker_key {
	uint32_t hash; /* of its pair, the same for both directions */
	struct duplicate_key duplicate;
	struct moment now; /* the greatest time that was observed until then, also by others */
};

/* The part of a segment's connection: 0 to TRACKER_PARTS - 1, on every machine and in every run the same. */
static inline int tracker_part(const struct tracker_key *key)
{
	return (int)(key->duplicate.place / DUPLICATE_SLOTS);
}

/*
 * A tracker that gives its records to sink (not owned, must outlive it).
 * NULL with errno = ENOMEM or EINVAL.
 */
struct tracker *tracker_new(const struct tracker_options *options, struct sink *sink);

/*
 * Analyses n segments in the order given, in rounds of its own. 0, or -1 with errno =
 * ENOMEM (segments from the failing one on are then not analysed, all records remain).
 */
int tracker_feed(struct tracker *tracker, const struct segment *segments, size_t n);

/*
 * The keys of n segments for trackers made with that seed, but for their 'now', which is left as it is. Any
 * thread may ask.
 */
void tracker_keys(struct tracker_key *keys, const struct segment *segments, size_t n, uint64_t seed);

/*
 * The same with keys that somebody else has made, and only for those n segments that 'which' names: numbers
 * of segments, rising. Reports nothing: tracker_round() does, which must be called every now and then.
 */
int tracker_feed_keyed(struct tracker *tracker, const struct segment *segments,
		       const struct tracker_key *keys, const uint8_t *which, size_t n);

/*
 * Tells that the observation has reached 'now': ends what has run out. Never moves time back: see
 * tracker_set_back(). Records that ended before that moment are reported, in the order of struct sink.
 */
void tracker_tick(struct tracker *tracker, struct moment now);

/*
 * The same at the end of a round, of some thousand segments that one or several trackers got: where time
 * stood still since the round before, records that ended now are reported too, as too many might come to
 * wait. The rows of one round are in the order of struct sink, whoever tells them; and over all rounds, while
 * time does not run backwards.
 */
void tracker_round(struct tracker *tracker, struct moment now);

/*
 * The clock was set back, so that packets come from there on, and 'now' is the time: what is over ends, and
 * what waits for packets waits from now on. Less than a few seconds are better waited for.
 */
void tracker_set_back(struct tracker *tracker, struct moment now);

/*
 * Some of the packets that passed from 'from' to 'to' were lost by the capture. Verdicts that rest on the
 * absence of a packet in that time (unanswered, abandoned without a RST, vanished, closing, half-closed,
 * open; of resets the causes keepalive-dead and keepalive-race) are not certain. For records that are
 * reported from now on: to be called before tracker_tick() with 'to'.
 */
void tracker_lost(struct tracker *tracker, struct moment from, struct moment to);

/*
 * The observation is over: ends every record, in order. Only tracker_counts() and tracker_free() may follow.
 * Takes no memory. 0, or -1 with errno = ENOMEM: some time ago memory did not suffice to put all rows in
 * order; they are all there.
 */
int tracker_finish(struct tracker *tracker);

/*
 * What would be told of a connection that is still followed, if the observation ended now: its record has not
 * ended. Named by its ends and its first packet. False when it is not followed (any more).
 */
bool tracker_look(const struct tracker *tracker, const struct host host[static 2],
		  const uint16_t port[static 2], uint64_t connection, struct record *record);

struct tracker_counts tracker_counts(const struct tracker *tracker);

void tracker_free(struct tracker *tracker); /* NULL is fine */

#endif
