// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tunnel.c - GRE and what UDP carries: VXLAN, GENEVE, GTP-U, L2TP, CAPWAP.
 *
 * A UDP port is a hint, not a promise: where a tunnel's fixed bits are not as they have to be, it is no
 * tunnel.
 */
#include "dissect/packet.h"

/* A row a UDP port. */
struct tunnel_port {
	uint16_t port;
	bool either; /* answers come from this port; else only the destination counts */
	enum layer layer;
};

static const struct tunnel_port tunnel_ports[] = {
	{ 1701, true, LAYER_L2TP },   { 2152, true, LAYER_GTP },
	{ 4789, false, LAYER_VXLAN }, { 4790, false, LAYER_VXLAN }, /* with the generic extension */
	{ 5247, true, LAYER_CAPWAP }, { 6081, false, LAYER_GENEVE },
	{ 8472, false, LAYER_VXLAN }, /* Linux, before IANA had given a port */
};

static enum layer not_a_tunnel(struct packet *p)
{
	return packet_end(p, DISSECT_NOT_TCP);
}

enum layer decode_udp(struct packet *p)
{
	const uint8_t *h = cursor_take(&p->rest, 8);
	uint16_t from, to, length;

	if (!h)
		return packet_end_short(p);
	from = bytes_be16(h);
	to = bytes_be16(h + 2);
	length = bytes_be16(h + 4);
	for (size_t i = 0; i < sizeof tunnel_ports / sizeof *tunnel_ports; i++) {
		const struct tunnel_port *t = &tunnel_ports[i];

		if (t->port != to && !(t->either && t->port == from))
			continue;
		if (length >= 8 && length - 8u < packet_sent(p))
			packet_bound(p, length - 8u);
		return t->layer;
	}
	return not_a_tunnel(p);
}

/* Cisco's ERSPAN (draft-foschiano-erspan): version 1 (type II) has 8 bytes, version 2 (type III) 12 or 20. */
static enum layer decode_erspan(struct packet *p)
{
	const uint8_t *h = cursor_take(&p->rest, 8);

	if (!h)
		return packet_end_short(p);
	if (h[0] >> 4 == 1)
		return LAYER_ETHERNET;
	if (h[0] >> 4 != 2)
		return not_a_tunnel(p);
	h = cursor_take(&p->rest, 4);
	if (h && h[3] & 1) /* a platform's own subheader follows */
		cursor_skip(&p->rest, 8);
	return p->rest.short_read ? packet_end_short(p) : LAYER_ETHERNET;
}

/* WCCP's version 2 puts four bytes before the packet that it redirects, version 1 none. */
static enum layer decode_wccp(struct packet *p)
{
	const uint8_t *first = cursor_peek(&p->rest, 0, 1);

	if (first && *first >> 4 != 4)
		cursor_skip(&p->rest, 4);
	return LAYER_IP;
}

/* RFC 2784 2, with key and sequence number (RFC 2890 2); version 1 is PPTP's (RFC 2637 4.1). */
enum layer decode_gre(struct packet *p)
{
	enum { CHECKSUM = 0x8000, ROUTING = 0x4000, KEY = 0x2000, SEQUENCE = 0x1000, ACKED = 0x0080 };
	uint16_t flags = cursor_be16(&p->rest);
	uint16_t type = cursor_be16(&p->rest);
	unsigned version = flags & 7;

	if (p->rest.short_read)
		return packet_end_short(p);
	if (version > 1 || flags & ROUTING)
		return not_a_tunnel(p);
	if (version == 1 && !(flags & SEQUENCE)) /* an acknowledgement only */
		return not_a_tunnel(p);
	if (flags & CHECKSUM)
		cursor_skip(&p->rest, 4);
	if (flags & KEY)
		cursor_skip(&p->rest, 4);
	if (flags & SEQUENCE)
		cursor_skip(&p->rest, 4);
	if (version == 1 && flags & ACKED)
		cursor_skip(&p->rest, 4);
	if (p->rest.short_read)
		return packet_end_short(p);
	switch (type) {
	case 0x88be: /* ERSPAN type I has neither a sequence number nor a header */
		return flags & SEQUENCE ? decode_erspan(p) : LAYER_ETHERNET;
	case 0x22eb:
		return decode_erspan(p);
	case 0x883e:
		return decode_wccp(p);
	default:
		return type >= 0x0600 ? packet_ethertype(p, type) : not_a_tunnel(p);
	}
}

/* RFC 3378 3. */
enum layer decode_etherip(struct packet *p)
{
	const uint8_t *h = cursor_take(&p->rest, 2);

	if (!h)
		return packet_end_short(p);
	return h[0] == 0x30 ? LAYER_ETHERNET : not_a_tunnel(p);
}

