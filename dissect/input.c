/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dissect/input.h"

#include "dissect/dissect.h"
#include "dissect/libpcap_file.h"
#include "dissect/open_file.h"
#include "dissect/pcap_file.h"
#include "dissect/pcapng.h"
#include "dissect/stream.h"

#include <errno.h>
#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { LINKS_TOLD_MAX = 16 };

typedef enum input_result next_frame(struct input *in, struct frame *frame);
typedef size_t take_frames(struct input *in, struct frame *frames, size_t room);
typedef size_t take_segments(struct input *in, struct dissector *d, struct segment *segments, size_t room);

struct input {
	next_frame *next;  /* by what it is: not begun, one of three kinds of file, or ended */
	take_frames *take; /* in the same way */
	take_segments *take_segments;
	struct pcap_file usual;	     /* a pcap file that we read */
	struct frame like;	     /* of any pcap file: what is the same in all frames */
	uint64_t packets;	     /* read so far */
	uint64_t others;	     /* packets of other inputs, see input_number() */
	const struct filter *filter; /* of any pcap file */
	struct libpcap_file rare;    /* one that libpcap reads */
	struct pcapng *pcapng;
	const char *name;
	struct inputs *shared;
	struct open_file file;
	struct stream *stream; /* of 'file' */
	/*
	 * The numbers of its sources, in the order in which it came upon them, so that they are the same when
	 * it is read again. Those that are not here have the number that all have when none are left.
	 */
	uint16_t *sources;
	size_t source_count, source_size, source_next;
	uint64_t links_told;
	bool again; /* it is not read for the first time: what there was to complain of was told */
	bool failed, failed_again;
};

static next_frame next_of_any, next_of_none;
static take_frames take_none;
static take_segments take_no_segments;

static const char *name_for_people(const struct input *in)
{
	return strcmp(in->name, "-") == 0 ? "standard input" : in->name;
}

/* One line: the name, the number of the packet where it is about one, and the sentence. */
__attribute__((format(printf, 3, 4))) static void complain(struct input *in, uint64_t packet,
							   const char *format, ...)
{
	struct capture_error error;
	char number[32] = "";
	va_list arguments;

	if (packet > 0)
		snprintf(number, sizeof number, "packet %" PRIu64 ": ", packet);
	int head = snprintf(error.text, sizeof error.text, "%.300s: %s", name_for_people(in), number);

	va_start(arguments, format);
	vsnprintf(error.text + head, sizeof error.text - (size_t)head, format, arguments);
	va_end(arguments);
	if (!in->failed)
		in->shared->failed++;
	in->failed = true;
	in->failed_again = in->again;
	in->shared->complain(in->shared->context, &error);
}

struct input *input_open(const char *name, struct inputs *shared)
{
	struct input *in = calloc(1, sizeof *in);
	bool is_stdin = strcmp(name, "-") == 0;
	const char *why;

	if (!in) {
		complain(&(struct input){ .name = name, .shared = shared }, 0, "%s", strerror(ENOMEM));
		return NULL;
	}
	in->next = next_of_any;
	in->take = take_none;
	in->take_segments = take_no_segments;
	in->name = name;
	in->shared = shared;
	why = is_stdin && shared->stdin_taken ? "it can be read only once" : open_file(&in->file, name);
	shared->stdin_taken |= is_stdin;
	if (!why) {
		in->stream = stream_new(in->file.fd, shared->buffer, shared->stop);
		why = in->stream ? NULL : strerror(errno);
	}
	if (!why)
		return in;
	complain(in, 0, "%s", why);
	free(in);
	return NULL;
}

static bool stopped(const struct input *in)
{
	return *in->shared->stop;
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

	if (in->again || in->links_told++ >= LINKS_TOLD_MAX)
		return;
	complain(in, packet, "link type %d%s%s%s is not decoded", link, name ? " (" : "", name ? name : "",
		 name ? ")" : "");
}

/* What there is to say of a pcap file whose link type is known now. */
static bool link_settle(struct input *in, int link)
{
	in->like = (struct frame){ .link = link, .matched = true };
	if (!dissect_knows_link(link))
		complain_of_link(in, 0, link);
	return filter_settle(in, link, &in->filter);
}

static enum input_result filter_frame(const struct filter *filter, struct frame *frame)
{
	enum filter_answer answer =
		filter ? filter_ask(filter, frame->bytes, frame->caplen, frame->len) : FILTER_MATCHES;

	frame->matched = answer == FILTER_MATCHES;
	return answer == FILTER_DROPS ? INPUT_DROPPED : INPUT_FRAME;
}

/* No more comes of it. */
static enum input_result ended(struct input *in)
{
	in->next = next_of_none;
	in->take = take_none;
	in->take_segments = take_no_segments;
	return INPUT_END;
}

