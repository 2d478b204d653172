/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * select.h - which connections are meant: the language of --only and of the dashboard's filter (lastack.1,
 * "SELECTING CONNECTIONS").
 *
 * Terms with spaces between, all of which must hold:
 *	reset,refused		closes, causes and "lingering", any of them
 *	cause=idle-timeout	a column and its value, or several values with commas, any of which will do
 *	cause!=idle-timeout	none of them
 *	duration>=1.5		also > < <=, of numbers
 *	port=443		where columns are called client_ and server_: either of the two
 *	ip=10.0.0.0/8		addresses, or networks
 *	text=10.0.		somewhere in any column
 */
#ifndef LASTACK_UI_SELECT_H
#define LASTACK_UI_SELECT_H

#include "analyzer/record.h"
#include "ui/columns.h"
#include "ui/format.h"

enum { ONLY_TERMS_MAX = 16, ONLY_VALUE_MAX = 128 /* bytes of a term's values */ };

enum only_kind {
	ONLY_WORDS,  /* 'closes', 'causes', 'lingering' */
	ONLY_COLUMN, /* columns[] by test and value */
	ONLY_TEXT,   /* value, in any column */
};

enum only_test { ONLY_EQUAL, ONLY_DIFFERENT, ONLY_LESS, ONLY_AT_MOST, ONLY_MORE, ONLY_AT_LEAST };

struct only_term {
	enum only_kind kind;
	uint32_t closes; /* bit 1 << enum close */
	uint64_t causes; /* bit 1 << enum cause; never CAUSE_NONE */
	bool lingering;
	const struct column *columns[2]; /* the second is NULL but for either of two */
	enum only_test test;
	bool beginning; /* the last value may be the beginning of one */
	char value[ONLY_VALUE_MAX];
};

_Static_assert(CLOSE_COUNT <= 32 && CAUSE_COUNT <= 64, "a term has a bit for every word");

/* All zero = every record is meant. */
struct only {
	struct only_term terms[ONLY_TERMS_MAX];
	size_t n;
};

/* Reads all terms, words in any case. False when one is wrong: why then says which, and what there is. */
bool only_parse(struct only *only, const char *given, struct text *why);

/*
 * The same of what is being typed: a word that is none of ours is sought as text, and the last value may be
 * the beginning of one.
 */
bool only_parse_typed(struct only *only, const char *given, struct text *why);

/* Whether the record is meant; text is sought in all columns of the row. */
bool only_takes_row(const struct only *only, const struct row *row);

/* The same without a row: its source and its processes are not looked at. */
bool only_takes(const struct only *only, const struct record *record);

#endif
