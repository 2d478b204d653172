/* SPDX-License-Identifier: GPL-2.0-or-later */
/* packed.c - see packed.h. */
#include "analyzer/packed.h"

#include <string.h>

enum { SKIPPED = offsetof(struct flow, host) };

_Static_assert(SKIPPED % 8 == 0 && sizeof(struct closing) % 8 == 0 && PACKED_WORDS % 2 == 0, "whole words");

/* ---- numbers near others ---- */

/*
 * A number as its distance from one that it is probably near to: 0, -1, 1, -2, ... become 0, 1, 2, 3. But the
 * distance -1 stands for the number 0, which is none and far from all others, and the one of 0 for -1.
 */
static inline uint64_t near(uint64_t number, uint64_t to)
{
	uint64_t distance = number - to;

	if (number == 0)
		distance = UINT64_MAX;
	else if (distance == UINT64_MAX)
		distance = 0 - to;
	return distance << 1 ^ (0 - (distance >> 63));
}

static inline uint64_t far(uint64_t near, uint64_t to)
{
	uint64_t distance = near >> 1 ^ (0 - (near & 1));

	if (distance == UINT64_MAX)
		return 0;
	return distance + to == 0 ? to - 1 : distance + to;
}

/* The second half of an IPv4 address (segment.h, struct host) as four bytes. */
static inline uint64_t host_turned(uint64_t half)
{
	half ^= 0xffff0000;
	return half >> 32 | half << 32;
}

static inline uint64_t host_turned_back(uint64_t turned)
{
	return (turned >> 32 | turned << 32) ^ 0xffff0000;
}

/* A list of facts tells the same three times (state.h): without what follows from the facts themselves.
 * Turned twice it is itself. */
static inline fact_list facts_turned(fact_list facts)
{
	fact_list whole = facts_of(facts_in_order(facts));

	return facts ^ whole ^ facts_in_order(whole);
}

/* The number, if one of those bits is set. */
static inline uint32_t if_any(unsigned bits, uint32_t number)
{
	return bits ? number : 0;
}

static inline uint32_t offset_of(uint64_t first_packet, uint64_t packet)
{
	return packet == 0 ? 0 : (uint32_t)(packet - first_packet + 1);
}

/* What struct closing's 'idle' most likely is. */
static inline int64_t idle_of(const struct flow *flow, const struct closing *closing)
{
	const struct mark *client = &closing->end[CLIENT].fin, *server = &closing->end[SERVER].fin;
	const struct mark *first = client->packet - 1 <= server->packet - 1 ? client : server;
	struct moment began = first->packet == 0 ? closing->closed.at : first->at;

	return (int64_t)((uint64_t)began.ns - (uint64_t)flow->payload_at.ns);
}

/* What is near to what. What comes first is known when others are to be near to it. */
#define NUMBERS(NEAR)                                                                                        \
	NEAR(closing, closed.at.ns, closed_at)                                                               \
	NEAR(closing, closed.packet, first_packet)                                                           \
	NEAR(closing, end[CLIENT].fin.packet, closing->closed.packet)                                        \
	NEAR(closing, end[CLIENT].fin.at.ns, closed_at)                                                      \
	NEAR(closing, end[SERVER].fin.packet, closing->end[CLIENT].fin.packet)                               \
	NEAR(closing, end[SERVER].fin.at.ns, closing->end[CLIENT].fin.at.ns)                                 \
	NEAR(closing, end[CLIENT].fin_acked.packet, closing->end[SERVER].fin.packet)                         \
	NEAR(closing, end[CLIENT].fin_acked.at.ns, closing->end[SERVER].fin.at.ns)                           \
	NEAR(closing, end[SERVER].fin_acked.packet, closing->closed.packet)                                  \
	NEAR(closing, end[SERVER].fin_acked.at.ns, closed_at)                                                \
	NEAR(closing, end[CLIENT].got_fin.ns, closing->end[SERVER].fin_acked.at.ns)                          \
	NEAR(closing, end[SERVER].got_fin.ns, closing->end[CLIENT].fin_acked.at.ns)                          \
	NEAR(closing, end[CLIENT].time_wait.ns, closed_at)                                                   \
	NEAR(closing, end[SERVER].time_wait.ns, closed_at)                                                   \
	NEAR(flow, start.ns, closed_at)                                                                      \
	NEAR(flow, last.ns, closed_at)                                                                       \
	NEAR(flow, last_packet, closing->closed.packet)                                                      \
	NEAR(flow, handshake, flow->bits &FLOW_HANDSHAKE ? 0 : flow->start.ns)                               \
	NEAR(flow, payload_at.ns, closed_at)                                                                 \
	NEAR(closing, idle, idle_of(flow, closing))

