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

/*
 * Opens the dashboard, if there is to be one. The last thing before the door; nothing is owned and all lasts
 * until watch_close(). False after a complaint, when it was asked for and cannot be.
 */
bool watch_show(struct watch *watch, struct captures *captures, const struct tracker_options *options,
		const struct timers *timers);

/* Whom the tracker tells all, after writers_start() and watch_show(); owned by the watch. It gives to the
 * writers, too. */
struct sink *watch_sink(struct watch *watch);

/* Who watches. Not owned; it must last until watch_close(). */
void watch_begin(struct watch *watch, struct tracker *tracker);

/* Tells who waits at a terminal what is going on, unless the dashboard does: the door is closed. */
void watch_announce(const struct watch *watch);

/*
 * Whether chores are due: ten times a second. What has been captured by then is to be analysed first. Costs
 * some nanoseconds.
 */
bool watch_due(struct watch *watch);

/* Does them: rows out, new files, losses, metrics, processes. Never waits but for what rows are written to.
 */
void watch_chores(struct watch *watch);

/* The last chores, when nothing more passes: the terminal is given back, and what was lost is said. */
void watch_rest(struct watch *watch);

/* Whether something has ended that watching cannot do without, which was complained about. */
bool watch_failed(const struct watch *watch);

void watch_close(struct watch *watch); /* NULL is fine; after the writers were freed */

#endif
