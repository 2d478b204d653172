/* SPDX-License-Identifier: GPL-2.0-or-later */
/* writers.c - all that one run writes. */
#include "ui/writers.h"

#include <errno.h>
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ui/complain.h"
#include "ui/report.h"

enum {
	REPORTS_MAX = 3,	       /* --csv, --json, --list */
	OUTPUTS_MAX = REPORTS_MAX + 1, /* and the summary's */
};

struct writers {
	struct sink sink; /* first: see record.h */
	const struct options *options;
	struct report_options report_options;
	const struct report_format *formats[REPORTS_MAX];
	struct output outputs[OUTPUTS_MAX]; /* the reports' first, in their order */
	struct report *reports[REPORTS_MAX];
	size_t output_count, report_count;
	struct summary *summary; /* NULL with -q */
};

static void writers_record(struct sink *sink, const struct record *record)
{
	struct writers *writers = (struct writers *)sink;

	for (size_t i = 0; i < writers->report_count; i++) {
		struct sink *report = report_sink(writers->reports[i]);

		if (!writers->outputs[i].error)
			report->record(report, record);
	}
	if (writers->summary) {
		struct sink *summary = summary_sink(writers->summary);

		summary->record(summary, record);
	}
}

/* Rows must not overwrite what is read, nor each other. */
static bool may_write(const struct writers *writers, const struct output *output)
{
	for (size_t i = 0; i < writers->options->file_count; i++) {
		if (output_is(output, writers->options->files[i])) {
			complain(output->name, "is an input, and is not overwritten");
			return false;
		}
	}
	for (size_t i = 0; i < writers->output_count; i++) {
		const struct output *earlier = &writers->outputs[i];

		if (!earlier->standard && output_is(output, earlier->name)) {
			complain(output->name, "is given for two outputs");
			return false;
		}
	}
	return true;
}

static bool open_output(struct writers *writers, const char *name, const struct report_format *format)
{
	struct output *output = &writers->outputs[writers->output_count];

	if (!output_open(output, name)) {
		complain(name, "%s", strerror(errno));
		return false;
	}
	if (!output->standard && !may_write(writers, output)) {
		output_close(output);
		return false;
	}
	writers->formats[writers->output_count++] = format;
	return true;
}

static bool open_outputs(struct writers *writers)
{
	const struct options *options = writers->options;

	if ((options->csv && !open_output(writers, options->csv, &report_csv)) ||
	    (options->json && !open_output(writers, options->json, &report_json)) ||
	    (options->list && !open_output(writers, "-", &report_list)))
		return false;
	for (size_t i = 0; i < writers->output_count; i++) {
		if (!output_truncate(&writers->outputs[i])) {
			complain(writers->outputs[i].name, "%s", strerror(errno));
			return false;
		}
	}
	return true;
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
	if (open_outputs(writers))
		return writers;
	writers_close(writers);
	writers_free(writers);
	return NULL;
}

bool writers_start(struct writers *writers, const struct captures *captures, uint64_t seed)
{
	const struct options *options = writers->options;
	const struct summary_options summary = {
		.time_wait = options->time_wait,
		.ports = (uint32_t)options->ports,
		.seed = seed,
	};

	writers->report_options = (struct report_options){
		.columns = options->columns,
		.only = options->only,
		.verbose = options->verbose,
		.heading = options->list && isatty(STDOUT_FILENO),
		.several_inputs = options->file_count > 1,
	};
	for (size_t i = 0; i < writers->output_count; i++) {
		writers->reports[i] = report_new(writers->formats[i], &writers->outputs[i],
						 &writers->report_options, captures);
		if (!writers->reports[i])
			return false;
		writers->report_count++;
	}
	if (!options->quiet)
		writers->summary = summary_new(&summary);
	return writers->summary || options->quiet;
}

struct sink *writers_sink(struct writers *writers)
{
	return &writers->sink;
}

bool writers_wanted(const struct writers *writers)
{
	bool unread = false;

	for (size_t i = 0; i < writers->output_count; i++) {
		const struct output *output = &writers->outputs[i];

		if (output->error && !output_unread(output))
			return false;
		if (!output->error && !output->standard)
			return true;
		unread = unread || output_unread(output);
	}
	return !unread;
}

void writers_finish(struct writers *writers)
{
	for (size_t i = 0; i < writers->report_count; i++)
		report_finish(writers->reports[i]);
}

static bool wants_colours(int fd)
{
	const char *no_color = getenv("NO_COLOR"); /* no-color.org: set and not empty */
	const char *term = getenv("TERM");

	return isatty(fd) && !(no_color && *no_color) && term && strcmp(term, "dumb") != 0;
}

static bool is_stdout(const char *name)
{
	return name && strcmp(name, "-") == 0;
}

/* The page as text in memory, to be freed; NULL with errno. */
static char *summary_page(struct writers *writers, const struct summary_input *input, size_t *length)
{
	char *page = NULL;
	FILE *memory = open_memstream(&page, length);
	bool fine;

	if (!memory)
		return NULL;
	if (writers->options->list)
		fputc('\n', memory);
	fine = summary_print(writers->summary, memory, input) == 0;
	if (fclose(memory) == 0 && fine)
		return page;
	free(page);
	return NULL;
}

bool writers_summarise(struct writers *writers, struct summary_input *input)
{
	const struct options *options = writers->options;
	bool rows = is_stdout(options->csv) || is_stdout(options->json);
	struct output *output = &writers->outputs[writers->output_count];
	size_t length;
	char *page;

	if (!writers->summary || !writers_wanted(writers))
		return true;
	*output = rows ? output_stderr : output_stdout;
	writers->output_count++;
	input->verbose = options->verbose;
	input->colours = wants_colours(output->fd);
	input->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	page = summary_page(writers, input, &length);
	if (!page)
		return false;
	output_write(output, page, length);
	free(page);
	return true;
}

bool writers_close(struct writers *writers)
{
	bool fine = true;

	for (size_t i = 0; i < writers->output_count; i++) {
		struct output *output = &writers->outputs[i];

		if (output_close(output))
			continue;
		fine = false;
		if (!output_unread(output))
			complain(output->name, "%s", strerror(output->error));
	}
	writers->output_count = 0;
	return fine;
}

void writers_free(struct writers *writers)
{
	if (!writers)
		return;
	for (size_t i = 0; i < writers->report_count; i++)
		report_free(writers->reports[i]);
	summary_free(writers->summary);
	free(writers);
}
