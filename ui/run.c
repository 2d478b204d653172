/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run.c - the main job: captures in, rows and summary out.
 *
 * Everything is opened before the first byte of a capture is looked at (design/house.md).
 *
 * Time moves with every packet that passed -f, TCP or not. A tick is only handed to the tracker where it
 * can matter: before a segment older than it, and at the end. Any other is overtaken by the next segment.
 */
#include "ui/run.h"

#include <errno.h>
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "analyzer/tracker.h"
#include "dissect/capture.h"
#include "dissect/dissect.h"
#include "ui/complain.h"
#include "ui/report.h"
#include "ui/summary.h"

enum {
	BATCH = 128,
	REPORTS_MAX = 3, /* --csv, --json, --list */
};

struct run {
	struct sink sink; /* first: see record.h */
	const struct options *options;
	const volatile sig_atomic_t *stop;
	bool failed; /* something was complained about: exit status 1 */

	struct report_options report_options;
	struct output outputs[REPORTS_MAX];
	struct report *reports[REPORTS_MAX];
	size_t output_count, report_count;
	struct summary *summary;

	struct captures *captures;
	struct dissector *dissector;
	struct tracker *tracker;

	struct segment batch[BATCH];
	size_t batched;
	struct moment first, last; /* of the packets that passed -f */
	bool any;		   /* there was one */
	bool tick_due;		   /* last has not reached the tracker in a segment */
};

static void run_record(struct sink *sink, const struct record *record)
{
	struct run *run = (struct run *)sink;

	for (size_t i = 0; i < run->report_count; i++) {
		struct sink *report = report_sink(run->reports[i]);

		if (!run->outputs[i].error)
			report->record(report, record);
	}
	if (run->summary) {
		struct sink *summary = summary_sink(run->summary);

		summary->record(summary, record);
	}
}

static void fail(struct run *run, const char *name, int error)
{
	complain(name, "%s", strerror(error));
	run->failed = true;
}

static void input_failed(void *context, const struct capture_error *error)
{
	struct run *run = context;

	/* Nobody is to blame for a packet that our own stopping cut. */
	if (*run->stop)
		return;
	complain(NULL, "%s", error->text);
	run->failed = true;
}

/* Rows must not overwrite what is read, nor each other. */
static bool may_write(struct run *run, const struct output *output)
{
	for (size_t i = 0; i < run->options->file_count; i++) {
		if (output_is(output, run->options->files[i])) {
			complain(output->name, "is an input, and is not overwritten");
			return false;
		}
	}
	for (size_t i = 0; i < run->output_count; i++) {
		if (run->outputs[i].file != stdout && output_is(output, run->outputs[i].name)) {
			complain(output->name, "is given for two outputs");
			return false;
		}
	}
	return true;
}

static bool open_output(struct run *run, const char *name)
{
	struct output *output = &run->outputs[run->output_count];

	if (!output_open(output, name)) {
		fail(run, name, errno);
		return false;
	}
	if (!output->standard && !may_write(run, output)) {
		output_close(output);
		run->failed = true;
		return false;
	}
	run->output_count++;
	return true;
}

static bool open_outputs(struct run *run)
{
	const struct options *options = run->options;

	if ((options->csv && !open_output(run, options->csv)) ||
	    (options->json && !open_output(run, options->json)) || (options->list && !open_output(run, "-")))
		return false;
	for (size_t i = 0; i < run->output_count; i++) {
		if (!output_truncate(&run->outputs[i])) {
			fail(run, run->outputs[i].name, errno);
			return false;
		}
	}
	return true;
}

static uint64_t random_seed(void)
{
	uint64_t seed = 0;

	/* With so few bytes it can only fail where the call does not exist; then the hash is known. */
	if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
		seed = (uint64_t)getpid();
	return seed;
}

static bool make_parts(struct run *run)
{
	const struct options *options = run->options;
	uint64_t seed = random_seed();
	const struct dissect_options dissect = { .outer = options->outer };
	const struct tracker_options tracker = {
		.time_wait = options->time_wait,
		.idle = options->idle,
		.syn_idle = options->idle,
		.max_flows = options->max_flows,
		.seed = seed,
	};
	const struct summary_options summary = {
		.time_wait = options->time_wait,
		.ports = (uint32_t)options->ports,
		.seed = seed,
	};

	run->dissector = dissector_new(&dissect);
	run->tracker = run->dissector ? tracker_new(&tracker, &run->sink) : NULL;
	if (run->tracker && !options->quiet)
		run->summary = summary_new(&summary);
	return run->tracker && (run->summary || options->quiet);
}

static bool make_reports(struct run *run)
{
	const struct options *options = run->options;
	const struct report_format *formats[REPORTS_MAX];
	size_t n = 0;

	if (options->csv)
		formats[n++] = &report_csv;
	if (options->json)
		formats[n++] = &report_json;
	if (options->list)
		formats[n++] = &report_list;
	run->report_options = (struct report_options){
		.columns = options->columns,
		.only = options->only,
		.verbose = options->verbose,
		.heading = options->list && isatty(STDOUT_FILENO),
		.several_inputs = options->file_count > 1,
	};
	for (; run->report_count < n; run->report_count++) {
		size_t i = run->report_count;

		run->reports[i] =
			report_new(formats[i], &run->outputs[i], &run->report_options, run->captures);
		if (!run->reports[i])
			return false;
	}
	return true;
}

