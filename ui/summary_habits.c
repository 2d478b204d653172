/* SPDX-License-Identifier: GPL-2.0-or-later */
/* summary_habits.c - the summary's section of what only many connections show together. */
#include "analyzer/rhythm.h"
#include "ui/plain.h"
#include "ui/summary_parts.h"

/* "by RST", "by FIN", "32 by RST, the others by FIN". */
static struct plain how_they_end(const struct tally_check *check)
{
	struct plain how = { .s = "by RST" };

	if (check->aborted == 0)
		snprintf(how.s, sizeof how.s, "by FIN");
	else if (check->aborted < check->connections)
		snprintf(how.s, sizeof how.s, "%.26s by RST, the others by FIN",
			 plain_number(check->aborted).s);
	return how;
}

static void check_line(struct page *page, const struct tally_check *check)
{
	struct plain rhythm = { .s = "" };

	if (check->interval > 0)
		snprintf(rhythm.s, sizeof rhythm.s, "every %.48s, ", plain_duration(check->interval).s);
	else if (check->connections > RHYTHM_LEAST)
		snprintf(rhythm.s, sizeof rhythm.s, "not regularly, ");
	page_say(page, 4, "%s %s %s  %s, %s%s", plain_host(&check->client).s, page_arrow(page),
		 plain_endpoint(&check->server, check->port).s,
		 plain_count(check->connections, "time", "times").s, rhythm.s, how_they_end(check).s);
}

/* Returns whether there were any. */
static bool checks(struct page *page, const struct summary_view *view)
{
	struct tally_check top[TALLY_TOP_MAX];
	uint64_t missed;
	size_t n = tally_checks(view->tally, top, view->top, &missed);

	if (n == 0)
		return false;
	page_title(page, "Habits");
	page_say(page, 2, "health checks, as it seems: opened, nothing sent, closed by the client:");
	for (size_t i = 0; i < n; i++)
		check_line(page, &top[i]);
	summary_missed(page, 4, missed);
	return true;
}

static void aborter_lines(struct page *page, enum side side, const struct tally_aborter *top, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct plain who = plain_endpoint(&top[i].host, top[i].port);
		char to[16] = "";

		if (side == CLIENT) {
			who = plain_host(&top[i].host);
			snprintf(to, sizeof to, " to port %u", top[i].port);
		}
		page_say(page, 4, "%s %s%s  %s of %s connections, %s", side == CLIENT ? "client" : "server",
			 who.s, to, plain_number(top[i].aborts).s, plain_number(top[i].connections).s,
			 plain_share(top[i].aborts, top[i].connections).s);
	}
}

static void aborters(struct page *page, const struct summary_view *view, bool titled)
{
	struct tally_aborter servers[TALLY_TOP_MAX], clients[TALLY_TOP_MAX];
	uint64_t missed[2];
	size_t n[2] = { [CLIENT] = tally_aborters(view->tally, CLIENT, clients, view->top, &missed[CLIENT]),
			[SERVER] = tally_aborters(view->tally, SERVER, servers, view->top, &missed[SERVER]) };

	if (n[CLIENT] + n[SERVER] == 0)
		return;
	if (!titled)
		page_title(page, "Habits");
	page_say(page, 2, "closes with a RST as a habit, not with a FIN (SO_LINGER 0?):");
	aborter_lines(page, SERVER, servers, n[SERVER]);
	aborter_lines(page, CLIENT, clients, n[CLIENT]);
	summary_missed(page, 4, missed[CLIENT] > missed[SERVER] ? missed[CLIENT] : missed[SERVER]);
}

void summary_habits(struct page *page, const struct summary_view *view)
{
	aborters(page, view, checks(page, view));
}
