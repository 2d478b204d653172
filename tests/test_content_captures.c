/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_content_captures.c - what the sides of every recorded connection sent last, against a reassembly of
 * this test's own: one flat array a direction, in which the first bytes to come stand.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/tracker.h"
#include "dissect/capture.h"
#include "dissect/content.h"
#include "dissect/dissect.h"

enum { FLAT_MAX = 1 << 19, CONNECTIONS_MAX = 4000, AHEAD_MAX = 1 << 30 };

/* A direction, as simple as it can be. */
struct flat {
	uint8_t *bytes, *seen;
	struct seq base;
	int64_t end; /* by data, FIN and the other's acknowledgements */
	int64_t sent, fin, acked, mark;
	bool based;
};

struct connection {
	uint64_t id;
	struct flat side[2];
};

struct check {
	struct sink sink; /* first: see record.h */
	const char *path;
	struct contents *contents;
	struct dissector *dissector;
	struct connection connections[CONNECTIONS_MAX];
	size_t count;
	size_t tail;
	uint64_t compared, bytes;
};

static struct connection *connection_of(struct check *check, uint64_t id)
{
	struct connection *c;

	for (size_t i = 0; i < check->count; i++)
		if (check->connections[i].id == id)
			return &check->connections[i];
	if (check->count == CONNECTIONS_MAX)
		return NULL;
	c = &check->connections[check->count++];
	*c = (struct connection){ .id = id };
	for (int i = 0; i < 2; i++)
		c->side[i] = (struct flat){ .fin = -1, .mark = -1 };
	return c;
}

static int64_t end_of(const struct flat *f)
{
	if (f->fin >= 0)
		return f->fin;
	return f->sent > f->acked ? f->sent : f->acked;
}

static int64_t offset_of(const struct flat *f, struct seq number)
{
	int64_t end = end_of(f);

	return end + seq_diff(number, seq_plus(f->base, (uint32_t)end + 1));
}

static void keep(struct flat *f, int64_t at, const uint8_t *bytes, size_t length)
{
	if (!f->bytes) {
		f->bytes = calloc(1, FLAT_MAX);
		f->seen = calloc(1, FLAT_MAX);
	}
	for (size_t i = 0; i < length; i++, at++) {
		if (at < 0 || at >= FLAT_MAX || f->seen[at])
			continue;
		f->bytes[at] = bytes[i];
		f->seen[at] = 1;
	}
}

static void mark(struct flat *f, const struct flat *other)
{
	if (f->mark < 0 && other->fin >= 0 && other->acked > other->fin)
		f->mark = end_of(f);
}

static void apply(struct connection *c, const struct sighting *sighting, const uint8_t *bytes,
		  size_t captured)
{
	const struct segment *s = sighting->segment;
	struct flat *mine = &c->side[sighting->side], *its = &c->side[other(sighting->side)];
	struct seq first = seq_plus(s->seq, s->flags & TCP_SYN ? 1 : 0);
	int64_t from, to, ack;

	if (!mine->based)
		mine->base = sighting->base[sighting->side];
	mine->based = true;
	if (s->flags & TCP_ACK) {
		if (!its->based)
			its->base = sighting->base[other(sighting->side)];
		its->based = true;
		ack = offset_of(its, s->ack);
		if (ack > its->acked && ack - end_of(its) < AHEAD_MAX)
			its->acked = ack;
	}
	mark(mine, its);
	from = offset_of(mine, first);
	to = from + s->len;
	if (s->len > 0 && to > 0 && to - end_of(mine) < AHEAD_MAX && !(mine->fin >= 0 && to > mine->fin)) {
		if (to > mine->sent)
			mine->sent = to;
		keep(mine, from, bytes, captured);
	}
	if (s->flags & TCP_FIN && mine->fin < 0 && to >= mine->sent && to - mine->sent < AHEAD_MAX)
		mine->fin = to;
	mark(its, mine);
}

static void see(struct sink *sink, const struct sighting *sighting)
{
	struct check *check = (struct check *)sink;
	const struct segment *s = sighting->segment;
	struct connection *c;
	const uint8_t *bytes;
	size_t captured;

	if (s->kind != SEGMENT_TCP || s->flags & TCP_RST)
		return;
	bytes = dissect_payload(check->dissector, &captured);
	assert_true(captured <= s->len);
	if (!(s->bits & SEGMENT_CUT))
		assert_int_equal(captured, s->len);
	content_segment(check->contents, sighting->connection, s, sighting->side, sighting->base, bytes,
			captured);
	c = connection_of(check, sighting->connection);
	if (c && (s->len > 0 || s->flags & TCP_FIN || end_of(&c->side[0]) + end_of(&c->side[1]) > 0))
		apply(c, sighting, bytes, captured);
}

static void compare_part(const struct check *check, const struct flat *f, int64_t from, int64_t to,
			 const struct content *content, enum content_part part, uint64_t id)
{
	size_t n = (uint64_t)(to - from) < check->tail ? (size_t)(to - from) : check->tail;

	if (content->part[part].total != (uint64_t)(to - from) || content->part[part].length != n)
		fail_msg("%s: connection %llu: %llu bytes (%zu of them), not %lld (%zu)", check->path,
			 (unsigned long long)id, (unsigned long long)content->part[part].total,
			 content->part[part].length, (long long)(to - from), n);
	for (size_t i = 0; i < n; i++) {
		int64_t at = to - (int64_t)n + (int64_t)i;
		bool seen = f->seen && f->seen[at];
		uint8_t byte = seen ? f->bytes[at] : 0;

		if (content->part[part].lost[i] == seen || content->part[part].bytes[i] != byte)
			fail_msg("%s: connection %llu: byte %lld differs", check->path,
				 (unsigned long long)id, (long long)at);
	}
}

