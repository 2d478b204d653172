/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tail.c - two rings of bytes and flags. */
#include "dissect/tail.h"

#include <stdlib.h>
#include <string.h>

void tail_init(struct tail *tail, size_t size)
{
	*tail = (struct tail){ .size = size, .mark = TAIL_NO_MARK };
}

static void put(struct tail_ring *ring, size_t size, const uint8_t *bytes, size_t length)
{
	size_t at = (size_t)(ring->count % size);

	if (bytes)
		memcpy(ring->bytes + at, bytes, length);
	else
		memset(ring->bytes + at, 0, length);
	memset(ring->bytes + size + at, bytes == NULL, length);
	ring->count += length;
}

static bool ring_add(struct tail_ring *ring, size_t size, const uint8_t *bytes, uint64_t length)
{
	uint64_t useless = length > size ? length - size : 0;

	if (!ring->bytes)
		ring->bytes = malloc(2 * size);
	if (!ring->bytes)
		return false;
	ring->count += useless;
	length -= useless;
	if (bytes)
		bytes += useless;
	while (length > 0) {
		size_t room = size - (size_t)(ring->count % size);
		size_t n = length < room ? (size_t)length : room;

		put(ring, size, bytes, n);
		length -= n;
		if (bytes)
			bytes += n;
	}
	return true;
}

bool tail_add(struct tail *tail, const uint8_t *bytes, uint64_t length)
{
	uint64_t before = tail->mark > tail->next ? tail->mark - tail->next : 0;

	if (before > length)
		before = length;
	tail->next += length;
	if (before > 0 && !ring_add(&tail->part[0], tail->size, bytes, before))
		return false;
	if (before == length)
		return true;
	return ring_add(&tail->part[1], tail->size, bytes ? bytes + before : NULL, length - before);
}

static void unroll(uint8_t *to, const uint8_t *ring, size_t size, size_t from, size_t length)
{
	size_t first = size - from < length ? size - from : length;

	memcpy(to, ring + from, first);
	memcpy(to + first, ring, length - first);
}

size_t tail_copy(const struct tail *tail, unsigned part, uint8_t *bytes, uint8_t *lost)
{
	const struct tail_ring *ring = &tail->part[part];
	size_t length = ring->count < tail->size ? (size_t)ring->count : tail->size;
	size_t from;

	if (length == 0)
		return 0;
	from = (size_t)((ring->count - length) % tail->size);
	unroll(bytes, ring->bytes, tail->size, from, length);
	unroll(lost, ring->bytes + tail->size, tail->size, from, length);
	return length;
}

void tail_clear(struct tail *tail)
{
	for (int i = 0; i < TAIL_PARTS; i++)
		free(tail->part[i].bytes);
	*tail = (struct tail){ 0 };
}
