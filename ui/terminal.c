/* SPDX-License-Identifier: GPL-2.0-or-later */
/* terminal.c - see terminal.h. */
#include "ui/terminal.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { COLUMNS_DEFAULT = 80, COLUMNS_LEAST = 72, COLUMNS_MOST = 132 };

bool terminal_wipes(int fd)
{
	const char *term = getenv("TERM");

	return isatty(fd) && term && strcmp(term, "dumb") != 0;
}

bool terminal_colours(int fd)
{
	const char *no_color = getenv("NO_COLOR"); /* no-color.org: set and not empty */

	return terminal_wipes(fd) && !(no_color && *no_color);
}

bool terminal_utf8(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

int terminal_width(int fd)
{
	struct winsize size;

	return ioctl(fd, TIOCGWINSZ, &size) == -1 || size.ws_col == 0 ? COLUMNS_DEFAULT : size.ws_col;
}

int terminal_columns(int fd)
{
	int width = terminal_width(fd);

	if (width < COLUMNS_LEAST)
		return COLUMNS_LEAST;
	return width > COLUMNS_MOST ? COLUMNS_MOST : width;
}
