/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report.h - a sink that writes records to an output, each in some format: CSV, NDJSON, the list.
 *
 * A new format is a file with a struct report_format and an option for it.
 */
#ifndef LASTACK_UI_REPORT_H
#define LASTACK_UI_REPORT_H

#include "analyzer/record.h"
#include "dissect/capture.h"
#include "ui/columns.h"
#include "ui/outlet.h"
#include "ui/output.h"
#include "ui/select.h"
#include "ui/this_host.h"

/* What a format is told besides the row. */
struct report_options {
	struct column_list columns; /* what CSV and NDJSON hold */
	struct only only;	    /* which rows */
	bool verbose;		    /* the list: a second line a row */
	bool heading;		    /* the list: a line over the columns */
	bool at_once;		    /* every row is handed to the output as it comes */
	int width;		    /* the list: columns of the terminal it goes to, 0 = it goes to none */
	bool several_inputs;
	bool nanoseconds;	/* times have nine digits; may become true between two rows */
	struct this_host *host; /* who knows the processes of ends; NULL for files; not owned */
};

enum { REPORT_ROW_MAX = OUTLET_ROW_MAX }; /* bytes; every format's head and row fit */

/* Both are given texts with room for REPORT_ROW_MAX bytes more. */
struct report_format {
	/* What stands before the first row; NULL = nothing. It may come to nothing. */
	void (*head)(struct text *text, const struct report_options *options);
	void (*row)(struct text *text, const struct row *row, const struct report_options *options);
	const char *begin; /* what every row begins with, where there is no head */
};

extern const struct report_format report_csv, report_json, report_list;

struct report;

/*
 * A report to output in that format. captures (for names of inputs), output and
 * options are not owned and must outlive it. NULL with errno = ENOMEM.
 */
struct report *report_new(const struct report_format *format, struct output *output,
			  const struct report_options *options, const struct captures *captures);

/* The same to an outlet, which has been given its head. */
struct report *report_new_live(const struct report_format *format, struct outlet *outlet,
			       const struct report_options *options, const struct captures *captures);

/* The sink to give records to; owned by the report. What fails is kept in output->error. */
struct sink *report_sink(struct report *report);

/*
 * The same in two steps, for a report to an output that is not written at once. Any thread may make a row out
 * of a record, in text with room for REPORT_ROW_MAX bytes more: nothing where the row is not meant. It is
 * then taken, by the thread that has the report, in the order of struct sink.
 */
void report_make_row(const struct report *report, const struct record *record, bool nanoseconds,
		     struct text *text);
void report_take_row(struct report *report, const char *row, size_t n);

/* Hands all that is still held to the output. */
void report_finish(struct report *report);

void report_free(struct report *report); /* NULL is fine */

#endif
