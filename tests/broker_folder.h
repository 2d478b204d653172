/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * broker_folder.h - what tests of the broker share: a temporary folder, with out/, which outputs are in, and
 * other/, which they are not; it is also where the test runs. Functions fail the test when they cannot do
 * what they say.
 */
#ifndef LASTACK_TESTS_BROKER_FOLDER_H
#define LASTACK_TESTS_BROKER_FOLDER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "ui/broker.h"

enum { NAME_SIZE = 256 };

/* For cmocka: makes and removes the folder. */
int broker_folders_make(void **state);
int broker_folders_remove(void **state);

/* The path of a name there; one of four buffers, in turns. */
const char *in(const char *name);

void put(const char *name, const char *bytes);
bool exists(const char *name);

struct broker *start_with(const char *const *outputs, size_t n);
int open_by(struct broker *broker, const char *name);
bool remove_by(struct broker *broker, const char *name);

/* Neither opens nor removes it, and opening says error. */
void refuses(struct broker *broker, const char *name, int error);

/* The broker's process, where there is one; none is left. */
pid_t only_child(void);
void all_children_are_reaped(void);

/* Whether /proc/PID/status has the line (with the newlines around it). */
bool status_has(pid_t pid, const char *line);

int error_of(long result); /* errno, if it is -1 */
int64_t now_ms(void);

#endif
