/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * browse.c - --ui with captures.
 *
 * All is read, with a turn of the dashboard now and then, and the records end; then the dashboard has turns
 * until its user has had enough. With --speed the packets come as fast as they did, or so many times: then
 * connections live, as those of an interface do, and at the end of the captures the time stands.
 *
 * The packets of a connection are read from a second opening of the same files, so that this can be done
 * while the first is still being read.
 */
#include "ui/browse_parts.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ui/complain.h"
#include "ui/dashboard.h"
#include "ui/sandbox.h"
#include "ui/saves.h"
#include "ui/seed.h"
#include "ui/slice.h"

#define NS_PER_S INT64_C(1000000000)
#define TURN_NS	 (NS_PER_S / 20) /* between two turns, at most */

enum { FRAMES_EACH = 256 /* between two looks at the clock */, PAYLOAD_TAIL = 4096 };

/* ---- what goes wrong ---- */

static void say(struct browse *b, const char *text)
{
	b->failed = true;
	if (b->said_count < BROWSE_SAID_MAX && (b->said[b->said_count] = strdup(text)) != NULL)
		b->said_count++;
}

static void input_failed(void *context, const struct capture_error *error)
{
	say(context, error->text);
}

/* Those of the second opening: the first has said them. */
static void ignore_failure(void *context, const struct capture_error *error)
{
	(void)context;
	(void)error;
}

static void say_all(struct browse *b)
{
	for (size_t i = 0; i < b->said_count; i++) {
		complain(NULL, "%s", b->said[i]);
		free(b->said[i]);
	}
	b->said_count = 0;
}

/* ---- beginning ---- */

static bool make_timers(struct browse *b)
{
	b->timers = b->options->timers;
	if (!b->timers)
		b->timers = timers_new();
	return b->timers && timers_add_builtin(b->timers);
}

static bool reads_standard_input(const struct options *options)
{
	for (size_t i = 0; i < options->file_count; i++)
		if (strcmp(options->files[i], "-") == 0)
			return true;
	return false;
}

static bool open_captures(struct browse *b)
{
	const struct options *o = b->options;
	const struct capture_options capture = {
		.filter = o->filter,
		.stop = &b->requests->stop,
		.keep_packets = (size_t)o->keep_packets << 20,
	};

	b->captures = captures_open(o->files, o->file_count, &capture, input_failed, b);
	b->again = b->captures;
	if (b->captures && !reads_standard_input(o))
		b->again = captures_open(o->files, o->file_count, &capture, ignore_failure, NULL);
	return b->captures && b->again;
}

static bool make_readers(struct browse *b)
{
	const struct dissect_options dissect = { .outer = b->options->outer };

	b->dissector = dissector_new(&dissect);
	b->second_dissector = dissector_new(&dissect);
	b->contents = contents_new(PAYLOAD_TAIL);
	b->slice = slice_new(b->options, NULL, b->again, b->tracker_options.seed);
	return b->dissector && b->second_dissector && b->contents && b->slice;
}

static bool open_dashboard(struct browse *b)
{
	const struct options *o = b->options;
	char bytes[512];
	struct text why = { .bytes = bytes, .size = sizeof bytes };
	struct dashboard_options dashboard = {
		.title = o->file_count == 1 ? o->files[0] : "several captures",
		.live = o->speed > 0,
		.several_inputs = o->file_count > 1,
		.time_wait = o->time_wait,
		.ports = o->ports,
		.seed = b->tracker_options.seed,
		.timers = b->timers,
		.source = browse_source(b),
		.settings = &b->options->settings,
		.opener = saves_opener(b->saves),
	};

	b->dashboard = dashboard_open(&dashboard, &why);
	if (!b->dashboard)
		say(b, text_end(&why));
	return b->dashboard != NULL;
}

static bool make_parts(struct browse *b)
{
	const struct options *o = b->options;

	if (!make_timers(b) || !open_captures(b))
		return false;
	b->tracker_options = (struct tracker_options){
		.time_wait = o->time_wait,
		.idle = o->idle,
		.syn_idle = o->idle,
		.max_flows = o->max_flows,
		.causes = { o->fin_timeout, b->timers->list, b->timers->n, false },
		.seed = seed_new(),
	};
	if (!make_readers(b) || !open_dashboard(b))
		return false;
	b->tracker = tracker_new(&b->tracker_options, dashboard_sink(b->dashboard));
	return b->tracker != NULL;
}

/* ---- reading ---- */

static struct moment clock_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (struct moment){ now.tv_sec * NS_PER_S + now.tv_nsec };
}

