/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/bench/writer.h"

#include "tests/bench/packet.h"

#define NS_PER_SECOND 1000000000

enum { SNAPLEN = 262144, LINK_ETHERNET = 1 };

static void put(struct writer *w, const void *bytes, size_t n)
{
	fwrite_unlocked(bytes, 1, n, w->file); /* the caller looks at ferror() */
}

void writer_begin(struct writer *w, FILE *file, enum format format)
{
	static const uint32_t pcapng[] = {
		0x0a0d0d0a, 28, 0x1a2b3c4d,    0x00000001, 0xffffffff, 0xffffffff, 28, /* section */
		1,	    32, LINK_ETHERNET, SNAPLEN,	   0x00010009, 9,	   0,
		32, /* interface; if_tsresol = 10^-9 */
	};
	const uint32_t pcap[] = {
		format == FORMAT_PCAP ? 0xa1b2c3d4 : 0xa1b23c4d, 0x00040002, 0, 0, SNAPLEN, LINK_ETHERNET
	};

	*w = (struct writer){ .file = file, .format = format };
	if (format == FORMAT_PCAPNG)
		put(w, pcapng, sizeof pcapng);
	else
		put(w, pcap, sizeof pcap);
}

void writer_frame(struct writer *w, int64_t at, const uint8_t *headers, size_t n, size_t payload,
		  size_t captured)
{
	static const uint8_t zeros[PACKET_PAYLOAD_MAX + 4];
	uint32_t caplen = (uint32_t)(n + captured), len = (uint32_t)(n + payload);
	uint32_t seconds = (uint32_t)(at / NS_PER_SECOND), rest = (uint32_t)(at % NS_PER_SECOND);

	if (w->format != FORMAT_PCAPNG) {
		const uint32_t record[] = { seconds, w->format == FORMAT_PCAP ? rest / 1000 : rest, caplen,
					    len };

		put(w, record, sizeof record);
		put(w, headers, n);
		put(w, zeros, captured);
		return;
	}
	uint32_t padding = -caplen & 3, total = 32 + caplen + padding;
	const uint32_t block[] = { 6, total, 0, (uint32_t)((uint64_t)at >> 32), (uint32_t)at, caplen, len };

	put(w, block, sizeof block);
	put(w, headers, n);
	put(w, zeros, captured + padding);
	put(w, &total, sizeof total);
}
