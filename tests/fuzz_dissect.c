// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_dissect.c - libFuzzer's entry to the decoder: frames of every link type, IPv6 fragments included.
 *
 * An input is a sequence of frames, each: one byte that picks the link type, two for the length captured, two
 * for what was cut off behind it, one for the seconds since the frame before, then its bytes. Build with
 * -DLASTACK_FUZZ=ON and clang. IPv4 fragments stay with the reassembler's own tests: its worker is another
 * process.
 */
#include <stdlib.h>
#include <string.h>

#include "dissect/cursor.h"
#include "dissect/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LINKS_MAX = 512 };

/* As assert(), in release builds too. */
static void demand(bool holds)
{
	if (!holds)
		abort();
}

static int link_of(uint8_t choice)
{
	int known[LINKS_MAX];
	size_t count = 0;

	for (int link = 0; link < LINKS_MAX; link++) {
		if (dissect_knows_link(link))
			known[count++] = link;
	}
	return known[choice % count];
}

/* What holds for every segment, whatever it was made from. */
static void check_segment(const struct segment *s)
{
	demand(s->kind == SEGMENT_TCP || s->kind == SEGMENT_ICMP);
	if (s->kind != SEGMENT_TCP)
		return;
	demand(s->says.rst.text_len <= SEGMENT_TEXT_MAX);
	demand(s->flags & TCP_RST || s->says.rst.text_len == 0);
	for (size_t i = 0; i < s->says.rst.text_len; i++)
		demand(s->says.rst.text[i] >= 0x20 && s->says.rst.text[i] <= 0x7e);
	demand(s->bits & SEGMENT_IPV6 || host_is_ipv4(&s->src));
	demand(s->bits & SEGMENT_TIMESTAMPS || s->tsval == 0);
	demand(s->flags & TCP_SYN || s->wscale == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dissector *d = dissector_new(&(struct dissect_options){ .no_reassembly = true });
	struct cursor input = { .at = data, .left = size };
	struct frame frame = { .matched = true };
	struct dissect_counts counts;
	uint64_t sum = 0;

	demand(d != NULL);
	d->fragments6 = fragments6_new(1 << 16);
	demand(d->fragments6 != NULL);
	while (input.left >= 6) {
		struct segment segment;
		uint8_t *copy;

		frame.link = link_of(cursor_u8(&input));
		frame.caplen = cursor_be16(&input);
		frame.len = frame.caplen + cursor_be16(&input);
		frame.at.ns += cursor_u8(&input) * 1000000000LL;
		frame.packet++;
		if (frame.caplen > input.left)
			frame.caplen = (uint32_t)input.left;
		copy = malloc(frame.caplen ? frame.caplen : 1); /* its own block, for ASan */
		demand(copy != NULL);
		if (frame.caplen > 0)
			memcpy(copy, cursor_take(&input, frame.caplen), frame.caplen);
		frame.bytes = copy;
		if (dissect_frame(d, &frame, &segment))
			check_segment(&segment);
		free(copy);
	}
	counts = dissect_counts(d);
	for (size_t i = 0; i < DISSECT_RESULT_COUNT; i++)
		sum += counts.by_result[i];
	demand(sum == counts.frames && counts.frames == frame.packet);
	dissector_free(d);
	return 0;
}
