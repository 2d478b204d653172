// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * network.c - IPv4, IPv6 and its extension headers, fragments of both.
 *
 * How long something is comes from these headers, never from what was captured: packets are padded, and cut.
 * Where a header says 0 (segments that a card is yet to split, jumbograms) it is what is left of the frame.
 */
#include "dissect/packet.h"

enum {
	IPV4_DF = 0x4000,
	IPV4_MORE = 0x2000,
	IPV4_OFFSET = 0x1fff, /* in units of 8 bytes */
	IPV6_MORE = 0x0001,
	IPV6_OFFSET = 0xfff8,
	ROUTING_SOURCE = 0,  /* RFC 2460 4.4, deprecated by RFC 5095 */
	ROUTING_MOBILE = 2,  /* RFC 6275 6.4 */
	ROUTING_SEGMENT = 4, /* RFC 8754 2 */
};

/* A row an IP protocol: what decodes it, and where it may stand. */
struct protocol {
	enum layer layer;
	bool tunnel;	/* carries packets of its own: not followed with options.outer */
	bool only_ipv4; /* not behind an IPv6 header ... */
	bool only_ipv6; /* ... nor IPv4 */
	bool in_quote;	/* followed inside an ICMP error's quotation */
};

static const struct protocol protocols[256] = {
	[0] = { LAYER_EXTENSION, .only_ipv6 = true, .in_quote = true }, /* hop-by-hop options */
	[1] = { LAYER_ICMP4, .only_ipv4 = true },
	[4] = { LAYER_IPV4, .tunnel = true },
	[6] = { LAYER_TCP, .in_quote = true },
	[17] = { LAYER_UDP, .tunnel = true },
	[41] = { LAYER_IPV6, .tunnel = true },
	[43] = { LAYER_ROUTING, .only_ipv6 = true, .in_quote = true },
	[44] = { LAYER_FRAGMENT6, .only_ipv6 = true, .in_quote = true },
	[47] = { LAYER_GRE, .tunnel = true },
	[50] = { .layer = LAYER_ENCRYPTED }, /* ESP */
	[51] = { LAYER_AUTHENTICATION, .in_quote = true },
	[58] = { LAYER_ICMP6, .only_ipv6 = true },
	[60] = { LAYER_EXTENSION, .only_ipv6 = true, .in_quote = true }, /* destination options */
	[97] = { LAYER_ETHERIP, .tunnel = true },
	[108] = { .layer = LAYER_ENCRYPTED },				  /* IPComp */
	[135] = { LAYER_EXTENSION, .only_ipv6 = true, .in_quote = true }, /* mobility */
	[137] = { LAYER_MPLS, .tunnel = true },				  /* RFC 4023 */
	[139] = { LAYER_EXTENSION, .only_ipv6 = true, .in_quote = true }, /* HIP */
	[140] = { LAYER_EXTENSION, .only_ipv6 = true, .in_quote = true }, /* shim6 */
};

static enum layer follow(struct packet *p, uint8_t number)
{
	const struct protocol *protocol = &protocols[number];
	bool ipv6 = p->segment->bits & SEGMENT_IPV6;

	if (protocol->layer == LAYER_END || (ipv6 ? protocol->only_ipv4 : protocol->only_ipv6))
		return packet_end(p, DISSECT_NOT_TCP);
	if (p->quoted && !protocol->in_quote)
		return packet_end(p, DISSECT_NOT_TCP);
	if (protocol->tunnel && p->dissector->options.outer)
		return packet_end(p, DISSECT_NOT_TCP);
	return protocol->layer;
}

enum layer decode_ip(struct packet *p)
{
	const uint8_t *first = cursor_peek(&p->rest, 0, 1);

	if (!first)
		return packet_end_short(p);
	if (*first >> 4 == 4)
		return LAYER_IPV4;
	return *first >> 4 == 6 ? LAYER_IPV6 : packet_end(p, DISSECT_NOT_IP);
}

/*
 * Notes whether this fragment's frame matched -f, and tells whether any of the same datagram has: a filter on
 * ports matches only first fragments, but then the whole is meant.
 */
