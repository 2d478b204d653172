/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sentences.c - see sentences.h; how the gaps are filled: template.c. */
#include "ui/sentences.h"

#include "ui/template.h"

/* clang-format off */
static const char *const close_sentences[CLOSE_COUNT] = {
	[CLOSE_GRACEFUL] =
		"{Closer} closed first[ with its FIN, {closer_fin}], {peer} closed too[ with {peer_fin}], and both FINs "
		"were acknowledged[, the last by {closing}]: an orderly close.",
	[CLOSE_SIMULTANEOUS] =
		"Both ends closed at the same time: their FINs[, {client_fin} and {server_fin},] crossed on the way, and "
		"both were acknowledged[, the last by {closing}].",
	[CLOSE_RESET] =
		"{Sender} reset the connection[ with the RST in {closing}][, which bears {claimed}'s address], and "
		"{receiver} had to accept it.",
	[CLOSE_VANISHED] =
		"{Prober} sent the same again[ {tries}][, the last time in {last_try}], and never got an answer[ but ICMP "
		"errors, the first {icmp}: {icmp_code}, sent by {reporter}]: {mute} or the path to it was gone.",
	[CLOSE_REFUSED] =
		"The SYN[, {syn},] was answered by a RST[ in {closing}]: {closer} refused the connection.",
	[CLOSE_UNREACHABLE] =
		"The SYN[, {syn},] was answered by an ICMP error[, {icmp}: {icmp_code}, sent by {reporter}].",
	[CLOSE_UNANSWERED] =
		"Nobody answered: {syns} went out[, the first in {syn}][, the last in {last_syn}], and nothing ever came "
		"back.",
	[CLOSE_ABANDONED] =
		"The server answered the SYN, but the client never completed the handshake[: it sent a RST, {closing}].",
	[CLOSE_CLOSING] =
		"{Closer} closed first[ with its FIN, {closer_fin}], but the closing did not come to its end[: "
		"{unacked}'s FIN was never acknowledged].",
	[CLOSE_HALF_CLOSED] =
		"{Closer} closed[ with its FIN, {closer_fin}], and {peer} acknowledged that, but has not closed its own "
		"side[ in {waited} since].",
	[CLOSE_OPEN] =
		"Nobody has closed: after {last}, the last that was seen, the connection was established.",
};

