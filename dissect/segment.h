/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * segment.h - one TCP segment, or one ICMP error that quotes one, as a plain value.
 *
 * The seam between dissect/ and everything above it: a segment owns nothing and
 * points at nothing, so it can be copied, batched and handed to another thread.
 * Header-only; includes nothing of ours.
 */
#ifndef LASTACK_DISSECT_SEGMENT_H
#define LASTACK_DISSECT_SEGMENT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Nanoseconds since 1970-01-01 UTC, wrapped so that it is not mixed up with a duration. */
struct moment {
	int64_t ns;
};

/* A TCP sequence number: compared modulo 2^32 (RFC 9293 3.4), never with '<'. */
struct seq {
	uint32_t n;
};

/* How far a is ahead of b, negative when behind; right while they are less than 2^31 apart. */
static inline int32_t seq_diff(struct seq a, struct seq b)
{
	return (int32_t)(a.n - b.n);
}

static inline struct seq seq_plus(struct seq a, uint32_t n)
{
	return (struct seq){ a.n + n };
}

/* An IPv6 address, or an IPv4 address as ::ffff:a.b.c.d (RFC 4291 2.5.5.2). Network order. */
struct host {
	uint8_t addr[16];
};

/* Some word that is 0 if they are equal, and only then. */
static inline uint64_t host_difference(const struct host *a, const struct host *b)
{
	uint64_t x[2], y[2];

	memcpy(x, a, sizeof x);
	memcpy(y, b, sizeof y);
	return (x[0] ^ y[0]) | (x[1] ^ y[1]);
}

static inline bool host_equal(const struct host *a, const struct host *b)
{
	return host_difference(a, b) == 0;
}

static inline bool host_is_ipv4(const struct host *h)
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

	return memcmp(h->addr, mapped, sizeof mapped) == 0;
}

/* TCP flags as they stand in the header's 14th byte (RFC 9293 3.1). */
enum {
	TCP_FIN = 0x01,
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_PSH = 0x08,
	TCP_ACK = 0x10,
	TCP_URG = 0x20,
	TCP_ECE = 0x40,
	TCP_CWR = 0x80,
};

/* struct segment's 'bits'. */
enum {
	SEGMENT_IPV6 = 0x0001,	     /* came in an IPv6 packet */
	SEGMENT_DF = 0x0002,	     /* IPv4 don't fragment was set */
	SEGMENT_TIMESTAMPS = 0x0004, /* tsval is there (RFC 7323) */
	SEGMENT_SACK = 0x0008,	     /* sack_right is there (RFC 2018) */
	SEGMENT_WSCALE = 0x0010,     /* a SYN whose wscale is there (RFC 7323) */
	SEGMENT_CUT = 0x0020,	     /* the snap length cut it: fewer bytes captured than sent */
	SEGMENT_UNMATCHED = 0x0040, /* did not match -f itself: may join a known connection, never open one */
	SEGMENT_REASSEMBLED = 0x0080, /* put together from IP fragments; 'packet' is the last of them */
	SEGMENT_MPTCP_RST = 0x0100,   /* says.rst.mptcp_reason is there (RFC 8684 3.6) */
};

enum segment_kind {
	SEGMENT_TCP,
	/*
	 * An ICMP or ICMPv6 error. Addresses, ports and seq are those of the segment it
	 * quotes (src = the host that had sent that), says.icmp is the error itself;
	 * ack, flags and len are 0 when the quotation ends before them; ttl and ip_id are the error's own.
	 */
	SEGMENT_ICMP,
};

enum { SEGMENT_TEXT_MAX = 22 };

struct segment {
	struct moment at;
	uint64_t packet; /* number of the frame, from 1, counted over all inputs */
	struct host src, dst;
	/* Host order, and pairs the other way round than in the header: so little-endian machines turn two in
	 * one go. */
	uint16_t dport, sport;
	struct seq ack, seq; /* ack is meaningless without TCP_ACK */
	uint16_t checksum;   /* the TCP checksum field as captured */
	uint16_t window;     /* as in the header, unscaled */
	uint32_t len;	     /* payload bytes as sent, by the IP header, not as captured */
	uint32_t tsval;	     /* 0 without SEGMENT_TIMESTAMPS */
	uint32_t sack_right; /* right edge of the first SACK block */
	uint16_t ip_id;	     /* 0 for IPv6 */
	uint16_t source;     /* index of the input it came from, see capture.h */
	uint16_t bits;	     /* SEGMENT_* */
	uint8_t flags;	     /* TCP_* */
	uint8_t kind;	     /* enum segment_kind */
	uint8_t wscale;	     /* shift count as sent; RFC 7323 2.3: above 14 means 14 */
	uint8_t ttl;	     /* or hop limit */
	/*
	 * Only of a TCP segment with TCP_RST, and of SEGMENT_ICMP; nothing may be read here of any other, for
	 * nothing was written. All else is set in every segment.
	 */
	union {
		struct {
			uint8_t mptcp_reason;
			uint8_t text_len;	     /* printable payload kept in text, 0 = none */
			char text[SEGMENT_TEXT_MAX]; /* not terminated; printable ASCII only */
		} rst;				     /* with TCP_RST */
		struct {
			uint8_t type, code;
			struct host reporter; /* who sent the error */
		} icmp;			      /* of SEGMENT_ICMP; family by SEGMENT_IPV6 */
	} says;
};

_Static_assert(sizeof(struct segment) <= 112, "a segment is meant to stay within two cache lines");

#endif
