/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ui/broker.h"
#include "ui/complain.h"
#include "ui/fan.h"
#include "ui/losses_told.h"
#include "ui/metrics.h"
#include "ui/sockets.h"
#include "ui/this_host.h"

#define NS_PER_S     INT64_C(1000000000)
#define CHORES_EVERY (NS_PER_S / 10)

/* Who passes questions about sockets on to the broker. */
struct broker_asker {
	struct asker asker; /* first: see processes.h */
	struct broker *broker;
};

struct watch {
	const struct options *options;
	struct requests *requests;
	struct writers *writers;
	struct captures *captures;
	struct tracker *tracker;
	struct fan fan;
	struct this_host *host;
	struct sockets *sockets; /* the broker's, which has a copy of it */
	struct broker_asker asker;
	struct metrics *metrics;   /* NULL without --metrics */
	int64_t due;		   /* the next chores, by the clock of watch_due() */
	struct capture_loss loss;  /* as last asked, ... */
	struct moment loss_asked;  /* ... when that was */
	struct losses_told losses; /* what was said of it */
};

static int64_t now_by(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static size_t look_up(void *context, const void *request, size_t n, void *reply)
{
	return sockets_lookup(context, request, n, reply);
}

static bool ask(struct asker *asker, const struct socket_question *question)
{
	return broker_ask(((struct broker_asker *)asker)->broker, question, sizeof *question);
}

static bool take_answer(struct asker *asker, struct socket_answer *answer)
{
	return broker_answer(((struct broker_asker *)asker)->broker, answer, sizeof *answer) ==
	       sizeof *answer;
}

/* The broker: for files that follow one another, and for whose sockets the rows are about. */
static bool start_broker(struct watch *watch)
{
	const struct options *options = watch->options;
	const char *outputs[3];
	size_t n = 0;

	if (options->csv)
		outputs[n++] = options->csv;
	if (options->json)
		outputs[n++] = options->json;
	if (options->events)
		outputs[n++] = options->events;
	const struct broker_options broker = {
		.outputs = outputs,
		.output_count = n,
		.lookup = look_up,
		.lookup_prepare = sockets_prepare,
		.context = watch->sockets,
		.not_held = options->no_sandbox,
	};

	watch->asker.broker = broker_start(&broker);
	if (!watch->asker.broker)
		return false;
	writers_use_opener(watch->writers, broker_opener(watch->asker.broker));
	return true;
}

static bool open_host(struct watch *watch, uint64_t seed)
{
	watch->host = this_host_open();
	watch->sockets = sockets_new();
	if (!watch->host || !watch->sockets || !start_broker(watch) ||
	    !this_host_ask(watch->host, &watch->asker.asker, seed, watch->options->max_flows))
		return false;
	writers_watch_host(watch->writers, watch->host);
	return true;
}

/* What metrics are told when somebody asks. */
static void fill(void *context, struct metrics_input *input)
{
	struct watch *watch = context;
	struct output_counts rows = writers_counts(watch->writers);

	input->now = captures_clock(watch->captures);
	input->packets = captures_packets(watch->captures);
	input->loss = watch->loss;
	input->tracker = tracker_counts(watch->tracker);
	input->max_flows = watch->options->max_flows;
	input->rows_written = rows.rows;
	input->rows_lost = rows.lost_rows;
}

static bool open_metrics(struct watch *watch, uint64_t seed)
{
	const struct options *options = watch->options;
	const struct metrics_options metrics = {
		.time_wait = options->time_wait,
		.ports = options->ports,
		.seed = seed,
		.started = { now_by(CLOCK_REALTIME) },
		.fill = fill,
		.context = watch,
	};

	if (!options->metrics_given)
		return true;
	watch->metrics = metrics_new(&metrics);
	if (!watch->metrics)
		complain("--metrics", "%s", strerror(errno));
	return watch->metrics && metrics_listen(watch->metrics, &options->metrics);
}

struct watch *watch_open(const struct options *options, struct requests *requests, struct writers *writers,
			 uint64_t seed)
{
	struct watch *watch = calloc(1, sizeof *watch);

	if (!watch) {
		complain(NULL, "%s", strerror(errno));
		return NULL;
	}
	watch->options = options;
	watch->requests = requests;
	watch->writers = writers;
	watch->asker.asker = (struct asker){ ask, take_answer };
	if (!open_host(watch, seed))
		complain(NULL, "the processes that help cannot be started: %s", strerror(errno));
	else if (open_metrics(watch, seed))
		return watch;
	watch_close(watch);
	return NULL;
}

struct sink *watch_sink(struct watch *watch)
{
	/* The writers last: with their record() the host forgets the connection. */
	if (watch->metrics)
		fan_add(&watch->fan, metrics_sink(watch->metrics));
	fan_add(&watch->fan, writers_sink(watch->writers));
	return &watch->fan.sink;
}

void watch_begin(struct watch *watch, struct captures *captures, struct tracker *tracker)
{
	watch->captures = captures;
	watch->tracker = tracker;
}

bool watch_due(struct watch *watch)
{
	int64_t now = now_by(CLOCK_MONOTONIC_COARSE);

	if (now < watch->due)
		return false;
	watch->due = now + CHORES_EVERY;
	return true;
}

/* What was lost since last time takes the certainty from what rests on not having seen it. */
static void note_loss(struct watch *watch)
{
	struct capture_loss loss = captures_loss(watch->captures);
	struct moment now = captures_clock(watch->captures);

	if (loss.kernel + loss.interface > watch->loss.kernel + watch->loss.interface)
		tracker_lost(watch->tracker, watch->loss_asked, now);
	watch->loss = loss;
	watch->loss_asked = now;
	losses_tell(&watch->losses, &loss, now_by(CLOCK_MONOTONIC));
}

void watch_chores(struct watch *watch)
{
	note_loss(watch);
	if (watch->requests->reopen) {
		watch->requests->reopen = 0;
		writers_reopen(watch->writers);
	}
	writers_tick(watch->writers, now_by(CLOCK_REALTIME));
	this_host_work(watch->host, now_by(CLOCK_MONOTONIC));
	if (watch->metrics)
		metrics_serve(watch->metrics);
}

void watch_rest(struct watch *watch)
{
	watch_chores(watch);
	losses_tell_all(&watch->losses, &watch->loss);
}

void watch_close(struct watch *watch)
{
	if (!watch)
		return;
	metrics_free(watch->metrics);
	this_host_close(watch->host);
	broker_end(watch->asker.broker);
	sockets_free(watch->sockets);
	free(watch);
}
