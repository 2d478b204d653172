/* SPDX-License-Identifier: GPL-2.0-or-later */
/* living.h - the model's connections by their name, in the order in which they came. Part of model.c. */
#ifndef LASTACK_UI_LIVING_H
#define LASTACK_UI_LIVING_H

#include "ui/model.h"

struct living {
	struct live *slots; /* [1] and up */
	uint32_t used, free, most;
	uint32_t size;	 /* of slots */
	uint32_t *table; /* slots by connection; 0 = none */
	uint32_t table_bits;
	uint64_t seed;
	uint32_t newest; /* of those that are listed */
	size_t count;	 /* listed */
	size_t held;	 /* all */
};

/* False with errno = ENOMEM. All zero before. */
bool living_init(struct living *living, size_t most, uint64_t seed);

struct live *living_find(const struct living *living, uint64_t connection);

/* A new one, all zero but for its connection, listed as the newest. NULL where there is no room. */
struct live *living_add(struct living *living, uint64_t connection);

/* Takes it out of the list, or puts it back as the newest. */
void living_unlist(struct living *living, struct live *live);
void living_list(struct living *living, struct live *live);

void living_remove(struct living *living, struct live *live);

void living_free(struct living *living);

#endif
