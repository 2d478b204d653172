/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_report.c - brief records are whole ones but for what only rows tell; and copies say the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

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
	/* What lies behind the evidence is not looked at. */
	memset(&taker->records[taker->n], 0, sizeof *taker->records);
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
		struct record *w = &whole.records[i], *b = &brief.records[i];

		assert_int_not_equal(w->history[0], 0);
		assert_non_null(w->conn_state);
		assert_int_not_equal(w->completeness, 0);
		assert_int_equal(w->evidence_count > 0, w->close != CLOSE_OPEN);
		assert_int_equal(b->history[0], 0);
		assert_null(b->conn_state);
		assert_int_equal(b->completeness, 0);
		assert_int_equal(b->evidence_count, 0);
		memset(w->history, 0, sizeof w->history);
		memset(w->evidence, 0, sizeof w->evidence);
		w->conn_state = NULL;
		w->completeness = 0;
		w->evidence_count = 0;
		assert_null(record_difference(w, b));
	}
	assert_int_equal(whole.records[0].close, CLOSE_GRACEFUL);
	assert_int_equal(whole.records[0].fin_retransmits, 1);
	assert_int_equal(whole.records[1].close, CLOSE_RESET);
	assert_int_equal(whole.records[2].close, CLOSE_OPEN);
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
		cmocka_unit_test(copies_have_all_the_evidence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
