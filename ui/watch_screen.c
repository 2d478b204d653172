/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/watch_screen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ui/complain.h"
#include "ui/saves.h"
#include "ui/slice.h"

#define NS_PER_S INT64_C(1000000000)

enum { PAYLOAD_TAIL = 4096 };

struct watch_screen {
	const struct options *options;
	struct watch_screen_parts parts;
	struct tracker *tracker;
	struct saves *saves;
	struct dissector *dissector; /* of what is looked at again */
	struct contents *contents;
	struct slice *slice;
	struct dashboard *dashboard; /* NULL = not shown */
	struct complaints complaints;
};

static bool is_stdout(const char *name)
{
	return name && strcmp(name, "-") == 0;
}

bool watch_screen_wanted(const struct options *o)
{
	bool printed = is_stdout(o->csv) || is_stdout(o->json) || is_stdout(o->events) ||
		       is_stdout(o->pcap) || o->list || o->plain || o->selector_count > 0;

	if (o->interface_count == 0 || printed || o->quiet)
		return false;
	return o->ui || (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO));
}

struct watch_screen *watch_screen_open(const struct options *options)
{
	const struct dissect_options dissect = { .outer = options->outer };
	struct watch_screen *screen = calloc(1, sizeof *screen);

	if (!screen) {
		complain(NULL, "%s", strerror(errno));
		return NULL;
	}
	screen->options = options;
	screen->saves = saves_open(options->no_sandbox);
	if (screen->saves)
		screen->dissector = dissector_new(&dissect);
	if (screen->dissector)
		screen->contents = contents_new(PAYLOAD_TAIL);
	if (screen->contents)
		return screen;
	complain(NULL, "the dashboard cannot be prepared: %s", strerror(errno));
	watch_screen_close(screen);
	return NULL;
}

/* ---- what the dashboard asks ---- */

static bool look(void *context, const struct host host[static 2], const uint16_t port[static 2],
		 uint64_t connection, struct record *record)
{
	struct watch_screen *screen = context;

	return tracker_look(screen->tracker, host, port, connection, record);
}

static const struct process *name(void *context, const struct record *record)
{
	struct watch_screen *screen = context;

	return this_host_processes(screen->parts.host, record);
}

/* What is kept of the packets, once more. */
static bool read_again(void *context, struct explain *explain, bool payload)
{
	struct watch_screen *screen = context;
	struct captures *captures = screen->parts.captures;
	bool fine = captures_rewind(captures) == 0 &&
		    explain_read(explain, captures, screen->dissector, payload ? screen->contents : NULL,
				 screen->parts.tracker_options);

	captures_resume(captures);
	return fine;
}

static uint64_t forgotten(void *context)
{
	struct watch_screen *screen = context;

	return captures_forgotten(screen->parts.captures);
}

static bool slice(void *context, const struct record *const *records, size_t n, int fd)
{
	struct watch_screen *screen = context;
	struct output output = { .fd = fd, .name = "" };
	struct sink *sink = slice_begin(screen->slice, &output);
	bool fine;

	for (size_t i = 0; i < n; i++)
		sink->record(sink, records[i]);
	fine = slice_write(screen->slice, screen->parts.captures, true);
	captures_resume(screen->parts.captures);
	errno = fine ? output.error : errno;
	return fine && output.error == 0;
}

/* ---- showing ---- */

static struct dashboard *open_dashboard(struct watch_screen *screen, struct text *why)
{
	const struct options *options = screen->options;
	const struct dashboard_options dashboard = {
		.title = options->interface_count == 1 ? options->interfaces[0] : "several interfaces",
		.live = true,
		.several_inputs = options->interface_count > 1,
		.time_wait = options->time_wait,
		.ports = options->ports,
		.seed = screen->parts.tracker_options->seed,
		.timers = screen->parts.timers,
		.source = { screen, look, read_again, forgotten, slice, screen->parts.captures, name },
		.settings = &options->settings,
		.opener = saves_opener(screen->saves),
	};

	return dashboard_open(&dashboard, why);
}

bool watch_screen_show(struct watch_screen *screen, const struct watch_screen_parts *parts)
{
	char bytes[512];
	struct text why = { .bytes = bytes, .size = sizeof bytes };

	screen->parts = *parts;
	screen->slice = slice_new(screen->options, NULL, parts->captures, parts->tracker_options->seed);
	if (!screen->slice) {
		complain(NULL, "%s", strerror(errno));
		return false;
	}
	screen->dashboard = open_dashboard(screen, &why);
	if (!screen->dashboard) {
		complain(NULL, "no dashboard: %s", text_end(&why));
		return false;
	}
	complaints_keep(&screen->complaints);
	return true;
}

struct sink *watch_screen_sink(struct watch_screen *screen)
{
	return dashboard_sink(screen->dashboard);
}

void watch_screen_begin(struct watch_screen *screen, struct tracker *tracker)
{
	screen->tracker = tracker;
}

bool watch_screen_turn(struct watch_screen *screen, const struct capture_loss *loss)
{
	struct tracker_counts counts = tracker_counts(screen->tracker);
	const struct dashboard_input input = {
		.now = captures_clock(screen->parts.captures),
		.packets = captures_packets(screen->parts.captures),
		.dropped = loss->kernel + loss->interface,
		.memory = counts.memory,
		.evicted = counts.evicted,
		.note = complaints_last(&screen->complaints),
	};
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return dashboard_turn(screen->dashboard,
			      (struct moment){ (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec }, &input);
}

void watch_screen_close(struct watch_screen *screen)
{
	if (!screen)
		return;
	if (screen->dashboard)
		saves_settings(screen->saves, &screen->options->settings,
			       dashboard_settings(screen->dashboard));
	dashboard_close(screen->dashboard);
	complaints_tell(&screen->complaints);
	slice_free(screen->slice);
	contents_free(screen->contents);
	dissector_free(screen->dissector);
	saves_close(screen->saves);
	free(screen);
}
