/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_changes.c - in every recording of real sockets, and every public capture that is there, the changes
 * told of each end lead to its row's states; who listens changes no row; and at the end nothing is alive.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/census.h"
#include "analyzer/tracker.h"
#include "dissect/capture.h"
#include "dissect/dissect.h"
#include "witness.h"

struct check {
	struct sink sink; /* first: see record.h */
	struct witness witness;
	struct census *census; /* NULL = of no interest */
	uint64_t rows, digest;
};

/* FNV-1a, of what makes a row, its padding apart. */
static void mix(struct check *check, uint64_t value)
{
	check->digest = (check->digest ^ value) * 0x100000001b3u;
}

static void take_record(struct sink *sink, const struct record *r)
{
	struct check *check = (struct check *)sink;

	if (sink->change != NULL)
		witness_record(&check->witness, r);
	if (check->census)
		census_record(check->census, r);
	check->rows++;
	mix(check, r->first_packet);
	mix(check, (uint64_t)r->ended.ns);
	mix(check, (uint64_t)r->close << 32 | (uint64_t)r->cause << 16 | (uint64_t)r->time_wait);
	for (enum side side = CLIENT; side <= SERVER; side++)
		for (int i = 0; i < r->side[side].state_count; i++)
			mix(check, r->side[side].states[i]);
}

static void take_change(struct sink *sink, const struct change *change)
{
	struct check *check = (struct check *)sink;

	witness_change(&check->witness, change);
	if (check->census)
		census_change(check->census, change);
}

/* Every end that was counted as alive has left again. */
static void assert_empty(const struct census *census, const char *path)
{
	const struct census_counts *counts = census_counts(census);
	struct census_holder holder;
	struct waiting_end end;
	uint64_t others;

	for (enum side side = CLIENT; side <= SERVER; side++) {
		for (int i = 0; i < STATE_COUNT; i++) {
			if (counts->now[side][i] != 0)
				fail_msg("%s: in %s something is left", path, state_words[i].name);
		}
		assert_int_equal(census_holders(census, side, (struct moment){ 0 }, &holder, 1, &others), 0);
		assert_int_equal(others, 0);
		assert_int_equal(census_time_wait(census, side, (struct moment){ 0 }).now, 0);
		assert_int_equal(census_close_wait(census, side, &end, 1), 0);
	}
}

static void ignore(void *context, const struct capture_error *error)
{
	(void)context;
	(void)error;
}

static void feed_file(struct check *check, const char *path)
{
	const struct capture_options capture = { 0 };
	const struct dissect_options dissect = { 0 };
	const struct tracker_options options = { .time_wait = 60 * INT64_C(1000000000), .seed = 1 };
	struct captures *captures = captures_open(&path, 1, &capture, ignore, NULL);
	struct dissector *dissector = dissector_new(&dissect);
	struct tracker *tracker = tracker_new(&options, &check->sink);
	struct moment last = { INT64_MIN };
	struct segment segment;
	struct frame frame;

	assert_non_null(captures);
	assert_non_null(dissector);
	assert_non_null(tracker);
	while (captures_next(captures, &frame) == 1) {
		check->witness.backwards |= frame.at.ns < last.ns;
		last = frame.at;
		if (dissect_frame(dissector, &frame, &segment))
			assert_int_equal(tracker_feed(tracker, &segment, 1), 0);
		else
			tracker_tick(tracker, frame.at);
	}
	assert_int_equal(tracker_finish(tracker), 0);
	tracker_free(tracker);
	dissector_free(dissector);
	captures_close(captures);
	witness_end(&check->witness);
}

static void check_file(const char *path, size_t *changes, size_t *retractions)
{
	struct check telling = { .sink = { .record = take_record, .change = take_change } };
	struct check silent = { .sink = { .record = take_record } };
	const struct census_options options = { .time_wait = 60 * INT64_C(1000000000), .seed = 1 };

	telling.census = census_new(&options);
	assert_non_null(telling.census);
	feed_file(&telling, path);
	assert_empty(telling.census, path);
	census_free(telling.census);
	feed_file(&silent, path);
	if (telling.witness.wrong[0])
		fail_msg("%s: %s", path, telling.witness.wrong);
	if (telling.rows != silent.rows || telling.digest != silent.digest)
		fail_msg("%s: other rows when changes are told", path);
	*changes += telling.witness.changes;
	*retractions += telling.witness.retractions;
}

/* False if there are none. */
static bool check_all(const char *pattern, size_t least_changes, size_t least_retractions)
{
	size_t changes = 0, retractions = 0;
	glob_t files = { 0 };
	bool there = glob(pattern, 0, NULL, &files) == 0;

	for (size_t i = 0; there && i < files.gl_pathc; i++)
		check_file(files.gl_pathv[i], &changes, &retractions);
	if (there) {
		print_message("%zu files, %zu changes, %zu of them retractions\n", files.gl_pathc, changes,
			      retractions);
		assert_true(changes >= least_changes && retractions >= least_retractions);
	}
	globfree(&files);
	return there;
}

static void recordings(void **state)
{
	(void)state;
	assert_true(check_all(RECORDINGS "/*.pcap", 2000, 30));
}

static void public_captures(void **state)
{
	(void)state;
	if (!check_all(SHARED_DIR "/captures/*.pcap*", 5000, 20))
		skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recordings),
		cmocka_unit_test(public_captures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
