/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * slice.c - the packets of some connections as a capture of their own.
 *
 * A connection is known again by its pair and its packets' numbers. Two things that need more: a frame that
 * is seen twice may come behind its connection's last packet, and is known by being equal to one just taken;
 * and fragments come before the segment that tells whose they were, so their numbers are noted in a reading
 * before the one that writes.
 */
#include "ui/slice.h"

#include <errno.h>
#include <stdlib.h>
#include <xxhash.h>

#include "dissect/dissect.h"
#include "dissect/pcapng_writer.h"
#include "ui/ranges.h"

enum {
	FRAGMENTS_MAX = 8 << 20, /* frames: 64 MiB of numbers */
	TAKEN_SLOTS = 4096,
};

#define REPEAT_NS 1000000 /* how long after a frame its copy may come (design/verdicts.md 2) */

/* A segment that was taken just now. */
struct taken {
	uint64_t fingerprint;
	struct moment at;
};

struct slice {
	struct sink sink; /* first: see record.h */
	const struct options *options;
	struct output *output;
	const struct captures *captures;
	uint64_t seed;
	int error; /* errno of what went wrong while records came */
	struct ranges ranges;
	size_t forget_at;	   /* connections noted, before those whose packets are gone are forgotten */
	struct dissector *marking; /* with reassembly */
	struct dissector *writing; /* without: fragments are known by then */
	uint64_t *fragments;	   /* numbers of frames */
	size_t fragment_count, fragment_size;
	uint64_t missing;
	struct taken taken[TAKEN_SLOTS]; /* by fingerprint */
};

enum { FORGET_AT = 1024 };

/* Watching for months, the packets of nearly all connections are not kept any more. */
static void forget(struct slice *slice)
{
	if (slice->options->interface_count == 0 || slice->ranges.count < slice->forget_at)
		return;
	ranges_forget(&slice->ranges, captures_forgotten(slice->captures) + 1);
	slice->forget_at = 2 * slice->ranges.count > FORGET_AT ? 2 * slice->ranges.count : FORGET_AT;
}

static void slice_record(struct sink *sink, const struct record *record)
{
	struct slice *slice = (struct slice *)sink;
	const struct range range = {
		.pair = pair_number(record->host, record->port, slice->seed),
		.first = record->first_packet,
		.last = record->last_packet,
	};

	forget(slice);
	if (only_takes(&slice->options->only, record) && !ranges_add(&slice->ranges, range))
		slice->error = errno;
}

static bool make_dissectors(struct slice *slice)
{
	const struct dissect_options marking = { .outer = slice->options->outer, .trail = true };
	const struct dissect_options writing = { .outer = slice->options->outer, .no_reassembly = true };

	slice->marking = dissector_new(&marking);
	slice->writing = dissector_new(&writing);
	return slice->marking && slice->writing;
}

struct slice *slice_new(const struct options *options, struct output *output, const struct captures *captures,
			uint64_t seed)
{
	struct slice *slice = calloc(1, sizeof *slice);

	if (!slice)
		return NULL;
	slice->sink.record = slice_record;
	slice->options = options;
	slice->output = output;
	slice->captures = captures;
	slice->seed = seed;
	if (make_dissectors(slice))
		return slice;
	int error = errno;

	slice_free(slice);
	errno = error;
	return NULL;
}

struct sink *slice_begin(struct slice *slice, struct output *output)
{
	ranges_free(&slice->ranges);
	slice->ranges = (struct ranges){ 0 };
	slice->output = output;
	slice->error = 0;
	slice->missing = 0;
	slice->fragment_count = 0;
	memset(slice->taken, 0, sizeof slice->taken);
	return &slice->sink;
}

struct sink *slice_sink(struct slice *slice)
{
	return &slice->sink;
}

/* What copies of a frame have in common, and no other segment of the same moment. */
static uint64_t fingerprint(const struct segment *s, uint64_t pair)
{
	const uint64_t values[] = {
		pair,
		(uint64_t)s->seq.n << 32 | s->ack.n,
		(uint64_t)s->len << 32 | (uint32_t)s->checksum << 16 | s->ip_id,
		(uint64_t)s->sport << 32 | (uint32_t)s->dport << 16 | (uint32_t)s->flags << 8 | s->kind,
	};

	return XXH3_64bits(values, sizeof values);
}

