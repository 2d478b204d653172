/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_floods.c - whatever comes: memory stays within its bound, and the established connections that were
 * there stay whole.
 *
 * A thousand connections are established, and each sends a little now and then while a flood of a million
 * packets passes through a tracker of ten thousand flows. Then they close, and each must have one row, from
 * its SYN to its last ACK. That it keeps up is shown by the test's end: were the time of a packet not
 * constant, it would not come.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analyzer/tracker.h"

#define SECOND_NS     INT64_C(1000000000)
#define FLOOD_STEP_NS 10000

enum {
	MAX_FLOWS = 10000,
	CONNECTIONS = 1000,
	FLOOD = 1000000,       /* packets */
	BETWEEN = 100,	       /* of the flood, two packets of the connections */
	MEMORY_MAX = 12 << 20, /* 10,000 flows and their evidence, and rows that wait to be sorted */
};

struct world {
	struct sink sink; /* first: see record.h */
	struct tracker *tracker;
	struct moment now;
	uint64_t packets, random;
	uint64_t rows, by_end[RECORD_END_COUNT];
	uint64_t whole, broken; /* rows of the connections: as they should be, or not */
	uint32_t sent[CONNECTIONS];
	uint32_t turn;	      /* whose it is to send */
	uint64_t early, late; /* bytes of memory when a tenth of the flood was over, and all of it */
};

static struct host host(uint8_t net, uint32_t n)
{
	return (struct host){ { [10] = 0xff,
				[11] = 0xff,
				[12] = net,
				[13] = (uint8_t)(n >> 16),
				[14] = (uint8_t)(n >> 8),
				[15] = (uint8_t)n } };
}

static const uint8_t client_net = 10, server_net = 172, flood_net = 198;

static void take(struct sink *sink, const struct record *r)
{
	struct world *w = (struct world *)sink;

	w->rows++;
	w->by_end[r->record_end]++;
	if (r->host[CLIENT].addr[12] != client_net)
		return;
	if (r->close == CLOSE_GRACEFUL && !r->midstream && r->record_end != RECORD_EVICTED &&
	    r->side[CLIENT].bytes == w->sent[r->port[CLIENT] - 1])
		w->whole++;
	else
		w->broken++;
}

static uint32_t pick(struct world *w)
{
	w->random = w->random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(w->random >> 32);
}

static void feed(struct world *w, struct segment s)
{
	s.at = w->now;
	s.packet = ++w->packets;
	s.ttl = 64;
	s.ip_id = (uint16_t)w->packets;
	s.window = 500;
	assert_int_equal(tracker_feed(w->tracker, &s, 1), 0);
}

/* A segment between two hosts; the tracker sees it as it would one of the wire. */
static struct segment segment(struct host src, uint16_t sport, struct host dst, uint16_t dport, uint8_t flags,
			      uint32_t seq, uint32_t ack)
{
	return (struct segment){ .src = src,
				 .dst = dst,
				 .sport = sport,
				 .dport = dport,
				 .flags = flags,
				 .seq = { seq },
				 .ack = { flags & TCP_ACK ? ack : 0 } };
}

/* The n-th connection's segment; numbers relative to ISNs of 0. */
static void speak(struct world *w, uint32_t n, enum side side, uint8_t flags, uint32_t seq, uint32_t ack,
		  uint32_t len)
{
	struct host client = host(client_net, n), server = host(server_net, n % 7);
	uint16_t port = (uint16_t)(1 + n);
	struct segment s = side == CLIENT ? segment(client, port, server, 443, flags, seq, ack)
					  : segment(server, 443, client, port, flags, seq, ack);

	s.len = len;
	feed(w, s);
}

static void establish_all(struct world *w)
{
	for (uint32_t n = 0; n < CONNECTIONS; n++) {
		speak(w, n, CLIENT, TCP_SYN, 0, 0, 0);
		speak(w, n, SERVER, TCP_SYN | TCP_ACK, 0, 1, 0);
		speak(w, n, CLIENT, TCP_ACK, 1, 1, 0);
		w->now.ns += 1000000;
	}
}

/* One of them sends ten bytes, and they are acknowledged. */
static void speak_now_and_then(struct world *w)
{
	uint32_t n = w->turn++ % CONNECTIONS;

	speak(w, n, CLIENT, TCP_ACK | TCP_PSH, 1 + w->sent[n], 1, 10);
	w->sent[n] += 10;
	speak(w, n, SERVER, TCP_ACK, 1, 1 + w->sent[n], 0);
}

