/* SPDX-License-Identifier: GPL-2.0-or-later */
/* explain_print.c - one connection after the other: sentences, what was seen, what it cost, the ladder. */
#include "ui/explain_parts.h"
#include "ui/ladder_draw.h"
#include "ui/payload.h"
#include "ui/plain.h"
#include "ui/sentences.h"

enum { FIELD_INDENT = 13, TITLE_SIZE = 4096 };

static void put_ends(struct text *text, const struct page *page, const struct record *record,
		     const char *between)
{
	text_endpoint(text, &record->host[CLIENT], record->port[CLIENT]);
	text_string(text, between);
	text_string(text, page_arrow(page));
	text_char(text, ' ');
	text_endpoint(text, &record->host[SERVER], record->port[SERVER]);
}

/* "-" and "-:eth0" are names for a command line. */
static void put_source(struct text *text, const char *source)
{
	if (source[0] == '-' && (source[1] == '\0' || source[1] == ':')) {
		text_string(text, "standard input");
		source++;
	}
	text_plain(text, source);
}

/* Who spoke with whom, and in which packets of what. */
static void print_title(struct page *page, const struct record *record, const char *source, bool several)
{
	char bytes[TITLE_SIZE];
	struct text title = { .bytes = bytes, .size = sizeof bytes };

	put_ends(&title, page, record, " ");
	/* Two IPv6 addresses can be too long for one line. */
	if ((int)title.length > page->columns) {
		title.length = 0;
		put_ends(&title, page, record, "\n  ");
	}
	page_title(page, text_end(&title));
	title.length = 0;
	text_string(&title, record->first_packet == record->last_packet ? "packet " : "packets ");
	text_number(&title, record->first_packet);
	if (record->first_packet != record->last_packet) {
		text_string(&title, " to ");
		text_number(&title, record->last_packet);
	}
	text_string(&title, several ? " of all inputs, from " : " of ");
	put_source(&title, source);
	text_string(&title, ", ");
	text_string(&title, plain_moment(record->start, true).s);
	text_string(&title, " UTC, lasted ");
	text_string(&title, plain_duration(record->duration).s);
	if (record->midstream)
		text_string(&title, ", first seen in its middle");
	page_field(page, 2, "", text_end(&title));
}

static const char *verdict_words(struct text *text, const struct record *record)
{
	text->length = 0;
	text_string(text, close_words[record->close].name);
	if (record->cause != CAUSE_NONE) {
		text_char(text, '/');
		text_string(text, cause_words[record->cause].name);
		text_string(text, ", ");
		text_string(text, confidence_words[record->confidence].name);
	}
	return text_end(text);
}

static void print_story(struct page *page, const struct story *story)
{
	const struct record *record = story->record;
	char bytes[SENTENCES_MAX];
	struct text text = { .bytes = bytes, .size = sizeof bytes };

	page_field(page, FIELD_INDENT, "  verdict", verdict_words(&text, record));
	text.length = 0;
	sentences_verdict(&text, story);
	page_field(page, FIELD_INDENT, "", text_end(&text));
	text.length = 0;
	if (sentences_guesses(&text, story))
		page_field(page, FIELD_INDENT, "  best guess", text_end(&text));
	for (int side = CLIENT; side <= SERVER; side++) {
		text.length = 0;
		sentences_saw(&text, story, (enum side)side);
		page_field(page, FIELD_INDENT, side == CLIENT ? "  client saw" : "  server saw",
			   text_end(&text));
	}
	text.length = 0;
	if (sentences_cost(&text, story))
		page_field(page, FIELD_INDENT, "  it cost", text_end(&text));
	if (cause_texts[record->cause].advice[0])
		page_field(page, FIELD_INDENT, "  what to do", cause_texts[record->cause].advice);
}

static void print_one(const struct explained *x, size_t i, struct page *page, const struct captures *captures)
{
	const struct ladder *ladder = x->ladders[i];
	const struct record *record = ladder_record(ladder);
	const struct story story = { .record = record, .facts = ladder_facts(ladder), .timers = x->timers };

	print_title(page, record, captures ? captures_source(captures, record->source) : "",
		    x->several_inputs);
	print_story(page, &story);
	fputc('\n', page->out);
	if (ladder_count(ladder) == 0) {
		page_say(page, 2, "Its packets could not be read again.");
		return;
	}
	ladder_draw(page, ladder);
	if (x->contents)
		payload_print(page, x->contents, record->first_packet, record);
}

void explained_print(const struct explained *x, struct page *page, const struct captures *captures,
		     uint64_t forgotten)
{
	for (size_t i = 0; i < x->n; i++)
		print_one(x, i, page, captures);
	if (x->more > 0)
		page_say(page, 0, "%s: narrow the selector down, or use --only.",
			 plain_count(x->more, "more connection is meant but not explained",
				     "more connections are meant but not explained")
				 .s);
	if (forgotten > 0)
		page_warn(page, 0,
			  "%s could not be read again (--keep-packets): the packets shown may not be all.",
			  plain_count(forgotten, "packet", "packets").s);
}