static const char *const cause_sentences[CAUSE_COUNT] = {
	[CAUSE_NONE] = "",
	[CAUSE_RST_TEXT] =
		"The RST itself says why: {rst_text}.",
	[CAUSE_SYN_RECOVERY] =
		"{Sender} had lost the connection and sent a new SYN on the same ports; {receiver}, which still had the "
		"old one, answered with its numbers[ ({trigger})]. {Sender} did not know them, cleared them away by the "
		"RST, and opened anew (RFC 9293 3.5.1).",
	[CAUSE_INJECTED] =
		"Neither end sent that RST: {signs}.",
	[CAUSE_KEEPALIVE_DEAD] =
		"{Sender} had asked by keepalive probes whether {receiver} was still there, got no answer, and gave up "
		"one interval after the last probe.",
	[CAUSE_ABORT_AFTER_FIN] =
		"{Sender} had already sent its FIN[, {sender_fin}]: it gave the connection up before {receiver} had "
		"closed too.",
	[CAUSE_RST_FOR_FIN] =
		"{Receiver} had closed[ with its FIN, {receiver_fin}]; {sender} got that, and sent a RST where its own "
		"FIN was due.",
	[CAUSE_LATE_FIN] =
		"{Sender} was gone completely when {receiver}'s FIN[, {trigger},] reached it. Nothing was lost by it.",
	[CAUSE_KEEPALIVE_RACE] =
		"The connection had been idle[ for {quiet}]; {sender} closed it[ with its FIN, {sender_fin},] just as "
		"{receiver} sent its next request[ in {trigger}]. The two crossed on the way, and nobody was left to read "
		"the request.",
	[CAUSE_FIN_TIMEOUT] =
		"{Sender} had closed[ with its FIN, {sender_fin},] and then waited for {receiver} to close until its "
		"FIN-WAIT-2 ran out; data that came later[, {trigger}, after {silence},] met no socket any more.",
	[CAUSE_LATE_DATA] =
		"{Sender} had closed completely[ with its FIN, {sender_fin}]. Data that came after it[, {trigger},] met "
		"no socket any more and is lost, although its send() had succeeded.",
	[CAUSE_IDLE_TIMEOUT] =
		"Before it the connection was silent[ for {silence}], as long as a known time-out: {timers}.",
	[CAUSE_HALF_OPEN] =
		"{Sender} knew nothing of the connection any more when it was sent a segment[, {trigger}], although "
		"nobody had closed it as far as the capture shows.",
	[CAUSE_ABORT_DISCARD] =
		"{Sender} still had data in flight[, {lost},] that was not acknowledged, and threw it away.",
	[CAUSE_HEALTH_CHECK] =
		"A handshake, no payload, and the client aborted[ within {age}]: it only asked whether the port answers.",
	[CAUSE_ACCEPT_REJECT] =
		"The server took the connection[ and threw it out within {age}], before anything was said.",
	[CAUSE_ABORT_UNREAD] =
		"The last to speak was {receiver}[, which sent {receiver_bytes} in all]: a request that {sender} never "
		"answered, and perhaps never read.",
	[CAUSE_ABORT] =
		"That was an abort by {sender}'s own stack; the packets do not tell what made its program do it.",
	[CAUSE_NO_LISTENER] =
		"Nothing listens on port {port} there: the RST is as a host's own stack makes it.",
	[CAUSE_FIREWALL] =
		"A host's own stack does not make such a RST: a firewall answered in its place.",
	[CAUSE_ICMP_NET] =
		"There is no route to the server's network[ at {reporter}].",
	[CAUSE_ICMP_HOST] =
		"The server's host cannot be reached[ from {reporter}].",
	[CAUSE_ICMP_PROTOCOL] =
		"[{Reporter} says that ]TCP is not spoken at that address.",
	[CAUSE_ICMP_PORT] =
		"Port {port} cannot be reached[, says {reporter}]: for TCP that is nearly always a firewall's answer.",
	[CAUSE_ICMP_ADMIN] =
		"A filter forbids it[ and says so, at {reporter}].",
	[CAUSE_HALF_CLOSE] =
		"{Late} sent {late_bytes} after it had got {not_late}'s FIN, as a half-close allows; nothing is wrong "
		"with that.",
	[CAUSE_LAST_ACK_LOST] =
		"A FIN was sent again although its acknowledgement had passed here: that one was lost behind the tap.",
	[CAUSE_DATA] =
		"What {prober} repeated was data, never acknowledged.",
	[CAUSE_KEEPALIVE] =
		"What {prober} repeated were keepalive probes of an idle connection.",
	[CAUSE_ZERO_WINDOW] =
		"What {prober} repeated were window probes: {mute}'s program had stopped reading before.",
};

/* How sure, with a cause: CAUSE_NONE says nothing of it. */
static const char *const confidence_sentences[CONFIDENCE_COUNT] = {
	[CONFIDENCE_CERTAIN] = "That is certain: nothing else makes these packets.",
	[CONFIDENCE_LIKELY] = "That is likely, the best explanation by far.",
	[CONFIDENCE_POSSIBLE] = "That is one of several things that make the same packets.",
};
/* clang-format on */

/* ---- guesses ---- */

enum fit { FITS_NOT, FITS_PERHAPS, FITS };

static enum fit always(const struct story *story)
{
	(void)story;
	return FITS;
}

static enum fit seldom(const struct story *story)
{
	(void)story;
	return FITS_PERHAPS;
}

/* The receiver spoke last: the sender may not have read that. */
static enum fit unread(const struct story *story)
{
	enum side receiver = other(template_sender(story));

	if (story->record->side[receiver].bytes == 0)
		return FITS_NOT;
	return story->facts->data_last[receiver] ? FITS : FITS_PERHAPS;
}

/* The server's program may never have had it. */
static enum fit in_queue(const struct story *story)
{
	return template_sender(story) == SERVER && story->record->side[SERVER].bytes == 0 ? FITS : FITS_NOT;
}

static enum fit repeated(const struct story *story)
{
	return story->record->side[template_sender(story)].retransmits > 0 ? FITS : FITS_NOT;
}

static enum fit proxy(const struct story *story)
{
	return template_sender(story) == SERVER ? FITS : FITS_PERHAPS;
}

