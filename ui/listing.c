/* SPDX-License-Identifier: GPL-2.0-or-later */
/* listing.c - see listing.h. */
#include "ui/listing.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ui/decimal.h"

enum {
	LIVE_OFTEN = 2000,   /* so many living ones are listed anew with every update, */
	LIVE_SELDOM = 20000, /* so many with every tenth, and more with every fiftieth */
};

/* What rows are sorted by: compared as two numbers. 0, 0 = not known. */
struct key {
	uint64_t high, low;
};

struct item {
	uint64_t number; /* of one that has closed: the model's; of one that lives: its connection */
	uint64_t connection;
	struct key key;
};

struct items {
	struct item *at; /* in ascending order */
	size_t n, size;
};

struct listing {
	const struct model *model;
	const struct captures *captures; /* NULL = sources have no names */
	struct listing_order order;
	struct items live, closed;
	uint64_t next; /* the next that has closed to be looked at */
	uint64_t taken_back, live_version;
	unsigned updates;
};

struct listing *listing_new(const struct model *model)
{
	struct listing *l = calloc(1, sizeof *l);

	if (!l)
		return NULL;
	l->model = model;
	l->live_version = UINT64_MAX;
	l->next = model_first(model);
	return l;
}

void listing_free(struct listing *l)
{
	if (!l)
		return;
	free(l->live.at);
	free(l->closed.at);
	free(l);
}

void listing_name_sources(struct listing *l, const struct captures *captures)
{
	l->captures = captures;
}

void listing_set(struct listing *l, const struct listing_order *order)
{
	l->order = *order;
	l->live.n = l->closed.n = 0;
	l->next = model_first(l->model);
	l->live_version = UINT64_MAX;
	l->updates = 0;
}

const struct listing_order *listing_order(const struct listing *l)
{
	return &l->order;
}

/* ---- keys ---- */

static uint64_t from_bytes(const uint8_t *bytes)
{
	uint64_t n = 0;

	for (int i = 0; i < 8; i++)
		n = n << 8 | bytes[i];
	return n;
}

static struct row row_of(const struct listing *l, const struct record *record,
			 const struct process process[static 2])
{
	return (struct row){
		.record = record,
		.source = l->captures ? captures_source(l->captures, record->source) : "",
		.process = process,
		.nanoseconds = true,
	};
}

/* Sources in the order in which they were given: their names begin alike. */
static bool is_source(const struct column *column)
{
	return strcmp(column->name, "source") == 0;
}

static struct key key_of(const struct column *column, const struct row *row)
{
	const struct record *record = row->record;
	char bytes[COLUMN_BYTES_MAX];
	struct text text = { .bytes = bytes, .size = sizeof bytes };
	uint8_t first[16] = { 0 };
	struct decimal decimal;

	/* In time; those whose records come late, because nothing more was heard of them, belong before
	 * others. */
	if (!column)
		return (struct key){ (uint64_t)record->end.ns ^ UINT64_C(1) << 63, 0 };
	if (column->field == offsetof(struct record, host[CLIENT]) ||
	    column->field == offsetof(struct record, host[SERVER])) {
		memcpy(first, (const char *)record + column->field, sizeof first);
		return (struct key){ from_bytes(first), from_bytes(first + 8) };
	}
	if (is_source(column))
		return (struct key){ record->source, 0 };
	column_text(&text, row, column);
	if (column->type == COLUMN_NUMBER && decimal_parse(bytes, text.length, &decimal))
		return (struct key){ decimal.negative ? 0 : decimal.whole + 1, decimal.billionths };
	for (size_t i = 0; i < sizeof first && i < text.length; i++)
		first[i] = (uint8_t)tolower((unsigned char)bytes[i]);
	return (struct key){ from_bytes(first), from_bytes(first + 8) };
}

static int compare(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->key.high != y->key.high)
		return x->key.high < y->key.high ? -1 : 1;
	if (x->key.low != y->key.low)
		return x->key.low < y->key.low ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

static bool append(struct items *items, const struct item *item)
{
	if (items->n == items->size) {
		size_t size = items->size ? 2 * items->size : 256;
		struct item *bigger = realloc(items->at, size * sizeof *bigger);

		if (!bigger)
			return false;
		items->at = bigger;
		items->size = size;
	}
	items->at[items->n++] = *item;
	return true;
}

/* ---- those that have closed ---- */

static void drop_gone(struct listing *l)
{
	uint64_t first = model_first(l->model), taken_back = model_taken_back(l->model);
	bool look = taken_back != l->taken_back;
	size_t kept = 0;

	l->taken_back = taken_back;
	for (size_t i = 0; i < l->closed.n; i++) {
		const struct item *item = &l->closed.at[i];

		if (item->number < first || (look && !model_kept(l->model, item->number)))
			continue;
		if (kept != i)
			l->closed.at[kept] = *item;
		kept++;
	}
	l->closed.n = kept;
}

