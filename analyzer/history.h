/* SPDX-License-Identifier: GPL-2.0-or-later */
/* history.h - Zeek's words for a connection: conn.log's history and conn_state, for joining with its logs. */
#ifndef LASTACK_ANALYZER_HISTORY_H
#define LASTACK_ANALYZER_HISTORY_H

#include "analyzer/flow.h"
#include "analyzer/record.h"

/* What Zeek's letters stand for; endpoint.letters has a bit for each that was noted. */
enum letter {
	LETTER_SYN,
	LETTER_SYN_ACK,
	LETTER_ACK,
	LETTER_DATA,
	LETTER_FIN,
	LETTER_RST,
	LETTER_REPEAT,
	LETTER_ZERO_WINDOW,
	LETTER_INCONSISTENT,
	LETTER_MULTI,
	LETTER_FLIPPED,
};

/* The set of letters, as bits, that is one. */
static inline unsigned history_bit(enum letter letter)
{
	return 1u << letter;
}

/* Notes the letters of one TCP segment; 'repeats' = it only repeats old payload. */
void history_note(struct flow *flow, const struct segment *segment, enum side side, bool repeats);

/* Part of history_add(): letters that side has not used yet. */
void history_append(struct flow *flow, enum side side, unsigned news);

/* Notes those of the letters, as bits, that side has not used yet. */
static inline void history_add(struct flow *flow, enum side side, unsigned letters)
{
	unsigned news = letters & ~(unsigned)flow->end[side].letters;

	if (news != 0)
		history_append(flow, side, news);
}

/* The letters, as bits, of a segment that has ACK, but no SYN, FIN or RST, and that repeats nothing. */
static inline unsigned history_usual(const struct segment *segment)
{
	return (segment->len > 0 ? history_bit(LETTER_DATA) : history_bit(LETTER_ACK)) |
	       (segment->window == 0 ? history_bit(LETTER_ZERO_WINDOW) : 0);
}

/* Whether all letters of such a segment are noted. */
static inline bool history_has(const struct flow *flow, const struct segment *segment, enum side side)
{
	return (history_usual(segment) & ~(unsigned)flow->end[side].letters) == 0;
}

/* Writes the letters, upper case for the client. */
void history_text(const struct flow *flow, char text[static RECORD_HISTORY_MAX]);

/* Zeek's conn_state (base/protocols/conn/main.zeek); static storage. */
const char *history_conn_state(const struct flow *flow);

/* Wireshark's tcp.completeness: SYN 1, SYN-ACK 2, ACK 4, data 8, FIN 16, RST 32. */
unsigned history_completeness(const struct flow *flow);

#endif
