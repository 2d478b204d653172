/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ladder_draw.c - see ladder_draw.h. A line: mark, packet, time since the connection began, time since its
 * packet before, the client's state where it changed, an arrow with the segment in tcpdump's notation, the
 * server's state.
 */
#include "ui/ladder_draw.h"

#include "ui/format.h"
#include "ui/plain.h"

#define NS_PER_S INT64_C(1000000000)

enum {
	TIME_WIDTH = 8,
	DELTA_WIDTH = 6,
	STATE_WIDTH_LEAST = 6, /* "client", "server" */
	ARROW_WIDTH_MOST = 64, /* more is only longer */
	TEXT_SIZE = 160,       /* of what stands on an arrow */
};

/* The characters that lines are drawn with. */
struct strokes {
	const char *pillar, *dash, *left, *right;
};

static const struct strokes ascii = { "|", "-", "<", ">" };
static const struct strokes unicode = { "\u2502", "\u2500", "\u25c0", "\u25b6" };

struct drawing {
	struct page *page;
	const struct ladder *ladder;
	const struct strokes *strokes;
	int packet_width, arrow_width, state_width[2];
	uint8_t state[2];     /* as last shown */
	struct moment before; /* the segment before */
	uint8_t marks;	      /* of all lines */
	bool any;
};

/* ---- what stands on an arrow ---- */

static void put_flags(struct text *text, uint8_t flags)
{
	static const struct {
		uint8_t flag;
		char letter;
	} letters[] = { /* in tcpdump's order */
			{ TCP_FIN, 'F' }, { TCP_SYN, 'S' }, { TCP_RST, 'R' }, { TCP_PSH, 'P' },
			{ TCP_ACK, '.' }, { TCP_URG, 'U' }, { TCP_ECE, 'E' }, { TCP_CWR, 'W' }
	};

	for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
		if (flags & letters[i].flag)
			text_char(text, letters[i].letter);
	if (flags == 0)
		text_string(text, "none");
}

/* A number relative to its side's first; below that with a minus sign, as far as it can be told. */
static void put_seq(struct text *text, struct seq seq, struct seq base)
{
	int32_t ahead = seq_diff(seq, base);

	if (ahead < 0 && ahead > -65536) {
		text_char(text, '-');
		text_number(text, (uint64_t)-ahead);
	} else {
		text_number(text, (uint32_t)(seq.n - base.n));
	}
}

enum detail { ALL, NO_END, NO_ACK, DETAILS };

static void put_segment(struct text *text, const struct ladder *l, const struct rung *r, enum detail detail)
{
	enum side me = (enum side)r->side;
	struct seq base = ladder_base(l, me);
	/* Another attempt has numbers of its own. */
	bool counts = r->len > 0 || r->notes || (r->flags & (TCP_SYN | TCP_FIN | TCP_RST));

	if (r->notes & RUNG_ATTEMPT)
		base = r->seq;
	put_flags(text, r->flags);
	if (counts) {
		text_char(text, ' ');
		put_seq(text, r->seq, base);
		if (detail == ALL) {
			text_char(text, ':');
			put_seq(text, seq_plus(r->seq, r->len), base);
		}
		text_char(text, '(');
		text_number(text, r->len);
		text_char(text, ')');
	}
	if ((r->flags & TCP_ACK) && detail != NO_ACK) {
		text_string(text, " ack ");
		put_seq(text, r->ack, ladder_base(l, other(me)));
	}
}

static void put_notes(struct text *text, const struct rung *r)
{
	if (r->notes & RUNG_AGAIN)
		text_string(text, " again");
	if (r->notes & RUNG_PROBE)
		text_string(text, " probe");
	if (r->notes & RUNG_FILLS)
		text_string(text, " late");
	if (r->notes & RUNG_ATTEMPT)
		text_string(text, " new");
	if (r->window == 0 && !(r->flags & TCP_RST))
		text_string(text, " win 0");
	if (r->copies > 0) {
		text_string(text, " x");
		text_number(text, r->copies + 1);
	}
}

/* What the commonest ICMP errors are called (RFC 792, RFC 4443). */
static const struct {
	bool ipv6;
	uint8_t type, code;
	const char *name;
} icmp_names[] = {
	{ false, 3, 0, "net unreachable" },
	{ false, 3, 1, "host unreachable" },
	{ false, 3, 2, "protocol unreachable" },
	{ false, 3, 3, "port unreachable" },
	{ false, 3, 9, "net prohibited" },
	{ false, 3, 10, "host prohibited" },
	{ false, 3, 13, "prohibited" },
	{ false, 11, 0, "time exceeded" },
	{ true, 1, 0, "no route" },
	{ true, 1, 1, "prohibited" },
	{ true, 1, 3, "address unreachable" },
	{ true, 1, 4, "port unreachable" },
	{ true, 1, 5, "policy" },
	{ true, 1, 6, "reject route" },
	{ true, 3, 0, "time exceeded" },
};

