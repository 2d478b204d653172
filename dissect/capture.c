/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two ways to read: the first time from all inputs merged; again from those that can be read twice, and from
 * the ring of what the others gave. Which of the two the frame of a number comes from is told by the ring,
 * where that frame's number stands, and, where there are both kinds, by the turns that were noted.
 */
#include "dissect/capture.h"

#include "dissect/input.h"
#include "dissect/live.h"
#include "dissect/merge.h"
#include "dissect/packet_ring.h"
#include "dissect/turns.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { TURNS_SHARE = 16 }; /* of keep_packets; the frames have the rest */

struct captures {
	struct inputs shared;
	struct merge merge;
	uint64_t packets; /* given out or dropped, until 'only' */
	/* The only input left that has frames, where there is no filter and no ring: nothing is to be merged,
	 * dropped or kept, so its frames go straight to the caller. NULL before. */
	struct input *only;

	size_t once, twice;	  /* how many inputs can be read only once, and how many again */
	struct packet_ring *ring; /* NULL = nothing is kept */
	struct turns *turns;	  /* the first's are the ring's; NULL = all are of one kind */
	bool again;
	uint64_t total; /* packets of the first reading */

	struct live *live; /* interfaces; then there are no other inputs */
};

/* Bytes to read at once: what a single file profits from would be too much for a thousand. */
static size_t buffer_for(size_t files)
{
	return files <= 4 ? 256 * 1024 : files <= 64 ? 64 * 1024 : 16 * 1024;
}

static bool captures_fill(struct captures *c, const char *const *names, size_t n)
{
	c->shared.sources = sources_new();
	if (!merge_init(&c->merge, n) || !c->shared.sources)
		return false;
	for (size_t i = 0; i < n; i++) {
		struct input *input = input_open(names[i], &c->shared);

		if (!input)
			continue;
		merge_add(&c->merge, input);
		if (input_again(input))
			c->twice++;
		else
			c->once++;
	}
	return true;
}

/* What is needed for a second reading. */
static bool captures_keep(struct captures *c, size_t bytes)
{
	size_t turns = c->twice > 0 ? bytes / TURNS_SHARE : 0;

	if (c->once == 0 || bytes == 0)
		return true;
	c->ring = packet_ring_new(bytes - turns);
	if (turns > 0)
		c->turns = turns_new(turns);
	return c->ring && (c->turns || turns == 0);
}

/* What stop points at where the caller gives none. */
static const volatile sig_atomic_t never;

struct captures *captures_open(const char *const *names, size_t n, const struct capture_options *options,
			       capture_complain *complain, void *context)
{
	struct captures *c = calloc(1, sizeof *c);

	if (!c)
		return NULL;
	c->shared = (struct inputs){
		.complain = complain,
		.context = context,
		.stop = options->stop ? options->stop : &never,
		.buffer = buffer_for(n),
	};
	if (options->filter)
		c->shared.filters = filters_new(options->filter);
	if ((options->filter && !c->shared.filters) || !captures_fill(c, names, n) ||
	    !captures_keep(c, options->keep_packets)) {
		captures_close(c);
		errno = ENOMEM;
		return NULL;
	}
	return c;
}

struct captures *captures_watch(const char *const *interfaces, size_t n, const struct watch_options *options,
				capture_complain *complain, void *context)
{
	static const struct capture_error no_memory = { "out of memory" };
	struct captures *c = calloc(1, sizeof *c);

	if (c)
		c->shared =
			(struct inputs){ .complain = complain, .context = context, .stop = options->stop };
	if (c && options->filter)
		c->shared.filters = filters_new(options->filter);
	if (c)
		c->once = n;
	if (!c || (options->filter && !c->shared.filters) || !captures_fill(c, NULL, 0) ||
	    !captures_keep(c, options->keep_packets))
		complain(context, &no_memory);
	else
		c->live = live_open(interfaces, n, options, &c->shared);
	if (c && c->live)
		return c;
	captures_close(c);
	return NULL;
}

struct capture_loss captures_loss(struct captures *captures)
{
	return captures->live ? live_loss(captures->live) : (struct capture_loss){ 0 };
}

uint64_t captures_waiting(const struct captures *captures)
{
	return captures->live ? live_waiting(captures->live) : 0;
}

struct moment captures_clock(const struct captures *captures)
{
	return captures->live ? live_clock(captures->live) : (struct moment){ 0 };
}

static bool stopped(const struct captures *c)
{
	return *c->shared.stop;
}

/* Sees to it that the frame can be had again. */
static void keep(struct captures *c, const struct head *head, const struct frame *frame)
{
	bool once = !input_again(head->input);

	if (c->turns)
		turns_add(c->turns, once);
	if (once && !head->drop)
		packet_ring_put(c->ring, frame);
}

static int give(struct frame *frame, const struct head *head, uint64_t packet)
{
	*frame = head->frame;
	frame->packet = packet;
	return 1;
}

