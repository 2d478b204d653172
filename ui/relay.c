/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * relay.c - see relay.h: a ring of parcels, and two counts of them.
 *
 * Whoever waits is woken as late as does not hurt: a sender that found the ring full when half of it is free,
 * so that the two threads do not take turns for every parcel.
 */
#include "ui/relay.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

enum { PARCELS = 64 };

struct relay {
	pthread_mutex_t lock; /* of all below but the parcels' contents, which are one side's at a time */
	pthread_cond_t moved; /* a count or the flag has changed */
	uint64_t sent, taken; /* parcels, ever; 'taken' counts those that are done with */
	bool holding;	      /* the receiver has one that it is not done with */
	bool waiting;	      /* the receiver is, or about to */
	bool closed;
	size_t parcel_size;
	unsigned char *parcels;
};

struct relay *relay_new(size_t parcel_size)
{
	struct relay *r = calloc(1, sizeof *r);

	if (!r)
		return NULL;
	r->parcel_size = parcel_size;
	r->parcels = calloc(PARCELS, parcel_size);
	if (!r->parcels) {
		free(r);
		return NULL;
	}
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->moved, NULL);
	return r;
}

void relay_free(struct relay *r)
{
	if (!r)
		return;
	pthread_cond_destroy(&r->moved);
	pthread_mutex_destroy(&r->lock);
	free(r->parcels);
	free(r);
}

static void *parcel(struct relay *r, uint64_t number)
{
	return r->parcels + number % PARCELS * r->parcel_size;
}

void *relay_blank(struct relay *r)
{
	uint64_t number;

	pthread_mutex_lock(&r->lock);
	if (r->sent - r->taken == PARCELS)
		while (r->sent - r->taken > PARCELS / 2)
			pthread_cond_wait(&r->moved, &r->lock);
	number = r->sent;
	pthread_mutex_unlock(&r->lock);
	return parcel(r, number);
}

static void hand_over(struct relay *r, bool later)
{
	pthread_mutex_lock(&r->lock);
	r->sent++;
	if (r->waiting && (!later || r->sent - r->taken >= PARCELS / 2))
		pthread_cond_signal(&r->moved);
	pthread_mutex_unlock(&r->lock);
}

void relay_send(struct relay *r)
{
	hand_over(r, false);
}

void relay_send_later(struct relay *r)
{
	hand_over(r, true);
}

void relay_close(struct relay *r)
{
	pthread_mutex_lock(&r->lock);
	r->closed = true;
	pthread_cond_signal(&r->moved);
	pthread_mutex_unlock(&r->lock);
}

const void *relay_take(struct relay *r)
{
	uint64_t number;
	bool holding;

	pthread_mutex_lock(&r->lock);
	if (r->holding) {
		r->taken++;
		if (r->sent - r->taken == PARCELS / 2)
			pthread_cond_signal(&r->moved);
	}
	r->waiting = true;
	while (r->sent == r->taken && !r->closed)
		pthread_cond_wait(&r->moved, &r->lock);
	r->waiting = false;
	holding = r->holding = r->sent != r->taken;
	number = r->taken;
	pthread_mutex_unlock(&r->lock);
	return holding ? parcel(r, number) : NULL;
}
