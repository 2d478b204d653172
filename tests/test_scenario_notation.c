/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_scenario_notation.c - what scenario.h says of the notation is what its reader does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scenario.h"

static bool read_script(const char *script, const struct scenario_way *way, struct scenario_steps *steps)
{
	const struct scenario scenario = { .name = "", .script = script };

	return scenario_read(&scenario, way, steps);
}

/* A table in test_scenarios.c would otherwise pass by saying less than it seems to. */
static void test_bad_scripts_are_refused(void **state)
{
	static const char *const bad[] = {
		"> 1 ack 1",		     /* no flags */
		"> . 1",		     /* ACK without a number */
		"> F 1 ack 1",		     /* a number without ACK */
		"> P. 1:5(3) ack 1",	     /* the length lies */
		"> P. 5:1 ack 1",	     /* backwards */
		"> . 1 ack 1 fin",	     /* no such option */
		"> . 1 ack 1 win 70000",     /* too large */
		"- . 1 ack 1",		     /* no such direction */
		"< icmp host 0",	     /* quotes nothing */
		"< icmp nonsense quoting 0", /* no such error */
		"=",			     /* nothing before it */
		"lost",			     /* for how long? */
		"pair 9",		     /* too many */
		"open open",		     /* two on a line */
		"habits gateway nots",	     /* whose? */
		"habits server mss 1460",    /* no such habit */
		"habits server id 7",	     /* constant or step? */
		"> . 1 ack 1 text 'hi'",     /* only a RST talks */
		"> R 1:3(2) text 'out'",     /* more than it carries */
	};
	const struct scenario_way way = { 0 };
	struct scenario_steps steps;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (read_script(bad[i], &way, &steps) || !steps.error)
			fail_msg("'%s' was read", bad[i]);
}

static void test_errors_name_the_event(void **state)
{
	const struct scenario_way way = { 0 };
	struct scenario_steps steps;

	(void)state;
	assert_false(read_script("open; # a comment; still one\n> F. 1", &way, &steps));
	assert_int_equal(steps.line, 3);
}

static void test_both_sides_look_like_linux(void **state)
{
	const struct scenario_way way = { 0 };
	struct scenario_steps s;

	(void)state;
	assert_true(read_script("open; > P. 1:101(100) ack 1; > R 101; > R. 101 ack 1", &way, &s));
	assert_int_equal(s.count, 6);
	assert_int_equal(s.step[0].segment.flags, TCP_SYN);
	assert_int_equal(s.step[0].segment.window, 64240);
	assert_int_equal(s.step[0].segment.wscale, 7);
	assert_int_equal(s.step[1].segment.ip_id, 0);
	assert_int_equal(s.step[1].segment.ack.n, s.step[0].segment.seq.n + 1);
	assert_int_equal(s.step[3].segment.len, 100);
	assert_int_equal(s.step[3].segment.ip_id, s.step[2].segment.ip_id + 1);
	assert_true(s.step[3].segment.bits & SEGMENT_TIMESTAMPS);
	assert_int_equal(s.step[3].at.ns - s.step[2].at.ns, 5000000);
	assert_int_equal(s.step[4].segment.window, 0);
	assert_int_equal(s.step[4].segment.ip_id, 0);
	assert_false(s.step[4].segment.bits & SEGMENT_TIMESTAMPS);
	assert_int_equal(s.step[5].segment.window, 500);
	assert_true(s.step[5].segment.bits & SEGMENT_TIMESTAMPS);
}

static void test_talk_is_a_request_and_an_answer(void **state)
{
	const struct scenario_way way = { 0 };
	struct scenario_steps s;

	(void)state;
	assert_true(read_script("talk; > F. ack 201", &way, &s));
	assert_int_equal(s.count, 7);
	assert_int_equal(s.step[3].segment.len, 100);
	assert_int_equal(s.step[4].segment.len, 200);
	assert_int_equal(s.step[6].segment.seq.n, s.step[0].segment.seq.n + 101);
	assert_int_equal(s.step[6].segment.ack.n, s.step[1].segment.seq.n + 201);
}

static void test_hosts_have_habits(void **state)
{
	const struct scenario_way way = { 0 }, v6 = { .ipv6 = true };
	struct scenario_steps s;
	const struct segment *rst;

	(void)state;
	assert_true(read_script("habits server ttl 128 nots id step 9 rst win 0 rst ttl 255; talk; "
				"< R. 201 ack 101; < R 201; > R. 101 ack 201",
				&way, &s));
	rst = &s.step[6].segment;
	assert_int_equal(s.step[4].segment.ttl, 128);
	assert_int_equal(s.step[4].segment.window, 500);
	assert_false(s.step[4].segment.bits & SEGMENT_TIMESTAMPS);
	assert_int_equal(s.step[4].segment.ip_id, s.step[1].segment.ip_id + 9);
	assert_int_equal(rst->ip_id, s.step[4].segment.ip_id + 9);
	assert_int_equal(rst->ttl, 255);
	assert_int_equal(rst->window, 0);
	assert_int_equal(rst->seq.n, s.step[1].segment.seq.n + 201);
	assert_int_equal(s.step[7].segment.ip_id, rst->ip_id + 9);
	assert_int_equal(s.step[8].segment.ttl, 64);
	assert_int_equal(s.step[8].segment.window, 500);
	assert_true(read_script("habits client id random; habits server id constant 7; talk", &way, &s));
	assert_int_not_equal(s.step[2].segment.ip_id, s.step[0].segment.ip_id + 1);
	assert_int_equal(s.step[1].segment.ip_id, 7);
	assert_int_equal(s.step[4].segment.ip_id, 7);
	assert_true(read_script("habits client id random; talk", &v6, &s));
	assert_int_equal(s.step[0].segment.ip_id, 0);
}

