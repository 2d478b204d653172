/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissect/linktype.h"

#include <pcap/dlt.h>
#include <stddef.h>

/* What libpcap maps on Linux, found by asking it for all of them; every other number is its own. */
static const struct {
	uint16_t file;
	int here;
} differ[] = {
	{ 100, DLT_ATM_RFC1483 }, { 101, DLT_RAW },	 { 102, DLT_SLIP_BSDOS },
	{ 103, DLT_PPP_BSDOS },	  { 106, DLT_ATM_CLIP },
};

int linktype_dlt(uint16_t linktype)
{
	for (size_t i = 0; i < sizeof differ / sizeof *differ; i++)
		if (differ[i].file == linktype)
			return differ[i].here;
	return linktype;
}

uint16_t linktype_of(int dlt)
{
	for (size_t i = 0; i < sizeof differ / sizeof *differ; i++)
		if (differ[i].here == dlt)
			return differ[i].file;
	return (uint16_t)dlt;
}
