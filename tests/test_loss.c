/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_loss.c - spans of loss in bounded memory: none is forgotten, and little is made up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analyzer/loss.h"

static struct moment at(int64_t ns)
{
	return (struct moment){ ns };
}

static void spans_are_kept_apart_and_in_order(void **state)
{
	struct losses l = { 0 };

	(void)state;
	assert_false(losses_within(&l, at(INT64_MIN), at(INT64_MAX)));
	losses_add(&l, at(30), at(40));
	losses_add(&l, at(10), at(20));
	assert_int_equal(l.n, 2);
	assert_false(losses_within(&l, at(0), at(9)));
	assert_true(losses_within(&l, at(0), at(10)));
	assert_true(losses_within(&l, at(20), at(25)));
	assert_false(losses_within(&l, at(21), at(29)));
	assert_true(losses_within(&l, at(21), at(100)));
	assert_false(losses_within(&l, at(41), at(100)));
}

static void spans_that_touch_are_one(void **state)
{
	struct losses l = { 0 };

	(void)state;
	losses_add(&l, at(10), at(20));
	losses_add(&l, at(20), at(30));
	losses_add(&l, at(50), at(60));
	assert_int_equal(l.n, 2);
	losses_add(&l, at(5), at(55));
	assert_int_equal(l.n, 1);
	assert_true(l.span[0].from.ns == 5 && l.span[0].to.ns == 60);
	losses_add(&l, at(10), at(20));
	assert_true(l.n == 1 && l.span[0].to.ns == 60);
	losses_add(&l, at(80), at(70)); /* upside down */
	assert_true(losses_within(&l, at(70), at(70)) && !losses_within(&l, at(71), at(99)));
}

static void too_many_lose_the_smallest_gap(void **state)
{
	struct losses l = { 0 };

	(void)state;
	for (int64_t i = 0; i < LOSSES_MAX; i++)
		losses_add(&l, at(1000 * i), at(1000 * i + (i == 7 ? 600 : 500)));
	assert_int_equal(l.n, LOSSES_MAX);
	losses_add(&l, at(1000000), at(1000001));
	assert_int_equal(l.n, LOSSES_MAX);
	assert_true(losses_within(&l, at(7700), at(7800))); /* made up: the smallest gap */
	for (int64_t i = 0; i < LOSSES_MAX; i++)
		if (i != 7)
			assert_false(losses_within(&l, at(1000 * i + 501), at(1000 * i + 999)));
}

/* Any spans whatever: what was lost is always found, in order, apart, and never more than there is room for.
 */
static void no_loss_is_forgotten(void **state)
{
	enum { SPANS = 2000 };
	static int64_t from[SPANS];
	struct losses l = { 0 };
	uint64_t random = 1;

	(void)state;
	for (size_t i = 0; i < SPANS; i++) {
		random = random * 6364136223846793005u + 1442695040888963407u;
		from[i] = (int64_t)(random >> 40);
		losses_add(&l, at(from[i]), at(from[i] + (int64_t)(random >> 33 & 1023)));
		assert_true(l.n <= LOSSES_MAX);
		for (size_t s = 1; s < l.n; s++)
			assert_true(l.span[s - 1].to.ns < l.span[s].from.ns);
	}
	for (size_t i = 0; i < SPANS; i++)
		assert_true(losses_within(&l, at(from[i]), at(from[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spans_are_kept_apart_and_in_order),
		cmocka_unit_test(spans_that_touch_are_one),
		cmocka_unit_test(too_many_lose_the_smallest_gap),
		cmocka_unit_test(no_loss_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
