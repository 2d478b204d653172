/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_routine.c - each segment that goes a short way (routine.h, prediction.h) against flow_apply(): the
 * flow and its evidence are the same after both, in every field; and where a short way is not taken, nothing
 * was done.
 *
 * The segments are those of every capture there is, as they are and bent in many ways, so that each of the
 * conditions fails somewhere.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/prediction.h"
#include "analyzer/record.h"
#include "analyzer/routine.h"
#include "capture_segments.h"

enum { TIMES_BENT = 12, TABLE = 1 << 12 };

/* A connection as far as the functions under test know one. */
struct connection {
	struct flow flow;
	struct closing closing; /* if flow.closing is set */
};

/* How often each way was taken: by what the segment was, and whether data came along. */
static struct counts {
	unsigned syn, syn_ack, handshake_ack, closing_ack, fin, fin_with_data, closing_data, predicted;
} taken;

static struct closing *closing_of(struct connection *c)
{
	return c->flow.closing != 0 ? &c->closing : NULL;
}

static bool same_mark(struct mark a, struct mark b)
{
	return a.packet == b.packet && a.at.ns == b.at.ns;
}

static bool same_end(const struct closing_end *a, const struct closing_end *b)
{
	return same_mark(a->fin, b->fin) && same_mark(a->fin_acked, b->fin_acked) &&
	       a->got_fin.ns == b->got_fin.ns && a->time_wait.ns == b->time_wait.ns &&
	       a->after_fin == b->after_fin && a->fin_seq.n == b->fin_seq.n && a->fin_ack.n == b->fin_ack.n &&
	       a->fin_last == b->fin_last && a->lost == b->lost && a->fin_tries == b->fin_tries &&
	       a->denied == b->denied && a->icmp_type == b->icmp_type && a->icmp_code == b->icmp_code &&
	       a->icmp == b->icmp && a->fin_again == b->fin_again;
}

static bool same_late(const struct late *a, const struct late *b)
{
	return a->packet == b->packet && a->to.n == b->to.n && a->ack.n == b->ack.n && a->gap == b->gap;
}

/* Compilers leave anything between its fields; between those of a flow there is nothing. */
static bool same_closing(const struct closing *a, const struct closing *b)
{
	return same_end(&a->end[CLIENT], &b->end[CLIENT]) && same_end(&a->end[SERVER], &b->end[SERVER]) &&
	       same_mark(a->closed, b->closed) && a->trigger == b->trigger && a->challenge == b->challenge &&
	       same_late(&a->late, &b->late) && a->assassinated.ns == b->assassinated.ns &&
	       a->doubt.ns == b->doubt.ns && a->idle == b->idle && a->rst_count == b->rst_count &&
	       a->rst_ignored == b->rst_ignored && a->after_close == b->after_close &&
	       a->duplicates == b->duplicates && memcmp(a->extra, b->extra, sizeof a->extra) == 0 &&
	       a->rst_seq.n == b->rst_seq.n && a->text == b->text && a->rst_signs == b->rst_signs &&
	       a->bits == b->bits && a->rst_side == b->rst_side && a->trigger_kind == b->trigger_kind;
}

static void assert_same(const struct connection *a, const struct connection *b, const struct segment *s)
{
	if (memcmp(&a->flow, &b->flow, sizeof a->flow) != 0)
		fail_msg("packet %llu: the flow differs", (unsigned long long)s->packet);
	if (!same_closing(&a->closing, &b->closing))
		fail_msg("packet %llu: the evidence differs", (unsigned long long)s->packet);
}

