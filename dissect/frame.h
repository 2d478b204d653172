/* SPDX-License-Identifier: GPL-2.0-or-later */
/* frame.h - one frame as a capture holds it: what capture.h gives and dissect.h takes. */
#ifndef LASTACK_DISSECT_FRAME_H
#define LASTACK_DISSECT_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "dissect/segment.h"

struct frame {
	struct moment at;
	uint64_t packet;      /* from 1, counted over all inputs in reading order */
	const uint8_t *bytes; /* caplen of them; valid until the next frame is asked for */
	uint32_t caplen;      /* captured */
	uint32_t len;	      /* as sent */
	int link;	      /* DLT_* (libpcap's numbers for this platform), see link.h */
	uint16_t source;      /* index of the input, see capture_source() */
	bool matched;	      /* false: did not match -f, and is here only because it may be
				 a fragment or an ICMP error (see capture_options.filter) */
};

#endif
