/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packed.h - a connection that is over, made small: struct flow and struct closing in some 170 bytes instead
 * of 544, to the bit.
 *
 * Most of what is kept of a connection is 0, or near to something else that is kept. So of every word only
 * the difference to what it is probably near to is kept, and of that only the bytes that are not 0.
 */
#ifndef LASTACK_ANALYZER_PACKED_H
#define LASTACK_ANALYZER_PACKED_H

#include <stddef.h>
#include <stdint.h>

#include "analyzer/flow.h"

enum {
	PACKED_WORDS = (sizeof(struct flow) - offsetof(struct flow, host) + sizeof(struct closing)) / 8,
	PACKED_LENGTHS = PACKED_WORDS / 2, /* bytes: how long each word is, two in each */
	PACKED_DATA_MAX = PACKED_WORDS * 8,
};

/* Objects are of so many sizes: 160, 176, ... 256 bytes. What needs more is not packed. */
enum { PACKED_SIZES = 7, PACKED_SIZE_LEAST = 160, PACKED_SIZE_STEP = 16 };

/*
 * What is packed, with what is needed while it lies there in front. After 'data', that is all bytes of words
 * one after the other, the last PACKED_LENGTHS bytes of an object hold the lengths of these words.
 */
struct packed {
	uint32_t prev, next;	 /* as struct flow's */
	struct moment closed_at; /* flow_closed_at() */
	uint64_t first_packet;
	uint32_t hash;	       /* of its pair (table_hash()) */
	uint8_t part : 6;      /* as struct flow's */
	uint8_t time_wait : 1; /* its record ends as RECORD_TIME_WAIT, else as RECORD_CLOSED */
	uint8_t data[];
};

/* On its way: an object that is as long as need be. */
struct packing {
	size_t size; /* bytes that an object needs */
	uint8_t data[PACKED_DATA_MAX + 8];
	uint8_t lengths[PACKED_LENGTHS];
};

/* Packs all of a connection but flow's prev, next, older and closing. */
void pack(const struct flow *flow, const struct closing *closing, struct packing *packing);

/* Writes it into an object of packing->size bytes at least, which begins with struct packed, filled in. */
void packing_put(const struct packing *packing, struct packed *object, size_t size);

/* The same connection again: flow's prev, next, older and closing are 0. */
void unpack(const struct packed *object, size_t size, struct flow *flow, struct closing *closing);

#endif
