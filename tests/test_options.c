/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_options.c - the command line, and that the help and the manual tell of all of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ui/options.h"

#define S INT64_C(1000000000)

enum { ARGUMENTS_MAX = 16 };

struct command {
	char line[512];
	char *argv[ARGUMENTS_MAX + 1];
	int argc;
	struct options options;
	char why[2048];
};

/* Parses the words of line, which are separated by single spaces. */
static enum options_result parse(struct command *command, const char *line)
{
	struct text why = { .bytes = command->why, .size = sizeof command->why };
	enum options_result result;

	snprintf(command->line, sizeof command->line, "lastack %s", line);
	command->argc = 0;
	for (char *word = strtok(command->line, " "); word; word = strtok(NULL, " "))
		command->argv[command->argc++] = word;
	command->argv[command->argc] = NULL;
	result = options_parse(&command->options, command->argc, command->argv, &why);
	text_end(&why);
	return result;
}

static void defaults_are_those_of_the_manual(void **state)
{
	struct command command;

	(void)state;
	assert_int_equal(parse(&command, "a.pcap"), OPTIONS_RUN);
	assert_int_equal(command.options.file_count, 1);
	assert_string_equal(command.options.files[0], "a.pcap");
	assert_int_equal(command.options.time_wait, 60 * S);
	assert_int_equal(command.options.idle, 0);
	assert_int_equal(command.options.syn_idle, 0);
	assert_int_equal(command.options.interface_count, 0);
	assert_int_equal(command.options.max_flows, 4000000);
	assert_int_equal(command.options.ports, 28232);
	assert_int_equal(command.options.columns.n, column_count);
	assert_null(command.options.csv);
	assert_null(command.options.json);
	assert_null(command.options.pcap);
	assert_null(command.options.events);
	assert_int_equal(command.options.keep_packets, 64);
	assert_int_equal(command.options.threads, 0);
	assert_int_equal(command.options.shard, 0);
	assert_int_equal(command.options.shards, 1);
	assert_null(command.options.filter);
	assert_int_equal(command.options.fin_timeout, 60 * S);
	assert_int_equal(command.options.selector_count, 0);
	assert_int_equal(command.options.width, 0);
	assert_int_equal(command.options.keep, 0);
	assert_false(rotation_wanted(&command.options.rotation));
	assert_null(command.options.timers);
	assert_false(command.options.summary || command.options.explain_causes);
	assert_false(command.options.list || command.options.quiet || command.options.verbose ||
		     command.options.outer);
}

static void options_and_files_mix(void **state)
{
	struct command command;

	(void)state;
	assert_int_equal(
		parse(&command, "a --csv=x -qv - --time-w 1.5 b --idle=0.000000001 --json --outer -- -f"),
		OPTIONS_RUN);
	assert_int_equal(command.options.file_count, 4);
	assert_string_equal(command.options.files[1], "-");
	assert_string_equal(command.options.files[3], "-f");
	assert_string_equal(command.options.csv, "x");
	assert_string_equal(command.options.json, "-");
	assert_true(command.options.quiet && command.options.verbose && command.options.outer);
	assert_int_equal(command.options.time_wait, 3 * S / 2);
	assert_int_equal(command.options.idle, 1);
}

static void watching_has_defaults_of_its_own(void **state)
{
	struct command command;

	(void)state;
	assert_int_equal(parse(&command, "-i eth0 --interface=any"), OPTIONS_RUN);
	assert_int_equal(command.options.file_count, 0);
	assert_int_equal(command.options.interface_count, 2);
	assert_string_equal(command.options.interfaces[0], "eth0");
	assert_string_equal(command.options.interfaces[1], "any");
	assert_int_equal(command.options.snaplen, 256);
	assert_int_equal(command.options.buffer, 32);
	assert_int_equal(command.options.idle, 3600 * S);
	assert_int_equal(command.options.syn_idle, 150 * S);
	assert_int_equal(command.options.max_flows, 1000000);
	assert_int_equal(command.options.count, 0);
	assert_int_equal(command.options.duration, 0);
	assert_false(command.options.no_promiscuous || command.options.closes_only);
	assert_int_equal(parse(&command, "-ieth0 -p -s128 -B 2047 --count 7 --duration 1.5h --closes-only "
					 "--idle=9 --max-flows=0"),
			 OPTIONS_RUN);
	assert_int_equal(command.options.snaplen, 128);
	assert_int_equal(command.options.buffer, 2047);
	assert_int_equal(command.options.idle, 9 * S);
	assert_int_equal(command.options.syn_idle, 9 * S);
	assert_int_equal(command.options.max_flows, 0);
	assert_int_equal(command.options.count, 7);
	assert_int_equal(command.options.duration, 5400 * S);
	assert_true(command.options.no_promiscuous && command.options.closes_only);
	assert_int_equal(parse(&command, "-i eth0 --idle=0"), OPTIONS_RUN);
	assert_int_equal(command.options.idle, 0);
	assert_int_equal(command.options.syn_idle, 0);
}

