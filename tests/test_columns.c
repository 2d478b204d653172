/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_columns.c - rows as text: the columns, CSV, NDJSON, the list, --only, and the formats below them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ui/report.h"

#define S INT64_C(1000000000)

static char bytes[4 * REPORT_ROW_MAX]; /* each row is given as much as the largest needs */
static struct text text;

static void begin(void)
{
	text = (struct text){ .bytes = bytes, .size = sizeof bytes };
}

static const char *end(void)
{
	assert_false(text.cut);
	return text_end(&text);
}

static struct host ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	return (struct host){ { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d } };
}

static struct host ipv6(const uint16_t groups[8])
{
	struct host host;

	for (int i = 0; i < 8; i++) {
		host.addr[2 * i] = (uint8_t)(groups[i] >> 8);
		host.addr[2 * i + 1] = (uint8_t)groups[i];
	}
	return host;
}

static struct record sample(void)
{
	return (struct record){
		.start = { 1700000000 * S + 123456789 },
		.end = { 1700000002 * S },
		.host = { ipv4(10, 0, 0, 1), ipv4(10, 0, 0, 2) },
		.port = { 40000, 80 },
		.close = CLOSE_RESET,
		.cause = CAUSE_LATE_DATA,
		.confidence = CONFIDENCE_CERTAIN,
		.closer = CLOSER_SERVER,
		.time_wait = TIME_WAIT_NONE,
		.time_wait_side = HOLDER_NONE,
		.path = PATH_NONE,
		.record_end = RECORD_CLOSED,
		.time_wait_left = UNKNOWN_NS,
		.time_wait_held = UNKNOWN_NS,
		.handshake_time = 1500000,
		.teardown_time = 0,
		.duration = 2 * S - 123456789,
		.idle_before_close = UNKNOWN_NS,
		.side = { { .states = { STATE_SYN_SENT, STATE_ESTABLISHED, STATE_CLOSED },
			    .state_count = 3,
			    .saw = SAW_ECONNRESET,
			    .close_wait = 5,
			    .fin_wait_2 = UNKNOWN_NS,
			    .packets = 6,
			    .bytes = 1234,
			    .lost = 17,
			    .lost_known = true },
			  { .saw = SAW_NOTHING,
			    .close_wait = UNKNOWN_NS,
			    .fin_wait_2 = UNKNOWN_NS,
			    .packets = 4,
			    .bytes = 45678,
			    .after_fin = 9,
			    .retransmits = 2 } },
		.rst_count = 1,
		.first_packet = 1,
		.last_packet = 10,
		.closing_packet = 10,
		.trigger_packet = 9,
		.evidence = { 3, 9, 10 },
		.evidence_count = 3,
		.midstream = true,
		.history = "ShADadfr",
		.conn_state = "RSTR",
		.completeness = 63,
	};
}

static const char csv_sample[] =
	"1700000000.123456,1700000002.000000,10.0.0.1,40000,10.0.0.2,80,reset,late-data,certain,server,none,"
	"none,,,CLOSED,,SYN-SENT>ESTABLISHED>CLOSED,,ECONNRESET,-,10054,,0.001500000,0.000000000,1.876543211,"
	"0.000000005,,,,,,6,4,1234,45678,0,9,17,,0,2,0,0,1,0,0,0,1,10,10,9,3 9 "
	"10,yes,closed,ShADadfr,RSTR,63,"
	"1:3k1SoWXs/FltHw2aBCgUTgbDQF4=,\"a \"\"b\"\", \xef\xbf\xbd.pcap\",,\n";

static struct report_options all_columns(void)
{
	struct report_options options = { 0 };

	columns_all(&options.columns);
	return options;
}

static void csv_writes_every_column_in_its_form(void **state)
{
	const struct report_options options = all_columns();
	const struct record record = sample();
	const struct row row = { .record = &record, .source = "a \"b\", \xff.pcap" };

	(void)state;
	begin();
	report_csv.row(&text, &row, &options);
	assert_string_equal(end(), csv_sample);
}

static void csv_head_names_the_columns(void **state)
{
	const struct report_options options = all_columns();
	size_t commas = 0;

	(void)state;
	begin();
	report_csv.head(&text, &options);
	for (const char *at = end(); *at; at++)
		commas += *at == ',';
	assert_int_equal(commas, column_count - 1);
	assert_memory_equal(bytes, "start,end,client_ip,", 20);
}

