/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every packet is emitted by one end, from what that end knows, and then arrives at the other, or is lost, or
 * stays in flight until the script says that it lands. So numbers are always those that a real host would
 * send.
 */
#include "tests/bench/connection.h"

#include "dissect/segment.h"

#define US     INT64_C(1000)
#define MS     (1000 * US)
#define SECOND (1000 * MS)

enum {
	WINDOW_SYN = 64240,
	WINDOW_SYN_ACK = 65160,
	WINDOW_SCALED = 502,
	STRANGER_TTL = 40,  /* how much a stranger's TTL differs */
	STRAY_AGE = 500000, /* how far a stray SYN's sequence number lies behind */
	BURST_MAX = 12,
	LOSS = 300, /* one data segment in so many is lost */
};

static uint8_t other_end(uint8_t from)
{
	return from == FROM_CLIENT ? FROM_SERVER : FROM_CLIENT;
}

/* The milliseconds that an end writes into its timestamps. */
static uint32_t clock_of(const struct end *e, int64_t at)
{
	return e->clock_offset + (uint32_t)(at / MS);
}

/* --- what comes next --- */

/* The next packet of the body, false after its last. All that it sends is acknowledged then. */
static bool body_step(struct connection *c, struct random *r, struct step *step)
{
	uint8_t asker = other_end(c->talker);
	uint8_t patience = c->payload > 0 ? BURST_MAX : 2; /* data segments without an ACK */

	*step = (struct step){ .op = OP_DATA, .from = c->talker };
	if (c->lost) {
		c->lost = false;
		c->unacknowledged++;
		step->op = OP_AGAIN;
	} else if (c->unacknowledged >= patience || (c->unacknowledged > 0 && c->burst == 0)) {
		c->unacknowledged = 0;
		*step = (struct step){ .op = OP_ACK, .from = asker };
	} else if (c->burst > 0) {
		c->burst--;
		c->lost = random_below(r, LOSS) == 0;
		step->fate = c->lost ? FATE_LOST : FATE_ARRIVES;
		c->unacknowledged += !c->lost;
	} else if (c->body_left > 0) {
		uint32_t most = (uint32_t)c->body_left * 2 / 3;

		c->burst = (uint16_t)(1 + random_below(r, most < BURST_MAX ? most : BURST_MAX));
		c->body_left -= 1 + c->burst + (c->burst + 1) / 2;
		*step = (struct step){ .op = OP_DATA, .from = asker, .wait = WAIT_APPLICATION };
	} else {
		return false;
	}
	return true;
}

/* What was in flight arrives, both ways. */
static void land(struct connection *c)
{
	for (uint8_t from = FROM_CLIENT; from <= FROM_SERVER; from++) {
		struct end *me = &c->end[from];

		if (me->in_flight)
			c->end[other_end(from)].expects = me->next;
		me->in_flight = false;
	}
}

/* Puts the next packet into c->step; false when there is none. */
static bool next_step(struct connection *c, struct random *r)
{
	if (c->again > 0) {
		c->again--;
		return true;
	}
	while (c->next_step < c->plan->count) {
		const struct step *planned = &c->plan->steps[c->next_step];

		if (planned->op == OP_BODY && body_step(c, r, &c->step))
			return true;
		c->next_step++;
		if (planned->op == OP_LAND)
			land(c);
		if (planned->op == OP_BODY || planned->op == OP_LAND)
			continue;
		c->step = *planned;
		c->again = (uint8_t)(planned->more ? random_below(r, 4) : 0);
		return true;
	}
	return false;
}

/* How long after the packet before it the tap sees c->step. */
static int64_t delay(struct connection *c, struct random *r)
{
	const struct step *step = &c->step;
	int64_t rtt = c->end[FROM_CLIENT].path + c->end[FROM_SERVER].path;
	int64_t after = 0;

	if (step->op == OP_AGAIN) {
		bool syn = c->end[step->from].repeatable.flags & TCP_SYN;

		return (syn ? SECOND : 200 * MS + rtt) << c->timeouts++;
	}
	c->timeouts = 0;
	if (step->wait == WAIT_IDLE)
		after = c->idle;
	else if (step->wait == WAIT_APPLICATION)
		after = random_between(r, MS, 80 * MS);
	if (c->end[other_end(step->from)].in_flight) /* it left before that could arrive */
		return after + random_between(r, 0, c->end[step->from].path / 2);
	if (step->from != c->previous)
		after += c->end[step->from].path + random_between(r, 20 * US, 300 * US);
	return after + random_between(r, 5 * US, 40 * US);
}

/* --- sending it --- */

/* The IP ID of a live socket's next packet: counts on, never 0. */
static uint16_t next_ip_id(struct end *e)
{
	if (++e->ip_id == 0)
		e->ip_id = 1;
	return e->ip_id;
}

/* What a live socket writes into every packet. */
static struct packet from_socket(struct connection *c, uint8_t from, uint8_t flags)
{
	struct end *me = &c->end[from], *peer = &c->end[other_end(from)];
	bool syn = flags & TCP_SYN, has_ack = !syn || me->got_syn;

