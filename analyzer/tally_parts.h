/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tally_parts.h - what a tally holds, for tally.c, which counts, and tally_top.c, which ranks. */
#ifndef LASTACK_ANALYZER_TALLY_PARTS_H
#define LASTACK_ANALYZER_TALLY_PARTS_H

#include "analyzer/heavy.h"
#include "analyzer/rhythm.h"
#include "analyzer/tally.h"

/* A program, or the place where one listens. Without padding, as heavy.h asks. */
struct place {
	struct host host;
	uint16_t port; /* the service's, on either side */
	uint16_t side;
};

/* A program that does not close: a client is one towards each of its servers. Without padding. */
struct stuck_place {
	struct place place;
	struct host server; /* all zero when the program is the server */
};

/* Who looks whether a service answers. Without padding. */
struct check {
	struct host client, server;
	uint16_t port;
};

struct program_value {
	uint64_t resets; /* whoever sent the RST */
	uint64_t checks; /* were health checks */
	uint64_t aborts; /* the program itself ended by an active RST; no checks */
};

struct target_value {
	uint64_t by_close[CLOSE_COUNT];
};

struct stuck_value {
	int64_t longest;
};

struct check_value {
	uint64_t aborted; /* by RST: CAUSE_HEALTH_CHECK */
	struct rhythm rhythm;
};

struct tally {
	struct tally_counts counts;
	struct heavy *hosts;	/* struct host, by resets sent */
	struct heavy *services; /* struct place, by established connections */
	struct heavy *clients;	/* the same, of their other ends */
	struct heavy *targets;	/* struct place, by failed attempts */
	struct heavy *stuck;	/* struct stuck_place, by connections in CLOSE-WAIT */
	struct heavy *checks;	/* struct check, by connections without payload */
};

#endif
