/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_relay.c - batches between two threads: all of them, in order, and an end from either side. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <sched.h>

#include "ui/relay.h"

enum { MANY = 20000 };

struct sender {
	struct relay *relay;
	uint64_t parcels; /* to send */
	uint64_t sent;
	bool slow;
};

/* Parcel k holds one segment, number k, and tells the time k when k is odd. */
static void *send_all(void *argument)
{
	struct sender *s = argument;

	for (uint64_t k = 1; k <= s->parcels; k++) {
		struct parcel *parcel = relay_blank(s->relay);

		if (!parcel)
			break;
		parcel->segments[0] = (struct segment){ .packet = k };
		parcel->n = 1;
		parcel->ticks = k & 1;
		parcel->tick.ns = (int64_t)k;
		relay_send(s->relay);
		s->sent++;
		if (s->slow && k % 100 == 0)
			sched_yield();
	}
	relay_close(s->relay);
	return NULL;
}

static void take_some(struct sender *s, uint64_t most, bool slow)
{
	const struct parcel *parcel;
	uint64_t k = 0;
	pthread_t thread;

	s->relay = relay_new();
	assert_non_null(s->relay);
	assert_int_equal(pthread_create(&thread, NULL, send_all, s), 0);
	while (k < most && (parcel = relay_take(s->relay)) != NULL) {
		k++;
		assert_int_equal(parcel->n, 1);
		assert_int_equal(parcel->segments[0].packet, k);
		assert_int_equal(parcel->ticks, k & 1);
		assert_int_equal(parcel->tick.ns, k);
		if (slow && k % 50 == 0)
			sched_yield();
	}
	if (k == most)
		relay_abandon(s->relay);
	pthread_join(thread, NULL);
	if (k < most)
		assert_int_equal(k, s->parcels);
	relay_free(s->relay);
}

static void test_all_arrive_in_order(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		struct sender s = { .parcels = MANY, .slow = i & 1 };

		take_some(&s, UINT64_MAX, i & 2);
		assert_int_equal(s.sent, MANY);
	}
}

static void test_nothing_is_sent(void **state)
{
	struct sender s = { .parcels = 0 };

	(void)state;
	take_some(&s, UINT64_MAX, false);
}

/* The sender is told, also when it waits for room, and sends little more. */
static void test_receiver_gives_up(void **state)
{
	(void)state;
	for (uint64_t most = 0; most < 100; most += 7) {
		struct sender s = { .parcels = MANY };

		take_some(&s, most, false);
		assert_true(s.sent < MANY);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_arrive_in_order),
		cmocka_unit_test(test_nothing_is_sent),
		cmocka_unit_test(test_receiver_gives_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
