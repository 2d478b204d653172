/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kernel_filter.c - see kernel_filter.h: one program, put together from up to four that libpcap compiles.
 *
 * In the order in which a packet meets them:
 *
 *	DATA     certainly of no use to --closes-only: not wanted.       Else on.
 *	NEITHER  certainly no fragment and no ICMP error: on to MATCH.   Else on to WHOLE.
 *	MATCH    the user's filter. Does not match: not wanted.
 *	WHOLE    a fragment, a RST or an ICMP error: kept whole.         Else cut to the snap length.
 *
 * How they are joined: a program of libpcap's ends in 'ret #0' and 'ret #n' (never 'ret a'). Each of these is
 * replaced by one 'ja', whose offset has 32 bits, to where its answer leads, always forward. Nothing else
 * is touched: a program keeps its length, so its own conditional jumps, whose offsets have only 8 bits, stay
 * right. Scratch memory is no trouble: each program writes what it reads, as the kernel's checker demands.
 *
 * A load beyond the end of the packet ends a classic program with 0: the packet would be lost, for all
 * of the four. That is why every program of ours first asks 'len', and answers for the careful side what is
 * too short to look at; and why NEITHER comes before the user's filter, of which a load too far means what
 * it does elsewhere, no match. In cooked mode ("any") the kernel's 'len' lacks the link header: that
 * errs to the careful side, too.
 *
 * VLAN tags: the kernel puts the outer one of a received packet aside, and a program sees the packet without.
 * For a live handle libpcap compiles "vlan" so that it looks in both places. Ours are compiled for a handle
 * that is not live: they see one tag less then, which is as well, as all they ask is what is behind the tags.
 * Besides, libpcap 1.10.3 gets alternatives before a "vlan" wrong for a live handle: arithmetic in them
 * ("ip[0] & 15 = 5") uses the scratch memory that holds where the headers behind the tag begin. "vlan"
 *changes what all behind it means, so alternatives nest to the right.
 */
#include "dissect/kernel_filter.h"

#include "dissect/filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PARTS_MAX = 4, VLAN_TAGS = 8 };

/* What the three of ours are made of, for one level of VLAN tags. */
#define IN_TAGS(one) "(" one " or (vlan and (" one " or (vlan and " one "))))"

/* Behind 38 bytes are, whatever the link and the tags, all that NEITHER looks at, and the IP header's start.
 */
#define NEITHER "len >= 38 and "

/*
 * IPv6's extension headers (RFC 8200 4, with 51 = AH, 135, 139 and 140) may stand before a fragment header.
 * Most packets are shorter than 104 bytes, which is behind the link's header (20), two tags (8), the longest
 * IPv4 header (60) and 14 bytes of TCP; they are whole anyway.
 */
#define WHOLE_4                                                                                              \
	"ip[6:2] & 0x3fff != 0 or tcp[13] & 4 != 0 or "                                                      \
	"icmp[0] = 3 or icmp[0] = 4 or icmp[0] = 5 or icmp[0] = 11 or icmp[0] = 12"
#define WHOLE_6                                                                                              \
	"ip6[6] = 44 or (ip6[6] = 6 and ip6[53] & 4 != 0) or (ip6[6] = 58 and ip6[40] & 0x80 = 0) or "       \
	"ip6[6] = 0 or ip6[6] = 43 or ip6[6] = 51 or ip6[6] = 60 or ip6[6] = 135 or ip6[6] = 139 or "        \
	"ip6[6] = 140"
#define WHOLE	    "(" WHOLE_4 " or " WHOLE_6 ")"
#define LONG_ENOUGH "len >= 104 and "

/* The ports of dissect/tunnel.c. */
#define TUNNEL                                                                                               \
	"(udp port 1701 or udp port 2152 or udp port 4789 or udp port 4790 or udp port 5247 or "             \
	"udp port 6081 or udp port 8472)"

