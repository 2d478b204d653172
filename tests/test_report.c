/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_report.c - brief records are whole ones but for what only rows tell; copies say the same; nothing of a
 * record is left as it was.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/report.h"
#include "analyzer/tracker.h"
#include "same_record.h"

#define SECOND_NS INT64_C(1000000000)

enum { RECORDS_MAX = 4 };

/* All that is sent, the client first; each on a pair of its own until the next SYN of a client. */
static const struct step {
	bool from_server;
	uint8_t flags;
	uint32_t seq, ack, len;
} steps[] = {
	/* closed by FINs, the last of which is repeated */
	{ false, TCP_SYN, 0, 0, 0 },
	{ true, TCP_SYN | TCP_ACK, 0, 1, 0 },
	{ false, TCP_ACK, 1, 1, 100 },
	{ true, TCP_ACK, 1, 101, 500 },
	{ false, TCP_FIN | TCP_ACK, 101, 501, 0 },
	{ true, TCP_FIN | TCP_ACK, 501, 102, 0 },
	{ false, TCP_ACK, 102, 502, 0 },
	{ true, TCP_FIN | TCP_ACK, 501, 102, 0 },
	{ false, TCP_ACK, 102, 502, 0 },
	/* ended by a RST */
	{ false, TCP_SYN, 0, 0, 0 },
	{ true, TCP_SYN | TCP_ACK, 0, 1, 0 },
	{ false, TCP_ACK, 1, 1, 100 },
	{ true, TCP_RST | TCP_ACK, 1, 101, 0 },
	/* still open */
	{ false, TCP_SYN, 0, 0, 0 },
	{ true, TCP_SYN | TCP_ACK, 0, 1, 0 },
	{ false, TCP_ACK, 1, 1, 0 },
};

struct taker {
	struct sink sink; /* first: see record.h */
	struct record records[RECORDS_MAX];
	int n;
};

static void take(struct sink *sink, const struct record *r)
{
	struct taker *taker = (struct taker *)sink;

	assert_true(taker->n < RECORDS_MAX);
	/* What lies behind the evidence, or what is brief, is not looked at. */
	memset(&taker->records[taker->n], 0, sizeof *taker->records);
	if (sink->brief)
		record_copy_brief(&taker->records[taker->n++], r);
	else
		record_copy(&taker->records[taker->n++], r);
}

static void run(struct taker *taker, bool brief)
{
	const struct tracker_options options = { .time_wait = 60 * SECOND_NS };
	const struct host client = { { [10] = 0xff, [11] = 0xff, [12] = 10 } };
	const struct host server = { { [10] = 0xff, [11] = 0xff, [12] = 172 } };
	struct tracker *tracker;
	uint16_t port = 40000;

	*taker = (struct taker){ .sink = { .record = take, .brief = brief } };
	tracker = tracker_new(&options, &taker->sink);
	assert_non_null(tracker);
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		const struct step *step = &steps[i];
		struct segment s = { .src = step->from_server ? server : client,
				     .dst = step->from_server ? client : server,
				     .flags = step->flags,
				     .seq = { step->seq },
				     .ack = { step->ack },
				     .len = step->len,
				     .at = { (int64_t)i * SECOND_NS },
				     .packet = i + 1,
				     .ip_id = (uint16_t)(i + 1),
				     .ttl = 64,
				     .window = 500 };

		port = (uint16_t)(port + (step->flags == TCP_SYN));
		s.sport = step->from_server ? 443 : port;
		s.dport = step->from_server ? port : 443;
		assert_int_equal(tracker_feed(tracker, &s, 1), 0);
	}
	assert_int_equal(tracker_finish(tracker), 0);
	tracker_free(tracker);
}

static void brief_records_lack_what_only_rows_tell(void **state)
{
	static struct taker whole, brief;

	(void)state;
	run(&whole, false);
	run(&brief, true);
	assert_int_equal(whole.n, 3);
	assert_int_equal(brief.n, 3);
	for (int i = 0; i < whole.n; i++) {
		const struct record *w = &whole.records[i], *b = &brief.records[i];
		struct record both = { .close = CLOSE_OPEN };

		assert_int_not_equal(w->history[0], 0);
		assert_non_null(w->conn_state);
		assert_int_not_equal(w->completeness, 0);
		assert_int_equal(w->evidence_count > 0, w->close != CLOSE_OPEN);
		record_copy_brief(&both, w);
		assert_null(record_difference(&both, b));
	}
	assert_int_equal(whole.records[0].close, CLOSE_GRACEFUL);
	assert_int_equal(whole.records[0].fin_retransmits, 1);
	assert_int_equal(whole.records[1].close, CLOSE_RESET);
	assert_int_equal(whole.records[2].close, CLOSE_OPEN);
}

/* The same flow reported into memory that was full of zeros, and of ones. */
static void assert_all_is_set(const struct flow *f, const struct closing *c, const struct ending *ending)
{
	const struct cause_rules rules = { .fin_timeout = 60 * SECOND_NS };

	for (int brief = 0; brief < 2; brief++) {
		struct record reported[2], taken[2];

		for (int i = 0; i < 2; i++) {
			memset(&reported[i], i == 0 ? 0 : 0xff, sizeof reported[i]);
			report(f, c, ending, NULL, &rules, brief, &reported[i]);
			memset(&taken[i], 0, sizeof taken[i]);
			if (brief)
				record_copy_brief(&taken[i], &reported[i]);
			else
				record_copy(&taken[i], &reported[i]);
		}
		assert_null(record_difference(&taken[0], &taken[1]));
	}
}

static void nothing_is_left_as_it_was(void **state)
{
	static const uint16_t bits[] = { 0, FLOW_ESTABLISHED, FLOW_ESTABLISHED | FLOW_CLOSED };
	const struct closing closings[] = { { .idle = UNKNOWN_NS },
					    { .bits = CLOSING_BY_RST, .closed = { 7, { 1 } } },
					    { .end = { { .fin = { 5, { 1 } }, .time_wait = { 1 } } } } };

	(void)state;
	for (size_t i = 0; i < sizeof bits / sizeof *bits; i++) {
		struct flow flow = { .bits = bits[i] };

		for (enum record_end why = 0; why < RECORD_END_COUNT; why++) {
			const struct ending ending = { .at = { SECOND_NS }, .why = why };

			if (!(bits[i] & FLOW_CLOSED))
				assert_all_is_set(&flow, NULL, &ending);
			for (size_t c = 0; c < sizeof closings / sizeof *closings; c++)
				assert_all_is_set(&flow, &closings[c], &ending);
		}
	}
}

static void copies_have_all_the_evidence(void **state)
{
	struct record from = { .close = CLOSE_RESET, .evidence_count = 0 }, to;

	(void)state;
	for (int n = 0; n <= RECORD_EVIDENCE_MAX; n++) {
		memset(&to, 0xff, sizeof to);
		record_copy(&to, &from);
		assert_int_equal(to.close, CLOSE_RESET);
		assert_int_equal(to.evidence_count, n);
		assert_memory_equal(to.evidence, from.evidence, (size_t)n * sizeof *to.evidence);
		if (n < RECORD_EVIDENCE_MAX)
			from.evidence[from.evidence_count++] = (uint64_t)n + 1000;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(brief_records_lack_what_only_rows_tell),
		cmocka_unit_test(nothing_is_left_as_it_was),
		cmocka_unit_test(copies_have_all_the_evidence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
