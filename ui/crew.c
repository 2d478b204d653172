/* SPDX-License-Identifier: GPL-2.0-or-later */
/* crew.c - see crew.h. */
#include "ui/crew.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "analyzer/fetch.h"
#include "ui/report.h"

/*
 * Of TRACKER_PARTS parts, those that the thread that reads analyses as well: so both have as much to do. It
 * has more where the other writes rows; and yet more where that also makes them all.
 */
enum { SHEAF_RECORDS = 16, HELPER_PARTS = 22, HELPER_PARTS_WRITING = 24, HELPER_PARTS_ROWS = 24 };

/* Of rows, a sheaf has room for one more when it has so many bytes. */
enum { SHEAF_TEXT = 32 * 1024 };

/* Some of a tracker's records; or brief ones, and the rows that were made of them. */
struct sheaf {
	struct record records[SHEAF_RECORDS];
	size_t n;
	bool nanoseconds, round, last; /* as the parcel's that they come from */
	size_t ends[SHEAF_RECORDS];    /* where each row ends in 'text' */
	char text[];		       /* where there are rows */
};

struct member {
	struct sink sink; /* first: see record.h */
	struct crew *crew;
	struct tracker *tracker;
	pthread_t thread;
	struct relay *in, *out;
	struct sheaf *filled;	   /* of 'out', being filled; NULL = none yet */
	const struct parcel *from; /* what it analyses */
	bool rows;		   /* it makes rows, too: see writers_rows_apart() */
	int error;		   /* errno; 0 = fine */
	/* The main thread's: what it has of 'out', and how far it got. */
	const struct sheaf *got;
	size_t at;
};

/* Puts a helper's records where they belong among those of the main thread's tracker. */
struct merging {
	struct sink sink; /* first: see record.h */
	struct crew *crew;
};

struct crew {
	struct tracker_options options;
	struct sink *sink;
	struct writers *writers;
	struct tracker *only;	/* NULL: only members have any */
	int error;		/* of 'only' */
	struct member *members; /* beside 'only', the helper is the first, and has no thread */
	int count;
	struct merging merging;
	atomic_bool unwanted;
};

struct crew *crew_new(const struct tracker_options *options, struct sink *sink, struct writers *writers)
{
	struct crew *crew = calloc(1, sizeof *crew);

	if (!crew)
		return NULL;
	crew->options = *options;
	crew->sink = sink;
	crew->writers = writers;
	crew->only = tracker_new(options, sink);
	if (crew->only)
		return crew;
	crew_free(crew);
	return NULL;
}

struct tracker *crew_tracker(struct crew *crew)
{
	return crew->only;
}

bool crew_wanted(const struct crew *crew)
{
	return !atomic_load_explicit(&crew->unwanted, memory_order_relaxed);
}

static void stop(struct crew *crew)
{
	atomic_store_explicit(&crew->unwanted, true, memory_order_relaxed);
}

/* 0, 1, 2 ... */
static const uint8_t all_of_them[PARCEL_SEGMENTS] = {
#define TEN(n) n, n + 1, n + 2, n + 3, n + 4, n + 5, n + 6, n + 7, n + 8, n + 9
	TEN(0),	  TEN(10),  TEN(20), TEN(30), TEN(40), TEN(50), TEN(60), TEN(70), TEN(80), TEN(90),
	TEN(100), TEN(110), 120,     121,     122,     123,	124,	 125,	  126,	   127,
#undef TEN
};

/* What a tracker does with a parcel, or its share of it. 0, or the first errno; after an earlier one it only
 * ends its records. */
static int analyse(struct tracker *tracker, const struct parcel *parcel, int share, int error)
{
	const uint8_t *which = parcel->shared ? parcel->shares[share].which : all_of_them;
	size_t n = parcel->shared ? parcel->shares[share].n : parcel->n;

	if (error == 0 && tracker_feed_keyed(tracker, parcel->segments, parcel->keys, which, n) == -1)
		error = errno;
	if (parcel->round)
		tracker_round(tracker, parcel->now);
	if (parcel->last && tracker_finish(tracker) == -1 && error == 0)
		error = errno;
	return error;
}

/* ---- several, and the helper ---- */

static struct sheaf *sheaf_of(struct member *m)
{
	if (!m->filled) {
		m->filled = relay_blank(m->out);
		m->filled->n = 0;
		m->filled->nanoseconds = m->from->nanoseconds;
		m->filled->round = m->filled->last = false;
	}
	return m->filled;
}

/* Where a row of a sheaf begins. */
static size_t row_start(const struct sheaf *sheaf, size_t at)
{
	return at == 0 ? 0 : sheaf->ends[at - 1];
}

static void make_row(const struct member *m, struct sheaf *sheaf, const struct record *record)
{
	struct text text = {
		.bytes = sheaf->text,
		.size = SHEAF_TEXT + REPORT_ROW_MAX,
		.length = row_start(sheaf, sheaf->n),
	};

	writers_make_row(m->crew->writers, record, m->from->nanoseconds, &text);
	sheaf->ends[sheaf->n] = text.length;
}