static bool *fragment_match(struct packet *p, uint32_t id)
{
	const struct host *src = &p->segment->src, *dst = &p->segment->dst;
	uint32_t hash = id * 0x9e3779b1u;
	struct match *m;

	for (size_t i = 0; i < sizeof src->addr; i++)
		hash = (hash ^ src->addr[i]) * 0x01000193u ^ dst->addr[i];
	hash ^= hash >> 16;
	m = &p->dissector->matches[hash % MATCHES];
	if (m->id != id || memcmp(&m->src, src, sizeof *src) != 0 || memcmp(&m->dst, dst, sizeof *dst) != 0)
		*m = (struct match){ .src = *src, .dst = *dst, .id = id };
	m->matched |= p->frame->matched;
	return &m->matched;
}

static struct trail_key trail_key(const struct packet *p, uint32_t id, uint32_t protocol)
{
	return (struct trail_key){
		.src = p->segment->src,
		.dst = p->segment->dst,
		.id = id,
		.protocol = protocol,
	};
}

/* This fragment did not make its datagram whole, for whatever reason. */
static enum layer fragment_end(struct packet *p, const struct trail_key *key, enum dissect_result result)
{
	if (p->dissector->trail)
		trail_wait(p->dissector->trail, key, p->frame);
	return packet_end(p, result);
}

/* All fragments are there: goes on with the datagram, which is complete, in the place of its last fragment.
 */
static void become_whole(struct packet *p, const struct trail_key *key, bool *matched, const uint8_t *bytes,
			 size_t length)
{
	if (p->dissector->trail)
		trail_whole(p->dissector->trail, key, p->frame);
	p->rest = (struct cursor){ .at = bytes, .left = length };
	p->cut = 0;
	p->reassembled = true;
	p->matched = *matched;
	*matched = false; /* the ID may be used again */
	p->dissector->counts.reassembled++;
}

static enum layer reassemble4(struct packet *p, const uint8_t *header, size_t length)
{
	struct dissector *d = p->dissector;
	const uint8_t *whole;
	size_t whole_length;
	struct trail_key key;
	bool *matched;

	if (p->quoted)
		return packet_end(p, DISSECT_NOT_TCP);
	if (!d->reassembler)
		return packet_end(p, DISSECT_FRAGMENT);
	matched = fragment_match(p, p->segment->ip_id);
	key = trail_key(p, p->segment->ip_id, header[9]);
	if (p->reassembled && length <= sizeof d->nested) {
		/* It lies in the reassembler's own buffer, which the call is free to use. */
		memcpy(d->nested, header, length);
		header = d->nested;
	}
	switch (reassemble(d->reassembler, p->frame->at, header, length, &whole, &whole_length)) {
	case REASSEMBLE_WHOLE:
		become_whole(p, &key, matched, whole, whole_length);
		return LAYER_IPV4;
	case REASSEMBLE_WAITING:
		return fragment_end(p, &key, DISSECT_FRAGMENT);
	case REASSEMBLE_REFUSED:
		return fragment_end(p, &key, DISSECT_BAD_FRAGMENT);
	default:
		d->counts.reassembler_died = true;
		return packet_end(p, DISSECT_NOT_REASSEMBLED);
	}
}

/* ::ffff:a.b.c.d */
static void put_mapped(struct host *host, const uint8_t address[4])
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

	memcpy(host->addr, prefix, sizeof prefix);
	memcpy(host->addr + sizeof prefix, address, 4);
}

/* RFC 791 3.1. */
enum layer decode_ipv4(struct packet *p)
{
	struct segment *s = p->segment;
	struct cursor start = p->rest;
	const uint8_t *h = cursor_take(&p->rest, 20);
	size_t header, total;
	uint16_t fragment;

	if (!h)
		return packet_end_short(p);
	header = (h[0] & 0x0fu) * 4;
	total = bytes_be16(h + 2);
	if (total == 0 || (p->quoted && total < header)) /* some hosts garble the length that they quote */
		total = start.left + p->cut;
	if (h[0] >> 4 != 4 || header < 20 || total < header)
		return packet_end(p, DISSECT_MALFORMED);
	if (header > 20 && !cursor_take(&p->rest, header - 20))
		return packet_end_short(p);
	packet_bound(p, total - header);
	put_mapped(&s->src, h + 12);
	put_mapped(&s->dst, h + 16);
	p->ip_length = total;
	fragment = bytes_be16(h + 6);
	if (!p->quoted) {
		s->ip_id = bytes_be16(h + 4);
		s->ttl = h[8];
		s->bits = fragment & IPV4_DF ? SEGMENT_DF : 0;
	}
	if (fragment & (IPV4_MORE | IPV4_OFFSET) && !(p->quoted && !(fragment & IPV4_OFFSET)))
		return reassemble4(p, h, total < start.left ? total : start.left);
	return follow(p, h[9]);
}

