/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * state.h - the RFC 9293 state of one end, from the facts that the wire shows about it.
 *
 * An end is described by the facts it went through, in order; its states are those facts
 * folded through one table (RFC 9293 figure 5). Evidence that takes a fact back (an ACK
 * that cannot have arrived, a RST that was ignored) removes the fact, and the states follow.
 */
#ifndef LASTACK_ANALYZER_STATE_H
#define LASTACK_ANALYZER_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/vocabulary.h"

/* Facts about one end, past tense. What each rests on (verdicts.md 2): */
enum fact {
	FACT_NONE,
	SENT_SYN,     /* its SYN without ACK */
	SENT_SYN_ACK, /* its SYN with ACK */
	SENT_SEGMENT, /* its first segment that only a synchronised end sends */
	SYN_ACKED,    /* an ACK that covers its SYN passed; taken as delivered */
	SENT_FIN,     /* its FIN */
	FIN_ACKED,    /* an ACK that covers its FIN passed; taken as delivered */
	GOT_FIN,      /* its own ACK covers the peer's FIN */
	SENT_RST,     /* its RST, not a forged one */
	GOT_RST,      /* an acceptable RST passed; taken as delivered */
	GOT_ERROR,    /* an ICMP error that quotes its SYN passed */
	RAN_OUT,      /* 2MSL are over */
	FACT_COUNT
};

/* What follows in a state from a fact; the same state where nothing does. */
enum state state_after(enum state state, enum fact fact);

/*
 * Facts in order, each at most once; 0 = none. A word that holds the same three times, so that every question
 * is one shift: the facts, oldest in the lowest 4 bits; the state that they lead to and how many they are, 4
 * bits each; and which they are, a bit each.
 */
typedef uint64_t fact_list;

enum {
	FACTS_MAX = FACT_COUNT - 1,
	FACTS_STATE = 4 * FACTS_MAX, /* shifts */
	FACTS_LENGTH = FACTS_STATE + 4,
	FACTS_SET = FACTS_LENGTH + 4 - 1, /* FACT_NONE is never in there */
	STATES_MAX = 8
};

_Static_assert(FACTS_SET + FACT_COUNT <= 64, "a list is one word");

static inline bool facts_include(fact_list facts, enum fact fact)
{
	return facts >> (FACTS_SET + fact) & 1;
}

/* The state all facts lead to. */
static inline enum state facts_state(fact_list facts)
{
	return facts >> FACTS_STATE & 15;
}

/* Nothing but the facts themselves: the oldest is the lowest 4 bits, what is left of it when those are
 * shifted out follows, 0 = no more. */
static inline fact_list facts_in_order(fact_list facts)
{
	return facts & (((fact_list)1 << FACTS_STATE) - 1);
}

/* And back: the list of these facts, as far as they are any. */
fact_list facts_of(fact_list in_order);

/* The list with fact, which is not there yet, at its end. */
fact_list facts_append(fact_list facts, enum fact fact);

/* The list with fact, which is not FACT_NONE, at its end; unchanged when it is there already. */
static inline fact_list facts_with(fact_list facts, enum fact fact)
{
	return facts_include(facts, fact) ? facts : facts_append(facts, fact);
}

/* Part of facts_with_before(): 'before' is there, and fact is not. */
fact_list facts_insert(fact_list facts, enum fact fact, enum fact before);

/* The list with fact put right before 'before' (at the end where that is missing). */
static inline fact_list facts_with_before(fact_list facts, enum fact fact, enum fact before)
{
	if (facts_include(facts, before) && !facts_include(facts, fact))
		return facts_insert(facts, fact, before);
	return facts_with(facts, fact);
}

/* The list without fact. */
fact_list facts_without(fact_list facts, enum fact fact);

/* A way through the states: those entered, in order, STATES_MAX at most. */
struct way {
	enum state states[STATES_MAX]; /* STATE_UNKNOWN behind the last */
	uint8_t count;
	uint16_t passed; /* the same as a set, bit = enum state */
};

static inline bool way_passed(const struct way *way, enum state state)
{
	return way->passed >> state & 1;
}

static inline enum state way_end(const struct way *way)
{
	return way->count == 0 ? STATE_UNKNOWN : way->states[way->count - 1];
}

/* The way there; valid until the same thread asks for another. */
const struct way *facts_way(fact_list facts);

#endif
