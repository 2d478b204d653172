/* SPDX-License-Identifier: GPL-2.0-or-later */
/* summary_hosts.c - the summary's lists: TIME-WAIT by holder, what applications saw, who stands out. */
#include "ui/plain.h"
#include "ui/summary_parts.h"

#define SECOND_NS 1000000000LL

/* A rate over less time, or of fewer, says nothing. */
#define RATE_LEAST_NS (2 * SECOND_NS)
enum { RATE_LEAST = 10 };

/* Beyond this share of its ports a client is worth a warning. */
static bool nearly_out_of_ports(uint64_t held, uint32_t ports)
{
	return held >= ports / 2;
}

/* What holds none now and came nowhere near its ports is no news. */
static bool worth_a_line(const struct ledger_row *row, uint32_t ports)
{
	return row->now > 0 || row->peak >= ports / 100;
}

static void client_holds(struct page *page, const struct summary_view *view, const struct ledger_row *row)
{
	char rate[80] = "";

	if (view->observed >= RATE_LEAST_NS && row->made >= RATE_LEAST)
		snprintf(rate, sizeof rate, "; %s", plain_rate(row->made, view->observed).s);
	page_say(page, 4, "%s %s %s  %s now, %s at most (%s)%s", plain_host(&row->holder).s, page_arrow(page),
		 plain_endpoint(&row->peer, row->port).s, plain_number(row->now).s, plain_number(row->peak).s,
		 plain_share(row->peak, view->ports).s, rate);
	if (nearly_out_of_ports(row->peak, view->ports))
		page_warn(page, 6, "close to running out of ports");
}

static void clients(struct page *page, const struct summary_view *view)
{
	struct ledger_row top[LEDGER_TOP_MAX];
	uint64_t missed;
	size_t n = ledger_top(view->ledger, CLIENT, top, view->top, &missed);

	if (n == 0)
		return;
	page_say(page, 2, "held by clients (of %s ports each; over %s would use them up):",
		 plain_number(view->ports).s, plain_rate(view->ports, view->time_wait).s);
	for (size_t i = 0; i < n && (i == 0 || worth_a_line(&top[i], view->ports)); i++)
		client_holds(page, view, &top[i]);
	summary_missed(page, 4, missed);
}

static void servers(struct page *page, const struct summary_view *view)
{
	struct ledger_row top[LEDGER_TOP_MAX];
	uint64_t missed;
	size_t n = ledger_top(view->ledger, SERVER, top, view->top, &missed);

	if (n == 0)
		return;
	page_say(page, 2, "held by servers, which costs memory but no ports:");
	for (size_t i = 0; i < n && (i == 0 || worth_a_line(&top[i], view->ports)); i++)
		page_say(page, 4, "%s  %s now, %s at most", plain_endpoint(&top[i].holder, top[i].port).s,
			 plain_number(top[i].now).s, plain_number(top[i].peak).s);
	summary_missed(page, 4, missed);
}

void summary_time_wait(struct page *page, const struct summary_view *view)
{
	struct ledger_totals t = ledger_totals(view->ledger);
	uint64_t reused = t.by_time_wait[TIME_WAIT_REUSED];
	uint64_t assassinated = t.by_time_wait[TIME_WAIT_ASSASSINATED];

	if (t.made == 0)
		return;
	page_title(page, "TIME-WAIT");
	page_say(page, 2, "%s in all, of up to %s; %s now, %s at most at once", plain_number(t.made).s,
		 plain_duration(view->time_wait).s, plain_number(t.by_time_wait[TIME_WAIT_LINGERING]).s,
		 plain_number(t.peak).s);
	if (reused > 0)
		page_say(page, 2, "%s reused: a new SYN took the pair, which is harmless",
			 plain_count(reused, "was", "were").s);
	if (assassinated > 0)
		page_say(page, 2, "%s assassinated: a RST ended it early (RFC 1337)",
			 plain_count(assassinated, "was", "were").s);
	clients(page, view);
	servers(page, view);
}

