/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ladder.c - see ladder.h. */
#include "ui/ladder.h"

#include <stdlib.h>

/* Every segment that is shown can have a fold before it, or what is not worth folding. */
enum {
	SHOWN_MAX = LADDER_KEPT + LADDER_PENDING + RECORD_EVIDENCE_MAX + 2,
	LINES_MAX = (1 + LADDER_SHORT_FOLD) * (SHOWN_MAX + 1),
};

/* What one side has sent so far. */
struct sent {
	bool any;
	struct seq nxt;		       /* one beyond its highest number */
	struct seq hole_from, hole_to; /* the newest bytes skipped */
	uint8_t syns;		       /* kinds of SYN: 1 without ACK, 2 with */
};

struct ladder {
	struct record record;
	struct ladder_facts facts;
	struct ladder_line lines[LINES_MAX];
	size_t line_count, kept;
	struct rung pending[LADDER_PENDING]; /* a ring */
	size_t first, pending_count;
	struct fold fold;		       /* since the last line */
	struct rung folded[LADDER_SHORT_FOLD]; /* the first of these */
	struct sent sent[2];
	struct seq base[2];
	bool base_known[2];
	uint64_t seen, repeats, striking, duplicates;
	uint64_t tries[2];  /* repeats since the other side's last packet */
	struct moment last; /* of the last own segment; before the first: its own */
	uint8_t state[2];
	bool closed; /* the closing packet has passed */
};

struct ladder *ladder_new(const struct record *record)
{
	struct ladder *l = calloc(1, sizeof *l);

	if (!l)
		return NULL;
	l->record = *record;
	l->facts.silence = UNKNOWN_NS;
	return l;
}

void ladder_free(struct ladder *l)
{
	free(l);
}

const struct record *ladder_record(const struct ladder *l)
{
	return &l->record;
}

size_t ladder_count(const struct ladder *l)
{
	return l->line_count;
}

const struct ladder_line *ladder_line(const struct ladder *l, size_t i)
{
	return &l->lines[i];
}

const struct ladder_facts *ladder_facts(const struct ladder *l)
{
	return &l->facts;
}

uint64_t ladder_duplicates(const struct ladder *l)
{
	return l->duplicates;
}

struct seq ladder_base(const struct ladder *l, enum side side)
{
	return l->base[side];
}

/* ---- lines ---- */

static void add_line(struct ladder *l, const struct ladder_line *line)
{
	if (l->line_count < LINES_MAX)
		l->lines[l->line_count++] = *line;
}

static void close_fold(struct ladder *l)
{
	struct ladder_line line = { .folded = true, .fold = l->fold };

	if (l->fold.segments > LADDER_SHORT_FOLD) {
		add_line(l, &line);
	} else {
		line.folded = false;
		for (size_t i = 0; i < l->fold.segments; i++) {
			line.rung = l->folded[i];
			add_line(l, &line);
		}
	}
	l->fold = (struct fold){ 0 };
}

static void add_to_fold(struct ladder *l, const struct rung *rung)
{
	struct fold *fold = &l->fold;

	if (fold->segments < LADDER_SHORT_FOLD)
		l->folded[fold->segments] = *rung;
	if (fold->segments == 0)
		fold->first = rung->at;
	fold->last = rung->at;
	fold->segments++;
	fold->bytes[rung->side] += rung->len;
	fold->repeats += (rung->notes & RUNG_AGAIN) != 0;
}

/* The oldest of those pending: shown, or folded. last = those that remain at the end are. */
static void settle(struct ladder *l, bool last)
{
	const struct rung *rung = &l->pending[l->first];
	bool room = last || l->kept < LADDER_KEPT;

	if (rung->marks || (rung->keep && room)) {
		struct ladder_line line = { .rung = *rung };

		close_fold(l);
		add_line(l, &line);
		l->kept++;
	} else {
		add_to_fold(l, rung);
	}
	l->first = (l->first + 1) % LADDER_PENDING;
	l->pending_count--;
}

static struct rung *newest(struct ladder *l, size_t back)
{
	if (back >= l->pending_count)
		return NULL;
	return &l->pending[(l->first + l->pending_count - 1 - back) % LADDER_PENDING];
}

static void keep_context(struct ladder *l)
{
	for (size_t back = 0; back < LADDER_CONTEXT; back++) {
		struct rung *rung = newest(l, back);

		if (rung)
			rung->keep = true;
	}
}

void ladder_finish(struct ladder *l)
{
	keep_context(l);
	while (l->pending_count > 0)
		settle(l, true);
	close_fold(l);
}

/* ---- what a segment is ---- */

