// SPDX-License-Identifier: GPL-2.0-or-later
/* link.c - the table of link types, and the headers that only captures have. */
#include "dissect/packet.h"

#include <pcap/dlt.h>

enum {
	LINKTYPE_RAW = 101,   /* what DLT_RAW is in files, whatever the platform calls it */
	OPENBSD_RAW = 14,     /* OpenBSD's DLT_RAW, seen in its files */
	ARPHRD_NETLINK = 824, /* Linux, linux/if_arp.h */
	NFULA_PAYLOAD = 9,    /* Linux, linux/netfilter/nfnetlink_log.h */
};

/* A row a link type: how many bytes to pass over, and what stands behind them. */
struct link_type {
	uint8_t skip;
	enum layer layer;
};

static const struct link_type links[] = {
	[DLT_NULL] = { 0, LAYER_NULL },
	[DLT_EN10MB] = { 0, LAYER_ETHERNET },
	[DLT_PPP] = { 0, LAYER_PPP },
	[DLT_FDDI] = { 0, LAYER_FDDI },
	[DLT_RAW] = { 0, LAYER_IP },
	[OPENBSD_RAW] = { 0, LAYER_IP },
	[LINKTYPE_RAW] = { 0, LAYER_IP },
	[DLT_PPP_SERIAL] = { 0, LAYER_HDLC },
	[DLT_PPP_ETHER] = { 0, LAYER_PPPOE },
	[DLT_C_HDLC] = { 0, LAYER_HDLC },
	[DLT_IEEE802_11] = { 0, LAYER_WIFI },
	[DLT_LOOP] = { 0, LAYER_NULL },
	[DLT_LINUX_SLL] = { 0, LAYER_SLL },
	[DLT_IEEE802_11_RADIO] = { 0, LAYER_RADIOTAP },
	[DLT_ARCNET_LINUX] = { 0, LAYER_ARCNET },
	[DLT_PPP_PPPD] = { 2, LAYER_PPP }, /* a direction in place of the address, and control */
	[DLT_JUNIPER_ETHER] = { 0, LAYER_JUNIPER },
	[DLT_PPI] = { 0, LAYER_PPI },
	[DLT_PPP_WITH_DIR] = { 1, LAYER_PPP },
	[DLT_C_HDLC_WITH_DIR] = { 1, LAYER_HDLC },
	[DLT_MPLS] = { 0, LAYER_MPLS },
	[DLT_IPV4] = { 0, LAYER_IPV4 },
	[DLT_IPV6] = { 0, LAYER_IPV6 },
	[DLT_NFLOG] = { 0, LAYER_NFLOG },
	[DLT_NETANALYZER] = { 4, LAYER_ETHERNET },
	[DLT_NETANALYZER_TRANSPARENT] = { 12, LAYER_ETHERNET }, /* and a preamble */
	[DLT_IPOIB] = { 40, LAYER_IPOIB },			/* InfiniBand's global routing header */
	[DLT_LINUX_SLL2] = { 0, LAYER_SLL2 },
};

bool dissect_knows_link(int link)
{
	return link >= 0 && (size_t)link < sizeof links / sizeof *links && links[link].layer != LAYER_END;
}

enum layer packet_link(struct packet *p, int link)
{
	if (!dissect_knows_link(link))
		return packet_end(p, DISSECT_UNKNOWN_LINK);
	if (links[link].skip && !cursor_take(&p->rest, links[link].skip))
		return packet_end_short(p);
	return links[link].layer;
}

/*
 * BSD loopback: a protocol family in the byte order of whoever wrote it (DLT_LOOP: network order). AF_INET is
 * 2 everywhere; AF_INET6 is 10 on Linux, 23 on Windows, 24 on NetBSD and OpenBSD, 28 on FreeBSD, 30 on macOS.
 */
enum layer decode_null(struct packet *p)
{
	const uint8_t *h = cursor_take(&p->rest, 4);
	uint32_t family;

	if (!h)
		return packet_end_short(p);
	family = bytes_be32(h);
	if (family > 0xffff)
		family = bytes_le32(h);
	switch (family) {
	case 2:
		return LAYER_IPV4;
	case 10:
	case 23:
	case 24:
	case 28:
	case 30:
		return LAYER_IPV6;
	default:
		return packet_end(p, DISSECT_NOT_IP);
	}
}

/* Cisco HDLC (RFC 1547 4.3.1), or PPP in HDLC-like framing (RFC 1662): the address tells them apart. */
enum layer decode_hdlc(struct packet *p)
{
	const uint8_t *address = cursor_peek(&p->rest, 0, 1);

	if (!address)
		return packet_end_short(p);
	if (*address == 0xff)
		return LAYER_PPP;
	if (*address != 0x0f && *address != 0x8f)
		return packet_end(p, DISSECT_NOT_IP);
	cursor_skip(&p->rest, 2);
	return LAYER_ETHERTYPE;
}

