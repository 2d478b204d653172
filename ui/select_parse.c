/* SPDX-License-Identifier: GPL-2.0-or-later */
/* select_parse.c - reads which connections are meant. */
#include <strings.h>

#include "ui/decimal.h"
#include "ui/select_parts.h"

/* One reading: what is left of it, and how it is read. */
struct reading {
	struct only *only;
	struct text *why;
	bool typed, last;
};

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

/* ---- bare words ---- */

static bool add_word(struct only_term *term, const char *word, size_t length)
{
	int as_close = find_word(close_words, CLOSE_COUNT, word, length);
	int as_cause = find_word(cause_words, CAUSE_COUNT, word, length);

	if (as_close >= 0)
		term->closes |= UINT32_C(1) << as_close;
	if (as_cause >= 0)
		term->causes |= UINT64_C(1) << as_cause;
	if (is_word(word, length, time_wait_words[TIME_WAIT_LINGERING].name))
		term->lingering = true;
	else if (as_close < 0 && as_cause < 0)
		return false;
	return true;
}

static void quote(struct text *why, const char *what, size_t length)
{
	text_char(why, '\'');
	text_bytes(why, what, length);
	text_char(why, '\'');
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
	quote(why, word, length);
	text_string(why, " is none of: ");
	list_words(why, close_words, CLOSE_COUNT);
	list_words(why, cause_words, CAUSE_COUNT);
	text_string(why, time_wait_words[TIME_WAIT_LINGERING].name);
}

static bool as_text(struct only_term *term, const char *given, size_t length)
{
	term->kind = ONLY_TEXT;
	memcpy(term->value, given, length);
	return true;
}

static bool read_words(const struct reading *r, struct only_term *term, const char *given, size_t length)
{
	for (size_t at = 0;;) {
		size_t n = 0;

		while (at + n < length && given[at + n] != ',')
			n++;
		if (!add_word(term, given + at, n)) {
			if (r->typed)
				return as_text(term, given, length);
			say_unknown(r->why, given + at, n);
			return false;
		}
		at += n + 1;
		if (at > length)
			return true;
	}
}

/* ---- columns ---- */

static const struct column *find_column(const char *prefix, const char *name, size_t length)
{
	size_t n = strlen(prefix);

	for (size_t i = 0; i < column_count; i++) {
		if (strncmp(columns[i].name, prefix, n) == 0 && is_word(name, length, columns[i].name + n))
			return &columns[i];
	}
	return NULL;
}

static bool find_columns(const struct reading *r, struct only_term *term, const char *name, size_t length)
{
	term->columns[0] = find_column("", name, length);
	if (!term->columns[0]) {
		term->columns[0] = find_column("client_", name, length);
		term->columns[1] = find_column("server_", name, length);
	}
	/* Its source is the row's, not the record's. */
	if (term->columns[0] && term->columns[0]->type != COLUMN_STRING)
		return true;
	quote(r->why, name, length);
	text_string(r->why, " is no column to select by; there are:");
	for (size_t i = 0; i < column_count; i++) {
		if (columns[i].type == COLUMN_STRING)
			continue;
		text_char(r->why, ' ');
		text_string(r->why, columns[i].name);
	}
	return false;
}

/* Words of a column, how many there are. */
static int count_words(const struct word *words)
{
	static const struct {
		const struct word *words;
		int n;
	} all[] = {
		{ close_words, CLOSE_COUNT },
		{ cause_words, CAUSE_COUNT },
		{ confidence_words, CONFIDENCE_COUNT },
		{ closer_words, CLOSER_COUNT },
		{ time_wait_words, TIME_WAIT_COUNT },
		{ holder_words, HOLDER_COUNT },
		{ path_words, PATH_COUNT },
		{ record_end_words, RECORD_END_COUNT },
	};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (all[i].words == words)
			return all[i].n;
	return 0;
}

static bool begins_word(const struct word *words, int n, const char *value, size_t length)
{
	for (int i = 0; i < n; i++)
		if (strncasecmp(words[i].name, value, length) == 0)
			return true;
	return false;
}

