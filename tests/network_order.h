/* SPDX-License-Identifier: GPL-2.0-or-later */
/* network_order.h - numbers as they stand in packets, into bytes that a test has made. */
#ifndef LASTACK_TESTS_NETWORK_ORDER_H
#define LASTACK_TESTS_NETWORK_ORDER_H

#include <stddef.h>
#include <stdint.h>

/* The lowest 16 bits of value. */
static inline void put_be16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static inline void put_be32(uint8_t *at, uint32_t value)
{
	put_be16(at, value >> 16);
	put_be16(at + 2, value);
}

#endif
