/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scenario_run.c - feeds a scenario to a tracker in every way and holds its rows against it. */
#include "scenario_run.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/tracker.h"
#include "witness.h"

#define SECOND_NS 1000000000LL

enum { ROWS_KEPT = 8, TEXT_MAX = 4096 };

struct keeper {
	struct sink sink;
	struct record row[ROWS_KEPT]; /* sorted by first packet */
	size_t count, lost;
	bool disorder; /* rows did not come in the order of their ends */
	struct moment last_end;
	uint64_t last_first;
	struct witness witness;
};

struct run {
	const struct scenario *scenario;
	struct scenario_way way;
	struct keeper keeper;
	uint64_t fed;	 /* TCP segments */
	bool unmatched;	 /* one of them did not match -f: it may have no row */
	char text[1024]; /* what is wrong */
};

static void keep(struct sink *sink, const struct record *record)
{
	struct keeper *k = (struct keeper *)sink;
	size_t i;

	witness_record(&k->witness, record);
	if (k->count + k->lost > 0 &&
	    (record->ended.ns < k->last_end.ns ||
	     (record->ended.ns == k->last_end.ns && record->first_packet < k->last_first)))
		k->disorder = true;
	k->last_end = record->ended;
	k->last_first = record->first_packet;
	if (k->count == ROWS_KEPT) {
		k->lost++;
		return;
	}
	for (i = k->count++; i > 0 && k->row[i - 1].first_packet > record->first_packet; i--)
		k->row[i] = k->row[i - 1];
	k->row[i] = *record;
}

static void keep_change(struct sink *sink, const struct change *change)
{
	witness_change(&((struct keeper *)sink)->witness, change);
}

/* Text of a row, without what depends on the way. */

static void states_text(const struct record_side *side, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (int i = 0; i < side->state_count && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ">" : "",
					 state_words[side->states[i]].name);
}

static void side_text(FILE *out, const char *name, const struct record_side *side)
{
	char states[256];

	states_text(side, states, sizeof states);
	fprintf(out,
		"\n    %s %s saw=%s packets=%" PRIu64 " bytes=%" PRIu64 " after_fin=%" PRIu64 " lost=%" PRIu64
		"%s"
		" retransmits=%" PRIu64 " close_wait=%" PRId64 " fin_wait_2=%" PRId64,
		name, states, saw_words[side->saw].name, side->packets, side->bytes, side->after_fin,
		side->lost, side->lost_known ? "" : "?", side->retransmits, side->close_wait,
		side->fin_wait_2);
}

static void row_text(FILE *out, const struct record *r)
{
	fprintf(out, "  %s closer=%s cause=%s confidence=%s time_wait=%s side=%s path=%s record_end=%s%s",
		close_words[r->close].name, closer_words[r->closer].name, cause_words[r->cause].name,
		confidence_words[r->confidence].name, time_wait_words[r->time_wait].name,
		holder_words[r->time_wait_side].name, path_words[r->path].name,
		record_end_words[r->record_end].name, r->midstream ? " midstream" : "");
	side_text(out, "client", &r->side[CLIENT]);
	side_text(out, "server", &r->side[SERVER]);
	fprintf(out,
		"\n    syn_retransmits=%" PRIu64 " fin_retransmits=%" PRIu64 " rst=%" PRIu64
		" rst_ignored=%" PRIu64 " after_close=%" PRIu64 " duplicates=%" PRIu64,
		r->syn_retransmits, r->fin_retransmits, r->rst_count, r->rst_ignored, r->packets_after_close,
		r->duplicates);
	fprintf(out, " family=%s signs=%#x", rst_family_words[r->rst_family].name, (unsigned)r->rst_signs);
	fprintf(out, " first=%" PRIu64 " last=%" PRIu64 " closing=%" PRIu64 " trigger=%" PRIu64 " evidence=",
		r->first_packet, r->last_packet, r->closing_packet, r->trigger_packet);
	for (int i = 0; i < r->evidence_count; i++)
		fprintf(out, "%s%" PRIu64, i ? "," : "", r->evidence[i]);
	fprintf(out,
		"\n    start=%" PRId64 " end=%" PRId64 " ended=%" PRId64 " left=%" PRId64 " held=%" PRId64
		" handshake=%" PRId64 " teardown=%" PRId64 " duration=%" PRId64 " idle=%" PRId64
		" history=%s conn_state=%s completeness=%u\n",
		r->start.ns, r->end.ns, r->ended.ns, r->time_wait_left, r->time_wait_held, r->handshake_time,
		r->teardown_time, r->duration, r->idle_before_close, r->history,
		r->conn_state ? r->conn_state : "", r->completeness);
}

