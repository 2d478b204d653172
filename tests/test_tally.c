/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_tally.c - counts over records, and the tables of hosts and services in bounded memory. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/heavy.h"
#include "analyzer/tally.h"

#define SECOND 1000000000LL

static struct host ipv4(uint32_t address)
{
	struct host h = { .addr = { [10] = 0xff,
				    0xff,
				    (uint8_t)(address >> 24),
				    (uint8_t)(address >> 16),
				    (uint8_t)(address >> 8),
				    (uint8_t)address } };

	return h;
}

static struct record closed(enum close close, enum closer closer)
{
	struct record r = {
		.start = { 100 * SECOND },
		.end = { 110 * SECOND },
		.ended = { 170 * SECOND },
		.host = { ipv4(0x0a000001), ipv4(0x0a000002) },
		.port = { 40000, 443 },
		.close = close,
		.closer = closer,
		.rst_sender = close == CLOSE_RESET ? closer : CLOSER_NONE,
		.teardown_time = UNKNOWN_NS,
		.record_end = RECORD_CLOSED,
	};

	for (int i = 0; i < 2; i++)
		r.side[i].close_wait = r.side[i].fin_wait_2 = UNKNOWN_NS;
	return r;
}

static void state_of(struct record *r, enum side side, enum state state)
{
	r->side[side].states[r->side[side].state_count++] = state;
}

static struct tally *new_tally(size_t entries)
{
	struct tally_options options = { .entries = entries, .seed = 42 };
	struct tally *tally = tally_new(&options);

	assert_non_null(tally);
	return tally;
}

static void feed(struct tally *tally, struct record record, int times)
{
	for (int i = 0; i < times; i++)
		tally_record(tally, &record);
}

static void nothing_is_counted_at_first(void **state)
{
	struct tally *tally = new_tally(0);
	const struct tally_counts *c = tally_counts(tally);
	struct tally_host host;
	uint64_t missed = 1;

	(void)state;
	assert_int_equal(c->records, 0);
	assert_int_equal(c->close_wait.ns, UNKNOWN_NS);
	assert_int_equal(c->age[CLOSE_OPEN].ns, UNKNOWN_NS);
	assert_int_equal(tally_hosts(tally, &host, 1, &missed), 0);
	assert_int_equal(missed, 0);
	tally_free(tally);
}

static void closes_are_counted_by_who_began(void **state)
{
	struct tally *tally = new_tally(0);
	const struct tally_counts *c = tally_counts(tally);
	uint64_t sum = 0;

	(void)state;
	feed(tally, closed(CLOSE_GRACEFUL, CLOSER_CLIENT), 3);
	feed(tally, closed(CLOSE_GRACEFUL, CLOSER_SERVER), 2);
	feed(tally, closed(CLOSE_RESET, CLOSER_NETWORK), 1);
	feed(tally, closed(CLOSE_VANISHED, CLOSER_NONE), 1);
	assert_int_equal(c->records, 7);
	assert_int_equal(c->closes[CLOSE_GRACEFUL].count, 5);
	assert_int_equal(c->closes[CLOSE_GRACEFUL].by_closer[CLOSER_CLIENT], 3);
	assert_int_equal(c->closes[CLOSE_GRACEFUL].by_closer[CLOSER_SERVER], 2);
	assert_int_equal(c->closes[CLOSE_RESET].by_closer[CLOSER_NETWORK], 1);
	assert_int_equal(c->causes[CLOSE_GRACEFUL][CAUSE_NONE].count, 5);
	for (int i = 0; i < CLOSE_COUNT; i++)
		sum += c->closes[i].count;
	assert_int_equal(sum, c->records);
	tally_free(tally);
}

static void lingering_is_counted_by_holder(void **state)
{
	struct tally *tally = new_tally(0);
	struct record r = closed(CLOSE_GRACEFUL, CLOSER_CLIENT);

	(void)state;
	r.time_wait = TIME_WAIT_EXPIRED;
	r.time_wait_side = HOLDER_CLIENT;
	feed(tally, r, 5);
	r.time_wait = TIME_WAIT_LINGERING;
	feed(tally, r, 2);
	r.time_wait_side = HOLDER_BOTH;
	feed(tally, r, 1);
	assert_int_equal(tally_counts(tally)->lingering, 3);
	assert_int_equal(tally_counts(tally)->lingering_at[HOLDER_CLIENT], 2);
	assert_int_equal(tally_counts(tally)->lingering_at[HOLDER_BOTH], 1);
	tally_free(tally);
}

