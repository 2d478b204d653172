/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/wire.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/network_order.h"

void ip(const char *format, ...)
{
	char command[256] = "ip ";
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(command + 3, sizeof command - 3, format, arguments);
	va_end(arguments);
	assert_int_equal(system(command), 0);
}

/* So that nobody but the test sends anything. */
static void without_ipv6(const char *device)
{
	char path[128];
	int file;

	snprintf(path, sizeof path, "/proc/sys/net/ipv6/conf/%s/disable_ipv6", device);
	file = open(path, O_WRONLY);
	if (file == -1)
		return; /* a kernel without */
	assert_int_equal(write(file, "1", 1), 1);
	close(file);
}

bool wire_namespace(void)
{
	if (geteuid() != 0 || unshare(CLONE_NEWNET) == -1)
		return false;
	without_ipv6("all");
	without_ipv6("default");
	return true;
}

void wire_make(void)
{
	wire_remove();
	ip("link add sender type veth peer name seer");
	ip("link set sender arp off up");
	ip("link set seer arp off up");
}

void wire_remove(void)
{
	if (if_nametoindex("sender"))
		ip("link delete sender");
}

static size_t put_ip(uint8_t *at, const struct wire_frame *frame, size_t transport)
{
	at[0] = 0x45;
	put_be16(at + 2, 20 + transport + frame->payload);
	put_be16(at + 6, frame->fragment);
	at[8] = 64;
	at[9] = frame->protocol;
	put_be32(at + 12, 0xc0000201);
	put_be32(at + 16, 0xc0000202);
	return 20;
}

static size_t put_transport(uint8_t *at, const struct wire_frame *frame)
{
	if (frame->protocol == 1) {
		at[0] = frame->icmp;
		return 8;
	}
	put_be16(at, 1234);
	put_be16(at + 2, frame->port);
	if (frame->protocol == 17) {
		put_be16(at + 4, 8 + frame->payload);
		return 8;
	}
	at[12] = 0x50;
	at[13] = frame->flags;
	return 20;
}

size_t wire_send(const char *interface, const struct wire_frame *frame)
{
	static int wire = -1;
	uint8_t bytes[2000] = { 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1 };
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(interface) };
	size_t transport = frame->protocol == 6 ? 20 : 8, n = 12;

	if (wire == -1)
		wire = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	for (int tag = 0; tag < frame->tags; tag++, n += 4) {
		put_be16(bytes + n, 0x8100);
		put_be16(bytes + n + 2, 5u + (unsigned)tag);
	}
	put_be16(bytes + n, 0x0800);
	n += 2;
	n += put_ip(bytes + n, frame, transport);
	n += put_transport(bytes + n, frame);
	n += frame->payload;
	assert_int_equal(sendto(wire, bytes, n, 0, (struct sockaddr *)&to, sizeof to), n);
	return n;
}
