/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tally.h - counts over records: how connections closed, who began, why, how long the
 * unfinished ones have been so, and which hosts and services stand out. Bounded memory.
 */
#ifndef LASTACK_ANALYZER_TALLY_H
#define LASTACK_ANALYZER_TALLY_H

#include <stddef.h>
#include <stdint.h>

#include "analyzer/heavy.h"
#include "analyzer/record.h"

struct tally;

struct tally_options {
	size_t entries; /* hosts, services and so on remembered, each; 0 = 16,384 */
	uint64_t seed;	/* of the hashes; random in production, fixed in tests */
};

/* How many, and who began it; in causes of CLOSE_RESET and in resets_in: who sent the RST. */
struct tally_group {
	uint64_t count;
	uint64_t by_closer[CLOSER_COUNT]; /* add up to count */
};

/* The connection in which something lasted longest; the first of equals. */
struct tally_longest {
	int64_t ns; /* UNKNOWN_NS = none yet */
	struct host host[2];
	uint16_t port[2];
	enum side side; /* whose: in CLOSE-WAIT, or with an unacknowledged FIN; else meaningless */
};

/* What had been closed already when a RST ended a connection. */
enum tally_phase {
	TALLY_BEFORE_FIN, /* neither side had sent FIN */
	TALLY_AFTER_CLIENT_FIN,
	TALLY_AFTER_SERVER_FIN,
	TALLY_AFTER_BOTH_FINS,
	TALLY_PHASE_COUNT,
};

struct tally_counts {
	uint64_t records, midstream;
	uint64_t by_end[RECORD_END_COUNT];
	struct tally_group closes[CLOSE_COUNT];
	struct tally_group causes[CLOSE_COUNT][CAUSE_COUNT]; /* of that close; add up to its group */
	struct tally_group silent; /* of CLOSE_OPEN: no payload either way since the handshake was seen */
	struct tally_group resets_in[TALLY_PHASE_COUNT]; /* add up to CLOSE_RESET */
	uint64_t one_sided; /* of those that were answered: packets of one side only were seen */
	uint64_t lingering, lingering_at[HOLDER_COUNT]; /* of graceful, simultaneous and reset */
	uint64_t saw[2][SAW_COUNT];			/* by enum side */
	uint64_t lossy_resets, lost_bytes; /* resets with bytes sent and never acknowledged, and how many */
	uint64_t rst_ignored;		   /* RSTs that their receivers did not accept */
	struct tally_longest age[CLOSE_COUNT]; /* of vanished and unfinished closes: see tally_age() */
	struct tally_longest silent_age;
	struct tally_longest close_wait, fin_wait_2; /* ended or not */
};

/* NULL with errno = ENOMEM or EINVAL. */
struct tally *tally_new(const struct tally_options *options);

void tally_record(struct tally *tally, const struct record *record);

/*
 * The same for who knows a record a while before it is counted, as heavy.h has it: tally_fetch() and
 * tally_fetch_on() start to fetch what tally_record_fetched() of this record will look at.
 */
struct tally_fetch {
	struct heavy_fetch client, server; /* their programs; server: of a failed attempt, its target */
	struct heavy_fetch resetter;
};
struct tally_fetch tally_fetch(const struct tally *tally, const struct record *record);
void tally_fetch_on(const struct tally_fetch *fetch);
void tally_record_fetched(struct tally *tally, const struct record *record, const struct tally_fetch *fetch);

/* Valid until tally_free(); follows what is recorded. */
const struct tally_counts *tally_counts(const struct tally *tally);

/*
 * How long the record's connection had been as it was when the record ended, ns: open since its first
 * packet, half-closed since one side entered CLOSE-WAIT, closing since its first FIN (as far as the record
 * says). UNKNOWN_NS for what is finished.
 */
int64_t tally_age(const struct record *record);

/* A host that sent RSTs that ended connections. */
struct tally_host {
	struct host host;
	uint64_t resets;
};

/* Established connections of one server address and port. */
struct tally_service {
	struct host host;
	uint16_t port;
	uint64_t connections, resets;
};

/* Attempts to connect to one address and port that failed. */
struct tally_target {
	struct host host;
	uint16_t port;
	uint64_t attempts;
	uint64_t by_close[CLOSE_COUNT]; /* refused, unreachable, unanswered, abandoned: add up to attempts */
};

/* One program's connections in CLOSE-WAIT when their records ended: what it has not closed. */
struct tally_stuck {
	struct host host,
		server; /* the program's, and the service's: the same where the program is the server */
	uint16_t port;	/* the service's, on whichever side the program is */
	enum side side; /* whether the program is client or server */
	uint64_t connections;
	int64_t longest; /* ns */
};

/* A program that ends nearly all its connections by an active RST, as with SO_LINGER 0. */
struct tally_aborter {
	struct host host;
	uint16_t port;	      /* the service's, on whichever side the program is */
	uint64_t connections; /* established, health checks not counted */
	uint64_t aborts;      /* of these, ended by its RST; keepalives that died are none */
};

/* Connections without payload that one host opened to one service and ended itself, again and again. */
struct tally_check {
	struct host client, server;
	uint16_t port;
	uint64_t connections;
	uint64_t aborted; /* of these, by RST: CAUSE_HEALTH_CHECK; the others were graceful */
	int64_t interval; /* ns from one to the next, 0 = not regular: rhythm.h says what is */
};

/*
 * The first n (at most TALLY_TOP_MAX): most resets, attempts or connections first, then by address and port;
 * services by their share of resets, and only those with at least 'least' connections and one reset.
 * Return how many. Where *missed is not 0 the list is approximate: that much may be missing from any number.
 */
enum { TALLY_TOP_MAX = 64 };
size_t tally_hosts(const struct tally *tally, struct tally_host *out, size_t n, uint64_t *missed);
size_t tally_services(const struct tally *tally, uint64_t least, struct tally_service *out, size_t n,
		      uint64_t *missed);
size_t tally_targets(const struct tally *tally, struct tally_target *out, size_t n, uint64_t *missed);
size_t tally_stuck(const struct tally *tally, struct tally_stuck *out, size_t n, uint64_t *missed);

/*
 * The same for habits, most first. Aborters: servers or clients, which ended at least nine tenths of
 * TALLY_HABIT_LEAST or more connections so. Checks: TALLY_CHECKS_LEAST or more were aborted, or they
 * come regularly.
 */
enum { TALLY_HABIT_LEAST = 10, TALLY_CHECKS_LEAST = 3 };
size_t tally_aborters(const struct tally *tally, enum side side, struct tally_aborter *out, size_t n,
		      uint64_t *missed);
size_t tally_checks(const struct tally *tally, struct tally_check *out, size_t n, uint64_t *missed);

void tally_free(struct tally *tally); /* NULL is fine */

#endif
