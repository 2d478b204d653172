/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which frames a datagram came in: ids used again, fragments in fragments, expiry, and the limit. */
#include "dissect/trail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000000)

static struct trail_key key(uint32_t id)
{
	return (struct trail_key){ .src = { { 1 } }, .dst = { { 2 } }, .id = id, .protocol = 6 };
}

static void fragment(struct trail *t, uint64_t packet, uint32_t id, int64_t at)
{
	const struct frame frame = { .packet = packet, .at = { at } };
	const struct trail_key datagram = key(id);

	trail_wait(t, &datagram, &frame);
}

static void last(struct trail *t, uint64_t packet, uint32_t id, int64_t at)
{
	const struct frame frame = { .packet = packet, .at = { at } };
	const struct trail_key datagram = key(id);

	trail_whole(t, &datagram, &frame);
}

static void assert_frames(const struct trail *t, uint64_t packet, const char *expected)
{
	char text[256] = "";
	size_t n;
	const uint64_t *frames = trail_frames(t, packet, &n);

	for (size_t i = 0; i < n; i++)
		snprintf(text + strlen(text), sizeof text - strlen(text), "%s%d", i > 0 ? " " : "",
			 (int)frames[i]);
	assert_string_equal(text, expected);
}

static void a_datagram_has_its_own_frames(void **state)
{
	(void)state;
	struct trail *t = trail_new(100000);

	fragment(t, 1, 7, 0);
	fragment(t, 2, 8, 0);
	fragment(t, 3, 7, 0);
	assert_frames(t, 3, "");
	fragment(t, 4, 9, 0);
	last(t, 5, 7, 0);
	assert_frames(t, 5, "1 3");
	assert_frames(t, 6, "");
	last(t, 6, 8, 0);
	assert_frames(t, 6, "2");
	last(t, 7, 10, 0);
	assert_frames(t, 7, "");
	trail_free(t);
}

static void an_id_is_used_again(void **state)
{
	(void)state;
	struct trail *t = trail_new(100000);

	fragment(t, 1, 7, 0);
	last(t, 2, 7, 0);
	assert_frames(t, 2, "1");
	fragment(t, 3, 7, 0); /* a copy, late, that never becomes whole */
	fragment(t, 4, 7, SECOND);
	last(t, 5, 7, SECOND);
	assert_frames(t, 5, "3 4");
	fragment(t, 6, 7, 2 * SECOND);
	fragment(t, 7, 7, 62 * SECOND); /* nothing waited so long */
	last(t, 8, 7, 62 * SECOND);
	assert_frames(t, 8, "7");
	fragment(t, 9, 7, 200 * SECOND);
	last(t, 10, 7, 62 * SECOND); /* time ran back */
	assert_frames(t, 10, "");
	trail_free(t);
}

/* Frames 1, 2 and 3, 4 hold fragments of datagrams that hold fragments of a third. */
static void fragments_in_fragments_bring_theirs(void **state)
{
	(void)state;
	struct trail *t = trail_new(100000);

	fragment(t, 1, 1, 0);
	last(t, 2, 1, 0);
	fragment(t, 2, 100, 0);
	fragment(t, 3, 2, 0);
	last(t, 4, 2, 0);
	last(t, 4, 100, 0);
	assert_frames(t, 4, "3 1 2");
	trail_free(t);
}

/* What waits for nothing is forgotten, oldest first; a flood takes no more memory than allowed. */
static void the_oldest_are_forgotten(void **state)
{
	(void)state;
	struct trail *t = trail_new(100000);

	for (uint32_t i = 0; i < 100000; i++)
		fragment(t, i + 1, i, 0);
	last(t, 200000, 0, 0);
	assert_frames(t, 200000, "");
	last(t, 200001, 99999, 0);
	assert_frames(t, 200001, "100000");
	for (uint32_t i = 0; i < 100000; i++) /* one that alone is too much */
		fragment(t, i + 1, 5, 0);
	last(t, 200002, 99998, 0);
	assert_frames(t, 200002, "");
	trail_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_datagram_has_its_own_frames),
		cmocka_unit_test(an_id_is_used_again),
		cmocka_unit_test(fragments_in_fragments_bring_theirs),
		cmocka_unit_test(the_oldest_are_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
