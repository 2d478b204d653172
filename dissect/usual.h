/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usual.h - the frame that nearly all are, decoded in one go: Ethernet, IPv4 or IPv6 without options, TCP.
 * Private to dissect/.
 *
 * A shortcut, never a second opinion: it takes only what the layers would decode to the very same segment
 * (tests/test_usual.c compares the two on every capture), and leaves anything else, odd or merely rarer, to
 * them. It takes a third of the instructions of that way: one look at the headers' fixed bytes tells whether
 * the frame is such a one, and each field of the segment is written once. (One way for both versions of IP,
 * without a branch on it, took longer, also where they come mixed.)
 *
 * It is a header so that a reader goes from a capture's record to the segment in one loop, in which what all
 * frames have in common stays in registers and no frame is ever stored.
 */
#ifndef LASTACK_DISSECT_USUAL_H
#define LASTACK_DISSECT_USUAL_H

#include <endian.h>

#include "dissect/packet.h"

enum {
	USUAL_ETHERNET = 14, /* bytes of headers */
	USUAL_IPV4 = 20,
	USUAL_IPV6 = 40,
	USUAL_TCP = 20,
};

/* What 16 bytes of a frame must be, from the Ethernet type on, where the mask says so. */
struct usual_look {
	uint8_t bytes[16], mask[16];
};

/* Version 4 without options, no fragment (no more to come, and no offset), TCP. */
static const struct usual_look usual_ipv4 = {
	.bytes = { 0x08, 0x00, 0x45, [8] = 0x00, [9] = 0x00, [11] = 6 },
	.mask = { 0xff, 0xff, 0xff, [8] = 0x3f, [9] = 0xff, [11] = 0xff },
};

/* Version 6, TCP. */
static const struct usual_look usual_ipv6 = {
	.bytes = { 0x86, 0xdd, 0x60, [8] = 6 },
	.mask = { 0xff, 0xff, 0xf0, [8] = 0xff },
};

static inline bool usual_looks(const uint8_t *frame, const struct usual_look *look)
{
	uint64_t got[2], bytes[2], mask[2];

	memcpy(got, frame + USUAL_ETHERNET - 2, sizeof got);
	memcpy(bytes, look->bytes, sizeof bytes);
	memcpy(mask, look->mask, sizeof mask);
	return (got[0] & mask[0]) == bytes[0] && (got[1] & mask[1]) == bytes[1];
}

/* What IP's header tells of its packet. */
struct usual_ip {
	uint32_t tcp, end; /* where TCP begins and all ends, as sent, in bytes from the frame's first */
	unsigned bits;	   /* SEGMENT_* */
};

/* In words, as it is read. */
static inline void usual_mapped(struct host *host, const uint8_t *address)
{
	uint64_t words[2] = { 0, htole64(0xffff0000u | (uint64_t)bytes_le32(address) << 32) };

	memcpy(host, words, sizeof *host);
}

static inline struct usual_ip usual_take_ipv4(const uint8_t *frame, struct segment *s)
{
	const uint8_t *h = frame + USUAL_ETHERNET;

	usual_mapped(&s->src, h + 12);
	usual_mapped(&s->dst, h + 16);
	s->ip_id = bytes_be16(h + 4);
	s->ttl = h[8];
	return (struct usual_ip){
		.tcp = USUAL_ETHERNET + USUAL_IPV4,
		.end = USUAL_ETHERNET + (uint32_t)bytes_be16(h + 2),
		.bits = h[6] & 0x40 ? SEGMENT_DF : 0,
	};
}

static inline struct usual_ip usual_take_ipv6(const uint8_t *frame, struct segment *s)
{
	const uint8_t *h = frame + USUAL_ETHERNET;

	memcpy(&s->src, h + 8, sizeof s->src);
	memcpy(&s->dst, h + 24, sizeof s->dst);
	s->ip_id = 0;
	s->ttl = h[7];
	return (struct usual_ip){
		.tcp = USUAL_ETHERNET + USUAL_IPV6,
		.end = USUAL_ETHERNET + USUAL_IPV6 + (uint32_t)bytes_be16(h + 4),
		.bits = SEGMENT_IPV6,
	};
}

