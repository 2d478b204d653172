/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reading.h - what one reading of captures gave, to be compared with another. */
#ifndef LASTACK_TESTS_READING_H
#define LASTACK_TESTS_READING_H

#include "capture_file.h"

/* Each frame's values, and a sum over its bytes, which are not valid. */
struct reading {
	struct frame *frames;
	uint32_t *sums;
	size_t count, size;
};

/* Reads on, at most 'most' frames. To be freed. */
struct reading read_frames(struct captures *c, size_t most);

void reading_free(struct reading *r);

/* Fails the test unless both are the same; 'what' is for the message. */
void assert_same(const struct reading *first, const struct reading *again, const char *what);

/* Fails the test unless all frames of 'again' are in 'first', in that order. */
void assert_part_of(const struct reading *first, const struct reading *again);

/* The last complaint, and how many there were. */
struct complaints {
	size_t count;
	struct capture_error last;
};

/* A capture_complain for them. */
void note(void *context, const struct capture_error *error);

/* A pcap file of n Ethernet frames a second apart from 'start' on, marked 0, 1, 2, ... */
struct file frames_from(uint32_t start, uint32_t n);

#endif