/* Whether the column can ever hold that value. */
static bool check_value(const struct reading *r, const struct only_term *term, const char *value,
			size_t length, bool beginning)
{
	const struct column *column = term->columns[0];
	int n = column->words ? count_words(column->words) : 0;
	struct decimal number;

	if (length == 0)
		return true; /* what is not known */
	if (column->type == COLUMN_NUMBER && !decimal_parse(value, length, &number)) {
		quote(r->why, value, length);
		text_string(r->why, " is no number, as ");
		text_string(r->why, column->name);
		text_string(r->why, " is");
		return false;
	}
	if (n > 0 && find_word(column->words, n, value, length) < 0 &&
	    !(beginning && begins_word(column->words, n, value, length))) {
		quote(r->why, value, length);
		text_string(r->why, " is none of: ");
		list_words(r->why, column->words, n);
		r->why->length--;
		return false;
	}
	return true;
}

static bool check_values(const struct reading *r, const struct only_term *term)
{
	bool ordered = term->test != ONLY_EQUAL && term->test != ONLY_DIFFERENT;

	if (ordered && (term->columns[0]->type != COLUMN_NUMBER || term->value[0] == '\0')) {
		text_string(r->why, term->columns[0]->type != COLUMN_NUMBER
					    ? "only numbers can be compared, not "
					    : "a number is missing for ");
		text_string(r->why, term->columns[0]->name);
		return false;
	}
	for (const char *value = term->value;;) {
		size_t length = strcspn(value, ordered ? "" : ",");
		bool last = value[length] == '\0';

		if (!check_value(r, term, value, length, last && term->beginning))
			return false;
		if (last)
			return true;
		value += length + 1;
	}
}

/* Takes "!=", ">=" and so on from *at. */
static enum only_test read_test(const char **at)
{
	char first = *(*at)++;
	bool equal = first == '=' || **at == '=';

	if (first != '=' && equal)
		++*at;
	switch (first) {
	case '!':
		return ONLY_DIFFERENT;
	case '<':
		return equal ? ONLY_AT_MOST : ONLY_LESS;
	case '>':
		return equal ? ONLY_AT_LEAST : ONLY_MORE;
	default:
		return ONLY_EQUAL;
	}
}

static bool read_column(const struct reading *r, struct only_term *term, const char *given, size_t name,
			size_t length)
{
	const char *value = given + name;

	term->test = read_test(&value);
	memcpy(term->value, value, length - (size_t)(value - given));
	if (is_word(given, name, "text") && term->test == ONLY_EQUAL) {
		term->kind = ONLY_TEXT;
		return true;
	}
	term->kind = ONLY_COLUMN;
	term->beginning = r->typed && r->last;
	return find_columns(r, term, given, name) && check_values(r, term);
}

/* ---- terms ---- */

static bool read_term(const struct reading *r, const char *given, size_t length)
{
	struct only_term *term = &r->only->terms[r->only->n];
	size_t name = 0;

	if (r->only->n == ONLY_TERMS_MAX || length >= ONLY_VALUE_MAX) {
		text_string(r->why,
			    length >= ONLY_VALUE_MAX ? "a term is too long" : "these are too many terms");
		return false;
	}
	r->only->n++;
	while (name < length && !strchr("=<>", given[name]) &&
	       !(given[name] == '!' && name + 1 < length && given[name + 1] == '='))
		name++;
	return name < length ? read_column(r, term, given, name, length) : read_words(r, term, given, length);
}

static bool parse(struct only *only, const char *given, bool typed, struct text *why)
{
	struct reading r = { .only = only, .why = why, .typed = typed };

	memset(only, 0, sizeof *only);
	given += strspn(given, " ");
	/* Nothing at all is an empty word on a command line, and everything where one types. */
	if (*given == '\0')
		return typed || read_term(&r, given, 0);
	while (*given) {
		size_t length = strcspn(given, " ");

		r.last = given[length] == '\0';
		if (!read_term(&r, given, length))
			return false;
		given += length + strspn(given + length, " ");
	}
	return true;
}

bool only_parse(struct only *only, const char *given, struct text *why)
{
	return parse(only, given, false, why);
}

bool only_parse_typed(struct only *only, const char *given, struct text *why)
{
	return parse(only, given, true, why);
}
