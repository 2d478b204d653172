/* SPDX-License-Identifier: GPL-2.0-or-later */
/* select.c - which rows are written and listed. */
#include "ui/select.h"

#include <strings.h>

static bool is_word(const char *word, size_t length, const char *name)
{
	return length > 0 && strlen(name) == length && strncasecmp(word, name, length) == 0;
}

static int find_word(const struct word *words, int n, const char *word, size_t length)
{
	for (int i = 0; i < n; i++) {
		if (is_word(word, length, words[i].name))
			return i;
	}
	return -1;
}

static bool add_word(struct only *only, const char *word, size_t length)
{
	int as_close = find_word(close_words, CLOSE_COUNT, word, length);
	int as_cause = find_word(cause_words, CAUSE_COUNT, word, length);

	if (as_close >= 0)
		only->closes |= UINT32_C(1) << as_close;
	if (as_cause >= 0)
		only->causes |= UINT64_C(1) << as_cause;
	if (is_word(word, length, time_wait_words[TIME_WAIT_LINGERING].name))
		only->lingering = true;
	else if (as_close < 0 && as_cause < 0)
		return false;
	return true;
}

static void list_words(struct text *text, const struct word *words, int n)
{
	for (int i = 0; i < n; i++) {
		if (words[i].name[0] == '\0')
			continue;
		text_string(text, words[i].name);
		text_char(text, ' ');
	}
}

static void say_unknown(struct text *why, const char *word, size_t length)
{
	text_char(why, '\'');
	text_bytes(why, word, length);
	text_string(why, "' is none of: ");
	list_words(why, close_words, CLOSE_COUNT);
	list_words(why, cause_words, CAUSE_COUNT);
	text_string(why, time_wait_words[TIME_WAIT_LINGERING].name);
}

bool only_parse(struct only *only, const char *list, struct text *why)
{
	const char *word = list;

	*only = (struct only){ 0 };
	for (;;) {
		size_t length = strcspn(word, ",");

		if (!add_word(only, word, length)) {
			say_unknown(why, word, length);
			return false;
		}
		if (word[length] == '\0')
			return true;
		word += length + 1;
	}
}

bool only_takes(const struct only *only, const struct record *record)
{
	bool everything = only->closes == 0 && only->causes == 0 && !only->lingering;

	return everything || (only->closes >> record->close & 1) != 0 ||
	       (only->causes >> record->cause & 1) != 0 ||
	       (only->lingering && record->time_wait == TIME_WAIT_LINGERING);
}
