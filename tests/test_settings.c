/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_settings.c - lastack.ini: what is read, refused, written and read again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "ui/settings.h"

static char why_bytes[4096];

static bool parsed(struct settings *s, const char *content)
{
	struct text why = { .bytes = why_bytes, .size = sizeof why_bytes };
	bool fine = settings_parse(s, content, strlen(content), "x.ini", &why);

	text_end(&why);
	return fine;
}

static void all_of_them_are_read(void **state)
{
	struct settings s;

	(void)state;
	assert_true(parsed(
		&s, "# a comment\n; another\n\n[dashboard]\ncolumns = what, client,server_port\n"
		    "SORT=duration\r\n  order\t=  Ascending \ntheme = light\n[Analysis]\ntime-wait = 30.5"));
	assert_string_equal(s.columns, "what, client,server_port");
	assert_string_equal(s.sort, "duration");
	assert_true(s.ascending);
	assert_int_equal(s.theme, THEME_LIGHT);
	assert_true(s.time_wait == INT64_C(30500000000));
}

static void nothing_is_fine(void **state)
{
	struct settings s;

	(void)state;
	assert_true(parsed(&s, ""));
	assert_memory_equal(&s, &settings_usual, sizeof s);
	assert_true(parsed(&s, "[dashboard]\nsort = time\n"));
	assert_string_equal(s.sort, "");
}

static void what_is_wrong_is_said_and_all_ignored(void **state)
{
	static const struct {
		const char *content, *said;
	} wrong[] = {
		{ "[dashboard]\ntheme = light\ncolumns = what,nothing\n",
		  "x.ini, line 3: 'nothing' is no column" },
		{ "[dashboard]\ntheme = pink\n", "x.ini, line 2: 'pink' is none of: dark light mono" },
		{ "[dashboard\n", "x.ini, line 1: the ']' of a section is missing" },
		{ "[\n", "x.ini, line 1: the ']' of a section is missing" },
		{ "theme = light\n", "x.ini, line 1: there is no 'theme' in []" },
		{ "[dashboard]\ncolour = red\n", "x.ini, line 2: there is no 'colour' in [dashboard]" },
		{ "[dashboard]\ntheme light\n", "x.ini, line 2: KEY = VALUE is expected" },
		{ "[dashboard]\nsort = start,end\n", "x.ini, line 2: one column is needed" },
		{ "[dashboard]\norder = up\n", "x.ini, line 2: 'up' is none of: descending ascending" },
		{ "[analysis]\ntime-wait = 0\n", "x.ini, line 2: seconds are needed" },
		{ "[analysis]\ntime-wait = soon\n", "x.ini, line 2: seconds are needed" },
		{ "[dashboard]\ntheme = \033[31m\n", "x.ini, line 2: '?[31m' is none of" },
	};
	struct settings s;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_false(parsed(&s, wrong[i].content));
		assert_int_equal(strncmp(why_bytes, wrong[i].said, strlen(wrong[i].said)), 0);
		assert_memory_equal(&s, &settings_usual, sizeof s);
	}
}

static void hostile_files_are_refused(void **state)
{
	struct text why = { .bytes = why_bytes, .size = sizeof why_bytes };
	struct settings s;
	char *bytes = malloc(10000);

	(void)state;
	memset(bytes, 'a', 10000);
	assert_false(settings_parse(&s, bytes, 10000, "x", &why));
	memset(bytes, 0, 10000);
	assert_false(settings_parse(&s, bytes, 10000, "x", &why));
	free(bytes);
	/* Every beginning of a good file is fine or refused. */
	for (const char *
		     content = "[dashboard]\ncolumns = what,client\ntheme = dark\n[analysis]\ntime-wait=60\n",
		    *end = content;
	     *end; end++) {
		char *copy = malloc((size_t)(end - content) + 1);

		memcpy(copy, content, (size_t)(end - content));
		why.length = 0;
		settings_parse(&s, copy, (size_t)(end - content), "x", &why);
		free(copy);
	}
}

static void what_is_written_is_read_again(void **state)
{
	struct settings s = { .columns = "what,server,close",
			      .sort = "end",
			      .theme = THEME_MONO,
			      .time_wait = INT64_C(1500000000) };
	struct settings again;
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	(void)state;
	settings_write(&s, out);
	fclose(out);
	assert_true(parsed(&again, text));
	assert_memory_equal(&s, &again, sizeof s);
	free(text);
}

static void the_folder_is_that_of_the_base_directory_specification(void **state)
{
	char name[SETTINGS_NAME_MAX];

	(void)state;
	setenv("XDG_CONFIG_HOME", "/x", 1);
	setenv("HOME", "/home/me", 1);
	assert_true(settings_path(name, sizeof name));
	assert_string_equal(name, "/x/lastack/lastack.ini");
	setenv("XDG_CONFIG_HOME", "relative", 1);
	assert_true(settings_path(name, sizeof name));
	assert_string_equal(name, "/home/me/.config/lastack/lastack.ini");
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("HOME");
	assert_false(settings_path(name, sizeof name));
}

static void no_file_is_no_fault(void **state)
{
	struct text why = { .bytes = why_bytes, .size = sizeof why_bytes };
	struct settings s;

	(void)state;
	assert_true(settings_load(&s, "/nonexistent/lastack.ini", &why));
	assert_memory_equal(&s, &settings_usual, sizeof s);
	assert_false(settings_load(&s, "/", &why));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_them_are_read),
		cmocka_unit_test(nothing_is_fine),
		cmocka_unit_test(what_is_wrong_is_said_and_all_ignored),
		cmocka_unit_test(hostile_files_are_refused),
		cmocka_unit_test(what_is_written_is_read_again),
		cmocka_unit_test(the_folder_is_that_of_the_base_directory_specification),
		cmocka_unit_test(no_file_is_no_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
