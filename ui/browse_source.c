/* SPDX-License-Identifier: GPL-2.0-or-later */
/* browse_source.c - what the dashboard asks while captures are browsed. */
#include <errno.h>

#include "ui/browse_parts.h"

static bool look(void *context, const struct host host[static 2], const uint16_t port[static 2],
		 uint64_t connection, struct record *record)
{
	struct browse *b = context;

	return tracker_look(b->tracker, host, port, connection, record);
}

/*
 * Rewound captures give no more than they had given before, so the second opening is read to its end once.
 * What cannot be opened twice is read again when all has been read.
 */
static bool rewind_again(struct browse *b)
{
	struct frame frame;

	if (b->again == b->captures && !b->over) {
		errno = EBUSY;
		return false;
	}
	while (!b->known && b->again != b->captures && captures_next(b->again, &frame))
		;
	b->known = true;
	return captures_rewind(b->again) == 0;
}

static bool read_again(void *context, struct explain *explain, bool payload)
{
	struct browse *b = context;

	return rewind_again(b) && explain_read(explain, b->again, b->second_dissector,
					       payload ? b->contents : NULL, &b->tracker_options);
}

static uint64_t forgotten(void *context)
{
	struct browse *b = context;

	return captures_forgotten(b->again);
}

static bool slice(void *context, const struct record *const *records, size_t n, int fd)
{
	struct browse *b = context;
	struct output output = { .fd = fd, .name = "" };
	struct sink *sink;

	if (!rewind_again(b))
		return false;
	sink = slice_begin(b->slice, &output);
	for (size_t i = 0; i < n; i++)
		sink->record(sink, records[i]);
	if (!slice_write(b->slice, b->again, dissect_counts(b->dissector).reassembled > 0))
		return false;
	errno = output.error;
	return output.error == 0;
}

struct dashboard_source browse_source(struct browse *b)
{
	return (struct dashboard_source){
		.context = b,
		.look = b->options->speed > 0 ? look : NULL,
		.read = read_again,
		.forgotten = forgotten,
		.slice = slice,
		.captures = b->captures,
	};
}
