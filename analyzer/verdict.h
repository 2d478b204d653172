/* SPDX-License-Identifier: GPL-2.0-or-later */
/* verdict.h - what happened to a connection, by an ordered list of rules (design/verdicts.md 1). Pure. */
#ifndef LASTACK_ANALYZER_VERDICT_H
#define LASTACK_ANALYZER_VERDICT_H

#include "analyzer/flow.h"
#include "analyzer/vocabulary.h"

struct verdict {
	enum close close;
	enum cause cause;
	enum confidence confidence;
	enum closer closer;
	enum closer rst_sender; /* of CLOSE_RESET: client, server or network; else CLOSER_NONE */
};

/* closing is NULL for a connection that never began to end. */
struct verdict classify(const struct flow *flow, const struct closing *closing);

/* What a call on that side's socket returned (verdicts.md 5). */
enum saw application_saw(const struct flow *flow, const struct closing *closing, enum close close,
			 enum side side);

#endif
