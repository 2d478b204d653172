/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_reassemble_captures.c - IPv4 datagrams of real captures, cut into fragments here, shuffled, some of
 * them duplicated, come out as they were.
 */
#include <pcap.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "dissect/reassemble.h"
#include "network_order.h"

/* Ethernet, many sizes; some with offloaded datagrams larger than any frame. */
static const char *const captures[] = {
	"ndpi-443-firefox.pcap",
	"ndpi-gnutella.pcap",
	"ndpi-1kxun.pcap",
	"ndpi-sites.pcapng",
	"ndpi-tls_certificate_too_long.pcap",
	"ndpi-netflix.pcap",
	"pcapplusplus-4KHttpRequests.pcap",
	"pcapplusplus-650HttpResponses.pcap",
	"tcpdump-mptcp-fclose.pcap",
};

enum { SEEDS = 4, TOGETHER = 24, ETHERNET = 14, HEADER = 20, FRAGMENTS_MAX = 8192 };

/* A datagram on its way through the reassembler. */
struct journey {
	uint8_t *wire;	 /* as captured, but with an identification of its own */
	size_t header;	 /* bytes */
	size_t payload;	 /* bytes */
	unsigned pieces; /* not yet fed, duplicates not counted */
	bool arrived;
};

struct piece {
	unsigned journey;
	size_t from, to; /* payload bytes */
	bool fed;
};

struct trip {
	struct reassembler *r;
	uint64_t random;
	uint16_t next_id;
	struct journey journeys[TOGETHER];
	unsigned n;
	struct piece pieces[FRAGMENTS_MAX];
	unsigned n_pieces;
	uint64_t datagrams, fragments;
};

/* xorshift64*: the same run every time. */
static uint32_t pick(struct trip *t, size_t below)
{
	t->random ^= t->random >> 12;
	t->random ^= t->random << 25;
	t->random ^= t->random >> 27;
	return (uint32_t)(((t->random * UINT64_C(2685821657736338717)) >> 32) % below);
}

/* Random pieces of multiples of 8, at least one more than one; now and then the last is only what is over. */
static void cut(struct trip *t, unsigned which)
{
	struct journey *j = &t->journeys[which];
	size_t over = j->payload % 8, body = j->payload - over, at = 0;
	bool short_tail = over > 0 && pick(t, 2);
	/* At most 300 pieces: a 64 KiB datagram within libnids' 256 KiB. */
	size_t most = 1 + pick(t, 60) + body / 8 / 100;

	while (at < j->payload) {
		size_t left = (body - at) / 8, n = left ? 8 * (1 + pick(t, left < most ? left : most)) : 0;
		bool last = at + n == body;

		if (at == 0 && n == body && body > 8)
			n = 8;
		else if (last && !(short_tail && n > 0))
			n += over;
		assert_true(t->n_pieces < FRAGMENTS_MAX);
		t->pieces[t->n_pieces++] = (struct piece){ which, at, at + n, false };
		j->pieces++;
		at += n;
	}
}

/* The piece as it would be on the wire; options go with the first only (RFC 791 3.1: those not copied). */
static size_t make_piece(const struct journey *j, const struct piece *p, uint8_t *packet)
{
	size_t header = p->from == 0 ? j->header : HEADER, n = p->to - p->from;

	memcpy(packet, j->wire, header);
	packet[0] = (uint8_t)(0x40 | header / 4);
	put_be16(packet + 2, header + n);
	put_be16(packet + 6, (p->to < j->payload ? 0x2000u : 0u) | p->from / 8);
	memcpy(packet + header, j->wire + j->header + p->from, n);
	return header + n;
}

static void assert_arrived(const struct journey *j, const uint8_t *datagram, size_t length)
{
	uint8_t want[HEADER];

	memcpy(want, j->wire, HEADER);
	want[0] = 0x45;
	put_be16(want + 2, HEADER + j->payload);
	put_be16(want + 6, 0);
	assert_int_equal(length, HEADER + j->payload);
	assert_memory_equal(datagram, want, 10);
	assert_memory_equal(datagram + 12, want + 12, 8);
	assert_memory_equal(datagram + HEADER, j->wire + j->header, j->payload);
}

