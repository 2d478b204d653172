/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * packet.h - a frame while it is decoded, and the list of layers. Private to dissect/.
 *
 * A layer is a function that reads its header from packet->rest and says which layer follows, until one ends
 * the packet with a result. The loop in dissect.c bounds how many run, so that no layer need think of depth.
 */
#ifndef LASTACK_DISSECT_PACKET_H
#define LASTACK_DISSECT_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/cursor.h"
#include "dissect/dissect.h"
#include "dissect/fragment6.h"
#include "dissect/frame.h"
#include "dissect/reassemble.h"
#include "dissect/segment.h"
#include "dissect/trail.h"

/* What there is to decode, and by which function. */
#define LAYERS(X)                                                                                            \
	/* ethernet.c */                                                                                     \
	X(LAYER_ETHERNET, decode_ethernet)                                                                   \
	X(LAYER_VLAN, decode_vlan)                                                                           \
	X(LAYER_BACKBONE, decode_backbone)                                                                   \
	X(LAYER_ETHERTYPE, decode_ethertype)                                                                 \
	X(LAYER_LLC, decode_llc)                                                                             \
	X(LAYER_MPLS, decode_mpls)                                                                           \
	X(LAYER_PPPOE, decode_pppoe)                                                                         \
	X(LAYER_PPP, decode_ppp)                                                                             \
	/* link.c */                                                                                         \
	X(LAYER_NULL, decode_null)                                                                           \
	X(LAYER_HDLC, decode_hdlc)                                                                           \
	X(LAYER_SLL, decode_sll)                                                                             \
	X(LAYER_SLL2, decode_sll2)                                                                           \
	X(LAYER_NFLOG, decode_nflog)                                                                         \
	X(LAYER_PPI, decode_ppi)                                                                             \
	X(LAYER_FDDI, decode_fddi)                                                                           \
	X(LAYER_ARCNET, decode_arcnet)                                                                       \
	X(LAYER_IPOIB, decode_ipoib)                                                                         \
	X(LAYER_JUNIPER, decode_juniper)                                                                     \
	/* wifi.c */                                                                                         \
	X(LAYER_RADIOTAP, decode_radiotap)                                                                   \
	X(LAYER_WIFI, decode_wifi)                                                                           \
	X(LAYER_WIFI_SWAPPED, decode_wifi_swapped)                                                           \
	/* network.c */                                                                                      \
	X(LAYER_IP, decode_ip)                                                                               \
	X(LAYER_IPV4, decode_ipv4)                                                                           \
	X(LAYER_IPV6, decode_ipv6)                                                                           \
	X(LAYER_EXTENSION, decode_extension)                                                                 \
	X(LAYER_ROUTING, decode_routing)                                                                     \
	X(LAYER_FRAGMENT6, decode_fragment6)                                                                 \
	X(LAYER_AUTHENTICATION, decode_authentication)                                                       \
	X(LAYER_ENCRYPTED, decode_encrypted)                                                                 \
	/* tunnel.c */                                                                                       \
	X(LAYER_UDP, decode_udp)                                                                             \
	X(LAYER_GRE, decode_gre)                                                                             \
	X(LAYER_ETHERIP, decode_etherip)                                                                     \
	X(LAYER_VXLAN, decode_vxlan)                                                                         \
	X(LAYER_GENEVE, decode_geneve)                                                                       \
	X(LAYER_GTP, decode_gtp)                                                                             \
	X(LAYER_L2TP, decode_l2tp)                                                                           \
	X(LAYER_CAPWAP, decode_capwap)                                                                       \
	/* transport.c */                                                                                    \
	X(LAYER_TCP, decode_tcp)                                                                             \
	X(LAYER_ICMP4, decode_icmp4)                                                                         \
	X(LAYER_ICMP6, decode_icmp6)

#define LAYER_ENUMERATOR(id, decode) id,
enum layer { LAYER_END, LAYERS(LAYER_ENUMERATOR) LAYER_COUNT };
#undef LAYER_ENUMERATOR

