/* SPDX-License-Identifier: GPL-2.0-or-later */
/* metrics_parts.h - what the files of the metrics share, and nobody else knows. */
#ifndef LASTACK_UI_METRICS_PARTS_H
#define LASTACK_UI_METRICS_PARTS_H

#include "ui/metrics.h"

enum { HISTOGRAM_BUCKETS_MAX = 16, SERVICE_OTHER = 0, PORTS = UINT16_MAX + 1 };

/* The upper bound of a histogram's bucket. */
struct bucket {
	int64_t ns;
	const char *le; /* the same in seconds, as OpenMetrics wants floats written */
};

struct buckets {
	const struct bucket *at;
	size_t n; /* < HISTOGRAM_BUCKETS_MAX */
};

extern const struct buckets teardown_buckets, close_wait_buckets;

struct histogram {
	uint64_t count[HISTOGRAM_BUCKETS_MAX]; /* each by itself, the last for what is in no other */
	uint64_t sum_s, sum_ns;		       /* the latter below 10^9 */
};

struct server;

struct metrics {
	struct sink sink; /* first: see record.h */
	struct metrics_options options;
	struct census *census;
	struct server *server;	   /* NULL before metrics_listen() */
	struct metrics_input most; /* the greatest of each counter so far */

	uint64_t records;
	uint32_t closes[PORTS]; /* by the server's port, at most UINT32_MAX */
	uint8_t service[PORTS]; /* index into closed, SERVICE_OTHER for most */
	uint16_t port[METRICS_SERVICES + 1];
	int services;	  /* that have a label, and 'other' */
	int combinations; /* cells of closed that are not 0, but for those of 'other' */
	uint64_t closed[METRICS_SERVICES + 1][CLOSE_COUNT][CAUSE_COUNT][CLOSER_COUNT];

	struct histogram teardown, close_wait[2];
	uint64_t lost_bytes, rst_ignored;
};

/* metrics_text.c: as label values and, where quotes are not escaped, help texts need it. */
void metrics_escape(struct text *text, const char *string, bool quotes);

/* metrics_http.c */
void server_free(struct server *server); /* NULL is fine */

#endif
