/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_table.c - what is found in the table, by a glance or by a search, where hashes are the same or near.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analyzer/table.h"

/* Hashes that are looked for at the same place, in a table of the first size and of some more. */
static const uint32_t HASH = 0x01234564, OTHER = 0x10000000;

/* How many flows of that hash a search finds; and whether 'flow' is one of them. */
static unsigned search(const struct table *t, uint32_t hash, uint32_t flow, bool *is_one)
{
	unsigned n = 0;
	uint32_t at = table_home(t, hash), found;

	*is_one = false;
	for (; (found = table_find(t, hash, at, &at)) != 0; at++, n++)
		*is_one = *is_one || found == flow;
	return n;
}

static void check(const struct table *t, uint32_t hash, unsigned expected)
{
	struct table_glance glance = table_glance(t, hash);
	bool is_one;

	assert_int_equal(search(t, hash, glance.flow, &is_one), expected);
	if (glance.sure && glance.flow != 0)
		assert_true(is_one);
}

/* Each slot of a group, and of the next, has one of two hashes, or none is there any more. */
static void groups_of_all_kinds(void **state)
{
	enum { SLOTS = TABLE_GROUP + 2, KINDS = 729 }; /* 3 to the power of SLOTS */

	(void)state;
	for (unsigned kind = 0; kind < KINDS; kind++) {
		unsigned left = kind, same = 0, others = 0;
		struct table t;

		assert_int_equal(table_init(&t), 0);
		for (uint32_t i = 0; i < SLOTS; i++)
			assert_int_equal(
				table_add(&t, kind / (i + 1) % 2 ? HASH : HASH + OTHER, 0x1000u << i), 0);
		for (uint32_t i = 0; i < SLOTS; i++)
			assert_true(table_remove(&t, kind / (i + 1) % 2 ? HASH : HASH + OTHER, 0x1000u << i));
		check(&t, HASH, 0);
		for (uint32_t i = 0; i < SLOTS; i++, left /= 3) {
			if (left % 3 == 0)
				continue;
			assert_int_equal(table_add(&t, left % 3 == 1 ? HASH : HASH + OTHER, 0x1000u << i), 0);
			same += left % 3 == 1;
			others += left % 3 == 2;
		}
		check(&t, HASH, same);
		check(&t, HASH + OTHER, others);
		table_end(&t);
	}
}

/* One alone is found by the glance: that is what it is for. */
static void a_glance_finds_most(void **state)
{
	enum { FLOWS = 20000 };
	unsigned found = 0;
	struct table t;

	(void)state;
	assert_int_equal(table_init(&t), 0);
	for (uint32_t i = 1; i <= FLOWS; i++)
		assert_int_equal(table_add(&t, i * 0x9e3779b9u, i), 0);
	for (uint32_t i = 1; i <= FLOWS; i++) {
		struct table_glance glance = table_glance(&t, i * 0x9e3779b9u);

		check(&t, i * 0x9e3779b9u, 1);
		found += glance.sure;
	}
	assert_in_range(found, FLOWS * 9 / 10, FLOWS);
	table_end(&t);
}

/* Naming another flow, and names that are not there. */
static void replaced_and_removed(void **state)
{
	struct table t;
	bool is_it;

	(void)state;
	assert_int_equal(table_init(&t), 0);
	assert_int_equal(table_add(&t, HASH, 7), 0);
	assert_true(table_replace(&t, HASH, 7, 8));
	assert_false(table_replace(&t, HASH, 7, 9));
	assert_int_equal(search(&t, HASH, 8, &is_it), 1);
	assert_true(is_it);
	assert_false(table_remove(&t, HASH, 7));
	assert_true(table_remove(&t, HASH, 8));
	assert_int_equal(search(&t, HASH, 8, &is_it), 0);
	assert_int_equal(t.count, 0);
	table_end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_of_all_kinds),
		cmocka_unit_test(a_glance_finds_most),
		cmocka_unit_test(replaced_and_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