static void rows_text(const struct keeper *k, char *text)
{
	FILE *out = fmemopen(text, TEXT_MAX, "w");

	assert_non_null(out);
	for (size_t i = 0; i < k->count; i++)
		row_text(out, &k->row[i]);
	fclose(out);
}

/* Comparison. */

static void wrong(struct run *run, size_t row, const char *field, const char *want, const char *got)
{
	size_t used = strlen(run->text);

	snprintf(run->text + used, sizeof run->text - used, "\n  row %zu: %s is '%s', not '%s'", row + 1,
		 field, got, want);
}

static bool word_fits(const char *want, const char *got)
{
	size_t n = strlen(got);

	if (strcmp(want, "*") == 0)
		return true;
	for (const char *at = want; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL)
		if (strncmp(at, got, n) == 0 && (at[n] == '\0' || at[n] == '|'))
			return true;
	return false;
}

static bool states_fit(const char *want, const char *got)
{
	size_t n = strlen(got), tail;

	if (strncmp(want, "*>", 2) != 0)
		return strcmp(want, got) == 0;
	tail = strlen(want + 2);
	return n >= tail && strcmp(got + n - tail, want + 2) == 0 && (n == tail || got[n - tail - 1] == '>');
}

static void compare_words(struct run *run, size_t i)
{
	const struct expected_row *want = &run->scenario->row[i];
	const struct record *got = &run->keeper.row[i];
	const struct {
		const char *field, *want, *got;
	} words[] = {
		{ "close", want->close, close_words[got->close].name },
		{ "closer", want->closer, closer_words[got->closer].name },
		{ "time_wait", want->time_wait, time_wait_words[got->time_wait].name },
		{ "time_wait_side", want->time_wait_side, holder_words[got->time_wait_side].name },
		{ "path", want->path, path_words[got->path].name },
		{ "record_end", want->record_end, record_end_words[got->record_end].name },
		{ "client_saw", want->client_saw, saw_words[got->side[CLIENT].saw].name },
		{ "server_saw", want->server_saw, saw_words[got->side[SERVER].saw].name },
		{ "midstream", want->midstream, got->midstream ? "yes" : "no" },
		{ "cause", want->cause, cause_words[got->cause].name },
		{ "confidence", want->confidence, confidence_words[got->confidence].name },
		{ "rst_family", want->rst_family, rst_family_words[got->rst_family].name },
		{ "rst_text", want->rst_text, got->rst_text.text },
		{ "timer", want->timer, got->timer ? got->timer : "" },
	};

	for (size_t w = 0; w < sizeof words / sizeof *words; w++)
		if (words[w].want && !word_fits(words[w].want, words[w].got))
			wrong(run, i, words[w].field, words[w].want, words[w].got);
}

static void compare_mptcp(struct run *run, size_t i)
{
	const struct rst_text *got = &run->keeper.row[i].rst_text;
	int want = run->scenario->row[i].mptcp_reason;

	if (want != 0 && !(got->mptcp && got->mptcp_reason == want))
		wrong(run, i, "mptcp_reason", "as expected", got->mptcp ? "another" : "none");
}

static void compare_truth(struct run *run, size_t i)
{
	const char *truth = run->scenario->row[i].truth;
	const struct record *got = &run->keeper.row[i];

	if (truth && got->confidence == CONFIDENCE_CERTAIN &&
	    (*truth == '\0' || !word_fits(truth, cause_words[got->cause].name)))
		wrong(run, i, "cause, certain,", *truth ? truth : "not certain",
		      cause_words[got->cause].name);
}

static void compare_evidence(struct run *run, size_t i)
{
	const char *at = run->scenario->row[i].evidence;
	const struct record *got = &run->keeper.row[i];
	char *end, want[24];

	for (; at && *at; at = end) {
		uint64_t packet = strtoull(at, &end, 10);
		int e = 0;

		while (e < got->evidence_count && got->evidence[e] != packet)
			e++;
		if (e < got->evidence_count && end != at)
			continue;
		snprintf(want, sizeof want, "%" PRIu64, packet);
		wrong(run, i, "evidence", want, "without it");
		return;
	}
}

static void compare_states(struct run *run, size_t i)
{
	const struct expected_row *want = &run->scenario->row[i];
	const char *const states[2] = { want->client_states, want->server_states };
	char got[256];

	for (int side = CLIENT; side <= SERVER; side++) {
		states_text(&run->keeper.row[i].side[side], got, sizeof got);
		if (states[side] && !states_fit(states[side], got))
			wrong(run, i, side == CLIENT ? "client_states" : "server_states", states[side], got);
	}
}

