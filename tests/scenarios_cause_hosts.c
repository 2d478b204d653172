/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scenarios_cause_hosts.c - hosts that are not Linux: less sure may be what is said of them, but never wrong
 * with certainty.
 */
#include "scenario.h"

/* A scenario is a line or three: clang-format would make ten of them. */
/* clang-format off */
const struct scenario scenarios_cause_hosts[] = {
	/* BSD: random IDs, timestamps in a live socket's RST too. */
	{ .name = "BSD: an abort",
	  .script = "habits server id random; talk; +1 < R. 201 ack 101",
	  .row = { { .close = "reset", .closer = "server", .cause = "abort", .confidence = "possible" } } },
	{ .name = "BSD: a client's abort",
	  .script = "habits client id random; talk; +1 > R. 101 ack 201",
	  .row = { { .close = "reset", .closer = "client", .cause = "abort", .confidence = "possible" } } },
	{ .name = "BSD: late data",
	  .script = "habits server id random; talk; < F. 201 ack 101; > . 101 ack 202; "
		    "+1 > P. 101:201(100) ack 202; < R 202",
	  .row = { { .close = "reset", .closer = "server", .cause = "late-data", .truth = "late-data",
		     .trigger = 9 } } },
	{ .name = "BSD: a keepalive race",
	  .script = "habits server id random; talk; +7 < F. 201 ack 101; +0.002 > P. 101:201(100) ack 201; "
		    "< R 201",
	  .row = { { .close = "reset", .closer = "server", .cause = "keepalive-race",
		     .truth = "keepalive-race" } } },
	{ .name = "BSD: a RST instead of the second FIN",
	  .script = "habits server id random; talk; > F. 101 ack 201; < . 201 ack 102; +1 < R. 201 ack 102",
	  .row = { { .close = "reset", .cause = "rst-for-fin", .truth = "rst-for-fin" } } },
	{ .name = "BSD: keepalive probes, then the RST",
	  .script = "habits client id random; talk; +45 > . 100 ack 201; +10 > . 100 ack 201; "
		    "+10 > R. 101 ack 201",
	  .row = { { .close = "reset", .closer = "client", .cause = "keepalive-dead",
		     .truth = "keepalive-dead" } } },
	{ .name = "BSD: data meets lost state",
	  .script = "habits server id random; talk; +7 > P. 101:201(100) ack 201; < R 201",
	  .row = { { .close = "reset", .closer = "server", .cause = "half-open", .confidence = "likely" } } },
	{ .name = "BSD: a forged RST shows by its TTL, window and options",
	  .script = "habits server id random; talk; +1 < R. 201 ack 101 foreign",
	  .row = { { .close = "reset", .closer = "network", .cause = "injected" } } },

	/* Windows: TTL 128, IDs count, RST+ACK with window 0; timestamps off, or on and left out of RSTs. */
	{ .name = "Windows: an abort",
	  .script = "habits server ttl 128 nots id step 1 rst win 0; talk; +1 < R. 201 ack 101",
	  .row = { { .close = "reset", .closer = "server", .cause = "abort", .confidence = "possible" } } },
	{ .name = "Windows: a request unread",
	  .script = "habits server ttl 128 nots id step 1 rst win 0; talk; +1 > P. 101:201(100) ack 201; "
		    "< . 201 ack 201; +1 < R. 201 ack 201",
	  .row = { { .close = "reset", .closer = "server", .cause = "abort-unread",
		     .confidence = "possible" } } },
	{ .name = "Windows: a client that closes with data unread",
	  .script = "habits client ttl 128 nots id step 1 rst win 0; talk; +1 > R. 101 ack 201",
	  .row = { { .close = "reset", .closer = "client", .cause = "abort", .confidence = "possible" } } },
	{ .name = "Windows: an abort right behind the FIN",
	  .script = "habits client ttl 128 nots id step 1 rst win 0; talk; > F. 101 ack 201; "
		    "< . 201 ack 102; +1 > R. 102 ack 201",
	  .row = { { .close = "reset", .closer = "client", .cause = "abort-after-fin",
		     .truth = "abort-after-fin" } } },
	{ .name = "Windows: a RST instead of the second FIN",
	  .script = "habits client ttl 128 nots id step 1 rst win 0; talk; < F. 201 ack 101; "
		    "> . 101 ack 202; +1 > R. 101 ack 202",
	  .row = { { .close = "reset", .closer = "server", .cause = "rst-for-fin",
		     .truth = "rst-for-fin" } } },
	{ .name = "Windows: data repeated in vain, then given up with a RST",
	  .script = "habits client ttl 128 nots id step 1 rst win 0; talk; > P. 101:201(100) ack 201; "
		    "+0.3 > P. 101:201(100) ack 201; +0.6 > P. 101:201(100) ack 201; "
		    "+1.2 > P. 101:201(100) ack 201; +2.4 > R. 201 ack 201",
	  .row = { { .close = "reset", .closer = "client", .cause = "abort-discard",
		     .confidence = "likely" } } },
	{ .name = "Windows: late data",
	  .script = "habits server ttl 128 nots id step 1; talk; < F. 201 ack 101; > . 101 ack 202; "
		    "+1 > P. 101:201(100) ack 202; < R 202",
	  .row = { { .close = "reset", .closer = "server", .cause = "late-data", .confidence = "certain",
		     .trigger = 9 } } },
	{ .name = "Windows with timestamps, but not in its RSTs: an abort",
	  .script = "habits server ttl 128 id step 1 rst nots rst win 0; talk; +1 < R. 201 ack 101",
	  .row = { { .close = "reset", .cause = "abort|injected", .truth = "abort" } } },
	{ .name = "Windows with timestamps, but not in its RSTs: a RST instead of the second FIN",
	  .script = "habits server ttl 128 id step 1 rst nots rst win 0; talk; > F. 101 ack 201; "
		    "< . 201 ack 102; +1 < R. 201 ack 102",
	  .row = { { .close = "reset", .cause = "rst-for-fin|injected", .truth = "rst-for-fin" } } },
	{ .name = "Windows with timestamps, but not in its RSTs: an abort after its FIN",
	  .script = "habits server ttl 128 id step 1 rst nots rst win 0; talk; < F. 201 ack 101; "
		    "> . 101 ack 202; +1 < R. 202 ack 101",
	  .row = { { .close = "reset", .cause = "abort-after-fin|injected", .truth = "abort-after-fin" } } },
	{ .name = "Windows with timestamps, but not in its RSTs: probes, then the RST",
	  .script = "habits client ttl 128 id step 1 rst nots rst win 0; talk; "
		    "+45 > . 100:101(1) ack 201; +1 > . 100:101(1) ack 201; +1 > . 100:101(1) ack 201; "
		    "+1 > R. 101 ack 201",
	  .row = { { .close = "reset", .cause = "keepalive-dead|injected", .truth = "keepalive-dead" } } },
	{ .name = "Windows with timestamps, but not in its RSTs: a health check",
	  .script = "habits client ttl 128 id step 1 rst nots rst win 0; open; +0.001 > R. 1 ack 1",
	  .row = { { .close = "reset", .cause = "health-check|injected", .truth = "health-check" } } },
	{ .name = "Windows, and a box that has none of its habits",
	  .script = "habits server ttl 128 nots id step 1 rst win 0; talk; "
		    "+1 < R. 201 ack 101 ttl 37 id 4660",
	  .family = 4,
	  .row = { { .close = "reset", .closer = "network", .cause = "injected" } } },
	{ .name = "Windows, and a box of which only the TTL differs",
	  .script = "habits server ttl 128 nots id step 1 rst win 0; talk; +1 < R. 201 ack 101 ttl 61",
	  .row = { { .close = "reset", .cause = "injected|abort", .truth = "injected" } } },

	/* IDs that say nothing. */
	{ .name = "all IDs are 0: an abort",
	  .script = "habits server id zero; talk; +1 < R. 201 ack 101",
	  .row = { { .close = "reset", .closer = "server", .cause = "abort", .confidence = "possible" } } },
	{ .name = "all IDs are 0: late data",
	  .script = "habits server id zero; talk; < F. 201 ack 101; > . 101 ack 202; "
		    "+1 > P. 101:201(100) ack 202; < R 202",
	  .row = { { .close = "reset", .cause = "late-data", .confidence = "certain" } } },
	{ .name = "all IDs are 0, and a box has the other habits wrong",
	  .script = "habits server id zero; talk; +1 < R. 201 ack 101 foreign id 0",
	  .row = { { .close = "reset", .closer = "network", .cause = "injected" } } },
	{ .name = "all IDs are the same: an abort",
	  .script = "habits server id constant 777; talk; +1 < R. 201 ack 101",
	  .row = { { .close = "reset", .closer = "server", .cause = "abort", .confidence = "possible" } } },
	{ .name = "all IDs are the same: an abort in flight",
	  .script = "habits client id constant 777; talk; > P. 101:201(100) ack 201; +0.001 > R. 201 ack 201",
	  .row = { { .close = "reset", .closer = "client", .cause = "abort-discard",
		     .confidence = "likely" } } },
	{ .name = "IDs that count for all of a busy host's connections: an abort",
	  .script = "habits server id step 7001; talk; +1 < R. 201 ack 101",
	  .row = { { .close = "reset", .closer = "server", .cause = "abort", .confidence = "possible" } } },
	{ .name = "IDs in a little-endian host's order: an abort",
	  .script = "habits server id step 256; talk; +1 < R. 201 ack 101",
	  .row = { { .close = "reset", .closer = "server", .cause = "abort", .confidence = "possible" } } },

	/* A NAT that rewrites the ID, 0 or not. */
	{ .name = "a NAT rewrites the IDs: an abort",
	  .script = "habits client id random; talk; +1 > R. 101 ack 201",
	  .row = { { .close = "reset", .closer = "client", .cause = "abort", .confidence = "possible" } } },
	{ .name = "a NAT rewrites the ID of a RST that had none",
	  .script = "habits client id step 9973; talk; > F. 101 ack 201; < . 201 ack 102; "
		    "+1 < P. 201:301(100) ack 102; > R 102",
	  .row = { { .close = "reset", .closer = "client", .cause = "late-data", .truth = "late-data",
		     .trigger = 9 } } },
	{ .name = "a NAT rewrites the IDs: data meets lost state",
	  .script = "habits server id step 9973; talk; +7 > P. 101:201(100) ack 201; < R 201",
	  .row = { { .close = "reset", .closer = "server", .cause = "half-open", .confidence = "likely" } } },
	{ .name = "a NAT rewrites the IDs: the second FIN meets a client that is gone",
	  .script = "habits client id random; talk; > F. 101 ack 201; < . 201 ack 102; "
		    "+1 < F. 201 ack 102; > R 102",
	  .row = { { .close = "reset", .cause = "late-fin", .truth = "late-fin" } } },

	/* TTLs that change without a box that forges. */
	{ .name = "a route that changed before the abort",
	  .script = "habits server ttl 52; talk; habits server ttl 50; > P. 101:201(100) ack 201; "
		    "< P. 201:301(100) ack 201; > . 201 ack 301; +1 < R. 301 ack 201",
	  .row = { { .close = "reset", .closer = "server", .cause = "abort", .confidence = "possible" } } },
	{ .name = "a route that changed right before an abort is never a certainty",
	  .script = "habits server ttl 52; talk; +1 < R. 201 ack 101 ttl 50",
	  .row = { { .close = "reset", .cause = "abort|injected", .truth = "abort" } } },
	{ .name = "a host whose RSTs start from TTL 255: an abort",
	  .script = "habits server ttl 64 rst ttl 255; talk; +1 < R. 201 ack 101",
	  .row = { { .close = "reset", .cause = "abort|injected", .truth = "abort" } } },
	{ .name = "a host whose RSTs start from TTL 255: late data",
	  .script = "habits server ttl 64 rst ttl 255; talk; < F. 201 ack 101; > . 101 ack 202; "
		    "+1 > P. 101:201(100) ack 202; < R 202",
	  .row = { { .close = "reset", .cause = "late-data|injected", .truth = "late-data" } } },
	{ .name = "a host whose RSTs start from TTL 255 and lack timestamps: a RST for the FIN",
	  .script = "habits server ttl 64 rst ttl 255 rst nots; talk; > F. 101 ack 201; < . 201 ack 102; "
		    "+1 < R. 201 ack 102",
	  .row = { { .close = "reset", .cause = "rst-for-fin|injected", .truth = "rst-for-fin" } } },
	{ .name = "a host with random IDs whose RSTs start from TTL 255 and have window 0",
	  .script = "habits server ttl 64 id random rst ttl 255 rst win 0; talk; +1 < R. 201 ack 101",
	  .row = { { .close = "reset", .cause = "abort|injected", .truth = "abort" } } },
	{ .name = "a host of all odd habits at once: random IDs, TTL 255, window 0, no timestamps in RSTs",
	  .script = "habits server ttl 64 id random rst ttl 255 rst win 0 rst nots; talk; "
		    "> F. 101 ack 201; < . 201 ack 102; +1 < R. 201 ack 102",
	  .row = { { .close = "reset", .cause = "rst-for-fin|injected", .truth = "rst-for-fin" } } },

	/* A TTL that is not the side's own: whatever it looks like, it may be forged. */
	{ .name = "a RST of another TTL is never certainly one for the FIN",
	  .script = "talk; > F. 101 ack 201; < . 201 ack 102; +1 < R. 201 ack 102 ttl 61",
	  .row = { { .close = "reset", .cause = "rst-for-fin|injected", .truth = "" } } },
	{ .name = "a RST of another TTL is never certainly an abort after the FIN",
	  .script = "talk; > F. 101 ack 201; < . 201 ack 102; +1 > R. 102 ack 201 ttl 61",
	  .row = { { .close = "reset", .cause = "abort-after-fin|injected", .truth = "" } } },
	{ .name = "a RST of another TTL is never certainly the end of the probes",
	  .script = "talk; +45 > . 100 ack 201; +10 > . 100 ack 201; +10 > R. 101 ack 201 ttl 61",
	  .row = { { .close = "reset", .cause = "keepalive-dead|injected", .truth = "" } } },
	{ .name = "a reply of another TTL is never certainly for late data",
	  .script = "talk; < F. 201 ack 101; > . 101 ack 202; +1 > P. 101:201(100) ack 202; < R 202 ttl 61",
	  .row = { { .close = "reset", .cause = "late-data|injected", .truth = "" } } },
	{ .name = "a reply of another TTL is never certainly for a late FIN",
	  .script = "talk; < F. 201 ack 101; > . 101 ack 202; +1 > F. 101 ack 202; < R 202 ttl 61",
	  .row = { { .close = "reset", .cause = "late-fin|injected", .truth = "" } } },
	{ .name = "a reply of another TTL is never certainly the end of a race",
	  .script = "talk; +7 < F. 201 ack 101; +0.002 > P. 101:201(100) ack 201; < R 201 ttl 61",
	  .row = { { .close = "reset", .cause = "keepalive-race|injected", .truth = "" } } },

	/* Nor are those of which less than that is odd: a box may have made them as well as an odd host. */
	{ .name = "an abort after the FIN without timestamps and window: a box's, or Windows's",
	  .script = "talk; > F. 101 ack 201; < . 201 ack 102; +1 > R. 102 ack 201 nots win 0",
	  .row = { { .close = "reset", .cause = "abort-after-fin|injected", .truth = "" } } },
	{ .name = "a RST for the FIN without timestamps and window: a box's, or Windows's",
	  .script = "talk; > F. 101 ack 201; < . 201 ack 102; +1 < R. 201 ack 102 nots win 0",
	  .row = { { .close = "reset", .cause = "rst-for-fin|injected", .truth = "" } } },
	{ .name = "the end of the probes without timestamps and window: a box's, or Windows's",
	  .script = "talk; +45 > . 100 ack 201; +10 > . 100 ack 201; +10 > R. 101 ack 201 nots win 0",
	  .row = { { .close = "reset", .cause = "keepalive-dead|injected", .truth = "" } } },

	/* Without anything to compare with. */
	{ .name = "IPv6 has no ID: a forgery shows by hop limit, window and options", .family = 6,
	  .script = "talk; +1 < R. 201 ack 101 foreign",
	  .row = { { .close = "reset", .closer = "network", .cause = "injected" } } },
	{ .name = "IPv6 has no ID: window and options alone are no certain forgery", .family = 6,
	  .script = "talk; +1 < R. 201 ack 101 nots win 0",
	  .row = { { .close = "reset", .cause = "abort|injected", .truth = "" } } },
	{ .name = "one direction only: a RST for the FIN is no certainty",
	  .script = "< P. 1:201(200) ack 101; < . 201 ack 102; +1 < R. 201 ack 102",
	  .row = { { .close = "reset", .truth = "" } } },
	{ .name = "one direction only: an abort after the FIN is no certainty",
	  .script = "> P. 1:101(100) ack 1; > F. 101 ack 201; +1 > R. 102 ack 201",
	  .row = { { .close = "reset", .cause = "abort-after-fin|injected|abort", .truth = "" } } },
	{ .name = "a side of which nothing was seen before its RST",
	  .script = "> P. 1:101(100) ack 1; +1 < R 1 ttl 61",
	  .row = { { .close = "reset", .truth = "" } } },
	{ .name = NULL },
};
/* clang-format on */
