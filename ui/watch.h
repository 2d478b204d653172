/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watch.h - what a run that watches interfaces has besides capturing and analysing: the processes that may
 * still open files and ask whose a socket is, what this host knows, metrics; and the chores that fall due
 * while packets pass.
 */
#ifndef LASTACK_UI_WATCH_H
#define LASTACK_UI_WATCH_H

#include "analyzer/tracker.h"
#include "dissect/capture.h"
#include "ui/options.h"
#include "ui/run.h"
#include "ui/writers.h"

struct watch;

/*
 * Opens all of it, while that is still allowed: to be called after writers_open() and before writers_start(),
 * by a process with one thread. Nothing is owned. NULL after a complaint.
 */
struct watch *watch_open(const struct options *options, struct requests *requests, struct writers *writers,
			 uint64_t seed);

/* Whom the tracker tells all, after writers_start(); owned by the watch. It gives to the writers, too. */
struct sink *watch_sink(struct watch *watch);

/* What is watched, and by whom. Not owned; they must last until watch_close(). */
void watch_begin(struct watch *watch, struct captures *captures, struct tracker *tracker);

/*
 * Whether chores are due: ten times a second. What has been captured by then is to be analysed first. Costs
 * some nanoseconds.
 */
bool watch_due(struct watch *watch);

/* Does them: rows out, new files, losses, metrics, processes. Never waits but for what rows are written to.
 */
void watch_chores(struct watch *watch);

/* Ends the processes. The host's knowledge stays, for the summary. */
void watch_rest(struct watch *watch);

void watch_close(struct watch *watch); /* NULL is fine; after the writers were freed */

#endif
