/* SPDX-License-Identifier: GPL-2.0-or-later */
/* opener.c - opening and removing output files oneself. */
#include "ui/opener.h"

#include <fcntl.h>
#include <unistd.h>

static int direct_open(struct opener *opener, const char *name)
{
	(void)opener;
	return open(name, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
}

static bool direct_remove(struct opener *opener, const char *name)
{
	(void)opener;
	return unlink(name) == 0;
}

struct opener *opener_direct(void)
{
	static struct opener direct = { .open = direct_open, .remove = direct_remove };

	return &direct;
}