/* Those that fit come first, otherwise in this order. */
static const struct {
	enum cause cause;
	enum fit (*fits)(const struct story *);
	const char *text;
} guesses[] = {
	{ CAUSE_ABORT, unread, "its program closed, crashed or was killed with data unread" },
	{ CAUSE_ABORT, in_queue, "its listener closed with this connection still in the queue" },
	{ CAUSE_ABORT, repeated, "its retransmissions ran out" },
	{ CAUSE_ABORT, always, "its program closed with SO_LINGER 0" },
	{ CAUSE_ABORT, proxy, "it is a proxy that passes a reset on from behind" },
	{ CAUSE_ABORT, seldom, "an administrator killed the connection (ss -K, tcpdrop)" },
	{ CAUSE_ABORT_UNREAD, always, "its program closed, crashed or was killed with the request unread" },
	{ CAUSE_ABORT_UNREAD, always, "it is a proxy whose backend failed" },
	{ CAUSE_ABORT_UNREAD, seldom, "its program closed with SO_LINGER 0" },
	{ CAUSE_ABORT_DISCARD, repeated, "its retransmissions ran out (BSD, Windows)" },
	{ CAUSE_ABORT_DISCARD, always, "its program closed with SO_LINGER 0 while it was sending" },
	{ CAUSE_ABORT_DISCARD, unread, "its program closed or was killed with data unread" },
	{ CAUSE_HALF_OPEN, always, "its host crashed, was restarted, or gave its address to another" },
	{ CAUSE_HALF_OPEN, always, "its program had ended, and its FIN or RST passed elsewhere or was lost" },
	{ CAUSE_HALF_OPEN, always, "a gateway in between forgot the connection and answered for it" },
	{ CAUSE_IDLE_TIMEOUT, always, "the device of that time-out is on the way, or is one of the ends" },
	{ CAUSE_IDLE_TIMEOUT, always, "a program's own time-out happens to be as long" },
	{ CAUSE_IDLE_TIMEOUT, always, "the host was restarted in the meantime" },
	{ CAUSE_HEALTH_CHECK, always, "a load balancer's or monitor's check" },
	{ CAUSE_HEALTH_CHECK, always, "a port scan" },
	{ CAUSE_HEALTH_CHECK, always, "a client that did not need the connection after all" },
	{ CAUSE_ACCEPT_REJECT, always, "an allow list or a limit turned it away" },
	{ CAUSE_ACCEPT_REJECT, always, "the listener closed with it still in its queue" },
	{ CAUSE_ACCEPT_REJECT, always, "it is a proxy without a backend" },
	{ CAUSE_INJECTED, always, "an IPS, a content filter or a censor" },
	{ CAUSE_INJECTED, always, "a firewall, NAT gateway or load balancer that gave the connection up" },
	{ CAUSE_NO_LISTENER, always, "nothing listens there" },
	{ CAUSE_NO_LISTENER, always, "a firewall on that host rejects with a RST" },
	{ CAUSE_FIREWALL, always, "a rule that rejects with tcp-reset, on the host or before it" },
	{ CAUSE_FIREWALL, always, "a host whose stack answers in an unusual way" },
	{ CAUSE_FIN_TIMEOUT, always, "FIN-WAIT-2 ran out" },
	{ CAUSE_FIN_TIMEOUT, always, "the program had closed completely from the start" },
	{ CAUSE_KEEPALIVE_DEAD, always, "the answers were lost between the tap and the prober" },
	{ CAUSE_KEEPALIVE_DEAD, always, "the program aborted, at that moment by chance" },
};

static void put_guesses(struct text *text, const struct story *story, enum fit fit, uint64_t *number)
{
	for (size_t i = 0; i < sizeof guesses / sizeof *guesses; i++) {
		if (guesses[i].cause != story->record->cause || guesses[i].fits(story) != fit)
			continue;
		text_string(text, *number > 1 ? "; (" : "(");
		text_number(text, (*number)++);
		text_string(text, ") ");
		text_string(text, guesses[i].text);
	}
}

bool sentences_guesses(struct text *text, const struct story *story)
{
	uint64_t number = 1;

	if (story->record->confidence == CONFIDENCE_CERTAIN)
		return false;
	put_guesses(text, story, FITS, &number);
	put_guesses(text, story, FITS_PERHAPS, &number);
	return number > 1;
}

void sentences_verdict(struct text *text, const struct story *story)
{
	const struct record *record = story->record;

	template_fill(text, close_sentences[record->close], story);
	if (record->cause == CAUSE_NONE)
		return;
	text_char(text, ' ');
	template_fill(text, cause_sentences[record->cause], story);
	text_char(text, ' ');
	text_string(text, confidence_sentences[record->confidence]);
}
