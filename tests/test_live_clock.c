/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_live_clock.c - watching while somebody sets the system's clock back. The kernel's own clock stays as
 * it is, so that frames look as if they were captured before that. Without root it is skipped (77).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/watching.h"
#include "tests/wire.h"

#define HOUR (INT64_C(3600000) * MS)

static const struct wire_frame syn = { .protocol = 6, .port = 80, .flags = 2 };

static int64_t ahead; /* of the kernel's clock */

int __real_clock_gettime(clockid_t clock, struct timespec *time);
int __wrap_clock_gettime(clockid_t clock, struct timespec *time);

/* Of all that is linked into this test (--wrap). */
int __wrap_clock_gettime(clockid_t clock, struct timespec *time)
{
	int result = __real_clock_gettime(clock, time);

	if (clock == CLOCK_REALTIME)
		time->tv_sec += ahead / 1000000000;
	return result;
}

static struct frame sent_and_seen(struct captures *c)
{
	wire_send("sender", &syn);
	return next(c);
}

static void assert_about(struct moment at, int64_t ns)
{
	assert_in_range(at.ns, ns - 2000 * MS, ns + 2000 * MS);
}

static int64_t wall(void)
{
	return now_by(CLOCK_REALTIME);
}

static void time_goes_back_with_the_clock(void **state)
{
	struct captures *c = watch("seer", &usual);

	(void)state;
	assert_non_null(c);
	assert_about(sent_and_seen(c).at, wall());
	nothing_more(c);
	assert_about(captures_clock(c), wall());
	ahead = -HOUR;
	nothing_more(c);
	assert_about(captures_clock(c), wall());
	assert_about(sent_and_seen(c).at, wall());
	nothing_more(c);
	assert_about(captures_clock(c), wall());
	captures_close(c);
}

static void a_little_is_waited_for(void **state)
{
	struct captures *c = watch("seer", &usual);
	struct moment before;

	(void)state;
	assert_non_null(c);
	sent_and_seen(c);
	nothing_more(c);
	before = captures_clock(c);
	ahead = -5000 * MS;
	nothing_more(c);
	assert_in_range(captures_clock(c).ns, before.ns, before.ns + 1000 * MS);
	captures_close(c);
}

static void frames_that_wait_go_back_too(void **state)
{
	struct captures *c = watch("seer sender", &usual);

	(void)state;
	assert_non_null(c);
	for (int i = 0; i < 10; i++)
		wire_send("sender", &syn);
	assert_about(next(c).at, wall());
	ahead = -HOUR;
	for (int i = 1; i < 20; i++)
		next(c);
	nothing_more(c);
	assert_about(captures_clock(c), wall());
	captures_close(c);
}

static int remove_wire_and_clock(void **state)
{
	ahead = 0;
	return remove_wire(state);
}

#define ON_CLOCK(test) cmocka_unit_test_setup_teardown(test, make_wire, remove_wire_and_clock)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_CLOCK(time_goes_back_with_the_clock),
		ON_CLOCK(a_little_is_waited_for),
		ON_CLOCK(frames_that_wait_go_back_too),
	};

	if (!wire_namespace()) {
		puts("skipped: a network namespace needs root");
		return SKIPPED;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