static uint32_t room_of(const struct segment *s)
{
	return s->len + ((s->flags & TCP_SYN) != 0) + ((s->flags & TCP_FIN) != 0);
}

static uint8_t syn_kind(const struct segment *s)
{
	if (!(s->flags & TCP_SYN))
		return 0;
	return s->flags & TCP_ACK ? 2 : 1;
}

static bool is_probe(const struct sent *sent, const struct segment *s)
{
	return sent->any && s->len <= 1 && !(s->flags & (TCP_SYN | TCP_FIN | TCP_RST)) &&
	       seq_diff(sent->nxt, s->seq) == 1;
}

static bool in_hole(const struct sent *sent, const struct segment *s)
{
	return seq_diff(sent->hole_to, sent->hole_from) > 0 && seq_diff(s->seq, sent->hole_from) >= 0 &&
	       seq_diff(seq_plus(s->seq, room_of(s)), sent->hole_to) <= 0;
}

/* Notes on a TCP segment by what its side had sent before; takes it into account. */
static uint8_t note_sent(struct sent *sent, const struct segment *s)
{
	struct seq end = seq_plus(s->seq, room_of(s));
	bool old = sent->any && room_of(s) > 0 && seq_diff(end, sent->nxt) <= 0;
	uint8_t notes = 0;

	if (s->flags & TCP_RST)
		return 0;
	if (is_probe(sent, s))
		notes = RUNG_PROBE;
	else if (old && in_hole(sent, s))
		notes = RUNG_FILLS;
	else if (old && (syn_kind(s) == 0 || (sent->syns & syn_kind(s))))
		notes = RUNG_AGAIN;
	if (sent->any && seq_diff(s->seq, sent->nxt) > 0) {
		sent->hole_from = sent->nxt;
		sent->hole_to = s->seq;
	}
	if (!sent->any || seq_diff(end, sent->nxt) > 0)
		sent->nxt = end;
	sent->any = true;
	sent->syns |= syn_kind(s);
	return notes;
}

static uint8_t marks_of(const struct record *record, uint64_t packet)
{
	uint8_t marks = 0;

	if (packet == record->closing_packet)
		marks |= RUNG_CLOSING;
	if (packet == record->trigger_packet)
		marks |= RUNG_TRIGGER;
	for (int i = 0; i < record->evidence_count; i++)
		if (packet == record->evidence[i])
			marks |= RUNG_EVIDENCE;
	return marks;
}

/* ---- facts ---- */

static void note_tries(struct ladder *l, const struct rung *rung)
{
	struct ladder_facts *facts = &l->facts;
	enum side me = (enum side)rung->side;

	l->tries[other(me)] = 0;
	if (!(rung->notes & (RUNG_AGAIN | RUNG_PROBE)))
		return;
	if (++l->tries[me] >= facts->tries[me]) {
		facts->tries[me] = l->tries[me];
		facts->last_try[me] = rung->packet;
	}
}

static void note_syn(struct ladder_facts *facts, const struct rung *rung)
{
	if (facts->syn == 0)
		facts->syn = rung->packet;
	facts->last_syn = rung->packet;
	facts->syns++;
}

static void note_icmp(struct ladder_facts *facts, const struct segment *s)
{
	if (facts->icmp != 0)
		return;
	facts->icmp = s->packet;
	facts->reporter = s->says.icmp.reporter;
	facts->icmp_type = s->says.icmp.type;
	facts->icmp_code = s->says.icmp.code;
	facts->icmp_ipv6 = s->bits & SEGMENT_IPV6;
}

static void note_facts(struct ladder *l, const struct rung *rung, const struct segment *s)
{
	struct ladder_facts *facts = &l->facts;
	const struct record *record = &l->record;
	uint64_t waited_for = record->trigger_packet ? record->trigger_packet : record->closing_packet;

	int64_t gap = rung->at.ns > l->last.ns ? rung->at.ns - l->last.ns : 0;
	bool first_fin = (s->flags & TCP_FIN) && facts->fin[CLIENT] + facts->fin[SERVER] == 0;

	if (rung->packet == waited_for)
		facts->silence = gap;
	if ((rung->packet == waited_for || first_fin) && gap > facts->quiet)
		facts->quiet = gap;
	if (rung->packet == record->closing_packet)
		facts->rst_side = (enum side)rung->side;
	if (s->kind == SEGMENT_ICMP) {
		note_icmp(facts, s);
		return;
	}
	note_tries(l, rung);
	if ((s->flags & TCP_FIN) && facts->fin[rung->side] == 0)
		facts->fin[rung->side] = rung->packet;
	if (syn_kind(s) == 1)
		note_syn(facts, rung);
	if (s->len > 0 && !l->closed && !(s->flags & TCP_RST)) {
		facts->data_last[rung->side] = true;
		facts->data_last[other((enum side)rung->side)] = false;
	}
}

