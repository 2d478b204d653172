/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filter.h - one libpcap filter, compiled for every link type that may come.
 *
 * Compiling may read /etc/services and ask a name server, so all of it is done in filters_new(), before the
 * first packet is looked at (design/house.md).
 */
#ifndef LASTACK_DISSECT_FILTER_H
#define LASTACK_DISSECT_FILTER_H

#include <stdbool.h>
#include <stdint.h>

/* What is certainly neither an IP fragment nor an ICMP error, in libpcap's language, on one level of tags. */
#define FILTER_NEITHER                                                                                       \
	"((ip and ip[6:2] & 0x3fff = 0 and (tcp or udp)) or (ip6 and (ip6[6] = 6 or ip6[6] = 17)) or arp)"

struct filters;
struct filter;

enum filter_answer {
	FILTER_MATCHES,
	FILTER_OTHER, /* does not match, but may be a fragment or an ICMP error of something that does */
	FILTER_DROPS, /* does not match, and is neither */
};

/* NULL with errno = ENOMEM. A filter that does not compile is told by filters_for(). */
struct filters *filters_new(const char *text);

/*
 * The filter for a link type (DLT_*), valid until filters_free(). NULL with *why = libpcap's message if the
 * filter does not compile for it; NULL with *why = NULL for a link type that is not decoded
 * (dissect_knows_link()).
 */
const struct filter *filters_for(const struct filters *filters, int link, const char **why);

enum filter_answer filter_ask(const struct filter *filter, const uint8_t *bytes, uint32_t caplen,
			      uint32_t len);

void filters_free(struct filters *filters); /* NULL is fine */

#endif
