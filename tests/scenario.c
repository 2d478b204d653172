/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scenario.c - reads the notation of scenario.h into segments, without a byte of wire format. */
#include "scenario.h"

#include <string.h>

#include "scenario_habits.h"
#include "scenario_words.h"

static const int64_t START_NS = 1700000000LL * 1000000000;
static const int64_t STEP_NS = 5 * 1000000;
static const int64_t DUPLICATE_NS = 50 * 1000;

enum { CLIENT_PORT = 40000, SERVER_PORT = 443 };

/* What one end of one pair has done so far. */
struct speaker {
	uint32_t base; /* its ISN */
	int64_t next;  /* relative, highest sent and one */
	bool spoke;
};

struct reader {
	const struct scenario *scenario;
	const struct scenario_way *way;
	struct scenario_steps *steps;
	struct words in;
	struct moment now;
	uint64_t packets;
	struct habits habits[2];
	int pair;
	struct speaker speaker[SCENARIO_PAIRS_MAX][2];
};

/* Hosts and ISNs of a way. */

static struct host address(const struct scenario_way *way, bool higher)
{
	struct host h = { .addr = { [10] = 0xff, [11] = 0xff, [12] = 10, [13] = 9 } };
	static const uint8_t prefix[] = { 0x20, 0x01, 0x0d, 0xb8 };

	if (way->ipv6) {
		memset(h.addr, 0, sizeof h.addr);
		memcpy(h.addr, prefix, sizeof prefix);
	}
	h.addr[15] = higher ? 200 : 3;
	return h;
}

static struct host host_of(const struct reader *r, enum side side)
{
	return address(r->way, (side == CLIENT) == r->way->client_higher);
}

static uint16_t port_of(const struct reader *r, enum side side)
{
	const struct scenario *s = r->scenario;

	if (side == CLIENT)
		return (uint16_t)((s->client_port ? s->client_port : CLIENT_PORT) + r->pair);
	return (uint16_t)(s->server_port ? s->server_port : SERVER_PORT);
}

static void set_isns(struct reader *r)
{
	for (uint32_t pair = 0; pair < SCENARIO_PAIRS_MAX; pair++) {
		r->speaker[pair][CLIENT].base = r->way->wrap ? 0xffffffff - pair : 1013904223 + pair * 64000;
		r->speaker[pair][SERVER].base = r->way->wrap ? 0xfffffff0 - pair : 2654435769 + pair * 64000;
	}
}

/* Segments. */

static struct scenario_step *add_step(struct reader *r)
{
	if (r->steps->count == SCENARIO_STEPS_MAX) {
		words_fail(&r->in, "too many steps");
		return NULL;
	}
	return &r->steps->step[r->steps->count++];
}

/* Only so that frames that differ have different checksums. */
static uint16_t pseudo_checksum(const struct segment *s)
{
	uint32_t sum = s->seq.n * 31 + s->ack.n * 17 + s->tsval * 7 + s->len * 5 + s->flags * 3U + s->window +
		       s->sport;

	return (uint16_t)(sum ^ sum >> 16);
}

static bool emit(struct reader *r, const struct segment *segment)
{
	struct scenario_step *step = add_step(r);

	if (!step)
		return false;
	step->at = r->now;
	step->segment = *segment;
	step->segment.at = r->now;
	step->segment.packet = ++r->packets;
	return true;
}

static struct segment blank_segment(const struct reader *r, enum side from)
{
	struct segment s = {
		.src = host_of(r, from),
		.dst = host_of(r, other(from)),
		.sport = port_of(r, from),
		.dport = port_of(r, other(from)),
		.bits = r->way->ipv6 ? SEGMENT_IPV6 : SEGMENT_DF,
		.ttl = 64,
	};

	return s;
}

/* The habits of its host for what the script does not say. */
static void set_habits(struct reader *r, enum side from, struct segment *s)
{
	bool reset = s->flags & TCP_RST, spoke = r->speaker[r->pair][from].spoke;

	habits_apply(&r->habits[from], s, (uint32_t)(r->now.ns / 1000000) + 77777U * (unsigned)from,
		     !reset || ((s->flags & TCP_ACK) && spoke));
}

