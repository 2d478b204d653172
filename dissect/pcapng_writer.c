/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissect/pcapng_writer.h"

#include "dissect/linktype.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* draft-ietf-opsawg-pcapng 4.1 SHB, 4.2 IDB, 4.3 EPB; 3.5 options. */
enum { BLOCK_INTERFACE = 1, BLOCK_ENHANCED_PACKET = 6, BLOCK_SECTION = 0x0a0d0d0a };
enum { OPTION_END = 0, OPTION_IF_NAME = 2, OPTION_IF_TSRESOL = 9 };
enum {
	BYTE_ORDER_MAGIC = 0x1a2b3c4d,
	NAME_MAX_BYTES = 1024,
	GATHER = 256 * 1024, /* bytes handed out at once */
};

struct interface {
	int link;
	size_t next; /* of the same source, NONE = no more */
};

#define NONE SIZE_MAX

struct pcapng_writer {
	bool nanoseconds;
	pcapng_put *put;
	void *context;
	struct interface *interfaces; /* by their number in the file */
	size_t count, size;
	size_t *sources; /* the first interface of each, NONE = none; hostile captures can have many */
	size_t source_count;
	size_t held;
	uint8_t bytes[GATHER];
};

static void flush(struct pcapng_writer *w)
{
	if (w->held > 0)
		w->put(w->context, w->bytes, w->held);
	w->held = 0;
}

static void add(struct pcapng_writer *w, const void *bytes, size_t n)
{
	if (n > GATHER - w->held)
		flush(w);
	if (n > GATHER) {
		w->put(w->context, bytes, n);
		return;
	}
	if (n > 0)
		memcpy(w->bytes + w->held, bytes, n);
	w->held += n;
}

static uint32_t padding(uint32_t n)
{
	return -n & 3;
}

/* The bytes, and as many zeros as make them a multiple of 4. */
static void add_padded(struct pcapng_writer *w, const void *bytes, uint32_t n)
{
	static const uint8_t zeros[4];

	add(w, bytes, n);
	add(w, zeros, padding(n));
}

static void section(struct pcapng_writer *w)
{
	const struct {
		uint32_t type, length, magic;
		uint16_t major, minor;
		uint64_t section; /* length of what follows: not said */
	} __attribute__((packed)) head = {
		.type = BLOCK_SECTION,
		.length = 28,
		.magic = BYTE_ORDER_MAGIC,
		.major = 1,
		.section = UINT64_MAX,
	};

	add(w, &head, sizeof head);
	add(w, &head.length, sizeof head.length);
}

static void option(struct pcapng_writer *w, uint16_t code, const void *value, uint16_t n)
{
	const uint16_t head[2] = { code, n };

	add(w, head, sizeof head);
	add_padded(w, value, n);
}

static void describe(struct pcapng_writer *w, int link, const char *name)
{
	const uint8_t resolution = w->nanoseconds ? 9 : 6;
	const uint16_t n = (uint16_t)strnlen(name, NAME_MAX_BYTES);
	const struct {
		uint32_t type, length;
		uint16_t link, reserved;
		uint32_t snaplen; /* 0 = no limit */
	} head = {
		.type = BLOCK_INTERFACE,
		/* 16 so far; the name, the resolution and the end of the options; the length again */
		.length = 16 + 4 + n + padding(n) + 4 + 4 + 4 + 4,
		.link = linktype_of(link),
	};

	add(w, &head, sizeof head);
	option(w, OPTION_IF_NAME, name, n);
	option(w, OPTION_IF_TSRESOL, &resolution, sizeof resolution);
	option(w, OPTION_END, NULL, 0);
	add(w, &head.length, sizeof head.length);
}

struct pcapng_writer *pcapng_writer_new(bool nanoseconds, pcapng_put *put, void *context)
{
	struct pcapng_writer *w = malloc(sizeof *w);

	if (!w)
		return NULL;
	w->nanoseconds = nanoseconds;
	w->put = put;
	w->context = context;
	w->interfaces = NULL;
	w->sources = NULL;
	w->count = w->size = w->source_count = w->held = 0;
	section(w);
	return w;
}

static bool grow_interfaces(struct pcapng_writer *w)
{
	if (w->count < w->size)
		return true;
	size_t size = w->size ? 2 * w->size : 8;
	struct interface *bigger = realloc(w->interfaces, size * sizeof *bigger);

	if (!bigger)
		return false;
	w->interfaces = bigger;
	w->size = size;
	return true;
}

static bool grow_sources(struct pcapng_writer *w, uint16_t source)
{
	size_t count = w->source_count;

	if (source < count)
		return true;
	while (count <= source)
		count = count ? 2 * count : 8;
	size_t *bigger = realloc(w->sources, count * sizeof *bigger);

	if (!bigger)
		return false;
	for (size_t i = w->source_count; i < count; i++)
		bigger[i] = NONE;
	w->sources = bigger;
	w->source_count = count;
	return true;
}

/* The number of the frame's interface, which is described now if it was not; NONE when out of memory. */
static size_t interface_of(struct pcapng_writer *w, const struct frame *frame, const char *name)
{
	if (!grow_sources(w, frame->source))
		return NONE;
	size_t *first = &w->sources[frame->source];

	for (size_t i = *first; i != NONE; i = w->interfaces[i].next)
		if (w->interfaces[i].link == frame->link)
			return i;
	if (!grow_interfaces(w))
		return NONE;
	w->interfaces[w->count] = (struct interface){ .link = frame->link, .next = *first };
	*first = w->count;
	describe(w, frame->link, name);
	return w->count++;
}

bool pcapng_writer_frame(struct pcapng_writer *w, const struct frame *frame, const char *name)
{
	size_t number = interface_of(w, frame, name);

	if (number == NONE)
		return false;
	uint64_t ticks = (uint64_t)(w->nanoseconds ? frame->at.ns : frame->at.ns / 1000);
	const uint32_t head[] = {
		BLOCK_ENHANCED_PACKET,
		32 + frame->caplen + padding(frame->caplen),
		(uint32_t)number,
		(uint32_t)(ticks >> 32),
		(uint32_t)ticks,
		frame->caplen,
		frame->len,
	};

	add(w, head, sizeof head);
	add_padded(w, frame->bytes, frame->caplen);
	add(w, &head[1], sizeof head[1]);
	return true;
}

void pcapng_writer_finish(struct pcapng_writer *w)
{
	flush(w);
}

void pcapng_writer_free(struct pcapng_writer *w)
{
	if (!w)
		return;
	free(w->interfaces);
	free(w->sources);
	free(w);
}
