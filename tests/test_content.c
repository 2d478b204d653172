/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_content.c - the last bytes of streams, from segments lost, late, twice and after a FIN. */
#include <setjmp.h>
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

/* ---- what comes as it should ---- */

static void both_directions_of_both_families(void **state)
{
	struct talk four = talk(*state, 1), six = talk(*state, 2);

	six.bits = SEGMENT_IPV6;
	say(&four, CLIENT, 0, "GET / HTTP/1.0\r\n\r\n");
	say(&six, CLIENT, 0, "EHLO");
	say(&four, SERVER, 0, "HTTP/1.0 200 OK");
	say(&six, SERVER, 0, "250 ");
	say(&six, SERVER, 4, "fine");
	assert_said(&four, CLIENT, 18, "T / HTTP/1.0\r\n\r\n");
	assert_said(&four, SERVER, 15, "HTTP/1.0 200 OK");
	assert_said(&six, CLIENT, 4, "EHLO");
	assert_said(&six, SERVER, 8, "250 fine");
	content_close(four.c, four.id);
	content_close(six.c, six.id);
}

/* Tails of 15, 16, 17, 31, 32 and 33 bytes, in pieces of every size. */
static void tails_at_their_bounds(void **state)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJ";
	static const size_t lengths[] = { 1, 15, 16, 17, 31, 32, 33 };
	uint64_t id = 10;

	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		for (size_t step = 1; step <= lengths[i]; step++) {
			struct talk t = talk(*state, id++);
			size_t n = lengths[i], from = n > TAIL ? n - TAIL : 0;
			char expected[TAIL + 1] = "";

			for (size_t at = 0; at < n; at += step)
				say_cut(&t, SERVER, at, letters + at, n - at < step ? n - at : step,
					n - at < step ? n - at : step);
			memcpy(expected, letters + from, n - from);
			assert_said(&t, SERVER, n, expected);
			content_close(t.c, t.id);
		}
	}
}

/* The same addresses again: another number, or the same one after it was closed. */
static void a_pair_used_again(void **state)
{
	struct talk first = talk(*state, 20), second = talk(*state, 21);

	say(&first, CLIENT, 0, "first");
	say(&second, CLIENT, 0, "second");
	say(&first, CLIENT, 5, " goes on");
	assert_said(&first, CLIENT, 13, "first goes on");
	content_close(first.c, first.id);
	assert_said(&second, CLIENT, 6, "second");
	say(&first, CLIENT, 0, "third");
	assert_said(&first, CLIENT, 5, "third");
	content_close(first.c, first.id);
	content_close(second.c, second.id);
}

/* Joined in the middle of a message that is then sent again from its beginning. */
static void from_the_middle(void **state)
{
	struct talk t = talk(*state, 30);
	struct segment earlier = segment_of(&t, CLIENT, 0, 0, 0);

	say(&t, CLIENT, 0, "middle");
	earlier.seq.n -= 4;
	earlier.len = 14;
	content_segment(t.c, t.id, &earlier, CLIENT, t.base, (const uint8_t *)"the middle and", 14);
	assert_said(&t, CLIENT, 10, "middle and");
	content_close(t.c, t.id);
}

static void no_segment_but_those_of_the_connection(void **state)
{
	struct talk t = talk(*state, 31);
	struct segment rst = segment_of(&t, CLIENT, TCP_RST, 2, 0);
	struct segment icmp = segment_of(&t, CLIENT, 0, 2, 0);
	struct content content;

	rst.len = icmp.len = 3;
	icmp.kind = SEGMENT_ICMP;
	assert_int_equal(content_read(t.c, t.id, CLIENT, &content), CONTENT_UNKNOWN);
	acknowledge(&t, CLIENT, 0, 0);
	assert_int_equal(content_read(t.c, t.id, CLIENT, &content), CONTENT_UNKNOWN);
	say(&t, CLIENT, 0, "ok");
	content_segment(t.c, t.id, &rst, CLIENT, t.base, (const uint8_t *)"why", 3);
	content_segment(t.c, t.id, &icmp, CLIENT, t.base, (const uint8_t *)"why", 3);
	assert_said(&t, CLIENT, 2, "ok");
	content_close(t.c, t.id);
	assert_int_equal(content_read(t.c, t.id, CLIENT, &content), CONTENT_UNKNOWN);
	content_close(t.c, t.id);
}

/* ---- what does not ---- */

static void late_twice_and_overlapping(void **state)
{
	struct talk t = talk(*state, 40);

	say(&t, SERVER, 6, "world");
	say(&t, SERVER, 6, "WORLD"); /* the first stands */
	say(&t, SERVER, 3, "lo w");
	say(&t, SERVER, 9, "ld, again");
	say(&t, SERVER, 0, "Hel");
	say(&t, SERVER, 0, "Hello, ");
	say(&t, SERVER, 0, "xxxxxxxxxxxx");
	assert_said(&t, SERVER, 18, "llo world, again");
	content_close(t.c, t.id);
}