static bool take_sack(struct reader *r, enum side from, struct segment *s)
{
	int64_t left, right;

	if (!words_take_number(&r->in, &left) || !words_take_char(&r->in, ':') ||
	    !words_take_number(&r->in, &right))
		return words_fail(&r->in, "sack wants LEFT:RIGHT");
	s->bits |= SEGMENT_SACK;
	s->sack_right = r->speaker[r->pair][other(from)].base + (uint32_t)right;
	return true;
}

/* Between quotes: what a RST says in its payload (RFC 9293 3.10.7.4, RFC 1122 4.2.2.12). */
static bool take_text(struct reader *r, struct segment *s)
{
	size_t n = 0;

	if (!words_take_char(&r->in, '\''))
		return words_fail(&r->in, "text wants 'WORDS'");
	while (r->in.at[n] != '\'' && r->in.at[n] != '\0' && n < s->len && n < SEGMENT_TEXT_MAX)
		n++;
	if (r->in.at[n] != '\'' || !(s->flags & TCP_RST))
		return words_fail(&r->in, "a text is as long as the RST's payload at most");
	memcpy(s->says.rst.text, r->in.at, n);
	s->says.rst.text_len = (uint8_t)n;
	r->in.at += n + 1;
	return true;
}

static bool take_option(struct reader *r, enum side from, struct segment *s)
{
	int64_t n;

	if (habits_take_option(s, &r->in))
		return true;
	if (words_take(&r->in, "sack"))
		return take_sack(r, from, s);
	if (words_take(&r->in, "text"))
		return take_text(r, s);
	if (words_take(&r->in, "unmatched")) {
		s->bits |= SEGMENT_UNMATCHED;
	} else if (words_take(&r->in, "nowscale")) {
		s->bits = (uint16_t)(s->bits & ~SEGMENT_WSCALE);
		s->wscale = 0;
	} else if (words_take(&r->in, "wscale") && words_need_number(&r->in, &n, UINT8_MAX)) {
		s->wscale = (uint8_t)n;
	} else if (words_take(&r->in, "mptcp") && words_need_number(&r->in, &n, UINT8_MAX)) {
		s->bits |= SEGMENT_MPTCP_RST;
		s->says.rst.mptcp_reason = (uint8_t)n;
	} else {
		return words_fail(&r->in, "an option that scenario.h does not know");
	}
	return true;
}

static bool take_flags(struct reader *r, uint8_t *flags)
{
	static const char letters[] = "FSRP.UEW"; /* by bit */
	const char *letter;

	words_end(&r->in);
	*flags = 0;
	for (; *r->in.at && (letter = strchr(letters, *r->in.at)) != NULL; r->in.at++)
		*flags = (uint8_t)(*flags | 1U << (letter - letters));
	return *flags != 0 || words_fail(&r->in, "flags are missing");
}

/* SEQ[:END[(LEN)]] */
static bool take_range(struct reader *r, int64_t *seq, int64_t *len)
{
	int64_t end;

	*len = 0;
	if (!words_take_number(&r->in, seq))
		return true;
	if (!words_take_char(&r->in, ':'))
		return true;
	if (!words_take_number(&r->in, &end) || end < *seq)
		return words_fail(&r->in, "the range ends before it begins");
	*len = end - *seq;
	if (words_take_char(&r->in, '(') &&
	    (!words_take_number(&r->in, &end) || end != *len || !words_take_char(&r->in, ')')))
		return words_fail(&r->in, "the length is not that of the range");
	return true;
}

static bool take_ack(struct reader *r, enum side from, struct segment *s)
{
	int64_t ack;
	bool said = words_take(&r->in, "ack");

	if (said != ((s->flags & TCP_ACK) != 0))
		return words_fail(&r->in, "'.' and ack go together");
	if (!said)
		return true;
	if (!words_take_number(&r->in, &ack))
		return words_fail(&r->in, "ack wants a number");
	s->ack.n = r->speaker[r->pair][other(from)].base + (uint32_t)ack;
	return true;
}

static bool read_segment(struct reader *r, enum side from)
{
	struct speaker *me = &r->speaker[r->pair][from];
	struct segment s = blank_segment(r, from);
	int64_t seq = me->next, len, end;

	if (!take_flags(r, &s.flags) || !take_range(r, &seq, &len) || !take_ack(r, from, &s))
		return false;
	s.seq.n = me->base + (uint32_t)seq;
	s.len = (uint32_t)len;
	set_habits(r, from, &s);
	while (!words_end(&r->in))
		if (!take_option(r, from, &s))
			return false;
	s.checksum = pseudo_checksum(&s);
	end = seq + len + (s.flags & TCP_SYN ? 1 : 0) + (s.flags & TCP_FIN ? 1 : 0);
	if (!(s.flags & TCP_RST)) {
		me->spoke = true;
		if (end > me->next)
			me->next = end;
	}
	return emit(r, &s);
}

