/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scenarios_capture.c - what a tap does to a connection. */
#include "scenario.h"

/* A scenario is a line or three: clang-format would make ten of them. */
/* clang-format off */
const struct scenario scenarios_capture[] = {
	/* Duplicate frames (a mirror port, two interfaces) are not retransmissions. */
	{ .name = "every frame twice: nothing but the count of duplicates",
	  .script = "> S 0; =; < S. 0 ack 1; =; > . 1 ack 1; =; > P. 1:101(100) ack 1; =; < F. 1 ack 101; "
		    "=; > F. 101 ack 2; =; < . 2 ack 102; =",
	  .row = { { .close = "graceful", .closer = "server", .duplicates = 7, .packets = 7,
		     .syn_retransmits = NONE, .fin_retransmits = NONE, .client_retransmits = NONE,
		     .client_bytes = 100, .packets_after_close = NONE } } },
	{ .name = "duplicates may have another TTL",
	  .script = "open; > P. 1:101(100) ack 1; = ttl 63; < . 1 ack 101; = ttl 63",
	  .row = { { .close = "open", .duplicates = 2, .client_retransmits = NONE } } },
	{ .name = "duplicates need not follow at once",
	  .script = "open; > P. 1:101(100) ack 1; +0.0001 > P. 101:201(100) ack 1; "
		    "+0.0001 > P. 201:301(100) ack 1; =; < . 1 ack 301",
	  .row = { { .close = "open", .duplicates = 1, .client_bytes = 300 } } },
	{ .name = "two milliseconds later it is a retransmission",
	  .script = "open; > P. 1:101(100) ack 1; +0.002 =; < . 1 ack 101",
	  .row = { { .close = "open", .duplicates = NONE, .client_retransmits = 1 } } },
	{ .name = "with another IP ID it is a retransmission", .family = 4,
	  .script = "open; > P. 1:101(100) ack 1; +0.0002 > P. 1:101(100) ack 1; < . 1 ack 101",
	  .row = { { .close = "open", .duplicates = NONE, .client_retransmits = 1 } } },
	{ .name = "without IP ID another timestamp makes it a retransmission", .family = 6,
	  .script = "open; > P. 1:101(100) ack 1 ts 5; +0.0008 > P. 1:101(100) ack 1 ts 6; < . 1 ack 101",
	  .row = { { .close = "open", .duplicates = NONE, .client_retransmits = 1 } } },
	{ .name = "a duplicate RST is a duplicate",
	  .script = "open; > P. 1:101(100) ack 1; < . 1 ack 101; > R. 101 ack 1; =",
	  .row = { { .close = "reset", .rst_count = 1, .duplicates = 1, .packets_after_close = NONE } } },

	/* The order at the tap. */
	{ .name = "data in the wrong order is no retransmission",
	  .script = "open; > P. 101:201(100) ack 1; +0.0005 > P. 1:101(100) ack 1; < . 1 ack 201",
	  .row = { { .close = "open", .client_retransmits = NONE, .client_bytes = 200 } } },
	{ .name = "an ACK before the data it covers",
	  .script = "open; < . 1 ack 101; +0.0005 > P. 1:101(100) ack 1; < P. 1:11(10) ack 101",
	  .row = { { .close = "open", .client_bytes = 100, .client_retransmits = NONE } } },
	{ .name = "a FIN before its data",
	  .script = "open; > F. 101 ack 1; +0.0005 > P. 1:101(100) ack 1; < . 1 ack 102; < F. 1 ack 102; "
		    "> . 102 ack 2",
	  .row = { { .close = "graceful", .closer = "client", .path = "fin-wait-2",
		     .client_bytes = 100, .client_after_fin = NONE } } },
	{ .name = "the last ACK before the FIN it covers",
	  .script = "open; > F. 1 ack 1; < . 1 ack 2; > . 2 ack 2; +0.0005 < F. 1 ack 2",
	  .row = { { .close = "graceful", .closer = "client" } } },
	{ .name = "a SYN-ACK before its SYN",
	  .script = "< S. 0 ack 1; +0.0005 > S 0; > . 1 ack 1; > P. 1:101(100) ack 1; < . 1 ack 101; "
		    "> F. 101 ack 1; < F. 1 ack 102; > . 102 ack 2",
	  .row = { { .close = "graceful", .closer = "client", .client_bytes = 100 } } },
	{ .name = "the handshake's ACK after the first data",
	  .script = "> S 0; < S. 0 ack 1; > P. 1:101(100) ack 1; +0.0005 > . 1 ack 1; < . 1 ack 101",
	  .row = { { .close = "open", .client_bytes = 100 } } },

	/* What the capture missed. */
	{ .name = "the handshake's ACK",
	  .script = "> S 0; < S. 0 ack 1; > P. 1:101(100) ack 1; < . 1 ack 101; > F. 101 ack 1; "
		    "< F. 1 ack 102; > . 102 ack 2",
	  .row = { { .close = "graceful", .closer = "client",
		     .client_states = "SYN-SENT>ESTABLISHED>FIN-WAIT-1>FIN-WAIT-2>TIME-WAIT",
		     .server_states = "SYN-RECEIVED>ESTABLISHED>CLOSE-WAIT>LAST-ACK>CLOSED" } } },
	{ .name = "the SYN-ACK",
	  .script = "> S 0; > . 1 ack 1; > P. 1:101(100) ack 1; < . 1 ack 101; > F. 101 ack 1; "
		    "< F. 1 ack 102; > . 102 ack 2",
	  .row = { { .close = "graceful", .closer = "client", .midstream = "no",
		     .client_states = "SYN-SENT>ESTABLISHED>FIN-WAIT-1>FIN-WAIT-2>TIME-WAIT" } } },
	{ .name = "data that was acknowledged",
	  .script = "open; < . 1 ack 101; > F. 101 ack 1; < F. 1 ack 102; > . 102 ack 2",
	  .row = { { .close = "graceful", .closer = "client", .client_retransmits = NONE } } },
	{ .name = "the ACK of the first FIN",
	  .script = "open; > P. 1:101(100) ack 1; > F. 101 ack 1; < F. 1 ack 102; > . 102 ack 2",
	  .row = { { .close = "graceful", .closer = "client" } } },
	{ .name = "the second FIN's first transmission",
	  .script = "open; > F. 1 ack 1; < . 1 ack 2; +0.2 < F. 1 ack 2; > . 2 ack 2",
	  .row = { { .close = "graceful", .closer = "client", .path = "fin-wait-2" } } },

	/* Half of it: only one direction was captured. */
	{ .name = "only the client: it acknowledges the SYN-ACK, so it is established",
	  .script = "> S 0; > . 1 ack 1; > P. 1:101(100) ack 1; > . 101 ack 201",
	  .row = { { .close = "open", .client_states = "SYN-SENT>ESTABLISHED", .client_bytes = 100,
		     .confidence = "likely|possible" } } },
	{ .name = "only the client: its abort",
	  .script = "> S 0; > . 1 ack 1; > P. 1:101(100) ack 1; > R. 101 ack 201",
	  .row = { { .close = "reset", .closer = "client", .client_saw = "-",
		     .confidence = "likely|possible" } } },
	{ .name = "only the server",
	  .script = "< S. 0 ack 1; < . 1 ack 101; < P. 1:201(200) ack 101; < R. 201 ack 101",
	  .row = { { .close = "reset", .closer = "server", .server_bytes = 200, .server_saw = "-",
		     .confidence = "likely|possible" } } },
	{ .name = "only the client, and both close: not unanswered",
	  .script = "> S 0; > . 1 ack 1; > P. 1:101(100) ack 1; > . 101 ack 201; > F. 101 ack 202; "
		    "> . 102 ack 202",
	  .row = { { .close = "closing|graceful|half-closed", .client_bytes = 100 } } },

	/* From the middle. */
	{ .name = "from data on",
	  .script = "> P. 1:101(100) ack 1; < . 1 ack 101; > F. 101 ack 1; < F. 1 ack 102; > . 102 ack 2",
	  .row = { { .close = "graceful", .closer = "client", .midstream = "yes", .client_bytes = 100,
		     .time_wait = "lingering", .time_wait_side = "client",
		     .client_states = "*>FIN-WAIT-1>FIN-WAIT-2>TIME-WAIT",
		     .server_states = "*>CLOSE-WAIT>LAST-ACK>CLOSED" } } },
	{ .name = "from the server's data on: the lower port serves",
	  .script = "< P. 1:101(100) ack 1; > . 1 ack 101; < F. 101 ack 1; > F. 1 ack 102; < . 102 ack 2",
	  .row = { { .close = "graceful", .closer = "server", .midstream = "yes", .server_bytes = 100 } } },
	{ .name = "from the SYN-ACK on: it says who serves, not the port",
	  .client_port = 1000, .server_port = 50000,
	  .script = "< S. 0 ack 1; > . 1 ack 1; > P. 1:101(100) ack 1; < . 1 ack 101; > F. 101 ack 1; "
		    "< F. 1 ack 102; > . 102 ack 2",
	  .row = { { .close = "graceful", .closer = "client", .midstream = "yes", .client_bytes = 100 } } },
	{ .name = "a SYN says who is the client, not the port", .client_port = 1000, .server_port = 50000,
	  .script = "open; > F. 1 ack 1; < F. 1 ack 2; > . 2 ack 2",
	  .row = { { .close = "graceful", .closer = "client", .midstream = "no" } } },
	{ .name = "from the first FIN on",
	  .script = "> F. 1 ack 1; < . 1 ack 2; < F. 1 ack 2; > . 2 ack 2",
	  .row = { { .close = "graceful", .closer = "client", .midstream = "yes",
		     .time_wait = "lingering" } } },
	{ .name = "from the second FIN on",
	  .script = "< F. 1 ack 2; > . 2 ack 2",
	  .row = { { .close = "graceful|closing|half-closed", .midstream = "yes" } } },
	{ .name = "from a RST on there is one row and no crash",
	  .script = "> R 1",
	  .row = { { .close = "*", .midstream = "yes", .rst_count = 1, .packets = 1 } } },
	{ .name = "from the middle, an abort",
	  .script = "> P. 1:101(100) ack 1; < . 1 ack 101; > R. 101 ack 1",
	  .row = { { .close = "reset", .closer = "client", .midstream = "yes",
		     .server_saw = "ECONNRESET" } } },
	{ .name = "from the middle, a RST one off is ignored",
	  .script = "> P. 1:101(100) ack 1; < . 1 ack 101; > R. 102 ack 1 foreign",
	  .row = { { .close = "open", .midstream = "yes", .rst_ignored = 1 } } },

	/* Sequence numbers go round (RFC 9293 3.4). */
	{ .name = "five gigabytes in seven acknowledgements",
	  .script = "open; > . 700000000:700000100(100) ack 1; < . 1 ack 700000100; "
		    "> . 1400000000:1400000100(100) ack 1; < . 1 ack 1400000100; "
		    "> . 2100000000:2100000100(100) ack 1; < . 1 ack 2100000100; "
		    "> . 2800000000:2800000100(100) ack 1; < . 1 ack 2800000100; "
		    "> . 3500000000:3500000100(100) ack 1; < . 1 ack 3500000100; "
		    "> . 4200000000:4200000100(100) ack 1; < . 1 ack 4200000100; "
		    "> . 4900000000:4900000100(100) ack 1; < . 1 ack 4900000100; > F. 4900000100 ack 1; "
		    "< F. 1 ack 4900000101; > . 4900000101 ack 2",
	  .row = { { .close = "graceful", .closer = "client", .client_retransmits = NONE,
		     .client_states = "SYN-SENT>ESTABLISHED>FIN-WAIT-1>FIN-WAIT-2>TIME-WAIT" } } },

	/* Limits of ours are not closes. */
	{ .name = "an eviction is no close", .max_flows = 1,
	  .script = "open; > P. 1:101(100) ack 1; < . 1 ack 101; pair 1; +1 open",
	  .row = { { .close = "open", .closer = "none", .record_end = "evicted" },
		   { .close = "open", .record_end = "end" } } },
	{ .name = "an evicted TIME-WAIT is evicted", .max_flows = 1,
	  .script = "open; > F. 1 ack 1; < F. 1 ack 2; > . 2 ack 2; pair 1; +1 open",
	  .row = { { .close = "graceful", .record_end = "evicted" },
		   { .close = "open" } } },
	{ .name = "idle is no close", .idle = 100,
	  .script = "open; ~ 101s",
	  .row = { { .close = "open", .closer = "none", .record_end = "idle" } } },
	{ .name = "a packet in time keeps it", .idle = 100,
	  .script = "open; +99 > P. 1:101(100) ack 1; ~ 99s",
	  .row = { { .close = "open", .record_end = "end" } } },
	{ .name = "an unanswered SYN is idle sooner", .idle = 100, .syn_idle = 50,
	  .script = "> S 0; pair 1; open; ~ 60s",
	  .row = { { .close = "unanswered", .closer = "none", .record_end = "idle" },
		   { .close = "open", .record_end = "end" } } },
	{ .name = "after it was idle a packet opens a row in the middle", .idle = 100,
	  .script = "open; +101 > P. 1:101(100) ack 1; < . 1 ack 101",
	  .row = { { .close = "open", .record_end = "idle", .packets = 3 },
		   { .close = "open", .midstream = "yes", .packets = 2 } } },

	/* What -f did not match. */
	{ .name = "an unmatched segment opens no row",
	  .script = "> S 0 unmatched" },
	{ .name = "an unmatched segment joins a row that is there",
	  .script = "open; > P. 1:101(100) ack 1 unmatched; < . 1 ack 101",
	  .row = { { .close = "open", .client_bytes = 100, .packets = 5 } } },
	{ .name = NULL },
};
/* clang-format on */
