/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ipv4_fragments.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "network_order.h"

uint8_t content(uint16_t id, size_t offset)
{
	return (uint8_t)(offset ^ offset >> 8 ^ id * 7u);
}

uint8_t *ipv4_packet(const struct ipv4 *ip, size_t *length)
{
	size_t header = ip->ihl > 5 ? ip->ihl * 4u : 20, whole = header + ip->payload;
	size_t captured = ip->captured ? ip->captured : whole;
	uint8_t *packet = calloc(1, whole), *exact = malloc(captured);

	assert_non_null(packet);
	assert_non_null(exact);
	assert_true(captured <= whole);
	packet[0] = (uint8_t)((ip->version ? ip->version : 4) << 4 | (ip->ihl ? ip->ihl : 5));
	packet[1] = 0x10;
	put_be16(packet + 2, ip->total ? ip->total : whole);
	put_be16(packet + 4, ip->id);
	put_be16(packet + 6, ip->field);
	packet[8] = 61;
	packet[9] = ip->proto ? ip->proto : 6;
	put_be32(packet + 12, ip->src ? ip->src : 0x0a000001);
	put_be32(packet + 16, ip->dst ? ip->dst : 0x0a000002);
	for (size_t i = 20; i < header; i++)
		packet[i] = i + 1 < header ? 1 : ip->last_option;
	for (size_t i = 0; i < ip->payload; i++)
		packet[header + i] = content(ip->id, (ip->field & 0x1fffu) * 8 + i);
	memcpy(exact, packet, captured);
	free(packet);
	*length = captured;
	return exact;
}

struct fed feed(struct reassembler *r, double seconds, const struct ipv4 *ip)
{
	/* Beyond these it is as far away as a moment can be. */
	double ns = seconds < -9e9 ? -9e18 : seconds > 7e9 ? 7e18 : seconds * 1e9;
	struct moment at = { INT64_C(1789000000000000000) + (int64_t)ns };
	size_t length;
	uint8_t *packet = ipv4_packet(ip, &length);
	struct fed fed = { .datagram = NULL };

	fed.result = reassemble(r, at, packet, length, &fed.datagram, &fed.length);
	free(packet);
	return fed;
}

static uint16_t sum16(const uint8_t *p, size_t n)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < n; i += 2)
		sum += (uint32_t)(p[i] << 8 | p[i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

void assert_whole(const struct fed *fed, const struct ipv4 *ip, size_t payload)
{
	uint8_t want[20] = { 0x45, 0x10, [8] = 61 };

	assert_int_equal(fed->result, REASSEMBLE_WHOLE);
	assert_int_equal(fed->length, 20 + payload);
	put_be16(want + 2, 20 + payload);
	put_be16(want + 4, ip->id);
	want[9] = ip->proto ? ip->proto : 6;
	put_be32(want + 12, ip->src ? ip->src : 0x0a000001);
	put_be32(want + 16, ip->dst ? ip->dst : 0x0a000002);
	assert_memory_equal(fed->datagram, want, 10);
	assert_memory_equal(fed->datagram + 12, want + 12, 8);
	assert_int_equal(sum16(fed->datagram, 20), 0xffff);
	for (size_t i = 0; i < payload; i++)
		if (fed->datagram[20 + i] != content(ip->id, i))
			fail_msg("byte %zu of the payload is wrong", i);
}

void assert_works(struct reassembler *r)
{
	struct ipv4 first = { .src = 0xc0000201, .id = 0xbeef, .field = MORE, .payload = 24 };
	struct ipv4 last = { .src = 0xc0000201, .id = 0xbeef, .field = 3, .payload = 5 };
	struct fed fed = feed(r, 0, &first);

	assert_int_equal(fed.result, REASSEMBLE_WAITING);
	fed = feed(r, 0, &last);
	assert_whole(&fed, &first, 29);
}