void summary_saw(struct page *page, const struct summary_view *view)
{
	static const char *const heads[PAGE_CELLS] = { "client", "server" };
	const struct tally_counts *c = view->counts;
	uint64_t errors = 0;
	bool begun = false;

	for (int i = SAW_EOF + 1; i < SAW_COUNT; i++)
		errors += c->saw[CLIENT][i] + c->saw[SERVER][i];
	for (int i = SAW_EOF + 1; i < SAW_COUNT; i++) {
		struct page_row row = { .label = saw_words[i].name,
					.indent = 2,
					.count = c->saw[CLIENT][i] + c->saw[SERVER][i],
					.whole = errors,
					.colour = PAGE_BAD,
					.cells = { c->saw[CLIENT][i], c->saw[SERVER][i] } };

		if (row.count == 0)
			continue;
		if (!begun)
			page_table_title(page, "Errors applications saw", "at", heads);
		begun = true;
		page_row(page, &row);
	}
}

/* Fewer than this say little about a service. */
static uint64_t least_connections(const struct summary_view *view)
{
	uint64_t share = view->counts->records / 1000;

	return share > 10 ? share : 10;
}

static void resetting_hosts(struct page *page, const struct summary_view *view)
{
	struct tally_host top[TALLY_TOP_MAX];
	uint64_t missed, resets = view->counts->closes[CLOSE_RESET].count;
	size_t n = tally_hosts(view->tally, top, view->top, &missed);

	if (n == 0)
		return;
	page_say(page, 2, "most resets sent:");
	for (size_t i = 0; i < n; i++)
		page_say(page, 4, "%s  %s, %s of all", plain_host(&top[i].host).s,
			 plain_count(top[i].resets, "reset", "resets").s,
			 plain_share(top[i].resets, resets).s);
	summary_missed(page, 4, missed);
}

static void reset_services(struct page *page, const struct summary_view *view)
{
	struct tally_service top[TALLY_TOP_MAX];
	uint64_t missed, least = least_connections(view);
	size_t n = tally_services(view->tally, least, top, view->top, &missed);

	if (n == 0)
		return;
	page_say(page, 2, "services whose connections most often end in a reset (of %s or more):",
		 plain_number(least).s);
	for (size_t i = 0; i < n; i++)
		page_say(page, 4, "%s  %s of %s, %s", plain_endpoint(&top[i].host, top[i].port).s,
			 plain_number(top[i].resets).s, plain_number(top[i].connections).s,
			 plain_share(top[i].resets, top[i].connections).s);
	summary_missed(page, 4, missed);
}

static void longest_wait(struct page *page, const char *state, const char *meaning,
			 const struct tally_longest *longest)
{
	static const char *const sides[] = { [CLIENT] = "client", [SERVER] = "server" };

	if (longest->ns < SECOND_NS)
		return;
	page_say(page, 2, "longest in %s: %s, the %s (%s)", state, plain_duration(longest->ns).s,
		 sides[longest->side], meaning);
	page_say(page, 4, "%s %s %s", plain_endpoint(&longest->host[CLIENT], longest->port[CLIENT]).s,
		 page_arrow(page), plain_endpoint(&longest->host[SERVER], longest->port[SERVER]).s);
}

void summary_notable(struct page *page, const struct summary_view *view)
{
	const struct tally_counts *c = view->counts;

	if (c->closes[CLOSE_RESET].count == 0 && c->close_wait.ns < SECOND_NS &&
	    c->fin_wait_2.ns < SECOND_NS && c->rst_ignored == 0)
		return;
	page_title(page, "What stands out");
	resetting_hosts(page, view);
	reset_services(page, view);
	longest_wait(page, "CLOSE-WAIT", "its program was slow to close", &c->close_wait);
	longest_wait(page, "FIN-WAIT-2", "its peer was slow to close", &c->fin_wait_2);
	if (c->rst_ignored > 0)
		page_say(page, 2, "%s by the receiver: late, lost or forged",
			 plain_count(c->rst_ignored, "RST was not accepted", "RSTs were not accepted").s);
}
