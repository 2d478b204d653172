/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_state.c - every cell of the endpoint state table against RFC 9293 3.3.2, figure 5, and 3.10.7.4. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analyzer/state.h"

enum { FREE = STATE_COUNT };

/*
 * What the RFC says; 0 (STATE_UNKNOWN) = the state stays. FREE = the RFC says nothing of it: a fact that
 * cannot be about an end in that state unless the capture missed what came before.
 */
static const int figure5[STATE_COUNT][FACT_COUNT] = {
	[STATE_SYN_SENT] = { [SENT_SYN_ACK] = STATE_SYN_RECEIVED,
			     [SENT_SEGMENT] = STATE_ESTABLISHED,
			     [SENT_FIN] = FREE,
			     [FIN_ACKED] = FREE,
			     [GOT_FIN] = FREE,
			     [SENT_RST] = STATE_CLOSED,
			     [GOT_RST] = STATE_CLOSED,
			     [GOT_ERROR] = STATE_CLOSED },
	[STATE_SYN_RECEIVED] = { [SYN_ACKED] = STATE_ESTABLISHED,
				 [SENT_SEGMENT] = FREE, /* Fast Open: data, and still SYN-RECEIVED */
				 [SENT_FIN] = STATE_FIN_WAIT_1,
				 [FIN_ACKED] = FREE,
				 [GOT_FIN] = STATE_CLOSE_WAIT,
				 [SENT_RST] = STATE_CLOSED,
				 [GOT_RST] = STATE_CLOSED },
	[STATE_ESTABLISHED] = { [SENT_FIN] = STATE_FIN_WAIT_1,
				[FIN_ACKED] = FREE,
				[GOT_FIN] = STATE_CLOSE_WAIT,
				[SENT_RST] = STATE_CLOSED,
				[GOT_RST] = STATE_CLOSED },
	[STATE_FIN_WAIT_1] = { [FIN_ACKED] = STATE_FIN_WAIT_2,
			       [GOT_FIN] = STATE_CLOSING,
			       [SENT_RST] = STATE_CLOSED,
			       [GOT_RST] = STATE_CLOSED },
	[STATE_FIN_WAIT_2] = { [GOT_FIN] = STATE_TIME_WAIT,
			       [SENT_RST] = STATE_CLOSED,
			       [GOT_RST] = STATE_CLOSED },
	[STATE_CLOSE_WAIT] = { [SENT_FIN] = STATE_LAST_ACK,
			       [FIN_ACKED] = FREE,
			       [SENT_RST] = STATE_CLOSED,
			       [GOT_RST] = STATE_CLOSED },
	[STATE_CLOSING] = { [FIN_ACKED] = STATE_TIME_WAIT,
			    [SENT_RST] = STATE_CLOSED,
			    [GOT_RST] = STATE_CLOSED },
	[STATE_LAST_ACK] = { [FIN_ACKED] = STATE_CLOSED,
			     [SENT_RST] = STATE_CLOSED,
			     [GOT_RST] = STATE_CLOSED },
	[STATE_TIME_WAIT] = { [RAN_OUT] = STATE_CLOSED, [SENT_RST] = FREE, [GOT_RST] = STATE_CLOSED },
};

static void test_every_cell(void **state)
{
	(void)state;
	for (enum state s = STATE_SYN_SENT; s < STATE_CLOSED; s++)
		for (enum fact f = FACT_NONE; f < FACT_COUNT; f++) {
			int want = figure5[s][f];

			if (want == FREE)
				continue;
			if (want == STATE_UNKNOWN)
				want = (int)s;
			if ((int)state_after(s, f) != want)
				fail_msg("%s, fact %d: %s, not %s", state_words[s].name, (int)f,
					 state_words[state_after(s, f)].name, state_words[want].name);
		}
}

static void test_what_an_end_begins_with(void **state)
{
	(void)state;
	assert_int_equal(state_after(STATE_UNKNOWN, SENT_SYN), STATE_SYN_SENT);
	assert_int_equal(state_after(STATE_UNKNOWN, SENT_SYN_ACK), STATE_SYN_RECEIVED);
	assert_int_equal(state_after(STATE_UNKNOWN, SENT_SEGMENT), STATE_ESTABLISHED);
	assert_int_equal(state_after(STATE_UNKNOWN, FACT_NONE), STATE_UNKNOWN);
}

static void test_closed_is_the_end(void **state)
{
	(void)state;
	for (enum fact f = SENT_SEGMENT; f < FACT_COUNT; f++)
		assert_int_equal(state_after(STATE_CLOSED, f), STATE_CLOSED);
}

