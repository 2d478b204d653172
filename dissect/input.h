/* SPDX-License-Identifier: GPL-2.0-or-later */
/* input.h - one capture file: whatever its format, a row of frames that ends well or with one complaint. */
#ifndef LASTACK_DISSECT_INPUT_H
#define LASTACK_DISSECT_INPUT_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "dissect/capture.h"
#include "dissect/filter.h"
#include "dissect/frame.h"
#include "dissect/sources.h"

struct dissector;
struct input;

/* What all inputs of a run share. */
struct inputs {
	capture_complain *complain;
	void *context;
	const volatile sig_atomic_t *stop; /* not NULL */
	struct filters *filters;	   /* NULL: everything matches */
	struct sources *sources;
	size_t buffer; /* bytes to read at once from a file */
	size_t failed; /* inputs that complained */
	bool stdin_taken;
	bool nanoseconds; /* one has times finer than microseconds */
	bool libpcap;	  /* read every pcap file through libpcap: for the test that compares */
};

/* Opens a file by name, "-" = standard input, and reads nothing. NULL after a complaint. name must outlive
 * it. */
struct input *input_open(const char *name, struct inputs *shared);

enum input_result {
	INPUT_END = 0,	 /* after a complaint if it is not a good end; again and again */
	INPUT_FRAME = 1, /* frame->matched = false: see capture_options.filter */
	INPUT_DROPPED,	 /* by the filter: it counts as a packet, and has its place in time */
};

/* The next frame. Its packet number is right only for the first input to have any, or after input_number().
 * frame->bytes is valid until the next call. */
enum input_result input_next(struct input *in, struct frame *frame);

/*
 * Frames that follow and are at hand, at most 'room': they need no look at the file, and no filter. Returns
 * how many; 0 = input_next() knows. They are valid until the next input_next(), as what that gave still is.
 */
size_t input_take(struct input *in, struct frame *frames, size_t room);

/*
 * The same, decoded at once (usual.h), as long as they are usual: segments[i] is what dissect_frame() makes
 * of the i-th of them, which matched. Only after input_number().
 */
size_t input_segments(struct input *in, struct dissector *dissector, struct segment *segments, size_t room);

/* The frames of all inputs that were read so far are this many: from now on the others have no more, and this
 * one numbers its frames. */
void input_number(struct input *in, uint64_t packets);

/* The number of the last packet read, after input_number(). */
uint64_t input_numbered(const struct input *in);

/* Packets read so far, those of this input alone, dropped ones included. */
uint64_t input_packets(const struct input *in);

/* How much of its file was read, all of it at its end, and how much there is, in bytes. False: it is none
 * that has a size. */
bool input_progress(const struct input *in, uint64_t *done, uint64_t *all);

/* Whether it can be read again: a regular file. */
bool input_again(const struct input *in);

/*
 * Begins again with its first frame: the same frames and sources, and no complaint of what was complained of
 * then, as long as it is not read on behind the last packet of its first reading. 0, or -1 with errno.
 */
int input_rewind(struct input *in);

/* To be called where it ended before the last packet of its first reading: complains, unless it has itself.
 */
void input_lost(struct input *in);

/* Gives back what is only needed to read on; input_rewind() may follow. */
void input_rest(struct input *in);

void input_close(struct input *in); /* NULL is fine */

#endif
