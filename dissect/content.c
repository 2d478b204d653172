/* SPDX-License-Identifier: GPL-2.0-or-later */
/* content.c - which connections are followed, and what is said of them. */
#include "dissect/content.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dissect/cage.h"
#include "dissect/content_stream.h"
#include "dissect/content_work.h"

enum {
	NONE = 0, /* no connection: links hold the slot's number plus one */
	CONNECTIONS_MAX = 4096,
	CONNECTIONS_MIN = 16,
	TAILS_BYTES = 256 << 20,      /* that all connections may take in the worker */
	CONNECTION_BYTES = 20 * 1024, /* that one takes there besides its tails */
	WORKER_BYTES = 64 << 20,      /* code, buffers and what malloc wastes */
};

struct connection {
	uint64_t id;
	uint32_t chain; /* next in the bucket, or on the free list */
	struct content_direction side[2];
};

struct contents {
	struct content_line line;
	struct content_work work;
	struct connection *connections;
	uint32_t *buckets;
	uint32_t bucket_mask;
	uint32_t free_chain;
};

/* ---- the table of connections ---- */

static uint32_t power_of_two(uint32_t at_least)
{
	uint32_t n = 1;

	while (n < at_least)
		n *= 2;
	return n;
}

/* Ids are counted up by us, so nobody can aim at a bucket. */
static uint32_t *bucket_of(const struct contents *c, uint64_t id)
{
	return &c->buckets[(uint32_t)((id * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & c->bucket_mask];
}

static struct connection *find(const struct contents *c, uint64_t id)
{
	for (uint32_t link = *bucket_of(c, id); link != NONE; link = c->connections[link - 1].chain)
		if (c->connections[link - 1].id == id)
			return &c->connections[link - 1];
	return NULL;
}

static uint32_t stream_of(const struct contents *c, const struct connection *connection)
{
	return (uint32_t)(connection - c->connections);
}

/* NULL: there are too many. */
static struct connection *take_slot(struct contents *c, uint64_t id)
{
	uint32_t link = c->free_chain;
	struct connection *connection;

	if (link == NONE)
		return NULL;
	connection = &c->connections[link - 1];
	c->free_chain = connection->chain;
	*connection = (struct connection){ .id = id, .chain = *bucket_of(c, id) };
	*bucket_of(c, id) = link;
	return connection;
}

static void release_slot(struct contents *c, struct connection *connection)
{
	uint32_t slot = stream_of(c, connection);
	uint32_t *link = bucket_of(c, connection->id);

	while (*link != slot + 1)
		link = &c->connections[*link - 1].chain;
	*link = connection->chain;
	for (int side = 0; side < 2; side++)
		content_direction_clear(&c->line, &connection->side[side]);
	*connection = (struct connection){ .chain = c->free_chain };
	c->free_chain = slot + 1;
}

/* ---- segments and answers ---- */

static struct content_at at(struct contents *c, struct connection *connection, unsigned side)
{
	return (struct content_at){
		.line = &c->line,
		.d = &connection->side[side],
		.stream = stream_of(c, connection),
		.side = (uint8_t)side,
	};
}

static void tell(struct contents *c, const struct connection *connection, enum content_what what)
{
	content_ask(&c->line,
		    &(struct content_op){ .stream = stream_of(c, connection), .what = (uint8_t)what }, NULL);
}

static struct connection *open_connection(struct contents *c, uint64_t id)
{
	struct connection *connection = take_slot(c, id);

	if (connection)
		tell(c, connection, CONTENT_OPEN);
	return connection;
}

void content_segment(struct contents *c, uint64_t id, const struct segment *s, unsigned side,
		     const struct seq base[2], const uint8_t *bytes, size_t captured)
{
	struct connection *connection;
	struct content_at mine, its;

	if (c->line.cage.pid == 0 || s->kind != SEGMENT_TCP || s->flags & TCP_RST)
		return;
	connection = find(c, id);
	if (!connection && (s->len > 0 || s->flags & TCP_FIN))
		connection = open_connection(c, id);
	if (!connection)
		return;
	mine = at(c, connection, side);
	its = at(c, connection, !side);
	content_apply(&mine, &its, s, base, bytes, captured);
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* The cage is not trusted: the reply must be as long as it must be. */
static bool take_reply(struct contents *c, const struct content_direction *d, size_t replied,
		       struct content *content)
{
	uint64_t end = content_direction_end(d), mark = d->marked ? smaller(d->mark, end) : end;
	const uint64_t totals[CONTENT_PARTS] = { mark, end - mark };
	struct content_reply reply;
	size_t from = sizeof reply;

	if (replied < sizeof reply)
		return false;
	memcpy(&reply, c->line.reply, sizeof reply);
	for (int i = 0; i < CONTENT_PARTS; i++) {
		size_t n = (size_t)smaller(totals[i], c->work.tail);

		if (reply.length[i] != n || replied - from < 2 * n)
			return false;
		content->part[i].total = totals[i];
		content->part[i].length = n;
		content->part[i].bytes = c->line.reply + from;
		content->part[i].lost = c->line.reply + from + n;
		from += 2 * n;
	}
	return reply.next == end && replied == from;
}

enum content_result content_read(struct contents *c, uint64_t id, unsigned side, struct content *content)
{
	struct connection *connection = find(c, id);
	struct content_at a;
	size_t replied;

	if (c->line.cage.pid == 0)
		return CONTENT_DEAD;
	if (!connection)
		return CONTENT_UNKNOWN;
	a = at(c, connection, side);
	content_skip_to(&a, content_direction_end(a.d));
	content_ask(&c->line,
		    &(struct content_op){ .stream = a.stream, .what = CONTENT_READ, .side = a.side }, NULL);
	if (!content_flush(&c->line, &replied))
		return CONTENT_DEAD;
	if (take_reply(c, a.d, replied, content))
		return CONTENT_FINE;
	cage_close(&c->line.cage);
	return CONTENT_DEAD;
}

void content_close(struct contents *c, uint64_t id)
{
	struct connection *connection = find(c, id);

	if (!connection)
		return;
	tell(c, connection, CONTENT_CLOSE);
	release_slot(c, connection);
}

/* ---- life ---- */

static bool make_table(struct contents *c)
{
	uint32_t buckets = power_of_two(c->work.streams);

	c->connections = calloc(c->work.streams, sizeof *c->connections);
	c->buckets = calloc(buckets, sizeof *c->buckets);
	c->line.reply = malloc(content_reply_max(c->work.tail));
	c->bucket_mask = buckets - 1;
	if (!c->connections || !c->buckets || !c->line.reply)
		return false;
	for (uint32_t i = c->work.streams; i > 0; i--) {
		c->connections[i - 1].chain = c->free_chain;
		c->free_chain = i;
	}
	return true;
}

struct contents *contents_new(size_t tail)
{
	size_t each = 4 * 2 * tail + CONNECTION_BYTES, streams = TAILS_BYTES / each;
	struct contents *c = calloc(1, sizeof *c);
	struct cage_work work = {
		.name = "lastack-content",
		.request_max = CONTENT_REQUEST_MAX,
		.reply_max = content_reply_max(tail),
		.prepare = content_work_prepare,
		.serve = content_work_serve,
	};

	if (!c)
		return NULL;
	if (streams < CONNECTIONS_MIN)
		streams = CONNECTIONS_MIN;
	if (streams > CONNECTIONS_MAX)
		streams = CONNECTIONS_MAX;
	work.memory = streams * each + 2 * (size_t)CONTENT_QUEUE_TOTAL + WORKER_BYTES;
	c->work = (struct content_work){ .streams = (uint32_t)streams, .tail = tail };
	if (make_table(c) && cage_open(&c->line.cage, &work, &c->work) == 0)
		return c;

	int error = errno;

	contents_free(c);
	errno = error;
	return NULL;
}

pid_t contents_worker(const struct contents *c)
{
	return c->line.cage.pid;
}

void contents_free(struct contents *c)
{
	if (!c)
		return;
	cage_close(&c->line.cage);
	for (uint32_t i = 0; c->connections && i < c->work.streams; i++)
		for (int side = 0; side < 2; side++)
			content_direction_clear(&c->line, &c->connections[i].side[side]);
	free(c->connections);
	free(c->buckets);
	free(c->line.reply);
	free(c);
}
