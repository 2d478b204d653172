/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_summary.c - the summary's text for records made by hand, against tests/golden/.
 * See summary_page.h for how to renew these.
 */
#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "summary_page.h"
#include "ui/page.h"

/* Something of everything. */
static void feed_mix(struct summary *summary)
{
	struct record r = graceful();

	feed(summary, r, 700);
	r.time_wait = TIME_WAIT_REUSED;
	feed(summary, r, 3);
	r.time_wait = TIME_WAIT_ASSASSINATED;
	feed(summary, r, 1);
	r = reset(CLOSER_SERVER);
	feed(summary, r, 60);
	set_state(&r.side[CLIENT], STATE_FIN_WAIT_1, STATE_CLOSED);
	r.side[SERVER].lost = 1234567;
	r.side[SERVER].lost_known = true;
	r.closer = CLOSER_CLIENT; /* began by FIN, and the server answered by RST */
	feed(summary, r, 2);
	r = reset(CLOSER_CLIENT);
	r.host[CLIENT] = ipv4(10, 0, 0, 7);
	r.port[SERVER] = 5432;
	r.side[SERVER].saw = SAW_EPIPE;
	feed(summary, r, 31);
	feed(summary, reset(CLOSER_NETWORK), 1);
	r = without_time_wait(CLOSE_REFUSED, CLOSER_SERVER);
	r.port[SERVER] = 8080;
	r.side[CLIENT].saw = SAW_ECONNREFUSED;
	feed(summary, r, 40);
	r.close = CLOSE_UNREACHABLE;
	r.closer = CLOSER_NETWORK;
	r.cause = CAUSE_ICMP_HOST;
	r.host[SERVER] = ipv4(192, 0, 2, 99);
	r.side[CLIENT].saw = SAW_EHOSTUNREACH;
	feed(summary, r, 2);
	r = without_time_wait(CLOSE_UNANSWERED, CLOSER_NONE);
	r.port[SERVER] = 8080;
	feed(summary, r, 3);
	r.close = CLOSE_ABANDONED;
	feed(summary, r, 1);
	r = without_time_wait(CLOSE_VANISHED, CLOSER_NONE);
	r.ended.ns = r.end.ns + 122 * SECOND;
	r.cause = CAUSE_DATA;
	feed(summary, r, 2);
	r = still(CLOSE_OPEN, 250);
	feed(summary, r, 12);
	r = still(CLOSE_OPEN, 312);
	r.port[CLIENT] = 40001;
	r.side[CLIENT].bytes = r.side[SERVER].bytes = 0;
	feed(summary, r, 5);
	r = still(CLOSE_HALF_CLOSED, 100);
	r.side[CLIENT].fin_wait_2 = r.side[SERVER].close_wait = 90 * SECOND;
	set_state(&r.side[CLIENT], STATE_FIN_WAIT_1, STATE_FIN_WAIT_2);
	set_state(&r.side[SERVER], STATE_ESTABLISHED, STATE_CLOSE_WAIT);
	feed(summary, r, 4);
	r = still(CLOSE_CLOSING, 100);
	r.end.ns -= 30 * SECOND;
	r.teardown_time = 12 * SECOND;
	r.port[CLIENT] = 40002;
	set_state(&r.side[CLIENT], STATE_ESTABLISHED, STATE_FIN_WAIT_1);
	feed(summary, r, 1);
	feed(summary, lingering(HOLDER_CLIENT), 120);
	r = lingering(HOLDER_SERVER);
	r.closer = CLOSER_SERVER;
	feed(summary, r, 15);
	r = lingering(HOLDER_BOTH);
	r.closer = CLOSER_BOTH;
	r.close = CLOSE_SIMULTANEOUS;
	r.rst_ignored = 2;
	r.midstream = true;
	feed(summary, r, 1);
}

static struct summary_input mixed_input(void)
{
	struct summary_input in = input_of(1204331);

	in.inputs = 3;
	in.inputs_failed = 1;
	in.filter = "tcp port 443 or \033[31mtcp port 5432";
	in.dissect.by_result[DISSECT_SEGMENT] = 1200000;
	in.dissect.by_result[DISSECT_NOT_IP] = 301;
	in.dissect.by_result[DISSECT_NOT_TCP] = 4030;
	in.dissect.by_result[DISSECT_UNKNOWN_LINK] = 1;
	in.dissect.reassembled = 12;
	in.dissect.incomplete = 2;
	in.dissect.oversized = 1042;
	in.dissect.bad_checksum = 200;
	in.dissect.checksum_tried = 1950;
	in.dissect.cut = 7;
	in.dissect.reassembler_died = true;
	in.tracker.duplicates = 4211;
	in.tracker.evicted = 2;
	return in;
}

