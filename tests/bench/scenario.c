/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/bench/scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPEN ">S <S >A "
#define LATE ">S! >x <S >A " /* the first SYN is lost */
#define SLOW ">S <S! <x >A " /* the first SYN-ACK is lost */

const struct scenario scenarios[] = {
	{ 2200, "client-first", "graceful", "client", OPEN "@ .>F <F >A" },
	{ 1200, "client-first-fin-wait-2", "graceful", "client", OPEN "@ .>F <A .<F >A" },
	{ 1500, "server-first", "graceful", "server", OPEN "@ .<F >F <A" },
	{ 1000, "server-first-fin-wait-2", "graceful", "server", OPEN "@ .<F >A .>F <A" },
	{ 200, "server-fin-on-data", "graceful", "server", OPEN "@ .>D <G >F <A" },
	{ 60, "client-fin-on-data", "graceful", "client", OPEN "@ .>G <A .<G >A" },
	{ 100, "syn-lost", "graceful", "client", LATE "@ .>F <F >A" },
	{ 50, "syn-ack-lost", "graceful", "server", SLOW "@ .<F >F <A" },
	{ 30, "handshake-ack-lost", "graceful", "client", ">S <S >A! <x >A @ .>F <F >A" },
	{ 40, "syn-unseen", "graceful", "client", ">S^ <S >A @ .>F <F >A" },
	{ 40, "syn-ack-unseen", "graceful", "server", ">S <S^ >A @ .<F >F <A" },
	{ 60, "data-unseen", "graceful", "server", OPEN "@ .<D^ <D >A .<F >F <A" },
	{ 50, "fin-lost", "graceful", "client", OPEN "@ .>F! >x <F >A" },
	{ 30, "second-fin-lost", "graceful", "server", OPEN "@ .<F >A .>F! >x <A" },
	{ 50, "last-ack-lost", "graceful", "client", OPEN "@ .>F <F >A! <x >A" },
	{ 100, "half-close-client", "graceful", "client", OPEN "@ .>F <A .<D <D >A .<D >A .<F >A" },
	{ 60, "half-close-server", "graceful", "server", OPEN "@ .<F >A .>D >D <A .>F <A" },
	{ 20, "idle-keepalives", "graceful", "client", OPEN "@ _>K <A _>K <A _>F <F >A" },
	{ 30, "stray-syn", "graceful", "client", OPEN "@ .>Y <A .<D >A .>F <F >A" },
	{ 40, "rst-after-client-close", "graceful", "client", OPEN "@ .>F <F >A .>R" },
	{ 40, "rst-after-server-close", "graceful", "server", OPEN "@ .<F >A .>F <A .>R" },
	{ 30, "blind-rst", "graceful", "client", OPEN "@ .<B >A .<D >A .>F <F >A" },
	{ 60, "fins-cross", "simultaneous", "both", OPEN "@ .>F~ <F~ | >A <A" },
	{ 60, "fins-cross-server-seen-first", "simultaneous", "both", OPEN "@ .<F~ >F~ | <A >A" },

	{ 400, "client-aborts", "reset", "client", OPEN "@ .>R" },
	{ 350, "server-aborts", "reset", "server", OPEN "@ .>D <A .<R" },
	{ 200, "late-data-for-server", "reset", "server", OPEN "@ .<F >A .>D <r" },
	{ 200, "late-data-for-client", "reset", "client", OPEN "@ .>F <A .<D >r" },
	{ 60, "data-crosses-fin", "reset", "server", OPEN "@ _<F~ >D~ | <r" },
	{ 60, "late-fin", "reset", "server", OPEN "@ .<F >A _>F <r" },
	{ 80, "rst-for-fin", "reset", "client", OPEN "@ .>F <R" },
	{ 60, "abort-after-fin", "reset", "client", OPEN "@ .>F <A .>R" },
	{ 60, "state-lost", "reset", "server", OPEN "@ _>D <r" },
	{ 60, "discard", "reset", "server", OPEN "@ .<D~ <D~ <D~ <R" },
	{ 60, "abort-under-data", "reset", "client", OPEN "@ .>R~ <D~ <D~ | >r >r" },
	{ 150, "health-check", "reset", "client", OPEN ">R" },
	{ 50, "accept-reject", "reset", "server", OPEN "<R" },
	{ 20, "keepalive-dead", "reset", "client", OPEN "@ _>K! _>K! _>K! _>R" },
	{ 30, "injected", "reset", "network", OPEN "@ .>D <A .<X >X" },

	{ 400, "refused", "refused", "server", ">S <r" },
	{ 20, "refused-late", "refused", "server", ">S! >x <r" },
	{ 60, "unreachable", "unreachable", "network", ">S <I" },
	{ 40, "unreachable-again", "unreachable", "network", ">S <I >x <I >x* <I" },
	{ 250, "unanswered", "unanswered", "none", ">S! >x!* >x!*" },
	{ 40, "abandoned-rst", "abandoned", "client", ">S <S .>r" },
	{ 40, "abandoned-silent", "abandoned", "none", ">S <S! <x! <x! <x!*" },

	{ 50, "client-vanished-from", "vanished", "none", OPEN "@ .>D! >x! >x! >x! >x! >x!* >x!*" },
	{ 50, "server-vanished-from", "vanished", "none", OPEN "@ .<D! <x! <x! <x! <x! <x!* <x!*" },
	{ 20, "keepalives-vanish", "vanished", "none", OPEN "@ _>K! _>K! _>K! _>K! _>K!*" },
	{ 200, "open", "open", "none", OPEN "@" },
	{ 50, "open-silent", "open", "none", OPEN },
	{ 60, "half-closed-client", "half-closed", "client", OPEN "@ .>F <A" },
	{ 60, "half-closed-server", "half-closed", "server", OPEN "@ .<F >A" },
	{ 40, "fin-wait-1-stuck", "closing", "client", OPEN "@ .>F! >x! >x! >x!*" },
	{ 40, "last-ack-stuck", "closing", "server", OPEN "@ .<F >A .>F! >x! >x! >x!*" },

	{ 60, "midstream-client-first", "graceful", "client", ".>D <D >A @ .>F <F >A" },
	{ 60, "midstream-server-first", "graceful", "server", ".<D >A @ .<F >A .>F <A" },
	{ 40, "midstream-reset", "reset", "server", ".>D <D >A @ .<R" },
	{ 40, "midstream-open", "open", "none", ".>D <D >A @" },
};

