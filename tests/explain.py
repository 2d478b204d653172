#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""End-to-end tests of --explain and what goes with it.

usage: explain.py LASTACK [--write | unittest arguments]

With --write the golden texts (tests/golden/explain_*) are made anew; read the difference before committing it.
"""

import os
import pathlib
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest

from frames import ACK, FIN, RST, SYN, Capture

LASTACK = ""
HERE = pathlib.Path(__file__).resolve().parent
CAPTURES = HERE.parent / "captures"
TRY = "Try 'lastack --help' for more information.\n"

# Recordings whose explanation is kept as a golden text: name, selector, and whether in UTF-8.
GOLDEN = (
    ("data_after_close", "9", True),
    ("keepalive_race", "10.9.0.2", False),
    ("half_open_syn_recovery", "10.9.0.1:40101-10.9.0.2:7101", False),
    ("rst_injected_then_data", "6", True),
    ("blackhole_user_timeout", "10.9.0.1", True),
    ("est_icmp_host_unreach", "10.9.0.1", True),
    ("syn_icmp_admin_prohib", "1", False),
    ("linger0_data_in_flight", "1", True),
    ("keepalive_timeout", "1", False),
    ("simultaneous_close", "1", True),
    ("closewait_leak_finwait2_timeout", "1", False),
    ("timewait_old_syn", "1", True),
    ("accept_overflow_abort", "10.9.0.2", False),
    ("refused_no_listener", "2", False),
    ("half_close_client", "1", True),
)

# The same with --payload, and how much of it.
GOLDEN_PAYLOAD = (
    ("data_after_close", "1", 100),
    ("half_close_client", "1", 150),
)


def environment(utf8):
    kept = {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}
    return {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8" if utf8 else "C", **kept}


def explanation(name, selector, utf8, *more):
    done = subprocess.run([LASTACK, "--explain", selector, "--width", "80", *more, f"captures/{name}.pcap"],
                          cwd=HERE.parent, env=environment(utf8), capture_output=True, timeout=120, check=False)
    return done.stdout.decode() + done.stderr.decode() + ("" if done.returncode == 0 else f"{done.returncode}\n")


def golden(name):
    return HERE / "golden" / f"explain_{name}.txt"


class Test(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="lastack-explain-")
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name, content):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(content)
        return path

    def run_it(self, *arguments, utf8=False, **options):
        options = {"stdin": subprocess.DEVNULL, **options}
        if "input" in options:
            del options["stdin"]
        return subprocess.run([LASTACK, *arguments], capture_output=True, timeout=120, check=False,
                              env=environment(utf8), **options)

    def explain(self, selector, *arguments, **options):
        """The text, after checking that all went well."""
        done = self.run_it("--explain", selector, *arguments, **options)
        self.assertEqual(done.stderr.decode(), "")
        self.assertEqual(done.returncode, 0)
        return done.stdout.decode()

    def titles(self, text):
        return re.findall(r"^(\S+) -> (\S+)$", text, re.MULTILINE)


class Golden(Test):
    def test_golden(self):
        for name, selector, utf8 in GOLDEN:
            with self.subTest(name):
                self.assertEqual(explanation(name, selector, utf8), golden(name).read_text(encoding="utf-8"))

    def test_payload(self):
        for name, selector, n in GOLDEN_PAYLOAD:
            with self.subTest(name):
                self.assertEqual(explanation(name, selector, False, f"--payload={n}"),
                                 golden(f"payload_{name}").read_text(encoding="utf-8"))

    def test_lines_fit(self):
        captures = sorted(str(path) for path in CAPTURES.glob("*.pcap"))
        for utf8 in (False, True):
            for width in (72, 80, 120):
                text = self.explain("10.9.0.1", "--width", str(width), "--payload=300", *captures, utf8=utf8)
                for line in text.splitlines():
                    self.assertLessEqual(len(line), width, line)
                self.assertEqual(text.isascii(), not utf8)
                self.assertNotRegex(text, r"[ (\[]\?[ ,.;)]|[{}]")

    def test_public_captures(self):
        """Whatever people captured: no line too wide, nothing left to fill in, every packet found again."""
        captures = sorted((HERE.parent.parent / "shared" / "captures").glob("*.pcap"))[::4]
        if not captures:
            self.skipTest("../shared/captures is not there")
        for path in captures:
            rows = self.run_it("-q", "--csv", "--columns=close,cause,first_packet", str(path)).stdout.decode()
            kinds = dict(row.rsplit(",", 1) for row in rows.splitlines()[1:])
            if not kinds:
                continue
            selectors = [f"--explain={packet}" for packet in list(kinds.values())[:20]]
            text = self.run_it(*selectors, "--width=80", str(path), utf8=True).stdout.decode()
            self.assertEqual(len(re.findall("^   +#  ", text, re.MULTILINE)), len(selectors), path)
            for line in text.splitlines():
                self.assertLessEqual(len(line), 80, path)
                self.assertNotRegex(line, r" \?[ ,.;)]|packet 0|\{[a-z_]+\}")

    def test_every_recording_by_every_packet_of_its_own(self):
        """A packet's number finds its connection, and the ladder shows where it stands or folds it."""
        for path in sorted(CAPTURES.glob("*.pcap"))[::25]:
            for line in self.explain("1", str(path)).splitlines():
                number = re.match(r"^[ *!+] {0,3}(\d+) +\d+\.", line)
                if number:
                    self.assertIn(line, self.explain(number[1], str(path)).splitlines())


