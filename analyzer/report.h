/* SPDX-License-Identifier: GPL-2.0-or-later */
/* report.h - a flow whose record has ended, as a record (record.h). Pure. */
#ifndef LASTACK_ANALYZER_REPORT_H
#define LASTACK_ANALYZER_REPORT_H

#include "analyzer/cause.h"
#include "analyzer/flow.h"
#include "analyzer/record.h"

/* How and when a record came to its end. */
struct ending {
	struct moment at;
	enum record_end why;
	bool reused;	   /* a new SYN took the pair */
	int64_t time_wait; /* 2MSL, ns */
};

/*
 * The facts of one end that its row's states are made of: those of the flow, and that a TIME-WAIT ran out
 * or was reused. closing may be NULL.
 */
fact_list report_facts(const struct flow *flow, const struct closing *closing, const struct ending *ending,
		       enum side side);

/*
 * Fills in *record; closing is NULL for a connection that never began to end, text where no RST said
 * anything. brief: see struct sink.
 */
void report(const struct flow *flow, const struct closing *closing, const struct ending *ending,
	    const struct rst_text *text, const struct cause_rules *rules, bool brief, struct record *record);

#endif
