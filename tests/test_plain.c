/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_plain.c - counts, shares, rates and durations as people read them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "ui/plain.h"

#define SECOND 1000000000LL

static void shares_never_round_to_nothing_or_all(void **state)
{
	(void)state;
	assert_string_equal(plain_share(0, 10).s, "0 %");
	assert_string_equal(plain_share(10, 10).s, "100 %");
	assert_string_equal(plain_share(1, 1000000).s, "<0.1 %");
	assert_string_equal(plain_share(9996, 10000).s, ">99.9 %");
	assert_string_equal(plain_share(999999, 1000000).s, ">99.9 %");
	assert_string_equal(plain_share(1, 3).s, "33.3 %");
	assert_string_equal(plain_share(1, 2).s, "50.0 %");
	assert_string_equal(plain_share(UINT64_MAX - 1, UINT64_MAX).s, ">99.9 %");
	assert_string_equal(plain_share(1, 0).s, "-");
	assert_string_equal(plain_round_share(1, 1000).s, "<1 %");
	assert_string_equal(plain_round_share(999, 1000).s, ">99 %");
	assert_string_equal(plain_round_share(1, 3).s, "33 %");
}

static void numbers_read_well(void **state)
{
	(void)state;
	assert_string_equal(plain_number(0).s, "0");
	assert_string_equal(plain_number(999).s, "999");
	assert_string_equal(plain_number(1000).s, "1,000");
	assert_string_equal(plain_number(UINT64_MAX).s, "18,446,744,073,709,551,615");
	assert_string_equal(plain_count(1, "packet", "packets").s, "1 packet");
	assert_string_equal(plain_count(0, "packet", "packets").s, "0 packets");
	assert_string_equal(plain_bytes(1).s, "1 byte");
	assert_string_equal(plain_bytes(999).s, "999 bytes");
	assert_string_equal(plain_bytes(1999).s, "1.9 kB");
	assert_string_equal(plain_bytes(UINT64_MAX).s, "18.4 EB");
	assert_string_equal(plain_rate(30, 2 * SECOND).s, "15 a second");
	assert_string_equal(plain_rate(3, 2 * SECOND).s, "1.5 a second");
	assert_string_equal(plain_rate(28232, 60 * SECOND).s, "471 a second");
	assert_string_equal(plain_rate(2, 3600 * SECOND).s, "2 an hour");
	assert_string_equal(plain_rate(2, 0).s, "-");
}

static void durations_read_well(void **state)
{
	static const struct {
		int64_t ns;
		const char *text;
	} cases[] = {
		{ -1, "0 s" },
		{ 0, "0 s" },
		{ 7, "7 ns" },
		{ 1500, "1.5 us" },
		{ 250000, "250 us" },
		{ 12300000, "12.3 ms" },
		{ SECOND, "1 s" },
		{ 1250000000, "1.2 s" },
		{ 59 * SECOND, "59 s" },
		{ 60 * SECOND, "1 min" },
		{ 312 * SECOND, "5 min 12 s" },
		{ 3720 * SECOND, "1 h 2 min" },
		{ 3600 * SECOND + 1, "1 h" },
		{ 86400 * SECOND * 3 + 4 * 3600 * SECOND, "3 d 4 h" },
		{ INT64_MAX, "106,751 d 23 h" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(plain_duration(cases[i].ns).s, cases[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares_never_round_to_nothing_or_all),
		cmocka_unit_test(numbers_read_well),
		cmocka_unit_test(durations_read_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
