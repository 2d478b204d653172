/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_keys.c - what segments are looked up by: the same for both directions, and for nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/tracker.h"

enum { SEEDS = 8 };

static struct segment segment_of(bool ipv6)
{
	struct segment s = {
		.src = { { [10] = 0xff, 0xff, 10, 1, 2, 3 } },
		.dst = { { [10] = 0xff, 0xff, 192, 0, 2, 7 } },
		.sport = 40000,
		.dport = 443,
		.seq = { 1000 },
		.ack = { 2000 },
		.len = 1448,
		.tsval = 77,
		.ip_id = 5,
		.checksum = 0x1234,
		.flags = TCP_ACK,
	};

	if (ipv6) {
		s.src = (struct host){ { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 } };
		s.dst = (struct host){ { 0x20, 0x01, 0x0d, 0xb8, 1, [15] = 2 } };
	}
	return s;
}

static struct segment reversed(struct segment s)
{
	struct segment r = s;

	r.src = s.dst;
	r.dst = s.src;
	r.sport = s.dport;
	r.dport = s.sport;
	return r;
}

static struct tracker_key key_of(const struct segment *s, uint64_t seed)
{
	struct tracker_key key = { .now = { 42 } };

	tracker_keys(&key, s, 1, seed);
	assert_int_equal(key.now.ns, 42);
	assert_in_range(tracker_part(&key), 0, TRACKER_PARTS - 1);
	return key;
}

static void directions_share_hash_and_part(void **state)
{
	(void)state;
	for (int ipv6 = 0; ipv6 <= 1; ipv6++)
		for (uint64_t seed = 0; seed < SEEDS; seed++) {
			struct segment s = segment_of(ipv6), r = reversed(s);
			struct tracker_key a = key_of(&s, seed), b = key_of(&r, seed);

			assert_int_equal(a.hash, b.hash);
			assert_int_equal(tracker_part(&a), tracker_part(&b));
			assert_int_not_equal(a.duplicate.print, b.duplicate.print);
		}
}

static void the_seed_moves_all_but_the_place(void **state)
{
	(void)state;
	for (int ipv6 = 0; ipv6 <= 1; ipv6++) {
		struct segment s = segment_of(ipv6);
		struct tracker_key a = key_of(&s, 1), b = key_of(&s, 2);

		assert_int_not_equal(a.hash, b.hash);
		assert_int_not_equal(a.duplicate.print, b.duplicate.print);
		assert_int_equal(a.duplicate.place, b.duplicate.place);
	}
}

/* Shards are looked at on several machines, and put together: this must never change. */
static void parts_are_known(void **state)
{
	(void)state;
	struct segment ipv4 = segment_of(false), ipv6 = segment_of(true);
	struct tracker_key a = key_of(&ipv4, 1), b = key_of(&ipv6, 1);

	assert_int_equal(tracker_part(&a), 50);
	assert_int_equal(tracker_part(&b), 35);
}

