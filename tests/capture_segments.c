/* SPDX-License-Identifier: GPL-2.0-or-later */
/* capture_segments.c - see capture_segments.h. */
#include "capture_segments.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <glob.h>
#include <stdlib.h>

#include "dissect/capture.h"
#include "dissect/dissect.h"

static void say_nothing(void *context, const struct capture_error *error)
{
	(void)context, (void)error;
}

static size_t read_segments(const char *name, struct segment *segments)
{
	const struct dissect_options options = { .no_reassembly = true };
	struct capture_options capture = { 0 };
	struct captures *captures = captures_open(&name, 1, &capture, say_nothing, NULL);
	struct dissector *dissector = dissector_new(&options);
	struct frame frame;
	size_t n = 0;

	assert_non_null(captures);
	assert_non_null(dissector);
	while (n < SEGMENTS_MAX && captures_next(captures, &frame) == CAPTURES_FRAME)
		n += dissect_frame(dissector, &frame, &segments[n]);
	dissector_free(dissector);
	captures_close(captures);
	return n;
}

bool capture_segments(const char *pattern, void (*each)(const struct segment *segments, size_t n))
{
	struct segment *segments;
	glob_t files;

	if (glob(pattern, 0, NULL, &files) != 0)
		return false;
	segments = calloc(SEGMENTS_MAX, sizeof *segments);
	assert_non_null(segments);
	for (size_t i = 0; i < files.gl_pathc; i++)
		each(segments, read_segments(files.gl_pathv[i], segments));
	free(segments);
	globfree(&files);
	return true;
}

uint64_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return *state >> 33;
}
