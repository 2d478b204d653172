/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * metrics_text.c - the metrics in Prometheus' text format 0.0.4 and in OpenMetrics 1.0, which differ little:
 * in the second a family of counters is named without _total, an info is a type of its own, units are told
 * and the end is.
 */
#include "ui/metric_list.h"
#include "ui/metrics_parts.h"

#define NS_PER_S UINT64_C(1000000000)

enum type { COUNTER, GAUGE, HISTOGRAM, INFO };

struct family {
	const char *name, *unit, *help;
	enum type type;
};

#define METRIC_ENUMERATOR(id, ...)			  id,
#define METRIC_FAMILY(id, name, type, unit, labels, help) { name, unit, help, type },
enum metric { METRICS(METRIC_ENUMERATOR) METRIC_COUNT };
static const struct family families[METRIC_COUNT] = { METRICS(METRIC_FAMILY) };

/* What is being written. */
struct page {
	struct text *text;
	bool open; /* OpenMetrics */
	const struct family *family;
	const char *before_label; /* "{" or "," */
};

void metrics_escape(struct text *text, const char *string, bool quotes)
{
	for (; *string; string++) {
		if (*string == '\\' || (quotes && *string == '"'))
			text_char(text, '\\');
		if (*string == '\n')
			text_string(text, "\\n");
		else
			text_char(text, *string);
	}
}

static void comment(struct page *page, const char *what)
{
	const struct family *family = page->family;

	text_string(page->text, "# ");
	text_string(page->text, what);
	text_char(page->text, ' ');
	text_string(page->text, family->name);
	if (!page->open && family->type == COUNTER)
		text_string(page->text, "_total");
	if (!page->open && family->type == INFO)
		text_string(page->text, "_info");
	text_char(page->text, ' ');
}

static void begin_family(struct page *page, enum metric metric)
{
	static const char *const types[] = { "counter", "gauge", "histogram", "info" };
	const struct family *family = &families[metric];

	page->family = family;
	comment(page, "HELP");
	metrics_escape(page->text, family->help, page->open);
	text_char(page->text, '\n');
	comment(page, "TYPE");
	text_string(page->text, family->type == INFO && !page->open ? "gauge" : types[family->type]);
	text_char(page->text, '\n');
	if (page->open && family->unit[0]) {
		comment(page, "UNIT");
		text_string(page->text, family->unit);
		text_char(page->text, '\n');
	}
}

/* The name of a sample; labels follow, and its value. */
static void sample(struct page *page, const char *suffix)
{
	text_string(page->text, page->family->name);
	text_string(page->text, suffix);
	page->before_label = "{";
}

/* A label whose value was put together as text, with nothing in it to escape. */
static void label_text(struct page *page, const char *name, struct text *value)
{
	text_string(page->text, page->before_label);
	text_string(page->text, name);
	text_string(page->text, "=\"");
	metrics_escape(page->text, text_end(value), true);
	text_char(page->text, '"');
	page->before_label = ",";
}

static void label(struct page *page, const char *name, const char *value)
{
	char bytes[128];
	struct text text = { .bytes = bytes, .size = sizeof bytes };

	text_string(&text, value);
	label_text(page, name, &text);
}

static void before_value(struct page *page)
{
	text_string(page->text, page->before_label[0] == ',' ? "} " : " ");
}

static void value(struct page *page, uint64_t n)
{
	before_value(page);
	text_number(page->text, n);
	text_char(page->text, '\n');
}

static void value_seconds(struct page *page, int64_t ns)
{
	before_value(page);
	text_seconds(page->text, ns);
	text_char(page->text, '\n');
}

/* A family with one sample and no label. */
static void one(struct page *page, enum metric metric, uint64_t n)
{
	begin_family(page, metric);
	sample(page, families[metric].type == COUNTER ? "_total" : "");
	value(page, n);
}

static const char *side_name(enum side side)
{
	return side == CLIENT ? "client" : "server";
}

