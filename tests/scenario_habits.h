/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scenario_habits.h - what a host puts into a segment when the script does not say: the "habits" lines and
 * the segment options of scenario.h.
 */
#ifndef LASTACK_TESTS_SCENARIO_HABITS_H
#define LASTACK_TESTS_SCENARIO_HABITS_H

#include "dissect/segment.h"
#include "scenario_words.h"

enum id_habit {
	IDS_LINUX,  /* counts, but 0 in SYN-ACKs and without a socket */
	IDS_COUNT,  /* counts, in steps, without exception */
	IDS_RANDOM, /* so does not this */
	IDS_CONSTANT,
};

struct habits {
	enum id_habit ids;
	uint16_t id, step; /* last IPv4 ID, and what is added to it */
	uint8_t ttl, rst_ttl;
	int32_t rst_window; /* of a live socket's RST; -1 = as in other segments */
	bool timestamps, rst_timestamps;
};

/* As Linux has them; its next ID is 'id' and one. */
struct habits habits_linux(uint16_t id);

/* One word of a "habits" line. */
bool habits_take(struct habits *habits, struct words *in);

/*
 * Fills in what the script has not said: segment is complete but for TTL, ID, window and options. socket:
 * false for a RST of a host that has none for this connection.
 */
void habits_apply(struct habits *habits, struct segment *segment, uint32_t tsval, bool socket);

/* One option of a segment that is about habits alone; false, without an error, if it is none of those. */
bool habits_take_option(struct segment *segment, struct words *in);

#endif
