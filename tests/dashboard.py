#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The dashboard in a terminal (tmux): usage: dashboard.py LASTACK GENERATE RECORDINGS [unittest arguments]."""

import csv
import fcntl
import glob
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import termios
import time

import endtoend
from terminal import WAIT, Terminal, Terminals

GENERATE = RECORDINGS = ""


def captures(*names):
    return " ".join(os.path.join(RECORDINGS, name) for name in names)


class Dashboard(Terminals):
    def browse(self, **options):
        return self.open("--ui " + captures("*.pcap"), **options)

    # ---- screens and keys ----

    def test_every_screen_has_its_number(self):
        terminal = self.browse()
        self.assertEqual(terminal.modes(), "1 1 0")
        terminal.wait("HOW THEY CLOSED", "WHY THE RESETS", "WHO STANDS OUT", "most often reset")
        for key, text in ("2", "355 connections, newest first"), ("4", "HOLDER"), ("5", "SERVICE OR HOST"), \
                ("6", "Home g"), ("3", "verdict"), ("1", "HOW THEY CLOSED"):
            terminal.keys(key)
            terminal.wait(text)
        for text in "355 connections", "verdict", "HOLDER", "SERVICE OR HOST", "Home g", "HOW THEY CLOSED":
            terminal.keys("Tab")
            terminal.wait(text)
        terminal.keys("BTab")
        terminal.wait("Home g")
        terminal.keys("q")
        terminal.wait("HOW THEY CLOSED")
        terminal.keys("?")
        terminal.wait("Home g")
        terminal.keys("q", "q")
        self.whole_again(terminal, 0)

    def test_three_keys_from_a_number_to_the_packets(self):
        terminal = self.browse()
        terminal.wait("most often reset")
        terminal.keys("Down", "Down", "Enter")
        terminal.wait("filter: close=reset", "159 connections")
        terminal.keys("Enter")
        screen = terminal.wait("verdict    reset/", "client saw")
        self.assertNotIn("could not be read", screen)
        terminal.keys("G")
        terminal.wait("decided it")
        terminal.keys("g", "q", "q")
        terminal.wait("RATES")

    def test_a_list_is_walked_by_all_kinds_of_keys(self):
        terminal = self.browse(rows=30)
        terminal.keys("2")
        first = terminal.wait("355 connections").splitlines()[-3]
        for forth, back in ("Down", "Up"), ("j", "k"), ("NPage", "PPage"), ("C-f", "C-b"), ("Space", "PPage"), \
                ("End", "Home"), ("G", "g"):
            terminal.keys(forth)
            terminal.wait("355 connections", gone=(first,))
            terminal.keys(back)
            terminal.wait(first)
        terminal.keys("Right", "l")
        terminal.wait("< LASTED")
        terminal.keys("Left", "h")
        terminal.wait("  CLOSE ")

    def test_the_filter_narrows_while_one_types(self):
        terminal = self.browse()
        terminal.keys("2")
        terminal.type("/close=res")
        terminal.wait("159 connections")
        terminal.type("et cause=half-open")
        terminal.wait("20 connections")
        terminal.keys("Enter")
        terminal.wait("filter: close=reset cause=half-open")
        terminal.keys("Escape")
        terminal.wait("355 connections")
        terminal.type("/econnref")
        terminal.wait("refused/", gone=("355 connections", "vanished"))
        terminal.keys("C-u")
        terminal.wait("355 connections")
        terminal.type("nosuch=1")
        terminal.wait("'nosuch' is no column")
        terminal.keys("Escape")
        terminal.wait("355 connections", gone=("'nosuch'",))

    def test_sorting_and_columns_are_kept(self):
        terminal = self.browse(columns=132)
        terminal.keys("2", "s")
        terminal.wait("Sort by")
        terminal.keys("G", "Enter")
        terminal.wait("by ", ", most first")
        terminal.keys("r")
        terminal.wait(", least first")
        terminal.keys("c")
        terminal.wait("Columns")
        terminal.keys("Space", "Enter")
        terminal.wait("355 connections", gone=("CLOSE  ", "Columns"))
        terminal.keys("Q")
        self.whole_again(terminal, 0)
        settings = self.read(self.path(".config/lastack/lastack.ini")).decode()
        self.assertIn("[dashboard]\ncolumns = by,lasted,", settings)
        self.assertIn("sort = ", settings)
        self.assertIn("order = ascending", settings)
        terminal.command(f"clear; {endtoend.LASTACK} --ui " + captures("timewait_expired.pcap"))
        terminal.keys("2")
        self.assertNotIn("CLOSE  ", terminal.wait("connections, by"))

    def test_broken_settings_are_said_and_ignored(self):
        os.makedirs(self.path(".config/lastack"))
        self.path(".config/lastack/lastack.ini", b"[dashboard]\ntheme = pink\n")
        terminal = self.browse(columns=200)
        terminal.keys("Q")
        terminal.wait("lastack.ini, line 2: 'pink' is none of: dark light mono", "settings are ignored")

    def test_pausing_and_zeroing(self):
        terminal = self.browse()
        terminal.keys("p")
        terminal.wait("PAUSED")
        terminal.keys("p")
        terminal.wait("RATES", gone=("PAUSED",))
        terminal.keys("z")
        terminal.wait("Counting from zero", "nothing has")

    # ---- what is written ----

    def test_what_is_shown_is_written(self):
        terminal = self.browse()
        terminal.keys("2")
        terminal.type("/refused")
        terminal.keys("Enter", "w", "j", "Enter")
        terminal.wait("Written to lastack-connections-")
        (path,) = glob.glob(self.path("lastack-connections-*.csv"))
        with open(path, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual({row["close"] for row in rows}, {"refused"})
        self.assertIn("refused", {row["close"] for row in rows})
        terminal.keys("w", "G", "Enter")
        terminal.wait("Written to", ".pcapng")
        (path,) = glob.glob(self.path("lastack-connections-*.pcapng"))
        again = self.rows(path)
        self.assertEqual(sorted((row["client_port"], row["close"], row["cause"]) for row in again),
                         sorted((row["client_port"], row["close"], row["cause"]) for row in rows))
        terminal.keys("1", "w", "Enter")
        terminal.wait("Written to lastack-overview-")
        (path,) = glob.glob(self.path("lastack-overview-*.txt"))
        self.assertIn(b"HOW THEY CLOSED", self.read(path))

    def test_one_connection_with_payload_is_written(self):
        terminal = self.open("--ui " + captures("timewait_expired.pcap"), rows=50, columns=100)
        terminal.wait("refused", gone=("reading",))
        terminal.keys("2", "G", "Enter")
        terminal.wait("verdict")
        terminal.keys("d")
        terminal.wait("client sent")
        terminal.keys("w", "Enter")
        terminal.wait("Written to lastack-connection-")
        (path,) = glob.glob(self.path("lastack-connection-*.txt"))
        text = self.read(path).decode()
        self.assertIn("verdict", text)
        self.assertNotIn("\033", text)

    # ---- the terminal ----

    def test_another_size_in_the_middle(self):
        terminal = self.browse()
        for columns, rows in (132, 43), (200, 50), (300, 60), (80, 24):
            terminal.tmux("resize-window", "-t", "s", "-x", str(columns), "-y", str(rows))
            screen = terminal.wait("RATES", "Q quit")
            lines = []
            for _ in range(100):
                lines = terminal.screen().splitlines()
                if len(lines) == rows and "Q quit" in lines[-1]:
                    break
                time.sleep(0.05)
            self.assertIn("Q quit", lines[-1])
            self.assertIn("1 Overview", lines[0])
            self.assertEqual("".join(lines).count("RATES"), 1, screen)
        terminal.tmux("resize-window", "-t", "s", "-x", "70", "-y", "20")
        terminal.wait("70x20: too small", "lastack needs 80x24", gone=("RATES",))
        terminal.tmux("resize-window", "-t", "s", "-x", "80", "-y", "24")
        terminal.wait("RATES", "HOW THEY CLOSED", gone=("too small",))

    def test_the_mouse(self):
        terminal = self.browse()
        terminal.mouse(0, 1, 25)
        terminal.wait("355 connections")
        before = terminal.screen().splitlines()[-3]
        terminal.mouse(65, 10, 10)
        terminal.wait("355 connections", gone=(before,))
        terminal.mouse(64, 10, 10)
        terminal.wait(before)
        terminal.mouse(0, 9, 10)
        selected = terminal.wait("355 connections", gone=(before,)).splitlines()[-3].split(",")[0]
        terminal.mouse(0, 9, 10)
        self.assertIn(selected, terminal.wait("verdict"))

    def test_colours_and_none(self):
        def colours(terminal):
            return re.findall("\033\\[[0-9;]*[34][0-8][0-9;]*m", terminal.screen("-e"))

        terminal = self.browse()
        self.assertTrue(any("38;5;" in code for code in colours(terminal)))
        self.assertTrue(colours(self.browse(TERM="screen")))
        self.assertEqual(colours(self.browse(NO_COLOR="1")), [])
        self.assertEqual(colours(self.browse(TERM="vt100")), [])

    def test_ascii_where_the_locale_has_no_more(self):
        terminal = self.browse(LC_ALL="C")
        for key in "12456":
            terminal.keys(key)
            time.sleep(0.3)
            self.assertTrue(terminal.screen().isascii())

    def test_terminals_that_cannot_are_refused(self):
        done = self.fails(1, "lastack: standard output is no terminal\n", "--ui",
                          os.path.join(RECORDINGS, "timewait_expired.pcap"))
        self.assertEqual(done.stdout, b"")
        for term in "dumb", "nosuchterminal":
            terminal = self.open("--ui " + captures("timewait_expired.pcap"), shows="lastack: ", TERM=term)
            terminal.wait("(TERM)", "STATUS=1")

    # ---- ways out ----

    def test_ctrl_c(self):
        terminal = self.browse()
        terminal.keys("C-c")
        self.whole_again(terminal, 0)

    def test_signals(self):
        for name, status in ("TERM", 0), ("HUP", 0), ("ABRT", 134), ("QUIT", 131), ("USR1", 138), ("ALRM", 142):
            with self.subTest(name):
                if os.path.exists(self.path("after")):
                    os.remove(self.path("after"))
                terminal = self.browse()
                os.kill(terminal.pid(), getattr(__import__("signal"), "SIG" + name))
                self.whole_again(terminal, status)

    def test_a_terminal_that_goes_away_ends_it(self):
        terminal = self.browse()
        pid = terminal.pid()
        terminal.tmux("kill-server")
        for _ in range(WAIT * 20):
            if not os.path.exists(f"/proc/{pid}"):
                return
            time.sleep(0.05)
        self.fail("it runs on without a terminal")

    def test_a_terminal_that_takes_nothing_stops_nobody(self):
        """Nobody reads what is painted: packets are read all the same, and a signal ends it."""
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("4H", 60, 300, 0, 0))
        process = subprocess.Popen([endtoend.LASTACK, "--ui", "--speed", "10",
                                    *glob.glob(os.path.join(RECORDINGS, "half_closed*.pcap"))], stdin=slave,
                                   stdout=slave, env={**os.environ, "TERM": "xterm-256color"})
        self.addCleanup(process.kill)
        time.sleep(4)
        self.assertIsNone(process.poll())
        process.terminate()
        self.assertEqual(process.wait(WAIT), 0)
        self.assertEqual(termios.tcgetattr(slave)[3] & (termios.ECHO | termios.ICANON), termios.ECHO | termios.ICANON)
        os.close(slave)

    def test_stopping_and_going_on(self):
        terminal = Terminal(self, environment={"PS1": "READY> "})
        terminal.command("set -m; clear")
        terminal.command(f"{endtoend.LASTACK} --ui " + captures("timewait_expired.pcap"))
        terminal.wait("RATES")
        terminal.keys("C-z")
        terminal.wait("READY>", gone=("RATES",))
        self.assertEqual(terminal.modes(), "0 0 1")
        terminal.command("fg")
        terminal.wait("RATES", gone=("READY>",))
        self.assertEqual(terminal.modes(), "1 1 0")
        terminal.keys("Q")
        terminal.wait("READY>", gone=("RATES",))

    def test_inputs_that_fail_are_said_at_the_end(self):
        terminal = self.open("--ui nosuch.pcap " + captures("timewait_expired.pcap"))
        terminal.keys("q")
        screen = self.whole_again(terminal, 1)
        self.assertIn("lastack: nosuch.pcap: No such file or directory", screen)
        terminal = self.open("--ui nosuch.pcap", shows="STATUS=1")
        self.assertIn("lastack: nosuch.pcap: No such file", terminal.screen())

    # ---- many, and in time ----

    def test_ten_thousand_connections(self):
        subprocess.run([GENERATE, "-n", "10000", "-p", "12", self.path("many.pcap")], check=True, timeout=120,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        terminal = self.open("--ui many.pcap", rows=43, columns=132)
        terminal.keys("2")
        screen = terminal.wait("connections, newest first", gone=("reading", "searching"))
        self.assertGreaterEqual(int(re.search(r"([\d,]+) connections", screen).group(1).replace(",", "")), 10000)
        terminal.type("/close=reset")
        terminal.wait("connections", gone=("searching",))
        terminal.keys("Enter", "End", "Enter")
        screen = terminal.wait("verdict    reset")
        self.assertNotIn("could not be read", screen)
        terminal.keys("5")
        terminal.wait("services")
        terminal.keys("4")
        terminal.wait("HOLDER")
        terminal.keys("Q")
        self.whole_again(terminal, 0)

    def test_a_replay_shows_what_lives(self):
        terminal = self.open("--ui --speed 20 " + captures("timewait_expired.pcap"))
        terminal.keys("4")
        terminal.wait("1 TIME-WAIT now", " s ")
        terminal.keys("1")
        terminal.wait("at its end", "graceful")

    def test_a_half_closed_connection_in_a_replay(self):
        terminal = self.open("--ui --speed 1 " + captures("half_closed.pcap"), columns=132)
        terminal.keys("2")
        terminal.wait("FIN-WAIT-2/CLOSE-WAIT")
        terminal.keys("Enter")
        terminal.wait("verdict    half-closed", "lives")

    def test_plain_prints_the_list_without_more(self):
        path = os.path.join(RECORDINGS, "timewait_expired.pcap")
        plain = self.run_it("--plain", "-q", path)
        self.assertEqual(plain.stderr, b"")
        self.assertEqual(plain.stdout, self.run_it("--list", "-q", path).stdout)
        self.assertIn(b"graceful", plain.stdout)


if __name__ == "__main__":
    if not shutil.which("tmux"):
        print("dashboard: tmux is needed, and not here")
        sys.exit(77)
    GENERATE, RECORDINGS = (os.path.abspath(path) for path in sys.argv[2:4])
    del sys.argv[2:4]
    endtoend.main(__doc__)
