/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scenarios_cause_other.c - causes of closes without a RST: ICMP, silence, half-closes, last ACKs. */
#include "scenario.h"

/* A scenario is a line or three: clang-format would make ten of them. */
/* clang-format off */
const struct scenario scenarios_cause_other[] = {
	/* Unreachable, by RFC 792 and RFC 1812 5.2.7.1. */
	{ .name = "ICMP 3/0: no route to the network", .family = 4,
	  .script = "> S 0; < icmp 3/0 quoting 0",
	  .row = { { .close = "unreachable", .cause = "icmp-net", .confidence = "certain",
		     .evidence = "2" } } },
	{ .name = "ICMP 3/6: the network is unknown", .family = 4,
	  .script = "> S 0; < icmp 3/6 quoting 0",
	  .row = { { .close = "unreachable", .cause = "icmp-net", .confidence = "certain" } } },
	{ .name = "ICMP 3/11: no route for this type of service", .family = 4,
	  .script = "> S 0; < icmp 3/11 quoting 0",
	  .row = { { .close = "unreachable", .cause = "icmp-net", .confidence = "certain" } } },
	{ .name = "ICMP 3/1: the host does not answer", .family = 4,
	  .script = "> S 0; < icmp 3/1 quoting 0",
	  .row = { { .close = "unreachable", .cause = "icmp-host", .confidence = "certain",
		     .evidence = "2" } } },
	{ .name = "ICMP 3/7: the host is unknown", .family = 4,
	  .script = "> S 0; < icmp 3/7 quoting 0",
	  .row = { { .close = "unreachable", .cause = "icmp-host", .confidence = "certain" } } },
	{ .name = "ICMP 3/12: no host for this type of service", .family = 4,
	  .script = "> S 0; < icmp 3/12 quoting 0",
	  .row = { { .close = "unreachable", .cause = "icmp-host", .confidence = "certain" } } },
	{ .name = "ICMP 3/2: the host does not speak TCP", .family = 4,
	  .script = "> S 0; < icmp 3/2 quoting 0",
	  .row = { { .close = "unreachable", .cause = "icmp-protocol", .confidence = "certain" } } },
	{ .name = "ICMP 3/3: port unreachable", .family = 4,
	  .script = "> S 0; < icmp 3/3 quoting 0",
	  .row = { { .close = "unreachable", .cause = "icmp-port", .confidence = "certain" } } },
	{ .name = "ICMP 3/9: the network is forbidden", .family = 4,
	  .script = "> S 0; < icmp 3/9 quoting 0",
	  .row = { { .close = "unreachable", .cause = "icmp-admin", .confidence = "certain" } } },
	{ .name = "ICMP 3/10: the host is forbidden", .family = 4,
	  .script = "> S 0; < icmp 3/10 quoting 0",
	  .row = { { .close = "unreachable", .cause = "icmp-admin", .confidence = "certain" } } },
	{ .name = "ICMP 3/13: forbidden by a filter", .family = 4,
	  .script = "> S 0; < icmp 3/13 quoting 0",
	  .row = { { .close = "unreachable", .cause = "icmp-admin", .confidence = "certain" } } },
	{ .name = "ICMPv6 1/0: no route", .family = 6,
	  .script = "> S 0; < icmp 1/0 quoting 0",
	  .row = { { .close = "unreachable", .cause = "icmp-net", .confidence = "certain" } } },
	{ .name = "ICMPv6 1/1: forbidden", .family = 6,
	  .script = "> S 0; < icmp 1/1 quoting 0",
	  .row = { { .close = "unreachable", .cause = "icmp-admin", .confidence = "certain" } } },
	{ .name = "ICMPv6 1/3: the address cannot be reached", .family = 6,
	  .script = "> S 0; < icmp 1/3 quoting 0",
	  .row = { { .close = "unreachable", .cause = "icmp-host", .confidence = "certain" } } },
	{ .name = "ICMPv6 1/4: port unreachable", .family = 6,
	  .script = "> S 0; < icmp 1/4 quoting 0",
	  .row = { { .close = "unreachable", .cause = "icmp-port", .confidence = "certain" } } },
	{ .name = "ICMPv6 1/5: the source address fails a policy", .family = 6,
	  .script = "> S 0; < icmp 1/5 quoting 0",
	  .row = { { .close = "unreachable", .cause = "icmp-admin", .confidence = "certain" } } },
	{ .name = "ICMPv6 1/6: the route is to be rejected", .family = 6,
	  .script = "> S 0; < icmp 1/6 quoting 0",
	  .row = { { .close = "unreachable", .cause = "icmp-admin", .confidence = "certain" } } },
	{ .name = "fragmentation needed causes nothing",
	  .script = "> S 0; < icmp too-big quoting 0",
	  .row = { { .close = "unanswered", .cause = "", .confidence = "certain" } } },
	{ .name = "an ICMP error about something else causes nothing",
	  .script = "> S 0; < icmp host quoting 5000",
	  .row = { { .close = "unanswered", .cause = "" } } },
	{ .name = "an ICMP error that was overcome is not the cause of what came later",
	  .script = "> S 0; < icmp host quoting 0; +1 talk; +1 < R. 201 ack 101",
	  .row = { { .close = "reset", .cause = "abort", .confidence = "possible" } } },
	{ .name = "the last of several ICMP errors decides as an application would see it",
	  .script = "> S 0; < icmp host quoting 0; +1 > S 0; < icmp net quoting 0",
	  .row = { { .close = "unreachable", .cause = "icmp-net|icmp-host" } } },

	/* Vanished, by what was retried. */
	{ .name = "data repeated in vain",
	  .script = "talk; > P. 101:201(100) ack 201; +0.2 > P. 101:201(100) ack 201; "
		    "+0.4 > P. 101:201(100) ack 201; +0.8 > P. 101:201(100) ack 201",
	  .row = { { .close = "vanished", .closer = "none", .cause = "data", .evidence = "7 10" } } },
	{ .name = "the server's data repeated in vain",
	  .script = "talk; < P. 201:301(100) ack 101; +0.2 < P. 201:301(100) ack 101; "
		    "+0.4 < P. 201:301(100) ack 101; +0.8 < P. 201:301(100) ack 101",
	  .row = { { .close = "vanished", .cause = "data" } } },
	{ .name = "data repeated while ICMP errors come is data",
	  .script = "talk; > P. 101:201(100) ack 201; +0.2 > P. 101:201(100) ack 201; "
		    "< icmp host quoting 101; +0.4 > P. 101:201(100) ack 201; < icmp host quoting 101; "
		    "+0.8 > P. 101:201(100) ack 201; < icmp host quoting 101",
	  .row = { { .close = "vanished", .cause = "data", .client_saw = "EHOSTUNREACH" } } },
	{ .name = "one byte of data, repeated in vain, is data",
	  .script = "talk; > P. 101:102(1) ack 201; +0.2 > P. 101:102(1) ack 201; "
		    "+0.4 > P. 101:102(1) ack 201; +0.8 > P. 101:102(1) ack 201",
	  .row = { { .close = "vanished", .cause = "data" } } },
	{ .name = "keepalive probes in vain",
	  .script = "talk; +45 > . 100 ack 201; +10 > . 100 ack 201; +10 > . 100 ack 201; "
		    "+10 > . 100 ack 201",
	  .row = { { .close = "vanished", .closer = "none", .cause = "keepalive" } } },
	{ .name = "keepalive probes with a byte in vain, from the server",
	  .script = "talk; +45 < . 200:201(1) ack 101; +10 < . 200:201(1) ack 101; "
		    "+10 < . 200:201(1) ack 101; +10 < . 200:201(1) ack 101",
	  .row = { { .close = "vanished", .cause = "keepalive" } } },
	{ .name = "a closed window, probed in vain as Linux does",
	  .script = "talk; < . 201 ack 101 win 0; +0.2 > . 100 ack 201; +0.4 > . 100 ack 201; "
		    "+0.8 > . 100 ack 201; +1.6 > . 100 ack 201",
	  .row = { { .close = "vanished", .closer = "none", .cause = "zero-window" } } },
	{ .name = "a closed window, probed in vain with a byte beyond it",
	  .script = "talk; < . 201 ack 101 win 0; +5 > . 101:102(1) ack 201; +10 > . 101:102(1) ack 201; "
		    "+20 > . 101:102(1) ack 201; +40 > . 101:102(1) ack 201",
	  .row = { { .close = "vanished", .cause = "zero-window" } } },
	{ .name = "a window that closed and opened again: keepalives are keepalives",
	  .script = "talk; < . 201 ack 101 win 0; +1 < . 201 ack 101 win 500; +45 > . 100 ack 201; "
		    "+10 > . 100 ack 201; +10 > . 100 ack 201; +10 > . 100 ack 201",
	  .row = { { .close = "vanished", .cause = "keepalive" } } },
	{ .name = "probes of a closed window that are answered are no silence",
	  .script = "talk; < . 201 ack 101 win 0; +0.2 > . 100 ack 201; < . 201 ack 101 win 0; "
		    "+0.4 > . 100 ack 201; < . 201 ack 101 win 0; +0.8 > . 100 ack 201; "
		    "< . 201 ack 101 win 0; +1.6 > . 100 ack 201; < . 201 ack 101 win 0",
	  .row = { { .close = "open", .cause = "" } } },

	/* half-close. */
	{ .name = "the client shuts down writing, then the answer comes",
	  .script = "open; > P. 1:101(100) ack 1; > F. 101 ack 1; < . 1 ack 102; "
		    "+1 < P. 1:2001(2000) ack 102; > . 102 ack 2001; < F. 2001 ack 102; > . 102 ack 2002",
	  .row = { { .close = "graceful", .closer = "client", .cause = "half-close",
		     .confidence = "certain", .server_after_fin = 2000, .evidence = "5 7" } } },
	{ .name = "the server shuts down writing, and the client goes on",
	  .script = "talk; < F. 201 ack 101; > . 101 ack 202; > P. 101:201(100) ack 202; < . 202 ack 201; "
		    "> F. 201 ack 202; < . 202 ack 202",
	  .row = { { .close = "graceful", .closer = "server", .cause = "half-close",
		     .confidence = "certain", .client_after_fin = 100 } } },
	{ .name = "data that crosses the FIN was sent before it was known",
	  .script = "talk; > F. 101 ack 201; +0.001 < P. 201:301(100) ack 101; > . 102 ack 301; "
		    "< F. 301 ack 102; > . 102 ack 302",
	  .row = { { .close = "graceful", .closer = "client", .cause = "", .server_after_fin = NONE } } },
	{ .name = "old data repeated after the FIN was acknowledged is no half-close",
	  .script = "talk; > F. 101 ack 201; < . 201 ack 102; < P. 1:201(200) ack 102; > . 102 ack 201; "
		    "< F. 201 ack 102; > . 102 ack 202",
	  .row = { { .close = "graceful", .cause = "" } } },
	{ .name = "an abort after answering in a half-close is no half-close",
	  .script = "open; > P. 1:101(100) ack 1; > F. 101 ack 1; < . 1 ack 102; "
		    "+1 < P. 1:2001(2000) ack 102; > . 102 ack 2001; +1 < R. 2001 ack 102",
	  .row = { { .close = "reset", .cause = "rst-for-fin", .confidence = "certain" } } },

	/* last-ack-lost. */
	{ .name = "the last ACK is lost, and the second FIN comes again",
	  .script = "talk; > F. 101 ack 201; < F. 201 ack 102; > . 102 ack 202; +0.2 < F. 201 ack 102; "
		    "> . 102 ack 202",
	  .row = { { .close = "graceful", .closer = "client", .cause = "last-ack-lost",
		     .fin_retransmits = 1, .evidence = "9 10" } } },
	{ .name = "the last ACK is lost twice, towards the client",
	  .script = "talk; < F. 201 ack 101; > F. 101 ack 202; < . 202 ack 102; +0.2 > F. 101 ack 202; "
		    "< . 202 ack 102; +0.4 > F. 101 ack 202; < . 202 ack 102",
	  .row = { { .close = "graceful", .closer = "server", .cause = "last-ack-lost",
		     .fin_retransmits = 2 } } },
	{ .name = "FINs crossed, and one's last ACK was lost",
	  .script = "talk; > F. 101 ack 201; < F. 201 ack 101; > . 102 ack 202; < . 202 ack 102; "
		    "+0.2 < F. 201 ack 102; > . 102 ack 202",
	  .row = { { .close = "simultaneous", .closer = "both", .cause = "last-ack-lost" } } },
	{ .name = "a FIN repeated because nobody had acknowledged it yet",
	  .script = "talk; > F. 101 ack 201; +0.2 > F. 101 ack 201; < F. 201 ack 102; > . 102 ack 202",
	  .row = { { .close = "graceful", .cause = "", .fin_retransmits = 1 } } },
	{ .name = "a second FIN repeated because it was lost on its way",
	  .script = "talk; > F. 101 ack 201; < F. 201 ack 102; +0.2 < F. 201 ack 102; > . 102 ack 202",
	  .row = { { .close = "graceful", .cause = "", .fin_retransmits = 1 } } },
	{ .name = "a mirror's second copy of the FIN is no repetition",
	  .script = "talk; > F. 101 ack 201; < F. 201 ack 102; =; > . 102 ack 202; =",
	  .row = { { .close = "graceful", .cause = "", .duplicates = 2, .fin_retransmits = NONE } } },
	{ .name = "a late ACK after the close is no repetition",
	  .script = "talk; > F. 101 ack 201; < F. 201 ack 102; > . 102 ack 202; +0.2 < . 202 ack 102",
	  .row = { { .close = "graceful", .cause = "" } } },

	/* Nothing to add. */
	{ .name = "a graceful close needs no cause",
	  .script = "talk; > F. 101 ack 201; < F. 201 ack 102; > . 102 ack 202",
	  .row = { { .close = "graceful", .cause = "", .confidence = "certain", .rst_family = "",
		     .trigger = NONE } } },
	{ .name = "a simultaneous close needs no cause",
	  .script = "talk; > F. 101 ack 201; < F. 201 ack 101; > . 102 ack 202; < . 202 ack 102",
	  .row = { { .close = "simultaneous", .cause = "", .confidence = "certain" } } },
	{ .name = "an open connection has none",
	  .script = "talk",
	  .row = { { .close = "open", .cause = "" } } },
	{ .name = "nor has a half-closed one",
	  .script = "talk; > F. 101 ack 201; < . 201 ack 102",
	  .row = { { .close = "half-closed", .cause = "" } } },
	{ .name = "nor one stuck in closing",
	  .script = "talk; > F. 101 ack 201; +0.2 > F. 101 ack 201; +0.4 > F. 101 ack 201; "
		    "+0.8 > F. 101 ack 201",
	  .row = { { .close = "closing", .cause = "" } } },
	{ .name = "nor one that nobody answered",
	  .script = "> S 0; +1 > S 0; +2 > S 0",
	  .row = { { .close = "unanswered", .cause = "" } } },
	{ .name = "nor one that its opener gave up",
	  .script = "> S 0; < S. 0 ack 1; > R 1",
	  .row = { { .close = "abandoned", .cause = "" } } },
	{ .name = NULL },
};
/* clang-format on */
