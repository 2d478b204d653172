#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The dashboard while an interface is watched, in a terminal (tmux): usage: dashboard_live.py LASTACK [unittest arguments].

Loopback of a network namespace that goes with this process. Needs root; skipped (exit 77) without.
"""

import csv
import ctypes
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time

import endtoend
from terminal import WAIT, Terminals

CLONE_NEWNET = 0x40000000


def own_network():
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        sys.exit("dashboard_live: no network namespace can be made")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


class Live(Terminals):
    def watch(self, options="", shows="RATES", **environment):
        return self.open(f"-i lo --time-wait 2 {options}", shows=shows, **environment)

    def pair(self):
        """An established connection after a word each way, as (client, server)."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            client = socket.create_connection(listener.getsockname())
            server = listener.accept()[0]
        for one in (client, server):
            self.addCleanup(one.close)
        client.send(b"GET")
        server.recv(3)
        return client, server

    def graceful(self):
        client, server = self.pair()
        client.close()
        server.recv(1)
        server.close()

    def reset(self):
        client, server = self.pair()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        server.close()

    def wait_until_gone(self, pid):
        for _ in range(WAIT * 20):
            if not os.path.exists(f"/proc/{pid}"):
                return
            time.sleep(0.05)
        self.fail("it does not end")

    def test_closes_show_as_they_happen_and_the_summary_follows(self):
        terminal = self.watch()
        self.assertEqual(terminal.modes(), "1 1 0")
        for _ in range(12):
            self.graceful()
        for _ in range(4):
            self.reset()
        terminal.wait("12   75.0 %", "4   25.0 %")
        terminal.keys("2")
        terminal.wait("16 connections, newest first", "ECONNRESET")
        terminal.keys("Q")
        screen = self.whole_again(terminal, 0)
        self.assertIn("What this host's kernel counted", terminal.screen("-S", "-"))
        self.assertNotIn("lastack:", screen)

    def test_a_connection_is_followed_while_it_lives(self):
        terminal = self.watch(columns=132)
        client, server = self.pair()
        terminal.keys("2")
        terminal.wait("1 connection, newest first", "ESTABLISHED")
        terminal.keys("Enter")
        terminal.wait("lives", "verdict    open")
        for _ in range(3):
            server.send(b"answer")
            client.recv(6)
        terminal.wait("12 bytes from the server", "P. 13:19(6)")
        client.close()
        terminal.wait("half-closed", "FIN-WAIT-2", "CLOSE-WAIT")
        server.close()
        terminal.wait("verdict    graceful", "TIME-WAIT")
        terminal.keys("4")
        terminal.wait("TIME-WAIT")
        terminal.keys("Q")
        self.whole_again(terminal, 0)

    def test_processes_are_named(self):
        os.makedirs(self.path(".config/lastack"))
        self.path(".config/lastack/lastack.ini", b"[dashboard]\ncolumns = what,client_process,server_process\n")
        with open("/proc/self/comm") as comm:
            me = f"{comm.read().strip()}({os.getpid()})"
        both = me.ljust(len("client_process")) + " " + me
        terminal = self.watch()
        client, server = self.pair()
        terminal.keys("2")
        terminal.wait("1 connection,", "ESTABLISHED", both)
        client.close()
        server.close()
        terminal.wait("graceful", both)
        terminal.keys("w", "j", "Enter")
        terminal.wait("Written to lastack-connections-")
        terminal.keys("Q")
        self.whole_again(terminal, 0)
        (name,) = [name for name in os.listdir(self.folder) if name.endswith(".csv")]
        with open(self.path(name), newline="") as file:
            (row,) = csv.DictReader(file)
        self.assertEqual((row["client_process"], row["server_process"]), (me, me))

    def test_processes_are_sought(self):
        terminal = self.watch(columns=132)
        client, _ = self.pair()
        terminal.keys("2")
        terminal.wait("1 connection, newest first", "ESTABLISHED")
        for sought, found in ((f"({os.getpid()})", "1 connection"), ("(1)", "0 connections")):
            terminal.type("/")
            terminal.keys("C-u")
            terminal.type(sought)
            terminal.keys("Enter")
            terminal.wait(found, "filter: " + sought)
        client.close()
        terminal.keys("Q")
        self.whole_again(terminal, 0)

    def test_rows_go_to_their_file_beside_it(self):
        terminal = self.watch("--csv=rows.csv")
        os.chmod(self.folder, 0o777)
        self.graceful()
        terminal.wait("1    100 %")
        terminal.keys("Q")
        self.whole_again(terminal, 0)
        with open(self.path("rows.csv"), encoding="utf-8") as file:
            self.assertEqual([row["close"] for row in csv.DictReader(file)], ["graceful"])

    def test_packets_are_saved(self):
        terminal = self.watch()
        self.graceful()
        terminal.keys("2")
        terminal.wait("1 connection, newest first")
        terminal.keys("Enter")
        terminal.wait("verdict    graceful")
        terminal.keys("w")
        terminal.wait("the packets, as pcapng")
        terminal.keys("Down", "Down", "Down", "Enter")
        terminal.wait(".pcapng")
        terminal.keys("Q")
        self.whole_again(terminal, 0)
        saved = [name for name in os.listdir(self.folder) if name.endswith(".pcapng")]
        self.assertEqual(len(saved), 1, os.listdir(self.folder))
        self.assertEqual(self.rows(self.path(saved[0]))[0]["close"], "graceful")

    def test_complaints_do_not_spoil_the_screen(self):
        terminal = self.watch()
        self.addCleanup(subprocess.run, ["ip", "link", "set", "lo", "up"], check=True)
        subprocess.run(["ip", "link", "set", "lo", "down"], check=True)
        terminal.wait("lo: the interface is down", "RATES")
        terminal.keys("Q")
        self.assertIn("lastack: lo: the interface is down", self.whole_again(terminal, 0))

    def test_signals_and_a_terminal_that_goes_away_end_it(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            terminal = self.watch()
            os.kill(terminal.pid(), number)
            self.whole_again(terminal, 0)
        terminal = self.watch("--csv=gone.csv")
        self.graceful()
        terminal.wait("1    100 %")
        pid = terminal.pid()
        terminal.tmux("kill-server")
        self.wait_until_gone(pid)
        self.assertIn(b"graceful", self.read(self.path("gone.csv")))

    def test_there_is_none_where_something_else_is_printed(self):
        for options in ("--list --duration 1", "--plain --duration 1", "-q --duration 1", "--csv --duration 1"):
            terminal = self.watch(options, shows="STATUS=0\n")
            self.assertNotIn("RATES", terminal.screen("-S", "-"))

    def test_a_terminal_that_cannot_show_it_does_not_stop_the_watching(self):
        terminal = self.watch("--duration 1", shows="STATUS=0\n", TERM="dumb")
        self.assertIn("lastack: no dashboard: ", terminal.screen("-S", "-"))


if __name__ == "__main__":
    if os.geteuid() != 0 or not shutil.which("tmux"):
        print("skipped: root and tmux are needed")
        sys.exit(77)
    own_network()
    endtoend.main(__doc__)
