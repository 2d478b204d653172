/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sources.h - the names of the files and interfaces that frames come from, by number. */
#ifndef LASTACK_DISSECT_SOURCES_H
#define LASTACK_DISSECT_SOURCES_H

#include <stdint.h>

struct sources;

enum { SOURCES_NONE_LEFT = UINT16_MAX }; /* see sources_add() */

struct sources *sources_new(void); /* NULL with errno = ENOMEM */

/*
 * A number for a file, or for one interface of it (NULL: the file as a whole); numbers count from 0. When
 * they have run out, or memory has, all further ones share SOURCES_NONE_LEFT, whose name says so.
 */
uint16_t sources_add(struct sources *s, const char *file, const char *interface);

/*
 * The name behind a number that sources_add() gave; valid until sources_free(). May be asked for by another
 * thread than the one that adds, once that has handed the number over.
 */
const char *sources_name(const struct sources *s, uint16_t source);

void sources_free(struct sources *s); /* NULL is fine */

#endif
