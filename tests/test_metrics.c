/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_metrics.c - what --metrics tells: the text against tests/golden/, its bounds, and that counters never
 * fall. With LASTACK_GOLDEN=write in the environment the golden files are written anew; look at the
 * difference then. The server is tested by tests/metrics.py.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "metrics_feed.h"
#include "ui/metrics_accept.h"
#include "ui/metrics_parts.h"

static char page_bytes[METRICS_BYTES_MAX];

static const char *written(struct metrics *metrics, enum metrics_format format,
			   const struct metrics_input *input)
{
	struct text text = { .bytes = page_bytes, .size = sizeof page_bytes };

	metrics_write(metrics, format, input, &text);
	assert_false(text.cut);
	return text_end(&text);
}

/* The number of a sample; UINT64_MAX = there is none. Seconds are cut to whole ones. */
static uint64_t sample(const char *page, const char *name)
{
	for (const char *line = page; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, name, strlen(name)) == 0 && line[strlen(name)] == ' ')
			return strtoull(line + strlen(name), NULL, 10);
	}
	return UINT64_MAX;
}

static size_t count_of(const char *page, const char *string)
{
	size_t n = 0;

	while ((page = strstr(page, string)) != NULL) {
		page += strlen(string);
		n++;
	}
	return n;
}

static struct metrics *new_metrics(void)
{
	struct metrics *metrics = feed_new(NULL, NULL);

	assert_non_null(metrics);
	return metrics;
}

/* The version is not for a golden file. */
static void hide_version(char *page)
{
	char *version = strstr(page, "version=\""), *end;

	assert_non_null(version);
	version += strlen("version=\"");
	end = strchr(version, '"');
	assert_non_null(end);
	assert_true(end > version);
	version[0] = '*';
	memmove(version + 1, end, strlen(end) + 1);
}

static void assert_golden(enum metrics_format format, const char *name)
{
	struct metrics *metrics = new_metrics();
	const struct metrics_input input = feed_input(1);
	const char *mode = getenv("LASTACK_GOLDEN");
	static char golden[METRICS_BYTES_MAX];
	char path[512];
	FILE *file;

	feed_mix(metrics);
	written(metrics, format, &input);
	hide_version(page_bytes);
	snprintf(path, sizeof path, "%s/%s", GOLDEN_DIR, name);
	if (mode && strcmp(mode, "write") == 0) {
		file = fopen(path, "w");
		assert_non_null(file);
		fputs(page_bytes, file);
		fclose(file);
	}
	file = fopen(path, "r");
	if (!file)
		fail_msg("no golden file %s", path);
	golden[fread(golden, 1, sizeof golden - 1, file)] = '\0';
	fclose(file);
	assert_string_equal(page_bytes, golden);
	metrics_free(metrics);
}

static void the_text_is_as_it_was(void **state)
{
	(void)state;
	assert_golden(METRICS_TEXT, "metrics.txt");
}

static void openmetrics_is_as_it_was(void **state)
{
	(void)state;
	assert_golden(METRICS_OPENMETRICS, "metrics_openmetrics.txt");
}

static void what_is_not_known_is_not_told(void **state)
{
	struct metrics *metrics = new_metrics();
	const struct metrics_input input = { 0 };
	const char *page = written(metrics, METRICS_TEXT, &input);

	(void)state;
	assert_null(strstr(page, "process_resident_memory_bytes"));
	assert_null(strstr(page, "lastack_queue_packets"));
	assert_int_equal(sample(page, "lastack_teardown_seconds_count"), 0);
	assert_int_equal(sample(page, "lastack_time_wait{side=\"client\",holder=\"other\",peer=\"other\"}"),
			 0);
	assert_int_equal(sample(page, "lastack_close_wait_oldest_seconds{side=\"server\"}"), 0);
	metrics_free(metrics);
}

