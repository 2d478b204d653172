/* SPDX-License-Identifier: GPL-2.0-or-later */
/* decimal.h - numbers of columns, with up to nine digits behind the point, to be compared exactly. */
#ifndef LASTACK_UI_DECIMAL_H
#define LASTACK_UI_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct decimal {
	bool negative;
	uint64_t whole;
	uint32_t billionths;
};

/* Reads all of 'length' bytes. False when they are no such number; more than nine digits are cut off. */
bool decimal_parse(const char *bytes, size_t length, struct decimal *decimal);

/* Below 0, 0 or above 0, as a is less than, equal to or more than b. */
int decimal_compare(const struct decimal *a, const struct decimal *b);

#endif
