/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_timers.c - lists of known idle time-outs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ui/timers.h"

static char bytes[512];

/* Adds a text to new timers; NULL when it is refused, and then 'bytes' says why. */
static struct timers *read(const char *content)
{
	struct timers *timers = timers_new();
	struct text why = { .bytes = bytes, .size = sizeof bytes };

	assert_non_null(timers);
	if (timers_add(timers, content, strlen(content), "mine", &why))
		return timers;
	text_end(&why);
	timers_free(timers);
	return NULL;
}

static void lines_are_seconds_and_a_name(void **state)
{
	struct timers *timers =
		read("# known here\n350\tthe load balancer\n\n  0.5   half a second \r\n 42 last line");

	(void)state;
	assert_non_null(timers);
	assert_int_equal(timers->n, 3);
	assert_int_equal(timers->list[0].ns, 350000000000);
	assert_string_equal(timers->list[0].name, "the load balancer");
	assert_int_equal(timers->list[1].ns, 500000000);
	assert_string_equal(timers->list[1].name, "half a second");
	assert_string_equal(timers->list[2].name, "last line");
	timers_free(timers);
}

static void a_bad_line_is_named(void **state)
{
	static const struct {
		const char *content, *why;
	} wrong[] = {
		{ "350 a\n-1 b\n", "mine, line 2: seconds (" },
		{ "\n\nsixty b", "mine, line 3: seconds (" },
		{ "0 zero", "mine, line 1: seconds (" },
		{ "60", "mine, line 1: what the time-out" },
		{ "60   \n", "mine, line 1: what the time-out" },
		{ "60s nginx", "mine, line 1: seconds (" },
		{ "1. x", "mine, line 1: seconds (" },
		{ "99999999999999 x", "mine, line 1: seconds (" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_null(read(wrong[i].content));
		assert_memory_equal(bytes, wrong[i].why, strlen(wrong[i].why));
	}
}

static void what_is_not_text_is_refused(void **state)
{
	struct timers *timers = timers_new();
	struct text why = { .bytes = bytes, .size = sizeof bytes };

	(void)state;
	assert_false(timers_add(timers, "1 a\n2 b\0c\n", 10, "mine", &why));
	assert_string_equal(text_end(&why), "mine, line 2: this is not text");
	why.length = 0;
	assert_false(timers_add_file(timers, "/dev/zero", &why));
	assert_string_equal(text_end(&why), "/dev/zero: is too long for a list of timers");
	timers_free(timers);
}

static void those_built_in_are_fine(void **state)
{
	struct timers *timers = timers_new();

	(void)state;
	assert_true(timers_add_builtin(timers));
	assert_in_range(timers->n, 15, 200);
	for (size_t i = 0; i < timers->n; i++)
		assert_in_range(strlen(timers->list[i].name), 3, 60);
	timers_free(timers);
}

static void timers_as_long_are_named_together(void **state)
{
	struct timers *timers = read("60 one\n350 two\n60 three\n60 \x1b[31mfour\n60 five\n");
	struct text text = { .bytes = bytes, .size = sizeof bytes };

	(void)state;
	timers_alike(&text, timers, timers->list[2].name, 3);
	assert_string_equal(text_end(&text), "1 min: one, three, ?[31mfour");
	text.length = 0;
	timers_alike(&text, timers, "not in the list", 3);
	assert_string_equal(text_end(&text), "not in the list");
	timers_free(timers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_seconds_and_a_name),
		cmocka_unit_test(a_bad_line_is_named),
		cmocka_unit_test(what_is_not_text_is_refused),
		cmocka_unit_test(those_built_in_are_fine),
		cmocka_unit_test(timers_as_long_are_named_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
