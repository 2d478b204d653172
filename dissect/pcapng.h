/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pcapng.h - packets out of a pcapng capture (draft-ietf-opsawg-pcapng).
 *
 * Sections of either byte order, any number of them; interfaces of different link types and time units;
 * enhanced, simple and the obsolete packet blocks. Other blocks are passed over. Every length is checked
 * before it is used.
 */
#ifndef LASTACK_DISSECT_PCAPNG_H
#define LASTACK_DISSECT_PCAPNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/frame.h"
#include "dissect/segment.h"
#include "dissect/stream.h"

struct dissector;
struct pcapng;

enum {
	PCAPNG_NAME_MAX = 64,		     /* of an interface, with its terminator; the rest is cut */
	PCAPNG_MAX_INTERFACES = 65536,	     /* described in a section; with more it is refused */
	PCAPNG_MAX_BLOCK = 16 * 1024 * 1024, /* bytes, as libpcap */
};

struct pcapng_interface {
	int link;		    /* DLT_* */
	uint32_t snaplen;	    /* 0 = no limit */
	uint64_t ticks;		    /* of its timestamps per second */
	uint64_t tick_ns;	    /* ns in one of them ... */
	uint64_t ticks_simple;	    /* ... by which those below this number need only be multiplied */
	int64_t offset;		    /* seconds to add to them */
	uint32_t number;	    /* within its section, from 0 */
	char name[PCAPNG_NAME_MAX]; /* printable ASCII, anything else is '?'; empty if it has none */
	/*
	 * For the caller, -1 at first. An interface that comes again in the next section (same number, link
	 * type and name) keeps it.
	 */
	int32_t source;
};

struct pcapng_packet {
	struct moment at;     /* a packet without a time (simple packet block) has the last one's */
	const uint8_t *bytes; /* caplen of them; valid until the next call */
	uint32_t caplen, len;
	struct pcapng_interface *interface; /* valid until the next call */
};

enum pcapng_result { PCAPNG_PACKET, PCAPNG_END, PCAPNG_BROKEN };

/* Reads from s, which stays the caller's. NULL with errno = ENOMEM. */
struct pcapng *pcapng_new(struct stream *s);

/* The next packet. After PCAPNG_BROKEN, pcapng_error() says why, and no more comes. */
enum pcapng_result pcapng_next(struct pcapng *p, struct pcapng_packet *packet);

/*
 * The packets that can be taken as they are, in a row, at most 'room': in enhanced packet blocks that are
 * whole in the stream's buffer, of interfaces that have a source already. They are numbered from 'packet' on,
 * matched, and valid until the next pcapng_next(). Returns how many there were; none does not mean that no
 * more come.
 */
size_t pcapng_take(struct pcapng *p, struct frame *frames, size_t room, uint64_t packet);

/*
 * The same, decoded at once, as long as they are usual (usual.h) and the file has this machine's byte order:
 * segments[i] is what dissect_frame() makes of the i-th, but for dissect_payload(). Returns how many there
 * were.
 */
size_t pcapng_segments(struct pcapng *p, struct dissector *dissector, struct segment *segments, size_t room,
		       uint64_t packet);

/* Interfaces that the section described so far. */
size_t pcapng_interfaces(const struct pcapng *p);

/* A sentence for people without the file's name. Valid until pcapng_free(). */
const char *pcapng_error(const struct pcapng *p);

/* Times are kept where no sum or difference of two of them overflows: 1970 to 2116; others become the
 * nearest. */
struct moment pcapng_moment(uint64_t ticks, uint64_t ticks_per_second, int64_t offset);

void pcapng_free(struct pcapng *p); /* NULL is fine */

#endif
