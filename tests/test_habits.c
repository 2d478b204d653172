/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_habits.c - what only many connections show: health checks and their rhythm, programs that abort. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "analyzer/rhythm.h"
#include "analyzer/tally.h"
#include "summary_page.h"

static void a_rhythm_is_what_three_quarters_of_the_latest_share(void **state)
{
	static const struct {
		const char *what;
		size_t n;
		int64_t at[12], interval;
	} cases[] = {
		{ "one", 1, { 0 }, 0 },
		{ "four are too few", 4, { 0, 100, 200, 300 }, 0 },
		{ "five", 5, { 0, 100, 200, 300, 400 }, 100 },
		{ "before 1970", 5, { -400, -300, -200, -100, 0 }, 100 },
		{ "within a tenth", 5, { 0, 100, 200, 310, 400 }, 100 },
		{ "three of four", 5, { 0, 100, 200, 300, 450 }, 100 },
		{ "two of four", 5, { 0, 100, 200, 350, 500 }, 0 },
		{ "beyond a tenth", 5, { 0, 100, 220, 300, 420 }, 0 },
		{ "in turns", 9, { 0, 1, 100, 101, 200, 201, 300, 301, 400 }, 0 },
		{ "at once", 6, { 7, 7, 7, 7, 7, 7 }, 0 },
		{ "out of order", 8, { 0, 100, 300, 200, 400, 500, 600, 700 }, 100 },
		{ "forgotten", 12, { 0, 1, 50, 51, 58, 200, 400, 600, 800, 1000, 1200, 1400 }, 200 },
		{ "lost", 10, { 0, 200, 400, 600, 800, 1000, 1200, 1201, 1217, 1280 }, 0 },
		{ "too far", 5, { INT64_MIN, INT64_MAX, INT64_MIN, INT64_MAX, INT64_MIN }, INT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct rhythm rhythm = { .count = 0 };

		for (size_t j = 0; j < cases[i].n; j++)
			rhythm_add(&rhythm, (struct moment){ cases[i].at[j] });
		if (rhythm_interval(&rhythm) != cases[i].interval)
			fail_msg("%s: the interval is %lld, not %lld", cases[i].what,
				 (long long)rhythm_interval(&rhythm), (long long)cases[i].interval);
	}
}

static struct tally *new_tally(void)
{
	struct tally_options options = { .seed = 42 };
	struct tally *tally = tally_new(&options);

	assert_non_null(tally);
	return tally;
}

static void tally_feed(struct tally *tally, struct record record, int times)
{
	for (int i = 0; i < times; i++)
		tally_record(tally, &record);
}

static struct record aborted(enum closer by, enum cause cause)
{
	struct record r = reset(by);

	r.rst_family = RST_ACTIVE;
	r.cause = cause;
	return r;
}

static void who_aborts_nine_of_ten_has_a_habit(void **state)
{
	struct tally *tally = new_tally();
	struct tally_aborter who[2];
	uint64_t missed;

	(void)state;
	tally_feed(tally, aborted(CLOSER_SERVER, CAUSE_ABORT), 9);
	assert_int_equal(tally_aborters(tally, SERVER, who, 2, &missed), 0); /* too few */
	tally_feed(tally, graceful(), 1);
	tally_feed(tally, without_time_wait(CLOSE_REFUSED, CLOSER_SERVER), 100); /* never were connections */
	assert_int_equal(tally_aborters(tally, SERVER, who, 2, &missed), 1);
	assert_int_equal(who[0].host.addr[15], 2);
	assert_int_equal(who[0].port, 443);
	assert_int_equal(who[0].connections, 10);
	assert_int_equal(who[0].aborts, 9);
	assert_int_equal(missed, 0);
	assert_int_equal(tally_aborters(tally, CLIENT, who, 2, &missed), 0);
	tally_feed(tally, graceful(), 1);
	assert_int_equal(tally_aborters(tally, SERVER, who, 2, &missed), 0); /* 9 of 11 */
	tally_free(tally);
}

static void only_its_own_abort_is_a_habit(void **state)
{
	struct record not_its_own[] = { aborted(CLOSER_SERVER, CAUSE_ABORT),
					aborted(CLOSER_CLIENT, CAUSE_LATE_DATA),
					aborted(CLOSER_CLIENT, CAUSE_KEEPALIVE_DEAD),
					aborted(CLOSER_CLIENT, CAUSE_HEALTH_CHECK), graceful() };
	struct tally_aborter who;
	uint64_t missed;

	(void)state;
	not_its_own[1].rst_family = RST_REPLY;
	for (size_t i = 0; i < sizeof not_its_own / sizeof *not_its_own; i++) {
		struct tally *tally = new_tally();

		tally_feed(tally, not_its_own[i], 20);
		assert_int_equal(tally_aborters(tally, CLIENT, &who, 1, &missed), 0);
		tally_free(tally);
	}
}

/* A client that checks a service and also uses it is judged by its use. */
static void health_checks_do_not_blur_a_habit(void **state)
{
	struct tally *tally = new_tally();
	struct tally_aborter who;
	uint64_t missed;

	(void)state;
	tally_feed(tally, aborted(CLOSER_CLIENT, CAUSE_HEALTH_CHECK), 100);
	tally_feed(tally, aborted(CLOSER_SERVER, CAUSE_ABORT), 10);
	assert_int_equal(tally_aborters(tally, SERVER, &who, 1, &missed), 1);
	assert_int_equal(who.connections, 10);
	assert_int_equal(who.aborts, 10);
	tally_free(tally);
}

static void tally_every(struct tally *tally, struct record r, int times, int64_t interval)
{
	for (int i = 0; i < times; i++) {
		tally_record(tally, &r);
		r.start.ns += interval;
	}
}

static void checks_belong_to_who_asks_whom(void **state)
{
	struct tally *tally = new_tally();
	struct record r = aborted(CLOSER_CLIENT, CAUSE_HEALTH_CHECK);
	struct tally_check checks[4];
	uint64_t missed;

	(void)state;
	tally_every(tally, r, 2, 3 * SECOND); /* too few */
	r.port[SERVER] = 80;
	tally_every(tally, r, 3, 3 * SECOND); /* too few for a rhythm */
	r.host[CLIENT].addr[15] = 9;
	tally_every(tally, r, 7, 5 * SECOND);
	assert_int_equal(tally_checks(tally, checks, 4, &missed), 2);
	assert_int_equal(checks[0].client.addr[15], 9);
	assert_int_equal(checks[0].server.addr[15], 2);
	assert_int_equal(checks[0].port, 80);
	assert_int_equal(checks[0].connections, 7);
	assert_int_equal(checks[0].aborted, 7);
	assert_int_equal(checks[0].interval, 5 * SECOND);
	assert_int_equal(checks[1].connections, 3);
	assert_int_equal(checks[1].interval, 0);
	assert_int_equal(missed, 0);
	tally_free(tally);
}

static void polite_checks_are_those_that_come_regularly(void **state)
{
	struct tally *tally = new_tally();
	struct record r = graceful();
	struct tally_check check;
	uint64_t missed;

	(void)state;
	r.side[CLIENT].bytes = r.side[SERVER].bytes = 0;
	tally_every(tally, r, 4, 2 * SECOND);
	r.start.ns += 100 * SECOND;
	tally_every(tally, r, 2, 30 * SECOND);
	tally_record(tally, &(struct record){ .start = { 1 },
					      .host = { r.host[0], r.host[1] },
					      .port = { 1, 443 },
					      .cause = CAUSE_HEALTH_CHECK });
	assert_int_equal(tally_checks(tally, &check, 1, &missed), 0); /* no rhythm, and one RST */
	r.port[SERVER] = 1;
	r.side[CLIENT].bytes = 1; /* a request */
	tally_every(tally, r, 20, 2 * SECOND);
	r.port[SERVER] = 2;
	r.side[CLIENT].bytes = 0;
	r.midstream = true; /* what was sent before is not known */
	tally_every(tally, r, 20, 2 * SECOND);
	r.port[SERVER] = 3;
	r.midstream = false;
	r.closer = CLOSER_SERVER;
	tally_every(tally, r, 20, 2 * SECOND);
	assert_int_equal(tally_checks(tally, &check, 1, &missed), 0);
	r.port[SERVER] = 4;
	r.closer = CLOSER_CLIENT;
	tally_every(tally, r, 5, 2 * SECOND);
	assert_int_equal(tally_checks(tally, &check, 1, &missed), 1);
	assert_int_equal(check.port, 4);
	assert_int_equal(check.aborted, 0);
	assert_int_equal(check.interval, 2 * SECOND);
	tally_free(tally);
}

static void feed_every(struct summary *summary, struct record record, int times, int64_t interval)
{
	for (int i = 0; i < times; i++) {
		feed(summary, record, 1);
		record.start.ns += interval;
	}
}

/* What only many connections show; the addresses as long as they can be, too. */
static void feed_habits(struct summary *summary)
{
	struct record r = aborted(CLOSER_CLIENT, CAUSE_HEALTH_CHECK);

	feed_every(summary, r, 61, 5 * SECOND);
	r.port[SERVER] = 80;
	feed_every(summary, r, 3, 5 * SECOND);
	r.port[SERVER] = 81;
	for (int i = 0; i < 20; i++) {
		r.start.ns += i * i * SECOND;
		feed(summary, r, 1);
	}
	r.port[SERVER] = 65535;
	r.host[CLIENT] = ipv6(0x11);
	r.host[SERVER] = ipv6(0x22);
	feed_every(summary, r, 1000, SECOND / 4);
	r.start.ns += 1000 * (SECOND / 4);
	r.close = CLOSE_GRACEFUL;
	r.cause = CAUSE_NONE;
	r.side[CLIENT].bytes = r.side[SERVER].bytes = 0;
	feed_every(summary, r, 500, SECOND / 4);
	r.port[SERVER] = 8080;
	feed_every(summary, r, 7, 30 * SECOND);
	r.host[SERVER] = ipv4(10, 0, 0, 3);
	feed(summary, r, 7); /* nothing sent, and no rhythm */

	r = aborted(CLOSER_SERVER, CAUSE_ABORT);
	r.port[SERVER] = 5432;
	feed(summary, r, 58);
	feed(summary, graceful(), 300);
	r = aborted(CLOSER_CLIENT, CAUSE_ABORT);
	r.port[SERVER] = 65534;
	r.host[CLIENT] = ipv6(0x33);
	r.host[SERVER] = ipv6(0x44);
	feed(summary, r, 2000);
	r.close = CLOSE_GRACEFUL;
	feed(summary, r, 1);
}

static void habits_of_hosts(void **state)
{
	struct summary *summary = new_summary(0, 1);
	struct summary_input in = input_of(9000);

	(void)state;
	feed_habits(summary);
	assert_golden(summary, &in, "habits");
	summary = new_summary(0, 1);
	in.verbose = true;
	feed_habits(summary);
	assert_golden(summary, &in, "habits_verbose");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rhythm_is_what_three_quarters_of_the_latest_share),
		cmocka_unit_test(who_aborts_nine_of_ten_has_a_habit),
		cmocka_unit_test(only_its_own_abort_is_a_habit),
		cmocka_unit_test(health_checks_do_not_blur_a_habit),
		cmocka_unit_test(checks_belong_to_who_asks_whom),
		cmocka_unit_test(polite_checks_are_those_that_come_regularly),
		cmocka_unit_test(habits_of_hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