/* ICMP errors. */

static const struct icmp_kind {
	const char *name;
	struct {
		uint8_t type, code;
	} v4, v6; /* RFC 792, RFC 4443 */
} icmp_kinds[] = {
	{ .name = "net", .v4 = { 3, 0 }, .v6 = { 1, 0 } },
	{ .name = "host", .v4 = { 3, 1 }, .v6 = { 1, 3 } },
	{ .name = "port", .v4 = { 3, 3 }, .v6 = { 1, 4 } },
	{ .name = "too-big", .v4 = { 3, 4 }, .v6 = { 2, 0 } },
	{ .name = "time-exceeded", .v4 = { 11, 0 }, .v6 = { 3, 0 } },
};

static bool take_icmp_kind(struct reader *r, struct segment *s)
{
	int64_t type, code;

	for (size_t i = 0; i < sizeof icmp_kinds / sizeof *icmp_kinds; i++) {
		const struct icmp_kind *kind = &icmp_kinds[i];

		if (!words_take(&r->in, kind->name))
			continue;
		s->says.icmp.type = r->way->ipv6 ? kind->v6.type : kind->v4.type;
		s->says.icmp.code = r->way->ipv6 ? kind->v6.code : kind->v4.code;
		return true;
	}
	if (!words_need_number(&r->in, &type, UINT8_MAX) || !words_take_char(&r->in, '/') ||
	    !words_need_number(&r->in, &code, UINT8_MAX))
		return words_fail(&r->in, "an ICMP error that scenario.h does not know");
	s->says.icmp.type = (uint8_t)type;
	s->says.icmp.code = (uint8_t)code;
	return true;
}

/* RFC 4443 quotes all that fits, RFC 792 the ports and the sequence number. */
static void quote_rest(const struct reader *r, struct segment *s)
{
	for (size_t i = r->steps->count; i-- > 0;) {
		const struct segment *sent = &r->steps->step[i].segment;

		if (r->steps->step[i].tick || sent->kind != SEGMENT_TCP || sent->seq.n != s->seq.n ||
		    sent->sport != s->sport || memcmp(&sent->src, &s->src, sizeof s->src) != 0)
			continue;
		s->flags = sent->flags;
		s->ack = sent->ack;
		s->len = sent->len;
		return;
	}
}

static bool read_icmp(struct reader *r, enum side from)
{
	struct segment s = blank_segment(r, other(from));
	int64_t seq;

	s.kind = SEGMENT_ICMP;
	s.says.icmp.reporter = s.dst;
	s.says.icmp.reporter.addr[15] = 254;
	if (!take_icmp_kind(r, &s))
		return false;
	if (!words_take(&r->in, "quoting") || !words_take_number(&r->in, &seq))
		return words_fail(&r->in, "an ICMP error wants 'quoting SEQ'");
	s.seq.n = r->speaker[r->pair][other(from)].base + (uint32_t)seq;
	if (r->way->ipv6)
		quote_rest(r, &s);
	return emit(r, &s);
}

/* Events. */

static bool read_duplicate(struct reader *r)
{
	struct segment s;

	if (r->steps->count == 0 || r->steps->step[r->steps->count - 1].tick)
		return words_fail(&r->in, "nothing to duplicate");
	s = r->steps->step[r->steps->count - 1].segment;
	while (!words_end(&r->in))
		if (!take_option(r, CLIENT, &s))
			return false;
	return emit(r, &s);
}

static bool read_tick(struct reader *r)
{
	struct scenario_step *step;
	int64_t ns;

	if (!words_need_seconds(&r->in, &ns))
		return false;
	step = add_step(r);
	if (!step)
		return false;
	r->now.ns += ns;
	step->tick = true;
	step->at = r->now;
	return true;
}

static bool read_lost(struct reader *r)
{
	struct scenario_step *step;
	int64_t ns;

	if (!words_need_seconds(&r->in, &ns))
		return false;
	step = add_step(r);
	if (!step)
		return false;
	step->tick = true;
	step->at = r->now;
	step->lost = ns;
	return true;
}