	return (struct packet){
		.src = me->address,
		.dst = peer->address,
		.ipv6 = c->ipv6,
		.df = true,
		.ttl = me->ttl,
		.ip_id = syn && has_ack ? 0 : next_ip_id(me), /* SYN-ACKs come from no full socket */
		.flow_label = me->clock_offset,
		.sport = me->port,
		.dport = peer->port,
		.seq = me->next,
		.ack = has_ack ? me->expects : 0,
		.window = syn && has_ack       ? WINDOW_SYN_ACK
			  : syn || !c->options ? WINDOW_SYN
					       : WINDOW_SCALED,
		.flags = (uint8_t)(flags | (has_ack ? TCP_ACK : 0)),
		.timestamps = c->options,
		.full_options = c->options,
		.tsval = clock_of(me, c->at),
		.tsecr = me->clock_seen,
	};
}

/* A RST where no socket is: it answers the peer's last segment (RFC 9293 3.10.7.1). */
static void make_reply(struct packet *p, const struct sent *trigger)
{
	p->ip_id = 0;
	p->window = 0;
	p->timestamps = false;
	if (trigger->flags & TCP_ACK) {
		p->flags = TCP_RST;
		p->seq = trigger->ack;
		p->ack = 0;
		return;
	}
	p->flags = TCP_RST | TCP_ACK;
	p->seq = 0;
	p->ack = trigger->seq + trigger->len + 1; /* a SYN */
}

/* A RST that neither end sent: unlike its supposed sender in TTL, IP ID and options. */
static void make_strange(struct packet *p, bool exact, struct random *r)
{
	p->ttl = (uint8_t)(p->ttl + STRANGER_TTL);
	p->ip_id = (uint16_t)(p->ip_id + 10000 + random_below(r, 40000));
	p->df = false;
	p->window = 0;
	p->timestamps = false;
	if (exact)
		return;
	p->flags = TCP_RST;
	p->ack = 0;
	p->seq += 1000 + random_below(r, 30000);
}

/* A SYN from before this connection. */
static void make_stray(struct packet *p)
{
	p->flags = TCP_SYN;
	p->seq -= STRAY_AGE;
	p->ack = 0;
	p->tsecr = 0;
}

/* The payload of one data segment: requests are small, bursts full. */
static uint16_t data_length(const struct connection *c, uint8_t from, struct random *r)
{
	uint16_t most = (uint16_t)((c->ipv6 ? 1440 : 1460) - (c->options ? 12 : 0));

	if (c->payload > 0)
		return c->payload < most ? c->payload : most;
	if (from == c->talker && c->burst > 0)
		return most;
	return (uint16_t)(1 + random_below(r, from == c->talker ? most : 600));
}

static uint8_t flags_of(uint8_t op)
{
	switch (op) {
	case OP_SYN:
	case OP_STRAY_SYN:
		return TCP_SYN;
	case OP_DATA:
		return TCP_ACK | TCP_PSH;
	case OP_FIN:
		return TCP_ACK | TCP_FIN;
	case OP_LAST_DATA:
		return TCP_ACK | TCP_PSH | TCP_FIN;
	case OP_ABORT:
	case OP_FOREIGN:
		return TCP_ACK | TCP_RST;
	default:
		return TCP_ACK;
	}
}

/* The segment that c->step is, for everything but OP_ICMP. */
static struct packet make_packet(struct connection *c, struct random *r)
{
	uint8_t op = c->step.op, from = c->step.from;
	const struct end *me = &c->end[from];
	struct packet p = from_socket(c, from, op == OP_AGAIN ? me->repeatable.flags : flags_of(op));

	if (op == OP_DATA || op == OP_LAST_DATA)
		p.len = data_length(c, from, r);
	if (op == OP_KEEPALIVE)
		p.seq--;
	if (op == OP_REPLY)
		make_reply(&p, &c->end[other_end(from)].last);
	if (op == OP_BLIND || op == OP_FOREIGN)
		make_strange(&p, op == OP_FOREIGN, r);
	if (op == OP_STRAY_SYN)
		make_stray(&p);
	if (op == OP_AGAIN) {
		p.seq = me->repeatable.seq;
		p.len = me->repeatable.len;
	}
	return p;
}

/* Where a segment ends in sequence space. */
static uint32_t end_of(const struct packet *p)
{
	return p->seq + p->len + ((p->flags & TCP_SYN) != 0) + ((p->flags & TCP_FIN) != 0);
}

