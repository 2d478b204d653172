/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * saves.h - what the dashboard may write behind the door: files of its own names in the folder that the
 * program was started in, and its settings.
 */
#ifndef LASTACK_UI_SAVES_H
#define LASTACK_UI_SAVES_H

#include "ui/keys.h"
#include "ui/opener.h"
#include "ui/settings.h"

enum save_format { SAVE_TEXT, SAVE_CSV, SAVE_JSON, SAVE_PCAP, SAVE_FORMATS };

enum { SAVES_NAME_MAX = 128 };

/* "lastack-connections-20261120-081102.csv": by the screen, and the clock in UTC. */
void saves_name(char name[static SAVES_NAME_MAX], enum view_id view, enum save_format format,
		int64_t seconds);

struct saves;

/*
 * Starts what opens them (broker.h), before the door. Where a folder cannot be written to, nothing can be
 * saved there. NULL with errno.
 */
struct saves *saves_open(bool not_held);

struct opener *saves_opener(struct saves *saves);

/* Keeps settings that have changed. */
void saves_settings(struct saves *saves, const struct settings *before, const struct settings *now);

void saves_close(struct saves *saves); /* NULL is fine */

#endif
