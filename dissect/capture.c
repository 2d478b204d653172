/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The merge: a heap of the inputs that have a frame, by that frame's time; where times are equal, the order
 * of the command line decides. Within an input frames keep their order, also where its clock was set back:
 * what follows a frame that was the first of all, and is earlier than it, is the first of all again. Frames
 * stay in their input's buffer: the one given out last is replaced only when the next is asked for.
 */
#include "dissect/capture.h"

#include "dissect/input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct head {
	size_t order; /* on the command line */
	struct input *input;
	struct frame frame;
	bool drop; /* by the filter */
};

struct captures {
	struct inputs shared;
	struct head **heap; /* the smallest first; before the first read: in order of the command line */
	size_t count;
	bool begun;	  /* heap[0]'s frame was given out */
	uint64_t packets; /* given out or dropped, until 'only' */
	/* The only input left that has frames, where there is no filter: nothing is to be merged or dropped,
	 * so its frames go straight to the caller. NULL before. */
	struct input *only;
};

/* Bytes to read at once: what a single file profits from would be too much for a thousand. */
static size_t buffer_for(size_t files)
{
	return files <= 4 ? 256 * 1024 : files <= 64 ? 64 * 1024 : 16 * 1024;
}

static bool captures_add(struct captures *c, const char *name, size_t order)
{
	struct head *head = calloc(1, sizeof *head);

	if (!head)
		return false;
	head->order = order;
	head->input = input_open(name, &c->shared);
	if (head->input)
		c->heap[c->count++] = head;
	else
		free(head);
	return true;
}

static bool captures_fill(struct captures *c, const char *const *names, size_t n)
{
	c->heap = calloc(n ? n : 1, sizeof(struct head *));
	c->shared.sources = sources_new();
	if (!c->heap || !c->shared.sources)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!captures_add(c, names[i], i))
			return false;
	return true;
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
	if ((options->filter && !c->shared.filters) || !captures_fill(c, names, n)) {
		captures_close(c);
		errno = ENOMEM;
		return NULL;
	}
	return c;
}

static void head_free(struct head *head)
{
	input_close(head->input);
	free(head);
}

static bool head_next(struct head *head)
{
	enum input_result result = input_next(head->input, &head->frame);

	head->drop = result == INPUT_DROPPED;
	return result != INPUT_END;
}

static bool before(const struct head *a, const struct head *b)
{
	return a->frame.at.ns != b->frame.at.ns ? a->frame.at.ns < b->frame.at.ns : a->order < b->order;
}

static void sift_down(struct captures *c, size_t i)
{
	struct head **heap = c->heap;

	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= c->count)
			return;
		if (child + 1 < c->count && before(heap[child + 1], heap[child]))
			child++;
		if (!before(heap[child], heap[i]))
			return;
		struct head *up = heap[child];

		heap[child] = heap[i];
		heap[i] = up;
		i = child;
	}
}

/* The first look at any input: those that have a frame stay, and become a heap. */
static void begin(struct captures *c)
{
	size_t kept = 0;

	c->begun = true;
	for (size_t i = 0; i < c->count; i++) {
		if (head_next(c->heap[i]))
			c->heap[kept++] = c->heap[i];
		else
			head_free(c->heap[i]);
	}
	c->count = kept;
	for (size_t i = kept / 2; i-- > 0;)
		sift_down(c, i);
}

/* Replaces the frame that was given out last by its input's next. */
static void advance(struct captures *c)
{
	if (!head_next(c->heap[0])) {
		head_free(c->heap[0]);
		c->heap[0] = c->heap[--c->count];
	}
	sift_down(c, 0);
}

static bool stopped(const struct captures *c)
{
	return *c->shared.stop;
}

/* Not inline, so that captures_next() itself needs no registers saved. */
__attribute__((noinline)) static int next_of_several(struct captures *c, struct frame *frame)
{
	do {
		if (!c->begun)
			begin(c);
		else if (c->count > 0)
			advance(c);
		if (c->count == 0 || stopped(c))
			return 0;
		c->packets++;
	} while (c->heap[0]->drop);
	*frame = c->heap[0]->frame;
	frame->packet = c->packets;
	if (c->count == 1 && !c->shared.filters) {
		c->only = c->heap[0]->input;
		input_number(c->only, c->packets);
	}
	return 1;
}

int captures_next(struct captures *captures, struct frame *frame)
{
	if (stopped(captures))
		return 0;
	if (captures->only)
		return (int)input_next(captures->only, frame); /* INPUT_FRAME or INPUT_END */
	return next_of_several(captures, frame);
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
	for (size_t i = 0; i < captures->count; i++)
		head_free(captures->heap[i]);
	free(captures->heap);
	filters_free(captures->shared.filters);
	sources_free(captures->shared.sources);
	free(captures);
}
