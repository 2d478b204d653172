/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_tracker_random.c - what must hold of any segments whatever, in any order.
 *
 * Random segments of few hosts, ports and numbers, so that they meet: no crash under the sanitizers, every
 * segment in one row, rows in the order of their ends, the same rows however the segments were handed over
 * and whatever the seed of the hash; changes of state that lead to every row's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "analyzer/tracker.h"
#include "witness.h"

enum { SEGMENTS = 4000, RUNS = 150 };

/* A small generator of our own: the same numbers everywhere. */
struct random {
	uint64_t state;
};

static uint32_t pick(struct random *r, uint32_t below)
{
	r->state = r->state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((r->state >> 33) % below);
}

static struct host some_host(struct random *r)
{
	return (struct host){ { [10] = 0xff, [11] = 0xff, [12] = 10, [15] = (uint8_t)(1 + pick(r, 3)) } };
}

static uint8_t some_flags(struct random *r)
{
	static const uint8_t usual[] = { TCP_SYN,	    TCP_SYN | TCP_ACK, TCP_ACK, TCP_ACK,
					 TCP_ACK | TCP_PSH, TCP_ACK | TCP_FIN, TCP_RST, TCP_RST | TCP_ACK };

	return pick(r, 20) == 0 ? (uint8_t)pick(r, 64) : usual[pick(r, sizeof usual)];
}

/* Numbers near each other, around 0, and now and then anywhere. */
static struct seq some_seq(struct random *r)
{
	return (struct seq){ pick(r, 50) == 0 ? pick(r, UINT32_MAX) : pick(r, 12) - 6 };
}

static struct moment step(struct random *r, struct moment at, bool backwards)
{
	static const int64_t steps[] = { 0, 1000, 900000, 10000000, 300000000, 20000000000, 61000000000 };
	int64_t by = steps[pick(r, sizeof steps / sizeof *steps)];

	return (struct moment){ backwards && pick(r, 10) == 0 ? at.ns - by : at.ns + by };
}

static void some_segments(struct random *r, struct segment *segments, size_t n, bool backwards)
{
	struct moment at = { 1700000000000000000 };

	for (size_t i = 0; i < n; i++) {
		struct segment s = { .packet = i + 1 };

		at = step(r, at, backwards);
		s.at = at;
		s.src = some_host(r);
		s.dst = some_host(r);
		s.sport = (uint16_t)(1 + pick(r, 2));
		s.dport = (uint16_t)(1 + pick(r, 2));
		s.seq = some_seq(r);
		s.ack = some_seq(r);
		s.flags = some_flags(r);
		s.len = pick(r, 3) == 0 ? pick(r, 4) : 0;
		s.window = (uint16_t)pick(r, 3);
		s.ip_id = (uint16_t)pick(r, 4);
		s.ttl = (uint8_t)(63 + pick(r, 2));
		s.bits = pick(r, 4) == 0 ? SEGMENT_TIMESTAMPS | SEGMENT_SACK : 0;
		if (pick(r, 40) == 0)
			s.bits |= SEGMENT_UNMATCHED;
		if (pick(r, 20) == 0) {
			s.kind = SEGMENT_ICMP;
			s.says.icmp.type = (uint8_t)pick(r, 5);
			s.says.icmp.code = (uint8_t)pick(r, 16);
		}
		segments[i] = s;
	}
}

struct rows {
	struct sink sink;
	uint64_t packets, count, digest;
	struct moment ended;
	uint64_t first_packet;
	bool ordered; /* to be: time never ran backwards */
	struct witness witness;
};

static void mix(struct rows *rows, uint64_t value)
{
	rows->digest = (rows->digest ^ value) * 0x100000001b3u;
}

