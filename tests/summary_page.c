/* SPDX-License-Identifier: GPL-2.0-or-later */
/* summary_page.c - see summary_page.h. */
#include "summary_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct host ipv4(unsigned a, unsigned b, unsigned c, unsigned d)
{
	struct host h = { .addr = { [10] = 0xff, 0xff, (uint8_t)a, (uint8_t)b, (uint8_t)c, (uint8_t)d } };

	return h;
}

/* The longest text an address can have: 39 characters. */
struct host ipv6(unsigned last)
{
	struct host h = { .addr = { 0x20, 0x01, 0x1d, 0xb8, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0,
				    0x12, 0x34, 0xa6, (uint8_t)last } };

	return h;
}

/* A graceful close after ten seconds by the client, from 10.0.0.1:40000 to 10.0.0.2:443. */
struct record graceful(void)
{
	struct record r = {
		.start = { BEGIN },
		.end = { BEGIN + 10 * SECOND },
		.ended = { BEGIN + 70 * SECOND },
		.host = { ipv4(10, 0, 0, 1), ipv4(10, 0, 0, 2) },
		.port = { 40000, 443 },
		.close = CLOSE_GRACEFUL,
		.closer = CLOSER_CLIENT,
		.time_wait = TIME_WAIT_EXPIRED,
		.time_wait_side = HOLDER_CLIENT,
		.time_wait_left = UNKNOWN_NS,
		.time_wait_held = 60 * SECOND,
		.record_end = RECORD_TIME_WAIT,
		.handshake_time = SECOND / 100,
		.teardown_time = SECOND / 50,
		.duration = 10 * SECOND,
		.idle_before_close = 0,
	};

	for (int i = 0; i < 2; i++) {
		r.side[i].close_wait = r.side[i].fin_wait_2 = UNKNOWN_NS;
		r.side[i].bytes = 100;
		r.side[i].saw = SAW_NOTHING;
	}
	r.side[SERVER].saw = SAW_EOF;
	return r;
}

struct record without_time_wait(enum close close, enum closer closer)
{
	struct record r = graceful();

	r.close = close;
	r.closer = closer;
	r.time_wait = TIME_WAIT_NONE;
	r.time_wait_side = HOLDER_NONE;
	r.time_wait_held = UNKNOWN_NS;
	r.record_end = RECORD_CLOSED;
	return r;
}

struct record lingering(enum holder holder)
{
	struct record r = graceful();

	r.time_wait = TIME_WAIT_LINGERING;
	r.time_wait_side = holder;
	r.time_wait_held = 20 * SECOND;
	r.time_wait_left = 40 * SECOND;
	r.ended.ns = BEGIN + 312 * SECOND;
	r.record_end = RECORD_END;
	return r;
}

struct record reset(enum closer closer)
{
	struct record r = without_time_wait(CLOSE_RESET, closer);

	r.rst_sender = closer;
	r.side[CLIENT].saw = closer == CLOSER_CLIENT ? SAW_NOTHING : SAW_ECONNRESET;
	r.side[SERVER].saw = closer == CLOSER_SERVER ? SAW_NOTHING : SAW_ECONNRESET;
	return r;
}

struct record still(enum close close, int64_t seconds)
{
	struct record r = without_time_wait(close, close == CLOSE_OPEN ? CLOSER_NONE : CLOSER_CLIENT);

	r.start.ns = BEGIN + (312 - seconds) * SECOND;
	r.end.ns = BEGIN + 312 * SECOND;
	r.ended.ns = BEGIN + 312 * SECOND;
	r.record_end = RECORD_END;
	return r;
}

void set_state(struct record_side *side, enum state before, enum state now)
{
	side->states[0] = STATE_ESTABLISHED;
	side->states[1] = before;
	side->states[2] = now;
	side->state_count = 3;
}

struct summary *new_summary(size_t entries, uint64_t seed)
{
	struct summary_options options = { .time_wait = 60 * SECOND, .entries = entries, .seed = seed };
	struct summary *summary = summary_new(&options);

	assert_non_null(summary);
	return summary;
}

void feed(struct summary *summary, struct record record, int times)
{
	struct sink *sink = summary_sink(summary);

	for (int i = 0; i < times; i++)
		sink->record(sink, &record);
}

struct summary_input input_of(uint64_t frames)
{
	return (struct summary_input){ .dissect = { .frames = frames },
				       .inputs = 1,
				       .first = { BEGIN },
				       .last = { BEGIN + 312 * SECOND },
				       .utf8 = true };
}

/* Columns of a line of UTF-8, colours not counted. */
static int columns(const char *line, size_t n)
{
	int width = 0;

	for (size_t i = 0; i < n; i++) {
		if (line[i] == '\033')
			i += strcspn(line + i, "m");
		else
			width += ((unsigned char)line[i] & 0xc0) != 0x80;
	}
	return width;
}

void assert_fits(const char *text)
{
	for (const char *line = text; *line;) {
		size_t n = strcspn(line, "\n");

		if (columns(line, n) > SUMMARY_COLUMNS)
			fail_msg("wider than %d columns: %.*s", SUMMARY_COLUMNS, (int)n, line);
		if (n > 0 && line[n - 1] == ' ')
			fail_msg("ends with a space: %.*s", (int)n, line);
		line += n + (line[n] == '\n');
	}
}

char *printed(struct summary *summary, const struct summary_input *in)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_int_equal(summary_print(summary, out, in), 0);
	fclose(out);
	assert_fits(text);
	return text;
}

static char *golden_text(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;

	if (!file)
		fail_msg("no golden file %s", path);
	if (getdelim(&text, &size, '\0', file) < 0)
		fail_msg("nothing in %s", path);
	fclose(file);
	return text;
}

/* Compares what is printed with tests/golden/summary_NAME.txt. */
void assert_golden(struct summary *summary, const struct summary_input *in, const char *name)
{
	const char *mode = getenv("LASTACK_GOLDEN");
	char *text = printed(summary, in);
	char *golden, path[512];

	snprintf(path, sizeof path, "%s/summary_%s.txt", GOLDEN_DIR, name);
	if (mode && strcmp(mode, "write") == 0) {
		FILE *file = fopen(path, "w");

		assert_non_null(file);
		fputs(text, file);
		fclose(file);
	}
	golden = golden_text(path);
	if (strcmp(text, golden) != 0)
		print_error("%s differs; printed was:\n%s\n", path, text);
	assert_string_equal(text, golden);
	free(golden);
	free(text);
	summary_free(summary);
}