/* Of columns.md: every name in backquotes in the first cell of the table. Ours that came later follow. */
static void columns_are_those_of_the_design(void **state)
{
	FILE *file = fopen(SOURCE_DIR "/../shared/design/columns.md", "r");
	char line[4096];
	size_t n = 0;

	(void)state;
	if (!file) {
		print_message("no ../shared/design/columns.md\n");
		skip();
	}
	while (fgets(line, sizeof line, file)) {
		char *cell_end = line[0] == '|' ? strchr(line + 1, '|') : NULL;

		if (!cell_end)
			continue;
		*cell_end = '\0';
		for (char *name = strchr(line, '`'); name; name = strchr(name, '`')) {
			char *name_end = strchr(++name, '`');

			assert_non_null(name_end);
			*name_end = '\0';
			assert_true(n < column_count);
			assert_string_equal(columns[n++].name, name);
			name = name_end + 1;
		}
	}
	fclose(file);
	assert_true(n > 0 && n < column_count);
	assert_string_equal(columns[n++].name, "client_process");
	assert_string_equal(columns[n++].name, "server_process");
	assert_int_equal(n, column_count);
}

static void json_has_types_and_nulls(void **state)
{
	struct report_options options = { 0 };
	const struct record record = sample();
	const struct row row = { .record = &record, .source = "a\"b\\\n\x80", .nanoseconds = true };
	char why_bytes[100];
	struct text why = { .bytes = why_bytes, .size = sizeof why_bytes };

	(void)state;
	assert_true(columns_parse(&options.columns,
				  "start,client_ip,cause,path,server_state,server_saw,server_wsa,"
				  "time_wait_left,evidence,midstream,source",
				  &why));
	begin();
	report_json.row(&text, &row, &options);
	assert_string_equal(end(), "{\"start\":1700000000.123456789,\"client_ip\":\"10.0.0.1\","
				   "\"cause\":\"late-data\",\"path\":null,\"server_state\":null,"
				   "\"server_saw\":\"-\",\"server_wsa\":null,\"time_wait_left\":null,"
				   "\"evidence\":\"3 9 10\",\"midstream\":true,"
				   "\"source\":\"a\\\"b\\\\\\u000a\xef\xbf\xbd\"}\n");
}

static const struct process processes[2] = { { 71, "cu\"rl" }, { UINT32_MAX, "\033[31m\xff\n(9),(1)" } };

static void processes_are_named_whatever_they_call_themselves(void **state)
{
	struct report_options options = { .verbose = true };
	const struct record record = sample();
	struct row row = { .record = &record, .process = processes, .source = "" };
	char why_bytes[100];
	struct text why = { .bytes = why_bytes, .size = sizeof why_bytes };

	(void)state;
	assert_true(columns_parse(&options.columns, "client_process,server_process", &why));
	begin();
	report_json.row(&text, &row, &options);
	report_csv.row(&text, &row, &options);
	assert_string_equal(end(), "{\"client_process\":\"cu\\\"rl(71)\",\"server_process\":"
				   "\"\\u001b[31m\xef\xbf\xbd\\u000a(9),(1)(4294967295)\"}\n"
				   "\"cu\"\"rl(71)\",\"\x1b[31m\xef\xbf\xbd\n(9),(1)(4294967295)\"\n");
	begin();
	report_list.row(&text, &row, &options);
	assert_non_null(
		strstr(end(), ", midstream, client cu\"rl(71), server ?[31m?\?(9),(1)(4294967295); ip."));
}

static void what_has_no_process_is_null(void **state)
{
	struct report_options options = { .verbose = true };
	const struct record record = sample();
	const struct process none[2] = { { 0, "" }, { 1, "" } };
	struct row row = { .record = &record, .source = "" };
	char why_bytes[100];
	struct text why = { .bytes = why_bytes, .size = sizeof why_bytes };

	(void)state;
	assert_true(columns_parse(&options.columns, "client_process,server_process", &why));
	begin();
	report_json.row(&text, &row, &options);
	row.process = none;
	report_json.row(&text, &row, &options);
	report_csv.row(&text, &row, &options);
	assert_string_equal(end(), "{\"client_process\":null,\"server_process\":null}\n"
				   "{\"client_process\":null,\"server_process\":\"(1)\"}\n"
				   ",(1)\n");
	begin();
	report_list.row(&text, &row, &options);
	assert_null(strstr(end(), ", client"));
}

