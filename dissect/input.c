/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissect/input.h"

#include "dissect/dissect.h"
#include "dissect/pcapng.h"
#include "dissect/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINKS_TOLD_MAX = 16 };

struct input {
	const char *name;
	struct inputs *shared;
	struct stream *stream;
	uint64_t packets; /* read so far */
	uint64_t links_told;
	bool begun, ended, failed;
	pcap_t *pcap;		     /* one of the two */
	struct pcapng *pcapng;	     /* is there once begun */
	int link;		     /* of a pcap file */
	uint16_t source;	     /* of a pcap file */
	const struct filter *filter; /* of a pcap file */
};

static const char *name_for_people(const struct input *in)
{
	return strcmp(in->name, "-") == 0 ? "standard input" : in->name;
}

/* One line: the name, the number of the packet where it is about one, and the sentence. */
__attribute__((format(printf, 3, 4))) static void complain(struct input *in, uint64_t packet,
							   const char *format, ...)
{
	struct capture_error error, whole;
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(error.text, sizeof error.text, format, arguments);
	va_end(arguments);
	int head = packet == 0 ? snprintf(whole.text, sizeof whole.text, "%.300s: ", name_for_people(in))
			       : snprintf(whole.text, sizeof whole.text, "%.300s: packet %" PRIu64 ": ",
					  name_for_people(in), packet);

	snprintf(whole.text + head, sizeof whole.text - (size_t)head, "%s", error.text);
	if (!in->failed)
		in->shared->failed++;
	in->failed = true;
	in->shared->complain(in->shared->context, &whole);
}

static int open_by_name(const char *name)
{
	if (strcmp(name, "-") == 0)
		return fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	return open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
}

/* Many rotated files may need more descriptors than are allowed at first (setrlimit(2): soft and hard limit).
 */
static bool more_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max)
		return false;
	limit.rlim_cur = limit.rlim_max;
	return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

static int open_readable(struct input *in)
{
	struct stat status;
	bool is_stdin = strcmp(in->name, "-") == 0;

	if (is_stdin && in->shared->stdin_taken) {
		complain(in, 0, "it can be read only once");
		return -1;
	}
	in->shared->stdin_taken |= is_stdin;
	int fd = open_by_name(in->name);

	if (fd < 0 && errno == EMFILE && more_descriptors())
		fd = open_by_name(in->name);
	if (fd < 0 && errno == EMFILE)
		complain(in, 0, "too many files at once for the limit on open files (ulimit -n)");
	else if (fd < 0)
		complain(in, 0, "%s", strerror(errno));
	if (fd < 0)
		return -1;
	if (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
		complain(in, 0, "%s", strerror(EISDIR));
		close(fd);
		return -1;
	}
	return fd;
}

struct input *input_open(const char *name, struct inputs *shared)
{
	struct input *in = calloc(1, sizeof *in);

	if (!in) {
		complain(&(struct input){ .name = name, .shared = shared }, 0, "%s", strerror(ENOMEM));
		return NULL;
	}
	in->name = name;
	in->shared = shared;
	int fd = open_readable(in);

	if (fd >= 0)
		in->stream = stream_new(fd, shared->buffer, shared->stop);
	if (fd >= 0 && !in->stream)
		complain(in, 0, "%s", strerror(errno));
	if (!in->stream) {
		input_close(in);
		return NULL;
	}
	return in;
}

static bool stopped(const struct input *in)
{
	return in->shared->stop && *in->shared->stop;
}

/* For an error that libpcap found: where the file is just short, or its bytes could not be had, that is the
 * reason. */
static const char *reason(const struct input *in, const char *libpcap_says, const char *if_short)
{
	if (stream_error(in->stream))
		return stream_error(in->stream);
	return strncmp(libpcap_says, "truncated", strlen("truncated")) == 0 ? if_short : libpcap_says;
}

/* The filter for frames of a link type; false after a complaint if it does not compile for that. */
static bool filter_settle(struct input *in, int link, const struct filter **filter)
{
	const char *why = NULL;

	*filter = in->shared->filters ? filters_for(in->shared->filters, link, &why) : NULL;
	if (!why)
		return true;
	complain(in, 0, "the filter cannot be used on this capture: %s", why);
	return false;
}

/* Its frames come all the same, the dissector counts them. A hostile file can have any number of interfaces.
 */
static void complain_of_link(struct input *in, uint64_t packet, int link)
{
	const char *name = pcap_datalink_val_to_name(link);

	if (in->links_told++ >= LINKS_TOLD_MAX)
		return;
	complain(in, packet, "link type %d%s%s%s is not decoded", link, name ? " (" : "", name ? name : "",
		 name ? ")" : "");
}

static bool pcap_begin(struct input *in, const uint8_t *magic)
{
	/* libpcap scales to nanoseconds without saying what the file has: 0xa1b23c4d, either byte order */
	static const uint8_t nano[2][4] = { { 0xa1, 0xb2, 0x3c, 0x4d }, { 0x4d, 0x3c, 0xb2, 0xa1 } };
	char why[PCAP_ERRBUF_SIZE] = "";
	bool fine = memcmp(magic, nano[0], 4) == 0 || memcmp(magic, nano[1], 4) == 0;
	FILE *file = stream_file(in->stream);

	if (!file) {
		complain(in, 0, "%s", strerror(errno));
		return false;
	}
	in->pcap = pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, why);
	if (!in->pcap) {
		const char *text = reason(in, why, "the file ends within its header (cut short?)");

		complain(in, 0, "%s",
			 strcmp(text, "unknown file format") == 0 ? "not a pcap or pcapng capture" : text);
		fclose(file);
		return false;
	}
	in->link = pcap_datalink(in->pcap);
	in->shared->nanoseconds |= fine;
	if (!dissect_knows_link(in->link))
		complain_of_link(in, 0, in->link);
	return filter_settle(in, in->link, &in->filter);
}