/* ---- segments ---- */

static void note_base(struct ladder *l, const struct sighting *sighting)
{
	const struct segment *s = sighting->segment;
	enum side me = sighting->side, peer = other(me);

	/* An end that was not seen has none: then what the other acknowledges first does. */
	for (int side = CLIENT; side <= SERVER; side++) {
		if (sighting->base[side].n == 0)
			continue;
		l->base[side] = sighting->base[side];
		l->base_known[side] = true;
	}
	if (!l->base_known[peer] && s->kind == SEGMENT_TCP && (s->flags & TCP_ACK) && s->ack.n != 0) {
		l->base[peer] = seq_plus(s->ack, UINT32_MAX);
		l->base_known[peer] = true;
	}
}

static bool same_frame(const struct rung *rung, const struct sighting *sighting)
{
	const struct segment *s = sighting->segment;

	return rung->side == (uint8_t)sighting->side && rung->seq.n == s->seq.n && rung->ack.n == s->ack.n &&
	       rung->flags == s->flags && rung->len == s->len && rung->kind == s->kind;
}

/* A duplicate frame is counted with the one it repeats, where that is still at hand. */
static void add_duplicate(struct ladder *l, const struct sighting *sighting)
{
	struct ladder_line *line = l->line_count > 0 ? &l->lines[l->line_count - 1] : NULL;

	l->duplicates++;
	for (size_t back = 0; back < l->pending_count; back++) {
		struct rung *rung = newest(l, back);

		if (same_frame(rung, sighting)) {
			rung->copies++;
			return;
		}
	}
	if (line && !line->folded && l->fold.segments == 0 && same_frame(&line->rung, sighting))
		line->rung.copies++;
}

static struct rung make_rung(struct ladder *l, const struct sighting *sighting, bool own)
{
	const struct segment *s = sighting->segment;
	struct rung rung = {
		.packet = s->packet,
		.at = s->at,
		.seq = s->seq,
		.ack = s->ack,
		.len = s->kind == SEGMENT_TCP ? s->len : 0,
		.window = s->window,
		.kind = s->kind,
		.flags = s->flags,
		.side = (uint8_t)sighting->side,
		.state = { l->state[CLIENT], l->state[SERVER] },
		.marks = marks_of(&l->record, s->packet),
		.notes = own ? 0 : RUNG_ATTEMPT,
	};

	if (own) {
		rung.state[CLIENT] = (uint8_t)sighting->state[CLIENT];
		rung.state[SERVER] = (uint8_t)sighting->state[SERVER];
	}
	if (s->kind == SEGMENT_ICMP) {
		rung.icmp_type = s->says.icmp.type;
		rung.icmp_code = s->says.icmp.code;
	} else if (own) {
		rung.notes = note_sent(&l->sent[sighting->side], s);
	}
	return rung;
}

/* Shown, with what came before it. */
static bool is_striking(const struct rung *rung)
{
	return rung->marks || rung->kind == SEGMENT_ICMP || (rung->flags & (TCP_FIN | TCP_RST)) ||
	       (rung->notes & RUNG_ATTEMPT);
}

static bool is_kept(struct ladder *l, const struct rung *rung)
{
	if (rung->marks || l->seen <= LADDER_FIRST || (rung->flags & TCP_SYN))
		return true;
	if (is_striking(rung))
		return l->striking++ < LADDER_STRIKING;
	if (rung->state[CLIENT] != l->state[CLIENT] || rung->state[SERVER] != l->state[SERVER])
		return true;
	return (rung->notes & (RUNG_AGAIN | RUNG_PROBE)) && l->repeats++ < LADDER_REPEATS;
}

void ladder_add(struct ladder *l, const struct sighting *sighting, bool own)
{
	struct rung rung;

	if (sighting->duplicate) {
		add_duplicate(l, sighting);
		return;
	}
	if (l->seen++ == 0)
		l->last = sighting->segment->at;
	if (own)
		note_base(l, sighting);
	rung = make_rung(l, sighting, own);
	note_facts(l, &rung, sighting->segment);
	rung.keep = is_kept(l, &rung);
	if (is_striking(&rung) && rung.keep)
		keep_context(l);
	if (l->pending_count == LADDER_PENDING)
		settle(l, false);
	l->pending[(l->first + l->pending_count++) % LADDER_PENDING] = rung;
	memcpy(l->state, rung.state, sizeof l->state);
	l->last = sighting->segment->at;
	if (rung.marks & RUNG_CLOSING)
		l->closed = true;
}
