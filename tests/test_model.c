/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_model.c - what the dashboard knows, fed by a tracker: closes when they happen, records when they end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "analyzer/tracker.h"
#include "ui/listing.h"
#include "ui/model.h"

#define SECOND INT64_C(1000000000)
#define BEGIN  (1795161600 * SECOND)

struct stage {
	struct model *model;
	struct tracker *tracker;
	struct moment now;
	uint64_t packet;
};

static bool look(void *context, const struct host host[static 2], const uint16_t port[static 2],
		 uint64_t connection, struct record *record)
{
	const struct stage *stage = context;

	return tracker_look(stage->tracker, host, port, connection, record);
}

static void begin(struct stage *stage, size_t records, size_t live)
{
	const struct model_options model = { .records = records,
					     .live = live,
					     .time_wait = 60 * SECOND,
					     .seed = 1,
					     .look = look,
					     .context = stage };
	const struct tracker_options tracker = { .time_wait = 60 * SECOND, .seed = 1 };

	*stage = (struct stage){ .now = { BEGIN } };
	stage->model = model_new(&model);
	assert_non_null(stage->model);
	stage->tracker = tracker_new(&tracker, model_sink(stage->model));
	assert_non_null(stage->tracker);
}

static void end(struct stage *stage)
{
	tracker_free(stage->tracker);
	model_free(stage->model);
}

/* A segment of the connection from that port, a millisecond after the last. */
static void pass(struct stage *stage, uint16_t port, enum side side, uint8_t flags, uint32_t seq,
		 uint32_t ack, uint32_t len)
{
	struct segment s = {
		.packet = ++stage->packet,
		.src = { { [10] = 0xff, 0xff, 10, [15] = (uint8_t)(side == CLIENT ? 1 : 2) } },
		.dst = { { [10] = 0xff, 0xff, 10, [15] = (uint8_t)(side == CLIENT ? 2 : 1) } },
		.sport = side == CLIENT ? port : 80,
		.dport = side == CLIENT ? 80 : port,
		.seq = { seq },
		.ack = { ack },
		.flags = flags,
		.len = len,
		.window = 1000,
		.ttl = 64,
		.ip_id = (uint16_t)stage->packet,
	};

	stage->now.ns += SECOND / 1000;
	s.at = stage->now;
	assert_int_equal(tracker_feed(stage->tracker, &s, 1), 0);
	model_settle(stage->model, stage->now);
}

static void wait_for(struct stage *stage, int64_t seconds)
{
	stage->now.ns += seconds * SECOND;
	tracker_tick(stage->tracker, stage->now);
	model_settle(stage->model, stage->now);
}

static void shake_hands(struct stage *stage, uint16_t port)
{
	pass(stage, port, CLIENT, TCP_SYN, 0, 0, 0);
	pass(stage, port, SERVER, TCP_SYN | TCP_ACK, 0, 1, 0);
	pass(stage, port, CLIENT, TCP_ACK, 1, 1, 0);
}

static void close_gracefully(struct stage *stage, uint16_t port)
{
	pass(stage, port, CLIENT, TCP_FIN | TCP_ACK, 1, 1, 0);
	pass(stage, port, SERVER, TCP_FIN | TCP_ACK, 1, 2, 0);
	pass(stage, port, CLIENT, TCP_ACK, 2, 2, 0);
}

static void a_close_counts_when_it_happens(void **state)
{
	struct stage stage;
	const struct kept *kept;

	(void)state;
	begin(&stage, 0, 0);
	shake_hands(&stage, 1000);
	assert_int_equal(model_live_count(stage.model), 1);
	assert_int_equal(model_counts(stage.model)->opened, 1);
	assert_int_equal(model_next(stage.model), 0);
	assert_int_equal(model_newest(stage.model)->state[SERVER], STATE_ESTABLISHED);
	close_gracefully(&stage, 1000);
	assert_int_equal(model_live_count(stage.model), 0);
	assert_null(model_newest(stage.model));
	assert_int_equal(model_counts(stage.model)->closes[CLOSE_GRACEFUL], 1);
	kept = model_kept(stage.model, 0);
	assert_non_null(kept);
	assert_false(kept->final);
	assert_int_equal(kept->record.closer, CLOSER_CLIENT);
	assert_int_equal(kept->record.time_wait, TIME_WAIT_LINGERING);
	assert_int_equal(timeline_recent(model_timeline(stage.model), TIMELINE_SUM_GRACEFUL, 5 * SECOND), 1);
	/* Its record takes the place of what was known, and counts no second time. */
	wait_for(&stage, 61);
	assert_int_equal(model_next(stage.model), 1);
	assert_true(model_kept(stage.model, 0)->final);
	assert_int_equal(model_kept(stage.model, 0)->record.time_wait, TIME_WAIT_EXPIRED);
	assert_int_equal(model_counts(stage.model)->records, 1);
	assert_int_equal(model_counts(stage.model)->closes[CLOSE_GRACEFUL], 1);
	assert_null(model_find(stage.model, 1));
	end(&stage);
}