static bool is_full(const struct member *m, const struct sheaf *sheaf)
{
	return sheaf->n == SHEAF_RECORDS || (m->rows && row_start(sheaf, sheaf->n) > SHEAF_TEXT);
}

static void take_record(struct sink *sink, const struct record *record)
{
	struct member *m = (struct member *)sink;
	struct sheaf *sheaf = sheaf_of(m);

	if (m->rows)
		make_row(m, sheaf, record);
	if (m->rows || sink->brief)
		record_copy_brief(&sheaf->records[sheaf->n++], record);
	else
		record_copy(&sheaf->records[sheaf->n++], record);
	if (!is_full(m, sheaf))
		return;
	relay_send_later(m->out);
	m->filled = NULL;
}

static void member_take(struct member *m, const struct parcel *parcel)
{
	m->from = parcel;
	m->error = analyse(m->tracker, parcel, SHARE_READER, m->error);
	if (m->error != 0)
		stop(m->crew);
	if (!parcel->round)
		return;
	sheaf_of(m)->round = true;
	sheaf_of(m)->last = parcel->last;
	relay_send(m->out);
	m->filled = NULL;
}

static void *work(void *argument)
{
	struct member *m = argument;
	const struct parcel *parcel;

	while ((parcel = relay_take(m->in)) != NULL)
		member_take(m, parcel);
	return NULL;
}

static void free_members(struct crew *crew)
{
	for (int i = 0; i < crew->count; i++) {
		struct member *m = &crew->members[i];

		tracker_free(m->tracker);
		relay_free(m->in);
		relay_free(m->out);
	}
	free(crew->members);
	crew->members = NULL;
	crew->count = 0;
}

static bool make_members(struct crew *crew, int n)
{
	crew->members = calloc((size_t)n, sizeof *crew->members);
	if (!crew->members)
		return false;
	crew->count = n;
	for (int i = 0; i < n; i++) {
		struct member *m = &crew->members[i];

		m->sink.record = take_record;
		m->sink.brief = crew->sink->brief;
		m->crew = crew;
		m->tracker = tracker_new(&crew->options, &m->sink);
		m->in = relay_new(sizeof(struct parcel));
		m->rows = writers_rows_apart(crew->writers);
		m->out = relay_new(sizeof(struct sheaf) + (m->rows ? SHEAF_TEXT + REPORT_ROW_MAX : 0));
		if (!m->tracker || !m->in || !m->out)
			return false;
	}
	return true;
}

static void end_threads(struct crew *crew, int n)
{
	for (int i = 0; i < n; i++) {
		relay_close(crew->members[i].in);
		pthread_join(crew->members[i].thread, NULL);
	}
}

static bool start_threads(struct crew *crew)
{
	for (int i = 0; i < crew->count; i++) {
		if (pthread_create(&crew->members[i].thread, NULL, work, &crew->members[i]) == 0)
			continue;
		end_threads(crew, i);
		return false;
	}
	return true;
}

int crew_useful(const struct crew *crew, int wanted)
{
	int most = tracker_parts(crew->options.max_flows);

	if (crew->sink->segment || crew->sink->change)
		return 0;
	if (most > CREW_MAX)
		most = CREW_MAX;
	return wanted < most ? wanted : most;
}

bool crew_spread(struct crew *crew, int trackers)
{
	if (!make_members(crew, trackers) || !start_threads(crew)) {
		free_members(crew);
		return false;
	}
	tracker_free(crew->only);
	crew->only = NULL;
	return true;
}

int crew_of_part(const struct crew *crew, int n)
{
	return crew->count > 1 ? n % crew->count : 0;
}

struct relay *crew_relay(const struct crew *crew, int n)
{
	return crew->members[n].in;
}

/* ---- the merge ---- */

/* The next record that a tracker has for this round, NULL = none. */
static const struct record *next_record(struct member *m)
{
	if (!m->got) {
		m->got = relay_take(m->out);
		m->at = 0;
	}
	while (m->at == m->got->n) {
		if (m->got->round)
			return NULL;
		m->got = relay_take(m->out);
		m->at = 0;
	}
	return &m->got->records[m->at];
}

/* Tells that record, and goes on to the next. */
static void tell_record(struct crew *crew, struct member *m)
{
	const struct sheaf *sheaf = m->got;
	size_t at = m->at++, start;

	if (!m->rows) {
		crew->sink->record(crew->sink, &sheaf->records[at]);
		return;
	}
	start = row_start(sheaf, at);
	writers_take_row(crew->writers, &sheaf->records[at], sheaf->text + start, sheaf->ends[at] - start);
}

/* The order of struct sink. */
static bool is_before(const struct record *a, const struct record *b)
{
	if (a->ended.ns != b->ended.ns)
		return a->ended.ns < b->ended.ns;
	return a->first_packet < b->first_packet;
}

