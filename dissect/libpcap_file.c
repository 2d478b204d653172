/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissect/libpcap_file.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>

/* Where the file is just short, or its bytes could not be had, that is the reason of what libpcap says. */
static void fail(struct libpcap_file *p, const char *libpcap_says, const char *if_short)
{
	const char *why = stream_error(p->stream);

	if (!why && strncmp(libpcap_says, "truncated", strlen("truncated")) == 0)
		why = if_short;
	if (!why && strcmp(libpcap_says, "unknown file format") == 0)
		why = "not a pcap or pcapng capture";
	snprintf(p->error, sizeof p->error, "%s", why ? why : libpcap_says);
}

/* libpcap scales to nanoseconds without saying what the file has: 0xa1b23c4d, either byte order. */
static bool is_nano(struct stream *s)
{
	static const uint8_t nano[2][4] = { { 0xa1, 0xb2, 0x3c, 0x4d }, { 0x4d, 0x3c, 0xb2, 0xa1 } };
	const uint8_t *magic;

	return stream_look(s, 4, &magic) >= 4 &&
	       (memcmp(magic, nano[0], 4) == 0 || memcmp(magic, nano[1], 4) == 0);
}

bool libpcap_file_begin(struct libpcap_file *p, struct stream *s)
{
	char why[PCAP_ERRBUF_SIZE] = "";

	*p = (struct libpcap_file){ .stream = s, .nanoseconds = is_nano(s) };
	FILE *file = stream_file(s);

	if (!file) {
		snprintf(p->error, sizeof p->error, "%s", strerror(errno));
		return false;
	}
	p->pcap = pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, why);
	if (!p->pcap) {
		fail(p, why, "the file ends within its header (cut short?)");
		fclose(file);
		return false;
	}
	p->link = pcap_datalink(p->pcap);
	return true;
}

/* Seconds are unsigned in the file (draft-ietf-opsawg-pcap 5), libpcap takes them as signed; fractions of a
 * second and more become the second's last nanosecond. */
static struct moment moment_of(const struct timeval *t)
{
	uint32_t seconds = (uint32_t)t->tv_sec;
	bool valid = t->tv_usec >= 0 && t->tv_usec < 1000000000;

	return (struct moment){ (int64_t)seconds * 1000000000 + (valid ? t->tv_usec : 999999999) };
}

enum pcap_file_result libpcap_file_next(struct libpcap_file *p, struct frame *frame)
{
	struct pcap_pkthdr *header;
	const u_char *bytes;
	int result = pcap_next_ex(p->pcap, &header, &bytes);

	if (result != 1 && result != PCAP_ERROR)
		return PCAP_FILE_END;
	if (result == PCAP_ERROR) {
		fail(p, pcap_geterr(p->pcap), "the file ends in the middle of a packet (cut short?)");
		return PCAP_FILE_BROKEN;
	}
	frame->at = moment_of(&header->ts);
	frame->bytes = bytes;
	frame->caplen = header->caplen;
	frame->len = header->len < header->caplen ? header->caplen : header->len;
	return PCAP_FILE_PACKET;
}

const char *libpcap_file_error(const struct libpcap_file *p)
{
	return p->error;
}

void libpcap_file_end(struct libpcap_file *p)
{
	if (p->pcap)
		pcap_close(p->pcap); /* closes its FILE, too */
	p->pcap = NULL;
}
