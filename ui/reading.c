/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reading.c - see reading.h.
 *
 * Time moves with every packet that passed -f, TCP or not, and with every segment. A tick is only handed to
 * the tracker where it can matter: before a segment older than it, and at the end. Any other is overtaken by
 * the next segment. Watching, the capture's clock moves it on too.
 *
 * Where reading has a thread of its own, the 'relay' is between it and the one that analyses, and until it
 * has ended that thread alone touches the captures, the dissector and what says what was read.
 */
#include "ui/reading.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include "ui/complain.h"
#include "ui/relay.h"

/* The captures' clock does not go back by less (capture.h); but packets need not be in order. */
#define SET_BACK (INT64_C(5) * 1000000000)

struct reading {
	const struct reading_parts *parts;
	struct reading_span *span;
	struct relay *relay;   /* NULL: what is read is analysed by the same thread */
	struct parcel *parcel; /* being filled: the relay's, or 'own' */
	struct parcel own;
	sigset_t signals;    /* blocked before the reading thread was made */
	struct moment clock; /* the captures' */
	struct moment began; /* watching: the clock at the first chores */
	bool tick_due;	     /* span->last has not reached the tracker in a segment */
	int error;	     /* errno of the analysis; 0 = fine */
};

static bool analyse(struct reading *r, const struct parcel *parcel)
{
	if (tracker_feed_keyed(r->parts->tracker, parcel->segments, parcel->keys, parcel->n) == -1) {
		r->error = errno;
		return false;
	}
	if (parcel->ticks)
		tracker_tick(r->parts->tracker, parcel->tick);
	return true;
}

/* The parcel is full, or time has to be told: on with it, and an empty one. False when no more is wanted. */
static bool hand_over(struct reading *r)
{
	if (r->relay) {
		relay_send(r->relay);
		r->parcel = relay_blank(r->relay);
		return r->parcel != NULL;
	}
	if (!analyse(r, &r->own))
		return false;
	r->own.n = 0;
	r->own.ticks = false;
	return true;
}

/* The segment behind those of the parcel joins them. False when no more is wanted. */
static bool take_segment(struct reading *r)
{
	struct parcel *parcel = r->parcel;

	if (r->tick_due && parcel->segments[parcel->n].at.ns < r->span->last.ns) {
		struct segment segment = parcel->segments[parcel->n];

		parcel->tick = r->span->last;
		parcel->ticks = true;
		if (!hand_over(r))
			return false;
		parcel = r->parcel;
		parcel->segments[0] = segment;
	}
	r->tick_due = false;
	parcel->keys[parcel->n] = tracker_key(&parcel->segments[parcel->n], r->parts->seed);
	parcel->n++;
	return parcel->n < PARCEL_SEGMENTS || hand_over(r);
}

static void note_time(struct reading *r, struct moment at)
{
	struct reading_span *span = r->span;

	if (!span->any || at.ns < span->first.ns)
		span->first = at;
	if (!span->any || at.ns > span->last.ns) {
		span->last = at;
		r->tick_due = true;
	}
	span->any = true;
}

/* A frame, and the segment that may be in it. False when no more is wanted. */
static bool take_frame(struct reading *r, const struct frame *frame)
{
	struct segment *segment = &r->parcel->segments[r->parcel->n];
	bool got = dissect_frame(r->parts->dissector, frame, segment);

	if (frame->matched)
		note_time(r, frame->at);
	return !got || take_segment(r);
}

/* The system's clock was set back. */
static void set_back(struct reading *r, struct moment clock)
{
	complain(NULL, "the clock was set back: times of packets go back, too");
	tracker_set_back(r->parts->tracker, clock);
	r->span->last = clock;
	if (r->span->first.ns > clock.ns)
		r->span->first = clock;
}

/* What has passed is analysed, however little it is, then come the chores, then time goes on. */
static bool turn(struct reading *r)
{
	struct moment clock;

	if (!hand_over(r))
		return false;
	watch_chores(r->parts->watch);
	clock = captures_clock(r->parts->captures);
	if (r->clock.ns == 0)
		r->began = clock;
	if (r->clock.ns - clock.ns > SET_BACK)
		set_back(r, clock);
	else if (clock.ns > r->span->last.ns)
		r->span->last = clock;
	r->clock = clock;
	r->tick_due = false;
	tracker_tick(r->parts->tracker, r->span->last);
	return true;
}

/* Watching, what passed before a stop still comes, and the captures see to the end themselves. */
static bool wanted(const struct reading *r)
{
	bool stopped = r->parts->requests->stop && !r->parts->watch;

	return !stopped && writers_wanted(r->parts->writers);
}

/* Reads and dissects all there is. */
static void read_all(struct reading *r)
{
	struct frame frame;
	int result;

	while (wanted(r) && (result = captures_next(r->parts->captures, &frame)) != CAPTURES_END) {
		if (result == CAPTURES_FRAME && !take_frame(r, &frame))
			return;
		if (r->parts->watch && watch_due(r->parts->watch) && !turn(r))
			return;
	}
	hand_over(r);
}

static void *read_in_thread(void *argument)
{
	struct reading *r = argument;

	/* Signals come to this thread alone: a read that waits for a pipe must end. */
	pthread_sigmask(SIG_SETMASK, &r->signals, NULL);
	r->parcel = relay_blank(r->relay);
	if (r->parcel)
		read_all(r);
	relay_close(r->relay);
	return NULL;
}

/* What the other thread reads, until it has read all. */
static void analyse_all(struct reading *r)
{
	const struct parcel *parcel;

	while ((parcel = relay_take(r->relay)) != NULL) {
		if (!analyse(r, parcel)) {
			relay_abandon(r->relay);
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

/* Reading in a thread of its own. False, with nothing read, where that cannot be. */
static bool read_beside(struct reading *r)
{
	pthread_t reader;
	sigset_t all;
	bool started;

	if (processors() < 2 || !r->parts->captures_are_ours)
		return false;
	r->relay = relay_new();
	if (!r->relay)
		return false;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &r->signals);
	started = pthread_create(&reader, NULL, read_in_thread, r) == 0;
	if (started) {
		analyse_all(r);
		pthread_join(reader, NULL);
	}
	pthread_sigmask(SIG_SETMASK, &r->signals, NULL);
	relay_free(r->relay);
	r->relay = NULL;
	return started;
}

int reading_all(const struct reading_parts *parts, struct reading_span *span)
{
	struct reading r = { .parts = parts, .span = span };

	*span = (struct reading_span){ 0 };
	r.parcel = &r.own;
	if (!read_beside(&r))
		read_all(&r);
	/* The watching is what was observed, also while nothing passed. */
	if (r.began.ns > 0 && (!span->any || r.began.ns < span->first.ns))
		span->first = r.began;
	errno = r.error;
	return r.error ? -1 : 0;
}
