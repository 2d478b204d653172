/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dashboard_parts.h - what dashboard.c and its views and dialogs share. */
#ifndef LASTACK_UI_DASHBOARD_PARTS_H
#define LASTACK_UI_DASHBOARD_PARTS_H

#include "ui/cells.h"
#include "ui/dashboard.h"
#include "ui/edit.h"
#include "ui/keys.h"
#include "ui/listing.h"
#include "ui/pages.h"
#include "ui/press.h"
#include "ui/saves.h"
#include "ui/screen.h"
#include "ui/scroll.h"
#include "ui/terminal_screen.h"

enum {
	SCREEN_ROWS_LEAST = 24,
	SCREEN_COLUMNS_LEAST = 80,
	CONTENT_TOP = 2, /* the first row of a view; the last row of the screen is not its own */
	LINKS_MAX = 64,
	PEERS_SHOWN = PEERS_MAX,
	BACK_MAX = 8,
};

enum dialog { DIALOG_NONE, DIALOG_FILTER, DIALOG_SORT, DIALOG_COLUMNS, DIALOG_WRITE };

/* What a line of the overview leads to. */
struct link {
	int row, column, width; /* where it is drawn */
	enum view_id view;
	uint64_t connection;   /* VIEW_CONNECTION: which */
	char filter[EDIT_MAX]; /* VIEW_CONNECTIONS */
};

/* One holder of TIME-WAITs as it is shown. */
struct holder_row {
	struct host holder, peer;
	uint16_t port;
	enum side side;
	uint64_t now, made, peak, reused, assassinated;
	uint64_t ports; /* that there are */
	double rate;	/* made a second, lately */
	int64_t oldest; /* ns ago; UNKNOWN_NS */
	int64_t left;	/* ns until its ports run out at this rate; UNKNOWN_NS = they do not */
};
enum { HOLDERS_MAX = 2 * CENSUS_TOP_MAX };

/* One TIME-WAIT as it is shown. */
struct pair_row {
	uint64_t connection;
	struct host host[2];
	uint16_t port[2];
	int64_t left; /* ns */
};
enum { PAIRS_MAX = 4096 };

/* A host or service as it is shown. */
struct peer_row {
	struct peer_name name;
	struct peer peer;
	int64_t median_teardown, median_close_wait;
};

/* What stands out, of one kind: the most striking first. */
enum { STANDOUT_KINDS = 5, STANDOUTS_EACH = 8 };
struct standout {
	const char *kind;
	char who[160], figure[256];
	enum role role;
	enum view_id view; /* where it leads to, as struct link's */
	uint64_t connection;
	char filter[EDIT_MAX];
	uint64_t weight, whole; /* what they are ordered by: their share, then the first */
};
struct standouts {
	struct standout at[STANDOUTS_EACH];
	int n;
};

struct dashboard {
	struct dashboard_options options;
	struct settings settings;
	struct model *model;
	struct screen *screen;
	struct terminal_screen *terminal; /* NULL in tests */
	struct dashboard_input input;	  /* as told last */
	struct moment painted, handled;	  /* clock of the last */
	bool quit;

	enum view_id view, back[BACK_MAX];
	int back_count;
	bool paused;
	struct moment now; /* as shown: stands while paused */

	enum dialog dialog;
	struct edit edit;     /* of the dialog */
	struct scroll choice; /* of the dialog */
	char message[256];
	enum role message_role;
	struct moment message_until;

	/* The overview, as it was taken from the model last. */
	struct model_counts counts;
	struct timeline timeline;
	struct standouts *standouts; /* STANDOUT_KINDS; view_standouts.c's */
	struct link links[LINKS_MAX];
	int link_count, link_at;
	struct scroll tables[2]; /* how they closed, why the resets: what is seen of them */

	/* Connections. */
	struct listing *listing;
	struct scroll list;
	uint64_t selected;	  /* connection; 0 = none yet */
	struct cells cells;	  /* the columns */
	struct listing_row *rows; /* SCREEN_ROWS_MAX: those that were drawn last, */
	size_t rows_top;	  /* from this one on */
	char filter[EDIT_MAX];
	char filter_before[EDIT_MAX]; /* when it began to be changed */
	bool searching;

