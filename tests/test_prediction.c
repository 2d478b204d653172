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

#include "two_trackers.h"

/* The second tracker predicts nothing. */
static struct two_trackers two = { .no_prediction = true };

static void recordings(void **state)
{
	(void)state;
	assert_true(compare_files(&two, CAPTURES_DIR "/*.pcap"));
}

static void public_captures(void **state)
{
	(void)state;
	if (!compare_files(&two, SHARED_DIR "/captures/*.pcap*"))
		skip(); /* they are not part of the project */
}

/* Thousands of connections, of every kind, side by side. */
static void generated(void **state)
{
	(void)state;
	assert_int_equal(
		system(GENERATE " --connections=3000 --concurrency=500 --duplicates=3 prediction.pcap 2>&1"),
		0);
	assert_true(compare_files(&two, "prediction.pcap"));
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
	compare(&two, segments, n, (struct limits){ 0 });
	records = track(segments, n);
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
