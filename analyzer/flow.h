/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flow.h - what is kept of one connection: two ends, never mirrored branches.
 *
 * The tap sees segments, not sockets; an end is believed only about itself (verdicts.md
 * 2). Memory counts here: a flow is 256 bytes, and what only a connection that is ending
 * needs (its evidence) hangs off it as a struct closing. Where many are over they are packed
 * (packed.h): members that are mostly 0 stand where they take least then, behind others.
 */
#ifndef LASTACK_ANALYZER_FLOW_H
#define LASTACK_ANALYZER_FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/state.h"
#include "analyzer/vocabulary.h"
#include "dissect/segment.h"

/* struct endpoint's 'bits': what has been seen of this end. */
enum {
	END_SEEN = 0x01,       /* isn and nxt are known: it sent something */
	END_UNA = 0x02,	       /* una is known: the other end acknowledged something */
	END_SYN = 0x04,	       /* its SYN was seen, isn is its number */
	END_FIN = 0x08,	       /* its FIN was seen: struct closing has it */
	END_TIMESTAMPS = 0x10, /* its SYN, or last segment, carries the timestamps option */
	END_SACK = 0x20,       /* sack_right is known */
	END_IP_ID = 0x40,      /* ip_id is known (never 0) */
	END_HOLE = 0x80,       /* hole_from..hole_to is not empty */
};

struct endpoint {
	struct seq isn;		       /* of its SYN; midstream: one below the first number seen */
	struct seq nxt;		       /* one beyond the highest number it sent, SYN and FIN counted */
	struct seq una;		       /* highest number the other end acknowledged: what that expects next */
	struct seq hole_from, hole_to; /* newest bytes skipped at the tap: reordered, or lost before it */
	struct seq sack_right;	       /* right edge of the last SACK block this end sent */
	uint32_t answer_us; /* how soon it answered in the handshake (SYN, or SYN-ACK); 0 = unknown */
	uint32_t packets;
	uint16_t window; /* last advertised, unscaled */
	uint16_t laps;	 /* how often nxt went round: bytes beyond 4 GiB */
	uint32_t retransmits;
	uint32_t probe_ms;     /* its last packet, a keepalive probe: ms after the flow's start; else 0 */
	uint32_t probe_gap_ms; /* between its last two packets, both probes; else 0 */
	uint16_t ip_id;	       /* last that was not 0 */
	uint16_t letters;      /* of Zeek's history that this end has used, bit = letter */
	uint8_t ttl;
	uint8_t tries;	  /* repeats in a row of what was never acknowledged, before any FIN */
	uint8_t try_kind; /* enum cause: what was retried (data, keepalive, zero-window) */
	uint8_t bits;	  /* END_* */
	fact_list facts;
};

_Static_assert(sizeof(struct endpoint) == 64, "an end is one cache line");

/* A packet that matters, and when it passed. packet 0 = none. */
struct mark {
	uint64_t packet;
	struct moment at;
};

/* Marks of a forged RST, found by comparing it with its side's earlier packets (verdicts.md 3). */
enum rst_sign {
	RST_SIGN_TTL = 0x01,	    /* another TTL than that side's own */
	RST_SIGN_ID = 0x02,	    /* an IPv4 ID far from that side's own */
	RST_SIGN_TIMESTAMPS = 0x04, /* lacks the timestamps that were negotiated */
	RST_SIGN_WINDOW = 0x08,	    /* a window of 0 with ACK, though the side's was open */
	RST_SIGN_WENT_ON = 0x10,    /* its supposed sender went on sending */
	RST_SIGN_TOO_SOON = 0x40,   /* acknowledges what cannot have got there and back yet */
	RST_SIGN_LADDER = 0x20,	    /* one of several that guess at numbers not sent yet */
	RST_SIGN_BELOW = 0x80,	    /* with ACK, at a number that its side had sent before */
	RST_SIGN_UNASKED = 0x100,   /* without ACK, and there is nothing that it answers */
};

/* What the packet was that a reply RST answers. */
enum trigger_kind {
	TRIGGER_NONE, /* none is known */
	TRIGGER_SYN,
	TRIGGER_ACK,
	TRIGGER_PROBE,
	TRIGGER_DATA,
	TRIGGER_FIN, /* without data */
};