static void resets_are_told_apart_by_what_was_closed_before(void **state)
{
	struct tally *tally = new_tally(0);
	struct record plain = closed(CLOSE_RESET, CLOSER_SERVER), client = plain, server = plain,
		      both = plain;
	const struct tally_counts *c = tally_counts(tally);

	(void)state;
	state_of(&plain, CLIENT, STATE_ESTABLISHED);
	state_of(&plain, SERVER, STATE_CLOSED);
	state_of(&client, CLIENT, STATE_FIN_WAIT_1);
	state_of(&client, SERVER, STATE_CLOSE_WAIT);
	state_of(&server, SERVER, STATE_FIN_WAIT_2);
	both = client;
	state_of(&both, SERVER, STATE_LAST_ACK);
	feed(tally, plain, 1);
	feed(tally, client, 2);
	feed(tally, server, 3);
	feed(tally, both, 4);
	assert_int_equal(c->resets_in[TALLY_BEFORE_FIN].count, 1);
	assert_int_equal(c->resets_in[TALLY_AFTER_CLIENT_FIN].count, 2);
	assert_int_equal(c->resets_in[TALLY_AFTER_SERVER_FIN].count, 3);
	assert_int_equal(c->resets_in[TALLY_AFTER_BOTH_FINS].count, 4);
	tally_free(tally);
}

static void lost_bytes_count_only_where_known(void **state)
{
	struct tally *tally = new_tally(0);
	struct record r = closed(CLOSE_RESET, CLOSER_SERVER);

	(void)state;
	r.side[CLIENT].lost = 1000;
	feed(tally, r, 1);
	r.side[SERVER].lost = 7;
	r.side[SERVER].lost_known = true;
	feed(tally, r, 2);
	assert_int_equal(tally_counts(tally)->lossy_resets, 2);
	assert_int_equal(tally_counts(tally)->lost_bytes, 14);
	tally_free(tally);
}

static void hosts_are_those_that_sent_the_resets(void **state)
{
	struct tally *tally = new_tally(0);
	struct tally_host hosts[4];
	uint64_t missed;

	(void)state;
	feed(tally, closed(CLOSE_RESET, CLOSER_SERVER), 3);
	feed(tally, closed(CLOSE_RESET, CLOSER_CLIENT), 3);
	feed(tally, closed(CLOSE_RESET, CLOSER_NETWORK), 9);
	feed(tally, closed(CLOSE_GRACEFUL, CLOSER_SERVER), 9);
	assert_int_equal(tally_hosts(tally, hosts, 4, &missed), 2);
	assert_int_equal(hosts[0].resets, 3);
	assert_int_equal(hosts[0].host.addr[15], 1); /* equal counts: the lower address first */
	assert_int_equal(hosts[1].host.addr[15], 2);
	tally_free(tally);
}

static void a_reset_belongs_to_who_sent_the_rst(void **state)
{
	struct tally *tally = new_tally(0);
	struct record r = closed(CLOSE_RESET, CLOSER_CLIENT);
	const struct tally_counts *c = tally_counts(tally);
	struct tally_host host;
	uint64_t missed;

	(void)state;
	r.rst_sender = CLOSER_SERVER; /* the client began by FIN, the server answered by RST */
	feed(tally, r, 1);
	assert_int_equal(c->closes[CLOSE_RESET].by_closer[CLOSER_CLIENT], 1);
	assert_int_equal(c->causes[CLOSE_RESET][CAUSE_NONE].by_closer[CLOSER_SERVER], 1);
	assert_int_equal(c->resets_in[TALLY_BEFORE_FIN].by_closer[CLOSER_SERVER], 1);
	assert_int_equal(tally_hosts(tally, &host, 1, &missed), 1);
	assert_int_equal(host.host.addr[15], 2);
	tally_free(tally);
}

static void services_rank_by_share_above_a_least_number(void **state)
{
	struct tally *tally = new_tally(0);
	struct record r = closed(CLOSE_RESET, CLOSER_SERVER);
	struct tally_service services[4];
	uint64_t missed;

	(void)state;
	r.port[SERVER] = 1;
	feed(tally, r, 9); /* all reset, but only nine */
	r.port[SERVER] = 2;
	feed(tally, r, 10);
	feed(tally, closed(CLOSE_RESET, CLOSER_CLIENT), 50); /* port 443: 50 of 100 */
	feed(tally, closed(CLOSE_GRACEFUL, CLOSER_CLIENT), 50);
	feed(tally, closed(CLOSE_REFUSED, CLOSER_SERVER), 500); /* never were connections */
	r.port[SERVER] = 4;
	r.close = CLOSE_GRACEFUL;
	feed(tally, r, 1000); /* no reset at all */
	assert_int_equal(tally_services(tally, 10, services, 4, &missed), 2);
	assert_int_equal(services[0].port, 2);
	assert_int_equal(services[1].port, 443);
	assert_int_equal(services[1].connections, 100);
	assert_int_equal(services[1].resets, 50);
	tally_free(tally);
}