static void close_all(struct world *w)
{
	for (uint32_t n = 0; n < CONNECTIONS; n++) {
		uint32_t next = 1 + w->sent[n];

		speak(w, n, CLIENT, TCP_FIN | TCP_ACK, next, 1, 0);
		speak(w, n, SERVER, TCP_FIN | TCP_ACK, 1, next + 1, 0);
		speak(w, n, CLIENT, TCP_ACK, next + 1, 2, 0);
	}
}

/* Some packets of a flood, 'i' of them have passed. Returns how many these are. */
typedef uint32_t flood(struct world *w, uint32_t i);

static void pass(struct world *w, flood *of, uint32_t between)
{
	uint32_t said = 0;

	for (uint32_t i = 0; i < FLOOD;) {
		i += of(w, i);
		w->now.ns += FLOOD_STEP_NS;
		if (i / between != said) {
			speak_now_and_then(w);
			said = i / between;
		}
		if (w->early == 0 && i >= FLOOD / 10)
			w->early = tracker_counts(w->tracker).memory;
	}
	w->late = tracker_counts(w->tracker).memory;
}

static struct tracker_counts run(struct world *w, flood *of, uint32_t between, int64_t idle)
{
	const struct tracker_options options = {
		.time_wait = 60 * SECOND_NS, .idle = idle, .syn_idle = idle, .max_flows = MAX_FLOWS, .seed = 1
	};
	struct tracker_counts counts;

	*w = (struct world){ .sink.record = take, .now = { 1700000000 * SECOND_NS }, .random = 1 };
	w->tracker = tracker_new(&options, &w->sink);
	assert_non_null(w->tracker);
	establish_all(w);
	pass(w, of, between);
	close_all(w);
	counts = tracker_counts(w->tracker);
	assert_int_equal(tracker_finish(w->tracker), 0);
	tracker_free(w->tracker);
	return counts;
}

/* Files are read without --idle, interfaces with it: flows to be given up are then found in another way. */
static const int64_t idles[] = { 0, 3600 * SECOND_NS };

static struct tracker_counts survive(flood *of)
{
	struct tracker_counts counts = { 0 };
	static struct world w;

	for (size_t i = 0; i < sizeof idles / sizeof *idles; i++) {
		uint64_t sum = 0;

		counts = run(&w, of, BETWEEN, idles[i]);
		print_message("  %llu rows, %llu evicted, %llu KiB\n", (unsigned long long)w.rows,
			      (unsigned long long)counts.evicted, (unsigned long long)counts.memory >> 10);
		assert_int_equal(w.broken, 0);
		assert_int_equal(w.whole, CONNECTIONS);
		assert_int_equal(counts.evicted, w.by_end[RECORD_EVICTED]);
		assert_int_equal(counts.evicted_by[EVICTED_IDLE] + counts.evicted_by[EVICTED_ACTIVE], 0);
		for (int kind = 0; kind < EVICTION_COUNT; kind++)
			sum += counts.evicted_by[kind];
		assert_int_equal(sum, counts.evicted);
		assert_true(counts.flows_peak <= MAX_FLOWS);
		assert_true(w.late <= w.early && counts.memory <= MEMORY_MAX);
	}
	return counts;
}

static const uint16_t flood_port = 80;

/* One packet with these flags, from an address of its own. */
static uint32_t one_packet(struct world *w, uint32_t i, uint8_t flags)
{
	feed(w, segment(host(flood_net, i), (uint16_t)(1024 + (pick(w) & 0x7fff)), host(server_net, 1),
			flood_port, flags, pick(w), pick(w)));
	return 1;
}

static uint32_t syns(struct world *w, uint32_t i)
{
	return one_packet(w, i, TCP_SYN);
}

static uint32_t acks(struct world *w, uint32_t i)
{
	return one_packet(w, i, TCP_ACK);
}

static uint32_t any_flags(struct world *w, uint32_t i)
{
	return one_packet(w, i, (uint8_t)(pick(w) >> 24 & 63));
}

/* What a victim of spoofed addresses answers. */
static uint32_t backscatter(struct world *w, uint32_t i)
{
	feed(w, segment(host(server_net, 1), flood_port, host(flood_net, i), (uint16_t)pick(w),
			TCP_SYN | TCP_ACK, pick(w), pick(w)));
	return 1;
}

/* A SYN from address i with ISN 0, and what its server says. */
static void ask(struct world *w, uint32_t i, uint8_t flags, uint32_t seq, uint32_t ack)
{
	feed(w, segment(host(flood_net, i), 1024, host(server_net, 1), flood_port, flags, seq, ack));
}

static void answer(struct world *w, uint32_t i, uint8_t flags, uint32_t seq, uint32_t ack)
{
	feed(w, segment(host(server_net, 1), flood_port, host(flood_net, i), 1024, flags, seq, ack));
}

