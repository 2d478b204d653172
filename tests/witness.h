/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * witness.h - holds every struct change against what record.h promises of them.
 *
 * Each end's changes lead from STATE_UNKNOWN, one from where the other led to, retractions one step back at
 * a time; what is left of them when its record comes is the record's way of states.
 */
#ifndef LASTACK_TESTS_WITNESS_H
#define LASTACK_TESTS_WITNESS_H

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/record.h"

struct told;

struct witness {
	struct told *told; /* by the first packet of their connection */
	size_t room;
	bool backwards; /* time ran backwards: that of the changes may too */
	struct moment last;
	size_t changes, retractions;
	char wrong[256]; /* the first thing that is; "" = nothing */
};

/* All zero before. */
void witness_change(struct witness *witness, const struct change *change);
void witness_record(struct witness *witness, const struct record *record);

/* There are no more records: whatever was told of others must have been taken back. Frees what is held. */
void witness_end(struct witness *witness);

#endif
