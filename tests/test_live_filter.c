/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The program that the kernel runs for a watched interface, run here by libpcap's bpf_filter() over every
 * frame of every capture there is, as it is and behind other link headers and tags; and over frames cut
 * short, because a load beyond the end loses a packet. What is right is worked out by hand here, or asked of
 * filter.h, which says the same of files.
 */
#include "dissect/capture.h"
#include "dissect/filter.h"
#include "dissect/kernel_filter.h"

#include <glob.h>
#include <pcap/pcap.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/network_order.h"

enum { SNAPLEN = 200, FRAME_MOST = 70000, CUT_TO = 120, CUT_EVERY = 500, SURE = 104, IP_SURE = 38 };

/* Programs for a link type are made once. */
static const char *const filters[] = {
	"tcp port 80",	"host 192.0.2.1", "tcp[13] & 2 != 0", "udp or icmp", "ip6 and not port 443",
	"tcp[100] = 1", "not tcp",	  "len > 100",	      "ip[1] = 0",
};
enum { FILTERS = sizeof filters / sizeof *filters };

struct programs {
	struct bpf_program all, closes;			    /* without a filter */
	struct bpf_program plain[FILTERS];		    /* as libpcap makes it */
	struct bpf_program through[FILTERS], both[FILTERS]; /* lets through; the same with closes only */
	struct bpf_program strict[FILTERS];		    /* lets nothing through */
	const struct filter *filter[FILTERS];
};

struct context {
	struct filters *filters[FILTERS];
	struct programs *by_link[512];
	uint64_t dressed, frames, whole, cut, data,
		kept; /* how often: a test that sees none proves nothing */
};

/* Frames of these links are looked into by hand. */
static const struct {
	int link;
	unsigned header;
} links[] = { { DLT_EN10MB, 14 }, { DLT_LINUX_SLL, 16 }, { DLT_LINUX_SLL2, 20 }, { DLT_RAW, 0 } };

static struct bpf_program make(pcap_t *handle, const struct kernel_filter *wanted)
{
	struct bpf_program program;
	char *why;

	if (!kernel_filter_make(handle, wanted, &program, &why))
		fail_msg("%s: %s", wanted->filter, why);
	assert_true(bpf_validate(program.bf_insns, (int)program.bf_len));
	return program;
}

static struct programs *programs_for(struct context *c, int link)
{
	struct programs *p = c->by_link[link];
	pcap_t *handle;
	const char *why;

	if (p)
		return p;
	p = c->by_link[link] = calloc(1, sizeof *p);
	handle = pcap_open_dead(link, KERNEL_FILTER_WHOLE);
	p->all = make(handle, &(struct kernel_filter){ .snaplen = SNAPLEN });
	p->closes = make(handle, &(struct kernel_filter){ .snaplen = SNAPLEN, .closes_only = true });
	for (int i = 0; i < FILTERS; i++) {
		struct kernel_filter wanted = { .snaplen = SNAPLEN, .filter = filters[i] };

		assert_int_equal(pcap_compile(handle, &p->plain[i], filters[i], 1, PCAP_NETMASK_UNKNOWN), 0);
		p->strict[i] = make(handle, &wanted);
		wanted.lets_through = true;
		p->through[i] = make(handle, &wanted);
		wanted.closes_only = true;
		p->both[i] = make(handle, &wanted);
		p->filter[i] = filters_for(c->filters[i], link, &why);
		assert_non_null(p->filter[i]);
	}
	pcap_close(handle);
	return p;
}

static void programs_free(struct programs *p)
{
	if (!p)
		return;
	pcap_freecode(&p->all);
	pcap_freecode(&p->closes);
	for (int i = 0; i < FILTERS; i++) {
		pcap_freecode(&p->plain[i]);
		pcap_freecode(&p->strict[i]);
		pcap_freecode(&p->through[i]);
		pcap_freecode(&p->both[i]);
	}
	free(p);
}

/* What a frame is, read by hand. */
struct meaning {
	bool whole; /* a fragment, a RST, an ICMP error, or IPv6 with extension headers */
	bool data;  /* of no use to --closes-only */
};

