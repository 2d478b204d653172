/* SPDX-License-Identifier: GPL-2.0-or-later */
/* process.h - a process of this host, as rows name it. A plain value. */
#ifndef LASTACK_UI_PROCESS_H
#define LASTACK_UI_PROCESS_H

#include <stdint.h>

enum { PROCESS_NAME_MAX = 15 }; /* bytes; Linux's TASK_COMM_LEN less its zero */

struct process {
	uint32_t pid;			 /* 0 = not known */
	char name[PROCESS_NAME_MAX + 1]; /* terminated; what the process calls itself: any bytes */
};

#endif
