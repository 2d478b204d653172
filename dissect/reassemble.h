/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reassemble.h - IPv4 fragments in, whole datagrams out, by libnids in a worker process.
 *
 * reassembler.c forks a worker that can only read and write two pipes (cage.h), guards every
 * fragment before it reaches libnids there, and lives on without the worker when that dies.
 * reassemble.c, the only file that knows libnids (design/libnids.md), is what runs in the worker;
 * nids_work.h says why it brings a gettimeofday() that the whole program finds. Time is packet time:
 * fragments expire REASSEMBLE_TIMEOUT_NS after the first of their datagram.
 */
#ifndef LASTACK_DISSECT_REASSEMBLE_H
#define LASTACK_DISSECT_REASSEMBLE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "dissect/segment.h"

#define REASSEMBLE_TIMEOUT_NS (30LL * 1000000000)

struct reassembler;

enum reassemble_result {
	REASSEMBLE_WAITING, /* taken; the datagram is not complete */
	REASSEMBLE_WHOLE,   /* the datagram is complete: *datagram, *length */
	REASSEMBLE_REFUSED, /* a length that lies, cut short, an overlap (see fragment4.h): not taken */
	REASSEMBLE_DEAD,    /* no worker (any more) */
};

/*
 * Forks the worker. memory = bytes that waiting fragments may hold here and in the worker; the oldest
 * datagrams are given up beyond it. NULL with errno. The worker ends when the calling thread does, which must
 * therefore be one that lasts. What fails in the worker while it starts shows as REASSEMBLE_DEAD.
 */
struct reassembler *reassembler_new(size_t memory);

/*
 * One IPv4 fragment: 'packet' is its IPv4 header and as much of its payload as was captured (length bytes).
 * *datagram (after REASSEMBLE_WHOLE) is an unfragmented IPv4 datagram without options, valid until the next
 * call: TOS and TTL are those of its first fragment, flags and offset 0, length and checksum are right.
 * Waits for the worker's answer, a few seconds at most; a worker that does not answer by then is dead.
 */
enum reassemble_result reassemble(struct reassembler *r, struct moment at, const uint8_t *packet,
				  size_t length, const uint8_t **datagram, size_t *datagram_length);

/* Datagrams given up before complete so far: expired, pushed out by the memory limit, overlapped, lost with
 * the worker. */
uint64_t reassembler_given_up(const struct reassembler *r);

/* The worker's process, 0 when it is gone (a test kills it). */
pid_t reassembler_worker(const struct reassembler *r);

void reassembler_free(struct reassembler *r); /* NULL is fine; reaps the worker */

#endif