static unsigned get_be16(const uint8_t *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

static bool is_tunnel(const uint8_t *udp)
{
	static const unsigned ports[] = { 1701, 2152, 4789, 4790, 5247, 6081, 8472 };

	for (size_t i = 0; i < sizeof ports / sizeof *ports; i++)
		if (get_be16(udp) == ports[i] || get_be16(udp + 2) == ports[i])
			return true;
	return false;
}

/* A transport header of which 'left' bytes are there; 'size' is what IP says. */
static struct meaning transport(unsigned protocol, const uint8_t *h, size_t left, unsigned size, bool six)
{
	bool error;

	if (protocol == 6 && left >= 14) {
		bool control = h[13] & 7;

		return (struct meaning){ .whole = h[13] & 4, .data = !control && size != (h[12] >> 4) * 4u };
	}
	if (protocol == 17 && left >= 4)
		return (struct meaning){ .data = !is_tunnel(h) };
	if (protocol != (six ? 58 : 1) || left < 1)
		return (struct meaning){ 0 };
	error = six ? h[0] < 128 : h[0] == 3 || h[0] == 4 || h[0] == 5 || h[0] == 11 || h[0] == 12;
	return (struct meaning){ .whole = error, .data = !error };
}

static struct meaning ip4(const uint8_t *h, size_t left)
{
	unsigned header;

	if (left < 20)
		return (struct meaning){ 0 };
	if (get_be16(h + 6) & 0x3fff)
		return (struct meaning){ .whole = true };
	header = (h[0] & 15u) * 4;
	if (left < header)
		return (struct meaning){ 0 };
	return transport(h[9], h + header, left - header, get_be16(h + 2) - header, false);
}

static struct meaning ip6(const uint8_t *h, size_t left)
{
	static const uint8_t extensions[] = { 0, 43, 44, 51, 60, 135, 139, 140 };

	if (left < 41)
		return (struct meaning){ 0 };
	if (memchr(extensions, h[6], sizeof extensions))
		return (struct meaning){ .whole = true };
	return transport(h[6], h + 40, left - 40, get_be16(h + 4), true);
}

/* The type of what is in a frame of one of 'links', behind up to two tags, and where that begins. */
static unsigned type_of(int link, const uint8_t *frame, size_t n, size_t *at)
{
	unsigned type;

	if (link == DLT_RAW) {
		*at = 0;
		return n > 0 && frame[0] >> 4 == 6 ? 0x86dd : n > 0 && frame[0] >> 4 == 4 ? 0x0800 : 0;
	}
	*at = link == DLT_EN10MB ? 14 : link == DLT_LINUX_SLL ? 16 : 20;
	if (n < *at)
		return 0;
	type = get_be16(frame + (link == DLT_LINUX_SLL2 ? 0 : *at - 2));
	for (int tags = 0; tags < 2 && link == DLT_EN10MB; tags++) {
		if ((type != 0x8100 && type != 0x88a8 && type != 0x9100) || n < *at + 4)
			break;
		type = get_be16(frame + *at + 2);
		*at += 4;
	}
	return type;
}

static struct meaning meaning_of(int link, const uint8_t *frame, size_t n)
{
	size_t at;
	unsigned type = type_of(link, frame, n, &at);

	if (type == 0x0800)
		return ip4(frame + at, n - at);
	if (type == 0x86dd)
		return ip6(frame + at, n - at);
	return (struct meaning){ .data = type == 0x0806 };
}

/* Whether all that --closes-only asks can be read: the source says where its programs stop asking. */
static bool far_enough(int link, const uint8_t *frame, size_t n)
{
	size_t at, end = link == DLT_EN10MB	  ? 22
			 : link == DLT_LINUX_SLL  ? 16
			 : link == DLT_LINUX_SLL2 ? 20
						  : 0;
	unsigned type = type_of(link, frame, n, &at);

	if (n < IP_SURE)
		return false;
	if (type == 0x0800)
		return n > at && n >= end + 14 + (frame[at] & 15u) * 4;
	return type != 0x86dd || n >= end + 54;
}

static unsigned run(const struct bpf_program *program, const uint8_t *frame, size_t n)
{
	return bpf_filter(program->bf_insns, frame, (unsigned)n, (unsigned)n);
}

static void check_filters(struct programs *p, const uint8_t *frame, size_t n, unsigned all, bool dropped)
{
	for (int i = 0; i < FILTERS; i++) {
		unsigned through = run(&p->through[i], frame, n), strict = run(&p->strict[i], frame, n);
		unsigned both = run(&p->both[i], frame, n);
		enum filter_answer answer = filter_ask(p->filter[i], frame, (uint32_t)n, (uint32_t)n);
		bool matches = run(&p->plain[i], frame, n) != 0;

		assert_int_equal(matches, answer == FILTER_MATCHES);
		if (answer != FILTER_DROPS)
			assert_int_equal(through, all);
		else
			assert_int_equal(through, n < IP_SURE ? all : 0);
		assert_int_equal(strict, matches ? all : 0);
		assert_int_equal(both, dropped ? 0 : through);
	}
}

static void check(struct context *c, int link, const uint8_t *frame, size_t n)
{
	struct programs *p = programs_for(c, link);
	struct meaning meaning = meaning_of(link, frame, n);
	unsigned all = run(&p->all, frame, n), closes = run(&p->closes, frame, n);
	bool dropped = meaning.data && far_enough(link, frame, n);

	assert_int_equal(all, meaning.whole && n >= SURE ? KERNEL_FILTER_WHOLE : SNAPLEN);
	assert_int_equal(closes, dropped ? 0 : all);
	check_filters(p, frame, n, all, dropped);
	c->frames++;
	c->whole += meaning.whole && n > SNAPLEN;
	c->cut += all < n;
	c->data += dropped;
	c->kept += !dropped;
}

/* The frame's packet behind this link header, with so many tags. Returns the new frame's length. */
static size_t dressed(uint8_t *to, int link, unsigned header, int tags, unsigned type, const uint8_t *packet,
		      size_t n)
{
	memset(to, 0, header);
	if (link == DLT_LINUX_SLL2)
		put_be16(to, type);
	else if (header > 0)
		put_be16(to + header - 2, tags > 0 ? 0x8100 : type);
	for (int i = 0; i < tags; i++, header += 4) {
		put_be16(to + header, 100 + (unsigned)i);
		put_be16(to + header + 2, i + 1 < tags ? 0x8100 : type);
	}
	memcpy(to + header, packet, n);
	return header + n;
}

/* As it is, and as other links would have it; and all of these cut short. */
static void check_dressed(struct context *c, int link, const uint8_t *frame, size_t n)
{
	static uint8_t made[FRAME_MOST + 64];
	bool cut = c->dressed++ % CUT_EVERY == 0;
	size_t at, length;
	unsigned type = type_of(link, frame, n, &at);

	check(c, link, frame, n);
	for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
		for (int tags = 0; tags <= (links[i].link == DLT_EN10MB ? 3 : 0); tags++) {
			if (links[i].link == DLT_RAW && type != 0x0800 && type != 0x86dd)
				continue;
			length =
				dressed(made, links[i].link, links[i].header, tags, type, frame + at, n - at);
			check(c, links[i].link, made, length);
			for (size_t short_of = 0; cut && short_of < CUT_TO && short_of < length; short_of++)
				check(c, links[i].link, made, short_of);
		}
	}
}

