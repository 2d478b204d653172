/* SPDX-License-Identifier: GPL-2.0-or-later */
/* summary.c - see summary.h; the sections are in summary_*.c. */
#include "ui/summary.h"

#include <errno.h>
#include <stdlib.h>

#include "ui/plain.h"
#include "ui/summary_parts.h"

/* Linux's ip_local_port_range, 32768 to 60999. */
enum { SUMMARY_PORTS = 28232, SUMMARY_TOP = 3, SUMMARY_TOP_VERBOSE = 20 };

/*
 * Records are counted a few later than they come: where, is known at once, and is far from the cache.
 * Meanwhile it is fetched, in two steps.
 */
enum { COUNTED_LATER = 8, FETCHED_ON_LATER = 4 };

struct later {
	struct record record;
	struct tally_fetch tally;
	struct ledger_fetch ledger;
};

struct summary {
	struct sink sink;
	struct summary_options options;
	struct tally *tally;
	struct ledger *ledger;
	struct later later[COUNTED_LATER]; /* record number n at n modulo COUNTED_LATER */
	uint64_t taken, counted;	   /* records, so far */
};

/* In the order of the page. */
static void (*const sections[])(struct page *page, const struct summary_view *view) = {
	summary_read,	  summary_closes,     summary_resets,	 summary_failed,
	summary_vanished, summary_unfinished, summary_time_wait, summary_saw,
	summary_habits,	  summary_kernel,     summary_notable,
};

static struct later *later_at(struct summary *summary, uint64_t number)
{
	return &summary->later[number % COUNTED_LATER];
}

static void count_next(struct summary *summary)
{
	const struct later *later = later_at(summary, summary->counted++);

	tally_record_fetched(summary->tally, &later->record, &later->tally);
	ledger_record_fetched(summary->ledger, &later->record, &later->ledger);
}

static void fetch_on(const struct later *later)
{
	tally_fetch_on(&later->tally);
	ledger_fetch_on(&later->ledger);
}

static void summary_record(struct sink *sink, const struct record *record)
{
	struct summary *summary = (struct summary *)sink;
	struct later *later = later_at(summary, summary->taken);

	if (summary->taken - summary->counted == COUNTED_LATER)
		count_next(summary);
	record_copy_brief(&later->record, record);
	later->tally = tally_fetch(summary->tally, record);
	later->ledger = ledger_fetch(summary->ledger, record);
	if (summary->taken >= FETCHED_ON_LATER)
		fetch_on(later_at(summary, summary->taken - FETCHED_ON_LATER));
	summary->taken++;
}

struct summary *summary_new(const struct summary_options *options)
{
	struct tally_options tally = { .entries = options->entries, .seed = options->seed };
	struct ledger_options ledger = { .time_wait = options->time_wait,
					 .entries = options->entries,
					 .seed = options->seed };
	struct summary *summary = calloc(1, sizeof *summary);
	int error;

	if (!summary)
		return NULL;
	summary->sink.record = summary_record;
	summary->options = *options;
	summary->tally = tally_new(&tally);
	summary->ledger = summary->tally ? ledger_new(&ledger) : NULL;
	if (summary->ledger)
		return summary;
	error = errno;
	summary_free(summary);
	errno = error;
	return NULL;
}

struct sink *summary_sink(struct summary *summary)
{
	return &summary->sink;
}

static int64_t time_between(struct moment first, struct moment last)
{
	int64_t ns;

	if (last.ns <= first.ns)
		return 0;
	return __builtin_sub_overflow(last.ns, first.ns, &ns) ? INT64_MAX : ns;
}

int summary_print(struct summary *summary, FILE *out, const struct summary_input *input)
{
	struct page page = { .out = out, .colours = input->colours, .utf8 = input->utf8 };
	struct summary_view view = {
		.tally = summary->tally,
		.counts = tally_counts(summary->tally),
		.ledger = summary->ledger,
		.input = input,
		.time_wait = summary->options.time_wait,
		.ports = summary->options.ports ? summary->options.ports : SUMMARY_PORTS,
		.observed = input->dissect.frames ? time_between(input->first, input->last) : 0,
		.top = input->verbose ? SUMMARY_TOP_VERBOSE : SUMMARY_TOP,
	};

	while (summary->counted < summary->taken)
		count_next(summary);
	errno = 0;
	for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
		sections[i](&page, &view);
	if (fflush(out) == 0 && !ferror(out))
		return 0;
	errno = errno ? errno : EIO;
	return -1;
}

void summary_missed(struct page *page, int indent, uint64_t missed)
{
	if (missed > 0)
		page_say(page, indent,
			 "(too many to remember all: the list is approximate, up to %s may be missing from "
			 "each number)",
			 plain_number(missed).s);
}

void summary_free(struct summary *summary)
{
	if (!summary)
		return;
	tally_free(summary->tally);
	ledger_free(summary->ledger);
	free(summary);
}
