/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record.h - what lastack says of one connection when its record ends: the values behind
 * a row of design/columns.md, not yet text. A plain value; points at nothing but static text
 * and the names of the timers it was given (cause.h).
 *
 * Durations are nanoseconds, UNKNOWN_NS where not known or not applicable.
 * Packet numbers count from 1; 0 = none.
 */
#ifndef LASTACK_ANALYZER_RECORD_H
#define LASTACK_ANALYZER_RECORD_H

#include <stddef.h>
#include <string.h>

#include "analyzer/vocabulary.h"
#include "dissect/segment.h"

#define UNKNOWN_NS (-1)

enum {
	RECORD_STATES_MAX = 8,	  /* states one end can pass through */
	RECORD_EVIDENCE_MAX = 16, /* packets a verdict rests on */
	RECORD_HISTORY_MAX = 32,  /* Zeek's letters, terminating zero included */
};

/* What a RST said of its reason. */
struct rst_text {
	bool mptcp; /* mptcp_reason is set (RFC 8684 3.6) */
	uint8_t mptcp_reason;
	char text[SEGMENT_TEXT_MAX + 1]; /* printable; "" = nothing */
};

struct record_side {
	enum state states[RECORD_STATES_MAX]; /* the whole way, oldest first */
	uint8_t state_count;		      /* 0 = nothing is known of this end */
	enum saw saw;
	bool lost_known;		/* false = there was no closing packet */
	int64_t close_wait, fin_wait_2; /* time spent there, still counting at the end */
	uint64_t packets;
	uint64_t bytes;	    /* payload of the stream, each byte counted once */
	uint64_t after_fin; /* of these, sent after it acknowledged the other's FIN */
	uint64_t lost;	    /* sent and not acknowledged when the closing packet passed */
	uint64_t retransmits;
};

struct record {
	/* What is counted. */
	struct moment start, end; /* first and last packet */
	struct moment ended;	  /* when the record ended (verdicts.md 8): rows are sorted by this */
	uint64_t first_packet;
	struct host host[2]; /* by enum side */
	uint16_t port[2];

	enum close close;
	enum cause cause;
	enum confidence confidence;
	enum closer closer;
	enum closer rst_sender;	    /* of a reset: who sent the deciding RST; else CLOSER_NONE */
	enum rst_family rst_family; /* of the RST that decided; 0 where none did */
	enum time_wait time_wait;
	enum holder time_wait_side;
	enum record_end record_end;
	bool midstream;
	bool closes_only; /* segments with payload were not captured: what is counted of them is not known */

	int64_t time_wait_held; /* how long it was held; UNKNOWN_NS without a TIME-WAIT */
	int64_t teardown_time;
	uint64_t rst_ignored;
	struct record_side side[2];

	/* What only rows tell: a brief record (struct sink) ends here. */
	int64_t time_wait_left; /* of 2MSL, at the end of the observation; lingering only */
	int64_t handshake_time, duration, idle_before_close;
	uint64_t syn_retransmits, fin_retransmits, rst_count, packets_after_close, duplicates;
	uint64_t last_packet, closing_packet, trigger_packet;
	enum path path;
	uint16_t rst_signs; /* of the RST that decided: RST_SIGN_* (flow.h), what speaks for a forgery */
	struct rst_text rst_text; /* what it said */
	const char *timer; /* of CAUSE_IDLE_TIMEOUT: what the time-out is known from; not owned, else NULL */
	const char *conn_state;		  /* Zeek's conn_state; static storage */
	char history[RECORD_HISTORY_MAX]; /* Zeek's conn.log history */
	unsigned completeness;		  /* Wireshark's tcp.completeness */
	uint16_t source;		  /* struct segment's source of the first packet */

	int evidence_count;
	uint64_t evidence[RECORD_EVIDENCE_MAX]; /* last: see record_copy() */
};

enum { RECORD_BRIEF = offsetof(struct record, time_wait_left) /* bytes of a brief record */ };

/* For who copies many: the room of evidence that there is not is left out. */
static inline void record_copy(struct record *to, const struct record *from)
{
	memcpy(to, from,
	       offsetof(struct record, evidence) + (size_t)from->evidence_count * sizeof *from->evidence);
}

/* What a brief record has. */
static inline void record_copy_brief(struct record *to, const struct record *from)
{
	memcpy(to, from, RECORD_BRIEF);
}

/* The final state of one end: the last of its states, STATE_UNKNOWN when none is known. */
static inline enum state record_state(const struct record_side *s)
{
	return s->state_count > 0 ? s->states[s->state_count - 1] : STATE_UNKNOWN;
}

/* One segment as the tracker understood it. Valid during the call only. */
struct sighting {
	const struct segment *segment; /* or an ICMP error: kind SEGMENT_ICMP */
	uint64_t connection;	       /* first packet of its connection, which names that within one run */
	enum side side;		       /* who sent it; of an ICMP error: who had sent what it quotes */
	struct seq base[2];	       /* what relative sequence numbers count from: each end's ISN */
	enum state state[2];	       /* of both ends after it */
	bool duplicate;		       /* a frame seen already, not analysed */
	bool decided; /* the connection is closed as far as is known (it may be taken back) */
};

/*
 * One end of a connection went from one state to another; or what was told of it turned out wrong, and it is
 * back where it was. The changes of an end, in order, lead from STATE_UNKNOWN to the last state of its
 * record, and all of them come before that record. Valid during the call only.
 */
struct change {
	struct moment at;    /* of the segment that showed it, or when time ran out */
	struct moment start; /* of its connection's first packet */
	uint64_t connection; /* first packet of its connection, which names that within one run */
	uint64_t packet;     /* that showed it; 0 = time did */
	struct host host[2]; /* by enum side */
	uint16_t port[2];
	enum side side;	     /* whose state it is */
	enum state from, to; /* from = STATE_UNKNOWN: the end was not known before */
	bool retracted;	     /* 'from' was told too early: the end had not left 'to' */
	int64_t held; /* ns that it had been in 'from', as far as was known; UNKNOWN_NS from STATE_UNKNOWN */
};

/* Where records go. A sink is a struct whose first member is this one. */
struct sink {
	/*
	 * One record has ended. Called in order of 'ended', ties by first packet; the
	 * record is valid during the call only. Errors are kept for finish().
	 */
	void (*record)(struct sink *sink, const struct record *record);
	/*
	 * NULL, or called for every segment that belongs to a connection, right after it was analysed.
	 * A SYN that is held on a known pair (design/verdicts.md 1) counts as a connection of its own
	 * until it turns out that it is none.
	 */
	void (*segment)(struct sink *sink, const struct sighting *sighting);
	/* NULL, or called for every change of an end's state, in order of time. */
	void (*change)(struct sink *sink, const struct change *change);
	/*
	 * Nobody looks at what only rows tell: records have but their first RECORD_BRIEF bytes, and what lies
	 * behind is not set. Set before the first segment.
	 */
	bool brief;
};

#endif
