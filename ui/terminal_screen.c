/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * terminal_screen.c - see terminal_screen.h.
 *
 * ncurses writes to a file in memory, of which the terminal is given as much as it takes: it blocks when it
 * writes to a terminal itself. So the modes and the size of the terminal are ours to ask and set.
 */
#include "ui/terminal_screen.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "ui/terminal_guard.h"
#include "ui/terminal_screen_parts.h"

/* Private modes of xterm that all terminals with a mouse share: report buttons, in decimal numbers (SGR). */
#define MOUSE_ON    "\033[?1000h\033[?1006h"
#define MOUSE_OFF   "\033[?1006l\033[?1000l"
#define MOUSE_BEGIN "\033[<"

enum {
	ESCAPE_WAIT_MS = 25, /* what follows ESC later is a key of its own */
	CLOSE_WAIT_MS = 1000,
};

/* ---- what goes out ---- */

/* False when some is left. */
static bool push_out(struct terminal_screen *t)
{
	while (t->pending_done < t->pending_length) {
		ssize_t n = write(t->tty, t->pending + t->pending_done, t->pending_length - t->pending_done);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return false;
		if (n <= 0)
			break; /* it is gone, as reading will tell */
		t->pending_done += (size_t)n;
	}
	t->pending_done = t->pending_length = 0;
	return true;
}

static bool make_room(struct terminal_screen *t, size_t n)
{
	char *bigger;

	if (n <= t->pending_size)
		return true;
	bigger = realloc(t->pending, n);
	if (!bigger)
		return false;
	t->pending = bigger;
	t->pending_size = n;
	return true;
}

/* What ncurses has written becomes pending behind what is. */
static void take_output(struct terminal_screen *t)
{
	off_t length = lseek(t->memory, 0, SEEK_CUR);
	ssize_t n;

	if (length <= 0 || lseek(t->memory, 0, SEEK_SET) != 0)
		return;
	if (!make_room(t, t->pending_length + (size_t)length)) {
		t->redraw = true;
		return;
	}
	n = pread(t->memory, t->pending + t->pending_length, (size_t)length, 0);
	if (n > 0)
		t->pending_length += (size_t)n;
}

static void put_string(struct terminal_screen *t, const char *string)
{
	size_t n = strlen(string);

	take_output(t);
	if (!make_room(t, t->pending_length + n))
		return;
	memcpy(t->pending + t->pending_length, string, n);
	t->pending_length += n;
}

/* As far as the terminal takes it within a second. */
static void push_all(struct terminal_screen *t)
{
	take_output(t);
	for (int waited = 0; !push_out(t) && waited < CLOSE_WAIT_MS; waited += 50)
		poll(&(struct pollfd){ .fd = t->tty, .events = POLLOUT }, 1, 50);
}

/* ---- beginning and end ---- */

static void say_why(struct text *why, const char *what)
{
	text_string(why, what);
}

/* The terminal of standard output, opened anew where that can be. */
static int open_tty(void)
{
	const char *name = isatty(STDOUT_FILENO) ? ttyname(STDOUT_FILENO) : NULL;

	return name ? open(name, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : -1;
}

static bool open_files(struct terminal_screen *t)
{
	int in;

	t->tty = open_tty();
	t->memory = memfd_create("lastack screen", MFD_CLOEXEC);
	if (t->tty == -1 || t->memory == -1 || tcgetattr(t->tty, &t->before) == -1)
		return false;
	in = fcntl(t->tty, F_DUPFD_CLOEXEC, 3);
	t->in = in == -1 ? NULL : fdopen(in, "r");
	in = fcntl(t->memory, F_DUPFD_CLOEXEC, 3);
	t->out = in == -1 ? NULL : fdopen(in, "w");
	return t->in && t->out;
}

/* Keys at once and unseen; Ctrl-C and Ctrl-\ stay signals, Ctrl-Z, Ctrl-S and Ctrl-Q become keys. */
static struct termios modes_of(struct termios modes)
{
	modes.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ECHONL | IEXTEN);
	modes.c_iflag &= ~(tcflag_t)(IXON | INLCR | IGNCR);
	modes.c_iflag |= ICRNL;
	modes.c_cc[VSUSP] = modes.c_cc[VLNEXT] = modes.c_cc[VDISCARD] = _POSIX_VDISABLE;
	modes.c_cc[VMIN] = 1;
	modes.c_cc[VTIME] = 0;
	return modes;
}

static const char *capability(const char *name)
{
	const char *string = tigetstr(name);

	return string && string != (const char *)-1 ? string : "";
}

static bool begin_guard(struct terminal_screen *t)
{
	char bytes[512];
	int n = snprintf(bytes, sizeof bytes, "%s%s%s%s%s%s", t->mouse ? MOUSE_OFF : "", capability("sgr0"),
			 capability("op"), capability("rmkx"), capability("rmcup"), capability("cnorm"));

	return n > 0 && (size_t)n < sizeof bytes &&
	       terminal_guard_begin(t->tty, &t->before, bytes, (size_t)n);
}

