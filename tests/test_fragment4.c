/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_fragment4.c - the table of waiting datagrams by itself: its limits, and the work that a flood makes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dissect/fragment4.h"

static const uint8_t payload[1480];

/* Counts what is given up, and remembers the last. */
struct dropped {
	size_t count;
	uint32_t slot;
	struct fragment4_key key;
};

static void drop(void *context, uint32_t slot, const struct fragment4_key *key)
{
	struct dropped *dropped = context;

	dropped->count++;
	dropped->slot = slot;
	dropped->key = *key;
}

/* The number spread over the key as it would be by a flood of one kind. */
static struct fragment4 fragment_of(uint32_t src, uint32_t dst, uint16_t id)
{
	struct fragment4 f = { .key = { .id = id, .proto = 6 }, .more = true, .end = 16, .payload = payload };

	memcpy(f.key.src, &src, sizeof src);
	memcpy(f.key.dst, &dst, sizeof dst);
	return f;
}

struct flood_case {
	const char *name;
	uint32_t src_step, dst_step;
	uint16_t id_step;
};

/*
 * A million datagrams where 30,000 have room: each is looked for when it comes and when it must go. With at
 * least as many buckets as datagrams, fewer than one other is passed by each time, on average.
 */
static void a_flood_makes_the_same_work_per_fragment(void **state)
{
	enum { COUNT = 1000000, MEMORY = 16 << 20 };
	static const struct flood_case cases[] = {
		{ "sources", 1, 0, 0 },
		{ "destinations", 0, 1, 0 },
		{ "high bytes", 0x01000000, 0x00010000, 0 },
		{ "all", 0x9e3779b9, 1, 1 },
	};

	(void)state;
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		struct dropped dropped = { 0 };
		struct fragments4 *f = fragments4_new(MEMORY, drop, &dropped);
		uint32_t slot;

		for (uint32_t i = 0; i < COUNT; i++) {
			struct fragment4 one = fragment_of(i * cases[c].src_step, i * cases[c].dst_step,
							   (uint16_t)(i * cases[c].id_step));
			enum fragment4_result r = fragments4_add(f, (struct moment){ i }, &one, &slot);

			assert_true(r == FRAGMENT4_FIRST || r == FRAGMENT4_DUPLICATE);
		}
		print_message("%s: %.2f steps for a fragment\n", cases[c].name,
			      (double)fragments4_steps(f) / COUNT);
		assert_true(fragments4_steps(f) < 2 * COUNT);
		assert_true(fragments4_held(f) <= MEMORY);
		fragments4_free(f);
	}
}

static void the_oldest_goes_and_is_told(void **state)
{
	struct dropped dropped = { 0 };
	struct fragments4 *f = fragments4_new(16 * 1024, drop, &dropped);
	uint32_t n = fragments4_slots(f), slot = 0, first_slot = 0;

	(void)state;
	assert_in_range(n, 20, 40);
	for (uint32_t i = 0; dropped.count == 0; i++) {
		struct fragment4 one = fragment_of(1, 2, (uint16_t)(100 + i));

		assert_int_equal(fragments4_add(f, (struct moment){ 0 }, &one, &slot), FRAGMENT4_FIRST);
		assert_true(slot < n);
		first_slot = i == 0 ? slot : first_slot;
	}
	assert_int_equal(dropped.slot, first_slot);
	assert_int_equal(dropped.key.id, 100);
	assert_int_equal(fragments4_given_up(f), 1);
	fragments4_drop_all(f);
	assert_int_equal(fragments4_held(f), 0);
	assert_int_equal(fragments4_given_up(f), dropped.count);
	fragments4_free(f);
}

/* One that alone exceeds the memory gives itself up, again and again, and never more than that. */
static void a_datagram_larger_than_the_memory(void **state)
{
	struct dropped dropped = { 0 };
	struct fragments4 *f = fragments4_new(8 * 1024, drop, &dropped);
	struct fragment4 one = fragment_of(1, 2, 3);
	uint32_t slot;

	(void)state;
	for (uint16_t at = 0; at < 44400; at = (uint16_t)(at + 1480)) {
		one.offset = at;
		one.end = (uint16_t)(at + 1480);
		assert_int_not_equal(fragments4_add(f, (struct moment){ 0 }, &one, &slot), FRAGMENT4_REFUSED);
		assert_true(fragments4_held(f) <= 8 * 1024);
	}
	assert_true(dropped.count > 0);
	fragments4_free(f);
}

static void release_makes_the_slot_free(void **state)
{
	struct dropped dropped = { 0 };
	struct fragments4 *f = fragments4_new(2048, drop, &dropped);
	struct fragment4 first = fragment_of(1, 2, 3), last = first;
	uint32_t slot;

	(void)state;
	assert_int_equal(fragments4_slots(f), 3);
	last.offset = 16;
	last.end = 19;
	last.more = false;
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(fragments4_add(f, (struct moment){ i }, &last, &slot), FRAGMENT4_FIRST);
		assert_int_equal(fragments4_add(f, (struct moment){ i }, &first, &slot), FRAGMENT4_COMPLETE);
		assert_int_equal(fragments4_length(f, slot), 19);
		fragments4_release(f, slot);
	}
	assert_int_equal(dropped.count, 0);
	assert_int_equal(fragments4_held(f), 0);
	fragments4_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flood_makes_the_same_work_per_fragment),
		cmocka_unit_test(the_oldest_goes_and_is_told),
		cmocka_unit_test(a_datagram_larger_than_the_memory),
		cmocka_unit_test(release_makes_the_slot_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