/* False: it is neither, or the fixed part of TCP's header is cut. */
static inline bool usual_take_ip(const struct frame *frame, struct segment *s, struct usual_ip *ip)
{
	if (frame->caplen < USUAL_ETHERNET + USUAL_IPV4 + USUAL_TCP)
		return false;
	if (usual_looks(frame->bytes, &usual_ipv4)) {
		*ip = usual_take_ipv4(frame->bytes, s);
		return true;
	}
	if (frame->caplen < USUAL_ETHERNET + USUAL_IPV6 + USUAL_TCP ||
	    !usual_looks(frame->bytes, &usual_ipv6))
		return false;
	*ip = usual_take_ipv6(frame->bytes, s);
	return true;
}

/* All of TCP's header but its options: in pairs, as they stand in the header and in the segment. */
static inline void usual_take_tcp(const uint8_t *h, struct segment *s)
{
	uint32_t ports = bytes_be32(h);

	s->sport = (uint16_t)(ports >> 16);
	s->dport = (uint16_t)ports;

	uint64_t numbers = bytes_be64(h + 4);

	s->seq.n = (uint32_t)(numbers >> 32);
	s->ack.n = (uint32_t)numbers;

	uint32_t window_checksum = bytes_be32(h + 14);

	s->window = (uint16_t)(window_checksum >> 16);
	s->checksum = (uint16_t)window_checksum;
	s->flags = h[13];
}

/* The segment has its flags already. */
static inline void usual_take_options(struct segment *s, unsigned bits, const uint8_t *options, uint32_t left)
{
	enum { TIMESTAMPS_PADDED = 0x0101080a, TIMESTAMPS_LENGTH = 12 };

	s->wscale = 0;
	s->tsval = 0;
	s->sack_right = 0;
	if (left == TIMESTAMPS_LENGTH && bytes_be32(options) == TIMESTAMPS_PADDED) {
		s->tsval = bytes_be32(options + 4);
		s->bits = (uint16_t)(bits | SEGMENT_TIMESTAMPS);
		return;
	}
	s->bits = (uint16_t)bits;
	if (left > 0)
		packet_options(s, options, left);
}

/* What decoding frames in a row needs of the dissector. To be held by value, from usual_begin() to
 * usual_end(). */
struct usual {
	struct dissector *dissector;
	uint64_t unverified; /* wholly captured segments to come before one whose checksum is verified */
};

static inline struct usual usual_begin(struct dissector *d)
{
	return (struct usual){ d, packet_verified_next(d->whole) - d->whole };
}

/*
 * True if the frame, of usual_link and matched, is one of the usual kind: then *s is filled in. False: it is
 * for the layers, nothing is counted, and the segment's contents are not defined.
 */
__attribute__((always_inline)) static inline bool usual_take(struct usual *u, const struct frame *frame,
							     struct segment *s)
{
	struct usual_ip ip;

	s->at = frame->at;
	s->packet = frame->packet;
	s->source = frame->source;
	if (!usual_take_ip(frame, s, &ip))
		return false;
	const uint8_t *h = frame->bytes + ip.tcp;
	uint32_t header = h[12] >> 2 & 0x3c, payload = ip.tcp + header; /* its upper half counts in words */
	unsigned cut = frame->caplen < ip.end;

	if (header < USUAL_TCP || payload > frame->caplen || payload > ip.end)
		return false; /* malformed, or options cut */
	if (u->unverified == 0 && !cut)
		return false;
	if (h[13] & TCP_RST) {
		if (payload < ip.end)
			return false; /* it may say why */
		memset(&s->says, 0, sizeof s->says);
	}
	if (ip.end > USUAL_ETHERNET + PACKET_MTU)
		u->dissector->counts.oversized++;
	s->len = ip.end - payload;
	/* No branch: which of the two it is changes from segment to segment, and nobody can foresee it. */
	u->unverified -= 1 - cut;
	ip.bits |= SEGMENT_CUT * cut;
	usual_take_tcp(h, s);
	s->kind = SEGMENT_TCP;
	usual_take_options(s, ip.bits, h + USUAL_TCP, header - USUAL_TCP);
	return true;
}

/* So many were taken. */
static inline void usual_end(const struct usual *u, size_t n)
{
	struct dissector *d = u->dissector;
	uint64_t whole = packet_verified_next(d->whole) - u->unverified;

	d->usual += n;
	d->counts.cut += n - (whole - d->whole);
	d->whole = whole;
}

#endif
