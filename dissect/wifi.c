// SPDX-License-Identifier: GPL-2.0-or-later
/* wifi.c - IEEE 802.11 data frames, and the radiotap header before them. */
#include "dissect/packet.h"

enum {
	CONTROL_TYPE = 0x0f,	/* version and type of the first byte of frame control */
	CONTROL_DATA = 0x08,	/* version 0, type data */
	CONTROL_NO_DATA = 0x40, /* subtypes without a body ("null") */
	CONTROL_QOS = 0x80,
	FLAGS_BOTH_DS = 0x03, /* in the second byte: to and from a distribution system */
	FLAGS_PROTECTED = 0x40,
	FLAGS_ORDER = 0x80,
	QOS_AMSDU = 0x80,
};

/* Radiotap's flags field says whether the 802.11 header is padded to four bytes. */
static bool radiotap_pads(const uint8_t *header, size_t length)
{
	enum { TSFT = 0x01, FLAGS = 0x02, MORE = 0x80, PADDED = 0x20 };
	size_t at = 8;

	if (!(header[4] & FLAGS))
		return false;
	for (size_t present = 4; header[present + 3] & MORE; present += 4, at += 4) {
		if (at + 4 > length)
			return false;
	}
	if (header[4] & TSFT)
		at = ((at + 7) & ~(size_t)7) + 8;
	return at < length && header[at] & PADDED;
}

static enum layer decode_header(struct packet *p, bool padded, bool swapped)
{
	const uint8_t *h = cursor_take(&p->rest, 24);
	uint8_t control, flags, qos = 0;
	size_t length = 24;

	if (!h)
		return packet_end_short(p);
	control = h[swapped ? 1 : 0];
	flags = h[swapped ? 0 : 1];
	if ((control & CONTROL_TYPE) != CONTROL_DATA || control & CONTROL_NO_DATA)
		return packet_end(p, DISSECT_NOT_IP);
	if ((flags & FLAGS_BOTH_DS) == FLAGS_BOTH_DS) {
		cursor_skip(&p->rest, 6);
		length += 6;
	}
	if (control & CONTROL_QOS) {
		bool high_throughput = flags & FLAGS_ORDER; /* then an HT control field follows */

		qos = cursor_u8(&p->rest);
		cursor_skip(&p->rest, high_throughput ? 5 : 1);
		length += high_throughput ? 6 : 2;
	}
	if (padded)
		cursor_skip(&p->rest, -length & 3);
	if (flags & FLAGS_PROTECTED)
		return packet_end(p, DISSECT_ENCRYPTED);
	if (qos &
	    QOS_AMSDU) /* of several packets in a frame the first counts: addresses and length before it */
		cursor_skip(&p->rest, 14);
	return p->rest.short_read ? packet_end_short(p) : LAYER_LLC;
}

enum layer decode_wifi(struct packet *p)
{
	return decode_header(p, false, false);
}

/* As Cisco's access points send it through CAPWAP: the two bytes of frame control exchanged, mostly. */
enum layer decode_wifi_swapped(struct packet *p)
{
	const uint8_t *control = cursor_peek(&p->rest, 0, 2);

	return decode_header(p, false, control && (control[1] & CONTROL_TYPE) == CONTROL_DATA);
}

enum layer decode_radiotap(struct packet *p)
{
	const uint8_t *h = cursor_peek(&p->rest, 0, 8);
	uint16_t length;

	if (!h)
		return packet_end_short(p);
	length = bytes_le16(h + 2);
	if (h[0] != 0 || length < 8)
		return packet_end(p, DISSECT_MALFORMED);
	if (!cursor_take(&p->rest, length))
		return packet_end_short(p);
	return decode_header(p, radiotap_pads(h, length), false);
}