static void take(struct sink *sink, const struct record *r)
{
	struct rows *rows = (struct rows *)sink;

	if (sink->change != NULL)
		witness_record(&rows->witness, r);
	rows->count++;
	rows->packets += r->side[CLIENT].packets + r->side[SERVER].packets + r->duplicates;
	assert_true(r->close < CLOSE_COUNT && r->cause < CAUSE_COUNT && r->closer < CLOSER_COUNT);
	assert_true(r->duration >= 0 && r->end.ns >= r->start.ns && r->last_packet >= r->first_packet);
	for (int i = 0; i < r->evidence_count; i++)
		assert_true(r->evidence[i] >= 1 && r->evidence[i] <= SEGMENTS);
	if (rows->ordered && rows->count > 1) {
		assert_true(r->ended.ns >= rows->ended.ns);
		assert_true(r->ended.ns > rows->ended.ns || r->first_packet > rows->first_packet);
	}
	rows->ended = r->ended;
	rows->first_packet = r->first_packet;
	mix(rows, r->first_packet);
	mix(rows, r->last_packet);
	mix(rows, (uint64_t)r->close << 32 | (uint64_t)r->cause << 16 | (uint64_t)r->closer);
	mix(rows, (uint64_t)r->ended.ns);
	mix(rows, r->side[CLIENT].bytes);
	mix(rows, r->side[SERVER].bytes);
}

static void take_change(struct sink *sink, const struct change *change)
{
	witness_change(&((struct rows *)sink)->witness, change);
}

static struct rows track(const struct segment *segments, size_t n, size_t batch, uint64_t seed,
			 uint64_t max_flows, int64_t idle, bool ordered, bool telling, size_t tick,
			 struct tracker_counts *counts)
{
	struct rows rows = { .sink = { .record = take, .change = telling ? take_change : NULL },
			     .ordered = ordered,
			     .witness.backwards = !ordered };
	const struct tracker_options options = {
		.time_wait = 60000000000,
		.seed = seed,
		.max_flows = max_flows,
		.idle = idle,
		.syn_idle = idle,
		.packs_at_once = true, /* but where changes are told */
	};
	struct tracker *tracker = tracker_new(&options, &rows.sink);

	assert_non_null(tracker);
	for (size_t i = 0; i < n; i += batch) {
		if (i % tick == 0)
			tracker_tick(tracker, segments[i].at);
		assert_int_equal(tracker_feed(tracker, segments + i, n - i < batch ? n - i : batch), 0);
	}
	assert_int_equal(tracker_finish(tracker), 0);
	*counts = tracker_counts(tracker);
	assert_int_equal(counts->flows, 0);
	assert_int_equal(rows.packets, counts->segments);
	tracker_free(tracker);
	witness_end(&rows.witness);
	if (rows.witness.wrong[0])
		fail_msg("%s", rows.witness.wrong);
	return rows;
}

static void test_any_segments(void **state)
{
	static struct segment segments[SEGMENTS];
	struct random r = { 1 };
	size_t changes = 0, retractions = 0;

	(void)state;
	for (int run = 0; run < RUNS; run++) {
		struct tracker_counts counts, again;
		uint64_t max_flows = run % 3 == 0 ? 4 : 0;
		int64_t idle = run % 4 == 0 ? 5000000000 : 0;
		bool backwards = run % 2 == 0;
		size_t tick = run % 5 == 0 ? SEGMENTS : 16;
		struct rows rows, others;

		some_segments(&r, segments, SEGMENTS, backwards);
		rows = track(segments, SEGMENTS, tick, 1, max_flows, idle, !backwards, true, tick, &counts);
		others = track(segments, SEGMENTS, 1, 0x123456789abcdef, max_flows, idle, !backwards, false,
			       tick, &again);
		assert_int_equal(rows.digest, others.digest);
		assert_int_equal(rows.count, others.count);
		assert_int_equal(counts.duplicates, again.duplicates);
		changes += rows.witness.changes;
		retractions += rows.witness.retractions;
		assert_true(rows.count > 0);
		if (max_flows != 0)
			assert_true(counts.flows_peak <= max_flows);
	}
	assert_true(changes > 10000 && retractions > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_any_segments) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
