/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * settings.h - what the dashboard remembers from one run to the next: lastack.ini in the folder lastack under
 * XDG_CONFIG_HOME (lastack.1, FILES).
 */
#ifndef LASTACK_UI_SETTINGS_H
#define LASTACK_UI_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "ui/format.h"
#include "ui/opener.h"
#include "ui/theme.h"

enum { SETTINGS_FILE_MAX = 64 * 1024, SETTINGS_COLUMNS_MAX = 2048, SETTINGS_NAME_MAX = 4096 };

struct settings {
	char columns[SETTINGS_COLUMNS_MAX]; /* of the list of connections; "" = the usual ones */
	char sort[32];			    /* column that it is sorted by; "" = by time */
	bool ascending;
	enum theme theme;
	int64_t time_wait; /* 2MSL, ns; 0 = not given */
};

/* The usual ones. */
extern const struct settings settings_usual;

/*
 * Reads a file's content. False when a line is wrong: *settings are then the usual ones, and why says which
 * ("NAME, line 3: ...").
 */
bool settings_parse(struct settings *settings, const char *content, size_t length, const char *name,
		    struct text *why);

/* Where they are: false where neither XDG_CONFIG_HOME nor HOME says. */
bool settings_path(char *name, size_t size);

/* The usual ones where there is no file. False as settings_parse(), or when it cannot be read. */
bool settings_load(struct settings *settings, const char *name, struct text *why);

/* Writes them through the opener. False with errno. */
bool settings_save(const struct settings *settings, struct opener *opener, const char *name);

/* The text of the file. */
void settings_write(const struct settings *settings, FILE *out);

#endif
