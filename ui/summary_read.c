/* SPDX-License-Identifier: GPL-2.0-or-later */
/* summary_read.c - the summary's first section: what was read, what was not, and why. */
#include "ui/plain.h"
#include "ui/summary_parts.h"

/* Results that are the very thing, or told in other words below. */
static bool is_left_out(enum dissect_result result)
{
	return result != DISSECT_SEGMENT && result != DISSECT_ICMP && result != DISSECT_FRAGMENT;
}

static const char peculiar_title[] = "analysed, but:";

static struct plain inputs(const struct summary_input *in)
{
	return in->watched ? plain_count(in->inputs, "interface", "interfaces")
			   : plain_count(in->inputs, "input", "inputs");
}

static void nothing_line(struct page *page, const struct summary_input *in)
{
	if (in->filter && in->packets > 0)
		page_say(page, 0, "None of %s in %s matches the filter.",
			 plain_count(in->packets, "packet", "packets").s, inputs(in).s);
	else
		page_say(page, 0, "No packets in %s.", inputs(in).s);
}

/* How long an interface was quiet, and whether that can be believed. */
static void watched_line(struct page *page, const struct summary_input *in)
{
	bool lost = in->loss.kernel > 0 || in->loss.interface > 0;

	page_say(page, 0, "Watched for %s%s", plain_duration(in->last.ns - in->first.ns).s,
		 lost ? "." : "; no packets were lost.");
}

static void headline(struct page *page, const struct summary_view *view)
{
	const struct summary_input *in = view->input;

	if (in->dissect.frames == 0 || in->none_matched) {
		nothing_line(page, in);
		return;
	}
	page_say(page, 0, "%s in %s and %s of traffic, from %s",
		 view->counts->records ? plain_count(view->counts->records, "connection", "connections").s
				       : "No TCP connections",
		 plain_count(in->dissect.frames, "packet", "packets").s, plain_duration(view->observed).s,
		 inputs(in).s);
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
	if (in->watched)
		watched_line(page, in);
	if (in->interrupted)
		page_warn(page, 0, "Interrupted: the rest of the input was not read.");
	if (in->inputs_failed > 0)
		page_warn(page, 0, "%s of %s could not be %s to the end: see the messages.",
			  plain_number(in->inputs_failed).s, inputs(in).s, in->watched ? "watched" : "read");
	if (in->dissect.reassembler_died)
		page_warn(page, 0,
			  "The process that puts IPv4 fragments together died: from then on fragmented "
			  "segments are missing.");
	if (in->loss.kernel > 0 || in->loss.interface > 0)
		page_warn(
			page, 0,
			"%s dropped by the kernel (a larger --buffer helps), %s by interfaces: what rests on "
			"their absence is not certain.",
			plain_count(in->loss.kernel, "packet was", "packets were").s,
			plain_number(in->loss.interface).s);
	if (in->closes_only)
		page_say(page, 0,
			 "Segments with payload were not captured (--closes-only): most causes are only "
			 "possible.");
	if (in->tracker.evicted > 0)
		page_warn(page, 0,
			  "%s dropped early to stay within --max-flows: how they closed is told as far as "
			  "it was seen.",
			  plain_count(in->tracker.evicted, "connection was", "connections were").s);
}

/* "one" and "many" are what is counted, singular and plural; a list's first item brings its title. */
static void item(struct page *page, bool *listed, const char *title, uint64_t count, const char *one,
		 const char *many)
{
	if (count == 0)
		return;
	if (!*listed)
		page_say(page, 2, "%s", title);
	*listed = true;
	page_item(page, count, count == 1 ? one : many);
}

static void left_out(struct page *page, const struct summary_view *view)
{
	static const char title[] = "not analysed:";
	const struct summary_input *in = view->input;
	bool listed = false;

	for (int i = 0; i < DISSECT_RESULT_COUNT; i++)
		if (is_left_out((enum dissect_result)i))
			item(page, &listed, title, in->dissect.by_result[i], dissect_result_texts[i],
			     dissect_result_texts[i]);
	item(page, &listed, title, in->tracker.duplicates,
	     "duplicate frame (mirror port, several interfaces)",
	     "duplicate frames (mirror port, several interfaces)");
	item(page, &listed, title, in->dissect.incomplete, "packet whose IP fragments did not all come",
	     "packets whose IP fragments did not all come");
	if (in->verbose)
		item(page, &listed, title, in->tracker.icmp_stray, "ICMP error about no connection here",
		     "ICMP errors about no connection here");
}

/* What they were that had to make room. */
static void given_up(struct page *page, const struct summary_view *view)
{
	const struct summary_input *in = view->input;
	bool listed = false;

	for (int kind = 0; in->verbose && kind < EVICTION_COUNT; kind++) {
		const struct word *word = &eviction_words[kind];
		char what[128];

		snprintf(what, sizeof what, "%s: %s", word->name, word->meaning);
		item(page, &listed, "dropped early:", in->tracker.evicted_by[kind], what, what);
	}
}

/* Of connections. What is midstream may be the rest of one whose record this program ended itself. */
static void peculiar_connections(struct page *page, const struct summary_view *view, bool *listed)
{
	const struct tally_counts *c = view->counts;
	bool cut = c->by_end[RECORD_IDLE] + c->by_end[RECORD_EVICTED] > 0;

	item(page, listed, peculiar_title, c->midstream,
	     cut ? "connection first seen in its middle (or its record had been ended early)"
		 : "connection first seen in its middle (no handshake captured)",
	     cut ? "connections first seen in their middle (or their record had been ended early)"
		 : "connections first seen in their middle (no handshake captured)");
	/* A few of them are hosts that had gone. */
	if (c->one_sided > c->records / 2)
		item(page, listed, peculiar_title, c->one_sided,
		     "connection of which only one direction was captured",
		     "connections of which only one direction was captured");
	item(page, listed, peculiar_title, c->by_end[RECORD_IDLE],
	     "connection given up after --idle without a packet, told as it was then",
	     "connections given up after --idle without a packet, told as they were then");
}

static void peculiar_packets(struct page *page, const struct summary_view *view, bool *listed)
{
	const struct dissect_counts *d = &view->input->dissect;
	char one[128], many[128];
	struct plain tried = plain_number(d->checksum_tried);

	snprintf(one, sizeof one, "wrong TCP checksum among %s tried: offload, or damage", tried.s);
	snprintf(many, sizeof many, "wrong TCP checksums among %s tried: offload, or damage", tried.s);
	item(page, listed, peculiar_title, d->cut,
	     "segment cut short by the snap length (headers are enough)",
	     "segments cut short by the snap length (headers are enough)");
	item(page, listed, peculiar_title, d->oversized,
	     "segment larger than Ethernet carries: offload, normal",
	     "segments larger than Ethernet carries: offload, normal");
	item(page, listed, peculiar_title, d->bad_checksum, one, many);
	item(page, listed, peculiar_title, d->reassembled, "packet put together from IP fragments",
	     "packets put together from IP fragments");
}

static void peculiar(struct page *page, const struct summary_view *view)
{
	bool listed = false;

	peculiar_connections(page, view, &listed);
	peculiar_packets(page, view, &listed);
}

void summary_read(struct page *page, const struct summary_view *view)
{
	headline(page, view);
	conditions(page, view);
	given_up(page, view);
	left_out(page, view);
	peculiar(page, view);
}
