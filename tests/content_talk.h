/* SPDX-License-Identifier: GPL-2.0-or-later */
/* content_talk.h - connections made up for the tests of content.h, and what must have come of them. */
#ifndef LASTACK_TESTS_CONTENT_TALK_H
#define LASTACK_TESTS_CONTENT_TALK_H

#include "dissect/content.h"

enum { CLIENT, SERVER };

/* A connection, and how its segments are put together. */
struct talk {
	struct contents *c;
	uint64_t id;
	struct seq base[2];
	uint16_t bits; /* of its segments */
};

struct talk talk(struct contents *c, uint64_t id);

/* A segment of it; offsets count from each side's first byte. */
struct segment segment_of(const struct talk *t, unsigned side, uint8_t flags, uint64_t at, uint64_t ack);

/* side sends n bytes, of which 'captured' are captured. */
void say_cut(const struct talk *t, unsigned side, uint64_t at, const void *bytes, size_t n, size_t captured);

void say(const struct talk *t, unsigned side, uint64_t at, const char *text);

/* side acknowledges the other's bytes before 'ack'. */
void acknowledge(const struct talk *t, unsigned side, uint64_t at, uint64_t ack);

/* side's stream ends at 'at'. */
void finish(const struct talk *t, unsigned side, uint64_t at, uint64_t ack);

/* A part as text, '.' for what is lost. */
void assert_part(const struct talk *t, unsigned side, enum content_part part, uint64_t total,
		 const char *expected);

void assert_said(const struct talk *t, unsigned side, uint64_t total, const char *expected);

#endif