static void failed_attempts_belong_to_their_target(void **state)
{
	struct tally *tally = new_tally(0);
	struct tally_target target;
	uint64_t missed;

	(void)state;
	feed(tally, closed(CLOSE_REFUSED, CLOSER_SERVER), 4);
	feed(tally, closed(CLOSE_UNANSWERED, CLOSER_NONE), 2);
	feed(tally, closed(CLOSE_GRACEFUL, CLOSER_CLIENT), 1);
	assert_int_equal(tally_targets(tally, &target, 1, &missed), 1);
	assert_int_equal(target.port, 443);
	assert_int_equal(target.attempts, 6);
	assert_int_equal(target.by_close[CLOSE_REFUSED], 4);
	assert_int_equal(target.by_close[CLOSE_UNANSWERED], 2);
	tally_free(tally);
}

static void lingering_and_one_sided_are_counted_where_they_mean_something(void **state)
{
	struct tally *tally = new_tally(0);
	struct record r = closed(CLOSE_CLOSING, CLOSER_CLIENT);

	(void)state;
	r.time_wait = TIME_WAIT_LINGERING;
	r.time_wait_side = HOLDER_CLIENT;
	r.side[CLIENT].packets = r.side[SERVER].packets = 2;
	feed(tally, r, 1); /* of the three closes only */
	assert_int_equal(tally_counts(tally)->lingering, 0);
	r.close = CLOSE_SIMULTANEOUS;
	feed(tally, r, 1);
	assert_int_equal(tally_counts(tally)->lingering, 1);
	assert_int_equal(tally_counts(tally)->one_sided, 0);
	r.side[SERVER].packets = 0;
	feed(tally, r, 1);
	assert_int_equal(tally_counts(tally)->one_sided, 1);
	r.close = CLOSE_UNANSWERED; /* as it must be */
	feed(tally, r, 1);
	assert_int_equal(tally_counts(tally)->one_sided, 1);
	tally_free(tally);
}

static void close_wait_names_the_program_that_does_not_close(void **state)
{
	struct tally *tally = new_tally(0);
	struct record r = closed(CLOSE_HALF_CLOSED, CLOSER_SERVER);
	struct tally_stuck stuck[2];
	uint64_t missed;

	(void)state;
	state_of(&r, CLIENT, STATE_CLOSE_WAIT);
	r.side[CLIENT].close_wait = 30 * SECOND;
	feed(tally, r, 1);
	r.side[CLIENT].close_wait = 20 * SECOND;
	feed(tally, r, 1);
	r.side[CLIENT].close_wait = 30 * SECOND; /* of equals the first is kept */
	r.port[CLIENT] = 50000;
	feed(tally, r, 1);
	assert_int_equal(tally_counts(tally)->close_wait.port[CLIENT], 40000);
	assert_int_equal(tally_stuck(tally, stuck, 2, &missed), 1);
	assert_int_equal(stuck[0].side, CLIENT);
	assert_int_equal(stuck[0].host.addr[15], 1);
	assert_int_equal(stuck[0].port, 443);
	assert_int_equal(stuck[0].connections, 3);
	assert_int_equal(stuck[0].longest, 30 * SECOND);
	assert_int_equal(stuck[0].server.addr[15], 2);
	r.host[SERVER].addr[15] = 3; /* another server: apart from the first */
	feed(tally, r, 1);
	assert_int_equal(tally_stuck(tally, stuck, 2, &missed), 2);
	assert_int_equal(stuck[0].connections, 3);
	assert_int_equal(stuck[1].server.addr[15], 3);
	assert_int_equal(stuck[1].connections, 1);
	assert_int_equal(tally_counts(tally)->close_wait.ns, 30 * SECOND);
	assert_int_equal(tally_counts(tally)->close_wait.side, CLIENT);
	assert_int_equal(tally_counts(tally)->age[CLOSE_HALF_CLOSED].side, CLIENT);
	tally_free(tally);
}

static void silent_is_open_without_payload_since_a_seen_handshake(void **state)
{
	struct tally *tally = new_tally(0);
	struct record r = closed(CLOSE_OPEN, CLOSER_NONE);
	const struct tally_counts *c = tally_counts(tally);

	(void)state;
	feed(tally, r, 2);
	r.midstream = true;
	feed(tally, r, 1);
	r.midstream = false;
	r.side[SERVER].bytes = 1;
	feed(tally, r, 1);
	assert_int_equal(c->closes[CLOSE_OPEN].count, 4);
	assert_int_equal(c->silent.count, 2);
	assert_int_equal(c->silent_age.ns, 70 * SECOND);
	tally_free(tally);
}

