/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/watching.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/wire.h"

volatile sig_atomic_t stop;

char said[1024];

static void note(void *context, const struct capture_error *error)
{
	(void)context;
	strncat(said, error->text, sizeof said - strlen(said) - 2);
	strcat(said, "\n");
}

const struct watch_options usual = { .stop = &stop, .snaplen = SNAPLEN, .buffer = 4 << 20 };

struct captures *watch(const char *interfaces, const struct watch_options *options)
{
	static char copy[64];
	const char *names[4];
	size_t n = 0;

	snprintf(copy, sizeof copy, "%s", interfaces);
	for (char *name = strtok(copy, " "); name; name = strtok(NULL, " "))
		names[n++] = name;
	stop = 0;
	said[0] = '\0';
	return captures_watch(names, n, options, note, NULL);
}

int64_t now_by(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

struct frame next(struct captures *c)
{
	struct frame frame;

	for (int i = 0; i < 20; i++) {
		int result = captures_next(c, &frame);

		if (result == CAPTURES_FRAME)
			return frame;
		assert_int_equal(result, CAPTURES_IDLE);
	}
	fail_msg("no frame came");
	return frame;
}

void nothing_more(struct captures *c)
{
	struct frame frame;

	for (int i = 0; i < 3; i++)
		assert_int_equal(captures_next(c, &frame), CAPTURES_IDLE);
}

int make_wire(void **state)
{
	(void)state;
	wire_make();
	return 0;
}

int remove_wire(void **state)
{
	(void)state;
	wire_remove();
	return 0;
}
