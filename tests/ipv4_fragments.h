/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ipv4_fragments.h - make IPv4 fragments, well-formed and not, and feed them to a reassembler. */
#ifndef LASTACK_TESTS_IPV4_FRAGMENTS_H
#define LASTACK_TESTS_IPV4_FRAGMENTS_H

#include <stddef.h>
#include <stdint.h>

#include "dissect/reassemble.h"

enum { MORE = 0x2000, DONT = 0x4000, RESERVED = 0x8000 };

/* An IPv4 header as it shall stand on the wire, true or not. Zero means what is usual. */
struct ipv4 {
	uint32_t src, dst; /* 0 = 10.0.0.1, 10.0.0.2 */
	uint16_t id;
	uint8_t proto; /* 0 = TCP */
	uint8_t ihl;   /* 0 = 5; more are options, all NOP (1) but the last byte */
	uint8_t last_option;
	uint16_t field;	   /* flags, and offset in units of 8 */
	uint16_t total;	   /* 0 = as long as it is */
	uint8_t version;   /* 0 = 4 */
	uint16_t payload;  /* bytes */
	uint16_t captured; /* bytes in all, 0 = the whole packet */
};

/* Bytes that tell where in a datagram they stand. */
uint8_t content(uint16_t id, size_t offset);

/* The packet in a heap block of exactly its captured length, *length; the payload is content(). free() it. */
uint8_t *ipv4_packet(const struct ipv4 *ip, size_t *length);

struct fed {
	enum reassemble_result result;
	const uint8_t *datagram;
	size_t length;
};

/* Makes the packet and feeds it at 'seconds' (since some moment in 2026). */
struct fed feed(struct reassembler *r, double seconds, const struct ipv4 *ip);

/* Asserts that a datagram of two fragments comes out right, so that r lives and is in step. */
void assert_works(struct reassembler *r);

/* Asserts that it is whole: a normalised header of src, dst, id and 'payload' bytes of content(id). */
void assert_whole(const struct fed *fed, const struct ipv4 *ip, size_t payload);

#endif
