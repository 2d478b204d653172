/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vocabulary.c - the lists of vocabulary.h as tables. */
#include "analyzer/vocabulary.h"

#define WORD(id, name, meaning, ...)	   [id] = { name, sizeof name - 1, meaning },
#define CAUSE_TEXT(id, name, meaning, ...) [id] = { __VA_ARGS__ },

/* A word that fills its room has no terminating zero. */
#define FITS(id, name, ...) _Static_assert(sizeof(name) <= WORD_ROOM, name);

CLOSES(FITS)
CAUSES(FITS)
CONFIDENCES(FITS)
RST_FAMILIES(FITS)
CLOSERS(FITS)
TIME_WAITS(FITS)
HOLDERS(FITS)
PATHS(FITS)
STATES(FITS)
RECORD_ENDS(FITS)
EVICTIONS(FITS)
SAWS(FITS)

const struct word close_words[CLOSE_COUNT] = { CLOSES(WORD) };
const struct word cause_words[CAUSE_COUNT] = { CAUSES(WORD) };
const struct cause_text cause_texts[CAUSE_COUNT] = { CAUSES(CAUSE_TEXT) };
const struct word confidence_words[CONFIDENCE_COUNT] = { CONFIDENCES(WORD) };
const struct word rst_family_words[RST_FAMILY_COUNT] = { RST_FAMILIES(WORD) };
const struct word closer_words[CLOSER_COUNT] = { CLOSERS(WORD) };
const struct word time_wait_words[TIME_WAIT_COUNT] = { TIME_WAITS(WORD) };
const struct word holder_words[HOLDER_COUNT] = { HOLDERS(WORD) };
const struct word path_words[PATH_COUNT] = { PATHS(WORD) };
const struct word state_words[STATE_COUNT] = { STATES(WORD) };
const struct word record_end_words[RECORD_END_COUNT] = { RECORD_ENDS(WORD) };
const struct word eviction_words[EVICTION_COUNT] = { EVICTIONS(WORD) };
const struct saw_word saw_words[SAW_COUNT] = { SAWS(WORD) };
