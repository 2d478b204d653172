/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_content_odd.c - streams of random segments, more of them than are followed, and without a worker. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "content_talk.h"

enum { TAIL = 16 };

static int make(void **state)
{
	*state = contents_new(TAIL);
	return *state ? 0 : -1;
}

static int unmake(void **state)
{
	contents_free(*state);
	return 0;
}

/* ---- anything ---- */

static uint32_t next_random(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*seed >> 33);
}

/* Pieces of one text from anywhere in it, often cut: what came of it must be there, and no more. */
static void any_order_with_any_loss(void **state)
{
	enum { LENGTH = 3000, ROUNDS = 300, PIECE = 200 };
	struct contents *c = contents_new(LENGTH);
	char text[LENGTH];
	uint64_t seed = 1;

	(void)state;
	for (size_t i = 0; i < LENGTH; i++)
		text[i] = (char)('!' + next_random(&seed) % 90);
	for (uint64_t round = 0; round < ROUNDS; round++) {
		struct talk t = talk(c, round);
		unsigned side = (unsigned)(round % 2), pieces = next_random(&seed) % 100 + 1;
		bool seen[LENGTH] = { false };
		struct content content;
		size_t end = 0;

		while (pieces-- > 0) {
			size_t at = next_random(&seed) % (LENGTH - PIECE), n = next_random(&seed) % PIECE + 1;
			size_t captured = next_random(&seed) % 3 ? n : next_random(&seed) % (n + 1);

			say_cut(&t, side, at, text + at, n, captured);
			memset(seen + at, true, captured);
			end = at + n > end ? at + n : end;
		}
		assert_int_equal(content_read(c, t.id, side, &content), CONTENT_FINE);
		assert_int_equal(content.part[CONTENT_BEFORE_FIN].length, end);
		for (size_t i = 0; i < end; i++) {
			assert_int_equal(content.part[CONTENT_BEFORE_FIN].lost[i], !seen[i]);
			assert_int_equal(content.part[CONTENT_BEFORE_FIN].bytes[i], seen[i] ? text[i] : 0);
		}
		content_close(c, t.id);
	}
	contents_free(c);
}

/* Numbers from anywhere, FINs in the middle, acknowledgements of anything: it must end in an answer. */
static void any_segments_at_all(void **state)
{
	enum { ROUNDS = 200, SEGMENTS = 200, PIECE = 5000 };
	static const uint32_t spreads[] = { 10, 1000, 100000, 1 << 29, UINT32_MAX };
	uint8_t piece[PIECE];
	uint64_t seed = 7;

	for (size_t i = 0; i < PIECE; i++)
		piece[i] = (uint8_t)next_random(&seed);
	for (uint64_t round = 0; round < ROUNDS; round++) {
		struct talk t = talk(*state, 100000 + round);
		uint32_t spread = spreads[round % 5];
		struct content content;

		for (int i = 0; i < SEGMENTS; i++) {
			unsigned side = next_random(&seed) % 2;
			uint8_t flags = (uint8_t)(next_random(&seed) % 16 ? 0 : next_random(&seed));
			struct segment s = segment_of(&t, side, flags, next_random(&seed) % spread,
						      next_random(&seed) % spread);
			size_t captured = next_random(&seed) % PIECE;

			s.len = (uint32_t)captured +
				(next_random(&seed) % 4 ? 0 : next_random(&seed) % PIECE);
			content_segment(t.c, t.id, &s, side, t.base, piece, captured);
			if (next_random(&seed) % 100 == 0)
				content_read(t.c, t.id, side, &content);
		}
		for (unsigned side = CLIENT; side <= SERVER; side++) {
			uint64_t total;

			assert_int_equal(content_read(t.c, t.id, side, &content), CONTENT_FINE);
			total = content.part[0].total + content.part[1].total;
			assert_true(content.part[0].length + content.part[1].length <= total);
		}
		content_close(t.c, t.id);
	}
}

/* So many small segments wait behind a hole that it is given up; what was missing comes too late then. */
static void a_queue_that_is_full(void **state)
{
	static const unsigned counts[] = { 4000, 9000 };
	struct contents *c = contents_new(CONTENT_TAIL_MAX);
	struct content content;

	(void)state;
	for (uint64_t i = 0; i < 2; i++) {
		struct talk t = talk(c, i);

		for (unsigned at = 10; at < counts[i]; at++)
			say(&t, SERVER, at, "x");
		say(&t, SERVER, 0, "0123456789");
		assert_int_equal(content_read(c, i, SERVER, &content), CONTENT_FINE);
		assert_int_equal(content.part[0].length, counts[i]);
		for (size_t at = 0; at < 10; at++)
			assert_int_equal(content.part[0].lost[at], i == 1);
		assert_int_equal(content.part[0].lost[10], 0);
	}
	contents_free(c);
}

/* ---- the worker ---- */

static void more_connections_than_are_followed(void **state)
{
	enum { MANY = 5000 };
	struct content content;
	uint64_t followed = 0;

	for (uint64_t i = 0; i < MANY; i++) {
		struct talk t = talk(*state, 1000 + i);

		say(&t, CLIENT, 0, "hello");
	}
	for (uint64_t i = 0; i < MANY; i++) {
		enum content_result r = content_read(*state, 1000 + i, CLIENT, &content);

		assert_true(r == CONTENT_FINE || r == CONTENT_UNKNOWN);
		followed += r == CONTENT_FINE;
		content_close(*state, 1000 + i);
	}
	assert_int_equal(followed, 4096);
	struct talk t = talk(*state, 1);

	say(&t, CLIENT, 0, "there is room again");
	assert_said(&t, CLIENT, 19, "re is room again");
	content_close(t.c, t.id);
}

static void a_worker_that_is_killed(void **state)
{
	struct contents *c = contents_new(100);
	struct talk t = talk(c, 1);
	struct content content;

	(void)state;
	say(&t, CLIENT, 0, "hello");
	assert_true(contents_worker(c) > 0);
	kill(contents_worker(c), SIGKILL);
	for (uint64_t i = 0; i < 10000; i++)
		say(&t, CLIENT, 5 + 100 * i, "a hundred bytes after another, or nearly so");
	assert_int_equal(content_read(c, 1, CLIENT, &content), CONTENT_DEAD);
	assert_int_equal(contents_worker(c), 0);
	say(&t, CLIENT, 0, "hello");
	assert_int_equal(content_read(c, 1, CLIENT, &content), CONTENT_DEAD);
	content_close(c, 1);
	content_close(c, 2);
	contents_free(c);
	contents_free(NULL);
}

static void a_worker_that_hangs(void **state)
{
	struct contents *c = contents_new(100);
	struct talk t = talk(c, 1);
	struct content content;

	(void)state;
	say(&t, CLIENT, 0, "hello");
	kill(contents_worker(c), SIGSTOP);
	assert_int_equal(content_read(c, 1, CLIENT, &content), CONTENT_DEAD);
	contents_free(c);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_order_with_any_loss),
		cmocka_unit_test(any_segments_at_all),
		cmocka_unit_test(a_queue_that_is_full),
		cmocka_unit_test(more_connections_than_are_followed),
		cmocka_unit_test(a_worker_that_is_killed),
		cmocka_unit_test(a_worker_that_hangs),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, make, unmake);
}
