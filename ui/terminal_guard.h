/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * terminal_guard.h - makes the terminal whole again when a signal is about to end the program.
 *
 * A signal that something of ours handles already (SIGINT, SIGTERM, SIGHUP: main.c) goes there the first
 * time, and ends the program the second time. All others whose default is to end it restore the terminal, and
 * then do what they would have done. Only write(), tcsetattr() and signal calls are made then (POSIX 2.4.3).
 */
#ifndef LASTACK_UI_TERMINAL_GUARD_H
#define LASTACK_UI_TERMINAL_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

/* Begins: 'fd' is the terminal, 'modes' what it had, 'bytes' (copied, at most 512) what undoes the rest. */
bool terminal_guard_begin(int fd, const struct termios *modes, const char *bytes, size_t length);

/* The terminal has been given back: signals are as they were before, but for one that has come already. */
void terminal_guard_end(void);

#endif
