/* SPDX-License-Identifier: GPL-2.0-or-later */
/* template.c - the gaps of sentences, one table. */
#include "ui/template.h"

#include "analyzer/origin.h"
#include "ui/plain.h"

static const char *const side_names[] = { [CLIENT] = "the client", [SERVER] = "the server" };

/* ---- who ---- */

static bool put_side(struct text *text, enum side side)
{
	text_string(text, side_names[side]);
	return true;
}

/* The first to close; where it was nobody's or the network's doing, the client stands for it. */
static enum side closer_side(const struct story *story)
{
	return story->record->closer == CLOSER_SERVER ? SERVER : CLIENT;
}

enum side template_sender(const struct story *story)
{
	const struct record *record = story->record;

	if (record->close != CLOSE_RESET)
		return closer_side(story);
	if (record->rst_sender == CLOSER_NETWORK)
		return story->facts->rst_side;
	return record->rst_sender == CLOSER_SERVER ? SERVER : CLIENT;
}

static bool put_who(struct text *text, enum closer who)
{
	static const char *const names[CLOSER_COUNT] = {
		[CLOSER_CLIENT] = "the client",
		[CLOSER_SERVER] = "the server",
		[CLOSER_BOTH] = "both ends",
		[CLOSER_NETWORK] = "something on the way",
	};

	if (!names[who])
		return false;
	text_string(text, names[who]);
	return true;
}

static bool gap_closer(struct text *text, const struct story *story)
{
	return put_who(text, story->record->closer);
}

static bool gap_peer(struct text *text, const struct story *story)
{
	return put_side(text, other(closer_side(story)));
}

static bool gap_sender(struct text *text, const struct story *story)
{
	if (story->record->rst_sender == CLOSER_NETWORK)
		return put_who(text, CLOSER_NETWORK);
	return put_side(text, template_sender(story));
}

static bool gap_receiver(struct text *text, const struct story *story)
{
	return put_side(text, other(template_sender(story)));
}

/* Whose address a RST bears that it did not send. */
static bool gap_claimed(struct text *text, const struct story *story)
{
	return story->record->rst_sender == CLOSER_NETWORK && story->record->close == CLOSE_RESET &&
	       put_side(text, story->facts->rst_side);
}

/* Of a connection that vanished: who went on trying. */
static enum side prober(const struct story *story)
{
	const struct record *record = story->record;
	bool client = record->side[CLIENT].saw > SAW_EOF, server = record->side[SERVER].saw > SAW_EOF;

	if (client != server)
		return client ? CLIENT : SERVER;
	return story->facts->tries[SERVER] > story->facts->tries[CLIENT] ? SERVER : CLIENT;
}

static bool gap_prober(struct text *text, const struct story *story)
{
	return put_side(text, prober(story));
}

static bool gap_mute(struct text *text, const struct story *story)
{
	return put_side(text, other(prober(story)));
}

bool template_unacked(const struct record *record, enum side *side)
{
	for (int i = CLIENT; i <= SERVER; i++) {
		enum state state = record_state(&record->side[i]);

		*side = (enum side)i;
		if (state == STATE_FIN_WAIT_1 || state == STATE_CLOSING || state == STATE_LAST_ACK)
			return true;
	}
	return false;
}

static bool gap_unacked(struct text *text, const struct story *story)
{
	enum side side;

	return template_unacked(story->record, &side) && put_side(text, side);
}

/* ---- packets ---- */

static bool put_packet(struct text *text, uint64_t packet)
{
	text_string(text, "packet ");
	text_number(text, packet);
	return packet > 0;
}

static bool gap_closing(struct text *text, const struct story *story)
{
	return put_packet(text, story->record->closing_packet);
}

static bool gap_trigger(struct text *text, const struct story *story)
{
	return put_packet(text, story->record->trigger_packet);
}

static bool gap_last(struct text *text, const struct story *story)
{
	return put_packet(text, story->record->last_packet);
}

static bool gap_closer_fin(struct text *text, const struct story *story)
{
	return put_packet(text, story->facts->fin[closer_side(story)]);
}

static bool gap_peer_fin(struct text *text, const struct story *story)
{
	return put_packet(text, story->facts->fin[other(closer_side(story))]);
}

static bool gap_client_fin(struct text *text, const struct story *story)
{
	return put_packet(text, story->facts->fin[CLIENT]);
}

static bool gap_server_fin(struct text *text, const struct story *story)
{
	return put_packet(text, story->facts->fin[SERVER]);
}

static bool gap_sender_fin(struct text *text, const struct story *story)
{
	return put_packet(text, story->facts->fin[template_sender(story)]);
}

