// SPDX-License-Identifier: GPL-2.0-or-later
/* ethernet.c - Ethernet, its tags and types, LLC, MPLS, PPPoE and PPP: what links and tunnels share. */
#include "dissect/packet.h"

enum {
	TYPE_MIN = 0x0600, /* IEEE 802.3 3.2.6: below, it is a length */
	TYPE_IPV4 = 0x0800,
	TYPE_VLAN = 0x8100,
	TYPE_IPV6 = 0x86dd,
	TYPE_PPP = 0x880b,
	TYPE_SERVICE_VLAN = 0x88a8,
	MPLS_LABELS_MAX = 32,
	MPLS_BOTTOM = 0x100, /* RFC 3032 2.1 */
	PSEUDOWIRE_MAX = 18, /* control word and Ethernet header */
};

struct ethertype {
	uint16_t type;
	enum layer layer;
};

static const struct ethertype ethertypes[] = {
	{ TYPE_IPV4, LAYER_IPV4 },   { TYPE_IPV6, LAYER_IPV6 },
	{ TYPE_VLAN, LAYER_VLAN },   { TYPE_SERVICE_VLAN, LAYER_VLAN },
	{ 0x9100, LAYER_VLAN }, /* QinQ before 802.1ad */
	{ 0x9200, LAYER_VLAN },	     { 0x9300, LAYER_VLAN },
	{ 0x8847, LAYER_MPLS },	     { 0x8848, LAYER_MPLS },
	{ 0x8864, LAYER_PPPOE },     /* the session; 0x8863 is discovery */
	{ TYPE_PPP, LAYER_PPP },     /* RFC 2637 4.1 */
	{ 0x6558, LAYER_ETHERNET },  /* transparent bridging, RFC 7637 3.2 */
	{ 0x88e7, LAYER_BACKBONE },  /* 802.1ah */
	{ 0x88e5, LAYER_ENCRYPTED }, /* MACsec */
};

static const struct ethertype *find_ethertype(uint16_t type)
{
	for (size_t i = 0; i < sizeof ethertypes / sizeof *ethertypes; i++) {
		if (ethertypes[i].type == type)
			return &ethertypes[i];
	}
	return NULL;
}

enum layer packet_ethertype(struct packet *p, uint16_t type)
{
	const struct ethertype *known;

	if (type == TYPE_IPV4)
		return LAYER_IPV4;
	if (type < TYPE_MIN)
		return LAYER_LLC;
	known = find_ethertype(type);
	return known ? known->layer : packet_end(p, DISSECT_NOT_IP);
}

enum layer decode_ethernet(struct packet *p)
{
	const uint8_t *h = cursor_take(&p->rest, 14);

	if (!h)
		return packet_end_short(p);
	return packet_ethertype(p, bytes_be16(h + 12));
}

enum layer decode_vlan(struct packet *p)
{
	const uint8_t *h = cursor_take(&p->rest, 4);

	if (!h)
		return packet_end_short(p);
	return packet_ethertype(p, bytes_be16(h + 2));
}

/* IEEE 802.1ah: four bytes of service tag, then the customer's whole frame. */
enum layer decode_backbone(struct packet *p)
{
	return cursor_take(&p->rest, 4) ? LAYER_ETHERNET : packet_end_short(p);
}

enum layer decode_ethertype(struct packet *p)
{
	const uint8_t *h = cursor_take(&p->rest, 2);

	return h ? packet_ethertype(p, bytes_be16(h)) : packet_end_short(p);
}

/* IEEE 802.2; IP comes in SNAP (RFC 1042), seldom under an SAP of its own. */
enum layer decode_llc(struct packet *p)
{
	uint8_t dsap = cursor_u8(&p->rest);
	uint8_t ssap = cursor_u8(&p->rest);
	uint8_t control = cursor_u8(&p->rest);
	const uint8_t *snap;

