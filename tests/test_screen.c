/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_screen.c - cells: wide and combining characters, cuts and their marks, bars; and the time line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "ui/screen.h"
#include "ui/spread.h"
#include "ui/timeline.h"

#define SECOND INT64_C(1000000000)

/* The first row of a screen of so many columns after something was drawn. */
static void assert_row(struct screen *s, const char *expected)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	screen_text(s, out);
	fclose(out);
	*strchrnul(text, '\n') = '\0';
	assert_string_equal(text, expected);
	free(text);
}

static struct screen *ten(bool utf8)
{
	struct screen *s = screen_new(2, 10, utf8);

	assert_non_null(s);
	return s;
}

static void text_is_clipped_at_the_edges(void **state)
{
	struct screen *s = ten(true);

	(void)state;
	assert_int_equal(screen_put(s, 0, 7, ROLE_TEXT, "abcdef"), 13);
	assert_row(s, "       abc");
	screen_put(s, -1, 0, ROLE_TEXT, "x");
	screen_put(s, 2, 0, ROLE_TEXT, "x");
	screen_put(s, 0, 40, ROLE_TEXT, "x");
	screen_paint(s, 0, -3, 100, ROLE_BAD, SCREEN_REVERSE);
	screen_blank(s, -5, -5, 100, 100);
	assert_row(s, "");
	screen_free(s);
}

static void what_is_cut_is_marked(void **state)
{
	struct screen *s = ten(true), *ascii = ten(false);

	(void)state;
	screen_fit(s, 0, 0, 10, ROLE_TEXT, "0123456789");
	assert_row(s, "0123456789");
	screen_fit(s, 0, 0, 5, ROLE_TEXT, "0123456789");
	assert_row(s, "0123\u202656789");
	screen_fit(ascii, 0, 0, 5, ROLE_TEXT, "0123456789");
	assert_row(ascii, "0123~");
	screen_clear(s);
	screen_fit_right(s, 0, 0, 6, ROLE_TEXT, "42");
	assert_row(s, "    42");
	screen_fit_right(s, 0, 0, 3, ROLE_TEXT, "12345");
	assert_row(s, "12\u2026 42");
	screen_free(s);
	screen_free(ascii);
}

static void wide_characters_take_two_cells(void **state)
{
	struct screen *s = ten(true);

	(void)state;
	assert_int_equal(screen_put(s, 0, 0, ROLE_TEXT, "\u6f22\u5b57"), 4);
	assert_string_equal(screen_at(s, 0, 1)->text, "");
	screen_put(s, 0, 4, ROLE_TEXT, "x");
	assert_row(s, "\u6f22\u5b57x");
	/* One half drawn over leaves no other half. */
	screen_put(s, 0, 1, ROLE_TEXT, "a");
	assert_row(s, " a\u5b57x");
	screen_put(s, 0, 2, ROLE_TEXT, "b");
	assert_row(s, " ab x");
	/* One that has no room for both is not drawn. */
	screen_clear(s);
	screen_put(s, 0, 9, ROLE_TEXT, "\u6f22");
	assert_row(s, "");
	screen_fit(s, 0, 0, 4, ROLE_TEXT, "\u6f22\u5b57\u6f22");
	assert_row(s, "\u6f22\u2026");
	screen_free(s);
}

static void combining_characters_join_the_one_before(void **state)
{
	struct screen *s = ten(true);

	(void)state;
	assert_int_equal(screen_put(s, 0, 0, ROLE_TEXT, "e\u0301x"), 2);
	assert_string_equal(screen_at(s, 0, 0)->text, "e\u0301");
	assert_row(s, "e\u0301x");
	/* So many that they have no room are left out. */
	screen_put(s, 0, 0, ROLE_TEXT, "e\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301y");
	assert_true(strlen(screen_at(s, 0, 0)->text) < CELL_BYTES);
	assert_string_equal(screen_at(s, 0, 1)->text, "y");
	/* Nothing to join. */
	screen_put(s, 0, 5, ROLE_TEXT, "\u0301z");
	assert_string_equal(screen_at(s, 0, 5)->text, "z");
	screen_free(s);
}

static void hostile_bytes_become_question_marks(void **state)
{
	struct screen *s = ten(true), *ascii = ten(false);

	(void)state;
	screen_put(s, 0, 0, ROLE_TEXT, "\033[2J\x7f\n");
	assert_row(s, "?[2J??");
	screen_clear(s);
	screen_put(s, 0, 0, ROLE_TEXT, "\xc3(\xff\xe2\x82\xc2\x9b");
	assert_row(s, "?(????");
	screen_put(s, 0, 0, ROLE_TEXT, "\xed\xa0\x80\xf4\x90\x80\x80");
	assert_row(s, "???????");
	screen_put(ascii, 0, 0, ROLE_TEXT, "a\u2026\u6f22");
	assert_row(ascii, "a??");
	screen_free(s);
	screen_free(ascii);
}