static void ages_are_since_the_state_began(void **state)
{
	struct record r = closed(CLOSE_OPEN, CLOSER_NONE);

	(void)state;
	assert_int_equal(tally_age(&r), 70 * SECOND);
	r.close = CLOSE_HALF_CLOSED;
	assert_int_equal(tally_age(&r), 60 * SECOND);
	r.side[CLIENT].fin_wait_2 = 65 * SECOND;
	assert_int_equal(tally_age(&r), 65 * SECOND);
	r.close = CLOSE_CLOSING;
	assert_int_equal(tally_age(&r), 60 * SECOND);
	r.teardown_time = 3 * SECOND;
	assert_int_equal(tally_age(&r), 63 * SECOND);
	r.close = CLOSE_GRACEFUL;
	assert_int_equal(tally_age(&r), UNKNOWN_NS);
	r.close = CLOSE_OPEN;
	r.start.ns = INT64_MIN;
	r.ended.ns = INT64_MAX;
	assert_int_equal(tally_age(&r), INT64_MAX);
	r.ended.ns = INT64_MIN;
	assert_int_equal(tally_age(&r), 0);
}

static void a_million_hosts_leave_the_heavy_ones(void **state)
{
	struct tally *tally = new_tally(1024);
	struct record r = closed(CLOSE_RESET, CLOSER_CLIENT);
	struct tally_host top[3];
	uint64_t missed = 0;

	(void)state;
	for (uint32_t i = 0; i < 1000000; i++) {
		r.host[CLIENT] = ipv4(0x20000000 + i);
		tally_record(tally, &r);
		r.host[CLIENT] = ipv4(0x0a000000 + i % 3);
		if (i % 100 < 10 - i % 3 * 4)
			tally_record(tally, &r);
	}
	assert_int_equal(tally_hosts(tally, top, 3, &missed), 3);
	assert_int_equal(top[0].host.addr[12], 10);
	assert_int_equal(top[1].host.addr[12], 10);
	assert_int_equal(top[2].host.addr[12], 10);
	assert_true(top[0].resets > top[1].resets && top[1].resets > top[2].resets);
	assert_true(missed > 0);
	assert_true(missed < top[2].resets);
	tally_free(tally);
}

static struct heavy *new_heavy(size_t max, uint64_t seed)
{
	struct heavy_options options = {
		.key_size = sizeof(uint32_t), .value_size = sizeof(uint64_t), .max = max, .seed = seed
	};
	struct heavy *heavy = heavy_new(&options);

	assert_non_null(heavy);
	return heavy;
}

static void heavy_is_exact_below_its_limit(void **state)
{
	struct heavy *heavy = new_heavy(1000, 7);
	bool held[1000] = { false };

	(void)state;
	for (uint32_t round = 0; round < 3; round++)
		for (uint32_t key = 0; key < 1000; key++)
			*(uint64_t *)heavy_add(heavy, &key, key + 1) += round;
	assert_int_equal(heavy_count(heavy), 1000);
	assert_int_equal(heavy_missed(heavy), 0);
	for (size_t i = 0; i < heavy_count(heavy); i++) {
		struct heavy_entry entry = heavy_at(heavy, i);
		uint32_t key;

		memcpy(&key, entry.key, sizeof key);
		assert_in_range(key, 0, 999);
		assert_false(held[key]);
		held[key] = true;
		assert_int_equal(entry.weight, 3 * (key + 1));
		assert_int_equal(*(const uint64_t *)entry.value, 0 + 1 + 2);
	}
	heavy_free(heavy);
}

/* What is not held weighed no more than heavy_missed() says; what is held lacks no more than that. */
static void heavy_keeps_its_promise_beyond(void **state)
{
	enum { KEYS = 5000 };
	struct heavy *heavy = new_heavy(100, 7);
	uint64_t truth[KEYS] = { 0 };
	bool held[KEYS] = { false };
	uint32_t random = 1;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		uint32_t key;

		random = random * 1664525 + 1013904223;
		key = (random >> 16) % KEYS;
		key = key % 3 ? key : key % 50;
		truth[key]++;
		heavy_add(heavy, &key, 1);
		assert_true(heavy_count(heavy) <= 100);
	}
	for (size_t i = 0; i < heavy_count(heavy); i++) {
		struct heavy_entry entry = heavy_at(heavy, i);
		uint32_t key;

		memcpy(&key, entry.key, sizeof key);
		held[key] = true;
		assert_true(entry.weight <= truth[key]);
		assert_true(entry.weight + heavy_missed(heavy) >= truth[key]);
	}
	for (uint32_t key = 0; key < KEYS; key++)
		if (!held[key])
			assert_true(truth[key] <= heavy_missed(heavy));
	heavy_free(heavy);
}

