/* SPDX-License-Identifier: GPL-2.0-or-later */
/* browse_parts.h - what browse.c and browse_source.c share. */
#ifndef LASTACK_UI_BROWSE_PARTS_H
#define LASTACK_UI_BROWSE_PARTS_H

#include "ui/browse.h"
#include "ui/dashboard.h"
#include "ui/saves.h"
#include "ui/slice.h"

enum { BROWSE_SAID_MAX = 20 /* complaints kept */ };

struct browse {
	const struct options *options;
	struct requests *requests;
	bool failed, wanted; /* the user has not had enough */

	struct captures *captures, *again; /* the second: to be read again; may be the same */
	struct dissector *dissector, *second_dissector;
	struct contents *contents;
	struct slice *slice;
	struct timers *timers;
	struct tracker_options tracker_options;
	struct tracker *tracker;
	struct dashboard *dashboard;
	struct saves *saves;

	struct moment turned;  /* clock of the last turn */
	struct moment last;    /* the greatest packet time */
	bool any, over, known; /* known: the second opening was read to its end */
	struct moment first;   /* packet, */
	struct moment started; /* and what the clock said then */

	char *said[BROWSE_SAID_MAX]; /* complaints, to be printed when the terminal is given back */
	size_t said_count;
};

/* What the dashboard may ask. */
struct dashboard_source browse_source(struct browse *browse);

#endif