static void ages_count_to_the_time_that_is_given(void **state)
{
	struct metrics *metrics = new_metrics();
	struct metrics_input input = feed_input(1);
	const char *page;

	(void)state;
	feed_mix(metrics);
	page = written(metrics, METRICS_TEXT, &input);
	assert_int_equal(sample(page, "lastack_close_wait_oldest_seconds{side=\"server\"}"), 58);
	assert_int_equal(sample(page, "lastack_close_wait_oldest_seconds{side=\"client\"}"), 0);
	assert_in_range(sample(page, "lastack_time_wait_oldest_seconds{side=\"client\"}"), 56, 60);
	assert_int_equal(sample(page, "lastack_connection_ends{side=\"client\",state=\"TIME-WAIT\"}"), 30);
	input.now.ns = INT64_MIN; /* a clock that runs back does no harm */
	page = written(metrics, METRICS_TEXT, &input);
	assert_int_equal(sample(page, "lastack_close_wait_oldest_seconds{side=\"server\"}"), 0);
	metrics_free(metrics);
}

static void buckets_are_cumulative(void **state)
{
	static const int64_t times[] = { 0,	      SECOND / 1000, SECOND / 1000 + 1, SECOND / 2, SECOND,
					 60 * SECOND, 300 * SECOND,  300 * SECOND + 1,	INT64_MAX };
	static const struct {
		const char *le;
		uint64_t count;
	} expected[] = { { "0.001", 2 }, { "0.005", 3 }, { "0.01", 3 },	 { "0.05", 3 },
			 { "0.1", 3 },	 { "0.5", 4 },	 { "1.0", 5 },	 { "5.0", 5 },
			 { "10.0", 5 },	 { "60.0", 6 },	 { "300.0", 7 }, { "+Inf", 9 } };
	struct metrics *metrics = new_metrics();
	const struct metrics_input input = { 0 };
	struct record r = feed_graceful();
	const char *page;
	char name[80];

	(void)state;
	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		r.teardown_time = times[i];
		feed_record(metrics, r, 1);
	}
	r.teardown_time = UNKNOWN_NS;
	feed_record(metrics, r, 1);
	page = written(metrics, METRICS_TEXT, &input);
	for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
		snprintf(name, sizeof name, "lastack_teardown_seconds_bucket{le=\"%s\"}", expected[i].le);
		assert_int_equal(sample(page, name), expected[i].count);
	}
	assert_int_equal(sample(page, "lastack_teardown_seconds_count"), 9);
	metrics_free(metrics);
}

static void sums_carry_and_do_not_overflow(void **state)
{
	struct metrics *metrics = new_metrics();
	const struct metrics_input input = { 0 };
	struct record r = feed_graceful();
	const char *page;

	(void)state;
	r.teardown_time = 3 * SECOND / 2;
	feed_record(metrics, r, 3);
	page = written(metrics, METRICS_TEXT, &input);
	assert_non_null(strstr(page, "\nlastack_teardown_seconds_sum 4.500000000\n"));
	r.teardown_time = INT64_MAX;
	feed_record(metrics, r, 4);
	page = written(metrics, METRICS_TEXT, &input);
	assert_int_equal(sample(page, "lastack_teardown_seconds_sum"), 4 + 4 * (INT64_MAX / SECOND) + 3);
	metrics_free(metrics);
}

/* Service number n of a crowd: many hosts, all ports. */
static struct record from_crowd(uint32_t n)
{
	struct record r = feed_graceful();

	r.host[SERVER].addr[14] = (uint8_t)(n >> 16);
	r.port[SERVER] = (uint16_t)n;
	r.close = (enum close)(n % CLOSE_COUNT);
	r.cause = (enum cause)(n / 7 % CAUSE_COUNT);
	r.closer = (enum closer)(n / 11 % CLOSER_COUNT);
	return r;
}

/* What all rows of closes add up to. */
static uint64_t sum_of_closes(const char *page)
{
	uint64_t sum = 0;

	while ((page = strstr(page, "\nlastack_connections_closed_total{")) != NULL) {
		page = strchr(page, ' ');
		sum += strtoull(page, NULL, 10);
	}
	return sum;
}

static void a_hundred_thousand_services_do_not_flood(void **state)
{
	enum { CROWD = 100000 };
	struct metrics *metrics = new_metrics();
	const struct metrics_input input = { 0 };
	const char *page;

	(void)state;
	for (uint32_t n = 0; n < CROWD; n++) {
		feed_record(metrics, from_crowd(n), 1);
		if (n % 10 == 0)
			feed_record(metrics, feed_graceful(), 1);
	}
	page = written(metrics, METRICS_TEXT, &input);
	assert_non_null(strstr(page, "service=\"443\""));
	assert_non_null(strstr(page, "service=\"other\""));
	assert_int_equal(count_of(page, "service=\"") - count_of(page, "service=\"other\""),
			 count_of(page, "service=\"443\"")); /* a scan has no labels of its own */
	assert_int_equal(sum_of_closes(page), CROWD + CROWD / 10);
	metrics_free(metrics);
}