/* Before each table grows, while it does, and when it drops its lighter half. */
static void heavy_fetches_change_nothing(void **state)
{
	enum { AHEAD = 16 };
	struct heavy *fetched = new_heavy(1000, 7), *plain = new_heavy(1000, 7);
	struct heavy_fetch fetches[AHEAD];

	(void)state;
	for (uint32_t i = 0; i < 5000 + AHEAD; i++) {
		uint32_t key = i * i % 3001, added = (i - AHEAD) * (i - AHEAD) % 3001;

		if (i >= AHEAD) {
			heavy_fetch_on(&fetches[i % AHEAD]);
			heavy_add_fetched(&fetches[i % AHEAD], &added, 1);
			heavy_add(plain, &added, 1);
		}
		fetches[i % AHEAD] = heavy_fetch(fetched, &key);
	}
	assert_true(heavy_missed(plain) > 0);
	assert_int_equal(heavy_missed(fetched), heavy_missed(plain));
	assert_int_equal(heavy_count(fetched), heavy_count(plain));
	for (size_t i = 0; i < heavy_count(plain); i++) {
		assert_memory_equal(heavy_at(fetched, i).key, heavy_at(plain, i).key, sizeof(uint32_t));
		assert_int_equal(heavy_at(fetched, i).weight, heavy_at(plain, i).weight);
	}
	heavy_free(fetched);
	heavy_free(plain);
}

/* So many keys that some have the same hash, wherever it is that they differ. */
static void heavy_tells_keys_of_one_hash_apart(void **state)
{
	enum { KEYS = 300000 };
	static const struct {
		size_t size, at;
	} cases[] = { { 8, 2 },	  { 16, 0 },  { 16, 12 }, { 20, 16 }, { 33, 14 },
		      { 36, 18 }, { 36, 32 }, { 48, 16 }, { 48, 28 }, { 60, 30 } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct heavy_options options = { .key_size = cases[i].size, .max = 1 << 20, .seed = 7 };
		struct heavy *heavy = heavy_new(&options);

		assert_non_null(heavy);
		for (uint32_t key = 0; key < KEYS; key++) {
			unsigned char bytes[64] = { 0 };

			memcpy(bytes + cases[i].at, &key, sizeof key);
			heavy_add(heavy, bytes, 1);
		}
		assert_int_equal(heavy_count(heavy), KEYS);
		heavy_free(heavy);
	}
}

static void heavy_refuses_what_cannot_be(void **state)
{
	struct heavy_options options = { .key_size = 4, .max = 1 };

	(void)state;
	assert_null(heavy_new(&options));
	assert_int_equal(errno, EINVAL);
	options = (struct heavy_options){ .key_size = 0, .max = 10 };
	assert_null(heavy_new(&options));
	assert_int_equal(errno, EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_counted_at_first),
		cmocka_unit_test(closes_are_counted_by_who_began),
		cmocka_unit_test(lingering_is_counted_by_holder),
		cmocka_unit_test(resets_are_told_apart_by_what_was_closed_before),
		cmocka_unit_test(lost_bytes_count_only_where_known),
		cmocka_unit_test(hosts_are_those_that_sent_the_resets),
		cmocka_unit_test(a_reset_belongs_to_who_sent_the_rst),
		cmocka_unit_test(services_rank_by_share_above_a_least_number),
		cmocka_unit_test(failed_attempts_belong_to_their_target),
		cmocka_unit_test(lingering_and_one_sided_are_counted_where_they_mean_something),
		cmocka_unit_test(close_wait_names_the_program_that_does_not_close),
		cmocka_unit_test(silent_is_open_without_payload_since_a_seen_handshake),
		cmocka_unit_test(ages_are_since_the_state_began),
		cmocka_unit_test(a_million_hosts_leave_the_heavy_ones),
		cmocka_unit_test(heavy_is_exact_below_its_limit),
		cmocka_unit_test(heavy_keeps_its_promise_beyond),
		cmocka_unit_test(heavy_fetches_change_nothing),
		cmocka_unit_test(heavy_tells_keys_of_one_hash_apart),
		cmocka_unit_test(heavy_refuses_what_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
