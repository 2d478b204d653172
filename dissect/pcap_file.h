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

#include "dissect/frame.h"
#include "dissect/stream.h"

struct dissector;

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
 * The packets that can be taken as they are, in a row, at most 'room': usual ones that are all in the buffer,
 * which nearly all are. frames[i] is as 'like', but for at, bytes (valid until the next look), caplen and
 * len, and packet, which counts on from like's. Returns how many there were; none does not mean that no more
 * come.
 */
size_t pcap_file_take(struct pcap_file *p, struct frame *frames, size_t room, const struct frame *like);

/*
 * The same, decoded at once, as long as they are usual (usual.h) and the file has this machine's byte order:
 * segments[i] is what dissect_frame() makes of the i-th, but for dissect_payload(). 'like' is of a frame that
 * matched. Returns how many there were.
 */
size_t pcap_file_segments(struct pcap_file *p, struct dissector *dissector, struct segment *segments,
			  size_t room, const struct frame *like);

/*
 * The next packet where pcap_file_take() has none: reads on. PACKET = got one, and set of *frame at, bytes,
 * caplen and len; else no more comes, and for BROKEN pcap_file_error() says why. What was taken before is not
 * valid any more.
 */
enum pcap_file_result pcap_file_look(struct pcap_file *p, struct frame *frame);

/* A sentence for people without the file's name, valid as long as p. */
const char *pcap_file_error(const struct pcap_file *p);

#endif
