/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * metrics.h - --metrics: what Prometheus and its like ask for. A sink that counts records and changes, the
 * text of what it counted (Prometheus text format 0.0.4, OpenMetrics 1.0), and a small HTTP server for it.
 *
 * Which metrics there are: metric_list.h. Memory and the number of lines are bounded whatever is seen: only
 * METRICS_SERVICES ports of services have a label of their own, only METRICS_HOLDERS holders of TIME-WAIT on
 * each side are named, and of the combinations of close, cause, closer and such a port the first
 * METRICS_COMBINATIONS count by themselves; all else is "other". A port that has its label keeps it, so
 * no counter ever decreases.
 *
 * The server has no thread. The live loop calls metrics_serve() again and again, at least every 100 ms; that
 * never waits, and between two calls nothing happens. Text is only made when it is asked for, at most five
 * times a second. No client can hold anything up or take much memory: a request may have 8 KiB, a
 * connection lasts ten seconds at most and serves one request, and of sixteen the oldest makes room for
 * another.
 *
 * For who writes the seccomp filter: after metrics_listen() has returned, this and libmicrohttpd 0.9.75 call
 * (strace; glibc 2.36, x86-64): accept4, close, epoll_ctl, epoll_wait, poll, pread64, recvfrom, sendmsg,
 * sendto, setsockopt (TCP_NODELAY), shutdown; to tell the time clock_gettime and time, which stay in the vDSO
 * where there is one; and of malloc brk, mmap, mremap, munmap (anonymous memory only). Nothing is opened.
 */
#ifndef LASTACK_UI_METRICS_H
#define LASTACK_UI_METRICS_H

#include "analyzer/census.h"
#include "analyzer/tracker.h"
#include "dissect/capture.h"
#include "ui/format.h"
#include "ui/metrics_address.h"

enum { METRICS_SERVICES = 20, METRICS_COMBINATIONS = 2000, METRICS_HOLDERS = 20 };

enum metrics_format { METRICS_TEXT, METRICS_OPENMETRICS, METRICS_FORMATS };

struct metrics;

/* What is not in records, filled in just before it is told. Counters that fall are told as the most they
 * were. */
struct metrics_input {
	struct moment now; /* captures_clock(): what ages are counted to */
	uint64_t packets;
	struct capture_loss loss;
	struct tracker_counts tracker;
	uint64_t max_flows;
	bool queue_known; /* whether queue_packets is; if not it is not told */
	uint64_t queue_packets;
	uint64_t rows_written, rows_lost;
	uint64_t resident; /* bytes; 0 = not known, not told. metrics_serve() fills it in itself */
};

struct metrics_options {
	int64_t time_wait;     /* 2MSL, ns, the tracker's; > 0 */
	uint64_t ports;	       /* ephemeral ports of a host */
	uint64_t seed;	       /* of the hashes; random in production, fixed in tests */
	struct moment started; /* when the program was, by the wall clock */
	/* Called by metrics_serve() when somebody asks, *input being zeros. */
	void (*fill)(void *context, struct metrics_input *input);
	void *context;
};

/* NULL with errno = ENOMEM or EINVAL. */
struct metrics *metrics_new(const struct metrics_options *options);

/* The sink to give records and changes to; owned by metrics. */
struct sink *metrics_sink(struct metrics *metrics);

/* What is alive now, for others who want to know. */
const struct census *metrics_census(const struct metrics *metrics);

/*
 * Appends all metrics. text->cut says when there was not enough room: one MiB is enough for anything.
 */
enum { METRICS_BYTES_MAX = 1 << 20 };
void metrics_write(struct metrics *metrics, enum metrics_format format, const struct metrics_input *input,
		   struct text *text);

/*
 * Opens the listening socket and what the server needs; the last moment for it is before the sandbox is
 * closed, and in the process that will call metrics_serve(). Port 0 is told on standard error with the port
 * that it became. False after a complaint.
 */
bool metrics_listen(struct metrics *metrics, const struct metrics_address *address);

/* Answers who has asked. Never waits; costs next to nothing when nobody has, or when called too often. */
void metrics_serve(struct metrics *metrics);

void metrics_free(struct metrics *metrics); /* NULL is fine */

#endif