static void put_icmp(struct text *text, const struct drawing *d, const struct rung *r, bool named)
{
	bool ipv6 = !host_is_ipv4(&ladder_record(d->ladder)->host[CLIENT]);

	text_string(text, ipv6 ? "ICMPv6 " : "ICMP ");
	text_number(text, r->icmp_type);
	text_char(text, '/');
	text_number(text, r->icmp_code);
	for (size_t i = 0; named && i < sizeof icmp_names / sizeof *icmp_names; i++) {
		if (icmp_names[i].ipv6 != ipv6 || icmp_names[i].type != r->icmp_type ||
		    icmp_names[i].code != r->icmp_code)
			continue;
		text_char(text, ' ');
		text_string(text, icmp_names[i].name);
	}
}

/* As much as fits on an arrow. */
static void put_label(struct text *text, const struct drawing *d, const struct rung *r)
{
	for (enum detail detail = ALL; detail < DETAILS; detail++) {
		text->length = 0;
		if (r->kind == SEGMENT_ICMP)
			put_icmp(text, d, r, detail == ALL);
		else
			put_segment(text, d->ladder, r, detail);
		if (r->kind == SEGMENT_TCP)
			put_notes(text, r);
		if (text->length + 4 <= (size_t)d->arrow_width)
			return;
	}
	text->length = (size_t)d->arrow_width - 4;
}

/* ---- a line ---- */

static void repeat(struct page *page, const char *what, int n)
{
	for (int i = 0; i < n; i++)
		fputs(what, page->out);
}

static enum page_colour colour_of(const struct rung *r)
{
	if (r->kind == SEGMENT_ICMP || (r->flags & TCP_RST))
		return PAGE_BAD;
	if (r->notes)
		return PAGE_WARN;
	if (r->flags & TCP_FIN)
		return PAGE_CALM;
	return r->flags & TCP_SYN ? PAGE_GOOD : PAGE_PLAIN;
}

/* Towards the other side; of an ICMP error: towards the one that it tells, from somewhere on the way. */
static void draw_arrow(struct drawing *d, const struct rung *r)
{
	const struct strokes *strokes = d->strokes;
	const char *tail = r->kind == SEGMENT_ICMP ? "x" : strokes->dash;
	bool to_right = (r->side == CLIENT) == (r->kind == SEGMENT_TCP);
	char bytes[TEXT_SIZE];
	struct text text = { .bytes = bytes, .size = sizeof bytes - 1 };
	int rest;

	put_label(&text, d, r);
	text_end(&text);
	rest = d->arrow_width - 4 - (int)text.length;
	fputs(page_on(d->page, colour_of(r)), d->page->out);
	if (to_right) {
		fprintf(d->page->out, "%s %s ", tail, bytes);
		repeat(d->page, strokes->dash, rest);
		fputs(strokes->right, d->page->out);
	} else {
		fputs(strokes->left, d->page->out);
		repeat(d->page, strokes->dash, rest);
		fprintf(d->page->out, " %s %s", bytes, tail);
	}
	if (colour_of(r) != PAGE_PLAIN)
		fputs(page_off(d->page), d->page->out);
}

/* Eight characters: seconds with as many digits as there is room for. */
static void put_time(struct text *text, int64_t ns)
{
	size_t from = text->length;
	char bytes[32];
	struct text digits = { .bytes = bytes, .size = sizeof bytes };

	text_seconds(&digits, ns > 0 ? ns : 0);
	if (digits.length > TIME_WIDTH)
		digits.length = TIME_WIDTH;
	if (bytes[digits.length - 1] == '.')
		digits.length--;
	text_bytes(text, bytes, digits.length);
	text_pad_left(text, from, TIME_WIDTH);
}

static char mark_of(uint8_t marks)
{
	if (marks & RUNG_CLOSING)
		return '*';
	if (marks & RUNG_TRIGGER)
		return '!';
	return marks & RUNG_EVIDENCE ? '+' : ' ';
}

static void draw_numbers(struct drawing *d, const struct rung *r)
{
	const struct record *record = ladder_record(d->ladder);
	char bytes[TEXT_SIZE];
	struct text text = { .bytes = bytes, .size = sizeof bytes };
	size_t from;

	text_char(&text, mark_of(r->marks));
	from = text.length;
	text_number(&text, r->packet);
	text_pad_left(&text, from, (size_t)d->packet_width);
	text_char(&text, ' ');
	put_time(&text, r->at.ns - record->start.ns);
	text_char(&text, ' ');
	from = text.length;
	if (d->any)
		text_short_time(&text, r->at.ns - d->before.ns);
	else
		text_char(&text, '-');
	text_pad_left(&text, from, DELTA_WIDTH);
	fprintf(d->page->out, "%s ", text_end(&text));
}

/* The name of a state that is new, else "". */
static const char *new_state(struct drawing *d, const struct rung *r, enum side side)
{
	if (d->any && d->state[side] == r->state[side])
		return "";
	d->state[side] = r->state[side];
	return r->state[side] == STATE_UNKNOWN ? "" : state_words[r->state[side]].name;
}