/* And of 32 bits, of both sides: numbers that are probably not above others, as what is left to them. */
#define DIFFERENCES(BELOW)                                                                                   \
	BELOW(flow, end[side].isn.n, flow->end[side].nxt.n)                                                  \
	BELOW(flow, end[side].una.n, if_any(flow->end[side].bits &END_UNA, flow->end[side].nxt.n))           \
	BELOW(flow, end[side].hole_to.n, if_any(flow->end[side].bits &END_HOLE, flow->end[side].nxt.n))      \
	BELOW(flow, end[side].hole_from.n, if_any(flow->end[side].bits &END_HOLE, flow->end[side].nxt.n))    \
	BELOW(flow, end[side].sack_right.n,                                                                  \
	      if_any(flow->end[side].bits &END_SACK, flow->end[other(side)].nxt.n))                          \
	BELOW(closing, end[side].fin_seq.n,                                                                  \
	      if_any(flow->end[side].bits &END_FIN, flow->end[side].nxt.n - 1))                              \
	BELOW(closing, end[side].fin_ack.n,                                                                  \
	      if_any(flow->end[side].bits &END_FIN, flow->end[other(side)].nxt.n))                           \
	BELOW(closing, end[side].fin_last, offset_of(first_packet, closing->end[side].fin.packet))

/* ---- only the bytes that are not 0 ---- */

static inline uint64_t word_at(const void *words, size_t i)
{
	uint64_t word;

	memcpy(&word, (const char *)words + 8 * i, sizeof word);
	return word;
}

static inline void set_word(void *words, size_t i, uint64_t word)
{
	memcpy((char *)words + 8 * i, &word, sizeof word);
}

/* Bytes of a word up to the last that is not 0. */
static inline unsigned length_of(uint64_t word)
{
	return (63U ^ (unsigned)__builtin_clzll(word | 1)) / 8 + (word != 0);
}

/* A word is written whole, and what follows it goes over its zeros. */
static uint8_t *put_words(uint8_t *to, uint8_t *lengths, const void *words, size_t n)
{
	for (size_t i = 0; i < n; i += 2) {
		uint64_t a = word_at(words, i), b = word_at(words, i + 1);
		unsigned a_length = 0, b_length = 0;

		if ((a | b) != 0) {
			a_length = length_of(a);
			b_length = length_of(b);
			set_word(to, 0, a);
			set_word(to + a_length, 0, b);
			to += a_length + b_length;
		}
		lengths[i / 2] = (uint8_t)(a_length | b_length << 4);
	}
	return to;
}

static inline uint64_t first_bytes(uint64_t word, unsigned length)
{
	static const uint64_t masks[16] = {
		0x0,	      0xff,	      0xffff,		0xffffff,	   0xffffffff,
		0xffffffffff, 0xffffffffffff, 0xffffffffffffff, 0xffffffffffffffff
	};

	return word & masks[length];
}

