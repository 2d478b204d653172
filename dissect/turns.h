/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * turns.h - whose turn it was in a merge of two: the last so many answers, a bit each.
 *
 * Where some inputs can be read again and of others only the end was kept, this tells the packet numbers of
 * the former: time alone does not, as nothing says when the frames that are gone had come.
 */
#ifndef LASTACK_DISSECT_TURNS_H
#define LASTACK_DISSECT_TURNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct turns;

/* Remembers 8 turns a byte. NULL with errno = ENOMEM. */
struct turns *turns_new(size_t bytes);

/* Notes the next turn; turns count from 1. */
void turns_add(struct turns *t, bool first);

/* The oldest turn that is remembered, or the next one if none is. */
uint64_t turns_begin(const struct turns *t);

/* How many of the turns before turns_begin() were the first's. */
uint64_t turns_before(const struct turns *t);

/* Whether a turn was the first's; turns_begin() <= n <= those noted. */
bool turns_first(const struct turns *t, uint64_t n);

void turns_free(struct turns *t); /* NULL is fine */

#endif
