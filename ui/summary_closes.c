/* SPDX-License-Identifier: GPL-2.0-or-later */
/* summary_closes.c - the summary's tables of closes: how many, who began, why, how long ago. */
#include "ui/format.h"
#include "ui/plain.h"
#include "ui/summary_parts.h"

static const char *const began_heads[PAGE_CELLS] = { "client", "server", "both", "network" };

static struct page_row group_row(const char *label, const struct tally_group *group, uint64_t whole,
				 enum page_colour colour)
{
	return (struct page_row){ .label = label,
				  .indent = 2,
				  .count = group->count,
				  .whole = whole,
				  .colour = colour,
				  .cells = { group->by_closer[CLOSER_CLIENT], group->by_closer[CLOSER_SERVER],
					     group->by_closer[CLOSER_BOTH],
					     group->by_closer[CLOSER_NETWORK] } };
}

static void close_row(struct page *page, const struct summary_view *view, enum close close,
		      enum page_colour colour)
{
	struct page_row row = group_row(close_words[close].name, &view->counts->closes[close],
					view->counts->records, colour);

	page_row(page, &row);
}

/* No row: these are counted above already. ", at client 36 %, server 64 %" */
static void lingering_line(struct page *page, const struct summary_view *view)
{
	static const struct {
		enum holder holder;
		const char *name;
	} holders[] = { { HOLDER_CLIENT, "client" }, { HOLDER_SERVER, "server" }, { HOLDER_BOTH, "both" } };
	const struct tally_counts *c = view->counts;
	char bytes[128];
	struct text held = { .bytes = bytes, .size = sizeof bytes };

	for (size_t i = 0; i < sizeof holders / sizeof *holders; i++) {
		uint64_t n = c->lingering_at[holders[i].holder];

		if (n == 0)
			continue;
		text_string(&held, held.length ? ", " : ", at ");
		text_string(&held, holders[i].name);
		text_char(&held, ' ');
		text_string(&held, plain_round_share(n, c->lingering).s);
	}
	page_say(page, 4, "of these lingering in TIME-WAIT: %s%s", plain_number(c->lingering).s,
		 text_end(&held));
}

/* What the words above leave of the whole; the sections below tell it apart. */
static void remaining_row(struct page *page, const struct summary_view *view)
{
	const struct tally_counts *c = view->counts;
	struct page_row row = { .label = "failed, vanished, open",
				.indent = 2,
				.count = c->records - c->closes[CLOSE_GRACEFUL].count -
					 c->closes[CLOSE_SIMULTANEOUS].count - c->closes[CLOSE_RESET].count,
				.whole = c->records,
				.colour = PAGE_WARN };

	if (row.count > 0)
		page_row(page, &row);
}

void summary_closes(struct page *page, const struct summary_view *view)
{
	if (view->counts->records == 0)
		return;
	page_table_title(page, "How they closed", "begun by", began_heads);
	close_row(page, view, CLOSE_GRACEFUL, PAGE_GOOD);
	close_row(page, view, CLOSE_SIMULTANEOUS, PAGE_CALM);
	close_row(page, view, CLOSE_RESET, PAGE_BAD);
	lingering_line(page, view);
	remaining_row(page, view);
}

/* The causes that were decided, in the order of the vocabulary. */
static void cause_rows(struct page *page, const struct summary_view *view, enum close close)
{
	const struct tally_group *causes = view->counts->causes[close];
	uint64_t whole = view->counts->closes[close].count;

	for (int i = 0; i < CAUSE_COUNT; i++) {
		struct page_row row;

		if (i == CAUSE_NONE || causes[i].count == 0)
			continue;
		row = group_row(cause_words[i].name, &causes[i], whole, PAGE_BAD);
		page_row(page, &row);
		page_say(page, 4, "%s", cause_words[i].meaning);
	}
}

static void phase_rows(struct page *page, const struct summary_view *view)
{
	static const char *const labels[TALLY_PHASE_COUNT] = {
		[TALLY_BEFORE_FIN] = "before any FIN",
		[TALLY_AFTER_CLIENT_FIN] = "after the client's FIN",
		[TALLY_AFTER_SERVER_FIN] = "after the server's FIN",
		[TALLY_AFTER_BOTH_FINS] = "after both FINs",
	};
	const struct tally_counts *c = view->counts;

	page_say(page, 2, "and when they came:");
	for (int i = 0; i < TALLY_PHASE_COUNT; i++) {
		struct page_row row =
			group_row(labels[i], &c->resets_in[i], c->closes[CLOSE_RESET].count, PAGE_BAD);

		if (row.count > 0)
			page_row(page, &row);
	}
}

void summary_resets(struct page *page, const struct summary_view *view)
{
	const struct tally_counts *c = view->counts;
	uint64_t resets = c->closes[CLOSE_RESET].count;
	struct page_row undecided =
		group_row("cause not decided", &c->causes[CLOSE_RESET][CAUSE_NONE], resets, PAGE_BAD);

	if (resets == 0)
		return;
	page_table_title(page, "Why the resets", "sent by", began_heads);
	cause_rows(page, view, CLOSE_RESET);
	if (undecided.count > 0)
		page_row(page, &undecided);
	if (undecided.count >= resets / 2)
		phase_rows(page, view);
	if (c->lossy_resets > 0)
		page_say(page, 2, "%s data: %s sent and never acknowledged",
			 plain_count(c->lossy_resets, "reset lost", "resets lost").s,
			 plain_bytes(c->lost_bytes).s);
}