	if (p->rest.short_read)
		return packet_end_short(p);
	if (control != 0x03) /* unnumbered information */
		return packet_end(p, DISSECT_NOT_IP);
	if (dsap == 0x06 && ssap == 0x06)
		return LAYER_IPV4;
	if (dsap != 0xaa || ssap != 0xaa)
		return packet_end(p, DISSECT_NOT_IP);
	snap = cursor_take(&p->rest, 5);
	if (!snap)
		return packet_end_short(p);
	/* Organisation 0, or the one that bridges use for it (802.1H). */
	if (snap[0] != 0 || snap[1] != 0 || (snap[2] != 0 && snap[2] != 0xf8))
		return packet_end(p, DISSECT_NOT_IP);
	if (bytes_be16(snap + 3) < TYPE_MIN)
		return packet_end(p, DISSECT_NOT_IP);
	return packet_ethertype(p, bytes_be16(snap + 3));
}

/* Whether what begins 'offset' bytes ahead has an Ethernet type that may lead to IP, where one would stand.
 */
static bool ethernet_at(const struct packet *p, size_t offset)
{
	const uint8_t *type = cursor_peek(&p->rest, offset + 12, 2);

	return type && find_ethertype(bytes_be16(type));
}

/* A pseudowire's payload may begin with a MAC address that looks like an IP version. */
static bool plausible_ip(const struct packet *p)
{
	const uint8_t *h = cursor_peek(&p->rest, 0, 4);

	if (!h || (h[0] >> 4 != 4 && h[0] >> 4 != 6))
		return false;
	if (h[0] >> 4 == 4 && (h[0] & 0x0f) >= 5 && bytes_be16(h + 2) >= 20 &&
	    bytes_be16(h + 2) <= packet_sent(p))
		return true;
	return !ethernet_at(p, 0);
}

/* Labels do not say what follows them (RFC 4928 3): IP by its version, or a pseudowire (RFC 4385, 4448). */
static enum layer after_labels(struct packet *p)
{
	const uint8_t *first = cursor_peek(&p->rest, 0, 1);

	if (!first)
		return packet_end_short(p);
	if (plausible_ip(p))
		return LAYER_IP;
	if (*first >> 4 == 0 && ethernet_at(p, 4)) {
		cursor_skip(&p->rest, 4);
		return LAYER_ETHERNET;
	}
	if (ethernet_at(p, 0))
		return LAYER_ETHERNET;
	return packet_end(p,
			  p->cut && !cursor_peek(&p->rest, 0, PSEUDOWIRE_MAX) ? DISSECT_CUT : DISSECT_NOT_IP);
}

enum layer decode_mpls(struct packet *p)
{
	for (unsigned labels = 0; labels < MPLS_LABELS_MAX; labels++) {
		uint32_t entry = cursor_be32(&p->rest);

		if (p->rest.short_read)
			return packet_end_short(p);
		if (entry & MPLS_BOTTOM)
			return after_labels(p);
	}
	return packet_end(p, DISSECT_TOO_DEEP);
}

/* RFC 2516 4. */
enum layer decode_pppoe(struct packet *p)
{
	const uint8_t *h = cursor_take(&p->rest, 6);

	if (!h)
		return packet_end_short(p);
	if (h[0] != 0x11 || h[1] != 0)
		return packet_end(p, DISSECT_NOT_IP);
	return LAYER_PPP;
}

/* RFC 1661 2, with or without address and control (RFC 1662 3.2), the protocol in one byte or two. */
enum layer decode_ppp(struct packet *p)
{
	const uint8_t *first = cursor_peek(&p->rest, 0, 1);
	uint16_t protocol;

	if (first && *first == 0xff)
		cursor_skip(&p->rest, 2);
	protocol = cursor_u8(&p->rest);
	if (!(protocol & 1))
		protocol = (uint16_t)(protocol << 8 | cursor_u8(&p->rest));
	if (p->rest.short_read)
		return packet_end_short(p);
	switch (protocol) {
	case 0x0021:
		return LAYER_IPV4;
	case 0x0057:
		return LAYER_IPV6;
	case 0x0281: /* RFC 3032 4.3 */
	case 0x0283:
		return LAYER_MPLS;
	case 0x002d: /* Van Jacobson's header compression, RFC 1144 */
	case 0x002f:
	case 0x0053: /* encryption, RFC 1968 */
	case 0x00fb: /* compression, RFC 1962, also MPPE */
	case 0x00fd:
		return LAYER_ENCRYPTED;
	default:
		return packet_end(p, DISSECT_NOT_IP);
	}
}
