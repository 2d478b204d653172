/* SPDX-License-Identifier: GPL-2.0-or-later */
/* writers.h - all that one run writes: the reports of --csv, --json and --list, events, explanations, the
 * summary. */
#ifndef LASTACK_UI_WRITERS_H
#define LASTACK_UI_WRITERS_H

#include "analyzer/record.h"
#include "dissect/capture.h"
#include "ui/explain.h"
#include "ui/options.h"
#include "ui/outlet.h"
#include "ui/summary.h"
#include "ui/this_host.h"

struct writers;

/*
 * Opens and empties the outputs that the options ask for. An output that is an input too, or is given twice,
 * is refused. NULL when something is wrong; it has then been complained about. options are not owned.
 * While interfaces are watched, rows are added to what their files hold, and all further files are opened
 * through opener_direct() until writers_use_opener(); see outlet.h.
 */
struct writers *writers_open(const struct options *options);

/*
 * Rows name the processes of this host and the summary shows its kernel's counters: for live runs, to be
 * called before writers_start(). host is not owned and must last as long as records come and the summary is
 * printed.
 */
void writers_watch_host(struct writers *writers, struct this_host *host);

/* Makes ready for records. captures and timers are not owned. False with errno = ENOMEM. */
bool writers_start(struct writers *writers, const struct captures *captures, const struct timers *timers,
		   uint64_t seed);

/* What --explain keeps; owned by the writers, NULL without that option. */
struct explain *writers_explain(const struct writers *writers);

/* The sink to give records to; owned by the writers. */
struct sink *writers_sink(struct writers *writers);

/*
 * Times have nine digits from now on: some input has such. Told by who reads, at the same record in every
 * run; while records come the captures may be another thread's, and are asked for names only.
 */
void writers_use_nanoseconds(struct writers *writers);

/*
 * Whether rows can be made apart from where they are written, by several threads: where one report and a
 * summary are all there is. writers_make_row() is then report_make_row(), by any thread; and what it made is
 * told with writers_take_row() instead of giving the record to the sink: brief is enough then.
 */
bool writers_rows_apart(const struct writers *writers);
void writers_make_row(const struct writers *writers, const struct record *record, bool nanoseconds,
		      struct text *text);
void writers_take_row(struct writers *writers, const struct record *record, const char *row, size_t n);

/* False when there is no use in going on: an output failed, or nobody is left who reads one. */
bool writers_wanted(const struct writers *writers);

/*
 * Reads the captures again and writes --pcap's packets, if it is given; fragments = segments were put
 * together from fragments. False after a complaint.
 */
bool writers_slice(struct writers *writers, struct captures *captures, bool fragments);

/* Writes the rows and events that are still held. */
void writers_finish(struct writers *writers);

/* Prints what --explain asks for, when the packets have been read again. False with errno = ENOMEM. */
bool writers_print_explanations(struct writers *writers, const struct captures *captures);

/*
 * Prints the summary, if it is wanted: colours, characters, -v and the kernel's counters of *input are filled
 * in here. False with errno = ENOMEM.
 */
bool writers_summarise(struct writers *writers, struct summary_input *input);

/*
 * For watching. tick: to be called every 100 ms or so with the time, ns since 1970; it writes what is held,
 * begins new files, and tries again what failed. reopen: at the next tick files are opened again by their
 * names (SIGHUP). counts: of all rows' outputs together; zeros where files are analysed.
 */
void writers_use_opener(struct writers *writers, struct opener *opener);
void writers_tick(struct writers *writers, int64_t wall_ns);
void writers_reopen(struct writers *writers);
struct output_counts writers_counts(const struct writers *writers);

/* Closes everything. False when an output failed, which has then been complained about. */
bool writers_close(struct writers *writers);

void writers_free(struct writers *writers); /* NULL is fine */

#endif
