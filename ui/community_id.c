/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * community_id.c - Community ID flow hashing, version 1, seed 0, for TCP.
 *
 * What is hashed is so short that with SHA-1's padding (RFC 3174 4) it is a single block: that is written
 * here, so that one call does it.
 */
#include "ui/community_id.h"

#include <endian.h>
#include <netinet/in.h>
#include <nettle/sha1.h>
#include <string.h>

enum {
	INPUT_MAX = 2 + 2 * 16 + 2 + 4,	 /* seed, addresses, protocol and a zero, ports */
	LENGTH_AT = SHA1_BLOCK_SIZE - 2, /* of the input, in bits: the block's last bytes */
};

_Static_assert(INPUT_MAX + 1 <= SHA1_BLOCK_SIZE - 8,
	       "input, the padding's first bit and length fit one block");
_Static_assert(COMMUNITY_ID_LENGTH == 2 + (SHA1_DIGEST_SIZE + 2) / 3 * 4, "version, then digest in base 64");

static size_t put(uint8_t *to, size_t at, const void *from, size_t n)
{
	memcpy(to + at, from, n);
	return at + n;
}

static size_t put_16(uint8_t *to, size_t at, unsigned n)
{
	to[at] = (uint8_t)(n >> 8);
	to[at + 1] = (uint8_t)n;
	return at + 2;
}

/* Three bytes in base 64 (RFC 4648 4). */
static void put_three(char *to, unsigned three)
{
	static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	to[0] = base64[three >> 18];
	to[1] = base64[three >> 12 & 63];
	to[2] = base64[three >> 6 & 63];
	to[3] = base64[three & 63];
}

static void put_digest(char *to, const uint32_t state[5])
{
	uint8_t digest[SHA1_DIGEST_SIZE + 1] = { 0 }; /* one more: it is no multiple of three */

	for (int i = 0; i < 5; i++) {
		uint32_t word = htobe32(state[i]);

		memcpy(digest + 4 * i, &word, sizeof word);
	}
	for (int i = 0; i < (int)sizeof digest; i += 3)
		put_three(to + i / 3 * 4,
			  (unsigned)digest[i] << 16 | (unsigned)digest[i + 1] << 8 | digest[i + 2]);
	to[27] = '=';
}

void community_id(char id[static COMMUNITY_ID_LENGTH], const struct host host[static 2],
		  const uint16_t port[static 2])
{
	bool ipv4 = host_is_ipv4(&host[0]) && host_is_ipv4(&host[1]);
	size_t skip = ipv4 ? 12 : 0; /* IPv4 addresses go in as their four bytes */
	int order = memcmp(host[0].addr, host[1].addr, sizeof host[0].addr);
	int first = order > 0 || (order == 0 && port[0] > port[1]);
	uint8_t block[SHA1_BLOCK_SIZE] = { 0 }; /* the seed is the first two */
	uint32_t state[] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 }; /* RFC 3174 6.1 */
	size_t n = 2;

	n = put(block, n, host[first].addr + skip, sizeof host->addr - skip);
	n = put(block, n, host[!first].addr + skip, sizeof host->addr - skip);
	block[n++] = IPPROTO_TCP;
	block[n++] = 0;
	n = put_16(block, n, port[first]);
	n = put_16(block, n, port[!first]);
	block[n] = 0x80;
	put_16(block, LENGTH_AT, (unsigned)(8 * n));
	nettle_sha1_compress(state, block);
	memcpy(id, "1:", 2);
	put_digest(id + 2, state);
}
