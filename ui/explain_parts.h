/* SPDX-License-Identifier: GPL-2.0-or-later */
/* explain_parts.h - what explain.c hands to explain_print.c. */
#ifndef LASTACK_UI_EXPLAIN_PARTS_H
#define LASTACK_UI_EXPLAIN_PARTS_H

#include "dissect/capture.h"
#include "ui/explain.h"
#include "ui/ladder.h"

struct explained {
	struct ladder *ladders[EXPLAIN_MAX]; /* each with its record */
	size_t n;
	uint64_t more; /* connections that are meant too, and have no room */
	const struct timers *timers;
	struct contents *contents; /* what the connections sent, by record's first packet; NULL = not told */
	bool several_inputs;
};

void explained_print(const struct explained *explained, struct page *page, const struct captures *captures,
		     uint64_t forgotten);

#endif
