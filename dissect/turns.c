/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissect/turns.h"

#include <stdlib.h>

struct turns {
	uint8_t *bits; /* of turn n: bit n modulo 'size' */
	uint64_t size;
	uint64_t begin, next;
	uint64_t before;
};

struct turns *turns_new(size_t bytes)
{
	struct turns *t = calloc(1, sizeof *t);

	if (!t)
		return NULL;
	if (bytes < 1)
		bytes = 1;
	t->bits = calloc(bytes, 1);
	if (!t->bits) {
		free(t);
		return NULL;
	}
	t->size = (uint64_t)bytes * 8;
	t->begin = t->next = 1;
	return t;
}

bool turns_first(const struct turns *t, uint64_t n)
{
	return t->bits[n % t->size / 8] >> (n % 8) & 1;
}

void turns_add(struct turns *t, bool first)
{
	uint64_t n = t->next++;
	uint8_t bit = (uint8_t)(1u << (n % 8)), *byte = &t->bits[n % t->size / 8];

	if (n - t->begin == t->size)
		t->before += turns_first(t, t->begin++);
	*byte = (uint8_t)(first ? *byte | bit : *byte & ~bit);
}

uint64_t turns_begin(const struct turns *t)
{
	return t->begin;
}

uint64_t turns_before(const struct turns *t)
{
	return t->before;
}

void turns_free(struct turns *t)
{
	if (!t)
		return;
	free(t->bits);
	free(t);
}
