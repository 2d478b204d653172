/* SPDX-License-Identifier: GPL-2.0-or-later */
/* payload.h - --payload: the last bytes that each side's application sent, as text or as a hex dump. */
#ifndef LASTACK_UI_PAYLOAD_H
#define LASTACK_UI_PAYLOAD_H

#include "analyzer/record.h"
#include "dissect/content.h"
#include "ui/page.h"

/*
 * Writes to page->out what both sides of the connection sent last, and what after the other's FIN. contents
 * has its segments under the number 'id'. How many bytes there were is the record's to say, whatever was
 * captured of them.
 */
void payload_print(struct page *page, struct contents *contents, uint64_t id, const struct record *record);

/*
 * The bytes as they stand on the page: text where nearly all are printable, else a hex dump with offsets, the
 * first of which is 'offset'; lost = a flag for each, or NULL. Apart from payload_print() for tests.
 */
void payload_bytes(struct page *page, uint64_t offset, const uint8_t *bytes, const uint8_t *lost,
		   size_t length);

#endif