static bool is_known(int link)
{
	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		if (links[i].link == link)
			return true;
	return false;
}

static void ignore(void *context, const struct capture_error *error)
{
	(void)context, (void)error;
}

static void check_file(struct context *c, const char *path)
{
	struct captures *captures = captures_open(&path, 1, &(struct capture_options){ 0 }, ignore, NULL);
	struct frame frame;
	size_t at;

	assert_non_null(captures);
	while (captures_next(captures, &frame)) {
		if (!is_known(frame.link) || frame.caplen > FRAME_MOST)
			continue;
		type_of(frame.link, frame.bytes, frame.caplen, &at);
		if (frame.caplen >= at)
			check_dressed(c, frame.link, frame.bytes, frame.caplen);
	}
	captures_close(captures);
}

static void check_files(struct context *c, const char *pattern)
{
	glob_t files = { 0 };

	if (glob(pattern, 0, NULL, &files) == 0)
		for (size_t i = 0; i < files.gl_pathc; i++)
			check_file(c, files.gl_pathv[i]);
	globfree(&files);
}

static struct context *context_new(void)
{
	struct context *c = calloc(1, sizeof *c);

	for (int i = 0; i < FILTERS; i++)
		c->filters[i] = filters_new(filters[i]);
	return c;
}

static void context_free(struct context *c)
{
	for (int i = 0; i < FILTERS; i++)
		filters_free(c->filters[i]);
	for (int link = 0; link < 512; link++)
		programs_free(c->by_link[link]);
	free(c);
}

static void every_frame_is_kept_as_it_should(void **state)
{
	struct context *c = context_new();

	(void)state;
	check_files(c, CAPTURES_DIR "/*.pcap");
	assert_true(c->frames > 10000);
	check_files(c, SHARED_DIR "/captures/*.pcap*");
	print_message("%llu frames: %llu to be whole, %llu cut, %llu left out by --closes-only, %llu not\n",
		      (unsigned long long)c->frames, (unsigned long long)c->whole, (unsigned long long)c->cut,
		      (unsigned long long)c->data, (unsigned long long)c->kept);
	assert_true(c->whole > 20 && c->cut > 1000 && c->data > 1000 && c->kept > 1000);
	context_free(c);
}

