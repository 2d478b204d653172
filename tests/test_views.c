/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_views.c - every screen at three sizes, with nothing, one connection and ten thousand, as text files
 * say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

#include "views.h"

static const struct {
	int rows, width;
} sizes[] = { { 24, 80 }, { 43, 132 }, { 50, 200 } };
enum { SIZES = sizeof sizes / sizeof *sizes };

static const char *const names[VIEW_COUNT] = { "overview",  "connections", "connection",
					       "time_wait", "hosts",	   "help" };

/* One that lives, half closed. */
static void tell_living(struct stage *stage, uint64_t connection, unsigned client)
{
	stage_change(stage, connection, client, CLIENT, STATE_UNKNOWN, STATE_SYN_SENT, BEGIN);
	stage_change(stage, connection, client, SERVER, STATE_UNKNOWN, STATE_SYN_RECEIVED, BEGIN + 1000);
	stage_change(stage, connection, client, CLIENT, STATE_SYN_SENT, STATE_ESTABLISHED, BEGIN + SECOND);
	stage_change(stage, connection, client, SERVER, STATE_SYN_RECEIVED, STATE_ESTABLISHED,
		     BEGIN + SECOND);
}

static void half_close(struct stage *stage, uint64_t connection, unsigned client)
{
	stage_change(stage, connection, client, CLIENT, STATE_ESTABLISHED, STATE_FIN_WAIT_1,
		     BEGIN + 2 * SECOND);
	stage_change(stage, connection, client, SERVER, STATE_ESTABLISHED, STATE_CLOSE_WAIT,
		     BEGIN + 2 * SECOND);
	stage_change(stage, connection, client, CLIENT, STATE_FIN_WAIT_1, STATE_FIN_WAIT_2,
		     BEGIN + 2 * SECOND);
}

static void finish_close(struct stage *stage, uint64_t connection, unsigned client)
{
	stage_change(stage, connection, client, SERVER, STATE_CLOSE_WAIT, STATE_LAST_ACK,
		     BEGIN + 30 * SECOND);
	stage_change(stage, connection, client, CLIENT, STATE_FIN_WAIT_2, STATE_TIME_WAIT,
		     BEGIN + 30 * SECOND);
	stage_change(stage, connection, client, SERVER, STATE_LAST_ACK, STATE_CLOSED, BEGIN + 30 * SECOND);
}

static void reset_it(struct stage *stage, uint64_t connection, unsigned client)
{
	stage_change(stage, connection, client, SERVER, STATE_ESTABLISHED, STATE_CLOSED, BEGIN + 40 * SECOND);
	stage_change(stage, connection, client, CLIENT, STATE_ESTABLISHED, STATE_CLOSED, BEGIN + 40 * SECOND);
}

/* All screens at one size; what = the state of things, for the names of the files. */
static void all_views(struct stage *stage, const char *what, int size, bool roles)
{
	for (int view = 0; view < VIEW_COUNT; view++) {
		char name[128];

		stage_press(stage, '1' + view);
		if (stage->dashboard->view != (enum view_id)view)
			continue; /* there is no connection to show */
		snprintf(name, sizeof name, "%s_%s_%dx%d", names[view], what, sizes[size].width,
			 sizes[size].rows);
		assert_view(stage, name, roles);
	}
}

static void nothing_has_been_seen(void **state)
{
	struct stage stage;

	(void)state;
	for (int size = 0; size < SIZES; size++) {
		stage_open(&stage, true, sizes[size].rows, sizes[size].width, true);
		stage_draw(&stage, 0);
		all_views(&stage, "empty", size, size == 0);
		stage_close(&stage);
	}
}

static void one_connection(void **state)
{
	struct stage stage;

	(void)state;
	for (int size = 0; size < SIZES; size++) {
		struct record r;

		stage_open(&stage, false, sizes[size].rows, sizes[size].width, true);
		r = stage_record(&stage, 0);
		stage_tell(&stage, &r);
		stage_draw(&stage, 70);
		all_views(&stage, "one", size, true);
		stage_close(&stage);
	}
}

static void ten_thousand_connections(void **state)
{
	struct stage stage;

	(void)state;
	for (int size = 0; size < SIZES; size++) {
		stage_open(&stage, false, sizes[size].rows, sizes[size].width, true);
		stage_mixture(&stage, 10000);
		stage_draw(&stage, 310);
		all_views(&stage, "many", size, true);
		stage_close(&stage);
	}
}

