/* SPDX-License-Identifier: GPL-2.0-or-later */
/* summary_read.c - the summary's first section: what was read, what was not, and why. */
#include "ui/plain.h"
#include "ui/summary_parts.h"

/* Results that are the very thing, or told in other words below. */
static bool is_left_out(enum dissect_result result)
{
	return result != DISSECT_SEGMENT && result != DISSECT_ICMP && result != DISSECT_FRAGMENT;
}

static void headline(struct page *page, const struct summary_view *view)
{
	const struct summary_input *in = view->input;

	if (in->dissect.frames == 0) {
		page_say(page, 0, "No packets in %s.", plain_count(in->inputs, "input", "inputs").s);
		return;
	}
	page_say(page, 0, "%s in %s and %s of traffic, from %s",
		 view->counts->records ? plain_count(view->counts->records, "connection", "connections").s
				       : "No TCP connections",
		 plain_count(in->dissect.frames, "packet", "packets").s, plain_duration(view->observed).s,
		 plain_count(in->inputs, "input", "inputs").s);
	if (view->observed < 1000000000)
		page_say(page, 0, "%s UTC", plain_moment(in->first, true).s);
	else
		page_say(page, 0, "%s to %s UTC", plain_moment(in->first, true).s,
			 plain_moment(in->last, view->observed >= 86400LL * 1000000000).s);
}

static void conditions(struct page *page, const struct summary_view *view)
{
	const struct summary_input *in = view->input;
	char filter[512];

	if (in->filter)
		page_say(page, 0, "Only what matches the filter: %s",
			 page_clean(filter, sizeof filter, in->filter));
	if (in->interrupted)
		page_warn(page, 0, "Interrupted: the rest of the input was not read.");
	if (in->inputs_failed > 0)
		page_warn(page, 0, "%s of %s could not be read to the end: see the messages.",
			  plain_number(in->inputs_failed).s, plain_count(in->inputs, "input", "inputs").s);
	if (in->dissect.reassembler_died)
		page_warn(page, 0,
			  "The process that puts IPv4 fragments together died: from then on fragmented "
			  "segments are missing.");
	if (in->tracker.evicted > 0)
		page_warn(page, 0,
			  "%s dropped early to stay within --max-flows: how they closed is told as far as "
			  "it was seen.",
			  plain_count(in->tracker.evicted, "connection was", "connections were").s);
}

static void item(struct page *page, bool *listed, const char *title, uint64_t count, const char *what)
{
	if (count == 0)
		return;
	if (!*listed)
		page_say(page, 2, "%s", title);
	*listed = true;
	page_item(page, count, what);
}

static void left_out(struct page *page, const struct summary_view *view)
{
	static const char title[] = "not analysed:";
	const struct summary_input *in = view->input;
	bool listed = false;

	for (int i = 0; i < DISSECT_RESULT_COUNT; i++)
		if (is_left_out((enum dissect_result)i))
			item(page, &listed, title, in->dissect.by_result[i], dissect_result_texts[i]);
	item(page, &listed, title, in->tracker.duplicates,
	     "duplicate frames (mirror port, several interfaces)");
	item(page, &listed, title, in->dissect.incomplete, "packets whose IP fragments did not all come");
	if (in->verbose)
		item(page, &listed, title, in->tracker.icmp_stray, "ICMP errors about no connection here");
}

static void peculiar(struct page *page, const struct summary_view *view)
{
	static const char title[] = "analysed, but:";
	const struct dissect_counts *d = &view->input->dissect;
	char checksums[128];
	bool listed = false;

	snprintf(checksums, sizeof checksums, "wrong TCP checksums among %s tried: offload, or damage",
		 plain_number(d->checksum_tried).s);
	item(page, &listed, title, view->counts->midstream,
	     "connections already under way when the capture began");
	item(page, &listed, title, view->counts->by_end[RECORD_IDLE],
	     "connections given up after --idle without a packet, told as they were then");
	item(page, &listed, title, d->cut, "segments cut short by the snap length (headers are enough)");
	item(page, &listed, title, d->oversized, "segments larger than Ethernet carries: offload, normal");
	item(page, &listed, title, d->bad_checksum, checksums);
	item(page, &listed, title, d->reassembled, "packets put together from IP fragments");
}

void summary_read(struct page *page, const struct summary_view *view)
{
	headline(page, view);
	conditions(page, view);
	left_out(page, view);
	peculiar(page, view);
}
