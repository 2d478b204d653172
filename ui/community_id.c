/* SPDX-License-Identifier: GPL-2.0-or-later */
/* community_id.c - Community ID flow hashing, version 1, seed 0, for TCP. */
#include "ui/community_id.h"

#include <netinet/in.h>
#include <nettle/base64.h>
#include <nettle/sha1.h>
#include <string.h>

_Static_assert(COMMUNITY_ID_LENGTH == 2 + BASE64_ENCODE_RAW_LENGTH(SHA1_DIGEST_SIZE), "version, then digest");

static size_t put(uint8_t *to, size_t at, const void *from, size_t n)
{
	memcpy(to + at, from, n);
	return at + n;
}

static size_t put_port(uint8_t *to, size_t at, uint16_t port)
{
	to[at] = (uint8_t)(port >> 8);
	to[at + 1] = (uint8_t)port;
	return at + 2;
}

void community_id(char id[static COMMUNITY_ID_LENGTH], const struct host host[static 2],
		  const uint16_t port[static 2])
{
	bool ipv4 = host_is_ipv4(&host[0]) && host_is_ipv4(&host[1]);
	size_t skip = ipv4 ? 12 : 0; /* IPv4 addresses go in as their four bytes */
	int order = memcmp(host[0].addr, host[1].addr, sizeof host[0].addr);
	int first = order > 0 || (order == 0 && port[0] > port[1]);
	uint8_t input[2 + 2 * sizeof host[0].addr + 2 + 4] = { 0 }; /* the seed is the first two */
	uint8_t digest[SHA1_DIGEST_SIZE];
	struct sha1_ctx sha1;
	size_t n = 2;

	n = put(input, n, host[first].addr + skip, sizeof host->addr - skip);
	n = put(input, n, host[!first].addr + skip, sizeof host->addr - skip);
	input[n++] = IPPROTO_TCP;
	input[n++] = 0;
	n = put_port(input, n, port[first]);
	n = put_port(input, n, port[!first]);
	sha1_init(&sha1);
	sha1_update(&sha1, n, input);
	sha1_digest(&sha1, sizeof digest, digest);
	memcpy(id, "1:", 2);
	base64_encode_raw(id + 2, sizeof digest, digest);
}