static void ten_thousand_connections_in_ascii(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, false, sizes[0].rows, sizes[0].width, false);
	stage_mixture(&stage, 10000);
	stage_draw(&stage, 310);
	all_views(&stage, "ascii", 0, false);
	for (int i = 0; i < stage.dashboard->screen->rows * stage.dashboard->screen->columns; i++)
		assert_true((unsigned char)stage.dashboard->screen->cells[i].text[0] < 0x80);
	stage_close(&stage);
}

static void connections_that_live(void **state)
{
	struct stage stage;

	(void)state;
	for (int size = 0; size < SIZES; size++) {
		stage_open(&stage, true, sizes[size].rows, sizes[size].width, true);
		for (unsigned i = 1; i <= 5; i++)
			tell_living(&stage, i * 100, i);
		half_close(&stage, 200, 2);
		half_close(&stage, 300, 3);
		finish_close(&stage, 300, 3);
		reset_it(&stage, 400, 4);
		stage_draw(&stage, 45);
		all_views(&stage, "live", size, size == 0);
		stage_close(&stage);
	}
}

/* ---- behaviour ---- */

static void too_small_is_said(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, true, 24, 80, true);
	stage_draw(&stage, 1);
	assert_true(stage_shows(&stage, "RATES"));
	dashboard_resize(stage.dashboard, 23, 80);
	stage_draw(&stage, 1);
	assert_true(stage_shows(&stage, "80x23: too small"));
	assert_false(stage_shows(&stage, "RATES"));
	dashboard_resize(stage.dashboard, 24, 79);
	stage_draw(&stage, 1);
	assert_true(stage_shows(&stage, "79x24: too small"));
	dashboard_resize(stage.dashboard, 1, 1);
	stage_draw(&stage, 1);
	dashboard_resize(stage.dashboard, 24, 80);
	stage_draw(&stage, 1);
	assert_true(stage_shows(&stage, "RATES"));
	stage_close(&stage);
}

static void every_size_is_drawn(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, false, 24, 80, true);
	stage_mixture(&stage, 500);
	for (int width = 80; width <= SCREEN_COLUMNS_MAX; width += 7) {
		dashboard_resize(stage.dashboard, 24 + width % 60, width);
		for (int view = 0; view < VIEW_COUNT; view++) {
			stage_press(&stage, '1' + view);
			stage_press(&stage, PRESS_END);
			assert_true(stage_shows(&stage, "lastack"));
		}
	}
	stage_close(&stage);
}

static void the_list_narrows_as_one_types(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, false, 24, 120, true);
	stage_mixture(&stage, 1000);
	stage_press(&stage, '2');
	assert_true(stage_shows(&stage, "1,000 connections"));
	stage_type(&stage, "/close=res");
	assert_true(stage_shows(&stage, "200 connections"));
	stage_type(&stage, "et port=44");
	assert_true(stage_shows(&stage, "0 connections"));
	stage_type(&stage, "3");
	assert_true(stage_shows(&stage, "100 connections"));
	/* What is not finished keeps what was meant before, and is said. */
	stage_type(&stage, " cau");
	assert_true(stage_shows(&stage, "0 connections"));
	stage_type(&stage, "ses=");
	assert_true(stage_shows(&stage, "'causes' is no column"));
	stage_press(&stage, PRESS_ESCAPE);
	assert_true(stage_shows(&stage, "1,000 connections"));
	stage_type(&stage, "/10.0.0.7");
	stage_press(&stage, PRESS_ENTER);
	assert_true(stage_shows(&stage, "filter: 10.0.0.7"));
	assert_true(stage.dashboard->list.count > 100 && stage.dashboard->list.count < 200);
	/* Esc takes a filter away before it goes back. */
	stage_press(&stage, PRESS_ESCAPE);
	assert_true(stage_shows(&stage, "1,000 connections"));
	assert_int_equal(stage.dashboard->view, VIEW_CONNECTIONS);
	stage_close(&stage);
}

static void rows_are_sorted_by_any_column(void **state)
{
	struct stage stage;
	struct listing_row row, other;

	(void)state;
	stage_open(&stage, false, 24, 120, true);
	stage_mixture(&stage, 1000);
	stage_press(&stage, '2');
	for (size_t i = 0; i < column_count; i++) {
		connections_order(stage.dashboard, &columns[i], i % 2);
		stage_draw(&stage, 0);
		assert_int_equal(stage.dashboard->list.count, 1000);
	}
	for (size_t i = 0; i < column_count; i++)
		if (strcmp(columns[i].name, "client_bytes") == 0)
			connections_order(stage.dashboard, &columns[i], false);
	for (size_t i = 1; i < 1000; i++) {
		assert_true(listing_row(stage.dashboard->listing, i - 1, &row));
		assert_true(listing_row(stage.dashboard->listing, i, &other));
		assert_true(row.record.side[CLIENT].bytes >= other.record.side[CLIENT].bytes);
	}
	stage_press(&stage, 'r');
	assert_true(listing_row(stage.dashboard->listing, 0, &row));
	assert_int_equal(row.record.side[CLIENT].bytes, 100);
	/* By hand: the dialog, three down, Enter. */
	stage_type(&stage, "sggjjj");
	stage_press(&stage, PRESS_ENTER);
	assert_string_equal(listing_order(stage.dashboard->listing)->sort->name, columns[2].name);
	assert_string_equal(dashboard_settings(stage.dashboard)->sort, columns[2].name);
	stage_close(&stage);
}