/* The format is told by the first four bytes, after decompression. */
static bool begin(struct input *in)
{
	static const uint8_t pcapng[4] = { 0x0a, 0x0d, 0x0d, 0x0a };
	const uint8_t *magic;
	size_t n = stream_look(in->stream, sizeof pcapng, &magic);

	in->begun = true;
	if (n < sizeof pcapng) {
		if (!stopped(in))
			complain(in, 0, "%s",
				 stream_error(in->stream) ? stream_error(in->stream)
				 : n == 0		  ? "the file is empty"
							  : "the file ends within its header (cut short?)");
		return false;
	}
	if (memcmp(magic, pcapng, sizeof pcapng) != 0)
		return pcap_begin(in, magic);
	in->pcapng = pcapng_new(in->stream);
	if (!in->pcapng)
		complain(in, 0, "%s", strerror(ENOMEM));
	return in->pcapng != NULL;
}

static void filter_frame(const struct filter *filter, struct frame *frame, bool *drop)
{
	enum filter_answer answer =
		filter ? filter_ask(filter, frame->bytes, frame->caplen, frame->len) : FILTER_MATCHES;

	frame->matched = answer == FILTER_MATCHES;
	*drop = answer == FILTER_DROPS;
}

/* Seconds are unsigned in the file (draft-ietf-opsawg-pcap 5), libpcap takes them as signed; fractions of a
 * second and more become the second's last nanosecond. */
static struct moment pcap_moment(const struct timeval *t)
{
	uint32_t seconds = (uint32_t)t->tv_sec;
	bool valid = t->tv_usec >= 0 && t->tv_usec < 1000000000;

	return (struct moment){ (int64_t)seconds * 1000000000 + (valid ? t->tv_usec : 999999999) };
}

static bool next_of_pcap(struct input *in, struct frame *frame, bool *drop)
{
	struct pcap_pkthdr *header;
	const u_char *bytes;
	int result = pcap_next_ex(in->pcap, &header, &bytes);

	if (result != 1) {
		if (result == PCAP_ERROR && !stopped(in))
			complain(in, in->packets + 1, "%s",
				 reason(in, pcap_geterr(in->pcap),
					"the file ends in the middle of a packet (cut short?)"));
		return false;
	}
	if (in->packets++ == 0)
		in->source = sources_add(in->shared->sources, in->name, NULL);
	*frame = (struct frame){
		.at = pcap_moment(&header->ts),
		.bytes = bytes,
		.caplen = header->caplen,
		.len = header->len < header->caplen ? header->caplen : header->len,
		.link = in->link,
		.source = in->source,
	};
	filter_frame(in->filter, frame, drop);
	return true;
}

/* The first packet of an interface: its name among the sources, and what there is to complain of. */
static void interface_meet(struct input *in, struct pcapng_interface *interface)
{
	char number[16];
	const char *name = NULL;

	if (pcapng_interfaces(in->pcapng) > 1) {
		snprintf(number, sizeof number, "if%" PRIu32, interface->number);
		name = interface->name[0] ? interface->name : number;
	}
	interface->source = sources_add(in->shared->sources, in->name, name);
	in->shared->nanoseconds |= interface->ticks > 1000000;
	if (!dissect_knows_link(interface->link))
		complain_of_link(in, in->packets, interface->link);
}

static bool next_of_pcapng(struct input *in, struct frame *frame, bool *drop)
{
	struct pcapng_packet packet;
	const struct filter *filter;
	enum pcapng_result result = pcapng_next(in->pcapng, &packet);

	if (result != PCAPNG_PACKET) {
		if (result == PCAPNG_BROKEN && !stopped(in))
			complain(in, in->packets + 1, "%s", pcapng_error(in->pcapng));
		return false;
	}
	in->packets++;
	if (packet.interface->source < 0)
		interface_meet(in, packet.interface);
	if (!filter_settle(in, packet.interface->link, &filter))
		return false;
	*frame = (struct frame){
		.at = packet.at,
		.bytes = packet.bytes,
		.caplen = packet.caplen,
		.len = packet.len < packet.caplen ? packet.caplen : packet.len,
		.link = packet.interface->link,
		.source = (uint16_t)packet.interface->source,
	};
	filter_frame(filter, frame, drop);
	return true;
}

bool input_next(struct input *in, struct frame *frame, bool *drop)
{
	if (!in->ended && !in->begun)
		in->ended = !begin(in);
	if (!in->ended)
		in->ended = in->pcap ? !next_of_pcap(in, frame, drop) : !next_of_pcapng(in, frame, drop);
	return !in->ended;
}

void input_close(struct input *in)
{
	if (!in)
		return;
	if (in->pcap)
		pcap_close(in->pcap); /* closes its FILE, too */
	pcapng_free(in->pcapng);
	stream_free(in->stream);
	free(in);
}