static void assert_row_fits(void)
{
	assert_int_equal(end()[text.length - 1], '\n');
	assert_true(text.length <= REPORT_ROW_MAX);
}

/* A row of the largest values still fits what report.h promises. */
static void the_longest_row_fits(void **state)
{
	struct report_options options = all_columns();
	struct record record = sample();
	char *name = malloc(3 * COLUMN_BYTES_MAX);
	struct row row = { .record = &record, .process = processes, .source = name, .nanoseconds = true };

	(void)state;
	assert_non_null(name);
	memset(name, '\x01', 3 * COLUMN_BYTES_MAX - 1);
	name[3 * COLUMN_BYTES_MAX - 1] = '\0';
	memset(&record.side[0].packets, 0xff, sizeof record.side[0].packets);
	begin();
	report_json.row(&text, &row, &options);
	assert_row_fits();
	begin();
	report_csv.row(&text, &row, &options);
	assert_row_fits();
	options.verbose = true;
	begin();
	report_list.row(&text, &row, &options);
	assert_row_fits();
	free(name);
}

/* A name is cut between its characters, so that what is left is valid. */
static void a_cut_name_is_valid(void **state)
{
	char small[4];
	struct text room = { .bytes = small, .size = sizeof small };

	(void)state;
	text_utf8(&room, "\xff\xff", 2);
	assert_int_equal(room.length, 3);
	assert_true(room.cut);
}

static void the_list_is_aligned(void **state)
{
	struct report_options options = { 0 };
	struct record record = sample();
	const struct row row = { .record = &record, .source = "a.pcap" };

	(void)state;
	begin();
	report_list.row(&text, &row, &options);
	record.close = CLOSE_GRACEFUL;
	record.cause = CAUSE_NONE;
	record.closer = CLOSER_CLIENT;
	record.time_wait = TIME_WAIT_LINGERING;
	record.closing_packet = 0;
	record.side[CLIENT].saw = SAW_UNKNOWN;
	record.host[SERVER] = ipv6((const uint16_t[]){ 0x2001, 0xdb8, 0, 0, 0, 0, 0, 1 });
	report_list.row(&text, &row, &options);
	assert_string_equal(
		end(),
		"reset/late-data       server   1.87s 1.23k 45.6k ECONNRESET/-       #10 10.0.0.1:40000 > "
		"10.0.0.2:80\n"
		"graceful              client   1.87s 1.23k 45.6k ?/-                  - 10.0.0.1:40000 > "
		"[2001:db8::1]:80 lingering\n");
}

static void the_heading_stands_over_its_columns(void **state)
{
	const struct report_options options = { .heading = true };
	const struct record record = sample();
	const struct row row = { .record = &record, .source = "" };
	const char *head, *line;

	(void)state;
	begin();
	report_list.head(&text, &options);
	report_list.row(&text, &row, &options);
	head = end();
	line = strchr(head, '\n') + 1;
	assert_int_equal(strstr(head, "CLOSER") - head, strstr(line, "server") - line);
	assert_int_equal(strstr(head, "LASTED") + 6 - head, strstr(line, "1.87s") + 5 - line);
	assert_int_equal(strstr(head, "THEY SAW") - head, strstr(line, "ECONNRESET") - line);
	assert_int_equal(strstr(head, "PACKET") + 6 - head, strstr(line, "#10") + 3 - line);
	assert_int_equal(strstr(head, "CLIENT") - head, strstr(line, "10.0.0.1") - line);
}

static void verbose_adds_evidence_and_a_filter(void **state)
{
	struct report_options options = { .verbose = true };
	struct record record = sample();
	struct row row = { .record = &record, .source = "a.pcap" };

	(void)state;
	begin();
	report_list.row(&text, &row, &options);
	assert_string_equal(strchr(end(), '\n') + 1,
			    "    certain, packets 1-10, trigger 9, evidence 3 9 10, midstream; "
			    "ip.addr == 10.0.0.1 && ip.addr == 10.0.0.2 && tcp.port == 40000 && "
			    "tcp.port == 80 && frame.number in {1..10}\n");
	row.several_inputs = true;
	record.time_wait = TIME_WAIT_LINGERING;
	record.time_wait_side = HOLDER_CLIENT;
	record.time_wait_left = 59 * S;
	record.evidence_count = 0;
	record.trigger_packet = 0;
	begin();
	report_list.row(&text, &row, &options);
	assert_string_equal(strchr(end(), '\n') + 1,
			    "    certain, packets 1-10, TIME-WAIT lingering on client 59.0s left, midstream; "
			    "ip.addr == 10.0.0.1 && ip.addr == 10.0.0.2 && tcp.port == 40000 && "
			    "tcp.port == 80\n");
}

