/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watching.h - what the tests of watching interfaces share; wire.h is what they watch. */
#ifndef LASTACK_TESTS_WATCHING_H
#define LASTACK_TESTS_WATCHING_H

#include <signal.h>
#include <time.h>

#include "dissect/capture.h"

#define MS INT64_C(1000000)

enum { SKIPPED = 77, SNAPLEN = 128 };

extern volatile sig_atomic_t stop;	 /* as in 'usual' */
extern const struct watch_options usual; /* SNAPLEN, a small buffer, nothing else */
extern char said[1024];			 /* complaints since watch(), a line each */

/* Interfaces are separated by spaces. NULL if one of them cannot be watched. */
struct captures *watch(const char *interfaces, const struct watch_options *options);

/* The next frame; fails the test if none comes. */
struct frame next(struct captures *c);

/* Fails the test if a frame comes within a while. */
void nothing_more(struct captures *c);

int64_t now_by(clockid_t clock); /* in ns */

/* For cmocka: a wire for each test. */
int make_wire(void **state);
int remove_wire(void **state);
#define ON_WIRE(test) cmocka_unit_test_setup_teardown(test, make_wire, remove_wire)

#endif
