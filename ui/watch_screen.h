/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watch_screen.h - the dashboard of a run that watches interfaces: when it opens, where it gets packets from,
 * and what becomes of complaints while it has the terminal.
 */
#ifndef LASTACK_UI_WATCH_SCREEN_H
#define LASTACK_UI_WATCH_SCREEN_H

#include "analyzer/tracker.h"
#include "dissect/capture.h"
#include "ui/dashboard.h"
#include "ui/options.h"
#include "ui/this_host.h"

struct watch_screen;

/* Whether there is to be one: on a terminal that nothing else is written to. */
bool watch_screen_wanted(const struct options *options);

/*
 * Starts what opens its files: before the door. NULL after a complaint. options are
 * not owned.
 */
struct watch_screen *watch_screen_open(const struct options *options);

/* Who watches, and how. Not owned; they last until watch_screen_close(). */
struct watch_screen_parts {
	struct captures *captures;
	const struct tracker_options *tracker_options;
	const struct timers *timers;
	struct this_host *host; /* knows its processes */
};

/*
 * Takes over the terminal; complaints are kept from now on. False after a complaint: then there is none, and
 * the watching can go on without.
 */
bool watch_screen_show(struct watch_screen *screen, const struct watch_screen_parts *parts);

/* The sink to give records and changes to, after watch_screen_show(); owned. */
struct sink *watch_screen_sink(struct watch_screen *screen);

/* Who knows what lives; not owned. */
void watch_screen_begin(struct watch_screen *screen, struct tracker *tracker);

/* As dashboard_turn(), now. False when the user has had enough. */
bool watch_screen_turn(struct watch_screen *screen, const struct capture_loss *loss);

/* Gives the terminal back, keeps the settings, and says what there was to complain of. */
void watch_screen_close(struct watch_screen *screen); /* NULL is fine */

#endif
