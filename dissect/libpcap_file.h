/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libpcap_file.h - packets out of any capture that libpcap reads: what pcap_file.h and pcapng.h leave. */
#ifndef LASTACK_DISSECT_LIBPCAP_FILE_H
#define LASTACK_DISSECT_LIBPCAP_FILE_H

#include <stdbool.h>

#include "dissect/frame.h"
#include "dissect/pcap_file.h"
#include "dissect/stream.h"

/* To be held by value, zeroed before libpcap_file_begin(); link and nanoseconds may be read. */
struct libpcap_file {
	struct pcap *pcap;
	struct stream *stream;
	int link;	  /* DLT_* */
	bool nanoseconds; /* the file's times are finer than microseconds */
	char error[256];
};

/* Begins to read from s, which stays the caller's and must outlive p. False if libpcap cannot: p's error says
 * why. */
bool libpcap_file_begin(struct libpcap_file *p, struct stream *s);

/* The next packet: sets frame's at, bytes (valid until the next call), caplen and len. After END and BROKEN
 * no more comes. */
enum pcap_file_result libpcap_file_next(struct libpcap_file *p, struct frame *frame);

/* A sentence for people without the file's name, valid as long as p. */
const char *libpcap_file_error(const struct libpcap_file *p);

void libpcap_file_end(struct libpcap_file *p); /* a zeroed one is fine */

#endif