static void columns_are_chosen(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, false, 24, 200, true);
	stage_mixture(&stage, 10);
	stage_press(&stage, '2');
	assert_true(stage_shows(&stage, "CLOSER"));
	stage_type(&stage, "cj "); /* the second, 'by', goes */
	stage_press(&stage, PRESS_END);
	stage_type(&stage, "kk ");
	stage_press(&stage, PRESS_ENTER);
	assert_false(stage_shows(&stage, "CLOSER"));
	assert_non_null(strstr(dashboard_settings(stage.dashboard)->columns, "what,lasted,client"));
	assert_null(strstr(dashboard_settings(stage.dashboard)->columns, ",by,"));
	stage_close(&stage);
}

static void a_line_leads_to_its_connections(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, false, 24, 100, true);
	stage_mixture(&stage, 1000);
	stage_draw(&stage, 1);
	stage_press(&stage, PRESS_DOWN); /* reset is the second */
	stage_press(&stage, PRESS_ENTER);
	assert_int_equal(stage.dashboard->view, VIEW_CONNECTIONS);
	assert_true(stage_shows(&stage, "filter: close=reset"));
	assert_true(stage_shows(&stage, "200 connections"));
	stage_press(&stage, 'q');
	assert_int_equal(stage.dashboard->view, VIEW_OVERVIEW);
	stage_press(&stage, PRESS_RIGHT);
	stage_press(&stage, PRESS_ENTER);
	assert_true(stage_shows(&stage, "close=reset cause="));
	/* Three keys from a number to the packets. */
	stage_press(&stage, PRESS_ENTER);
	assert_int_equal(stage.dashboard->view, VIEW_CONNECTION);
	assert_true(stage_shows(&stage, "verdict"));
	stage_type(&stage, "qq");
	assert_int_equal(stage.dashboard->view, VIEW_OVERVIEW);
	assert_false(stage.dashboard->quit);
	stage_press(&stage, 'q');
	assert_true(stage.dashboard->quit);
	stage_close(&stage);
}

static void the_picture_stands_while_paused(void **state)
{
	struct stage stage;
	struct record r;

	(void)state;
	stage_open(&stage, true, 24, 100, true);
	tell_living(&stage, 100, 1);
	stage_draw(&stage, 2);
	stage_type(&stage, "p2"); /* what other screens show is of that moment, too */
	assert_true(stage_shows(&stage, "PAUSED"));
	assert_true(stage_shows(&stage, "1 connection,"));
	assert_true(stage_shows(&stage, "08:00:02"));
	half_close(&stage, 100, 1);
	r = stage_record(&stage, 3);
	stage_tell(&stage, &r);
	stage_draw(&stage, 5);
	assert_true(stage_shows(&stage, "1 connection,"));
	assert_true(stage_shows(&stage, "08:00:02"));
	assert_true(stage_shows(&stage, "ESTABLISHED"));
	assert_false(stage_shows(&stage, "FIN-WAIT-2"));
	stage_press(&stage, 'p');
	assert_true(stage_shows(&stage, "2 connections,"));
	assert_true(stage_shows(&stage, "FIN-WAIT-2/CLOSE-WAIT"));
	stage_close(&stage);
}

static void zero_counts_anew(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, true, 24, 100, true);
	stage_mixture(&stage, 100);
	stage_draw(&stage, 1);
	assert_true(stage_shows(&stage, "refused"));
	stage_press(&stage, 'z');
	assert_true(stage_shows(&stage, "nothing has yet"));
	stage_mixture(&stage, 3);
	stage_draw(&stage, 1);
	assert_true(stage_shows(&stage, "graceful"));
	stage_type(&stage, "2");
	assert_true(stage_shows(&stage, "103 connections"));
	stage_close(&stage);
}

