/* SPDX-License-Identifier: GPL-2.0-or-later */
/* content_stream.c - sequence numbers, holes and patience. */
#include "dissect/content_stream.h"

#include <string.h>

#include "dissect/nids_work.h"

enum {
	FAR_AHEAD = 1 << 30, /* as in the analyzer: no honest sender is this far ahead */
	REACH = 1 << 29,     /* libnids' window is 1 GiB */
	PATIENCE = 64,	     /* packets for which a hole that was acknowledged is still waited for */
};

/* ---- what the cage is asked ---- */

bool content_flush(struct content_line *line, size_t *replied)
{
	size_t length = line->request_length;

	line->request_length = 0;
	return cage_ask(&line->cage, length, line->reply, replied);
}

void content_ask(struct content_line *line, const struct content_op *op, const uint8_t *bytes)
{
	size_t replied;

	if (sizeof *op + op->length > CONTENT_REQUEST_MAX - line->request_length)
		content_flush(line, &replied);
	if (line->cage.pid == 0)
		return;
	memcpy(line->cage.request + line->request_length, op, sizeof *op);
	line->request_length += sizeof *op;
	if (!bytes)
		return;
	memcpy(line->cage.request + line->request_length, bytes, op->length);
	line->request_length += op->length;
}

/* ---- one direction ---- */

static void ask_at(const struct content_at *a, enum content_what what, uint64_t offset)
{
	content_ask(a->line,
		    &(struct content_op){
			    .at = offset, .stream = a->stream, .what = (uint8_t)what, .side = a->side },
		    NULL);
}

uint64_t content_direction_end(const struct content_direction *d)
{
	if (d->has_fin)
		return d->fin;
	return d->sent > d->acked ? d->sent : d->acked;
}

/* Sequence numbers go round, offsets do not: the one nearest to the end is meant. */
static int64_t offset_of(const struct content_direction *d, struct seq number)
{
	uint64_t end = content_direction_end(d);

	return (int64_t)end + seq_diff(number, seq_plus(d->base, (uint32_t)end + 1));
}

/* The first hole is one for good. False: there is none. */
static bool give_up_hole(const struct content_at *a)
{
	struct extent *e = &a->d->extent;
	uint64_t from = e->next;
	size_t queued = e->queued;
	uint64_t hole = extent_give_up(e);

	if (hole == 0)
		return false;
	a->line->queued -= queued - e->queued;
	a->d->waited = 0;
	ask_at(a, CONTENT_SKIP, from + hole);
	return true;
}

void content_skip_to(const struct content_at *a, uint64_t to)
{
	while (a->d->extent.next < to && give_up_hole(a))
		continue;
	while (a->d->extent.next < to) {
		uint64_t left = to - a->d->extent.next;

		a->d->extent.next += left < REACH ? left : REACH;
		ask_at(a, CONTENT_SKIP, a->d->extent.next);
	}
}

/* Whether bytes may wait behind a hole. */
static bool may_wait(const struct content_at *a, uint64_t from, uint64_t to)
{
	const struct extent *e = &a->d->extent;
	size_t cost = (size_t)(to - from) + EXTENT_PIECE;

	return to - e->next <= REACH && e->count < EXTENT_ISLANDS_MAX &&
	       e->queued + cost <= CONTENT_QUEUE_MAX && a->line->queued + cost <= CONTENT_QUEUE_TOTAL;
}

static void put_pieces(const struct content_at *a, uint64_t from, uint64_t to, const uint8_t *bytes)
{
	while (from < to) {
		uint64_t n = to - from < NIDS_PIECE_MAX ? to - from : NIDS_PIECE_MAX;
		struct content_op op = {
			.at = from,
			.stream = a->stream,
			.length = (uint16_t)n,
			.what = CONTENT_PUT,
			.side = a->side,
		};

		content_ask(a->line, &op, bytes);
		bytes += n;
		from += n;
	}
}

