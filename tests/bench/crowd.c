/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crowd - connections that are all open at once, and every packet is of another one than those before it:
 * crowd CONNECTIONS PACKETS_EACH FILE.
 *
 * The capture has rounds, in each of which every connection has one packet: its SYN, its SYN-ACK, its ACK,
 * and then data, from client and server in turns. The order is another one in each round, so what is kept of
 * connections that follow one another never lies side by side. What a packet holds follows from the numbers
 * of its round and its connection alone: ten million connections need no memory here. Prints "PACKETS
 * packets, all open after BYTES bytes".
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dissect/segment.h"
#include "tests/bench/packet.h"
#include "tests/bench/writer.h"

#define START (INT64_C(1767225600) * 1000000000) /* 2026-01-01 */

enum {
	CLIENTS = 4096,
	SERVERS = 509, /* prime: neighbours of a client's have other servers */
	PORT_FIRST = 32768,
	PORTS = 28232,
	CONNECTIONS_MAX = CLIENTS * PORTS,
	HANDSHAKE = 3, /* rounds */
	PAYLOAD = 100,
	PACE = 1000, /* ns from packet to packet */
};

struct crowd {
	uint64_t connections, rounds;
	struct writer writer;
};

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
	while (b > 0) {
		uint64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/* How far a round goes from one connection to the next: far, and it comes to every one. */
static uint64_t stride(const struct crowd *c, uint64_t round)
{
	uint64_t far = c->connections * 5 / 8 + 1 + round * (c->connections / 97);

	while (common_divisor(far, c->connections) != 1)
		far++;
	return far % c->connections;
}

static struct address make_address(uint32_t v4)
{
	struct address a = { 0 };

	v4 = htonl(v4);
	memcpy(a.bytes, &v4, sizeof v4);
	return a;
}

static struct packet make_packet(uint64_t connection, uint64_t round, int64_t at)
{
	uint32_t sent = round > HANDSHAKE ? (uint32_t)(round - HANDSHAKE) : 0; /* data segments before it */
	uint32_t first = (uint32_t)(connection * 0x9e3779b1u); /* the client's first sequence number */
	uint32_t client = first + (round > 0) + (sent + 1) / 2 * PAYLOAD;
	uint32_t server = ~first + (round > 1) + sent / 2 * PAYLOAD;
	bool by_server = round == 1 || (round > HANDSHAKE && sent % 2 == 1);
	struct packet p = {
		.src = make_address(0x0a000101 + (uint32_t)(connection % CLIENTS)), /* RFC 1918 */
		.dst = make_address(0xc6120101 + (uint32_t)(connection % SERVERS)), /* RFC 2544 */
		.sport = (uint16_t)(PORT_FIRST + connection / CLIENTS),
		.dport = 443,
		.df = true,
		.ttl = 60,
		.ip_id = (uint16_t)(round + 1),
		.seq = by_server ? server : client,
		.ack = by_server    ? client
		       : round == 0 ? 0
				    : server,
		.window = 502,
		.len = round < HANDSHAKE ? 0 : PAYLOAD,
		.flags = (uint8_t)((round < 2 ? TCP_SYN : 0) | (round > 0 ? TCP_ACK : 0)),
		.timestamps = true,
		.full_options = true,
		.tsval = (uint32_t)(at / 1000000),
		.tsecr = round == 0 ? 0 : (uint32_t)(at / 1000000 - 1),
	};
	struct address client_address = p.src;

	if (by_server) {
		p.src = p.dst;
		p.dst = client_address;
		p.dport = p.sport;
		p.sport = 443;
	}
	return p;
}

static void write_round(struct crowd *c, uint64_t round)
{
	uint64_t connection = round % c->connections, far = stride(c, round);

	for (uint64_t i = 0; i < c->connections; i++) {
		int64_t at = START + (int64_t)(round * c->connections + i) * PACE;
		struct packet p = make_packet(connection, round, at);
		uint8_t headers[PACKET_HEADERS_MAX];

		writer_frame(&c->writer, at, headers, packet_build(&p, headers), p.len, 0);
		connection += far;
		if (connection >= c->connections)
			connection -= c->connections;
	}
}

static bool write_capture(struct crowd *c, FILE *file)
{
	off_t opened = 0;

	writer_begin(&c->writer, file, FORMAT_PCAP);
	for (uint64_t round = 0; round < c->rounds && !ferror(file); round++) {
		if (round == HANDSHAKE)
			opened = ftello(file);
		write_round(c, round);
	}
	fprintf(stderr, "%llu packets, all open after %lld bytes\n",
		(unsigned long long)(c->connections * c->rounds), (long long)opened);
	return !ferror(file);
}

int main(int argc, char **argv)
{
	struct crowd c = { .connections = argc == 4 ? strtoull(argv[1], NULL, 10) : 0 };

	if (c.connections < 2 || c.connections > CONNECTIONS_MAX ||
	    (c.rounds = strtoull(argv[2], NULL, 10)) <= HANDSHAKE || c.rounds > UINT32_MAX) {
		fprintf(stderr, "usage: crowd CONNECTIONS PACKETS_EACH FILE (2 to %d; from %d)\n",
			CONNECTIONS_MAX, HANDSHAKE + 1);
		return 2;
	}
	FILE *file = fopen(argv[3], "w");
	bool written = file && setvbuf(file, NULL, _IOFBF, 1 << 20) == 0 && write_capture(&c, file);

	if (file && fclose(file) != 0)
		written = false;
	if (!written)
		fprintf(stderr, "crowd: %s: %s\n", argv[3], strerror(errno));
	return !written;
}
