/* SPDX-License-Identifier: GPL-2.0-or-later */
/* same_record.h - whether two records say the same: field by field, as compilers leave anything in between.
 */
#ifndef LASTACK_TESTS_SAME_RECORD_H
#define LASTACK_TESTS_SAME_RECORD_H

#include "analyzer/record.h"

/* The name of the first field that differs; NULL = none does. */
const char *record_difference(const struct record *a, const struct record *b);

#endif
