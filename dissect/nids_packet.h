/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nids_packet.h - the packets that libnids is fed. It never sees one of the wire: these have headers of ours
 * in front of the wire's payload (design/libnids.md 0). Private to the reassembly of dissect/.
 *
 * Each function writes one IPv4 packet to 'at', which has room for it, and returns its length.
 */
#ifndef LASTACK_DISSECT_NIDS_PACKET_H
#define LASTACK_DISSECT_NIDS_PACKET_H

#include <stddef.h>
#include <stdint.h>

#include "dissect/fragment4.h"

enum {
	NIDS_HEADER = 20,      /* of IPv4, without options */
	NIDS_PRIMER_BYTES = 8, /* payload of a primer */
	NIDS_PACKET_MAX = 65535,
	/* Where a segment's payload begins; SYNs have 4 bytes of options. */
	NIDS_SEGMENT_HEADERS = NIDS_HEADER + 20,
};

/*
 * The header of a datagram of that key, or of its fragment: the field holds flags and offset. The destination
 * address is the number of the datagram's slot (fragment4.h), because libnids hashes, and limits memory, by
 * destination: so its table has no collisions to aim at, and no datagram is thrown away because of another.
 */
size_t nids_put_header(uint8_t *at, const struct fragment4_key *key, uint32_t slot, uint16_t field,
		       size_t payload);

size_t nids_put_fragment(uint8_t *at, const struct fragment4 *fragment, uint32_t slot);

/* A whole datagram of the same key makes libnids forget the fragments that it has. */
size_t nids_put_cancel(uint8_t *at, const struct fragment4_key *key, uint32_t slot);

/*
 * A last fragment of less than 8 bytes that begins a queue makes libnids read beyond it. This one is too far
 * out to be taken, but begins the queue.
 */
size_t nids_put_primer(uint8_t *at, const struct fragment4_key *key, uint32_t slot);

/* A TCP segment of a stream, which stands for a connection of whatever family and addresses. */
struct nids_segment {
	uint32_t stream; /* its client's address is this number */
	unsigned side;	 /* who sends it: 0 = the client, 1 = the server */
	uint8_t flags;	 /* a SYN gets a window scale of 14: the window is always 1 GiB */
	uint32_t seq, ack;
	const uint8_t *bytes; /* payload */
	size_t length;
};

size_t nids_put_segment(uint8_t *at, const struct nids_segment *segment);

/* The addresses and ports of a stream, network order and host order as libnids' struct tuple4 has them. */
struct nids_pair {
	uint32_t client, server;
	uint16_t client_port, server_port;
};

struct nids_pair nids_pair_of(uint32_t stream);

#endif
