/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_scenarios.c - closes, states, costs; an argument selects the scenarios whose name contains it. */
#include "scenario_run.h"

int main(int argc, char **argv)
{
	static const struct scenario *const tables[] = {
		scenarios_open,	     scenarios_fin,	scenarios_close,   scenarios_reset, scenarios_foreign,
		scenarios_time_wait, scenarios_silence, scenarios_capture, scenarios_cost,  scenarios_loss,
	};

	return scenarios_run("scenarios", tables, sizeof tables / sizeof *tables, argc > 1 ? argv[1] : NULL);
}
