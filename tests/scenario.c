/* SPDX-License-Identifier: GPL-2.0-or-later */
/* scenario.c - reads the notation of scenario.h into segments, without a byte of wire format. */
#include "scenario.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const int64_t START_NS = 1700000000LL * 1000000000;
static const int64_t STEP_NS = 5 * 1000000;
static const int64_t DUPLICATE_NS = 50 * 1000;

enum { CLIENT_PORT = 40000, SERVER_PORT = 443, WORD_MAX = 32 };

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
	const char *at; /* in the script */
	struct moment now;
	uint64_t packets;
	uint16_t id[2];
	int pair;
	struct speaker speaker[SCENARIO_PAIRS_MAX][2];
};

static bool fail(struct reader *r, const char *why)
{
	if (!r->steps->error)
		r->steps->error = why;
	return false;
}

/* Words. */

static bool at_end_of_line(struct reader *r)
{
	while (*r->at == ' ' || *r->at == '\t')
		r->at++;
	if (*r->at == '#')
		r->at += strcspn(r->at, "\n");
	return *r->at == '\0' || *r->at == '\n' || *r->at == ';';
}

static bool take_word(struct reader *r, const char *word)
{
	size_t n = strlen(word);

	if (at_end_of_line(r) || strncmp(r->at, word, n) != 0 || isalnum((unsigned char)r->at[n]) ||
	    r->at[n] == '-')
		return false;
	r->at += n;
	return true;
}

static bool take_char(struct reader *r, char c)
{
	if (at_end_of_line(r) || *r->at != c)
		return false;
	r->at++;
	return true;
}

static bool take_number(struct reader *r, int64_t *value)
{
	char *end;

	if (at_end_of_line(r) || !(isdigit((unsigned char)*r->at) || *r->at == '-'))
		return false;
	*value = strtoll(r->at, &end, 10);
	if (end == r->at)
		return false;
	r->at = end;
	return true;
}

static bool need_number(struct reader *r, int64_t *value, int64_t max)
{
	if (!take_number(r, value) || *value < 0 || *value > max)
		return fail(r, "a number is missing or out of range");
	return true;
}

/* Seconds with a fraction, as nanoseconds. */
static bool need_seconds(struct reader *r, int64_t *ns)
{
	char *end;
	double seconds;

	if (at_end_of_line(r))
		return fail(r, "seconds are missing");
	seconds = strtod(r->at, &end);
	if (end == r->at || seconds < 0)
		return fail(r, "seconds are missing");
	*ns = (int64_t)(seconds * 1e6 + 0.5) * 1000;
	r->at = *end == 's' ? end + 1 : end;
	return true;
}

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
		fail(r, "too many steps");
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

static void answer_without_socket(struct segment *s)
{
	s->window = 0;
	s->ip_id = 0;
	s->bits = (uint16_t)(s->bits & ~SEGMENT_TIMESTAMPS);
	s->tsval = 0;
	if (s->flags & TCP_ACK) /* RFC 9293 3.5.2, group 1 */
		s->seq.n = 0;
}

/* The habits of Linux for what the script does not say. */
static void set_habits(struct reader *r, enum side from, struct segment *s)
{
	const struct speaker *me = &r->speaker[r->pair][from];

	s->window = s->flags & TCP_SYN ? 64240 : 500;
	s->bits |= SEGMENT_TIMESTAMPS;
	s->tsval = (uint32_t)(r->now.ns / 1000000) + 77777U * (unsigned)from;
	if (s->flags & TCP_SYN) {
		s->bits |= SEGMENT_WSCALE;
		s->wscale = 7;
	}
	if (s->flags & TCP_RST && (!(s->flags & TCP_ACK) || !me->spoke))
		answer_without_socket(s);
	else if (!r->way->ipv6 && (s->flags & (TCP_SYN | TCP_ACK)) != (TCP_SYN | TCP_ACK))
		s->ip_id = ++r->id[from];
}

