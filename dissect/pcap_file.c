/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissect/pcap_file.h"

#include "dissect/dissect.h"
#include "dissect/linktype.h"

#include <inttypes.h>
#include <limits.h>
#include <pcap/dlt.h>
#include <stdio.h>
#include <string.h>

/* draft-ietf-opsawg-pcap 4; libpcap's limit for all links that are decoded here. */
enum { FILE_HEAD = 24, VERSION_MAJOR = 2, VERSION_MINOR = 4, CAPTURED_MAX = 262144 };
enum { MAGIC_MICRO = 0xa1b2c3d4, MAGIC_NANO = 0xa1b23c4d };

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
	uint32_t magic = pcap_file_u32(p, at);

	if (magic != MAGIC_MICRO && magic != MAGIC_NANO) {
		p->swapped = true;
		magic = pcap_file_u32(p, at);
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
	uint32_t snaplen = pcap_file_u32(p, head + 16), linktype = pcap_file_u32(p, head + 20) & 0x03ffffff;

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

enum pcap_file_result pcap_file_look(struct pcap_file *p, struct frame *frame)
{
	if (!there(p, PCAP_FILE_RECORD))
		return end(p);
	uint32_t captured = pcap_file_u32(p, p->at + 8);

	if (captured > CAPTURED_MAX)
		return too_long(p, captured);
	if (!there(p, PCAP_FILE_RECORD + (size_t)captured))
		return end(p);
	uint32_t len = pcap_file_u32(p, p->at + 12);

	pcap_file_take(p, frame);
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
