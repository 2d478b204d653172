/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * usual.c - the frame that nearly all are, decoded in one go: Ethernet, IPv4 or IPv6 without options, TCP.
 *
 * A shortcut, never a second opinion: it takes only what the layers would decode to the very same segment
 * (tests/test_usual.c compares the two on every capture), and leaves anything else, odd or merely rarer, to
 * them. It saves two thirds of the instructions of that way.
 */
#include "dissect/packet.h"

#include <pcap/dlt.h>

enum {
	ETHERNET = 14,
	TYPE_IPV4 = 0x0800,
	TYPE_IPV6 = 0x86dd,
	IPV4 = 20,
	IPV4_USUAL = 0x45, /* version 4, no options */
	IPV4_DF = 0x4000,
	IPV4_FRAGMENT = 0x3fff, /* more to come, or an offset */
	IPV6 = 40,
	PROTOCOL_TCP = 6,
	TCP = 20,
};

/* An IP packet's TCP: where it is, how much of it was captured, how much sent. */
struct tcp {
	const uint8_t *header;
	size_t captured, sent;
};

static bool take_ipv4(const struct frame *frame, const uint8_t *h, struct segment *s, struct tcp *tcp)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	size_t total = bytes_be16(h + 2), sent = frame->len - ETHERNET, captured = frame->caplen - ETHERNET;
	uint16_t fragment = bytes_be16(h + 6);

	if (h[0] != IPV4_USUAL || total > sent || (fragment & IPV4_FRAGMENT) || h[9] != PROTOCOL_TCP)
		return false;
	if (captured > total)
		captured = total; /* padding */
	if (captured < IPV4 + TCP)
		return false;
	memcpy(s->src.addr, mapped, sizeof mapped);
	memcpy(s->src.addr + sizeof mapped, h + 12, 4);
	memcpy(s->dst.addr, mapped, sizeof mapped);
	memcpy(s->dst.addr + sizeof mapped, h + 16, 4);
	s->ip_id = bytes_be16(h + 4);
	s->ttl = h[8];
	s->bits = fragment & IPV4_DF ? SEGMENT_DF : 0;
	*tcp = (struct tcp){ h + IPV4, captured - IPV4, total - IPV4 };
	return true;
}

static bool take_ipv6(const struct frame *frame, const uint8_t *h, struct segment *s, struct tcp *tcp)
{
	size_t payload = bytes_be16(h + 4), sent, captured;

	if (frame->caplen < ETHERNET + IPV6 + TCP)
		return false;
	sent = frame->len - ETHERNET - IPV6;
	captured = frame->caplen - ETHERNET - IPV6;
	if (h[0] >> 4 != 6 || payload == 0 || payload > sent || h[6] != PROTOCOL_TCP)
		return false;
	if (captured > payload)
		captured = payload;
	if (captured < TCP)
		return false;
	memcpy(s->src.addr, h + 8, 16);
	memcpy(s->dst.addr, h + 24, 16);
	s->ttl = h[7];
	s->bits = SEGMENT_IPV6;
	*tcp = (struct tcp){ h + IPV6, captured, payload };
	return true;
}

/* Whether this one's checksum is to be verified, or the segment is otherwise worth a closer look. */
static bool is_for_the_layers(const struct dissector *d, const struct tcp *tcp, size_t header)
{
	if (header < TCP || header > tcp->captured)
		return true; /* malformed, or options cut */
	if ((tcp->header[13] & TCP_RST) && tcp->sent > header)
		return true; /* it may say why */
	return tcp->captured == tcp->sent && packet_verifies_next(d);
}

static bool take_tcp(struct dissector *d, const struct tcp *tcp, struct segment *s)
{
	const uint8_t *h = tcp->header;
	size_t header = (h[12] >> 4) * 4u;

	if (is_for_the_layers(d, tcp, header))
		return false;
	s->sport = bytes_be16(h);
	s->dport = bytes_be16(h + 2);
	s->seq.n = bytes_be32(h + 4);
	s->ack.n = bytes_be32(h + 8);
	s->flags = h[13];
	s->window = bytes_be16(h + 14);
	s->checksum = bytes_be16(h + 16);
	s->len = (uint32_t)(tcp->sent - header);
	if (tcp->captured < tcp->sent) {
		s->bits |= SEGMENT_CUT;
		d->counts.cut++;
	} else {
		d->whole++;
	}
	d->payload = (struct cursor){ .at = h + header, .left = tcp->captured - header };
	if (header > TCP)
		packet_options(s, (struct cursor){ .at = h + TCP, .left = header - TCP });
	return true;
}

bool packet_usual(struct dissector *d, const struct frame *frame, struct segment *s)
{
	struct tcp tcp;
	uint16_t type;

	if (frame->link != DLT_EN10MB || frame->caplen < ETHERNET + IPV4 + TCP || !frame->matched ||
	    d->options.no_shortcut)
		return false;
	type = bytes_be16(frame->bytes + 12);
	if (type == TYPE_IPV4 ? !take_ipv4(frame, frame->bytes + ETHERNET, s, &tcp)
			      : type != TYPE_IPV6 || !take_ipv6(frame, frame->bytes + ETHERNET, s, &tcp))
		return false;
	if (!take_tcp(d, &tcp, s))
		return false;
	if (frame->len - ETHERNET > PACKET_MTU &&
	    (size_t)(tcp.header - frame->bytes) - ETHERNET + tcp.sent > PACKET_MTU)
		d->counts.oversized++;
	d->counts.frames++;
	d->counts.by_result[DISSECT_SEGMENT]++;
	return true;
}