static bool take_sack(struct reader *r, enum side from, struct segment *s)
{
	int64_t left, right;

	if (!take_number(r, &left) || !take_char(r, ':') || !take_number(r, &right))
		return fail(r, "sack wants LEFT:RIGHT");
	s->bits |= SEGMENT_SACK;
	s->sack_right = r->speaker[r->pair][other(from)].base + (uint32_t)right;
	return true;
}

static void make_foreign(const struct reader *r, struct segment *s)
{
	s->ttl = 37;
	s->ip_id = r->way->ipv6 ? 0 : 4660;
	s->window = 0;
	s->bits = (uint16_t)(s->bits & ~SEGMENT_TIMESTAMPS);
	s->tsval = 0;
}

/* Options without a number. */
static bool take_plain_option(struct reader *r, struct segment *s)
{
	if (take_word(r, "nots")) {
		s->bits = (uint16_t)(s->bits & ~SEGMENT_TIMESTAMPS);
		s->tsval = 0;
	} else if (take_word(r, "nowscale")) {
		s->bits = (uint16_t)(s->bits & ~SEGMENT_WSCALE);
		s->wscale = 0;
	} else if (take_word(r, "reply")) {
		answer_without_socket(s);
	} else if (take_word(r, "foreign")) {
		make_foreign(r, s);
	} else if (take_word(r, "unmatched")) {
		s->bits |= SEGMENT_UNMATCHED;
	} else {
		return false;
	}
	return true;
}

static bool take_option(struct reader *r, enum side from, struct segment *s)
{
	int64_t n;

	if (take_plain_option(r, s))
		return true;
	if (take_word(r, "sack"))
		return take_sack(r, from, s);
	if (take_word(r, "win") && need_number(r, &n, UINT16_MAX)) {
		s->window = (uint16_t)n;
	} else if (take_word(r, "ttl") && need_number(r, &n, UINT8_MAX)) {
		s->ttl = (uint8_t)n;
	} else if (take_word(r, "id") && need_number(r, &n, UINT16_MAX)) {
		s->ip_id = r->way->ipv6 ? 0 : (uint16_t)n;
	} else if (take_word(r, "wscale") && need_number(r, &n, UINT8_MAX)) {
		s->wscale = (uint8_t)n;
	} else if (take_word(r, "ts") && need_number(r, &n, UINT32_MAX)) {
		s->tsval = (uint32_t)n;
	} else {
		return fail(r, "an option that scenario.h does not know");
	}
	return true;
}

static bool take_flags(struct reader *r, uint8_t *flags)
{
	static const char letters[] = "FSRP.UEW"; /* by bit */
	const char *letter;

	at_end_of_line(r);
	*flags = 0;
	for (; *r->at && (letter = strchr(letters, *r->at)) != NULL; r->at++)
		*flags = (uint8_t)(*flags | 1U << (letter - letters));
	return *flags != 0 || fail(r, "flags are missing");
}

/* SEQ[:END[(LEN)]] */
static bool take_range(struct reader *r, int64_t *seq, int64_t *len)
{
	int64_t end;

	*len = 0;
	if (!take_number(r, seq))
		return true;
	if (!take_char(r, ':'))
		return true;
	if (!take_number(r, &end) || end < *seq)
		return fail(r, "the range ends before it begins");
	*len = end - *seq;
	if (take_char(r, '(') && (!take_number(r, &end) || end != *len || !take_char(r, ')')))
		return fail(r, "the length is not that of the range");
	return true;
}

