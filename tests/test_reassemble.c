/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_reassemble.c - what IPv4 fragments become: refused, waiting, whole, given up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ipv4_fragments.h"

enum { MEMORY = 4 << 20 };

static int set_up(void **state)
{
	*state = reassembler_new(MEMORY);
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	reassembler_free(*state);
	return 0;
}

/* ---- the guard: what crashes libnids, or says what cannot be (libnids.md 4) ---- */

struct guard_case {
	const char *name;
	struct ipv4 ip;
	enum reassemble_result result;
};

static const struct guard_case guard_cases[] = {
	{ "no bytes but one", { .field = MORE, .payload = 64, .captured = 1 }, REASSEMBLE_REFUSED },
	{ "cut inside the fixed header",
	  { .field = MORE, .payload = 64, .captured = 19 },
	  REASSEMBLE_REFUSED },
	{ "header longer than the capture (1)",
	  { .field = MORE, .ihl = 15, .payload = 64, .captured = 20 },
	  REASSEMBLE_REFUSED },
	{ "header length below 5", { .field = MORE, .ihl = 4, .payload = 64 }, REASSEMBLE_REFUSED },
	{ "version 6", { .field = MORE, .version = 6, .payload = 64 }, REASSEMBLE_REFUSED },
	{ "total length below the header's",
	  { .field = MORE, .ihl = 8, .total = 31, .payload = 64 },
	  REASSEMBLE_REFUSED },
	{ "total length beyond the capture",
	  { .field = MORE, .total = 85, .payload = 64 },
	  REASSEMBLE_REFUSED },
	{ "cut by the snap length", { .field = MORE, .payload = 64, .captured = 83 }, REASSEMBLE_REFUSED },
	{ "no payload, more to come", { .field = MORE, .payload = 0 }, REASSEMBLE_REFUSED },
	{ "no payload, the last", { .field = 8, .payload = 0 }, REASSEMBLE_REFUSED },
	{ "more to come after a piece of 12 (2)", { .field = MORE, .payload = 12 }, REASSEMBLE_REFUSED },
	{ "more to come after a piece of 3 (2)", { .field = MORE, .payload = 3 }, REASSEMBLE_REFUSED },
	{ "not a fragment", { .field = DONT, .payload = 64 }, REASSEMBLE_REFUSED },
	{ "beyond 65,535: ping of death", { .field = 0x1fff, .payload = 8 }, REASSEMBLE_REFUSED },
	{ "beyond 65,535 by one, header counted", { .field = 8185, .payload = 36 }, REASSEMBLE_REFUSED },
	{ "beyond 65,535 by its options only",
	  { .field = 8185, .ihl = 6, .payload = 35 },
	  REASSEMBLE_REFUSED },
	{ "exactly 65,535", { .field = 8185, .payload = 35 }, REASSEMBLE_WAITING },
	{ "last fragment of 1 byte first (2)", { .field = 100, .payload = 1 }, REASSEMBLE_WAITING },
	{ "last fragment of 7 bytes first (2)", { .field = 100, .payload = 7 }, REASSEMBLE_WAITING },
	{ "option type in the last byte of the header (3)",
	  { .field = MORE, .ihl = 6, .last_option = 0x83, .payload = 8 },
	  REASSEMBLE_WAITING },
	{ "source 0.0.128.1 (4)", { .src = 0x00008001, .field = MORE, .payload = 8 }, REASSEMBLE_WAITING },
	{ "source 0.0.0.0 to 255.255.255.255",
	  { .src = 0, .dst = 0xffffffff, .field = MORE, .payload = 8 },
	  REASSEMBLE_WAITING },
	{ "padding behind the datagram",
	  { .field = MORE, .total = 20 + 16, .payload = 40 },
	  REASSEMBLE_WAITING },
	{ "don't fragment, yet a fragment",
	  { .field = MORE | DONT | RESERVED, .payload = 8 },
	  REASSEMBLE_WAITING },
};

static void guard(void **state)
{
	for (size_t i = 0; i < sizeof guard_cases / sizeof *guard_cases; i++) {
		struct ipv4 ip = guard_cases[i].ip;

		ip.id = (uint16_t)(i + 1);
		if (feed(*state, 0, &ip).result != guard_cases[i].result)
			fail_msg("%s", guard_cases[i].name);
		assert_works(*state);
	}
}

