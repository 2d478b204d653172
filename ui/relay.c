/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * relay.c - see relay.h: a ring of parcels that stay where they are, and two counts of them.
 *
 * Whoever waits is woken as late as does not hurt: a sender that found the ring full when half of it is free,
 * so that the two threads do not take turns for every parcel.
 */
#include "ui/relay.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>

enum { PARCELS = 32 };

struct relay {
	pthread_mutex_t lock; /* of all below but the parcels' contents, which are one side's at a time */
	pthread_cond_t moved; /* a count or a flag has changed */
	uint64_t sent, taken; /* parcels, ever; 'taken' counts those that are done with */
	bool holding;	      /* the receiver has one that it is not done with */
	bool closed, abandoned;
	struct parcel parcels[PARCELS];
};

struct relay *relay_new(void)
{
	struct relay *r = calloc(1, sizeof *r);

	if (!r)
		return NULL;
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
	free(r);
}

struct parcel *relay_blank(struct relay *r)
{
	struct parcel *parcel;

	pthread_mutex_lock(&r->lock);
	if (r->sent - r->taken == PARCELS)
		while (r->sent - r->taken > PARCELS / 2 && !r->abandoned)
			pthread_cond_wait(&r->moved, &r->lock);
	parcel = r->abandoned ? NULL : &r->parcels[r->sent % PARCELS];
	pthread_mutex_unlock(&r->lock);
	if (parcel) {
		parcel->n = 0;
		parcel->ticks = false;
	}
	return parcel;
}

void relay_send(struct relay *r)
{
	pthread_mutex_lock(&r->lock);
	r->sent++;
	if (r->sent - r->taken == 1)
		pthread_cond_signal(&r->moved);
	pthread_mutex_unlock(&r->lock);
}

static void raise_flag(struct relay *r, bool *flag)
{
	pthread_mutex_lock(&r->lock);
	*flag = true;
	pthread_cond_signal(&r->moved);
	pthread_mutex_unlock(&r->lock);
}

void relay_close(struct relay *r)
{
	raise_flag(r, &r->closed);
}

void relay_abandon(struct relay *r)
{
	raise_flag(r, &r->abandoned);
}

const struct parcel *relay_take(struct relay *r)
{
	const struct parcel *parcel;

	pthread_mutex_lock(&r->lock);
	if (r->holding) {
		r->taken++;
		if (r->sent - r->taken == PARCELS / 2)
			pthread_cond_signal(&r->moved);
	}
	while (r->sent == r->taken && !r->closed)
		pthread_cond_wait(&r->moved, &r->lock);
	r->holding = r->sent != r->taken;
	parcel = r->holding ? &r->parcels[r->taken % PARCELS] : NULL;
	pthread_mutex_unlock(&r->lock);
	return parcel;
}
