/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dissect.h - a frame in, at most one segment out: link layer, VLANs and labels, IPv4,
 * IPv6, tunnels, fragments, TCP, and ICMP errors that quote TCP.
 */
#ifndef LASTACK_DISSECT_DISSECT_H
#define LASTACK_DISSECT_DISSECT_H

#include <stddef.h>

#include "dissect/frame.h"
#include "dissect/segment.h"

struct dissector;

struct dissect_options {
	bool outer;		/* take the TCP outside a tunnel, do not look inside */
	bool no_reassembly;	/* count fragments, do not put them together (tests, fuzzing) */
	bool no_shortcut;	/* decode every frame layer by layer, also the usual ones (tests) */
	bool trail;		/* keep what dissect_fragments() tells */
	size_t fragment_memory; /* bytes that fragments may hold per family; 0 = a default of 16 MiB */
};

/* Why a frame gave no segment, or what was special about one: one list for the counters and the summary. */
#define DISSECT_RESULTS(X)                                                                                   \
	X(DISSECT_SEGMENT, "TCP segments")                                                                   \
	X(DISSECT_ICMP, "ICMP errors that quote TCP")                                                        \
	X(DISSECT_FRAGMENT, "IP fragments, waiting for the rest of their packet")                            \
	X(DISSECT_NOT_IP, "not IP")                                                                          \
	X(DISSECT_NOT_TCP, "IP, not TCP")                                                                    \
	X(DISSECT_UNKNOWN_LINK, "of a link type that is not decoded")                                        \
	X(DISSECT_ENCRYPTED, "encrypted or compressed (ESP, IPComp, protected 802.11)")                      \
	X(DISSECT_CUT, "cut by the snap length before the TCP header's fixed part")                          \
	X(DISSECT_MALFORMED, "with malformed headers")                                                       \
	X(DISSECT_TOO_DEEP, "more tunnels, labels or headers than followed")                                 \
	X(DISSECT_UNMATCHED, "not matching the filter after all")                                            \
	X(DISSECT_NOT_REASSEMBLED, "fragments that no worker was left to reassemble")                        \
	X(DISSECT_BAD_FRAGMENT, "fragments that overlap, were cut, or lie about their length")

#define DISSECT_ENUMERATOR(id, text) id,
enum dissect_result { DISSECT_RESULTS(DISSECT_ENUMERATOR) DISSECT_RESULT_COUNT };
#undef DISSECT_ENUMERATOR

struct dissect_counts {
	uint64_t frames;
	uint64_t by_result[DISSECT_RESULT_COUNT]; /* add up to frames */
	uint64_t reassembled;			  /* datagrams put together from fragments */
	uint64_t incomplete;   /* datagrams whose fragments expired or were given up for memory */
	uint64_t oversized;    /* TCP segments longer than 1,514-byte Ethernet carries: offload */
	uint64_t bad_checksum; /* whole TCP segments whose checksum is wrong: offload or damage (sampled: see
				  below) */
	uint64_t checksum_tried; /* how many were verified: the first 1,000 whole segments, then every 64th */
	uint64_t cut;		 /* segments cut by the snap length, used for what their headers say */
	bool reassembler_died; /* the libnids worker is gone; IPv4 fragments are not put together any more */
};

extern const char *const dissect_result_texts[DISSECT_RESULT_COUNT];

/* NULL with errno when out of memory or the reassembly worker cannot be forked. */
struct dissector *dissector_new(const struct dissect_options *options);

/*
 * Decodes one frame. True: *segment is filled in (its 'packet', 'at' and 'source' are the frame's).
 * False: it holds no TCP, or not yet (a fragment); the counters say which, and *segment means nothing.
 */
bool dissect_frame(struct dissector *dissector, const struct frame *frame, struct segment *segment);

/*
 * The numbers of the *n earlier frames whose fragments went into the segment that dissect_frame() made of
 * frame number 'packet' just now; not valid any more with the next frame. *n = 0 if it came in one frame.
 * Includes repeated and refused fragments since the IP ID was last used. Needs options.trail, without which
 * *n is 0.
 */
const uint64_t *dissect_fragments(const struct dissector *dissector, uint64_t packet, size_t *n);

/*
 * The payload of the TCP segment that dissect_frame() made just now (it returned true, and the kind is
 * SEGMENT_TCP), as far as it was captured: *captured bytes, at most the segment's len. Valid until the next
 * frame is fetched or dissected.
 */
const uint8_t *dissect_payload(const struct dissector *dissector, size_t *captured);

struct dissect_counts dissect_counts(const struct dissector *dissector);

/* Whether a link type (DLT_*) is decoded, and its name for messages (from libpcap). */
bool dissect_knows_link(int link);

void dissector_free(struct dissector *dissector); /* NULL is fine */

#endif