static void times_have_units(void **state)
{
	static const struct {
		const char *text;
		int64_t ns;
	} cases[] = { { "90", 90 * S },
		      { "0.5s", S / 2 },
		      { "30m", 1800 * S },
		      { "12h", 43200 * S },
		      { "7d", 604800 * S },
		      { "1ms", 0 },
		      { "0", 0 },
		      { "0d", 0 },
		      { "", 0 },
		      { "d", 0 },
		      { "1w", 0 },
		      { "-1", 0 },
		      { "9000000000d", 0 },
		      { "106751d", INT64_C(106751) * 86400 * S } };
	char line[100];
	struct command command;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		snprintf(line, sizeof line, "-i eth0 --duration=%s", cases[i].text);
		assert_int_equal(parse(&command, line), cases[i].ns ? OPTIONS_RUN : OPTIONS_WRONG);
		if (cases[i].ns)
			assert_int_equal(command.options.duration, cases[i].ns);
		else
			assert_memory_equal(command.why, "--duration: a time (such as 90, 0.5s, 30m", 41);
	}
}

static void more_interfaces_than_can_be_are_refused(void **state)
{
	char *argv[OPTIONS_INTERFACES_MAX + 3] = { "lastack" }, names[OPTIONS_INTERFACES_MAX + 1][24];
	char why_bytes[256];
	struct options options;

	(void)state;
	for (int i = 0; i <= OPTIONS_INTERFACES_MAX; i++) {
		struct text why = { .bytes = why_bytes, .size = sizeof why_bytes };

		snprintf(names[i], sizeof names[i], "-ieth%d", i);
		argv[i + 1] = names[i];
		assert_int_equal(options_parse(&options, i + 2, argv, &why),
				 i < OPTIONS_INTERFACES_MAX ? OPTIONS_RUN : OPTIONS_WRONG);
		text_end(&why);
	}
	assert_string_equal(why_bytes, "--interface: more than 64 of them are given");
}

static void help_and_version_need_no_file(void **state)
{
	struct command command;

	(void)state;
	assert_int_equal(parse(&command, "--help"), OPTIONS_HELP);
	assert_int_equal(parse(&command, "-h"), OPTIONS_HELP);
	assert_int_equal(parse(&command, "--version"), OPTIONS_VERSION);
	assert_int_equal(parse(&command, "-V"), OPTIONS_VERSION);
	assert_int_equal(parse(&command, "-D"), OPTIONS_INTERFACES);
	assert_int_equal(parse(&command, "--list-interfaces"), OPTIONS_INTERFACES);
}

