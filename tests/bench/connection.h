/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * connection.h - one connection that follows a scenario packet by packet, as two Linux hosts would send them
 * and a tap between the hosts would see them: sequence numbers, timestamps, IP IDs and TTLs of each end.
 */
#ifndef LASTACK_BENCH_CONNECTION_H
#define LASTACK_BENCH_CONNECTION_H

#include "tests/bench/packet.h"
#include "tests/bench/random.h"
#include "tests/bench/scenario.h"

/* A scenario with its script read. */
struct plan {
	const struct scenario *scenario;
	struct step steps[SCENARIO_STEPS_MAX];
	size_t count;
};

/* What one end last sent: what an answer or a repetition needs. */
struct sent {
	uint32_t seq, ack;
	uint16_t len; /* payload */
	uint8_t flags;
};

struct end {
	struct address address;
	uint16_t port;
	uint16_t ip_id;
	uint32_t next;	  /* the sequence number that it sends next */
	uint32_t expects; /* what it has received up to */
	bool in_flight;	  /* the peer has not received the last of what it sent yet */
	bool got_syn;
	uint8_t ttl;
	uint32_t clock_offset;	/* of its timestamps (RFC 7323) */
	uint32_t clock_seen;	/* the peer's latest */
	struct sent last;	/* of any kind */
	struct sent repeatable; /* the last that took sequence space */
	int64_t path;		/* ns from the tap to this end and back */
};

struct connection {
	const struct plan *plan;
	int64_t at;	   /* when the tap sees the next packet, ns since 1970 */
	int64_t idle;	   /* how long it waits where the scenario says so */
	struct end end[2]; /* FROM_CLIENT, FROM_SERVER */
	struct step step;  /* the next packet */
	size_t next_step;  /* after it, index into the plan */
	uint8_t previous;  /* who sent the last packet */
	uint8_t timeouts;  /* in a row */
	uint8_t again;	   /* repetitions of step.more left */
	bool ipv6, options;
	/* The body: 'talker' answers requests in bursts. */
	uint8_t talker, unacknowledged;
	bool lost;
	uint16_t burst;
	int32_t body_left; /* packets */
	uint16_t payload;  /* as in struct body */
};

/* Who talks to whom. */
struct endpoints {
	struct address address[2];
	uint16_t port[2];
	bool ipv6;
};

/* What its applications say to each other. */
struct body {
	int32_t packets;  /* about so many */
	uint16_t payload; /* of each data segment, at most what fits; a burst has one ACK. 0 = as usual */
};

/*
 * A new connection whose first packet passes the tap at 'at'. 'before' is an earlier connection of the same
 * addresses and ports, or NULL; it may be c itself.
 */
void connection_begin(struct connection *c, const struct plan *plan, const struct endpoints *who, int64_t at,
		      struct body body, const struct connection *before, struct random *r);

/* What passes the tap at c->at: the frame's headers (returns their length) and *payload zero bytes. */
size_t connection_frame(struct connection *c, struct random *r, uint8_t *headers, size_t *payload);

/* Moves c->at on to the next packet; false when there is none. */
bool connection_advance(struct connection *c, struct random *r);

#endif
