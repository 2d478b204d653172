/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * this_host.h - what the host that watches its own interfaces knows beside the packets: which processes have
 * its ends of connections, and what its kernel counted. Only of live runs.
 *
 * Sandbox: this_host_open() opens, before anything is shut: a NETLINK_ROUTE socket, three files of /proc/net.
 * Afterwards only recvfrom() and pread() are called on them, and what the asker does.
 */
#ifndef LASTACK_UI_THIS_HOST_H
#define LASTACK_UI_THIS_HOST_H

#include "analyzer/record.h"
#include "ui/kernel.h"
#include "ui/processes.h"

struct this_host;

/*
 * Without the kernel's counters where they cannot be read; without all addresses but loopback, after a
 * complaint, where netlink is forbidden (a service's RestrictAddressFamilies=). NULL with errno = ENOMEM.
 */
struct this_host *this_host_open(void);

/*
 * From now on processes are asked for. asker is not owned; seed and max as in struct processes_options. False
 * with errno = ENOMEM.
 */
bool this_host_ask(struct this_host *host, struct asker *asker, uint64_t seed, size_t max);

/*
 * What is to be told everything; owned by the host. Its record() comes last, when the row has been written:
 * it forgets the connection.
 */
struct sink *this_host_sink(struct this_host *host);

/* Takes in what is new; as often as processes_work(), whose clock 'now' is. Never waits. */
void this_host_work(struct this_host *host, int64_t now);

/* The processes of a record's ends, by enum side, or NULL. Valid until the next call. */
const struct process *this_host_processes(struct this_host *host, const struct record *record);

/* What was counted so far, and seen; NULL where nothing is counted. Valid until the next call. */
const struct kernel_report *this_host_kernel(struct this_host *host);

/* All 0 where nobody is asked. */
struct processes_counts this_host_counts(const struct this_host *host);

void this_host_close(struct this_host *host); /* NULL is fine */

#endif