/* The analyzer counts by the same arithmetic, but guesses otherwise at what a fuzzer made of a capture. */
static void compare_counts(const struct check *check, const struct record *record, enum side side,
			   int64_t bytes, int64_t after_fin)
{
	const struct record_side *counted = &record->side[side];

	if (record->midstream || strstr(check->path, "fuzz"))
		return;
	if ((uint64_t)bytes != counted->bytes || (uint64_t)after_fin != counted->after_fin)
		fail_msg("%s: connection %llu: %lld bytes, %lld after the FIN; not %llu, %llu", check->path,
			 (unsigned long long)record->first_packet, (long long)bytes, (long long)after_fin,
			 (unsigned long long)counted->bytes, (unsigned long long)counted->after_fin);
}

static void compare(struct check *check, const struct record *record, struct connection *c, enum side side)
{
	struct flat *f = &c->side[side];
	int64_t end = end_of(f), middle = f->mark >= 0 && f->mark < end ? f->mark : end;
	struct content content;
	enum content_result result = content_read(check->contents, c->id, side, &content);

	if (result == CONTENT_UNKNOWN && record->side[side].bytes <= 1)
		return; /* at most an acknowledgement of something that was never seen */
	assert_int_equal(result, CONTENT_FINE);
	if (end <= FLAT_MAX) {
		compare_part(check, f, 0, middle, &content, CONTENT_BEFORE_FIN, c->id);
		compare_part(check, f, middle, end, &content, CONTENT_AFTER_FIN, c->id);
	}
	compare_counts(check, record, side, end, end - middle);
	check->compared++;
	check->bytes += content.part[0].length + content.part[1].length;
}

static void end(struct sink *sink, const struct record *record)
{
	struct check *check = (struct check *)sink;
	struct connection *c = connection_of(check, record->first_packet);

	if (!c)
		return;
	for (enum side side = CLIENT; side <= SERVER; side++) {
		compare(check, record, c, side);
		free(c->side[side].bytes);
		free(c->side[side].seen);
	}
	content_close(check->contents, c->id);
	*c = check->connections[--check->count];
}

static void ignore(void *context, const struct capture_error *error)
{
	(void)context;
	(void)error;
}

static void check_file(struct check *check, const char *path)
{
	const struct capture_options capture = { 0 };
	const struct dissect_options dissect = { 0 };
	const struct tracker_options options = { .time_wait = 60 * INT64_C(1000000000), .seed = 1 };
	struct captures *captures = captures_open(&path, 1, &capture, ignore, NULL);
	struct tracker *tracker = tracker_new(&options, &check->sink);
	struct segment segment;
	struct frame frame;

	check->path = path;
	check->count = 0;
	check->dissector = dissector_new(&dissect);
	check->contents = contents_new(check->tail);
	while (captures_next(captures, &frame))
		if (dissect_frame(check->dissector, &frame, &segment))
			assert_int_equal(tracker_feed(tracker, &segment, 1), 0);
	assert_int_equal(tracker_finish(tracker), 0);
	tracker_free(tracker);
	/* What is left are SYNs that turned out to be no connection of their own. */
	for (size_t i = 0; i < check->count; i++) {
		free(check->connections[i].side[0].bytes);
		free(check->connections[i].side[0].seen);
		free(check->connections[i].side[1].bytes);
		free(check->connections[i].side[1].seen);
	}
	contents_free(check->contents);
	dissector_free(check->dissector);
	captures_close(captures);
}

static void check_all(const char *pattern, size_t tail, uint64_t least)
{
	struct check *check = calloc(1, sizeof *check);
	glob_t files = { 0 };

	if (glob(pattern, 0, NULL, &files) == 0) {
		check->sink = (struct sink){ .record = end, .segment = see };
		check->tail = tail;
		for (size_t i = 0; i < files.gl_pathc; i++)
			check_file(check, files.gl_pathv[i]);
		print_message("%zu files, tails of %zu: %llu directions, %llu bytes\n", files.gl_pathc, tail,
			      (unsigned long long)check->compared, (unsigned long long)check->bytes);
	}
	assert_true(check->bytes >= least);
	globfree(&files);
	free(check);
}

static void recordings(void **state)
{
	static const size_t tails[] = { 1, 100, CONTENT_TAIL_MAX };

	(void)state;
	for (size_t i = 0; i < sizeof tails / sizeof *tails; i++)
		check_all(RECORDINGS "/*.pcap", tails[i], 40);
}

static void public_captures(void **state)
{
	glob_t files = { 0 };
	bool there = glob(SHARED_DIR "/captures/*.pcap*", 0, NULL, &files) == 0;

	(void)state;
	globfree(&files);
	if (!there)
		skip();
	check_all(SHARED_DIR "/captures/*.pcap*", 500, 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recordings),
		cmocka_unit_test(public_captures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
