/* SPDX-License-Identifier: GPL-2.0-or-later */
/* option_rows.c - the table of options, and what each does with its argument. */
#include "ui/options.h"

#include <errno.h>

#include "dissect/capture.h"
#include "dissect/content.h"
#include "ui/crew.h"
#include "ui/number.h"

#define NS_PER_S UINT64_C(1000000000)

static void *field(struct options *options, const struct option_row *row)
{
	return (char *)options + row->field;
}

static bool take_flag(struct options *options, const struct option_row *row, const char *argument,
		      struct text *why)
{
	(void)argument;
	(void)why;
	*(bool *)field(options, row) = true;
	return true;
}

static bool take_output(struct options *options, const struct option_row *row, const char *argument,
			struct text *why)
{
	const char *name = argument ? argument : "-";

	if (name[0] == '\0') {
		text_string(why, "the name of the file is missing");
		return false;
	}
	*(const char **)field(options, row) = name;
	return true;
}

static bool take_number(struct options *options, const struct option_row *row, const char *argument,
			struct text *why)
{
	const char *end;
	uint64_t n;

	if (!number_digits(argument, &end, &n) || *end || n < row->least || n > row->most) {
		text_string(why, "a whole number from ");
		text_number(why, row->least);
		text_string(why, " to ");
		text_number(why, row->most);
		text_string(why, " is needed, not '");
		text_string(why, argument);
		text_char(why, '\'');
		return false;
	}
	*(uint64_t *)field(options, row) = n;
	return true;
}

static bool take_seconds(struct options *options, const struct option_row *row, const char *argument,
			 struct text *why)
{
	const char *end;
	uint64_t ns;

	if (!number_seconds(argument, &end, &ns) || *end || ns < row->least || ns > row->most) {
		text_string(why, "seconds (such as 60 or 0.5, ");
		text_string(why, row->least > 0 ? "more than 0" : "0 = never");
		text_string(why, ", at most ");
		text_number(why, row->most / NS_PER_S);
		text_string(why, ") are needed, not '");
		text_string(why, argument);
		text_char(why, '\'');
		return false;
	}
	*(int64_t *)field(options, row) = (int64_t)ns;
	return true;
}

static bool take_duration(struct options *options, const struct option_row *row, const char *argument,
			  struct text *why)
{
	const char *end;
	uint64_t ns;

	if (number_duration(argument, &end, &ns) && !*end && ns >= row->least && ns <= row->most) {
		*(int64_t *)field(options, row) = (int64_t)ns;
		return true;
	}
	text_string(why, "a time (such as 90, 0.5s, 30m, 12h or 7d, more than 0) is needed, not '");
	text_string(why, argument);
	text_char(why, '\'');
	return false;
}

/* The list, whose lines are printed at once. */
static bool take_plain(struct options *options, const struct option_row *row, const char *argument,
		       struct text *why)
{
	options->list = true;
	return take_flag(options, row, argument, why);
}

static bool take_time_wait(struct options *options, const struct option_row *row, const char *argument,
			   struct text *why)
{
	options->time_wait_given = true;
	return take_seconds(options, row, argument, why);
}

static bool take_speed(struct options *options, const struct option_row *row, const char *argument,
		       struct text *why)
{
	const char *end;
	uint64_t n;

	/* Decimals as those of seconds. */
	if (number_seconds(argument, &end, &n) && !*end && n >= row->least && n <= row->most) {
		*(int64_t *)field(options, row) = (int64_t)n;
		return true;
	}
	text_string(
		why,
		"a number above 0, at most 1000000 (1 = as fast as it was, 0.5 = half), is needed, not '");
	text_string(why, argument);
	text_char(why, '\'');
	return false;
}

static bool take_interface(struct options *options, const struct option_row *row, const char *argument,
			   struct text *why)
{
	(void)row;
	for (size_t i = 0; i < options->interface_count; i++) {
		if (strcmp(options->interfaces[i], argument) == 0) {
			text_char(why, '\'');
			text_string(why, argument);
			text_string(why, "' is there twice");
			return false;
		}
	}
	if (argument[0] == '\0') {
		text_string(why, "the name of the interface is missing");
	} else if (options->interface_count == OPTIONS_INTERFACES_MAX) {
		text_string(why, "more than ");
		text_number(why, OPTIONS_INTERFACES_MAX);
		text_string(why, " of them are given");
	} else {
		options->interfaces[options->interface_count++] = argument;
		return true;
	}
	return false;
}

