/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_packed.c - what is packed is the same again when it is unpacked, whatever it is; and trackers that
 * pack all that is over as soon as it is tell what those tell that pack nothing, of every capture there is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/packed.h"
#include "capture_segments.h"
#include "two_trackers.h"

#define SECOND_NS INT64_C(1000000000)

/* ---- one connection ---- */

/* Packs and unpacks it into an object with nothing behind it; returns how long that is. */
static size_t round_trip(const struct flow *flow, const struct closing *closing)
{
	struct packing packing;
	struct packed *object;
	struct closing c;
	struct flow f;
	size_t size;

	pack(flow, closing, &packing);
	size = packing.size;
	assert_true(size >= sizeof *object && size <= sizeof *object + PACKED_DATA_MAX + PACKED_LENGTHS);
	object = malloc(size);
	assert_non_null(object);
	object->closed_at = flow_closed_at(closing);
	object->first_packet = flow->first_packet;
	packing_put(&packing, object, size);
	memset(&f, 0xa5, sizeof f);
	memset(&c, 0xa5, sizeof c);
	unpack(object, size, &f, &c);
	assert_true(f.prev == 0 && f.next == 0 && f.older == 0 && f.closing == 0);
	assert_memory_equal(f.host, flow->host, sizeof f - offsetof(struct flow, host));
	assert_memory_equal(&c, closing, sizeof c);
	free(object);
	return size;
}

static void any_bytes(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (int run = 0; run < 20000; run++) {
		struct closing closing;
		struct flow flow;
		uint64_t words[(sizeof flow + sizeof closing) / 8];
		int most = run % 4; /* words are 0: none, or more and more of them */

		for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
			uint64_t word = next_random(&seed) << 11 ^ next_random(&seed);

			words[i] = word >> (run % 64) >> (word % 8 * 7);
			if ((int)(word % 8) < most * 2)
				words[i] = 0;
			if (run % 16 == 15)
				words[i] =
					word % 3 -
					1; /* 0, 1 and -1: times and packets equal and next to each other */
		}
		memcpy(&flow, words, sizeof flow);
		memcpy(&closing, words + sizeof flow / 8, sizeof closing);
		if (run % 2 == 0) /* no overflow of what is added to it elsewhere */
			flow.first_packet >>= 8;
		(void)round_trip(&flow, &closing);
	}
}

/* Every word alone: as great as can be, -1, least, and what is near to its neighbours. */
static void each_word(void **state)
{
	static const uint64_t values[] = {
		1, UINT64_MAX, INT64_MAX, (uint64_t)INT64_MIN, 0x100000000, 0xff00
	};
	struct closing closing = { .closed = { 70, { 1000 } } };
	struct flow flow = { .first_packet = 70, .start = { 1 }, .last = { 1000 }, .last_packet = 70 };

	(void)state;
	for (size_t at = 0; at < sizeof flow + sizeof closing; at += 8) {
		for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
			struct closing c = closing;
			struct flow f = flow;

			if (at < sizeof f)
				memcpy((char *)&f + at, &values[i], 8);
			else
				memcpy((char *)&c + at - sizeof f, &values[i], 8);
			(void)round_trip(&f, &c);
		}
	}
}

static struct host ipv4(uint8_t last)
{
	return (struct host){ { [10] = 0xff, [11] = 0xff, [12] = 192, [14] = 2, [15] = last } };
}

