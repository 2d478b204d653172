/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ladder.h - the packets of one connection in their order, with what is dull folded: handshake, closing, what
 * decided, what was sent again and the last segments before the closing stay.
 *
 * Folds while it collects, so that its memory is bounded however long the connection is.
 */
#ifndef LASTACK_UI_LADDER_H
#define LASTACK_UI_LADDER_H

#include "analyzer/record.h"

enum {
	LADDER_KEPT = 160,    /* segments shown before everything but what decided is folded */
	LADDER_PENDING = 24,  /* segments of which it is not decided yet; the last of all are always shown */
	LADDER_FIRST = 5,     /* segments shown at the beginning */
	LADDER_CONTEXT = 3,   /* shown before a FIN, RST, ICMP error or what decided */
	LADDER_REPEATS = 24,  /* segments sent again that are shown */
	LADDER_STRIKING = 24, /* FINs, RSTs and ICMP errors that are shown, besides what decided */
	LADDER_SHORT_FOLD = 2 /* so few are not worth folding */
};

/* struct rung's 'marks'. */
enum {
	RUNG_CLOSING = 0x01,  /* the packet that decided */
	RUNG_TRIGGER = 0x02,  /* what the RST answers */
	RUNG_EVIDENCE = 0x04, /* the verdict rests on it too */
};

/* struct rung's 'notes'. */
enum {
	RUNG_AGAIN = 0x01, /* repeats what was sent */
	RUNG_PROBE = 0x02, /* a keepalive probe */
	RUNG_FILLS = 0x04, /* older than what passed before: reordered, or sent again after a loss before the
			      tap */
	RUNG_ATTEMPT = 0x08, /* a SYN of another attempt on the pair */
};

/* One segment, or one ICMP error. */
struct rung {
	uint64_t packet;
	struct moment at;
	struct seq seq, ack;
	uint32_t len;
	uint32_t copies; /* duplicate frames of it */
	uint16_t window;
	uint8_t kind;  /* enum segment_kind */
	uint8_t flags; /* TCP_* */
	uint8_t side;  /* enum side: who sent it; of an ICMP error: who had sent what it quotes */
	uint8_t state[2];
	uint8_t marks, notes;
	uint8_t icmp_type, icmp_code;
	bool keep;
};

/* What is not shown. */
struct fold {
	uint64_t segments, repeats;
	uint64_t bytes[2]; /* payload, by enum side */
	struct moment first, last;
};

struct ladder_line {
	bool folded;
	union {
		struct rung rung;
		struct fold fold; /* with folded */
	};
};

/* What the sentences need besides the record; packet numbers, 0 = none. */
struct ladder_facts {
	uint64_t fin[2];	/* first FIN of each side */
	uint64_t syn, last_syn; /* first and last SYN without ACK */
	uint64_t syns;
	uint64_t icmp;	      /* the first ICMP error */
	struct host reporter; /* who sent it */
	uint8_t icmp_type, icmp_code;
	bool icmp_ipv6;
	uint64_t tries[2];    /* most repeats in a row of each side, without a packet of the other's */
	uint64_t last_try[2]; /* the last of these */
	bool data_last[2];    /* the last payload before the closing packet was this side's */
	enum side rst_side;   /* whose address the closing packet bears */
	int64_t silence;      /* before the trigger, or without one before the closing packet; UNKNOWN_NS */
	int64_t quiet;	      /* the longer of the silences before the trigger and before the first FIN */
};

struct ladder;

/* Of a record, which is copied. NULL with errno = ENOMEM. */
struct ladder *ladder_new(const struct record *record);

const struct record *ladder_record(const struct ladder *ladder);

/* Takes the next segment of the connection in. own = false: a SYN of another attempt on its pair. */
void ladder_add(struct ladder *ladder, const struct sighting *sighting, bool own);

/* No more come. */
void ladder_finish(struct ladder *ladder);

/* The lines, after ladder_finish(). */
size_t ladder_count(const struct ladder *ladder);
const struct ladder_line *ladder_line(const struct ladder *ladder, size_t i);

const struct ladder_facts *ladder_facts(const struct ladder *ladder);

/* Duplicate frames in all. */
uint64_t ladder_duplicates(const struct ladder *ladder);

/* What relative numbers of that side count from. */
struct seq ladder_base(const struct ladder *ladder, enum side side);

void ladder_free(struct ladder *ladder); /* NULL is fine */

#endif