static bool take_filter(struct options *options, const struct option_row *row, const char *argument,
			struct text *why)
{
	struct capture_error error;

	(void)row;
	options->filter = argument;
	if (capture_filter_valid(argument, &error))
		return true;
	text_char(why, '\'');
	text_string(why, argument);
	text_string(why, "': ");
	text_string(why, error.text);
	return false;
}

static bool take_only(struct options *options, const struct option_row *row, const char *argument,
		      struct text *why)
{
	(void)row;
	options->only_given = true;
	return only_parse(&options->only, argument, why);
}

static bool take_columns(struct options *options, const struct option_row *row, const char *argument,
			 struct text *why)
{
	(void)row;
	options->columns_given = true;
	return columns_parse(&options->columns, argument, why);
}

static bool take_rotate(struct options *options, const struct option_row *row, const char *argument,
			struct text *why)
{
	(void)row;
	return rotation_parse(&options->rotation, argument, why);
}

static bool take_timers(struct options *options, const struct option_row *row, const char *argument,
			struct text *why)
{
	(void)row;
	if (!options->timers)
		options->timers = timers_new();
	if (options->timers)
		return timers_add_file(options->timers, argument, why);
	text_string(why, strerror(ENOMEM));
	return false;
}

static bool take_metrics(struct options *options, const struct option_row *row, const char *argument,
			 struct text *why)
{
	(void)row;
	options->metrics_given = true;
	return metrics_address_parse(&options->metrics, argument, why);
}

static bool take_explain(struct options *options, const struct option_row *row, const char *argument,
			 struct text *why)
{
	(void)row;
	if (options->selector_count < OPTIONS_SELECTORS_MAX)
		return selector_parse(&options->selectors[options->selector_count++], argument, why);
	text_string(why, "more than ");
	text_number(why, OPTIONS_SELECTORS_MAX);
	text_string(why, " of them are given");
	return false;
}

static bool take_user(struct options *options, const struct option_row *row, const char *argument,
		      struct text *why)
{
	(void)row;
	if (sandbox_user_named(&options->user, argument))
		return true;
	text_string(why, "there is no user '");
	text_string(why, argument);
	text_char(why, '\'');
	return false;
}

/* K/N. */
static bool take_shard(struct options *options, const struct option_row *row, const char *argument,
		       struct text *why)
{
	const char *end;
	uint64_t k, n;

	(void)row;
	if (number_digits(argument, &end, &k) && *end == '/' && number_digits(end + 1, &end, &n) && !*end &&
	    k >= 1 && k <= n && n <= TRACKER_PARTS) {
		options->shard = k - 1;
		options->shards = n;
		return true;
	}
	text_string(why, "K/N is needed, such as 1/4, with K from 1 to N and N at most ");
	text_number(why, TRACKER_PARTS);
	text_string(why, ", not '");
	text_string(why, argument);
	text_char(why, '\'');
	return false;
}

#define OF(member) offsetof(struct options, member)