static void clicks_select_and_open(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, false, 24, 132, true);
	stage_mixture(&stage, 100);
	stage_draw(&stage, 1);
	stage_mouse(&stage, PRESS_CLICK, 0, 32, 0); /* "2 Connections" */
	assert_int_equal(stage.dashboard->view, VIEW_CONNECTIONS);
	stage_mouse(&stage, PRESS_CLICK, 9, 40, 0);
	assert_int_equal(stage.dashboard->list.at, 5);
	stage_mouse(&stage, PRESS_WHEEL, 9, 40, 1);
	assert_int_equal(stage.dashboard->list.at, 8);
	stage_mouse(&stage, PRESS_WHEEL, 9, 40, -1);
	stage_mouse(&stage, PRESS_CLICK, 9, 40, 0);
	assert_int_equal(stage.dashboard->view, VIEW_CONNECTION);
	stage_close(&stage);
}

static void a_click_on_a_heading_sorts(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, false, 24, 132, true);
	stage_mixture(&stage, 100);
	stage_press(&stage, '2');
	stage_mouse(&stage, PRESS_CLICK, 3, 3, 0); /* CLOSE */
	assert_true(stage_shows(&stage, "by close, most first"));
	stage_mouse(&stage, PRESS_CLICK, 3, 3, 0);
	assert_true(stage_shows(&stage, "by close, least first"));
	stage_mouse(&stage, PRESS_CLICK, 3, 0, 0); /* before the first */
	assert_true(stage_shows(&stage, "by close, least first"));
	/* It is kept however it was chosen. */
	assert_string_equal(dashboard_settings(stage.dashboard)->sort, "close");
	assert_true(dashboard_settings(stage.dashboard)->ascending);
	stage_press(&stage, 'r');
	assert_false(dashboard_settings(stage.dashboard)->ascending);
	stage_close(&stage);
}

/* Kinds of close that a small screen has no room for are there all the same. */
static void tables_of_the_overview_scroll(void **state)
{
	struct stage stage;

	(void)state;
	stage_open(&stage, false, 24, 80, true);
	for (unsigned i = 0; i < CLOSE_COUNT; i++) {
		struct record r = stage_record(&stage, i);

		r.close = (enum close)i;
		stage_tell(&stage, &r);
	}
	stage_draw(&stage, 1);
	assert_true(stage_shows(&stage, "HOW THEY CLOSED 1-6 of 11"));
	assert_false(stage_shows(&stage, " half-closed "));
	for (int i = 1; i < CLOSE_COUNT; i++)
		stage_press(&stage, 'j');
	assert_true(stage_shows(&stage, "HOW THEY CLOSED 6-11 of 11"));
	stage_press(&stage, PRESS_ENTER);
	assert_true(stage_shows(&stage, "filter: close=open"));
	stage_press(&stage, 'q');
	for (int i = 1; i < CLOSE_COUNT; i++)
		stage_press(&stage, 'k');
	assert_true(stage_shows(&stage, "HOW THEY CLOSED 1-6 of 11"));
	stage_close(&stage);
}

static void long_addresses_of_the_selected_are_whole(void **state)
{
	struct stage stage;
	struct record r;

	(void)state;
	stage_open(&stage, false, 24, 80, true);
	r = stage_record(&stage, 0);
	for (int side = CLIENT; side <= SERVER; side++) {
		memset(r.host[side].addr, 0xab, sizeof r.host[side].addr);
		r.host[side].addr[15] = (uint8_t)(0xa0 + side);
	}
	stage_tell(&stage, &r);
	stage_draw(&stage, 1);
	stage_press(&stage, '2');
	assert_true(stage_shows(&stage, "[abab:abab:abab:abab:abab:abab:abab:aba0]:"));
	assert_true(stage_shows(&stage, "\u2192 [abab:abab:abab:abab:abab:abab:abab:aba1]:"));
	stage_close(&stage);
}

static char *saved_text(const struct stage *stage)
{
	FILE *file = fopen(stage->saved, "r");
	char *text = NULL;
	size_t size = 0;

	assert_non_null(file);
	assert_true(getdelim(&text, &size, '\0', file) > 0);
	fclose(file);
	return text;
}