static bool gap_receiver_fin(struct text *text, const struct story *story)
{
	return put_packet(text, story->facts->fin[other(template_sender(story))]);
}

static bool gap_syn(struct text *text, const struct story *story)
{
	return put_packet(text, story->facts->syn);
}

static bool gap_last_syn(struct text *text, const struct story *story)
{
	return story->facts->syns > 1 && put_packet(text, story->facts->last_syn);
}

static bool gap_icmp(struct text *text, const struct story *story)
{
	return put_packet(text, story->facts->icmp);
}

static bool gap_last_try(struct text *text, const struct story *story)
{
	return put_packet(text, story->facts->last_try[prober(story)]);
}

/* ---- numbers and words ---- */

static bool put_time(struct text *text, int64_t ns)
{
	text_string(text, plain_duration(ns).s);
	return ns != UNKNOWN_NS;
}

static bool gap_age(struct text *text, const struct story *story)
{
	const struct record *record = story->record;

	return put_time(text, record->duration);
}

static bool gap_quiet(struct text *text, const struct story *story)
{
	return put_time(text, story->facts->quiet) && story->facts->quiet > 0;
}

static bool gap_silence(struct text *text, const struct story *story)
{
	return put_time(text, story->facts->silence);
}

static bool gap_waited(struct text *text, const struct story *story)
{
	int64_t ns = story->record->side[other(closer_side(story))].close_wait;

	return put_time(text, ns) && ns > 0;
}

static bool gap_syns(struct text *text, const struct story *story)
{
	text_string(text, plain_count(story->record->syn_retransmits + 1, "SYN", "SYNs").s);
	return true;
}

static bool gap_tries(struct text *text, const struct story *story)
{
	uint64_t tries = story->facts->tries[prober(story)];

	text_string(text, plain_count(tries, "time", "times").s);
	return tries > 0;
}

static bool gap_reporter(struct text *text, const struct story *story)
{
	text_host(text, &story->facts->reporter);
	return story->facts->icmp > 0;
}

static bool gap_icmp_code(struct text *text, const struct story *story)
{
	text_string(text, story->facts->icmp_ipv6 ? "ICMPv6 type " : "ICMP type ");
	text_number(text, story->facts->icmp_type);
	text_string(text, " code ");
	text_number(text, story->facts->icmp_code);
	return story->facts->icmp > 0;
}

static bool gap_port(struct text *text, const struct story *story)
{
	text_number(text, story->record->port[SERVER]);
	return true;
}

static bool gap_lost(struct text *text, const struct story *story)
{
	uint64_t lost = story->record->side[template_sender(story)].lost;

	text_string(text, plain_bytes(lost).s);
	return lost > 0;
}

static bool gap_receiver_bytes(struct text *text, const struct story *story)
{
	uint64_t bytes = story->record->side[other(template_sender(story))].bytes;

	text_string(text, plain_bytes(bytes).s);
	return bytes > 0;
}

/* Who sent payload after the other's FIN, and how much. */
static enum side late_side(const struct story *story)
{
	return story->record->side[CLIENT].after_fin > 0 ? CLIENT : SERVER;
}

static bool gap_late(struct text *text, const struct story *story)
{
	return put_side(text, late_side(story));
}

static bool gap_not_late(struct text *text, const struct story *story)
{
	return put_side(text, other(late_side(story)));
}

static bool gap_late_bytes(struct text *text, const struct story *story)
{
	text_string(text, plain_bytes(story->record->side[late_side(story)].after_fin).s);
	return true;
}

static bool gap_rst_text(struct text *text, const struct story *story)
{
	static const char *const mptcp[] = {
		/* RFC 8684 3.6 */
		"unspecified error",	       "MPTCP-specific error",	    "lack of resources",
		"administratively prohibited", "too much outstanding data", "unacceptable performance",
		"middlebox interference",
	};
	const struct rst_text *said = &story->record->rst_text;

	if (said->text[0] != '\0') {
		text_char(text, '"');
		text_plain(text, said->text);
		text_char(text, '"');
		return true;
	}
	text_string(text, "MPTCP reason ");
	text_number(text, said->mptcp_reason);
	if (said->mptcp && said->mptcp_reason < sizeof mptcp / sizeof *mptcp) {
		text_string(text, ", ");
		text_string(text, mptcp[said->mptcp_reason]);
	}
	return said->mptcp;
}

