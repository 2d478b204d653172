/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * generate - writes a capture of connections whose closes are known, and the truth beside it.
 *
 * A fixed number of slots each run one connection after the other, so memory does not grow with the length of
 * the capture; a heap of the slots by the time of their next packet interleaves them.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/arguments.h"
#include "tests/bench/connection.h"

#define SECOND INT64_C(1000000000)
#define START  (INT64_C(1767225600) * SECOND) /* 2026-01-01 */
#define RAMP   (30 * SECOND)		      /* over which the first connections begin */

enum {
	CLIENTS = 4096,
	SERVERS = 512,
	PORT_FIRST = 32768, /* Linux's ephemeral ports */
	PORTS = 28232,
	REUSE = 20, /* one gracefully closed pair in so many is used again */
};

struct slot {
	struct connection connection;
	bool fresh; /* its first packet is still to come */
};

struct due {
	int64_t at;
	uint32_t slot;
};

struct generator {
	const struct options *options;
	struct random random;
	struct plan *plans; /* scenario_count of them */
	unsigned weight;    /* of all plans */
	int32_t body;	    /* mean packets of a body */
	uint64_t begun, packets;
	struct slot *slots;
	struct due *heap; /* the earliest first */
	uint32_t due;	  /* slots in the heap */
	struct writer writer;
	FILE *truth; /* or NULL */
};

/* --- choosing connections --- */

static unsigned weight_of(const struct generator *g, const struct scenario *s)
{
	const char *only = g->options->only;

	if (!only)
		return s->weight;
	return strcmp(s->name, only) == 0;
}

static bool read_plans(struct generator *g)
{
	uint64_t fixed = 0, bodies = 0;

	for (size_t i = 0; i < scenario_count; i++) {
		struct plan *p = &g->plans[i];
		unsigned weight = weight_of(g, &scenarios[i]);

		p->scenario = &scenarios[i];
		p->count = scenario_steps(&scenarios[i], p->steps);
		g->weight += weight;
		for (size_t j = 0; j < p->count; j++) {
			bool body = p->steps[j].op == OP_BODY;

			bodies += body ? weight : 0;
			fixed += !body && p->steps[j].op != OP_LAND ? weight : 0;
		}
	}
	uint64_t wanted = (uint64_t)g->options->packets * g->weight;

	if (bodies > 0 && wanted > fixed)
		g->body = (int32_t)((wanted - fixed) / bodies);
	return g->weight > 0;
}

static const struct plan *choose_plan(struct generator *g)
{
	unsigned left = random_below(&g->random, g->weight);
	const struct plan *p = g->plans;

	while (left >= weight_of(g, p->scenario))
		left -= weight_of(g, p++->scenario);
	return p;
}

/* Mostly short, sometimes ten times as long; the mean is g->body. */
static struct body choose_body(struct generator *g)
{
	uint32_t mean = (uint32_t)g->body;
	uint32_t most = random_below(&g->random, 10) == 0 ? 10 * mean : mean * 10 / 9;

	return (struct body){ .packets = (int32_t)random_below(&g->random, most + 1),
			      .payload = g->options->payload };
}

static struct address make_address(bool ipv6, bool server, uint32_t host)
{
	struct address a = { .bytes = { 0x20, 0x01, 0x0d, 0xb8, 0, server ? 2 : 1 } };
	uint32_t v4 = htonl((server ? 0xc6120000u : 0x0a000000u) + 0x101 + host); /* RFC 2544, RFC 1918 */

	if (ipv6) {
		a.bytes[13] = (uint8_t)(host >> 16);
		a.bytes[14] = (uint8_t)(host >> 8);
		a.bytes[15] = (uint8_t)host;
		a.bytes[12] = 2;
	} else {
		memcpy(a.bytes, &v4, sizeof v4);
	}
	return a;
}

/* Addresses and ports that no earlier connection had. */
static struct endpoints choose_endpoints(struct generator *g, uint64_t number)
{
	static const uint16_t ports[] = { 443, 443, 443, 80, 80, 8080, 22, 25, 993, 3306, 5432, 6379 };
	uint32_t epoch = (uint32_t)(number / ((uint64_t)CLIENTS * PORTS));
	uint32_t server = random_below(&g->random, SERVERS);
	bool ipv6 = random_below(&g->random, 100) < g->options->ipv6;

	return (struct endpoints){
		.address = { make_address(ipv6, false, (uint32_t)(number % CLIENTS)),
			     make_address(ipv6, true, server + epoch % 128 * SERVERS) },
		.port = { (uint16_t)(PORT_FIRST + number / CLIENTS % PORTS), ports[server % 12] },
		.ipv6 = ipv6,
	};
}

/*
 * Whether the pair of a connection that is over, and in TIME-WAIT, is used once more. Only a SYN shows that:
 * without it, what follows would belong to the old one.
 */
static bool use_again(struct generator *g, const struct plan *old, const struct plan *new)
{
	const struct step *first = &new->steps[0];

	return strcmp(old->scenario->close, "graceful") == 0 && first->op == OP_SYN &&
	       first->fate != FATE_UNSEEN && random_below(&g->random, REUSE) == 0;
}

static void begin(struct generator *g, struct slot *slot, int64_t at)
{
	const struct plan *plan = choose_plan(g);
	struct connection *c = &slot->connection;
	struct endpoints who = choose_endpoints(g, g->begun++);
	bool again = c->plan && use_again(g, c->plan, plan);

	if (again) {
		who = (struct endpoints){ .address = { c->end[0].address, c->end[1].address },
					  .port = { c->end[0].port, c->end[1].port },
					  .ipv6 = c->ipv6 };
		at += SECOND + random_between(&g->random, 0, 70 * SECOND);
	}
	connection_begin(c, plan, &who, at, choose_body(g), again ? c : NULL, &g->random);
	slot->fresh = true;
}

