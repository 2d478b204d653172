/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_addresses.c - this host's addresses: the list, the kernel's messages, odd ones, and a real change. */
#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "ui/addresses.h"

static struct host ipv4(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	return (struct host){ { [10] = 0xff, 0xff, a, b, c, d } };
}

static const struct host link_local = { { 0xfe, 0x80, [15] = 1 } };

static struct addresses *none(void)
{
	struct addresses *addresses = addresses_new();

	assert_non_null(addresses);
	return addresses;
}

static void loopback_is_always_ours(void **state)
{
	struct addresses *addresses = none();
	const struct host first = ipv4(127, 0, 0, 0), last = ipv4(127, 255, 255, 255),
			  beyond = ipv4(128, 0, 0, 0);
	const struct host not_ipv4 = { { [12] = 127 } };

	(void)state;
	assert_true(addresses_has(addresses, &first, NULL));
	assert_true(addresses_has(addresses, &last, NULL));
	assert_false(addresses_has(addresses, &beyond, NULL));
	assert_false(addresses_has(addresses, &not_ipv4, NULL));
	addresses_free(addresses);
}

static void addresses_come_and_go(void **state)
{
	struct addresses *addresses = none();
	uint32_t interface;

	(void)state;
	for (int round = 0; round < 2; round++) {
		for (unsigned i = 0; i < 1000; i++) {
			const struct host host = ipv4(10, 0, (uint8_t)(i * 7 % 251), (uint8_t)(i % 256));

			addresses_put(addresses, &host, i + 1);
			addresses_put(addresses, &host, i + 1);
			assert_true(addresses_has(addresses, &host, &interface));
			assert_int_equal(interface, i + 1);
		}
		for (unsigned i = 0; i < 1000; i++) {
			const struct host host = ipv4(10, 0, (uint8_t)(i * 7 % 251), (uint8_t)(i % 256));

			addresses_drop(addresses, &host, i + 1);
			assert_false(addresses_has(addresses, &host, &interface));
		}
	}
	/* The same on two interfaces, as link-local ones may be. */
	addresses_put(addresses, &link_local, 3);
	addresses_put(addresses, &link_local, 2);
	addresses_drop(addresses, &link_local, 2);
	assert_true(addresses_has(addresses, &link_local, &interface));
	assert_int_equal(interface, 3);
	addresses_drop(addresses, &link_local, 3);
	assert_false(addresses_has(addresses, &link_local, &interface));
	addresses_free(addresses);
}

static void too_many_are_all(void **state)
{
	struct addresses *addresses = none();
	const struct host other = ipv4(192, 0, 2, 1);

	(void)state;
	for (unsigned i = 0; i <= ADDRESSES_MAX; i++) {
		const struct host host = { { 0x20, [13] = (uint8_t)(i >> 16), (uint8_t)(i >> 8),
					     (uint8_t)i } };

		assert_false(addresses_has(addresses, &other, NULL));
		addresses_put(addresses, &host, 1);
	}
	assert_true(addresses_has(addresses, &other, NULL));
	addresses_free(addresses);
}

/* A message as the kernel sends it; IFA_ADDRESS is the other end's where there is an IFA_LOCAL. */
struct message {
	struct nlmsghdr header;
	struct ifaddrmsg about;
	struct rtattr peer_attribute;
	uint8_t peer[4];
	struct rtattr odd_attribute;
	uint8_t odd[4]; /* one byte of it counts */
	struct rtattr local_attribute;
	uint8_t local[4];
};

static struct message message_of(uint16_t type)
{
	return (struct message){
		.header = { .nlmsg_len = sizeof(struct message), .nlmsg_type = type },
		.about = { .ifa_family = AF_INET, .ifa_index = 5 },
		.peer_attribute = { 8, IFA_ADDRESS },
		.peer = { 192, 0, 2, 2 },
		.odd_attribute = { 5, IFA_LABEL },
		.local_attribute = { 8, IFA_LOCAL },
		.local = { 192, 0, 2, 1 },
	};
}

static void the_kernels_messages_are_understood(void **state)
{
	struct addresses *addresses = none();
	const struct host local = ipv4(192, 0, 2, 1), peer = ipv4(192, 0, 2, 2);
	struct message two[2] = { message_of(RTM_NEWADDR), message_of(RTM_NEWADDR) };
	uint32_t interface;

	(void)state;
	two[1].local_attribute.rta_type = IFA_LABEL;
	addresses_message(addresses, two, sizeof two[0]);
	assert_true(addresses_has(addresses, &local, &interface));
	assert_int_equal(interface, 5);
	assert_false(addresses_has(addresses, &peer, NULL));
	addresses_message(addresses, two, sizeof two);
	assert_true(addresses_has(addresses, &peer, NULL));
	two[1] = message_of(RTM_DELADDR); /* in the other order, and of another type */
	two[1].peer_attribute.rta_type = IFA_LOCAL;
	two[1].local_attribute.rta_type = IFA_ADDRESS;
	addresses_message(addresses, &two[1], sizeof two[1]);
	assert_false(addresses_has(addresses, &peer, NULL));
	assert_true(addresses_has(addresses, &local, NULL));
	two[1].header.nlmsg_type = RTM_NEWADDR;
	addresses_message(addresses, &two[1], sizeof two[1]);
	two[0] = message_of(RTM_DELADDR);
	addresses_message(addresses, two, sizeof two[0]);
	assert_false(addresses_has(addresses, &local, NULL));
	assert_true(addresses_has(addresses, &peer, NULL));
	addresses_free(addresses);
}

