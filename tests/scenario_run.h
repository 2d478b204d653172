/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scenario_run.h - runs scenarios as cmocka cases.
 *
 * Whatever a scenario expects, its rows must also be the same in all ways of one address family, come in the
 * order of their ends, account for every segment, and agree with the changes of state told before
 * (witness.h).
 */
#ifndef LASTACK_TESTS_SCENARIO_RUN_H
#define LASTACK_TESTS_SCENARIO_RUN_H

#include "scenario.h"

/* Every scenario of 'count' tables, or those whose name contains part (NULL = all). Returns main()'s result.
 */
int scenarios_run(const char *group, const struct scenario *const tables[], size_t count, const char *part);

#endif
