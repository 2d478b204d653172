/* SPDX-License-Identifier: GPL-2.0-or-later */
/* interfaces.c - see interfaces.h. */
#include "ui/interfaces.h"

#include <string.h>

#include "dissect/interfaces.h"
#include "ui/complain.h"
#include "ui/page.h"

static const char *state_of(const struct capture_interface *interface)
{
	return !interface->up ? "down" : interface->running ? "up" : "no link";
}

/* Names and descriptions are the kernel's and its drivers': nothing in them may reach a terminal as it is. */
static void print_one(FILE *out, const struct capture_interface *interface, int width)
{
	char clean[256];

	fprintf(out, "%-*s  %-7s", width, page_clean(clean, sizeof clean, interface->name),
		state_of(interface));
	for (size_t i = 0; i < interface->address_count; i++)
		fprintf(out, " %s", interface->addresses[i]);
	if (interface->loopback)
		fputs(" (loopback)", out);
	if (interface->description)
		fprintf(out, " (%s)", page_clean(clean, sizeof clean, interface->description));
	fputc('\n', out);
}

bool interfaces_print(FILE *out)
{
	struct capture_error error;
	struct capture_interfaces *interfaces = captures_interfaces(&error);
	int width = 0;

	if (!interfaces) {
		complain(NULL, "%s", error.text);
		return false;
	}
	for (size_t i = 0; i < interfaces->count; i++) {
		int length = (int)strnlen(interfaces->list[i].name, 64);

		width = length > width ? length : width;
	}
	for (size_t i = 0; i < interfaces->count; i++)
		print_one(out, &interfaces->list[i], width);
	captures_interfaces_free(interfaces);
	return true;
}
