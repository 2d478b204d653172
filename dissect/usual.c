/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usual.c - the frame that nearly all are, decoded in one go: Ethernet, IPv4 or IPv6 without options, TCP.
 *
 * A shortcut, never a second opinion: it takes only what the layers would decode to the very same segment
 * (tests/test_usual.c compares the two on every capture), and leaves anything else, odd or merely rarer, to
 * them. It takes half the instructions of that way: one look at the headers' fixed bytes tells whether the
 * frame is such a one, and each field of the segment is written once, in the width in which it is read. (One
 * way for both versions of IP, without a branch on it, took longer, also where they come mixed.)
 */
#include "dissect/packet.h"

#include <endian.h>
#include <pcap/dlt.h>

enum {
	ETHERNET = 14,
	ETHERNET_TYPE = 12,
	IPV4 = 20,
	IPV4_DF = 0x40, /* in the byte of flags */
	IPV6 = 40,
	TCP = 20,
	TCP_TIMESTAMPS = TCP + 12, /* two bytes of padding and that option: what stacks send */
	TIMESTAMPS_PADDED = 0x0101080a,
};

/* What 16 bytes of a frame must be, from the Ethernet type on, where the mask says so. */
struct likeness {
	uint8_t bytes[16], mask[16];
};

/* Version 4 without options, no fragment (no more to come, and no offset), TCP. */
static const struct likeness like_ipv4 = {
	.bytes = { 0x08, 0x00, 0x45, [8] = 0x00, [9] = 0x00, [11] = 6 },
	.mask = { 0xff, 0xff, 0xff, [8] = 0x3f, [9] = 0xff, [11] = 0xff },
};

/* Version 6, TCP. */
static const struct likeness like_ipv6 = {
	.bytes = { 0x86, 0xdd, 0x60, [8] = 6 },
	.mask = { 0xff, 0xff, 0xf0, [8] = 0xff },
};

static inline bool is_like(const uint8_t *frame, const struct likeness *like)
{
	uint64_t got[2], bytes[2], mask[2];

	memcpy(got, frame + ETHERNET_TYPE, sizeof got);
	memcpy(bytes, like->bytes, sizeof bytes);
	memcpy(mask, like->mask, sizeof mask);
	return (((got[0] ^ bytes[0]) & mask[0]) | ((got[1] ^ bytes[1]) & mask[1])) == 0;
}

/* An IP packet's TCP: where it is, how much of it was captured, how much sent; and the segment's bits so far.
 */
struct tcp {
	const uint8_t *header;
	uint32_t captured, sent;
	uint16_t bits;
};

/* In words, as it is read. */
static inline void set_mapped(struct host *host, const uint8_t *address)
{
	uint64_t words[2] = { 0, htole64(0xffff0000u | (uint64_t)bytes_le32(address) << 32) };

	memcpy(host, words, sizeof *host);
}

static inline bool take_ipv4(const struct frame *frame, struct segment *s, struct tcp *tcp)
{
	const uint8_t *h = frame->bytes + ETHERNET;
	uint32_t total = bytes_be16(h + 2), sent = frame->len - ETHERNET, captured = frame->caplen - ETHERNET;

	if (captured > total)
		captured = total; /* padding */
	if (total > sent || captured < IPV4 + TCP)
		return false;
	set_mapped(&s->src, h + 12);
	set_mapped(&s->dst, h + 16);
	s->ip_id = bytes_be16(h + 4);
	s->ttl = h[8];
	*tcp = (struct tcp){ h + IPV4, captured - IPV4, total - IPV4, h[6] & IPV4_DF ? SEGMENT_DF : 0 };
	return true;
}