static void count(const struct connection *before, const struct segment *s)
{
	bool fin = s->flags & TCP_FIN;

	taken.syn += (s->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
	taken.syn_ack += (s->flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK);
	taken.fin += fin && s->len == 0;
	taken.fin_with_data += fin && s->len > 0;
	if (s->flags & (TCP_SYN | TCP_FIN))
		return;
	taken.handshake_ack += before->flow.closing == 0;
	taken.closing_ack += before->flow.closing != 0 && s->len == 0;
	taken.closing_data += before->flow.closing != 0 && s->len > 0;
}

/* What the long way makes of it; and each short one, if it takes it. */
static void apply(struct connection *c, const struct segment *s)
{
	enum side side = flow_side(&c->flow, s);
	struct connection before, after;

	if (flow_needs_closing(&c->flow, s) && c->flow.closing == 0) {
		c->flow.closing = 1;
		c->closing = (struct closing){ .idle = UNKNOWN_NS };
	}
	before = *c;
	if (s->kind == SEGMENT_TCP)
		flow_apply(&c->flow, closing_of(c), s, side);
	else
		flow_apply_icmp(&c->flow, closing_of(c), s, side);

	after = before;
	if (routine_apply(&after.flow, closing_of(&after), s, side)) {
		assert_same(&after, c, s);
		count(&before, s);
	} else {
		assert_same(&after, &before, s);
	}

	after = before;
	if (!prediction_possible(&after.flow) || !prediction_holds(&after.flow, s, side))
		return;
	prediction_apply(&after.flow, s, side);
	assert_same(&after, c, s);
	taken.predicted++;
}

/* The place of a pair: its own, or that of another one, which has to go. */
static struct connection *place_of(struct connection *table, const struct segment *s)
{
	uint32_t place = (uint32_t)(s->sport ^ s->dport) * 7;

	for (size_t i = 0; i < sizeof s->src.addr; i++)
		place += (uint32_t)(s->src.addr[i] + s->dst.addr[i]) * (uint32_t)(2 * i + 1);
	return &table[place % TABLE];
}

/* All of them, each on its connection; a SYN begins another one where the last is over. */
static void apply_all(const struct segment *segments, size_t n)
{
	struct connection *table = calloc(TABLE, sizeof *table);

	assert_non_null(table);
	for (size_t i = 0; i < n; i++) {
		const struct segment *s = &segments[i];
		struct connection *c = place_of(table, s);
		bool syn = (s->flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN;

		if (!flow_is_of(&c->flow, s, flow_side(&c->flow, s)) ||
		    (syn && (c->flow.bits & FLOW_CLOSED))) {
			if (s->kind != SEGMENT_TCP)
				continue;
			*c = (struct connection){ 0 };
			flow_open(&c->flow, s);
		}
		apply(c, s);
	}
	free(table);
}

/* One number, flag or length of it becomes another. */
static void bend(struct segment *s, uint64_t random)
{
	static const uint8_t flags[] = { TCP_SYN, TCP_FIN, TCP_RST, TCP_ACK };
	static const uint32_t steps[] = { 1, UINT32_MAX, 1000, UINT32_C(0) - 1000, 1u << 31, 3u << 30 };
	uint32_t step = steps[random / 8 % (sizeof steps / sizeof *steps)];

	switch (random % 8) {
	case 0:
		s->seq.n += step;
		break;
	case 1:
		s->ack.n += step;
		break;
	case 2:
		s->flags ^= flags[random / 8 % sizeof flags];
		break;
	case 3:
		s->len = s->len > 0 ? 0 : 1 + random / 8 % 2;
		break;
	case 4:
		s->window = s->window > 0 ? 0 : 1;
		break;
	case 5:
		s->at.ns += (int64_t)step << (random / 64 % 24);
		break;
	case 6:
		s->bits ^= random & SEGMENT_SACK ? SEGMENT_SACK : SEGMENT_TIMESTAMPS;
		break;
	default:
		s->ip_id = (uint16_t)(random / 8);
		break;
	}
}

/* Some are bent, some left out, some seen again; nothing may be read that only other kinds have. */
static size_t mangle(const struct segment *segments, size_t n, struct segment *to, uint64_t seed)
{
	size_t m = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t random = next_random(&seed);

		if (random % 32 == 0)
			continue;
		to[m] = segments[i];
		if (random % 32 < 4 && to[m].kind == SEGMENT_TCP)
			bend(&to[m], random / 32);
		m++;
		if (random % 32 == 31)
			to[m++] = segments[i];
		if (random % 32 == 30 && i > 0)
			to[m++] = segments[i - 1];
	}
	for (size_t i = 0; i < m; i++)
		to[i].packet = i + 1;
	return m;
}

static void compare(const struct segment *segments, size_t n)
{
	struct segment *mangled = calloc(2 * SEGMENTS_MAX, sizeof *mangled);

	assert_non_null(mangled);
	apply_all(segments, n);
	for (uint64_t seed = 1; seed <= TIMES_BENT; seed++)
		apply_all(mangled, mangle(segments, n, mangled, seed));
	free(mangled);
}

static void recordings(void **state)
{
	(void)state;
	assert_true(capture_segments(CAPTURES_DIR "/*.pcap", compare));
}

static void public_captures(void **state)
{
	(void)state;
	if (!capture_segments(SHARED_DIR "/captures/*.pcap*", compare))
		skip(); /* they are not part of the project */
}

static void generated(void **state)
{
	(void)state;
	assert_int_equal(
		system(GENERATE " --connections=3000 --concurrency=500 --duplicates=3 routine.pcap 2>&1"), 0);
	taken = (struct counts){ 0 };
	assert_true(capture_segments("routine.pcap", compare));
	remove("routine.pcap");
	/* A comparison of what never happens would be none. */
	assert_true(taken.syn > 1000 && taken.syn_ack > 1000 && taken.handshake_ack > 1000);
	assert_true(taken.fin > 1000 && taken.closing_ack > 1000 && taken.predicted > 1000);
	assert_true(taken.fin_with_data > 100 && taken.closing_data > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recordings),
		cmocka_unit_test(public_captures),
		cmocka_unit_test(generated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
