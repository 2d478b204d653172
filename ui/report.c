/* SPDX-License-Identifier: GPL-2.0-or-later */
/* report.c - a sink that writes records to an output, each in some format. */
#include "ui/report.h"

#include <stdlib.h>

struct report {
	struct sink sink; /* first: see record.h */
	const struct report_format *format;
	const struct report_options *options;
	const struct captures *captures;
	struct output *output;
	struct text text; /* rows not yet handed to output */
	char bytes[2 * REPORT_ROW_MAX];
};

static void report_flush(struct report *report)
{
	output_write(report->output, report->bytes, report->text.length);
	report->text.length = 0;
}

static void report_record(struct sink *sink, const struct record *record)
{
	struct report *report = (struct report *)sink;
	struct row row = {
		.record = record,
		.process = report->options->host ? this_host_processes(report->options->host, record) : NULL,
		.source = captures_source(report->captures, record->source),
		.nanoseconds = captures_nanoseconds(report->captures),
		.several_inputs = report->options->several_inputs,
	};

	if (!only_takes(&report->options->only, record))
		return;
	report->format->row(&report->text, &row, report->options);
	if (report->text.size - report->text.length < REPORT_ROW_MAX)
		report_flush(report);
}

struct report *report_new(const struct report_format *format, struct output *output,
			  const struct report_options *options, const struct captures *captures)
{
	struct report *report = malloc(sizeof *report);

	if (!report)
		return NULL;
	report->sink.record = report_record;
	report->format = format;
	report->options = options;
	report->captures = captures;
	report->output = output;
	report->text = (struct text){ .bytes = report->bytes, .size = sizeof report->bytes };
	if (format->head)
		format->head(&report->text, options);
	return report;
}

struct sink *report_sink(struct report *report)
{
	return &report->sink;
}

void report_finish(struct report *report)
{
	report_flush(report);
}

void report_free(struct report *report)
{
	free(report);
}