static void options_are_stripped_and_the_packet_left_alone(void **state)
{
	/* Record route and timestamp are what libnids writes into (6). */
	static const uint8_t kinds[] = { 0x07, 0x44, 0x83, 0x89, 0x00, 0xff };

	for (size_t i = 0; i < sizeof kinds; i++) {
		struct ipv4 first = { .id = (uint16_t)(i + 1), .ihl = 15, .field = MORE, .payload = 16 };
		struct ipv4 last = { .id = (uint16_t)(i + 1), .ihl = 5, .field = 2, .payload = 9 };
		size_t length, whole_length;
		uint8_t *packet = ipv4_packet(&first, &length), before[60 + 16];
		const uint8_t *whole;
		struct fed fed;

		memcpy(packet + 20, (uint8_t[]){ kinds[i], 39, 4 }, 3);
		memcpy(before, packet, length);
		assert_int_equal(reassemble(*state, (struct moment){ INT64_C(1789000000000000000) }, packet,
					    length, &whole, &whole_length),
				 REASSEMBLE_WAITING);
		assert_memory_equal(packet, before, length);
		free(packet);
		fed = feed(*state, 0, &last);
		assert_whole(&fed, &first, 25);
	}
}

/* ---- joining ---- */

static void tails_of_1_to_7_bytes_in_any_order(void **state)
{
	for (uint16_t tail = 1; tail < 8; tail++)
		for (int order = 0; order < 6; order++) {
			static const uint8_t orders[6][3] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 },
							      { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
			uint16_t id = (uint16_t)(tail * 10 + order);
			const struct ipv4 ip[3] = { { .id = id, .field = MORE, .payload = 8 },
						    { .id = id, .field = 1 | MORE, .payload = 32 },
						    { .id = id, .field = 5, .payload = tail } };
			struct fed fed;

			assert_int_equal(feed(*state, 0, &ip[orders[order][0]]).result, REASSEMBLE_WAITING);
			assert_int_equal(feed(*state, 0, &ip[orders[order][1]]).result, REASSEMBLE_WAITING);
			fed = feed(*state, 0, &ip[orders[order][2]]);
			assert_whole(&fed, &ip[0], 40u + tail);
		}
	assert_int_equal(reassembler_given_up(*state), 0);
}

/* IPv4's smallest MTU is 68: the largest datagram in 48-byte pieces, which libnids' own limit just allows. */
static void largest_datagram_in_smallest_pieces(void **state)
{
	struct ipv4 ip = { .id = 7 };
	struct fed fed = { .result = REASSEMBLE_WAITING };

	for (unsigned at = 0; at < 65515; at += 48) {
		bool last = at + 48 >= 65515;

		assert_int_equal(fed.result, REASSEMBLE_WAITING);
		ip.field = (uint16_t)(at / 8 | (last ? 0 : MORE));
		ip.payload = (uint16_t)(last ? 65515 - at : 48);
		fed = feed(*state, 0, &ip);
	}
	assert_whole(&fed, &ip, 65515);
	assert_int_equal(reassembler_given_up(*state), 0);
}

static void more_pieces_than_libnids_holds(void **state)
{
	struct ipv4 ip = { .id = 7, .payload = 8 };
	bool refused = false;

	for (unsigned at = 65520; at > 0 && !refused; at -= 8) {
		ip.field = (uint16_t)((at - 8) / 8 | MORE);
		ip.payload = 8;
		refused = feed(*state, 0, &ip).result == REASSEMBLE_REFUSED && at < 65500;
	}
	assert_true(refused);
	assert_int_equal(reassembler_given_up(*state), 1);
	assert_works(*state);
}

static void keys_are_apart(void **state)
{
	static const struct ipv4 differ[] = {
		{ .id = 1 },
		{ .id = 2 },
		{ .id = 1, .src = 1 },
		{ .id = 1, .dst = 1 },
		{ .id = 1, .proto = 17 },
	};
	const size_t n = sizeof differ / sizeof *differ;

	for (size_t i = 0; i < n; i++) {
		struct ipv4 ip = differ[i];

		ip.field = MORE;
		ip.payload = (uint16_t)(8 + 8 * i);
		assert_int_equal(feed(*state, 0, &ip).result, REASSEMBLE_WAITING);
	}
	for (size_t i = n; i-- > 0;) {
		struct ipv4 ip = differ[i];
		struct fed fed;

		ip.field = (uint16_t)(1 + i);
		ip.payload = 3;
		fed = feed(*state, 0, &ip);
		assert_whole(&fed, &ip, 11 + 8 * i);
	}
}

/* ---- time ---- */

struct time_case {
	const char *name;
	double first, last;
	enum reassemble_result result;
	unsigned given_up;
};

