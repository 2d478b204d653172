/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verdict.h - what happened to a connection, by an ordered list of rules (design/verdicts.md 1). Pure. */
#ifndef LASTACK_ANALYZER_VERDICT_H
#define LASTACK_ANALYZER_VERDICT_H

#include "analyzer/cause.h"
#include "analyzer/flow.h"
#include "analyzer/vocabulary.h"

struct verdict {
	enum close close;
	enum cause cause;
	enum confidence confidence;
	enum closer closer;
	enum closer rst_sender;		 /* of CLOSE_RESET: client, server or network; else CLOSER_NONE */
	enum rst_family rst_family;	 /* what made it; RST_NONE where none decided */
	const struct known_timer *timer; /* of CAUSE_IDLE_TIMEOUT; else NULL */
};

/* closing is NULL for a connection that never began to end. */
struct verdict classify(const struct flow *flow, const struct closing *closing,
			const struct cause_rules *rules);

/* What a call on that side's socket returned (verdicts.md 5); 'way' is that of the side's facts. */
enum saw application_saw(const struct flow *flow, const struct closing *closing, enum close close,
			 enum side side, const struct way *way);

#endif
