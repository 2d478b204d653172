/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_relay.c - parcels between two threads: all of them, in order, and in place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>

#include "ui/relay.h"

enum { MANY = 20000 };

struct parcel {
	uint64_t number;
	uint64_t uses; /* of its place */
	unsigned char filling[1000];
};

struct sender {
	struct relay *relay;
	uint64_t parcels;  /* to send */
	uint64_t places;   /* that were used for the first time */
	bool slow, seldom; /* seldom is the receiver to be woken */
};

static void *send_all(void *argument)
{
	struct sender *s = argument;

	for (uint64_t k = 1; k <= s->parcels; k++) {
		struct parcel *parcel = relay_blank(s->relay);

		parcel->number = k;
		if (parcel->uses++ == 0)
			s->places++;
		memset(parcel->filling, (int)(k % 251), sizeof parcel->filling);
		if (s->seldom && k % 64 != 0)
			relay_send_later(s->relay);
		else
			relay_send(s->relay);
		if (s->slow && k % 100 == 0)
			sched_yield();
	}
	relay_close(s->relay);
	return NULL;
}

static void take_all(struct sender *s, bool slow)
{
	const struct parcel *parcel;
	uint64_t k = 0;
	pthread_t thread;

	s->relay = relay_new(sizeof(struct parcel));
	assert_non_null(s->relay);
	assert_int_equal(pthread_create(&thread, NULL, send_all, s), 0);
	while ((parcel = relay_take(s->relay)) != NULL) {
		k++;
		if (slow && k % 50 == 0)
			sched_yield();
		assert_int_equal(parcel->number, k);
		for (size_t i = 0; i < sizeof parcel->filling; i++)
			assert_true(parcel->filling[i] == k % 251);
	}
	pthread_join(thread, NULL);
	assert_int_equal(k, s->parcels);
	relay_free(s->relay);
}

static void test_all_arrive_in_order(void **state)
{
	(void)state;
	for (int i = 0; i < 8; i++) {
		struct sender s = { .parcels = MANY + 5, .slow = i & 1, .seldom = i & 4 };

		take_all(&s, i & 2);
		assert_in_range(s.places, 2, 64); /* bounded, and used again */
	}
}

static void test_nothing_is_sent(void **state)
{
	struct sender s = { .parcels = 0 };

	(void)state;
	take_all(&s, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_arrive_in_order),
		cmocka_unit_test(test_nothing_is_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