static void write_cell(struct page *page, const struct metrics *m, int service, const int at[3])
{
	uint64_t n = m->closed[service][at[0]][at[1]][at[2]];
	char port[8];
	struct text text = { .bytes = port, .size = sizeof port };

	if (n == 0)
		return;
	if (service == SERVICE_OTHER)
		text_string(&text, "other");
	else
		text_number(&text, m->port[service]);
	sample(page, "_total");
	label(page, "close", close_words[at[0]].name);
	label(page, "cause", at[1] == CAUSE_NONE ? "none" : cause_words[at[1]].name);
	label(page, "closer", closer_words[at[2]].name);
	label_text(page, "service", &text);
	value(page, n);
}

static void write_closed(struct page *page, const struct metrics *m)
{
	begin_family(page, METRIC_CLOSED);
	for (int service = 0; service < m->services; service++) {
		for (int close = 0; close < CLOSE_COUNT; close++) {
			for (int cause = 0; cause < CAUSE_COUNT; cause++) {
				for (int closer = 0; closer < CLOSER_COUNT; closer++)
					write_cell(page, m, service, (const int[]){ close, cause, closer });
			}
		}
	}
}

/* A row for each state that can be seen, also where it is 0. */
static void write_states(struct page *page, enum metric metric, const uint64_t n[2][STATE_COUNT])
{
	begin_family(page, metric);
	for (int s = 0; s < 2; s++) {
		for (int state = STATE_SYN_SENT; state < STATE_COUNT; state++) {
			sample(page, families[metric].type == COUNTER ? "_total" : "");
			label(page, "side", side_name((enum side)s));
			label(page, "state", state_words[state].name);
			value(page, n[s][state]);
		}
	}
}

static void write_holder(struct page *page, const struct census_holder *h)
{
	char holder[64], peer[64];
	struct text holder_text = { .bytes = holder, .size = sizeof holder };
	struct text peer_text = { .bytes = peer, .size = sizeof peer };

	if (h->side == CLIENT) {
		text_host(&holder_text, &h->holder);
		text_endpoint(&peer_text, &h->peer, h->port);
	} else {
		text_endpoint(&holder_text, &h->holder, h->port);
		text_string(&peer_text, "any");
	}
	sample(page, "");
	label(page, "side", side_name(h->side));
	label_text(page, "holder", &holder_text);
	label_text(page, "peer", &peer_text);
	value(page, h->held.now);
}

static void write_time_wait(struct page *page, const struct metrics *m, struct moment now)
{
	struct census_holder holders[METRICS_HOLDERS];
	uint64_t others;

	begin_family(page, METRIC_TIME_WAIT);
	for (int s = 0; s < 2; s++) {
		size_t n = census_holders(m->census, (enum side)s, now, holders, METRICS_HOLDERS, &others);

		for (size_t i = 0; i < n; i++)
			write_holder(page, &holders[i]);
		sample(page, "");
		label(page, "side", side_name((enum side)s));
		label(page, "holder", "other");
		label(page, "peer", "other");
		value(page, others);
	}
}

/* Never below 0, whatever the moments are. */
static int64_t age(struct moment since, struct moment now)
{
	int64_t ns;

	if (__builtin_sub_overflow(now.ns, since.ns, &ns))
		return now.ns < since.ns ? 0 : INT64_MAX;
	return ns < 0 ? 0 : ns;
}

static void write_oldest(struct page *page, const struct metrics *m, struct moment now)
{
	begin_family(page, METRIC_TIME_WAIT_OLDEST);
	for (int s = 0; s < 2; s++) {
		struct census_time_wait held = census_time_wait(m->census, (enum side)s, now);

		sample(page, "");
		label(page, "side", side_name((enum side)s));
		value_seconds(page, held.now > 0 ? age(held.oldest, now) : 0);
	}
	begin_family(page, METRIC_CLOSE_WAIT_OLDEST);
	for (int s = 0; s < 2; s++) {
		struct waiting_end end;
		bool any = census_close_wait(m->census, (enum side)s, &end, 1) > 0;

		sample(page, "");
		label(page, "side", side_name((enum side)s));
		value_seconds(page, any ? age(end.since, now) : 0);
	}
}

static void histogram_sample(struct page *page, const char *suffix, const char *side)
{
	sample(page, suffix);
	if (side)
		label(page, "side", side);
}

