/* SPDX-License-Identifier: GPL-2.0-or-later */
/* keys.c - the table of keys. */
#include "ui/keys.h"

#include "ui/press.h"

#define VIEW_NAME(id, name, shorter) [id] = { name, shorter },
const struct view_name view_names[VIEW_COUNT] = { VIEWS(VIEW_NAME) };
#undef VIEW_NAME

#define BIT(view)	(1u << (view))
#define CONTROL(letter) ((letter)&0x1f)
enum {
	EVERYWHERE = (1 << VIEW_COUNT) - 1,
	LISTS = EVERYWHERE & ~(BIT(VIEW_CONNECTION) | BIT(VIEW_HELP)),
};

const struct key_row key_rows[] = {
	{ ACT_UP, { PRESS_UP, 'k' }, "Up k", EVERYWHERE, NULL, "a line up" },
	{ ACT_DOWN, { PRESS_DOWN, 'j' }, "Down j", EVERYWHERE, NULL, "a line down" },
	{ ACT_PAGE_UP,
	  { PRESS_PAGE_UP, CONTROL('b'), CONTROL('u') },
	  "PgUp Ctrl-B",
	  EVERYWHERE,
	  NULL,
	  "a page up" },
	{ ACT_PAGE_DOWN,
	  { PRESS_PAGE_DOWN, CONTROL('f'), CONTROL('d'), ' ' },
	  "PgDn Ctrl-F Space",
	  EVERYWHERE,
	  NULL,
	  "a page down" },
	{ ACT_FIRST, { PRESS_HOME, 'g' }, "Home g", EVERYWHERE, NULL, "to the beginning" },
	{ ACT_LAST, { PRESS_END, 'G' }, "End G", EVERYWHERE, NULL, "to the end" },
	{ ACT_LEFT,
	  { PRESS_LEFT, 'h' },
	  "Left h",
	  LISTS,
	  NULL,
	  "to the left: the columns of a table, the other half of the overview" },
	{ ACT_RIGHT, { PRESS_RIGHT, 'l' }, "Right l", LISTS, NULL, "to the right, the same" },
	{ ACT_ENTER,
	  { PRESS_ENTER },
	  "Enter",
	  LISTS,
	  "open",
	  "open what is selected: its connections, the connection" },
	{ ACT_BACK,
	  { 'q', PRESS_ESCAPE },
	  "q Esc",
	  EVERYWHERE,
	  NULL,
	  "back; on the overview, q ends the program" },
	{ ACT_NEXT_VIEW, { PRESS_TAB }, "Tab", EVERYWHERE, NULL, "the next screen" },
	{ ACT_PREVIOUS_VIEW, { PRESS_BACK_TAB }, "Shift-Tab", EVERYWHERE, NULL, "the screen before" },
	{ ACT_VIEW, { '1', '2', '3', '4', '5', '6' }, "1 to 6", EVERYWHERE, NULL, "that screen" },
	{ ACT_FILTER,
	  { '/' },
	  "/",
	  BIT(VIEW_CONNECTIONS) | BIT(VIEW_OVERVIEW),
	  "filter",
	  "narrow the list of connections as you type; Enter keeps it, Esc takes it away" },
	{ ACT_PART,
	  { 'v' },
	  "v",
	  BIT(VIEW_CONNECTIONS),
	  "live",
	  "all connections, only the living, only the closed" },
	{ ACT_SORT,
	  { 's' },
	  "s",
	  BIT(VIEW_CONNECTIONS) | BIT(VIEW_HOSTS) | BIT(VIEW_TIME_WAIT),
	  "sort",
	  "choose what to sort by" },
	{ ACT_REVERSE,
	  { 'r' },
	  "r",
	  BIT(VIEW_CONNECTIONS) | BIT(VIEW_HOSTS) | BIT(VIEW_TIME_WAIT),
	  NULL,
	  "sort the other way round" },
	{ ACT_COLUMNS, { 'c' }, "c", BIT(VIEW_CONNECTIONS), "columns", "choose the columns" },
	{ ACT_TABLE, { 't' }, "t", BIT(VIEW_HOSTS), "hosts/services", "services, or hosts" },
	{ ACT_PAYLOAD,
	  { 'd' },
	  "d",
	  BIT(VIEW_CONNECTION),
	  "payload",
	  "show what each side's application sent last, or not" },
	{ ACT_WRITE,
	  { 'w' },
	  "w",
	  EVERYWHERE & ~BIT(VIEW_HELP),
	  "write",
	  "write what is shown to a file: text, CSV, JSON or the packets" },
	{ ACT_PAUSE,
	  { 'p' },
	  "p",
	  EVERYWHERE & ~BIT(VIEW_HELP),
	  "pause",
	  "pause: the picture stands, the capture goes on" },
	{ ACT_ZERO,
	  { 'z' },
	  "z",
	  EVERYWHERE & ~BIT(VIEW_HELP),
	  "zero",
	  "count from zero: closes, hosts and services" },
	{ ACT_HELP, { '?' }, "?", EVERYWHERE, "help", "keys, and what the words mean" },
	{ ACT_REDRAW, { CONTROL('l') }, "Ctrl-L", EVERYWHERE, NULL, "draw the screen anew" },
	{ ACT_SUSPEND, { CONTROL('z') }, "Ctrl-Z", EVERYWHERE, NULL, "stop the program, to go on with fg" },
	{ ACT_QUIT, { 'Q' }, "Q", EVERYWHERE, "quit", "end the program" },
};

const size_t key_count = sizeof key_rows / sizeof *key_rows;

enum action key_action(enum view_id view, int key)
{
	for (size_t i = 0; i < key_count; i++) {
		if (!(key_rows[i].views & BIT(view)))
			continue;
		for (int k = 0; k < KEYS_EACH && key_rows[i].keys[k] != 0; k++)
			if (key_rows[i].keys[k] == key)
				return key_rows[i].action;
	}
	return ACT_NONE;
}
