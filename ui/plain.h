/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plain.h - counts, shares, durations and addresses as people read them, for sentences.
 * Each is a value that lives until the end of the full expression it is made in, so
 * that plain_number(n).s can stand among the arguments of a printf. Nothing here
 * depends on the locale; all is ASCII.
 */
#ifndef LASTACK_UI_PLAIN_H
#define LASTACK_UI_PLAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "dissect/segment.h"

struct plain {
	char s[64];
};

struct plain plain_number(uint64_t n); /* 1,204,331 */

/* 1 connection, 2 connections, 0 connections. */
struct plain plain_count(uint64_t n, const char *one, const char *many);

/* n of whole: 12.3 %, <0.1 %, >99.9 %; 0 % and 100 % only when it is so; "-" when whole is 0. */
struct plain plain_share(uint64_t n, uint64_t whole);

/* The same without a fraction: 12 %, <1 %, >99 %. */
struct plain plain_round_share(uint64_t n, uint64_t whole);

/* The two greatest units: 0.25 ms, 12.3 s, 5 min 12 s, 1 h 2 min, 3 d 4 h. Below 0 is 0. */
struct plain plain_duration(int64_t ns);

struct plain plain_bytes(uint64_t n); /* 1 byte, 999 bytes, 1.2 kB, 3.4 GB: powers of 1,000 */

/* n in that time, a second: 12.3 a second, 0.1 a second, 3 an hour, less than one an hour. "-" when ns <= 0.
 */
struct plain plain_rate(uint64_t n, int64_t ns);

struct plain plain_host(const struct host *host);
struct plain plain_endpoint(const struct host *host, uint16_t port); /* 192.0.2.1:80, [2001:db8::1]:80 */

/* 2026-11-20 08:11:02 (UTC); with day false only 08:11:02. */
struct plain plain_moment(struct moment at, bool day);

#endif