static void a_reset_counts_at_once(void **state)
{
	struct stage stage;

	(void)state;
	begin(&stage, 0, 0);
	shake_hands(&stage, 1000);
	pass(&stage, 1000, SERVER, TCP_RST | TCP_ACK, 1, 1, 0);
	assert_int_equal(model_counts(stage.model)->closes[CLOSE_RESET], 1);
	assert_int_equal(model_counts(stage.model)->closers[CLOSE_RESET][CLOSER_SERVER], 1);
	assert_int_equal(peers_count(model_peers(stage.model), true), 1);
	end(&stage);
}

static void what_is_refused_counts_at_once(void **state)
{
	struct stage stage;

	(void)state;
	begin(&stage, 0, 0);
	pass(&stage, 1000, CLIENT, TCP_SYN, 0, 0, 0);
	pass(&stage, 1000, SERVER, TCP_RST | TCP_ACK, 0, 1, 0);
	assert_int_equal(model_counts(stage.model)->closes[CLOSE_REFUSED], 1);
	assert_int_equal(model_counts(stage.model)->opened, 0);
	end(&stage);
}

/* The last ACK that did not arrive: the server sends its FIN again, and has not closed after all. */
static void what_is_taken_back_lives_again(void **state)
{
	struct stage stage;
	bool back;

	(void)state;
	begin(&stage, 0, 0);
	shake_hands(&stage, 1000);
	close_gracefully(&stage, 1000);
	assert_int_equal(model_counts(stage.model)->closes[CLOSE_GRACEFUL], 1);
	wait_for(&stage, 1);
	pass(&stage, 1000, SERVER, TCP_FIN | TCP_ACK, 1, 2, 0);
	back = model_taken_back(stage.model) == 1;
	assert_true(back);
	assert_int_equal(model_counts(stage.model)->records, 0);
	assert_int_equal(model_live_count(stage.model), 1);
	assert_null(model_kept(stage.model, 0));
	assert_int_equal(timeline_recent(model_timeline(stage.model), TIMELINE_SUM_GRACEFUL, 60 * SECOND), 0);
	pass(&stage, 1000, CLIENT, TCP_ACK, 2, 2, 0);
	assert_int_equal(model_counts(stage.model)->records, 1);
	assert_int_equal(model_live_count(stage.model), 0);
	assert_non_null(model_kept(stage.model, 1));
	end(&stage);
}

static void older_ones_make_room(void **state)
{
	struct stage stage;

	(void)state;
	begin(&stage, 10, 0);
	for (uint16_t port = 1; port <= 25; port++) {
		shake_hands(&stage, port);
		close_gracefully(&stage, port);
	}
	assert_int_equal(model_next(stage.model), 25);
	assert_int_equal(model_first(stage.model), 15);
	assert_int_equal(model_forgotten(stage.model), 15);
	assert_null(model_kept(stage.model, 14));
	assert_int_equal(model_kept(stage.model, 15)->record.port[CLIENT], 16);
	assert_int_equal(model_counts(stage.model)->records, 25);
	/* Their records come, when they are not there any more. */
	wait_for(&stage, 100);
	assert_int_equal(model_counts(stage.model)->records, 25);
	assert_true(model_kept(stage.model, 24)->final);
	end(&stage);
}