	/* One connection. */
	uint64_t connection; /* 0 = none */
	struct record record;
	bool known, still_lives;
	struct pages *pages;
	struct scroll page;
	bool payload;
	struct moment told; /* clock when its packets were read last */
	int64_t telling;    /* ns that this took */
	int told_columns;   /* of its lines */

	/* TIME-WAIT. */
	struct holder_row *holders; /* HOLDERS_MAX */
	size_t holder_count;
	struct pair_row *pairs; /* PAIRS_MAX */
	size_t pair_count;
	uint64_t pairs_more;
	struct scroll holder_list, pair_list;
	bool in_pairs;
	int holder_sort, holder_first; /* column sorted by; first column seen */
	bool holder_ascending;
	struct moment counted; /* clock when they were last */

	/* Hosts and services. */
	struct peer_row *peers; /* PEERS_MAX */
	size_t peer_count;
	bool show_hosts;
	struct scroll peer_list;
	int peer_sort, peer_first; /* column sorted by; first column seen */
	bool peer_ascending;

	struct scroll help;
	struct pages *help_pages;
	int help_columns; /* of the screen when they were made */
};

/* A screen of the dashboard. */
struct view {
	/* Takes from the model what draw() shows; not while paused. NULL = nothing. */
	void (*refresh)(struct dashboard *d);
	void (*draw)(struct dashboard *d);
	/* False where the action means nothing to it. */
	bool (*act)(struct dashboard *d, enum action action);
	/* What a click at a place selects; again = it was selected before: opens it. */
	void (*click)(struct dashboard *d, int row, int column);
	void (*wheel)(struct dashboard *d, int row, int lines);
};

extern const struct view view_overview, view_connections, view_connection, view_time_wait, view_hosts,
	view_help;
extern const struct view *const views[VIEW_COUNT];

/* Rows and columns that a view has. */
static inline int content_rows(const struct dashboard *d)
{
	return d->screen->rows - CONTENT_TOP - 1;
}

static inline int content_columns(const struct dashboard *d)
{
	return d->screen->columns;
}

/* Another screen; 'q' leads back from it. */
void dashboard_show(struct dashboard *d, enum view_id view);

/* A message in the bottom line, for a few seconds. */
__attribute__((format(printf, 3, 4))) void dashboard_say(struct dashboard *d, enum role role,
							 const char *format, ...);

/* Draws everything; takes in what was pressed; another size. */
void dashboard_draw(struct dashboard *d);
void dashboard_press(struct dashboard *d, const struct press *press);
void dashboard_resize(struct dashboard *d, int rows, int width);

/* The lines at the top and the bottom (frame.c). */
void frame_draw(struct dashboard *d);
enum view_id frame_view_at(const struct dashboard *d, int column); /* VIEW_COUNT = none */

/* The list of connections (view_connections.c). */
void connections_filter(struct dashboard *d, const char *filter);
void connections_order(struct dashboard *d, const struct column *sort, bool ascending);
void connections_columns_changed(struct dashboard *d);
void connections_refresh(struct dashboard *d);

/* One connection (view_connection.c). */
void connection_open(struct dashboard *d, uint64_t connection);
bool connection_find(const struct dashboard *d, uint64_t connection, struct record *record, bool *lives);
void connection_name(const struct dashboard *d, const struct record *record,
		     struct process process[static 2]); /* which processes have its ends */

/* Dialogs (dialog.c): true when the press was theirs. */
bool dialog_press(struct dashboard *d, const struct press *press);
void dialog_open(struct dashboard *d, enum dialog dialog);
void dialog_draw(struct dashboard *d);

/* Saving (save.c): what is shown, as a file of a name of ours. Says how it went. */
void save_shown(struct dashboard *d, enum save_format format);
bool save_can(const struct dashboard *d, enum save_format format);

/* The columns that tables are sorted by at first. */
enum { TIME_WAIT_SORT_NOW = 3, TIME_WAIT_SORT_PEAK = 9, HOSTS_SORT_CONNECTIONS = 1 };

/* Names of what a table is sorted by, from 0; NULL after the last (view_time_wait.c, view_hosts.c). */
const char *time_wait_sort_name(int i);
const char *hosts_sort_name(int i);
void hosts_refresh(struct dashboard *d);
void time_wait_refresh(struct dashboard *d);

#endif