/* struct closing's 'bits'. */
enum {
	CLOSING_BY_RST = 0x01,	     /* 'closed' is an accepted RST */
	CLOSING_BARE_RST = 0x02,     /* it has no ACK */
	CLOSING_EXACT = 0x04,	     /* it is at the number its receiver certainly expected */
	CLOSING_AFTER_PROBES = 0x08, /* its sender's last packets were keepalive probes, one interval apart */
	CLOSING_LOST_KNOWN = 0x10,   /* end[].lost are set */
	CLOSING_TEXT = 0x40,	     /* its text is kept */
	CLOSING_ACKS_ALL = 0x80,     /* it acknowledges all payload that its receiver had sent */
	CLOSING_SYN_AGAIN = 0x100,   /* the SYN that was challenged came again */
	CLOSING_NO_DF = 0x20,	     /* an IPv4 RST with ID 0 and without DF: no Linux socket's reply */
};

enum { CLOSING_EXTRA = 4 };

/* Evidence of an ending, made when it begins. */
struct closing {
	struct closing_end {
		struct mark fin;	 /* first transmission */
		struct mark fin_acked;	 /* the acknowledgement that covers it */
		struct moment got_fin;	 /* this end's own ACK of the other's FIN passed */
		struct moment time_wait; /* TIME-WAIT began, or began again; 0 = never */
		uint64_t after_fin;	 /* payload bytes sent after got_fin */
		struct seq fin_ack;	 /* what its first FIN acknowledged, and the number of that octet */
		struct seq fin_seq;
		uint32_t fin_last;	      /* its last copy: offset from the flow's first packet, plus 1 */
		uint32_t lost;		      /* not acknowledged when the closing packet passed */
		uint16_t fin_tries;	      /* FINs repeated */
		uint8_t denied;		      /* times its FIN came again though the ACK had passed */
		uint8_t icmp_type, icmp_code; /* of an error that quotes this end's segments */
		bool icmp;		      /* icmp_* are set */
		bool fin_again;		      /* its FIN came again and that was not answered yet */
	} end[2];
	struct mark closed; /* the packet that decided; what comes later is late */
	uint64_t trigger;   /* packet the RST answers, 0 = none known */
	uint64_t challenge; /* an ACK with old numbers that answered a new SYN, 0 = none */
	struct late {	    /* first data that the other's FIN does not acknowledge, and that nobody has */
		uint64_t packet;    /* its last copy; 0 = none */
		struct seq to, ack; /* one beyond its last octet; what it acknowledges */
		uint32_t gap;	    /* silence before its first copy, as struct flow's */
	} late;
	struct moment assassinated; /* a RST ended TIME-WAIT, 0 = none did */
	struct moment doubt;	    /* the RST's receiver went on, unanswered since then; 0 = no */
	int64_t idle;		    /* from the last payload to the first FIN or RST, -1 unknown */
	uint32_t rst_count, rst_ignored, after_close, duplicates;
	uint32_t extra[CLOSING_EXTRA]; /* more evidence: offsets from the flow's first packet, plus 1; 0 =
					  none */
	struct seq rst_seq;
	uint32_t text;	      /* index of what the RST says (store.h), 0 = never anything */
	uint16_t rst_signs;   /* RST_SIGN_* */
	uint16_t bits;	      /* CLOSING_* */
	uint8_t rst_side;     /* enum side: whose address the RST bears */
	uint8_t trigger_kind; /* enum trigger_kind */
};

/* struct flow's 'bits'. */
enum {
	FLOW_IPV6 = 0x0001,
	FLOW_ESTABLISHED = 0x0002, /* proven: data, or an ACK beyond the SYN */
	FLOW_MIDSTREAM = 0x0004,   /* its beginning was not seen */
	FLOW_HANDSHAKE = 0x0008,   /* 'handshake' is a duration, no longer the last SYN's moment */
	FLOW_SYN_REFUSED = 0x0010, /* a RST covered the SYN */
	FLOW_UNREACHABLE = 0x0020, /* an ICMP error quoted the SYN */
	FLOW_SYN_RESET = 0x0040,   /* the opener answered the SYN-ACK with a RST */
	FLOW_CLOSED = 0x0080,	   /* decided for good, but for what takes a RST back */
	FLOW_PAYLOAD = 0x0200,	   /* payload_at is set */
	FLOW_FAST_OPEN = 0x0400,   /* the SYN carried data that the SYN-ACK acknowledged */
	FLOW_LAST_SERVER = 0x0800, /* the last packet came from the server */
	FLOW_TAKEN = 0x0100,	   /* some of what the side that paid last has sent since was acknowledged */
	FLOW_PREDICTABLE = 0x1000, /* its next segments can be predicted (prediction.h) */
	FLOW_PAYLOAD_SERVER = 0x4000, /* the last payload came from the server */
};

