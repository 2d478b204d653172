/* SPDX-License-Identifier: GPL-2.0-or-later */
/* linktype.h - between the link types that stand in files and those of this platform. */
#ifndef LASTACK_DISSECT_LINKTYPE_H
#define LASTACK_DISSECT_LINKTYPE_H

#include <stdint.h>

/* The platform's DLT_* for a pcap or pcapng file's LINKTYPE_*. */
int linktype_dlt(uint16_t linktype);

/* The other way round; dlt must be one that came out of linktype_dlt() or libpcap. */
uint16_t linktype_of(int dlt);

#endif
