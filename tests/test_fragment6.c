// SPDX-License-Identifier: GPL-2.0-or-later
/* test_fragment6.c - IPv6 fragments: in any order, doubled, overlapping, too late, too many, lying. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "dissect/fragment6.h"

enum { MEMORY = 1 << 20, PAYLOAD = 40, TCP = 6, SECOND = 1000000000 };

/* A fragment of the payload whose byte n is n: offset, length, whether more follow; 'fill' is added to its
 * bytes. */
struct step {
	int at; /* seconds */
	unsigned offset, length;
	bool more;
	uint8_t fill;
	enum fragment6_result result;
};

struct scenario {
	const char *name;
	struct step steps[8]; /* up to the first of length 0 */
	uint64_t given_up;
};

static const struct scenario scenarios[] = {
	{ "in order",
	  { { 0, 0, 16, true, 0, FRAGMENT6_WAITING }, { 0, 16, 24, false, 0, FRAGMENT6_WHOLE } },
	  0 },
	{ "backwards",
	  { { 0, 16, 24, false, 0, FRAGMENT6_WAITING }, { 0, 0, 16, true, 0, FRAGMENT6_WHOLE } },
	  0 },
	{ "the middle last",
	  { { 0, 24, 16, false, 0, FRAGMENT6_WAITING },
	    { 0, 0, 8, true, 0, FRAGMENT6_WAITING },
	    { 0, 8, 16, true, 0, FRAGMENT6_WHOLE } },
	  0 },
	{ "the middle first",
	  { { 0, 8, 16, true, 0, FRAGMENT6_WAITING },
	    { 0, 0, 8, true, 0, FRAGMENT6_WAITING },
	    { 0, 24, 16, false, 0, FRAGMENT6_WHOLE } },
	  0 },
	{ "exact duplicates are fine",
	  { { 0, 0, 16, true, 0, FRAGMENT6_WAITING },
	    { 0, 0, 16, true, 0, FRAGMENT6_WAITING },
	    { 0, 24, 16, false, 0, FRAGMENT6_WAITING },
	    { 0, 24, 16, false, 0, FRAGMENT6_WAITING },
	    { 0, 0, 16, true, 0, FRAGMENT6_WAITING },
	    { 0, 16, 8, true, 0, FRAGMENT6_WHOLE } },
	  0 },
	{ "a duplicate with other bytes is an overlap",
	  { { 0, 0, 16, true, 0, FRAGMENT6_WAITING },
	    { 0, 0, 16, true, 1, FRAGMENT6_REFUSED },
	    { 0, 16, 24, false, 0, FRAGMENT6_REFUSED } },
	  1 },
	{ "a duplicate that claims to be the last",
	  { { 0, 0, 16, true, 0, FRAGMENT6_WAITING },
	    { 0, 16, 16, true, 0, FRAGMENT6_WAITING },
	    { 0, 16, 16, false, 0, FRAGMENT6_REFUSED } },
	  1 },
	{ "overlap with the one before",
	  { { 0, 0, 16, true, 0, FRAGMENT6_WAITING }, { 0, 8, 32, false, 0, FRAGMENT6_REFUSED } },
	  1 },
	{ "overlap with the one behind",
	  { { 0, 16, 24, false, 0, FRAGMENT6_WAITING }, { 0, 0, 24, true, 0, FRAGMENT6_REFUSED } },
	  1 },
	{ "inside another",
	  { { 0, 0, 32, true, 0, FRAGMENT6_WAITING }, { 0, 8, 8, true, 0, FRAGMENT6_REFUSED } },
	  1 },
	{ "around another",
	  { { 0, 8, 8, true, 0, FRAGMENT6_WAITING }, { 0, 0, 32, true, 0, FRAGMENT6_REFUSED } },
	  1 },
	{ "an overlap gives up what is yet to come, until it expires",
	  { { 0, 0, 16, true, 0, FRAGMENT6_WAITING },
	    { 1, 8, 32, false, 0, FRAGMENT6_REFUSED },
	    { 59, 0, 16, true, 0, FRAGMENT6_REFUSED },
	    { 60, 16, 24, false, 0, FRAGMENT6_REFUSED },
	    { 61, 0, 16, true, 0, FRAGMENT6_WAITING },
	    { 61, 16, 24, false, 0, FRAGMENT6_WHOLE } },
	  1 },
	{ "beyond the last",
	  { { 0, 16, 8, false, 0, FRAGMENT6_WAITING }, { 0, 24, 16, true, 0, FRAGMENT6_REFUSED } },
	  1 },
	{ "a last one before others",
	  { { 0, 24, 8, true, 0, FRAGMENT6_WAITING }, { 0, 8, 8, false, 0, FRAGMENT6_REFUSED } },
	  1 },
	{ "two different last ones",
	  { { 0, 16, 8, false, 0, FRAGMENT6_WAITING }, { 0, 24, 16, false, 0, FRAGMENT6_REFUSED } },
	  1 },
	{ "59 s are in time",
	  { { 0, 0, 16, true, 0, FRAGMENT6_WAITING }, { 59, 16, 24, false, 0, FRAGMENT6_WHOLE } },
	  0 },
	{ "60 s are in time",
	  { { 0, 0, 16, true, 0, FRAGMENT6_WAITING }, { 60, 16, 24, false, 0, FRAGMENT6_WHOLE } },
	  0 },
	{ "61 s are too late",
	  { { 0, 0, 16, true, 0, FRAGMENT6_WAITING }, { 61, 16, 24, false, 0, FRAGMENT6_WAITING } },
	  1 },
	{ "the first fragment's time counts",
	  { { 0, 0, 16, true, 0, FRAGMENT6_WAITING },
	    { 50, 16, 8, true, 0, FRAGMENT6_WAITING },
	    { 70, 24, 16, false, 0, FRAGMENT6_WAITING } },
	  1 },
	{ "time that runs backwards expires nothing",
	  { { 90, 0, 16, true, 0, FRAGMENT6_WAITING }, { 0, 16, 24, false, 0, FRAGMENT6_WHOLE } },
	  0 },
	{ "the ID is free again after the whole",
	  { { 0, 0, 16, true, 0, FRAGMENT6_WAITING },
	    { 0, 16, 24, false, 0, FRAGMENT6_WHOLE },
	    { 0, 0, 16, true, 0, FRAGMENT6_WAITING },
	    { 0, 16, 24, false, 0, FRAGMENT6_WHOLE } },
	  0 },
	{ "not the last and not a multiple of 8",
	  { { 0, 0, 12, true, 0, FRAGMENT6_REFUSED },
	    { 0, 0, 16, true, 0, FRAGMENT6_WAITING },
	    { 0, 16, 24, false, 0, FRAGMENT6_WHOLE } },
	  0 },
	{ "an atomic fragment touches no others",
	  { { 0, 0, 16, true, 0, FRAGMENT6_WAITING },
	    { 0, 0, 40, false, 0, FRAGMENT6_WHOLE },
	    { 0, 16, 24, false, 0, FRAGMENT6_WHOLE } },
	  0 },
};

