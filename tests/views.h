/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * views.h - for tests of the dashboard: one without a terminal, connections made by hand, and its screen
 * against tests/golden/views/. Whatever goes wrong in here fails the cmocka test that called.
 */
#ifndef LASTACK_TESTS_VIEWS_H
#define LASTACK_TESTS_VIEWS_H

#include "ui/dashboard_parts.h"

#define SECOND 1000000000LL
#define BEGIN  (1795161600LL * SECOND) /* 2026-11-20 08:00:00 UTC */

/* What the dashboard may ask, and is told, in a test. */
struct stage {
	struct dashboard *dashboard;
	struct dashboard_input input;
	uint64_t connections; /* so many were made */
	bool no_look;	      /* nothing is known of what lives but its states */
	char opened[128];     /* the name of what was saved last */
	char *saved;	      /* and where: a file of the test's own */
};

/* live = as of an interface, else as of captures. */
void stage_open(struct stage *stage, bool live, int rows, int width, bool utf8);
void stage_close(struct stage *stage);

/* A graceful close after ten seconds by the client, number i of its kind, to be changed and told. */
struct record stage_record(struct stage *stage, unsigned i);
void stage_tell(struct stage *stage, const struct record *record);

/* A change of an end's state of connection number 'connection', from host 10.0.0.'client'. */
void stage_change(struct stage *stage, uint64_t connection, unsigned client, enum side side, enum state from,
		  enum state to, int64_t at);

/* A mixture: so many that closed in all ways. */
void stage_mixture(struct stage *stage, unsigned n);

/* Time passes, and all is drawn. */
void stage_draw(struct stage *stage, int64_t seconds);

/* Keys, then all is drawn: characters, or PRESS_... */
void stage_press(struct stage *stage, int key);
void stage_type(struct stage *stage, const char *text);
void stage_mouse(struct stage *stage, enum press_kind kind, int row, int column, int lines);

/* Whether a line of the screen has the text. */
bool stage_shows(const struct stage *stage, const char *text);

/*
 * The screen is what tests/golden/views/NAME.txt holds: its text, and where 'roles' the roles of its cells
 * below. With LASTACK_GOLDEN=write in the environment the file is written anew; look at the difference then.
 */
void assert_view(struct stage *stage, const char *name, bool roles);

#endif