static bool take_ack(struct reader *r, enum side from, struct segment *s)
{
	int64_t ack;
	bool said = take_word(r, "ack");

	if (said != ((s->flags & TCP_ACK) != 0))
		return fail(r, "'.' and ack go together");
	if (!said)
		return true;
	if (!take_number(r, &ack))
		return fail(r, "ack wants a number");
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
	while (!at_end_of_line(r))
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

		if (!take_word(r, kind->name))
			continue;
		s->says.icmp.type = r->way->ipv6 ? kind->v6.type : kind->v4.type;
		s->says.icmp.code = r->way->ipv6 ? kind->v6.code : kind->v4.code;
		return true;
	}
	if (!need_number(r, &type, UINT8_MAX) || !take_char(r, '/') || !need_number(r, &code, UINT8_MAX))
		return fail(r, "an ICMP error that scenario.h does not know");
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
	if (!take_word(r, "quoting") || !take_number(r, &seq))
		return fail(r, "an ICMP error wants 'quoting SEQ'");
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
		return fail(r, "nothing to duplicate");
	s = r->steps->step[r->steps->count - 1].segment;
	while (!at_end_of_line(r))
		if (!take_option(r, CLIENT, &s))
			return false;
	return emit(r, &s);
}

static bool read_tick(struct reader *r)
{
	struct scenario_step *step;
	int64_t ns;

	if (!need_seconds(r, &ns))
		return false;
	step = add_step(r);
	if (!step)
		return false;
	r->now.ns += ns;
	step->tick = true;
	step->at = r->now;
	return true;
}

static bool read_open(struct reader *r)
{
	const char *rest = r->at;
	static const struct {
		enum side from;
		const char *text;
	} handshake[] = { { CLIENT, "S 0" }, { SERVER, "S. 0 ack 1" }, { CLIENT, ". 1 ack 1" } };

	for (size_t i = 0; i < sizeof handshake / sizeof *handshake; i++) {
		r->now.ns += i ? STEP_NS : 0;
		r->at = handshake[i].text;
		if (!read_segment(r, handshake[i].from))
			return false;
	}
	r->at = rest;
	return true;
}

static bool read_new(struct reader *r)
{
	int64_t n;

	if (!need_number(r, &n, UINT32_MAX))
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

	if (!need_number(r, &n, SCENARIO_PAIRS_MAX - 1))
		return false;
	r->pair = (int)n;
	return true;
}

/* What moves the clock by a step of its own. */
static bool read_frame(struct reader *r, int64_t step)
{
	if (take_char(r, '=')) {
		r->now.ns += step >= 0 ? step : DUPLICATE_NS;
		return read_duplicate(r);
	}
	r->now.ns += step >= 0 ? step : STEP_NS;
	if (take_word(r, "open"))
		return read_open(r);
	if (take_char(r, '>'))
		return take_word(r, "icmp") ? read_icmp(r, CLIENT) : read_segment(r, CLIENT);
	if (take_char(r, '<'))
		return take_word(r, "icmp") ? read_icmp(r, SERVER) : read_segment(r, SERVER);
	return fail(r, "an event that scenario.h does not know");
}

static bool read_event(struct reader *r)
{
	int64_t step = -1;

	if (take_word(r, "new"))
		return read_new(r);
	if (take_word(r, "pair"))
		return read_pair(r);
	if (take_char(r, '~'))
		return read_tick(r);
	if (take_char(r, '+') && !need_seconds(r, &step))
		return false;
	return read_frame(r, step);
}

bool scenario_read(const struct scenario *scenario, const struct scenario_way *way,
		   struct scenario_steps *steps)
{
	struct reader r = {
		.scenario = scenario,
		.way = way,
		.steps = steps,
		.at = scenario->script,
		.now = { START_NS },
		.id = { 20000, 50000 },
	};

	_Static_assert(SERVER == 1, "id[] is by side");
	*steps = (struct scenario_steps){ .line = 1 };
	set_isns(&r);
	for (;;) {
		if (!at_end_of_line(&r) && !read_event(&r))
			return false;
		if (!at_end_of_line(&r))
			return fail(&r, "something follows the event");
		if (*r.at == '\0')
			return true;
		r.at++;
		steps->line++;
	}
}
