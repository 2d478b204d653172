/* SPDX-License-Identifier: GPL-2.0-or-later */
/* number.h - numbers as people type them, read strictly: no sign, no spaces, no exponent, no locale. */
#ifndef LASTACK_UI_NUMBER_H
#define LASTACK_UI_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* At least one digit, up to the largest uint64_t. True: *end is after them. */
bool number_digits(const char *string, const char **end, uint64_t *n);

/* Seconds, with up to nine digits after a point, as nanoseconds; at most 2^63 - 1 of them. True: *end is
 * after them. */
bool number_seconds(const char *string, const char **end, uint64_t *ns);

/* The same, with s, m (minutes), h or d behind it, which is part of it; or without, which is seconds. */
bool number_duration(const char *string, const char **end, uint64_t *ns);

#endif
