/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * payload.h - the payload of one end by sequence arithmetic: what is new, what is repeated, what only
 * probes, and what was tried again and again without an answer.
 */
#ifndef LASTACK_ANALYZER_PAYLOAD_H
#define LASTACK_ANALYZER_PAYLOAD_H

#include "analyzer/flow.h"

/* No honest sender is this far ahead of what was seen of it; what is, moves nothing. */
#define FAR_AHEAD (1 << 30)

static inline bool has_syn(const struct segment *s)
{
	return s->flags & TCP_SYN;
}

static inline bool has_fin(const struct segment *s)
{
	return s->flags & TCP_FIN;
}

static inline bool has_ack(const struct segment *s)
{
	return s->flags & TCP_ACK;
}

/* Number of the first payload octet. */
static inline struct seq payload_seq(const struct segment *s)
{
	return seq_plus(s->seq, has_syn(s) ? 1 : 0);
}

/* The highest number an end sent has become nxt. */
void payload_advance(struct endpoint *end, struct seq nxt);

/* The tap has skipped what lies between the end's nxt and from, if anything does. */
void payload_skip(struct endpoint *end, struct seq from);

/* The payload of a segment from side. True when it only repeats old bytes. closing may be NULL. */
bool payload_apply(struct flow *flow, struct closing *closing, const struct segment *segment, enum side side);

#endif