/* A length of 0 is none that is usual. */
static inline bool take_ipv6(const struct frame *frame, struct segment *s, struct tcp *tcp)
{
	const uint8_t *h = frame->bytes + ETHERNET;
	uint32_t payload = bytes_be16(h + 4);

	if (frame->caplen < ETHERNET + IPV6 + TCP)
		return false;
	uint32_t sent = frame->len - ETHERNET - IPV6, captured = frame->caplen - ETHERNET - IPV6;

	if (captured > payload)
		captured = payload;
	if (payload > sent || captured < TCP)
		return false;
	memcpy(&s->src, h + 8, sizeof s->src);
	memcpy(&s->dst, h + 24, sizeof s->dst);
	s->ip_id = 0;
	s->ttl = h[7];
	*tcp = (struct tcp){ h + IPV6, captured, payload, SEGMENT_IPV6 };
	return true;
}

/* Whether this one's checksum is to be verified, or the segment is otherwise worth a closer look. */
static inline bool is_for_the_layers(const struct dissector *d, const struct tcp *tcp, uint32_t header)
{
	if (header < TCP || header > tcp->captured)
		return true; /* malformed, or options cut */
	if ((tcp->header[13] & TCP_RST) && tcp->sent > header)
		return true; /* it may say why */
	return packet_verifies_next(d) && tcp->captured == tcp->sent;
}

static inline uint32_t tcp_header(const struct tcp *tcp)
{
	return (tcp->header[12] >> 4) * 4u;
}

/* All but what its options say. */
static inline bool take_tcp(struct dissector *d, const struct tcp *tcp, struct segment *s)
{
	const uint8_t *h = tcp->header;
	uint32_t header = tcp_header(tcp);
	bool cut = tcp->captured < tcp->sent;

	if (is_for_the_layers(d, tcp, header))
		return false;
	s->sport = bytes_be16(h);
	s->dport = bytes_be16(h + 2);
	s->seq.n = bytes_be32(h + 4);
	s->ack.n = bytes_be32(h + 8);
	s->flags = h[13];
	s->window = bytes_be16(h + 14);
	s->checksum = bytes_be16(h + 16);
	s->len = tcp->sent - header;
	s->kind = SEGMENT_TCP;
	s->bits = cut ? tcp->bits | SEGMENT_CUT : tcp->bits;
	s->tsval = 0;
	s->sack_right = 0;
	s->wscale = 0;
	if (s->flags & TCP_RST)
		memset(&s->says, 0, sizeof s->says);
	/* No branch: which of the two it is changes from segment to segment, and nobody can foresee it. */
	d->counts.cut += cut;
	d->whole += !cut;
	d->payload = (struct cursor){ .at = h + header, .left = tcp->captured - header };
	return true;
}

static inline void take_options(struct segment *s, const uint8_t *h, uint32_t header)
{
	if (header == TCP)
		return;
	if (header == TCP_TIMESTAMPS && bytes_be32(h + TCP) == TIMESTAMPS_PADDED) {
		s->tsval = bytes_be32(h + TCP + 4);
		s->bits |= SEGMENT_TIMESTAMPS;
		return;
	}
	packet_options(s, (struct cursor){ .at = h + TCP, .left = header - TCP });
}

static inline bool take_ip(const struct frame *frame, struct segment *s, struct tcp *tcp)
{
	if (is_like(frame->bytes, &like_ipv4))
		return take_ipv4(frame, s, tcp);
	return is_like(frame->bytes, &like_ipv6) && take_ipv6(frame, s, tcp);
}

bool packet_usual(struct dissector *d, const struct frame *frame, struct segment *s)
{
	struct tcp tcp;

	if (frame->link != d->usual_link || frame->caplen < ETHERNET + IPV4 + TCP || !frame->matched ||
	    !take_ip(frame, s, &tcp) || !take_tcp(d, &tcp, s))
		return false;
	s->at = frame->at;
	s->packet = frame->packet;
	s->source = frame->source;
	d->usual++;
	if (frame->len - ETHERNET > PACKET_MTU &&
	    (size_t)(tcp.header - frame->bytes) - ETHERNET + tcp.sent > PACKET_MTU)
		d->counts.oversized++;
	take_options(s, tcp.header, tcp_header(&tcp)); /* last, so that no registers need be saved for it */
	return true;
}