static void write_histogram(struct page *page, const struct histogram *histogram,
			    const struct buckets *buckets, const char *side)
{
	uint64_t count = 0;

	for (size_t i = 0; i <= buckets->n; i++) {
		count += histogram->count[i];
		histogram_sample(page, "_bucket", side);
		label(page, "le", i < buckets->n ? buckets->at[i].le : "+Inf");
		value(page, count);
	}
	histogram_sample(page, "_sum", side);
	before_value(page);
	text_number(page->text, histogram->sum_s);
	text_string(page->text, ".");
	for (uint64_t digit = NS_PER_S / 10; digit > 0; digit /= 10)
		text_char(page->text, (char)('0' + histogram->sum_ns / digit % 10));
	text_char(page->text, '\n');
	histogram_sample(page, "_count", side);
	value(page, count);
}

static void write_histograms(struct page *page, const struct metrics *m)
{
	begin_family(page, METRIC_TEARDOWN);
	write_histogram(page, &m->teardown, &teardown_buckets, NULL);
	begin_family(page, METRIC_CLOSE_WAIT);
	for (int s = 0; s < 2; s++)
		write_histogram(page, &m->close_wait[s], &close_wait_buckets, side_name((enum side)s));
}

static uint64_t most(uint64_t *seen, uint64_t n)
{
	if (n > *seen)
		*seen = n;
	return *seen;
}

static void write_capture(struct page *page, struct metrics *m, const struct metrics_input *input)
{
	struct metrics_input *seen = &m->most;

	one(page, METRIC_PACKETS, most(&seen->packets, input->packets));
	one(page, METRIC_SEGMENTS, most(&seen->tracker.segments, input->tracker.segments));
	one(page, METRIC_DUPLICATES, most(&seen->tracker.duplicates, input->tracker.duplicates));
	begin_family(page, METRIC_DROPPED);
	sample(page, "_total");
	label(page, "by", "kernel");
	value(page, most(&seen->loss.kernel, input->loss.kernel));
	sample(page, "_total");
	label(page, "by", "interface");
	value(page, most(&seen->loss.interface, input->loss.interface));
	one(page, METRIC_FLOWS, input->tracker.flows);
	one(page, METRIC_FLOWS_MOST, input->max_flows);
	one(page, METRIC_EVICTED, most(&seen->tracker.evicted, input->tracker.evicted));
	one(page, METRIC_MEMORY, input->tracker.memory);
	if (input->queue_known)
		one(page, METRIC_QUEUE, input->queue_packets);
	one(page, METRIC_ROWS, most(&seen->rows_written, input->rows_written));
	one(page, METRIC_ROWS_LOST, most(&seen->rows_lost, input->rows_lost));
}

static void write_process(struct page *page, const struct metrics *m, const struct metrics_input *input)
{
	begin_family(page, METRIC_BUILD);
	sample(page, "_info");
	label(page, "version", LASTACK_VERSION);
	value(page, 1);
	if (input->resident > 0)
		one(page, METRIC_RESIDENT, input->resident);
	begin_family(page, METRIC_STARTED);
	sample(page, "");
	value_seconds(page, m->options.started.ns);
}

void metrics_write(struct metrics *m, enum metrics_format format, const struct metrics_input *input,
		   struct text *text)
{
	struct page page = { .text = text, .open = format == METRICS_OPENMETRICS, .before_label = "" };
	const struct census_counts *counts = census_counts(m->census);

	write_closed(&page, m);
	write_states(&page, METRIC_ENTERED, counts->entered);
	write_states(&page, METRIC_ENDS, counts->now);
	write_time_wait(&page, m, input->now);
	write_oldest(&page, m, input->now);
	one(&page, METRIC_PORTS, m->options.ports);
	write_histograms(&page, m);
	one(&page, METRIC_LOST, m->lost_bytes);
	one(&page, METRIC_RST_IGNORED, m->rst_ignored);
	write_capture(&page, m, input);
	write_process(&page, m, input);
	if (page.open)
		text_string(text, "# EOF\n");
}
