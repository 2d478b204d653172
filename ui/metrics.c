/* SPDX-License-Identifier: GPL-2.0-or-later */
/* metrics.c - see metrics.h: counts records and changes. */
#include "ui/metrics_parts.h"

#include <stdlib.h>

#define NS_PER_S INT64_C(1000000000)

enum {
	SERVICE_CLOSES_LEAST = 10, /* that a port must have for a label of its own, and */
	SERVICE_SHARE_LEAST = 100, /* one in so many of all, so that no scan uses them up */
};

static const struct bucket teardown_at[] = {
	{ NS_PER_S / 1000, "0.001" }, { NS_PER_S / 200, "0.005" }, { NS_PER_S / 100, "0.01" },
	{ NS_PER_S / 20, "0.05" },    { NS_PER_S / 10, "0.1" },	   { NS_PER_S / 2, "0.5" },
	{ NS_PER_S, "1.0" },	      { 5 * NS_PER_S, "5.0" },	   { 10 * NS_PER_S, "10.0" },
	{ 60 * NS_PER_S, "60.0" },    { 300 * NS_PER_S, "300.0" },
};

static const struct bucket close_wait_at[] = {
	{ NS_PER_S / 1000, "0.001" },	 { NS_PER_S / 100, "0.01" },
	{ NS_PER_S / 10, "0.1" },	 { NS_PER_S, "1.0" },
	{ 10 * NS_PER_S, "10.0" },	 { 60 * NS_PER_S, "60.0" },
	{ 300 * NS_PER_S, "300.0" },	 { 3600 * NS_PER_S, "3600.0" },
	{ 21600 * NS_PER_S, "21600.0" }, { 86400 * NS_PER_S, "86400.0" },
};

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])
const struct buckets teardown_buckets = { teardown_at, COUNT_OF(teardown_at) };
const struct buckets close_wait_buckets = { close_wait_at, COUNT_OF(close_wait_at) };
_Static_assert(COUNT_OF(teardown_at) < HISTOGRAM_BUCKETS_MAX, "with +Inf there is room for all");
_Static_assert(COUNT_OF(close_wait_at) < HISTOGRAM_BUCKETS_MAX, "with +Inf there is room for all");

static void observe(struct histogram *histogram, const struct buckets *buckets, int64_t ns)
{
	size_t i = 0;

	if (ns < 0) /* UNKNOWN_NS, and nothing else */
		return;
	while (i < buckets->n && ns > buckets->at[i].ns)
		i++;
	histogram->count[i]++;
	histogram->sum_ns += (uint64_t)(ns % NS_PER_S);
	histogram->sum_s += (uint64_t)(ns / NS_PER_S) + histogram->sum_ns / (uint64_t)NS_PER_S;
	histogram->sum_ns %= (uint64_t)NS_PER_S;
}

/* The index of the port's label. It gets one of its own when it is one of those that matter. */
static uint8_t service_of(struct metrics *m, uint16_t port)
{
	if (m->closes[port] < UINT32_MAX)
		m->closes[port]++;
	if (m->service[port] == SERVICE_OTHER && m->services <= METRICS_SERVICES &&
	    m->closes[port] >= SERVICE_CLOSES_LEAST && m->closes[port] >= m->records / SERVICE_SHARE_LEAST) {
		m->port[m->services] = port;
		m->service[port] = (uint8_t)m->services++;
	}
	return m->service[port];
}

static void count_close(struct metrics *m, const struct record *r)
{
	uint8_t service = service_of(m, r->port[SERVER]);

	if (service != SERVICE_OTHER && m->closed[service][r->close][r->cause][r->closer] == 0) {
		if (m->combinations < METRICS_COMBINATIONS)
			m->combinations++;
		else
			service = SERVICE_OTHER;
	}
	m->closed[service][r->close][r->cause][r->closer]++;
}

static void take_record(struct sink *sink, const struct record *r)
{
	struct metrics *m = (struct metrics *)sink;

	m->records++;
	census_record(m->census, r);
	count_close(m, r);
	observe(&m->teardown, &teardown_buckets, r->teardown_time);
	for (int s = 0; s < 2; s++) {
		observe(&m->close_wait[s], &close_wait_buckets, r->side[s].close_wait);
		if (r->close == CLOSE_RESET && r->side[s].lost_known)
			m->lost_bytes += r->side[s].lost;
	}
	m->rst_ignored += r->rst_ignored;
}

static void take_change(struct sink *sink, const struct change *change)
{
	census_change(((struct metrics *)sink)->census, change);
}

struct metrics *metrics_new(const struct metrics_options *options)
{
	const struct census_options census = { .time_wait = options->time_wait, .seed = options->seed };
	struct metrics *m = calloc(1, sizeof *m);

	if (!m)
		return NULL;
	m->census = census_new(&census);
	if (!m->census) {
		free(m);
		return NULL;
	}
	m->options = *options;
	m->sink = (struct sink){ .record = take_record, .change = take_change };
	m->services = SERVICE_OTHER + 1;
	return m;
}

struct sink *metrics_sink(struct metrics *m)
{
	return &m->sink;
}

const struct census *metrics_census(const struct metrics *m)
{
	return m->census;
}

void metrics_free(struct metrics *m)
{
	if (!m)
		return;
	server_free(m->server);
	census_free(m->census);
	free(m);
}
