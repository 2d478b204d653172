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

/* An ordered list of up to 16 facts, oldest in the lowest 4 bits. 0 = empty. */
typedef uint64_t fact_list;

enum { FACTS_MAX = 16, STATES_MAX = 8 };

/* fact is not FACT_NONE. */
static inline bool facts_include(fact_list facts, enum fact fact)
{
	/* All 16 at once: is one of four bits each zero, after those of fact are taken away? */
	const fact_list each = 0x1111111111111111u;
	fact_list differs = facts ^ each * (fact_list)fact;

	return (differs - each) & ~differs & each << 3;
}

/* Part of facts_with(): fact is not there yet. */
fact_list facts_append(fact_list facts, enum fact fact);

/* The list with fact at its end; unchanged when it is there already or the list is full. */
static inline fact_list facts_with(fact_list facts, enum fact fact)
{
	return facts_include(facts, fact) ? facts : facts_append(facts, fact);
}

/* The list with fact put right before 'before' (at the end where that is missing). */
fact_list facts_with_before(fact_list facts, enum fact fact, enum fact before);

/* The list without fact. */
fact_list facts_without(fact_list facts, enum fact fact);

/* The state all facts lead to. */
enum state facts_state(fact_list facts);

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