/* Events that stand for several segments. */
static const struct exchange {
	const char *name;
	struct {
		enum side from;
		const char *text; /* NULL = no more */
	} segment[7];
} exchanges[] = {
	{ "open", { { CLIENT, "S 0" }, { SERVER, "S. 0 ack 1" }, { CLIENT, ". 1 ack 1" } } },
	{ "talk",
	  { { CLIENT, "S 0" },
	    { SERVER, "S. 0 ack 1" },
	    { CLIENT, ". 1 ack 1" },
	    { CLIENT, "P. 1:101 ack 1" },
	    { SERVER, "P. 1:201 ack 101" },
	    { CLIENT, ". 101 ack 201" } } },
};

static bool read_exchange(struct reader *r, const struct exchange *e)
{
	const char *rest = r->in.at;

	for (size_t i = 0; e->segment[i].text; i++) {
		r->now.ns += i ? STEP_NS : 0;
		r->in.at = e->segment[i].text;
		if (!read_segment(r, e->segment[i].from))
			return false;
	}
	r->in.at = rest;
	return true;
}

static bool read_habits(struct reader *r)
{
	enum side side = words_take(&r->in, "client") ? CLIENT : SERVER;

	if (side == SERVER && !words_take(&r->in, "server"))
		return words_fail(&r->in, "habits are the client's or the server's");
	while (!words_end(&r->in))
		if (!habits_take(&r->habits[side], &r->in))
			return false;
	return true;
}

static bool read_new(struct reader *r)
{
	int64_t n;

	if (!words_need_number(&r->in, &n, UINT32_MAX))
		return false;
	for (int side = CLIENT; side <= SERVER; side++) {
		struct speaker *s = &r->speaker[r->pair][side];

		*s = (struct speaker){ .base = s->base + (uint32_t)n };
	}
	return true;
}

static bool read_pair(struct reader *r)
{
	int64_t n;

	if (!words_need_number(&r->in, &n, SCENARIO_PAIRS_MAX - 1))
		return false;
	r->pair = (int)n;
	return true;
}

/* What moves the clock by a step of its own. */
static bool read_frame(struct reader *r, int64_t step)
{
	if (words_take_char(&r->in, '=')) {
		r->now.ns += step >= 0 ? step : DUPLICATE_NS;
		return read_duplicate(r);
	}
	r->now.ns += step >= 0 ? step : STEP_NS;
	for (size_t i = 0; i < sizeof exchanges / sizeof *exchanges; i++)
		if (words_take(&r->in, exchanges[i].name))
			return read_exchange(r, &exchanges[i]);
	if (words_take_char(&r->in, '>'))
		return words_take(&r->in, "icmp") ? read_icmp(r, CLIENT) : read_segment(r, CLIENT);
	if (words_take_char(&r->in, '<'))
		return words_take(&r->in, "icmp") ? read_icmp(r, SERVER) : read_segment(r, SERVER);
	return words_fail(&r->in, "an event that scenario.h does not know");
}

static bool read_event(struct reader *r)
{
	int64_t step = -1;

	if (words_take(&r->in, "habits"))
		return read_habits(r);
	if (words_take(&r->in, "new"))
		return read_new(r);
	if (words_take(&r->in, "pair"))
		return read_pair(r);
	if (words_take(&r->in, "lost"))
		return read_lost(r);
	if (words_take_char(&r->in, '~'))
		return read_tick(r);
	if (words_take_char(&r->in, '+') && !words_need_seconds(&r->in, &step))
		return false;
	return read_frame(r, step);
}

static bool read_script(struct reader *r)
{
	for (;;) {
		if (!words_end(&r->in) && !read_event(r))
			return false;
		if (!words_end(&r->in))
			return words_fail(&r->in, "something follows the event");
		if (*r->in.at == '\0')
			return true;
		r->in.at++;
		r->steps->line++;
	}
}

bool scenario_read(const struct scenario *scenario, const struct scenario_way *way,
		   struct scenario_steps *steps)
{
	struct reader r = {
		.scenario = scenario,
		.way = way,
		.steps = steps,
		.in = { .at = scenario->script },
		.now = { START_NS },
		.habits = { habits_linux(20000), habits_linux(50000) },
	};

	_Static_assert(SERVER == 1, "habits[] is by side");
	*steps = (struct scenario_steps){ .line = 1 };
	set_isns(&r);
	if (read_script(&r))
		return true;
	steps->error = r.in.error;
	return false;
}
