/* SPDX-License-Identifier: GPL-2.0-or-later */
/* packet.h - one TCP segment, or one ICMP error that quotes one, as the bytes of an Ethernet frame. */
#ifndef LASTACK_BENCH_PACKET_H
#define LASTACK_BENCH_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	PACKET_HEADERS_MAX = 160, /* Ethernet, IP, ICMP, quoted IP and TCP with options */
	PACKET_PAYLOAD_MAX = 1460,
};

/* An address: IPv4 in the first four bytes. */
struct address {
	uint8_t bytes[16];
};

struct packet {
	struct address src, dst;
	bool ipv6;
	bool df; /* IPv4 */
	uint8_t ttl;
	uint16_t ip_id;	     /* IPv4 */
	uint32_t flow_label; /* IPv6 */
	uint16_t sport, dport;
	uint32_t seq, ack;
	uint16_t window, len; /* len: payload, all zeros */
	uint8_t flags;
	bool timestamps;   /* tsval, tsecr are sent */
	bool full_options; /* a SYN with window scale and SACK permitted, else only the MSS */
	uint32_t tsval, tsecr;
};

/* An ICMP or ICMPv6 "destination unreachable". */
struct icmp_error {
	struct address router;
	uint8_t code;
	bool short_quote; /* only 8 bytes of the TCP header, as old routers do (RFC 792) */
};

/*
 * Writes the headers of a segment to frame (PACKET_HEADERS_MAX bytes), checksums included. Returns how many
 * bytes that are; the payload's p->len zero bytes would follow.
 */
size_t packet_build(const struct packet *p, uint8_t *frame);

/* The same for an error about 'quoted', sent to its sender. */
size_t packet_build_icmp(const struct packet *quoted, const struct icmp_error *error, uint8_t *frame);

#endif