static const uint8_t *take_words(const uint8_t *from, const uint8_t *lengths, void *words, size_t n)
{
	for (size_t i = 0; i < n; i += 2) {
		const unsigned both = lengths[i / 2], a_length = both & 0xf, b_length = both >> 4;
		uint64_t a = 0, b = 0;

		if (both != 0) {
			a = first_bytes(word_at(from, 0), a_length);
			b = first_bytes(word_at(from + a_length, 0), b_length);
			from += a_length + b_length;
		}
		set_word(words, i, a);
		set_word(words, i + 1, b);
	}
	return from;
}

enum { FLOW_WORDS = (sizeof(struct flow) - SKIPPED) / 8, CLOSING_WORDS = sizeof(struct closing) / 8 };

/* ---- both ---- */

static void turn_hosts(struct flow *flow, uint64_t (*turned)(uint64_t))
{
	for (enum side side = CLIENT; side <= SERVER; side++) {
		uint64_t half = turned(word_at(&flow->host[side], 1));

		memcpy(flow->host[side].addr + 8, &half, sizeof half);
	}
}

static void turn_facts(struct flow *flow)
{
	for (enum side side = CLIENT; side <= SERVER; side++)
		flow->end[side].facts = facts_turned(flow->end[side].facts);
}

void pack(const struct flow *flow, const struct closing *closing, struct packing *packing)
{
	const int64_t closed_at = flow_closed_at(closing).ns;
	const uint64_t first_packet = flow->first_packet;
	struct {
		struct flow flow;
		struct closing closing;
	} small = { *flow, *closing };
	uint8_t *at = packing->data;

#define NEAR(OBJECT, MEMBER, TO)                                                                             \
	small.OBJECT.MEMBER = (__typeof__(small.OBJECT.MEMBER))near((uint64_t)OBJECT->MEMBER, (uint64_t)(TO));
#define BELOW(OBJECT, MEMBER, WHAT) small.OBJECT.MEMBER = (WHAT)-OBJECT->MEMBER;
	NUMBERS(NEAR)
	for (enum side side = CLIENT; side <= SERVER; side++) {
		DIFFERENCES(BELOW)
	}
#undef NEAR
#undef BELOW
	small.flow.first_packet = 0;
	turn_facts(&small.flow);
	turn_hosts(&small.flow, host_turned);
	at = put_words(at, packing->lengths, (char *)&small.flow + SKIPPED, FLOW_WORDS);
	at = put_words(at, packing->lengths + FLOW_WORDS / 2, &small.closing, CLOSING_WORDS);
	packing->size = offsetof(struct packed, data) + (size_t)(at - packing->data) + PACKED_LENGTHS;
}

void packing_put(const struct packing *packing, struct packed *object, size_t size)
{
	memcpy(object->data, packing->data, packing->size - offsetof(struct packed, data) - PACKED_LENGTHS);
	memcpy((char *)object + size - PACKED_LENGTHS, packing->lengths, PACKED_LENGTHS);
}

void unpack(const struct packed *object, size_t size, struct flow *flow, struct closing *closing)
{
	const int64_t closed_at = object->closed_at.ns;
	const uint64_t first_packet = object->first_packet;
	const uint8_t *lengths = (const uint8_t *)object + size - PACKED_LENGTHS, *from = object->data;

	from = take_words(from, lengths, (char *)flow + SKIPPED, FLOW_WORDS);
	take_words(from, lengths + FLOW_WORDS / 2, closing, CLOSING_WORDS);
	flow->prev = flow->next = flow->older = flow->closing = 0;
	flow->first_packet = first_packet;
	turn_facts(flow);
	turn_hosts(flow, host_turned_back);
#define FAR(OBJECT, MEMBER, TO)                                                                              \
	OBJECT->MEMBER = (__typeof__(OBJECT->MEMBER))far((uint64_t)OBJECT->MEMBER, (uint64_t)(TO));
#define BELOW(OBJECT, MEMBER, WHAT) OBJECT->MEMBER = (WHAT)-OBJECT->MEMBER;
	NUMBERS(FAR)
	for (enum side side = CLIENT; side <= SERVER; side++) {
		DIFFERENCES(BELOW)
	}
#undef FAR
#undef BELOW
}