/* RFC 8200 3. */
enum layer decode_ipv6(struct packet *p)
{
	const uint8_t *h = cursor_take(&p->rest, 40);
	struct segment *s = p->segment;
	uint16_t payload;

	if (!h)
		return packet_end_short(p);
	if (h[0] >> 4 != 6)
		return packet_end(p, DISSECT_MALFORMED);
	payload = bytes_be16(h + 4);
	if (payload > 0)
		packet_bound(p, payload);
	memcpy(s->src.addr, h + 8, 16);
	memcpy(s->dst.addr, h + 24, 16);
	p->ip_length = 40 + packet_sent(p);
	if (!p->quoted) {
		s->ip_id = 0;
		s->ttl = h[7];
		s->bits = SEGMENT_IPV6;
	}
	return follow(p, h[6]);
}

/* An extension header of the usual form (RFC 6564 4): next header, length in 8 bytes, not counting the first.
 */
enum layer decode_extension(struct packet *p)
{
	const uint8_t *h = cursor_take(&p->rest, 8);

	if (!h || !cursor_take(&p->rest, h[1] * 8u))
		return packet_end_short(p);
	return follow(p, h[0]);
}

/* RFC 8200 4.4: on its way the packet is addressed to the next stop; the connection is with the last. */
enum layer decode_routing(struct packet *p)
{
	const uint8_t *h = cursor_take(&p->rest, 8);
	const uint8_t *stops = h ? cursor_take(&p->rest, h[1] * 8u) : NULL;
	size_t count;

	if (!stops)
		return packet_end_short(p);
	count = h[1] / 2u;
	if (h[3] > 0 && count > 0) {
		if (h[2] == ROUTING_SOURCE || h[2] == ROUTING_MOBILE)
			memcpy(p->segment->dst.addr, stops + (count - 1) * 16, 16);
		else if (h[2] == ROUTING_SEGMENT) /* in reverse order */
			memcpy(p->segment->dst.addr, stops, 16);
	}
	return follow(p, h[0]);
}

/* RFC 8200 4.5. */
enum layer decode_fragment6(struct packet *p)
{
	const uint8_t *h = cursor_take(&p->rest, 8);
	const uint8_t *whole;
	struct fragment6 f;
	struct trail_key key;
	bool *matched;
	size_t length;
	uint8_t next;

	if (!h)
		return packet_end_short(p);
	f = (struct fragment6){
		.src = p->segment->src,
		.dst = p->segment->dst,
		.id = bytes_be32(h + 4),
		.offset = bytes_be16(h + 2) & IPV6_OFFSET,
		.more = bytes_be16(h + 2) & IPV6_MORE,
		.next_header = h[0],
		.bytes = p->rest.at,
		.length = p->rest.left,
		.sent = packet_sent(p),
	};
	/* A whole packet all the same (RFC 6946); it may be cut, as others may. */
	if (f.offset == 0 && (!f.more || p->quoted))
		return follow(p, h[0]);
	if (p->quoted)
		return packet_end(p, DISSECT_NOT_TCP);
	if (!p->dissector->fragments6)
		return packet_end(p, DISSECT_FRAGMENT);
	matched = fragment_match(p, f.id);
	key = trail_key(p, f.id, TRAIL_IPV6);
	switch (fragments6_add(p->dissector->fragments6, p->frame->at, &f, &whole, &length, &next)) {
	case FRAGMENT6_WHOLE:
		become_whole(p, &key, matched, whole, length);
		p->ip_length = 40 + length;
		return follow(p, next);
	case FRAGMENT6_WAITING:
		return fragment_end(p, &key, DISSECT_FRAGMENT);
	default:
		return fragment_end(p, &key, DISSECT_BAD_FRAGMENT);
	}
}

/* RFC 4302 2.2: the length is in 4 bytes, less 2. */
enum layer decode_authentication(struct packet *p)
{
	const uint8_t *h = cursor_take(&p->rest, 8);

	if (!h || !cursor_take(&p->rest, h[1] * 4u))
		return packet_end_short(p);
	return follow(p, h[0]);
}

enum layer decode_encrypted(struct packet *p)
{
	return packet_end(p, DISSECT_ENCRYPTED);
}