static const struct time_case time_cases[] = {
	{ "10 s apart join", 0, 10, REASSEMBLE_WHOLE, 0 },
	{ "just under 30 s apart join", 0, 29.999999999, REASSEMBLE_WHOLE, 0 },
	{ "31 s apart do not", 0, 31, REASSEMBLE_WAITING, 1 },
	{ "an hour apart do not", 0, 3600, REASSEMBLE_WAITING, 1 },
	{ "10 s back join", 0, -10, REASSEMBLE_WHOLE, 0 },
	{ "31 s back do not", 0, -31, REASSEMBLE_WAITING, 1 },
	{ "from 1970 to now", -1789e6, 0, REASSEMBLE_WAITING, 1 },
	{ "from the end of time to its beginning", 7.4e9, -1.1e10, REASSEMBLE_WAITING, 1 },
	{ "from the beginning of time to its end", -1.1e10, 7.4e9, REASSEMBLE_WAITING, 1 },
};

static void expiry_by_packet_time(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof time_cases / sizeof *time_cases; i++) {
		const struct time_case *c = &time_cases[i];
		struct reassembler *r = reassembler_new(MEMORY);
		struct ipv4 ip = { .id = 1, .field = MORE, .payload = 8 };

		assert_int_equal(feed(r, c->first, &ip).result, REASSEMBLE_WAITING);
		ip.field = 1;
		if (feed(r, c->last, &ip).result != c->result || reassembler_given_up(r) != c->given_up)
			fail_msg("%s", c->name);
		assert_int_not_equal(reassembler_worker(r), 0);
		reassembler_free(r);
	}
}

/* What is too old goes even if nothing more of it comes, and its number may be used again. */
static void the_old_go_when_others_come(void **state)
{
	struct ipv4 ip = { .field = MORE, .payload = 8 };
	struct fed fed;

	for (ip.id = 0; ip.id < 1000; ip.id++)
		assert_int_equal(feed(*state, 0, &ip).result, REASSEMBLE_WAITING);
	for (ip.id = 1000; ip.id < 1500; ip.id++)
		assert_int_equal(feed(*state, 31, &ip).result, REASSEMBLE_WAITING);
	assert_int_equal(reassembler_given_up(*state), 1000);
	for (ip.id = 0; ip.id < 1500; ip.id++) {
		ip.field = 1;
		fed = feed(*state, 32, &ip);
		if (ip.id < 1000)
			assert_int_equal(fed.result, REASSEMBLE_WAITING);
		else
			assert_whole(&fed, &ip, 16);
	}
}

/* ---- duplicates and overlaps ---- */

static void duplicates_are_harmless(void **state)
{
	const struct ipv4 first = { .id = 1, .field = MORE, .payload = 64 };
	const struct ipv4 last = { .id = 1, .field = 8, .payload = 5 };
	struct fed fed;

	for (int i = 0; i < 3; i++)
		assert_int_equal(feed(*state, i, &first).result, REASSEMBLE_WAITING);
	fed = feed(*state, 3, &last);
	assert_whole(&fed, &first, 69);
	assert_int_equal(feed(*state, 4, &last).result, REASSEMBLE_WAITING); /* of the next of that number */
	assert_int_equal(feed(*state, 5, &last).result, REASSEMBLE_WAITING);
	fed = feed(*state, 6, &first);
	assert_whole(&fed, &first, 69);
	assert_int_equal(reassembler_given_up(*state), 0);
}

struct overlap_case {
	const char *name;
	struct ipv4 ip; /* after 8-23 and the last, 32-39 */
	unsigned given_up;
};

static const struct overlap_case overlap_cases[] = {
	{ "inside an earlier one (14)", { .field = 1 | MORE, .payload = 8 }, 0 },
	{ "inside the last one, and the last", { .field = 4, .payload = 4 }, 1 },
	{ "the same, but the last", { .field = 1, .payload = 16 }, 1 },
	{ "the last, but more to come", { .field = 4 | MORE, .payload = 8 }, 0 },
	{ "around an earlier one", { .field = MORE, .payload = 32 }, 1 },
	{ "over its start", { .field = MORE, .payload = 16 }, 1 },
	{ "over its end", { .field = 2 | MORE, .payload = 16 }, 1 },
	{ "over both", { .field = 2 | MORE, .payload = 24 }, 1 },
	{ "beyond the last", { .field = 5 | MORE, .payload = 8 }, 1 },
	{ "a second last", { .field = 5, .payload = 8 }, 1 },
	{ "a last before others", { .field = 3, .payload = 2 }, 1 },
};

