/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flood - sends SYNs from addresses that are all different to one server: flood INTERFACE COUNT [PER_SECOND].
 *
 * Frames go out in batches through a packet socket that passes by the queueing discipline; the addresses are
 * 10.0.0.0/8 in an order that does not repeat, so that COUNT may be up to 16,777,216. The destination's MAC
 * is nobody's: no kernel answers. Prints how many were sent and in what time.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/packet.h"
#include "tests/bench/random.h"

enum { BATCH = 64, ADDRESSES = 1 << 24 };

struct flood {
	int socket;
	uint64_t count, sent, per_second;
	struct timespec began;
	struct random random;
	uint8_t frames[BATCH][PACKET_HEADERS_MAX];
	struct iovec pieces[BATCH];
	struct mmsghdr messages[BATCH];
};

static double seconds_since(const struct timespec *then)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - then->tv_sec) + (double)(now.tv_nsec - then->tv_nsec) / 1e9;
}

static int open_socket(const char *interface)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET,
				       .sll_ifindex = (int)if_nametoindex(interface) };
	int fd = socket(AF_PACKET, SOCK_RAW, 0), one = 1;

	if (fd == -1 || address.sll_ifindex == 0 || bind(fd, (void *)&address, sizeof address) == -1 ||
	    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof one) == -1)
		return -1;
	return fd;
}

/* SYN number n: its address is n's, scattered by an odd factor, so that all are different. */
static void make_frame(struct flood *f, size_t slot, uint64_t n)
{
	uint32_t scattered = (uint32_t)(n * 0x9e3779b1u) & (ADDRESSES - 1);
	uint32_t source = htonl(0x0a000000u | scattered), server = htonl(0xc6336450u); /* 198.51.100.80 */
	struct packet syn = {
		.ttl = (uint8_t)(40 + random_below(&f->random, 24)),
		.ip_id = (uint16_t)random_next(&f->random),
		.sport = (uint16_t)(1024 + random_below(&f->random, 64000)),
		.dport = 80,
		.seq = (uint32_t)random_next(&f->random),
		.window = 1024,
		.flags = 0x02,
	};

	memcpy(syn.src.bytes, &source, sizeof source);
	memcpy(syn.dst.bytes, &server, sizeof server);
	f->pieces[slot] = (struct iovec){ f->frames[slot], packet_build(&syn, f->frames[slot]) };
	f->frames[slot][0] = 0x02; /* a unicast MAC that nobody has */
	f->messages[slot].msg_hdr = (struct msghdr){ .msg_iov = &f->pieces[slot], .msg_iovlen = 1 };
}

/* Waits until so many may have been sent. */
static void keep_rate(const struct flood *f)
{
	double due = f->per_second ? (double)f->sent / (double)f->per_second : 0;

	while (seconds_since(&f->began) < due)
		nanosleep(&(struct timespec){ .tv_nsec = 50000 }, NULL);
}

static int send_batch(struct flood *f)
{
	uint64_t left = f->count - f->sent;
	unsigned n = left < BATCH ? (unsigned)left : BATCH, done = 0;

	for (unsigned i = 0; i < n; i++)
		make_frame(f, i, f->sent + i);
	while (done < n) {
		int got = sendmmsg(f->socket, f->messages + done, n - done, 0);

		if (got > 0)
			done += (unsigned)got;
		else if (errno != ENOBUFS && errno != EAGAIN && errno != EINTR)
			return -1;
	}
	f->sent += n;
	return 0;
}

int main(int argc, char **argv)
{
	static struct flood f;

	if (argc < 3 || argc > 4) {
		fprintf(stderr, "usage: flood INTERFACE COUNT [PER_SECOND]\n");
		return 2;
	}
	f.count = strtoull(argv[2], NULL, 10);
	f.per_second = argc == 4 ? strtoull(argv[3], NULL, 10) : 0;
	f.socket = open_socket(argv[1]);
	if (f.socket == -1 || f.count > ADDRESSES) {
		fprintf(stderr, "flood: %s: %s\n", argv[1], f.socket == -1 ? strerror(errno) : "too many");
		return 1;
	}
	clock_gettime(CLOCK_MONOTONIC, &f.began);
	while (f.sent < f.count) {
		keep_rate(&f);
		if (send_batch(&f) == -1) {
			fprintf(stderr, "flood: %s\n", strerror(errno));
			return 1;
		}
	}
	printf("%llu frames in %.3f s\n", (unsigned long long)f.sent, seconds_since(&f.began));
	return 0;
}