/*
 * A TCP segment with payload and without SYN, FIN and RST: the lengths are IP's, so that Ethernet's padding
 * is none. A total length of 0 (segmentation offload, more than 64 KiB) is not that of the headers either.
 * UDP that is no tunnel, ICMP that is no error, ARP. "%d" is where the headers of the link end.
 */
#define DATA_4                                                                                               \
	"(ip[6:2] & 0x3fff = 0 and len >= %d + 14 + ((ip[0] & 0xf) << 2) and "                               \
	"((tcp[13] & 7 = 0 and ip[2:2] - ((ip[0] & 0xf) << 2) - ((tcp[12] & 0xf0) >> 2) != 0) or "           \
	"(udp and not " TUNNEL ") or "                                                                       \
	"(icmp[0] != 3 and icmp[0] != 4 and icmp[0] != 5 and icmp[0] != 11 and icmp[0] != 12)))"
#define DATA_6                                                                                               \
	"(len >= %d + 54 and "                                                                               \
	"((ip6[6] = 6 and ip6[53] & 7 = 0 and ip6[4:2] - ((ip6[52] & 0xf0) >> 2) != 0) or "                  \
	"(ip6[6] = 17 and not " TUNNEL ") or "                                                               \
	"(ip6[6] = 58 and ip6[40] & 0x80 != 0)))"
#define DATA "(" DATA_4 " or " DATA_6 " or arp)"

/* A program that is joined to others, and where its answers lead. */
struct part {
	struct bpf_program program;
	int if_true, if_false; /* number of a part that comes later; PARTS_MAX and up: an exit */
};

enum { EXIT_DROP = PARTS_MAX, EXIT_WHOLE, EXIT_CUT, EXITS_END };

struct joint {
	struct part parts[PARTS_MAX];
	int count;
	unsigned starts[EXITS_END]; /* the first instruction of each part, and the exits */
	pcap_t *handle;		    /* for the user's filter */
	pcap_t *dead;		    /* of the same link type, for ours */
	char *why;		    /* one did not compile */
};

/* Compiles the text of the next part; its jumps are the caller's to set. False if it cannot be. */
static bool compile(struct joint *j, pcap_t *handle, const char *text)
{
	struct bpf_program *program = &j->parts[j->count].program;

	if (pcap_compile(handle, program, text, 1, PCAP_NETMASK_UNKNOWN) == 0)
		return true;
	*program = (struct bpf_program){ 0 };
	free(j->why);
	j->why = strdup(pcap_geterr(handle));
	return false;
}

/* The first of two texts that this link type has a notion of: one with VLAN tags, and one without. */
static bool compile_either(struct joint *j, const char *tagged, const char *plain)
{
	return compile(j, j->dead, tagged) || compile(j, j->dead, plain);
}

static int end_of_link(int link)
{
	switch (link) {
	case DLT_EN10MB:
		return 14 + VLAN_TAGS;
	case DLT_LINUX_SLL:
		return 16;
	case DLT_LINUX_SLL2:
		return 20;
	case DLT_RAW:
	case DLT_IPV4:
	case DLT_IPV6:
		return 0;
	default:
		return -1;
	}
}

bool kernel_filter_knows_closes(int link)
{
	return end_of_link(link) >= 0;
}

/* The part DATA; false, without one, where it cannot be. */
static bool add_data(struct joint *j)
{
	int end = end_of_link(pcap_datalink(j->handle));
	char *tagged = NULL, *plain = NULL;
	bool made = false;

	if (end < 0)
		return false;
	if (asprintf(&tagged, "len >= 38 and " IN_TAGS(DATA), end, end, end, end, end, end) < 0)
		tagged = NULL;
	if (asprintf(&plain, "len >= 38 and " DATA, end, end) < 0)
		plain = NULL;
	made = tagged && plain && compile_either(j, tagged, plain);
	free(tagged);
	free(plain);
	if (made) {
		j->parts[j->count] = (struct part){ j->parts[j->count].program, EXIT_DROP, j->count + 1 };
		j->count++;
	}
	return made;
}

