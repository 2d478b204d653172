/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scenario.h - the ways in which the generated connections go, each with the verdict that it must get. */
#ifndef LASTACK_BENCH_SCENARIO_H
#define LASTACK_BENCH_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FROM_CLIENT, FROM_SERVER };

enum op {
	OP_BODY = '@',	    /* requests and responses, all acknowledged */
	OP_LAND = '|',	    /* what was in flight arrives */
	OP_SYN = 'S',	    /* a SYN-ACK if the peer's SYN has arrived */
	OP_ACK = 'A',	    /* */
	OP_DATA = 'D',	    /* */
	OP_FIN = 'F',	    /* */
	OP_LAST_DATA = 'G', /* data with FIN */
	OP_ABORT = 'R',	    /* the RST of a live socket */
	OP_REPLY = 'r',	    /* the RST where no socket is, to the peer's last segment */
	OP_BLIND = 'B',	    /* a stranger's RST, in the window but not exact */
	OP_FOREIGN = 'X',   /* a stranger's RST with exact numbers */
	OP_STRAY_SYN = 'Y', /* an old SYN of this pair that wandered about in the network */
	OP_KEEPALIVE = 'K', /* a probe below what was sent */
	OP_ICMP = 'I',	    /* "destination unreachable" about the client's SYN */
	OP_AGAIN = 'x',	    /* this side's last SYN, data or FIN once more, after its timeout */
};

enum wait { WAIT_NONE, WAIT_APPLICATION = '.', WAIT_IDLE = '_' };
/* FATE_LOST: after the tap; FATE_UNSEEN: it arrives, but the capture missed it. */
enum fate { FATE_ARRIVES, FATE_LOST = '!', FATE_IN_FLIGHT = '~', FATE_UNSEEN = '^' };

/* One packet to come (or OP_BODY, OP_LAND). */
struct step {
	uint8_t op, from, wait, fate;
	bool more; /* zero to three times again */
};

enum { SCENARIO_STEPS_MAX = 24 };

struct scenario {
	unsigned weight; /* its share of all connections */
	const char *name;
	const char *close, *closer; /* the truth, in the words of vocabulary.h */
	/*
	 * The packets as the tap sees them: '>' from the client or '<' from the server, then an enum op.
	 * Before it '.' or '_' (enum wait), after it '!', '~' or '^' (enum fate), or '*' (more).
	 */
	const char *script;
};

extern const struct scenario scenarios[];
extern const size_t scenario_count;

/* A scenario's steps; returns how many. The scripts are ours: a mistake in one ends the program. */
size_t scenario_steps(const struct scenario *s, struct step steps[static SCENARIO_STEPS_MAX]);

#endif
