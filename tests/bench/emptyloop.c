/* SPDX-License-Identifier: GPL-2.0-or-later */
/* emptyloop - what reading a capture costs at least: libpcap's loop, which only counts packets. */
#include <pcap/pcap.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	char error[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *header;
	const u_char *bytes;
	unsigned long long packets = 0, octets = 0;
	int got;

	if (argc != 2) {
		fputs("usage: emptyloop FILE\n", stderr);
		return 2;
	}
	pcap_t *capture = pcap_open_offline(argv[1], error);

	if (!capture) {
		fprintf(stderr, "emptyloop: %s\n", error);
		return 1;
	}
	while ((got = pcap_next_ex(capture, &header, &bytes)) == 1) {
		packets++;
		octets += header->len;
	}
	if (got == PCAP_ERROR)
		fprintf(stderr, "emptyloop: %s\n", pcap_geterr(capture));
	pcap_close(capture);
	printf("%llu packets, %llu bytes\n", packets, octets);
	return got == PCAP_ERROR;
}