/* "it has another TTL than ... (2), ...: 5 of the 3 points that make a RST foreign" */
static bool gap_signs(struct text *text, const struct story *story)
{
	static const struct {
		enum rst_sign sign;
		const char *text;
	} signs[] = {
		{ RST_SIGN_TTL, "a TTL that is not that side's" },
		{ RST_SIGN_ID, "an IPv4 ID far from that side's" },
		{ RST_SIGN_TIMESTAMPS, "no timestamps, though negotiated" },
		{ RST_SIGN_WINDOW, "a window of 0, though it was open" },
		{ RST_SIGN_WENT_ON, "its supposed sender went on sending" },
		{ RST_SIGN_TOO_SOON, "it came sooner than an answer can" },
		{ RST_SIGN_LADDER, "several RSTs guess at numbers not sent yet" },
		{ RST_SIGN_BELOW, "a number that its side had already sent" },
		{ RST_SIGN_UNASKED, "nothing that it answers" },
	};
	unsigned found = story->record->rst_signs;
	bool any = false;

	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
		if (!(found & signs[i].sign))
			continue;
		text_string(text, any ? ", " : "");
		text_string(text, signs[i].text);
		text_string(text, " (");
		text_number(text, (uint64_t)origin_weight(signs[i].sign));
		text_char(text, ')');
		any = true;
	}
	text_string(text, "; score ");
	text_number(text, (uint64_t)origin_score(story->record->rst_signs));
	text_string(text, ", foreign from ");
	text_number(text, ORIGIN_FOREIGN);
	text_string(text, " on");
	return any;
}

static bool gap_timers(struct text *text, const struct story *story)
{
	if (!story->record->timer)
		return false;
	if (story->timers)
		timers_alike(text, story->timers, story->record->timer, 6);
	else
		text_plain(text, story->record->timer);
	return true;
}

static const struct gap {
	const char *name;
	bool (*put)(struct text *text, const struct story *story); /* false = not known */
} gaps[] = {
	{ "age", gap_age },
	{ "claimed", gap_claimed },
	{ "client_fin", gap_client_fin },
	{ "closer", gap_closer },
	{ "closer_fin", gap_closer_fin },
	{ "closing", gap_closing },
	{ "icmp", gap_icmp },
	{ "icmp_code", gap_icmp_code },
	{ "last", gap_last },
	{ "last_syn", gap_last_syn },
	{ "last_try", gap_last_try },
	{ "late", gap_late },
	{ "late_bytes", gap_late_bytes },
	{ "lost", gap_lost },
	{ "mute", gap_mute },
	{ "not_late", gap_not_late },
	{ "peer", gap_peer },
	{ "peer_fin", gap_peer_fin },
	{ "port", gap_port },
	{ "prober", gap_prober },
	{ "quiet", gap_quiet },
	{ "receiver", gap_receiver },
	{ "receiver_bytes", gap_receiver_bytes },
	{ "receiver_fin", gap_receiver_fin },
	{ "reporter", gap_reporter },
	{ "rst_text", gap_rst_text },
	{ "sender", gap_sender },
	{ "sender_fin", gap_sender_fin },
	{ "server_fin", gap_server_fin },
	{ "signs", gap_signs },
	{ "silence", gap_silence },
	{ "syn", gap_syn },
	{ "syns", gap_syns },
	{ "timers", gap_timers },
	{ "tries", gap_tries },
	{ "trigger", gap_trigger },
	{ "unacked", gap_unacked },
	{ "waited", gap_waited },
};

/* ---- filling in ---- */

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static const struct gap *find_gap(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof gaps / sizeof *gaps; i++) {
		const char *known = gaps[i].name;

		if (strlen(known) == length && known[0] == lower(name[0]) &&
		    memcmp(known + 1, name + 1, length - 1) == 0)
			return &gaps[i];
	}
	return NULL;
}

static bool fill_gap(struct text *text, const char *name, size_t length, const struct story *story)
{
	const struct gap *gap = find_gap(name, length);
	size_t from = text->length;

	if (!gap || !gap->put(text, story)) {
		text->length = from;
		text_char(text, '?');
		return false;
	}
	if (name[0] != lower(name[0]) && text->length > from)
		text->bytes[from] = upper(text->bytes[from]);
	return true;
}

bool template_fill(struct text *text, const char *sentence, const struct story *story)
{
	bool all = true, bracket = false, known = true;
	size_t from = 0;

	for (const char *at = sentence; *at; at++) {
		size_t length;

		switch (*at) {
		case '[':
			bracket = known = true;
			from = text->length;
			break;
		case ']':
			if (!known)
				text->length = from;
			bracket = false;
			break;
		case '{':
			length = strcspn(++at, "}");
			if (!fill_gap(text, at, length, story)) {
				known = false;
				all = all && bracket;
			}
			at += length;
			break;
		default:
			text_char(text, *at);
		}
	}
	return all;
}
