/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tally_top.c - the lists of tally.h: who stands out among hosts, services and programs. */
#include <string.h>

#include "analyzer/tally_parts.h"

static int place_order(const struct place *a, const struct place *b)
{
	int hosts = memcmp(&a->host, &b->host, sizeof a->host);

	if (hosts != 0)
		return hosts;
	return a->port != b->port ? a->port - b->port : a->side - b->side;
}

static bool host_before(const struct heavy_entry *a, const struct heavy_entry *b)
{
	if (a->weight != b->weight)
		return a->weight > b->weight;
	return memcmp(a->key, b->key, sizeof(struct host)) < 0;
}

static bool place_before(const struct heavy_entry *a, const struct heavy_entry *b)
{
	if (a->weight != b->weight)
		return a->weight > b->weight;
	return place_order(a->key, b->key) < 0;
}

static bool service_before(const struct heavy_entry *a, const struct heavy_entry *b)
{
	const struct program_value *va = a->value, *vb = b->value;
	double share_a = (double)va->resets / (double)a->weight;
	double share_b = (double)vb->resets / (double)b->weight;

	if (share_a != share_b)
		return share_a > share_b;
	return place_before(a, b);
}

size_t tally_hosts(const struct tally *t, struct tally_host *out, size_t n, uint64_t *missed)
{
	struct heavy_entry best[TALLY_TOP_MAX];

	n = heavy_top(t->hosts, 1, host_before, best, n < TALLY_TOP_MAX ? n : TALLY_TOP_MAX);
	for (size_t i = 0; i < n; i++)
		out[i] = (struct tally_host){ .host = *(const struct host *)best[i].key,
					      .resets = best[i].weight };
	*missed = heavy_missed(t->hosts);
	return n;
}

size_t tally_services(const struct tally *t, uint64_t least, struct tally_service *out, size_t n,
		      uint64_t *missed)
{
	struct heavy_entry best[TALLY_TOP_MAX];
	size_t found = 0;

	n = heavy_top(t->services, least, service_before, best, n < TALLY_TOP_MAX ? n : TALLY_TOP_MAX);
	for (; found < n; found++) {
		const struct place *place = best[found].key;
		const struct program_value *value = best[found].value;

		if (value->resets == 0)
			break;
		out[found] = (struct tally_service){ .host = place->host,
						     .port = place->port,
						     .connections = best[found].weight,
						     .resets = value->resets };
	}
	*missed = heavy_missed(t->services);
	return found;
}

size_t tally_targets(const struct tally *t, struct tally_target *out, size_t n, uint64_t *missed)
{
	struct heavy_entry best[TALLY_TOP_MAX];

	n = heavy_top(t->targets, 1, place_before, best, n < TALLY_TOP_MAX ? n : TALLY_TOP_MAX);
	for (size_t i = 0; i < n; i++) {
		const struct place *place = best[i].key;
		const struct target_value *value = best[i].value;

		out[i] = (struct tally_target){ .host = place->host,
						.port = place->port,
						.attempts = best[i].weight };
		memcpy(out[i].by_close, value->by_close, sizeof value->by_close);
	}
	*missed = heavy_missed(t->targets);
	return n;
}

static bool stuck_before(const struct heavy_entry *a, const struct heavy_entry *b)
{
	const struct stuck_place *ka = a->key, *kb = b->key;
	int order = place_order(&ka->place, &kb->place);

	if (a->weight != b->weight)
		return a->weight > b->weight;
	return order ? order < 0 : memcmp(&ka->server, &kb->server, sizeof ka->server) < 0;
}

size_t tally_stuck(const struct tally *t, struct tally_stuck *out, size_t n, uint64_t *missed)
{
	struct heavy_entry best[TALLY_TOP_MAX];

	n = heavy_top(t->stuck, 1, stuck_before, best, n < TALLY_TOP_MAX ? n : TALLY_TOP_MAX);
	for (size_t i = 0; i < n; i++) {
		const struct stuck_place *key = best[i].key;
		const struct place *place = &key->place;
		const struct stuck_value *value = best[i].value;

		out[i] = (struct tally_stuck){ .host = place->host,
					       .server = place->side == CLIENT ? key->server : place->host,
					       .port = place->port,
					       .side = (enum side)place->side,
					       .connections = best[i].weight,
					       .longest = value->longest };
	}
	*missed = heavy_missed(t->stuck);
	return n;
}

/* What is left to judge a program by: health checks are their client's habit, and told as such. */
static uint64_t judged(const struct heavy_entry *e)
{
	const struct program_value *value = e->value;

	return e->weight - value->checks;
}

/* Of them, nine tenths or more were aborted. */
static bool is_habit(const struct heavy_entry *e)
{
	const struct program_value *value = e->value;

	return judged(e) >= TALLY_HABIT_LEAST && value->aborts >= judged(e) - judged(e) / 10;
}

static bool aborter_before(const struct heavy_entry *a, const struct heavy_entry *b)
{
	const struct program_value *va = a->value, *vb = b->value;

	if (is_habit(a) != is_habit(b))
		return is_habit(a);
	if (va->aborts != vb->aborts)
		return va->aborts > vb->aborts;
	return place_before(a, b);
}

size_t tally_aborters(const struct tally *t, enum side side, struct tally_aborter *out, size_t n,
		      uint64_t *missed)
{
	const struct heavy *programs = side == CLIENT ? t->clients : t->services;
	struct heavy_entry best[TALLY_TOP_MAX];
	size_t found = 0;

	n = heavy_top(programs, TALLY_HABIT_LEAST, aborter_before, best,
		      n < TALLY_TOP_MAX ? n : TALLY_TOP_MAX);
	for (; found < n && is_habit(&best[found]); found++) {
		const struct place *place = best[found].key;
		const struct program_value *value = best[found].value;

		out[found] = (struct tally_aborter){ .host = place->host,
						     .port = place->port,
						     .connections = judged(&best[found]),
						     .aborts = value->aborts };
	}
	*missed = heavy_missed(programs);
	return found;
}

/* Three that were aborted are plain; what ends politely is a check only when it comes regularly. */
static bool is_check(const struct heavy_entry *e)
{
	const struct check_value *value = e->value;

	return value->aborted >= TALLY_CHECKS_LEAST || rhythm_interval(&value->rhythm) > 0;
}

static bool check_before(const struct heavy_entry *a, const struct heavy_entry *b)
{
	if (is_check(a) != is_check(b))
		return is_check(a);
	if (a->weight != b->weight)
		return a->weight > b->weight;
	return memcmp(a->key, b->key, sizeof(struct check)) < 0;
}

size_t tally_checks(const struct tally *t, struct tally_check *out, size_t n, uint64_t *missed)
{
	struct heavy_entry best[TALLY_TOP_MAX];
	size_t found = 0;

	n = heavy_top(t->checks, TALLY_CHECKS_LEAST, check_before, best,
		      n < TALLY_TOP_MAX ? n : TALLY_TOP_MAX);
	for (; found < n && is_check(&best[found]); found++) {
		const struct check *check = best[found].key;
		const struct check_value *value = best[found].value;

		out[found] = (struct tally_check){ .client = check->client,
						   .server = check->server,
						   .port = check->port,
						   .connections = best[found].weight,
						   .aborted = value->aborted,
						   .interval = rhythm_interval(&value->rhythm) };
	}
	*missed = heavy_missed(t->checks);
	return found;
}
