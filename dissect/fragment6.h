/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fragment6.h - IPv6 fragments in, whole payloads out (RFC 8200 4.5, RFC 5722).
 *
 * Small and bounded: a fixed memory limit, constant work per fragment, expiry by packet time 60 s after the
 * first fragment of a packet; overlapping fragments give up their whole packet, silently (RFC 5722), exact
 * duplicates are fine; atomic fragments (offset 0, no more) are whole at once and touch no others (RFC 6946).
 */
#ifndef LASTACK_DISSECT_FRAGMENT6_H
#define LASTACK_DISSECT_FRAGMENT6_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dissect/segment.h"

#define FRAGMENT6_TIMEOUT_NS (60LL * 1000000000)

struct fragments6;

/* One fragment: what follows its Fragment header, and what that says. */
struct fragment6 {
	struct host src, dst;
	uint32_t id;
	uint32_t offset; /* bytes */
	bool more;
	uint8_t next_header; /* of the Fragment header; that of the first fragment counts */
	const uint8_t *bytes;
	size_t length; /* captured */
	size_t sent;   /* as sent; if captured is less, the fragment is refused */
};

enum fragment6_result { FRAGMENT6_WAITING, FRAGMENT6_WHOLE, FRAGMENT6_REFUSED };

/* memory = bytes that waiting fragments may hold, headers of ours included. NULL with errno. */
struct fragments6 *fragments6_new(size_t memory);

/* After FRAGMENT6_WHOLE *payload (valid until the next call) begins with the header *next_header. */
enum fragment6_result fragments6_add(struct fragments6 *f, struct moment at, const struct fragment6 *fragment,
				     const uint8_t **payload, size_t *length, uint8_t *next_header);

/* Packets given up so far: expired, overlapping, or pushed out by the memory limit. */
uint64_t fragments6_given_up(const struct fragments6 *f);

void fragments6_free(struct fragments6 *f); /* NULL is fine */

#endif