static void bars_and_sparks(void **state)
{
	static const uint64_t values[] = { 0, 1, 50, 100 };
	struct screen *s = ten(true), *ascii = ten(false);

	(void)state;
	screen_bar(s, 0, 0, 4, ROLE_TEXT, 50, 100);
	assert_row(s, "\u2588\u2588");
	screen_clear(s);
	screen_bar(s, 0, 0, 4, ROLE_TEXT, 1, 1000); /* never nothing */
	assert_row(s, "\u258f");
	screen_clear(s);
	screen_bar(s, 0, 0, 4, ROLE_TEXT, 0, 100);
	screen_bar(s, 0, 0, 4, ROLE_TEXT, 5, 0);
	assert_row(s, "\u258f");
	screen_clear(s);
	screen_bar(s, 0, 0, 4, ROLE_TEXT, UINT64_MAX, UINT64_MAX);
	assert_row(s, "\u2588\u2588\u2588\u2588");
	screen_clear(s);
	screen_spark(s, 0, 0, ROLE_TEXT, values, 4, 100);
	assert_row(s, " \u2581\u2584\u2588");
	screen_bar(ascii, 0, 0, 4, ROLE_TEXT, 75, 100);
	assert_row(ascii, "###");
	screen_clear(ascii);
	screen_spark(ascii, 0, 0, ROLE_TEXT, values, 4, 100);
	assert_row(ascii, " .:#");
	screen_free(s);
	screen_free(ascii);
}

static void roles_are_told(void **state)
{
	struct screen *s = ten(true);
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	(void)state;
	screen_put(s, 0, 0, ROLE_BAD, "ab");
	screen_put(s, 0, 3, ROLE_TEXT, "c");
	screen_paint(s, 0, 1, 3, ROLE_COUNT, SCREEN_REVERSE);
	screen_roles(s, out);
	fclose(out);
	assert_string_equal(text, "bBSS\n\n");
	free(text);
	screen_free(s);
}

/* ---- the time line ---- */

static uint64_t total(const struct timeline *t, unsigned kinds, int n)
{
	uint64_t values[TIMELINE_STEPS], sum = 0;

	timeline_columns(t, kinds, 600 * SECOND, values, n);
	for (int i = 0; i < n; i++)
		sum += values[i];
	return sum;
}

static void watching_the_oldest_steps_go(void **state)
{
	struct timeline *t = malloc(sizeof *t);
	uint64_t values[60];

	(void)state;
	timeline_init(t, false);
	for (int64_t i = 0; i < 1000; i++)
		timeline_add(t, (struct moment){ i * SECOND }, CLOSE_RESET, 1);
	assert_int_equal(total(t, TIMELINE_SUM_RESET, 600), 600);
	assert_int_equal(timeline_recent(t, TIMELINE_SUM_RESET, 60 * SECOND), 60);
	assert_int_equal(timeline_columns(t, TIMELINE_SUM_RESET, 300 * SECOND, values, 60), 5 * SECOND);
	assert_int_equal(values[58], 5);
	timeline_add(t, (struct moment){ 10 * SECOND }, CLOSE_RESET, 1); /* too old */
	assert_int_equal(total(t, TIMELINE_SUM_RESET, 600), 600);
	timeline_add(t, (struct moment){ 999 * SECOND }, CLOSE_RESET, -1);
	assert_int_equal(timeline_recent(t, TIMELINE_SUM_RESET, SECOND), 0);
	timeline_add(t, (struct moment){ 999 * SECOND }, CLOSE_RESET, -1); /* never below 0 */
	assert_int_equal(timeline_recent(t, TIMELINE_SUM_RESET, SECOND), 0);
	timeline_reach(t, (struct moment){ 100000 * SECOND });
	assert_int_equal(total(t, TIMELINE_SUM_RESET, 600), 0);
	free(t);
}

static void of_captures_all_the_time_is_kept(void **state)
{
	static const int64_t spans[] = { 1, SECOND / 1000, SECOND, 1000 * SECOND, 100000000 * SECOND };
	struct timeline *t = malloc(sizeof *t);

	(void)state;
	for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
		timeline_init(t, true);
		for (int64_t n = 0; n < 5000; n++) /* forwards, backwards, far away */
			timeline_add(t,
				     (struct moment){ 1795161600 * SECOND +
						      (n % 2 ? n : -n) * (spans[i] / 5000 + 1) },
				     CLOSE_GRACEFUL, 1);
		for (int columns = 1; columns <= 300; columns += 13)
			assert_int_equal(total(t, TIMELINE_SUM_GRACEFUL, columns), 5000);
	}
	timeline_init(t, true);
	timeline_add(t, (struct moment){ INT64_MIN }, CLOSE_RESET, 1);
	timeline_add(t, (struct moment){ INT64_MAX }, CLOSE_RESET, 1);
	assert_int_equal(total(t, TIMELINE_SUM_RESET, 100), 2);
	free(t);
}

static void medians_are_near(void **state)
{
	struct spread s = { 0 };

	(void)state;
	assert_int_equal(spread_median(&s), -1);
	spread_add(&s, -1, 1);
	assert_int_equal(s.n, 0);
	for (int64_t i = 1; i <= 1001; i++)
		spread_add(&s, i * SECOND / 1000, (uint64_t)i);
	assert_int_equal(s.longest, 1001 * SECOND / 1000);
	assert_int_equal(s.longest_connection, 1001);
	assert_in_range(spread_median(&s), SECOND / 2 - SECOND / 20, SECOND / 2 + SECOND / 20);
	spread_add(&s, INT64_MAX, 5);
	spread_add(&s, 0, 6);
	assert_true(s.longest == INT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_clipped_at_the_edges),
		cmocka_unit_test(what_is_cut_is_marked),
		cmocka_unit_test(wide_characters_take_two_cells),
		cmocka_unit_test(combining_characters_join_the_one_before),
		cmocka_unit_test(hostile_bytes_become_question_marks),
		cmocka_unit_test(bars_and_sparks),
		cmocka_unit_test(roles_are_told),
		cmocka_unit_test(watching_the_oldest_steps_go),
		cmocka_unit_test(of_captures_all_the_time_is_kept),
		cmocka_unit_test(medians_are_near),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