static void a_label_is_for_a_hundredth_of_all(void **state)
{
	struct metrics *metrics = new_metrics();
	const struct metrics_input input = { 0 };
	struct record r = feed_graceful();
	const char *page;

	(void)state;
	feed_record(metrics, r, 10000);
	for (r.port[SERVER] = 1; r.port[SERVER] <= 30; r.port[SERVER]++)
		feed_record(metrics, r, 50);
	r.port[SERVER] = 5432;
	feed_record(metrics, r, 200);
	page = written(metrics, METRICS_TEXT, &input);
	assert_int_equal(count_of(page, "service=\""), 3);
	assert_non_null(
		strstr(page, "service=\"other\"} 1624\n")); /* with what 443 and 5432 had before theirs */
	assert_non_null(strstr(page, "service=\"443\"} 9991\n"));
	assert_non_null(strstr(page, "service=\"5432\"} 85\n"));
	metrics_free(metrics);
}

/* Somebody who tries to make as many rows as there can be. */
static void combinations_are_bounded(void **state)
{
	struct metrics *metrics = new_metrics();
	const struct metrics_input input = feed_input(UINT64_MAX / 1000);
	uint64_t fed = 0;
	const char *page;

	(void)state;
	for (uint32_t round = 0; round < 11; round++) {
		for (uint32_t port = 1; port <= 60; port++) {
			struct record r = feed_graceful();

			r.port[SERVER] = (uint16_t)port;
			feed_record(metrics, r, 1);
			fed++;
		}
	}
	for (uint32_t i = 0; i < CLOSE_COUNT * CAUSE_COUNT * CLOSER_COUNT; i++) {
		for (uint32_t port = 1; port <= 60; port++) {
			struct record r = feed_graceful();

			r.port[SERVER] = (uint16_t)port;
			r.close = (enum close)(i % CLOSE_COUNT);
			r.cause = (enum cause)(i / CLOSE_COUNT % CAUSE_COUNT);
			r.closer = (enum closer)(i / CLOSE_COUNT / CAUSE_COUNT);
			feed_record(metrics, r, 1);
			fed++;
		}
	}
	page = written(metrics, METRICS_OPENMETRICS, &input);
	assert_int_equal(count_of(page, "service=\"") - count_of(page, "service=\"other\""),
			 METRICS_COMBINATIONS);
	assert_int_equal(count_of(page, "service=\"other\""), CLOSE_COUNT * CAUSE_COUNT * CLOSER_COUNT);
	assert_int_equal(sum_of_closes(page), fed);
	assert_true(strlen(page) < METRICS_BYTES_MAX / 2);
	metrics_free(metrics);
}

static void holders_are_bounded(void **state)
{
	struct metrics *metrics = new_metrics();
	struct sink *sink = metrics_sink(metrics);
	const struct metrics_input input = { 0 };
	struct change change = { .side = CLIENT, .to = STATE_TIME_WAIT, .port = { 40000, 443 } };
	const char *page;

	(void)state;
	for (uint32_t i = 0; i < 100000; i++) {
		memcpy(&change.host[CLIENT].addr[12], &i, sizeof i);
		sink->change(sink, &change);
	}
	page = written(metrics, METRICS_TEXT, &input);
	assert_int_equal(count_of(page, "\nlastack_time_wait{side=\"client\""), METRICS_HOLDERS + 1);
	assert_int_equal(sample(page, "lastack_time_wait{side=\"client\",holder=\"other\",peer=\"other\"}"),
			 100000 - METRICS_HOLDERS);
	metrics_free(metrics);
}

/* Every sample of a counter or histogram, its name with labels and its number. */
struct counted {
	char name[200];
	double n;
};