class Selecting(Test):
    def setUp(self):
        super().setUp()
        self.capture = self.path("a.pcap", Capture().graceful(0, 1001).reset(1, 1002).graceful(2, 1003).pcap())

    def test_by_packet(self):
        self.assertEqual(self.titles(self.explain("8", self.capture)), [("192.0.2.10:1002", "192.0.2.80:80")])
        self.assertEqual(self.titles(self.explain("#1", self.capture)), [("192.0.2.10:1001", "192.0.2.80:80")])

    def test_by_address(self):
        self.assertEqual(len(self.titles(self.explain("192.0.2.80", self.capture))), 3)
        self.assertEqual(len(self.titles(self.explain("192.0.2.10:1003", self.capture))), 1)
        self.assertEqual(len(self.titles(self.explain("192.0.2.80:80-192.0.2.10:1003", self.capture))), 1)

    def test_several_selectors_and_only(self):
        done = self.explain("192.0.2.10:1001", "--explain=192.0.2.10:1002", "--explain=1", self.capture)
        self.assertEqual(len(self.titles(done)), 2)
        done = self.explain("192.0.2.80", "--only=reset", self.capture)
        self.assertEqual(self.titles(done), [("192.0.2.10:1002", "192.0.2.80:80")])

    def test_what_means_nothing_is_told(self):
        for selector, why in (("99", "there is no such packet, or it is of no TCP connection"),
                              ("192.0.2.81", "there is no such connection")):
            done = self.run_it("--explain", selector, "--explain=1", self.capture)
            self.assertEqual(done.stderr.decode(), f"lastack: --explain: {selector}: {why}\n")
            self.assertEqual(done.returncode, 1)
            self.assertEqual(len(self.titles(done.stdout.decode())), 1)

    def test_many_are_counted(self):
        capture = Capture()
        for port in range(1000, 1070):
            capture.graceful(port, port)
        done = self.explain("192.0.2.80", self.path("many.pcap", capture.pcap()))
        self.assertEqual(len(self.titles(done)), 50)
        self.assertIn("20 more connections are meant but not explained", done)

    def test_rows_and_list_hold_what_is_meant(self):
        done = self.run_it("--explain=192.0.2.10:1002", "--csv", "--columns=client_port", self.capture)
        self.assertEqual(done.stdout, b"client_port\n1002\n")
        self.assertEqual(self.titles(done.stderr.decode()), [("192.0.2.10:1002", "192.0.2.80:80")])
        lines = self.explain("8", "--list", self.capture).splitlines()
        self.assertTrue(lines[0].endswith("192.0.2.10:1002 > 192.0.2.80:80"))
        self.assertEqual(lines[1:3], ["", "192.0.2.10:1002 -> 192.0.2.80:80"])

    def test_the_summary_only_when_asked(self):
        self.assertNotIn("How they closed", self.explain("8", self.capture))
        text = self.explain("8", "--summary", self.capture)
        self.assertIn("\n\n3 connections in 16 packets", text)

    def test_several_inputs_number_on(self):
        other = self.path("b.pcap", Capture().graceful(10, 2001).pcap())
        text = self.explain("18", self.capture, other)
        self.assertEqual(self.titles(text), [("192.0.2.10:2001", "192.0.2.80:80")])
        self.assertIn("packets 17 to 22 of all inputs, from", text)

    def test_a_reused_pair_is_two_connections(self):
        capture, client, server = Capture().graceful(0, 1001), ("192.0.2.10", 1001), ("192.0.2.80", 80)
        capture.tcp(1, client, server, SYN, 70100)
        capture.tcp(1.001, server, client, SYN | ACK, 70500, 70101)
        capture.tcp(1.002, client, server, ACK, 70101, 70501)
        capture.tcp(1.003, client, server, RST | ACK, 70101, 70501)
        name = self.path("c.pcap", capture.pcap())
        self.assertIn("packets 7 to 10", self.explain("8", name))
        self.assertNotIn("packets 1 to 6", self.explain("8", name))
        self.assertEqual(len(self.titles(self.explain("192.0.2.10:1001", name))), 2)

    def test_a_syn_that_opens_nothing_belongs_to_the_connection_around_it(self):
        text = self.explain("61", *[str(CAPTURES / f"{name}.pcap") for name in
                                    ("est_icmp_host_unreach", "timewait_old_syn")])
        self.assertIn("packets 51 to 63", text)
        self.assertRegex(text, r"\n\+ 61 .* S 0:0\(0\) new -")

    def test_standard_input(self):
        with open(self.capture, "rb") as file:
            content = file.read()
        self.assertEqual(self.explain("8", "-", input=content).split(),
                         self.explain("8", self.capture).replace(self.capture, "standard input").split())

    def test_evicted_connections_still_have_their_packets(self):
        text = self.explain("192.0.2.80", "--max-flows=1", self.capture)
        self.assertEqual(text.count("* decided it"), 3)


