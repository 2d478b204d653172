/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sandbox_attempts.h - what a program that has been taken over would try, and what must come of it. */
#ifndef LASTACK_TESTS_SANDBOX_ATTEMPTS_H
#define LASTACK_TESTS_SANDBOX_ATTEMPTS_H

#include <stdbool.h>
#include <stddef.h>

enum outcome { REFUSED, KILLED };

struct attempt {
	const char *name;
	int (*act)(void); /* 0 where it succeeds, as it does for who is not held, else errno */
	enum outcome outcome;
	bool sanitizers_need_it; /* then it is allowed in a build with them */
};

extern const struct attempt attempts[];
extern const size_t attempt_count;

/* Two of them by name. */
int attempt_open_to_read(void);
int attempt_open_to_write(void);

/* A file that is open, and holds "hello". */
extern int attempt_file;

/* For cmocka: makes what is attempted at, and removes it. */
int attempts_begin(void **state);
int attempts_end(void **state);

#endif