static bool set_up(struct run *run)
{
	const struct capture_options options = { .filter = run->options->filter, .stop = run->stop };

	if (!open_outputs(run))
		return false;
	run->captures =
		captures_open(run->options->files, run->options->file_count, &options, input_failed, run);
	if (run->captures && make_parts(run) && make_reports(run))
		return true;
	fail(run, NULL, errno);
	return false;
}

static bool feed(struct run *run)
{
	int result = tracker_feed(run->tracker, run->batch, run->batched);

	run->batched = 0;
	if (result == -1)
		fail(run, NULL, errno);
	return result == 0;
}

/* The segment behind those of the batch joins them. False when memory is out. */
static bool take_segment(struct run *run)
{
	struct segment segment = run->batch[run->batched];

	if (run->tick_due && segment.at.ns < run->last.ns) {
		if (!feed(run))
			return false;
		tracker_tick(run->tracker, run->last);
		run->tick_due = false;
		run->batch[0] = segment;
	}
	/* One that did not pass -f moves no time. */
	if (!(segment.bits & SEGMENT_UNMATCHED))
		run->tick_due = false;
	run->batched++;
	return run->batched < BATCH || feed(run);
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

/* False when no output is left that anybody could read. */
static bool somebody_reads(const struct run *run)
{
	bool unread = false;

	for (size_t i = 0; i < run->output_count; i++) {
		const struct output *output = &run->outputs[i];

		if (output->error && !output_unread(output))
			return false;
		if (!output->error && !output->standard)
			return true;
		unread = unread || output_unread(output);
	}
	return !unread;
}

static void read_all(struct run *run)
{
	struct frame frame;

	while (!*run->stop && somebody_reads(run) && captures_next(run->captures, &frame)) {
		bool segment = dissect_frame(run->dissector, &frame, &run->batch[run->batched]);

		if (frame.matched)
			note_time(run, frame.at);
		if (segment && !take_segment(run))
			return;
	}
	feed(run);
}

/* At the end, also after a failure: all rows found until then are written. */
static void finish_records(struct run *run)
{
	if (run->any)
		tracker_tick(run->tracker, run->last);
	tracker_finish(run->tracker);
	for (size_t i = 0; i < run->report_count; i++)
		report_finish(run->reports[i]);
}

static bool wants_colours(FILE *out)
{
	const char *no_color = getenv("NO_COLOR"); /* no-color.org: set and not empty */
	const char *term = getenv("TERM");

	return isatty(fileno(out)) && !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;
}

/* Nothing that could be read is nothing to sum up: the complaints have said all. */
static bool nothing_read(const struct run *run)
{
	return dissect_counts(run->dissector).frames == 0 &&
	       captures_failed(run->captures) >= run->options->file_count;
}

static void print_summary(struct run *run)
{
	const struct options *options = run->options;
	bool rows_out = (options->csv && strcmp(options->csv, "-") == 0) ||
			(options->json && strcmp(options->json, "-") == 0);
	FILE *out = rows_out ? stderr : stdout;
	const struct summary_input input = {
		.dissect = dissect_counts(run->dissector),
		.tracker = tracker_counts(run->tracker),
		.inputs = options->file_count,
		.inputs_failed = captures_failed(run->captures),
		.first = run->first,
		.last = run->last,
		.filter = options->filter,
		.interrupted = *run->stop != 0,
		.verbose = options->verbose,
		.colours = wants_colours(out),
		.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
	};

	if (options->list)
		fputc('\n', out);
	if (summary_print(run->summary, out, &input) == 0)
		return;
	run->failed = true;
	if (errno != EPIPE)
		complain(rows_out ? "standard error" : "standard output", "%s", strerror(errno));
}

static void close_outputs(struct run *run)
{
	for (size_t i = 0; i < run->output_count; i++) {
		struct output *output = &run->outputs[i];

		if (output_close(output))
			continue;
		run->failed = true;
		if (!output_unread(output))
			complain(output->name, "%s", strerror(output->error));
	}
}

static void tear_down(struct run *run)
{
	for (size_t i = 0; i < run->report_count; i++)
		report_free(run->reports[i]);
	summary_free(run->summary);
	tracker_free(run->tracker);
	dissector_free(run->dissector);
	captures_close(run->captures);
	free(run);
}

int run(const struct options *options, const volatile sig_atomic_t *stop)
{
	struct run *run = calloc(1, sizeof *run);
	int status;

	if (!run) {
		complain(NULL, "%s", strerror(errno));
		return EXIT_FAILED;
	}
	run->sink.record = run_record;
	run->options = options;
	run->stop = stop;
	if (set_up(run)) {
		read_all(run);
		finish_records(run);
		if (run->summary && somebody_reads(run) && !nothing_read(run))
			print_summary(run);
	}
	close_outputs(run);
	status = run->failed ? EXIT_FAILED : EXIT_FINE;
	tear_down(run);
	return status;
}
