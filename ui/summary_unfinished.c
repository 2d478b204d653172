/* SPDX-License-Identifier: GPL-2.0-or-later */
/* summary_unfinished.c - the summary's tables of what never began or never ended. */
#include <string.h>

#include "ui/format.h"
#include "ui/plain.h"
#include "ui/summary_parts.h"

static uint64_t total(const struct tally_counts *c, const enum close *closes, size_t n)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += c->closes[closes[i]].count;
	return sum;
}

/* Rows here have no cells: who began is plain, or nobody. */
static void plain_row(struct page *page, const char *label, int indent, uint64_t count, uint64_t whole)
{
	struct page_row row = {
		.label = label, .indent = indent, .count = count, .whole = whole, .colour = PAGE_WARN
	};

	if (count > 0)
		page_row(page, &row);
}

static void cause_rows(struct page *page, const struct summary_view *view, enum close close)
{
	const struct tally_group *causes = view->counts->causes[close];

	for (int i = 0; i < CAUSE_COUNT; i++)
		if (i != CAUSE_NONE)
			plain_row(page, cause_words[i].name, 4, causes[i].count, view->counts->records);
}

static const enum close failures[] = { CLOSE_REFUSED, CLOSE_UNREACHABLE, CLOSE_UNANSWERED, CLOSE_ABANDONED };
enum { FAILURES = sizeof failures / sizeof *failures };

/* "192.0.2.1:80: 12 refused, 3 unanswered" */
static void target_line(struct page *page, const struct tally_target *target)
{
	char how[128];
	struct text text = { .bytes = how, .size = sizeof how };

	for (size_t i = 0; i < FAILURES; i++) {
		uint64_t n = target->by_close[failures[i]];

		if (n == 0)
			continue;
		text_string(&text, text.length ? ", " : "");
		text_string(&text,
			    plain_count(n, close_words[failures[i]].name, close_words[failures[i]].name).s);
	}
	page_say(page, 4, "%s  %s", plain_endpoint(&target->host, target->port).s, text_end(&text));
}

static void targets(struct page *page, const struct summary_view *view)
{
	struct tally_target top[TALLY_TOP_MAX];
	uint64_t missed;
	size_t n = tally_targets(view->tally, top, view->top, &missed);

	page_say(page, 2, "towards, most first:");
	for (size_t i = 0; i < n; i++)
		target_line(page, &top[i]);
	summary_missed(page, 4, missed);
}

void summary_failed(struct page *page, const struct summary_view *view)
{
	const struct tally_counts *c = view->counts;

	if (total(c, failures, FAILURES) == 0)
		return;
	page_title(page, "Attempts that failed");
	for (size_t i = 0; i < FAILURES; i++) {
		plain_row(page, close_words[failures[i]].name, 2, c->closes[failures[i]].count, c->records);
		cause_rows(page, view, failures[i]);
	}
	targets(page, view);
}

/* "longest 1 h 2 min: client -> server", and a remark. */
static void longest_line(struct page *page, const char *what, const struct tally_longest *longest,
			 const char *remark)
{
	if (longest->ns == UNKNOWN_NS)
		return;
	page_say(page, 4, "%s %s: %s %s %s%s", what, plain_duration(longest->ns).s,
		 plain_endpoint(&longest->host[CLIENT], longest->port[CLIENT]).s, page_arrow(page),
		 plain_endpoint(&longest->host[SERVER], longest->port[SERVER]).s, remark);
}

void summary_vanished(struct page *page, const struct summary_view *view)
{
	const struct tally_counts *c = view->counts;

	if (c->closes[CLOSE_VANISHED].count == 0)
		return;
	page_title(page, "Vanished: one side stopped answering, and nobody closed");
	plain_row(page, close_words[CLOSE_VANISHED].name, 2, c->closes[CLOSE_VANISHED].count, c->records);
	cause_rows(page, view, CLOSE_VANISHED);
	longest_line(page, "longest without a packet,", &c->age[CLOSE_VANISHED], "");
}

static const enum close unfinished[] = { CLOSE_OPEN, CLOSE_HALF_CLOSED, CLOSE_CLOSING };

static void silent_rows(struct page *page, const struct tally_counts *c)
{
	plain_row(page, "silent since opened", 4, c->silent.count, c->records);
	if (c->silent_age.ns < c->age[CLOSE_OPEN].ns)
		longest_line(page, "oldest", &c->silent_age, "");
}

/* What one of them waits for, for the line about the oldest. */
static const char *waits_for(enum close close, enum side side)
{
	static const char *const half_closed[] = {
		[CLIENT] = " (the client has yet to close)",
		[SERVER] = " (the server has yet to close)",
	};
	static const char *const closing[] = {
		[CLIENT] = " (the client's FIN is not acknowledged)",
		[SERVER] = " (the server's FIN is not acknowledged)",
	};

	return close == CLOSE_HALF_CLOSED ? half_closed[side] : close == CLOSE_CLOSING ? closing[side] : "";
}

/* Programs that do not close: the usual leak. */
static void stuck(struct page *page, const struct summary_view *view)
{
	struct tally_stuck top[TALLY_TOP_MAX];
	uint64_t missed;
	size_t n = tally_stuck(view->tally, top, view->top, &missed);

	if (n == 0)
		return;
	page_say(page, 2, "in CLOSE-WAIT: told that the other side is done, the program has not closed");
	for (size_t i = 0; i < n; i++) {
		bool client = top[i].side == CLIENT;

		page_say(page, 4, "%s %s%s%s%s%s  %s, longest %s", client ? "client" : "server",
			 client ? plain_host(&top[i].host).s : "", client ? " " : "",
			 client ? page_arrow(page) : "", client ? " " : "",
			 plain_endpoint(&top[i].server, top[i].port).s,
			 plain_count(top[i].connections, "connection", "connections").s,
			 plain_duration(top[i].longest).s);
	}
	summary_missed(page, 4, missed);
}

void summary_unfinished(struct page *page, const struct summary_view *view)
{
	const struct tally_counts *c = view->counts;

	if (total(c, unfinished, sizeof unfinished / sizeof *unfinished) == 0)
		return;
	page_title(page, view->counts->by_end[RECORD_IDLE] + view->counts->by_end[RECORD_EVICTED] > 0
				 ? "Still open when last looked at"
				 : "Still open at the end");
	for (size_t i = 0; i < sizeof unfinished / sizeof *unfinished; i++) {
		enum close close = unfinished[i];

		plain_row(page, close_words[close].name, 2, c->closes[close].count, c->records);
		longest_line(page, close == CLOSE_OPEN ? "oldest" : "longest", &c->age[close],
			     waits_for(close, c->age[close].side));
		if (close == CLOSE_OPEN)
			silent_rows(page, c);
	}
	stuck(page, view);
}
