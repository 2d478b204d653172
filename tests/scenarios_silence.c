/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scenarios_silence.c - retries that nobody answers, and those that somebody does. */
#include "scenario.h"

/* A scenario is a line or three: clang-format would make ten of them. */
/* clang-format off */
const struct scenario scenarios_silence[] = {
	/* Data. */
	{ .name = "data repeated three times in vain has vanished",
	  .script = "open; > P. 1:101(100) ack 1; < . 1 ack 101; > P. 101:201(100) ack 1; "
		    "+0.2 > P. 101:201(100) ack 1; +0.4 > P. 101:201(100) ack 1; "
		    "+0.8 > P. 101:201(100) ack 1",
	  .row = { { .close = "vanished", .closer = "none", .time_wait = "none",
		     .client_saw = "ETIMEDOUT", .server_saw = "-", .client_retransmits = 3 } } },
	{ .name = "data repeated twice in vain is open still",
	  .script = "open; > P. 1:101(100) ack 1; < . 1 ack 101; > P. 101:201(100) ack 1; "
		    "+0.2 > P. 101:201(100) ack 1; +0.4 > P. 101:201(100) ack 1",
	  .row = { { .close = "open", .closer = "none", .client_retransmits = 2 } } },
	{ .name = "the server's data may vanish too",
	  .script = "open; > P. 1:101(100) ack 1; < . 1 ack 101; < P. 1:11(10) ack 101; "
		    "+0.2 < P. 1:11(10) ack 101; +0.4 < P. 1:11(10) ack 101; +0.8 < P. 1:11(10) ack 101; "
		    "+1.6 < P. 1:11(10) ack 101",
	  .row = { { .close = "vanished", .closer = "none", .server_saw = "ETIMEDOUT",
		     .client_saw = "-", .server_retransmits = 4 } } },
	{ .name = "data repeated three times and then acknowledged is open",
	  .script = "open; > P. 1:101(100) ack 1; < . 1 ack 101; > P. 101:201(100) ack 1; "
		    "+0.2 > P. 101:201(100) ack 1; +0.4 > P. 101:201(100) ack 1; "
		    "+0.8 > P. 101:201(100) ack 1; < . 1 ack 201",
	  .row = { { .close = "open", .client_retransmits = 3 } } },
	{ .name = "data repeated three times and acknowledged by data is open",
	  .script = "open; > P. 1:101(100) ack 1; < . 1 ack 101; > P. 101:201(100) ack 1; "
		    "+0.2 > P. 101:201(100) ack 1; +0.4 > P. 101:201(100) ack 1; "
		    "+0.8 > P. 101:201(100) ack 1; < P. 1:11(10) ack 201",
	  .row = { { .close = "open", .client_retransmits = 3 } } },
	{ .name = "an ACK that does not cover it does not save it",
	  .script = "open; > P. 1:101(100) ack 1; < . 1 ack 101; > P. 101:201(100) ack 1; "
		    "+0.2 > P. 101:201(100) ack 1; +0.4 > P. 101:201(100) ack 1; "
		    "+0.8 > P. 101:201(100) ack 1; < . 1 ack 101",
	  .row = { { .close = "vanished", .closer = "none" } } },
	{ .name = "what was lost and repeated once each is not vanished",
	  .script = "open; > P. 1:101(100) ack 1; < . 1 ack 101; > P. 101:201(100) ack 1; "
		    "+0.2 > P. 101:201(100) ack 1; < . 1 ack 201; > P. 201:301(100) ack 1; "
		    "+0.2 > P. 201:301(100) ack 1; < . 1 ack 301; > P. 301:401(100) ack 1; "
		    "+0.2 > P. 301:401(100) ack 1; < . 1 ack 401; > P. 401:501(100) ack 1; "
		    "+0.2 > P. 401:501(100) ack 1; < . 1 ack 501",
	  .row = { { .close = "open", .client_retransmits = 4 } } },
	{ .name = "repeated with more at its end it is the same data",
	  .script = "open; > P. 1:101(100) ack 1; < . 1 ack 101; > P. 101:201(100) ack 1; "
		    "+0.2 > P. 101:301(200) ack 1; +0.4 > P. 101:301(200) ack 1; "
		    "+0.8 > P. 101:301(200) ack 1",
	  .row = { { .close = "vanished", .closer = "none", .client_bytes = 300 } } },
	{ .name = "duplicate frames do not make it vanish",
	  .script = "open; > P. 1:101(100) ack 1; < . 1 ack 101; > P. 101:201(100) ack 1; =; =; =",
	  .row = { { .close = "open", .duplicates = 3, .client_retransmits = NONE } } },
	{ .name = "what has vanished stays so when the other side closes later",
	  .script = "open; > P. 1:101(100) ack 1; < . 1 ack 101; > P. 101:201(100) ack 1; "
		    "+0.2 > P. 101:201(100) ack 1; +0.4 > P. 101:201(100) ack 1; "
		    "+0.8 > P. 101:201(100) ack 1; +1.6 > P. 101:201(100) ack 1; +5 < F. 1 ack 101; "
		    "+0.2 < F. 1 ack 101",
	  .row = { { .close = "vanished", .closer = "none", .client_saw = "ETIMEDOUT",
		     .server_saw = "-", .time_wait = "none" } } },
	{ .name = "ICMP errors while data is repeated say why it vanished",
	  .script = "open; > P. 1:101(100) ack 1; < . 1 ack 101; > P. 101:201(100) ack 1; "
		    "< icmp host quoting 101; +0.2 > P. 101:201(100) ack 1; < icmp host quoting 101; "
		    "+0.4 > P. 101:201(100) ack 1; < icmp host quoting 101; +0.8 > P. 101:201(100) ack 1; "
		    "< icmp host quoting 101",
	  .row = { { .close = "vanished", .client_saw = "EHOSTUNREACH" } } },
	{ .name = "a side that aborts what it repeated has reset",
	  .script = "open; > P. 1:101(100) ack 1; < . 1 ack 101; > P. 101:201(100) ack 1; "
		    "+0.2 > P. 101:201(100) ack 1; +0.4 > P. 101:201(100) ack 1; "
		    "+0.8 > P. 101:201(100) ack 1; +1 > R. 201 ack 1",
	  .row = { { .close = "reset", .closer = "client", .client_lost = 100 } } },
	{ .name = "a FIN first, then data repeated in vain, is closing",
	  .script = "open; > F. 1 ack 1; +0.2 > F. 1 ack 1; +0.4 > F. 1 ack 1; +0.8 > F. 1 ack 1; "
		    "+1.6 > F. 1 ack 1",
	  .row = { { .close = "closing", .closer = "client", .fin_retransmits = 4 } } },

	/* Keepalives (RFC 9293 3.8.4). */
	{ .name = "keepalive probes without answer have vanished",
	  .script = "open; > P. 1:101(100) ack 1; < . 1 ack 101; +60 > . 100 ack 1; +120 > . 100 ack 1; "
		    "+240 > . 100 ack 1; +480 > . 100 ack 1",
	  .row = { { .close = "vanished", .closer = "none", .client_saw = "ETIMEDOUT",
		     .server_saw = "-", .client_bytes = 100 } } },
	{ .name = "keepalive probes with a byte of garbage too",
	  .script = "open; > P. 1:101(100) ack 1; < . 1 ack 101; +60 > . 100:101(1) ack 1; "
		    "+120 > . 100:101(1) ack 1; +240 > . 100:101(1) ack 1; +480 > . 100:101(1) ack 1",
	  .row = { { .close = "vanished", .closer = "none", .client_saw = "ETIMEDOUT",
		     .client_bytes = 100 } } },
	{ .name = "two keepalive probes without answer are open still",
	  .script = "open; > P. 1:101(100) ack 1; < . 1 ack 101; +60 > . 100 ack 1; +120 > . 100 ack 1",
	  .row = { { .close = "open", .closer = "none" } } },
	{ .name = "keepalive probes that are answered are open",
	  .script = "open; > P. 1:101(100) ack 1; < . 1 ack 101; +10 > . 100 ack 1; < . 1 ack 101; "
		    "+20 > . 100 ack 1; < . 1 ack 101; +40 > . 100 ack 1; < . 1 ack 101; "
		    "+80 > . 100 ack 1; < . 1 ack 101; +160 > . 100 ack 1; < . 1 ack 101",
	  .row = { { .close = "open", .closer = "none", .client_bytes = 100,
		     .client_retransmits = NONE } } },
	{ .name = "keepalive probes with a byte, answered, are neither data nor loss",
	  .script = "open; > P. 1:101(100) ack 1; < . 1 ack 101; +10 > . 100:101(1) ack 1; < . 1 ack 101; "
		    "+20 > . 100:101(1) ack 1; < . 1 ack 101; +40 > . 100:101(1) ack 1; < . 1 ack 101; "
		    "+80 > . 100:101(1) ack 1; < . 1 ack 101; +160 > . 100:101(1) ack 1; < . 1 ack 101",
	  .row = { { .close = "open", .client_bytes = 100, .server_bytes = NONE } } },
	{ .name = "keepalive probes answered, then not, then answered are open",
	  .script = "open; > P. 1:101(100) ack 1; < . 1 ack 101; +10 > . 100 ack 1; +20 > . 100 ack 1; "
		    "> . 100 ack 1; < . 1 ack 101; +10 > . 100 ack 1; +20 > . 100 ack 1",
	  .row = { { .close = "open", .closer = "none" } } },
	{ .name = "probes without answer and then an abort is a reset",
	  .script = "open; > P. 1:101(100) ack 1; < . 1 ack 101; +1 > . 100 ack 1; +2 > . 100 ack 1; "
		    "+4 > . 100 ack 1; +1 > R. 101 ack 1",
	  .row = { { .close = "reset", .closer = "client", .client_saw = "ETIMEDOUT|-",
		     .server_saw = "ECONNRESET" } } },
	{ .name = "the server may probe as well",
	  .script = "open; > P. 1:101(100) ack 1; < . 1 ack 101; +60 < . 0 ack 101; +120 < . 0 ack 101; "
		    "+240 < . 0 ack 101; +480 < . 0 ack 101",
	  .row = { { .close = "vanished", .closer = "none", .server_saw = "ETIMEDOUT",
		     .client_saw = "-" } } },

	/* Window probes (RFC 9293 3.8.6.1). */
	{ .name = "window probes without answer have vanished",
	  .script = "open; > P. 1:101(100) ack 1; < . 1 ack 101; > P. 101:201(100) ack 1; "
		    "< . 1 ack 201 win 0; +1 > . 200 ack 1; +2 > . 200 ack 1; +4 > . 200 ack 1; "
		    "+8 > . 200 ack 1",
	  .row = { { .close = "vanished", .closer = "none", .client_saw = "ETIMEDOUT",
		     .client_bytes = 200 } } },
	{ .name = "window probes of one new byte each time the same, without answer, too",
	  .script = "open; > P. 1:101(100) ack 1; < . 1 ack 101; > P. 101:201(100) ack 1; "
		    "< . 1 ack 201 win 0; +1 > . 201:202(1) ack 1; +2 > . 201:202(1) ack 1; "
		    "+4 > . 201:202(1) ack 1; +8 > . 201:202(1) ack 1",
	  .row = { { .close = "vanished", .closer = "none", .client_saw = "ETIMEDOUT" } } },
	{ .name = "window probes that are answered by a closed window are open",
	  .script = "open; > P. 1:101(100) ack 1; < . 1 ack 101; > P. 101:201(100) ack 1; "
		    "< . 1 ack 201 win 0; +1 > . 200 ack 1; < . 1 ack 201 win 0; +2 > . 200 ack 1; "
		    "< . 1 ack 201 win 0; +4 > . 200 ack 1; < . 1 ack 201 win 0; +8 > . 200 ack 1; "
		    "< . 1 ack 201 win 0; +16 > . 200 ack 1; < . 1 ack 201 win 0",
	  .row = { { .close = "open", .closer = "none", .client_bytes = 200 } } },
	{ .name = NULL },
};
/* clang-format on */
