/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * watched.h - one interface that is watched: opened with libpcap, its frames taken out of the kernel's ring
 * in batches, its state and its losses. Private to dissect/.
 */
#ifndef LASTACK_DISSECT_WATCHED_H
#define LASTACK_DISSECT_WATCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/capture.h"
#include "dissect/filter.h"
#include "dissect/frame.h"
#include "dissect/input.h"

enum { WATCHED_BLOCK_MS = 50 }; /* the kernel gives a block of its ring after so long, full or not */

struct watched;

/*
 * Opens an interface, "any" for all. What it needs later it opens now. shared->complain is told what is
 * wrong, then NULL; or what cannot be done as wished. name must outlive it.
 */
struct watched *watched_open(const char *name, const struct watch_options *options, struct inputs *shared);

/* The descriptor to poll for POLLIN; its errors are for watched_read(). */
int watched_fd(const struct watched *w);

enum watched_result {
	/* After a complaint that makes it failed. What passed before may still come, by more reading. */
	WATCHED_GONE = -1,
	WATCHED_NONE = 0, /* there is none, or no room for one */
	WATCHED_SOME = 1,
};

/*
 * Takes over what the kernel has, at most a batch. Frames that watched_first() gave are not valid any more.
 * now is CLOCK_MONOTONIC's, in ns.
 */
enum watched_result watched_read(struct watched *w, int64_t now);

/*
 * A time that is later than CLOCK_REALTIME's by more than that cannot be: that clock was set back since. A
 * little does not matter, it is overtaken soon.
 */
#define WATCHED_SET_BACK (INT64_C(10) * 1000000000)

/* The clock was set back to that moment: what was read before is not later than it. */
void watched_set_back(struct watched *w, struct moment moment);

/* Says if it went down, or came up again, unless it was asked a moment ago (hurry: then too). */
enum watched_result watched_look(struct watched *w, int64_t now, bool hurry);

/* The first frame that was read, without its packet number, and the time of its reading; NULL = none. */
const struct frame *watched_first(const struct watched *w, int64_t *read);

/* Done with that one. */
void watched_next(struct watched *w);

/* How many were read and are not done with. */
uint64_t watched_waiting(const struct watched *w);

/* No more than that is read before some were given out. */
bool watched_full(const struct watched *w);

/* The time of the last frame that was read; what came before it has been read, too. */
struct moment watched_last(const struct watched *w);

/* Adds what was lost so far. Asks the kernel. */
void watched_loss(struct watched *w, struct capture_loss *loss);

void watched_close(struct watched *w); /* NULL is fine */

#endif
