/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_census.c - what is alive now: states, TIME-WAIT by holder, and the longest in CLOSE-WAIT. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/census.h"

#define SECOND INT64_C(1000000000)

enum { MSL2 = 64 }; /* seconds; a slot is 4 */

static struct host ipv4(uint32_t address)
{
	struct host h = { .addr = { [10] = 0xff,
				    0xff,
				    (uint8_t)(address >> 24),
				    (uint8_t)(address >> 16),
				    (uint8_t)(address >> 8),
				    (uint8_t)address } };

	return h;
}

static struct census *new_census(size_t entries)
{
	struct census_options options = { .time_wait = MSL2 * SECOND, .entries = entries, .seed = 3 };
	struct census *census = census_new(&options);

	assert_non_null(census);
	return census;
}

/* 10.0.0.1:40000 to 10.0.0.2:443. */
static struct change change(int64_t second, enum side side, enum state from, enum state to)
{
	return (struct change){ .at = { second * SECOND },
				.connection = 1,
				.packet = 9,
				.host = { ipv4(0x0a000001), ipv4(0x0a000002) },
				.port = { 40000, 443 },
				.side = side,
				.from = from,
				.to = to };
}

static void tell(struct census *census, struct change c)
{
	census_change(census, &c);
}

/* Its record, with these last states. */
static struct record record_of(enum state client, enum state server)
{
	struct record r = { .host = { ipv4(0x0a000001), ipv4(0x0a000002) },
			    .port = { 40000, 443 },
			    .first_packet = 1 };

	r.side[CLIENT].states[0] = client;
	r.side[SERVER].states[0] = server;
	r.side[CLIENT].state_count = client != STATE_UNKNOWN;
	r.side[SERVER].state_count = server != STATE_UNKNOWN;
	return r;
}

static void end_record(struct census *census, enum state client, enum state server)
{
	struct record r = record_of(client, server);

	census_record(census, &r);
}

static uint64_t alive(const struct census *census)
{
	uint64_t sum = 0;

	for (int s = 0; s < 2; s++) {
		for (int i = 0; i < STATE_COUNT; i++)
			sum += census_counts(census)->now[s][i];
	}
	return sum;
}

static void ends_are_in_the_state_they_went_to(void **state)
{
	struct census *census = new_census(0);
	const struct census_counts *counts = census_counts(census);

	(void)state;
	tell(census, change(1, CLIENT, STATE_UNKNOWN, STATE_SYN_SENT));
	tell(census, change(1, SERVER, STATE_UNKNOWN, STATE_SYN_RECEIVED));
	assert_int_equal(counts->now[CLIENT][STATE_SYN_SENT], 1);
	assert_int_equal(counts->now[SERVER][STATE_SYN_RECEIVED], 1);
	tell(census, change(1, CLIENT, STATE_SYN_SENT, STATE_ESTABLISHED));
	assert_int_equal(counts->now[CLIENT][STATE_SYN_SENT], 0);
	assert_int_equal(counts->now[CLIENT][STATE_ESTABLISHED], 1);
	assert_int_equal(counts->entered[CLIENT][STATE_SYN_SENT], 1);
	assert_int_equal(counts->entered[CLIENT][STATE_ESTABLISHED], 1);
	end_record(census, STATE_ESTABLISHED, STATE_SYN_RECEIVED);
	assert_int_equal(alive(census), 0);
	assert_int_equal(counts->entered[CLIENT][STATE_ESTABLISHED], 1);
	census_free(census);
}

static void the_clock_may_be_set_back(void **state)
{
	struct census *census = new_census(0);
	struct census_time_wait told;

	(void)state;
	tell(census, change(100000, CLIENT, STATE_FIN_WAIT_2, STATE_TIME_WAIT));
	tell(census, change(5000, CLIENT, STATE_FIN_WAIT_2, STATE_TIME_WAIT));
	told = census_time_wait(census, CLIENT, (struct moment){ 5001 * SECOND });
	assert_int_equal(told.now, 2);
	assert_int_equal(told.recent, 1);
	assert_true(told.oldest.ns <= 5000 * SECOND);
	assert_in_range(told.over, SECOND, MSL2 * SECOND);
	census_free(census);
}

