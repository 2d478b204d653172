/* SPDX-License-Identifier: GPL-2.0-or-later */
/* terminal_keys.c - keys and mouse reports of a terminal, as values of ours. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "ui/terminal_screen.h"
#include "ui/terminal_screen_parts.h"

/* Buttons of a mouse report (xterm's control sequences, "Extended coordinates"). */
enum { BUTTON_LEFT = 0, BUTTON_MODIFIERS = 0x1c, BUTTON_WHEEL_UP = 64, BUTTON_WHEEL_DOWN = 65 };

/* ncurses' keys as ours; others mean nothing. */
static int special_key(wint_t key)
{
	static const struct {
		wint_t theirs;
		int ours;
	} keys[] = {
		{ KEY_UP, PRESS_UP },
		{ KEY_DOWN, PRESS_DOWN },
		{ KEY_LEFT, PRESS_LEFT },
		{ KEY_RIGHT, PRESS_RIGHT },
		{ KEY_PPAGE, PRESS_PAGE_UP },
		{ KEY_NPAGE, PRESS_PAGE_DOWN },
		{ KEY_HOME, PRESS_HOME },
		{ KEY_END, PRESS_END },
		{ KEY_BTAB, PRESS_BACK_TAB },
		{ KEY_ENTER, PRESS_ENTER },
		{ KEY_BACKSPACE, PRESS_BACKSPACE },
		{ KEY_DC, PRESS_DELETE },
		{ KEY_A1, PRESS_HOME },
		{ KEY_C1, PRESS_END },
		{ KEY_A3, PRESS_PAGE_UP },
		{ KEY_C3, PRESS_PAGE_DOWN },
	};

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (keys[i].theirs == key)
			return keys[i].ours;
	return 0;
}

static int plain_key(wint_t key)
{
	if (key == '\r')
		return PRESS_ENTER;
	if (key == 0x7f || key == '\b')
		return PRESS_BACKSPACE;
	return (int)key;
}

/* A whole report, "0;12;5M": button, column and row from 1; 'M' pressed, 'm' released. */
static struct press mouse_press(const char *report)
{
	struct press press = { .kind = PRESS_NOTHING };
	int button, column, row;
	char end;

	if (sscanf(report, "%d;%d;%d%c", &button, &column, &row, &end) != 4 || end != 'M')
		return press;
	press.row = row - 1;
	press.column = column - 1;
	button &= ~BUTTON_MODIFIERS;
	if (button == BUTTON_LEFT) {
		press.kind = PRESS_CLICK;
	} else if (button == BUTTON_WHEEL_UP || button == BUTTON_WHEEL_DOWN) {
		press.kind = PRESS_WHEEL;
		press.key = button == BUTTON_WHEEL_UP ? -1 : 1;
	}
	return press;
}

/* One more character of a report. True when it is over. */
static bool mouse_byte(struct terminal_screen *t, wint_t key)
{
	bool digit = (key >= '0' && key <= '9') || key == ';';

	if (t->mouse_length + 1 < MOUSE_BYTES_MAX && key < 0x80)
		t->mouse_bytes[t->mouse_length++] = (char)key;
	t->mouse_bytes[t->mouse_length] = '\0';
	t->in_mouse = digit && t->mouse_length + 1 < MOUSE_BYTES_MAX;
	return !t->in_mouse;
}

static bool is_gone(const struct terminal_screen *t)
{
	struct pollfd poll_tty = { .fd = t->tty, .events = POLLIN };

	return poll(&poll_tty, 1, 0) > 0 && (poll_tty.revents & (POLLHUP | POLLERR | POLLNVAL));
}

struct press terminal_screen_read(struct terminal_screen *t)
{
	struct press press = { .kind = PRESS_NOTHING };
	wint_t key;
	int result;

	if (is_gone(t))
		return (struct press){ .kind = PRESS_GONE };
	while ((result = wget_wch(stdscr, &key)) != ERR) {
		if (result == KEY_CODE_YES && key == KEY_MOUSE_BEGIN) {
			t->mouse_length = 0;
			t->in_mouse = true;
			continue;
		}
		if (t->in_mouse && result == OK) {
			if (!mouse_byte(t, key))
				continue;
			press = mouse_press(t->mouse_bytes);
			if (press.kind != PRESS_NOTHING)
				return press;
			continue;
		}
		press.key = result == KEY_CODE_YES ? special_key(key) : plain_key(key);
		if (press.key == 0)
			continue;
		press.kind = PRESS_KEY;
		return press;
	}
	return press;
}
