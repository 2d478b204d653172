/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reassemble.c - feed libnids the fragments that the guard lets through, in a cage.
 *
 * The only file that knows libnids; design/libnids.md says why each thing here is as it is. libnids never
 * sees a packet of the wire: it gets a header of ours in front of the payload. In it the destination address
 * is the number of the datagram's slot (fragment4.h), because libnids hashes, and limits memory, by
 * destination: so its table has no collisions to aim at, and no datagram is thrown away because of another.
 *
 * A request is a row of packets, each after its length (uint16_t): first the cancelling of given-up
 * datagrams, then at most one fragment. The reply is the datagram which that completed, or nothing.
 */
#include "dissect/reassemble.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <nids.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "dissect/cage.h"
#include "dissect/fragment4.h"

enum {
	HEADER = sizeof(struct ip),
	DATAGRAM_MAX = 65535,
	PRIMER = 8, /* bytes of payload */
	/* Far more packets to cancel than one fragment can push out, and the largest fragment. */
	REQUEST_MAX = 128 * 1024,
	WORKER_BYTES = 64 * 1024 * 1024, /* code, buffers and what malloc wastes, besides the fragments */
};

/* ---- in the cage ---- */

/* libnids keeps its state in globals and its callbacks get no context, so this is one, too. */
static struct worker {
	int table_size;
	uint64_t asked_time;
	struct pcap_pkthdr header; /* libnids keeps a pointer to it */
	uint8_t *reply;
	size_t reply_length;
	bool at_work;
} worker;

/*
 * libnids expires fragments by the wall clock, which means nothing while reading a capture, and stops while
 * we are stopped. Expiry is done outside, by packet time; for libnids, which finds this function instead of
 * libc's because the program comes first in symbol lookup, time stands still. For the rest of the program it
 * is what it was.
 */
int gettimeofday(struct timeval *restrict tv, void *restrict zone)
{
	struct timespec now = { 0 };

	(void)zone; /* obsolete, POSIX.1-2008 */
	if (worker.at_work)
		worker.asked_time++;
	else if (clock_gettime(CLOCK_REALTIME, &now) != 0)
		return -1;
	*tv = (struct timeval){ .tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000 };
	return 0;
}

/* libnids' own view of packets goes to nobody. */
static void ignore_warning(int type, int error, struct ip *packet, void *data)
{
	(void)type;
	(void)error;
	(void)packet;
	(void)data;
}

static void out_of_memory(char *function)
{
	(void)function;
	_exit(1);
}

/* Called for whole datagrams, and for cancelling packets, which have no payload. */
static void take_datagram(struct ip *packet)
{
	size_t length = ntohs(packet->ip_len);

	if (length > HEADER) {
		memcpy(worker.reply, packet, length);
		worker.reply_length = length;
	}
	packet->ip_p = IPPROTO_RAW; /* not TCP, UDP or ICMP: libnids looks no further */
}

static void feed_nids(uint8_t *packet, size_t length)
{
	worker.header.caplen = worker.header.len = (bpf_u_int32)length;
	nids_pcap_handler(NULL, &worker.header, packet);
}

/* ---- the packets that libnids is fed, made on either side ---- */

static size_t put_header(uint8_t *at, const struct fragment4_key *key, uint32_t slot, uint16_t fragment_field,
			 size_t payload)
{
	struct ip header = {
		.ip_v = 4,
		.ip_hl = HEADER / 4,
		.ip_len = htons((uint16_t)(HEADER + payload)),
		.ip_id = htons(key->id),
		.ip_off = htons(fragment_field),
		.ip_p = (uint8_t)key->proto,
		.ip_dst.s_addr = htonl(slot),
	};

	memcpy(&header.ip_src, key->src, sizeof key->src);
	memcpy(at, &header, sizeof header);
	return HEADER + payload;
}

/* A whole datagram of the same key makes libnids forget the fragments that it has. */
static size_t put_cancel(uint8_t *at, const struct fragment4_key *key, uint32_t slot)
{
	return put_header(at, key, slot, 0, 0);
}

/*
 * A last fragment of less than 8 bytes that begins a queue makes libnids read beyond it. This one is too far
 * out to be taken, but begins the queue.
 */
static size_t put_primer(uint8_t *at, const struct fragment4_key *key, uint32_t slot)
{
	memset(at + HEADER, 0, PRIMER);
	return put_header(at, key, slot, IP_MF | IP_OFFMASK, PRIMER);
}

static size_t put_fragment(uint8_t *at, const struct fragment4 *fragment, uint32_t slot)
{
	uint16_t field = (uint16_t)(fragment->offset / 8 | (fragment->more ? IP_MF : 0));
	size_t length = (size_t)(fragment->end - fragment->offset);

	put_header(at, &fragment->key, slot, field, length);
	at[1] = fragment->tos;
	at[8] = fragment->ttl;
	memcpy(at + HEADER, fragment->payload, length);
	return HEADER + length;
}

