/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/bench/arguments.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/bench/packet.h"
#include "tests/bench/scenario.h"

static const char usage[] =
	"generate [OPTIONS] FILE: a capture of connections whose closes are known ('-' = standard output)\n"
	"  -n, --connections N             how many (1000000)\n"
	"  -p, --packets-per-connection N  about how many packets each has on average (19)\n"
	"  -c, --concurrency N             how many run at once (5000)\n"
	"  -6, --ipv6 PERCENT              share of IPv6 (30)\n"
	"  -s, --seed N                    the same seed gives the same capture (1)\n"
	"  -d, --duplicates PERCENT        share of frames seen twice, as by a mirror port (0)\n"
	"  -f, --format FORMAT             pcap, nanosecond or pcapng (pcap)\n"
	"  -w, --whole                     payloads are captured too, not only claimed\n"
	"  -P, --payload BYTES             of each data segment, at most what fits; a burst has one ACK\n"
	"  -o, --only SCENARIO             all of one kind, see --scenarios\n"
	"  -t, --truth FILE                what is true of each: tab-separated, a line a connection\n"
	"      --scenarios                 lists the kinds: share, close, closer, name, packets\n";

static const struct option long_options[] = {
	{ "connections", required_argument, NULL, 'n' },
	{ "packets-per-connection", required_argument, NULL, 'p' },
	{ "concurrency", required_argument, NULL, 'c' },
	{ "ipv6", required_argument, NULL, '6' },
	{ "seed", required_argument, NULL, 's' },
	{ "format", required_argument, NULL, 'f' },
	{ "whole", no_argument, NULL, 'w' },
	{ "payload", required_argument, NULL, 'P' },
	{ "only", required_argument, NULL, 'o' },
	{ "duplicates", required_argument, NULL, 'd' },
	{ "truth", required_argument, NULL, 't' },
	{ "scenarios", no_argument, NULL, 'l' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

/* A number from low to high, or the end of the program. */
static uint64_t number(const char *text, uint64_t low, uint64_t high)
{
	char *end;
	uint64_t n;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || n < low || n > high) {
		fprintf(stderr, "generate: \"%s\" is not a number from %llu to %llu\n", text,
			(unsigned long long)low, (unsigned long long)high);
		exit(2);
	}
	return n;
}

static enum format format(const char *text)
{
	static const char *const names[] = { "pcap", "nanosecond", "pcapng" };

	for (unsigned i = 0; i < 3; i++)
		if (strcmp(text, names[i]) == 0)
			return (enum format)i;
	fprintf(stderr, "generate: \"%s\" is none of pcap, nanosecond, pcapng\n", text);
	exit(2);
}

static void list_scenarios(void)
{
	for (const struct scenario *s = scenarios; s < scenarios + scenario_count; s++)
		printf("%5u  %-12s %-8s %-28s %s\n", s->weight, s->close, s->closer, s->name, s->script);
	exit(0);
}

static void set(struct options *o, int option)
{
	switch (option) {
	case 'n':
		o->connections = number(optarg, 1, UINT32_MAX);
		break;
	case 'p':
		o->packets = (uint32_t)number(optarg, 1, 1000000);
		break;
	case 'c':
		o->concurrency = (uint32_t)number(optarg, 1, 1u << 24);
		break;
	case '6':
		o->ipv6 = (uint32_t)number(optarg, 0, 100);
		break;
	case 's':
		o->seed = number(optarg, 0, UINT64_MAX);
		break;
	case 'd':
		o->duplicates = (uint32_t)number(optarg, 0, 100);
		break;
	case 'f':
		o->format = format(optarg);
		break;
	case 'w':
		o->whole = true;
		break;
	case 'P':
		o->payload = (uint16_t)number(optarg, 1, PACKET_PAYLOAD_MAX);
		break;
	case 'o':
		o->only = optarg;
		break;
	case 't':
		o->truth = optarg;
		break;
	case 'l':
		list_scenarios();
		break;
	default:
		fputs(usage, option == 'h' ? stdout : stderr);
		exit(option == 'h' ? 0 : 2);
	}
}

struct options arguments(int argc, char **argv)
{
	struct options options = {
		.connections = 1000000, .packets = 19, .concurrency = 5000, .ipv6 = 30, .seed = 1
	};
	int option;

	while ((option = getopt_long(argc, argv, "n:p:c:6:s:d:f:wP:o:t:h", long_options, NULL)) != -1)
		set(&options, option);
	if (optind != argc - 1) {
		fputs(usage, stderr);
		exit(2);
	}
	options.output = argv[optind];
	if (options.concurrency > options.connections)
		options.concurrency = (uint32_t)options.connections;
	return options;
}