/* The items from 'old' on are new: each goes to its place. */
static void merge(struct items *items, size_t old)
{
	size_t n = items->n - old, to = items->n;
	struct item *fresh;

	if (n == 0)
		return;
	qsort(items->at + old, n, sizeof *items->at, compare);
	if (old == 0 || compare(&items->at[old - 1], &items->at[old]) < 0)
		return;
	fresh = malloc(n * sizeof *fresh);
	if (!fresh) {
		qsort(items->at, items->n, sizeof *items->at, compare);
		return;
	}
	memcpy(fresh, items->at + old, n * sizeof *fresh);
	while (n > 0) {
		if (old > 0 && compare(&items->at[old - 1], &fresh[n - 1]) > 0)
			items->at[--to] = items->at[--old];
		else
			items->at[--to] = fresh[--n];
	}
	free(fresh);
}

static bool update_closed(struct listing *l, size_t most)
{
	size_t old;

	drop_gone(l);
	old = l->closed.n;
	if (l->next < model_first(l->model))
		l->next = model_first(l->model);
	for (; most > 0 && l->next < model_next(l->model); most--, l->next++) {
		const struct kept *kept = model_kept(l->model, l->next);
		struct item item;
		struct row shown;

		if (!kept)
			continue;
		shown = row_of(l, &kept->record, kept->process);
		if (!only_takes_row(&l->order.only, &shown))
			continue;
		item = (struct item){ l->next, kept->record.first_packet, key_of(l->order.sort, &shown) };
		if (!append(&l->closed, &item))
			break;
	}
	merge(&l->closed, old);
	return l->next == model_next(l->model);
}

/* ---- those that live ---- */

static bool live_is_due(const struct listing *l)
{
	uint64_t n = model_live_count(l->model);

	/* What it is sorted or chosen by may have changed, too. */
	if (l->live_version == model_live_version(l->model) && l->order.only.n == 0 && !l->order.sort)
		return false;
	return l->updates % (n <= LIVE_OFTEN ? 1 : n <= LIVE_SELDOM ? 10 : 50) == 0;
}

static void update_live(struct listing *l)
{
	bool plain = l->order.only.n == 0 && !l->order.sort;

	l->live.n = 0;
	l->live_version = model_live_version(l->model);
	for (const struct live *live = model_newest(l->model); live; live = model_older(l->model, live)) {
		struct item item = { .number = live->connection, .connection = live->connection };

		if (!plain) {
			struct process process[2] = { { 0 } };
			struct record record;
			struct row shown;

			model_look_at(l->model, live, &record);
			model_name_of(l->model, &record, process);
			shown = row_of(l, &record, process);
			if (!only_takes_row(&l->order.only, &shown))
				continue;
			item.key = key_of(l->order.sort, &shown);
		}
		if (!append(&l->live, &item))
			return;
	}
	if (l->live.n > 1)
		qsort(l->live.at, l->live.n, sizeof *l->live.at, compare);
}

bool listing_update(struct listing *l, size_t most)
{
	if (l->order.part != LISTING_CLOSED && live_is_due(l))
		update_live(l);
	l->updates++;
	return l->order.part == LISTING_LIVE || update_closed(l, most);
}

/* ---- rows ---- */

size_t listing_count(const struct listing *l)
{
	return l->live.n + l->closed.n;
}

static const struct item *item_at(const struct listing *l, size_t i)
{
	const struct items *items = i < l->live.n ? &l->live : &l->closed;

	if (items == &l->closed)
		i -= l->live.n;
	return &items->at[l->order.ascending ? i : items->n - 1 - i];
}

uint64_t listing_connection(const struct listing *l, size_t i)
{
	return item_at(l, i)->connection;
}

static bool row_of_live(const struct listing *l, const struct item *item, struct listing_row *row)
{
	const struct live *live = model_find(l->model, item->connection);

	if (!live)
		return false;
	row->live = live->closed ? NULL : live;
	model_look_at(l->model, live, &row->record);
	model_name_of(l->model, &row->record, row->process);
	return true;
}

bool listing_row(const struct listing *l, size_t i, struct listing_row *row)
{
	const struct item *item = item_at(l, i);
	const struct kept *kept;

	*row = (struct listing_row){ .connection = item->connection };
	if (i < l->live.n)
		return row_of_live(l, item, row);
	kept = model_kept(l->model, item->number);
	if (!kept)
		return false;
	row->final = kept->final;
	row->record = kept->record;
	memcpy(row->process, kept->process, sizeof row->process);
	return true;
}

size_t listing_find(const struct listing *l, uint64_t connection, size_t near)
{
	size_t n = listing_count(l);

	for (size_t away = 0; away <= n; away++) {
		if (near + away < n && listing_connection(l, near + away) == connection)
			return near + away;
		if (away <= near && near - away < n && listing_connection(l, near - away) == connection)
			return near - away;
		if (near + away >= n && away > near)
			break;
	}
	return n;
}
