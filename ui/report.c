/* SPDX-License-Identifier: GPL-2.0-or-later */
/* report.c - a sink that writes records to an output, each in some format. */
#include "ui/report.h"

#include <stdlib.h>
#include <string.h>

enum { PIECE = 128 * 1024 };

struct report {
	struct sink sink; /* first: see record.h */
	const struct report_format *format;
	const struct report_options *options;
	const struct captures *captures;
	struct output *output; /* NULL: rows go to 'outlet' */
	struct outlet *outlet;
	struct text text; /* rows not yet handed on */
	char bytes[PIECE + REPORT_ROW_MAX];
};

static void report_flush(struct report *report)
{
	if (report->output)
		output_write(report->output, report->bytes, report->text.length);
	else if (report->text.length > 0)
		outlet_row(report->outlet, report->bytes, report->text.length);
	report->text.length = 0;
}

/*
 * Hands on as much as is written at once, and no more: the kernel keeps a file in pieces that begin at
 * multiples of their size, and takes whole pieces faster.
 */
static void report_piece(struct report *report)
{
	struct text *text = &report->text;

	output_write(report->output, report->bytes, PIECE);
	text->length -= PIECE;
	memmove(report->bytes, report->bytes + PIECE, text->length);
}

void report_make_row(const struct report *report, const struct record *record, bool nanoseconds,
		     struct text *text)
{
	const struct report_options *options = report->options;
	const struct row row = {
		.record = record,
		.process = options->host ? this_host_processes(options->host, record) : NULL,
		.source = captures_source(report->captures, record->source),
		.nanoseconds = nanoseconds,
		.several_inputs = options->several_inputs,
	};

	if (only_takes_row(&options->only, &row))
		report->format->row(text, &row, options);
}

void report_take_row(struct report *report, const char *row, size_t n)
{
	text_bytes(&report->text, row, n);
	if (report->text.length >= PIECE)
		report_piece(report);
}

static void report_record(struct sink *sink, const struct record *record)
{
	struct report *report = (struct report *)sink;

	report_make_row(report, record, report->options->nanoseconds, &report->text);
	if (report->outlet || report->options->at_once)
		report_flush(report);
	else if (report->text.length >= PIECE)
		report_piece(report);
}

static struct report *new_report(const struct report_format *format, const struct report_options *options,
				 const struct captures *captures)
{
	struct report *report = malloc(sizeof *report);

	if (!report)
		return NULL;
	report->sink = (struct sink){ .record = report_record };
	report->format = format;
	report->options = options;
	report->captures = captures;
	report->output = NULL;
	report->outlet = NULL;
	report->text = (struct text){ .bytes = report->bytes, .size = sizeof report->bytes };
	return report;
}

struct report *report_new(const struct report_format *format, struct output *output,
			  const struct report_options *options, const struct captures *captures)
{
	struct report *report = new_report(format, options, captures);

	if (!report)
		return NULL;
	report->output = output;
	if (format->head)
		format->head(&report->text, options);
	return report;
}

struct report *report_new_live(const struct report_format *format, struct outlet *outlet,
			       const struct report_options *options, const struct captures *captures)
{
	struct report *report = new_report(format, options, captures);

	if (report)
		report->outlet = outlet;
	return report;
}

struct sink *report_sink(struct report *report)
{
	return &report->sink;
}

void report_finish(struct report *report)
{
	report_flush(report);
	if (report->outlet)
		outlet_flush(report->outlet);
}

void report_free(struct report *report)
{
	free(report);
}
