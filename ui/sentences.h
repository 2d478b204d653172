/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sentences.h - a verdict in plain sentences: one for every close and one for every cause, in two tables,
 * with the packets of the connection filled in; how sure that is; and what else makes the same packets.
 */
#ifndef LASTACK_UI_SENTENCES_H
#define LASTACK_UI_SENTENCES_H

#include "analyzer/record.h"
#include "ui/format.h"
#include "ui/ladder.h"
#include "ui/timers.h"

/* What a sentence is made from; nothing is owned. */
struct story {
	const struct record *record;
	const struct ladder_facts *facts; /* all 0 and UNKNOWN_NS where the packets could not be read again */
	const struct timers *timers;	  /* for the names of timers that are as long; NULL = none */
};

enum { SENTENCES_MAX = 2048 }; /* bytes; every story's sentences fit */

/* The sentences of close, cause and confidence, one after the other. */
void sentences_verdict(struct text *text, const struct story *story);

/* What else makes the same packets, the best guess first; false, and nothing, when the cause is certain. */
bool sentences_guesses(struct text *text, const struct story *story);

/* What the application of one side saw. */
void sentences_saw(struct text *text, const struct story *story, enum side side);

/* What it cost (verdicts.md 7), only what is worth telling; false, and nothing, when nothing is. */
bool sentences_cost(struct text *text, const struct story *story);

#endif
