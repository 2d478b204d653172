/* SPDX-License-Identifier: GPL-2.0-or-later */
/* peers.h - what is known of hosts and of services: how their connections closed and how long that took. */
#ifndef LASTACK_UI_PEERS_H
#define LASTACK_UI_PEERS_H

#include <stddef.h>

#include "analyzer/record.h"
#include "ui/spread.h"

enum { PEERS_MAX = 2048 }; /* hosts remembered, and services: those with most connections */

struct peers;

/* Which: a service is a server's address and port, of a host the port is 0. */
struct peer_name {
	struct host host;
	uint16_t port;
};

struct peer {
	uint64_t connections;
	uint64_t closes[CLOSE_COUNT];	       /* add up to that */
	uint64_t resets_sent, resets_received; /* that ended connections; received ones may be forged */
	uint64_t fin_retransmits;	       /* of its connections, by either side */
	struct spread teardown, close_wait;    /* the second: its own side's */
};

/* NULL with errno = ENOMEM. */
struct peers *peers_new(uint64_t seed);

/* One connection has closed. */
void peers_record(struct peers *peers, const struct record *record);

/* Hosts or services that there are, in no meaningful order; valid until the next peers_record(). */
size_t peers_count(const struct peers *peers, bool services);
const struct peer *peers_at(const struct peers *peers, bool services, size_t i, struct peer_name *name);

/* How many connections may be missing from any: 0 = all is exact. */
uint64_t peers_missed(const struct peers *peers, bool services);

void peers_free(struct peers *peers); /* NULL is fine */

#endif
