/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_set_back.c - the clock is set back by an hour while connections are in every state: none is lost or
 * ends early, those that come later run out when they should, and what was over is told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analyzer/tracker.h"

#define SECOND_NS INT64_C(1000000000)
#define HOUR_NS	  (3600 * SECOND_NS)

enum { EACH = 200, STEPS = 6, TIME_WAIT_S = 60, SYN_IDLE_S = 120, IDLE_S = 900 };

/* All that a connection sends, the client first. */
static const struct step {
	bool from_server;
	uint8_t flags;
	uint32_t seq, ack;
} steps[STEPS] = {
	{ false, TCP_SYN, 0, 0 },	    { true, TCP_SYN | TCP_ACK, 0, 1 }, { false, TCP_ACK, 1, 1 },
	{ false, TCP_FIN | TCP_ACK, 1, 1 }, { true, TCP_FIN | TCP_ACK, 1, 2 }, { false, TCP_ACK, 2, 2 },
};

struct world {
	struct sink sink; /* first: see record.h */
	struct tracker *tracker;
	struct moment now;
	uint64_t packets, rows, by_close[CLOSE_COUNT];
};

static void take(struct sink *sink, const struct record *r)
{
	struct world *w = (struct world *)sink;

	w->rows++;
	w->by_close[r->close]++;
	assert_true(r->duration >= 0);
}

static void send_step(struct world *w, uint16_t port, int number)
{
	const struct step *step = &steps[number];
	const struct host client = { { [10] = 0xff, [11] = 0xff, [12] = 10 } };
	const struct host server = { { [10] = 0xff, [11] = 0xff, [12] = 172 } };
	struct segment s = { .src = step->from_server ? server : client,
			     .dst = step->from_server ? client : server,
			     .sport = step->from_server ? 443 : port,
			     .dport = step->from_server ? port : 443,
			     .flags = step->flags,
			     .seq = { step->seq },
			     .ack = { step->ack },
			     .at = w->now,
			     .packet = ++w->packets,
			     .ttl = 64,
			     .window = 500 };

	s.ip_id = (uint16_t)w->packets;
	assert_int_equal(tracker_feed(w->tracker, &s, 1), 0);
	w->now.ns += SECOND_NS / 1000;
}

/* Steps 'from' to 'to' of EACH connections, whose ports begin there. */
static void send(struct world *w, uint16_t port, int from, int to)
{
	for (uint16_t i = 0; i < EACH; i++)
		for (int step = from; step < to; step++)
			send_step(w, (uint16_t)(port + i), step);
}

static void pass(struct world *w, int64_t seconds)
{
	w->now.ns += seconds * SECOND_NS;
	tracker_tick(w->tracker, w->now);
}

static void set_back(struct world *w)
{
	w->now.ns -= HOUR_NS;
	tracker_set_back(w->tracker, w->now);
}

static struct world *world(void)
{
	static struct world w;
	const struct tracker_options options = {
		.time_wait = TIME_WAIT_S * SECOND_NS,
		.idle = IDLE_S * SECOND_NS,
		.syn_idle = SYN_IDLE_S * SECOND_NS,
		.seed = 1,
	};

	w = (struct world){ .sink = { .record = take }, .now = { 20 * HOUR_NS } };
	w.tracker = tracker_new(&options, &w.sink);
	assert_non_null(w.tracker);
	return &w;
}

static void what_is_over_ends_and_the_rest_goes_on(void **state)
{
	struct world *w = world();

	(void)state;
	for (int known = 1; known <= STEPS; known++)
		send(w, (uint16_t)(1000 * known), 0, known);
	assert_int_equal(w->rows, 0);
	set_back(w);
	assert_int_equal(w->rows, EACH);
	for (int known = 1; known < STEPS; known++)
		send(w, (uint16_t)(1000 * known), known, STEPS);
	pass(w, TIME_WAIT_S + 1);
	assert_int_equal(w->rows, STEPS * EACH);
	assert_int_equal(w->by_close[CLOSE_GRACEFUL], STEPS * EACH);
	tracker_free(w->tracker);
}

static void what_comes_later_runs_out_when_it_should(void **state)
{
	struct world *w = world();

	(void)state;
	send(w, 1000, 0, 1);
	send(w, 2000, 0, 3);
	set_back(w);
	pass(w, SYN_IDLE_S - 10);
	send(w, 3000, 0, 1);
	send(w, 4000, 0, STEPS);
	pass(w, 0);
	assert_int_equal(w->rows, 0);
	pass(w, 10);
	assert_int_equal(w->rows, EACH);
	assert_int_equal(w->by_close[CLOSE_UNANSWERED], EACH);
	pass(w, TIME_WAIT_S - 8);
	assert_int_equal(w->by_close[CLOSE_GRACEFUL], EACH);
	pass(w, SYN_IDLE_S - TIME_WAIT_S);
	assert_int_equal(w->by_close[CLOSE_UNANSWERED], 2 * EACH);
	pass(w, IDLE_S);
	assert_int_equal(w->rows, 4 * EACH);
	assert_int_equal(tracker_counts(w->tracker).flows, 0);
	tracker_free(w->tracker);
}

static void forward_is_not_back(void **state)
{
	struct world *w = world();

	(void)state;
	send(w, 1000, 0, STEPS);
	tracker_set_back(w->tracker, (struct moment){ w->now.ns + HOUR_NS });
	assert_int_equal(w->rows, 0);
	tracker_free(w->tracker);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_over_ends_and_the_rest_goes_on),
		cmocka_unit_test(what_comes_later_runs_out_when_it_should),
		cmocka_unit_test(forward_is_not_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
