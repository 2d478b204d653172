/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model_parts.h - what model.c, which is told, and model_read.c, which tells, share. */
#ifndef LASTACK_UI_MODEL_PARTS_H
#define LASTACK_UI_MODEL_PARTS_H

#include "ui/living.h"
#include "ui/model.h"

enum { MODEL_CHUNK = 256 /* records allocated together */ };

struct model {
	struct sink sink; /* first: see record.h */
	struct model_options options;
	struct moment now;
	struct model_counts counts;
	struct timeline timeline;
	struct peers *peers;
	struct census *census;
	struct ledger *ledger;

	struct living living;
	uint64_t unlisted;	/* living connections that are not there for lack of room, */
	uint64_t last_unlisted; /* and the last of these */
	uint64_t *unsettled;
	size_t unsettled_count, unsettled_size;

	struct kept **chunks; /* of MODEL_CHUNK each, made when they are needed */
	uint64_t next;	      /* number of the next that closes */
	uint64_t zeroed;      /* those before do not count any more */
	uint64_t taken_back, live_version;
};

/* Where a connection that has closed is kept, if it still is. */
static inline struct kept *model_slot_of(const struct model *m, uint64_t number)
{
	size_t i = number % m->options.records;

	return &m->chunks[i / MODEL_CHUNK][i % MODEL_CHUNK];
}

#endif