static void every_bit_of_the_pair_counts(void **state)
{
	(void)state;
	for (int ipv6 = 0; ipv6 <= 1; ipv6++) {
		struct segment s = segment_of(ipv6);
		uint32_t hash = key_of(&s, 3).hash;

		for (size_t bit = 0; bit < 128; bit++) {
			struct segment a = s, b = s;

			a.src.addr[bit / 8] ^= (uint8_t)(1 << bit % 8);
			b.dst.addr[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_int_not_equal(key_of(&a, 3).hash, hash);
			assert_int_not_equal(key_of(&b, 3).hash, hash);
		}
		for (int bit = 0; bit < 16; bit++) {
			struct segment a = s, b = s;

			a.sport ^= (uint16_t)(1 << bit);
			b.dport ^= (uint16_t)(1 << bit);
			assert_int_not_equal(key_of(&a, 3).hash, hash);
			assert_int_not_equal(key_of(&b, 3).hash, hash);
		}
	}
}

/* The same words at other ends are another connection. */
static void ends_are_not_mixed_up(void **state)
{
	(void)state;
	for (int ipv6 = 0; ipv6 <= 1; ipv6++) {
		struct segment s = segment_of(ipv6), ports = s, halves = s;

		ports.sport = s.dport;
		ports.dport = s.sport;
		memcpy(halves.src.addr, s.dst.addr, 8);
		memcpy(halves.dst.addr, s.src.addr, 8);
		assert_int_not_equal(key_of(&ports, 4).hash, key_of(&s, 4).hash);
		if (ipv6)
			assert_int_not_equal(key_of(&halves, 4).hash, key_of(&s, 4).hash);
	}
}

static void everything_in_the_fingerprint_counts(void **state)
{
	(void)state;
	struct segment s = segment_of(false);
	struct segment others[] = { s, s, s, s, s, s, s };
	uint32_t print = key_of(&s, 5).duplicate.print;

	others[0].seq.n++;
	others[1].ack.n++;
	others[2].len++;
	others[3].tsval++;
	others[4].ip_id++;
	others[5].checksum++;
	others[6].flags ^= TCP_PSH;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		assert_int_not_equal(key_of(&others[i], 5).duplicate.print, print);
}

/* ---- in rows: as even as chance would have it ---- */

enum { ROW = 1 << 16, SLOTS_BITS = 17 };

typedef void nth_of_row(struct segment *s, uint32_t i);

static void next_port(struct segment *s, uint32_t i)
{
	s->sport = (uint16_t)i;
}

static void next_port_of_both(struct segment *s, uint32_t i)
{
	s->sport = (uint16_t)(i & 0xff);
	s->dport = (uint16_t)(i >> 8);
}

static void next_address(struct segment *s, uint32_t i)
{
	s->dst.addr[14] = (uint8_t)(i >> 8);
	s->dst.addr[15] = (uint8_t)i;
}

static void next_network(struct segment *s, uint32_t i)
{
	s->dst.addr[s->bits & SEGMENT_IPV6 ? 6 : 12] = (uint8_t)(i >> 8);
	s->dst.addr[s->bits & SEGMENT_IPV6 ? 7 : 13] = (uint8_t)i;
}

/* An address chosen for the port, so that their sum, or their difference bit by bit, stays. */
static void address_against_port(struct segment *s, uint32_t i)
{
	s->sport = (uint16_t)i;
	s->src.addr[14] = (uint8_t)(~i >> 8);
	s->src.addr[15] = (uint8_t)~i;
}

/* The same with the half of the address that the port is added to, in case it is added as it is. */
static void network_against_port(struct segment *s, uint32_t i)
{
	s->sport = (uint16_t)i;
	s->src.addr[6] = (uint8_t)-i;
	s->src.addr[7] = (uint8_t)(-i >> 8);
}

/* Of so many balls thrown into twice as many slots, 39.3 % of the slots have one. */
static void assert_even(nth_of_row *nth, bool ipv6, uint64_t seed, unsigned shift)
{
	static struct segment segments[ROW];
	static struct tracker_key keys[ROW];
	static uint8_t hit[1 << SLOTS_BITS];
	uint32_t used = 0;

	memset(hit, 0, sizeof hit);
	for (uint32_t i = 0; i < ROW; i++) {
		segments[i] = segment_of(ipv6);
		segments[i].bits = ipv6 ? SEGMENT_IPV6 : 0;
		nth(&segments[i], i);
	}
	tracker_keys(keys, segments, ROW, seed);
	for (uint32_t i = 0; i < ROW; i++) {
		uint8_t *slot = &hit[(keys[i].hash >> shift) % sizeof hit];

		used += !*slot;
		*slot = 1;
	}
	assert_in_range(used, sizeof hit * 385 / 1000, sizeof hit * 401 / 1000);
}

static void rows_of_connections_are_spread(void **state)
{
	(void)state;
	nth_of_row *const rows[] = { next_port,	   next_port_of_both,	 next_address,
				     next_network, address_against_port, network_against_port };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		for (uint64_t seed = 0; seed < SEEDS; seed++)
			for (unsigned shift = 0; shift <= 15; shift += 15) {
				assert_even(rows[i], false, seed * 0x123456789, shift);
				assert_even(rows[i], true, seed * 0x123456789, shift);
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(directions_share_hash_and_part),
		cmocka_unit_test(the_seed_moves_all_but_the_place),
		cmocka_unit_test(parts_are_known),
		cmocka_unit_test(every_bit_of_the_pair_counts),
		cmocka_unit_test(ends_are_not_mixed_up),
		cmocka_unit_test(everything_in_the_fingerprint_counts),
		cmocka_unit_test(rows_of_connections_are_spread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
