/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * content_work.h - what content.c asks of its cage: libnids puts streams in order, tail.h keeps the end of
 * each. Private to dissect/.
 *
 * A request is a row of struct content_op, each followed by 'length' bytes. Only CONTENT_READ, which must be
 * the last of a request, is answered; any other request has an empty reply.
 */
#ifndef LASTACK_DISSECT_CONTENT_WORK_H
#define LASTACK_DISSECT_CONTENT_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/tail.h"

enum content_what {
	CONTENT_OPEN,  /* a stream begins, both directions at 0 */
	CONTENT_PUT,   /* bytes that were captured, the first of them number 'at' of their direction */
	CONTENT_SKIP,  /* what has not come in order before number 'at' never will */
	CONTENT_MARK,  /* number 'at', not behind what came in order, begins part 1 */
	CONTENT_READ,  /* the tail, please */
	CONTENT_CLOSE, /* forget the stream */
};

struct content_op {
	uint64_t at;
	uint32_t stream; /* its index, below content_work's 'streams' */
	uint16_t length; /* at most NIDS_PIECE_MAX */
	uint8_t what;	 /* enum content_what */
	uint8_t side;	 /* 0 or 1 */
};

/* The reply to CONTENT_READ; then for each part its bytes and its flags (tail_copy()). */
struct content_reply {
	uint64_t next; /* bytes that came in order, lost ones included */
	uint32_t length[TAIL_PARTS];
};

/* The cage's context. */
struct content_work {
	uint32_t streams;
	size_t tail;	    /* bytes kept of each part of each direction */
	struct tail *tails; /* two for each stream; NULL outside the cage */
};

static inline size_t content_reply_max(size_t tail)
{
	return sizeof(struct content_reply) + TAIL_PARTS * 2 * tail;
}

/* struct cage_work's functions; context is a struct content_work. */
bool content_work_prepare(void *context);
size_t content_work_serve(void *context, const uint8_t *request, size_t length, uint8_t *reply);

#endif
