/* SPDX-License-Identifier: GPL-2.0-or-later */
/* view_help.c - the screen "Help": all keys, and what closes and causes mean and what to do about them. */
#include "ui/dashboard_parts.h"

enum { KEYS_INDENT = 22, WORDS_INDENT = 20 };

static void print_keys(struct page *page)
{
	page_title(page, "Keys");
	for (size_t i = 0; i < key_count; i++) {
		char label[64];

		snprintf(label, sizeof label, "  %s", key_rows[i].shown);
		page_field(page, KEYS_INDENT, label, key_rows[i].help);
	}
	page_field(page, KEYS_INDENT, "  mouse",
		   "a click selects, a second one opens; the wheel scrolls; the names at the top can be "
		   "clicked");
}

static void print_filter(struct page *page)
{
	page_title(page, "Filter");
	page_say(page, 2, "Terms with spaces between, all of which must hold; the same as --only.");
	page_field(page, KEYS_INDENT, "  10.0.0.1", "somewhere in any column");
	page_field(page, KEYS_INDENT, "  reset,refused", "closes, causes, or lingering: any of these");
	page_field(page, KEYS_INDENT, "  cause=idle-timeout",
		   "a column (see c) and its value; != for any other; commas between "
		   "several");
	page_field(page, KEYS_INDENT, "  duration>=1.5", "numbers: > >= < <=; times are seconds");
	page_field(page, KEYS_INDENT, "  port=443",
		   "where there are a client_port and a server_port: either");
	page_field(page, KEYS_INDENT, "  ip=10.0.0.0/8", "an address or a network");
}

static void print_words(struct page *page, const char *title, const struct word *words, int n)
{
	page_title(page, title);
	for (int i = 0; i < n; i++) {
		char label[64];

		snprintf(label, sizeof label, "  %s", words[i].name);
		if (words[i].name[0])
			page_field(page, WORDS_INDENT, label, words[i].meaning);
	}
}

static void print_causes(struct page *page)
{
	page_title(page, "Causes");
	for (int i = 0; i < CAUSE_COUNT; i++) {
		char label[64];

		if (!cause_words[i].name[0])
			continue;
		snprintf(label, sizeof label, "  %s", cause_words[i].name);
		page_field(page, WORDS_INDENT, label, cause_words[i].meaning);
		if (cause_texts[i].advice[0])
			page_field(page, WORDS_INDENT, "", cause_texts[i].advice);
	}
}

static void print_help(struct dashboard *d)
{
	int width = content_columns(d) - 1;
	struct page *page = pages_begin(d->help_pages, width > 100 ? 100 : width, d->screen->utf8);

	if (!page)
		return;
	print_keys(page);
	print_filter(page);
	print_words(page, "Closes", close_words, CLOSE_COUNT);
	print_causes(page);
	print_words(page, "States", state_words, STATE_COUNT);
	print_words(page, "What became of TIME-WAIT", time_wait_words, TIME_WAIT_COUNT);
	pages_end(d->help_pages);
	d->help_columns = content_columns(d);
}

static void draw(struct dashboard *d)
{
	int rows = content_rows(d);

	if (d->help_columns != content_columns(d))
		print_help(d);
	d->help.at = d->help.top;
	scroll_fit(&d->help, pages_count(d->help_pages), rows);
	for (int i = 0; i < rows; i++)
		pages_draw(d->help_pages, d->screen, CONTENT_TOP + i, 0, d->help.top + (size_t)i);
	if (d->help.top + (size_t)rows < d->help.count)
		screen_fit_right(d->screen, CONTENT_TOP + rows - 1, d->screen->columns - 6, 6, ROLE_WARN,
				 " more ");
}

static bool act(struct dashboard *d, enum action action)
{
	return scroll_act_page(&d->help, action);
}

static void wheel(struct dashboard *d, int row, int lines)
{
	(void)row;
	for (int i = 0; i < (lines < 0 ? -lines : lines); i++)
		scroll_act_page(&d->help, lines < 0 ? ACT_UP : ACT_DOWN);
}

const struct view view_help = { .draw = draw, .act = act, .wheel = wheel };
