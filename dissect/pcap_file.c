/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissect/pcap_file.h"

#include "dissect/dissect.h"
#include "dissect/linktype.h"
#include "dissect/usual.h"

#include <inttypes.h>
#include <limits.h>
#include <pcap/dlt.h>
#include <stdio.h>
#include <string.h>

/* draft-ietf-opsawg-pcap 4 and 5; libpcap's limit for all links that are decoded here. */
enum { FILE_HEAD = 24, RECORD_HEAD = 16, VERSION_MAJOR = 2, VERSION_MINOR = 4, CAPTURED_MAX = 262144 };
enum { MAGIC_MICRO = 0xa1b2c3d4, MAGIC_NANO = 0xa1b23c4d };

static inline uint32_t u32(const uint8_t *at, bool swapped)
{
	uint32_t n;

	memcpy(&n, at, sizeof n);
	return swapped ? __builtin_bswap32(n) : n;
}

static uint16_t u16(const struct pcap_file *p, const uint8_t *at)
{
	uint16_t n;

	memcpy(&n, at, sizeof n);
	return p->swapped ? __builtin_bswap16(n) : n;
}

/* In packets of these links libpcap turns fields of the host's byte order, where the file's is another. */
static bool libpcap_swaps(int link)
{
	return link == DLT_NFLOG || link == DLT_LINUX_SLL || link == DLT_LINUX_SLL2;
}

/* By the magic number: the unit of times, and the byte order; false if it is none of a classic file. */
static bool magic_read(struct pcap_file *p, const uint8_t *at)
{
	uint32_t magic = u32(at, p->swapped);

	if (magic != MAGIC_MICRO && magic != MAGIC_NANO) {
		p->swapped = true;
		magic = u32(at, p->swapped);
	}
	p->per_second = magic == MAGIC_NANO ? 1000000000 : 1000000;
	p->ns = 1000000000 / p->per_second;
	return magic == MAGIC_MICRO || magic == MAGIC_NANO;
}

bool pcap_file_begin(struct pcap_file *p, struct stream *s)
{
	const uint8_t *head;

	*p = (struct pcap_file){ .stream = s };
	if (stream_look(s, 4, &head) < 4 || !magic_read(p, head))
		return false;
	if (stream_look(s, FILE_HEAD, &head) < FILE_HEAD)
		return false;
	if (u16(p, head + 4) != VERSION_MAJOR || u16(p, head + 6) != VERSION_MINOR)
		return false;
	/* the upper 6 bits of the last field tell of frame check sequences, which nobody here needs */
	uint32_t snaplen = u32(head + 16, p->swapped), linktype = u32(head + 20, p->swapped) & 0x03ffffff;

	p->link = linktype <= UINT16_MAX ? linktype_dlt((uint16_t)linktype) : -1;
	if (!dissect_knows_link(p->link) || (p->swapped && libpcap_swaps(p->link)))
		return false;
	/* none, or one that cannot be, is the largest to libpcap */
	p->snaplen = snaplen == 0 || snaplen > INT_MAX ? CAPTURED_MAX : snaplen;
	p->usual = p->snaplen < CAPTURED_MAX ? p->snaplen : CAPTURED_MAX;
	p->looked = head;
	p->at = p->end = head + FILE_HEAD;
	return true;
}

/* Makes n bytes be there from p->at on; false if the file has no n more. */
static bool there(struct pcap_file *p, size_t n)
{
	if ((size_t)(p->end - p->at) >= n)
		return true;
	stream_skip(p->stream, (size_t)(p->at - p->looked));
	size_t left = stream_look(p->stream, n, &p->looked);

	p->at = p->looked;
	p->end = p->at + left;
	return left >= n;
}

/* There is no whole packet any more. */
static enum pcap_file_result end(struct pcap_file *p)
{
	if (p->at == p->end && !stream_error(p->stream))
		return PCAP_FILE_END;
	snprintf(p->error, sizeof p->error, "%s",
		 stream_error(p->stream) ? stream_error(p->stream)
					 : "the file ends in the middle of a packet (cut short?)");
	return PCAP_FILE_BROKEN;
}

