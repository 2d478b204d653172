/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * history.c - Zeek's history letters and conn_state.
 *
 * Source: Zeek's base/protocols/conn/main.zeek. A letter is noted once for each direction,
 * upper case for the originator; of the letters that Zeek repeats on a logarithmic scale
 * (c, g, t, w) only the first is kept. 18 letters fit; what comes later is left out.
 */
#include "analyzer/history.h"

static const char letters[2][12] = {
	[CLIENT] = "SHADFRTWIQ^",
	[SERVER] = "shadfrtwiq^",
};

enum { LETTERS_PER_WORD = 6, BITS_PER_LETTER = 5, LETTERS_MAX = FLOW_HISTORY_WORDS * LETTERS_PER_WORD };

static bool used(const struct flow *flow, enum side side, enum letter letter)
{
	return flow->end[side].letters & (1u << letter);
}

/* Where each letter stands: which word, and from which bit on. */
static const struct place {
	uint8_t word, bit;
} places[LETTERS_MAX] = {
#define WORD(n)                                                                                              \
	{ n, 0 * BITS_PER_LETTER }, { n, 1 * BITS_PER_LETTER }, { n, 2 * BITS_PER_LETTER },                  \
		{ n, 3 * BITS_PER_LETTER }, { n, 4 * BITS_PER_LETTER },                                      \
	{                                                                                                    \
		n, 5 * BITS_PER_LETTER                                                                       \
	}
	WORD(0), WORD(1), WORD(2)
#undef WORD
};

void history_append(struct flow *flow, enum side side, unsigned news)
{
	flow->end[side].letters |= (uint16_t)news;
	for (unsigned at = flow->history_length; news != 0 && at < LETTERS_MAX; news &= news - 1, at++) {
		uint32_t code = (uint32_t)__builtin_ctz(news) << 1 | (uint32_t)side;

		flow->history[places[at].word] |= code << places[at].bit;
		flow->history_length++;
	}
}

/* The letters of one segment, as bits. */
static unsigned letters_of(const struct segment *s, bool repeats)
{
	uint8_t kind = s->flags & (TCP_SYN | TCP_FIN | TCP_RST);
	unsigned wanted = 0;

	if (kind == 0 && (s->flags & TCP_ACK) && !repeats)
		return history_usual(s);
	if (s->len > 0 && !(kind & TCP_RST))
		wanted |= history_bit(repeats ? LETTER_REPEAT : LETTER_DATA);
	if (kind == 0) {
		if (s->len == 0 && (s->flags & TCP_ACK))
			wanted |= history_bit(LETTER_ACK);
		if (s->window == 0 && (s->flags & TCP_ACK))
			wanted |= history_bit(LETTER_ZERO_WINDOW);
		return wanted;
	}
	if (kind == (TCP_SYN | TCP_FIN))
		wanted |= history_bit(LETTER_MULTI);
	else if ((kind & TCP_RST) && kind != TCP_RST)
		wanted |= history_bit(LETTER_INCONSISTENT);
	if (kind & TCP_SYN)
		wanted |= history_bit(s->flags & TCP_ACK ? LETTER_SYN_ACK : LETTER_SYN);
	if (kind & TCP_FIN)
		wanted |= history_bit(LETTER_FIN);
	if (kind & TCP_RST)
		wanted |= history_bit(LETTER_RST);
	return wanted;
}

void history_note(struct flow *flow, const struct segment *s, enum side side, bool repeats)
{
	unsigned noted = letters_of(s, repeats);

	/* Zeek: the guess at who began was turned round, as here when a SYN-ACK comes first. */
	if (flow->history_length == 0 && (noted & history_bit(LETTER_SYN_ACK)))
		history_add(flow, CLIENT, history_bit(LETTER_FLIPPED));
	history_add(flow, side, noted);
}

void history_text(const struct flow *flow, char text[static RECORD_HISTORY_MAX])
{
	char *at = text, *end = text + flow->history_length;

	for (const uint32_t *word = flow->history; at < end; word++) {
		uint32_t codes = *word;

		for (int i = 0; i < LETTERS_PER_WORD && at < end; i++, codes >>= BITS_PER_LETTER)
			*at++ = letters[codes & 1u][codes >> 1 & 15u];
	}
	*at = '\0';
}

/* The function of the same name in Zeek's conn/main.zeek, on this flow's letters. */
const char *history_conn_state(const struct flow *flow)
{
	bool syn = used(flow, CLIENT, LETTER_SYN), syn_ack = used(flow, SERVER, LETTER_SYN_ACK);
	bool orig_rst = used(flow, CLIENT, LETTER_RST), resp_rst = used(flow, SERVER, LETTER_RST);
	bool orig_fin = used(flow, CLIENT, LETTER_FIN), resp_fin = used(flow, SERVER, LETTER_FIN);

	if (!syn && !syn_ack && flow->bits & FLOW_MIDSTREAM && !used(flow, CLIENT, LETTER_SYN_ACK))
		return "OTH";
	if (syn && !syn_ack && !(flow->bits & FLOW_ESTABLISHED)) {
		if (resp_rst)
			return "REJ";
		if (orig_rst)
			return "RSTOS0";
		return orig_fin ? "SH" : "S0";
	}
	if (!syn && syn_ack && !(flow->bits & FLOW_ESTABLISHED)) {
		if (resp_rst)
			return "RSTRH";
		return resp_fin ? "SHR" : "OTH";
	}
	if (orig_fin && resp_fin)
		return "SF";
	if (orig_rst)
		return "RSTO";
	if (resp_rst)
		return "RSTR";
	if (orig_fin)
		return "S2";
	return resp_fin ? "S3" : "S1";
}

unsigned history_completeness(const struct flow *flow)
{
	uint16_t any = flow->end[CLIENT].letters | flow->end[SERVER].letters;
	bool handshake = any & (history_bit(LETTER_SYN) | history_bit(LETTER_SYN_ACK));
	/* Wireshark 4.0: an ACK without payload, that of the RST which refuses a SYN included. */
	bool ack = (any & history_bit(LETTER_ACK)) || (flow->bits & FLOW_SYN_REFUSED);

	return (any & (1u << LETTER_SYN) ? 1u : 0u) | (any & (1u << LETTER_SYN_ACK) ? 2u : 0u) |
	       (handshake && ack ? 4u : 0u) | (any & (1u << LETTER_DATA | 1u << LETTER_REPEAT) ? 8u : 0u) |
	       (any & (1u << LETTER_FIN) ? 16u : 0u) | (any & (1u << LETTER_RST) ? 32u : 0u);
}