/* Options make the header long; a fragment's ports are not ports; what a total length of 0 means. */
static void odd_headers_are_read_right(void **state)
{
	struct context *c = context_new();
	uint8_t packet[300] = { 0 };

	(void)state;
	for (unsigned words = 5; words <= 15; words++) {
		for (unsigned offset = 5; offset <= 15; offset++) {
			for (unsigned flags = 0; flags < 64; flags++) {
				for (unsigned payload = 0; payload < 4; payload++) {
					unsigned length = words * 4 + offset * 4 + payload;

					packet[0] = (uint8_t)(0x40 | words);
					put_be16(packet + 2, length);
					packet[9] = 6;
					packet[words * 4 + 12] = (uint8_t)(offset << 4);
					packet[words * 4 + 13] = (uint8_t)flags;
					check_dressed(c, DLT_RAW, packet, length);
					check_dressed(c, DLT_RAW, packet, sizeof packet);
				}
			}
			memset(packet, 0, sizeof packet);
		}
	}
	packet[0] = 0x45;
	packet[9] = 6;
	packet[32] = 0x50;
	check_dressed(c, DLT_RAW, packet, sizeof packet);
	for (unsigned fragment = 0; fragment <= 0xffff; fragment += 0x1001) {
		put_be16(packet + 6, fragment);
		check_dressed(c, DLT_RAW, packet, sizeof packet);
	}
	context_free(c);
}

/* Every protocol and next header, every ICMP type, and ports around those of tunnels. */
static void every_protocol_is_read_right(void **state)
{
	struct context *c = context_new();
	uint8_t four[300] = { 0x45, 0, 1, 44 }, six[300] = { 0x60, 0, 0, 0, 1, 4 };

	(void)state;
	for (unsigned protocol = 0; protocol < 256; protocol++) {
		four[9] = six[6] = (uint8_t)protocol;
		for (unsigned first = 0; first < 256; first += protocol == 1 || protocol == 58 ? 1 : 51) {
			four[20] = six[40] = (uint8_t)first;
			check_dressed(c, DLT_RAW, four, sizeof four);
			check_dressed(c, DLT_RAW, six, sizeof six);
		}
	}
	four[9] = six[6] = 17;
	for (unsigned port = 1700; port < 8500; port++) {
		put_be16(four + 20 + port % 2 * 2, port);
		put_be16(six + 40 + port % 2 * 2, port);
		check_dressed(c, DLT_RAW, four, sizeof four);
		check_dressed(c, DLT_RAW, six, sizeof six);
	}
	context_free(c);
}

/* "vlan" in the user's filter moves what is behind it, and only there. */
static void a_filter_with_tags_stays_by_itself(void **state)
{
	static uint8_t made[400];
	const uint8_t syn[40] = { 0x45, [3] = 40, [9] = 6, [22] = 0, 80, [32] = 0x50, 2 };
	pcap_t *handle = pcap_open_dead(DLT_EN10MB, KERNEL_FILTER_WHOLE);
	struct bpf_program program =
		make(handle, &(struct kernel_filter){ .snaplen = SNAPLEN,
						      .filter = "vlan 100 and tcp port 80",
						      .lets_through = true });

	(void)state;
	assert_int_equal(run(&program, made, dressed(made, DLT_EN10MB, 14, 0, 0x0800, syn, sizeof syn)), 0);
	assert_int_equal(run(&program, made, dressed(made, DLT_EN10MB, 14, 1, 0x0800, syn, sizeof syn)),
			 SNAPLEN);
	pcap_freecode(&program);
	pcap_close(handle);
}

static void what_does_not_compile_is_told(void **state)
{
	pcap_t *handle = pcap_open_dead(DLT_RAW, KERNEL_FILTER_WHOLE);
	struct bpf_program program;
	char *why;

	(void)state;
	for (int lets_through = 0; lets_through < 2; lets_through++) {
		assert_false(kernel_filter_make(handle,
						&(struct kernel_filter){ .snaplen = SNAPLEN,
									 .filter = "vlan 3",
									 .closes_only = true,
									 .lets_through = lets_through },
						&program, &why));
		assert_non_null(strstr(why, "VLAN"));
		free(why);
	}
	pcap_close(handle);
}

/* Where closes cannot be told, or a fragment not, everything comes, and is whole. */
static void unknown_links_lose_nothing(void **state)
{
	static const int odd[] = { DLT_IEEE802_11_RADIO, DLT_PPP, DLT_NFLOG, DLT_C_HDLC };
	uint8_t frame[300] = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		pcap_t *handle = pcap_open_dead(odd[i], KERNEL_FILTER_WHOLE);
		struct bpf_program program =
			make(handle, &(struct kernel_filter){ .snaplen = SNAPLEN, .closes_only = true });

		assert_false(kernel_filter_knows_closes(odd[i]));
		assert_true(run(&program, frame, sizeof frame) >= SNAPLEN);
		pcap_freecode(&program);
		pcap_close(handle);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_frame_is_kept_as_it_should),
		cmocka_unit_test(odd_headers_are_read_right),
		cmocka_unit_test(every_protocol_is_read_right),
		cmocka_unit_test(a_filter_with_tags_stays_by_itself),
		cmocka_unit_test(what_does_not_compile_is_told),
		cmocka_unit_test(unknown_links_lose_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
