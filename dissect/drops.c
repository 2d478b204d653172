/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * drops.c - see drops.h: counters under /sys/class/net (Linux, Documentation/networking/statistics.rst).
 *
 * The two that libpcap takes: rx_missed_errors (no room in the device's buffers) and rx_fifo_errors. Not
 * rx_dropped: it also counts packets that nobody in the kernel wanted, such as those of a VLAN that
 * the host is not in, after they were captured. On a mirror port that can be every single one.
 */
#include "dissect/drops.h"

#include <fcntl.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COUNTERS = 2 };

static const char *const counter_files[COUNTERS] = { "rx_missed_errors", "rx_fifo_errors" };

struct drops {
	int files[COUNTERS]; /* -1 = not there */
	uint64_t last[COUNTERS];
	uint64_t count;
};

static int open_file_of(const char *interface, const char *file)
{
	char path[256];

	snprintf(path, sizeof path, "/sys/class/net/%.64s/%s", interface, file);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* The number in a file; what it was before if it cannot be read any more. */
static uint64_t number_in(int file, uint64_t before)
{
	char text[32];
	ssize_t n = file == -1 ? -1 : pread(file, text, sizeof text - 1, 0);

	if (n <= 0)
		return before;
	text[n] = '\0';
	return strtoull(text, NULL, 10);
}

/* /sys can be another network namespace's, with an interface of the same name. */
static bool is_ours(const char *interface)
{
	int file = open_file_of(interface, "ifindex");
	uint64_t number = number_in(file, 0);

	if (file != -1)
		close(file);
	return number > 0 && number == if_nametoindex(interface);
}

struct drops *drops_open(const char *interface)
{
	struct drops *d = is_ours(interface) ? calloc(1, sizeof *d) : NULL;

	for (int i = 0; d && i < COUNTERS; i++) {
		char file[64];

		snprintf(file, sizeof file, "statistics/%s", counter_files[i]);
		d->files[i] = open_file_of(interface, file);
		d->last[i] = number_in(d->files[i], 0);
	}
	return d;
}

uint64_t drops_count(struct drops *d)
{
	for (int i = 0; d && i < COUNTERS; i++) {
		uint64_t now = number_in(d->files[i], d->last[i]);

		/* A driver that was reset begins at 0 again. */
		d->count += now >= d->last[i] ? now - d->last[i] : now;
		d->last[i] = now;
	}
	return d ? d->count : 0;
}

void drops_close(struct drops *d)
{
	for (int i = 0; d && i < COUNTERS; i++)
		if (d->files[i] != -1)
			close(d->files[i]);
	free(d);
}
