/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The set of selected connections, against a plain search; a million of them; one pair a million times. */
#include "ui/ranges.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MILLION = 1000000 };

static bool plainly(const struct range *all, size_t n, uint64_t pair, uint64_t packet)
{
	for (size_t i = 0; i < n; i++)
		if (all[i].pair == pair && all[i].first <= packet && packet <= all[i].last)
			return true;
	return false;
}

/* Small numbers, so that everything there is to go wrong happens: ranges that overlap, adjoin, hold others.
 */
static void as_a_plain_search(void **state)
{
	(void)state;
	struct range all[24];

	srandom(1);
	for (int round = 0; round < 2000; round++) {
		struct ranges r = { 0 };
		size_t n = (size_t)random() % 24;

		for (size_t i = 0; i < n; i++) {
			uint64_t first = (uint64_t)random() % 40 + 1;
			/* at both ends, where buckets begin and end */
			uint64_t pair =
				(uint64_t)(random() % 3) << 62 | (uint64_t)(random() % 2 ? -1 : 0) >> 2;

			all[i] = (struct range){ pair, first, first + (uint64_t)random() % 10 };
			assert_true(ranges_add(&r, all[i]));
		}
		assert_true(ranges_seal(&r));
		for (uint64_t packet = 0; packet < 60; packet++) {
			for (uint64_t p = 0; p < 8; p++) {
				uint64_t pair = p % 4 << 62 | (p & 4 ? UINT64_MAX : 0) >> 2;

				assert_int_equal(ranges_have(&r, pair, packet),
						 plainly(all, n, pair, packet));
			}
		}
		ranges_free(&r);
	}
}

static void what_ends_before_a_packet_is_forgotten(void **state)
{
	(void)state;
	struct ranges r = { 0 };
	size_t size = 0;

	for (uint64_t n = 1; n <= MILLION; n++) {
		assert_true(ranges_add(&r, (struct range){ n, n, n + n % 7 }));
		if (n % 1000 == 0)
			ranges_forget(&r, n - 100);
		size = r.size;
	}
	assert_in_range(r.count, 101, 120);
	assert_in_range(size, 1000, 4096);
	assert_true(ranges_seal(&r));
	for (uint64_t n = MILLION - 200; n <= MILLION; n++)
		assert_int_equal(ranges_have(&r, n, n + n % 7), n + n % 7 >= MILLION - 100);
	ranges_free(&r);
}

static void a_million_connections(void **state)
{
	(void)state;
	struct ranges r = { 0 };
	struct host host[2] = { { { 10 } }, { { 10, 1 } } };
	uint16_t port[2] = { 0, 443 };

	for (uint32_t i = 0; i < MILLION; i++) {
		memcpy(host[0].addr + 4, &i, sizeof i);
		assert_true(
			ranges_add(&r, (struct range){ pair_number(host, port, 7), i * 10 + 1, i * 10 + 9 }));
	}
	assert_true(ranges_seal(&r));
	assert_int_equal(r.count, MILLION);
	for (uint32_t i = 0; i < MILLION; i++) {
		memcpy(host[0].addr + 4, &i, sizeof i);
		uint64_t pair = pair_number(host, port, 7);

		assert_true(ranges_have(&r, pair, i * 10 + 1));
		assert_true(ranges_have(&r, pair, i * 10 + 9));
		assert_false(ranges_have(&r, pair, i * 10));
		assert_false(ranges_have(&r, pair, i * 10 + 10));
	}
	ranges_free(&r);
}

static void one_pair_a_million_times(void **state)
{
	(void)state;
	struct ranges r = { 0 };

	for (uint64_t i = 0; i < MILLION; i++)
		assert_true(ranges_add(&r, (struct range){ 5, i * 10 + 1, i * 10 + 8 }));
	assert_true(ranges_seal(&r));
	for (uint64_t i = 0; i < MILLION; i++) {
		assert_true(ranges_have(&r, 5, i * 10 + 8));
		assert_false(ranges_have(&r, 5, i * 10 + 9));
		assert_false(ranges_have(&r, 4, i * 10 + 8));
	}
	ranges_free(&r);
}

static void both_directions_are_one_pair(void **state)
{
	(void)state;
	const struct host a = { { 1 } }, b = { { 2 } };
	const uint64_t pair = pair_number((const struct host[2]){ a, b }, (const uint16_t[2]){ 80, 1001 }, 3);
	const uint64_t same = pair_number((const struct host[2]){ a, a }, (const uint16_t[2]){ 80, 1001 }, 3);

	assert_int_equal(pair,
			 pair_number((const struct host[2]){ b, a }, (const uint16_t[2]){ 1001, 80 }, 3));
	assert_int_not_equal(pair,
			     pair_number((const struct host[2]){ b, a }, (const uint16_t[2]){ 80, 1001 }, 3));
	assert_int_not_equal(pair,
			     pair_number((const struct host[2]){ a, b }, (const uint16_t[2]){ 80, 1001 }, 4));
	assert_int_equal(same,
			 pair_number((const struct host[2]){ a, a }, (const uint16_t[2]){ 1001, 80 }, 3));
}

static void nothing(void **state)
{
	(void)state;
	struct ranges r = { 0 };

	assert_true(ranges_seal(&r));
	assert_false(ranges_have(&r, 0, 1));
	assert_false(ranges_have(&r, UINT64_MAX, 1));
	ranges_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_a_plain_search),
		cmocka_unit_test(what_ends_before_a_packet_is_forgotten),
		cmocka_unit_test(a_million_connections),
		cmocka_unit_test(one_pair_a_million_times),
		cmocka_unit_test(both_directions_are_one_pair),
		cmocka_unit_test(nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
