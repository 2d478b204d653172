/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "same_segment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

void assert_same_segment(const struct segment *a, const struct segment *b)
{
	bool says = a->kind != SEGMENT_TCP || (a->flags & TCP_RST);

	assert_memory_equal(a, b, offsetof(struct segment, says));
	if (says)
		assert_memory_equal(&a->says, &b->says, sizeof a->says);
}