class Long(Test):
    def test_a_long_transfer_is_folded(self):
        capture, client, server = Capture(), ("192.0.2.10", 1000), ("192.0.2.80", 80)
        capture.handshake(0, client, server)
        for i in range(800):
            capture.tcp(1 + i / 1000, server, client, ACK, 501 + 1000 * i, 101, bytes(1000))
        capture.tcp(2, client, server, ACK, 101, 800501)
        capture.tcp(3, client, server, FIN | ACK, 101, 800501)
        capture.tcp(3.1, server, client, RST | ACK, 800501, 102)
        text = self.explain("1", self.path("long.pcap", capture.pcap()))
        self.assertRegex(text, r"\n     \.\.\. 79\d segments, 79\d\.0 kB from the server, 79\d ms \.\.\.\n")
        self.assertLess(text.count("\n"), 45)

    def test_frames_captured_twice(self):
        capture = Capture().graceful(0, 1001)
        capture.records = [record for record in capture.records for _ in (0, 1)]
        text = self.explain("1", self.path("twice.pcap", capture.pcap()))
        self.assertIn("S 0:0(0) x2 ", text)
        self.assertIn("6 duplicate frames", text)
        self.assertEqual(text.count("->|") + text.count("|<-"), 6)

    def test_numbers_that_wrap_and_guesses(self):
        capture, client, server = Capture(), ("192.0.2.10", 1000), ("192.0.2.80", 80)
        capture.tcp(0, client, server, SYN, 2**32 - 2)
        capture.tcp(0.01, server, client, SYN | ACK, 500, 2**32 - 1)
        capture.tcp(0.02, client, server, ACK, 2**32 - 1, 501)
        capture.tcp(0.03, client, server, ACK, 2**32 - 1, 501, bytes(10))
        capture.tcp(0.04, server, client, RST | ACK, 501, 9)
        text = self.explain("1", self.path("wrap.pcap", capture.pcap()))
        self.assertIn(" . 1:11(10) ack 1 ", text)
        self.assertIn(" R. 1:1(0) ack 11 ", text)


