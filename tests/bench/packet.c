/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/bench/packet.h"

#include <string.h>

#include "dissect/segment.h"

enum {
	ETHERNET = 14,
	IPV4 = 20,
	IPV6 = 40,
	TCP = 20,
	ICMP = 8,
	PROTO_ICMP = 1,
	PROTO_TCP = 6,
	PROTO_ICMPV6 = 58,
	WINDOW_SCALE = 7,
};

static uint8_t *put8(uint8_t *at, uint8_t v)
{
	*at = v;
	return at + 1;
}

static uint8_t *put16(uint8_t *at, uint32_t v)
{
	return put8(put8(at, (uint8_t)(v >> 8)), (uint8_t)v);
}

static uint8_t *put32(uint8_t *at, uint32_t v)
{
	return put16(put16(at, v >> 16), v);
}

static uint8_t *put_bytes(uint8_t *at, const void *bytes, size_t n)
{
	memcpy(at, bytes, n);
	return at + n;
}

/* The Internet checksum's sum so far (RFC 1071), n even. */
static uint32_t sum(const uint8_t *bytes, size_t n, uint32_t so_far)
{
	for (size_t i = 0; i < n; i += 2)
		so_far += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	return so_far;
}

static void put_checksum(uint8_t *at, uint32_t total)
{
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	put16(at, ~total & 0xffff);
}

static size_t address_size(bool ipv6)
{
	return ipv6 ? 16 : 4;
}

/* The sum over the pseudo-header (RFC 9293 3.1, RFC 8200 8.1). */
static uint32_t pseudo_sum(const struct address *src, const struct address *dst, bool ipv6, uint32_t length,
			   uint8_t protocol)
{
	size_t n = address_size(ipv6);

	return sum(src->bytes, n, sum(dst->bytes, n, length + protocol));
}

/* An IP header whose payload is 'length' bytes; p gives everything else. */
static uint8_t *put_ip(uint8_t *at, const struct packet *p, size_t length, uint8_t protocol)
{
	uint8_t *start = at;

	if (p->ipv6) {
		at = put32(at, 0x60000000u | (p->flow_label & 0xfffff));
		at = put16(at, (uint32_t)length);
		at = put8(put8(at, protocol), p->ttl);
	} else {
		at = put16(at, 0x4500);
		at = put16(at, (uint32_t)(IPV4 + length));
		at = put16(at, p->ip_id);
		at = put16(at, p->df ? 0x4000 : 0);
		at = put8(put8(at, p->ttl), protocol);
		at = put16(at, 0);
	}
	at = put_bytes(at, p->src.bytes, address_size(p->ipv6));
	at = put_bytes(at, p->dst.bytes, address_size(p->ipv6));
	if (!p->ipv6)
		put_checksum(start + 10, sum(start, IPV4, 0));
	return at;
}

/* What Linux puts into its SYNs, or a bare MSS as smaller stacks do. */
static uint8_t *put_syn_options(uint8_t *at, const struct packet *p)
{
	at = put32(at, 0x02040000u | (p->ipv6 ? 1440 : 1460));
	if (!p->full_options)
		return at;
	at = put16(at, 0x0402); /* SACK permitted */
	at = put16(at, 0x080a); /* timestamps */
	at = put32(put32(at, p->tsval), p->tsecr);
	return put32(at, 0x01030300u | WINDOW_SCALE);
}

static uint8_t *put_tcp(uint8_t *at, const struct packet *p)
{
	uint8_t *start = at;

	at = put16(put16(at, p->sport), p->dport);
	at = put32(put32(at, p->seq), p->ack);
	at = put16(at, p->flags);
	at = put16(at, p->window);
	at = put32(at, 0); /* checksum, urgent pointer */
	if (p->flags & TCP_SYN)
		at = put_syn_options(at, p);
	else if (p->timestamps)
		at = put32(put32(put32(at, 0x0101080a), p->tsval), p->tsecr);
	start[12] = (uint8_t)((at - start) << 2);

	/* The payload is zeros: only its length counts. */
	uint32_t length = (uint32_t)(at - start) + p->len;
	put_checksum(start + 16, sum(start, (size_t)(at - start),
				     pseudo_sum(&p->src, &p->dst, p->ipv6, length, PROTO_TCP)));
	return at;
}

static size_t tcp_header_size(const struct packet *p)
{
	if (p->flags & TCP_SYN)
		return TCP + (p->full_options ? 20 : 4);
	return TCP + (p->timestamps ? 12 : 0);
}

static uint8_t *put_ethernet(uint8_t *at, bool ipv6)
{
	static const uint8_t macs[12] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1 };

	return put16(put_bytes(at, macs, sizeof macs), ipv6 ? 0x86dd : 0x0800);
}

size_t packet_build(const struct packet *p, uint8_t *frame)
{
	uint8_t *at = put_ethernet(frame, p->ipv6);

	at = put_ip(at, p, tcp_header_size(p) + p->len, PROTO_TCP);
	return (size_t)(put_tcp(at, p) - frame);
}

size_t packet_build_icmp(const struct packet *quoted, const struct icmp_error *error, uint8_t *frame)
{
	size_t tcp = tcp_header_size(quoted);
	size_t quote = (quoted->ipv6 ? IPV6 : IPV4) + (error->short_quote ? 8 : tcp);
	struct packet outer = { .src = error->router,
				.dst = quoted->src,
				.ipv6 = quoted->ipv6,
				.ttl = 62,
				.ip_id = (uint16_t)(quoted->ip_id ^ quoted->sport) };
	uint8_t *icmp = put_ip(put_ethernet(frame, quoted->ipv6), &outer, ICMP + quote,
			       quoted->ipv6 ? PROTO_ICMPV6 : PROTO_ICMP);
	uint8_t whole[IPV6 + TCP + 40]; /* the quoted packet, before it is cut */

	put_tcp(put_ip(whole, quoted, tcp + quoted->len, PROTO_TCP), quoted);
	uint8_t *at = put8(put8(icmp, quoted->ipv6 ? 1 : 3), error->code);
	at = put16(put32(at, 0), 0); /* checksum, unused */
	at = put_bytes(at, whole, quote);

	uint32_t total = quoted->ipv6 ? pseudo_sum(&outer.src, &outer.dst, true, (uint32_t)(ICMP + quote),
						   PROTO_ICMPV6)
				      : 0;
	put_checksum(icmp + 2, sum(icmp, ICMP + quote, total));
	return (size_t)(at - frame);
}
