/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compare_readers.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const volatile sig_atomic_t never;

static void keep_complaint(void *context, const struct capture_error *error)
{
	struct reader *r = context;

	r->complaint = *error;
	r->complained++;
}

void reader_open(struct reader *r, const char *path, size_t buffer, bool libpcap)
{
	*r = (struct reader){
		.shared = { .complain = keep_complaint,
			    .context = r,
			    .stop = &never,
			    .sources = sources_new(),
			    .buffer = buffer,
			    .libpcap = libpcap },
	};
	r->input = input_open(path, &r->shared);
	assert_non_null(r->input);
}

void reader_close(struct reader *r)
{
	input_close(r->input);
	sources_free(r->shared.sources);
}

static void assert_same_frame(const char *path, uint64_t packet, const struct frame *a, const struct frame *b)
{
	const char *what = a->at.ns != b->at.ns				? "time"
			   : a->caplen != b->caplen			? "captured length"
			   : a->len != b->len				? "length"
			   : a->packet != b->packet			? "number"
			   : a->link != b->link				? "link"
			   : a->source != b->source			? "source"
			   : a->matched != b->matched || !a->matched	? "match"
			   : memcmp(a->bytes, b->bytes, a->caplen) != 0 ? "bytes"
									: NULL;

	if (what)
		fail_msg("%s: packet %" PRIu64 " has another %s", path, packet, what);
}

enum { FRAMES_MOST = 7 };

/* Frames that ours gave in one go, and that were not compared yet. */
struct at_hand {
	struct frame frames[FRAMES_MOST];
	size_t n, used;
};

/* The next frame of ours: one that is at hand, of 0 to FRAMES_MOST, or else the next. */
static enum input_result next_of_ours(struct reader *ours, struct at_hand *at_hand, uint64_t packet)
{
	if (at_hand->used == at_hand->n) {
		at_hand->used = 0;
		at_hand->n = input_take(ours->input, at_hand->frames, packet % (FRAMES_MOST + 1));
	}
	if (at_hand->n == 0)
		return input_next(ours->input, &ours->frame);
	ours->frame = at_hand->frames[at_hand->used++];
	return INPUT_FRAME;
}

uint64_t readers_compare(const char *path, size_t buffer)
{
	struct reader ours, theirs;
	struct at_hand at_hand = { .n = 0 };
	uint64_t packets = 0;

	reader_open(&ours, path, buffer, false);
	reader_open(&theirs, path, buffer, true);
	for (;;) {
		ours.result = next_of_ours(&ours, &at_hand, packets);
		theirs.result = input_next(theirs.input, &theirs.frame);
		if (ours.result != theirs.result)
			fail_msg("%s: packet %" PRIu64 ": %d, to libpcap %d: %s%s", path, packets + 1,
				 ours.result, theirs.result, ours.complaint.text, theirs.complaint.text);
		if (ours.result == INPUT_END)
			break;
		packets++;
		assert_same_frame(path, packets, &ours.frame, &theirs.frame);
	}
	assert_int_equal(input_next(ours.input, &ours.frame), INPUT_END);
	assert_string_equal(ours.complaint.text, theirs.complaint.text);
	assert_int_equal(ours.complained, theirs.complained);
	assert_int_equal(ours.shared.failed, theirs.shared.failed);
	assert_int_equal(ours.shared.nanoseconds, theirs.shared.nanoseconds);
	reader_close(&ours);
	reader_close(&theirs);
	return packets;
}
