/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scenario.h - a connection as text, and what lastack must say of it.
 *
 * One event per line; lines end with '\n' or ';', what follows '#' is a comment.
 *
 *   > FLAGS [SEQ[:END[(LEN)]]] [ack N] [OPTION...]     a segment from the client; '<' from the server
 *   < icmp WHAT quoting SEQ      an ICMP error for the client, quoting its segment
 *   = [OPTION...]                the previous frame once more, as a mirror port shows it
 *   ~ N s                        the clock is N seconds later, without a packet
 *   lost N s                     the capture lost packets in the last N seconds
 *   open                         the three-way handshake: packets 1 to 3
 *   talk                         the same, a request of 100 bytes, an answer of 200 and its ACK: packets 1 to
 * 6 new N                        both sides' numbers now count from N above their ISNs pair N what follows is
 * of the client's next port but N habits client HABIT...       the client's host is not like Linux; 'habits
 * server' is the server's
 *
 * FLAGS, SEQ and ack are tcpdump's: S F P R U E W and '.' for ACK; numbers are relative to each
 * side's ISN, so the SYN is 0 and the first byte of data 1 ("P. 1:101(100) ack 1"). Without SEQ a segment
 * stands at the highest number that side has sent. '.' and ack go together.
 *
 * Every event comes STEP_NS after the one before ('=' DUPLICATE_NS), or as "+SECONDS" before it says.
 * Packets are numbered from 1.
 *
 * Both sides look like Linux: TTL 64, IPv4 IDs that count up per side (0 in a SYN-ACK), timestamps,
 * window scale 7, window 64240 in SYNs and 500 else. A RST without ACK, and a RST before which its sender has
 * sent nothing, is the answer of a host that has no such socket: window 0, ID 0, no timestamps, and absolute
 * SEQ 0 if it has ACK. Any other RST has its side's habits. OPTIONs change that:
 *
 *   win N, ttl N, id N, ts N   as said            nots        no timestamps
 *   wscale N, nowscale         of a SYN           sack L:R    a SACK block
 *   nodf                       may be fragmented  text 'T'    what a RST's payload says
 *   mptcp N                    of a RST: the MPTCP option with that reason (RFC 8684 3.6)
 *   reply                      as if from a host without the socket
 *   foreign                    as a box on the way makes it: TTL 37, ID 4660, window 0, no timestamps
 *   unmatched                  did not match -f itself
 *
 * and HABITs all that follows (IDs are IPv4's):
 *
 *   ttl N                      initial TTL        nots        timestamps were not negotiated
 *   id random, id zero, id constant N, id step N  IDs, without Linux's exceptions
 *   rst nots, rst win N, rst ttl N                of its RSTs only; the window of live sockets' RSTs
 *
 * WHAT is one of net, host, port, too-big, time-exceeded (each family's own), or TYPE/CODE.
 */
#ifndef LASTACK_TESTS_SCENARIO_H
#define LASTACK_TESTS_SCENARIO_H

#include <stddef.h>

#include "analyzer/record.h"

enum {
	SCENARIO_ROWS_MAX = 4,
	SCENARIO_STEPS_MAX = 96,
	SCENARIO_PAIRS_MAX = 4,
	NONE = -1, /* an expected number that must be zero */
};

/*
 * What a row must say. Words are those of the output, "a|b" = either, NULL = not checked. Numbers: 0 = not
 * checked, NONE = zero. A row is there when its 'close' is; "*" = any close.
 */
struct expected_row {
	const char *close, *closer, *time_wait, *time_wait_side, *path, *record_end;
	const char *client_states, *server_states; /* the whole way, "A>B>C"; "*>B" = ends so */
	const char *client_saw, *server_saw;
	const char *midstream; /* "yes" or "no" */
	const char *cause;     /* "" = none */
	const char *confidence;
	/* The cause in truth, where the wire does not show it: named or not, no other may be "certain". "" =
	 * none may. */
	const char *truth;
	const char *evidence; /* numbers, among others, of packets that the cause rests on: "7 8" */
	const char *rst_family, *rst_text, *timer;
	int trigger, closing_packet;
	int mptcp_reason; /* of the MPTCP option, which must be there */
	int packets;	  /* of both sides */
	int client_bytes, server_bytes, client_after_fin, server_after_fin, client_lost, server_lost;
	int client_retransmits, server_retransmits;
	int syn_retransmits, fin_retransmits, rst_count, rst_ignored, packets_after_close, duplicates;
	/* Milliseconds. */
	int handshake, teardown, idle_before_close, time_wait_left, time_wait_held;
	int client_close_wait, server_close_wait, client_fin_wait_2, server_fin_wait_2;
};

/* The known timers are always 60 s "a proxy", 240 s "a gateway" and 350 s "a load balancer". */
struct scenario {
	const char *name; /* a sentence */
	const char *script;
	struct expected_row row[SCENARIO_ROWS_MAX]; /* in the order of their first packets */
	int family;				    /* 4 or 6 where only one makes sense, 0 = both */
	int client_port, server_port;		    /* 0 = 40000 and 443 */
	int time_wait, idle, syn_idle, max_flows;   /* options: seconds; 0 = 60, never, never, unbounded */
	int fin_timeout;			    /* seconds; 0 = 60 */
};

/* A table of scenarios; ends with one that has no name. */
extern const struct scenario scenarios_open[], scenarios_fin[], scenarios_close[], scenarios_reset[],
	scenarios_foreign[], scenarios_time_wait[], scenarios_silence[], scenarios_capture[],
	scenarios_cost[], scenarios_loss[];

/* The same, of causes. */
extern const struct scenario scenarios_cause_fin[], scenarios_cause_abort[], scenarios_cause_forged[],
	scenarios_cause_hosts[], scenarios_cause_other[];

/* One of the ways in which a scenario is run; the result must be the same in all. */
struct scenario_way {
	bool ipv6;
	bool client_higher; /* the client's address is the greater one */
	bool wrap;	    /* ISNs just below 2^32 */
	bool at_once;	    /* fed in one batch; else segment by segment */
};

/* A segment to feed, or (tick) a moment to tell. */
struct scenario_step {
	bool tick;
	int64_t lost; /* of a tick: ns before it in which packets were lost; 0 = none */
	struct moment at;
	struct segment segment;
};

struct scenario_steps {
	struct scenario_step step[SCENARIO_STEPS_MAX];
	size_t count;
	const char *error; /* why the script could not be read, static; NULL = fine */
	int line;	   /* and where, from 1 */
};

/* Turns the script into steps, as one way wants it. False: steps->error and line say why not. */
bool scenario_read(const struct scenario *scenario, const struct scenario_way *way,
		   struct scenario_steps *steps);

#endif