/* Whole ways, as RFC 9293 3.6 (figures 12 and 13) draws them. */
static const struct whole_way {
	enum fact facts[10];
	enum state states[STATES_MAX];
} ways[] = {
	{ { SENT_SYN, SYN_ACKED, SENT_SEGMENT, SENT_FIN, FIN_ACKED, GOT_FIN, RAN_OUT },
	  { STATE_SYN_SENT, STATE_ESTABLISHED, STATE_FIN_WAIT_1, STATE_FIN_WAIT_2, STATE_TIME_WAIT,
	    STATE_CLOSED } },
	{ { SENT_SYN_ACK, SYN_ACKED, GOT_FIN, SENT_FIN, FIN_ACKED },
	  { STATE_SYN_RECEIVED, STATE_ESTABLISHED, STATE_CLOSE_WAIT, STATE_LAST_ACK, STATE_CLOSED } },
	{ { SENT_SYN_ACK, SYN_ACKED, SENT_FIN, GOT_FIN, FIN_ACKED, RAN_OUT },
	  { STATE_SYN_RECEIVED, STATE_ESTABLISHED, STATE_FIN_WAIT_1, STATE_CLOSING, STATE_TIME_WAIT,
	    STATE_CLOSED } },
	{ { SENT_SYN, SENT_SYN_ACK, SYN_ACKED, SENT_FIN, FIN_ACKED, GOT_FIN, GOT_RST },
	  { STATE_SYN_SENT, STATE_SYN_RECEIVED, STATE_ESTABLISHED, STATE_FIN_WAIT_1, STATE_FIN_WAIT_2,
	    STATE_TIME_WAIT, STATE_CLOSED } },
	{ { SENT_SYN_ACK, SENT_FIN, FIN_ACKED, GOT_FIN },
	  { STATE_SYN_RECEIVED, STATE_FIN_WAIT_1, STATE_FIN_WAIT_2, STATE_TIME_WAIT } },
};

static void test_whole_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		fact_list facts = 0;
		struct way got;

		for (const enum fact *f = ways[i].facts; *f != FACT_NONE; f++)
			facts = facts_with(facts, *f);
		got = *facts_way(facts);
		for (int k = 0; k < STATES_MAX; k++)
			assert_int_equal(got.states[k], ways[i].states[k]);
		assert_int_equal(facts_state(facts), got.states[got.count - 1]);
	}
}

/* However many lists are asked for, and in whatever order. */
static void test_ways_are_not_mixed_up(void **state)
{
	uint32_t random = 1;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		fact_list facts = 0;
		enum state at = STATE_UNKNOWN;
		struct way way;
		int n = 0;

		for (int length = 0; length < i % 8; length++) {
			random = random * 1664525 + 1013904223;
			facts = facts_with(facts, (enum fact)(1 + (random >> 16) % (FACT_COUNT - 1)));
		}
		way = *facts_way(facts);
		for (fact_list left = facts_in_order(facts); left != 0; left >>= 4) {
			enum state to = state_after(at, left & 15);

			if (to != at)
				assert_int_equal(way.states[n++], to);
			at = to;
			assert_true(at == STATE_UNKNOWN || way_passed(&way, at));
		}
		assert_int_equal(way.count, n);
		assert_int_equal(facts_state(facts), at);
		assert_int_equal(__builtin_popcount(way.passed), n);
		assert_true(facts_of(facts_in_order(facts)) == facts);
	}
}

/* A fact taken back takes its states back. */
static void test_facts_come_and_go(void **state)
{
	const fact_list before = facts_with(facts_with(0, SENT_SYN_ACK), SYN_ACKED);
	const fact_list reset = facts_with(before, GOT_RST);

	(void)state;
	assert_int_equal(facts_state(reset), STATE_CLOSED);
	assert_true(facts_include(reset, GOT_RST));
	assert_true(facts_without(reset, GOT_RST) == before);
	assert_true(facts_with(reset, GOT_RST) == reset);
	assert_int_equal(facts_state(facts_with_before(reset, GOT_FIN, GOT_RST)), STATE_CLOSED);
	assert_int_equal(facts_state(facts_without(facts_with_before(reset, GOT_FIN, GOT_RST), GOT_RST)),
			 STATE_CLOSE_WAIT);
	assert_true(facts_with_before(before, GOT_FIN, GOT_RST) == facts_with(before, GOT_FIN));
	assert_int_equal(facts_state(0), STATE_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_cell),
		cmocka_unit_test(test_what_an_end_begins_with),
		cmocka_unit_test(test_closed_is_the_end),
		cmocka_unit_test(test_whole_ways),
		cmocka_unit_test(test_ways_are_not_mixed_up),
		cmocka_unit_test(test_facts_come_and_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