static uint32_t handshakes(struct world *w, uint32_t i)
{
	ask(w, i, TCP_SYN, 0, 0);
	answer(w, i, TCP_SYN | TCP_ACK, 0, 1);
	return 2;
}

static uint32_t established(struct world *w, uint32_t i)
{
	handshakes(w, i);
	ask(w, i, TCP_ACK, 1, 1);
	return 3;
}

static uint32_t half_closed(struct world *w, uint32_t i)
{
	established(w, i);
	ask(w, i, TCP_FIN | TCP_ACK, 1, 1);
	answer(w, i, TCP_ACK, 1, 2);
	return 5;
}

static uint32_t graceful(struct world *w, uint32_t i)
{
	half_closed(w, i);
	answer(w, i, TCP_FIN | TCP_ACK, 1, 2);
	ask(w, i, TCP_ACK, 2, 2);
	return 7;
}

/* Every port of one host after the other: most refuse, some say nothing. */
static uint32_t scan(struct world *w, uint32_t i)
{
	struct host scanner = host(flood_net, i >> 17), victim = host(server_net, 100 + (i >> 17));
	uint16_t port = (uint16_t)(i / 2);

	feed(w, segment(scanner, 55555, victim, port, TCP_SYN, 7, 0));
	if (port % 8 != 0)
		feed(w, segment(victim, port, scanner, 55555, TCP_RST | TCP_ACK, 0, 8));
	return 2;
}

static uint32_t backwards(struct world *w, uint32_t i)
{
	w->now.ns -= 2 * FLOOD_STEP_NS;
	return one_packet(w, i, i % 2 != 0 ? TCP_SYN : TCP_ACK);
}

/* Within the minutes in which nothing of the connections runs out. */
static uint32_t anywhen(struct world *w, uint32_t i)
{
	struct moment now = w->now;
	uint32_t n;

	w->now.ns += (int64_t)(pick(w) % 20) * SECOND_NS - 10 * SECOND_NS;
	n = half_closed(w, i);
	w->now = now;
	return n;
}

static void all_of_it(struct tracker_counts counts, enum eviction kind)
{
	assert_true(counts.evicted > 0 && counts.evicted_by[kind] == counts.evicted);
}

static void test_syns(void **state)
{
	(void)state;
	all_of_it(survive(syns), EVICTED_SYN);
}

static void test_acks(void **state)
{
	(void)state;
	all_of_it(survive(acks), EVICTED_ONE_SIDED);
}

static void test_any_flags(void **state)
{
	(void)state;
	survive(any_flags);
}

static void test_backscatter(void **state)
{
	(void)state;
	all_of_it(survive(backscatter), EVICTED_ONE_SIDED);
}

static void test_handshakes(void **state)
{
	(void)state;
	all_of_it(survive(handshakes), EVICTED_HANDSHAKE);
}

static void test_half_closed(void **state)
{
	(void)state;
	all_of_it(survive(half_closed), EVICTED_HALF_CLOSED);
}

/* Of established connections alone those in use stay. */
static void test_established(void **state)
{
	static struct world w;

	(void)state;
	for (size_t i = 0; i < sizeof idles / sizeof *idles; i++) {
		struct tracker_counts counts = run(&w, established, 4, idles[i]);

		assert_int_equal(w.broken, 0);
		assert_int_equal(w.whole, CONNECTIONS);
		assert_true(counts.evicted > 0);
		assert_int_equal(counts.evicted_by[EVICTED_ACTIVE], counts.evicted);
	}
}

static void test_graceful(void **state)
{
	(void)state;
	all_of_it(survive(graceful), EVICTED_CLOSED);
}

static void test_scan(void **state)
{
	struct tracker_counts counts;

	(void)state;
	counts = survive(scan);
	assert_true(counts.evicted_by[EVICTED_SYN] > 0);
	assert_int_equal(counts.evicted_by[EVICTED_SYN] + counts.evicted_by[EVICTED_CLOSED], counts.evicted);
}

static void test_backwards(void **state)
{
	(void)state;
	survive(backwards);
}

static void test_anywhen(void **state)
{
	(void)state;
	survive(anywhen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_syns),	    cmocka_unit_test(test_acks),
		cmocka_unit_test(test_any_flags),   cmocka_unit_test(test_backscatter),
		cmocka_unit_test(test_handshakes),  cmocka_unit_test(test_half_closed),
		cmocka_unit_test(test_established), cmocka_unit_test(test_graceful),
		cmocka_unit_test(test_scan),	    cmocka_unit_test(test_backwards),
		cmocka_unit_test(test_anywhen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