static void what_is_retracted_goes_back(void **state)
{
	struct census *census = new_census(0);
	const struct census_counts *counts = census_counts(census);
	struct change c = change(2, SERVER, STATE_CLOSED, STATE_LAST_ACK);

	(void)state;
	tell(census, change(1, SERVER, STATE_UNKNOWN, STATE_LAST_ACK));
	tell(census, change(1, SERVER, STATE_LAST_ACK, STATE_CLOSED));
	c.retracted = true;
	tell(census, c);
	assert_int_equal(counts->now[SERVER][STATE_LAST_ACK], 1);
	assert_int_equal(counts->now[SERVER][STATE_CLOSED], 0);
	assert_int_equal(counts->entered[SERVER][STATE_LAST_ACK], 1);
	c = change(3, SERVER, STATE_LAST_ACK, STATE_UNKNOWN);
	c.retracted = true;
	tell(census, c);
	assert_int_equal(alive(census), 0);
	end_record(census, STATE_UNKNOWN, STATE_UNKNOWN);
	assert_int_equal(alive(census), 0);
	census_free(census);
}

static void what_was_never_told_takes_nothing_away(void **state)
{
	struct census *census = new_census(0);

	(void)state;
	end_record(census, STATE_TIME_WAIT, STATE_CLOSE_WAIT);
	tell(census, change(2, CLIENT, STATE_TIME_WAIT, STATE_CLOSED));
	assert_int_equal(census_counts(census)->now[CLIENT][STATE_CLOSED], 1);
	assert_int_equal(alive(census), 1);
	census_free(census);
}

static void holders_are_counted_as_in_the_ledger(void **state)
{
	struct census *census = new_census(0);
	const struct moment now = { 10 * SECOND };
	struct census_holder rows[4];
	struct change c = change(5, CLIENT, STATE_FIN_WAIT_2, STATE_TIME_WAIT);
	uint64_t others;

	(void)state;
	for (uint16_t port = 1; port <= 10; port++) { /* from ten ports to one service */
		c.port[CLIENT] = port;
		tell(census, c);
	}
	c.port[SERVER] = 80;
	for (int i = 0; i < 3; i++)
		tell(census, c);
	c.side = SERVER;
	for (uint32_t i = 0; i < 7; i++) { /* one server, seven clients */
		c.host[CLIENT] = ipv4(0xc0000200 + i);
		tell(census, c);
	}
	assert_int_equal(census_holders(census, CLIENT, now, rows, 4, &others), 2);
	assert_int_equal(rows[0].held.now, 10);
	assert_int_equal(rows[0].port, 443);
	assert_int_equal(rows[0].holder.addr[15], 1);
	assert_int_equal(rows[0].peer.addr[15], 2);
	assert_int_equal(rows[1].held.now, 3);
	assert_int_equal(rows[1].port, 80);
	assert_int_equal(others, 0);
	assert_int_equal(census_holders(census, CLIENT, now, rows, 1, &others), 1);
	assert_int_equal(others, 3);
	assert_int_equal(census_holders(census, SERVER, now, rows, 4, &others), 1);
	assert_int_equal(rows[0].held.now, 7);
	assert_int_equal(rows[0].holder.addr[15], 2);
	assert_int_equal(rows[0].peer.addr[15], 0);
	assert_int_equal(census_time_wait(census, SERVER, now).now, 7);
	census_free(census);
}

static void who_holds_nothing_any_more_is_not_listed(void **state)
{
	struct census *census = new_census(0);
	const struct moment now = { 10 * SECOND };
	struct census_holder row;
	uint64_t others;

	(void)state;
	tell(census, change(5, CLIENT, STATE_FIN_WAIT_2, STATE_TIME_WAIT));
	tell(census, change(5, CLIENT, STATE_FIN_WAIT_2, STATE_TIME_WAIT));
	tell(census, change(9, CLIENT, STATE_TIME_WAIT, STATE_CLOSED));
	assert_int_equal(census_holders(census, CLIENT, now, &row, 1, &others), 1);
	assert_int_equal(row.held.now, 1);
	end_record(census, STATE_TIME_WAIT, STATE_UNKNOWN);
	assert_int_equal(census_holders(census, CLIENT, now, &row, 1, &others), 0);
	assert_int_equal(others, 0);
	census_free(census);
}

static int64_t oldest(const struct census *census, int64_t now)
{
	const struct census_time_wait t = census_time_wait(census, CLIENT, (struct moment){ now * SECOND });

	return t.oldest.ns / SECOND;
}

static void the_oldest_is_told_to_a_sixteenth(void **state)
{
	struct census *census = new_census(0);
	struct change c;

	(void)state;
	tell(census, change(101, CLIENT, STATE_FIN_WAIT_2, STATE_TIME_WAIT));
	tell(census, change(121, CLIENT, STATE_FIN_WAIT_2, STATE_TIME_WAIT));
	tell(census, change(141, CLIENT, STATE_FIN_WAIT_2, STATE_TIME_WAIT));
	assert_int_equal(oldest(census, 150), 100);
	tell(census, change(165, CLIENT, STATE_TIME_WAIT, STATE_CLOSED));
	assert_int_equal(oldest(census, 165), 120);
	c = change(166, CLIENT, STATE_TIME_WAIT, STATE_FIN_WAIT_2); /* that of 141, of course */
	c.retracted = true;
	tell(census, c);
	assert_int_equal(oldest(census, 166), 120);
	assert_int_equal(census_time_wait(census, CLIENT, (struct moment){ 166 * SECOND }).now, 1);
	tell(census, change(170, CLIENT, STATE_TIME_WAIT, STATE_CLOSED));
	assert_int_equal(census_time_wait(census, CLIENT, (struct moment){ 170 * SECOND }).now, 0);
	census_free(census);
}

