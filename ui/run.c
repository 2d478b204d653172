/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run.c - the main job: captures in, rows and summary out.
 *
 * Everything is opened before the first byte of a capture is looked at (design/house.md).
 *
 * Time moves with every packet that passed -f, TCP or not, and with every segment. A tick is only handed to
 * the tracker where it can matter: before a segment older than it, and at the end. Any other is overtaken by
 * the next segment.
 *
 * Where only the summary is made and there is a second processor, reading and dissecting have a thread of
 * their own: struct run's 'relay' is between the two, and until it has ended that thread alone touches
 * the captures, the dissector and the fields that say what was read.
 */
#include "ui/run.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "analyzer/tracker.h"
#include "dissect/capture.h"
#include "dissect/dissect.h"
#include "ui/complain.h"
#include "ui/relay.h"
#include "ui/sandbox.h"
#include "ui/writers.h"

struct run {
	const struct options *options;
	struct requests *requests;
	bool failed; /* something was complained about: exit status 1 */

	struct captures *captures;
	struct dissector *dissector, *second_dissector; /* the second reads again for --explain */
	struct contents *contents;			/* NULL without --payload */
	struct timers *timers;
	struct tracker_options tracker_options;
	struct tracker *tracker;
	struct writers *writers;

	struct relay *relay;   /* NULL: what is read is analysed by the same thread */
	struct parcel *parcel; /* being filled: the relay's, or 'own' */
	struct parcel own;
	sigset_t signals;	   /* blocked before the reading thread was made */
	struct moment first, last; /* of the packets that passed -f */
	bool any;		   /* there was one */
	bool tick_due;		   /* last has not reached the tracker in a segment */
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

static uint64_t random_seed(void)
{
	uint64_t seed = 0;

	/* With so few bytes it can only fail where the call does not exist; then the hash is known. */
	if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
		seed = (uint64_t)getpid();
	return seed;
}

/* Those of --timers come first, and count first. */
static const struct timers *all_timers(struct run *run)
{
	struct timers *timers = run->options->timers;

	if (!timers)
		timers = run->timers = timers_new();
	return timers && timers_add_builtin(timers) ? timers : NULL;
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
static bool open_captures(struct run *run)
{
	const struct options *options = run->options;
	bool again = options->selector_count > 0 || options->pcap;
	size_t keep_packets = again ? (size_t)options->keep_packets << 20 : 0;

	run->captures = options->interface_count > 0 ? open_interfaces(run, keep_packets)
						     : open_files(run, keep_packets);
	return run->captures != NULL;
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
		.causes = { options->fin_timeout, timers->list, timers->n },
		.seed = random_seed(),
	};
	run->dissector = dissector_new(&dissect);
	if (explaining)
		run->second_dissector = dissector_new(&dissect);
	run->tracker = tracker_new(&run->tracker_options, writers_sink(run->writers));
	if (explaining && options->payload > 0)
		run->contents = contents_new((size_t)options->payload);
	return run->dissector && (run->second_dissector || !explaining) &&
	       (run->contents || options->payload == 0) && run->tracker &&
	       writers_start(run->writers, run->captures, timers, run->tracker_options.seed);
}

static bool analyse(struct run *run, const struct parcel *parcel)
{
	if (tracker_feed_keyed(run->tracker, parcel->segments, parcel->keys, parcel->n) == -1) {
		fail(run);
		return false;
	}
	if (parcel->ticks)
		tracker_tick(run->tracker, parcel->tick);
	return true;
}

/* The parcel is full, or time has to be told: on with it, and an empty one. False when no more is wanted. */
static bool hand_over(struct run *run)
{
	if (run->relay) {
		relay_send(run->relay);
		run->parcel = relay_blank(run->relay);
		return run->parcel != NULL;
	}
	if (!analyse(run, &run->own))
		return false;
	run->own.n = 0;
	run->own.ticks = false;
	return true;
}

/* The segment behind those of the parcel joins them. False when no more is wanted. */
static bool take_segment(struct run *run)
{
	struct parcel *parcel = run->parcel;

	if (run->tick_due && parcel->segments[parcel->n].at.ns < run->last.ns) {
		struct segment segment = parcel->segments[parcel->n];

		parcel->tick = run->last;
		parcel->ticks = true;
		if (!hand_over(run))
			return false;
		parcel = run->parcel;
		parcel->segments[0] = segment;
	}
	run->tick_due = false;
	parcel->keys[parcel->n] = tracker_key(&parcel->segments[parcel->n], run->tracker_options.seed);
	parcel->n++;
	return parcel->n < PARCEL_SEGMENTS || hand_over(run);
}

static void note_time(struct run *run, struct moment at)
{
	if (!run->any || at.ns < run->first.ns)
		run->first = at;
	if (!run->any || at.ns > run->last.ns) {
		run->last = at;
		run->tick_due = true;
	}
	run->any = true;
}

/* Nothing passes: what there is goes on, and so does time. False when no more is wanted. */
static bool idle(struct run *run)
{
	struct moment clock = captures_clock(run->captures);

	if (clock.ns > run->last.ns)
		run->last = clock;
	run->tick_due = false;
	run->parcel->tick = run->last;
	run->parcel->ticks = true;
	return hand_over(run);
}

/* A frame, and the segment that may be in it. False when no more is wanted. */
static bool take_frame(struct run *run, const struct frame *frame)
{
	struct segment *segment = &run->parcel->segments[run->parcel->n];
	bool got = dissect_frame(run->dissector, frame, segment);

	if (frame->matched)
		note_time(run, frame->at);
	return !got || take_segment(run);
}

/* Reads and dissects all there is. */
static void read_all(struct run *run)
{
	struct frame frame;
	int result;

	while (!run->requests->stop && writers_wanted(run->writers) &&
	       (result = captures_next(run->captures, &frame)) != CAPTURES_END) {
		if (!(result == CAPTURES_FRAME ? take_frame(run, &frame) : idle(run)))
			return;
	}
	hand_over(run);
}

static void *read_in_thread(void *argument)
{
	struct run *run = argument;

	/* Signals come to this thread alone: a read that waits for a pipe must end. */
	pthread_sigmask(SIG_SETMASK, &run->signals, NULL);
	run->parcel = relay_blank(run->relay);
	if (run->parcel)
		read_all(run);
	relay_close(run->relay);
	return NULL;
}

/* What the other thread reads, until it has read all. */
static void analyse_all(struct run *run)
{
	const struct parcel *parcel;

	while ((parcel = relay_take(run->relay)) != NULL) {
		if (!analyse(run, parcel)) {
			relay_abandon(run->relay);
			return;
		}
	}
}

/* Processors this process may run on, which taskset and containers make fewer. */
static int processors(void)
{
	cpu_set_t set;

	/* More than the set has room for fail, and are more than one. */
	return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 2;
}

/*
 * Reading in a thread of its own, with a second processor and nothing to ask the captures for meanwhile, as
 * writers of rows do. False, with nothing read, where that cannot be.
 */
static bool read_beside(struct run *run)
{
	pthread_t reader;
	sigset_t all;
	bool started;

	if (processors() < 2 || !writers_only_sum_up(run->writers) || run->options->interface_count > 0)
		return false;
	run->relay = relay_new();
	if (!run->relay)
		return false;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &run->signals);
	started = pthread_create(&reader, NULL, read_in_thread, run) == 0;
	if (started) {
		analyse_all(run);
		pthread_join(reader, NULL);
	}
	pthread_sigmask(SIG_SETMASK, &run->signals, NULL);
	relay_free(run->relay);
	run->relay = NULL;
	return started;
}

static void read_and_analyse(struct run *run)
{
	if (read_beside(run))
		return;
	run->parcel = &run->own;
	read_all(run);
}

/* At the end, also after a failure: all rows found until then are written. */
static void finish_records(struct run *run)
{
	if (run->any)
		tracker_tick(run->tracker, run->last);
	if (tracker_finish(run->tracker) == -1)
		fail(run);
	writers_finish(run->writers);
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
		.tracker = tracker_counts(run->tracker),
		.packets = captures_packets(run->captures),
		.inputs = inputs(run),
		.inputs_failed = captures_failed(run->captures),
		.first = run->first,
		.last = run->last,
		.none_matched = !run->any,
		.filter = run->options->filter,
		.interrupted = run->requests->stop != 0,
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
	tracker_free(run->tracker);
	dissector_free(run->dissector);
	dissector_free(run->second_dissector);
	contents_free(run->contents);
	timers_free(run->timers);
	captures_close(run->captures);
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
	if (!open_captures(run)) {
		run->failed = true;
	} else if (!make_parts(run)) {
		fail(run);
	} else if (!close_door(run)) {
		run->failed = true;
	} else {
		read_and_analyse(run);
		finish_records(run);
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
