/* SPDX-License-Identifier: GPL-2.0-or-later */
/* options.c - the command line. */
#include "ui/options.h"

#include <getopt.h>
#include <limits.h>

#include "dissect/capture.h"

#define NS_PER_S UINT64_C(1000000000)

enum {
	TIME_WAIT_DEFAULT_S = 60,    /* Linux's TCP_TIMEWAIT_LEN */
	PORTS_DEFAULT = 28232,	     /* Linux's net.ipv4.ip_local_port_range: 32768 to 60999 */
	MAX_FLOWS_DEFAULT = 4000000, /* about 1.2 GB when all are open at once */
	LONG_ONLY = UCHAR_MAX + 1,   /* getopt_long's value for row 0 without a letter, and so on */
	OPTIONS_MAX = 32,
};

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

/* Digits only, up to the largest uint64_t; *end is after them. */
static bool read_digits(const char *string, const char **end, uint64_t *n)
{
	const char *at = string;

	*n = 0;
	for (; *at >= '0' && *at <= '9'; at++) {
		uint64_t digit = (uint64_t)(*at - '0');

		if (*n > (UINT64_MAX - digit) / 10)
			return false;
		*n = *n * 10 + digit;
	}
	*end = at;
	return at > string;
}

static bool take_number(struct options *options, const struct option_row *row, const char *argument,
			struct text *why)
{
	const char *end;
	uint64_t n;

	if (!read_digits(argument, &end, &n) || *end || n < row->least || n > row->most) {
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

/* Seconds with up to nine digits after a point, as nanoseconds. */
static bool read_seconds(const char *string, uint64_t *ns)
{
	const char *at;
	uint64_t unit = NS_PER_S;

	if (!read_digits(string, &at, ns) || *ns > INT64_MAX / NS_PER_S)
		return false;
	*ns *= NS_PER_S;
	if (*at == '\0')
		return true;
	if (*at != '.' || at[1] == '\0')
		return false;
	for (at++; *at >= '0' && *at <= '9' && unit > 1; at++) {
		unit /= 10;
		*ns += (uint64_t)(*at - '0') * unit;
	}
	return *at == '\0';
}

static bool take_seconds(struct options *options, const struct option_row *row, const char *argument,
			 struct text *why)
{
	uint64_t ns;

	if (!read_seconds(argument, &ns) || ns < row->least || ns > row->most) {
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

static bool take_filter(struct options *options, const struct option_row *row, const char *argument,
			struct text *why)
{
	struct capture_error error;

	(void)row;
	options->filter = argument;
	if (capture_filter_valid(argument, &error))
		return true;
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

#define OF(member) offsetof(struct options, member)

const struct option_row option_rows[] = {
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
	{ .name = "list",
	  .help = "print one readable line a connection",
	  .take = take_flag,
	  .field = OF(list) },
	{ .letter = 'f',
	  .name = "filter",
	  .argument = "FILTER",
	  .help = "look only at packets that match a libpcap filter",
	  .take = take_filter },
	{ .name = "only",
	  .argument = "LIST",
	  .help = "write and list only these closes, causes, or 'lingering' (comma separated)",
	  .take = take_only },
	{ .name = "columns",
	  .argument = "LIST",
	  .help = "write only these columns, in this order (comma separated)",
	  .take = take_columns },
	{ .name = "time-wait",
	  .argument = "SECONDS",
	  .help = "how long TIME-WAIT lasts (60)",
	  .take = take_seconds,
	  .field = OF(time_wait),
	  .least = 1,
	  .most = 86400 * NS_PER_S },
	{ .name = "idle",
	  .argument = "SECONDS",
	  .help = "end a record after so long without a packet (0 = never)",
	  .take = take_seconds,
	  .field = OF(idle),
	  .most = 1000000000 * NS_PER_S },
	{ .name = "max-flows",
	  .argument = "N",
	  .help = "how many connections to follow at once (4000000; 0 = no limit)",
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
	{ .name = "outer",
	  .help = "take the TCP outside a tunnel, not inside",
	  .take = take_flag,
	  .field = OF(outer) },
	{ .letter = 'q', .name = "quiet", .help = "no summary", .take = take_flag, .field = OF(quiet) },
	{ .letter = 'v',
	  .name = "verbose",
	  .help = "a longer summary; with --list, a second line with the evidence",
	  .take = take_flag,
	  .field = OF(verbose) },
	{ .letter = 'h', .name = "help", .help = "print this and exit" },
	{ .letter = 'V', .name = "version", .help = "print the version and exit" },
};

const size_t option_count = sizeof option_rows / sizeof option_rows[0];
_Static_assert(sizeof option_rows / sizeof option_rows[0] <= OPTIONS_MAX,
	       "getopt's tables have room for all");

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

/* What can be wrong although each option by itself is right. */
static bool consistent(const struct options *options, struct text *why)
{
	bool csv_out = options->csv && strcmp(options->csv, "-") == 0;
	bool json_out = options->json && strcmp(options->json, "-") == 0;
	size_t standard_inputs = 0;

	for (size_t i = 0; i < options->file_count; i++)
		standard_inputs += strcmp(options->files[i], "-") == 0;
	if (options->file_count == 0)
		text_string(why, "no capture file is given ('-' is standard input)");
	else if (standard_inputs > 1)
		text_string(why, "standard input ('-') can be read only once");
	else if (csv_out + json_out + options->list > 1)
		text_string(why, "only one of --csv, --json and --list can go to standard output");
	else if (options->columns_given && !options->csv && !options->json)
		text_string(why, "--columns is for --csv and --json, and neither is given");
	else if (options->only_given && !options->csv && !options->json && !options->list)
		text_string(why, "--only is for --csv, --json and --list, and none is given");
	else
		return true;
	return false;
}

enum options_result options_parse(struct options *options, int argc, char **argv, struct text *why)
{
	struct getopt_tables tables;
	int value;

	make_tables(&tables);
	*options = (struct options){
		.time_wait = TIME_WAIT_DEFAULT_S * (int64_t)NS_PER_S,
		.max_flows = MAX_FLOWS_DEFAULT,
		.ports = PORTS_DEFAULT,
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
	options->files = (const char *const *)(argv + optind);
	options->file_count = (size_t)(argc - optind);
	return consistent(options, why) ? OPTIONS_RUN : OPTIONS_WRONG;
}
