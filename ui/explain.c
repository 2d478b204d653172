/* SPDX-License-Identifier: GPL-2.0-or-later */
/* explain.c - which connections are explained, and their packets; explain_print.c tells of them. */
#include "ui/explain.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "ui/complain.h"
#include "ui/explain_parts.h"

/* The pair and connection of a packet that a selector names. */
struct named_packet {
	bool seen;
	uint64_t connection; /* first packet of it */
	struct host src, dst;
	uint16_t sport, dport;
};

/* What a selector meant. */
struct found {
	uint64_t records, left_out; /* the second by --only */
	enum close close;	    /* of the first that was left out, as the next */
	enum cause cause;
};

struct explain {
	struct sink sink;      /* first: see record.h; of the first reading */
	struct sink collector; /* of the second: see explain_of_collector() */
	struct explain_options options;
	struct named_packet *named;	   /* by selector */
	struct found *found;		   /* by selector */
	const struct dissector *dissector; /* of the second reading */
	struct explained explained;
};

static bool is_pair(const struct record *r, const struct host *a, uint16_t a_port, const struct host *b,
		    uint16_t b_port)
{
	return (r->port[CLIENT] == a_port && r->port[SERVER] == b_port && host_equal(&r->host[CLIENT], a) &&
		host_equal(&r->host[SERVER], b)) ||
	       (r->port[CLIENT] == b_port && r->port[SERVER] == a_port && host_equal(&r->host[CLIENT], b) &&
		host_equal(&r->host[SERVER], a));
}

/*
 * A packet's connection is told by its first packet. A SYN on a pair in use, counted as a connection of its
 * own, may have turned out to be none: then it belongs to the one around it.
 */
static bool holds_packet(const struct record *record, const struct named_packet *named, uint64_t packet)
{
	if (!named->seen)
		return false;
	if (record->first_packet == named->connection)
		return true;
	return named->connection == packet && record->first_packet < packet &&
	       packet <= record->last_packet &&
	       is_pair(record, &named->src, named->sport, &named->dst, named->dport);
}

static bool selects(const struct explain *e, size_t i, const struct record *record)
{
	const struct selector *selector = &e->options.selectors[i];

	if (selector->packet)
		return holds_packet(record, &e->named[i], selector->packet);
	return selector_takes(selector, record->host, record->port);
}

bool explain_takes(const struct explain *e, const struct record *record)
{
	for (size_t i = 0; i < e->options.selector_count; i++)
		if (selects(e, i, record))
			return only_takes(&e->options.only, record);
	return false;
}

static void count_found(struct found *found, const struct record *record, bool taken)
{
	found->records++;
	if (taken)
		return;
	if (found->left_out++ == 0) {
		found->close = record->close;
		found->cause = record->cause;
	}
}

bool explain_add(struct explain *e, const struct record *record)
{
	struct explained *x = &e->explained;

	if (x->n == EXPLAIN_MAX) {
		errno = ENOSPC;
		return false;
	}
	x->ladders[x->n] = ladder_new(record);
	if (!x->ladders[x->n])
		return false;
	x->n++;
	return true;
}

static void explain_record(struct sink *sink, const struct record *record)
{
	struct explain *e = (struct explain *)sink;
	struct explained *x = &e->explained;

	for (size_t i = 0; i < e->options.selector_count; i++)
		if (selects(e, i, record))
			count_found(&e->found[i], record, only_takes(&e->options.only, record));
	if (explain_takes(e, record) && !explain_add(e, record))
		x->more++;
}

static void explain_segment(struct sink *sink, const struct sighting *sighting)
{
	struct explain *e = (struct explain *)sink;
	const struct segment *s = sighting->segment;

	for (size_t i = 0; i < e->options.selector_count; i++) {
		if (e->options.selectors[i].packet != s->packet)
			continue;
		e->named[i] = (struct named_packet){
			.seen = true,
			.connection = sighting->connection,
			.src = s->src,
			.dst = s->dst,
			.sport = s->sport,
			.dport = s->dport,
		};
	}
}

struct explain *explain_new(const struct explain_options *options)
{
	struct explain *e = calloc(1, sizeof *e);

	if (!e)
		return NULL;
	e->sink.record = explain_record;
	e->options = *options;
	e->named = calloc(options->selector_count + 1, sizeof *e->named);
	e->found = calloc(options->selector_count + 1, sizeof *e->found);
	e->explained.timers = options->timers;
	e->explained.several_inputs = options->several_inputs;
	if (!e->named || !e->found) {
		explain_free(e);
		return NULL;
	}
	for (size_t i = 0; i < options->selector_count; i++)
		if (options->selectors[i].packet)
			e->sink.segment = explain_segment;
	return e;
}

void explain_free(struct explain *e)
{
	if (!e)
		return;
	for (size_t i = 0; i < e->explained.n; i++)
		ladder_free(e->explained.ladders[i]);
	free(e->named);
	free(e->found);
	free(e);
}

struct sink *explain_sink(struct explain *e)
{
	return &e->sink;
}

static void say_not_found(const struct explain *e, size_t i)
{
	const struct selector *selector = &e->options.selectors[i];
	char bytes[SELECTOR_ADVICE_MAX];
	struct text advice = { .bytes = bytes, .size = sizeof bytes };

	selector_advice(selector, &advice);
	complain("--explain",
		 selector->packet && !e->named[i].seen
			 ? "%s: there is no such packet, or it is of no TCP connection%s"
			 : "%s: there is no such connection%s",
		 selector->given, text_end(&advice));
}