static void overlaps_are_refused(void **state)
{
	for (size_t i = 0; i < sizeof overlap_cases / sizeof *overlap_cases; i++) {
		const struct overlap_case *c = &overlap_cases[i];
		const struct ipv4 waits[] = { { .id = 1, .field = 1 | MORE, .payload = 16 },
					      { .id = 1, .field = 4, .payload = 8 },
					      { .id = 1, .field = 3 | MORE, .payload = 8 },
					      { .id = 1, .field = MORE, .payload = 8 } };
		struct ipv4 ip = c->ip;
		uint64_t before = reassembler_given_up(*state);
		struct fed fed;

		ip.id = 1;
		assert_int_equal(feed(*state, 0, &waits[0]).result, REASSEMBLE_WAITING);
		assert_int_equal(feed(*state, 0, &waits[1]).result, REASSEMBLE_WAITING);
		if (feed(*state, 0, &ip).result != REASSEMBLE_REFUSED ||
		    reassembler_given_up(*state) - before != c->given_up)
			fail_msg("%s", c->name);
		if (c->given_up) { /* nothing is left of it */
			assert_int_equal(feed(*state, 0, &waits[0]).result, REASSEMBLE_WAITING);
			assert_int_equal(feed(*state, 0, &waits[1]).result, REASSEMBLE_WAITING);
		}
		assert_int_equal(feed(*state, 0, &waits[2]).result, REASSEMBLE_WAITING);
		fed = feed(*state, 0, &waits[3]);
		assert_whole(&fed, &waits[3], 40);
	}
}

static void same_place_other_bytes_is_refused(void **state)
{
	const struct ipv4 first = { .id = 1, .field = MORE, .payload = 8 },
			  last = { .id = 1, .field = 1, .payload = 8 };
	size_t length;
	uint8_t *forged = ipv4_packet(&first, &length);
	struct moment at = { INT64_C(1789000000000000000) };
	struct fed fed;

	forged[20] ^= 1;
	assert_int_equal(feed(*state, 0, &first).result, REASSEMBLE_WAITING);
	assert_int_equal(reassemble(*state, at, forged, length, &fed.datagram, &fed.length),
			 REASSEMBLE_REFUSED);
	free(forged);
	fed = feed(*state, 0, &last);
	assert_whole(&fed, &first, 16);
}

/* ---- memory ---- */

static void the_oldest_make_room(void **state)
{
	struct reassembler *r = reassembler_new(64 * 1024);
	struct ipv4 ip = { .field = MORE, .payload = 1400 };
	struct fed fed;

	(void)state;
	for (ip.id = 0; ip.id < 200; ip.id++)
		assert_int_equal(feed(r, 0, &ip).result, REASSEMBLE_WAITING);
	assert_in_range(reassembler_given_up(r), 150, 190);
	ip = (struct ipv4){ .id = 199, .field = 175, .payload = 1 };
	fed = feed(r, 0, &ip);
	assert_whole(&fed, &ip, 1401);
	ip = (struct ipv4){ .id = 0, .field = 175, .payload = 1 };
	assert_int_equal(feed(r, 0, &ip).result, REASSEMBLE_WAITING);
	reassembler_free(r);
}

/* libnids alone would throw away what exceeds 256 KiB for one destination. */
static void as_many_for_one_destination_as_memory_allows(void **state)
{
	struct ipv4 ip = { .field = MORE, .payload = 1400 };
	struct fed fed;

	for (ip.id = 0; ip.id < 2000; ip.id++)
		assert_int_equal(feed(*state, 0, &ip).result, REASSEMBLE_WAITING);
	ip.field = 175;
	ip.payload = 3;
	for (ip.id = 0; ip.id < 2000; ip.id++) {
		fed = feed(*state, 0, &ip);
		assert_whole(&fed, &ip, 1403);
	}
	assert_int_equal(reassembler_given_up(*state), 0);
}

static void no_memory_at_all(void **state)
{
	struct reassembler *r = reassembler_new(0);
	struct ipv4 ip = { .field = MORE, .payload = 8 };

	(void)state;
	assert_non_null(r);
	assert_int_equal(feed(r, 0, &ip).result, REASSEMBLE_REFUSED);
	reassembler_free(r);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(guard, set_up, tear_down),
		cmocka_unit_test_setup_teardown(options_are_stripped_and_the_packet_left_alone, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(tails_of_1_to_7_bytes_in_any_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(largest_datagram_in_smallest_pieces, set_up, tear_down),
		cmocka_unit_test_setup_teardown(more_pieces_than_libnids_holds, set_up, tear_down),
		cmocka_unit_test_setup_teardown(keys_are_apart, set_up, tear_down),
		cmocka_unit_test(expiry_by_packet_time),
		cmocka_unit_test_setup_teardown(the_old_go_when_others_come, set_up, tear_down),
		cmocka_unit_test_setup_teardown(duplicates_are_harmless, set_up, tear_down),
		cmocka_unit_test_setup_teardown(overlaps_are_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(same_place_other_bytes_is_refused, set_up, tear_down),
		cmocka_unit_test(the_oldest_make_room),
		cmocka_unit_test_setup_teardown(as_many_for_one_destination_as_memory_allows, set_up,
						tear_down),
		cmocka_unit_test(no_memory_at_all),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