static void compare_numbers(struct run *run, size_t i)
{
	const struct expected_row *want = &run->scenario->row[i];
	const struct record *r = &run->keeper.row[i];
	const struct record_side *c = &r->side[CLIENT], *s = &r->side[SERVER];
	const int64_t ms = 1000000;
	const struct {
		const char *field;
		int want;
		int64_t got;
	} numbers[] = {
		{ "trigger_packet", want->trigger, (int64_t)r->trigger_packet },
		{ "closing_packet", want->closing_packet, (int64_t)r->closing_packet },
		{ "packets", want->packets, (int64_t)(c->packets + s->packets) },
		{ "client_bytes", want->client_bytes, (int64_t)c->bytes },
		{ "server_bytes", want->server_bytes, (int64_t)s->bytes },
		{ "client_after_fin", want->client_after_fin, (int64_t)c->after_fin },
		{ "server_after_fin", want->server_after_fin, (int64_t)s->after_fin },
		{ "client_lost", want->client_lost, c->lost_known ? (int64_t)c->lost : -1 },
		{ "server_lost", want->server_lost, s->lost_known ? (int64_t)s->lost : -1 },
		{ "client_retransmits", want->client_retransmits, (int64_t)c->retransmits },
		{ "server_retransmits", want->server_retransmits, (int64_t)s->retransmits },
		{ "syn_retransmits", want->syn_retransmits, (int64_t)r->syn_retransmits },
		{ "fin_retransmits", want->fin_retransmits, (int64_t)r->fin_retransmits },
		{ "rst_count", want->rst_count, (int64_t)r->rst_count },
		{ "rst_ignored", want->rst_ignored, (int64_t)r->rst_ignored },
		{ "packets_after_close", want->packets_after_close, (int64_t)r->packets_after_close },
		{ "duplicates", want->duplicates, (int64_t)r->duplicates },
		{ "handshake ms", want->handshake, r->handshake_time / ms },
		{ "teardown ms", want->teardown, r->teardown_time / ms },
		{ "idle_before_close ms", want->idle_before_close, r->idle_before_close / ms },
		{ "time_wait_left ms", want->time_wait_left, r->time_wait_left / ms },
		{ "time_wait_held ms", want->time_wait_held, r->time_wait_held / ms },
		{ "client_close_wait ms", want->client_close_wait, c->close_wait / ms },
		{ "server_close_wait ms", want->server_close_wait, s->close_wait / ms },
		{ "client_fin_wait_2 ms", want->client_fin_wait_2, c->fin_wait_2 / ms },
		{ "server_fin_wait_2 ms", want->server_fin_wait_2, s->fin_wait_2 / ms },
	};
	char a[24], b[24];

	for (size_t n = 0; n < sizeof numbers / sizeof *numbers; n++) {
		if (numbers[n].want == 0 || numbers[n].got == (numbers[n].want == NONE ? 0 : numbers[n].want))
			continue;
		snprintf(a, sizeof a, "%d", numbers[n].want == NONE ? 0 : numbers[n].want);
		snprintf(b, sizeof b, "%" PRId64, numbers[n].got);
		wrong(run, i, numbers[n].field, a, b);
	}
}

/* Every segment belongs to exactly one row. */
static void check_sums(struct run *run)
{
	uint64_t seen = 0;
	char want[24], got[24];

	for (size_t i = 0; i < run->keeper.count; i++) {
		const struct record *r = &run->keeper.row[i];

		seen += r->side[CLIENT].packets + r->side[SERVER].packets + r->duplicates;
	}
	if (run->unmatched || seen == run->fed)
		return;
	snprintf(want, sizeof want, "%" PRIu64, run->fed);
	snprintf(got, sizeof got, "%" PRIu64, seen);
	wrong(run, 0, "packets and duplicates of all rows", want, got);
}

static void compare_rows(struct run *run)
{
	const struct keeper *k = &run->keeper;
	size_t wanted = 0;
	char a[24], b[24];

	while (wanted < SCENARIO_ROWS_MAX && run->scenario->row[wanted].close)
		wanted++;
	if (wanted != k->count + k->lost) {
		snprintf(a, sizeof a, "%zu", wanted);
		snprintf(b, sizeof b, "%zu", k->count + k->lost);
		wrong(run, 0, "number of rows", a, b);
	}
	for (size_t i = 0; i < wanted && i < k->count; i++) {
		compare_words(run, i);
		compare_mptcp(run, i);
		compare_truth(run, i);
		compare_evidence(run, i);
		compare_states(run, i);
		compare_numbers(run, i);
	}
	if (k->disorder)
		wrong(run, 0, "order", "by their ends", "another");
	if (k->sink.change && k->witness.wrong[0])
		wrong(run, 0, "what was told of changes", "right", k->witness.wrong);
	check_sums(run);
}