static struct fragment6 fragment_of(uint32_t id, unsigned offset, unsigned length, bool more,
				    const uint8_t *bytes)
{
	return (struct fragment6){
		.src = { { 0x20, 1, [15] = 1 } },
		.dst = { { 0x20, 1, [15] = 2 } },
		.id = id,
		.offset = offset,
		.more = more,
		.next_header = offset == 0 ? TCP : 99, /* only that of the first counts */
		.bytes = bytes,
		.length = length,
		.sent = length,
	};
}

static void run_scenario(void **state)
{
	const struct scenario *scenario = *state;
	struct fragments6 *f = fragments6_new(MEMORY);
	const uint8_t *payload;
	uint8_t next = 0;
	size_t length;

	assert_non_null(f);
	for (const struct step *step = scenario->steps; step->length > 0; step++) {
		uint8_t *bytes = malloc(step->length);
		struct fragment6 fragment = fragment_of(1, step->offset, step->length, step->more, bytes);

		assert_non_null(bytes);
		for (unsigned i = 0; i < step->length; i++)
			bytes[i] = (uint8_t)(step->offset + i + step->fill);
		assert_int_equal(fragments6_add(f, (struct moment){ (int64_t)step->at * SECOND }, &fragment,
						&payload, &length, &next),
				 step->result);
		if (step->result == FRAGMENT6_WHOLE) {
			assert_int_equal(length, PAYLOAD);
			assert_int_equal(next, TCP);
			for (unsigned i = 0; i < PAYLOAD; i++)
				assert_int_equal(payload[i], i);
		}
		free(bytes);
	}
	assert_int_equal(fragments6_given_up(f), scenario->given_up);
	fragments6_free(f);
}