static void feed_piece(struct trip *t, struct piece *p)
{
	struct journey *j = &t->journeys[p->journey];
	static uint8_t packet[65535];
	const uint8_t *datagram = NULL;
	size_t length = make_piece(j, p, packet), whole = 0;
	bool again = p->fed, completes = !again && j->pieces == 1;
	enum reassemble_result result;

	if (again && j->arrived)
		return; /* would begin the next of that number */
	p->fed = true;
	j->pieces -= !again;
	t->fragments++;
	result = reassemble(t->r, (struct moment){ (int64_t)t->fragments * 1000 }, packet, length, &datagram,
			    &whole);
	assert_int_equal(result, completes ? REASSEMBLE_WHOLE : REASSEMBLE_WAITING);
	if (completes) {
		assert_arrived(j, datagram, whole);
		j->arrived = true;
		t->datagrams++;
	}
}

/* Cuts, duplicates, shuffles and feeds what has gathered. */
static void travel(struct trip *t)
{
	unsigned order[FRAGMENTS_MAX * 2], n = 0;

	t->n_pieces = 0;
	for (unsigned i = 0; i < t->n; i++)
		cut(t, i);
	for (unsigned i = 0; i < t->n_pieces; i++) {
		order[n++] = i;
		if (pick(t, 8) == 0)
			order[n++] = i;
	}
	for (unsigned i = n; i > 1; i--) {
		unsigned k = pick(t, i), swap = order[i - 1];

		order[i - 1] = order[k];
		order[k] = swap;
	}
	for (unsigned i = 0; i < n; i++)
		feed_piece(t, &t->pieces[order[i]]);
	for (unsigned i = 0; i < t->n; i++) {
		assert_true(t->journeys[i].arrived);
		free(t->journeys[i].wire);
	}
	t->n = 0;
}

/* A whole TCP datagram that can be cut in two. */
static bool suits(const uint8_t *ip, size_t length)
{
	size_t header, total;

	if (length < HEADER || ip[0] >> 4 != 4 || ip[9] != 6 || (ip[6] & 0x3f) != 0 || ip[7] != 0)
		return false;
	header = (ip[0] & 15u) * 4;
	total = (size_t)(ip[2] << 8 | ip[3]);
	return header >= HEADER && total <= length && total > header + 8;
}

static void take_frame(struct trip *t, const uint8_t *frame, size_t length)
{
	const uint8_t *ip = frame + ETHERNET;
	struct journey *j = &t->journeys[t->n];
	size_t total;

	if (length < ETHERNET + HEADER || frame[12] != 8 || frame[13] != 0 || !suits(ip, length - ETHERNET))
		return;
	total = (size_t)(ip[2] << 8 | ip[3]);
	*j = (struct journey){ .wire = malloc(total), .header = (ip[0] & 15u) * 4 };
	assert_non_null(j->wire);
	j->payload = total - j->header;
	memcpy(j->wire, ip, total);
	put_be16(j->wire + 4, t->next_id++);
	if (++t->n == TOGETHER)
		travel(t);
}

static void read_capture(struct trip *t, const char *path)
{
	char error[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline(path, error);
	struct pcap_pkthdr *header;
	const uint8_t *bytes;

	if (!pcap)
		fail_msg("%s", error);
	assert_int_equal(pcap_datalink(pcap), DLT_EN10MB);
	while (pcap_next_ex(pcap, &header, &bytes) == 1)
		take_frame(t, bytes, header->caplen);
	travel(t);
	pcap_close(pcap);
}

static void fragmented_equals_whole(void **state)
{
	(void)state;
	if (access(SHARED_DIR "/captures", R_OK) != 0) {
		print_message("skipped: no " SHARED_DIR "/captures\n");
		skip();
	}
	for (size_t i = 0; i < sizeof captures / sizeof *captures; i++) {
		struct trip *t = calloc(1, sizeof *t);
		char path[512];

		assert_non_null(t);
		snprintf(path, sizeof path, SHARED_DIR "/captures/%s", captures[i]);
		t->r = reassembler_new(16 << 20);
		for (uint64_t seed = 1; seed <= SEEDS; seed++) {
			t->random = seed * UINT64_C(0x9e3779b97f4a7c15);
			read_capture(t, path);
		}
		print_message("%s: %llu datagrams in %llu fragments\n", captures[i],
			      (unsigned long long)t->datagrams, (unsigned long long)t->fragments);
		assert_true(t->datagrams > 0);
		assert_int_equal(reassembler_given_up(t->r), 0);
		reassembler_free(t->r);
		free(t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(fragmented_equals_whole) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