class Timers(Test):
    def idle_reset(self, seconds):
        capture, client, server = Capture(), ("192.0.2.10", 1000), ("192.0.2.80", 80)
        capture.handshake(0, client, server)
        capture.tcp(0.1, client, server, ACK, 101, 501, b"request")
        capture.tcp(0.11, server, client, ACK, 501, 108, b"answer")
        capture.tcp(0.12, client, server, ACK, 108, 507)
        capture.tcp(0.12 + seconds, server, client, RST | ACK, 507, 108)
        return self.path("idle.pcap", capture.pcap())

    def test_a_built_in_timer_is_named(self):
        text = " ".join(self.explain("1", self.idle_reset(350.01)).split())
        self.assertIn("reset/idle-timeout, likely", text)
        self.assertIn("the connection was silent for 5 min 50 s, as long as a known time-out: 5 min 50 s: AWS", text)
        self.assertIn("AWS Network Load Balancer, AWS Network Firewall, AWS NAT gateway", text)

    def test_timers_of_a_file_count_first(self):
        name = self.idle_reset(350.01)
        mine = self.path("timers", b"# ours\n350 our \xc3\xa4lteste gateway\n123.5\tthe other one\n")
        text = " ".join(self.explain("1", "--timers", mine, name, utf8=True).split())
        self.assertIn("5 min 50 s: our \u00e4lteste gateway, AWS", text)
        text = " ".join(self.explain("1", "--timers", mine, self.idle_reset(123.5)).split())
        self.assertIn("2 min 3 s: the other one.", text)
        done = self.run_it("-qv", "--list", "--timers", mine, self.idle_reset(123.5))
        self.assertIn(b", timer: the other one", done.stdout)

    def test_no_timer_no_idle_timeout(self):
        self.assertNotIn("idle-timeout", self.explain("1", self.idle_reset(200)))

    def test_a_bad_line_is_wrong_usage(self):
        bad = self.path("bad", b"350 fine\nsixty seconds\n")
        done = self.run_it("--timers", bad, "x.pcap")
        self.assertEqual(done.stderr.decode(),
                         f"lastack: --timers: {bad}, line 2: seconds (such as 350 or 0.5, more than 0) and what they "
                         f"are known from are needed\n{TRY}")
        self.assertEqual(done.returncode, 2)

    def test_fin_timeout_is_told_to_the_rules(self):
        capture, client, server = Capture(), ("192.0.2.10", 1000), ("192.0.2.80", 80)
        capture.handshake(0, client, server)
        capture.tcp(1, server, client, FIN | ACK, 501, 101)
        capture.tcp(1.01, client, server, ACK, 101, 502)
        capture.tcp(31, client, server, ACK, 101, 502, b"late")
        capture.tcp(31.01, server, client, RST, 502)
        name = self.path("fin.pcap", capture.pcap())
        self.assertIn("reset/late-data", self.explain("1", name))
        self.assertIn("reset/fin-timeout", self.explain("1", "--fin-timeout=20", name))


class Causes(Test):
    def test_every_cause_is_explained(self):
        for width in (80, 120):
            done = self.run_it("--explain-causes", "--width", str(width), "no.pcap")
            self.assertEqual(done.returncode, 0)
            text = done.stdout.decode()
            self.assertTrue(text.isascii())
            self.assertLessEqual(max(map(len, text.splitlines())), width)
        words = subprocess.run([LASTACK, "--help"], capture_output=True, check=True, env=environment(False))
        listed = re.search(r"\nCauses:([^:]*)\n\n", words.stdout.decode())[1].split()
        self.assertEqual(re.findall(r"^([a-z-]+)\n  means ", text, re.MULTILINE), listed)
        for field in ("  known by", "  they see", "  what to do"):
            self.assertEqual(text.count("\n" + field), len(listed))


if __name__ == "__main__":
    if len(sys.argv) < 2 or not stat.S_ISREG(os.stat(sys.argv[1]).st_mode):
        sys.exit(__doc__)
    LASTACK = os.path.abspath(sys.argv.pop(1))
    if sys.argv[1:] == ["--write"]:
        for golden_name, golden_selector, golden_n in GOLDEN_PAYLOAD:
            golden(f"payload_{golden_name}").write_text(
                explanation(golden_name, golden_selector, False, f"--payload={golden_n}"), encoding="utf-8")
        for golden_name, golden_selector, golden_utf8 in GOLDEN:
            golden(golden_name).write_text(explanation(golden_name, golden_selector, golden_utf8), encoding="utf-8")
        sys.exit()
    unittest.main()
