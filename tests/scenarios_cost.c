/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scenarios_cost.c - what a close cost. */
#include "scenario.h"

/* A scenario is a line or three: clang-format would make ten of them. */
/* clang-format off */
const struct scenario scenarios_cost[] = {
	/* Time. */
	{ .name = "handshake, idle, teardown",
	  .script = "open; > P. 1:101(100) ack 1; < . 1 ack 101; +2 > F. 101 ack 1; +0.1 < F. 1 ack 102; "
		    "+0.05 > . 102 ack 2",
	  .row = { { .close = "graceful", .handshake = 10, .idle_before_close = 2005, .teardown = 150 } } },
	{ .name = "the teardown of a reset after a FIN ends with the RST",
	  .script = "open; > F. 1 ack 1; +0.1 < . 1 ack 2; +0.4 > R 2",
	  .row = { { .close = "reset", .teardown = 500 } } },
	{ .name = "CLOSE-WAIT counts from the ACK of the FIN to the FIN",
	  .script = "open; > F. 1 ack 1; < . 1 ack 2; +7 < F. 1 ack 2; > . 2 ack 2",
	  .row = { { .close = "graceful", .server_close_wait = 7000, .client_fin_wait_2 = 7005,
		     .client_close_wait = NONE, .server_fin_wait_2 = NONE } } },
	{ .name = "CLOSE-WAIT counts on to the end of the observation",
	  .script = "open; < F. 1 ack 1; > . 1 ack 2; ~ 30s",
	  .row = { { .close = "half-closed", .client_close_wait = 30000, .server_fin_wait_2 = 30000,
		     .server_close_wait = NONE } } },
	{ .name = "CLOSE-WAIT ends with a reset",
	  .script = "open; > F. 1 ack 1; < . 1 ack 2; +3 < R. 1 ack 2; ~ 10s",
	  .row = { { .close = "reset", .server_close_wait = 3000, .client_fin_wait_2 = 3000 } } },

	/* Bytes. */
	{ .name = "bytes count once, however often sent",
	  .script = "open; > P. 1:101(100) ack 1; +0.2 > P. 1:101(100) ack 1; > P. 101:151(50) ack 1; "
		    "< . 1 ack 151",
	  .row = { { .close = "open", .client_bytes = 150, .client_retransmits = 1,
		     .server_retransmits = NONE } } },
	{ .name = "a segment that repeats old bytes and brings new ones is no retransmission",
	  .script = "open; > P. 1:101(100) ack 1; +0.2 > P. 1:151(150) ack 1; < . 1 ack 151",
	  .row = { { .close = "open", .client_bytes = 150, .client_retransmits = NONE } } },
	{ .name = "a repeated part of what was sent is a retransmission",
	  .script = "open; > P. 1:201(200) ack 1; < . 1 ack 101; +0.2 > P. 101:201(100) ack 1; "
		    "< . 1 ack 201",
	  .row = { { .close = "open", .client_bytes = 200, .client_retransmits = 1 } } },
	{ .name = "SYN and FIN are no bytes",
	  .script = "open; > F. 1 ack 1; < F. 1 ack 2; > . 2 ack 2",
	  .row = { { .close = "graceful", .client_bytes = NONE, .server_bytes = NONE } } },
	{ .name = "disconnect data: what is sent after acknowledging the other's FIN",
	  .script = "open; > F. 1 ack 1; < . 1 ack 2; < P. 1:1001(1000) ack 2; > . 2 ack 1001; "
		    "< F. 1001 ack 2; > . 2 ack 1002",
	  .row = { { .close = "graceful", .server_bytes = 1000, .server_after_fin = 1000,
		     .client_after_fin = NONE } } },
	{ .name = "data that does not acknowledge the FIN yet is none",
	  .script = "open; > F. 1 ack 1; < P. 1:101(100) ack 1; < P. 101:201(100) ack 2; > . 2 ack 201; "
		    "< F. 201 ack 2; > . 2 ack 202",
	  .row = { { .close = "graceful", .server_bytes = 200, .server_after_fin = 100 } } },
	{ .name = "data in the FIN that acknowledges counts as well",
	  .script = "open; > F. 1 ack 1; < FP. 1:51(50) ack 2; > . 2 ack 52",
	  .row = { { .close = "graceful", .server_bytes = 50, .server_after_fin = 50 } } },
	{ .name = "what was not acknowledged when the RST passed is lost",
	  .script = "open; > P. 1:101(100) ack 1; < . 1 ack 101; > P. 101:351(250) ack 1; < R. 1 ack 101",
	  .row = { { .close = "reset", .closer = "server", .client_lost = 250, .server_lost = NONE } } },
	{ .name = "nothing is lost when all was acknowledged",
	  .script = "open; > P. 1:101(100) ack 1; < P. 1:51(50) ack 101; > . 101 ack 51; > R. 101 ack 51",
	  .row = { { .close = "reset", .closer = "client", .client_lost = NONE, .server_lost = NONE } } },
	{ .name = "both may lose",
	  .script = "open; > P. 1:101(100) ack 1; < P. 1:51(50) ack 1; > R. 101 ack 1",
	  .row = { { .close = "reset", .closer = "client", .client_lost = 100, .server_lost = 50 } } },
	{ .name = "a FIN is not among the lost bytes",
	  .script = "open; > FP. 1:101(100) ack 1; < R. 1 ack 1",
	  .row = { { .close = "reset", .client_lost = 100 } } },

	/* Counts. */
	{ .name = "SYNs, FINs and data repeated are counted apart",
	  .script = "> S 0; +1 > S 0; < S. 0 ack 1; > . 1 ack 1; > P. 1:5(4) ack 1; "
		    "+0.2 > P. 1:5(4) ack 1; < . 1 ack 5; > F. 5 ack 1; +0.2 > F. 5 ack 1; < F. 1 ack 6; "
		    "> . 6 ack 2",
	  .row = { { .close = "graceful", .syn_retransmits = 1, .fin_retransmits = 1,
		     .client_retransmits = 1, .server_retransmits = NONE, .packets = 11 } } },
	{ .name = "pure ACKs are no retransmissions",
	  .script = "open; > P. 1:5(4) ack 1; < . 1 ack 5; +0.1 < . 1 ack 5; +0.1 < . 1 ack 5; "
		    "+0.1 < . 1 ack 5",
	  .row = { { .close = "open", .client_retransmits = NONE, .server_retransmits = NONE } } },
	{ .name = NULL },
};
/* clang-format on */