/* What 'part' and 'list' can hold. */
enum { FLOW_PART_MASK = 0x3f, FLOW_LIST_MASK = 0x7 };

enum { FLOW_HISTORY_WORDS = 3, FLOW_GAP_SHIFT = 20 };

struct flow {
	uint32_t prev, next; /* in its list (tracker.c); flows are named by index, 0 = none */
	uint32_t older;	     /* the connection on this pair that a SYN waits to replace */
	uint32_t closing;    /* index of its struct closing, 0 = none yet */
	struct host host[2]; /* by enum side */
	uint16_t port[2];
	uint32_t gap; /* longest silence before one of the packets that one side sent last, in units of 2^20
			 ns; once closed that before the RST, or before what the RST answers */
	uint32_t history[FLOW_HISTORY_WORDS]; /* Zeek's letters, 6 to a word (history.h) */
	uint32_t burst; /* first of the data that one side sent last: offset from the first packet, plus 1;
			   0 = none, or part of it was acknowledged */
	struct moment start, last; /* first packet; latest time of any packet */
	uint64_t first_packet, last_packet;
	int64_t handshake;	  /* moment of the last SYN, then how long the handshake took (ns) */
	struct moment payload_at; /* last payload, either way */
	uint16_t bits;		  /* FLOW_* */
	uint16_t part : 6;	  /* whose it is (store.h), as the next */
	uint16_t list : 3;	  /* which list it is in */
	uint16_t history_length : 5;
	uint16_t syn_retransmits;
	uint16_t source;
	struct endpoint end[2];
};

_Static_assert(sizeof(struct flow) == 256, "budget: design/house.md");
_Static_assert(sizeof(struct closing) <= 288, "budget: design/house.md");

/*
 * A segment starts a connection: fills in *flow, all zero before, from its first segment.
 * Which end is the client: SYN, then SYN-ACK, then the lower port is the server.
 */
void flow_open(struct flow *flow, const struct segment *segment);

/* Which end sent the segment (of the same pair). */
static inline enum side flow_side(const struct flow *flow, const struct segment *segment)
{
	if (segment->sport != segment->dport)
		return segment->sport == flow->port[CLIENT] ? CLIENT : SERVER;
	return host_equal(&flow->host[CLIENT], &segment->src) ? CLIENT : SERVER;
}

/* Whether the segment is one of the flow's pair, if it is from that end. */
static inline bool flow_is_of(const struct flow *flow, const struct segment *segment, enum side side)
{
	/* One look at all of it: as good as always all is equal. */
	return (host_difference(&flow->host[side], &segment->src) |
		host_difference(&flow->host[other(side)], &segment->dst) |
		(uint64_t)(flow->port[side] ^ segment->sport) |
		(uint64_t)(flow->port[other(side)] ^ segment->dport)) == 0;
}

/* So many repeats in a row that one more may be the last sign of life: its evidence is kept. */
enum { FLOW_TRIES_KEPT = 0 };

/* True when flow_apply() of this segment may touch the closing evidence: it must exist then. */
static inline bool flow_needs_closing(const struct flow *flow, const struct segment *segment)
{
	return segment->kind == SEGMENT_ICMP || (segment->flags & (TCP_FIN | TCP_RST)) ||
	       flow->end[CLIENT].tries > FLOW_TRIES_KEPT || flow->end[SERVER].tries > FLOW_TRIES_KEPT;
}