static void an_empty_input_says_so(void **state)
{
	struct summary_input in = input_of(0);

	(void)state;
	assert_golden(new_summary(0, 1), &in, "empty");
}

static void one_connection(void **state)
{
	struct summary *summary = new_summary(0, 1);
	struct summary_input in = input_of(11);

	(void)state;
	in.last.ns = BEGIN + 10 * SECOND;
	feed(summary, graceful(), 1);
	assert_golden(summary, &in, "one");
}

static void everything_in_utf8(void **state)
{
	struct summary *summary = new_summary(0, 1);
	struct summary_input in = mixed_input();

	(void)state;
	feed_mix(summary);
	assert_golden(summary, &in, "mix");
}

static void everything_in_ascii(void **state)
{
	struct summary *summary = new_summary(0, 1);
	struct summary_input in = mixed_input();
	char *text;

	(void)state;
	feed_mix(summary);
	in.utf8 = false;
	text = printed(summary, &in);
	for (const char *c = text; *c; c++)
		assert_true(*c == '\n' || (*c >= ' ' && *c <= '~'));
	free(text);
	assert_golden(summary, &in, "ascii");
}

static void colours_change_nothing_else(void **state)
{
	struct summary *summary = new_summary(0, 1);
	struct summary_input in = mixed_input();
	char *text, *bare, *to;

	(void)state;
	feed_mix(summary);
	bare = printed(summary, &in);
	in.colours = true;
	text = to = printed(summary, &in);
	assert_non_null(strstr(text, "\033[1m"));
	for (char *from = text; *from; from++) {
		if (*from == '\033')
			from += strcspn(from, "m");
		else
			*to++ = *from;
	}
	*to = '\0';
	assert_string_equal(text, bare);
	free(text);
	free(bare);
	assert_golden(summary, &in, "colours");
}

static void ipv6_addresses_fit(void **state)
{
	struct summary *summary = new_summary(0, 1);
	struct summary_input in = input_of(900);
	struct record r;

	(void)state;
	for (int i = 0; i < CLOSE_COUNT; i++) {
		r = i <= CLOSE_SIMULTANEOUS ? lingering(HOLDER_BOTH) : still((enum close)i, 300);
		r.close = (enum close)i;
		r.closer = r.rst_sender = CLOSER_SERVER;
		r.host[CLIENT] = ipv6(0x11);
		r.host[SERVER] = ipv6(0x22);
		r.port[CLIENT] = 65534;
		r.port[SERVER] = 65535;
		r.side[SERVER].close_wait = r.side[CLIENT].fin_wait_2 = 299 * SECOND;
		set_state(&r.side[SERVER], STATE_ESTABLISHED, STATE_CLOSE_WAIT);
		feed(summary, r, 20);
	}
	assert_golden(summary, &in, "ipv6");
}

static void causes_and_their_meanings(void **state)
{
	struct summary *summary = new_summary(0, 1);
	struct summary_input in = input_of(900);

	(void)state;
	for (int i = CAUSE_NONE; i <= CAUSE_ABORT; i++) {
		struct record r = reset(CLOSER_SERVER);

		r.cause = (enum cause)i;
		feed(summary, r, i + 1);
	}
	assert_golden(summary, &in, "causes");
}

static void huge_numbers_fit(void **state)
{
	struct summary *summary = new_summary(0, 1);
	struct summary_input in = input_of(UINT64_MAX);

	(void)state;
	for (int i = 0; i < DISSECT_RESULT_COUNT; i++)
		in.dissect.by_result[i] = UINT64_MAX - (uint64_t)i;
	in.dissect.cut = in.dissect.oversized = in.dissect.bad_checksum = in.dissect.checksum_tried =
		UINT64_MAX;
	in.tracker.duplicates = in.tracker.evicted = UINT64_MAX;
	in.inputs = SIZE_MAX;
	in.first.ns = INT64_MIN;
	in.last.ns = INT64_MAX;
	for (int i = 0; i < CLOSE_COUNT; i++) {
		struct record r = still((enum close)i, 0);

		r.rst_sender = r.closer;
		r.start.ns = INT64_MIN;
		r.end.ns = INT64_MIN;
		r.ended.ns = INT64_MAX;
		r.rst_ignored = UINT64_MAX / 16;
		r.side[SERVER].lost = UINT64_MAX / 2;
		r.side[SERVER].lost_known = true;
		r.side[SERVER].close_wait = INT64_MAX;
		r.time_wait = TIME_WAIT_LINGERING;
		r.time_wait_side = HOLDER_BOTH;
		r.time_wait_held = INT64_MAX;
		feed(summary, r, 1);
	}
	assert_golden(summary, &in, "huge");
}