/* A day long, with gigabytes, and closed as most are. */
static void usual(struct flow *flow, struct closing *closing)
{
	const int64_t start = INT64_C(1767225600) * SECOND_NS, end = start + 86400 * SECOND_NS;

	*flow = (struct flow){ .host = { ipv4(1), ipv4(2) }, .port = { 50000, 443 }, .start = { start } };
	flow->last = (struct moment){ end + 30000000 };
	flow->first_packet = 123456789012;
	flow->last_packet = flow->first_packet + 5000000;
	flow->handshake = 31234567;
	flow->payload_at = (struct moment){ end - 1234567890 };
	flow->bits = FLOW_ESTABLISHED | FLOW_HANDSHAKE | FLOW_CLOSED | FLOW_PAYLOAD;
	flow->history[0] = 0x12345678;
	flow->history[1] = 0x1234;
	flow->history_length = 9;
	for (enum side side = CLIENT; side <= SERVER; side++) {
		flow->end[side] = (struct endpoint){ .isn = { 0xfedcba98 },
						     .nxt = { 0x87654321 },
						     .una = { 0x87654321 } };
		flow->end[side].packets = 2500000;
		flow->end[side].answer_us = 15000;
		flow->end[side].window = 502;
		flow->end[side].ip_id = 54321;
		flow->end[side].letters = 0x137;
		flow->end[side].ttl = 64;
		flow->end[side].bits = END_SEEN | END_UNA | END_SYN | END_FIN | END_TIMESTAMPS | END_IP_ID;
		flow->end[side].facts = facts_of(0x764321);
	}
	*closing = (struct closing){ .closed = { flow->last_packet, flow->last }, .idle = 1234567890 };
	closing->end[CLIENT].fin = (struct mark){ flow->last_packet - 3, { end } };
	closing->end[SERVER].fin = (struct mark){ flow->last_packet - 1, { end + 20000000 } };
	closing->end[CLIENT].fin_acked = closing->end[SERVER].fin;
	closing->end[SERVER].fin_acked = closing->closed;
	closing->end[CLIENT].time_wait = closing->end[CLIENT].got_fin = flow->last;
	closing->end[SERVER].got_fin = closing->end[CLIENT].fin_acked.at;
	for (enum side side = CLIENT; side <= SERVER; side++) {
		closing->end[side].fin_last = flow_offset(flow, closing->end[side].fin.packet);
		closing->end[side].fin_seq = (struct seq){ flow->end[side].nxt.n - 1 };
		closing->end[side].fin_ack = flow->end[other(side)].nxt;
	}
}

static void what_is_usual_gets_small(void **state)
{
	struct closing closing;
	struct flow flow;
	size_t size;

	(void)state;
	usual(&flow, &closing);
	size = round_trip(&flow, &closing);
	assert_in_range(size, 100, 176);
	/* IPv6 addresses take what they take. */
	memset(flow.host, 0x20, sizeof flow.host);
	assert_in_range(round_trip(&flow, &closing), size, size + 24);
}

/* ---- trackers ---- */

/* The second tracker packs what is over, at once. Rounds are short. */
static struct two_trackers two = { .packs_at_once = true, .round = 3 };

static void recordings(void **state)
{
	(void)state;
	assert_true(compare_files(&two, CAPTURES_DIR "/*.pcap"));
	assert_true(two.packed > 2000 && two.looked > 1000);
	two.set_back = true;
	assert_true(compare_files(&two, CAPTURES_DIR "/timewait*.pcap"));
	two.set_back = false;
}

static void public_captures(void **state)
{
	(void)state;
	two.round = 64;
	if (!compare_files(&two, SHARED_DIR "/captures/*.pcap*"))
		skip(); /* they are not part of the project */
}

/* Thousands of connections, of every kind, side by side; pairs are used again. */
static void generated(void **state)
{
	(void)state;
	two.round = 100;
	assert_int_equal(
		system(GENERATE " --connections=3000 --concurrency=500 --duplicates=3 packed.pcap 2>&1"), 0);
	assert_true(compare_files(&two, "packed.pcap"));
	two.set_back = true;
	assert_true(compare_files(&two, "packed.pcap"));
	remove("packed.pcap");
}

/* ---- memory ---- */

static struct tracker *start(struct records *r, bool packs_at_once)
{
	const struct tracker_options options = {
		.time_wait = 60 * SECOND_NS,
		.seed = 1,
		.packs_at_once = packs_at_once,
	};
	struct tracker *tracker = tracker_new(&options, &r->sink);

	assert_non_null(tracker);
	return tracker;
}

/* How a connection goes; one that ends with a RST says why. */
enum talk { OPENED, HALF_CLOSED, CLOSED, RESET };

static struct segment line(uint32_t number, int i, enum talk talk, struct moment at)
{
	static const struct {
		uint8_t flags, seq, ack, by_server;
	} lines[] = {
		{ TCP_SYN, 0, 0, 0 },		{ TCP_SYN | TCP_ACK, 0, 1, 1 }, { TCP_ACK, 1, 1, 0 },
		{ TCP_FIN | TCP_ACK, 1, 1, 0 }, { TCP_FIN | TCP_ACK, 1, 2, 1 }, { TCP_ACK, 2, 2, 0 },
	};
	struct host client = ipv4((uint8_t)(number >> 16)), server = ipv4(200);
	uint16_t port = (uint16_t)number;
	bool back = lines[i].by_server;
	struct segment s = {
		.at = { at.ns + i * 1000 },
		.packet = (uint64_t)number * 6 + (unsigned)i + 1,
		.src = back ? server : client,
		.dst = back ? client : server,
		.sport = back ? 443 : port,
		.dport = back ? port : 443,
		.seq.n = number * 7919 + (back ? 1000000 : 0) + lines[i].seq,
		.ack.n = number * 7919 + (back ? 0 : 1000000) + lines[i].ack,
		.flags = lines[i].flags,
		.window = 500,
		.ttl = 64,
		.ip_id = (uint16_t)(number + (unsigned)i + 1),
	};