static size_t counters(const char *page, struct counted *out, size_t room)
{
	size_t n = 0;

	for (const char *line = page; *line; line = strchr(line, '\n') + 1) {
		size_t length = strcspn(line, " \n");
		const char *brace = memchr(line, '{', length);
		size_t name = brace ? (size_t)(brace - line) : length;

		if (line[0] == '#' || !(memmem(line, name, "_total", 6) || memmem(line, name, "_bucket", 7) ||
					memmem(line, name, "_sum", 4) || memmem(line, name, "_count", 6)))
			continue;
		assert_true(n < room && length < sizeof out->name);
		memcpy(out[n].name, line, length);
		out[n].name[length] = '\0';
		out[n++].n = strtod(line + length, NULL);
	}
	return n;
}

/* Nothing that was told is gone, or has become less. */
static void assert_grown(const struct counted *before, size_t n, const struct counted *after, size_t m)
{
	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		while (k < m && strcmp(before[i].name, after[k].name) != 0)
			k++;
		if (k == m)
			fail_msg("%s is gone", before[i].name);
		if (after[k].n < before[i].n)
			fail_msg("%s fell from %f to %f", before[i].name, before[i].n, after[k].n);
	}
}

static void counters_never_fall(void **state)
{
	enum { ROOM = 2000, ROUNDS = 40 };
	static struct counted counted[2][ROOM];
	size_t n[2] = { 0, 0 };
	struct metrics *metrics = new_metrics();
	uint32_t random = 1;

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		/* An interface that is opened again counts from 0. */
		const struct metrics_input input = feed_input(round % 7 == 3 ? 0 : (uint64_t)round);
		int now = round % 2;

		for (int i = 0; i < 500; i++) {
			random = random * 1664525 + 1013904223;
			feed_record(metrics, from_crowd((random >> 16) % 50), 1 + (random >> 28 == 0) * 50);
		}
		feed_mix(metrics);
		n[now] = counters(written(metrics, METRICS_TEXT, &input), counted[now], ROOM);
		assert_true(n[now] > 50);
		assert_grown(counted[!now], n[!now], counted[now], n[now]);
	}
	metrics_free(metrics);
}

static enum metrics_format accepted(const char *header)
{
	struct metrics_accept accept = { 0 };

	metrics_accept_header(&accept, header);
	return metrics_accept_format(&accept);
}

static void the_format_is_the_one_asked_for(void **state)
{
	static const struct {
		const char *header;
		enum metrics_format format;
	} cases[] = {
		{ "", METRICS_TEXT },
		{ "*/*", METRICS_TEXT },
		{ "text/html, */*;q=0.8", METRICS_TEXT },
		{ "text/plain", METRICS_TEXT },
		{ "application/openmetrics-text", METRICS_OPENMETRICS },
		{ "application/openmetrics-text; version=1.0.0", METRICS_OPENMETRICS },
		{ "application/openmetrics-text; version=\"1.0.0\"; charset=utf-8", METRICS_OPENMETRICS },
		{ "Application/OpenMetrics-Text;Version=1.0.0", METRICS_OPENMETRICS },
		{ "application/openmetrics-text; version=0.0.1", METRICS_TEXT },
		{ "application/openmetrics-text; version=2.0.0", METRICS_TEXT },
		{ "application/openmetrics-text;q=0", METRICS_TEXT },
		{ "application/openmetrics-text;q=0.000", METRICS_TEXT },
		{ "application/openmetrics-text;q=0.4,text/plain;q=0.5", METRICS_TEXT },
		{ "text/plain;q=0.4,application/openmetrics-text;q=0.5", METRICS_OPENMETRICS },
		{ "text/plain,application/openmetrics-text", METRICS_OPENMETRICS },
		{ "application/openmetrics-text;q=0.5,*/*;q=0.1", METRICS_OPENMETRICS },
		{ "application/openmetrics-text;q=0.1,*/*;q=0.5", METRICS_TEXT },
		{ "application/*", METRICS_OPENMETRICS },
		{ "application/*,text/*", METRICS_TEXT },
		{ "*/*,application/openmetrics-text;q=0", METRICS_TEXT },
		{ "application/openmetrics-text;q=2", METRICS_TEXT },
		{ "application/openmetrics-text;q=", METRICS_TEXT },
		{ "application/openmetrics-text;q=1.0000", METRICS_TEXT },
		{ "application/openmetrics-text;q=-1", METRICS_TEXT },
		{ "application/openmetrics-text;q=1.000", METRICS_OPENMETRICS },
		{ "application/openmetrics-textual", METRICS_TEXT },
		{ "text/x;a=\"application/openmetrics-text,b\"", METRICS_TEXT },
		{ "text/x;a=\"\\\",application/openmetrics-text", METRICS_TEXT },
		{ ",,;;=, ;q=\",;", METRICS_TEXT },
		/* Prometheus 2.42 */
		{ "application/openmetrics-text;version=1.0.0,application/"
		  "openmetrics-text;version=0.0.1;q=0.75,"
		  "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
		  METRICS_OPENMETRICS },
		/* Prometheus 3 */
		{ "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
		  "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;"
		  "escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
		  METRICS_OPENMETRICS },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		if (accepted(cases[i].header) != cases[i].format)
			fail_msg("Accept: %s", cases[i].header);
	}
}

