/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reassemble.c - see nids_work.h. The only file that knows libnids; design/libnids.md says why each thing
 * here is as it is. All of it runs in a cage, but for gettimeofday().
 */
#include "dissect/nids_work.h"

#include <arpa/inet.h>
#include <nids.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "dissect/nids_packet.h"

/* libnids keeps its state in globals and its callbacks get no context, so this is one, too. */
static struct worker {
	bool at_work;
	uint64_t asked_time;
	struct pcap_pkthdr header; /* libnids keeps a pointer to it */
	/* of fragments */
	uint8_t *reply;
	size_t reply_length;
	/* of streams */
	nids_stream_sink *sink;
	void *context;
	bool filler; /* the next byte in order is one */
} worker;

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

static bool start(uint32_t hosts, uint32_t streams)
{
	static struct nids_chksum_ctl no_checksums = {
		.action = NIDS_DONT_CHKSUM
	}; /* libnids keeps the pointer */

	worker.at_work = true;
	nids_params.pcap_desc = pcap_open_dead(DLT_RAW, NIDS_PACKET_MAX);
	nids_params.syslog = ignore_warning;
	nids_params.no_mem = out_of_memory;
	nids_params.scan_num_hosts = 0;
	nids_params.tcp_workarounds = 0;
	nids_params.multiproc = 0;
	nids_params.pcap_filter = NULL;
	nids_params.n_hosts = (int)hosts;
	/* What it charges per fragment on top of what it takes; fragment4.c counts so. */
	nids_params.sk_buff_size = 0;
	/* It throws streams away beyond three quarters of what it has room for. */
	nids_params.n_tcp_streams = (int)(streams + streams / 2 + 16);
	if (!nids_params.pcap_desc || !nids_init())
		return false;
	nids_register_chksum_ctl(&no_checksums, 1);
	return true;
}

static void feed(uint8_t *packet, size_t length)
{
	worker.header.caplen = worker.header.len = (bpf_u_int32)length;
	nids_pcap_handler(NULL, &worker.header, packet);
}

/* ---- fragments ---- */

/* Called for whole datagrams, and for cancelling packets, which have no payload. */
static void take_datagram(struct ip *packet)
{
	size_t length = ntohs(packet->ip_len);

	if (length > NIDS_HEADER) {
		memcpy(worker.reply, packet, length);
		worker.reply_length = length;
	}
	packet->ip_p = IPPROTO_RAW; /* not TCP, UDP or ICMP: libnids looks no further */
}

/* One datagram in two fragments, and one cancelled: does this libnids do what we count on? */
static bool fragments_work(uint8_t *reply)
{
	static const uint8_t text[12] = "reassembled";
	struct fragment4 first = { .key.proto = IPPROTO_UDP, .more = true, .end = 8, .payload = text };
	struct fragment4 last = { .key = first.key, .offset = 8, .end = 12, .payload = text + 8 };
	uint8_t packet[NIDS_HEADER + 8];

	worker.reply = reply;
	worker.reply_length = 0;
	feed(packet, nids_put_fragment(packet, &first, 0));
	feed(packet, nids_put_cancel(packet, &first.key, 0));
	feed(packet, nids_put_primer(packet, &first.key, 0));
	feed(packet, nids_put_fragment(packet, &last, 0));
	if (worker.reply_length != 0)
		return false;
	feed(packet, nids_put_fragment(packet, &first, 0));
	return worker.reply_length == NIDS_HEADER + sizeof text &&
	       memcmp(reply + NIDS_HEADER, text, sizeof text) == 0 && worker.asked_time > 0;
}

bool nids_fragments_prepare(void *context)
{
	static uint8_t reply[NIDS_PACKET_MAX];
	const uint32_t *slots = context;

	if (!start(*slots, 0))
		return false;
	nids_register_ip((void *)(uintptr_t)take_datagram);
	return fragments_work(reply);
}

size_t nids_fragments_serve(void *context, const uint8_t *request, size_t length, uint8_t *reply)
{
	uint8_t packet[NIDS_PACKET_MAX]; /* of our own: libnids writes into what it is given */
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
		feed(packet, n);
		request += n;
		length -= n;
	}
	return worker.reply_length;
}

/* ---- streams ---- */

/* A direction of a stream. What names it are the sender's numbers; what counts it is at the receiver. */
struct direction {
	struct half_stream *from, *to;
};

static struct tcp_stream *find(uint32_t stream)
{
	struct nids_pair pair = nids_pair_of(stream);
	struct tuple4 tuple = {
		.saddr = pair.client,
		.daddr = pair.server,
		.source = pair.client_port,
		.dest = pair.server_port,
	};

	return nids_find_tcp_stream(&tuple);
}

static struct direction direction_of(struct tcp_stream *ts, unsigned side)
{
	if (side)
		return (struct direction){ .from = &ts->server, .to = &ts->client };
	return (struct direction){ .from = &ts->client, .to = &ts->server };
}

/*
 * All that came in order has been given to the sink, so nothing need be counted any more. The sender's
 * numbers are counted from here (an int would run over); the receiver has acknowledged up to here, so its
 * window always lies ahead; and what waits behind a hole is not held against it: content.c bounds that.
 */