	if (talk == RESET && i == 3) {
		s.flags = TCP_RST | TCP_ACK;
		s.says.rst.text_len = 3;
		memcpy(s.says.rst.text, "why", 3);
	}
	return s;
}

static void have_talk(struct tracker *tracker, uint32_t number, enum talk talk, struct moment at)
{
	static const size_t count[] = { [OPENED] = 3, [HALF_CLOSED] = 4, [CLOSED] = 6, [RESET] = 4 };
	struct segment segments[6];

	for (int i = 0; i < (int)count[talk]; i++)
		segments[i] = line(number, i, talk, at);
	assert_int_equal(tracker_feed(tracker, segments, count[talk]), 0);
}

static void count_expired(struct sink *sink, const struct record *record)
{
	((struct records *)sink)->n +=
		record->close == CLOSE_GRACEFUL && record->time_wait == TIME_WAIT_EXPIRED;
}

static struct moment seconds(int64_t s)
{
	return (struct moment){ s * SECOND_NS };
}

enum { STAY = 64 * 1536 }; /* so many need not be packed */

/* Less than that, and then many more, within 20 seconds; and all end when their time has come. */
static void many_are_packed(void **state)
{
	enum { FEW = 90000, MANY = 200000 };
	struct records r = { .sink.record = count_expired };
	struct tracker *tracker = start(&r, false);
	struct tracker_counts few, many;

	(void)state;
	for (uint32_t i = 0; i < MANY; i++) {
		have_talk(tracker, i, CLOSED, (struct moment){ i * (20 * SECOND_NS / MANY) });
		if (i == FEW)
			few = tracker_counts(tracker);
	}
	assert_int_equal(few.packed, 0);
	tracker_tick(tracker, seconds(25));
	many = tracker_counts(tracker);
	assert_int_equal(many.flows, MANY);
	assert_int_equal(many.packed, MANY - STAY);
	/* With the table, what else is not packed, and what of slabs is not used yet. */
	assert_true((many.memory - few.memory) / (MANY - FEW) < 256);
	assert_int_equal(r.n, 0);
	tracker_tick(tracker, seconds(70));
	assert_true(r.n > MANY / 3 && r.n < MANY);
	tracker_tick(tracker, seconds(90));
	assert_int_equal(r.n, MANY);
	assert_int_equal(tracker_counts(tracker).packed, 0);
	assert_int_equal(tracker_counts(tracker).flows, 0);
	tracker_free(tracker);
}

/* What was heard of within a second is not packed, however many there are. */
static void what_was_just_over_stays(void **state)
{
	enum { MANY = 120000 };
	struct records r = { .sink.record = count_expired };
	struct tracker *tracker = start(&r, false);

	(void)state;
	for (uint32_t i = 0; i < MANY; i++)
		have_talk(tracker, i, CLOSED, seconds(5));
	assert_int_equal(tracker_counts(tracker).packed, 0);
	tracker_tick(tracker, (struct moment){ 6 * SECOND_NS - 1000000 });
	assert_int_equal(tracker_counts(tracker).packed, 0);
	tracker_tick(tracker, (struct moment){ 6 * SECOND_NS + 1000000 });
	assert_int_equal(tracker_counts(tracker).packed, MANY - STAY);
	tracker_free(tracker);
}

