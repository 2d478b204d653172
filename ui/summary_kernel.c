/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * summary_kernel.c - the summary's section of what this host's kernel counted, beside what was seen. What
 * each counter means is from Linux's net/ipv4: tcp.c, tcp_input.c, tcp_minisocks.c, inet_timewait_sock.c.
 */
#include "ui/format.h"
#include "ui/plain.h"
#include "ui/summary_parts.h"

#define NOT_SEEN     SIZE_MAX /* packets cannot show it */
#define SEEN(member) offsetof(struct kernel_seen, member)

struct line {
	enum kernel_counter counter;
	size_t seen; /* offset in struct kernel_seen, or NOT_SEEN */
	const char *meaning;
};

/* clang-format off: a table, one row a line. */
static const struct line table[] = {
	{ KERNEL_ACTIVE_OPENS, SEEN(active_opens), "connections begun from here" },
	{ KERNEL_PASSIVE_OPENS, SEEN(passive_opens), "connections taken here" },
	{ KERNEL_ATTEMPT_FAILS, SEEN(attempt_fails), "ended before they were established" },
	{ KERNEL_ESTAB_RESETS, SEEN(estab_resets), "ended at once when established, without FIN" },
	{ KERNEL_OUT_RSTS, SEEN(rsts_sent), "RSTs sent" },
	{ KERNEL_TW, SEEN(time_waits),
	  "TIME-WAITs begun; the kernel has FIN-WAIT-2 without a program among them" },
	{ KERNEL_TW_NOW, NOT_SEEN, "TIME-WAITs held at the end" },
	{ KERNEL_CURR_ESTAB, NOT_SEEN, "established or in CLOSE-WAIT at the end" },
	{ KERNEL_TW_RECYCLED, NOT_SEEN, "TIME-WAITs cut short for a new connection to the same server" },
	{ KERNEL_TW_KILLED, NOT_SEEN, "TIME-WAITs begun that last seconds only" },
	{ KERNEL_TW_OVERFLOW, NOT_SEEN, "TIME-WAITs not held: more than tcp_max_tw_buckets" },
	{ KERNEL_ABORT_ON_CLOSE, NOT_SEEN, "closed with data unread: RST" },
	{ KERNEL_ABORT_ON_DATA, NOT_SEEN, "closed with SO_LINGER 0, or data came after the close: RST" },
	{ KERNEL_ABORT_ON_TIMEOUT, NOT_SEEN, "given up: retransmissions, probes or keepalives unanswered" },
	{ KERNEL_ABORT_ON_MEMORY, NOT_SEEN, "given up: out of memory, or too many orphans" },
	{ KERNEL_ABORT_ON_LINGER, NOT_SEEN, "given up in FIN-WAIT-2 at once: TCP_LINGER2 below 0" },
	{ KERNEL_ABORT_FAILED, NOT_SEEN, "RSTs that could not be sent: out of memory" },
	{ KERNEL_LISTEN_OVERFLOWS, NOT_SEEN, "handshakes dropped: the accept queue was full" },
	{ KERNEL_LISTEN_DROPS, NOT_SEEN, "handshakes dropped by listeners, these included" },
	{ KERNEL_REQ_FULL_DROP, NOT_SEEN, "SYNs dropped: the queue of half-open connections was full" },
	{ KERNEL_REQ_FULL_COOKIES, NOT_SEEN, "SYNs answered with a cookie: that queue was full" },
	{ KERNEL_EMBRYONIC_RSTS, NOT_SEEN, "RSTs received by half-open connections" },
	{ KERNEL_CHALLENGE_ACK, NOT_SEEN, "challenge ACKs: SYNs and RSTs that might be forged" },
	{ KERNEL_IN_ERRS, NOT_SEEN, "segments received in error: checksum, length" },
};
/* clang-format on */

_Static_assert(sizeof table / sizeof *table == KERNEL_COUNT, "every counter has its line");

/* All its digits, or 1.23G. */
static struct plain short_number(uint64_t n)
{
	struct plain p = { .s = "" };
	struct text text = { .bytes = p.s, .size = sizeof p.s };

	if (n < 1000000000)
		return plain_number(n);
	text_short_number(&text, n);
	text_end(&text);
	return p;
}

static uint64_t seen_of(const struct kernel_seen *seen, const struct line *line)
{
	uint64_t n = 0;

	if (line->seen != NOT_SEEN)
		memcpy(&n, (const char *)seen + line->seen, sizeof n);
	return n;
}

static void line_of(struct page *page, const struct kernel_report *report, const struct line *line,
		    bool verbose)
{
	bool known = report->counted.known[line->counter];
	uint64_t counted = report->counted.n[line->counter], seen = seen_of(&report->seen, line);
	struct plain none = { .s = "-" }, nothing = { .s = "" };
	char what[160];

	if (counted == 0 && seen == 0 && !(verbose && known))
		return;
	snprintf(what, sizeof what, "%s (%s)", line->meaning, kernel_names[line->counter]);
	page_pair(page, known ? short_number(counted) : none,
		  line->seen == NOT_SEEN ? nothing : short_number(seen), what);
}

static bool has_something(const struct kernel_report *report)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (report->counted.n[table[i].counter] > 0 || seen_of(&report->seen, &table[i]) > 0)
			return true;
	return false;
}

void summary_kernel(struct page *page, const struct summary_view *view)
{
	const struct kernel_report *report = view->input->kernel;

	if (!report || !(view->input->verbose || has_something(report)))
		return;
	page_title(page, "What this host's kernel counted");
	page_pair(page, (struct plain){ .s = "counted" }, (struct plain){ .s = "seen" },
		  "(the name it counts by)");
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		line_of(page, report, &table[i], view->input->verbose);
	page_say(page, 2,
		 "Counted: by the kernel, of all interfaces and programs of this network namespace. Seen: "
		 "ends "
		 "with an address of this host, on the interfaces watched, with the filter given.");
}
