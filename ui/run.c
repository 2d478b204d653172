/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run.c - the main job: captures in, rows and summary out.
 *
 * Everything is opened before the first byte of a capture is looked at, and the door is closed in between
 * (design/house.md).
 */
#include "ui/run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "dissect/capture.h"
#include "dissect/dissect.h"
#include "ui/complain.h"
#include "ui/crew.h"
#include "ui/reading.h"
#include "ui/sandbox.h"
#include "ui/seed.h"
#include "ui/watch.h"
#include "ui/watch_screen.h"
#include "ui/writers.h"

struct run {
	const struct options *options;
	struct requests *requests;
	bool failed; /* something was complained about: exit status 1 */

	struct captures *captures;
	struct dissector *dissector, *second_dissector; /* the second reads again for --explain */
	struct contents *contents;			/* NULL without --payload */
	struct timers *timers;				/* those of the options, or our own */
	uint64_t seed;					/* of all hashes */
	struct tracker_options tracker_options;
	struct crew *crew;
	struct writers *writers;
	struct watch *watch; /* NULL for files */

	struct reading_span span;
};

static void fail(struct run *run)
{
	complain(NULL, "%s", strerror(errno));
	run->failed = true;
}

/* Of inputs; whether they failed is captures_failed()'s to say. */
static void tell(void *context, const struct capture_error *error)
{
	(void)context;
	complain(NULL, "%s", error->text);
}

/* Those of --timers come first, and count first. */
static const struct timers *all_timers(struct run *run)
{
	run->timers = run->options->timers ? run->options->timers : timers_new();
	return run->timers && timers_add_builtin(run->timers) ? run->timers : NULL;
}

static struct captures *open_files(struct run *run, size_t keep_packets)
{
	const struct options *options = run->options;
	const struct capture_options capture = {
		.filter = options->filter,
		.stop = &run->requests->stop,
		.keep_packets = keep_packets,
	};
	struct captures *captures = captures_open(options->files, options->file_count, &capture, tell, NULL);

	if (!captures)
		fail(run);
	return captures;
}

static struct captures *open_interfaces(struct run *run, size_t keep_packets)
{
	const struct options *options = run->options;
	const struct watch_options watch = {
		.filter = options->filter,
		.stop = &run->requests->stop,
		.keep_packets = keep_packets,
		.snaplen = (uint32_t)options->snaplen,
		.buffer = (size_t)options->buffer << 20,
		.no_promiscuous = options->no_promiscuous,
		.closes_only = options->closes_only,
		.count = options->count,
		.duration = options->duration,
	};

	return captures_watch(options->interfaces, options->interface_count, &watch, tell, NULL);
}

/* False after a complaint. */
static bool open_inputs(struct run *run)
{
	const struct options *options = run->options;
	bool again = options->selector_count > 0 || options->pcap || watch_screen_wanted(options);
	size_t keep_packets = again ? (size_t)options->keep_packets << 20 : 0;

	run->captures = options->interface_count > 0 ? open_interfaces(run, keep_packets)
						     : open_files(run, keep_packets);
	return run->captures != NULL;
}

/* What there is besides, while interfaces are watched. False after a complaint. */
static bool open_watch(struct run *run)
{
	const struct options *options = run->options;

	if (options->interface_count > 0)
		run->watch = watch_open(options, run->requests, run->writers, run->seed);
	return options->interface_count == 0 || run->watch;
}

/* When all is there that it tells. */
static bool make_crew(struct run *run)
{
	struct sink *sink = run->watch ? watch_sink(run->watch) : writers_sink(run->writers);

	run->crew = crew_new(&run->tracker_options, sink, run->writers);
	if (run->crew && run->watch)
		watch_begin(run->watch, crew_tracker(run->crew));
	return run->crew != NULL;
}

/* The dashboard, if there is one: the last thing that is opened. */
static bool show(struct run *run)
{
	return !run->watch || watch_show(run->watch, run->captures, &run->tracker_options, run->timers);
}

static bool make_parts(struct run *run)
{
	const struct options *options = run->options;
	const struct timers *timers = all_timers(run);
	bool explaining = options->selector_count > 0;
	const struct dissect_options dissect = { .outer = options->outer };

	if (!timers)
		return false;
	run->tracker_options = (struct tracker_options){
		.time_wait = options->time_wait,
		.idle = options->idle,
		.syn_idle = options->syn_idle,
		.max_flows = options->max_flows,
		.causes = { .fin_timeout = options->fin_timeout,
			    .timers = timers->list,
			    .timer_count = timers->n,
			    .closes_only = options->closes_only },
		.seed = run->seed,
	};
	run->dissector = dissector_new(&dissect);
	if (explaining)
		run->second_dissector = dissector_new(&dissect);
	if (explaining && options->payload > 0)
		run->contents = contents_new((size_t)options->payload);
	return run->dissector && (run->second_dissector || !explaining) &&
	       (run->contents || options->payload == 0) &&
	       writers_start(run->writers, run->captures, timers, run->tracker_options.seed);
}

/* Watching, one thread does it all: what is told is to be told soon. */
static int threads(const struct run *run)
{
	if (run->watch)
		return 1;
	return run->options->threads > 0 ? (int)run->options->threads : reading_threads();
}

