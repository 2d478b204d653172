/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nids_packet.c - make the packets that libnids is fed. */
#include "dissect/nids_packet.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <string.h>

enum { CLIENT_PORT = 1, SERVER_PORT = 2, SERVER_ADDRESS = 1, WINDOW = 65535, TCP_HEADER = 20 };

_Static_assert(sizeof(struct ip) == NIDS_HEADER, "a header without options");

size_t nids_put_header(uint8_t *at, const struct fragment4_key *key, uint32_t slot, uint16_t field,
		       size_t payload)
{
	struct ip header = {
		.ip_v = 4,
		.ip_hl = NIDS_HEADER / 4,
		.ip_len = htons((uint16_t)(NIDS_HEADER + payload)),
		.ip_id = htons(key->id),
		.ip_off = htons(field),
		.ip_p = (uint8_t)key->proto,
		.ip_dst.s_addr = htonl(slot),
	};

	memcpy(&header.ip_src, key->src, sizeof key->src);
	memcpy(at, &header, sizeof header);
	return NIDS_HEADER + payload;
}

size_t nids_put_cancel(uint8_t *at, const struct fragment4_key *key, uint32_t slot)
{
	return nids_put_header(at, key, slot, 0, 0);
}

size_t nids_put_primer(uint8_t *at, const struct fragment4_key *key, uint32_t slot)
{
	memset(at + NIDS_HEADER, 0, NIDS_PRIMER_BYTES);
	return nids_put_header(at, key, slot, IP_MF | IP_OFFMASK, NIDS_PRIMER_BYTES);
}

size_t nids_put_fragment(uint8_t *at, const struct fragment4 *fragment, uint32_t slot)
{
	uint16_t field = (uint16_t)(fragment->offset / 8 | (fragment->more ? IP_MF : 0));
	size_t length = (size_t)(fragment->end - fragment->offset);

	nids_put_header(at, &fragment->key, slot, field, length);
	at[1] = fragment->tos;
	at[8] = fragment->ttl;
	memcpy(at + NIDS_HEADER, fragment->payload, length);
	return NIDS_HEADER + length;
}

struct nids_pair nids_pair_of(uint32_t stream)
{
	return (struct nids_pair){
		.client = htonl(stream),
		.server = htonl(SERVER_ADDRESS),
		.client_port = CLIENT_PORT,
		.server_port = SERVER_PORT,
	};
}

size_t nids_put_segment(uint8_t *at, const struct nids_segment *segment)
{
	/* RFC 7323 2.2: no-op, kind 3, length 3, shift 14. */
	static const uint8_t scale[4] = { 1, 3, 3, 14 };
	size_t options = segment->flags & TH_SYN ? sizeof scale : 0;
	size_t length = NIDS_SEGMENT_HEADERS + options + segment->length;
	struct nids_pair pair = nids_pair_of(segment->stream);
	struct ip ip = {
		.ip_v = 4,
		.ip_hl = NIDS_HEADER / 4,
		.ip_len = htons((uint16_t)length),
		.ip_p = IPPROTO_TCP,
		.ip_src.s_addr = segment->side ? pair.server : pair.client,
		.ip_dst.s_addr = segment->side ? pair.client : pair.server,
	};
	struct tcphdr tcp = {
		.th_sport = htons(segment->side ? pair.server_port : pair.client_port),
		.th_dport = htons(segment->side ? pair.client_port : pair.server_port),
		.th_seq = htonl(segment->seq),
		.th_ack = htonl(segment->ack),
		.th_off = ((TCP_HEADER + options) / 4) & 0xf,
		.th_flags = segment->flags,
		.th_win = htons(WINDOW),
	};

	memcpy(at, &ip, sizeof ip);
	memcpy(at + NIDS_HEADER, &tcp, sizeof tcp);
	memcpy(at + NIDS_SEGMENT_HEADERS, scale, options);
	if (segment->length > 0)
		memcpy(at + NIDS_SEGMENT_HEADERS + options, segment->bytes, segment->length);
	return length;
}