static void settle(struct direction d)
{
	d.from->first_data_seq += (u_int)d.to->count;
	d.to->count = d.to->offset = 0;
	d.to->ack_seq = d.from->first_data_seq;
	d.to->rmem_alloc = 0;
}

static void take_bytes(struct tcp_stream *ts, unsigned side, const struct half_stream *to)
{
	uint32_t stream = ntohl(ts->addr.saddr);
	const uint8_t *bytes;

	if (to->count_new <= 0)
		return;
	bytes = (const uint8_t *)to->data + (to->count - to->offset - to->count_new);
	if (worker.filler)
		worker.sink(worker.context, stream, side, NULL, 1);
	else
		worker.sink(worker.context, stream, side, bytes, (size_t)to->count_new);
	worker.filler = false;
}

static void stream_event(struct tcp_stream *ts, void **unused)
{
	(void)unused;
	if (ts->nids_state == NIDS_JUST_EST) {
		ts->client.collect++;
		ts->server.collect++;
	} else if (ts->nids_state == NIDS_DATA) {
		take_bytes(ts, 0, &ts->server);
		take_bytes(ts, 1, &ts->client);
	}
}

static void feed_segment(const struct nids_segment *segment)
{
	uint8_t packet[NIDS_SEGMENT_HEADERS + NIDS_PIECE_MAX];

	feed(packet, nids_put_segment(packet, segment));
}

/* The handshake that libnids wants to see (its stream begins with no other packet). */
bool nids_stream_open(uint32_t stream)
{
	const struct nids_segment handshake[] = {
		{ .stream = stream, .side = 0, .flags = TH_SYN, .seq = UINT32_MAX },
		{ .stream = stream, .side = 1, .flags = TH_SYN | TH_ACK, .seq = UINT32_MAX, .ack = 0 },
		{ .stream = stream, .side = 0, .flags = TH_ACK, .seq = 0, .ack = 0 },
	};
	struct tcp_stream *ts;

	nids_stream_close(stream);
	for (size_t i = 0; i < sizeof handshake / sizeof *handshake; i++)
		feed_segment(&handshake[i]);
	ts = find(stream);
	return ts && ts->nids_state == NIDS_DATA;
}

void nids_stream_close(uint32_t stream)
{
	struct tcp_stream *ts = find(stream);

	if (ts)
		nids_free_tcp_stream(ts);
}

void nids_stream_put(uint32_t stream, unsigned side, uint32_t number, const uint8_t *bytes, size_t length)
{
	struct tcp_stream *ts = find(stream);
	struct nids_segment segment = {
		.stream = stream,
		.side = side,
		.flags = TH_ACK,
		.seq = number,
		.bytes = bytes,
		.length = length,
	};

	if (!ts || length == 0 || length > NIDS_PIECE_MAX)
		return;
	segment.ack = direction_of(ts, side).from->ack_seq; /* nothing new */
	feed_segment(&segment);
	settle(direction_of(ts, side));
}

void nids_stream_skip(uint32_t stream, unsigned side, uint32_t length)
{
	static const uint8_t nothing[1] = { 0 };
	struct tcp_stream *ts = find(stream);
	struct direction d;

	if (!ts || length == 0)
		return;
	d = direction_of(ts, side);
	d.from->first_data_seq += length - 1;
	settle(d);
	worker.filler = true;
	nids_stream_put(stream, side, d.from->first_data_seq, nothing, sizeof nothing);
	worker.filler = false;
}

/* ---- does this libnids do what we count on? ---- */

struct trial {
	char got[16];
	size_t length;
};

static void note_trial(void *context, uint32_t stream, unsigned side, const uint8_t *bytes, size_t length)
{
	struct trial *trial = context;

	if (stream != NIDS_STREAM_FIRST || side != 1 || length > sizeof trial->got - trial->length)
		return;
	if (bytes)
		memcpy(trial->got + trial->length, bytes, length);
	else
		memset(trial->got + trial->length, '.', length);
	trial->length += length;
}

/* Behind a hole of five bytes one that is never filled, and something of which half comes twice. */
static bool streams_work(void)
{
	static const uint8_t text[] = "abcdef";
	static const char expected[] = "ab.cdef";
	struct trial trial = { .length = 0 };

	worker.sink = note_trial;
	worker.context = &trial;
	if (!nids_stream_open(NIDS_STREAM_FIRST))
		return false;
	nids_stream_put(NIDS_STREAM_FIRST, 1, 9, text + 4, 2);
	nids_stream_put(NIDS_STREAM_FIRST, 1, 0, text, 2);
	nids_stream_put(NIDS_STREAM_FIRST, 1, 7, text + 2, 3);
	nids_stream_skip(NIDS_STREAM_FIRST, 1, 5);
	nids_stream_close(NIDS_STREAM_FIRST);
	return trial.length == strlen(expected) && memcmp(trial.got, expected, trial.length) == 0 &&
	       !find(NIDS_STREAM_FIRST);
}

bool nids_streams_start(uint32_t streams, nids_stream_sink *sink, void *context)
{
	if (!start(16, streams))
		return false;
	nids_register_tcp((void *)(uintptr_t)stream_event);
	if (!streams_work())
		return false;
	worker.sink = sink;
	worker.context = context;
	return true;
}
