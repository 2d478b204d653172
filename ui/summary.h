/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * summary.h - the answer at a glance: records in, one page of text for people out.
 *
 * A summary is fed as a sink while a capture is read and printed once at the end. Its
 * memory is bounded whatever the records say. The text depends on the records and the
 * input alone: not on the seed, the locale or the terminal, which the caller looks at.
 */
#ifndef LASTACK_UI_SUMMARY_H
#define LASTACK_UI_SUMMARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "analyzer/record.h"
#include "analyzer/tracker.h"
#include "dissect/capture.h"
#include "dissect/dissect.h"
#include "ui/kernel.h"

enum { SUMMARY_COLUMNS = 80 }; /* no line is wider, whatever the addresses */

struct summary_options {
	int64_t time_wait; /* 2MSL, ns, the tracker's; > 0 */
	uint32_t ports;	   /* ephemeral ports of a host; 0 = 28,232, Linux's default */
	size_t entries;	   /* hosts, services and TIME-WAIT holders remembered, each; 0 = 65,536 */
	uint64_t seed;	   /* of the hashes; random in production, fixed in tests */
};

/* What the records do not say: totals of the parts that read, and how to write. */
struct summary_input {
	struct dissect_counts dissect;
	struct tracker_counts tracker;
	uint64_t packets;	   /* that the inputs held, with those that did not match the filter */
	size_t inputs;		   /* files asked for */
	size_t inputs_failed;	   /* of these: could not be opened, or ended before their end */
	struct moment first, last; /* of any packet; not looked at when there was none */
	bool none_matched;	   /* no packet that was dissected: all were there for what they may quote */
	const char *filter;	   /* -f, NULL = none; not owned */
	const struct kernel_report *kernel; /* what this host's kernel counted; NULL for files; not owned */
	bool watched;			    /* the inputs are interfaces */
	bool closes_only;		    /* segments with payload were not captured */
	struct capture_loss loss;	    /* packets that passed and were not captured */
	bool interrupted;		    /* stopped by a signal before the end of the input */
	bool verbose;			    /* -v: longer lists, and counters that are normal too */
	bool colours;			    /* write ANSI colours */
	bool utf8;			    /* bars and arrows beyond ASCII */
};

struct summary;

/* NULL with errno = ENOMEM or EINVAL (time_wait <= 0). */
struct summary *summary_new(const struct summary_options *options);

/* The sink to give records to; owned by the summary, valid until summary_free(). */
struct sink *summary_sink(struct summary *summary);

/*
 * Writes the page to out and flushes it. 0, or -1 with errno when out cannot be written
 * to or memory is out. May be called repeatedly (the records so far are in it).
 */
int summary_print(struct summary *summary, FILE *out, const struct summary_input *input);

void summary_free(struct summary *summary); /* NULL is fine */

#endif