/* ---- in the cage again ---- */

/* One datagram in two fragments, and one cancelled: does this libnids do what we count on? */
static bool nids_works(uint8_t *reply)
{
	static const uint8_t text[12] = "reassembled";
	struct fragment4 first = { .key.proto = IPPROTO_UDP, .more = true, .end = 8, .payload = text };
	struct fragment4 last = { .key = first.key, .offset = 8, .end = 12, .payload = text + 8 };
	uint8_t packet[HEADER + 8];

	worker.reply = reply;
	worker.reply_length = 0;
	feed_nids(packet, put_fragment(packet, &first, 0));
	feed_nids(packet, put_cancel(packet, &first.key, 0));
	feed_nids(packet, put_primer(packet, &first.key, 0));
	feed_nids(packet, put_fragment(packet, &last, 0));
	if (worker.reply_length != 0)
		return false;
	feed_nids(packet, put_fragment(packet, &first, 0));
	return worker.reply_length == HEADER + sizeof text &&
	       memcmp(reply + HEADER, text, sizeof text) == 0 && worker.asked_time > 0;
}

static bool prepare(void *context)
{
	static struct nids_chksum_ctl no_checksums = {
		.action = NIDS_DONT_CHKSUM
	}; /* libnids keeps the pointer */
	static uint8_t reply[DATAGRAM_MAX];
	const uint32_t *slots = context;

	worker.at_work = true;
	nids_params.pcap_desc = pcap_open_dead(DLT_RAW, DATAGRAM_MAX);
	nids_params.syslog = ignore_warning;
	nids_params.no_mem = out_of_memory;
	nids_params.scan_num_hosts = 0;
	nids_params.tcp_workarounds = 0;
	nids_params.multiproc = 0;
	nids_params.pcap_filter = NULL;
	nids_params.n_tcp_streams = 16;
	nids_params.n_hosts = (int)*slots;
	nids_params.sk_buff_size =
		0; /* what it charges per fragment on top of what it takes; fragment4.c counts so */
	if (!nids_params.pcap_desc || !nids_init())
		return false;
	nids_register_chksum_ctl(&no_checksums, 1);
	nids_register_ip((void *)(uintptr_t)take_datagram);
	return nids_works(reply);
}

static size_t serve(void *context, const uint8_t *request, size_t length, uint8_t *reply)
{
	uint8_t packet[DATAGRAM_MAX]; /* of our own: libnids writes into what it is given */
	uint16_t n;

	(void)context;
	worker.reply = reply;
	worker.reply_length = 0;
	while (length >= sizeof n) {
		memcpy(&n, request, sizeof n);
		request += sizeof n;
		length -= sizeof n;
		if (n > length)
			_exit(1);
		memcpy(packet, request, n);
		feed_nids(packet, n);
		request += n;
		length -= n;
	}
	return worker.reply_length;
}

/* ---- outside ---- */

struct reassembler {
	struct cage cage;
	struct fragments4 *waiting;
	uint32_t slots;
	size_t request_length;
	uint8_t datagram[DATAGRAM_MAX];
};

/* Where the next packet of the request goes; its length is told to end_packet(). */
static uint8_t *begin_packet(struct reassembler *r)
{
	assert(r->request_length + sizeof(uint16_t) + DATAGRAM_MAX <= REQUEST_MAX);
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
		end_packet(r, put_cancel(begin_packet(r), key, slot));
}

struct reassembler *reassembler_new(size_t memory)
{
	struct cage_work work = {
		.name = "lastack-nids",
		.memory = 2 * memory + WORKER_BYTES,
		.request_max = REQUEST_MAX,
		.reply_max = DATAGRAM_MAX,
		.prepare = prepare,
		.serve = serve,
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

	for (size_t i = 0; i < HEADER; i += 2)
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

	put_header(datagram, key, 0, 0, payload);
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
	bool tiny = fragment->end - fragment->offset < PRIMER;

	if (taken == FRAGMENT4_FIRST && tiny)
		end_packet(r, put_primer(begin_packet(r), &fragment->key, slot));
	end_packet(r, put_fragment(begin_packet(r), fragment, slot));
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
	if (r->request_length > 0 && !ask(r, payload ? HEADER + payload : 0))
		return REASSEMBLE_DEAD;
	if (taken != FRAGMENT4_COMPLETE)
		return taken == FRAGMENT4_REFUSED ? REASSEMBLE_REFUSED : REASSEMBLE_WAITING;

	fragments4_release(r->waiting, slot);
	finish_header(r->datagram, &fragment.key, payload);
	*datagram = r->datagram;
	*datagram_length = HEADER + payload;
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
