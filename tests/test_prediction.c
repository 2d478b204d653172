/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_prediction.c - the short ways of segments that are as predicted, or routine, against the long one: the
 * same records. What each of them does to a flow is compared by test_routine.c.
 *
 * Every capture there is passes through two trackers, one of which predicts nothing; as it is, and again with
 * segments left out, seen twice and out of order, so that predictions fail at every place where they can.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/tracker.h"
#include "capture_segments.h"
#include "same_record.h"

#define SECOND_NS INT64_C(1000000000)

enum { MANGLED = 6, TIMERS = 700 };

/* All records of one tracker. */
struct records {
	struct sink sink; /* first: see record.h */
	struct record *all;
	size_t n, room;
};

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

/* What the two ways are compared under. */
struct limits {
	uint64_t max_flows; /* 0 = without a limit */
	int64_t syn_idle;   /* 0 = never */
};

static struct records track(const struct segment *segments, size_t n, bool no_prediction,
			    struct limits limits)
{
	const struct tracker_options options = {
		.time_wait = 60 * SECOND_NS,
		.max_flows = limits.max_flows,
		.syn_idle = limits.syn_idle,
		.seed = 1,
		.causes = { .timers = all_timers(), .timer_count = TIMERS },
		.no_prediction = no_prediction,
	};
	struct records r = { .sink.record = take };
	struct tracker *tracker = tracker_new(&options, &r.sink);

	assert_non_null(tracker);
	assert_int_equal(tracker_feed(tracker, segments, n), 0);
	assert_int_equal(tracker_finish(tracker), 0);
	tracker_free(tracker);
	return r;
}

static void compare(const struct segment *segments, size_t n, struct limits limits)
{
	struct records shorter = track(segments, n, false, limits);
	struct records longer = track(segments, n, true, limits);

	assert_int_equal(shorter.n, longer.n);
	for (size_t i = 0; i < shorter.n; i++) {
		const char *difference = record_difference(&shorter.all[i], &longer.all[i]);

		if (difference)
			fail_msg("record %zu: %s", i, difference);
	}
	free(shorter.all);
	free(longer.all);
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

static void compare_file(const struct segment *segments, size_t n)
{
	struct segment *mangled = calloc(2 * n + 1, sizeof *mangled);

	assert_non_null(mangled);
	compare(segments, n, (struct limits){ 0 });
	compare(segments, n, (struct limits){ .max_flows = 20 });
	compare(segments, n, (struct limits){ .syn_idle = SECOND_NS / 50 });
	for (uint64_t seed = 1; seed <= MANGLED; seed++)
		compare(mangled, mangle(segments, n, mangled, seed),
			(struct limits){ .max_flows = seed % 2 ? 0 : 50 });
	free(mangled);
}

static void recordings(void **state)
{
	(void)state;
	assert_true(capture_segments(CAPTURES_DIR "/*.pcap", compare_file));
}

static void public_captures(void **state)
{
	(void)state;
	if (!capture_segments(SHARED_DIR "/captures/*.pcap*", compare_file))
		skip(); /* they are not part of the project */
}

/* Thousands of connections, of every kind, side by side. */
static void generated(void **state)
{
	(void)state;
	assert_int_equal(
		system(GENERATE " --connections=3000 --concurrency=500 --duplicates=3 prediction.pcap 2>&1"),
		0);
	assert_true(capture_segments("prediction.pcap", compare_file));
	remove("prediction.pcap");
}

/* What each segment of a connection says, whose ends' first numbers are 1000 and 2000. */
struct line {
	enum side side;
	uint8_t flags;
	uint32_t seq, ack, len; /* relative */
};

static struct segment segment_of(const struct line *line, size_t i)
{
	static const struct host hosts[2] = { { { [10] = 0xff, [11] = 0xff, [12] = 10, [15] = 1 } },
					      { { [10] = 0xff, [11] = 0xff, [12] = 10, [15] = 2 } } };
	static const uint16_t ports[2] = { 40000, 80 };
	static const uint32_t first[2] = { 1000, 2000 };
	enum side peer = line->side == CLIENT ? SERVER : CLIENT;

	return (struct segment){ .at.ns = (int64_t)i * 1000000,
				 .packet = i + 1,
				 .src = hosts[line->side],
				 .dst = hosts[peer],
				 .sport = ports[line->side],
				 .dport = ports[peer],
				 .seq.n = first[line->side] + line->seq,
				 .ack.n = first[peer] + line->ack,
				 .len = line->len,
				 .window = 1000,
				 .ttl = 64,
				 .flags = line->flags };
}

/* Beyond 2 GiB the first number looks as if it were ahead of all others. */
static void more_than_two_gibibytes(void **state)
{
	enum { GB = 1000000000 };
	static const struct line lines[] = {
		{ CLIENT, TCP_SYN, 0, 0, 0 },
		{ SERVER, TCP_SYN | TCP_ACK, 0, 1, 0 },
		{ CLIENT, TCP_ACK, 1, 1, 0 },
		{ SERVER, TCP_ACK, 1, 1, GB },
		{ CLIENT, TCP_ACK, 1, 1 + GB, 0 },
		{ SERVER, TCP_ACK, 1 + GB, 1, GB },
		{ CLIENT, TCP_ACK, 1, 1 + 2u * GB, 0 },
		{ SERVER, TCP_ACK, 1 + 2u * GB, 1, GB },
		{ CLIENT, TCP_ACK, 1, 1 + 3u * GB, 0 },
		{ SERVER, TCP_ACK | TCP_FIN, 1 + 3u * GB, 1, 0 },
		{ CLIENT, TCP_ACK | TCP_FIN, 1, 2 + 3u * GB, 0 },
		{ SERVER, TCP_ACK, 2 + 3u * GB, 2, 0 },
	};
	struct segment segments[sizeof lines / sizeof *lines];
	struct records records;
	size_t n = sizeof lines / sizeof *lines;

	(void)state;
	for (size_t i = 0; i < n; i++)
		segments[i] = segment_of(&lines[i], i);
	compare(segments, n, (struct limits){ 0 });
	records = track(segments, n, false, (struct limits){ 0 });
	assert_int_equal(records.n, 1);
	assert_int_equal(records.all[0].close, CLOSE_GRACEFUL);
	assert_int_equal(records.all[0].closer, CLOSER_SERVER);
	assert_int_equal(records.all[0].side[SERVER].bytes, 3 * UINT64_C(1000000000));
	free(records.all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recordings),
		cmocka_unit_test(public_captures),
		cmocka_unit_test(generated),
		cmocka_unit_test(more_than_two_gibibytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