/*
 * RFC 7348 5: Ethernet follows, if the flag says that there is a network identifier; group policy's flag may
 * stand beside it. The generic extension (draft-ietf-nvo3-vxlan-gpe 3) says by another flag that it names
 * what follows.
 */
enum layer decode_vxlan(struct packet *p)
{
	enum { POLICY = 0x80, IDENTIFIER = 0x08, NAMED = 0x04, BROADCAST = 0x02 };
	static const enum layer named[] = { [1] = LAYER_IPV4, LAYER_IPV6, LAYER_ETHERNET, [5] = LAYER_MPLS };
	const uint8_t *h = cursor_take(&p->rest, 8);

	if (!h)
		return packet_end_short(p);
	if ((h[0] & ~(POLICY | NAMED | BROADCAST)) != IDENTIFIER || h[7] != 0)
		return not_a_tunnel(p);
	if (!(h[0] & NAMED))
		return LAYER_ETHERNET;
	if (h[3] >= sizeof named / sizeof *named || named[h[3]] == LAYER_END)
		return not_a_tunnel(p);
	return named[h[3]];
}

/* RFC 8926 3.4. */
enum layer decode_geneve(struct packet *p)
{
	const uint8_t *h = cursor_take(&p->rest, 8);

	if (!h)
		return packet_end_short(p);
	if (h[0] >> 6 != 0 || bytes_be16(h + 2) < 0x0600)
		return not_a_tunnel(p);
	if (!cursor_take(&p->rest, (h[0] & 0x3fu) * 4))
		return packet_end_short(p);
	return packet_ethertype(p, bytes_be16(h + 2));
}

/* 3GPP TS 29.281 5.1: version 1, a user's packet (type 255), perhaps with extension headers. */
enum layer decode_gtp(struct packet *p)
{
	enum { OPTIONAL = 0x07, EXTENDED = 0x04, USER_PACKET = 255 };
	const uint8_t *h = cursor_take(&p->rest, 8);
	const uint8_t *optional;
	uint8_t next;

	if (!h)
		return packet_end_short(p);
	if (h[0] >> 4 != 3 || h[1] != USER_PACKET) /* version 1, not GTP' */
		return not_a_tunnel(p);
	if (!(h[0] & OPTIONAL))
		return LAYER_IP;
	optional = cursor_take(&p->rest, 4);
	next = optional && h[0] & EXTENDED ? optional[3] : 0;
	for (unsigned n = 0; next != 0; n++) {
		uint8_t words = cursor_u8(&p->rest);

		if (n == 8)
			return packet_end(p, DISSECT_TOO_DEEP);
		if (words == 0)
			return p->rest.short_read ? packet_end_short(p) : packet_end(p, DISSECT_MALFORMED);
		cursor_skip(&p->rest, words * 4u - 2);
		next = cursor_u8(&p->rest);
	}
	return p->rest.short_read ? packet_end_short(p) : LAYER_IP;
}

/* RFC 2661 3.1: version 2 data messages carry PPP. */
enum layer decode_l2tp(struct packet *p)
{
	enum { CONTROL = 0x8000, LENGTH = 0x4000, SEQUENCE = 0x0800, OFFSET = 0x0200, VERSION = 0x000f };
	uint16_t flags = cursor_be16(&p->rest);

	if (p->rest.short_read)
		return packet_end_short(p);
	if ((flags & VERSION) != 2 || flags & CONTROL)
		return not_a_tunnel(p);
	cursor_skip(&p->rest, flags & LENGTH ? 6 : 4); /* tunnel and session */
	if (flags & SEQUENCE)
		cursor_skip(&p->rest, 4);
	if (flags & OFFSET)
		cursor_skip(&p->rest, cursor_be16(&p->rest));
	return p->rest.short_read ? packet_end_short(p) : LAYER_PPP;
}

/* RFC 5415 4.3: a preamble of 0 (2 = not DTLS), the header's length in 4 bytes, 802.11 or 802.3 behind it. */
enum layer decode_capwap(struct packet *p)
{
	enum { WIRELESS_SHIFT = 9, WIRELESS = 0x1f, NATIVE = 0x100, FRAGMENT = 0x80, IEEE_802_11 = 1 };
	const uint8_t *h = cursor_take(&p->rest, 8);
	unsigned length;
	uint32_t flags;

	if (!h)
		return packet_end_short(p);
	flags = bytes_be32(h) & 0xffffff;
	length = h[1] >> 3;
	if (h[0] != 0 || length < 2 || flags & FRAGMENT)
		return not_a_tunnel(p);
	if (!cursor_take(&p->rest, (length - 2) * 4))
		return packet_end_short(p);
	if (!(flags & NATIVE))
		return LAYER_ETHERNET;
	return (flags >> WIRELESS_SHIFT & WIRELESS) == IEEE_802_11 ? LAYER_WIFI_SWAPPED : not_a_tunnel(p);
}