static void test_a_rst_says_why(void **state)
{
	const struct scenario_way way = { 0 };
	struct scenario_steps s;

	(void)state;
	assert_true(read_script("talk; < R. 201:208(7) ack 101 text 'no luck'; > R 101 mptcp 3", &way, &s));
	assert_int_equal(s.step[6].segment.says.rst.text_len, 7);
	assert_memory_equal(s.step[6].segment.says.rst.text, "no luck", 7);
	assert_false(s.step[6].segment.bits & SEGMENT_MPTCP_RST);
	assert_true(s.step[7].segment.bits & SEGMENT_MPTCP_RST);
	assert_int_equal(s.step[7].segment.says.rst.mptcp_reason, 3);
}

static void test_a_refusal_has_absolute_seq_0(void **state)
{
	const struct scenario_way way = { .wrap = true };
	struct scenario_steps s;

	(void)state;
	assert_true(read_script("> S 0; < R. 0 ack 1", &way, &s));
	assert_int_equal(s.step[1].segment.seq.n, 0);
	assert_int_equal(s.step[1].segment.ack.n, s.step[0].segment.seq.n + 1);
	assert_int_equal(s.step[1].segment.window, 0);
}

static void test_ways_differ_in_what_they_say(void **state)
{
	const struct scenario_way low = { 0 }, high = { .client_higher = true, .ipv6 = true, .wrap = true };
	struct scenario_steps a, b;

	(void)state;
	assert_true(read_script("open", &low, &a));
	assert_true(read_script("open", &high, &b));
	assert_true(host_is_ipv4(&a.step[0].segment.src));
	assert_false(host_is_ipv4(&b.step[0].segment.src));
	assert_true(memcmp(&a.step[0].segment.src, &a.step[0].segment.dst, sizeof(struct host)) < 0);
	assert_true(memcmp(&b.step[0].segment.src, &b.step[0].segment.dst, sizeof(struct host)) > 0);
	assert_true(b.step[2].segment.seq.n < b.step[0].segment.seq.n);
}

static void test_time_moves_as_said(void **state)
{
	const struct scenario_way way = { 0 };
	struct scenario_steps s;

	(void)state;
	assert_true(read_script("> S 0; =; +2.5 > S 0; ~ 61s; < S. 0 ack 1", &way, &s));
	assert_int_equal(s.step[1].at.ns - s.step[0].at.ns, 50000);
	assert_int_equal(s.step[1].segment.ip_id, s.step[0].segment.ip_id);
	assert_true(s.step[2].at.ns - s.step[1].at.ns == 2500000000);
	assert_int_equal(s.step[2].segment.ip_id, s.step[0].segment.ip_id + 1);
	assert_true(s.step[3].tick);
	assert_true(s.step[4].at.ns - s.step[2].at.ns == 61005000000);
	assert_true(read_script("> S 0; lost 2.5s; < S. 0 ack 1", &way, &s));
	assert_true(s.step[1].tick && s.step[1].lost == 2500000000);
	assert_true(s.step[1].at.ns == s.step[0].at.ns);
	assert_true(s.step[2].at.ns - s.step[0].at.ns == 5000000);
}

static void test_an_icmp_error_quotes(void **state)
{
	const struct scenario_way v4 = { 0 }, v6 = { .ipv6 = true };
	struct scenario_steps s;

	(void)state;
	assert_true(read_script("> S 0; < icmp port quoting 0", &v4, &s));
	assert_int_equal(s.step[1].segment.kind, SEGMENT_ICMP);
	assert_int_equal(s.step[1].segment.seq.n, s.step[0].segment.seq.n);
	assert_int_equal(s.step[1].segment.sport, s.step[0].segment.sport);
	assert_int_equal(s.step[1].segment.says.icmp.type, 3);
	assert_int_equal(s.step[1].segment.says.icmp.code, 3);
	assert_int_equal(s.step[1].segment.flags, 0);
	assert_true(read_script("> S 0; < icmp port quoting 0", &v6, &s));
	assert_int_equal(s.step[1].segment.says.icmp.type, 1);
	assert_int_equal(s.step[1].segment.says.icmp.code, 4);
	assert_int_equal(s.step[1].segment.flags, TCP_SYN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_scripts_are_refused),
		cmocka_unit_test(test_errors_name_the_event),
		cmocka_unit_test(test_both_sides_look_like_linux),
		cmocka_unit_test(test_talk_is_a_request_and_an_answer),
		cmocka_unit_test(test_hosts_have_habits),
		cmocka_unit_test(test_a_rst_says_why),
		cmocka_unit_test(test_a_refusal_has_absolute_seq_0),
		cmocka_unit_test(test_ways_differ_in_what_they_say),
		cmocka_unit_test(test_time_moves_as_said),
		cmocka_unit_test(test_an_icmp_error_quotes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
