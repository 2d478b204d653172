/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_ledger.c - TIME-WAIT by holder: how many, towards whom, and how many at once. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/ledger.h"

#define SECOND 1000000000LL

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

/* Held for that long, until 'ended', both in seconds. */
static struct record held(enum time_wait what, enum holder holder, int64_t seconds, int64_t ended)
{
	return (struct record){
		.ended = { ended * SECOND },
		.host = { ipv4(0x0a000001), ipv4(0x0a000002) },
		.port = { 40000, 443 },
		.close = CLOSE_GRACEFUL,
		.closer = CLOSER_CLIENT,
		.time_wait = what,
		.time_wait_side = holder,
		.time_wait_held = seconds * SECOND,
	};
}

static struct ledger *new_ledger(size_t entries)
{
	struct ledger_options options = { .time_wait = 60 * SECOND, .entries = entries, .seed = 3 };
	struct ledger *ledger = ledger_new(&options);

	assert_non_null(ledger);
	return ledger;
}

static void feed(struct ledger *ledger, struct record record, int times)
{
	for (int i = 0; i < times; i++)
		ledger_record(ledger, &record);
}

static void connections_without_time_wait_do_not_count(void **state)
{
	struct ledger *ledger = new_ledger(0);
	struct ledger_row row;
	uint64_t missed;

	(void)state;
	feed(ledger, held(TIME_WAIT_NONE, HOLDER_NONE, 0, 100), 5);
	assert_int_equal(ledger_totals(ledger).made, 0);
	assert_int_equal(ledger_totals(ledger).peak, 0);
	assert_int_equal(ledger_top(ledger, CLIENT, &row, 1, &missed), 0);
	ledger_free(ledger);
}

static void totals_add_up(void **state)
{
	struct ledger *ledger = new_ledger(0);
	struct ledger_totals t;

	(void)state;
	feed(ledger, held(TIME_WAIT_EXPIRED, HOLDER_CLIENT, 60, 160), 4);
	feed(ledger, held(TIME_WAIT_REUSED, HOLDER_SERVER, 1, 161), 3);
	feed(ledger, held(TIME_WAIT_ASSASSINATED, HOLDER_SERVER, 1, 162), 2);
	feed(ledger, held(TIME_WAIT_LINGERING, HOLDER_BOTH, 10, 200), 1);
	t = ledger_totals(ledger);
	assert_int_equal(t.made, 4 + 3 + 2 + 2);
	assert_int_equal(t.by_time_wait[TIME_WAIT_EXPIRED], 4);
	assert_int_equal(t.by_time_wait[TIME_WAIT_REUSED], 3);
	assert_int_equal(t.by_time_wait[TIME_WAIT_ASSASSINATED], 2);
	assert_int_equal(t.by_time_wait[TIME_WAIT_LINGERING], 2);
	assert_int_equal(t.held_ms, (4 * 60 + 3 + 2 + 2 * 10) * 1000);
	ledger_free(ledger);
}

static void clients_count_by_service_servers_by_their_own(void **state)
{
	struct ledger *ledger = new_ledger(0);
	struct record r = held(TIME_WAIT_LINGERING, HOLDER_CLIENT, 5, 100);
	struct ledger_row rows[4];
	uint64_t missed;

	(void)state;
	for (uint16_t port = 1; port <= 10; port++) { /* from ten ports to one service */
		r.port[CLIENT] = port;
		feed(ledger, r, 1);
	}
	r.port[SERVER] = 80;
	feed(ledger, r, 3);
	for (uint32_t i = 0; i < 7; i++) { /* one server, seven clients */
		r = held(TIME_WAIT_LINGERING, HOLDER_SERVER, 5, 100);
		r.host[CLIENT] = ipv4(0xc0000200 + i);
		feed(ledger, r, 1);
	}
	assert_int_equal(ledger_top(ledger, CLIENT, rows, 4, &missed), 2);
	assert_int_equal(rows[0].now, 10);
	assert_int_equal(rows[0].port, 443);
	assert_int_equal(rows[0].holder.addr[15], 1);
	assert_int_equal(rows[0].peer.addr[15], 2);
	assert_int_equal(rows[1].now, 3);
	assert_int_equal(rows[1].port, 80);
	assert_int_equal(ledger_top(ledger, SERVER, rows, 4, &missed), 1);
	assert_int_equal(rows[0].now, 7);
	assert_int_equal(rows[0].peak, 7);
	assert_int_equal(rows[0].holder.addr[15], 2);
	ledger_free(ledger);
}

static void the_peak_is_what_was_held_at_once(void **state)
{
	struct ledger *ledger = new_ledger(0);
	struct ledger_row row;
	uint64_t missed;

	(void)state;
	/* ten a second for 1,000 s: from 60 s on 600 are held */
	for (int64_t second = 0; second < 1000; second++)
		feed(ledger, held(TIME_WAIT_EXPIRED, HOLDER_CLIENT, 60, second + 60), 10);
	assert_int_equal(ledger_totals(ledger).peak, 600);
	assert_int_equal(ledger_top(ledger, CLIENT, &row, 1, &missed), 1);
	assert_int_equal(row.peak, 600);
	assert_int_equal(row.made, 10000);
	assert_int_equal(row.now, 0);
	ledger_free(ledger);
}

