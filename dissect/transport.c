// SPDX-License-Identifier: GPL-2.0-or-later
/* transport.c - TCP's header and options, and ICMP errors that quote them, as struct segment. */
#include "dissect/packet.h"

enum {
	TCP_HEADER = 20,
	QUOTE_MIN = 8, /* ports and sequence number: what RFC 792 promises */
};

/* What a segment and a quotation have in common: at least 8 bytes of TCP. */
static void take_common(struct packet *p, const uint8_t *header)
{
	struct segment *s = p->segment;

	s->sport = bytes_be16(header);
	s->dport = bytes_be16(header + 2);
	s->seq.n = bytes_be32(header + 4);
	if (!p->matched)
		s->bits |= SEGMENT_UNMATCHED;
	if (p->reassembled)
		s->bits |= SEGMENT_REASSEMBLED;
}

static void take_option(struct segment *s, const uint8_t *option, uint8_t length)
{
	enum { WSCALE = 3, SACK = 5, TIMESTAMPS = 8, MPTCP = 30, MP_TCPRST = 8 };

	switch (option[0]) {
	case WSCALE: /* RFC 7323 2.2: only in SYNs */
		if (length == 3 && s->flags & TCP_SYN) {
			s->wscale = option[2];
			s->bits |= SEGMENT_WSCALE;
		}
		break;
	case SACK: /* RFC 2018 3 */
		if (length >= 10) {
			s->sack_right = bytes_be32(option + 6);
			s->bits |= SEGMENT_SACK;
		}
		break;
	case TIMESTAMPS: /* RFC 7323 3.2 */
		if (length == 10) {
			s->tsval = bytes_be32(option + 2);
			s->bits |= SEGMENT_TIMESTAMPS;
		}
		break;
	case MPTCP: /* RFC 8684 3.6 */
		if (length == 4 && option[2] >> 4 == MP_TCPRST && s->flags & TCP_RST) {
			s->says.rst.mptcp_reason = option[3];
			s->bits |= SEGMENT_MPTCP_RST;
		}
		break;
	}
}

/* The list in most SYNs, as Linux writes it: MSS, SACK permitted, timestamps, padding, window scale. */
static bool take_linux_syn(struct segment *s, const uint8_t *options, size_t left)
{
	enum { LENGTH = 20, MSS = 0x0204, SACK_TIMESTAMPS = 0x0402080a, PADDING_WSCALE = 0x010303 };

	if (left != LENGTH || !(s->flags & TCP_SYN) || bytes_be16(options) != MSS ||
	    bytes_be32(options + 4) != SACK_TIMESTAMPS || bytes_be32(options + 16) >> 8 != PADDING_WSCALE)
		return false;
	s->tsval = bytes_be32(options + 8);
	s->wscale = options[19];
	s->bits |= SEGMENT_TIMESTAMPS | SEGMENT_WSCALE;
	return true;
}

/* RFC 9293 3.1: kind 0 ends the list, 1 is padding, all others have a length that counts kind and itself. */
void packet_options(struct segment *s, const uint8_t *options, size_t left)
{
	enum { END = 0, PADDING = 1 };

	if (take_linux_syn(s, options, left))
		return;
	while (left >= 2 && options[0] != END) {
		uint8_t length = options[0] == PADDING ? 1 : options[1];

		if (options[0] != PADDING) {
			if (length < 2 || length > left)
				return;
			take_option(s, options, length);
		}
		options += length;
		left -= length;
	}
}

/* A RST may say why, in words (RFC 9293 3.10.7.3 lets it carry text). */
static void take_text(struct segment *s, struct cursor payload)
{
	size_t length = payload.left;

	while (length > 0 && (payload.at[length - 1] == '\r' || payload.at[length - 1] == '\n' ||
			      payload.at[length - 1] == '\0'))
		length--;
	if (length > SEGMENT_TEXT_MAX)
		length = SEGMENT_TEXT_MAX;
	for (size_t i = 0; i < length; i++) {
		if (payload.at[i] < 0x20 || payload.at[i] > 0x7e)
			return;
	}
	memcpy(s->says.rst.text, payload.at, length);
	s->says.rst.text_len = (uint8_t)length;
}

/* RFC 1071 2: the sum may be taken in any byte order, in words of any size. */
static uint64_t sum_words(uint64_t sum, const uint8_t *bytes, size_t length)
{
	uint32_t word;

	for (; length >= sizeof word; bytes += sizeof word, length -= sizeof word) {
		memcpy(&word, bytes, sizeof word);
		sum += word;
	}
	if (length > 0) {
		word = 0;
		memcpy(&word, bytes, length);
		sum += word;
	}
	return sum;
}