static bool begin_curses(struct terminal_screen *t, enum theme theme, struct text *why)
{
	struct winsize size;

	t->curses = newterm(NULL, t->out, t->in);
	if (!t->curses) {
		say_why(why, "the type of this terminal (TERM) is not known");
		return false;
	}
	if (*capability("cup") == '\0' || *capability("clear") == '\0') {
		say_why(why, "a terminal of this type (TERM) cannot show a screen");
		return false;
	}
	cbreak();
	noecho();
	nonl();
	nodelay(stdscr, TRUE);
	keypad(stdscr, TRUE);
	set_escdelay(ESCAPE_WAIT_MS);
	leaveok(stdscr, TRUE);
	curs_set(0);
	t->mouse = *capability("kmous") != '\0';
	if (t->mouse)
		define_key(MOUSE_BEGIN, KEY_MOUSE_BEGIN);
	terminal_set_colours(t, theme);
	if (ioctl(t->tty, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0)
		resizeterm(size.ws_row, size.ws_col);
	return true;
}

/* Signals of ncurses' own are not wanted: it would write where it must not. */
static void undo_signals(const struct sigaction *tstp, const struct sigaction *interrupt,
			 const struct sigaction *term, const struct sigaction *winch)
{
	sigaction(SIGTSTP, tstp, NULL);
	sigaction(SIGINT, interrupt, NULL);
	sigaction(SIGTERM, term, NULL);
	sigaction(SIGWINCH, winch, NULL);
}

static bool begin(struct terminal_screen *t, enum theme theme, struct text *why)
{
	struct sigaction tstp, interrupt, term, winch;
	bool fine;

	sigaction(SIGTSTP, NULL, &tstp);
	sigaction(SIGINT, NULL, &interrupt);
	sigaction(SIGTERM, NULL, &term);
	sigaction(SIGWINCH, NULL, &winch);
	fine = begin_curses(t, theme, why);
	undo_signals(&tstp, &interrupt, &term, &winch);
	if (!fine)
		return false;
	t->ours = modes_of(t->before);
	if (!begin_guard(t) || tcsetattr(t->tty, TCSADRAIN, &t->ours) == -1) {
		say_why(why, strerror(errno));
		return false;
	}
	if (t->mouse)
		put_string(t, MOUSE_ON);
	return true;
}

struct terminal_screen *terminal_screen_open(enum theme theme, struct text *why)
{
	struct terminal_screen *t = calloc(1, sizeof *t);

	if (!t) {
		say_why(why, strerror(errno));
		return NULL;
	}
	t->tty = t->memory = -1;
	if (!open_files(t))
		say_why(why, isatty(STDOUT_FILENO) ? strerror(errno) : "standard output is no terminal");
	else if (begin(t, theme, why))
		return t;
	terminal_screen_close(t);
	return NULL;
}

static void give_back(struct terminal_screen *t)
{
	if (t->mouse)
		put_string(t, MOUSE_OFF);
	endwin();
	push_all(t);
	tcsetattr(t->tty, TCSADRAIN, &t->before);
}

void terminal_screen_close(struct terminal_screen *t)
{
	if (!t)
		return;
	if (t->curses) {
		give_back(t);
		terminal_guard_end();
		delscreen(t->curses);
	}
	if (t->in)
		fclose(t->in);
	if (t->out)
		fclose(t->out);
	if (t->tty != -1)
		close(t->tty);
	if (t->memory != -1)
		close(t->memory);
	free(t->pending);
	free(t->painted);
	free(t);
}

void terminal_screen_suspend(struct terminal_screen *t)
{
	give_back(t);
	raise(SIGTSTP);
	tcsetattr(t->tty, TCSADRAIN, &t->ours);
	if (t->mouse)
		put_string(t, MOUSE_ON);
	t->redraw = true;
}

/* ---- painting ---- */

static bool same_cell(const struct cell *a, const struct cell *b)
{
	return a->role == b->role && a->attributes == b->attributes && strcmp(a->text, b->text) == 0;
}

static void paint_cell(const struct terminal_screen *t, int row, int column, const struct cell *c)
{
	wchar_t wide[CELL_BYTES + 1];
	cchar_t character;

	if (c->text[0] == '\0')
		return; /* the character before covers it */
	if (mbstowcs(wide, c->text, CELL_BYTES) == (size_t)-1 ||
	    setcchar(&character, wide, terminal_attributes(t, c), t->pairs[c->role], NULL) == ERR)
		setcchar(&character, L"?", terminal_attributes(t, c), t->pairs[c->role], NULL);
	mvadd_wch(row, column, &character);
}

static bool fit_painted(struct terminal_screen *t, const struct screen *s)
{
	struct cell *cells;

	if (t->painted && t->rows == s->rows && t->columns == s->columns && !t->redraw)
		return true;
	cells = realloc(t->painted, (size_t)s->rows * (size_t)s->columns * sizeof *cells);
	if (!cells)
		return false;
	memset(cells, 0, (size_t)s->rows * (size_t)s->columns * sizeof *cells);
	t->painted = cells;
	if (t->rows != s->rows || t->columns != s->columns)
		resizeterm(s->rows, s->columns);
	t->rows = s->rows;
	t->columns = s->columns;
	erase();
	clearok(stdscr, TRUE);
	t->redraw = false;
	return true;
}

bool terminal_screen_paint(struct terminal_screen *t, const struct screen *s)
{
	take_output(t);
	if (!push_out(t) || !fit_painted(t, s))
		return false;
	for (int row = 0; row < s->rows; row++) {
		for (int column = 0; column < s->columns; column++) {
			struct cell *was = &t->painted[row * s->columns + column];
			const struct cell *is = screen_at(s, row, column);

			if (same_cell(was, is))
				continue;
			*was = *is;
			paint_cell(t, row, column, is);
		}
	}
	refresh();
	take_output(t);
	push_out(t);
	return true;
}

void terminal_screen_redraw(struct terminal_screen *t)
{
	t->redraw = true;
}

void terminal_screen_size(const struct terminal_screen *t, int *rows, int *columns)
{
	struct winsize size;

	*rows = LINES;
	*columns = COLS;
	if (ioctl(t->tty, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0) {
		*rows = size.ws_row;
		*columns = size.ws_col;
	}
}

int terminal_screen_fd(const struct terminal_screen *t)
{
	return t->tty;
}
