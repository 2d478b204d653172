/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scroll.c - see scroll.h. */
#include "ui/scroll.h"

static size_t moved(size_t from, long by, size_t last)
{
	if (by < 0)
		return from < (size_t)-by ? 0 : from - (size_t)-by;
	return last - from < (size_t)by ? last : from + (size_t)by;
}

void scroll_fit(struct scroll *s, size_t count, int height)
{
	size_t rows = height > 0 ? (size_t)height : 1;

	s->count = count;
	s->height = height;
	if (s->at >= count)
		s->at = count > 0 ? count - 1 : 0;
	if (s->top > s->at)
		s->top = s->at;
	if (s->at - s->top >= rows)
		s->top = s->at - rows + 1;
	if (s->top + rows > count)
		s->top = count > rows ? count - rows : 0;
}

void scroll_by(struct scroll *s, int lines)
{
	if (s->count == 0)
		return;
	s->at = moved(s->at, lines, s->count - 1);
	scroll_fit(s, s->count, s->height);
}

static long step_of(enum action action, int height)
{
	switch (action) {
	case ACT_UP:
		return -1;
	case ACT_DOWN:
		return 1;
	case ACT_PAGE_UP:
		return height > 1 ? 1 - height : -1;
	case ACT_PAGE_DOWN:
		return height > 1 ? height - 1 : 1;
	case ACT_FIRST:
		return -2147483647;
	case ACT_LAST:
		return 2147483647;
	default:
		return 0;
	}
}

bool scroll_act(struct scroll *s, enum action action)
{
	long by = step_of(action, s->height);

	if (by == 0)
		return false;
	scroll_by(s, (int)by);
	return true;
}

bool scroll_act_page(struct scroll *s, enum action action)
{
	size_t rows = s->height > 0 ? (size_t)s->height : 1;
	long by = step_of(action, s->height);

	if (by == 0)
		return false;
	s->top = moved(s->top, by, s->count > rows ? s->count - rows : 0);
	s->at = s->top;
	return true;
}
