/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arguments.h - the generator's command line. */
#ifndef LASTACK_BENCH_ARGUMENTS_H
#define LASTACK_BENCH_ARGUMENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/bench/writer.h"

struct options {
	uint64_t connections, seed;
	uint32_t concurrency; /* at most connections */
	uint32_t packets;     /* of a connection, mean */
	uint32_t ipv6;	      /* percent */
	uint32_t duplicates;  /* percent of the packets that are seen twice */
	enum format format;
	bool whole;	    /* payloads are captured */
	uint16_t payload;   /* as in struct body */
	const char *only;   /* name of a scenario, or NULL */
	const char *truth;  /* file name, or NULL */
	const char *output; /* file name, "-" for standard output */
};

/* Reads the command line. Does not return when it is wrong, or asks only for a list. */
struct options arguments(int argc, char **argv);

#endif