/* --- in order of time --- */

static bool earlier(struct due a, struct due b)
{
	return a.at < b.at || (a.at == b.at && a.slot < b.slot);
}

/* Puts d where it belongs, beginning at i whose place is free. */
static void sink(struct generator *g, uint32_t i, struct due d)
{
	for (;;) {
		uint32_t child = 2 * i + 1;

		if (child + 1 < g->due && earlier(g->heap[child + 1], g->heap[child]))
			child++;
		if (child >= g->due || !earlier(g->heap[child], d))
			break;
		g->heap[i] = g->heap[child];
		i = child;
	}
	g->heap[i] = d;
}

/* --- writing --- */

static void write_truth(struct generator *g, const struct connection *c)
{
	const struct scenario *s = c->plan->scenario;
	int family = c->ipv6 ? AF_INET6 : AF_INET;
	char text[2][INET6_ADDRSTRLEN];

	for (int i = 0; i < 2; i++)
		inet_ntop(family, c->end[i].address.bytes, text[i], sizeof text[i]);
	fprintf(g->truth, "%s\t%u\t%s\t%u\t%llu\t%s\t%s\t%s\n", text[0], c->end[0].port, text[1],
		c->end[1].port, (unsigned long long)g->packets, s->close, s->closer, s->name);
}

/* The earliest slot's next packet; then the slot's next moment, or its next connection. */
static void step(struct generator *g)
{
	struct slot *slot = &g->slots[g->heap[0].slot];
	struct connection *c = &slot->connection;
	uint8_t headers[PACKET_HEADERS_MAX];
	size_t payload, n = connection_frame(c, &g->random, headers, &payload);
	size_t captured = g->options->whole ? payload : 0;
	bool twice = g->options->duplicates > 0 && random_below(&g->random, 100) < g->options->duplicates;

	writer_frame(&g->writer, c->at, headers, n, payload, captured);
	if (twice)
		writer_frame(&g->writer, c->at, headers, n, payload, captured);
	g->packets++;
	if (slot->fresh && g->truth)
		write_truth(g, c);
	g->packets += twice;
	slot->fresh = false;

	bool more = connection_advance(c, &g->random);

	if (!more && g->begun < g->options->connections) {
		begin(g, slot, c->at + random_between(&g->random, 0, SECOND / 10));
		more = true;
	}
	struct due d = { .at = c->at, .slot = g->heap[0].slot };

	if (!more)
		d = g->heap[--g->due];
	if (g->due > 0)
		sink(g, 0, d);
}

static void begin_all(struct generator *g)
{
	g->due = g->options->concurrency;
	for (uint32_t i = 0; i < g->due; i++) {
		begin(g, &g->slots[i], START + random_between(&g->random, 0, RAMP));
		g->heap[i] = (struct due){ .at = g->slots[i].connection.at, .slot = i };
	}
	for (uint32_t i = g->due / 2; i-- > 0;)
		sink(g, i, g->heap[i]);
}

static FILE *open_output(const char *name, FILE *standard)
{
	FILE *file = strcmp(name, "-") == 0 ? standard : fopen(name, "w");

	if (!file)
		fprintf(stderr, "generate: %s: %s\n", name, strerror(errno));
	else
		setvbuf(file, NULL, _IOFBF, 1 << 20);
	return file;
}

static bool close_output(FILE *file, const char *name)
{
	bool bad = ferror(file);

	if (fclose(file) == 0 && !bad)
		return true;
	fprintf(stderr, "generate: %s: %s\n", name, strerror(errno));
	return false;
}

static bool generate(struct generator *g)
{
	const struct options *o = g->options;
	FILE *file = open_output(o->output, stdout);

	g->truth = o->truth && file ? open_output(o->truth, stdout) : NULL;
	if (!file || (o->truth && !g->truth))
		return false;
	if (g->truth)
		fputs("client_ip\tclient_port\tserver_ip\tserver_port\tfirst_"
		      "packet\tclose\tcloser\tscenario\n",
		      g->truth);
	writer_begin(&g->writer, file, o->format);
	begin_all(g);
	while (g->due > 0 && !ferror_unlocked(file))
		step(g);
	fprintf(stderr, "%llu connections, %llu packets\n", (unsigned long long)g->begun,
		(unsigned long long)g->packets);

	bool written = close_output(file, o->output);

	if (g->truth)
		written &= close_output(g->truth, o->truth);
	return written;
}

int main(int argc, char **argv)
{
	struct options options = arguments(argc, argv);
	struct generator g = { .options = &options, .random.state = options.seed };
	g.plans = calloc(scenario_count, sizeof *g.plans);
	g.slots = calloc(options.concurrency, sizeof *g.slots);
	g.heap = calloc(options.concurrency, sizeof *g.heap);
	if (!g.plans || !g.slots || !g.heap) {
		fputs("generate: out of memory\n", stderr);
		return 1;
	}
	bool fine = read_plans(&g);

	if (!fine)
		fprintf(stderr, "generate: no scenario \"%s\"\n", options.only);
	fine = fine && generate(&g);
	free(g.heap);
	free(g.slots);
	free(g.plans);
	return fine ? 0 : 1;
}
