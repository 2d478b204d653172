/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fragments but the first carry no ports, and an ICMP error is neither from nor to the ports it is about, so
 * that a filter like "tcp port 443" would lose them. What a frame does not match it is therefore tried on a
 * second program, which says of which frames it is certain that they are neither: whole TCP and UDP packets
 * directly in IP, and ARP, also in up to two VLAN tags. All else (labels, tunnels, extension headers, what
 * the snap length cut) is given to the dissector as not matching; it knows what is inside, and has the last
 * word.
 */
#include "dissect/filter.h"

#include "dissect/capture.h"
#include "dissect/dissect.h"

#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

enum { LINKS = 512, SNAPLEN = 262144 };

struct filter {
	struct bpf_program matches, neither;
	char *why; /* it did not compile */
};

struct filters {
	struct filter *by_link[LINKS]; /* NULL: not decoded */
};

/* NULL when the program is there, else libpcap's message, to be freed. */
static char *compile(int link, const char *text, struct bpf_program *program)
{
	pcap_t *p = pcap_open_dead(link, SNAPLEN);

	if (!p)
		return strdup("out of memory");
	char *why = NULL;

	if (pcap_compile(p, program, text, 1, PCAP_NETMASK_UNKNOWN) != 0) {
		why = strdup(pcap_geterr(p));
		*program = (struct bpf_program){ 0 };
	}
	pcap_close(p);
	return why;
}

/* The first that this link type has a notion of; none: nothing is certain. */
static void compile_neither(int link, struct bpf_program *program)
{
	static const char *const tries[] = {
		FILTER_NEITHER " or (vlan and (" FILTER_NEITHER " or (vlan and " FILTER_NEITHER ")))",
		FILTER_NEITHER,
	};

	for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
		char *why = compile(link, tries[i], program);

		if (!why)
			return;
		free(why);
	}
}

static struct filter *filter_new(int link, const char *text)
{
	struct filter *f = calloc(1, sizeof *f);

	if (!f)
		return NULL;
	f->why = compile(link, text, &f->matches);
	if (!f->why)
		compile_neither(link, &f->neither);
	return f;
}

static void filter_free(struct filter *f)
{
	if (!f)
		return;
	pcap_freecode(&f->matches);
	pcap_freecode(&f->neither);
	free(f->why);
	free(f);
}

struct filters *filters_new(const char *text)
{
	struct filters *filters = calloc(1, sizeof *filters);

	for (int link = 0; filters && link < LINKS; link++) {
		if (!dissect_knows_link(link))
			continue;
		filters->by_link[link] = filter_new(link, text);
		if (!filters->by_link[link]) {
			filters_free(filters);
			filters = NULL;
		}
	}
	return filters;
}

const struct filter *filters_for(const struct filters *filters, int link, const char **why)
{
	const struct filter *f = link >= 0 && link < LINKS ? filters->by_link[link] : NULL;

	*why = f ? f->why : NULL;
	return f && !f->why ? f : NULL;
}

static bool holds(const struct bpf_program *program, const uint8_t *bytes, uint32_t caplen, uint32_t len)
{
	return program->bf_insns && bpf_filter(program->bf_insns, bytes, len, caplen) != 0;
}

enum filter_answer filter_ask(const struct filter *filter, const uint8_t *bytes, uint32_t caplen,
			      uint32_t len)
{
	if (holds(&filter->matches, bytes, caplen, len))
		return FILTER_MATCHES;
	return holds(&filter->neither, bytes, caplen, len) ? FILTER_DROPS : FILTER_OTHER;
}

bool capture_filter_valid(const char *filter, struct capture_error *error)
{
	/* Some primitives exist for one kind of link only: "type mgt" for 802.11, "ifindex" for SLL2. */
	static const int links[] = { DLT_EN10MB, DLT_IEEE802_11_RADIO, DLT_LINUX_SLL2 };
	char *first = NULL;

	for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
		struct bpf_program program;
		char *why = compile(links[i], filter, &program);

		if (!why) {
			pcap_freecode(&program);
			free(first);
			return true;
		}
		if (first)
			free(why);
		else
			first = why;
	}
	snprintf(error->text, sizeof error->text, "%s", first);
	free(first);
	return false;
}

void filters_free(struct filters *filters)
{
	for (size_t i = 0; filters && i < LINKS; i++)
		filter_free(filters->by_link[i]);
	free(filters);
}