static void what_outlasts_the_ring_is_still_there(void **state)
{
	struct census *census = new_census(0);
	struct census_time_wait t;

	(void)state;
	tell(census, change(100, CLIENT, STATE_FIN_WAIT_2, STATE_TIME_WAIT));
	for (int64_t at = 101; at < 300; at++) { /* step by step */
		tell(census, change(at, CLIENT, STATE_FIN_WAIT_2, STATE_TIME_WAIT));
		tell(census, change(at, CLIENT, STATE_TIME_WAIT, STATE_CLOSED));
	}
	t = census_time_wait(census, CLIENT, (struct moment){ 300 * SECOND });
	assert_int_equal(t.now, 1);
	tell(census, change(9000, CLIENT, STATE_FIN_WAIT_2, STATE_TIME_WAIT)); /* and at once */
	t = census_time_wait(census, CLIENT, (struct moment){ 9000 * SECOND });
	assert_int_equal(t.now, 2);
	assert_int_equal(t.oldest.ns / SECOND, 9000 - 15 * 4);
	assert_int_equal(t.recent, 1);
	census_free(census);
}

static void recent_entries_make_a_rate(void **state)
{
	struct census *census = new_census(0);
	struct census_time_wait t;

	(void)state;
	for (int64_t at = 100; at < 200; at++) { /* two a second */
		tell(census, change(at, CLIENT, STATE_FIN_WAIT_2, STATE_TIME_WAIT));
		tell(census, change(at, CLIENT, STATE_FIN_WAIT_2, STATE_TIME_WAIT));
	}
	t = census_time_wait(census, CLIENT, (struct moment){ 200 * SECOND });
	assert_int_equal(t.over, 16 * SECOND);
	assert_int_equal(t.recent, 32);
	t = census_time_wait(census, CLIENT, (struct moment){ 203 * SECOND });
	assert_int_equal(t.over, 19 * SECOND);
	assert_int_equal(t.recent, 32);
	t = census_time_wait(census, CLIENT, (struct moment){ 300 * SECOND });
	assert_int_equal(t.recent, 0);
	assert_int_equal(t.now, 200);
	census_free(census);
}

/* A hundred holders with some hundred each, among a million that hold one and let it go after a while. */
static void a_flood_of_holders_leaves_the_greatest_and_the_sum(void **state)
{
	enum { FLOOD = 1000000, HELD = 5000, GREAT = 10 };
	struct census *census = new_census(256);
	const struct moment now = { 50 * SECOND };
	struct census_holder rows[GREAT];
	struct change c = change(5, CLIENT, STATE_FIN_WAIT_2, STATE_TIME_WAIT);
	uint64_t others;

	(void)state;
	for (uint32_t i = 0; i < GREAT * 1000; i++) {
		c.host[CLIENT] = ipv4(0x0a000001 + i % GREAT);
		tell(census, c);
	}
	for (uint32_t i = 0; i < FLOOD; i++) {
		c = change(5, CLIENT, STATE_FIN_WAIT_2, STATE_TIME_WAIT);
		c.host[CLIENT] = ipv4(0x20000000 + i);
		tell(census, c);
		if (i < HELD)
			continue;
		c = change(5, CLIENT, STATE_TIME_WAIT, STATE_CLOSED);
		c.host[CLIENT] = ipv4(0x20000000 + i - HELD);
		tell(census, c);
	}
	assert_int_equal(census_holders(census, CLIENT, now, rows, GREAT, &others), GREAT);
	for (int i = 0; i < GREAT; i++) {
		assert_int_equal(rows[i].held.now, 1000);
		assert_int_equal(rows[i].holder.addr[12], 10);
	}
	assert_int_equal(others, HELD);
	assert_int_equal(census_counts(census)->now[CLIENT][STATE_TIME_WAIT], GREAT * 1000 + HELD);
	census_free(census);
}

