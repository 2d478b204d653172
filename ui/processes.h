/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * processes.h - the processes of this host that have the ends of connections: decides when to ask (sockets.h
 * answers, elsewhere) and keeps what was answered until the connection's record is written.
 *
 * An end is asked for when it is first seen in a state in which an application may have it, if its address is
 * one of this host's, and again after 50 ms, 300 ms, 2 s and 10 s while its own process is not known: it may
 * not have accepted it yet, or not have been met. Never waits. Memory is bounded: questions that find no room
 * are not asked, and of more connections than 'max' some are forgotten; their rows name nobody.
 */
#ifndef LASTACK_UI_PROCESSES_H
#define LASTACK_UI_PROCESSES_H

#include "analyzer/record.h"
#include "ui/addresses.h"
#include "ui/process.h"
#include "ui/sockets.h"

enum { PROCESSES_MAX = 1 << 20 };

/* Who knows. A struct whose first member is this one. */
struct asker {
	/* Passes a question on, never waits. False: not now. */
	bool (*ask)(struct asker *asker, const struct socket_question *question);
	/* The next answer, never waits. False: none yet. What is not answered is not asked again. */
	bool (*answer)(struct asker *asker, struct socket_answer *answer);
};

struct processes_options {
	struct asker *asker;		   /* not owned */
	const struct addresses *addresses; /* not owned */
	uint64_t seed;			   /* of the hash; random in production */
	size_t max;			   /* connections; 0 = PROCESSES_MAX */
};

struct processes_counts {
	uint64_t asked;	      /* questions passed on, repeated ones too */
	uint64_t passed_over; /* questions for which there was no room */
	uint64_t forgotten;   /* connections for which there was no room */
};

struct processes;

/* NULL with errno = ENOMEM. */
struct processes *processes_new(const struct processes_options *options);

/* An end of a connection has another state (struct sink). */
void processes_change(struct processes *processes, const struct change *change);

/*
 * Takes answers in and passes questions on. now = nanoseconds of a clock that does not run backwards. To be
 * called often, every 10 ms at best; a call without work costs next to nothing.
 */
void processes_work(struct processes *processes, int64_t now);

/*
 * What is known of a connection (struct change's, struct record's first_packet): two processes, by enum side;
 * NULL = nothing. Valid until the next call.
 */
const struct process *processes_find(struct processes *processes, uint64_t connection);

/* Its record has been written. */
void processes_forget(struct processes *processes, uint64_t connection);

struct processes_counts processes_counts(const struct processes *processes);

void processes_free(struct processes *processes); /* NULL is fine */

#endif
