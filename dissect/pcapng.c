/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissect/pcapng.h"

#include "dissect/linktype.h"
#include "dissect/usual.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Sections of draft-ietf-opsawg-pcapng: 4.1 SHB, 4.2 IDB, 4.3 EPB, 4.4 SPB, appendix A: obsolete packet
 * block. */
enum {
	BLOCK_INTERFACE = 1,
	BLOCK_OBSOLETE_PACKET = 2,
	BLOCK_SIMPLE_PACKET = 3,
	BLOCK_ENHANCED_PACKET = 6,
	BLOCK_SECTION = 0x0a0d0d0a, /* the same in either byte order */
};

enum {
	BYTE_ORDER_MAGIC = 0x1a2b3c4d,
	BYTE_ORDER_SWAPPED = 0x4d3c2b1a,
	BLOCK_HEAD = 8,
	BLOCK_TAIL = 4,
	BLOCK_MIN = BLOCK_HEAD + BLOCK_TAIL,
};

#define NS_PER_SECOND 1000000000u
#define LATEST_NS     (INT64_MAX / 2)

/* An enhanced packet block's body up to the packet's bytes (4.3). */
enum { ENHANCED_HEAD = 20 };

/* Options of the IDB that are of interest here. */
enum { OPTION_END = 0, OPTION_IF_NAME = 2, OPTION_IF_TSRESOL = 9, OPTION_IF_TSOFFSET = 14 };

struct pcapng {
	struct stream *stream;
	bool section; /* one was begun */
	bool swapped; /* its byte order is not ours */
	bool broken;
	struct pcapng_interface *interfaces; /* 'count' of this section, 'known' of it and earlier ones */
	size_t count, known, size;
	struct moment last; /* of the last packet with a time */
	char error[160];
};

/* What is left of a block's body. */
struct body {
	const uint8_t *at;
	size_t left;
};

struct pcapng *pcapng_new(struct stream *s)
{
	struct pcapng *p = calloc(1, sizeof *p);

	if (p)
		p->stream = s;
	return p;
}

__attribute__((format(printf, 2, 3))) static enum pcapng_result broken(struct pcapng *p, const char *format,
								       ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(p->error, sizeof p->error, format, arguments);
	va_end(arguments);
	p->broken = true;
	return PCAPNG_BROKEN;
}

/* The stream has no more: either because it is over, or because it cannot be read on. */
static enum pcapng_result cut(struct pcapng *p, const char *where)
{
	const char *why = stream_error(p->stream);

	return why ? broken(p, "%s", why)
		   : broken(p, "the file ends in the middle of a %s (cut short?)", where);
}

static uint16_t u16(const struct pcapng *p, const uint8_t *at)
{
	uint16_t n;

	memcpy(&n, at, sizeof n);
	return p->swapped ? __builtin_bswap16(n) : n;
}

static inline uint32_t u32_of(bool swapped, const uint8_t *at)
{
	uint32_t n;

	memcpy(&n, at, sizeof n);
	return swapped ? __builtin_bswap32(n) : n;
}

static uint32_t u32(const struct pcapng *p, const uint8_t *at)
{
	return u32_of(p->swapped, at);
}

static uint64_t u64(const struct pcapng *p, const uint8_t *at)
{
	uint64_t n;

	memcpy(&n, at, sizeof n);
	return p->swapped ? __builtin_bswap64(n) : n;
}

struct moment pcapng_moment(uint64_t ticks, uint64_t ticks_per_second, int64_t offset)
{
	__int128 ns = (__int128)ticks * NS_PER_SECOND / ticks_per_second + (__int128)offset * NS_PER_SECOND;

	return (struct moment){ ns < 0 ? 0 : ns > LATEST_NS ? LATEST_NS : (int64_t)ns };
}

/* The same without divisions and 128-bit arithmetic where it can be. */
static inline struct moment moment_of(const struct pcapng_interface *interface, uint64_t ticks)
{
	if (ticks < interface->ticks_simple)
		return (struct moment){ (int64_t)(ticks * interface->tick_ns) };
	return pcapng_moment(ticks, interface->ticks, interface->offset);
}

/* 4.1: tells the byte order of all that follows, the length of this very block included. */
static enum pcapng_result section_begin(struct pcapng *p, const uint8_t *at, size_t left)
{
	uint32_t magic;