/* No length and no byte of it leads out of the message; ASan looks on. */
static void odd_messages_do_no_harm(void **state)
{
	struct addresses *addresses = none();
	const struct message whole = message_of(RTM_NEWADDR);

	(void)state;
	for (size_t n = 0; n < sizeof whole; n++) {
		for (int fix = 0; fix < 2; fix++) {
			uint8_t *cut = malloc(n ? n : 1);
			struct nlmsghdr header = whole.header;

			assert_non_null(cut);
			header.nlmsg_len = (uint32_t)n;
			memcpy(cut, &whole, n);
			if (fix && n >= sizeof header)
				memcpy(cut, &header, sizeof header);
			addresses_message(addresses, cut, n);
			free(cut);
		}
	}
	srand(1);
	for (int i = 0; i < 20000; i++) {
		uint8_t *odd = malloc(sizeof whole);

		assert_non_null(odd);
		memcpy(odd, &whole, sizeof whole);
		for (int k = 0; k < 3; k++)
			odd[(size_t)rand() % sizeof whole] = (uint8_t)rand();
		addresses_message(addresses, odd, sizeof whole);
		free(odd);
	}
	addresses_free(addresses);
}

/* In a network namespace of its own: loopback goes up and gets an address more. 0 = all is as it should be.
 */
static int follow_a_change(void)
{
	const struct host added = ipv4(192, 0, 2, 7);
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(0xc0000207) } };
	struct ifreq request = { .ifr_name = "lo" };
	struct addresses *addresses;
	uint32_t interface;
	int fd;

	if (unshare(CLONE_NEWNET) != 0)
		return 77;
	addresses = addresses_open();
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (!addresses || fd < 0 || addresses_has(addresses, &added, NULL))
		return 1;
	memcpy(&request.ifr_addr, &address, sizeof address);
	if (ioctl(fd, SIOCSIFADDR, &request) != 0)
		return 2;
	addresses_refresh(addresses);
	if (!addresses_has(addresses, &added, &interface) || interface != if_nametoindex("lo"))
		return 3;
	address.sin_addr.s_addr = htonl(0xc0000208);
	memcpy(&request.ifr_addr, &address, sizeof address);
	if (ioctl(fd, SIOCSIFADDR, &request) != 0)
		return 4;
	addresses_refresh(addresses);
	if (addresses_has(addresses, &added, NULL))
		return 5;
	addresses_free(addresses);
	close(fd);
	return 0;
}

/* So many changes that the kernel has no room for those that nobody took in. */
static int lose_changes(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	struct ifreq request = { .ifr_name = "lo" };
	const struct host last = ipv4(192, 0, 10, 7), foreign = ipv4(198, 51, 100, 1);
	struct addresses *addresses;
	uint32_t interface;
	int fd;

	if (unshare(CLONE_NEWNET) != 0)
		return 77;
	addresses = addresses_open();
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	for (uint32_t i = 0; i < 3000; i++) {
		address.sin_addr.s_addr = htonl(i < 2999 ? 0xc0000200 + i % 1000 : 0xc0000a07);
		memcpy(&request.ifr_addr, &address, sizeof address);
		if (ioctl(fd, SIOCSIFADDR, &request) != 0)
			return 1;
	}
	for (int i = 0; i < 20; i++)
		addresses_refresh(addresses);
	if (!addresses_has(addresses, &last, &interface) || interface != if_nametoindex("lo"))
		return 2;
	if (addresses_has(addresses, &foreign, NULL))
		return 3;
	addresses_free(addresses);
	close(fd);
	return 0;
}

static void in_a_network_of_its_own(int (*act)(void))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(act());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77) {
		print_message("not root: no network namespace\n");
		skip();
	}
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void changes_are_followed(void **state)
{
	(void)state;
	in_a_network_of_its_own(follow_a_change);
}

static void changes_that_were_lost_are_made_up_for(void **state)
{
	(void)state;
	in_a_network_of_its_own(lose_changes);
}

/* An address that a socket here gets is one of ours. */
static void addresses_there_are_are_read(void **state)
{
	struct addresses *addresses = addresses_open();
	struct sockaddr_in6 address = { .sin6_family = AF_INET6, .sin6_addr = in6addr_loopback };
	struct host host;
	int fd = socket(AF_INET6, SOCK_STREAM, 0);

	(void)state;
	assert_non_null(addresses);
	addresses_refresh(addresses);
	memcpy(host.addr, &in6addr_loopback, sizeof host.addr);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0)
		print_message("no IPv6 on this host\n");
	else
		assert_true(addresses_has(addresses, &host, NULL));
	if (fd >= 0)
		close(fd);
	addresses_free(addresses);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loopback_is_always_ours),
		cmocka_unit_test(addresses_come_and_go),
		cmocka_unit_test(too_many_are_all),
		cmocka_unit_test(the_kernels_messages_are_understood),
		cmocka_unit_test(odd_messages_do_no_harm),
		cmocka_unit_test(changes_are_followed),
		cmocka_unit_test(changes_that_were_lost_are_made_up_for),
		cmocka_unit_test(addresses_there_are_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