const size_t scenario_count = sizeof scenarios / sizeof *scenarios;

/* Reads one step; returns where the next begins, NULL where there is no step. */
static const char *read_step(const char *at, struct step *step)
{
	*step = (struct step){ 0 };
	if (*at == OP_BODY || *at == OP_LAND) {
		step->op = (uint8_t)*at;
		return at + 1;
	}
	if (*at == WAIT_APPLICATION || *at == WAIT_IDLE)
		step->wait = (uint8_t)*at++;
	if ((*at != '>' && *at != '<') || !at[1] || !strchr("SADFGRrBXYKIx", at[1]))
		return NULL;
	step->from = *at == '>' ? FROM_CLIENT : FROM_SERVER;
	step->op = (uint8_t)at[1];
	at += 2;
	if (*at == FATE_LOST || *at == FATE_IN_FLIGHT || *at == FATE_UNSEEN)
		step->fate = (uint8_t)*at++;
	if (*at == '*') {
		step->more = true;
		at++;
	}
	return at;
}

size_t scenario_steps(const struct scenario *s, struct step steps[static SCENARIO_STEPS_MAX])
{
	const char *at = s->script;
	size_t n = 0;

	while (at && *at) {
		if (*at == ' ') {
			at++;
			continue;
		}
		at = n < SCENARIO_STEPS_MAX ? read_step(at, &steps[n++]) : NULL;
	}
	if (!at) {
		fprintf(stderr, "generate: scenario %s: cannot read \"%s\"\n", s->name, s->script);
		abort();
	}
	return n;
}
