/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * live.c - see live.h.
 *
 * The kernel hands out packets in blocks, an interface's at the latest WATCHED_BLOCK_MS after the first of
 * them. So of several interfaces one can be behind another by so much. A packet that passed two of them (a
 * router, a bridge) would be seen out of order, and look like a retransmission; therefore the first frame of
 * all that wait is only given out when each other interface has one that waits too, or has
 * given one that is not earlier, or had none long enough after that frame was read. At most watched_full()
 * frames wait, so at full load order is given up before anything is lost.
 */
#include "dissect/live.h"

#include "dissect/watched.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NS_PER_MS INT64_C(1000000)

/* After so long the kernel has handed out a packet for certain, or as good as. */
#define HANDED_OUT ((WATCHED_BLOCK_MS + 20) * NS_PER_MS)
#define IDLE_AFTER (100 * NS_PER_MS)
/* How soon a frame that waits for other interfaces is looked at again. */
#define HOLDING (10 * NS_PER_MS)

struct one {
	struct watched *watched;
	int64_t none;		   /* when it was read last and had none; CLOCK_MONOTONIC */
	struct moment none_moment; /* the same by CLOCK_REALTIME */
};

struct live {
	const volatile sig_atomic_t *stop;
	struct one *ones;
	struct pollfd *polls;
	size_t count;
	struct one *given;	 /* whose first frame was given out last, and is to go */
	uint64_t left;		 /* frames still wanted */
	int64_t duration, until; /* CLOCK_MONOTONIC; 0 = for ever, or not begun */
	/*
	 * An interface is gone, time is up, or *stop is set. What passed before is still to be handed out:
	 * read on until this moment (CLOCK_MONOTONIC; 0 = not yet), then no more.
	 */
	int64_t ends;
	bool ending;
	struct moment clock;
};

static int64_t now_by(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static bool live_fill(struct live *live, const char *const *names, const struct watch_options *options,
		      struct inputs *shared, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct watched *watched = watched_open(names[i], options, shared);

		if (!watched)
			return false;
		live->ones[i].watched = watched;
		live->polls[i] = (struct pollfd){ .fd = watched_fd(watched), .events = POLLIN };
		live->count++;
	}
	return true;
}

struct live *live_open(const char *const *names, size_t n, const struct watch_options *options,
		       struct inputs *shared)
{
	struct live *live = calloc(1, sizeof *live);

	if (!live)
		return NULL;
	live->stop = shared->stop;
	live->left = options->count > 0 ? options->count : UINT64_MAX;
	live->duration = options->duration;
	live->ones = calloc(n ? n : 1, sizeof *live->ones);
	live->polls = calloc(n ? n : 1, sizeof *live->polls);
	if (live->ones && live->polls && live_fill(live, names, options, shared, n))
		return live;
	live_close(live);
	return NULL;
}

static void end_soon(struct live *live, int64_t now)
{
	if (live->ends == 0)
		live->ends = now + HANDED_OUT;
}

/* What one interface has given out, or lost, for certain. */
static struct moment known(const struct one *one)
{
	int64_t ignored, handed_out = one->none_moment.ns - HANDED_OUT;
	const struct frame *waiting = watched_first(one->watched, &ignored);
	struct moment last = watched_last(one->watched);

	if (waiting)
		return waiting->at;
	return last.ns > handed_out ? last : (struct moment){ handed_out };
}

struct moment live_clock(const struct live *live)
{
	struct moment clock = live->count > 0 ? known(&live->ones[0]) : live->clock;

	for (size_t i = 1; i < live->count; i++) {
		struct moment other = known(&live->ones[i]);

		if (other.ns < clock.ns)
			clock = other;
	}
	/* The system's clock may be set back a little; this one stands still then. */
	return clock.ns > live->clock.ns ? clock : live->clock;
}

/* The system's clock was set back by more than can be waited for: this one goes with it. */
static void set_back(struct live *live, struct moment moment)
{
	live->clock = moment;
	for (size_t i = 0; i < live->count; i++) {
		if (live->ones[i].none_moment.ns > moment.ns)
			live->ones[i].none_moment = moment;
		watched_set_back(live->ones[i].watched, moment);
	}
}

