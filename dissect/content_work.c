/* SPDX-License-Identifier: GPL-2.0-or-later */
/* content_work.c - serve content.c inside the cage. What cannot be served ends it. */
#include "dissect/content_work.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dissect/nids_work.h"

static struct tail *tail_of(const struct content_work *work, uint32_t stream, unsigned side)
{
	return &work->tails[stream * 2 + side];
}

static void take_bytes(void *context, uint32_t stream, unsigned side, const uint8_t *bytes, size_t length)
{
	const struct content_work *work = context;

	if (!tail_add(tail_of(work, stream - NIDS_STREAM_FIRST, side), bytes, length))
		_exit(1);
}

bool content_work_prepare(void *context)
{
	struct content_work *work = context;

	work->tails = calloc((size_t)work->streams * 2, sizeof *work->tails);
	return work->tails && nids_streams_start(work->streams, take_bytes, work);
}

static void clear(const struct content_work *work, uint32_t stream)
{
	for (unsigned side = 0; side < 2; side++)
		tail_clear(tail_of(work, stream, side));
}

static void open_stream(const struct content_work *work, uint32_t stream)
{
	clear(work, stream);
	for (unsigned side = 0; side < 2; side++)
		tail_init(tail_of(work, stream, side), work->tail);
	if (!nids_stream_open(stream + NIDS_STREAM_FIRST))
		_exit(1);
}

/* libnids tells of the last of the lost bytes only, when it goes on with those behind it. */
static void skip(const struct content_work *work, const struct content_op *op)
{
	struct tail *tail = tail_of(work, op->stream, op->side);
	uint64_t length;

	if (op->at <= tail->next)
		return;
	length = op->at - tail->next;
	if (length > INT32_MAX || !tail_add(tail, NULL, length - 1))
		_exit(1);
	nids_stream_skip(op->stream + NIDS_STREAM_FIRST, op->side, (uint32_t)length);
}

static size_t read_tail(const struct tail *tail, uint8_t *to)
{
	struct content_reply reply = { .next = tail->next };
	size_t at = sizeof reply;

	for (unsigned part = 0; part < TAIL_PARTS; part++) {
		size_t n = tail_copy(tail, part, to + at, to + at + tail->size);

		memmove(to + at + n, to + at + tail->size, n);
		reply.length[part] = (uint32_t)n;
		at += 2 * n;
	}
	memcpy(to, &reply, sizeof reply);
	return at;
}

/* Returns the bytes written to reply. */
static size_t serve_op(const struct content_work *work, const struct content_op *op, const uint8_t *bytes,
		       uint8_t *reply)
{
	switch (op->what) {
	case CONTENT_OPEN:
		open_stream(work, op->stream);
		return 0;
	case CONTENT_PUT:
		nids_stream_put(op->stream + NIDS_STREAM_FIRST, op->side, (uint32_t)op->at, bytes,
				op->length);
		return 0;
	case CONTENT_SKIP:
		skip(work, op);
		return 0;
	case CONTENT_MARK:
		tail_of(work, op->stream, op->side)->mark = op->at;
		return 0;
	case CONTENT_READ:
		return read_tail(tail_of(work, op->stream, op->side), reply);
	case CONTENT_CLOSE:
		nids_stream_close(op->stream + NIDS_STREAM_FIRST);
		clear(work, op->stream);
		return 0;
	default:
		_exit(1);
	}
}

size_t content_work_serve(void *context, const uint8_t *request, size_t length, uint8_t *reply)
{
	const struct content_work *work = context;
	struct content_op op;
	size_t replied = 0;

	while (length >= sizeof op) {
		memcpy(&op, request, sizeof op);
		request += sizeof op;
		length -= sizeof op;
		if (op.length > length || op.stream >= work->streams || op.side > 1)
			_exit(1);
		replied = serve_op(work, &op, request, reply);
		request += op.length;
		length -= op.length;
	}
	return replied;
}
