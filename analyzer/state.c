/* SPDX-License-Identifier: GPL-2.0-or-later */
/* state.c - RFC 9293 figure 5, seen from the wire. */
#include "analyzer/state.h"

/*
 * [state][fact] -> state; an empty cell means stay. Facts of one segment are applied
 * acknowledgement first, then FIN (RFC 9293 3.10.7.4), so no combined cells are needed.
 *
 * Rows for UNKNOWN are connections that the tap saw only from their middle on. A RST in
 * SYN-RECEIVED returns a listener to LISTEN; the connection itself is gone: CLOSED.
 */
static const uint8_t next[STATE_COUNT][FACT_COUNT] = {
	[STATE_UNKNOWN] = {
		[SENT_SYN] = STATE_SYN_SENT,
		[SENT_SYN_ACK] = STATE_SYN_RECEIVED,
		[SENT_SEGMENT] = STATE_ESTABLISHED,
		[SENT_FIN] = STATE_FIN_WAIT_1,
		[GOT_FIN] = STATE_CLOSE_WAIT,
		[SENT_RST] = STATE_CLOSED,
		[GOT_RST] = STATE_CLOSED,
	},
	[STATE_SYN_SENT] = {
		/* Simultaneous open: it answers the peer's SYN. */
		[SENT_SYN_ACK] = STATE_SYN_RECEIVED,
		/* The handshake's third segment, or data that proves it. */
		[SENT_SEGMENT] = STATE_ESTABLISHED,
		[SENT_FIN] = STATE_FIN_WAIT_1,
		[SENT_RST] = STATE_CLOSED,
		[GOT_RST] = STATE_CLOSED,
		/* RFC 9293 3.9.2.2: an ICMP error aborts an attempt (as Linux does). */
		[GOT_ERROR] = STATE_CLOSED,
	},
	[STATE_SYN_RECEIVED] = {
		[SENT_SEGMENT] = STATE_ESTABLISHED,
		[SYN_ACKED] = STATE_ESTABLISHED,
		/* Fast Open: it may close before the handshake is complete. */
		[SENT_FIN] = STATE_FIN_WAIT_1,
		[GOT_FIN] = STATE_CLOSE_WAIT,
		[SENT_RST] = STATE_CLOSED,
		[GOT_RST] = STATE_CLOSED,
	},
	[STATE_ESTABLISHED] = {
		[SENT_FIN] = STATE_FIN_WAIT_1,
		[GOT_FIN] = STATE_CLOSE_WAIT,
		[SENT_RST] = STATE_CLOSED,
		[GOT_RST] = STATE_CLOSED,
	},
	[STATE_FIN_WAIT_1] = {
		[FIN_ACKED] = STATE_FIN_WAIT_2,
		[GOT_FIN] = STATE_CLOSING,
		[SENT_RST] = STATE_CLOSED,
		[GOT_RST] = STATE_CLOSED,
	},
	[STATE_FIN_WAIT_2] = {
		[GOT_FIN] = STATE_TIME_WAIT,
		[SENT_RST] = STATE_CLOSED,
		[GOT_RST] = STATE_CLOSED,
	},
	[STATE_CLOSE_WAIT] = {
		[SENT_FIN] = STATE_LAST_ACK,
		[SENT_RST] = STATE_CLOSED,
		[GOT_RST] = STATE_CLOSED,
	},
	[STATE_CLOSING] = {
		[FIN_ACKED] = STATE_TIME_WAIT,
		[SENT_RST] = STATE_CLOSED,
		[GOT_RST] = STATE_CLOSED,
	},
	[STATE_LAST_ACK] = {
		[FIN_ACKED] = STATE_CLOSED,
		[SENT_RST] = STATE_CLOSED,
		[GOT_RST] = STATE_CLOSED,
	},
	[STATE_TIME_WAIT] = {
		[RAN_OUT] = STATE_CLOSED,
		[SENT_RST] = STATE_CLOSED,
		/* RFC 1337: TIME-WAIT assassination. */
		[GOT_RST] = STATE_CLOSED,
	},
};

_Static_assert(FACT_COUNT <= 16 && STATE_COUNT <= 16, "a fact, and a state, fit four bits");

enum state state_after(enum state state, enum fact fact)
{
	enum state to = next[state][fact];

	return to == STATE_UNKNOWN ? state : to;
}

fact_list facts_append(fact_list facts, enum fact fact)
{
	const fact_list one = 1;
	enum state state = facts_state(facts);
	fact_list length = facts >> FACTS_LENGTH & 15;

	facts ^= (fact_list)(state ^ state_after(state, fact)) << FACTS_STATE;
	return (facts | (fact_list)fact << 4 * length | one << (FACTS_SET + fact)) + (one << FACTS_LENGTH);
}

fact_list facts_of(fact_list in_order)
{
	fact_list facts = 0;

	for (fact_list left = in_order; (left & 15) > FACT_NONE && (left & 15) < FACT_COUNT; left >>= 4)
		facts = facts_append(facts, left & 15);
	return facts;
}

fact_list facts_insert(fact_list facts, enum fact fact, enum fact before)
{
	fact_list with = 0;

	for (fact_list left = facts_in_order(facts); left != 0; left >>= 4) {
		enum fact each = left & 15;

		if (each == before)
			with = facts_append(with, fact);
		with = facts_append(with, each);
	}
	return with;
}

fact_list facts_without(fact_list facts, enum fact fact)
{
	fact_list without = 0;

	if (!facts_include(facts, fact))
		return facts;
	for (fact_list left = facts_in_order(facts); left != 0; left >>= 4)
		if ((left & 15) != (fact_list)fact)
			without = facts_append(without, left & 15);
	return without;
}

static struct way fold(fact_list facts)
{
	struct way way = { .count = 0 };
	enum state state = STATE_UNKNOWN;

	for (facts = facts_in_order(facts); facts != 0; facts >>= 4) {
		enum state to = state_after(state, facts & 15);

		if (to != state && way.count < STATES_MAX) {
			way.states[way.count++] = to;
			way.passed |= (uint16_t)(1u << to);
		}
		state = to;
	}
	return way;
}

/* Thousands of ends go the same few ways: the last ones are kept, each thread's own. Lists of 0 lead nowhere.
 */
const struct way *facts_way(fact_list facts)
{
	static _Thread_local struct {
		fact_list facts;
		struct way way;
	} known[1 << 6], *at;

	at = &known[facts * 0x9e3779b97f4a7c15u >> (64 - 6)]; /* 2^64 divided by the golden ratio */
	if (at->facts != facts) {
		at->facts = facts;
		at->way = fold(facts);
	}
	return &at->way;
}