static const uint8_t zeros[65536];

static enum fragment6_result add(struct fragments6 *f, int64_t at, const struct fragment6 *fragment)
{
	const uint8_t *payload;
	size_t length;
	uint8_t next;

	return fragments6_add(f, (struct moment){ at }, fragment, &payload, &length, &next);
}

/* Source, destination and ID each tell packets apart. */
static void test_key(void **state)
{
	struct fragments6 *f = fragments6_new(MEMORY);
	struct fragment6 first = fragment_of(1, 0, 8, true, zeros);
	struct fragment6 last = fragment_of(1, 8, 8, false, zeros);
	struct fragment6 other;

	(void)state;
	assert_int_equal(add(f, 0, &first), FRAGMENT6_WAITING);
	other = last;
	other.id = 2;
	assert_int_equal(add(f, 0, &other), FRAGMENT6_WAITING);
	other = last;
	other.src.addr[7] = 1;
	assert_int_equal(add(f, 0, &other), FRAGMENT6_WAITING);
	other = last;
	other.dst.addr[15] = 3;
	assert_int_equal(add(f, 0, &other), FRAGMENT6_WAITING);
	assert_int_equal(add(f, 0, &last), FRAGMENT6_WHOLE);
	fragments6_free(f);
}

/* One whose time is over, but which came after one whose time is not: time had run backwards in between. */
static void test_expired_behind_younger(void **state)
{
	struct fragments6 *f = fragments6_new(MEMORY);
	struct fragment6 younger = fragment_of(1, 0, 8, true, zeros);
	struct fragment6 first = fragment_of(2, 0, 8, true, zeros);
	struct fragment6 last = fragment_of(2, 8, 8, false, zeros);

	(void)state;
	assert_int_equal(add(f, 100LL * SECOND, &younger), FRAGMENT6_WAITING);
	assert_int_equal(add(f, 0, &first), FRAGMENT6_WAITING);
	assert_int_equal(add(f, 70LL * SECOND, &last), FRAGMENT6_WAITING);
	assert_int_equal(fragments6_given_up(f), 1);
	fragments6_free(f);
}

/* Lengths that lie, and what was not wholly captured. */
static void test_refused(void **state)
{
	struct fragments6 *f = fragments6_new(MEMORY);
	struct fragment6 fragment;

	(void)state;
	fragment = fragment_of(1, 65528, 8, false, zeros); /* 65,536: RFC 8200 4.5 */
	assert_int_equal(add(f, 0, &fragment), FRAGMENT6_REFUSED);
	fragment = fragment_of(1, 65528, 7, false, zeros);
	assert_int_equal(add(f, 0, &fragment), FRAGMENT6_WAITING);
	fragment = fragment_of(2, 8, 0, false, zeros);
	assert_int_equal(add(f, 0, &fragment), FRAGMENT6_REFUSED);
	fragment = fragment_of(3, 0, 64, true, zeros);
	fragment.length = 63;
	assert_int_equal(add(f, 0, &fragment), FRAGMENT6_REFUSED);
	assert_int_equal(fragments6_given_up(f), 0);
	fragments6_free(f);
}

/* The largest payload, in the smallest number of pieces that fit a MTU of 1,280; and shuffled. */
static void test_largest(void **state)
{
	enum { STEP = 1232, COUNT = (65535 + STEP - 1) / STEP };
	struct fragments6 *f = fragments6_new(MEMORY);
	enum fragment6_result result = FRAGMENT6_REFUSED;

	(void)state;
	for (unsigned stride = 1; stride < 20; stride += 4) {
		if (stride % 3 == 0) /* 54 pieces */
			continue;
		for (unsigned i = 0, n = 0; i < COUNT; i++, n = (n + stride) % COUNT) {
			unsigned left = 65535 - n * STEP;
			struct fragment6 fragment =
				fragment_of(stride, n * STEP, left < STEP ? left : STEP, left > STEP, zeros);

			result = add(f, 0, &fragment);
			assert_int_equal(result, i + 1 < COUNT ? FRAGMENT6_WAITING : FRAGMENT6_WHOLE);
		}
	}
	assert_int_equal(fragments6_given_up(f), 0);
	fragments6_free(f);
}