	if (left < BLOCK_MIN)
		return cut(p, "section header");
	memcpy(&magic, at + BLOCK_HEAD, sizeof magic);
	if (magic != BYTE_ORDER_MAGIC && magic != BYTE_ORDER_SWAPPED)
		return broken(p, "not a pcapng section: its byte order mark is wrong");
	p->swapped = magic == BYTE_ORDER_SWAPPED;
	p->section = true;
	p->count = 0;
	return PCAPNG_PACKET;
}

static enum pcapng_result section_read(struct pcapng *p, struct body body)
{
	if (body.left < 16)
		return broken(p, "a section header that is too short");
	uint16_t major = u16(p, body.at + 4), minor = u16(p, body.at + 6);

	/* 1.2 was written by a tool for a while; it is the same as 1.0 (4.1) */
	if (major != 1 || (minor != 0 && minor != 2))
		return broken(p, "pcapng version %u.%u is not known", major, minor);
	return PCAPNG_PACKET;
}

/* 4.2 if_tsresol: a power of 2 or of 10; false if it does not fit 64 bits. */
static bool resolution(uint8_t value, uint64_t *ticks)
{
	uint8_t exponent = value & 0x7f;

	if (exponent > (value & 0x80 ? 63 : 19))
		return false;
	*ticks = 1;
	while (exponent-- > 0)
		*ticks *= value & 0x80 ? 2 : 10;
	return true;
}

static void name_copy(char *to, const uint8_t *from, size_t n)
{
	if (n > PCAPNG_NAME_MAX - 1)
		n = PCAPNG_NAME_MAX - 1;
	for (size_t i = 0; i < n && from[i] != 0; i++)
		*to++ = from[i] >= 0x20 && from[i] < 0x7f ? (char)from[i] : '?';
	*to = 0;
}

static enum pcapng_result interface_option(struct pcapng *p, struct pcapng_interface *interface,
					   uint16_t code, struct body value)
{
	switch (code) {
	case OPTION_IF_NAME:
		name_copy(interface->name, value.at, value.left);
		break;
	case OPTION_IF_TSRESOL:
		if (value.left != 1 || !resolution(*value.at, &interface->ticks))
			return broken(p, "an interface whose time resolution cannot be");
		break;
	case OPTION_IF_TSOFFSET:
		if (value.left != 8)
			return broken(p, "an interface whose time offset cannot be");
		interface->offset = (int64_t)u64(p, value.at);
		break;
	default:
		break;
	}
	return PCAPNG_PACKET;
}

static enum pcapng_result interface_options(struct pcapng *p, struct pcapng_interface *interface,
					    struct body options)
{
	while (options.left >= 4) {
		uint16_t code = u16(p, options.at);
		size_t length = u16(p, options.at + 2), padded = (length + 3) & ~(size_t)3;

		options.at += 4;
		options.left -= 4;
		if (code == OPTION_END)
			break;
		if (padded > options.left)
			return broken(p, "an interface option longer than its block");
		struct body value = { options.at, length };

		if (interface_option(p, interface, code, value) == PCAPNG_BROKEN)
			return PCAPNG_BROKEN;
		options.at += padded;
		options.left -= padded;
	}
	return PCAPNG_PACKET;
}

static bool interfaces_grow(struct pcapng *p)
{
	if (p->count < p->size)
		return true;
	size_t size = p->size ? 2 * p->size : 8;
	struct pcapng_interface *bigger = realloc(p->interfaces, size * sizeof *bigger);

	if (!bigger)
		return false;
	p->interfaces = bigger;
	p->size = size;
	return true;
}

static enum pcapng_result interface_read(struct pcapng *p, struct body body)
{
	if (body.left < 8)
		return broken(p, "an interface description that is too short");
	if (p->count == PCAPNG_MAX_INTERFACES)
		return broken(p, "a section with more than %d interfaces", PCAPNG_MAX_INTERFACES);
	if (!interfaces_grow(p))
		return broken(p, "out of memory");
	struct pcapng_interface interface = {
		.link = linktype_dlt(u16(p, body.at)),
		.snaplen = u32(p, body.at + 4),
		.ticks = 1000000, /* 4.2: the default of if_tsresol is 6 */
		.number = (uint32_t)p->count,
		.source = -1,
	};
	struct body options = { body.at + 8, body.left - 8 };

	if (interface_options(p, &interface, options) == PCAPNG_BROKEN)
		return PCAPNG_BROKEN;
	if (interface.offset == 0 && NS_PER_SECOND % interface.ticks == 0) {
		interface.tick_ns = NS_PER_SECOND / interface.ticks;
		interface.ticks_simple = LATEST_NS / interface.tick_ns;
	}
	struct pcapng_interface *place = &p->interfaces[p->count];

