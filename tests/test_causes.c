/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_causes.c - why connections closed, and what only looks so; arguments as in test_scenarios.c. */
#include "scenario_run.h"

int main(int argc, char **argv)
{
	static const struct scenario *const tables[] = {
		scenarios_cause_fin,   scenarios_cause_abort, scenarios_cause_forged,
		scenarios_cause_hosts, scenarios_cause_other,
	};

	return scenarios_run("causes", tables, sizeof tables / sizeof *tables, argc > 1 ? argv[1] : NULL);
}