static void what_is_shown_is_written(void **state)
{
	struct stage stage;
	char *text;

	(void)state;
	stage_open(&stage, false, 24, 132, true);
	stage_mixture(&stage, 100);
	stage_type(&stage, "2/refused");
	stage_press(&stage, PRESS_ENTER);
	stage_type(&stage, "wj "); /* CSV */
	assert_true(stage_shows(&stage, "Written to lastack-connections-"));
	text = saved_text(&stage);
	assert_int_equal(strncmp(text, "start,end,client_ip,", 20), 0);
	assert_non_null(strstr(text, ",refused,no-listener,"));
	assert_null(strstr(text, ",graceful,"));
	free(text);
	assert_non_null(strstr(stage.opened, ".csv"));
	stage_type(&stage, "5wjj "); /* hosts as NDJSON */
	text = saved_text(&stage);
	assert_int_equal(strncmp(text, "{\"name\":\"10.0.1.", 16), 0);
	free(text);
	stage_type(&stage, "4wj ");
	text = saved_text(&stage);
	assert_int_equal(strncmp(text, "holder,side,service,now,", 24), 0);
	free(text);
	stage_type(&stage, "1w ");
	text = saved_text(&stage);
	assert_non_null(strstr(text, "HOW THEY CLOSED"));
	free(text);
	stage_type(&stage, "wj ");
	assert_true(stage_shows(&stage, "cannot be written so"));
	stage_close(&stage);
}

static void help_has_every_key_and_word(void **state)
{
	struct stage stage;
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	(void)state;
	stage_open(&stage, true, 50, 132, true);
	stage_press(&stage, '?');
	pages_write(stage.dashboard->help_pages, out);
	fclose(out);
	for (size_t i = 0; i < key_count; i++)
		assert_non_null(strstr(text, key_rows[i].shown));
	for (int i = 0; i < CLOSE_COUNT; i++)
		assert_non_null(strstr(text, close_words[i].name));
	for (int i = 0; i < CAUSE_COUNT; i++)
		assert_non_null(strstr(text, cause_words[i].name));
	free(text);
	stage_close(&stage);
}

/* Nothing that is pressed, in whatever order, makes it stumble. */
static void any_keys_in_any_order(void **state)
{
	static const int special[] = {
		PRESS_UP,    PRESS_DOWN,      PRESS_LEFT,      PRESS_RIGHT,    PRESS_PAGE_UP,
		PRESS_HOME,  PRESS_PAGE_DOWN, PRESS_END,       PRESS_BACK_TAB, PRESS_TAB,
		PRESS_ENTER, PRESS_ESCAPE,    PRESS_BACKSPACE, PRESS_DELETE,   '/',
		'w'
	};
	struct stage stage;
	uint64_t random = 1;

	(void)state;
	stage_open(&stage, true, 24, 100, true);
	stage_mixture(&stage, 200);
	for (unsigned i = 1; i <= 5; i++)
		tell_living(&stage, 100000 + i * 100, i);
	for (int i = 0; i < 20000; i++) {
		int key;

		random = random * 6364136223846793005u + 1442695040888963407u;
		key = (random >> 33) % 3 ? special[(random >> 40) % (sizeof special / sizeof *special)]
					 : (int)(' ' + (random >> 40) % 95);
		if (i % 50 == 0)
			stage_mouse(&stage, i % 100 ? PRESS_CLICK : PRESS_WHEEL, (int)(random >> 45) % 24,
				    (int)(random >> 50) % 100, i % 200 ? 1 : -1);
		if (i % 500 == 0)
			dashboard_resize(stage.dashboard, 20 + (int)(random >> 45) % 40,
					 70 + (int)(random >> 50) % 200);
		if (i % 70 == 0) {
			struct record r = stage_record(&stage, (unsigned)i);

			stage_tell(&stage, &r);
		}
		stage_press(&stage, key);
	}
	stage_close(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_has_been_seen),
		cmocka_unit_test(one_connection),
		cmocka_unit_test(ten_thousand_connections),
		cmocka_unit_test(ten_thousand_connections_in_ascii),
		cmocka_unit_test(connections_that_live),
		cmocka_unit_test(too_small_is_said),
		cmocka_unit_test(every_size_is_drawn),
		cmocka_unit_test(the_list_narrows_as_one_types),
		cmocka_unit_test(rows_are_sorted_by_any_column),
		cmocka_unit_test(columns_are_chosen),
		cmocka_unit_test(a_line_leads_to_its_connections),
		cmocka_unit_test(the_picture_stands_while_paused),
		cmocka_unit_test(zero_counts_anew),
		cmocka_unit_test(clicks_select_and_open),
		cmocka_unit_test(a_click_on_a_heading_sorts),
		cmocka_unit_test(tables_of_the_overview_scroll),
		cmocka_unit_test(long_addresses_of_the_selected_are_whole),
		cmocka_unit_test(what_is_shown_is_written),
		cmocka_unit_test(help_has_every_key_and_word),
		cmocka_unit_test(any_keys_in_any_order),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