static void only_takes_any_of_its_words(void **state)
{
	char why_bytes[1000];
	struct text why = { .bytes = why_bytes, .size = sizeof why_bytes };
	struct record record = sample();
	struct only only = { 0 };

	(void)state;
	assert_true(only_takes(&only, &record));
	assert_true(only_parse(&only, "graceful,late-data", &why));
	assert_true(only_takes(&only, &record));
	record.cause = CAUSE_NONE;
	assert_false(only_takes(&only, &record));
	record.close = CLOSE_GRACEFUL;
	assert_true(only_takes(&only, &record));
	assert_true(only_parse(&only, "lingering", &why));
	assert_false(only_takes(&only, &record));
	record.time_wait = TIME_WAIT_LINGERING;
	assert_true(only_takes(&only, &record));
	assert_false(only_parse(&only, "reset,", &why));
	why.length = 0;
	assert_false(only_parse(&only, "reset,gracefu", &why));
	assert_memory_equal(text_end(&why), "'gracefu' is none of: graceful simultaneous", 42);
	assert_non_null(strstr(why_bytes, " zero-window lingering"));
}

/* --only could not tell them apart otherwise. */
static void no_cause_is_named_like_a_close(void **state)
{
	(void)state;
	for (int i = 0; i < CLOSE_COUNT; i++) {
		for (int k = 0; k < CAUSE_COUNT; k++)
			assert_string_not_equal(close_words[i].name, cause_words[k].name);
		assert_string_not_equal(close_words[i].name, time_wait_words[TIME_WAIT_LINGERING].name);
	}
}

static void columns_are_chosen_by_name(void **state)
{
	char why_bytes[2000];
	struct text why = { .bytes = why_bytes, .size = sizeof why_bytes };
	struct column_list list;

	(void)state;
	assert_true(columns_parse(&list, "close,start", &why));
	assert_int_equal(list.n, 2);
	assert_string_equal(list.at[0]->name, "close");
	assert_string_equal(list.at[1]->name, "start");
	assert_false(columns_parse(&list, "close,close", &why));
	assert_string_equal(text_end(&why), "'close' is there twice");
	why.length = 0;
	assert_false(columns_parse(&list, "close,,start", &why));
	assert_memory_equal(text_end(&why), "'' is none of: start end ", 25);
}

struct address {
	uint16_t groups[8];
	const char *written;
};