static void take_bytes(const struct content_at *a, uint64_t from, uint64_t to, const uint8_t *bytes)
{
	struct extent *e = &a->d->extent;
	size_t queued;

	if (!extent_lacks(e, from, to))
		return;
	while (from > e->next && !may_wait(a, from, to) && give_up_hole(a))
		continue;
	if (from > e->next && !may_wait(a, from, to))
		content_skip_to(a, from);
	queued = e->queued;
	if (!extent_add(e, from, to)) { /* memory is out */
		content_skip_to(a, from);
		queued = e->queued;
		extent_add(e, from, to);
	}
	a->line->queued += e->queued;
	a->line->queued -= queued;
	put_pieces(a, from, to, bytes);
}

/* ---- segments ---- */

static void note_base(struct content_direction *d, struct seq base)
{
	if (!d->based)
		d->base = base;
	d->based = true;
}

static void note_ack(struct content_direction *d, struct seq ack)
{
	int64_t offset = offset_of(d, ack);

	if (offset > (int64_t)d->acked && offset - (int64_t)content_direction_end(d) < FAR_AHEAD)
		d->acked = (uint64_t)offset;
}

static void note_bytes(const struct content_at *a, const struct segment *s, const uint8_t *bytes,
		       size_t captured)
{
	struct content_direction *d = a->d;
	int64_t from = offset_of(d, seq_plus(s->seq, s->flags & TCP_SYN ? 1 : 0));
	int64_t to = from + s->len;

	if (to <= 0 || to - (int64_t)content_direction_end(d) >= FAR_AHEAD ||
	    (d->has_fin && to > (int64_t)d->fin))
		return;
	if ((uint64_t)to > d->sent)
		d->sent = (uint64_t)to;
	if (captured < s->len)
		to = from + (int64_t)captured;
	if (to <= 0 || captured == 0)
		return;
	if (from < 0) { /* joined in the middle, and this began before */
		bytes += -from;
		from = 0;
	}
	take_bytes(a, (uint64_t)from, (uint64_t)to, bytes);
}

static void note_fin(struct content_direction *d, const struct segment *s)
{
	int64_t offset = offset_of(d, seq_plus(s->seq, s->len + (s->flags & TCP_SYN ? 1 : 0)));

	if (d->has_fin || offset < (int64_t)d->sent || offset < (int64_t)d->extent.next ||
	    offset - (int64_t)d->sent >= FAR_AHEAD)
		return;
	d->has_fin = true;
	d->fin = (uint64_t)offset;
}

/*
 * From when on has this side known that the other sends no more? Looked at before each segment of its own,
 * because the tap may show an acknowledgement before the FIN that it is for.
 */
static void note_mark(const struct content_at *a, const struct content_direction *other)
{
	if (a->d->marked || !other->has_fin || other->acked <= other->fin)
		return;
	a->d->marked = true;
	a->d->mark = content_direction_end(a->d);
	ask_at(a, CONTENT_MARK, a->d->mark);
}

/*
 * What the receiver has acknowledged does not come again, so that a hole there is the capture's. But an
 * acknowledgement may have been captured before what it is for.
 */
static void note_patience(const struct content_at *a)
{
	const struct extent *e = &a->d->extent;

	if (e->count == 0 || a->d->acked < e->islands[0].from)
		a->d->waited = 0;
	else if (++a->d->waited > PATIENCE)
		give_up_hole(a);
}

void content_apply(const struct content_at *mine, const struct content_at *its, const struct segment *s,
		   const struct seq base[2], const uint8_t *bytes, size_t captured)
{
	note_base(mine->d, base[mine->side]);
	if (s->flags & TCP_ACK) {
		note_base(its->d, base[its->side]);
		note_ack(its->d, s->ack);
	}
	note_mark(mine, its->d);
	if (s->len > 0)
		note_bytes(mine, s, bytes, captured < s->len ? captured : s->len);
	if (s->flags & TCP_FIN)
		note_fin(mine->d, s);
	note_patience(mine);
	note_patience(its);
}

void content_direction_clear(struct content_line *line, struct content_direction *d)
{
	line->queued -= d->extent.queued;
	extent_clear(&d->extent);
}
