/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_waiting.c - who has waited longest, in bounded memory. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "analyzer/waiting.h"

static void enter(struct waiting *waiting, uint64_t connection, int64_t since)
{
	const struct waiting_end end = { .connection = connection, .since = { since } };

	waiting_enter(waiting, &end);
}

static void the_longest_come_first(void **state)
{
	struct waiting *waiting = waiting_new(10, 1);
	struct waiting_end out[3];

	(void)state;
	for (int i = 1; i <= 6; i++)
		enter(waiting, (uint64_t)i, 100 + i);
	waiting_leave(waiting, 1);
	waiting_leave(waiting, 3);
	waiting_leave(waiting, 77); /* nobody */
	assert_int_equal(waiting_count(waiting), 4);
	assert_int_equal(waiting_longest(waiting, out, 3), 3);
	assert_int_equal(out[0].connection, 2);
	assert_int_equal(out[1].connection, 4);
	assert_int_equal(out[2].connection, 5);
	assert_int_equal(out[0].since.ns, 102);
	waiting_free(waiting);
}

static void who_comes_again_waits_from_then_on(void **state)
{
	struct waiting *waiting = waiting_new(10, 1);
	struct waiting_end out[3];

	(void)state;
	enter(waiting, 1, 100);
	enter(waiting, 2, 101);
	enter(waiting, 1, 102);
	assert_int_equal(waiting_longest(waiting, out, 3), 2);
	assert_int_equal(out[0].connection, 2);
	assert_int_equal(out[1].since.ns, 102);
	waiting_free(waiting);
}

static void when_it_is_full_the_oldest_stay(void **state)
{
	struct waiting *waiting = waiting_new(3, 1);
	struct waiting_end out[4];

	(void)state;
	for (int i = 1; i <= 5; i++)
		enter(waiting, (uint64_t)i, i);
	assert_int_equal(waiting_longest(waiting, out, 4), 3);
	assert_int_equal(out[2].connection, 3);
	waiting_leave(waiting, 2);
	enter(waiting, 6, 6);
	assert_int_equal(waiting_longest(waiting, out, 4), 3);
	assert_int_equal(out[2].connection, 6);
	waiting_free(waiting);
}

/* Against a plain array. */
static void random_comings_and_goings(void **state)
{
	enum { ENDS = 100, STEPS = 20000 };
	struct waiting *waiting = waiting_new(ENDS, 7);
	int64_t since[ENDS] = { 0 }; /* 0 = does not wait */
	struct waiting_end out[ENDS];
	unsigned random = 1;

	(void)state;
	for (int step = 1; step <= STEPS; step++) {
		size_t which, n = 0, found;

		random = random * 1103515245 + 12345;
		which = random / 65536 % ENDS;
		if (random >> 31) {
			enter(waiting, which + 1, step);
			since[which] = step;
		} else {
			waiting_leave(waiting, which + 1);
			since[which] = 0;
		}
		for (size_t i = 0; i < ENDS; i++)
			n += since[i] != 0;
		found = waiting_longest(waiting, out, ENDS);
		assert_int_equal(found, n);
		for (size_t i = 0; i < found; i++) {
			assert_int_equal(since[out[i].connection - 1], out[i].since.ns);
			assert_true(i == 0 || out[i].since.ns > out[i - 1].since.ns);
		}
	}
	waiting_free(waiting);
}

static void sizes_that_cannot_be_are_refused(void **state)
{
	(void)state;
	assert_null(waiting_new(0, 1));
	assert_int_equal(errno, EINVAL);
	assert_null(waiting_new(SIZE_MAX, 1));
	assert_int_equal(errno, EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longest_come_first),
		cmocka_unit_test(who_comes_again_waits_from_then_on),
		cmocka_unit_test(when_it_is_full_the_oldest_stay),
		cmocka_unit_test(random_comings_and_goings),
		cmocka_unit_test(sizes_that_cannot_be_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