static void draw_rung(struct drawing *d, const struct rung *r)
{
	FILE *out = d->page->out;
	const char *server;

	draw_numbers(d, r);
	fprintf(out, "%*s%s", d->state_width[CLIENT], new_state(d, r, CLIENT), d->strokes->pillar);
	draw_arrow(d, r);
	server = new_state(d, r, SERVER);
	fprintf(out, "%s%s\n", d->strokes->pillar, server);
	d->before = r->at;
	d->marks |= r->marks;
	d->any = true;
}

/* ---- a fold ---- */

/* Who sent how much: only the side that did. */
static void put_bytes(struct text *text, const struct fold *fold)
{
	static const char *const from[] = { [CLIENT] = " from the client", [SERVER] = " from the server" };

	for (int side = CLIENT; side <= SERVER; side++) {
		if (fold->bytes[side] == 0)
			continue;
		text_string(text, ", ");
		text_string(text, plain_bytes(fold->bytes[side]).s);
		text_string(text, from[side]);
	}
}

static void put_fold(struct text *text, const struct fold *fold, bool parts)
{
	text->length = 0;
	text_string(text, plain_count(fold->segments, "segment", "segments").s);
	if (parts) {
		put_bytes(text, fold);
	} else if (fold->bytes[CLIENT] + fold->bytes[SERVER] > 0) {
		text_string(text, ", ");
		text_string(text, plain_bytes(fold->bytes[CLIENT] + fold->bytes[SERVER]).s);
	}
	if (fold->repeats > 0) {
		text_string(text, ", ");
		text_string(text, plain_number(fold->repeats).s);
		text_string(text, " again");
	}
	text_string(text, ", ");
	text_string(text, plain_duration(fold->last.ns - fold->first.ns).s);
}

static void draw_fold(struct drawing *d, const struct fold *fold)
{
	int indent = 1 + d->packet_width + 1;
	size_t room = (size_t)(d->page->columns - indent - 8);
	char bytes[TEXT_SIZE];
	struct text text = { .bytes = bytes, .size = sizeof bytes - 1 };

	put_fold(&text, fold, true);
	if (text.length > room)
		put_fold(&text, fold, false);
	fprintf(d->page->out, "%*s... %s ...\n", indent, "", text_end(&text));
	d->before = fold->last;
}

/* ---- the whole ---- */

static void fit(int *width, uint8_t state)
{
	int length = (int)strlen(state_words[state].name);

	if (length > *width)
		*width = length;
}

/* Columns are as wide as what they hold; the arrows take the rest. */
static void measure(struct drawing *d)
{
	uint64_t packet = ladder_record(d->ladder)->last_packet;

	d->state_width[CLIENT] = d->state_width[SERVER] = STATE_WIDTH_LEAST;
	d->packet_width = 3;
	for (uint64_t n = 1000; n <= packet && d->packet_width < 20; n *= 10)
		d->packet_width++;
	for (size_t i = 0; i < ladder_count(d->ladder); i++) {
		const struct ladder_line *line = ladder_line(d->ladder, i);

		for (int side = CLIENT; side <= SERVER && !line->folded; side++)
			fit(&d->state_width[side], line->rung.state[side]);
	}
	d->arrow_width = d->page->columns - (1 + d->packet_width + 1 + TIME_WIDTH + 1 + DELTA_WIDTH + 1) -
			 d->state_width[CLIENT] - d->state_width[SERVER] - 2;
	if (d->arrow_width > ARROW_WIDTH_MOST)
		d->arrow_width = ARROW_WIDTH_MOST;
}

static void draw_heading(struct drawing *d)
{
	fprintf(d->page->out, " %*s %*s %*s %*s%*s%s\n", d->packet_width, "#", TIME_WIDTH, "time",
		DELTA_WIDTH, "delta", d->state_width[CLIENT], "client", d->arrow_width + 2, "", "server");
}

static void draw_legend(struct drawing *d)
{
	static const struct {
		uint8_t mark;
		const char *text;
	} legend[] = {
		{ RUNG_TRIGGER, "  ! what that answers" },
		{ RUNG_EVIDENCE, "  + evidence" },
	};
	enum close close = ladder_record(d->ladder)->close;
	bool only_began = close == CLOSE_VANISHED || close == CLOSE_CLOSING || close == CLOSE_HALF_CLOSED;

	if (d->marks == 0)
		return;
	if (d->marks & RUNG_CLOSING)
		fputs(only_began ? "  * began the closing" : "  * decided it", d->page->out);
	for (size_t i = 0; i < sizeof legend / sizeof *legend; i++)
		if (d->marks & legend[i].mark)
			fputs(legend[i].text, d->page->out);
	fputc('\n', d->page->out);
}

void ladder_draw(struct page *page, const struct ladder *ladder)
{
	struct drawing d = {
		.page = page,
		.ladder = ladder,
		.strokes = page->utf8 ? &unicode : &ascii,
	};

	measure(&d);
	draw_heading(&d);
	for (size_t i = 0; i < ladder_count(ladder); i++) {
		const struct ladder_line *line = ladder_line(ladder, i);

		if (line->folded)
			draw_fold(&d, &line->fold);
		else
			draw_rung(&d, &line->rung);
	}
	draw_legend(&d);
}