static bool source_keep(struct input *in, uint16_t source)
{
	if (in->source_count == in->source_size) {
		size_t size = in->source_size ? 2 * in->source_size : 1;
		uint16_t *bigger = realloc(in->sources, size * sizeof *bigger);

		if (!bigger)
			return false;
		in->sources = bigger;
		in->source_size = size;
	}
	in->sources[in->source_count++] = source;
	return true;
}

/* The number of the file, or of an interface, that it comes upon now. */
static uint16_t source_meet(struct input *in, const char *interface)
{
	if (in->source_next < in->source_count)
		return in->sources[in->source_next++];
	if (in->again)
		return SOURCES_NONE_LEFT;
	uint16_t source = sources_add(in->shared->sources, in->name, interface);

	if (source != SOURCES_NONE_LEFT && source_keep(in, source))
		in->source_next = in->source_count;
	return source;
}

/* A packet of a pcap file. The file is a source with its first. */
static void pcap_meet(struct input *in)
{
	if (in->packets++ == 0)
		in->like.source = source_meet(in, NULL);
}

/* What a pcap file's reader does not set of a frame. */
static void pcap_frame(const struct input *in, struct frame *frame)
{
	frame->packet = in->others + in->packets;
	frame->link = in->like.link;
	frame->source = in->like.source;
	frame->matched = in->like.matched;
}

/* The file's last result, which was no packet. */
static enum input_result pcap_ended(struct input *in, enum pcap_file_result result, const char *error)
{
	if (result == PCAP_FILE_BROKEN && !stopped(in))
		complain(in, in->packets + 1, "%s", error);
	return ended(in);
}

static enum input_result next_of_libpcap(struct input *in, struct frame *frame)
{
	enum pcap_file_result result = libpcap_file_next(&in->rare, frame);

	if (result != PCAP_FILE_PACKET)
		return pcap_ended(in, result, libpcap_file_error(&in->rare));
	pcap_meet(in);
	pcap_frame(in, frame);
	return filter_frame(in->filter, frame);
}

/* None if a packet is not all in the buffer, as the first never is. */
static size_t take_of_pcap_file(struct input *in, struct frame *frames, size_t room)
{
	in->like.packet = in->others + in->packets + 1;
	size_t n = pcap_file_take(&in->usual, frames, room, &in->like);

	in->packets += n;
	return n;
}

static size_t take_segments_of_pcap_file(struct input *in, struct dissector *d, struct segment *segments,
					 size_t room)
{
	in->like.packet = in->others + in->packets + 1;
	size_t n = pcap_file_segments(&in->usual, d, segments, room, &in->like);

	in->packets += n;
	return n;
}

static enum input_result next_of_pcap_file(struct input *in, struct frame *frame)
{
	if (take_of_pcap_file(in, frame, 1) == 1)
		return INPUT_FRAME;
	enum pcap_file_result result = pcap_file_look(&in->usual, frame);

	if (result != PCAP_FILE_PACKET)
		return pcap_ended(in, result, pcap_file_error(&in->usual));
	pcap_meet(in);
	pcap_frame(in, frame);
	return INPUT_FRAME;
}

static enum input_result next_of_pcap_file_filtered(struct input *in, struct frame *frame)
{
	enum input_result result = next_of_pcap_file(in, frame);

	return result == INPUT_FRAME ? filter_frame(in->filter, frame) : result;
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
	interface->source = source_meet(in, name);
	in->shared->nanoseconds |= interface->ticks > 1000000;
	if (!dissect_knows_link(interface->link))
		complain_of_link(in, in->packets, interface->link);
}

/* Without a filter: interfaces need one each. */
static size_t take_of_pcapng(struct input *in, struct frame *frames, size_t room)
{
	size_t n = pcapng_take(in->pcapng, frames, room, in->others + in->packets + 1);

	in->packets += n;
	return n;
}

static size_t take_segments_of_pcapng(struct input *in, struct dissector *d, struct segment *segments,
				      size_t room)
{
	size_t n = pcapng_segments(in->pcapng, d, segments, room, in->others + in->packets + 1);

	in->packets += n;
	return n;
}

static enum input_result next_of_pcapng(struct input *in, struct frame *frame)
{
	struct pcapng_packet packet;
	const struct filter *filter;
	enum pcapng_result result = pcapng_next(in->pcapng, &packet);

	if (result != PCAPNG_PACKET) {
		if (result == PCAPNG_BROKEN && !stopped(in))
			complain(in, in->packets + 1, "%s", pcapng_error(in->pcapng));
		return ended(in);
	}
	in->packets++;
	if (packet.interface->source < 0)
		interface_meet(in, packet.interface);
	if (!filter_settle(in, packet.interface->link, &filter)) {
		in->packets--; /* it is not given */
		return ended(in);
	}
	*frame = (struct frame){
		.at = packet.at,
		.packet = in->others + in->packets,
		.bytes = packet.bytes,
		.caplen = packet.caplen,
		.len = packet.len < packet.caplen ? packet.caplen : packet.len,
		.link = packet.interface->link,
		.source = (uint16_t)packet.interface->source,
	};
	return filter_frame(filter, frame);
}