static void holes_keep_their_place(void **state)
{
	struct talk t = talk(*state, 41);

	say(&t, CLIENT, 0, "abc");
	say(&t, CLIENT, 5, "fg");
	say(&t, CLIENT, 8, "ij");
	assert_said(&t, CLIENT, 10, "abc..fg.ij");
	say(&t, CLIENT, 3, "de"); /* too late: it has been asked for */
	say(&t, CLIENT, 10, "kl");
	assert_said(&t, CLIENT, 12, "abc..fg.ijkl");
	content_close(t.c, t.id);
}

/* The snap length: what was sent again in full fills the place. */
static void cut_segments(void **state)
{
	struct talk t = talk(*state, 42);

	say_cut(&t, CLIENT, 0, "abcd", 4, 2);
	say_cut(&t, CLIENT, 4, "efgh", 4, 0);
	say_cut(&t, CLIENT, 8, "ijkl", 4, 3);
	say(&t, CLIENT, 4, "efgh");
	assert_said(&t, CLIENT, 12, "ab..efghijk.");
	content_close(t.c, t.id);
}

/* Headers only, of more bytes than sequence numbers reach. */
static void nothing_captured_of_very_much(void **state)
{
	static const uint64_t step = UINT64_C(1) << 29;
	struct talk t = talk(*state, 43);

	for (uint64_t at = 0; at < 20 * step; at += step)
		say_cut(&t, CLIENT, at, "", (size_t)step, 0);
	say(&t, CLIENT, 20 * step, "end");
	assert_said(&t, CLIENT, 20 * step + 3, ".............end");
	content_close(t.c, t.id);
}

/* A hole of one segment, a thousand behind it, then what was missing. */
static void a_thousand_segments_beyond_a_hole(void **state)
{
	enum { SIZE = 1400, COUNT = 1000 };
	struct talk t = talk(*state, 44);
	char piece[SIZE];

	for (unsigned side = CLIENT; side <= SERVER; side++) {
		memset(piece, 'a', sizeof piece);
		say_cut(&t, side, 0, piece, SIZE, SIZE);
		for (unsigned i = 2; i < COUNT + 2; i++) {
			memset(piece, 'a' + (int)(i % 26), sizeof piece);
			memcpy(piece + SIZE - 4, i == COUNT + 1 ? "last" : "next", 4);
			say_cut(&t, side, (uint64_t)i * SIZE, piece, SIZE, SIZE);
			acknowledge(&t, !side, 0, SIZE);
		}
		memset(piece, '!', sizeof piece);
		say_cut(&t, side, SIZE, piece, SIZE, SIZE);
		assert_said(&t, side, (uint64_t)(COUNT + 2) * SIZE, "nnnnnnnnnnnnlast");
	}
	content_close(t.c, t.id);
}

/* The receiver has it, so it does not come again: not held against what follows, and not waited for. */
static void a_hole_that_was_acknowledged(void **state)
{
	struct talk t = talk(*state, 45);

	say(&t, CLIENT, 0, "ab");
	say(&t, CLIENT, 4, "ef");
	for (uint64_t i = 0; i < 200; i++)
		acknowledge(&t, SERVER, 0, 6);
	say(&t, CLIENT, 2, "cd"); /* 64 packets were waited for it */
	assert_said(&t, CLIENT, 6, "ab..ef");
	content_close(t.c, t.id);
}

static void an_acknowledgement_captured_before_its_data(void **state)
{
	struct talk t = talk(*state, 46);

	say(&t, CLIENT, 0, "ab");
	acknowledge(&t, SERVER, 0, 6);
	say(&t, CLIENT, 4, "ef");
	for (uint64_t i = 0; i < 30; i++)
		acknowledge(&t, SERVER, 0, 6);
	say(&t, CLIENT, 2, "cd");
	assert_said(&t, CLIENT, 6, "abcdef");
	content_close(t.c, t.id);
}

/* The capture has lost the end. */
static void acknowledged_and_never_seen(void **state)
{
	struct talk t = talk(*state, 47), fin = talk(*state, 48);

	say(&t, CLIENT, 0, "ab");
	acknowledge(&t, SERVER, 0, 5);
	assert_said(&t, CLIENT, 5, "ab...");
	content_close(t.c, t.id);
	say(&fin, CLIENT, 0, "ab");
	finish(&fin, CLIENT, 4, 0);
	acknowledge(&fin, SERVER, 0, 5); /* the FIN has a number of its own */
	assert_said(&fin, CLIENT, 4, "ab..");
	content_close(fin.c, fin.id);
}

