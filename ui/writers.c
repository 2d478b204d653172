/* SPDX-License-Identifier: GPL-2.0-or-later */
/* writers.c - all that one run writes. */
#include "ui/writers.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ui/complain.h"
#include "ui/terminal.h"
#include "ui/writers_parts.h"

static bool is_reported(const struct writers *writers, const struct record *record)
{
	return !writers->explain || explain_takes(writers->explain, record);
}

static void writers_record(struct sink *sink, const struct record *record)
{
	struct writers *writers = (struct writers *)sink;

	if (writers->explain) {
		struct sink *explain = explain_sink(writers->explain);

		explain->record(explain, record);
	}
	for (size_t i = 0; i < writers->report_count && is_reported(writers, record); i++) {
		struct sink *report = report_sink(writers->reports[i]);

		if (!writers->outputs[i]->error)
			report->record(report, record);
	}
	if (writers->slice && is_reported(writers, record)) {
		struct sink *slice = slice_sink(writers->slice);

		slice->record(slice, record);
	}
	if (writers->summary) {
		struct sink *summary = summary_sink(writers->summary);

		summary->record(summary, record);
	}
	if (writers->host) {
		struct sink *host = this_host_sink(writers->host);

		host->record(host, record);
	}
}

/* The same where there is nothing but a summary. */
static void writers_record_brief(struct sink *sink, const struct record *record)
{
	struct sink *summary = summary_sink(((struct writers *)sink)->summary);

	summary->record(summary, record);
}

static void writers_segment(struct sink *sink, const struct sighting *sighting)
{
	struct writers *writers = (struct writers *)sink;
	struct sink *explain = writers->explain ? explain_sink(writers->explain) : NULL;
	struct sink *host = writers->host ? this_host_sink(writers->host) : NULL;

	if (explain && explain->segment)
		explain->segment(explain, sighting);
	if (host)
		host->segment(host, sighting);
}

static void writers_change(struct sink *sink, const struct change *change)
{
	struct writers *writers = (struct writers *)sink;
	struct sink *events = writers->events ? events_sink(writers->events) : NULL;
	struct sink *host = writers->host ? this_host_sink(writers->host) : NULL;

	if (events && !writers->event_output->error)
		events->change(events, change);
	if (host)
		host->change(host, change);
}

struct writers *writers_open(const struct options *options)
{
	struct writers *writers = calloc(1, sizeof *writers);

	if (!writers) {
		complain(NULL, "%s", strerror(errno));
		return NULL;
	}
	writers->sink.record = writers_record;
	writers->options = options;
	if (writers_open_outputs(writers))
		return writers;
	writers_close(writers);
	writers_free(writers);
	return NULL;
}

static bool start_reports(struct writers *writers, const struct captures *captures)
{
	writers->report_options.host = writers->host;
	for (size_t i = 0; i < writers->format_count; i++) {
		const struct report_format *format = writers->formats[i];

		writers->reports[i] =
			writers->outlets[i]
				? report_new_live(format, writers->outlets[i], &writers->report_options,
						  captures)
				: report_new(format, writers->outputs[i], &writers->report_options, captures);
		if (!writers->reports[i])
			return false;
		writers->report_count++;
	}
	return true;
}

static bool start_explain(struct writers *writers, const struct timers *timers)
{
	const struct options *options = writers->options;
	const struct explain_options explain = {
		.selectors = options->selectors,
		.selector_count = options->selector_count,
		.only = options->only,
		.timers = timers,
		.several_inputs = options->file_count + options->interface_count > 1,
	};

	if (options->selector_count == 0)
		return true;
	writers->explain = explain_new(&explain);
	if (writers->explain && explain_sink(writers->explain)->segment)
		writers->sink.segment = writers_segment;
	return writers->explain != NULL;
}

static bool start_slice(struct writers *writers, const struct captures *captures, uint64_t seed)
{
	if (!writers->pcap)
		return true;
	writers->slice = slice_new(writers->options, writers->pcap, captures, seed);
	return writers->slice != NULL;
}

static bool start_events(struct writers *writers)
{
	const bool *nanoseconds = &writers->report_options.nanoseconds;

	if (!writers->event_output)
		return true;
	writers->events = writers->event_outlet ? events_new_live(writers->event_outlet, nanoseconds)
						: events_new(writers->event_output, nanoseconds);
	if (writers->events)
		writers->sink.change = writers_change;
	return writers->events != NULL;
}

