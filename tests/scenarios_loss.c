/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scenarios_loss.c - what the capture lost may be what a verdict misses; what was seen stays certain. */
#include "scenario.h"

/* A scenario is a line or three: clang-format would make ten of them. */
/* clang-format off */
const struct scenario scenarios_loss[] = {
	{ .name = "a SYN-ACK may have been lost by the capture",
	  .script = "> S 0; +1 > S 0; lost 1s; ~ 10s",
	  .row = { { .close = "unanswered", .confidence = "likely" } } },
	{ .name = "also while the answer was still waited for",
	  .script = "> S 0; +1 > S 0; ~ 10s; lost 1s; ~ 10s",
	  .row = { { .close = "unanswered", .confidence = "likely" } } },
	{ .name = "what was lost before the SYN is not its answer",
	  .script = "pair 1; open; lost 1s; pair 0; +2 > S 0; +1 > S 0; ~ 10s",
	  .row = { { .close = "open" }, { .close = "unanswered", .confidence = "certain" } } },
	{ .name = "nothing was lost, and it is certain",
	  .script = "> S 0; +1 > S 0; ~ 10s",
	  .row = { { .close = "unanswered", .confidence = "certain" } } },
	{ .name = "what is lost after its record has ended does not concern it", .syn_idle = 5,
	  .script = "> S 0; ~ 10s; lost 2s; ~ 10s",
	  .row = { { .close = "unanswered", .confidence = "certain" } } },

	{ .name = "the end of a handshake may have been lost",
	  .script = "> S 0; < S. 0 ack 1; +1 < S. 0 ack 1; lost 0.5s; ~ 10s",
	  .row = { { .close = "abandoned", .closer = "none", .confidence = "likely" } } },
	{ .name = "a handshake that a RST ended was seen to end",
	  .script = "> S 0; < S. 0 ack 1; > R 1; lost 1s; ~ 10s",
	  .row = { { .close = "abandoned", .closer = "client", .confidence = "certain" } } },

	{ .name = "data repeated in vain may have been answered",
	  .script = "open; +100 > P. 1:101(100) ack 1; +0.2 > P. 1:101(100) ack 1; +0.4 > P. 1:101(100) ack 1; "
		    "lost 0.2s; +0.8 > P. 1:101(100) ack 1; ~ 10s",
	  .row = { { .close = "vanished", .confidence = "likely" } } },
	{ .name = "what was lost long before the data does not matter to it",
	  .script = "open; lost 1s; +100 > P. 1:101(100) ack 1; < . 1 ack 101; +1 > P. 101:201(100) ack 1; "
		    "+0.2 > P. 101:201(100) ack 1; +0.4 > P. 101:201(100) ack 1; "
		    "+0.8 > P. 101:201(100) ack 1; ~ 10s",
	  .row = { { .close = "vanished", .cause = "data", .confidence = "certain" } } },
	{ .name = "what was lost before the first copy was acknowledged, neither",
	  .script = "open; > P. 1:101(100) ack 1; lost 1s; +100 < . 1 ack 101; > P. 101:201(100) ack 1; "
		    "+0.2 > P. 101:201(100) ack 1; +0.4 > P. 101:201(100) ack 1; "
		    "+0.8 > P. 101:201(100) ack 1; ~ 10s",
	  .row = { { .close = "vanished", .confidence = "certain" } } },
	{ .name = "keepalive probes may have been answered",
	  .script = "open; > P. 1:101(100) ack 1; < . 1 ack 101; +60 > . 100 ack 1; lost 1s; +60 > . 100 ack 1; "
		    "+60 > . 100 ack 1; +60 > . 100 ack 1",
	  .row = { { .close = "vanished", .cause = "keepalive", .confidence = "likely" } } },

	{ .name = "the answer to a FIN may have been lost",
	  .script = "open; +100 > F. 1 ack 1; +0.2 > F. 1 ack 1; lost 0.1s; ~ 10s",
	  .row = { { .close = "closing", .confidence = "likely" } } },
	{ .name = "what was lost before the FIN was not its answer",
	  .script = "open; lost 1s; +100 > F. 1 ack 1; +0.2 > F. 1 ack 1; ~ 10s",
	  .row = { { .close = "closing", .confidence = "certain" } } },
	{ .name = "the second FIN may have been lost",
	  .script = "open; +100 > F. 1 ack 1; < . 1 ack 2; ~ 10s; lost 0.1s; ~ 10s",
	  .row = { { .close = "half-closed", .confidence = "likely" } } },
	{ .name = "both FINs may have been lost",
	  .script = "open; > P. 1:101(100) ack 1; < . 1 ack 101; ~ 10s; lost 0.1s; ~ 10s",
	  .row = { { .close = "open", .confidence = "likely" } } },
	{ .name = "whoever went on after the loss was open",
	  .script = "open; > P. 1:101(100) ack 1; < . 1 ack 101; lost 1s; +10 > P. 101:201(100) ack 1; "
		    "< . 1 ack 201; ~ 10s",
	  .row = { { .close = "open", .confidence = "certain" } } },

	{ .name = "a close that was seen is certain whatever was lost",
	  .script = "talk; lost 1s; > F. 101 ack 201; < F. 201 ack 102; > . 102 ack 202; lost 1s",
	  .row = { { .close = "graceful", .confidence = "certain" } } },
	{ .name = "so is a last ACK that the repeated FIN denies",
	  .script = "talk; > F. 101 ack 201; < F. 201 ack 102; > . 102 ack 202; lost 1s; +0.2 < F. 201 ack 102; "
		    "> . 102 ack 202; lost 1s",
	  .row = { { .close = "graceful", .cause = "last-ack-lost", .confidence = "certain" } } },
	{ .name = "and what a reset answers",
	  .script = "talk; > F. 101 ack 201; < . 201 ack 102; < P. 201:301(100) ack 102; > R 102; lost 10s",
	  .row = { { .close = "reset", .cause = "late-data", .confidence = "certain" } } },
	{ .name = "probes before a reset may have been answered",
	  .script = "talk; +45 > . 100 ack 201; +10 > . 100 ack 201; lost 1s; +10 > . 100 ack 201; "
		    "+10 > R. 101 ack 201",
	  .row = { { .close = "reset", .cause = "keepalive-dead", .confidence = "likely" } } },
	{ .name = "not by what was lost before them",
	  .script = "talk; lost 1s; +45 > . 100 ack 201; +10 > . 100 ack 201; +10 > . 100 ack 201; "
		    "+10 > R. 101 ack 201",
	  .row = { { .close = "reset", .cause = "keepalive-dead", .confidence = "certain" } } },
	{ .name = "nor by what was lost after the reset",
	  .script = "talk; +45 > . 100 ack 201; +10 > . 100 ack 201; +10 > . 100 ack 201; "
		    "+10 > R. 101 ack 201; ~ 2s; lost 1s",
	  .row = { { .close = "reset", .cause = "keepalive-dead", .confidence = "certain" } } },
	{ .name = "an idle time may not have been idle",
	  .script = "talk; +3 > . 101 ack 201; lost 1s; +4 < F. 201 ack 101; +0.002 > P. 101:201(100) ack 201; "
		    "< R 201",
	  .row = { { .close = "reset", .cause = "keepalive-race", .confidence = "likely" } } },
	{ .name = "nor may that before a request that passes before the FIN",
	  .script = "talk; +3 > . 101 ack 201; ~ 1s; lost 0.5s; +4 > P. 101:201(100) ack 201; +0.002 < F. 201 ack 101; "
		    "+0.001 > . 201 ack 202; < R 201; +0.003 < R 202",
	  .row = { { .close = "reset", .cause = "keepalive-race|late-data", .confidence = "likely" } } },
	{ .name = "what was lost after the race is none of it",
	  .script = "talk; +7 < F. 201 ack 101; +0.002 > P. 101:201(100) ack 201; < R 201; +1 > R 201; "
		    "lost 0.5s",
	  .row = { { .close = "reset", .cause = "keepalive-race", .confidence = "certain" } } },
	{ .name = NULL },
};
/* clang-format on */