/* Eight bytes at a time make one packet thousands of pieces; it is given up long before. */
static void test_too_many_pieces(void **state)
{
	struct fragments6 *f = fragments6_new(MEMORY);
	unsigned refused = 0;

	(void)state;
	for (unsigned n = 0; n < 1000; n++) {
		struct fragment6 fragment = fragment_of(1, 16 * n, 8, true, zeros);

		refused += add(f, 0, &fragment) == FRAGMENT6_REFUSED;
	}
	assert_true(refused > 800);
	assert_int_equal(fragments6_given_up(f), 1);
	fragments6_free(f);
}

/* A million packets that never become whole: the oldest go, and one that is being sent meanwhile gets
 * through. */
static void test_flood(void **state)
{
	enum { FLOOD = 1000000 };
	struct fragments6 *f = fragments6_new(MEMORY);
	struct fragment6 fragment;

	(void)state;
	for (uint32_t id = 1; id <= FLOOD; id++) {
		fragment = fragment_of(id, 8, 8, true, zeros);
		assert_int_equal(add(f, id, &fragment), FRAGMENT6_WAITING);
	}
	assert_true(fragments6_given_up(f) > FLOOD - MEMORY / 64);
	assert_true(fragments6_given_up(f) < FLOOD);
	fragment = fragment_of(FLOOD, 0, 8, true, zeros);
	assert_int_equal(add(f, FLOOD, &fragment), FRAGMENT6_WAITING);
	fragment = fragment_of(FLOOD, 16, 8, false, zeros);
	assert_int_equal(add(f, FLOOD, &fragment), FRAGMENT6_WHOLE);
	fragment = fragment_of(1, 0, 8, true, zeros); /* long gone */
	assert_int_equal(add(f, FLOOD, &fragment), FRAGMENT6_WAITING);
	fragment = fragment_of(1, 16, 8, false, zeros);
	assert_int_equal(add(f, FLOOD, &fragment), FRAGMENT6_WAITING);
	fragments6_free(f);
}

/* A memory limit below a single fragment takes nothing, and says so. */
static void test_no_memory(void **state)
{
	struct fragments6 *f = fragments6_new(100);
	struct fragment6 fragment = fragment_of(1, 0, 64, true, zeros);

	(void)state;
	assert_int_equal(add(f, 0, &fragment), FRAGMENT6_REFUSED);
	fragments6_free(f);
	fragments6_free(NULL);
}

/* The payload of one packet may be a tunnel that holds the next one's fragment: it is read from our own
 * buffer. */
static void test_fragment_in_payload(void **state)
{
	struct fragments6 *f = fragments6_new(MEMORY);
	struct fragment6 fragment;
	const uint8_t *payload;
	uint8_t bytes[32], next;
	size_t length;

	(void)state;
	for (unsigned i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)i;
	fragment = fragment_of(2, 16, 8, false, bytes + 16);
	assert_int_equal(add(f, 0, &fragment), FRAGMENT6_WAITING);
	fragment = fragment_of(1, 0, 16, true, bytes);
	assert_int_equal(add(f, 0, &fragment), FRAGMENT6_WAITING);
	fragment = fragment_of(1, 16, 16, false, bytes + 16);
	assert_int_equal(fragments6_add(f, (struct moment){ 0 }, &fragment, &payload, &length, &next),
			 FRAGMENT6_WHOLE);
	fragment = fragment_of(2, 0, 16, true, payload);
	assert_int_equal(fragments6_add(f, (struct moment){ 0 }, &fragment, &payload, &length, &next),
			 FRAGMENT6_WHOLE);
	assert_int_equal(length, 24);
	assert_memory_equal(payload, bytes, 24);
	fragments6_free(f);
}

int main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(test_key),
		cmocka_unit_test(test_expired_behind_younger),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_largest),
		cmocka_unit_test(test_too_many_pieces),
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_fragment_in_payload),
	};
	enum { SCENARIOS = sizeof scenarios / sizeof *scenarios };
	struct CMUnitTest tests[SCENARIOS];

	for (size_t i = 0; i < SCENARIOS; i++)
		tests[i] = (struct CMUnitTest){ .name = scenarios[i].name,
						.test_func = run_scenario,
						.initial_state = (void *)(uintptr_t)&scenarios[i] };
	return cmocka_run_group_tests_name("scenarios", tests, NULL, NULL) +
	       cmocka_run_group_tests_name("limits", others, NULL, NULL);
}
