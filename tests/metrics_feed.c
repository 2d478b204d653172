/* SPDX-License-Identifier: GPL-2.0-or-later */
/* metrics_feed.c - see metrics_feed.h. */
#include "metrics_feed.h"

static struct host ipv4(uint32_t address)
{
	struct host h = { .addr = { [10] = 0xff,
				    0xff,
				    (uint8_t)(address >> 24),
				    (uint8_t)(address >> 16),
				    (uint8_t)(address >> 8),
				    (uint8_t)address } };

	return h;
}

struct metrics *feed_new(void (*fill)(void *, struct metrics_input *), void *context)
{
	const struct metrics_options options = { .time_wait = 60 * SECOND,
						 .ports = 28232,
						 .seed = 5,
						 .started = { METRICS_BEGIN },
						 .fill = fill,
						 .context = context };

	return metrics_new(&options);
}

struct record feed_graceful(void)
{
	struct record r = {
		.host = { ipv4(0x0a000001), ipv4(0x0a000002) },
		.port = { 40000, 443 },
		.close = CLOSE_GRACEFUL,
		.closer = CLOSER_CLIENT,
		.teardown_time = SECOND / 50,
		.first_packet = 1,
	};

	r.side[CLIENT].close_wait = UNKNOWN_NS;
	r.side[SERVER].close_wait = SECOND / 200;
	return r;
}

void feed_record(struct metrics *metrics, struct record record, int times)
{
	struct sink *sink = metrics_sink(metrics);

	for (int i = 0; i < times; i++)
		sink->record(sink, &record);
}

/* An end goes through these states, a second after another. */
static void feed_way(struct metrics *metrics, uint64_t connection, enum side side, int64_t second,
		     const enum state *states)
{
	struct sink *sink = metrics_sink(metrics);
	struct change change = { .start = { METRICS_BEGIN + second * SECOND },
				 .connection = connection,
				 .packet = connection,
				 .host = { ipv4(0x0a000001), ipv4(0x0a000002) },
				 .port = { 40000, 443 },
				 .side = side };

	for (; *states != STATE_UNKNOWN; states++) {
		change.at.ns = METRICS_BEGIN + second++ * SECOND;
		change.to = *states;
		sink->change(sink, &change);
		change.from = *states;
	}
}

static void feed_states(struct metrics *metrics)
{
	static const enum state opener[] = { STATE_SYN_SENT,   STATE_ESTABLISHED, STATE_FIN_WAIT_1,
					     STATE_FIN_WAIT_2, STATE_TIME_WAIT,	  STATE_UNKNOWN };
	static const enum state leaking[] = { STATE_SYN_RECEIVED, STATE_ESTABLISHED, STATE_CLOSE_WAIT,
					      STATE_UNKNOWN };
	static const enum state holding[] = { STATE_TIME_WAIT, STATE_UNKNOWN };

	for (uint64_t i = 0; i < 30; i++)
		feed_way(metrics, 100 + i, CLIENT, (int64_t)i, opener);
	for (uint64_t i = 0; i < 4; i++)
		feed_way(metrics, 100 + i, SERVER, (int64_t)(10 * i), leaking);
	for (uint64_t i = 0; i < 3; i++)
		feed_way(metrics, 200 + i, SERVER, 10, holding);
}

void feed_mix(struct metrics *metrics)
{
	struct record r = feed_graceful();

	feed_record(metrics, r, 500);
	r.closer = CLOSER_SERVER;
	r.side[CLIENT].close_wait = 4000 * SECOND;
	r.teardown_time = 1000 * SECOND;
	feed_record(metrics, r, 20);
	r = feed_graceful();
	r.port[SERVER] = 5432;
	r.close = CLOSE_RESET;
	r.cause = CAUSE_KEEPALIVE_RACE;
	r.closer = CLOSER_SERVER;
	r.side[CLIENT].lost = 1234;
	r.side[CLIENT].lost_known = true;
	r.rst_ignored = 2;
	feed_record(metrics, r, 40);
	r.port[SERVER] = 9; /* too few for a label */
	feed_record(metrics, r, 3);
	r = feed_graceful();
	r.close = CLOSE_OPEN;
	r.closer = CLOSER_NONE;
	r.teardown_time = UNKNOWN_NS;
	r.side[SERVER].close_wait = UNKNOWN_NS;
	feed_record(metrics, r, 7);
	feed_states(metrics);
}

struct metrics_input feed_input(uint64_t n)
{
	return (struct metrics_input){ .now = { METRICS_BEGIN + 60 * SECOND },
				       .packets = 1000 * n,
				       .loss = { 10 * n, 3 * n },
				       .tracker = { .segments = 900 * n,
						    .duplicates = 20 * n,
						    .evicted = 5 * n,
						    .flows = 70,
						    .memory = 123456 },
				       .max_flows = 1000000,
				       .queue_known = true,
				       .queue_packets = 17,
				       .rows_written = 200 * n,
				       .rows_lost = 8 * n,
				       .resident = 7654321 };
}
