/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * serve_metrics.c - for tests/metrics.py: serves metrics as the live loop does, without a capture.
 *
 * usage: serve_metrics [ADDR:]PORT [crowd]
 *
 * With 'crowd' the metrics are as many as there can be. A line on standard input feeds them once more; at its
 * end the program ends, and says how long the longest metrics_serve() took, in microseconds.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "metrics_feed.h"
#include "ui/sandbox.h"

static void fill(void *context, struct metrics_input *input)
{
	*input = feed_input(*(uint64_t *)context);
}

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void feed_crowd(struct metrics *metrics)
{
	for (int i = 0; i < 12 * CLOSE_COUNT * CAUSE_COUNT * CLOSER_COUNT; i++) {
		for (uint16_t port = 1; port <= 40; port++) {
			struct record r = feed_graceful();

			r.port[SERVER] = port;
			r.close = (enum close)(i % CLOSE_COUNT);
			r.cause = (enum cause)(i / CLOSE_COUNT % CAUSE_COUNT);
			r.closer = (enum closer)(i / CLOSE_COUNT / CAUSE_COUNT % CLOSER_COUNT);
			feed_record(metrics, r, 1);
		}
	}
}

int main(int argc, char **argv)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	uint64_t fed = 1;
	struct metrics *metrics = feed_new(fill, &fed);
	struct metrics_address address;
	char bytes[256];
	struct text why = { .bytes = bytes, .size = sizeof bytes };
	int64_t longest = 0;

	if (argc < 2 || !metrics || !metrics_address_parse(&address, argv[1], &why)) {
		fprintf(stderr, "serve_metrics: %s\n", text_end(&why));
		return 2;
	}
	if (argc > 2 && strcmp(argv[2], "crowd") == 0)
		feed_crowd(metrics);
	feed_mix(metrics);
	/* Behind the door, as the program serves them. */
	if (!metrics_listen(metrics, &address) || !sandbox_enter(&(struct sandbox_user){ .given = false })) {
		metrics_free(metrics);
		return 1;
	}
	for (;;) {
		int64_t began;
		char line[64];

		if (poll(&input, 1, 10) > 0) {
			if (read(STDIN_FILENO, line, sizeof line) <= 0)
				break;
			feed_mix(metrics);
			fed++;
		}
		began = now_us();
		metrics_serve(metrics);
		began = now_us() - began;
		longest = began > longest ? began : longest;
	}
	metrics_free(metrics);
	printf("%lld\n", (long long)longest);
	return 0;
}
