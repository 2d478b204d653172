/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reading.c - see reading.h.
 *
 * Segments come several at once, straight into a parcel, or else frames. When the parcel is full, and not
 * before, all keys are made in one go, so that each of the loops keeps to what it does.
 *
 * Time moves with every packet that passed -f, TCP or not, and with every segment; each segment's key bears
 * it. Watching, the capture's clock moves it on too.
 *
 * Where reading has a thread of its own, that thread alone touches the captures, the dissector and what says
 * what was read, until it has ended; but for names of sources, which may be asked for.
 */
#include "ui/reading.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>

#include "ui/complain.h"

enum { NO_LANE = -1 };

enum { ROUND_SEGMENTS = 4096, FRAMES_AT_ONCE = 64, THREADS_DEFAULT_MOST = 4 };

_Static_assert(ROUND_SEGMENTS % PARCEL_SEGMENTS == 0, "a round ends with a full parcel");

/* The captures' clock does not go back by less (capture.h); but packets need not be in order. */
#define SET_BACK (INT64_C(5) * 1000000000)

/* The way to one tracker. */
struct lane {
	struct relay *relay;   /* NULL: what is read is analysed by the same thread */
	struct parcel *parcel; /* being filled; NULL = a new one is due */
};

struct reading {
	const struct reading_parts *parts;
	struct reading_span *span;
	struct moment began; /* watching: the clock at the first chores */
	struct lane lanes[CREW_MAX];
	int lane_count;
	int8_t lane_of[TRACKER_PARTS]; /* of each part of the connections; NO_LANE: it is not of this shard */
	int8_t share_of[TRACKER_PARTS]; /* the same for 'shared': SHARE_* */
	bool several;			/* there are trackers with threads of their own, and a lane to each */
	bool divided; /* these get not all, or not all the same: segments are copied to the lanes they go */
	bool shared;  /* without such trackers: each takes only its share of a parcel */
	bool helps;   /* this thread analyses, too, while the main thread does: see crew.h */
	struct parcel own;   /* of a lane without a relay */
	struct parcel mixed; /* what is read, where it is to be divided among lanes */
	struct moment now;   /* the greatest time observed */
	struct moment clock; /* the captures' */
	bool all_there;	     /* nobody is to wait for what comes next, as with a pipe */
	size_t in_round;     /* segments, but for those of the parcel that is being filled */
	sigset_t signals;    /* blocked before the reading thread was made */
	sem_t go;	     /* the lanes are there, or it was given up */
	sem_t told;	     /* all was analysed and written */
	bool given_up;
};

/*
 * The parcel to fill. A new one is waited for only when there is something to put in: the end of a round has
 * then gone to all lanes (crew.h).
 */
static struct parcel *parcel_of(struct reading *r, struct lane *lane)
{
	if (!lane->parcel) {
		lane->parcel = lane->relay ? relay_blank(lane->relay) : &r->own;
		lane->parcel->n = 0;
		lane->parcel->round = lane->parcel->last = false;
		lane->parcel->shared = r->shared;
		for (int share = 0; share < SHARE_COUNT; share++)
			lane->parcel->shares[share].n = 0;
	}
	return lane->parcel;
}

/* The parcel is full, or the round over: on with it. */
static void hand_over(struct reading *r, struct lane *lane)
{
	struct parcel *parcel = parcel_of(r, lane);

	parcel->nanoseconds = captures_nanoseconds(r->parts->captures);
	lane->parcel = NULL;
	if (!lane->relay)
		crew_take(r->parts->crew, parcel);
	else if (r->all_there && !parcel->round)
		relay_send_later(lane->relay);
	else
		relay_send(lane->relay);
	if (r->helps)
		crew_help(r->parts->crew, parcel);
}

static void end_round(struct reading *r, bool last)
{
	for (int i = 0; i < r->lane_count; i++) {
		struct parcel *parcel = parcel_of(r, &r->lanes[i]);

		parcel->round = true;
		parcel->last = last;
		parcel->now = r->now;
		hand_over(r, &r->lanes[i]);
	}
	r->in_round = 0;
}

static void observe(struct reading *r, struct moment at)
{
	if (at.ns > r->now.ns)
		r->now = at;
}

static void add_segment(struct reading *r, struct lane *lane, const struct segment *segment,
			const struct tracker_key *key)
{
	struct parcel *parcel = parcel_of(r, lane);

	parcel->segments[parcel->n] = *segment;
	parcel->keys[parcel->n] = *key;
	if (++parcel->n == PARCEL_SEGMENTS)
		hand_over(r, lane);
}

/* To each lane its own. */
static void divide(struct reading *r, struct parcel *mixed)
{
	for (size_t i = 0; i < mixed->n; i++) {
		int lane = r->lane_of[tracker_part(&mixed->keys[i])];

		if (lane != NO_LANE)
			add_segment(r, &r->lanes[lane], &mixed->segments[i], &mixed->keys[i]);
	}
	mixed->n = 0;
}

