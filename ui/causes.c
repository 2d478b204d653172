/* SPDX-License-Identifier: GPL-2.0-or-later */
/* causes.c - see causes.h. */
#include "ui/causes.h"

#include "analyzer/vocabulary.h"

enum { FIELD_INDENT = 14 };

void causes_print(struct page *page)
{
	page_field(page, 0, "",
		   "Why connections close, in the order of the rules: for resets the first that holds "
		   "decides. Words and order are those of the column 'cause'.");
	page->begun = true;
	for (int i = 0; i < CAUSE_COUNT; i++) {
		const struct cause_text *text = &cause_texts[i];

		if (i == CAUSE_NONE)
			continue;
		page_title(page, cause_words[i].name);
		page_field(page, FIELD_INDENT, "  means", cause_words[i].meaning);
		page_field(page, FIELD_INDENT, "  known by", text->evidence);
		page_field(page, FIELD_INDENT, "  they see", text->seen);
		page_field(page, FIELD_INDENT, "  what to do", text->advice);
	}
}