static void say_left_out(const struct explain *e, size_t i)
{
	const struct found *found = &e->found[i];
	const char *cause = cause_words[found->cause].name;

	if (found->left_out == 1)
		complain("--explain", "%s: the connection is %s%s%s, which --only leaves out",
			 e->options.selectors[i].given, close_words[found->close].name, *cause ? "/" : "",
			 cause);
	else
		complain("--explain", "%s: --only leaves out all %" PRIu64 " connections that it means",
			 e->options.selectors[i].given, found->left_out);
}

bool explain_found_all(const struct explain *e)
{
	bool all = true;

	for (size_t i = 0; i < e->options.selector_count; i++) {
		const struct found *found = &e->found[i];

		if (found->records == 0)
			say_not_found(e, i);
		else if (found->left_out == found->records)
			say_left_out(e, i);
		all = all && found->records > 0;
	}
	return all;
}

/* ---- the second reading ---- */

static struct explain *explain_of_collector(struct sink *collector)
{
	return (struct explain *)((char *)collector - offsetof(struct explain, collector));
}

static void drop_record(struct sink *sink, const struct record *record)
{
	(void)sink;
	(void)record;
}

static bool within(const struct record *record, uint64_t packet)
{
	return record->first_packet <= packet && packet <= record->last_packet;
}

static bool is_attempt(const struct sighting *sighting)
{
	const struct segment *s = sighting->segment;

	return sighting->connection == s->packet && s->kind == SEGMENT_TCP &&
	       (s->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

/* The segment is of the connection itself; one that the first reading had to evict goes on under another
 * name. */
static bool is_own(const struct record *record, const struct sighting *sighting)
{
	return sighting->connection == record->first_packet ||
	       (record->midstream && sighting->connection < record->first_packet);
}

/* While the segment is the last that was dissected. */
static void collect_payload(const struct explain *e, const struct record *record,
			    const struct sighting *sighting)
{
	size_t captured = 0;
	const uint8_t *bytes = dissect_payload(e->dissector, &captured);

	if (e->explained.contents)
		content_segment(e->explained.contents, record->first_packet, sighting->segment,
				sighting->side, sighting->base, bytes, captured);
}

static void collect(struct sink *collector, const struct sighting *sighting)
{
	const struct segment *s = sighting->segment;
	struct explain *e = explain_of_collector(collector);
	struct explained *x = &e->explained;
	struct ladder *around = NULL;

	for (size_t i = 0; i < x->n; i++) {
		const struct record *record = ladder_record(x->ladders[i]);

		if (!within(record, s->packet) || !is_pair(record, &s->src, s->sport, &s->dst, s->dport))
			continue;
		if (is_own(record, sighting)) {
			ladder_add(x->ladders[i], sighting, true);
			collect_payload(e, record, sighting);
			return;
		}
		around = x->ladders[i];
	}
	if (around && is_attempt(sighting))
		ladder_add(around, sighting, false);
}

static bool wanted(const struct explained *x, const struct segment *s)
{
	for (size_t i = 0; i < x->n; i++)
		if (is_pair(ladder_record(x->ladders[i]), &s->src, s->sport, &s->dst, s->dport))
			return true;
	return false;
}

static uint64_t last_wanted(const struct explained *x)
{
	uint64_t last = 0;

	for (size_t i = 0; i < x->n; i++)
		if (ladder_record(x->ladders[i])->last_packet > last)
			last = ladder_record(x->ladders[i])->last_packet;
	return last;
}

/* As the first reading does (run.c): time moves with every packet that passed -f, TCP or not. */
static bool read_again(struct explain *e, struct captures *captures, struct dissector *dissector,
		       struct tracker *tracker)
{
	uint64_t last = last_wanted(&e->explained);
	struct moment now = { INT64_MIN };
	struct segment segment;
	struct frame frame;

	while (captures_next(captures, &frame) && frame.packet <= last) {
		bool is_segment = dissect_frame(dissector, &frame, &segment);

		if (frame.matched && frame.at.ns > now.ns)
			now = frame.at;
		if (!is_segment || !wanted(&e->explained, &segment))
			continue;
		if (now.ns != INT64_MIN)
			tracker_tick(tracker, now);
		if (tracker_feed(tracker, &segment, 1) == -1)
			return false;
	}
	return true;
}

bool explain_read(struct explain *e, struct captures *captures, struct dissector *dissector,
		  struct contents *contents, const struct tracker_options *options)
{
	struct tracker *tracker;
	bool fine;

	e->collector = (struct sink){ .record = drop_record, .segment = collect };
	e->dissector = dissector;
	e->explained.contents = contents;
	tracker = tracker_new(options, &e->collector);
	fine = tracker && read_again(e, captures, dissector, tracker);
	tracker_free(tracker);
	for (size_t i = 0; i < e->explained.n; i++)
		ladder_finish(e->explained.ladders[i]);
	return fine;
}

void explain_print(const struct explain *e, struct page *page, const struct captures *captures,
		   uint64_t forgotten)
{
	explained_print(&e->explained, page, captures, forgotten);
}
