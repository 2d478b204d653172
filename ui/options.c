/* SPDX-License-Identifier: GPL-2.0-or-later */
/* options.c - the command line. */
#include "ui/options.h"

#include <getopt.h>
#include <limits.h>

#include "dissect/capture.h"

#define NS_PER_S  UINT64_C(1000000000)
#define NOT_GIVEN INT64_C(-1)

enum {
	TIME_WAIT_DEFAULT_S = 60,   /* Linux's TCP_TIMEWAIT_LEN */
	FIN_TIMEOUT_DEFAULT_S = 60, /* Linux's net.ipv4.tcp_fin_timeout */
	PORTS_DEFAULT = 28232,	    /* Linux's net.ipv4.ip_local_port_range: 32768 to 60999 */
	KEEP_PACKETS_DEFAULT_MIB = 64,
	MAX_FLOWS_DEFAULT = 4000000, /* about 1.2 GB when all are open at once */
	/* Where there is no end of file: design/verdicts.md 8. */
	IDLE_WATCHING_S = 3600,
	SYN_IDLE_WATCHING_S = 150, /* Linux's connect() gives up after 127 s */
	MAX_FLOWS_WATCHING = 1000000,
	SNAPLEN_DEFAULT =
		256, /* all headers, in a tunnel too, and what --payload can show of short messages */
	/*
	 * libpcap cuts it into blocks of 256 KiB, and every WATCHED_BLOCK_MS one is used up, even if it holds
	 * a single packet: 128 blocks stand a stall of six seconds, or at a million packets a second
	 * of a tenth.
	 */
	BUFFER_DEFAULT_MIB = 32,
	LONG_ONLY = UCHAR_MAX + 1, /* getopt_long's value for row 0 without a letter, and so on */
};

/* The table as getopt_long wants it. */
struct getopt_tables {
	struct option longs[OPTIONS_MAX + 1]; /* ended by zeros */
	char shorts[2 * OPTIONS_MAX + 2];
};

static void make_tables(struct getopt_tables *tables)
{
	char *letter = tables->shorts;

	*tables = (struct getopt_tables){ 0 };
	*letter++ = ':'; /* errors are ours to tell; ':' for a missing argument */
	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *row = &option_rows[i];
		int kind = !row->argument  ? no_argument
			   : row->optional ? optional_argument
					   : required_argument;

		tables->longs[i] =
			(struct option){ .name = row->name, .has_arg = kind, .val = LONG_ONLY + (int)i };
		if (!row->letter)
			continue;
		*letter++ = row->letter;
		if (row->argument)
			*letter++ = ':';
	}
}

/* The row of a value of getopt_long: a letter, or LONG_ONLY and up. NULL = none. */
static const struct option_row *row_of(int value)
{
	if (value >= LONG_ONLY)
		return &option_rows[value - LONG_ONLY];
	for (size_t i = 0; i < option_count; i++) {
		if (value != 0 && option_rows[i].letter == value)
			return &option_rows[i];
	}
	return NULL;
}

static size_t count_prefixed(const char *name)
{
	size_t length = strcspn(name, "=");
	size_t n = 0;

	for (size_t i = 0; i < option_count; i++)
		n += strncmp(option_rows[i].name, name, length) == 0;
	return n;
}

/* What getopt_long refused: value is '?' or ':', given the argument it was reading. */
static void say_refused(struct text *why, int value, const char *given)
{
	const struct option_row *row = row_of(optopt);

	if (row) {
		text_string(why, "--");
		text_string(why, row->name);
		text_string(why, value == ':' ? " needs an argument" : " takes no argument");
	} else if (optopt != 0) {
		const char letter[2] = { (char)optopt, '\0' };

		text_string(why, "there is no option -");
		text_string(why, letter);
	} else {
		text_string(why, count_prefixed(given + 2) > 1 ? "several options begin with "
							       : "there is no option ");
		text_bytes(why, given, strcspn(given, "="));
	}
}

static void say_name(struct text *why, const struct option_row *row)
{
	text_string(why, "--");
	text_string(why, row->name);
	text_string(why, ": ");
}