/* To each its own, where it stands. */
static void share(const struct reading *r, struct parcel *parcel)
{
	size_t n[SHARE_COUNT] = { 0 };

	for (size_t i = 0; i < parcel->n; i++) {
		int share = r->share_of[tracker_part(&parcel->keys[i])];

		parcel->shares[share].which[n[share]++] = (uint8_t)i;
	}
	for (int share = 0; share < SHARE_COUNT; share++)
		parcel->shares[share].n = n[share];
}

/* The parcel that takes what is read. */
static struct parcel *reading_parcel(struct reading *r)
{
	return r->divided ? &r->mixed : parcel_of(r, &r->lanes[0]);
}

/*
 * What was read goes on, to be analysed. Rounds count what is not looked at, too: so each row is of the same
 * round in each shard.
 */
static void pass_on(struct reading *r)
{
	struct parcel *parcel = reading_parcel(r);

	tracker_keys(parcel->keys, parcel->segments, parcel->n, r->parts->seed);
	r->in_round += parcel->n;
	if (r->shared)
		share(r, parcel);
	else if (r->divided)
		divide(r, parcel);
	if (r->in_round == ROUND_SEGMENTS)
		end_round(r, false);
	else if (!r->divided)
		hand_over(r, &r->lanes[0]);
}

static void note_time(struct reading *r, struct moment at)
{
	struct reading_span *span = r->span;

	if (!span->any || at.ns < span->first.ns)
		span->first = at;
	if (!span->any || at.ns > span->last.ns)
		span->last = at;
	span->any = true;
	observe(r, at);
}

/* The same of several, a segment each. They come only where there is neither a filter nor a clock: so the
 * time observed is that of the latest packet. */
static void note_times(struct reading *r, const struct segment *segments, size_t n, struct tracker_key *keys)
{
	struct moment first = { INT64_MAX }, now = r->now;

	for (size_t i = 0; i < n; i++) {
		struct moment at = segments[i].at;

		first = at.ns < first.ns ? at : first;
		now = at.ns > now.ns ? at : now;
		keys[i].now = now;
	}
	if (n > 0) {
		note_time(r, first);
		note_time(r, now);
	}
}

/* Segments that come in one go, at most 'room', which the parcel has. Returns how many. */
static size_t take_segments(struct reading *r, size_t room)
{
	struct parcel *parcel = reading_parcel(r);
	struct segment *segments = &parcel->segments[parcel->n];
	size_t n = captures_segments(r->parts->captures, r->parts->dissector, segments, room);

	note_times(r, segments, n, &parcel->keys[parcel->n]);
	parcel->n += n;
	if (n == room)
		pass_on(r);
	return n;
}

/* Frames, and the segments that may be in them. */
static void take_frames(struct reading *r, const struct frame *frames, size_t n)
{
	struct parcel *parcel = reading_parcel(r);

	for (size_t i = 0; i < n; i++) {
		bool got = dissect_frame(r->parts->dissector, &frames[i], &parcel->segments[parcel->n]);

		if (frames[i].matched)
			note_time(r, frames[i].at);
		if (!got)
			continue;
		observe(r, frames[i].at);
		parcel->keys[parcel->n].now = r->now;
		if (++parcel->n < PARCEL_SEGMENTS)
			continue;
		pass_on(r);
		parcel = reading_parcel(r);
	}
}

/* The system's clock was set back. */
static void set_back(struct reading *r, struct moment clock)
{
	complain(NULL, "the clock was set back: times of packets go back, too");
	tracker_set_back(crew_tracker(r->parts->crew), clock);
	r->now = r->span->last = clock;
	if (r->span->first.ns > clock.ns)
		r->span->first = clock;
}

/* What has passed is analysed, however little it is, then come the chores, then time goes on. */
static void turn(struct reading *r)
{
	struct moment clock;

	pass_on(r);
	watch_chores(r->parts->watch);
	clock = captures_clock(r->parts->captures);
	if (r->clock.ns == 0)
		r->began = clock;
	if (r->clock.ns - clock.ns > SET_BACK)
		set_back(r, clock);
	else if (clock.ns > r->span->last.ns)
		r->span->last = clock;
	r->clock = clock;
	observe(r, clock);
	end_round(r, false);
}

/* Watching, what passed before a stop still comes, and the captures see to the end themselves. */
static bool wanted(const struct reading *r)
{
	bool stopped = r->parts->requests->stop && !r->parts->watch;

	return !stopped && crew_wanted(r->parts->crew);
}

/* The parts of this shard in turns, so that all lanes have as many. */
static void deal_out(struct reading *r)
{
	for (int part = 0; part < TRACKER_PARTS; part++) {
		bool ours = part % r->parts->shards == r->parts->shard;
		int n = part / r->parts->shards;

		r->lane_of[part] = (int8_t)(ours ? crew_of_part(r->parts->crew, n) : NO_LANE);
		r->share_of[part] = (int8_t)(ours ? crew_share_of_part(r->parts->crew, n) : SHARE_NOBODY);
	}
	r->shared = !r->several && (r->helps || r->parts->shards > 1);
	r->divided = r->several && (r->lane_count > 1 || r->parts->shards > 1);
}

