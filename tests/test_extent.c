/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_extent.c - islands of bytes that have come, against a flag for each byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dissect/extent.h"

enum { LENGTH = 400 };

struct plain_extent {
	bool here[LENGTH];
	size_t next;
};

static void move_on(struct plain_extent *p)
{
	while (p->next < LENGTH && p->here[p->next])
		p->next++;
}

static void compare(const struct extent *e, const struct plain_extent *p)
{
	size_t islands = 0, end = p->next, queued = 0;

	assert_int_equal(e->next, p->next);
	for (size_t i = p->next; i < LENGTH; i++) {
		if (!p->here[i])
			continue;
		if (!p->here[i - 1]) {
			assert_true(islands < e->count);
			assert_int_equal(e->islands[islands].from, i);
			queued += e->islands[islands].queued;
			islands++;
		}
		assert_in_range(i, e->islands[islands - 1].from, e->islands[islands - 1].to - 1);
		end = i + 1;
	}
	assert_int_equal(e->count, islands);
	assert_int_equal(e->queued, queued);
	assert_int_equal(extent_end(e), end);
}

static void add(struct extent *e, struct plain_extent *p, size_t from, size_t to)
{
	bool lacks = false;

	for (size_t i = from; i < to; i++)
		lacks = lacks || (i >= p->next && !p->here[i]);
	assert_int_equal(extent_lacks(e, from, to), lacks);
	assert_true(extent_add(e, from, to));
	memset(p->here + from, true, to - from);
	move_on(p);
}

static void give_up(struct extent *e, struct plain_extent *p)
{
	size_t hole = 0;

	if (e->count > 0)
		while (!p->here[p->next + hole])
			hole++;
	assert_int_equal(extent_give_up(e), hole);
	memset(p->here + p->next, true, hole);
	move_on(p);
}

static void pieces_in_any_order(void **state)
{
	(void)state;
	srand(1);
	for (int round = 0; round < 2000; round++) {
		struct extent e = { 0 };
		struct plain_extent p = { .next = 0 };

		for (int i = 0; i < 60; i++) {
			size_t from = (size_t)rand() % (LENGTH - 20), n = (size_t)rand() % 10 + 1;

			if (rand() % 20 == 0)
				give_up(&e, &p);
			else
				add(&e, &p, from, from + n);
			compare(&e, &p);
		}
		while (e.count > 0)
			give_up(&e, &p);
		assert_int_equal(e.queued, 0);
		assert_int_equal(extent_give_up(&e), 0);
		extent_clear(&e);
	}
}

static void no_more_islands_than_there_is_room_for(void **state)
{
	struct extent e = { 0 };

	(void)state;
	for (uint64_t i = 0; i < EXTENT_ISLANDS_MAX; i++)
		assert_true(extent_add(&e, 2 * i + 1, 2 * i + 2));
	assert_false(extent_add(&e, 10000, 10001));
	assert_int_equal(extent_end(&e), 2 * EXTENT_ISLANDS_MAX);
	assert_true(extent_add(&e, 10, 11)); /* joins two */
	assert_true(extent_add(&e, 10000, 10001));
	assert_int_equal(extent_give_up(&e), 1);
	assert_int_equal(e.next, 2);
	extent_clear(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_in_any_order),
		cmocka_unit_test(no_more_islands_than_there_is_room_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