static void a_pair_that_is_reused_is_held_once(void **state)
{
	struct ledger *ledger = new_ledger(0);

	(void)state;
	for (int64_t second = 1; second < 1000; second++)
		feed(ledger, held(TIME_WAIT_REUSED, HOLDER_CLIENT, 1, second), 1);
	assert_int_equal(ledger_totals(ledger).peak, 1);
	ledger_free(ledger);
}

static void the_peak_joins_what_ended_with_what_lingers(void **state)
{
	struct ledger *ledger = new_ledger(0);

	(void)state;
	/* the observation ends at 100 s: 50 expired at 90 s, 70 began at 80 s and linger */
	feed(ledger, held(TIME_WAIT_EXPIRED, HOLDER_CLIENT, 60, 90), 50);
	feed(ledger, held(TIME_WAIT_LINGERING, HOLDER_CLIENT, 20, 100), 70);
	assert_int_equal(ledger_totals(ledger).peak, 120);
	ledger_free(ledger);
}

static void one_that_was_short_was_one_at_once(void **state)
{
	struct ledger *ledger = new_ledger(0);
	struct ledger_row row;
	uint64_t missed;

	(void)state;
	feed(ledger, held(TIME_WAIT_REUSED, HOLDER_CLIENT, 0, 100), 1);
	assert_int_equal(ledger_totals(ledger).peak, 1);
	assert_int_equal(ledger_top(ledger, CLIENT, &row, 1, &missed), 1);
	assert_int_equal(row.peak, 1);
	ledger_free(ledger);
}

static void quiet_times_empty_the_ring(void **state)
{
	struct ledger *ledger = new_ledger(0);

	(void)state;
	feed(ledger, held(TIME_WAIT_EXPIRED, HOLDER_CLIENT, 60, 100), 50);
	feed(ledger, held(TIME_WAIT_EXPIRED, HOLDER_CLIENT, 60, 100000), 40);
	assert_int_equal(ledger_totals(ledger).peak, 50);
	feed(ledger, held(TIME_WAIT_EXPIRED, HOLDER_CLIENT, 60, 100001), 40);
	assert_int_equal(ledger_totals(ledger).peak, 80);
	ledger_free(ledger);
}

static void absurd_times_do_no_harm(void **state)
{
	static const int64_t times[] = { INT64_MIN, -1, 0, 1, INT64_MAX };
	struct ledger *ledger = new_ledger(0);

	(void)state;
	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		struct record r = held(TIME_WAIT_EXPIRED, HOLDER_BOTH, 0, 0);

		r.ended.ns = times[i];
		r.time_wait_held = INT64_MAX;
		feed(ledger, r, 1);
		r.time_wait_held = UNKNOWN_NS;
		feed(ledger, r, 1);
	}
	assert_int_equal(ledger_totals(ledger).made, 20);
	assert_true(ledger_totals(ledger).peak <= 20);
	ledger_free(ledger);
}

static void many_holders_leave_the_greatest(void **state)
{
	struct ledger *ledger = new_ledger(256);
	struct record r = held(TIME_WAIT_LINGERING, HOLDER_CLIENT, 5, 100);
	struct ledger_row row;
	uint64_t missed;

	(void)state;
	for (uint32_t i = 0; i < 1000000; i++) {
		r.host[CLIENT] = ipv4(0x20000000 + i);
		ledger_record(ledger, &r);
		r.host[CLIENT] = ipv4(0x0a000001);
		if (i % 10 == 0)
			ledger_record(ledger, &r);
	}
	assert_int_equal(ledger_top(ledger, CLIENT, &row, 1, &missed), 1);
	assert_int_equal(row.holder.addr[12], 10);
	assert_true(row.now + missed >= 100000);
	assert_true(missed > 0);
	assert_int_equal(ledger_totals(ledger).made, 1100000);
	ledger_free(ledger);
}

static void a_time_wait_of_nothing_is_refused(void **state)
{
	struct ledger_options options = { .time_wait = 0 };

	(void)state;
	assert_null(ledger_new(&options));
	assert_int_equal(errno, EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connections_without_time_wait_do_not_count),
		cmocka_unit_test(totals_add_up),
		cmocka_unit_test(clients_count_by_service_servers_by_their_own),
		cmocka_unit_test(the_peak_is_what_was_held_at_once),
		cmocka_unit_test(a_pair_that_is_reused_is_held_once),
		cmocka_unit_test(the_peak_joins_what_ended_with_what_lingers),
		cmocka_unit_test(one_that_was_short_was_one_at_once),
		cmocka_unit_test(quiet_times_empty_the_ring),
		cmocka_unit_test(absurd_times_do_no_harm),
		cmocka_unit_test(many_holders_leave_the_greatest),
		cmocka_unit_test(a_time_wait_of_nothing_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
