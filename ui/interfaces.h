/* SPDX-License-Identifier: GPL-2.0-or-later */
/* interfaces.h - --list-interfaces: what can be given to --interface. */
#ifndef LASTACK_UI_INTERFACES_H
#define LASTACK_UI_INTERFACES_H

#include <stdbool.h>
#include <stdio.h>

/* A line each: name, state, addresses, description. False after a complaint. */
bool interfaces_print(FILE *out);

#endif
