/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * live.h - interfaces that are watched: what passes there, in the order of its time. Private to dissect/;
 * capture.h says what it is for.
 *
 * After live_open(), and until live_close(), it calls the kernel only so (everything was opened before):
 *
 *	poll	      (ppoll where there is no poll) the interfaces' packet sockets
 *	getsockopt    (SOL_SOCKET, SO_ERROR), by libpcap where poll told of an error;
 *		      (SOL_PACKET, PACKET_STATISTICS) by live_loss()
 *	getsockname   of the packet sockets
 *	ioctl	      (SIOCGIFFLAGS), four times a second
 *	pread64	      of /sys/class/net/INTERFACE/statistics/..., by live_loss()
 *	clock_gettime (CLOCK_REALTIME, CLOCK_MONOTONIC), where the vDSO has none
 *
 * libpcap's descriptors are in non-blocking mode, in which it has no event descriptor to read or to write.
 * Should the ring hold nonsense, libpcap also calls uname. live_close() calls setsockopt (SOL_PACKET,
 * PACKET_RX_RING), munmap and close.
 */
#ifndef LASTACK_DISSECT_LIVE_H
#define LASTACK_DISSECT_LIVE_H

#include "dissect/capture.h"
#include "dissect/frame.h"
#include "dissect/input.h"

struct live;

/* As captures_watch(). names and shared must outlive it. */
struct live *live_open(const char *const *names, size_t n, const struct watch_options *options,
		       struct inputs *shared);

/* An enum captures_result. The frame lacks its packet number; its bytes are valid until the next call. */
int live_next(struct live *live, struct frame *frame);

/* As captures_clock(), captures_loss(), captures_waiting(). */
struct moment live_clock(const struct live *live);
struct capture_loss live_loss(struct live *live);
uint64_t live_waiting(const struct live *live);

void live_close(struct live *live); /* NULL is fine */

#endif