struct packet {
	struct dissector *dissector;
	const struct frame *frame;
	/*
	 * Filled in on the way: addresses, TTL, IP ID and bits by every IP header, so that the innermost
	 * stand; in an ICMP error's quotation only the addresses. 'says' by the ICMP header, then by TCP's.
	 */
	struct segment *segment;
	struct cursor rest; /* captured and not decoded yet */
	size_t cut;	    /* bytes sent behind 'rest', but not captured */
	size_t ip_length;   /* of the innermost IP packet as sent, header included */
	unsigned layers;    /* decoded so far */
	enum dissect_result result;
	bool matched;	  /* as the frame; of a reassembled datagram: any of its fragments */
	bool reassembled; /* 'rest' is (part of) a datagram put together from fragments */
	bool quoted;	  /* inside an ICMP error's quotation */
};

/* Which datagrams had a fragment that matched -f; direct-mapped, a collision only costs an 'unmatched'. */
enum { MATCHES = 1024 };
struct match {
	struct host src, dst;
	uint32_t id;
	bool matched;
};

struct dissector {
	struct dissect_options options;
	struct dissect_counts counts;	 /* but for frames that took the shortcut */
	uint64_t usual;			 /* these; all of them gave a segment */
	int usual_link;			 /* DLT_* whose frames may take it, -1 = none */
	struct reassembler *reassembler; /* NULL with options.no_reassembly, as the next */
	struct fragments6 *fragments6;
	struct trail *trail;   /* NULL without options.trail */
	uint64_t whole;	       /* wholly captured TCP segments so far: every some is verified */
	struct cursor payload; /* of the last TCP segment: see dissect_payload() */
	struct match matches[MATCHES];
	uint8_t nested[65536]; /* a fragment that came inside a reassembled datagram: see network.c */
};

#define LAYER_PROTOTYPE(id, decode) enum layer decode(struct packet *p);
LAYERS(LAYER_PROTOTYPE)
#undef LAYER_PROTOTYPE

static inline enum layer packet_end(struct packet *p, enum dissect_result result)
{
	p->result = result;
	return LAYER_END;
}

/* A header is not all there: cut off, if anything was, else it never was. */
static inline enum layer packet_end_short(struct packet *p)
{
	return packet_end(p, p->cut ? DISSECT_CUT : DISSECT_MALFORMED);
}

/* Bytes behind the last decoded header, as sent. */
static inline size_t packet_sent(const struct packet *p)
{
	return p->rest.left + p->cut;
}

/* A header says that 'sent' bytes follow it: drops padding, or learns how much is missing. */
static inline void packet_bound(struct packet *p, size_t sent)
{
	if (sent <= p->rest.left) {
		p->rest.left = sent;
		p->cut = 0;
	} else {
		p->cut = sent - p->rest.left;
	}
}

enum { PACKET_MTU = 1500 }; /* IP bytes in an Ethernet frame of 1,514 */

/* TCP's options, 'left' bytes, all of them or what was captured, into the segment, whose flags are set. */
void packet_options(struct segment *segment, const uint8_t *options, size_t left);

/* The first CHECKSUM_FIRST segments that were captured wholly are verified, then every CHECKSUM_EVERY-th. */
enum { CHECKSUM_FIRST = 1000, CHECKSUM_EVERY = 64 };

/* Which of them is the next to be verified, counted from 0, where 'whole' have passed. */
static inline uint64_t packet_verified_next(uint64_t whole)
{
	return whole < CHECKSUM_FIRST ? whole : whole | (CHECKSUM_EVERY - 1);
}

/*
 * The shortcut of usual.h: true if the frame is one of the usual kind, then *segment is filled in and all is
 * counted. False: nothing is counted, the segment's contents are not defined.
 */
bool packet_usual(struct dissector *d, const struct frame *frame, struct segment *segment);

/* The layer behind an Ethernet type, or a length as in 802.3. */
enum layer packet_ethertype(struct packet *p, uint16_t type);

/* The first layer of a link type (DLT_*), after what every frame of it begins with. */
enum layer packet_link(struct packet *p, int link);

#endif
