/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ui/broker_asker.h"
#include "ui/complain.h"
#include "ui/fan.h"
#include "ui/losses_told.h"
#include "ui/metrics.h"
#include "ui/sockets.h"
#include "ui/this_host.h"
#include "ui/watch_screen.h"

#define NS_PER_S     INT64_C(1000000000)
#define CHORES_EVERY (NS_PER_S / 10)

struct watch {
	const struct options *options;
	struct requests *requests;
	struct writers *writers;
	struct captures *captures;
	struct tracker *tracker;
	struct fan fan;
	struct this_host *host;
	struct broker *broker;
	struct broker_asker asker;
	struct watch_screen *screen; /* NULL without a dashboard */
	struct metrics *metrics;     /* NULL without --metrics */
	int64_t due;		     /* the next chores, by the clock of watch_due() */
	struct capture_loss loss;    /* as last asked, ... */
	struct moment loss_asked;    /* ... when that was, by the system's clock */
	struct losses_told losses;   /* what was said of it */
	bool no_opener;		     /* the process that opens files has ended, which was said */
};

static int64_t now_by(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

static bool is_file(const char *name)
{
	return name && strcmp(name, "-") != 0;
}

/* The broker: for files that follow one another, and for whose sockets the rows are about. */
static struct broker *start_broker(const struct options *options, struct sockets *sockets)
{
	const char *outputs[3];
	size_t n = 0;

	if (is_file(options->csv))
		outputs[n++] = options->csv;
	if (is_file(options->json))
		outputs[n++] = options->json;
	if (is_file(options->events))
		outputs[n++] = options->events;
	const struct broker_options broker = {
		.outputs = outputs,
		.output_count = n,
		.lookup = sockets_lookup,
		.lookup_prepare = sockets_prepare,
		.context = sockets,
		.not_held = options->no_sandbox,
	};

	return broker_start(&broker);
}

/* False with errno. */
static bool open_host(struct watch *watch, uint64_t seed)
{
	struct sockets *sockets = sockets_new();

	watch->host = this_host_open();
	watch->broker = watch->host && sockets ? start_broker(watch->options, sockets) : NULL;
	sockets_free(sockets); /* the broker has its own */
	if (!watch->broker)
		return false;
	broker_asker_init(&watch->asker, watch->broker);
	writers_use_opener(watch->writers, broker_opener(watch->broker));
	writers_watch_host(watch->writers, watch->host);
	return this_host_ask(watch->host, &watch->asker.asker, seed, watch->options->max_flows);
}

/* What metrics are told when somebody asks. */
static void fill(void *context, struct metrics_input *input)
{
	struct watch *watch = context;
	struct output_counts rows = writers_counts(watch->writers);

	input->now = captures_clock(watch->captures);
	input->packets = captures_packets(watch->captures);
	input->loss = watch->loss;
	input->queue_known = true;
	input->queue_packets = captures_waiting(watch->captures);
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

static bool open_screen(struct watch *watch)
{
	if (!watch_screen_wanted(watch->options))
		return true;
	watch->screen = watch_screen_open(watch->options);
	return watch->screen != NULL;
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
	if (!open_host(watch, seed))
		complain(NULL, "the processes that help cannot be started: %s", strerror(errno));
	else if (open_metrics(watch, seed) && open_screen(watch))
		return watch;
	watch_close(watch);
	return NULL;
}

bool watch_show(struct watch *watch, struct captures *captures, const struct tracker_options *options,
		const struct timers *timers)
{
	const struct watch_screen_parts parts = { captures, options, timers, watch->host };

	watch->captures = captures;
	if (!watch->screen || watch_screen_show(watch->screen, &parts))
		return true;
	/* A terminal that can show none is no reason not to watch, unless it was asked for. */
	watch_screen_close(watch->screen);
	watch->screen = NULL;
	return !watch->options->ui;
}

struct sink *watch_sink(struct watch *watch)
{
	/* The writers last: with their record() the host forgets the connection. */
	if (watch->metrics)
		fan_add(&watch->fan, metrics_sink(watch->metrics));
	if (watch->screen)
		fan_add(&watch->fan, watch_screen_sink(watch->screen));
	fan_add(&watch->fan, writers_sink(watch->writers));
	return &watch->fan.sink;
}

void watch_begin(struct watch *watch, struct tracker *tracker)
{
	watch->tracker = tracker;
	if (watch->screen)
		watch_screen_begin(watch->screen, tracker);
}

void watch_announce(const struct watch *watch)
{
	const struct options *options = watch->options;

	if (watch->screen || options->quiet || !isatty(STDERR_FILENO))
		return;
	fputs("lastack: watching", stderr);
	for (size_t i = 0; i < options->interface_count; i++)
		fprintf(stderr, "%s %s", i > 0 ? "," : "", options->interfaces[i]);
	fputs("; Ctrl-C ends it\n", stderr);
}

bool watch_due(struct watch *watch)
{
	int64_t now = now_by(CLOCK_MONOTONIC_COARSE);

	if (now < watch->due)
		return false;
	watch->due = now + CHORES_EVERY;
	return true;
}

/*
 * What was lost since last time takes the certainty from what rests on not having seen it. It was lost
 * between the two askings by the system's clock, which stamps packets too: the capture's clock is that of the
 * packet read last, and what finds no room is later than all that still waits to be read.
 */
static void note_loss(struct watch *watch)
{
	struct moment asked = { now_by(CLOCK_REALTIME) };
	struct capture_loss loss = captures_loss(watch->captures);

	if (loss.kernel + loss.interface > watch->loss.kernel + watch->loss.interface)
		tracker_lost(watch->tracker, watch->loss_asked, (struct moment){ now_by(CLOCK_REALTIME) });
	watch->loss = loss;
	watch->loss_asked = asked;
	losses_tell(&watch->losses, &loss, now_by(CLOCK_MONOTONIC));
}

/*
 * No other can be started behind the door. Files that are to follow one another would then grow for ever: it
 * ends instead, so that whoever looks after the program starts it anew. A single file stays good.
 */
static void look_after_opener(struct watch *watch)
{
	bool rotates = rotation_wanted(&watch->options->rotation);

	if (watch->no_opener || broker_can_open(watch->broker))
		return;
	watch->no_opener = true;
	complain(NULL, "the process that opens files has ended: %s",
		 rotates ? "files cannot follow one another any more" : "files cannot be opened again");
	if (rotates)
		watch->requests->stop = 1;
}

void watch_chores(struct watch *watch)
{
	note_loss(watch);
	look_after_opener(watch);
	if (watch->requests->reopen) {
		watch->requests->reopen = 0;
		writers_reopen(watch->writers);
	}
	writers_tick(watch->writers, now_by(CLOCK_REALTIME));
	this_host_work(watch->host, now_by(CLOCK_MONOTONIC));
	if (watch->metrics)
		metrics_serve(watch->metrics);
	if (watch->screen && !watch_screen_turn(watch->screen, &watch->loss))
		watch->requests->stop = 1;
}

void watch_rest(struct watch *watch)
{
	watch_chores(watch);
	watch_screen_close(watch->screen);
	watch->screen = NULL;
	losses_tell_all(&watch->losses, &watch->loss);
}

bool watch_failed(const struct watch *watch)
{
	return watch->no_opener;
}

void watch_close(struct watch *watch)
{
	if (!watch)
		return;
	watch_screen_close(watch->screen);
	metrics_free(watch->metrics);
	this_host_close(watch->host);
	broker_end(watch->broker);
	free(watch);
}
