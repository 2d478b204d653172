/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * census.h - what is alive now: how many connection ends are in each state, who holds how many in TIME-WAIT
 * towards whom, and who has been in CLOSE-WAIT longest. Bounded memory, constant time a change.
 *
 * It counts every struct change, and an end whose record has ended leaves its last state. Each end is
 * counted by itself, so an established connection counts twice. It reads no clock: whoever asks says what
 * time it is.
 *
 * TIME-WAIT is counted by holder as in ledger.h: clients by (client, server address, server port), because
 * that is what their ephemeral ports are used up for; servers by their own address and port. Where there are
 * more holders at once than 'entries', those that hold least are forgotten: what they hold is then told as
 * that of others, and what they still hold is missing from their number if they are remembered again.
 */
#ifndef LASTACK_ANALYZER_CENSUS_H
#define LASTACK_ANALYZER_CENSUS_H

#include <stddef.h>
#include <stdint.h>

#include "analyzer/record.h"
#include "analyzer/waiting.h"

struct census;

struct census_options {
	int64_t time_wait; /* 2MSL, ns; > 0 */
	size_t entries;	   /* holders remembered on each side, and ends in CLOSE-WAIT; 0 = 16,384 */
	uint64_t seed;	   /* of the hashes; random in production, fixed in tests */
};

struct census_counts {
	uint64_t now[2][STATE_COUNT]; /* by enum side; [STATE_UNKNOWN] is 0 */
	/* How often ends went there since the start. What is retracted later stays counted. */
	uint64_t entered[2][STATE_COUNT];
};

/* NULL with errno = ENOMEM or EINVAL. */
struct census *census_new(const struct census_options *options);

/* In order of time, and all changes of an end before its record: as a tracker gives them. */
void census_change(struct census *census, const struct change *change);
void census_record(struct census *census, const struct record *record);

/* Valid until census_free(); follows what is told. */
const struct census_counts *census_counts(const struct census *census);

/* What one holder, or all on one side, have in TIME-WAIT. */
struct census_time_wait {
	uint64_t now;
	/*
	 * When the oldest of them entered it: a sixteenth of 2MSL too early at most. Where some left before
	 * their time (reused, assassinated) they are taken to have been the oldest. Meaningless when 'now' is
	 * 0.
	 */
	struct moment oldest;
	uint64_t recent; /* entries in the last 'over' ns, from which a rate can be made; */
	int64_t over;	 /* a quarter of 2MSL or up to a sixteenth more, > 0 */
};

struct census_holder {
	struct host holder;
	struct host peer; /* all zero when side is SERVER */
	uint16_t port;	  /* the service's: the peer's for a client, its own for a server */
	enum side side;	  /* whether the holder is client or server */
	struct census_time_wait held;
};

/* Of all ends on that side; 'now' is the caller's time, and not in it where nothing is in TIME-WAIT. */
struct census_time_wait census_time_wait(const struct census *census, enum side side, struct moment now);

/*
 * The first n (at most CENSUS_TOP_MAX) holders on that side by what they hold now, then by address and port;
 * only those that hold something. Returns how many. *others is what is held and not in these.
 */
enum { CENSUS_TOP_MAX = 64 };
size_t census_holders(const struct census *census, enum side side, struct moment now,
		      struct census_holder *out, size_t n, uint64_t *others);

/* The n ends on that side that have been in CLOSE-WAIT longest, that one first. Returns how many. */
size_t census_close_wait(const struct census *census, enum side side, struct waiting_end *out, size_t n);

void census_free(struct census *census); /* NULL is fine */

#endif
