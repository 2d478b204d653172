/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * model.h - what the dashboard knows: a sink that keeps the connections that live, the last so many that have
 * closed, and counts over all. Bounded memory. Views read it; it reads no clock and draws nothing.
 *
 * A record comes up to 2MSL after its close, which is late for somebody who watches. So a connection counts
 * as closed as soon as its states say so, by what the tracker would tell of it at that moment ('look'); its
 * record, when it comes, takes the place of that, and the counts follow. What is taken back lives again.
 * Without 'look', and where nobody tells changes, a connection counts as closed when its record comes.
 */
#ifndef LASTACK_UI_MODEL_H
#define LASTACK_UI_MODEL_H

#include "analyzer/census.h"
#include "analyzer/ledger.h"
#include "analyzer/record.h"
#include "ui/peers.h"
#include "ui/process.h"
#include "ui/timeline.h"

struct model;

/* What would be told of a connection if its record ended now: tracker_look() of the tracker in 'context'. */
typedef bool model_look(void *context, const struct host host[static 2], const uint16_t port[static 2],
			uint64_t connection, struct record *record);

/* The processes that have its ends, by enum side; NULL = nothing is known. Valid until the next call. */
typedef const struct process *model_name(void *context, const struct record *record);

struct model_options {
	size_t records;	   /* closed connections kept; 0 = MODEL_RECORDS */
	size_t live;	   /* living connections listed; 0 = MODEL_LIVE */
	int64_t time_wait; /* 2MSL, ns; > 0 */
	uint64_t seed;	   /* of the hashes; random in production, fixed in tests */
	bool whole;	   /* the time line holds all the time: captures */
	model_look *look;  /* NULL = none */
	model_name *name;  /* NULL = none */
	void *context;	   /* of look and name */
};

enum { MODEL_RECORDS = 100000, MODEL_LIVE = 200000 };

/* A connection that lives, or one that has closed and whose record is still to come. */
struct live {
	uint64_t connection; /* first packet of it, which names it */
	struct moment start;
	struct moment since[2]; /* when its ends came to their states */
	struct host host[2];	/* by enum side */
	uint16_t port[2];
	uint8_t state[2];
	bool closed;	       /* it is among the closed ones, as number: */
	bool unsettled;	       /* whether it has closed is to be looked at */
	uint64_t number;       /* struct kept's */
	uint32_t older, newer; /* of those that are not closed; model.c's */
};

/* A connection that has closed. */
struct kept {
	struct record record;
	struct process process[2]; /* that had its ends; by enum side */
	bool final;		   /* its record has ended; else it is what was known when it closed */
	bool gone;		   /* taken back: to be passed over */
};

struct model_counts {
	struct moment since; /* when they were last zero; ns = 0: from the beginning */
	uint64_t opened;     /* handshakes that were completed */
	uint64_t records;    /* add up over closes */
	uint64_t closes[CLOSE_COUNT];
	uint64_t closers[CLOSE_COUNT][CLOSER_COUNT];
	uint64_t causes[CLOSE_COUNT][CAUSE_COUNT];
	uint64_t reused, assassinated; /* TIME-WAITs */
	uint64_t rst_ignored, midstream;
	int64_t close_wait;		/* longest of those that closed, ns; UNKNOWN_NS = none */
	uint64_t close_wait_connection; /* whose */
	enum side close_wait_side;
};

/* NULL with errno = ENOMEM or EINVAL. */
struct model *model_new(const struct model_options *options);

/* Give it records and changes; owned by the model. */
struct sink *model_sink(struct model *model);

/* Another 'look' and 'name' than the options', before anything is told. */
void model_set_look(struct model *model, model_look *look, model_name *name, void *context);

/* Between batches: looks at what has closed. 'now' is the observation's time. */
void model_settle(struct model *model, struct moment now);

/* The observation's time as told last, or of what was told last. */
struct moment model_now(const struct model *model);

/* Valid until the model changes, as all that follow. */
const struct model_counts *model_counts(const struct model *model);
const struct timeline *model_timeline(const struct model *model);
const struct peers *model_peers(const struct model *model);
const struct census *model_census(const struct model *model);
const struct ledger *model_ledger(const struct model *model);
int64_t model_time_wait(const struct model *model);

/* Zeroes the counts, hosts, services and what has become of TIME-WAITs; connections and the time line stay.
 */
bool model_zero(struct model *model);

/*
 * Those that have closed have numbers, the last to close the greatest: all from model_first() to before
 * model_next(). 'forgotten' is how many more there were.
 */
uint64_t model_first(const struct model *model);
uint64_t model_next(const struct model *model);
const struct kept *model_kept(const struct model *model,
			      uint64_t number); /* NULL: it is not there, or gone */
uint64_t model_forgotten(const struct model *model);

/* How many were taken back, so far; and what goes up whenever one that lives comes or goes. */
uint64_t model_taken_back(const struct model *model);
uint64_t model_live_version(const struct model *model);

/* Those that live, the newest first: NULL after the last. */
const struct live *model_newest(const struct model *model);
const struct live *model_older(const struct model *model, const struct live *live);
uint64_t model_live_count(const struct model *model);	 /* all */
uint64_t model_live_unlisted(const struct model *model); /* of these, not listed for lack of room */

/* One that lives, or that has closed and whose record is still to come; NULL = neither. */
const struct live *model_find(const struct model *model, uint64_t connection);

/* Any one of those, to go through all: in no meaningful order, from 0 to before model_slots(); NULL = none.
 */
const struct live *model_slot(const struct model *model, size_t i);
size_t model_slots(const struct model *model);

/* What can be told of one that lives: by 'look', else only what its states say. */
void model_look_at(const struct model *model, const struct live *live, struct record *record);

/* Its processes, as far as they are known now; others stay as they were. */
void model_name_of(const struct model *model, const struct record *record, struct process process[static 2]);

void model_free(struct model *model); /* NULL is fine */

#endif