static bool same_file(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

static bool is_standard(const char *name)
{
	return name && strcmp(name, "-") == 0;
}

/* Two outputs are one file. */
static bool clash(const struct options *options)
{
	const char *const names[] = { options->csv, options->json, options->events, options->pcap };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		for (size_t j = 0; j < i; j++)
			if (same_file(names[i], names[j]))
				return true;
	return false;
}

static bool is_file(const char *output)
{
	return output && !is_standard(output);
}

static bool name_rotates(const char *output, const char *name, struct text *why)
{
	if (!is_file(output))
		return true;
	text_string(why, name);
	text_string(why, ": ");
	if (!rotation_pattern_valid(output, why))
		return false;
	why->length = 0;
	return true;
}

static bool rotation_consistent(const struct options *options, struct text *why)
{
	if (!rotation_wanted(&options->rotation)) {
		if (options->keep > 0)
			text_string(why, "--keep is for --rotate, which is not given");
		return options->keep == 0;
	}
	if (options->interface_count == 0)
		text_string(why, "--rotate is for watching interfaces (-i), and none is given");
	else if (!options_write_files(options))
		text_string(why, "--rotate is for files of --csv, --json and --events, and none is given");
	else
		return name_rotates(options->csv, "--csv", why) &&
		       name_rotates(options->json, "--json", why) &&
		       name_rotates(options->events, "--events", why);
	return false;
}

bool options_write_files(const struct options *options)
{
	return is_file(options->csv) || is_file(options->json) || is_file(options->events);
}

/* What is for watching only. */
static bool watch_options_given(const struct options *options)
{
	return options->snaplen || options->buffer || options->no_promiscuous || options->count ||
	       options->duration || options->closes_only;
}

/* What is to be read, or watched. */
static bool inputs_consistent(const struct options *options, struct text *why)
{
	size_t standard_inputs = 0;

	for (size_t i = 0; i < options->file_count; i++)
		standard_inputs += strcmp(options->files[i], "-") == 0;
	if (options->file_count == 0 && options->interface_count == 0)
		text_string(why,
			    "neither a capture file ('-' is standard input) nor an interface (-i) is given");
	else if (options->file_count > 0 && options->interface_count > 0)
		text_string(why, "a capture file and an interface (-i) cannot be given together");
	else if (options->interface_count == 0 && watch_options_given(options))
		text_string(why,
			    "--snaplen, --buffer, --no-promiscuous, --count, --duration and --closes-only "
			    "are for --interface, which is not given");
	else if (options->interface_count > 0 && options->threads)
		text_string(why, "--threads is for captures: interfaces (-i) are watched by one thread");
	else if (standard_inputs > 1)
		text_string(why, "standard input ('-') can be read only once");
	else
		return true;
	return false;
}

/* What can be wrong although each option by itself is right. */
static bool consistent(const struct options *options, struct text *why)
{
	int standard_outputs = is_standard(options->csv) + is_standard(options->json) +
			       is_standard(options->events) + is_standard(options->pcap) + options->list;

	if (!inputs_consistent(options, why))
		return false;
	if (standard_outputs > 1)
		text_string(why, "only one of --csv, --json, --events, --pcap and --list can go to standard "
				 "output");
	else if (clash(options))
		text_string(why, "two of --csv, --json, --events and --pcap are to go to the same file");
	else if (options->columns_given && !options->csv && !options->json)
		text_string(why, "--columns is for --csv and --json, and neither is given");
	else if (options->only_given && !options->csv && !options->json && !options->list && !options->pcap &&
		 options->selector_count == 0)
		text_string(why,
			    "--only is for --csv, --json, --list, --pcap and --explain, and none is given");
	else if (options->ui && (standard_outputs > 0 || options->csv || options->json || options->events ||
				 options->pcap || options->selector_count > 0))
		text_string(why,
			    "--ui shows the captures in the terminal, and cannot be used with --csv, --json, "
			    "--events, --pcap, --list and --explain");
	else if (options->speed > 0 && !options->ui)
		text_string(why, "--speed is for --ui, which is not given");
	else if (options->plain && options->ui)
		text_string(why, "--plain is instead of --ui, and both are given");
	else if (options->summary && options->selector_count == 0)
		text_string(why, "--summary is for --explain, which is not given");
	else if (options->payload && options->selector_count == 0)
		text_string(why, "--payload is for --explain, which is not given");
	else if (options->metrics_given && options->interface_count == 0)
		text_string(why, "--metrics is for watching interfaces (-i), and none is given");
	else if (options->width && options->selector_count == 0)
		text_string(why, "--width is for --explain and --explain-causes, and neither is given");
	else
		return rotation_consistent(options, why);
	return false;
}

/* What is not the same for files and for interfaces. */
static void set_defaults(struct options *options)
{
	bool watching = options->interface_count > 0;
	bool idle_given = options->idle != NOT_GIVEN;

	if (!idle_given)
		options->idle = watching ? IDLE_WATCHING_S * (int64_t)NS_PER_S : 0;
	options->syn_idle = watching && !idle_given ? SYN_IDLE_WATCHING_S * (int64_t)NS_PER_S : options->idle;
	if (options->max_flows == (uint64_t)NOT_GIVEN)
		options->max_flows = watching ? MAX_FLOWS_WATCHING : MAX_FLOWS_DEFAULT;
	if (!watching)
		return;
	if (options->snaplen == 0)
		options->snaplen = options->payload > 0 ? WATCH_SNAPLEN_MOST : SNAPLEN_DEFAULT;
	if (options->buffer == 0)
		options->buffer = BUFFER_DEFAULT_MIB;
}

enum options_result options_parse(struct options *options, int argc, char **argv, struct text *why)
{
	struct getopt_tables tables;
	int value;

	make_tables(&tables);
	*options = (struct options){
		.time_wait = TIME_WAIT_DEFAULT_S * (int64_t)NS_PER_S,
		.fin_timeout = FIN_TIMEOUT_DEFAULT_S * (int64_t)NS_PER_S,
		.idle = NOT_GIVEN,
		.max_flows = (uint64_t)NOT_GIVEN,
		.ports = PORTS_DEFAULT,
		.shards = 1,
		.keep_packets = KEEP_PACKETS_DEFAULT_MIB,
	};
	columns_all(&options->columns);
	optind = 0; /* glibc: begin anew, also when called a second time */
	opterr = 0;
	while ((value = getopt_long(argc, argv, tables.shorts, tables.longs, NULL)) != -1) {
		const struct option_row *row = value == '?' || value == ':' ? NULL : row_of(value);

		if (!row) {
			say_refused(why, value, argv[optind - 1]);
			return OPTIONS_WRONG;
		}
		if (!row->take)
			return row->letter == 'h' ? OPTIONS_HELP : OPTIONS_VERSION;
		say_name(why, row);
		if (!row->take(options, row, optarg, why))
			return OPTIONS_WRONG;
		why->length = 0;
	}
	if (options->explain_causes)
		return OPTIONS_CAUSES;
	if (options->list_interfaces)
		return OPTIONS_INTERFACES;
	options->files = (const char *const *)(argv + optind);
	options->file_count = (size_t)(argc - optind);
	if (!consistent(options, why))
		return OPTIONS_WRONG;
	set_defaults(options);
	return OPTIONS_RUN;
}

void options_free(struct options *options)
{
	timers_free(options->timers);
	options->timers = NULL;
}
