/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scenario_words.h - reads a script word by word. What fails leaves 'at' where it was, or sets 'error': the
 * first one stays.
 */
#ifndef LASTACK_TESTS_SCENARIO_WORDS_H
#define LASTACK_TESTS_SCENARIO_WORDS_H

#include <stdbool.h>
#include <stdint.h>

struct words {
	const char *at;	   /* in the script */
	const char *error; /* static; NULL = none */
};

/* Notes why; false. */
bool words_fail(struct words *in, const char *why);

/* Skips blanks and a comment: is that the end of the event? */
bool words_end(struct words *in);

/* Each takes what it names if it is next. */
bool words_take(struct words *in, const char *word);
bool words_take_char(struct words *in, char c);
bool words_take_number(struct words *in, int64_t *value);

/* The same, but it is an error if it is not there: a number from 0 to max; seconds with a fraction, as ns. */
bool words_need_number(struct words *in, int64_t *value, int64_t max);
bool words_need_seconds(struct words *in, int64_t *ns);

#endif