static struct member *first_member(struct crew *crew, const struct record *const *next)
{
	int first = -1;

	for (int i = 0; i < crew->count; i++)
		if (next[i] && (first == -1 || is_before(next[i], next[first])))
			first = i;
	return first == -1 ? NULL : &crew->members[first];
}

static void begin_round(struct crew *crew, const struct record **next)
{
	for (int i = 0; i < crew->count; i++) {
		struct member *m = &crew->members[i];

		m->got = NULL;
		next[i] = next_record(m);
	}
	if (crew->members[0].got->nanoseconds)
		writers_use_nanoseconds(crew->writers);
}

bool crew_merge(struct crew *crew)
{
	const struct record *next[CREW_MAX];
	struct member *m;

	begin_round(crew, next);
	while ((m = first_member(crew, next)) != NULL) {
		tell_record(crew, m);
		next[m - crew->members] = next_record(m);
	}
	if (!writers_wanted(crew->writers))
		stop(crew);
	if (!crew->members[0].got->last)
		return false;
	end_threads(crew, crew->count);
	return true;
}

/* ---- the main thread's tracker, alone or with a helper ---- */

/* Tells the helper's records of this round, those before 'limit'; NULL = all that are left. */
static void tell_helpers(struct crew *crew, const struct record *limit)
{
	struct member *helper = &crew->members[0];
	const struct record *record;

	while ((record = next_record(helper)) != NULL && (!limit || is_before(record, limit))) {
		if (helper->at + 2 < helper->got->n) /* it comes from the other processor's cache */
			prefetch(record + 2, helper->rows ? (size_t)RECORD_BRIEF : sizeof *record);
		tell_record(crew, helper);
	}
}

static void merge_record(struct sink *sink, const struct record *record)
{
	struct crew *crew = ((struct merging *)sink)->crew;

	tell_helpers(crew, record);
	crew->sink->record(crew->sink, record);
}

bool crew_make_helper(struct crew *crew)
{
	struct tracker *tracker;

	if (crew_useful(crew, 2) < 2)
		return false;
	crew->merging = (struct merging){ .sink = { .record = merge_record, .brief = crew->sink->brief },
					  .crew = crew };
	tracker = tracker_new(&crew->options, &crew->merging.sink);
	if (!tracker || !make_members(crew, 1)) {
		free_members(crew);
		tracker_free(tracker);
		return false;
	}
	tracker_free(crew->only);
	crew->only = tracker;
	return true;
}

void crew_help(struct crew *crew, const struct parcel *parcel)
{
	member_take(&crew->members[0], parcel);
}

static int helper_parts(const struct crew *crew)
{
	if (crew->count == 0)
		return 0;
	if (crew->sink->brief)
		return HELPER_PARTS;
	return crew->members[0].rows ? HELPER_PARTS_WRITING : HELPER_PARTS_ROWS;
}

/* Evenly among all parts. */
int crew_share_of_part(const struct crew *crew, int n)
{
	int parts = helper_parts(crew);
	bool helpers = (n + 1) * parts / TRACKER_PARTS != n * parts / TRACKER_PARTS;

	return helpers ? SHARE_READER : SHARE_MAIN;
}

void crew_take(struct crew *crew, const struct parcel *parcel)
{
	if (parcel->nanoseconds)
		writers_use_nanoseconds(crew->writers);
	crew->error = analyse(crew->only, parcel, SHARE_MAIN, crew->error);
	if (parcel->round && crew->count > 0) {
		tell_helpers(crew, NULL);
		crew->members[0].got = NULL;
	}
	if (crew->error != 0 || (parcel->round && !writers_wanted(crew->writers)))
		stop(crew);
}

/* ---- in the end ---- */

static void add_counts(struct tracker_counts *sum, const struct tracker_counts *counts)
{
	sum->segments += counts->segments;
	sum->duplicates += counts->duplicates;
	sum->icmp += counts->icmp;
	sum->icmp_stray += counts->icmp_stray;
	sum->evicted += counts->evicted;
	for (int kind = 0; kind < EVICTION_COUNT; kind++)
		sum->evicted_by[kind] += counts->evicted_by[kind];
	sum->flows += counts->flows;
	sum->packed += counts->packed;
	sum->flows_peak += counts->flows_peak;
	sum->memory += counts->memory;
}

struct tracker_counts crew_counts(const struct crew *crew)
{
	struct tracker_counts sum = { 0 };

	if (crew->only)
		sum = tracker_counts(crew->only);
	for (int i = 0; i < crew->count; i++) {
		struct tracker_counts counts = tracker_counts(crew->members[i].tracker);

		add_counts(&sum, &counts);
	}
	return sum;
}

int crew_error(const struct crew *crew)
{
	for (int i = 0; i < crew->count; i++)
		if (crew->members[i].error != 0)
			return crew->members[i].error;
	return crew->error;
}

void crew_free(struct crew *crew)
{
	if (!crew)
		return;
	free_members(crew);
	tracker_free(crew->only);
	free(crew);
}