/* All rows that were found are written in the end, also after a failure. */
static void read_and_analyse(struct run *run)
{
	struct progress progress;
	const struct reading_parts parts = {
		.requests = run->requests,
		.captures = run->captures,
		.dissector = run->dissector,
		.crew = run->crew,
		.seed = run->tracker_options.seed,
		.watch = run->watch,
		.shard = (int)run->options->shard,
		.shards = (int)run->options->shards,
		.progress = &progress,
		.threads = threads(run),
	};

	progress_begin(&progress, run->options);
	if (reading_all(&parts, &run->span) == -1)
		fail(run);
	writers_finish(run->writers);
	if (run->watch) {
		watch_rest(run->watch);
		run->failed = run->failed || watch_failed(run->watch);
	}
}

static size_t inputs(const struct run *run)
{
	return run->options->file_count + run->options->interface_count;
}

/* Nothing that could be read is nothing to sum up: the complaints have said all. */
static bool nothing_read(const struct run *run)
{
	return dissect_counts(run->dissector).frames == 0 && captures_failed(run->captures) >= inputs(run);
}

static void print_summary(struct run *run)
{
	struct summary_input input = {
		.dissect = dissect_counts(run->dissector),
		.tracker = crew_counts(run->crew),
		.packets = captures_packets(run->captures),
		.inputs = inputs(run),
		.inputs_failed = captures_failed(run->captures),
		.first = run->span.first,
		.last = run->span.last,
		.none_matched = !run->span.any,
		.filter = run->options->filter,
		.interrupted = run->requests->stop != 0 && !run->watch,
		.watched = run->watch != NULL,
		.closes_only = run->options->closes_only,
		.loss = captures_loss(run->captures),
	};

	if (!writers_summarise(run->writers, &input))
		fail(run);
}

/* The captures once more, for the packets of the connections that --explain means; then all is told. */
static void explain(struct run *run)
{
	struct explain *explain = writers_explain(run->writers);

	if (!explain)
		return;
	if (captures_rewind(run->captures) == -1 ||
	    !explain_read(explain, run->captures, run->second_dissector, run->contents,
			  &run->tracker_options))
		fail(run);
	if (!writers_print_explanations(run->writers, run->captures))
		fail(run);
	if (!explain_found_all(explain))
		run->failed = true;
}

/* The captures once more, or twice, for the packets of the connections that --pcap means. */
static void slice(struct run *run)
{
	bool stopped = run->requests->stop;
	uint64_t forgotten;

	if (!run->options->pcap)
		return;
	if (!writers_slice(run->writers, run->captures, dissect_counts(run->dissector).reassembled > 0))
		run->failed = true;
	if (run->requests->stop && !stopped) {
		complain("--pcap", "interrupted, not all packets are written");
		run->failed = true;
	}
	forgotten = captures_forgotten(run->captures);
	if (forgotten > 0)
		complain("--pcap", "the first %" PRIu64 " packets of %s were not kept (see --keep-packets)",
			 forgotten,
			 run->options->interface_count > 0 ? "what was watched" : "standard input");
}

static void tear_down(struct run *run)
{
	writers_free(run->writers);
	crew_free(run->crew);
	dissector_free(run->dissector);
	dissector_free(run->second_dissector);
	contents_free(run->contents);
	if (run->timers != run->options->timers)
		timers_free(run->timers);
	captures_close(run->captures);
	watch_close(run->watch);
	free(run);
}

/*
 * The door: all is open, the workers are forked, and no byte of a capture has been looked at (sandbox.h).
 * What cannot be locked up does not read.
 */
static bool close_door(struct run *run)
{
	if (!run->options->no_sandbox)
		return sandbox_enter(&run->options->user);
	complain("--no-sandbox", "nothing is locked up; for debugging only");
	return true;
}

static void run_all(struct run *run)
{
	if ((!run->captures && !open_inputs(run)) || !open_watch(run)) {
		run->failed = true;
	} else if (!make_parts(run)) {
		fail(run);
	} else if (!show(run)) {
		run->failed = true;
	} else if (!make_crew(run)) {
		fail(run);
	} else if (!close_door(run)) {
		run->failed = true;
	} else {
		if (run->watch)
			watch_announce(run->watch);
		read_and_analyse(run);
		if (!nothing_read(run))
			explain(run);
		slice(run);
		if (!nothing_read(run))
			print_summary(run);
	}
	if (!writers_close(run->writers))
		run->failed = true;
}

int run(const struct options *options, struct requests *requests)
{
	struct run *run = calloc(1, sizeof *run);
	int status;

	if (!run) {
		complain(NULL, "%s", strerror(errno));
		return EXIT_FAILED;
	}
	run->options = options;
	run->requests = requests;
	run->seed = seed_new();
	/* An interface that cannot be watched makes no empty files. */
	if (options->interface_count == 0 || open_inputs(run))
		run->writers = writers_open(options);
	run->failed = !run->writers;
	if (run->writers)
		run_all(run);
	if (run->captures && captures_failed(run->captures) > 0)
		run->failed = true;
	status = run->failed ? EXIT_FAILED : EXIT_FINE;
	tear_down(run);
	return status;
}
