/* SPDX-License-Identifier: GPL-2.0-or-later */
/* views.c - see views.h. */
#include "views.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

/* What a tracker would tell of the living: those with an end in TIME-WAIT or CLOSED have closed. */
static bool look(void *context, const struct host host[static 2], const uint16_t port[static 2],
		 uint64_t connection, struct record *record)
{
	struct stage *stage = context;
	const struct live *live = model_find(stage->dashboard->model, connection);

	if (stage->no_look || !live)
		return false;
	*record = stage_record(stage, 0);
	stage->connections--;
	memcpy(record->host, host, sizeof record->host);
	memcpy(record->port, port, sizeof record->port);
	record->first_packet = connection;
	record->start = live->start;
	record->end =
		live->since[SERVER].ns > live->since[CLIENT].ns ? live->since[SERVER] : live->since[CLIENT];
	record->duration = record->end.ns - record->start.ns;
	record->time_wait = TIME_WAIT_NONE;
	record->close = CLOSE_OPEN;
	if (live->state[CLIENT] == STATE_CLOSED && live->state[SERVER] == STATE_CLOSED)
		record->close = CLOSE_RESET;
	else if (live->state[CLIENT] == STATE_TIME_WAIT && live->state[SERVER] == STATE_CLOSED)
		record->close = CLOSE_GRACEFUL;
	for (int side = CLIENT; side <= SERVER; side++) {
		record->side[side].states[0] = (enum state)live->state[side];
		record->side[side].state_count = 1;
	}
	return true;
}

static int open_saved(struct opener *opener, const char *name);

struct test_opener {
	struct opener opener; /* first: see opener.h */
	struct stage *stage;
};
static struct test_opener test_opener = { .opener.open = open_saved };

static int open_saved(struct opener *opener, const char *name)
{
	struct stage *stage = ((struct test_opener *)opener)->stage;
	char path[] = "/tmp/lastack-test-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd != -1);
	snprintf(stage->opened, sizeof stage->opened, "%s", name);
	if (stage->saved)
		unlink(stage->saved);
	free(stage->saved);
	stage->saved = strdup(path);
	return fd;
}

void stage_open(struct stage *stage, bool live, int rows, int width, bool utf8)
{
	const struct dashboard_options options = {
		.title = live ? "eth0" : "test.pcap",
		.live = live,
		.time_wait = 60 * SECOND,
		.ports = 28232,
		.seed = 1,
		.source = { .context = stage, .look = live ? look : NULL },
		.opener = &test_opener.opener,
	};

	memset(stage, 0, sizeof *stage);
	test_opener.stage = stage;
	stage->dashboard = dashboard_new(&options, rows, width, utf8);
	assert_non_null(stage->dashboard);
	stage->input = (struct dashboard_input){
		.now = { BEGIN }, .packets = 1234567, .memory = 12345678, .over = !live
	};
}

void stage_close(struct stage *stage)
{
	dashboard_close(stage->dashboard);
	if (stage->saved)
		unlink(stage->saved);
	free(stage->saved);
}

static struct host host_of(unsigned a, unsigned b)
{
	return (struct host){ .addr = { [10] = 0xff, 0xff, 10, 0, (uint8_t)a, (uint8_t)b } };
}

struct record stage_record(struct stage *stage, unsigned i)
{
	struct record r = {
		.start = { BEGIN + (int64_t)(i % 240) * SECOND },
		.host = { host_of(0, 1 + i % 7), host_of(1, 1 + i % 3) },
		.port = { (uint16_t)(40000 + i % 20000), i % 2 ? 443 : 80 },
		.close = CLOSE_GRACEFUL,
		.closer = CLOSER_CLIENT,
		.time_wait = TIME_WAIT_EXPIRED,
		.time_wait_side = HOLDER_CLIENT,
		.time_wait_left = UNKNOWN_NS,
		.time_wait_held = 60 * SECOND,
		.record_end = RECORD_TIME_WAIT,
		.handshake_time = SECOND / 100,
		.teardown_time = SECOND / 50 + i * 1000,
		.duration = 10 * SECOND,
		.idle_before_close = 0,
		.conn_state = "SF",
		.first_packet = 1 + 10 * stage->connections++,
	};

	r.last_packet = r.first_packet + 9;
	r.end.ns = r.start.ns + r.duration;
	r.ended.ns = r.end.ns + 60 * SECOND;
	for (int side = CLIENT; side <= SERVER; side++) {
		r.side[side].close_wait = r.side[side].fin_wait_2 = UNKNOWN_NS;
		r.side[side].bytes = 100 + i;
		r.side[side].saw = side == CLIENT ? SAW_NOTHING : SAW_EOF;
		r.side[side].states[0] = STATE_ESTABLISHED;
		r.side[side].states[1] = STATE_CLOSED;
		r.side[side].state_count = 2;
	}
	return r;
}

