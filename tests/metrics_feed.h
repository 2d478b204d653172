/* SPDX-License-Identifier: GPL-2.0-or-later */
/* metrics_feed.h - records and changes made by hand for tests of the metrics. */
#ifndef LASTACK_TESTS_METRICS_FEED_H
#define LASTACK_TESTS_METRICS_FEED_H

#include "ui/metrics.h"

#define SECOND	      INT64_C(1000000000)
#define METRICS_BEGIN (INT64_C(1795161600) * SECOND) /* 2026-11-20 08:00:00 UTC */

/* 2MSL of a minute, 28,232 ports, started at METRICS_BEGIN, and fed with nothing; NULL when memory is out. */
struct metrics *feed_new(void (*fill)(void *, struct metrics_input *), void *context);

/* A graceful close by the client from 10.0.0.1:40000 to 10.0.0.2:443, of which no change was told. */
struct record feed_graceful(void);

void feed_record(struct metrics *metrics, struct record record, int times);

/* Something of everything, the states too. May be called again and again. */
void feed_mix(struct metrics *metrics);

/* What fill() would say of that, 'n' times over, a minute after METRICS_BEGIN. */
struct metrics_input feed_input(uint64_t n);

#endif
