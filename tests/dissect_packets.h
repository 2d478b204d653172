/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dissect_packets.h - packets to decode: the same segment, over IPv4 or IPv6, behind every link type and
 * tunnel.
 *
 * The bytes were written down from the formats' documents and, where it knows them, checked with tshark.
 */
#ifndef LASTACK_TESTS_DISSECT_PACKETS_H
#define LASTACK_TESTS_DISSECT_PACKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sample {
	const char *name; /* the layers, outermost first */
	int link;	  /* DLT_* */
	bool ipv6;	  /* the innermost packet */
	const char *hex;  /* pairs of digits, spaces wherever */
};

extern const struct sample samples[];
extern const size_t sample_count;

/* The bytes that hex spells, in a heap block of exactly that size (ASan sees one byte too many); free() it.
 */
uint8_t *hex_bytes(const char *hex, size_t *length);

#endif
