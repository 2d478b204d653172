/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sandbox_calls.h - the system calls that the running program uses (sandbox.h says what becomes of others).
 */
#ifndef LASTACK_UI_SANDBOX_CALLS_H
#define LASTACK_UI_SANDBOX_CALLS_H

#include <stdbool.h>

/* In force for all threads from here on. Children may be killed that there are now. False with errno. */
bool sandbox_calls(void);

#endif