static void what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *line, *why;
	} cases[] = {
		{ "", "neither a capture file ('-' is standard input) nor an interface (-i) is given" },
		{ "-i eth0 a", "a capture file and an interface (-i) cannot be given together" },
		{ "-i eth0 -i lo -i eth0", "--interface: 'eth0' is there twice" },
		{ "--interface= a", "--interface: the name of the interface is missing" },
		{ "-p a", "--snaplen, --buffer, --no-promiscuous, --count, --duration and --closes-only are "
			  "for --interface, which is not given" },
		{ "--count=1 a",
		  "--snaplen, --buffer, --no-promiscuous, --count, --duration and --closes-only are "
		  "for --interface, which is not given" },
		{ "-s 127 -i eth0", "--snaplen: a whole number from 128 to 262144 is needed, not '127'" },
		{ "-B 0 -i eth0", "--buffer: a whole number from 1 to 2047 is needed, not '0'" },
		{ "- a -", "standard input ('-') can be read only once" },
		{ "--bogus a", "there is no option --bogus" },
		{ "--bogus=1 a", "there is no option --bogus" },
		{ "-z a", "there is no option -z" },
		{ "-qz a", "there is no option -z" },
		{ "--metrics=9100 a", "--metrics is for watching interfaces (-i), and none is given" },
		{ "--metrics=x a", "--metrics: [ADDR:]PORT is needed (such as 9100, 192.0.2.1:9100 or "
				   "[::1]:9100), not 'x'" },
		{ "--c a", "several options begin with --c" },
		{ "--list=1 a", "--list takes no argument" },
		{ "a -f", "--filter needs an argument" },
		{ "a --idle", "--idle needs an argument" },
		{ "--csv= a", "--csv: the name of the file is missing" },
		{ "--rotate=1h --csv=x a", "--rotate is for watching interfaces (-i), and none is given" },
		{ "--keep=3 --csv=x a", "--keep is for --rotate, which is not given" },
		{ "--rotate=1h --keep=0 a", "--keep: a whole number from 1 to 1000000 is needed, not '0'" },
		{ "--rotate=60 a", "--rotate: a size (such as 512K, 100M or 1G) or a time (such as 30s, 10m, "
				   "1h or 1d, at most "
				   "366d) is needed, not '60'" },
		{ "--csv --json a",
		  "only one of --csv, --json, --events, --pcap and --list can go to standard output" },
		{ "--csv=- --list a",
		  "only one of --csv, --json, --events, --pcap and --list can go to standard output" },
		{ "--events --list a",
		  "only one of --csv, --json, --events, --pcap and --list can go to standard output" },
		{ "--events=x --json=x a",
		  "two of --csv, --json, --events and --pcap are to go to the same file" },
		{ "--json --pcap a",
		  "only one of --csv, --json, --events, --pcap and --list can go to standard output" },
		{ "--keep-packets=0 a",
		  "--keep-packets: a whole number from 1 to 1048576 is needed, not '0'" },
		{ "--columns=close a", "--columns is for --csv and --json, and neither is given" },
		{ "--only=reset a",
		  "--only is for --csv, --json, --list, --pcap and --explain, and none is given" },
		{ "--summary a", "--summary is for --explain, which is not given" },
		{ "--speed=1 a", "--speed is for --ui, which is not given" },
		{ "--ui --speed=0 a",
		  "--speed: a number above 0, at most 1000000 (1 = as fast as it was, 0.5 = "
		  "half), is needed, not '0'" },
		{ "--ui --csv=x a",
		  "--ui shows the captures in the terminal, and cannot be used with --csv, --json, "
		  "--events, --pcap, --list and --explain" },
		{ "--payload=9 a", "--payload is for --explain, which is not given" },
		{ "--explain=1 --payload=0 a",
		  "--payload: a whole number from 1 to 65536 is needed, not '0'" },
		{ "--width=80 a", "--width is for --explain and --explain-causes, and neither is given" },
		{ "--explain=1 --width=71 a", "--width: a whole number from 72 to 1000 is needed, not '71'" },
		{ "--explain=0 a",
		  "--explain: a packet's number, an IP, IP:PORT or [IPv6]:PORT, or two of these with "
		  "'-' between are needed, not '0'" },
		{ "--timers=/nowhere/x a", "--timers: /nowhere/x: No such file or directory" },
		{ "--fin-timeout=0 a",
		  "--fin-timeout: seconds (such as 60 or 0.5, more than 0, at most 86400) are "
		  "needed, not '0'" },
		{ "--columns=close,close --csv a", "--columns: 'close' is there twice" },
		{ "--ports 0 a", "--ports: a whole number from 1 to 65535 is needed, not '0'" },
		{ "--ports 1x a", "--ports: a whole number from 1 to 65535 is needed, not '1x'" },
		{ "--ports +1 a", "--ports: a whole number from 1 to 65535 is needed, not '+1'" },
		{ "--threads=0 a", "--threads: a whole number from 1 to 64 is needed, not '0'" },
		{ "-i eth0 --threads=2",
		  "--threads is for captures: interfaces (-i) are watched by one thread" },
		{ "--shard=4/3 a",
		  "--shard: K/N is needed, such as 1/4, with K from 1 to N and N at most 64, not '4/3'" },
		{ "--max-flows=-1 a",
		  "--max-flows: a whole number from 0 to 4294967295 is needed, not '-1'" },
		{ "--max-flows 18446744073709551617 a",
		  "--max-flows: a whole number from 0 to 4294967295 is needed, not '18446744073709551617'" },
	};
	struct command command;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(parse(&command, cases[i].line), OPTIONS_WRONG);
		assert_string_equal(command.why, cases[i].why);
		options_free(&command.options);
	}
}

static void selectors_and_timers_gather(void **state)
{
	struct command command;

	(void)state;
	assert_int_equal(parse(&command,
			       "--explain=7 --explain 192.0.2.1:80 --summary --width 100 --timers=" SOURCE_DIR
			       "/ui/timers.txt a"),
			 OPTIONS_RUN);
	assert_int_equal(command.options.selector_count, 2);
	assert_int_equal(command.options.selectors[0].packet, 7);
	assert_int_equal(command.options.selectors[1].ends, 1);
	assert_int_equal(command.options.width, 100);
	assert_true(command.options.summary);
	assert_non_null(command.options.timers);
	assert_true(command.options.timers->n > 15);
	options_free(&command.options);
	assert_null(command.options.timers);
}

