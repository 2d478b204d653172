/* SPDX-License-Identifier: GPL-2.0-or-later */
/* theme.h - which colours the dashboard takes. */
#ifndef LASTACK_UI_THEME_H
#define LASTACK_UI_THEME_H

enum theme {
	THEME_DARK,  /* for a dark background */
	THEME_LIGHT, /* for a light one */
	THEME_MONO,  /* none, as with NO_COLOR */
	THEME_COUNT
};

#endif