/* What the kernel has, from all interfaces. True if anything came. */
static bool read_all(struct live *live)
{
	int64_t now = now_by(CLOCK_MONOTONIC), moment = now_by(CLOCK_REALTIME);
	bool some = false;

	if (live_clock(live).ns - moment > WATCHED_SET_BACK)
		set_back(live, (struct moment){ moment });
	if (*live->stop || (live->until > 0 && now >= live->until))
		end_soon(live, now);
	if (live->ends > 0 && now >= live->ends) {
		live->ending = true;
		return false;
	}
	for (size_t i = 0; i < live->count; i++) {
		struct one *one = &live->ones[i];
		bool hurry = live->polls[i].revents & ~POLLIN;
		enum watched_result result = watched_read(one->watched, now);

		live->polls[i].revents = 0;
		if (result == WATCHED_NONE && !watched_full(one->watched)) {
			one->none = now;
			one->none_moment.ns = moment;
		}
		some |= result == WATCHED_SOME;
		if (result == WATCHED_GONE || watched_look(one->watched, now, hurry) == WATCHED_GONE)
			end_soon(live, now);
	}
	return some;
}

/* The one whose first frame is the earliest; by the order of the command line where times are equal. */
static struct one *earliest(const struct live *live)
{
	struct one *first = NULL;
	struct moment at = { 0 };
	int64_t read;

	for (size_t i = 0; i < live->count; i++) {
		const struct frame *frame = watched_first(live->ones[i].watched, &read);

		if (frame && (!first || frame->at.ns < at.ns)) {
			first = &live->ones[i];
			at = frame->at;
		}
	}
	return first;
}

/* Whether no other interface can have an earlier frame than this one's first. */
static bool is_next(const struct live *live, const struct one *one)
{
	int64_t read, ignored;
	const struct frame *frame = watched_first(one->watched, &read);

	if (live->ending || watched_full(one->watched))
		return true;
	for (size_t i = 0; i < live->count; i++) {
		const struct one *other = &live->ones[i];

		if (other == one || watched_first(other->watched, &ignored))
			continue;
		if (watched_last(other->watched).ns < frame->at.ns && other->none < read + HANDED_OUT)
			return false;
	}
	return true;
}

/* The frame given out last goes; if there was none left of its interface, the kernel has more perhaps. */
static void done_with_last(struct live *live)
{
	int64_t ignored;

	if (!live->given)
		return;
	watched_next(live->given->watched);
	if (!live->ending && !watched_first(live->given->watched, &ignored))
		read_all(live);
	live->given = NULL;
}

static bool give(struct live *live, struct frame *frame)
{
	struct one *one = earliest(live);
	int64_t ignored;

	if (!one || !is_next(live, one))
		return false;
	*frame = *watched_first(one->watched, &ignored);
	live->given = one;
	live->left--;
	return true;
}

/* Waits until there may be more, or a signal comes, so that *stop is looked at; at most until that moment. */
static void wait_until(struct live *live, int64_t now, int64_t until)
{
	int64_t wait = until - now;

	if (live->ends > 0 && live->ends < until)
		wait = live->ends - now;
	else if (live->ends == 0 && live->until > 0 && live->until < until)
		wait = live->until - now;
	if (earliest(live) && wait > HOLDING)
		wait = HOLDING;
	if (wait > 0)
		poll(live->polls, live->count, (int)((wait + NS_PER_MS - 1) / NS_PER_MS));
}

int live_next(struct live *live, struct frame *frame)
{
	int64_t now, idle_at = 0;

	if (live->duration > 0 && live->until == 0)
		live->until = now_by(CLOCK_MONOTONIC) + live->duration;
	done_with_last(live);
	for (;;) {
		if (live->left == 0)
			return CAPTURES_END;
		if (give(live, frame))
			return CAPTURES_FRAME;
		if (live->ending)
			return CAPTURES_END;
		if (read_all(live) || live->ending)
			continue;
		now = now_by(CLOCK_MONOTONIC);
		if (idle_at == 0)
			idle_at = now + IDLE_AFTER;
		if (now >= idle_at) {
			live->clock = live_clock(live);
			return CAPTURES_IDLE;
		}
		wait_until(live, now, idle_at);
	}
}

struct capture_loss live_loss(struct live *live)
{
	struct capture_loss loss = { 0 };

	for (size_t i = 0; i < live->count; i++)
		watched_loss(live->ones[i].watched, &loss);
	return loss;
}

uint64_t live_waiting(const struct live *live)
{
	uint64_t waiting = 0;

	for (size_t i = 0; i < live->count; i++)
		waiting += watched_waiting(live->ones[i].watched);
	return waiting;
}

void live_close(struct live *live)
{
	if (!live)
		return;
	for (size_t i = 0; i < live->count; i++)
		watched_close(live->ones[i].watched);
	free(live->ones);
	free(live->polls);
	free(live);
}
