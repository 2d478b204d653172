/* SPDX-License-Identifier: GPL-2.0-or-later */
/* this_host.c - see this_host.h. */
#include "ui/this_host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ui/complain.h"

enum { REFRESH_NS = 500000000 };

struct this_host {
	struct sink sink; /* first: see record.h */
	struct addresses *addresses;
	struct kernel *kernel;	     /* NULL = its counters cannot be read */
	struct processes *processes; /* NULL = nobody is asked */
	struct kernel_report report;
	int64_t refreshed;
};

static void host_record(struct sink *sink, const struct record *record)
{
	struct this_host *host = (struct this_host *)sink;

	if (host->processes)
		processes_forget(host->processes, record->first_packet);
}

static void host_segment(struct sink *sink, const struct sighting *sighting)
{
	struct this_host *host = (struct this_host *)sink;

	kernel_see_segment(&host->report.seen, host->addresses, sighting);
}

static void host_change(struct sink *sink, const struct change *change)
{
	struct this_host *host = (struct this_host *)sink;

	kernel_see_change(&host->report.seen, host->addresses, change);
	if (host->processes)
		processes_change(host->processes, change);
}

struct this_host *this_host_open(void)
{
	struct this_host *host = calloc(1, sizeof *host);

	if (!host)
		return NULL;
	host->sink = (struct sink){ .record = host_record, .segment = host_segment, .change = host_change };
	host->refreshed = INT64_MIN;
	host->addresses = addresses_open();
	if (!host->addresses) {
		complain(NULL, "this host's addresses cannot be read, so its processes are not named: %s",
			 strerror(errno));
		host->addresses = addresses_new();
	}
	if (!host->addresses) {
		free(host);
		return NULL;
	}
	host->kernel = kernel_open();
	return host;
}

bool this_host_ask(struct this_host *host, struct asker *asker, uint64_t seed, size_t max)
{
	const struct processes_options options = {
		.asker = asker, .addresses = host->addresses, .seed = seed, .max = max
	};

	host->processes = processes_new(&options);
	return host->processes != NULL;
}

struct sink *this_host_sink(struct this_host *host)
{
	return &host->sink;
}

void this_host_work(struct this_host *host, int64_t now)
{
	if (host->refreshed == INT64_MIN || now - host->refreshed >= REFRESH_NS) {
		addresses_refresh(host->addresses);
		host->refreshed = now;
	}
	if (host->processes)
		processes_work(host->processes, now);
}

const struct process *this_host_processes(struct this_host *host, const struct record *record)
{
	return host->processes ? processes_find(host->processes, record->first_packet) : NULL;
}

const struct kernel_report *this_host_kernel(struct this_host *host)
{
	if (!host->kernel)
		return NULL;
	host->report.counted = kernel_counted(host->kernel);
	return &host->report;
}

struct processes_counts this_host_counts(const struct this_host *host)
{
	return host->processes ? processes_counts(host->processes) : (struct processes_counts){ 0 };
}

void this_host_close(struct this_host *host)
{
	if (!host)
		return;
	processes_free(host->processes);
	kernel_close(host->kernel);
	addresses_free(host->addresses);
	free(host);
}
