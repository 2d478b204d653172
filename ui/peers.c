/* SPDX-License-Identifier: GPL-2.0-or-later */
/* peers.c - see peers.h. */
#include "ui/peers.h"

#include <errno.h>
#include <stdlib.h>

#include "analyzer/heavy.h"

struct peers {
	struct heavy *hosts, *services;
};

/* heavy.h compares keys as bytes. */
struct key {
	uint8_t addr[16];
	uint8_t port[2];
};

struct peers *peers_new(uint64_t seed)
{
	struct peers *p = calloc(1, sizeof *p);
	const struct heavy_options options = { .key_size = sizeof(struct key),
					       .value_size = sizeof(struct peer),
					       .max = PEERS_MAX,
					       .seed = seed };

	if (!p)
		return NULL;
	p->hosts = heavy_new(&options);
	p->services = heavy_new(&options);
	if (p->hosts && p->services)
		return p;
	peers_free(p);
	errno = ENOMEM;
	return NULL;
}

void peers_free(struct peers *p)
{
	if (!p)
		return;
	heavy_free(p->hosts);
	heavy_free(p->services);
	free(p);
}

static void count(struct heavy *heavy, const struct record *r, enum side side, uint16_t port)
{
	struct key key = { .port = { (uint8_t)(port >> 8), (uint8_t)port } };
	enum closer me = side == CLIENT ? CLOSER_CLIENT : CLOSER_SERVER;
	struct peer *peer;

	memcpy(key.addr, r->host[side].addr, sizeof key.addr);
	peer = heavy_add(heavy, &key, 1);
	peer->connections++;
	peer->closes[r->close]++;
	peer->resets_sent += r->close == CLOSE_RESET && r->rst_sender == me;
	peer->resets_received += r->close == CLOSE_RESET && r->rst_sender != me;
	peer->fin_retransmits += r->fin_retransmits;
	spread_add(&peer->teardown, r->teardown_time, r->first_packet);
	spread_add(&peer->close_wait, r->side[side].close_wait, r->first_packet);
}

void peers_record(struct peers *p, const struct record *r)
{
	count(p->services, r, SERVER, r->port[SERVER]);
	count(p->hosts, r, SERVER, 0);
	if (!host_equal(&r->host[CLIENT], &r->host[SERVER]))
		count(p->hosts, r, CLIENT, 0);
}

static const struct heavy *which(const struct peers *p, bool services)
{
	return services ? p->services : p->hosts;
}

size_t peers_count(const struct peers *p, bool services)
{
	return heavy_count(which(p, services));
}

const struct peer *peers_at(const struct peers *p, bool services, size_t i, struct peer_name *name)
{
	struct heavy_entry entry = heavy_at(which(p, services), i);
	const struct key *key = entry.key;

	memcpy(name->host.addr, key->addr, sizeof key->addr);
	name->port = (uint16_t)(key->port[0] << 8 | key->port[1]);
	return entry.value;
}

uint64_t peers_missed(const struct peers *p, bool services)
{
	return heavy_missed(which(p, services));
}
