/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * icmp.c - what ICMP and ICMPv6 errors mean to TCP (RFC 1122 4.2.3.9, RFC 5461; the errno as in Linux's
 * icmp_err_convert and icmpv6_err_convert; design/verdicts.md 5).
 */
#include "analyzer/cause.h"

struct meaning {
	enum saw saw;
	enum cause cause;
};

enum { UNREACHABLE4 = 3, UNREACHABLE6 = 1, PARAMETER6 = 4, NEXT_HEADER6 = 1 };

/* Destination unreachable, by code (RFC 792, RFC 1122 3.2.2.1). */
static const struct meaning by_code4[] = {
	[0] = { SAW_ENETUNREACH, CAUSE_ICMP_NET },	[1] = { SAW_EHOSTUNREACH, CAUSE_ICMP_HOST },
	[2] = { SAW_ENOPROTOOPT, CAUSE_ICMP_PROTOCOL }, [3] = { SAW_ECONNREFUSED, CAUSE_ICMP_PORT },
	[4] = { SAW_EHOSTUNREACH, CAUSE_ICMP_HOST }, /* fragmentation needed: never gets here */
	[5] = { SAW_EHOSTUNREACH, CAUSE_ICMP_HOST },	[6] = { SAW_ENETUNREACH, CAUSE_ICMP_NET },
	[7] = { SAW_EHOSTUNREACH, CAUSE_ICMP_HOST },	[8] = { SAW_EHOSTUNREACH, CAUSE_ICMP_HOST },
	[9] = { SAW_ENETUNREACH, CAUSE_ICMP_ADMIN },	[10] = { SAW_EHOSTUNREACH, CAUSE_ICMP_ADMIN },
	[11] = { SAW_ENETUNREACH, CAUSE_ICMP_NET },	[12] = { SAW_EHOSTUNREACH, CAUSE_ICMP_HOST },
	[13] = { SAW_EHOSTUNREACH, CAUSE_ICMP_ADMIN },
};

/* Destination unreachable, by code (RFC 4443 3.1). */
static const struct meaning by_code6[] = {
	[0] = { SAW_ENETUNREACH, CAUSE_ICMP_NET },   [1] = { SAW_EACCES, CAUSE_ICMP_ADMIN },
	[2] = { SAW_EHOSTUNREACH, CAUSE_ICMP_HOST }, [3] = { SAW_EHOSTUNREACH, CAUSE_ICMP_HOST },
	[4] = { SAW_ECONNREFUSED, CAUSE_ICMP_PORT }, [5] = { SAW_EACCES, CAUSE_ICMP_ADMIN },
	[6] = { SAW_EACCES, CAUSE_ICMP_ADMIN },
};

/* Parameter problem, unrecognised next header (RFC 4443 3.4): IPv6's protocol unreachable. */
static const struct meaning no_protocol6 = { SAW_EPROTO, CAUSE_ICMP_PROTOCOL };

/* Time exceeded, parameter problem, codes yet to come: the host was not reached. */
static const struct meaning unreached = { SAW_EHOSTUNREACH, CAUSE_ICMP_HOST };

static const struct meaning *meaning_of(const struct flow *f, const struct closing_end *end)
{
	if ((f->bits & FLOW_IPV6) && end->icmp_type == PARAMETER6 && end->icmp_code == NEXT_HEADER6)
		return &no_protocol6;
	if (f->bits & FLOW_IPV6)
		return end->icmp_type == UNREACHABLE6 && end->icmp_code < sizeof by_code6 / sizeof *by_code6
			       ? &by_code6[end->icmp_code]
			       : &unreached;
	return end->icmp_type == UNREACHABLE4 && end->icmp_code < sizeof by_code4 / sizeof *by_code4
		       ? &by_code4[end->icmp_code]
		       : &unreached;
}

enum saw icmp_saw(const struct flow *f, const struct closing_end *end)
{
	return meaning_of(f, end)->saw;
}

enum cause icmp_cause(const struct flow *f, const struct closing_end *end)
{
	return meaning_of(f, end)->cause;
}