static void addresses_are_written_as_rfc_5952_says(void **state)
{
	static const struct address cases[] = {
		{ { 0x2001, 0xdb8, 0, 0, 0, 0, 2, 1 }, "2001:db8::2:1" },
		{ { 0x2001, 0xdb8, 0, 1, 1, 1, 1, 1 }, "2001:db8:0:1:1:1:1:1" }, /* 4.2.2 */
		{ { 0x2001, 0, 0, 1, 0, 0, 0, 1 }, "2001:0:0:1::1" },		 /* 4.2.3: the longest */
		{ { 0x2001, 0xdb8, 0, 0, 1, 0, 0, 1 }, "2001:db8::1:0:0:1" },	 /* 4.2.3: the first */
		{ { 0xABCD, 0, 0, 0, 0, 0, 0, 0 }, "abcd::" },
		{ { 0, 0, 0, 0, 0, 0, 0, 1 }, "::1" },
		{ { 0 }, "::" },
		{ { 0, 0, 0, 0, 0, 0, 0x102, 0x304 }, "::102:304" },
		{ { 0, 0, 0, 0, 0, 0xffff, 0xc000, 0x20a }, "192.0.2.10" },
		{ { 1, 2, 3, 4, 5, 6, 7, 0x8000 }, "1:2:3:4:5:6:7:8000" },
		{ { 0, 2, 3, 4, 5, 6, 0, 0 }, "0:2:3:4:5:6::" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct host host = ipv6(cases[i].groups);

		begin();
		text_host(&text, &host);
		assert_string_equal(end(), cases[i].written);
	}
}

static void times_have_the_digits_of_the_input(void **state)
{
	static const struct {
		int64_t ns;
		const char *micro, *nano;
	} cases[] = {
		{ 0, "0.000000", "0.000000000" },
		{ 1999, "0.000001", "0.000001999" },
		{ 1700000000 * S + 5, "1700000000.000000", "1700000000.000000005" },
		{ -1, "-0.000001", "-0.000000001" },
		{ -1500000000, "-1.500000", "-1.500000000" },
		{ INT64_MAX, "9223372036.854775", "9223372036.854775807" },
		{ INT64_MIN, "-9223372036.854776", "-9223372036.854775808" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		begin();
		text_moment(&text, (struct moment){ cases[i].ns }, false);
		assert_string_equal(end(), cases[i].micro);
		begin();
		text_moment(&text, (struct moment){ cases[i].ns }, true);
		assert_string_equal(end(), cases[i].nano);
	}
}

static void people_read_short_times(void **state)
{
	static const struct {
		int64_t ns;
		const char *written;
	} cases[] = {
		{ 0, "0" },
		{ 999, "999ns" },
		{ 1000, "1us" },
		{ 999999, "999us" },
		{ 1230000, "1.23ms" },
		{ 12300000, "12.3ms" },
		{ 999999999, "999ms" },
		{ S, "1.00s" },
		{ 99 * S + S / 2, "99.5s" },
		{ 100 * S, "1m40s" },
		{ 3599 * S, "59m59s" },
		{ 3600 * S, "1h00m" },
		{ 100 * 3600 * S, "4d04h" },
		{ 99 * 86400 * S, "99d00h" },
		{ 100 * 86400 * S, "100d" },
		{ INT64_MAX, "106751d" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		begin();
		text_short_time(&text, cases[i].ns);
		assert_string_equal(end(), cases[i].written);
	}
}

static void people_read_short_numbers(void **state)
{
	static const struct {
		uint64_t n;
		const char *written;
	} cases[] = {
		{ 0, "0" },	    { 999, "999" },	  { 1000, "1.00k" },	   { 12345, "12.3k" },
		{ 999999, "999k" }, { 1000000, "1.00M" }, { UINT64_MAX, "18.4E" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		begin();
		text_short_number(&text, cases[i].n);
		assert_string_equal(end(), cases[i].written);
	}
}

static void hostile_names_are_made_harmless(void **state)
{
	static const struct {
		const char *name, *utf8, *plain;
	} cases[] = {
		{ "caf\xc3\xa9", "caf\xc3\xa9", "caf\xc3\xa9" },
		{ "\xc3", "\xef\xbf\xbd", "?" },
		{ "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd", "??" },		   /* overlong */
		{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", "???" }, /* a surrogate */
		{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
		{ "\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", "????" },
		{ "\x1b[31m\n", "\x1b[31m\n", "?[31m?" },
		{ "\xc2\x9b", "\xc2\x9b", "?" }, /* C1: CSI */
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		begin();
		text_utf8(&text, cases[i].name, strlen(cases[i].name));
		assert_string_equal(end(), cases[i].utf8);
		begin();
		text_plain(&text, cases[i].name);
		assert_string_equal(end(), cases[i].plain);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(csv_writes_every_column_in_its_form),
		cmocka_unit_test(csv_head_names_the_columns),
		cmocka_unit_test(columns_are_those_of_the_design),
		cmocka_unit_test(json_has_types_and_nulls),
		cmocka_unit_test(processes_are_named_whatever_they_call_themselves),
		cmocka_unit_test(what_has_no_process_is_null),
		cmocka_unit_test(the_longest_row_fits),
		cmocka_unit_test(a_cut_name_is_valid),
		cmocka_unit_test(the_list_is_aligned),
		cmocka_unit_test(the_heading_stands_over_its_columns),
		cmocka_unit_test(verbose_adds_evidence_and_a_filter),
		cmocka_unit_test(only_takes_any_of_its_words),
		cmocka_unit_test(no_cause_is_named_like_a_close),
		cmocka_unit_test(columns_are_chosen_by_name),
		cmocka_unit_test(addresses_are_written_as_rfc_5952_says),
		cmocka_unit_test(times_have_the_digits_of_the_input),
		cmocka_unit_test(people_read_short_times),
		cmocka_unit_test(people_read_short_numbers),
		cmocka_unit_test(hostile_names_are_made_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