static enum input_result next_of_none(struct input *in, struct frame *frame)
{
	(void)in, (void)frame;
	return INPUT_END;
}

static size_t take_none(struct input *in, struct frame *frames, size_t room)
{
	(void)in, (void)frames, (void)room;
	return 0;
}

static size_t take_no_segments(struct input *in, struct dissector *d, struct segment *segments, size_t room)
{
	(void)in, (void)d, (void)segments, (void)room;
	return 0;
}

static next_frame *begin_pcapng(struct input *in)
{
	in->pcapng = pcapng_new(in->stream);
	if (!in->pcapng) {
		complain(in, 0, "%s", strerror(ENOMEM));
		return next_of_none;
	}
	if (!in->shared->filters) {
		in->take = take_of_pcapng;
		in->take_segments = take_segments_of_pcapng;
	}
	return next_of_pcapng;
}

static next_frame *begin_libpcap(struct input *in)
{
	if (!libpcap_file_begin(&in->rare, in->stream)) {
		complain(in, 0, "%s", libpcap_file_error(&in->rare));
		return next_of_none;
	}
	in->shared->nanoseconds |= in->rare.nanoseconds;
	return link_settle(in, in->rare.link) ? next_of_libpcap : next_of_none;
}

static next_frame *begin_pcap(struct input *in)
{
	if (in->shared->libpcap || !pcap_file_begin(&in->usual, in->stream))
		return begin_libpcap(in);
	in->shared->nanoseconds |= in->usual.per_second > 1000000;
	if (!link_settle(in, in->usual.link))
		return next_of_none;
	if (in->filter)
		return next_of_pcap_file_filtered;
	in->take = take_of_pcap_file;
	in->take_segments = take_segments_of_pcap_file;
	return next_of_pcap_file;
}

/* The format is told by the first four bytes, after decompression. */
static next_frame *begin(struct input *in)
{
	static const uint8_t pcapng[4] = { 0x0a, 0x0d, 0x0d, 0x0a };
	const uint8_t *magic;
	size_t n = stream_look(in->stream, sizeof pcapng, &magic);

	if (n >= sizeof pcapng)
		return memcmp(magic, pcapng, sizeof pcapng) == 0 ? begin_pcapng(in) : begin_pcap(in);
	if (!stopped(in))
		complain(in, 0, "%s",
			 stream_error(in->stream) ? stream_error(in->stream)
			 : n == 0		  ? "the file is empty"
						  : "the file ends within its header (cut short?)");
	return next_of_none;
}

static enum input_result next_of_any(struct input *in, struct frame *frame)
{
	in->next = begin(in);
	return in->next(in, frame);
}

enum input_result input_next(struct input *in, struct frame *frame)
{
	return in->next(in, frame);
}

size_t input_take(struct input *in, struct frame *frames, size_t room)
{
	return in->take(in, frames, room);
}

size_t input_segments(struct input *in, struct dissector *d, struct segment *segments, size_t room)
{
	return in->take_segments(in, d, segments, room);
}

void input_number(struct input *in, uint64_t packets)
{
	in->others = packets - in->packets;
}

uint64_t input_numbered(const struct input *in)
{
	return in->others + in->packets;
}

uint64_t input_packets(const struct input *in)
{
	return in->packets;
}

bool input_progress(const struct input *in, uint64_t *done, uint64_t *all)
{
	if (!stream_progress(in->stream, done, all))
		return false;
	/* One that failed is not read on; one that has grown is not looked at again. */
	if (in->next == next_of_none || *done > *all)
		*done = *all;
	return true;
}

bool input_again(const struct input *in)
{
	return in->file.again;
}

void input_rest(struct input *in)
{
	libpcap_file_end(&in->rare);
	pcapng_free(in->pcapng);
	in->pcapng = NULL;
	stream_rest(in->stream);
	in->next = next_of_none;
	in->take = take_none;
	in->take_segments = take_no_segments;
}

int input_rewind(struct input *in)
{
	input_rest(in);
	if (stream_rewind(in->stream, in->file.start, in->shared->stop) == -1)
		return -1;
	in->next = next_of_any;
	in->packets = 0;
	in->source_next = 0;
	in->again = true;
	in->failed_again = false;
	return 0;
}

void input_lost(struct input *in)
{
	if (!in->failed_again && !stopped(in))
		complain(in, in->packets + 1, "it was there when the file was read first, and is not now");
}

void input_close(struct input *in)
{
	if (!in)
		return;
	input_rest(in);
	stream_free(in->stream);
	free(in->sources);
	free(in);
}