/* Those who held most long ago do not keep the room of those who hold something now. */
static void who_let_go_makes_room(void **state)
{
	struct census *census = new_census(16);
	const struct moment now = { 50 * SECOND };
	struct census_holder row;
	uint64_t others;

	(void)state;
	for (uint32_t i = 0; i < 1000; i++) {
		struct change c = change(5, CLIENT, STATE_FIN_WAIT_2, STATE_TIME_WAIT);

		c.host[CLIENT] = ipv4(0x0b000000 + i);
		for (int n = 0; n < 100; n++)
			tell(census, c);
		c.from = STATE_TIME_WAIT;
		c.to = STATE_CLOSED;
		for (int n = 0; n < 100; n++)
			tell(census, c);
	}
	tell(census, change(5, CLIENT, STATE_FIN_WAIT_2, STATE_TIME_WAIT));
	tell(census, change(5, CLIENT, STATE_FIN_WAIT_2, STATE_TIME_WAIT));
	for (uint32_t i = 0; i < 8; i++) {
		struct change c = change(5, CLIENT, STATE_FIN_WAIT_2, STATE_TIME_WAIT);

		c.host[CLIENT] = ipv4(0x0c000000 + i);
		tell(census, c);
	}
	assert_int_equal(census_holders(census, CLIENT, now, &row, 1, &others), 1);
	assert_int_equal(row.held.now, 2);
	assert_int_equal(row.holder.addr[15], 1);
	assert_int_equal(others, 8);
	census_free(census);
}

static void the_longest_in_close_wait_are_known(void **state)
{
	struct census *census = new_census(0);
	struct waiting_end ends[4];
	struct change c;

	(void)state;
	for (int i = 1; i <= 3; i++) {
		c = change(100 + i, SERVER, STATE_ESTABLISHED, STATE_CLOSE_WAIT);
		c.connection = (uint64_t)i;
		c.port[CLIENT] = (uint16_t)(40000 + i);
		tell(census, c);
	}
	assert_int_equal(census_close_wait(census, SERVER, ends, 4), 3);
	assert_int_equal(census_close_wait(census, CLIENT, &ends[3], 1), 0);
	assert_int_equal(ends[0].since.ns, 101 * SECOND);
	assert_int_equal(ends[0].port[CLIENT], 40001);
	assert_int_equal(ends[0].port[SERVER], 443);
	end_record(census, STATE_UNKNOWN, STATE_CLOSE_WAIT); /* connection 1: evicted, say */
	c = change(110, SERVER, STATE_CLOSE_WAIT, STATE_LAST_ACK);
	c.connection = 2;
	tell(census, c);
	assert_int_equal(census_close_wait(census, SERVER, ends, 4), 1);
	assert_int_equal(ends[0].connection, 3);
	census_free(census);
}

static void absurd_times_do_no_harm(void **state)
{
	static const int64_t times[] = { INT64_MIN, -1, 0, 1, INT64_MAX };
	struct census *census = new_census(0);
	const size_t n = sizeof times / sizeof *times;

	(void)state;
	for (size_t i = 0; i < n * n; i++) {
		struct change c = change(0, CLIENT, STATE_FIN_WAIT_2, STATE_TIME_WAIT);

		c.at.ns = times[i / n];
		tell(census, c);
		c.at.ns = times[i % n];
		tell(census, c);
		census_time_wait(census, CLIENT, c.at);
		census_time_wait(census, CLIENT, (struct moment){ times[(i + 1) % n] });
	}
	assert_int_equal(census_time_wait(census, CLIENT, (struct moment){ 0 }).now, 2 * n * n);
	census_free(census);
}

static void options_that_cannot_be_are_refused(void **state)
{
	struct census_options options = { .time_wait = 0 };

	(void)state;
	assert_null(census_new(&options));
	assert_int_equal(errno, EINVAL);
	options = (struct census_options){ .time_wait = 1, .entries = 1 };
	assert_null(census_new(&options));
	assert_int_equal(errno, EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends_are_in_the_state_they_went_to),
		cmocka_unit_test(the_clock_may_be_set_back),
		cmocka_unit_test(what_is_retracted_goes_back),
		cmocka_unit_test(what_was_never_told_takes_nothing_away),
		cmocka_unit_test(holders_are_counted_as_in_the_ledger),
		cmocka_unit_test(who_holds_nothing_any_more_is_not_listed),
		cmocka_unit_test(the_oldest_is_told_to_a_sixteenth),
		cmocka_unit_test(what_outlasts_the_ring_is_still_there),
		cmocka_unit_test(recent_entries_make_a_rate),
		cmocka_unit_test(a_flood_of_holders_leaves_the_greatest_and_the_sum),
		cmocka_unit_test(who_let_go_makes_room),
		cmocka_unit_test(the_longest_in_close_wait_are_known),
		cmocka_unit_test(absurd_times_do_no_harm),
		cmocka_unit_test(options_that_cannot_be_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