static void more_living_ones_than_there_is_room_for_are_counted(void **state)
{
	struct stage stage;
	int listed = 0;

	(void)state;
	begin(&stage, 0, 10);
	for (uint16_t port = 1; port <= 25; port++)
		shake_hands(&stage, port);
	assert_int_equal(model_live_count(stage.model), 25);
	assert_int_equal(model_live_unlisted(stage.model), 15);
	for (const struct live *live = model_newest(stage.model); live; live = model_older(stage.model, live))
		listed++;
	assert_int_equal(listed, 10);
	for (uint16_t port = 1; port <= 25; port++)
		close_gracefully(&stage, port);
	wait_for(&stage, 100);
	assert_int_equal(model_live_count(stage.model), 0);
	assert_int_equal(model_counts(stage.model)->records, 25);
	end(&stage);
}

/* Thousands come and go in an order of their own, and each is found by its name. */
static void the_living_are_found(void **state)
{
	struct stage stage;
	uint64_t random = 1;
	size_t alive = 0;
	bool open[3000] = { false };
	uint64_t names[3000];

	(void)state;
	begin(&stage, 100, 0);
	for (int i = 0; i < 12000; i++) {
		uint16_t port;

		random = random * 6364136223846793005u + 1442695040888963407u;
		port = (uint16_t)((random >> 33) % 3000);
		if (!open[port]) {
			names[port] = stage.packet + 1;
			shake_hands(&stage, (uint16_t)(port + 1));
			alive++;
		} else {
			pass(&stage, (uint16_t)(port + 1), SERVER, TCP_RST | TCP_ACK, 1, 1, 0);
			alive--;
		}
		open[port] = !open[port];
		/* A pair that was reset is used again only when nothing is left of it. */
		if (i % 500 == 0)
			wait_for(&stage, 61);
	}
	assert_true(model_live_count(stage.model) >= alive);
	for (int port = 0; port < 3000; port++) {
		const struct live *live = open[port] ? model_find(stage.model, names[port]) : NULL;

		if (live)
			assert_int_equal(live->port[CLIENT], port + 1);
	}
	end(&stage);
}

static void zero_leaves_what_lives(void **state)
{
	struct stage stage;

	(void)state;
	begin(&stage, 0, 0);
	shake_hands(&stage, 1);
	close_gracefully(&stage, 1);
	shake_hands(&stage, 2);
	assert_true(model_zero(stage.model));
	assert_int_equal(model_counts(stage.model)->records, 0);
	assert_int_equal(model_live_count(stage.model), 1);
	wait_for(&stage, 100); /* the record of what closed before counts no more */
	assert_int_equal(model_counts(stage.model)->records, 0);
	close_gracefully(&stage, 2);
	assert_int_equal(model_counts(stage.model)->records, 1);
	end(&stage);
}

static void a_list_follows(void **state)
{
	struct stage stage;
	struct listing *listing;
	struct listing_row row;

	(void)state;
	begin(&stage, 10, 0);
	listing = listing_new(stage.model);
	shake_hands(&stage, 1);
	shake_hands(&stage, 2);
	assert_true(listing_update(listing, 100));
	assert_int_equal(listing_count(listing), 2);
	assert_true(listing_row(listing, 0, &row));
	assert_int_equal(row.record.port[CLIENT], 2);
	assert_non_null(row.live);
	close_gracefully(&stage, 2);
	listing_update(listing, 100);
	assert_true(listing_row(listing, 0, &row));
	assert_int_equal(row.record.port[CLIENT], 1); /* the living come first */
	assert_true(listing_row(listing, 1, &row));
	assert_null(row.live);
	assert_int_equal(listing_find(listing, row.connection, 0), 1);
	assert_int_equal(listing_find(listing, 999, 1), 2);
	for (uint16_t port = 10; port < 40; port++) {
		shake_hands(&stage, port);
		close_gracefully(&stage, port);
	}
	assert_false(listing_update(listing, 3));
	assert_true(listing_update(listing, 100));
	assert_int_equal(listing_count(listing), 11);
	listing_free(listing);
	end(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_close_counts_when_it_happens),
		cmocka_unit_test(a_reset_counts_at_once),
		cmocka_unit_test(what_is_refused_counts_at_once),
		cmocka_unit_test(what_is_taken_back_lives_again),
		cmocka_unit_test(older_ones_make_room),
		cmocka_unit_test(more_living_ones_than_there_is_room_for_are_counted),
		cmocka_unit_test(the_living_are_found),
		cmocka_unit_test(zero_leaves_what_lives),
		cmocka_unit_test(a_list_follows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