	if (p->count < p->known && place->link == interface.link && strcmp(place->name, interface.name) == 0)
		interface.source = place->source;
	*place = interface;
	p->count++;
	if (p->known < p->count)
		p->known = p->count;
	return PCAPNG_PACKET;
}

static enum pcapng_result packet_give(struct pcapng *p, struct pcapng_packet *packet, uint32_t interface,
				      struct body data)
{
	if (interface >= p->count)
		return broken(p, "a packet of interface %" PRIu32 ", which is not described", interface);
	if (packet->caplen > data.left)
		return broken(p, "a captured length (%" PRIu32 ") beyond the end of its block",
			      packet->caplen);
	packet->interface = &p->interfaces[interface];
	packet->bytes = data.at;
	return PCAPNG_PACKET;
}

/* 4.3, and appendix A, which differs in the first four bytes: a 16-bit interface number and a drop counter.
 */
static enum pcapng_result packet_read(struct pcapng *p, struct body body, bool obsolete,
				      struct pcapng_packet *packet)
{
	if (body.left < ENHANCED_HEAD)
		return broken(p, "a packet block that is too short");
	uint32_t interface = obsolete ? u16(p, body.at) : u32(p, body.at);
	uint64_t ticks = (uint64_t)u32(p, body.at + 4) << 32 | u32(p, body.at + 8);
	struct body data = { body.at + ENHANCED_HEAD, body.left - ENHANCED_HEAD };

	packet->caplen = u32(p, body.at + 12);
	packet->len = u32(p, body.at + 16);
	if (packet_give(p, packet, interface, data) == PCAPNG_BROKEN)
		return PCAPNG_BROKEN;
	packet->at = moment_of(packet->interface, ticks);
	p->last = packet->at;
	return PCAPNG_PACKET;
}

/* 4.4: of the section's first interface, captured up to its snap length, without a time. */
static enum pcapng_result simple_packet_read(struct pcapng *p, struct body body, struct pcapng_packet *packet)
{
	if (body.left < 4)
		return broken(p, "a packet block that is too short");
	struct body data = { body.at + 4, body.left - 4 };

	packet->len = u32(p, body.at);
	packet->caplen = packet->len;
	if (p->count > 0 && p->interfaces[0].snaplen > 0 && packet->caplen > p->interfaces[0].snaplen)
		packet->caplen = p->interfaces[0].snaplen;
	packet->at = p->last;
	return packet_give(p, packet, 0, data);
}

static bool is_packet(uint32_t type)
{
	return type == BLOCK_ENHANCED_PACKET || type == BLOCK_SIMPLE_PACKET || type == BLOCK_OBSOLETE_PACKET;
}

/*
 * The next block as a whole; PCAPNG_PACKET when *type and *body are there. The body stays in the stream's
 * buffer until the next look.
 */
static enum pcapng_result block_next(struct pcapng *p, uint32_t *type, struct body *body)
{
	const uint8_t *at;
	size_t left = stream_look(p->stream, BLOCK_MIN, &at);

	if (left == 0 && !stream_error(p->stream))
		return PCAPNG_END;
	if (left < BLOCK_HEAD)
		return cut(p, "block");
	*type = u32(p, at);
	if (*type == BLOCK_SECTION && section_begin(p, at, left) == PCAPNG_BROKEN)
		return PCAPNG_BROKEN;
	if (!p->section)
		return broken(p, "not a pcapng section");
	uint32_t length = u32(p, at + 4);

	if (length < BLOCK_MIN || length % 4 != 0 || length > PCAPNG_MAX_BLOCK)
		return broken(p, "garbage: a block of type 0x%" PRIx32 " whose length cannot be %" PRIu32,
			      *type, length);
	left = stream_look(p->stream, length, &at);
	if (left < length)
		return cut(p, is_packet(*type) ? "packet" : "block");
	stream_skip(p->stream, length);
	uint32_t again = u32(p, at + length - BLOCK_TAIL);

	if (again != length)
		return broken(p, "garbage: a block whose lengths differ (%" PRIu32 " and %" PRIu32 ")",
			      length, again);
	*body = (struct body){ at + BLOCK_HEAD, length - BLOCK_MIN };
	return PCAPNG_PACKET;
}

