/* SPDX-License-Identifier: GPL-2.0-or-later */
/* same_segment.h - whether two ways to decode a frame gave the same segment. */
#ifndef LASTACK_TESTS_SAME_SEGMENT_H
#define LASTACK_TESTS_SAME_SEGMENT_H

#include "dissect/segment.h"

/* Fails the test unless all of them that means anything is the same: see segment.h. */
void assert_same_segment(const struct segment *a, const struct segment *b);

#endif
