/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * broker_hold.h - what the broker's processes give up before they serve (broker.h says what, and why).
 *
 * False with errno when something could not be given up; the process must then end. A kernel without Landlock
 * is no failure: the rest holds.
 */
#ifndef LASTACK_UI_BROKER_HOLD_H
#define LASTACK_UI_BROKER_HOLD_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/broker_files.h"

/* Opening and removing beneath these folders, and no more. */
bool broker_hold_opener(const struct broker_files *files);

/* Opening for reading, as far as the user, CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH let it. */
bool broker_hold_lookups(void);

#endif
