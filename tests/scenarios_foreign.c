/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scenarios_foreign.c - RSTs that neither end sent, and RSTs that only look so. */
#include "scenario.h"

/* A scenario is a line or three: clang-format would make ten of them. */
/* clang-format off */
const struct scenario scenarios_foreign[] = {
	{ .name = "a box on the way resets both ends",
	  .script = "open; > P. 1:4(3) ack 1; < . 1 ack 4; +0.05 < R. 1 ack 4 foreign; "
		    "+0.00004 > R. 4 ack 1 foreign",
	  .row = { { .close = "reset", .closer = "network", .client_saw = "ECONNRESET",
		     .server_saw = "ECONNRESET", .rst_count = 2, .packets_after_close = 1,
		     .client_states = "*>ESTABLISHED>CLOSED", .server_states = "*>ESTABLISHED>CLOSED" } } },
	{ .name = "a box on the way resets the client's end only",
	  .script = "open; > P. 1:4(3) ack 1; < P. 1:11(10) ack 4; > . 4 ack 11; +1 < R. 11 ack 4 foreign",
	  .row = { { .close = "reset", .closer = "network", .client_saw = "ECONNRESET", .rst_count = 1,
		     .rst_ignored = NONE } } },
	{ .name = "a box on the way resets the server's end only",
	  .script = "open; > P. 1:4(3) ack 1; < P. 1:11(10) ack 4; > . 4 ack 11; +1 > R. 4 ack 11 foreign",
	  .row = { { .close = "reset", .closer = "network", .server_saw = "ECONNRESET", .rst_count = 1 } } },
	{ .name = "data from the supposed sender goes on after its RST",
	  .script = "open; > P. 1:4(3) ack 1; < . 1 ack 4; +0.05 < R. 1 ack 4 foreign; "
		    "+0.2 < P. 1:9(8) ack 4; > R 4",
	  .row = { { .close = "reset", .closer = "network", .client_saw = "ECONNRESET",
		     .server_saw = "ECONNRESET", .rst_count = 2 } } },
	{ .name = "data going on beyond its number betrays even a faithful copy",
	  .script = "open; > P. 1:4(3) ack 1; < . 1 ack 4; +0.05 < R. 1 ack 4; +0.2 < P. 1:9(8) ack 4; "
		    "> R 4",
	  .row = { { .close = "reset", .closer = "network", .client_saw = "ECONNRESET" } } },
	{ .name = "a gateway that forgot the connection answers sooner than its server could",
	  .script = "open; > P. 1:4(3) ack 1; < . 1 ack 4; < P. 1:3(2) ack 4; > . 4 ack 3; "
		    "+300 > P. 4:14(10) ack 3; +0.00003 < R. 3 ack 14 ttl 253 nots win 500",
	  .row = { { .close = "reset", .closer = "network", .client_saw = "ECONNRESET" } } },
	{ .name = "a ladder of guesses",
	  .script = "open; > P. 1:4(3) ack 1; < P. 1:11(10) ack 4; > . 4 ack 11; +1 < R 11 foreign; "
		    "+0.0001 < R 1471 foreign; +0.0001 < R 2931 foreign",
	  .row = { { .close = "reset", .closer = "network", .client_saw = "ECONNRESET", .rst_count = 3 } } },
	{ .name = "an abort with its side's own habits is that side's",
	  .script = "open; > P. 1:4(3) ack 1; < P. 1:11(10) ack 4; > . 4 ack 11; +1 < R. 11 ack 4",
	  .row = { { .close = "reset", .closer = "server", .client_saw = "ECONNRESET",
		     .server_saw = "-" } } },
	{ .name = "a host that answers for a socket it does not have answers itself",
	  .script = "open; > P. 1:4(3) ack 1; < P. 1:11(10) ack 4; > . 4 ack 11; +1 > P. 4:14(10) ack 11; "
		    "< R 11",
	  .row = { { .close = "reset", .closer = "server", .client_saw = "ECONNRESET",
		     .server_saw = "-" } } },
	{ .name = "a foreign RST that is not acceptable closes nothing",
	  .script = "open; > P. 1:4(3) ack 1; < P. 1:11(10) ack 4; > . 4 ack 11; "
		    "+1 < R. 12 ack 4 foreign; > . 4 ack 11; > P. 4:8(4) ack 11; < . 11 ack 8",
	  .row = { { .close = "open", .closer = "none", .rst_ignored = 1 } } },
	{ .name = "a foreign RST that was dropped closes nothing",
	  .script = "open; > P. 1:4(3) ack 1; < P. 1:11(10) ack 4; > . 4 ack 11; "
		    "+1 < R. 11 ack 4 foreign; +1 > P. 4:8(4) ack 11; < . 11 ack 8; +1 > F. 8 ack 11; "
		    "< F. 11 ack 9; > . 9 ack 12",
	  .row = { { .close = "graceful", .closer = "client", .rst_ignored = 1 } } },
	{ .name = "a foreign RST after a FIN: the FIN came first",
	  .script = "open; > F. 1 ack 1; < . 1 ack 2; +1 < R. 1 ack 2 foreign",
	  .row = { { .close = "reset", .closer = "client|network", .client_saw = "ECONNRESET" } } },
	{ .name = NULL },
};
/* clang-format on */