/* RFC 9293 3.1, RFC 8200 8.1: over addresses, length, protocol and the whole segment. */
static bool checksum_holds(const struct packet *p)
{
	uint32_t length = (uint32_t)p->rest.left;
	uint8_t pseudo[8] = {
		(uint8_t)(length >> 24),
		(uint8_t)(length >> 16),
		(uint8_t)(length >> 8),
		(uint8_t)length,
		[7] = 6,
	};
	const struct host *src = &p->segment->src, *dst = &p->segment->dst;
	size_t prefix =
		p->segment->bits & SEGMENT_IPV6 ? 0 : 12; /* what makes an IPv4 address a mapped one */
	uint64_t sum = sum_words(0, pseudo, sizeof pseudo);

	sum = sum_words(sum, src->addr + prefix, sizeof src->addr - prefix);
	sum = sum_words(sum, dst->addr + prefix, sizeof dst->addr - prefix);
	sum = sum_words(sum, p->rest.at, p->rest.left);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}

static void count_segment(struct packet *p)
{
	struct dissector *d = p->dissector;
	bool verify;

	if (p->ip_length > PACKET_MTU && !p->reassembled)
		d->counts.oversized++;
	if (p->cut > 0) {
		d->counts.cut++;
		return;
	}
	verify = d->whole == packet_verified_next(d->whole);
	d->whole++;
	if (!verify)
		return;
	d->counts.checksum_tried++;
	if (!checksum_holds(p))
		d->counts.bad_checksum++;
}

/*
 * A quotation holds at least ports and sequence number; the rest is taken as far as it goes. Its length says
 * little of what was captured, so it is not marked as cut.
 */
static enum layer quoted_tcp(struct packet *p)
{
	size_t sent = packet_sent(p);
	size_t left = p->rest.left;
	const uint8_t *h = p->rest.at;
	struct segment *s = p->segment;
	size_t header;

	if (left < QUOTE_MIN)
		return packet_end_short(p);
	take_common(p, h);
	if (left >= 14) {
		header = (h[12] >> 4) * 4u;
		s->ack.n = bytes_be32(h + 8);
		s->flags = h[13];
		s->len = header >= TCP_HEADER && header <= sent ? (uint32_t)(sent - header) : 0;
	}
	if (left >= 18) {
		s->window = bytes_be16(h + 14);
		s->checksum = bytes_be16(h + 16);
	}
	return packet_end(p, DISSECT_ICMP);
}

/* RFC 9293 3.1. */
enum layer decode_tcp(struct packet *p)
{
	size_t sent = packet_sent(p);
	const uint8_t *h = p->rest.at;
	struct segment *s = p->segment;
	struct cursor rest;
	size_t header;

	if (p->quoted)
		return quoted_tcp(p);
	if (p->rest.left < TCP_HEADER)
		return packet_end(p, sent < TCP_HEADER ? DISSECT_MALFORMED : DISSECT_CUT);
	header = (h[12] >> 4) * 4u;
	if (header < TCP_HEADER || header > sent)
		return packet_end(p, DISSECT_MALFORMED);
	take_common(p, h);
	s->ack.n = bytes_be32(h + 8);
	s->flags = h[13];
	s->window = bytes_be16(h + 14);
	s->checksum = bytes_be16(h + 16);
	s->len = (uint32_t)(sent - header);
	if (p->cut > 0)
		s->bits |= SEGMENT_CUT;
	count_segment(p);
	rest = p->rest;
	cursor_skip(&rest, TCP_HEADER);
	if (header > TCP_HEADER) {
		size_t captured = header - TCP_HEADER < rest.left ? header - TCP_HEADER : rest.left;

		packet_options(s, rest.at, captured);
		cursor_skip(&rest, captured);
	}
	p->dissector->payload = rest;
	if (s->flags & TCP_RST && rest.left > 0)
		take_text(s, rest);
	return packet_end(p, DISSECT_SEGMENT);
}

/* What follows an ICMP error's eight bytes is the packet it is about, or the beginning of that. */
static enum layer quote(struct packet *p, const uint8_t *header, enum layer layer)
{
	struct segment *s = p->segment;

	s->kind = SEGMENT_ICMP;
	s->says.icmp.type = header[0];
	s->says.icmp.code = header[1];
	s->says.icmp.reporter = s->src;
	p->quoted = true;
	return layer;
}

/* RFC 792: unreachable, time exceeded, parameter problem. */
enum layer decode_icmp4(struct packet *p)
{
	const uint8_t *h = cursor_take(&p->rest, 8);

	if (!h)
		return packet_end_short(p);
	if (h[0] != 3 && h[0] != 11 && h[0] != 12)
		return packet_end(p, DISSECT_NOT_TCP);
	return quote(p, h, LAYER_IPV4);
}

/* RFC 4443 3: unreachable, too big, time exceeded, parameter problem. */
enum layer decode_icmp6(struct packet *p)
{
	const uint8_t *h = cursor_take(&p->rest, 8);

	if (!h)
		return packet_end_short(p);
	if (h[0] < 1 || h[0] > 4)
		return packet_end(p, DISSECT_NOT_TCP);
	return quote(p, h, LAYER_IPV6);
}
