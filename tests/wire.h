/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wire.h - a pair of virtual Ethernet devices in a network namespace of the test's own: what is sent into
 * "sender" comes out of "seer", and nothing else passes. Needs root.
 */
#ifndef LASTACK_TESTS_WIRE_H
#define LASTACK_TESTS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Leaves the namespace for a new one with nothing in it. False if that is not permitted. */
bool wire_namespace(void);

void wire_make(void);	/* both devices, up */
void wire_remove(void); /* if they are there */

/* Runs a command of ip(8). */
__attribute__((format(printf, 1, 2))) void ip(const char *format, ...);

/* A frame in the making: Ethernet, tags, IPv4 and what it carries; all sums of bytes are the headers'. */
struct wire_frame {
	int tags;	   /* 802.1Q, with the numbers 5, 6 ... */
	uint8_t protocol;  /* 6 = TCP, 17 = UDP, 1 = ICMP */
	uint16_t fragment; /* flags and offset */
	uint16_t port;	   /* of the destination */
	uint8_t flags;	   /* of TCP */
	uint8_t icmp;	   /* type */
	size_t payload;	   /* bytes */
};

/* Sends it into an interface; returns its length, tags included. */
size_t wire_send(const char *interface, const struct wire_frame *frame);

#endif
