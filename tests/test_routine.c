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

enum { TIMES_BENT = 40, TABLE = 1 << 12 };

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

/* Where the flows differ first; -1 = nowhere. */
static int difference(const struct flow *a, const struct flow *b)
{
	const unsigned char *x = (const unsigned char *)a, *y = (const unsigned char *)b;

	for (size_t i = 0; i < sizeof *a; i++)
		if (x[i] != y[i])
			return (int)i;
	return -1;
}

static void assert_same(const struct connection *a, const struct connection *b, const struct segment *s)
{
	int at = difference(&a->flow, &b->flow);

	if (at != -1)
		fail_msg("packet %llu, flags %02x, length %u: the flow differs from byte %d on",
			 (unsigned long long)s->packet, s->flags, s->len, at);
	if (!same_closing(&a->closing, &b->closing))
		fail_msg("packet %llu, flags %02x: the evidence differs", (unsigned long long)s->packet,
			 s->flags);
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

/* All of them, each on its connection; a SYN may begin another one where the last is over. */
static void apply_all(const struct segment *segments, size_t n)
{
	struct connection *table = calloc(TABLE, sizeof *table);

	assert_non_null(table);
	for (size_t i = 0; i < n; i++) {
		const struct segment *s = &segments[i];
		struct connection *c = place_of(table, s);
		bool syn = (s->flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN;

		if (!flow_is_of(&c->flow, s, flow_side(&c->flow, s)) ||
		    (syn && (c->flow.bits & FLOW_CLOSED) && i % 4 != 0)) {
			if (s->kind != SEGMENT_TCP)
				continue;
			*c = (struct connection){ 0 };
			flow_open(&c->flow, s);
		}
		apply(c, s);
	}
	free(table);
}

/* As if its receiver had sent it. */
static void turn_round(struct segment *s)
{
	struct host src = s->src;
	uint16_t sport = s->sport;

	s->src = s->dst;
	s->dst = src;
	s->sport = s->dport;
	s->dport = sport;
}

/* One thing about it becomes another. */
static void bend(struct segment *s, uint64_t random)
{
	static const uint8_t flags[] = { TCP_SYN, TCP_FIN, TCP_RST, TCP_ACK };
	static const uint32_t steps[] = { 1, UINT32_MAX, 1000, UINT32_C(0) - 1000, 1u << 31, 3u << 30 };
	static const uint32_t lengths[] = { 0, 0, 1, 2, 1u << 29 };
	uint32_t step = steps[random / 16 % (sizeof steps / sizeof *steps)];

	switch (random % 16) {
	case 0:
	case 1:
		s->seq.n = random / 16 % 5 == 0 ? 0 : s->seq.n + step;
		break;
	case 2:
	case 3:
		s->ack.n = random / 16 % 5 == 0 ? 0 : s->ack.n + step;
		break;
	case 4:
	case 5:
	case 6:
		s->flags ^= flags[random / 16 % sizeof flags];
		break;
	case 7:
		s->flags = (uint8_t)(random / 16 % 32);
		break;
	case 8:
	case 9:
		s->len = lengths[random / 16 % (sizeof lengths / sizeof *lengths)];
		break;
	case 10:
		s->window = s->window > 0 ? 0 : 1;
		break;
	case 11:
		s->at.ns = random / 16 % 4 == 0 ? 0 : s->at.ns + ((int64_t)step << (random / 64 % 24));
		break;
	case 12:
		s->bits ^= random / 16 % 2 ? SEGMENT_SACK : SEGMENT_TIMESTAMPS;
		break;
	case 13:
		s->ip_id = (uint16_t)(random / 16);
		break;
	case 14:
		turn_round(s);
		break;
	default:
		s->kind = SEGMENT_ICMP;
		memset(&s->says, 0, sizeof s->says);
		break;
	}
}

/* The SYN carries data, which the SYN-ACK acknowledges. */
static void open_fast(struct segment *s)
{
	if ((s->flags & (TCP_SYN | TCP_ACK)) != TCP_SYN || s->len != 0)
		return;
	s->len = 3;
	s->seq.n -= s->len;
}

/* Some are bent, left out, seen again or after the next one; at most two for each. */
static size_t mangle(const struct segment *segments, size_t n, struct segment *to, uint64_t seed)
{
	bool fast = seed % 3 == 0;
	size_t m = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t random = next_random(&seed);

		if (random % 32 == 0)
			continue;
		if (random % 32 == 1 && i + 1 < n)
			to[m++] = segments[i + 1];
		to[m] = segments[i];
		if (fast)
			open_fast(&to[m]);
		if (random % 32 > 25 && to[m].kind == SEGMENT_TCP)
			bend(&to[m], random / 32);
		m++;
		if (random % 32 == 2)
			to[m++] = segments[i];
	}
	for (size_t i = 0; i < m; i++)
		to[i].packet = i + 1;
	return m;
}

static void compare(const struct segment *segments, size_t n)
{
	struct segment *mangled = calloc(2 * n + 1, sizeof *mangled);

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

/* What each segment of a connection says, whose ends' first numbers are 1000 and 2000. */
struct line {
	enum side side;
	uint8_t flags;
	uint32_t seq, ack, len; /* relative */
};

static void apply_lines(const struct line *lines, size_t n)
{
	static const uint32_t first[2] = { 1000, 2000 };
	static const uint16_t ports[2] = { 40000, 80 };
	struct segment segments[16] = { 0 };

	assert_true(n <= sizeof segments / sizeof *segments);
	for (size_t i = 0; i < n; i++) {
		enum side side = lines[i].side;

		segments[i] = (struct segment){ .at.ns = (int64_t)(i + 1) * 1000000,
						.packet = i + 1,
						.src.addr = { 10, [15] = (uint8_t)side },
						.dst.addr = { 10, [15] = (uint8_t)other(side) },
						.sport = ports[side],
						.dport = ports[other(side)],
						.seq.n = first[side] + lines[i].seq,
						.ack.n = first[other(side)] + lines[i].ack,
						.len = lines[i].len,
						.window = 1000,
						.flags = lines[i].flags };
	}
	apply_all(segments, n);
}

/* Both ends open; the server's SYN was acknowledged before its SYN-ACK, which brings data. */
static void simultaneous_open_with_data(void **state)
{
	static const struct line lines[] = {
		{ CLIENT, TCP_SYN, 0, 0, 0 },		{ SERVER, TCP_SYN, 0, 0, 0 },
		{ CLIENT, TCP_SYN | TCP_ACK, 0, 1, 0 }, { SERVER, TCP_SYN | TCP_ACK, 0, 1, 10 },
		{ SERVER, TCP_ACK, 1, 1, 0 },		{ CLIENT, TCP_ACK, 1, 1, 0 },
	};

	(void)state;
	apply_lines(lines, sizeof lines / sizeof *lines);
}

/* An end sends more before it is answered than numbers can be told apart by. */
static void far_ahead(void **state)
{
	enum { GB = 1000000000 };
	static const struct line from_client[] = {
		{ CLIENT, TCP_SYN, 0, 0, 0 },		{ CLIENT, 0, 1, 0, GB },
		{ CLIENT, 0, 1 + GB, 0, GB },		{ CLIENT, 0, 1 + 2u * GB, 0, GB },
		{ SERVER, TCP_SYN | TCP_ACK, 0, 1, 0 },
	};
	static const struct line from_server[] = {
		{ CLIENT, TCP_SYN, 0, 0, 0 },
		{ SERVER, TCP_SYN | TCP_ACK, 0, 1, 0 },
		{ SERVER, TCP_ACK, 1, 1, GB },
		{ SERVER, TCP_ACK, 1 + GB, 1, GB },
		{ SERVER, TCP_ACK, 1 + 2u * GB, 1, GB },
		{ CLIENT, TCP_ACK, 1, 1 + 3u * GB, 0 },
	};

	(void)state;
	apply_lines(from_client, sizeof from_client / sizeof *from_client);
	apply_lines(from_server, sizeof from_server / sizeof *from_server);
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
		cmocka_unit_test(simultaneous_open_with_data),
		cmocka_unit_test(far_ahead),
		cmocka_unit_test(generated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