/* Running. */

static struct tracker *tracker_for(struct run *run)
{
	static const struct known_timer timers[] = {
		{ 60 * SECOND_NS, "a proxy" },
		{ 240 * SECOND_NS, "a gateway" },
		{ 350 * SECOND_NS, "a load balancer" },
	};
	const struct scenario *s = run->scenario;
	const struct tracker_options options = {
		.time_wait = (s->time_wait ? s->time_wait : 60) * SECOND_NS,
		.idle = s->idle * SECOND_NS,
		.syn_idle = s->syn_idle * SECOND_NS,
		.max_flows = (uint64_t)s->max_flows,
		.causes = { .fin_timeout = (s->fin_timeout ? s->fin_timeout : 60) * SECOND_NS,
			    .timers = timers,
			    .timer_count = sizeof timers / sizeof *timers },
		.seed = 1,
	};

	return tracker_new(&options, &run->keeper.sink);
}

static void feed(struct run *run, const struct scenario_steps *steps)
{
	struct tracker *t = tracker_for(run);
	struct segment batch[SCENARIO_STEPS_MAX];
	size_t n = 0;

	assert_non_null(t);
	for (size_t i = 0; i < steps->count; i++) {
		const struct scenario_step *step = &steps->step[i];

		if (!step->tick)
			batch[n++] = step->segment;
		if (i > 0 && step->at.ns < steps->step[i - 1].at.ns)
			run->keeper.witness.backwards = true;
		if (step->tick || !run->way.at_once || i + 1 == steps->count) {
			assert_int_equal(tracker_feed(t, batch, n), 0);
			n = 0;
		}
		if (step->lost)
			tracker_lost(t, (struct moment){ step->at.ns - step->lost }, step->at);
		if (step->tick)
			tracker_tick(t, step->at);
		else if (step->segment.kind == SEGMENT_TCP)
			run->fed++;
		run->unmatched |= !step->tick && step->segment.bits & SEGMENT_UNMATCHED;
	}
	assert_int_equal(tracker_finish(t), 0);
	tracker_free(t);
	witness_end(&run->keeper.witness);
}

static void run_way(struct run *run)
{
	struct scenario_steps steps;

	run->keeper.sink.record = keep;
	/* The last way without: its rows must be the same. */
	if (!(run->way.client_higher && run->way.wrap && run->way.at_once))
		run->keeper.sink.change = keep_change;
	if (!scenario_read(run->scenario, &run->way, &steps))
		fail_msg("%s: event %d of the script: %s", run->scenario->name, steps.line, steps.error);
	feed(run, &steps);
	compare_rows(run);
}

/* Not by print_message(), which cuts at 1,023 bytes. */
static void report(const struct run *run, const char *text)
{
	printf("%s\n  (%s, client %s, ISNs %s, %s)%s\n  script: %s\n%s", run->scenario->name,
	       run->way.ipv6 ? "IPv6" : "IPv4", run->way.client_higher ? "higher" : "lower",
	       run->way.wrap ? "wrap" : "do not wrap", run->way.at_once ? "at once" : "one by one", run->text,
	       run->scenario->script, text);
	fflush(stdout);
}

static void run_family(const struct scenario *scenario, bool ipv6)
{
	char first[TEXT_MAX] = "", text[TEXT_MAX] = "";

	for (unsigned i = 0; i < 8; i++) {
		struct run run = { .scenario = scenario,
				   .way = { ipv6, (i & 1) != 0, (i & 2) != 0, (i & 4) != 0 } };

		run_way(&run);
		rows_text(&run.keeper, i ? text : first);
		if (i && !run.text[0] && strcmp(text, first) != 0) {
			snprintf(run.text, sizeof run.text, "\n  differs from the first way");
			printf("%s", first);
		}
		if (run.text[0]) {
			report(&run, i ? text : first);
			fail();
		}
	}
}

static void test_scenario(void **state)
{
	const struct scenario *scenario = *state;

	if (scenario->family != 6)
		run_family(scenario, false);
	if (scenario->family != 4)
		run_family(scenario, true);
}

int scenarios_run(const char *group, const struct scenario *const tables[], size_t count, const char *part)
{
	static struct CMUnitTest tests[512];
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		for (const struct scenario *s = tables[i]; s->name; s++) {
			if (part && !strstr(s->name, part))
				continue;
			if (n == sizeof tests / sizeof *tests)
				return 2;
			tests[n++] = (struct CMUnitTest){ .name = s->name,
							  .test_func = test_scenario,
							  .initial_state = (void *)(uintptr_t)s };
		}
	return _cmocka_run_group_tests(group, tests, n, NULL, NULL);
}