/* An explanation stands in the summary's place. */
static bool start_summary(struct writers *writers, uint64_t seed)
{
	const struct options *options = writers->options;
	const struct summary_options summary = {
		.time_wait = options->time_wait,
		.ports = (uint32_t)options->ports,
		.seed = seed,
	};

	if (options->quiet || (options->selector_count > 0 && !options->summary))
		return true;
	writers->summary = summary_new(&summary);
	return writers->summary != NULL;
}

void writers_watch_host(struct writers *writers, struct this_host *host)
{
	writers->host = host;
	writers->sink.segment = writers_segment;
	writers->sink.change = writers_change;
}

/* The summary counts, and all others write what they are told, or show it. */
static bool only_summarised(const struct writers *writers)
{
	return writers->report_count == 0 && !writers->explain && !writers->slice && !writers->events &&
	       !writers->host;
}

bool writers_start(struct writers *writers, const struct captures *captures, const struct timers *timers,
		   uint64_t seed)
{
	if (!start_reports(writers, captures) || !start_explain(writers, timers) ||
	    !start_slice(writers, captures, seed) || !start_events(writers) || !start_summary(writers, seed))
		return false;
	writers->sink.brief = only_summarised(writers);
	if (writers->sink.brief && writers->summary)
		writers->sink.record = writers_record_brief;
	return true;
}

struct explain *writers_explain(const struct writers *writers)
{
	return writers->explain;
}

struct sink *writers_sink(struct writers *writers)
{
	return &writers->sink;
}

void writers_use_nanoseconds(struct writers *writers)
{
	writers->report_options.nanoseconds = true;
}

bool writers_rows_apart(const struct writers *writers)
{
	return writers->report_count == 1 && !writers->outlets[0] && !writers->report_options.at_once &&
	       !writers->explain && !writers->slice && !writers->events && !writers->host;
}

void writers_make_row(const struct writers *writers, const struct record *record, bool nanoseconds,
		      struct text *text)
{
	report_make_row(writers->reports[0], record, nanoseconds, text);
}

void writers_take_row(struct writers *writers, const struct record *record, const char *row, size_t n)
{
	if (!writers->outputs[0]->error)
		report_take_row(writers->reports[0], row, n);
	if (writers->summary) {
		struct sink *summary = summary_sink(writers->summary);

		summary->record(summary, record);
	}
}

bool writers_wanted(const struct writers *writers)
{
	bool unread = false;

	for (size_t i = 0; i < writers->output_count; i++) {
		const struct output *output = writers->outputs[i];

		if (output->error && !output_unread(output))
			return false;
		if (!output->error && !output->standard)
			return true;
		unread = unread || output_unread(output);
	}
	return !unread;
}

bool writers_slice(struct writers *writers, struct captures *captures, bool fragments)
{
	uint64_t missing;

	if (!writers->slice)
		return true;
	if (!slice_write(writers->slice, captures, fragments)) {
		complain(writers->pcap->name, "%s", strerror(errno));
		return false;
	}
	missing = slice_missing(writers->slice);
	if (missing > 0)
		complain(writers->pcap->name,
			 "%" PRIu64 " frames with fragments are missing: there were too many", missing);
	return missing == 0;
}

void writers_finish(struct writers *writers)
{
	for (size_t i = 0; i < writers->report_count; i++)
		report_finish(writers->reports[i]);
	if (writers->events)
		events_flush(writers->events);
}

void writers_use_opener(struct writers *writers, struct opener *opener)
{
	for (size_t i = 0; i < OUTPUTS_MAX; i++) {
		if (writers->outlets[i])
			outlet_use(writers->outlets[i], opener);
	}
}

void writers_tick(struct writers *writers, int64_t wall_ns)
{
	for (size_t i = 0; i < OUTPUTS_MAX; i++) {
		if (writers->outlets[i])
			outlet_tick(writers->outlets[i], wall_ns);
	}
}

void writers_reopen(struct writers *writers)
{
	for (size_t i = 0; i < OUTPUTS_MAX; i++) {
		if (writers->outlets[i])
			outlet_reopen(writers->outlets[i]);
	}
}

