/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel_filter.h - the one classic BPF program that the kernel runs on every packet of a watched interface:
 * which packets are wanted, and how much of each.
 *
 * Its return value is the number of bytes to keep: 0 = not wanted; KERNEL_FILTER_WHOLE = all; else the snap
 * length. Private to dissect/, and for its test.
 */
#ifndef LASTACK_DISSECT_KERNEL_FILTER_H
#define LASTACK_DISSECT_KERNEL_FILTER_H

#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	KERNEL_FILTER_WHOLE = 262144, /* more than any packet has, and libpcap's greatest snap length */
};

struct kernel_filter {
	const char *filter; /* libpcap's language, NULL = everything matches */
	/* What does not match, but may be a fragment or an ICMP error, is let through (see filter.h). */
	bool lets_through;
	bool closes_only; /* nothing that is certainly a data segment without SYN, FIN or RST, or no TCP */
	uint32_t snaplen; /* at least 104: see WHOLE in the source */
};

/*
 * Makes the program for a handle (live and activated, or pcap_open_dead()): pcap_freecode() is due after
 * true. False with *why = a sentence, to be freed (NULL: out of memory).
 */
bool kernel_filter_make(pcap_t *handle, const struct kernel_filter *wanted, struct bpf_program *program,
			char **why);

/* Whether 'closes_only' means anything for a link type (DLT_*). On others everything is let through. */
bool kernel_filter_knows_closes(int link);

#endif
