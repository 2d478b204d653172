#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The program itself watches the loopback of a network namespace and serves what it saw, by --metrics.

usage: metrics_live.py LASTACK

The namespace is of this process alone and ends with it. Skipped (77) where it cannot be made.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import unittest
import urllib.request

sys.dont_write_bytecode = True
import openmetrics  # noqa: E402

LASTACK = ""
SERVICE = 7443
GRACEFUL, RESETS, HALF_CLOSED = 30, 15, 2


class Live(unittest.TestCase):
    def setUp(self):
        self.program = subprocess.Popen(
            [LASTACK, "-q", "-i", "lo", "-f", f"tcp port {SERVICE}", "--metrics", "0", "--time-wait=2", "--duration=60"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        self.addCleanup(self.program.stderr.close)
        said = self.program.stderr.readline().decode()
        found = re.search(r"(http://127\.0\.0\.1:\d+/metrics)\n", said)
        self.assertTrue(found, said)
        self.url = found.group(1)
        self.sockets = []

    def scrape(self):
        """{family: Family}, strictly read."""
        request = urllib.request.Request(self.url, headers={"Accept": "application/openmetrics-text"})
        with urllib.request.urlopen(request, timeout=20) as answer:
            return openmetrics.parse(answer.read().decode())

    def number(self, families, family, sample, **labels):
        """The sum of the samples that have these labels."""
        samples = families[family].samples.items()
        return sum(n for (name, has), n in samples if name == sample and labels.items() <= dict(has).items())

    def until(self, condition, what):
        end = time.monotonic() + 30
        while time.monotonic() < end:
            families = self.scrape()
            if condition(families):
                return families
            time.sleep(0.3)
        self.fail(f"not within 30 s: {what}")

    def talk(self, server, how):
        client = socket.create_connection(("127.0.0.1", SERVICE))
        peer, _ = server.accept()
        client.sendall(b"hello")
        peer.recv(5)
        if how == "reset":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()
        if how == "half-closed":
            self.sockets.append(peer)
        else:
            peer.close()

    def closed(self, families, close):
        name = "lastack_connections_closed"
        return self.number(families, name, name + "_total", close=close)

    def ends(self, families, side, state):
        return self.number(families, "lastack_connection_ends", "lastack_connection_ends", side=side, state=state)

    def test_what_real_sockets_do_is_told(self):
        self.scrape()  # it is there
        with socket.create_server(("127.0.0.1", SERVICE)) as server:
            for how, n in (("graceful", GRACEFUL), ("reset", RESETS), ("half-closed", HALF_CLOSED)):
                for _ in range(n):
                    self.talk(server, how)
            stuck = self.until(lambda now: self.ends(now, "server", "CLOSE-WAIT") == HALF_CLOSED, "CLOSE-WAIT")
            self.assertEqual(self.ends(stuck, "client", "FIN-WAIT-2"), HALF_CLOSED)
            self.until(lambda now: self.closed(now, "reset") == RESETS, "resets")
            self.until(lambda now: self.closed(now, "graceful") == GRACEFUL, "graceful closes")
            families = self.until(
                lambda now: self.number(now, "lastack_close_wait_oldest_seconds", "lastack_close_wait_oldest_seconds",
                                        side="server") > 1, "a CLOSE-WAIT of a second")  # fmt: skip
        entered = "lastack_states_entered"
        self.assertEqual(
            self.number(families, entered, entered + "_total", side="client", state="TIME-WAIT"), GRACEFUL
        )
        self.assertEqual(self.ends(families, "client", "TIME-WAIT"), 0)
        self.assertGreater(self.number(families, "lastack_packets", "lastack_packets_total"), 8 * GRACEFUL)
        self.assertEqual(self.number(families, "lastack_flows", "lastack_flows"), HALF_CLOSED)
        for peer in self.sockets:
            peer.close()
        self.until(lambda now: self.ends(now, "server", "CLOSE-WAIT") == 0, "nobody in CLOSE-WAIT")
        self.until(lambda now: self.closed(now, "graceful") == GRACEFUL + HALF_CLOSED, "all closed")

    def tearDown(self):
        self.program.send_signal(signal.SIGINT)
        self.assertEqual(self.program.wait(timeout=30), 0)


def main():
    global LASTACK
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    if os.environ.get("METRICS_LIVE") != "inside":
        if os.geteuid() != 0 or subprocess.run(["unshare", "-n", "true"], stderr=subprocess.DEVNULL).returncode != 0:
            print("skipped: a network namespace needs root")
            sys.exit(77)
        os.execvpe("unshare", ["unshare", "-n", sys.executable, "-B", *sys.argv], {**os.environ, "METRICS_LIVE": "inside"})
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    LASTACK = os.path.abspath(sys.argv.pop(1))
    unittest.main()


main()
