/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * summary_page.h - for tests of the summary: records made by hand, and its text against tests/golden/.
 * Whatever goes wrong in here fails the cmocka test that called.
 */
#ifndef LASTACK_TESTS_SUMMARY_PAGE_H
#define LASTACK_TESTS_SUMMARY_PAGE_H

#include "ui/summary.h"

#define SECOND 1000000000LL
#define BEGIN  (1795161600LL * SECOND) /* 2026-11-20 08:00:00 UTC */

struct host ipv4(unsigned a, unsigned b, unsigned c, unsigned d);
struct host ipv6(unsigned last); /* with the longest text an address can have: 39 characters */

/* A graceful close after ten seconds by the client, from 10.0.0.1:40000 to 10.0.0.2:443. */
struct record graceful(void);

/* The same connection with another end. */
struct record without_time_wait(enum close close, enum closer closer);
struct record lingering(enum holder holder);
struct record reset(enum closer closer);
struct record still(enum close close, int64_t seconds); /* so old at the end of the observation */

/* The side has been ESTABLISHED, then those two. */
void set_state(struct record_side *side, enum state before, enum state now);

/* To be freed by summary_free(). */
struct summary *new_summary(size_t entries, uint64_t seed);

void feed(struct summary *summary, struct record record, int times);

/* One input, 312 seconds, so many frames. */
struct summary_input input_of(uint64_t frames);

/* No line is too wide, none ends with a space. */
void assert_fits(const char *text);

/* The page, which fits; to be freed. */
char *printed(struct summary *summary, const struct summary_input *in);

/*
 * What is printed is what tests/golden/summary_NAME.txt holds; frees the summary. With LASTACK_GOLDEN=write
 * in the environment the file is written anew instead; look at the difference then.
 */
void assert_golden(struct summary *summary, const struct summary_input *in, const char *name);

#endif
