/* SPDX-License-Identifier: GPL-2.0-or-later */
/* seed.h - what nobody outside can guess: the seed of a run's hashes. */
#ifndef LASTACK_UI_SEED_H
#define LASTACK_UI_SEED_H

#include <stdint.h>

/* Another one with every call; before the door. */
uint64_t seed_new(void);

#endif
