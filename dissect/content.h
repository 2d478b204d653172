/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * content.h - what the applications at both ends of a connection sent last: segments in, the end of each
 * direction's stream out, in order and each byte once.
 *
 * libnids puts the streams in order, in a locked worker of its own (design/libnids.md). It gets segments of
 * our making, in which a connection is a number: so IPv4 and IPv6, pairs that are used again and connections
 * seen from the middle are all the same. It never sees a SYN, FIN or RST of the wire.
 *
 * The content is what was seen on the wire, whether or not its receiver accepted it (a full receiver drops
 * what probes its window). Of bytes that came in several versions the first stands. Bytes that are missing,
 * because the snap length cut them off or the capture or the network lost them, keep their place and are
 * marked as lost; a hole is waited for as long as its receiver has not acknowledged it, and a bit longer.
 */
#ifndef LASTACK_DISSECT_CONTENT_H
#define LASTACK_DISSECT_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "dissect/segment.h"

enum { CONTENT_TAIL_MAX = 65536 };

struct contents;

/*
 * Forks the worker, which must be done before a byte from outside is looked at. tail = bytes to keep of each
 * part of each direction, 1 to CONTENT_TAIL_MAX. NULL with errno. The worker ends when the calling thread
 * does. What fails in the worker while it starts shows as CONTENT_DEAD.
 */
struct contents *contents_new(size_t tail);

/*
 * A segment of connection 'id' (any number, but one connection's only), in the order of the capture, sent by
 * side 0 or 1. base = for each side the number that its offsets count from, one below its first byte; that of
 * a side that was neither seen nor acknowledged means nothing. bytes = the first 'captured' bytes of its
 * payload (dissect_payload()), not needed after the call. ICMP errors and RSTs are ignored.
 *
 * Memory is bounded: the connections followed at once, 4,096 or fewer when tails are long; what waits behind
 * holes, 8 MiB in one direction and 64 MiB in all, beyond which holes are given up.
 */
void content_segment(struct contents *c, uint64_t id, const struct segment *segment, unsigned side,
		     const struct seq base[2], const uint8_t *bytes, size_t captured);

enum content_part {
	CONTENT_BEFORE_FIN, /* what was sent before it acknowledged the other side's FIN, or all without one
			     */
	CONTENT_AFTER_FIN,  /* what was sent afterwards */
	CONTENT_PARTS,
};

/* What one side sent. All pointers are valid until the next call with the same struct contents. */
struct content {
	struct {
		uint64_t total;	      /* bytes sent, by sequence arithmetic */
		size_t length;	      /* of these the last: total, at most the tail asked for */
		const uint8_t *bytes; /* length bytes; those lost are 0 */
		const uint8_t *lost;  /* length flags: 0 = seen, 1 = lost */
	} part[CONTENT_PARTS];
};

enum content_result {
	CONTENT_FINE,
	CONTENT_UNKNOWN, /* the connection sent nothing, or there were too many to follow it */
	CONTENT_DEAD,	 /* no worker (any more) */
};

/* What 'side' has sent so far. Holes are not waited for any longer. */
enum content_result content_read(struct contents *c, uint64_t id, unsigned side, struct content *content);

/* The connection is over, or of no interest any more; an unknown one is fine. */
void content_close(struct contents *c, uint64_t id);

/* The worker's process, 0 when it is gone (a test kills it). */
pid_t contents_worker(const struct contents *c);

void contents_free(struct contents *c); /* NULL is fine; reaps the worker */

#endif
