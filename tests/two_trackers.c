/* SPDX-License-Identifier: GPL-2.0-or-later */
/* two_trackers.c - see two_trackers.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "capture_segments.h"
#include "same_record.h"
#include "two_trackers.h"

#define SECOND_NS INT64_C(1000000000)

enum { MANGLED = 6, TIMERS = 700 };

static void take(struct sink *sink, const struct record *record)
{
	struct records *r = (struct records *)sink;

	if (r->n == r->room) {
		r->room = r->room ? 2 * r->room : 64;
		r->all = realloc(r->all, r->room * sizeof *r->all);
		assert_non_null(r->all);
	}
	r->all[r->n++] = *record;
}

/* A fiftieth longer each, up to hours, so that any silence before a RST is near one of them. */
static const struct known_timer *all_timers(void)
{
	static const char names[TIMERS]; /* all empty, but each another */
	static struct known_timer timers[TIMERS];
	int64_t ns = SECOND_NS / 100;

	for (int i = 0; i < TIMERS; i++, ns += ns / 50)
		timers[i] = (struct known_timer){ .ns = ns, .name = &names[i] };
	return timers;
}

static struct tracker *start(struct records *r, const struct two_trackers *two, struct limits limits)
{
	const struct tracker_options options = {
		.time_wait = 60 * SECOND_NS,
		.max_flows = limits.max_flows,
		.syn_idle = limits.syn_idle,
		.seed = 1,
		.causes = { .timers = all_timers(), .timer_count = TIMERS },
		.no_prediction = two && two->no_prediction,
		.packs_at_once = two && two->packs_at_once,
	};
	struct tracker *tracker;

	*r = (struct records){ .sink.record = take };
	tracker = tracker_new(&options, &r->sink);
	assert_non_null(tracker);
	return tracker;
}

struct records track(const struct segment *segments, size_t n)
{
	struct records r;
	struct tracker *tracker = start(&r, NULL, (struct limits){ 0 });

	assert_int_equal(tracker_feed(tracker, segments, n), 0);
	assert_int_equal(tracker_finish(tracker), 0);
	tracker_free(tracker);
	return r;
}

static void same_record(const struct record *a, const struct record *b, uint64_t number)
{
	const char *difference = record_difference(a, b);

	if (difference)
		fail_msg("record %" PRIu64 ": %s", number, difference);
}

/* Asks both for connections that one of the first n segments may have begun. */
static void look(struct two_trackers *two, struct tracker *const trackers[2], const struct segment *segments,
		 size_t n)
{
	enum { TRIES = 4 };
	uint64_t seed = n;

	for (int i = 0; i < TRIES; i++) {
		const struct segment *s = &segments[next_random(&seed) % n];
		const struct host host[2] = { s->src, s->dst };
		const uint16_t port[2] = { s->sport, s->dport };
		struct record record[2];
		bool found = tracker_look(trackers[0], host, port, s->packet, &record[0]);

		assert_int_equal(tracker_look(trackers[1], host, port, s->packet, &record[1]), found);
		if (found)
			same_record(&record[0], &record[1], s->packet);
		two->looked += found;
	}
}

static void end_round(struct two_trackers *two, struct tracker *const trackers[2],
		      const struct segment *segments, size_t n, bool set_back)
{
	struct tracker_counts counts[2];
	struct moment now = segments[n - 1].at;

	for (int i = 0; i < 2; i++) {
		if (set_back)
			tracker_set_back(trackers[i], (struct moment){ now.ns - 10 * SECOND_NS });
		tracker_round(trackers[i], now);
		counts[i] = tracker_counts(trackers[i]);
	}
	assert_int_equal(counts[0].flows, counts[1].flows);
	assert_int_equal(counts[0].flows_peak, counts[1].flows_peak);
	two->packed += counts[1].packed;
	look(two, trackers, segments, n);
}

void compare(struct two_trackers *two, const struct segment *segments, size_t n, struct limits limits)
{
	struct records r[2];
	struct tracker *const trackers[2] = { start(&r[0], NULL, limits), start(&r[1], two, limits) };
	size_t round = two->round == 0 ? n : two->round;
	bool set_back = two->set_back;

	for (size_t at = 0; at < n; at += round) {
		size_t fed = at + round < n ? round : n - at;

		for (int i = 0; i < 2; i++)
			assert_int_equal(tracker_feed(trackers[i], segments + at, fed), 0);
		if (two->round == 0)
			continue;
		end_round(two, trackers, segments, at + fed, set_back && at > n / 2);
		set_back = set_back && at <= n / 2;
	}
	for (int i = 0; i < 2; i++) {
		assert_int_equal(tracker_finish(trackers[i]), 0);
		assert_int_equal(tracker_counts(trackers[i]).flows, 0);
		tracker_free(trackers[i]);
	}
	assert_int_equal(r[0].n, r[1].n);
	for (size_t i = 0; i < r[0].n; i++)
		same_record(&r[0].all[i], &r[1].all[i], i);
	free(r[0].all);
	free(r[1].all);
}

/* One in sixteen is left out, comes twice, later or with another number; packet numbers stay in order. */
static size_t mangle(const struct segment *segments, size_t n, struct segment *to, uint64_t seed)
{
	size_t m = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t random = next_random(&seed);

		to[m++] = segments[i];
		switch (random % 64) {
		case 0:
			m--;
			break;
		case 1:
			to[m] = to[m - 1];
			to[m++].at.ns += 2000000;
			break;
		case 2:
			if (i + 1 < n)
				to[m++] = segments[i + 1];
			break;
		case 3:
			to[m - 1].seq.n += (uint32_t)(random >> 6) % 3 - 1;
			break;
		default:
			break;
		}
	}
	for (size_t i = 0; i < m; i++)
		to[i].packet = i + 1;
	return m;
}

static void compare_ways(struct two_trackers *two, const struct segment *segments, size_t n)
{
	struct segment *mangled = calloc(2 * n + 1, sizeof *mangled);

	assert_non_null(mangled);
	compare(two, segments, n, (struct limits){ 0 });
	compare(two, segments, n, (struct limits){ .max_flows = 20 });
	compare(two, segments, n, (struct limits){ .syn_idle = SECOND_NS / 50 });
	for (uint64_t seed = 1; seed <= MANGLED; seed++)
		compare(two, mangled, mangle(segments, n, mangled, seed),
			(struct limits){ .max_flows = seed % 2 ? 0 : 50 });
	free(mangled);
}

/* Whose turn it is: capture_segments() tells nothing but segments. */
static struct two_trackers *in_turn;

static void compare_in_turn(const struct segment *segments, size_t n)
{
	compare_ways(in_turn, segments, n);
}

bool compare_files(struct two_trackers *two, const char *pattern)
{
	in_turn = two;
	return capture_segments(pattern, compare_in_turn);
}