/* Notes at both ends that p was sent, and where it got. */
static void account(struct connection *c, const struct packet *p)
{
	struct end *me = &c->end[c->step.from], *peer = &c->end[other_end(c->step.from)];
	struct sent sent = { .seq = p->seq, .ack = p->ack, .len = p->len, .flags = p->flags };
	uint32_t end = end_of(p);
	bool moves = end != p->seq; /* takes sequence space */

	me->in_flight |= c->step.fate == FATE_IN_FLIGHT;
	if (p->flags & TCP_RST || c->step.op == OP_STRAY_SYN)
		return;
	me->last = sent;
	if (moves)
		me->repeatable = sent;
	if (moves && c->step.op != OP_AGAIN)
		me->next = end;
	if (c->step.fate == FATE_LOST || c->step.fate == FATE_IN_FLIGHT)
		return;
	peer->got_syn = true;
	peer->clock_seen = p->tsval;
	if (moves)
		peer->expects = end;
}

/* A router's answer to the client's last SYN. */
static size_t icmp_frame(struct connection *c, struct random *r, uint8_t *headers)
{
	static const uint8_t codes[] = { 0, 1, 3, 10, 13 }, codes6[] = { 0, 1, 3, 4 };
	struct end *client = &c->end[FROM_CLIENT];
	uint16_t ip_id = client->ip_id; /* the quotation is no packet of its own */
	struct packet quoted = from_socket(c, FROM_CLIENT, TCP_SYN);
	uint32_t which = random_below(r, c->ipv6 ? sizeof codes6 : sizeof codes);
	struct icmp_error error = { .router = quoted.dst,
				    .code = c->ipv6 ? codes6[which] : codes[which],
				    .short_quote = !c->ipv6 && random_below(r, 4) == 0 };

	error.router.bytes[c->ipv6 ? 15 : 3] = 1;
	quoted.ip_id = client->ip_id = ip_id;
	quoted.seq = client->repeatable.seq;
	quoted.ttl = (uint8_t)(quoted.ttl - 2);
	return packet_build_icmp(&quoted, &error, headers);
}

size_t connection_frame(struct connection *c, struct random *r, uint8_t *headers, size_t *payload)
{
	c->previous = c->step.from;
	*payload = 0;
	if (c->step.op == OP_ICMP)
		return icmp_frame(c, r, headers);

	struct packet p = make_packet(c, r);

	account(c, &p);
	*payload = p.len;
	return packet_build(&p, headers);
}

bool connection_advance(struct connection *c, struct random *r)
{
	uint8_t headers[PACKET_HEADERS_MAX];
	size_t payload;

	while (next_step(c, r)) {
		c->at += delay(c, r);
		if (c->step.fate != FATE_UNSEEN)
			return true;
		connection_frame(c, r, headers, &payload);
	}
	return false;
}

/* --- its beginning --- */

/* The 32 bits that are the same for one end of a pair of hosts, as Linux's timestamp offsets. */
static uint32_t pair_hash(const struct endpoints *who, uint8_t from)
{
	struct random hash = { .state = from };

	for (size_t i = 0; i < sizeof who->address; i++)
		hash.state = random_next(&hash) + ((const uint8_t *)who->address)[i];
	return (uint32_t)random_next(&hash);
}

static struct end begin_end(const struct endpoints *who, uint8_t from, const struct end *before,
			    struct random *r)
{
	struct end e = {
		.address = who->address[from],
		.port = who->port[from],
		.ip_id = (uint16_t)random_next(r),
		.next = (uint32_t)random_next(r),
		.ttl = (uint8_t)((from == FROM_CLIENT ? 64 : 60) - random_below(r, 12)),
		.clock_offset = pair_hash(who, from),
		.path = random_between(r, 10 * US, from == FROM_CLIENT ? 2 * MS : 40 * MS),
	};

	if (random_below(r, 50) == 0) /* its sequence numbers will wrap */
		e.next = -random_below(r, 20000);
	if (before) { /* RFC 6191: a reused pair's numbers go on */
		e.next = before->next + 100000 + random_below(r, 1u << 24);
		e.ttl = before->ttl;
		e.path = before->path;
	}
	return e;
}

void connection_begin(struct connection *c, const struct plan *plan, const struct endpoints *who, int64_t at,
		      struct body body, const struct connection *before, struct random *r)
{
	struct connection new = {
		.plan = plan,
		.at = at,
		.idle = random_between(r, 2 * SECOND, 60 * SECOND),
		.ipv6 = who->ipv6,
		.options = before ? before->options : random_below(r, 12) > 0,
		.talker = random_below(r, 5) == 0 ? FROM_CLIENT : FROM_SERVER,
		.body_left = body.packets,
		.payload = body.payload,
	};

	for (uint8_t from = FROM_CLIENT; from <= FROM_SERVER; from++)
		new.end[from] = begin_end(who, from, before ? &before->end[from] : NULL, r);
	if (plan->steps[0].op != OP_SYN) { /* seen from the middle */
		for (uint8_t from = FROM_CLIENT; from <= FROM_SERVER; from++) {
			struct end *me = &new.end[from], *peer = &new.end[other_end(from)];

			me->expects = peer->next;
			me->clock_seen = clock_of(peer, at);
			me->got_syn = true;
		}
	}
	*c = new;
	connection_advance(c, r);
}
