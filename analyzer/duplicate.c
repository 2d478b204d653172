/* SPDX-License-Identifier: GPL-2.0-or-later */
/* duplicate.c - see duplicate.h. */
#include "analyzer/duplicate.h"

enum { TIME_SHIFT = 10, WINDOW = 1000000 >> TIME_SHIFT };

bool duplicate_seen(struct duplicates *d, struct duplicate_key key, struct moment at)
{
	struct duplicate_slot *slot = &d->slots[key.place];
	uint32_t now = (uint32_t)((uint64_t)at.ns >> TIME_SHIFT);
	int32_t since = (int32_t)(now - slot->time);

	if (slot->print == key.print && since <= WINDOW && since >= -WINDOW)
		return true;
	slot->print = key.print;
	slot->time = now;
	return false;
}
