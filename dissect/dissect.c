// SPDX-License-Identifier: GPL-2.0-or-later
/* dissect.c - from layer to layer through a frame, and the count of what came of it. */
#include "dissect/dissect.h"

#include <errno.h>
#include <pcap/dlt.h>
#include <stdlib.h>

#include "dissect/packet.h"

enum {
	LAYERS_MAX = 24, /* a fragmented ERSPAN of VXLAN of VLANs takes 14 */
	FRAGMENT_MEMORY = 16 << 20,
};

#define RESULT_TEXT(id, text) [id] = text,
const char *const dissect_result_texts[DISSECT_RESULT_COUNT] = { DISSECT_RESULTS(RESULT_TEXT) };
#undef RESULT_TEXT

#define LAYER_DECODER(id, decode) [id] = decode,
static enum layer (*const decoders[LAYER_COUNT])(struct packet *) = { LAYERS(LAYER_DECODER) };
#undef LAYER_DECODER

/* GCC copies a segment of zeros in half the time that it takes to clear one. */
static const struct segment blank;

struct dissector *dissector_new(const struct dissect_options *options)
{
	struct dissector *d = calloc(1, sizeof *d);
	size_t memory = options->fragment_memory ? options->fragment_memory : FRAGMENT_MEMORY;

	if (!d)
		return NULL;
	d->options = *options;
	d->usual_link = options->no_shortcut ? -1 : DLT_EN10MB;
	if (options->no_reassembly)
		return d;
	d->fragments6 = fragments6_new(memory);
	d->reassembler = d->fragments6 ? reassembler_new(memory) : NULL;
	d->trail = options->trail ? trail_new(memory) : NULL;
	if (!d->reassembler || (options->trail && !d->trail)) {
		int error = errno;

		dissector_free(d);
		errno = error;
		return NULL;
	}
	return d;
}

void dissector_free(struct dissector *d)
{
	if (!d)
		return;
	reassembler_free(d->reassembler);
	fragments6_free(d->fragments6);
	trail_free(d->trail);
	free(d);
}

/* Of a frame that does not match -f only ICMP errors and (parts of) reassembled datagrams are of use. */
static enum dissect_result unmatched(const struct packet *p)
{
	switch (p->result) {
	case DISSECT_ICMP:
	case DISSECT_FRAGMENT:
	case DISSECT_NOT_REASSEMBLED:
	case DISSECT_BAD_FRAGMENT:
		return p->result;
	case DISSECT_SEGMENT:
		return p->reassembled ? DISSECT_SEGMENT : DISSECT_UNMATCHED;
	default:
		return DISSECT_UNMATCHED;
	}
}

static void begin(struct segment *segment, const struct frame *frame)
{
	*segment = blank;
	segment->at = frame->at;
	segment->packet = frame->packet;
	segment->source = frame->source;
}

/* From layer to layer. Not inline, so that the shortcut needs no registers saved. */
__attribute__((noinline)) static bool decode_layers(struct dissector *d, const struct frame *frame,
						    struct segment *segment)
{
	struct packet p = {
		.dissector = d,
		.frame = frame,
		.segment = segment,
		.rest = { .at = frame->bytes, .left = frame->caplen },
		.cut = frame->len > frame->caplen ? frame->len - frame->caplen : 0,
		.matched = frame->matched,
	};
	enum layer layer = packet_link(&p, frame->link);

	begin(segment, frame);
	while (layer != LAYER_END) {
		if (p.layers++ == LAYERS_MAX)
			layer = packet_end(&p, DISSECT_TOO_DEEP);
		else
			layer = decoders[layer](&p);
	}
	if (!p.matched)
		p.result = unmatched(&p);
	d->counts.frames++;
	d->counts.by_result[p.result]++;
	return p.result == DISSECT_SEGMENT || p.result == DISSECT_ICMP;
}

bool dissect_frame(struct dissector *d, const struct frame *frame, struct segment *segment)
{
	return packet_usual(d, frame, segment) || decode_layers(d, frame, segment);
}

const uint64_t *dissect_fragments(const struct dissector *d, uint64_t packet, size_t *n)
{
	*n = 0;
	return d->trail ? trail_frames(d->trail, packet, n) : NULL;
}

const uint8_t *dissect_payload(const struct dissector *d, size_t *captured)
{
	*captured = d->payload.left;
	return d->payload.at;
}

struct dissect_counts dissect_counts(const struct dissector *d)
{
	struct dissect_counts counts = d->counts;

	counts.frames += d->usual;
	counts.by_result[DISSECT_SEGMENT] += d->usual;
	if (d->reassembler) {
		counts.incomplete = fragments6_given_up(d->fragments6) + reassembler_given_up(d->reassembler);
		counts.reassembler_died |= reassembler_worker(d->reassembler) == 0;
	}
	return counts;
}