/* Whether the segment is one of a connection that is wanted. */
static bool wanted(struct slice *slice, const struct segment *s)
{
	uint64_t pair = pair_number((const struct host[2]){ s->src, s->dst },
				    (const uint16_t[2]){ s->sport, s->dport }, slice->seed);
	bool within = ranges_have(&slice->ranges, pair, s->packet);
	struct taken *taken;
	uint64_t print;

	if (s->kind != SEGMENT_TCP)
		return within;
	print = fingerprint(s, pair);
	taken = &slice->taken[print % TAKEN_SLOTS];
	if (!within)
		return taken->fingerprint == print && s->at.ns >= taken->at.ns &&
		       s->at.ns - taken->at.ns <= REPEAT_NS;
	*taken = (struct taken){ .fingerprint = print, .at = s->at };
	return true;
}

static bool note_fragments(struct slice *slice, const uint64_t *packets, size_t n)
{
	size_t size = slice->fragment_size;

	while (size - slice->fragment_count < n)
		size = size ? 2 * size : 1024;
	if (size > FRAGMENTS_MAX) {
		slice->missing += n;
		return true;
	}
	if (size > slice->fragment_size) {
		uint64_t *bigger = realloc(slice->fragments, size * sizeof *bigger);

		if (!bigger)
			return false;
		slice->fragments = bigger;
		slice->fragment_size = size;
	}
	for (size_t i = 0; i < n; i++)
		slice->fragments[slice->fragment_count++] = packets[i];
	return true;
}

static int compare_numbers(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The reading that finds the frames of fragments. */
static bool mark(struct slice *slice, struct captures *captures)
{
	struct segment segment;
	struct frame frame;

	if (captures_rewind(captures) == -1)
		return false;
	while (captures_next(captures, &frame)) {
		const uint64_t *packets;
		size_t n;

		if (!dissect_frame(slice->marking, &frame, &segment) || !wanted(slice, &segment))
			continue;
		packets = dissect_fragments(slice->marking, frame.packet, &n);
		if (n > 0 && (!note_fragments(slice, packets, n) || !note_fragments(slice, &frame.packet, 1)))
			return false;
	}
	if (slice->fragment_count > 0)
		qsort(slice->fragments, slice->fragment_count, sizeof *slice->fragments, compare_numbers);
	memset(slice->taken, 0, sizeof slice->taken);
	return true;
}

/* Frames come in the order of their numbers; *next is the first of the fragments that may be it. */
static bool is_fragment(const struct slice *slice, uint64_t packet, size_t *next)
{
	while (*next < slice->fragment_count && slice->fragments[*next] < packet)
		++*next;
	return *next < slice->fragment_count && slice->fragments[*next] == packet;
}

static void put(void *output, const void *bytes, size_t n)
{
	output_write(output, bytes, n);
}

/* The reading that writes. */
static bool write_frames(struct slice *slice, struct captures *captures, struct pcapng_writer *writer)
{
	struct segment segment;
	struct frame frame;
	size_t next = 0;

	if (captures_rewind(captures) == -1)
		return false;
	while (!slice->output->error && captures_next(captures, &frame)) {
		bool takes = dissect_frame(slice->writing, &frame, &segment) && wanted(slice, &segment);

		if (!takes && !is_fragment(slice, frame.packet, &next))
			continue;
		if (!pcapng_writer_frame(writer, &frame, captures_source(captures, frame.source)))
			return false;
	}
	return true;
}

bool slice_write(struct slice *slice, struct captures *captures, bool fragments)
{
	struct pcapng_writer *writer;
	bool fine;

	if (slice->error) {
		errno = slice->error;
		return false;
	}
	if (!ranges_seal(&slice->ranges) || (fragments && !mark(slice, captures)))
		return false;
	writer = pcapng_writer_new(captures_nanoseconds(captures), put, slice->output);
	fine = writer && write_frames(slice, captures, writer);
	if (writer)
		pcapng_writer_finish(writer);
	pcapng_writer_free(writer);
	return fine;
}

uint64_t slice_missing(const struct slice *slice)
{
	return slice->missing;
}

void slice_free(struct slice *slice)
{
	if (!slice)
		return;
	ranges_free(&slice->ranges);
	dissector_free(slice->marking);
	dissector_free(slice->writing);
	free(slice->fragments);
	free(slice);
}
