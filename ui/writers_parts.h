/* SPDX-License-Identifier: GPL-2.0-or-later */
/* writers_parts.h - what writers_open.c (opening) and writers.c (the rest) share; see writers.h. */
#ifndef LASTACK_UI_WRITERS_PARTS_H
#define LASTACK_UI_WRITERS_PARTS_H

#include "ui/events.h"
#include "ui/outlet.h"
#include "ui/report.h"
#include "ui/slice.h"
#include "ui/writers.h"

enum {
	REPORTS_MAX = 3,	       /* --csv, --json, --list */
	OUTPUTS_MAX = REPORTS_MAX + 3, /* --pcap's, --events', and that of what people read */
};

struct writers {
	struct sink sink; /* first: see record.h */
	const struct options *options;
	struct report_options report_options;
	const struct report_format *formats[REPORTS_MAX];
	struct output plain[OUTPUTS_MAX];
	struct outlet *outlets[OUTPUTS_MAX]; /* owned; NULL for what is in 'plain' */
	struct output *outputs[OUTPUTS_MAX]; /* of these; the reports' first, in their order */
	struct report *reports[REPORTS_MAX];
	size_t output_count, report_count;
	size_t format_count;	     /* reports that there are to be */
	struct output *event_output; /* NULL without --events, as the next */
	struct outlet *event_outlet; /* not NULL: this is it */
	struct events *events;
	struct output *pcap; /* NULL without --pcap, as the next */
	struct slice *slice;
	struct output *page;	 /* of what people read, once it is there */
	struct explain *explain; /* NULL without --explain */
	struct summary *summary; /* NULL with -q */
	struct this_host *host;	 /* NULL for files; not owned */
};

/* Opens all outputs, those in place of others emptied. False after a complaint. */
bool writers_open_outputs(struct writers *writers);

#endif