/* Behind a "cooked" header: Linux's ARPHRD_* says whether 'protocol' is an Ethernet type. */
static enum layer cooked(struct packet *p, uint16_t hardware, uint16_t protocol)
{
	enum { ETH_P_802_2 = 4 };

	if (hardware == ARPHRD_NETLINK || (protocol < 0x0600 && protocol != ETH_P_802_2))
		return packet_end(p, DISSECT_NOT_IP);
	return packet_ethertype(p, protocol);
}

enum layer decode_sll(struct packet *p)
{
	const uint8_t *h = cursor_take(&p->rest, 16);

	return h ? cooked(p, bytes_be16(h + 2), bytes_be16(h + 14)) : packet_end_short(p);
}

enum layer decode_sll2(struct packet *p)
{
	const uint8_t *h = cursor_take(&p->rest, 20);

	return h ? cooked(p, bytes_be16(h + 8), bytes_be16(h)) : packet_end_short(p);
}

/*
 * Netfilter's log: a header, then attributes (length, type, value, padding to four bytes) in the byte order
 * of the host that wrote them. No type is 0 or above 255, which gives the order away.
 */
enum layer decode_nflog(struct packet *p)
{
	cursor_skip(&p->rest, 4); /* family, version, resource */
	for (;;) {
		const uint8_t *h = cursor_take(&p->rest, 4);
		bool big = h && h[2] == 0;
		uint16_t length, type;

		if (!h)
			return packet_end_short(p);
		length = big ? bytes_be16(h) : bytes_le16(h);
		type = big ? bytes_be16(h + 2) : bytes_le16(h + 2);
		if (length < 4)
			return packet_end(p, DISSECT_MALFORMED);
		if ((type & 0x3fff) == NFULA_PAYLOAD) {
			packet_bound(p, length - 4u);
			return LAYER_IP;
		}
		cursor_skip(&p->rest, ((length - 4u) + 3) & ~3u);
	}
}

/* Per-packet information: version, flags, length of all its headers, and the link type behind them. */
enum layer decode_ppi(struct packet *p)
{
	const uint8_t *h = cursor_take(&p->rest, 8);
	uint16_t length;

	if (!h)
		return packet_end_short(p);
	length = bytes_le16(h + 2);
	if (length < 8)
		return packet_end(p, DISSECT_MALFORMED);
	if (!cursor_take(&p->rest, length - 8u))
		return packet_end_short(p);
	if (bytes_le32(h + 4) > INT32_MAX)
		return packet_end(p, DISSECT_UNKNOWN_LINK);
	return packet_link(p, (int)bytes_le32(h + 4));
}

/* Frame control (only LLC frames carry IP), two addresses. */
enum layer decode_fddi(struct packet *p)
{
	const uint8_t *h = cursor_take(&p->rest, 13);

	if (!h)
		return packet_end_short(p);
	return (h[0] & 0xf0) == 0x50 ? LAYER_LLC : packet_end(p, DISSECT_NOT_IP);
}

/* Linux gives packets already put together; RFC 1051's header ends at the type, RFC 1201's has three bytes
 * more. */
enum layer decode_arcnet(struct packet *p)
{
	const uint8_t *h = cursor_take(&p->rest, 5);

	if (!h)
		return packet_end_short(p);
	switch (h[4]) {
	case 0xf0:
		return LAYER_IPV4;
	case 0xd4:
		return cursor_take(&p->rest, 3) ? LAYER_IPV4 : packet_end_short(p);
	case 0xc4: /* RFC 2497 */
		return cursor_take(&p->rest, 3) ? LAYER_IPV6 : packet_end_short(p);
	default:
		return packet_end(p, DISSECT_NOT_IP);
	}
}

/* RFC 4391 6: an Ethernet type and two bytes reserved. */
enum layer decode_ipoib(struct packet *p)
{
	const uint8_t *h = cursor_take(&p->rest, 4);

	return h ? packet_ethertype(p, bytes_be16(h)) : packet_end_short(p);
}

/* A magic number, flags, extensions of a given length; the Ethernet header may have been taken off. */
enum layer decode_juniper(struct packet *p)
{
	enum { NO_LAYER_2 = 0x02, EXTENDED = 0x80 };
	const uint8_t *h = cursor_take(&p->rest, 4);

	if (!h)
		return packet_end_short(p);
	if (h[0] != 0x4d || h[1] != 0x47 || h[2] != 0x43)
		return packet_end(p, DISSECT_MALFORMED);
	if (h[3] & EXTENDED)
		cursor_skip(&p->rest, cursor_be16(&p->rest));
	if (h[3] & NO_LAYER_2)
		cursor_skip(&p->rest, 4);
	if (p->rest.short_read)
		return packet_end_short(p);
	return h[3] & NO_LAYER_2 ? LAYER_IP : LAYER_ETHERNET;
}
