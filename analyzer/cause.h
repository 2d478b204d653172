/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cause.h - why a connection closed as it did: an ordered list of rules (design/verdicts.md 4), each
 * resting on the connection's own packets alone. Pure.
 */
#ifndef LASTACK_ANALYZER_CAUSE_H
#define LASTACK_ANALYZER_CAUSE_H

#include <stddef.h>

#include "analyzer/flow.h"
#include "analyzer/vocabulary.h"

/* A time-out that some load balancer, NAT gateway, proxy or server is known for. */
struct known_timer {
	int64_t ns;
	const char *name; /* what it is known from, e.g. "AWS Network Load Balancer" */
};

/* What the rules are told; the timers are not owned and must outlive their users. */
struct cause_rules {
	int64_t fin_timeout; /* ns an orphan stays in FIN-WAIT-2 (Linux: tcp_fin_timeout) */
	const struct known_timer *timers;
	size_t timer_count;
	bool closes_only; /* segments with payload were not captured: little that rests on them is known */
};

struct reason {
	enum cause cause;
	enum confidence confidence;
	const struct known_timer *timer; /* of CAUSE_IDLE_TIMEOUT: the nearest one; else NULL */
};

/* Why 'close'. closing may be NULL where close says that nothing of an ending was seen. */
struct reason cause_of(const struct flow *flow, const struct closing *closing, enum close close,
		       const struct cause_rules *rules);

/* The RST that refused a SYN was not made by the server's own stack. */
bool cause_refusal_is_foreign(const struct closing *closing);

/* What made the RST that decided: RST_NONE where none did. */
enum rst_family cause_rst_family(const struct closing *closing);

/* What an application is told when what an ICMP error quotes is given up, and the cause it names. */
enum saw icmp_saw(const struct flow *flow, const struct closing_end *end);
enum cause icmp_cause(const struct flow *flow, const struct closing_end *end);

#endif
