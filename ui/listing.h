/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * listing.h - the model's connections as a list: those that a filter takes, in some order. The living come
 * first, then those that have closed.
 *
 * Made in steps of bounded work, so that a filter over a hundred thousand connections stops nobody. Where one
 * stands is decided when it comes; what is shown of it is what is known now.
 */
#ifndef LASTACK_UI_LISTING_H
#define LASTACK_UI_LISTING_H

#include "dissect/capture.h"
#include "ui/model.h"
#include "ui/select.h"

/* Which of the connections. */
enum listing_part { LISTING_ALL, LISTING_LIVE, LISTING_CLOSED, LISTING_PARTS };

struct listing_order {
	struct only only;
	const struct column *sort; /* NULL = by when they came */
	bool ascending;		   /* else the newest, or the greatest, first */
	enum listing_part part;
};

struct listing;

/* The newest first, all of them. The model must outlive it. NULL with errno = ENOMEM. */
struct listing *listing_new(const struct model *model);

/* Who names the sources of records, for text that is sought; NULL, as at first, = nobody. Not owned. */
void listing_name_sources(struct listing *listing, const struct captures *captures);

/* Another filter or order: begins anew. */
void listing_set(struct listing *listing, const struct listing_order *order);
const struct listing_order *listing_order(const struct listing *listing);

/* Takes in what is new, at most so many connections that have closed. False when there is more. */
bool listing_update(struct listing *listing, size_t most);

size_t listing_count(const struct listing *listing);

struct listing_row {
	const struct live *live;   /* NULL: it has closed */
	bool final;		   /* its record has ended */
	uint64_t connection;	   /* names it */
	struct record record;	   /* as known now */
	struct process process[2]; /* that have its ends */
	const char *source;	   /* the input it came from; NULL = not asked */
};

/* Row i < listing_count(). False where it is not there any more. */
bool listing_row(const struct listing *listing, size_t i, struct listing_row *row);

/* Which connection row i is, and where one is: 'near' is where it was. listing_count() when it is not there.
 */
uint64_t listing_connection(const struct listing *listing, size_t i);
size_t listing_find(const struct listing *listing, uint64_t connection, size_t near);

void listing_free(struct listing *listing); /* NULL is fine */

#endif
