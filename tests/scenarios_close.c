/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scenarios_close.c - where one close ends and the next begins. */
#include "scenario.h"

/* A scenario is a line or three: clang-format would make ten of them. */
/* clang-format off */
const struct scenario scenarios_close[] = {
	/* RST and both FINs. */
	{ .name = "a RST after both FINs were acknowledged does not change the verdict",
	  .script = "open; > F. 1 ack 1; < F. 1 ack 2; > . 2 ack 2; +0.1 < R 2",
	  .row = { { .close = "graceful", .closer = "client", .rst_count = 1 } } },
	{ .name = "nor does one after a simultaneous close",
	  .script = "open; > F. 1 ack 1; < F. 1 ack 1; > . 2 ack 2; < . 2 ack 2; +0.1 < R 2",
	  .row = { { .close = "simultaneous", .closer = "both", .rst_count = 1 } } },
	{ .name = "a RST instead of the last ACK is a reset: the second FIN met a side already gone",
	  .script = "open; > F. 1 ack 1; < . 1 ack 2; +1 < F. 1 ack 2; > R 2",
	  .row = { { .close = "reset", .closer = "client", .time_wait = "none",
		     .client_states = "*>FIN-WAIT-2>CLOSED",
		     .server_states = "*>CLOSE-WAIT>LAST-ACK>CLOSED", .server_saw = "EOF",
		     .rst_count = 1, .rst_ignored = NONE } } },
	{ .name = "a RST between two crossed FINs and their ACKs is a reset",
	  .script = "open; > F. 1 ack 1; < F. 1 ack 1; < . 2 ack 2; > R 2",
	  .row = { { .close = "reset", .time_wait = "none", .server_states = "*>CLOSING>CLOSED" } } },
	{ .name = "a RST one off after the second FIN does not stop the last ACK",
	  .script = "open; > F. 1 ack 1; < F. 1 ack 2; > R 3 foreign; > . 2 ack 2",
	  .row = { { .close = "graceful", .closer = "client", .rst_ignored = 1,
		     .time_wait = "lingering" } } },

	/* Failed attempts come before, silence after. */
	{ .name = "an established connection is not unanswered for lack of data",
	  .script = "open; ~ 3600s",
	  .row = { { .close = "open", .closer = "none", .record_end = "end" } } },
	{ .name = "data repeated three times after a FIN is half-closed, not vanished",
	  .script = "open; > F. 1 ack 1; < . 1 ack 2; < P. 1:11(10) ack 2; +0.2 < P. 1:11(10) ack 2; "
		    "+0.4 < P. 1:11(10) ack 2; +0.8 < P. 1:11(10) ack 2",
	  .row = { { .close = "half-closed", .closer = "client", .server_retransmits = 3 } } },
	{ .name = "data and FIN repeated three times is closing, not vanished",
	  .script = "open; > FP. 1:5(4) ack 1; +0.2 > FP. 1:5(4) ack 1; +0.4 > FP. 1:5(4) ack 1; "
		    "+0.8 > FP. 1:5(4) ack 1",
	  .row = { { .close = "closing", .closer = "client", .time_wait = "none", .fin_retransmits = 3 } } },
	{ .name = "data repeated three times and then acknowledged may close gracefully",
	  .script = "open; > P. 1:5(4) ack 1; +0.2 > P. 1:5(4) ack 1; +0.4 > P. 1:5(4) ack 1; "
		    "+0.8 > P. 1:5(4) ack 1; < . 1 ack 5; > F. 5 ack 1; < F. 1 ack 6; > . 6 ack 2",
	  .row = { { .close = "graceful", .closer = "client", .client_retransmits = 3 } } },
	{ .name = "a RST ends what would have vanished",
	  .script = "open; > P. 1:5(4) ack 1; +0.2 > P. 1:5(4) ack 1; +0.4 > P. 1:5(4) ack 1; "
		    "+0.8 > P. 1:5(4) ack 1; < R 1",
	  .row = { { .close = "reset", .closer = "server", .client_saw = "ECONNRESET" } } },

	/* What belongs to whom. */
	{ .name = "two ports are two connections",
	  .script = "open; > F. 1 ack 1; pair 1; open; pair 0; < F. 1 ack 2; > . 2 ack 2; pair 1; "
		    "> R. 1 ack 1",
	  .row = { { .close = "graceful", .closer = "client", .packets = 6 },
		   { .close = "reset", .closer = "client", .packets = 4 } } },
	{ .name = "segments after a close belong to it",
	  .script = "open; > F. 1 ack 1; < F. 1 ack 2; > . 2 ack 2; +5 < . 2 ack 2; +5 > . 2 ack 2",
	  .row = { { .close = "graceful", .packets = 8, .packets_after_close = 2 } } },
	{ .name = "data after a reset belongs to it",
	  .script = "open; > R. 1 ack 1; +0.002 < P. 1:11(10) ack 1",
	  .row = { { .close = "reset", .closer = "client", .packets = 5, .packets_after_close = 1 } } },
	{ .name = NULL },
};
/* clang-format on */