/* In libpcap's words. */
static enum pcap_file_result too_long(struct pcap_file *p, uint32_t captured)
{
	bool beyond = captured > p->snaplen;

	snprintf(p->error, sizeof p->error,
		 "invalid packet capture length %" PRIu32 ", bigger than %s of %" PRIu32, captured,
		 beyond ? "snaplen" : "maximum", beyond ? p->snaplen : CAPTURED_MAX);
	return PCAP_FILE_BROKEN;
}

/* A packet that is all there, with 'captured' bytes. Seconds are unsigned (draft-ietf-opsawg-pcap 5);
 * fractions that are none become the last nanosecond. */
static inline void packet_set(const struct pcap_file *p, const uint8_t *at, uint32_t captured, bool swapped,
			      struct frame *frame)
{
	uint32_t seconds = u32(at, swapped), fraction = u32(at + 4, swapped), len = u32(at + 12, swapped);

	frame->at.ns =
		(int64_t)seconds * 1000000000 + (fraction < p->per_second ? fraction * p->ns : 999999999);
	frame->bytes = at + RECORD_HEAD;
	frame->caplen = captured;
	frame->len = len < captured ? captured : len;
}

/* Whether there is one at p->at that can be taken as it is. */
static inline bool at_hand(const struct pcap_file *p, bool swapped, struct frame *frame)
{
	size_t left = (size_t)(p->end - p->at);

	if (left < RECORD_HEAD)
		return false;
	uint32_t captured = u32(p->at + 8, swapped);

	if (captured > p->usual || captured > left - RECORD_HEAD)
		return false;
	packet_set(p, p->at, captured, swapped, frame);
	return true;
}

/* A loop for each byte order. */
static inline size_t take(struct pcap_file *p, struct frame *frames, size_t room, const struct frame *like,
			  bool swapped)
{
	struct pcap_file file = *p;
	struct frame frame = *like;
	size_t n = 0;

	for (; n < room && at_hand(&file, swapped, &frame); n++) {
		frames[n] = frame;
		frame.packet++;
		file.at += RECORD_HEAD + frame.caplen;
	}
	p->at = file.at;
	return n;
}

size_t pcap_file_take(struct pcap_file *p, struct frame *frames, size_t room, const struct frame *like)
{
	return p->swapped ? take(p, frames, room, like, true) : take(p, frames, room, like, false);
}

size_t pcap_file_segments(struct pcap_file *p, struct dissector *d, struct segment *segments, size_t room,
			  const struct frame *like)
{
	struct pcap_file file = *p;
	struct usual usual = usual_begin(d);
	struct segment *s = segments, *const end = segments + room;
	struct frame frame = *like;

	if (like->link != d->usual_link || p->swapped)
		return 0;
	for (; s < end && at_hand(&file, false, &frame) && usual_take(&usual, &frame, s); s++) {
		frame.packet++;
		file.at += RECORD_HEAD + frame.caplen;
	}
	size_t n = (size_t)(s - segments);

	usual_end(&usual, n);
	p->at = file.at;
	return n;
}

enum pcap_file_result pcap_file_look(struct pcap_file *p, struct frame *frame)
{
	if (!there(p, RECORD_HEAD))
		return end(p);
	uint32_t captured = u32(p->at + 8, p->swapped);

	if (captured > CAPTURED_MAX)
		return too_long(p, captured);
	if (!there(p, RECORD_HEAD + (size_t)captured))
		return end(p);
	uint32_t len = u32(p->at + 12, p->swapped);

	packet_set(p, p->at, captured, p->swapped, frame);
	p->at += RECORD_HEAD + (size_t)captured;
	if (captured > p->snaplen) { /* as in libpcap: the rest is passed over */
		frame->caplen = p->snaplen;
		frame->len = len < p->snaplen ? p->snaplen : len;
	}
	return PCAP_FILE_PACKET;
}

const char *pcap_file_error(const struct pcap_file *p)
{
	return p->error;
}
