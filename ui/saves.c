/* SPDX-License-Identifier: GPL-2.0-or-later */
/* saves.c - see saves.h. */
#include "ui/saves.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "ui/broker.h"
#include "ui/complain.h"

static const char *const words[VIEW_COUNT] = {
	[VIEW_OVERVIEW] = "overview",	  [VIEW_CONNECTIONS] = "connections",
	[VIEW_CONNECTION] = "connection", [VIEW_TIME_WAIT] = "time-wait",
	[VIEW_HOSTS] = "hosts",		  [VIEW_HELP] = "help",
};
static const char *const endings[SAVE_FORMATS] = {
	[SAVE_TEXT] = "txt", [SAVE_CSV] = "csv", [SAVE_JSON] = "json", [SAVE_PCAP] = "pcapng"
};

enum { OUTPUTS_MAX = VIEW_COUNT * SAVE_FORMATS + 1 };

struct saves {
	struct broker *broker;
	char settings[SETTINGS_NAME_MAX]; /* "" = they cannot be kept */
};

static void pattern(char name[static SAVES_NAME_MAX], enum view_id view, enum save_format format)
{
	snprintf(name, SAVES_NAME_MAX, "lastack-%s-%%Y%%m%%d-%%H%%M%%S.%s", words[view], endings[format]);
}

void saves_name(char name[static SAVES_NAME_MAX], enum view_id view, enum save_format format, int64_t seconds)
{
	char form[SAVES_NAME_MAX];
	time_t at = (time_t)seconds;
	struct tm utc;

	pattern(form, view, format);
	if (!gmtime_r(&at, &utc) || strftime(name, SAVES_NAME_MAX, form, &utc) == 0)
		name[0] = '\0';
}

static bool make_folder(const char *name)
{
	struct stat folder;

	return (stat(name, &folder) == 0 && S_ISDIR(folder.st_mode)) || mkdir(name, 0700) == 0;
}

/*
 * The folder of the settings is made, and the one above it, as the XDG Base Directory Specification asks for:
 * a new account has no ~/.config.
 */
static bool find_settings(struct saves *s)
{
	char *folder, *above;
	bool there;

	if (!settings_path(s->settings, sizeof s->settings))
		return false;
	folder = strrchr(s->settings, '/');
	*folder = '\0';
	above = strrchr(s->settings, '/');
	*above = '\0';
	there = make_folder(s->settings[0] ? s->settings : "/");
	*above = '/';
	there = there && make_folder(s->settings);
	*folder = '/';
	return there;
}

struct saves *saves_open(bool not_held)
{
	struct saves *s = calloc(1, sizeof *s);
	char names[OUTPUTS_MAX][SAVES_NAME_MAX];
	const char *outputs[OUTPUTS_MAX];
	struct broker_options options = { .outputs = outputs, .not_held = not_held };

	if (!s)
		return NULL;
	for (int view = 0; view < VIEW_COUNT; view++) {
		for (int format = 0; format < SAVE_FORMATS; format++) {
			pattern(names[options.output_count], (enum view_id)view, (enum save_format)format);
			outputs[options.output_count] = names[options.output_count];
			options.output_count++;
		}
	}
	if (find_settings(s))
		outputs[options.output_count++] = s->settings;
	else
		s->settings[0] = '\0';
	s->broker = broker_start(&options);
	if (s->broker)
		return s;
	free(s);
	return NULL;
}

struct opener *saves_opener(struct saves *s)
{
	return broker_opener(s->broker);
}

void saves_settings(struct saves *s, const struct settings *before, const struct settings *now)
{
	if (memcmp(before, now, sizeof *now) == 0)
		return;
	if (!s->settings[0])
		complain(NULL, "the settings are not kept: there is no folder for them");
	else if (!settings_save(now, saves_opener(s), s->settings))
		complain(s->settings, "%s; the settings are not kept", strerror(errno));
}

void saves_close(struct saves *s)
{
	if (!s)
		return;
	broker_end(s->broker);
	free(s);
}
