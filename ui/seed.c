/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ui/seed.h"

#include <sys/random.h>
#include <unistd.h>

uint64_t seed_new(void)
{
	uint64_t seed = 0;

	/* With so few bytes it can only fail where the call does not exist; then the hash is known. */
	if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
		seed = (uint64_t)getpid();
	return seed;
}