static void turn(struct browse *b)
{
	struct tracker_counts counts = { 0 };
	struct dashboard_input input = { .now = b->last,
					 .packets = captures_packets(b->captures),
					 .over = b->over,
					 .note = b->over ? NULL : "reading" };

	counts = tracker_counts(b->tracker);
	input.memory = counts.memory;
	input.evicted = counts.evicted;
	if (b->over && b->options->speed > 0)
		input.note = "at its end";
	else if (b->options->speed > 0)
		input.note = NULL;
	if (b->failed)
		input.note = "not all could be read: see the end";
	b->turned = clock_now();
	b->wanted = b->wanted && dashboard_turn(b->dashboard, b->turned, &input);
}

static bool goes_on(const struct browse *b)
{
	return b->wanted && !b->requests->stop;
}

/* Waits for a key, or until the next turn is due. */
static void rest(struct browse *b, int64_t ns)
{
	struct pollfd keys = { .fd = dashboard_fd(b->dashboard), .events = POLLIN };

	poll(&keys, 1, (int)(ns / 1000000) + 1);
}

/* Until the clock has come to where this packet was in time. */
static void wait_for(struct browse *b, struct moment at)
{
	while (goes_on(b)) {
		struct moment now = clock_now();
		double passed =
			(double)(now.ns - b->started.ns) * ((double)b->options->speed / (double)NS_PER_S);
		double left = ((double)(at.ns - b->first.ns) - passed) /
			      ((double)b->options->speed / (double)NS_PER_S);

		if (left <= 0)
			return;
		/* Time passes also where there are no packets. */
		if ((int64_t)passed > b->last.ns - b->first.ns) {
			b->last.ns = b->first.ns + (int64_t)passed;
			tracker_tick(b->tracker, b->last);
		}
		rest(b, left < (double)TURN_NS ? (int64_t)left : TURN_NS);
		turn(b);
	}
}

static void note_time(struct browse *b, struct moment at)
{
	if (!b->any) {
		b->any = true;
		b->first = b->last = at;
		b->started = clock_now();
	}
	if (b->options->speed > 0)
		wait_for(b, at);
	if (at.ns > b->last.ns)
		b->last = at;
}

static bool feed(struct browse *b, const struct segment *segment)
{
	if (b->any)
		tracker_tick(b->tracker, b->last);
	if (tracker_feed(b->tracker, segment, 1) == 0)
		return true;
	say(b, strerror(errno));
	return false;
}

static void read_all(struct browse *b)
{
	struct segment segment;
	struct frame frame;

	for (unsigned n = 1; goes_on(b) && captures_next(b->captures, &frame); n++) {
		bool got = dissect_frame(b->dissector, &frame, &segment);

		if (frame.matched)
			note_time(b, frame.at);
		if (got && !feed(b, &segment))
			break;
		if (n % FRAMES_EACH == 0 && clock_now().ns - b->turned.ns >= TURN_NS)
			turn(b);
	}
	b->over = true;
	if (b->any)
		tracker_tick(b->tracker, b->last);
	/* Of a replay the last moment stays as it is. */
	if (b->options->speed == 0 && tracker_finish(b->tracker) == -1)
		say(b, strerror(errno));
}

static void look_around(struct browse *b)
{
	while (goes_on(b)) {
		turn(b);
		rest(b, 2 * TURN_NS);
	}
}

/* Nothing that could be read is nothing to look at: the complaints say all. */
static bool nothing_read(const struct browse *b)
{
	return dissect_counts(b->dissector).frames == 0 &&
	       captures_failed(b->captures) >= b->options->file_count;
}

/* ---- the whole ---- */

static bool close_door(struct browse *b)
{
	return b->options->no_sandbox || sandbox_enter(&b->options->user);
}

static void tear_down(struct browse *b)
{
	struct settings now = b->dashboard ? *dashboard_settings(b->dashboard) : b->options->settings;

	dashboard_close(b->dashboard);
	say_all(b);
	/* What goes wrong with them is said, and that is seen only now. */
	if (b->dashboard)
		saves_settings(b->saves, &b->options->settings, &now);
	saves_close(b->saves);
	tracker_free(b->tracker);
	dissector_free(b->dissector);
	dissector_free(b->second_dissector);
	contents_free(b->contents);
	slice_free(b->slice);
	if (b->timers != b->options->timers)
		timers_free(b->timers);
	if (b->again != b->captures)
		captures_close(b->again);
	captures_close(b->captures);
}

int browse(const struct options *options, struct requests *requests)
{
	struct browse b = { .options = options, .requests = requests, .wanted = true };

	b.saves = saves_open(options->no_sandbox);
	if (!b.saves || !make_parts(&b)) {
		if (b.said_count == 0)
			say(&b, strerror(errno));
	} else if (close_door(&b)) {
		read_all(&b);
		if (!nothing_read(&b))
			look_around(&b);
	} else {
		b.failed = true;
	}
	tear_down(&b);
	return b.failed ? EXIT_FAILED : EXIT_FINE;
}