/* NEITHER and MATCH. False if the user's filter does not compile. */
static bool add_filter(struct joint *j, const struct kernel_filter *wanted)
{
	bool nothing_is_certain = false;

	if (wanted->lets_through) {
		nothing_is_certain =
			!compile_either(j, NEITHER IN_TAGS(FILTER_NEITHER), NEITHER FILTER_NEITHER);
		if (!nothing_is_certain) {
			j->parts[j->count].if_true = j->count + 1;
			j->parts[j->count].if_false = j->count + 2;
			j->count++;
		}
	}
	if (!compile(j, j->handle, wanted->filter))
		return false;
	j->parts[j->count].if_true = j->count + 1;
	j->parts[j->count].if_false = nothing_is_certain ? j->count + 1 : EXIT_DROP;
	j->count++;
	return true;
}

/* Where it cannot be told, nothing is cut. */
static void add_whole(struct joint *j)
{
	bool made =
		compile_either(j, LONG_ENOUGH IN_TAGS(WHOLE), LONG_ENOUGH WHOLE) || compile(j, j->dead, "");

	if (!made)
		return;
	j->parts[j->count].if_true = EXIT_WHOLE;
	j->parts[j->count].if_false = EXIT_CUT;
	j->count++;
}

static unsigned place(struct joint *j)
{
	unsigned at = 0;

	for (int i = 0; i < j->count; i++) {
		j->starts[i] = at;
		at += j->parts[i].program.bf_len;
	}
	for (int none = j->count; none < PARTS_MAX; none++)
		j->starts[none] = at + EXIT_WHOLE - EXIT_DROP;
	for (int exit = EXIT_DROP; exit < EXITS_END; exit++)
		j->starts[exit] = at++;
	return at;
}

/* Copies a part to its place; its returns become jumps. */
static void copy_part(const struct joint *j, int number, struct bpf_insn *to)
{
	const struct part *part = &j->parts[number];
	unsigned start = j->starts[number];

	for (unsigned i = 0; i < part->program.bf_len; i++) {
		struct bpf_insn *at = &to[start + i];
		int next;

		*at = part->program.bf_insns[i];
		if (BPF_CLASS(at->code) != BPF_RET)
			continue;
		next = at->k != 0 ? part->if_true : part->if_false;
		*at = (struct bpf_insn)BPF_STMT(BPF_JMP | BPF_JA, j->starts[next] - (start + i + 1));
	}
}

static bool join(struct joint *j, uint32_t snaplen, struct bpf_program *program)
{
	unsigned length = place(j);
	struct bpf_insn *to = calloc(length, sizeof *to);

	if (!to)
		return false;
	for (int i = 0; i < j->count; i++)
		copy_part(j, i, to);
	to[j->starts[EXIT_DROP]] = (struct bpf_insn)BPF_STMT(BPF_RET | BPF_K, 0);
	to[j->starts[EXIT_WHOLE]] = (struct bpf_insn)BPF_STMT(BPF_RET | BPF_K, KERNEL_FILTER_WHOLE);
	to[j->starts[EXIT_CUT]] = (struct bpf_insn)BPF_STMT(BPF_RET | BPF_K, snaplen);
	*program = (struct bpf_program){ .bf_len = length, .bf_insns = to };
	return true;
}

bool kernel_filter_make(pcap_t *handle, const struct kernel_filter *wanted, struct bpf_program *program,
			char **why)
{
	struct joint j = { .handle = handle };
	bool made;

	*why = NULL;
	j.dead = pcap_open_dead(pcap_datalink(handle), KERNEL_FILTER_WHOLE);
	if (!j.dead)
		return false;
	if (wanted->closes_only)
		add_data(&j);
	made = !wanted->filter || add_filter(&j, wanted);
	if (made) {
		add_whole(&j);
		made = join(&j, wanted->snaplen, program);
	} else {
		*why = j.why;
		j.why = NULL;
	}
	for (int i = 0; i < j.count; i++)
		pcap_freecode(&j.parts[i].program);
	pcap_close(j.dead);
	free(j.why);
	return made;
}
