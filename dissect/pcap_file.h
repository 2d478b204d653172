/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pcap_file.h - packets out of a classic pcap capture (draft-ietf-opsawg-pcap), left where they were read.
 *
 * libpcap spends two fread()s and some 500 instructions on a packet, more than everything else here together;
 * this reader hands out the stream's own buffer. It takes only what it can give exactly as libpcap does
 * (tests/test_pcap_file.c compares the two): version 2.4, micro- and nanoseconds, either byte order, of a
 * link type that is decoded. The modified format, older versions, whose lengths may stand the other way
 * round, and links in whose packets libpcap changes bytes stay libpcap's.
 */
#ifndef LASTACK_DISSECT_PCAP_FILE_H
#define LASTACK_DISSECT_PCAP_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "dissect/frame.h"
#include "dissect/stream.h"

enum { PCAP_FILE_RECORD = 16 }; /* bytes of a packet's header */

/* To be held by value; link and per_second may be read. */
struct pcap_file {
	const uint8_t *at, *end; /* what of the stream's buffer is not taken yet: a packet's header first */
	uint32_t usual;		 /* captured bytes that are within all limits */
	uint32_t per_second;	 /* the unit of times */
	uint32_t ns;		 /* in one of them */
	bool swapped;		 /* its byte order is not ours */
	int link;		 /* DLT_* */
	uint32_t snaplen;
	const uint8_t *looked; /* where the last look at the stream began */
	struct stream *stream;
	char error[160];
};

enum pcap_file_result { PCAP_FILE_PACKET, PCAP_FILE_END, PCAP_FILE_BROKEN };

/* Begins to read at the start of s, which stays the caller's. False, with nothing taken from s, if this is a
 * file to leave to libpcap, or none. */
bool pcap_file_begin(struct pcap_file *p, struct stream *s);

/*
 * The next packet when it is not pcap_file_ready(): reads on, and takes it. PACKET = got one; else no more
 * comes, and for BROKEN pcap_file_error() says why. What was taken before is not valid any more.
 */
enum pcap_file_result pcap_file_look(struct pcap_file *p, struct frame *frame);

/* A sentence for people without the file's name, valid as long as p. */
const char *pcap_file_error(const struct pcap_file *p);

static inline uint32_t pcap_file_u32(const struct pcap_file *p, const uint8_t *at)
{
	uint32_t n;

	memcpy(&n, at, sizeof n);
	return p->swapped ? __builtin_bswap32(n) : n;
}

/*
 * Whether the next packet is a usual one and can be taken as it is. Nearly all can; this and pcap_file_take()
 * are what every packet of a run costs, and so inline.
 */
static inline bool pcap_file_ready(const struct pcap_file *p)
{
	size_t left = (size_t)(p->end - p->at);

	if (left < PCAP_FILE_RECORD || p->swapped)
		return false;
	uint32_t captured = pcap_file_u32(p, p->at + 8);

	return captured <= p->usual && captured <= left - PCAP_FILE_RECORD;
}

/* Takes a packet that is all there: sets frame's at, bytes (valid until the next look), caplen and len. */
static inline void pcap_file_take(struct pcap_file *p, struct frame *frame)
{
	const uint8_t *at = p->at;
	uint32_t seconds = pcap_file_u32(p, at), fraction = pcap_file_u32(p, at + 4);
	uint32_t captured = pcap_file_u32(p, at + 8), len = pcap_file_u32(p, at + 12);

	p->at = at + PCAP_FILE_RECORD + captured;
	frame->bytes = at + PCAP_FILE_RECORD;
	frame->caplen = captured;
	frame->len = len < captured ? captured : len;
	/* seconds are unsigned (draft-ietf-opsawg-pcap 5); fractions that are none become the last nanosecond
	 */
	frame->at.ns =
		(int64_t)seconds * 1000000000 + (fraction < p->per_second ? fraction * p->ns : 999999999);
}

#endif