void stage_tell(struct stage *stage, const struct record *record)
{
	struct sink *sink = dashboard_sink(stage->dashboard);

	sink->record(sink, record);
}

void stage_change(struct stage *stage, uint64_t connection, unsigned client, enum side side, enum state from,
		  enum state to, int64_t at)
{
	struct sink *sink = dashboard_sink(stage->dashboard);
	const struct change change = {
		.at = { at },
		.start = { BEGIN },
		.connection = connection,
		.packet = connection + 1,
		.host = { host_of(0, client), host_of(1, 1) },
		.port = { (uint16_t)(50000 + connection), 443 },
		.side = side,
		.from = from,
		.to = to,
	};

	sink->change(sink, &change);
}

/* Number i of the mixture. */
static struct record mixed(struct stage *stage, unsigned i)
{
	struct record r = stage_record(stage, i);

	switch (i % 10) {
	case 0:
	case 5:
		r.close = CLOSE_RESET;
		r.cause = i % 4 ? CAUSE_IDLE_TIMEOUT : CAUSE_ABORT;
		r.confidence = CONFIDENCE_LIKELY;
		r.closer = r.rst_sender = CLOSER_SERVER;
		r.side[CLIENT].saw = SAW_ECONNRESET;
		r.side[SERVER].saw = SAW_NOTHING;
		r.time_wait = TIME_WAIT_NONE;
		r.time_wait_side = HOLDER_NONE;
		break;
	case 3:
		r.close = CLOSE_REFUSED;
		r.cause = CAUSE_NO_LISTENER;
		r.closer = CLOSER_SERVER;
		r.side[CLIENT].saw = SAW_ECONNREFUSED;
		r.time_wait = TIME_WAIT_NONE;
		r.time_wait_side = HOLDER_NONE;
		break;
	case 7:
		r.side[SERVER].close_wait = (int64_t)(1 + i % 100) * SECOND;
		break;
	case 8:
		r.time_wait = TIME_WAIT_LINGERING;
		r.time_wait_left = (int64_t)(1 + i % 59) * SECOND;
		r.record_end = RECORD_END;
		break;
	case 9:
		memcpy(r.host[CLIENT].addr,
		       "\x20\x01\x1d\xb8\x12\x34\x56\x78\x9a\xbc\xde\xf0\x12\x34\x56\x78", 16);
		r.host[CLIENT].addr[15] = (uint8_t)i;
		break;
	default:
		break;
	}
	return r;
}

void stage_mixture(struct stage *stage, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct record r = mixed(stage, i);

		stage_tell(stage, &r);
	}
}

static void draw(struct stage *stage)
{
	stage->dashboard->handled = stage->dashboard->painted = (struct moment){ stage->input.now.ns };
	stage->dashboard->input = stage->input;
	model_settle(stage->dashboard->model, stage->input.now);
	dashboard_draw(stage->dashboard);
}

void stage_draw(struct stage *stage, int64_t seconds)
{
	stage->input.now.ns += seconds * SECOND;
	draw(stage);
}

void stage_press(struct stage *stage, int key)
{
	const struct press press = { .kind = PRESS_KEY, .key = key };

	dashboard_press(stage->dashboard, &press);
	draw(stage);
}

void stage_type(struct stage *stage, const char *text)
{
	while (*text)
		stage_press(stage, *text++);
}

void stage_mouse(struct stage *stage, enum press_kind kind, int row, int column, int lines)
{
	const struct press press = { .kind = kind, .key = lines, .row = row, .column = column };

	dashboard_press(stage->dashboard, &press);
	draw(stage);
}

static char *screen_as_text(const struct stage *stage, bool roles)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	assert_non_null(out);
	screen_text(stage->dashboard->screen, out);
	if (roles) {
		fputs("---- roles ----\n", out);
		screen_roles(stage->dashboard->screen, out);
	}
	fclose(out);
	return text;
}

bool stage_shows(const struct stage *stage, const char *sought)
{
	char *text = screen_as_text(stage, false);
	bool found = strstr(text, sought) != NULL;

	free(text);
	return found;
}

static char *golden_text(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;

	if (!file)
		fail_msg("no golden file %s", path);
	if (getdelim(&text, &size, '\0', file) < 0)
		fail_msg("nothing in %s", path);
	fclose(file);
	return text;
}

void assert_view(struct stage *stage, const char *name, bool roles)
{
	const char *mode = getenv("LASTACK_GOLDEN");
	char *text = screen_as_text(stage, roles);
	char *golden, path[512];

	snprintf(path, sizeof path, "%s/views/%s.txt", GOLDEN_DIR, name);
	if (mode && strcmp(mode, "write") == 0) {
		FILE *file = fopen(path, "w");

		assert_non_null(file);
		fputs(text, file);
		fclose(file);
	}
	golden = golden_text(path);
	if (strcmp(text, golden) != 0)
		print_error("%s differs; drawn was:\n%s\n", path, text);
	assert_string_equal(text, golden);
	free(golden);
	free(text);
}
