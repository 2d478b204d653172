/* SPDX-License-Identifier: GPL-2.0-or-later */
/* writers_open.c - opening all that one run writes. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ui/complain.h"
#include "ui/terminal.h"
#include "ui/writers_parts.h"

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
		const struct output *earlier = writers->outputs[i];

		if (!earlier->standard && output_is(output, earlier->name)) {
			complain(output->name, "is given for two outputs");
			return false;
		}
	}
	return true;
}

static bool open_output(struct writers *writers, const char *name)
{
	struct output *output = &writers->plain[writers->output_count];

	if (!output_open(output, name)) {
		complain(name, "%s", strerror(errno));
		return false;
	}
	if (!output->standard && !may_write(writers, output)) {
		output_close(output);
		return false;
	}
	writers->outputs[writers->output_count++] = output;
	return true;
}

static int64_t wall_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* The same for rows that are to be written for months. */
static bool open_outlet(struct writers *writers, const char *name, const char *begin, const struct text *head)
{
	const struct outlet_options options = {
		.series = { .name = name,
			    .rotation = writers->options->rotation,
			    .keep = writers->options->keep,
			    .opener = opener_direct() },
		.head = head->bytes,
		.head_length = head->length,
		.begin = begin,
		.others = (const struct output *const *)writers->outputs,
		.other_count = writers->output_count,
	};
	struct outlet *outlet = outlet_open(&options, wall_ns());

	if (!outlet)
		return false;
	if (!outlet_output(outlet)->standard && !may_write(writers, outlet_output(outlet))) {
		outlet_free(outlet);
		return false;
	}
	writers->outlets[writers->output_count] = outlet;
	writers->outputs[writers->output_count++] = outlet_output(outlet);
	return true;
}

static bool open_outlet_report(struct writers *writers, const char *name, const struct report_format *format)
{
	struct text head = { .bytes = malloc(REPORT_ROW_MAX), .size = REPORT_ROW_MAX };
	bool fine;

	if (!head.bytes) {
		complain(name, "%s", strerror(errno));
		return false;
	}
	if (format->head)
		format->head(&head, &writers->report_options);
	fine = open_outlet(writers, name, format->begin, &head);
	free(head.bytes);
	return fine;
}

static bool is_watching(const struct writers *writers)
{
	return writers->options->interface_count > 0;
}

static bool open_report(struct writers *writers, const char *name, const struct report_format *format)
{
	if (is_watching(writers) ? !open_outlet_report(writers, name, format) : !open_output(writers, name))
		return false;
	writers->formats[writers->format_count++] = format;
	return true;
}

static bool open_events(struct writers *writers)
{
	const char *name = writers->options->events;
	const struct text no_head = { 0 };

	if (is_watching(writers) ? !open_outlet(writers, name, "{\"", &no_head) : !open_output(writers, name))
		return false;
	writers->event_output = writers->outputs[writers->output_count - 1];
	writers->event_outlet = writers->outlets[writers->output_count - 1];
	return true;
}

static bool open_pcap(struct writers *writers)
{
	if (!open_output(writers, writers->options->pcap))
		return false;
	writers->pcap = writers->outputs[writers->output_count - 1];
	if (!isatty(writers->pcap->fd))
		return true;
	complain("--pcap", "a terminal cannot show packets: a file is needed, or a pipe");
	return false;
}

bool writers_open_outputs(struct writers *writers)
{
	const struct options *options = writers->options;

	writers->report_options = (struct report_options){
		.columns = options->columns,
		.only = options->only,
		.verbose = options->verbose,
		.heading = options->list && !options->plain && isatty(STDOUT_FILENO),
		.at_once = options->plain,
		.width = isatty(STDOUT_FILENO) ? terminal_columns(STDOUT_FILENO) : 0,
		.several_inputs = options->file_count + options->interface_count > 1,
	};
	if (rotation_wanted(&options->rotation))
		rotation_zone();
	if ((options->csv && !open_report(writers, options->csv, &report_csv)) ||
	    (options->json && !open_report(writers, options->json, &report_json)) ||
	    (options->list && !open_report(writers, "-", &report_list)) ||
	    (options->pcap && !open_pcap(writers)) || (options->events && !open_events(writers)))
		return false;
	for (size_t i = 0; i < writers->output_count; i++) {
		if (!writers->outlets[i] && !output_truncate(writers->outputs[i])) {
			complain(writers->outputs[i]->name, "%s", strerror(errno));
			return false;
		}
	}
	return true;
}
