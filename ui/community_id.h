/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * community_id.h - Community ID flow hashing, version 1, seed 0, for TCP: a key that Zeek, Suricata,
 * Wireshark and others give the same connection (github.com/corelight/community-id-spec).
 */
#ifndef LASTACK_UI_COMMUNITY_ID_H
#define LASTACK_UI_COMMUNITY_ID_H

#include "dissect/segment.h"

enum { COMMUNITY_ID_LENGTH = 30 }; /* "1:" and 20 bytes in base64 */

/* The same whichever end is named first. id is not terminated. */
void community_id(char id[static COMMUNITY_ID_LENGTH], const struct host host[static 2],
		  const uint16_t port[static 2]);

#endif