/* Not inline, so that captures_next() itself needs no registers saved. */
__attribute__((noinline)) static int next_of_several(struct captures *c, struct frame *frame)
{
	const struct head *head;

	do {
		head = merge_next(&c->merge);
		if (!head || stopped(c))
			return 0;
		c->packets++;
		give(frame, head, c->packets);
		if (c->ring)
			keep(c, head, frame);
	} while (head->drop);
	if (!c->shared.filters && !c->ring) {
		c->only = merge_only(&c->merge);
		if (c->only)
			input_number(c->only, c->packets);
	}
	return 1;
}

__attribute__((noinline)) static int next_of_live(struct captures *c, struct frame *frame)
{
	int result = live_next(c->live, frame);

	if (result != CAPTURES_FRAME)
		return result;
	frame->packet = ++c->packets;
	if (c->ring)
		packet_ring_put(c->ring, frame);
	return CAPTURES_FRAME;
}

/* Whether the frame of a number, which the ring does not have, came from an input that was kept there. */
static bool is_gone(const struct captures *c, uint64_t packet)
{
	if (!c->turns)
		return c->once > 0;
	return turns_first(c->turns, packet);
}

/* Frames of files whose numbers are not known any more. */
static uint64_t numberless(const struct captures *c)
{
	return c->turns ? turns_begin(c->turns) - 1 - turns_before(c->turns) : 0;
}

static void skip_numberless(struct captures *c)
{
	for (uint64_t n = numberless(c); n > 0 && merge_next(&c->merge); n--)
		;
	if (c->turns)
		c->packets = turns_begin(c->turns) - 1;
}

__attribute__((noinline)) static int next_again(struct captures *c, struct frame *frame)
{
	if (c->packets == 0)
		skip_numberless(c);
	while (c->packets < c->total && !stopped(c)) {
		const struct frame *kept = c->ring ? packet_ring_peek(c->ring) : NULL;

		/* Of what was watched for months, nearly all is gone. */
		if (c->twice == 0)
			c->packets = kept ? kept->packet - 1 : c->total - 1;
		c->packets++;
		if (kept && kept->packet == c->packets) {
			*frame = *kept;
			packet_ring_skip(c->ring);
			return 1;
		}
		if (is_gone(c, c->packets))
			continue;
		const struct head *head = merge_next(&c->merge);

		if (!head)
			return 0;
		if (!head->drop)
			return give(frame, head, c->packets);
	}
	return 0;
}

int captures_next(struct captures *captures, struct frame *frame)
{
	if (captures->live && !captures->again)
		return next_of_live(captures, frame); /* what passed before a stop still comes */
	if (stopped(captures))
		return 0;
	if (captures->only)
		return (int)input_next(captures->only, frame); /* INPUT_FRAME or INPUT_END */
	return captures->again ? next_again(captures, frame) : next_of_several(captures, frame);
}

/* Frames that need no look at a file, none of them to be dropped or kept. */
static size_t take(struct captures *c, struct frame *frames, size_t room)
{
	if (c->live || c->again || c->ring || stopped(c))
		return 0;
	if (c->only)
		return input_take(c->only, frames, room);
	size_t n = merge_take(&c->merge, frames, room);

	for (size_t i = 0; i < n; i++)
		frames[i].packet = ++c->packets;
	return n;
}

int captures_next_several(struct captures *captures, struct frame *frames, size_t room, size_t *n)
{
	*n = take(captures, frames, room);
	if (*n > 0)
		return CAPTURES_FRAME;
	int result = captures_next(captures, frames);

	*n = result == CAPTURES_FRAME;
	return result;
}

size_t captures_segments(struct captures *c, struct dissector *d, struct segment *segments, size_t room)
{
	return c->only && !stopped(c) ? input_segments(c->only, d, segments, room) : 0;
}

uint64_t captures_packets(const struct captures *c)
{
	return c->again ? c->total : c->only ? input_numbered(c->only) : c->packets;
}

int captures_rewind(struct captures *captures)
{
	struct captures *c = captures;

	if (!c->again)
		c->total = captures_packets(c);
	c->again = true;
	c->only = NULL;
	c->packets = 0;
	if (stopped(c))
		c->shared.stop = &never;
	if (c->ring)
		packet_ring_rewind(c->ring);
	if (merge_rewind(&c->merge) == 0)
		return 0;
	c->packets = c->total;
	return -1;
}

void captures_resume(struct captures *captures)
{
	if (!captures->live || !captures->again)
		return;
	captures->again = false;
	captures->packets = captures->total;
}

uint64_t captures_forgotten(const struct captures *captures)
{
	return (captures->ring ? packet_ring_forgotten(captures->ring) : 0) + numberless(captures);
}

bool captures_progress(const struct captures *captures, uint64_t *done, uint64_t *all)
{
	return !captures->live && merge_progress(&captures->merge, done, all);
}

size_t captures_failed(const struct captures *captures)
{
	return captures->shared.failed;
}

const char *captures_source(const struct captures *captures, uint16_t source)
{
	return sources_name(captures->shared.sources, source);
}

bool captures_nanoseconds(const struct captures *captures)
{
	return captures->shared.nanoseconds;
}

void captures_close(struct captures *captures)
{
	if (!captures)
		return;
	live_close(captures->live);
	merge_destroy(&captures->merge);
	packet_ring_free(captures->ring);
	turns_free(captures->turns);
	filters_free(captures->shared.filters);
	sources_free(captures->shared.sources);
	free(captures);
}