static void addresses_are_read_strictly(void **state)
{
	static const struct {
		const char *argument, *is;
	} cases[] = {
		{ "9100", "127.0.0.1:9100" },
		{ "0", "127.0.0.1:0" },
		{ "192.0.2.1:65535", "192.0.2.1:65535" },
		{ "0.0.0.0:80", "0.0.0.0:80" },
		{ "[::1]:9100", "[::1]:9100" },
		{ "[2001:db8::1]:1", "[2001:db8::1]:1" },
		{ "[::]:9100", "[::]:9100" },
		{ "", NULL },
		{ ":", NULL },
		{ ":9100", NULL },
		{ "65536", NULL },
		{ "-1", NULL },
		{ "+1", NULL },
		{ "9100x", NULL },
		{ "localhost:9100", NULL },
		{ "192.0.2.1", NULL },
		{ "192.0.2.1:", NULL },
		{ "192.0.2:80", NULL },
		{ "::1:9100", NULL },
		{ "[::1]", NULL },
		{ "[::1:9100", NULL },
		{ "[192.0.2.1]:80", NULL },
		{ "[]:80", NULL },
		{ "[fe80::1%lo]:80", NULL },
		{ "1111:2222:3333:4444:5555:6666:7777:8888:9999:0000:1111:2222:80", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char bytes[300], is[100];
		struct text why = { .bytes = bytes, .size = sizeof bytes };
		struct text text = { .bytes = is, .size = sizeof is };
		struct metrics_address address;
		bool right = metrics_address_parse(&address, cases[i].argument, &why);

		if (right != (cases[i].is != NULL))
			fail_msg("'%s' is %s", cases[i].argument, right ? "taken" : "refused");
		if (!right) {
			assert_non_null(strstr(text_end(&why), "[ADDR:]PORT is needed"));
			continue;
		}
		metrics_address_text(&text, &address);
		assert_string_equal(text_end(&text), cases[i].is);
	}
}

static void what_would_break_a_line_is_escaped(void **state)
{
	char bytes[64];
	struct text text = { .bytes = bytes, .size = sizeof bytes };

	(void)state;
	metrics_escape(&text, "a\"b\\c\nd{}=,\xc3\xa4", true);
	assert_string_equal(text_end(&text), "a\\\"b\\\\c\\nd{}=,\xc3\xa4");
	text.length = 0;
	metrics_escape(&text, "a\"b\\c\nd", false);
	assert_string_equal(text_end(&text), "a\"b\\\\c\\nd");
}

static void options_that_cannot_be_are_refused(void **state)
{
	const struct metrics_options options = { .time_wait = 0 };

	(void)state;
	assert_null(metrics_new(&options));
	assert_int_equal(errno, EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_text_is_as_it_was),
		cmocka_unit_test(openmetrics_is_as_it_was),
		cmocka_unit_test(what_is_not_known_is_not_told),
		cmocka_unit_test(ages_count_to_the_time_that_is_given),
		cmocka_unit_test(buckets_are_cumulative),
		cmocka_unit_test(sums_carry_and_do_not_overflow),
		cmocka_unit_test(a_hundred_thousand_services_do_not_flood),
		cmocka_unit_test(a_label_is_for_a_hundredth_of_all),
		cmocka_unit_test(combinations_are_bounded),
		cmocka_unit_test(holders_are_bounded),
		cmocka_unit_test(counters_never_fall),
		cmocka_unit_test(the_format_is_the_one_asked_for),
		cmocka_unit_test(addresses_are_read_strictly),
		cmocka_unit_test(what_would_break_a_line_is_escaped),
		cmocka_unit_test(options_that_cannot_be_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