static void what_was_dropped_early_is_told_in_detail(void **state)
{
	struct summary *summary = new_summary(0, 1);
	struct summary_input in = input_of(900);
	char *text;

	(void)state;
	in.tracker.evicted = 1203;
	in.tracker.evicted_by[EVICTED_SYN] = 1200;
	in.tracker.evicted_by[EVICTED_ACTIVE] = 3;
	feed(summary, graceful(), 5);
	text = printed(summary, &in);
	assert_non_null(strstr(text, "1,203 connections were dropped early"));
	assert_null(strstr(text, "unanswered SYN"));
	free(text);
	in.verbose = true;
	text = printed(summary, &in);
	assert_non_null(strstr(text, "  dropped early:\n"
				     "        1,200  syn: an unanswered SYN\n"
				     "            3  active: established, in use within the last minute\n"));
	free(text);
	summary_free(summary);
}

static void a_client_near_its_last_port_is_warned_of(void **state)
{
	struct summary *summary = new_summary(0, 1);
	struct summary_input in = input_of(900);
	struct record r = graceful();
	char *text;

	(void)state;
	r.port[SERVER] = 80;
	feed(summary, r, 5);
	feed(summary, lingering(HOLDER_CLIENT), 14115);
	text = printed(summary, &in);
	assert_null(strstr(text, "close to running out"));
	assert_null(strstr(text, "10.0.0.2:80 ")); /* none now, few then: no news */
	free(text);
	feed(summary, lingering(HOLDER_CLIENT), 1);
	text = printed(summary, &in);
	assert_non_null(strstr(text, "10.0.0.2:443  14,116 now, 14,116 at most (50.0 %); 45.2 a second\n"
				     "      close to running out of ports\n"));
	free(text);
	summary_free(summary);
}

static void the_seed_changes_nothing(void **state)
{
	char *text[2];
	struct summary_input in = input_of(5000);

	(void)state;
	in.verbose = true;
	for (uint64_t seed = 0; seed < 2; seed++) {
		struct summary *summary = new_summary(64, seed * 0x9e3779b97f4a7c15u + 1);
		struct record r = reset(CLOSER_CLIENT);

		for (unsigned i = 0; i < 5000; i++) {
			r.host[CLIENT] = ipv4(10, i % 7, i * i % 251, i % 3);
			r.port[SERVER] = (uint16_t)(i % 97);
			feed(summary, r, 1);
			feed(summary, graceful(), 1);
		}
		text[seed] = printed(summary, &in);
		assert_non_null(strstr(text[seed], "approximate"));
		summary_free(summary);
	}
	assert_string_equal(text[0], text[1]);
	free(text[0]);
	free(text[1]);
}

/* Whatever is still to be counted (summary.c). */
static void a_page_holds_all_records_until_then(void **state)
{
	struct summary *often = new_summary(0, 1), *once = new_summary(0, 1);
	const struct summary_input in = input_of(5000);
	char *text, *expected;

	(void)state;
	for (int records = 0; records < 30; records++) {
		struct record r = records % 3 ? graceful() : reset(CLOSER_CLIENT);

		r.host[CLIENT] = ipv4(10, 0, 0, (unsigned)records);
		feed(often, r, 1);
		feed(once, r, 1);
		free(printed(often, &in));
	}
	text = printed(often, &in);
	expected = printed(once, &in);
	assert_string_equal(text, expected);
	assert_non_null(strstr(text, "30 connections"));
	free(text);
	free(expected);
	summary_free(often);
	summary_free(once);
}

static void an_output_that_fails_is_told(void **state)
{
	struct summary *summary = new_summary(0, 1);
	struct summary_input in = mixed_input();
	FILE *full = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(full);
	feed_mix(summary);
	assert_int_equal(summary_print(summary, full, &in), -1);
	assert_int_equal(errno, ENOSPC);
	fclose(full);
	summary_free(summary);
}

static void sentences_of_any_length_fit(void **state)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	struct page page = { .out = out };

	(void)state;
	for (int a = 1; a < 200; a++)
		for (int b = 1; b < 20; b++)
			page_say(&page, 4, "%0*d %0*d word", a, 0, b, 0);
	fclose(out);
	assert_fits(text);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_input_says_so),
		cmocka_unit_test(one_connection),
		cmocka_unit_test(everything_in_utf8),
		cmocka_unit_test(everything_in_ascii),
		cmocka_unit_test(colours_change_nothing_else),
		cmocka_unit_test(ipv6_addresses_fit),
		cmocka_unit_test(causes_and_their_meanings),
		cmocka_unit_test(huge_numbers_fit),
		cmocka_unit_test(what_was_dropped_early_is_told_in_detail),
		cmocka_unit_test(a_client_near_its_last_port_is_warned_of),
		cmocka_unit_test(the_seed_changes_nothing),
		cmocka_unit_test(a_page_holds_all_records_until_then),
		cmocka_unit_test(an_output_that_fails_is_told),
		cmocka_unit_test(sentences_of_any_length_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