const struct option_row option_rows[] = {
	{ .letter = 'i',
	  .name = "interface",
	  .argument = "IFACE",
	  .help = "watch this network interface, or any for all; repeatable",
	  .take = take_interface },
	{ .letter = 'D',
	  .name = "list-interfaces",
	  .help = "print the interfaces that can be watched and exit",
	  .take = take_flag,
	  .field = OF(list_interfaces) },
	{ .letter = 's',
	  .name = "snaplen",
	  .argument = "BYTES",
	  .help = "with -i: capture so much of a packet (256); fragments, RSTs and ICMP errors whole",
	  .take = take_number,
	  .field = OF(snaplen),
	  .least = WATCH_SNAPLEN_LEAST,
	  .most = WATCH_SNAPLEN_MOST },
	{ .letter = 'B',
	  .name = "buffer",
	  .argument = "MIB",
	  .help = "with -i: the kernel's buffer for packets, of each interface (32)",
	  .take = take_number,
	  .field = OF(buffer),
	  .least = 1,
	  .most = 2047 },
	{ .letter = 'p',
	  .name = "no-promiscuous",
	  .help = "with -i: only what is sent or received by this host anyway",
	  .take = take_flag,
	  .field = OF(no_promiscuous) },
	{ .name = "count",
	  .argument = "N",
	  .help = "with -i: end after so many packets",
	  .take = take_number,
	  .field = OF(count),
	  .least = 1,
	  .most = UINT64_MAX },
	{ .name = "duration",
	  .argument = "TIME",
	  .help = "with -i: end after so long; seconds, or with s, m, h or d",
	  .take = take_duration,
	  .field = OF(duration),
	  .least = 1,
	  .most = INT64_MAX },
	{ .name = "closes-only",
	  .help = "with -i: let the kernel leave out segments with payload, for links too fast to watch "
		  "whole",
	  .take = take_flag,
	  .field = OF(closes_only) },
	{ .name = "csv",
	  .argument = "FILE",
	  .optional = true,
	  .help = "write a row a connection as CSV; without FILE or with - to standard output",
	  .take = take_output,
	  .field = OF(csv) },
	{ .name = "json",
	  .argument = "FILE",
	  .optional = true,
	  .help = "the same as NDJSON, one object a line",
	  .take = take_output,
	  .field = OF(json) },
	{ .name = "events",
	  .argument = "FILE",
	  .optional = true,
	  .help = "write every change of the state of either end as it happens, as NDJSON",
	  .take = take_output,
	  .field = OF(events) },
	{ .name = "rotate",
	  .argument = "SIZE|TIME",
	  .help = "with -i: a new file at this size (512K, 100M, 1G) or time (30s, 10m, 1h, 1d), named by "
		  "strftime as in rows-%Y%m%d-%H%M%S.csv; repeatable",
	  .take = take_rotate },
	{ .name = "keep",
	  .argument = "N",
	  .help = "with --rotate: remove the oldest files beyond N of each output",
	  .take = take_number,
	  .field = OF(keep),
	  .least = 1,
	  .most = 1000000 },
	{ .name = "list",
	  .help = "print one readable line a connection",
	  .take = take_flag,
	  .field = OF(list) },
	{ .name = "plain",
	  .help = "print a line for every close as it is known, instead of the dashboard",
	  .take = take_plain,
	  .field = OF(plain) },
	{ .name = "ui",
	  .help = "browse the captures in the terminal: overview, connections, TIME-WAIT, hosts and services",
	  .take = take_flag,
	  .field = OF(ui) },
	{ .name = "speed",
	  .argument = "N",
	  .help = "with --ui: replay the captures in time, N times as fast as they were",
	  .take = take_speed,
	  .field = OF(speed),
	  .least = 1,
	  .most = 1000000 * NS_PER_S },
	{ .name = "explain",
	  .argument = "SELECTOR",
	  .help = "explain these connections, with their packets: a packet's number, IP, IP:PORT, or two of "
		  "these with - between; repeatable",
	  .take = take_explain },
	{ .name = "explain-causes",
	  .help = "print what each cause means, how it is known, and what to do about it; exit",
	  .take = take_flag,
	  .field = OF(explain_causes) },
	{ .name = "width",
	  .argument = "N",
	  .help = "columns of --explain and --explain-causes, 72 or more (those of the terminal, else 80)",
	  .take = take_number,
	  .field = OF(width),
	  .least = OPTIONS_WIDTH_LEAST,
	  .most = OPTIONS_WIDTH_MOST },
	{ .name = "pcap",
	  .argument = "FILE",
	  .optional = true,
	  .help = "write the packets of the connections (with --only and --explain: of those) as pcapng, for "
		  "Wireshark",
	  .take = take_output,
	  .field = OF(pcap) },
	{ .name = "keep-packets",
	  .argument = "MIB",
	  .help = "how much of standard input, or of what is watched, to keep for --explain and --pcap (64)",
	  .take = take_number,
	  .field = OF(keep_packets),
	  .least = 1,
	  .most = 1 << 20 },
	{ .name = "payload",
	  .argument = "N",
	  .help = "with --explain: show the last N bytes that each side's application sent",
	  .take = take_number,
	  .field = OF(payload),
	  .least = 1,
	  .most = CONTENT_TAIL_MAX },
	{ .name = "metrics",
	  .argument = "PORT",
	  .help = "serve metrics for Prometheus at this port of loopback, or at ADDR:PORT, [IPv6]:PORT",
	  .take = take_metrics },
	{ .letter = 'f',
	  .name = "filter",
	  .argument = "FILTER",
	  .help = "look only at packets that match a libpcap filter",
	  .take = take_filter },
	{ .name = "only",
	  .argument = "TERMS",
	  .help = "write, list and explain only such connections: closes, causes, 'lingering' (comma "
		  "separated), "
		  "COLUMN=VALUE",
	  .take = take_only },
	{ .name = "columns",
	  .argument = "LIST",
	  .help = "write only these columns, in this order (comma separated)",
	  .take = take_columns },
	{ .name = "time-wait",
	  .argument = "SECONDS",
	  .help = "how long TIME-WAIT lasts (60)",
	  .take = take_time_wait,
	  .field = OF(time_wait),
	  .least = 1,
	  .most = 86400 * NS_PER_S },
	{ .name = "fin-timeout",
	  .argument = "SECONDS",
	  .help = "how long a closed socket waits in FIN-WAIT-2, for the cause fin-timeout (60)",
	  .take = take_seconds,
	  .field = OF(fin_timeout),
	  .least = 1,
	  .most = 86400 * NS_PER_S },
	{ .name = "timers",
	  .argument = "FILE",
	  .help = "more idle time-outs for the cause idle-timeout, a line each: SECONDS NAME; repeatable",
	  .take = take_timers },
	{ .name = "idle",
	  .argument = "SECONDS",
	  .help = "end a record after so long without a packet (0 = never; with -i 3600, and 150 for an "
		  "unanswered SYN)",
	  .take = take_seconds,
	  .field = OF(idle),
	  .most = 1000000000 * NS_PER_S },
	{ .name = "max-flows",
	  .argument = "N",
	  .help = "how many connections to follow at once (4000000; with -i 1000000; 0 = no limit)",
	  .take = take_number,
	  .field = OF(max_flows),
	  .most = UINT32_MAX },
	{ .name = "ports",
	  .argument = "N",
	  .help = "ephemeral ports of a host, for TIME-WAIT's share of them (28232)",
	  .take = take_number,
	  .field = OF(ports),
	  .least = 1,
	  .most = UINT16_MAX },
	{ .name = "threads",
	  .argument = "N",
	  .help = "how many threads read, analyse and write captures (the processors, at most 4)",
	  .take = take_number,
	  .field = OF(threads),
	  .least = 1,
	  .most = CREW_MAX + 2 },
	{ .name = "shard",
	  .argument = "K/N",
	  .help = "look only at the K-th of N parts of the connections, for N machines to share the work",
	  .take = take_shard },
	{ .name = "outer",
	  .help = "take the TCP outside a tunnel, not inside",
	  .take = take_flag,
	  .field = OF(outer) },
	{ .name = "summary",
	  .help = "with --explain: print the summary too",
	  .take = take_flag,
	  .field = OF(summary) },
	{ .letter = 'q', .name = "quiet", .help = "no summary", .take = take_flag, .field = OF(quiet) },
	{ .letter = 'v',
	  .name = "verbose",
	  .help = "a longer summary; with --list, a second line with the evidence",
	  .take = take_flag,
	  .field = OF(verbose) },
	{ .name = "user",
	  .argument = "NAME",
	  .help = "who to become once all is open (nobody, if root started it); a name or a number",
	  .take = take_user },
	{ .name = "no-sandbox",
	  .help = "do not lock the program up before captures are read; for debugging only",
	  .take = take_flag,
	  .field = OF(no_sandbox) },
	{ .letter = 'h', .name = "help", .help = "print this and exit" },
	{ .letter = 'V', .name = "version", .help = "print the version and exit" },
};

const size_t option_count = sizeof option_rows / sizeof option_rows[0];
_Static_assert(sizeof option_rows / sizeof option_rows[0] <= OPTIONS_MAX,
	       "getopt's tables have room for all");