/* More holes, and more bytes behind them, than are waited for. */
static void too_much_to_wait_for(void **state)
{
	enum { SIZE = 60000, COUNT = 400 };
	struct talk holes = talk(*state, 49), bytes = talk(*state, 50);
	char *piece = malloc(SIZE);

	for (uint64_t at = 1; at < 2000; at += 2)
		say(&holes, CLIENT, at, "x");
	assert_said(&holes, CLIENT, 2000, ".x.x.x.x.x.x.x.x");
	content_close(holes.c, holes.id);

	memset(piece, 'y', SIZE);
	for (uint64_t i = 0; i < COUNT; i++)
		say_cut(&bytes, SERVER, 10 + i * SIZE, piece, SIZE, SIZE);
	say(&bytes, SERVER, 10 + (uint64_t)COUNT * SIZE, "the end");
	say(&bytes, SERVER, 0, "too late");
	assert_said(&bytes, SERVER, 10 + (uint64_t)COUNT * SIZE + 7, "yyyyyyyyythe end");
	content_close(bytes.c, bytes.id);
	free(piece);
}

/* A forged number far beyond, and bytes behind the FIN. */
static void what_nobody_sent(void **state)
{
	struct talk t = talk(*state, 51);

	say(&t, CLIENT, 0, "ab");
	say(&t, CLIENT, 0x50000000, "far");
	acknowledge(&t, SERVER, 0, 0x60000000);
	say(&t, CLIENT, 2, "cd");
	assert_said(&t, CLIENT, 4, "abcd");
	finish(&t, CLIENT, 4, 0);
	say(&t, CLIENT, 4, "ef");
	finish(&t, CLIENT, 3, 0);
	finish(&t, CLIENT, 9, 0);
	assert_said(&t, CLIENT, 4, "abcd");
	content_close(t.c, t.id);
}

/* ---- the FIN ---- */

static void what_is_sent_after_the_fin(void **state)
{
	struct talk t = talk(*state, 60);
	char long_text[40];

	memset(long_text, '-', sizeof long_text);
	say(&t, SERVER, 0, "before");
	finish(&t, CLIENT, 0, 6);
	say(&t, SERVER, 6, " that");
	acknowledge(&t, SERVER, 11, 1); /* now it knows */
	say(&t, SERVER, 15, "er");
	say(&t, SERVER, 11, "aft");
	assert_part(&t, SERVER, CONTENT_BEFORE_FIN, 11, "before that");
	assert_part(&t, SERVER, CONTENT_AFTER_FIN, 6, "aft.er");
	say_cut(&t, SERVER, 17, long_text, sizeof long_text, sizeof long_text);
	assert_part(&t, SERVER, CONTENT_BEFORE_FIN, 11, "before that");
	assert_part(&t, SERVER, CONTENT_AFTER_FIN, 46, "----------------");
	assert_part(&t, CLIENT, CONTENT_BEFORE_FIN, 0, "");
	content_close(t.c, t.id);
}

/* The tap shows an acknowledgement before the FIN that it is for. */
static void a_fin_captured_late(void **state)
{
	struct talk t = talk(*state, 62);

	say(&t, CLIENT, 0, "bye");
	acknowledge(&t, SERVER, 0, 4);
	finish(&t, CLIENT, 3, 0);
	say(&t, SERVER, 0, "after");
	assert_said(&t, CLIENT, 3, "bye");
	assert_part(&t, SERVER, CONTENT_AFTER_FIN, 5, "after");
	content_close(t.c, t.id);
}

/* A segment over the mark, because what lay before it came late. */
static void a_segment_on_both_sides_of_the_mark(void **state)
{
	struct talk t = talk(*state, 61);

	finish(&t, CLIENT, 0, 0);
	say(&t, SERVER, 0, "abc");
	acknowledge(&t, SERVER, 3, 1);
	say(&t, SERVER, 1, "bcdef");
	assert_part(&t, SERVER, CONTENT_BEFORE_FIN, 3, "abc");
	assert_part(&t, SERVER, CONTENT_AFTER_FIN, 3, "def");
	content_close(t.c, t.id);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_directions_of_both_families),
		cmocka_unit_test(tails_at_their_bounds),
		cmocka_unit_test(a_pair_used_again),
		cmocka_unit_test(from_the_middle),
		cmocka_unit_test(no_segment_but_those_of_the_connection),
		cmocka_unit_test(late_twice_and_overlapping),
		cmocka_unit_test(holes_keep_their_place),
		cmocka_unit_test(cut_segments),
		cmocka_unit_test(nothing_captured_of_very_much),
		cmocka_unit_test(a_thousand_segments_beyond_a_hole),
		cmocka_unit_test(a_hole_that_was_acknowledged),
		cmocka_unit_test(an_acknowledgement_captured_before_its_data),
		cmocka_unit_test(acknowledged_and_never_seen),
		cmocka_unit_test(too_much_to_wait_for),
		cmocka_unit_test(what_nobody_sent),
		cmocka_unit_test(what_is_sent_after_the_fin),
		cmocka_unit_test(a_fin_captured_late),
		cmocka_unit_test(a_segment_on_both_sides_of_the_mark),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, make, unmake);
}
