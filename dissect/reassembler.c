/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reassembler.c - see reassemble.h: what runs outside the cage. Which fragments libnids is fed, what it must
 * answer, and how to go on without it.
 */
#include "dissect/reassemble.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dissect/cage.h"
#include "dissect/fragment4.h"
#include "dissect/nids_packet.h"
#include "dissect/nids_work.h"

enum {
	/* Far more packets to cancel than one fragment can push out, and the largest fragment. */
	REQUEST_MAX = 128 * 1024,
	WORKER_BYTES = 64 * 1024 * 1024, /* code, buffers and what malloc wastes, besides the fragments */
};

struct reassembler {
	struct cage cage;
	struct fragments4 *waiting;
	uint32_t slots;
	size_t request_length;
	uint8_t datagram[NIDS_PACKET_MAX];
};

/* Where the next packet of the request goes; its length is told to end_packet(). */
static uint8_t *begin_packet(struct reassembler *r)
{
	assert(r->request_length + sizeof(uint16_t) + NIDS_PACKET_MAX <= REQUEST_MAX);
	return r->cage.request + r->request_length + sizeof(uint16_t);
}

static void end_packet(struct reassembler *r, size_t length)
{
	uint16_t n = (uint16_t)length;

	memcpy(r->cage.request + r->request_length, &n, sizeof n);
	r->request_length += sizeof n + length;
}

static void cancel(void *context, uint32_t slot, const struct fragment4_key *key)
{
	struct reassembler *r = context;

	if (r->cage.pid != 0)
		end_packet(r, nids_put_cancel(begin_packet(r), key, slot));
}

struct reassembler *reassembler_new(size_t memory)
{
	struct cage_work work = {
		.name = "lastack-nids",
		.memory = 2 * memory + WORKER_BYTES,
		.request_max = REQUEST_MAX,
		.reply_max = NIDS_PACKET_MAX,
		.prepare = nids_fragments_prepare,
		.serve = nids_fragments_serve,
	};
	struct reassembler *r = calloc(1, sizeof *r);

	if (!r)
		return NULL;
	r->waiting = fragments4_new(memory, cancel, r);
	if (r->waiting) {
		r->slots = fragments4_slots(r->waiting);
		if (cage_open(&r->cage, &work, &r->slots) == 0)
			return r;
	}
	int error = errno;

	fragments4_free(r->waiting);
	free(r);
	errno = error;
	return NULL;
}

/* RFC 1071. */
static uint16_t header_checksum(const uint8_t *header)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < NIDS_HEADER; i += 2)
		sum += (uint32_t)(header[i] << 8 | header[i + 1]);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* The cage is not trusted: of its datagram only the payload, TOS and TTL are taken as they come. */
static void finish_header(uint8_t *datagram, const struct fragment4_key *key, size_t payload)
{
	uint8_t tos = datagram[1], ttl = datagram[8];
	uint16_t sum;

	nids_put_header(datagram, key, 0, 0, payload);
	datagram[1] = tos;
	datagram[8] = ttl;
	memcpy(datagram + 16, key->dst, sizeof key->dst);
	sum = htons(header_checksum(datagram));
	memcpy(datagram + 10, &sum, sizeof sum);
}

/* Puts the request, and expects a datagram of 'expected' bytes, 0 = none. False: the worker is gone now. */
static bool ask(struct reassembler *r, size_t expected)
{
	size_t length;

	if (cage_ask(&r->cage, r->request_length, r->datagram, &length) && length == expected)
		return true;
	cage_close(&r->cage);
	fragments4_drop_all(r->waiting);
	return false;
}

static void put_question(struct reassembler *r, const struct fragment4 *fragment, enum fragment4_result taken,
			 uint32_t slot)
{
	bool tiny = fragment->end - fragment->offset < NIDS_PRIMER_BYTES;

	if (taken == FRAGMENT4_FIRST && tiny)
		end_packet(r, nids_put_primer(begin_packet(r), &fragment->key, slot));
	end_packet(r, nids_put_fragment(begin_packet(r), fragment, slot));
}

enum reassemble_result reassemble(struct reassembler *r, struct moment at, const uint8_t *packet,
				  size_t length, const uint8_t **datagram, size_t *datagram_length)
{
	struct fragment4 fragment;
	enum fragment4_result taken;
	size_t payload = 0; /* of the datagram that this completes */
	uint32_t slot = 0;

	if (r->cage.pid == 0)
		return REASSEMBLE_DEAD;
	if (!fragment4_read(&fragment, packet, length))
		return REASSEMBLE_REFUSED;
	r->request_length = 0;
	taken = fragments4_add(r->waiting, at, &fragment, &slot);
	if (taken == FRAGMENT4_TAKEN || taken == FRAGMENT4_FIRST || taken == FRAGMENT4_COMPLETE)
		put_question(r, &fragment, taken, slot);
	if (taken == FRAGMENT4_COMPLETE)
		payload = fragments4_length(r->waiting, slot);
	if (r->request_length > 0 && !ask(r, payload ? NIDS_HEADER + payload : 0))
		return REASSEMBLE_DEAD;
	if (taken != FRAGMENT4_COMPLETE)
		return taken == FRAGMENT4_REFUSED ? REASSEMBLE_REFUSED : REASSEMBLE_WAITING;

	fragments4_release(r->waiting, slot);
	finish_header(r->datagram, &fragment.key, payload);
	*datagram = r->datagram;
	*datagram_length = NIDS_HEADER + payload;
	return REASSEMBLE_WHOLE;
}

uint64_t reassembler_given_up(const struct reassembler *r)
{
	return fragments4_given_up(r->waiting);
}

pid_t reassembler_worker(const struct reassembler *r)
{
	return r->cage.pid;
}

void reassembler_free(struct reassembler *r)
{
	if (!r)
		return;
	cage_close(&r->cage);
	fragments4_free(r->waiting);
	free(r);
}
