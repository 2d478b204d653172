/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ledger.h - the TIME-WAIT ledger: who holds how many, towards whom, and how many at most
 * at once. Bounded memory. Design: ../shared/design/verdicts.md 6.
 *
 * What a client holds towards one service blocks that many of its ephemeral ports for it, so clients are
 * counted by (client, server address, server port). What a server holds blocks none of its ports; servers
 * are counted by their own address and port.
 */
#ifndef LASTACK_ANALYZER_LEDGER_H
#define LASTACK_ANALYZER_LEDGER_H

#include <stddef.h>
#include <stdint.h>

#include "analyzer/heavy.h"
#include "analyzer/record.h"

struct ledger;

struct ledger_options {
	int64_t time_wait; /* 2MSL, ns; > 0 */
	size_t entries;	   /* holders remembered; 0 = 16,384 */
	uint64_t seed;	   /* of the hash; random in production, fixed in tests */
};

/* A simultaneous close makes two: one at each side. */
struct ledger_totals {
	uint64_t made;				/* all that were ever held */
	uint64_t by_time_wait[TIME_WAIT_COUNT]; /* add up to made: [TIME_WAIT_NONE] is 0 */
	uint64_t peak;	  /* most at once, looked at eight times a 2MSL and at the end; never 0 after one */
	uint64_t held_ms; /* time held, of all together */
};

struct ledger_row {
	struct host holder;
	struct host peer; /* all zero when side is SERVER */
	uint16_t port;	  /* the service's: the peer's for a client, its own for a server */
	enum side side;	  /* whether the holder is client or server */
	uint64_t made, now, reused, assassinated;
	uint64_t peak; /* as above */
};

enum { LEDGER_TOP_MAX = 64 };

/* NULL with errno = ENOMEM or EINVAL. */
struct ledger *ledger_new(const struct ledger_options *options);

/* Records must come in the order in which they ended, as a tracker gives them. */
void ledger_record(struct ledger *ledger, const struct record *record);

/* The same for who knows a record a while before it is counted, as tally.h has it. */
struct ledger_fetch {
	struct heavy_fetch holder[2]; /* by enum side */
};
struct ledger_fetch ledger_fetch(const struct ledger *ledger, const struct record *record);
void ledger_fetch_on(const struct ledger_fetch *fetch);
void ledger_record_fetched(struct ledger *ledger, const struct record *record,
			   const struct ledger_fetch *fetch);

struct ledger_totals ledger_totals(const struct ledger *ledger);

/*
 * The first n (at most LEDGER_TOP_MAX) holders on that side of the connection: by what they hold now, then
 * the peak, then what was made, then addresses and port. Returns how many. Where *missed is not 0 the list
 * is approximate: that much may be missing from any of its numbers.
 */
size_t ledger_top(const struct ledger *ledger, enum side side, struct ledger_row *out, size_t n,
		  uint64_t *missed);

void ledger_free(struct ledger *ledger); /* NULL is fine */

#endif