static void causes_need_no_file(void **state)
{
	struct command command;

	(void)state;
	assert_int_equal(parse(&command, "--explain-causes"), OPTIONS_CAUSES);
	assert_int_equal(parse(&command, "--width 90 --explain-causes"), OPTIONS_CAUSES);
	assert_int_equal(command.options.width, 90);
}

static void durations_are_read_strictly(void **state)
{
	static const char *const wrong[] = { "0",
					     "0.0",
					     "",
					     "-1",
					     "1.",
					     ".5",
					     "1s",
					     "1e3",
					     "0x1",
					     "nan",
					     "inf",
					     "86400.000000001",
					     "1.0000000001",
					     "1,5" };
	char line[100];
	struct command command;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		snprintf(line, sizeof line, "--time-wait=%s a", wrong[i]);
		assert_int_equal(parse(&command, line), OPTIONS_WRONG);
		assert_memory_equal(command.why, "--time-wait: seconds (such as 60 or 0.5, more than 0", 52);
	}
	assert_int_equal(parse(&command, "--time-wait=86400 --idle=0 a"), OPTIONS_RUN);
	assert_int_equal(command.options.time_wait, 86400 * S);
	assert_int_equal(parse(&command, "--time-wait=0.000000001 a"), OPTIONS_RUN);
	assert_int_equal(command.options.time_wait, 1);
}

static void unknown_words_are_told_with_those_that_exist(void **state)
{
	struct command command;

	(void)state;
	assert_int_equal(parse(&command, "--csv --only=reset,foo a"), OPTIONS_WRONG);
	assert_memory_equal(command.why, "--only: 'foo' is none of: graceful ", 35);
	assert_non_null(strstr(command.why, " lingering"));
	assert_int_equal(parse(&command, "--csv --columns=bar a"), OPTIONS_WRONG);
	assert_memory_equal(command.why, "--columns: 'bar' is none of: start ", 35);
	assert_non_null(strstr(command.why, " source"));
}

static void a_filter_is_compiled_at_once(void **state)
{
	struct command command;

	(void)state;
	assert_int_equal(parse(&command, "-f tcp a"), OPTIONS_RUN);
	assert_string_equal(command.options.filter, "tcp");
	assert_int_equal(parse(&command, "-f ((( a"), OPTIONS_WRONG);
	assert_memory_equal(command.why, "--filter: ", 10);
}

/* Whatever a file holds, terminated; NULL if it cannot be read. */
static char *slurp(const char *name)
{
	FILE *file = fopen(name, "r");
	char *all = calloc(1, 1 << 20);
	size_t n;

	if (!file || !all)
		return NULL;
	n = fread(all, 1, (1 << 20) - 1, file);
	all[n] = '\0';
	fclose(file);
	return all;
}

static void the_help_names_every_option_and_column(void **state)
{
	char name[64];
	char *help;
	FILE *file = fopen("test_options.help", "w");

	(void)state;
	assert_non_null(file);
	options_help(file);
	fclose(file);
	help = slurp("test_options.help");
	remove("test_options.help");
	assert_non_null(help);
	for (size_t i = 0; i < option_count; i++) {
		snprintf(name, sizeof name, "--%s", option_rows[i].name);
		assert_non_null(strstr(help, name));
	}
	for (size_t i = 0; i < column_count; i++)
		assert_non_null(strstr(help, columns[i].name));
	for (char *line = strtok(help, "\n"); line; line = strtok(NULL, "\n"))
		assert_in_range(strlen(line), 0, 80);
	free(help);
}

/*
 * The manual's items of a section (a heading's line, up to the next line that is one like 'stop'), each as it
 * begins after ".It ", in order.
 */
struct items {
	const char *at, *end;
};

static struct items section(const char *manual, const char *heading, const char *stop)
{
	struct items items = { .at = strstr(manual, heading) };

	assert_non_null(items.at);
	items.at += strlen(heading);
	items.end = strstr(items.at, stop);
	assert_non_null(items.end);
	return items;
}