static enum pcapng_result block_read(struct pcapng *p, uint32_t type, struct body body,
				     struct pcapng_packet *packet)
{
	switch (type) {
	case BLOCK_SECTION:
		return section_read(p, body);
	case BLOCK_INTERFACE:
		return interface_read(p, body);
	case BLOCK_OBSOLETE_PACKET:
	case BLOCK_ENHANCED_PACKET:
		return packet_read(p, body, type == BLOCK_OBSOLETE_PACKET, packet);
	case BLOCK_SIMPLE_PACKET:
		return simple_packet_read(p, body, packet);
	default:
		return PCAPNG_PACKET;
	}
}

enum pcapng_result pcapng_next(struct pcapng *p, struct pcapng_packet *packet)
{
	uint32_t type = 0;
	struct body body = { 0 };
	enum pcapng_result result;

	if (p->broken)
		return PCAPNG_BROKEN;
	do {
		result = block_next(p, &type, &body);
		if (result == PCAPNG_PACKET)
			result = block_read(p, type, body, packet);
	} while (result == PCAPNG_PACKET && !is_packet(type));
	return result;
}

/* The packet of the block at hand and the block's length, or 0: it is none that pcapng_take() takes. */
static inline uint32_t at_hand(const struct pcapng *p, bool swapped, const uint8_t *at, size_t left,
			       struct frame *frame)
{
	const uint8_t *body = at + BLOCK_HEAD;

	if (left < BLOCK_MIN + ENHANCED_HEAD || u32_of(swapped, at) != BLOCK_ENHANCED_PACKET)
		return 0;
	uint32_t length = u32_of(swapped, at + 4), number = u32_of(swapped, body);
	uint32_t captured = u32_of(swapped, body + 12), len = u32_of(swapped, body + 16);

	if (length < BLOCK_MIN + ENHANCED_HEAD || length % 4 != 0 || length > left ||
	    length > PCAPNG_MAX_BLOCK || captured > length - BLOCK_MIN - ENHANCED_HEAD ||
	    u32_of(swapped, at + length - BLOCK_TAIL) != length || number >= p->count)
		return 0;
	const struct pcapng_interface *interface = &p->interfaces[number];

	if (interface->source < 0)
		return 0;
	frame->at =
		moment_of(interface, (uint64_t)u32_of(swapped, body + 4) << 32 | u32_of(swapped, body + 8));
	frame->bytes = body + ENHANCED_HEAD;
	frame->caplen = captured;
	frame->len = len < captured ? captured : len;
	frame->link = interface->link;
	frame->source = (uint16_t)interface->source;
	return length;
}

size_t pcapng_take(struct pcapng *p, struct frame *frames, size_t room, uint64_t packet)
{
	struct frame frame = { .packet = packet, .matched = true };
	const uint8_t *at;
	size_t left = stream_look(p->stream, 0, &at), taken = 0, n = 0;
	uint32_t length;

	for (; n < room && (length = at_hand(p, p->swapped, at + taken, left - taken, &frame)) > 0; n++) {
		frames[n] = frame;
		frame.packet++;
		taken += length;
	}
	if (n > 0)
		p->last = frames[n - 1].at;
	stream_skip(p->stream, taken);
	return n;
}

size_t pcapng_segments(struct pcapng *p, struct dissector *d, struct segment *segments, size_t room,
		       uint64_t packet)
{
	struct usual usual = usual_begin(d);
	struct segment *s = segments, *const end = segments + room;
	struct frame frame = { .packet = packet, .matched = true };
	const int link = d->usual_link;
	const uint8_t *at;
	size_t there, left;
	uint32_t length;

	if (p->swapped)
		return 0;
	there = left = stream_look(p->stream, 0, &at);
	for (; s < end && (length = at_hand(p, false, at, left, &frame)) > 0; s++) {
		if (frame.link != link || !usual_take(&usual, &frame, s))
			break;
		frame.packet++;
		at += length;
		left -= length;
	}
	size_t n = (size_t)(s - segments);

	usual_end(&usual, n);
	if (n > 0)
		p->last = s[-1].at;
	stream_skip(p->stream, there - left);
	return n;
}

size_t pcapng_interfaces(const struct pcapng *p)
{
	return p->count;
}

const char *pcapng_error(const struct pcapng *p)
{
	return p->error;
}

void pcapng_free(struct pcapng *p)
{
	if (!p)
		return;
	free(p->interfaces);
	free(p);
}
