/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "reading.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void reading_free(struct reading *r)
{
	free(r->frames);
	free(r->sums);
}

static uint32_t sum(const struct frame *frame)
{
	uint32_t n = 2166136261;

	for (uint32_t i = 0; i < frame->caplen; i++)
		n = (n ^ frame->bytes[i]) * 16777619;
	return n;
}

static void keep_frame(struct reading *r, const struct frame *frame)
{
	if (r->count == r->size) {
		r->size = r->size ? 2 * r->size : 1024;
		r->frames = realloc(r->frames, r->size * sizeof *r->frames);
		r->sums = realloc(r->sums, r->size * sizeof *r->sums);
		assert_non_null(r->frames);
		assert_non_null(r->sums);
	}
	r->sums[r->count] = sum(frame);
	r->frames[r->count] = *frame;
	r->frames[r->count++].bytes = NULL;
}

struct reading read_frames(struct captures *c, size_t most)
{
	enum { FRAMES_MOST = 20 };
	struct reading r = { 0 };
	struct frame frames[FRAMES_MOST];
	size_t room, n;

	while (r.count < most) {
		room = 1 + r.count % FRAMES_MOST;
		if (room > most - r.count)
			room = most - r.count;
		if (captures_next_several(c, frames, room, &n) != CAPTURES_FRAME)
			break;
		for (size_t i = 0; i < n; i++)
			keep_frame(&r, &frames[i]);
	}
	return r;
}

static bool same_frame(const struct reading *a, size_t i, const struct reading *b, size_t j)
{
	const struct frame *x = &a->frames[i], *y = &b->frames[j];

	return a->sums[i] == b->sums[j] && x->at.ns == y->at.ns && x->packet == y->packet &&
	       x->caplen == y->caplen && x->len == y->len && x->link == y->link && x->source == y->source &&
	       x->matched == y->matched;
}

void assert_same(const struct reading *first, const struct reading *again, const char *what)
{
	if (first->count != again->count)
		fail_msg("%s: %zu frames, then %zu", what, first->count, again->count);
	for (size_t i = 0; i < first->count; i++)
		if (!same_frame(first, i, again, i))
			fail_msg("%s: frame %zu is another", what, i + 1);
}

void note(void *context, const struct capture_error *error)
{
	struct complaints *complaints = context;

	complaints->count++;
	complaints->last = *error;
}

void assert_part_of(const struct reading *first, const struct reading *again)
{
	size_t i = 0;

	for (size_t j = 0; j < again->count; j++) {
		while (i < first->count && first->frames[i].packet < again->frames[j].packet)
			i++;
		if (i == first->count || !same_frame(first, i, again, j))
			fail_msg("frame %zu of the second reading is none of the first", j + 1);
	}
}

struct file frames_from(uint32_t start, uint32_t n)
{
	struct file f = { 0 };
	uint8_t frame[FRAME_SIZE];

	put_pcap(&f, PCAP_MICRO, LINKTYPE_ETHERNET);
	for (uint32_t i = 0; i < n; i++) {
		frame_marked(frame, (uint8_t)i);
		put_pcap_frame(&f, start + i, 0, frame, sizeof frame);
	}
	return f;
}