/* The next item into line; false after the last. */
static bool next_item(struct items *items, char line[static 128])
{
	const char *item = strstr(items->at, "\n.It ");
	size_t length;

	if (!item || item >= items->end)
		return false;
	item += strlen("\n.It ");
	length = strcspn(item, "\n");
	assert_in_range(length, 1, 127);
	memcpy(line, item, length);
	line[length] = '\0';
	items->at = item;
	return true;
}

static void the_manual_has_the_same_options(void **state)
{
	char *manual = slurp(SOURCE_DIR "/ui/lastack.1");
	struct items items;
	char line[128], expected[128];

	(void)state;
	assert_non_null(manual);
	items = section(manual, "\n.Sh DESCRIPTION", "\n.Sh HOW");
	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *row = &option_rows[i];
		struct text item = { .bytes = expected, .size = sizeof expected };

		if (row->letter) {
			text_string(&item, "Fl ");
			text_char(&item, row->letter);
			text_string(&item, row->argument ? " Ar " : "");
			text_string(&item, row->argument ? row->argument : "");
			text_string(&item, " , ");
		}
		text_string(&item, "Fl -");
		text_string(&item, row->name);
		text_string(&item, !row->argument ? "" : row->optional ? " Ns Op = Ns Ar " : " Ns = Ns Ar ");
		text_string(&item, row->argument ? row->argument : "");
		assert_true(next_item(&items, line));
		assert_string_equal(line, text_end(&item));
	}
	assert_false(next_item(&items, line));
	free(manual);
}

static void the_manual_has_the_same_columns(void **state)
{
	char *manual = slurp(SOURCE_DIR "/ui/lastack.1");
	struct items items;
	char line[128], expected[128];

	(void)state;
	assert_non_null(manual);
	items = section(manual, "\n.Sh COLUMNS", "\n.Sh THE LIST");
	for (size_t i = 0; i < column_count; i++) {
		snprintf(expected, sizeof expected, "Va %s", columns[i].name);
		assert_true(next_item(&items, line));
		assert_string_equal(line, expected);
	}
	assert_false(next_item(&items, line));
	free(manual);
}

static void same_words(struct items *items, const struct word *words, int n)
{
	char line[128], expected[128];

	for (int i = 0; i < n; i++) {
		/* Those that are written as nothing. */
		if (words[i].name[0] == '\0' || strcmp(words[i].name, "-") == 0)
			continue;
		snprintf(expected, sizeof expected, "Cm %s", words[i].name);
		assert_true(next_item(items, line));
		assert_string_equal(line, expected);
	}
}

static void the_manual_has_the_same_words(void **state)
{
	char *manual = slurp(SOURCE_DIR "/ui/lastack.1");
	struct items items;
	char line[128], expected[128];

	(void)state;
	assert_non_null(manual);
	items = section(manual, "\n.Sh VOCABULARY", "\n.Sh COLUMNS");
	same_words(&items, close_words, CLOSE_COUNT);
	same_words(&items, cause_words, CAUSE_COUNT);
	same_words(&items, confidence_words, CONFIDENCE_COUNT);
	same_words(&items, closer_words, CLOSER_COUNT);
	same_words(&items, time_wait_words, TIME_WAIT_COUNT);
	same_words(&items, holder_words, HOLDER_COUNT);
	same_words(&items, path_words, PATH_COUNT);
	same_words(&items, state_words, STATE_COUNT);
	for (int i = 0; i < SAW_COUNT; i++) {
		if (saw_words[i].name[0] == '\0')
			continue;
		snprintf(expected, sizeof expected, "Cm %s", saw_words[i].name);
		assert_true(next_item(&items, line));
		assert_string_equal(line, expected);
	}
	same_words(&items, record_end_words, RECORD_END_COUNT);
	assert_false(next_item(&items, line));
	free(manual);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_those_of_the_manual),
		cmocka_unit_test(options_and_files_mix),
		cmocka_unit_test(watching_has_defaults_of_its_own),
		cmocka_unit_test(times_have_units),
		cmocka_unit_test(more_interfaces_than_can_be_are_refused),
		cmocka_unit_test(help_and_version_need_no_file),
		cmocka_unit_test(what_is_wrong_is_named),
		cmocka_unit_test(selectors_and_timers_gather),
		cmocka_unit_test(causes_need_no_file),
		cmocka_unit_test(durations_are_read_strictly),
		cmocka_unit_test(unknown_words_are_told_with_those_that_exist),
		cmocka_unit_test(a_filter_is_compiled_at_once),
		cmocka_unit_test(the_help_names_every_option_and_column),
		cmocka_unit_test(the_manual_has_the_same_options),
		cmocka_unit_test(the_manual_has_the_same_columns),
		cmocka_unit_test(the_manual_has_the_same_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