/* A packet number as an offset from the flow's first, plus 1; what does not fit is not kept (0). */
static inline uint32_t flow_offset(const struct flow *flow, uint64_t packet)
{
	uint64_t offset = packet - flow->first_packet + 1;

	return offset > UINT32_MAX ? 0 : (uint32_t)offset;
}

/* And back; 0 stays 0. */
static inline uint64_t flow_packet(const struct flow *flow, uint32_t offset)
{
	return offset == 0 ? 0 : flow->first_packet + offset - 1;
}

/* Keeps a packet as evidence: the first few, and the latest. */
static inline void closing_note(struct closing *closing, const struct flow *flow, uint64_t packet)
{
	int at = 0;

	while (at < CLOSING_EXTRA - 1 && closing->extra[at] != 0)
		at++;
	closing->extra[at] = flow_offset(flow, packet);
}

/*
 * A TCP segment of this connection, from 'side', that is no duplicate frame. closing may be
 * NULL while neither this segment nor an earlier one needed it.
 */
void flow_apply(struct flow *flow, struct closing *closing, const struct segment *segment, enum side side);

/* An ICMP error that quotes a segment that 'side' had sent. */
void flow_apply_icmp(struct flow *flow, struct closing *closing, const struct segment *segment,
		     enum side side);

/*
 * A SYN that had opened a row of its own was answered by a challenge, an ACK with this connection's numbers:
 * takes the SYN in ('its' is its closing, NULL if it has none). A RST that had passed before was not accepted
 * (verdicts.md 2).
 */
void flow_absorb(struct flow *flow, struct closing *closing, const struct flow *attempt,
		 const struct closing *its, const struct segment *challenge);

/* An accepted RST decided. */
static inline bool closing_by_rst(const struct closing *closing)
{
	return closing->bits & CLOSING_BY_RST;
}

/* The handshake's round trip; without one to measure, what one may last (RFC 6298 2.1). ns. */
static inline int64_t flow_round_trip(const struct flow *flow)
{
	return flow->bits & FLOW_HANDSHAKE ? flow->handshake : 1000000000;
}

/* What struct endpoint's answer_us holds of so many microseconds. */
static inline uint32_t flow_answer_us(int64_t us)
{
	return us < 0 ? 0 : us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
}

/* How long it was silent before this segment, in units of 2^20 ns. */
static inline uint32_t flow_gap(const struct flow *flow, const struct segment *segment)
{
	uint64_t gap = (uint64_t)(segment->at.ns - flow->last.ns) >> FLOW_GAP_SHIFT;

	if (gap > UINT32_MAX) /* of so many ns, or the time went back */
		return segment->at.ns < flow->last.ns ? 0 : UINT32_MAX;
	return (uint32_t)gap;
}

/* The last new payload came from that end. */
static inline bool flow_paid_last(const struct flow *flow, enum side side)
{
	unsigned payload = flow->bits & (FLOW_PAYLOAD | FLOW_PAYLOAD_SERVER);

	return payload == (FLOW_PAYLOAD | (unsigned)side * FLOW_PAYLOAD_SERVER);
}

/* The first packet of data that the end sent last and that is not acknowledged yet, 0 = none, or not known.
 */
static inline uint64_t flow_unacked(const struct flow *flow, enum side side)
{
	const struct endpoint *end = &flow->end[side];
	int32_t fin = end->bits & END_FIN ? 1 : 0;
	bool acked = (end->bits & END_UNA) && seq_diff(end->nxt, end->una) <= fin;

	return flow_paid_last(flow, side) && !acked ? flow_packet(flow, flow->burst) : 0;
}

/* The last packet came from that end. */
static inline bool flow_was_last(const struct flow *flow, enum side side)
{
	return (flow->bits & FLOW_LAST_SERVER) == (unsigned)side * FLOW_LAST_SERVER;
}

/* Both FINs sent and both acknowledged. */
static inline bool flow_both_closed(const struct flow *flow)
{
	return facts_include(flow->end[CLIENT].facts & flow->end[SERVER].facts, FIN_ACKED);
}

/* The moment from which 2MSL run until the record ends; meaningful only with FLOW_CLOSED. */
struct moment flow_closed_at(const struct closing *closing);

/* Payload bytes of one end, each counted once (sequence arithmetic). */
uint64_t flow_bytes(const struct flow *flow, enum side side);

#endif