/* Those that are unpacked for what comes late are counted like others: later, few are not packed. */
static void what_comes_late(void **state)
{
	enum { MANY = 120000, LATE = 2000, FEW = 1000 };
	struct records r = { .sink.record = count_expired };
	struct tracker *tracker = start(&r, false);

	(void)state;
	for (uint32_t i = 0; i < MANY; i++)
		have_talk(tracker, i, CLOSED, seconds(5));
	tracker_tick(tracker, seconds(7));
	for (uint32_t i = 0; i < LATE; i++) {
		struct segment late = line(i, 5, CLOSED, seconds(8));

		late.ip_id = 7777;
		assert_int_equal(tracker_feed(tracker, &late, 1), 0);
	}
	assert_true(tracker_counts(tracker).packed < MANY - STAY);
	tracker_tick(tracker, seconds(10));
	assert_int_equal(tracker_counts(tracker).packed, MANY - STAY);
	tracker_tick(tracker, seconds(70));
	assert_int_equal(r.n, MANY);
	for (uint32_t i = 0; i < FEW; i++)
		have_talk(tracker, i, CLOSED, seconds(80));
	tracker_tick(tracker, seconds(90));
	assert_int_equal(tracker_counts(tracker).flows, FEW);
	assert_int_equal(tracker_counts(tracker).packed, 0);
	tracker_free(tracker);
}

static void note_text(struct sink *sink, const struct record *record)
{
	((struct records *)sink)->n += strcmp(record->rst_text.text, "why") == 0;
}

/* What RSTs said is kept with what is packed, and given back with it. */
static void texts(void **state)
{
	enum { EACH = 10000 }; /* more than a slab has */
	struct records r = { .sink.record = note_text };
	struct tracker *tracker = start(&r, true);
	uint64_t memory = 0;

	(void)state;
	for (uint32_t round = 0; round < 6; round++) {
		for (uint32_t i = 0; i < EACH; i++)
			have_talk(tracker, round * EACH + i, RESET, seconds(100 * round));
		tracker_tick(tracker, seconds(100 * round + 1));
		assert_int_equal(tracker_counts(tracker).packed, EACH);
		tracker_tick(tracker, seconds(100 * round + 90));
		assert_int_equal(r.n, (round + 1) * EACH);
		if (round < 3) /* they are of several sizes */
			memory = tracker_counts(tracker).memory;
		assert_int_equal(tracker_counts(tracker).memory, memory);
	}
	tracker_free(tracker);
}

static bool memory_is_short; /* there is none for more slabs; for a table there is */

void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
	if (memory_is_short && size >= 1 << 20) {
		errno = ENOMEM;
		return NULL;
	}
	return __real_aligned_alloc(alignment, size);
}

static void count_record(struct sink *sink, const struct record *record)
{
	(void)record;
	((struct records *)sink)->n++;
}

/* Something comes late for what is packed, and there is no place for its evidence. Nothing is lost. */
static void without_memory(void **state)
{
	enum { SLAB = 8191 };
	struct records r = { .sink.record = count_record };
	struct tracker *tracker = start(&r, true);
	struct segment late = line(0, 5, CLOSED, seconds(3));

	(void)state;
	late.ip_id = 7777;
	have_talk(tracker, 0, CLOSED, seconds(1));
	tracker_tick(tracker, seconds(2));
	assert_int_equal(tracker_counts(tracker).packed, 1);
	for (uint32_t i = 1; i <= SLAB; i++)
		have_talk(tracker, i, HALF_CLOSED, seconds(2));
	have_talk(tracker, SLAB + 1, OPENED, seconds(2)); /* for other flows there is place */
	memory_is_short = true;
	errno = 0;
	assert_int_equal(tracker_feed(tracker, &late, 1), -1);
	assert_int_equal(errno, ENOMEM);
	assert_int_equal(tracker_counts(tracker).packed, 1);
	assert_int_equal(tracker_counts(tracker).flows, SLAB + 2);
	have_talk(tracker, SLAB + 2, OPENED, seconds(3));
	memory_is_short = false;
	assert_int_equal(tracker_feed(tracker, &late, 1), 0);
	assert_int_equal(tracker_counts(tracker).packed, 0);
	assert_int_equal(tracker_counts(tracker).flows, SLAB + 3);
	assert_int_equal(tracker_finish(tracker), 0);
	assert_int_equal(r.n, SLAB + 3);
	tracker_free(tracker);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_bytes),
		cmocka_unit_test(each_word),
		cmocka_unit_test(what_is_usual_gets_small),
		cmocka_unit_test(recordings),
		cmocka_unit_test(public_captures),
		cmocka_unit_test(generated),
		cmocka_unit_test(many_are_packed),
		cmocka_unit_test(what_was_just_over_stays),
		cmocka_unit_test(what_comes_late),
		cmocka_unit_test(texts),
		cmocka_unit_test(without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
