/* SPDX-License-Identifier: GPL-2.0-or-later */
/* capture_segments.h - all segments of a capture at once, and of every capture that there is. */
#ifndef LASTACK_TESTS_CAPTURE_SEGMENTS_H
#define LASTACK_TESTS_CAPTURE_SEGMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/segment.h"

/* The first of a capture at most. */
enum { SEGMENTS_MAX = 200000 };

/* Calls 'each' with the segments of every file that the pattern names. False: there is none. */
bool capture_segments(const char *pattern, void (*each)(const struct segment *segments, size_t n));

/* The next of a series of random numbers of 31 bits that starts with *state. */
uint64_t next_random(uint64_t *state);

#endif
