/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * content_stream.h - the guard before libnids' streams: which bytes of a connection are worth feeding, and
 * when a hole is one for good. Private to dissect/: content.c keeps the connections.
 *
 * Offsets count from the first byte of a direction.
 */
#ifndef LASTACK_DISSECT_CONTENT_STREAM_H
#define LASTACK_DISSECT_CONTENT_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/cage.h"
#include "dissect/content_work.h"
#include "dissect/extent.h"
#include "dissect/segment.h"

enum {
	CONTENT_REQUEST_MAX = 128 * 1024,
	CONTENT_QUEUE_MAX = 8 << 20,	/* bytes that may wait behind holes: of a direction, */
	CONTENT_QUEUE_TOTAL = 64 << 20, /* and of all; libnids' overhead is counted (extent.h) */
};

/* To the cage and back: requests are gathered until there are many, or an answer is needed. */
struct content_line {
	struct cage cage;
	size_t request_length;
	size_t queued;	/* bytes that wait behind holes */
	uint8_t *reply; /* content_reply_max() bytes; not owned */
};

/* Adds to the request; 'bytes' are op->length, NULL for none. Once the cage is gone, nothing happens. */
void content_ask(struct content_line *line, const struct content_op *op, const uint8_t *bytes);

/* Sends it, and waits for the reply: *replied bytes. False: the cage is gone. */
bool content_flush(struct content_line *line, size_t *replied);

/* One direction. All zero is one of which nothing is known; content_direction_clear() frees what it holds. */
struct content_direction {
	struct extent extent;
	struct seq base; /* the number one below offset 0 */
	bool based, has_fin, marked;
	unsigned waited; /* packets since the first hole was acknowledged */
	uint64_t sent;	 /* one beyond the last byte seen, captured or not */
	uint64_t acked;	 /* what the other side acknowledged; one beyond fin when the FIN is */
	uint64_t fin;	 /* of has_fin: where it ends */
	uint64_t mark;	 /* of 'marked': where it was when it acknowledged the other's FIN */
};

/* A direction, and what names it to the cage. */
struct content_at {
	struct content_line *line;
	struct content_direction *d;
	uint32_t stream;
	uint8_t side;
};

/* One beyond the last byte that it is known to have sent. */
uint64_t content_direction_end(const struct content_direction *d);

/* A segment that 'mine' sent, neither ICMP nor RST; the rest as for content_segment(). */
void content_apply(const struct content_at *mine, const struct content_at *its, const struct segment *segment,
		   const struct seq base[2], const uint8_t *bytes, size_t captured);

/* All before 'to' that has not come never will. */
void content_skip_to(const struct content_at *a, uint64_t to);

void content_direction_clear(struct content_line *line, struct content_direction *d);

#endif
