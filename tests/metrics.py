#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What --metrics serves, over a real socket: both formats, HTTP, and clients that mean no good.

usage: metrics.py SERVE_METRICS [unittest arguments]

SERVE_METRICS is tests/serve_metrics.c: the server without a capture. promtool is Prometheus's own check.
"""

import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import time
import unittest

sys.dont_write_bytecode = True
import openmetrics  # noqa: E402

SERVE = ""
TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
LONGEST_CALL_US = 1_000_000  # generous: sanitizers, a busy machine; one that waited for a client would take seconds


class Answer:
    def __init__(self, raw):
        head, _, self.body = raw.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        self.raw = raw
        self.status = int(lines[0].split()[1]) if raw else 0
        self.headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}

    @property
    def text(self):
        return self.body.decode()


def samples_of(text):
    """{sample with its labels: number} of either format."""
    return {key: float(n) for key, n in (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))}


def is_counter(sample):
    return re.search(r"_(total|bucket|sum|count)(\{|$)", sample)


class Test(unittest.TestCase):
    maxDiff = None
    arguments = ("0",)
    host = "127.0.0.1"

    def setUp(self):
        self.server = subprocess.Popen(
            [SERVE, *self.arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.sockets = []
        self.addCleanup(self.end)
        said = self.server.stderr.readline().decode()
        found = re.fullmatch(r"lastack: metrics at http://(.*):(\d+)/metrics\n", said)
        self.assertTrue(found, said)
        self.port = int(found.group(2))

    def end(self):
        """Every server must end well, and must never have let anybody hold it up."""
        for each in self.sockets:
            each.close()
        out, errors = self.server.communicate(timeout=60)
        self.assertEqual(errors.decode(), "")
        self.assertEqual(self.server.returncode, 0)
        self.assertLess(int(out), LONGEST_CALL_US)

    def connect(self, receive=None):
        s = socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET)
        if receive:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
        s.settimeout(30)
        s.connect((self.host, self.port))
        self.sockets.append(s)
        return s

    def rest_of(self, s):
        got = b""
        try:
            while True:
                part = s.recv(1 << 20)
                if not part:
                    return got
                got += part
        except ConnectionResetError:
            return got

    def send(self, request):
        s = self.connect()
        s.sendall(request)
        return Answer(self.rest_of(s))

    def ask(self, path="/metrics", *headers, method="GET"):
        lines = [f"{method} {path} HTTP/1.1", "Host: test", *headers, "", ""]
        return self.send("\r\n".join(lines).encode())

    def served_soon(self):
        began = time.monotonic()
        answer = self.ask()
        self.assertEqual(answer.status, 200)
        self.assertIn("lastack_build_info", answer.text)
        self.assertLess(time.monotonic() - began, 3)

    def check_text(self, text):
        done = subprocess.run(["promtool", "check", "metrics"], input=text.encode(), capture_output=True, timeout=60)
        self.assertEqual((done.stderr + done.stdout).decode(), "")
        self.assertEqual(done.returncode, 0)

    def feed(self):
        """What happened once more; the page is up to five times a second anew."""
        self.server.stdin.write(b"more\n")
        self.server.stdin.flush()
        time.sleep(0.4)

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.server.pid}/fd"))

    def descriptors_at_rest(self):
        """Once it serves, and has let go of who asked."""
        self.served_soon()
        seen = []
        for _ in range(10):
            time.sleep(0.05)
            seen.append(self.descriptors())
        return min(seen)

    def descriptors_fall_to(self, n, seconds):
        end = time.monotonic() + seconds
        while self.descriptors() > n and time.monotonic() < end:
            time.sleep(0.1)
        self.assertEqual(self.descriptors(), n)


class Formats(Test):
    def test_text_passes_promtool(self):
        answer = self.ask()
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.headers["content-type"], TEXT)
        self.assertEqual(answer.headers["vary"], "Accept")
        self.check_text(answer.text)

    def test_openmetrics_is_strictly_right(self):
        answer = self.ask("/metrics", "Accept: application/openmetrics-text; version=1.0.0")
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.headers["content-type"], OPENMETRICS)
        families = openmetrics.parse(answer.text)
        self.assertGreater(len(families), 20)
        self.assertEqual(families["lastack_build"].type, "info")
        for family in families.values():
            self.assertIn("HELP", family.said)
            self.assertTrue(family.samples, family.name)

    def test_both_say_the_same(self):
        text = samples_of(self.ask().text)
        other = samples_of(self.ask("/metrics", "Accept: application/openmetrics-text").text)
        self.assertEqual(text.keys(), other.keys())
        for name in text.keys() - {"process_resident_memory_bytes"}:
            self.assertEqual(text[name], other[name], name)
        self.assertGreater(text["process_resident_memory_bytes"], 1 << 20)

    def test_accept_decides(self):
        for accept, expected in (
            (("*/*",), TEXT),
            (("application/openmetrics-text;q=0.3, text/plain;q=0.2",), OPENMETRICS),
            (("application/openmetrics-text;q=0.2, text/plain;q=0.3",), TEXT),
            (("text/plain;q=0.5", "application/openmetrics-text"), OPENMETRICS),
            (("application/openmetrics-text;version=0.0.1",), TEXT),
            (("image/png",), TEXT),
        ):
            answer = self.ask("/metrics", *(f"Accept: {value}" for value in accept))
            self.assertEqual(answer.headers["content-type"], expected, accept)

    def test_counters_grow_and_never_fall(self):
        before = samples_of(self.ask().text)
        for _ in range(3):
            self.feed()
            after = samples_of(self.ask().text)
            self.assertFalse(before.keys() - after.keys())
            for name in filter(is_counter, before):
                self.assertGreaterEqual(after[name], before[name], name)
            self.assertEqual(after["lastack_packets_total"], before["lastack_packets_total"] + 1000)
            before = after


class Http(Test):
    def test_head_is_get_without_the_body(self):
        for path in ("/", "/metrics", "/nothing"):
            got, head = self.ask(path), self.ask(path, method="HEAD")
            self.assertEqual((head.status, head.body), (got.status, b""))
            same = {"content-type", "content-length", "vary"} & got.headers.keys()
            self.assertGreaterEqual(len(same), 2)
            self.assertEqual({n: head.headers[n] for n in same}, {n: got.headers[n] for n in same})
            self.assertEqual(int(got.headers["content-length"]), len(got.body))

    def test_the_root_leads_to_the_metrics(self):
        answer = self.ask("/")
        self.assertEqual((answer.status, answer.headers["content-type"]), (200, "text/html; charset=utf-8"))
        self.assertIn('href="/metrics"', answer.text)

    def test_there_is_nothing_else(self):
        for path in ("/x", "/metrics/", "//metrics", "/metricsx", "/../metrics", "/%00", "/" + 500 * "a"):
            self.assertEqual(self.ask(path).status, 404, path)

    def test_a_query_does_no_harm(self):
        self.assertEqual(self.ask("/metrics?name[]=up&x").status, 200)

    def test_only_get_and_head(self):
        for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW"):
            answer = self.ask(method=method)
            self.assertEqual((answer.status, answer.headers.get("allow")), (405, "GET, HEAD"), method)
        answer = self.send(b"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n0123456789")
        self.assertEqual(answer.status, 405)

    def test_http_1_0(self):
        self.assertEqual(self.send(b"GET /metrics HTTP/1.0\r\n\r\n").status, 200)

    def test_one_answer_a_connection(self):
        answer = self.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 50)
        self.assertEqual(answer.raw.count(b"HTTP/1.1 200"), 1)
        self.assertEqual(answer.headers["connection"], "close")
        self.served_soon()

    def test_what_is_no_http_is_refused(self):
        for request in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"\r\n" * 10 + b"x\r\n\r\n",
                        b"GET /metrics HTTP/1.1\r\n\r\n", b"GET /metrics HTTP/9.9\r\nHost: x\r\n\r\n"):
            self.assertNotEqual(self.send(request).status, 200, request)
        self.served_soon()


class Hostile(Test):
    def test_headers_have_a_limit(self):
        s = self.connect()
        try:
            for _ in range(1000):
                s.sendall(b"X: " + b"a" * 4000 + b"\r\n" if _ else b"GET /metrics HTTP/1.1\r\n")
        except OSError:
            pass  # closed at some point, as it should be
        else:
            self.fail("four megabytes of headers were taken")
        self.assertEqual(self.ask("/metrics", "X: " + 3000 * "a").status, 200)
        self.assertNotEqual(self.ask("/metrics", "X: " + 12000 * "a").status, 200)
        self.served_soon()

    def test_many_that_drip_hold_nobody_up(self):
        before = self.descriptors_at_rest()
        slow = [self.connect() for _ in range(40)]
        request = b"GET /metrics HTTP/1.1\r\nHost: " + b"x" * 1000
        began = time.monotonic()
        for at in range(200):
            for s in slow:
                try:
                    s.send(request[at : at + 1])
                except OSError:
                    pass  # it had to make room
            if at % 10 == 0:
                self.served_soon()
            if time.monotonic() - began > 14:
                break
            time.sleep(0.1)
        # Each byte came well before the time-out for idle ones, and yet all are gone.
        self.assertGreater(time.monotonic() - began, 11)
        self.descriptors_fall_to(before, 3)

    def test_one_that_is_silent_is_let_go(self):
        before = self.descriptors_at_rest()
        s = self.connect()
        began = time.monotonic()
        self.assertEqual(self.rest_of(s), b"")
        self.assertLess(time.monotonic() - began, 11)
        self.descriptors_fall_to(before, 3)

    def test_connections_are_bounded(self):
        before = self.descriptors_at_rest()
        for _ in range(200):
            self.connect()
        self.served_soon()
        self.assertLessEqual(self.descriptors() - before, 24)

    def test_those_who_leave_in_the_middle(self):
        before = self.descriptors_at_rest()
        for i in range(100):
            s = self.connect()
            s.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"[: i % 37])
            if i % 3 == 0:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # RST
            if i % 3 == 1:
                s.shutdown(socket.SHUT_WR)
            else:
                s.close()
        self.served_soon()
        for s in self.sockets:
            s.close()
        self.descriptors_fall_to(before, 12)


class Crowd(Test):
    """As many metrics as there can be: hundreds of kilobytes."""

    arguments = ("0", "crowd")

    def test_it_is_as_right(self):
        answer = self.ask()
        self.assertGreater(len(answer.body), 300_000)
        self.assertLess(len(answer.body), 1 << 20)
        self.check_text(answer.text)
        openmetrics.parse(self.ask("/metrics", "Accept: application/openmetrics-text").text)

    def test_one_that_does_not_read_holds_nobody_up(self):
        slow = [self.connect(receive=2048) for _ in range(10)]
        for s in slow:
            s.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        for _ in range(5):
            self.served_soon()
            time.sleep(0.3)

    def test_asking_all_the_time_does_not_render_all_the_time(self):
        """Even so each call stays short, which end() looks at; and everyone is served."""
        began, served = time.monotonic(), 0
        while time.monotonic() - began < 2:
            self.assertEqual(self.ask().status, 200)
            served += 1
        self.assertGreater(served, 5)


class Ipv6(Test):
    arguments = ("[::1]:0",)
    host = "::1"

    def setUp(self):
        try:
            with socket.socket(socket.AF_INET6) as s:
                s.bind(("::1", 0))
        except OSError:
            self.skipTest("there is no IPv6 loopback here")
        super().setUp()

    def test_it_is_served_too(self):
        self.served_soon()


class AllAddresses(Test):
    arguments = ("[::]:0",)

    def setUp(self):
        if not pathlib.Path("/proc/net/if_inet6").exists():
            self.skipTest("there is no IPv6 here")
        super().setUp()

    def test_ipv4_is_served_too(self):
        self.served_soon()


class Listening(unittest.TestCase):
    def test_loopback_alone_unless_told(self):
        server = subprocess.Popen([SERVE, "0"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertRegex(server.stderr.readline().decode(), r"http://127\.0\.0\.1:\d+/")
        server.communicate(timeout=30)

    def test_a_port_in_use_is_said(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            s.listen()
            port = s.getsockname()[1]
            done = subprocess.run([SERVE, str(port)], stdin=subprocess.DEVNULL, capture_output=True, timeout=30)
        self.assertEqual(
            done.stderr.decode(), f"lastack: --metrics: cannot listen at 127.0.0.1:{port}: Address already in use\n"
        )
        self.assertEqual(done.returncode, 1)

    def test_an_address_of_somebody_else_is_said(self):
        done = subprocess.run([SERVE, "192.0.2.77:0"], stdin=subprocess.DEVNULL, capture_output=True, timeout=30)
        self.assertIn("cannot listen at 192.0.2.77:0: Cannot assign requested address", done.stderr.decode())
        self.assertEqual(done.returncode, 1)


if __name__ == "__main__":
    if len(sys.argv) < 2 or not shutil.which("promtool"):
        sys.exit(__doc__ if len(sys.argv) < 2 else "promtool is missing: tests/install-deps --test")
    SERVE = os.path.abspath(sys.argv.pop(1))
    unittest.main()
