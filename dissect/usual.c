/* SPDX-License-Identifier: GPL-2.0-or-later */
/* usual.c - see usual.h; here for frames that come one at a time. */
#include "dissect/usual.h"

/* Of a usual frame that gave that segment. */
static struct cursor payload_of(const struct frame *frame, const struct segment *s)
{
	const uint8_t *h = frame->bytes + USUAL_ETHERNET;
	uint32_t ip = s->bits & SEGMENT_IPV6 ? USUAL_IPV6 + (uint32_t)bytes_be16(h + 4) : bytes_be16(h + 2);
	uint32_t end = USUAL_ETHERNET + ip, payload = end - s->len;
	uint32_t captured = frame->caplen < end ? frame->caplen : end;

	return (struct cursor){ .at = frame->bytes + payload, .left = captured - payload };
}

bool packet_usual(struct dissector *d, const struct frame *frame, struct segment *segment)
{
	struct usual usual = usual_begin(d);

	if (frame->link != d->usual_link || !frame->matched || !usual_take(&usual, frame, segment))
		return false;
	usual_end(&usual, 1);
	d->payload = payload_of(frame, segment);
	return true;
}
