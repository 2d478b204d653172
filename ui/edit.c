/* SPDX-License-Identifier: GPL-2.0-or-later */
/* edit.c - see edit.h. */
#include "ui/edit.h"

#include <string.h>

#include "ui/press.h"

#define CONTROL(letter) ((letter)&0x1f)

void edit_set(struct edit *e, const char *text)
{
	e->length = strlen(text);
	if (e->length >= sizeof e->text)
		e->length = sizeof e->text - 1;
	memmove(e->text, text, e->length);
	e->text[e->length] = '\0';
}

static void cut_word(struct edit *e)
{
	while (e->length > 0 && e->text[e->length - 1] == ' ')
		e->length--;
	while (e->length > 0 && e->text[e->length - 1] != ' ')
		e->length--;
}

bool edit_key(struct edit *e, int key)
{
	if (key == PRESS_BACKSPACE || key == PRESS_DELETE)
		e->length -= e->length > 0;
	else if (key == CONTROL('u'))
		e->length = 0;
	else if (key == CONTROL('w'))
		cut_word(e);
	else if (key >= ' ' && key < 0x7f && e->length + 1 < sizeof e->text)
		e->text[e->length++] = (char)key;
	else
		return false;
	e->text[e->length] = '\0';
	return true;
}