struct output_counts writers_counts(const struct writers *writers)
{
	struct output_counts sum = { 0 };

	for (size_t i = 0; i < OUTPUTS_MAX; i++) {
		struct output_counts counts = { 0 };

		if (writers->outlets[i])
			counts = outlet_counts(writers->outlets[i]);
		sum.rows += counts.rows;
		sum.lost_rows += counts.lost_rows;
		sum.errors += counts.errors;
		sum.rotations += counts.rotations;
	}
	return sum;
}

static bool is_stdout(const char *name)
{
	return name && strcmp(name, "-") == 0;
}

/* Where what people read goes: to standard error when rows take standard output. */
static struct output *page_output(struct writers *writers)
{
	bool rows = is_stdout(writers->options->csv) || is_stdout(writers->options->json) ||
		    is_stdout(writers->options->pcap) || is_stdout(writers->options->events);

	if (!writers->page) {
		writers->page = &writers->plain[writers->output_count];
		writers->outputs[writers->output_count++] = writers->page;
		*writers->page = rows ? output_stderr : output_stdout;
	}
	return writers->page;
}

/* A page in memory: what is written to its stream goes to the output at its end. */
struct sheet {
	char *bytes;
	size_t length;
	FILE *stream;
};

/* False with errno. parted = something stands above it. */
static bool sheet_open(struct sheet *sheet, bool parted)
{
	*sheet = (struct sheet){ 0 };
	sheet->stream = open_memstream(&sheet->bytes, &sheet->length);
	if (sheet->stream && parted)
		fputc('\n', sheet->stream);
	return sheet->stream != NULL;
}

/* Writes it, if it is fine. False with errno. */
static bool sheet_close(struct sheet *sheet, bool fine, struct output *output)
{
	fine = fclose(sheet->stream) == 0 && fine;
	if (fine)
		output_write(output, sheet->bytes, sheet->length);
	free(sheet->bytes);
	return fine;
}

bool writers_print_explanations(struct writers *writers, const struct captures *captures)
{
	const struct options *options = writers->options;
	struct output *output = page_output(writers);
	struct page page = {
		.colours = terminal_colours(output->fd),
		.utf8 = terminal_utf8(),
		.columns = options->width ? (int)options->width : terminal_columns(output->fd),
	};
	struct sheet sheet;

	if (!writers_wanted(writers))
		return true;
	if (!sheet_open(&sheet, options->list))
		return false;
	page.out = sheet.stream;
	explain_print(writers->explain, &page, captures, captures_forgotten(captures));
	return sheet_close(&sheet, true, output);
}

bool writers_summarise(struct writers *writers, struct summary_input *input)
{
	const struct options *options = writers->options;
	struct output *output;
	struct sheet sheet;

	if (!writers->summary || !writers_wanted(writers))
		return true;
	output = page_output(writers);
	input->verbose = options->verbose;
	input->kernel = writers->host ? this_host_kernel(writers->host) : NULL;
	input->colours = terminal_colours(output->fd);
	input->utf8 = terminal_utf8();
	if (!sheet_open(&sheet, options->list || writers->explain))
		return false;
	return sheet_close(&sheet, summary_print(writers->summary, sheet.stream, input) == 0, output);
}

bool writers_close(struct writers *writers)
{
	bool fine = true;

	for (size_t i = 0; i < writers->output_count; i++) {
		struct output *output = writers->outputs[i];
		struct outlet *outlet = writers->outlets[i];

		if (outlet ? outlet_close(outlet) : output_close(output))
			continue;
		fine = false;
		if (output->error && !output_unread(output))
			complain(output->name, "%s", strerror(output->error));
	}
	writers->output_count = 0;
	writers->page = NULL;
	return fine;
}

void writers_free(struct writers *writers)
{
	if (!writers)
		return;
	for (size_t i = 0; i < writers->report_count; i++)
		report_free(writers->reports[i]);
	for (size_t i = 0; i < OUTPUTS_MAX; i++)
		outlet_free(writers->outlets[i]);
	explain_free(writers->explain);
	slice_free(writers->slice);
	events_free(writers->events);
	summary_free(writers->summary);
	free(writers);
}