/* Reads and dissects some of what is left. False: nothing is. */
static bool read_some(struct reading *r)
{
	struct frame frames[FRAMES_AT_ONCE];
	struct captures *captures = r->parts->captures;
	size_t room = PARCEL_SEGMENTS - reading_parcel(r)->n, segments = take_segments(r, room), n = 0;

	if (segments < room) {
		/* Behind segments that came in one go there is but one frame that needs a closer look. */
		size_t most = segments > 0 ? 1 : FRAMES_AT_ONCE;

		if (captures_next_several(captures, frames, most, &n) == CAPTURES_END)
			return false;
		take_frames(r, frames, n);
	}
	progress_step(r->parts->progress, captures, segments + n);
	return true;
}

/* Reads and dissects all there is. */
static void read_all(struct reading *r)
{
	uint64_t done, all;

	deal_out(r);
	r->all_there = captures_progress(r->parts->captures, &done, &all);
	while (wanted(r) && read_some(r))
		if (r->parts->watch && watch_due(r->parts->watch))
			turn(r);
	progress_end(r->parts->progress);
	pass_on(r);
	if (r->parts->watch)
		watch_chores(r->parts->watch); /* what was lost last counts for the last rows */
	end_round(r, true);
}

static void wait_for(sem_t *sem)
{
	while (sem_wait(sem) == -1 && errno == EINTR)
		;
}

static void *read_in_thread(void *argument)
{
	struct reading *r = argument;

	/* Signals come to this thread alone, until all is written: a read that waits for a pipe must end. */
	pthread_sigmask(SIG_SETMASK, &r->signals, NULL);
	wait_for(&r->go);
	if (r->given_up)
		return NULL;
	read_all(r);
	wait_for(&r->told);
	return NULL;
}

/* What the other thread reads, until it has read all. */
static void analyse_all(struct reading *r)
{
	const struct parcel *parcel;

	do {
		parcel = relay_take(r->lanes[0].relay);
		crew_take(r->parts->crew, parcel);
	} while (!parcel->last);
}

static void write_all(struct reading *r)
{
	while (!crew_merge(r->parts->crew))
		;
}

int reading_threads(void)
{
	cpu_set_t set;
	/* taskset and containers make them fewer; more than the set has room for fail, and are many. */
	int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : THREADS_DEFAULT_MOST;

	return n < THREADS_DEFAULT_MOST ? n : THREADS_DEFAULT_MOST;
}

/* Trackers in threads of their own, and a lane to each. False, and nothing has changed: that is of no use, or
 * cannot be. */
static bool spread(struct reading *r)
{
	int trackers = crew_useful(r->parts->crew, r->parts->threads - 2);

	if (trackers < 1 || !crew_spread(r->parts->crew, trackers))
		return false;
	r->several = true;
	r->lane_count = trackers;
	for (int i = 0; i < trackers; i++)
		r->lanes[i].relay = crew_relay(r->parts->crew, i);
	return true;
}

/* What this thread does while another reads. False, with nothing done, where there is no memory for it. */
static bool work_beside(struct reading *r)
{
	struct relay *relay = NULL;

	if (!spread(r)) {
		relay = r->lanes[0].relay = relay_new(sizeof(struct parcel));
		if (!relay)
			return false;
		r->helps = crew_make_helper(r->parts->crew);
	}
	sem_post(&r->go);
	if (r->several)
		write_all(r);
	else
		analyse_all(r);
	relay_free(relay);
	return true;
}

/* Reading in a thread of its own. False, with nothing read, where that cannot be. */
static bool read_beside(struct reading *r)
{
	pthread_t reader;
	sigset_t all;
	bool done = false;

	sem_init(&r->go, 0, 0);
	sem_init(&r->told, 0, 0);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &r->signals);
	if (pthread_create(&reader, NULL, read_in_thread, r) == 0) {
		done = work_beside(r);
		r->given_up = !done;
		sem_post(done ? &r->told : &r->go);
		pthread_join(reader, NULL);
	}
	pthread_sigmask(SIG_SETMASK, &r->signals, NULL);
	sem_destroy(&r->go);
	sem_destroy(&r->told);
	return done;
}

int reading_all(const struct reading_parts *parts, struct reading_span *span)
{
	struct reading r = { .parts = parts, .span = span, .lane_count = 1, .now = { INT64_MIN } };

	*span = (struct reading_span){ 0 };
	if (parts->threads < 2 || !read_beside(&r))
		read_all(&r);
	/* The watching is what was observed, also while nothing passed. */
	if (r.began.ns > 0 && (!span->any || r.began.ns < span->first.ns))
		span->first = r.began;
	errno = crew_error(parts->crew);
	return errno ? -1 : 0;
}
