#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""End-to-end tests of the built program: usage: cli.py LASTACK [unittest arguments]."""

import csv
import errno
import fcntl
import gzip
import io
import json
import os
import pathlib
import pty
import resource
import shutil
import struct
import subprocess
import termios

import endtoend
from endtoend import Test, drop_root
from frames import ACK, START, SYN, Capture

TRY = "Try 'lastack --help' for more information.\n"


class Inputs(Test):
    def bad(self, content, message, rows=0):
        """A bad file between two good ones: one line, status 1, and the rows of all of them."""
        name = self.path("bad", content)
        first = self.path("1.pcap", Capture().graceful(0, 1001).pcap())
        last = self.path("2.pcap", Capture().graceful(1, 1002).pcap())
        done = self.run_it("-q", "--csv", first, name, last)
        lines = done.stderr.decode().splitlines()
        self.assertEqual(len(lines), 1, lines)
        self.assertTrue(lines[0].startswith(f"lastack: {name}: "), lines)
        self.assertIn(message, lines[0])
        self.assertEqual(done.returncode, 1)
        found = list(csv.DictReader(io.StringIO(done.stdout.decode())))
        self.assertEqual(len([row for row in found if row["source"] == name]), rows)
        self.assertEqual(len([row for row in found if row["source"] in (first, last)]), 2)

    def test_no_such_file(self):
        name = self.path("missing")
        self.fails(1, f"lastack: {name}: No such file or directory\n", name)

    def test_no_such_file_beside_a_good_one(self):
        good = self.path("good.pcap", Capture().graceful(0, 1001).pcap())
        name = self.path("missing")
        self.assertEqual(len(self.rows(name, good, status=1,
                                       errors=f"lastack: {name}: No such file or directory\n")), 1)

    def test_directory(self):
        self.fails(1, f"lastack: {self.folder}: Is a directory\n", self.folder)

    def test_no_permission(self):
        name = self.path("secret.pcap", Capture().graceful(0, 1001).pcap())
        os.chmod(name, 0)
        os.chmod(self.folder, 0o755)
        extra = {}
        if os.geteuid() == 0:
            extra["preexec_fn"] = drop_root
            if subprocess.run(["test", "-x", endtoend.LASTACK], preexec_fn=drop_root, check=False).returncode:
                self.skipTest("the program is not reachable without root")
        self.fails(1, f"lastack: {name}: Permission denied\n", name, **extra)

    def test_empty_file(self):
        self.bad(b"", "empty")

    def test_header_cut_short(self):
        self.bad(Capture().pcap()[:10], "")

    def test_last_packet_cut_short(self):
        content = Capture().graceful(0.5, 1003).graceful(0.6, 1004).pcap()
        self.bad(content[:-7], "packet 12", rows=2)

    def test_garbage(self):
        self.bad(b"this is not a capture at all, by no means" * 20, "")

    def test_a_length_that_lies(self):
        content = Capture().graceful(0.5, 1003).pcap()
        self.bad(content + struct.pack("<IIII", START + 1, 0, 0x7FFFFFFF, 0x7FFFFFFF) + b"x" * 50, "packet 7",
                 rows=1)

    def test_an_unknown_link_type(self):
        self.bad(Capture().graceful(0.5, 1003).pcap(link=147), "link")

    def test_standard_input(self):
        rows = self.rows("-", input=Capture().graceful(0, 1001).pcap())
        self.assertEqual([row["client_port"] for row in rows], ["1001"])

    def test_compressed_by_gzip(self):
        content = gzip.compress(Capture().graceful(0, 1001).pcap())
        self.assertEqual(len(self.rows(self.path("a.pcap.gz", content))), 1)
        self.assertEqual(len(self.rows("-", input=content)), 1)

    def test_compressed_by_zstd(self):
        if not shutil.which("zstd"):
            self.skipTest("no zstd")
        content = subprocess.run(["zstd", "-c"], input=Capture().graceful(0, 1001).pcap(), stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL, check=True).stdout
        self.assertEqual(len(self.rows(self.path("a.pcap.zst", content))), 1)

    def test_two_files_are_one_observation(self):
        whole = Capture().graceful(0, 1001)
        first, second = Capture(), Capture()
        first.records, second.records = whole.records[:3], whole.records[3:]
        rows = self.rows(self.path("2.pcap", second.pcap()), self.path("1.pcap", first.pcap()))
        self.assertEqual(len(rows), 1)
        self.assertEqual(rows[0]["close"], "graceful")
        self.assertEqual(rows[0]["last_packet"], "6")
        self.assertEqual(rows[0]["source"], self.path("1.pcap"))

    def test_a_filter_chooses_packets(self):
        name = self.path("a.pcap", Capture().graceful(0, 1001).graceful(1, 1002).pcap())
        self.assertEqual([row["client_port"] for row in self.rows("-f", "port 1002", name)], ["1002"])

    def test_a_filter_that_nothing_matches_is_not_an_empty_input(self):
        name = self.path("a.pcap", Capture().graceful(0, 1001).pcap())
        count = len(Capture().graceful(0, 1001).records)
        done = self.run_it("-f", "port 9", name)
        self.assertEqual(done.stdout.decode(), f"None of {count} packets in 1 input matches the filter.\n"
                         "Only what matches the filter: port 9\n")

    def test_an_explanation_that_only_leaves_out_is_said(self):
        name = self.path("a.pcap", Capture().graceful(0, 1001).graceful(1, 1002).pcap())
        for selector, what in (("1", "the connection is graceful, which --only leaves out"),
                               ("192.0.2.10", "--only leaves out all 2 connections that it means")):
            done = self.fails(0, f"lastack: --explain: {selector}: {what}\n", "--explain", selector,
                              "--only=RESET", name)
            self.assertEqual(done.stdout, b"")

    def test_a_bad_filter_is_wrong_usage(self):
        name = self.path("a.pcap", Capture().pcap())
        done = self.run_it("-f", "no such filter", name)
        self.assertEqual(done.returncode, 2)
        self.assertTrue(done.stderr.decode().startswith("lastack: --filter: 'no such filter': "))
        self.assertTrue(done.stderr.decode().endswith(TRY))


class Rows(Test):
    def test_csv_and_json_say_the_same(self):
        name = self.path("a.pcap", Capture().graceful(0, 1001).reset(1, 1002).pcap())
        columns = self.run_it("-q", "--csv", name).stdout.decode().split("\n", 1)[0].split(",")
        objects = [json.loads(line) for line in self.run_it("-q", "--json", name).stdout.splitlines()]
        rows = self.rows(name)
        self.assertEqual(len(rows), 2)
        for row, this in zip(rows, objects, strict=True):
            self.assertEqual(list(this), columns)
            for column, value in this.items():
                if value is None:
                    self.assertEqual(row[column], "", column)
                elif isinstance(value, bool):
                    self.assertEqual(row[column], "yes" if value else "no", column)
                elif isinstance(value, str):
                    self.assertEqual(row[column], value, column)
                else:
                    self.assertEqual(float(row[column]), value, column)

    def test_types_in_json(self):
        name = self.path("a.pcap", Capture().graceful(0, 1001).pcap())
        this = json.loads(self.run_it("-q", "--json", name).stdout)
        self.assertEqual(this["client_port"], 1001)
        self.assertIs(this["midstream"], False)
        self.assertIsNone(this["trigger_packet"])
        self.assertEqual(this["client_ip"], "192.0.2.10")

    def test_verdicts(self):
        name = self.path("a.pcap", Capture().graceful(0, 1001).reset(1, 1002).pcap())
        rows = self.rows("--columns=client_port,close,closer,time_wait,client_saw,server_saw", name)
        self.assertEqual([list(row.values()) for row in rows],
                         [["1001", "graceful", "client", "lingering", "EOF", "EOF"],
                          ["1002", "reset", "server", "none", "ECONNRESET", "-"]])

    def test_columns_in_the_order_asked_for(self):
        name = self.path("a.pcap", Capture().graceful(0, 1001).pcap())
        done = self.run_it("-q", "--csv", "--columns=server_port,client_port", name)
        self.assertEqual(done.stdout, b"server_port,client_port\n80,1001\n")
        done = self.run_it("-q", "--json", "--columns=server_port,client_port", name)
        self.assertEqual(done.stdout, b'{"server_port":80,"client_port":1001}\n')

    def test_nanoseconds_show_as_soon_as_an_input_has_them(self):
        micro = self.path("micro.pcap", Capture().graceful(0, 1001).pcap())
        nano = self.path("nano.pcap", Capture().graceful(1, 1002).pcap(nanoseconds=True))
        self.assertEqual([row["start"] for row in self.rows(micro)], ["1700000000.000000"])
        self.assertEqual([row["start"] for row in self.rows(micro, nano)],
                         ["1700000000.000000000", "1700000001.000000000"])

    def test_rows_are_sorted_by_the_end_of_their_records(self):
        late = Capture().graceful(0, 1001, closed=5).graceful(1, 1002).graceful(1.5, 1003, closed=20)
        late.udp(10)
        name = self.path("a.pcap", late.sort().pcap())
        rows = self.rows("--time-wait=1", name)
        self.assertEqual([row["client_port"] for row in rows], ["1002", "1001", "1003"])
        self.assertEqual([row["record_end"] for row in rows], ["time-wait", "time-wait", "end"])

    def test_the_observation_ends_with_the_last_packet_of_any_kind(self):
        capture = Capture().graceful(0, 1001)
        capture.udp(30.012)
        capture.icmp_error(50)
        name = self.path("a.pcap", capture.pcap())
        left = [[row["time_wait_left"] for row in self.rows("-f", what, name)] for what in ("ip", "tcp or udp", "tcp")]
        self.assertEqual(left, [["10.012000000"], ["30.000000000"], ["60.000000000"]])
        self.assertEqual([row["time_wait"] for row in self.rows("--time-wait=30", name)], ["expired"])

    def test_a_record_that_ended_stays_ended_when_time_runs_backwards(self):
        capture = Capture().graceful(0, 1001)
        capture.udp(100)
        capture.tcp(50, ("192.0.2.10", 1001), ("192.0.2.80", 80), ACK, 102, 502)
        rows = self.rows(self.path("a.pcap", capture.pcap()))
        self.assertEqual([(row["record_end"], row["midstream"]) for row in rows],
                         [("time-wait", "no"), ("end", "yes")])

    def test_only_some(self):
        name = self.path("a.pcap", Capture().graceful(0, 1001).reset(1, 1002).pcap())
        self.assertEqual([row["close"] for row in self.rows("--only=reset", name)], ["reset"])
        self.assertEqual([row["close"] for row in self.rows("--only=lingering", name)], ["graceful"])
        self.assertEqual([row["close"] for row in self.rows("--only=lingering,reset,open", name)],
                         ["graceful", "reset"])
        self.assertEqual(self.rows("--only=refused", name), [])

    def test_text_is_sought_in_the_source_too(self):
        first = self.path("first.pcap", Capture().graceful(0, 1001).pcap())
        second = self.path("second.pcap", Capture().graceful(0, 1002).pcap())
        self.assertEqual([row["client_port"] for row in self.rows("--only=text=second", first, second)], ["1002"])

    def test_max_flows_evicts_and_says_so(self):
        capture = Capture()
        for port in range(1001, 1011):
            capture.handshake(port - 1000, ("192.0.2.10", port), ("192.0.2.80", 80))
        name = self.path("a.pcap", capture.pcap())
        ends = [row["record_end"] for row in self.rows("--max-flows=4", name)]
        self.assertEqual(len(ends), 10)
        self.assertEqual(ends[0], "evicted")
        self.assertEqual({row["close"] for row in self.rows("--max-flows=4", name)}, {"open"})

    def test_what_was_given_up_is_not_certain(self):
        """The answer may have come a moment later; the attempts that were followed to the end had none."""
        capture = Capture()
        for port in range(1001, 1011):
            capture.tcp(port - 1000, ("192.0.2.10", port), ("192.0.2.80", 80), SYN, 100, 0)
        rows = self.rows("--max-flows=4", self.path("a.pcap", capture.pcap()))
        told = [(row["record_end"], row["close"], row["confidence"], row["client_saw"]) for row in rows]
        self.assertEqual(told, 6 * [("evicted", "unanswered", "likely", "-")] +
                         4 * [("end", "unanswered", "certain", "ETIMEDOUT")])

    def test_the_summary_says_whose_beginning_is_missing(self):
        client, server = ("192.0.2.10", 1001), ("192.0.2.80", 80)
        capture = Capture()
        capture.tcp(0, client, server, ACK, 1, 1, b"x")
        seen = self.run_it(self.path("a.pcap", capture.pcap())).stdout.decode()
        self.assertIn("1  connection first seen in its middle (no handshake captured)\n", seen)
        self.assertIn("1  connection of which only one direction was captured\n", seen)
        capture = Capture()
        capture.handshake(0, client, server)
        capture.tcp(100, client, server, ACK, 1001, 1, b"x")
        seen = self.run_it("--idle=9", self.path("b.pcap", capture.pcap())).stdout.decode()
        self.assertIn("first seen in its middle (or its record had been ended", seen)
        self.assertNotIn("no handshake", seen)

    def test_idle_ends_a_record(self):
        capture = Capture()
        capture.handshake(0, ("192.0.2.10", 1001), ("192.0.2.80", 80))
        capture.udp(100)
        name = self.path("a.pcap", capture.pcap())
        self.assertEqual([row["record_end"] for row in self.rows("--idle=50", name)], ["idle"])
        self.assertEqual([row["record_end"] for row in self.rows(name)], ["end"])

    def test_names_with_any_bytes_give_valid_rows(self):
        raw = os.path.join(os.fsencode(self.folder), b'a"b\\,\xff\n\x1b.pcap')
        with open(raw, "wb") as file:
            file.write(Capture().graceful(0, 1001).pcap())
        expected = os.path.join(self.folder, 'a"b\\,\ufffd\n\x1b.pcap')
        done = self.run_it("-q", "--json", raw)
        self.assertEqual(json.loads(done.stdout)["source"], expected)
        self.assertEqual(done.stdout.count(b"\n"), 1)
        self.assertEqual([row["source"] for row in self.rows(raw)], [expected])

    def test_the_list_has_a_line_a_connection(self):
        name = self.path("a.pcap", Capture().graceful(0, 1001).reset(1, 1002).pcap())
        lines = self.run_it("-q", "--list", name).stdout.decode().splitlines()
        self.assertEqual(len(lines), 2)
        self.assertRegex(lines[0], r"^graceful +client +12\.0ms +0 +0 EOF/EOF +#\d+ "
                                   r"192\.0\.2\.10:1001 > 192\.0\.2\.80:80 lingering$")
        self.assertRegex(lines[1], r"^reset(/[a-z-]+)? +server .* 192\.0\.2\.10:1002 > 192\.0\.2\.80:80$")
        verbose = self.run_it("-qv", "--list", name).stdout.decode().splitlines()
        self.assertEqual(verbose[::2], lines)
        self.assertIn("tcp.port == 1001 && tcp.port == 80 && frame.number in {1..6}", verbose[1])


class Outputs(Test):
    def setUp(self):
        super().setUp()
        self.capture = self.path("a.pcap", Capture().graceful(0, 1001).pcap())

    def test_summary_goes_where_the_rows_do_not(self):
        plain = self.run_it(self.capture)
        self.assertEqual(plain.stderr, b"")
        self.assertIn(b"graceful", plain.stdout)
        for option in ("--csv", "--csv=-", "--json"):
            done = self.run_it(option, self.capture)
            self.assertEqual(done.stderr, plain.stdout)
            self.assertNotIn(b"How they", done.stdout)
        done = self.run_it("--csv=" + self.path("out.csv"), self.capture)
        self.assertEqual((done.stdout, done.stderr), (plain.stdout, b""))
        self.assertEqual(self.read(self.path("out.csv")), self.run_it("-q", "--csv", self.capture).stdout)

    def test_a_second_processor_changes_nothing(self):
        """Reading has a thread of its own where there are two."""
        names = sorted(str(name) for name in (pathlib.Path(__file__).parents[1] / "captures").glob("*.pcap"))
        self.assertGreater(len(names), 100)
        cut = self.path("cut.pcap", Capture().graceful(0, 1001).pcap()[:-7])
        one = min(os.sched_getaffinity(0))
        backwards = Capture().graceful(0, 1001)
        backwards.udp(100)
        backwards.tcp(50, ("192.0.2.10", 1001), ("192.0.2.80", 80), ACK, 102, 502)
        backwards = self.path("backwards.pcap", backwards.pcap())
        self.assertIn(b"2 connections", self.run_it(backwards).stdout)
        for inputs, status in ((names, 0), ([cut, *names], 1), ([cut], 1), ([backwards], 0)):
            here = self.run_it(*inputs)
            there = self.run_it(*inputs, preexec_fn=lambda: os.sched_setaffinity(0, {one}))
            self.assertEqual((here.returncode, there.returncode), (status, status))
            self.assertEqual((here.stdout, here.stderr), (there.stdout, there.stderr))

    def test_both_formats_at_once(self):
        done = self.run_it("-q", "--csv=" + self.path("out.csv"), "--json", self.capture)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(self.read(self.path("out.csv")), self.run_it("-q", "--csv", self.capture).stdout)
        self.assertEqual(json.loads(done.stdout)["client_port"], 1001)

    def test_quiet_says_nothing(self):
        done = self.run_it("-q", self.capture)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"", b""))

    def test_a_full_disk(self):
        full = "No space left on device\n"
        for arguments in (["--csv=/dev/full"], ["--json=/dev/full"], ["-q", "--csv=/dev/full"]):
            self.fails(1, "lastack: /dev/full: " + full, *arguments, self.capture)
        for arguments in ([], ["--csv"], ["--json"], ["--list"], ["-q", "--list"], ["--help"], ["--version"]):
            with open("/dev/full", "wb") as device:
                self.fails(1, "lastack: standard output: " + full, *arguments, self.capture, stdout=device)

    def test_a_file_that_must_not_grow(self):
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        self.fails(1, f"lastack: {self.folder}/a.csv: File too large\n", "--csv=" + self.path("a.csv"), self.capture,
                   preexec_fn=limit)

    def test_a_full_disk_ends_the_reading(self):
        """Connections that end as they go, without end."""
        process = subprocess.Popen([endtoend.LASTACK, "--csv=/dev/full", "--time-wait=0.001", "-"], bufsize=0,
                                   stdin=subprocess.PIPE, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        self.addCleanup(process.kill)
        process.stdin.write(Capture().pcap())
        with self.assertRaises(BrokenPipeError):
            for hundred in range(100):
                capture = Capture()
                for at in range(100):
                    capture.graceful(100 * hundred + at, 1000 + at)
                process.stdin.write(capture.pcap()[24:])
        self.assertEqual(process.wait(60), 1)
        self.assertEqual(process.stderr.read(), b"lastack: /dev/full: No space left on device\n")
        process.stderr.close()
        process.stdin.close()

    def test_a_closed_pipe_is_quiet(self):
        for arguments in (["--csv"], ["--json"], ["--list"], [], ["-q", "--csv"]):
            reader, writer = os.pipe()
            os.close(reader)
            self.fails(1, "", *arguments, self.capture, stdout=writer)
            os.close(writer)

    def test_a_closed_pipe_leaves_other_outputs_whole(self):
        capture = Capture()
        for at in range(3000):  # far more than is held back
            capture.graceful(at, 1000 + at)
        name = self.path("many.pcap", capture.pcap())
        reader, writer = os.pipe()
        os.close(reader)
        self.fails(1, "", "--list", "--csv=" + self.path("out.csv"), name, stdout=writer)
        os.close(writer)
        self.assertEqual(self.read(self.path("out.csv")).count(b"\n"), 3001)

    def test_closed_descriptors(self):
        done = subprocess.run(["sh", "-c", 'exec "$0" --csv="$1" "$2" >&-', endtoend.LASTACK, self.path("out.csv"),
                               self.capture], stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr, b"lastack: standard output: Bad file descriptor\n")
        self.assertEqual(self.read(self.path("out.csv")), self.run_it("-q", "--csv", self.capture).stdout)

    def test_an_output_that_cannot_be_opened(self):
        name = self.path("no/such/folder.csv")
        self.fails(1, f"lastack: {name}: No such file or directory\n", "--csv=" + name, self.capture)

    def test_an_input_is_not_overwritten(self):
        before = self.read(self.capture)
        os.link(self.capture, self.path("link"))
        for name in (self.capture, self.path("link"), os.path.join(self.folder, ".", "a.pcap")):
            self.fails(1, f"lastack: {name}: is an input, and is not overwritten\n", "--csv=" + name, self.capture)
        self.assertEqual(self.read(self.capture), before)

    def test_one_file_for_two_outputs(self):
        name = self.path("out")
        same = "lastack: two of --csv, --json, --events and --pcap are to go to the same file\n"
        self.fails(2, same + TRY, "--csv=" + name, "--json=" + name, self.capture)
        self.assertFalse(os.path.exists(name))
        other = os.path.join(self.folder, ".", "out")
        self.fails(1, f"lastack: {other}: is given for two outputs\n", "--csv=" + name, "--json=" + other,
                   self.capture)

    def test_wrong_usage_touches_no_file(self):
        name = self.path("out.csv", b"precious")
        self.fails(2, "lastack: there is no option --bogus\n" + TRY, "--csv=" + name, "--bogus", self.capture)
        self.assertEqual(self.read(name), b"precious")
        self.assertEqual(self.run_it("-q", "--csv=" + name, self.capture).returncode, 0)
        self.assertNotIn(b"precious", self.read(name))

    def test_messages_do_not_drive_the_terminal(self):
        self.fails(1, "lastack: ?[31m?: No such file or directory\n", "\x1b[31m\n")

    def on_terminal(self, columns=0, **environment):
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        done = self.run_it("--list", self.capture, stdout=slave, env={"PATH": os.environ["PATH"], **environment})
        self.assertEqual(done.returncode, 0)
        os.close(slave)
        shown = b""
        try:
            while chunk := os.read(master, 65536):
                shown += chunk
        except OSError as error:
            self.assertEqual(error.errno, errno.EIO)
        os.close(master)
        return shown

    def test_colours_and_a_heading_only_on_a_terminal(self):
        self.assertIn(b"\x1b[", self.on_terminal(TERM="xterm"))
        self.assertIn(b"CLOSER", self.on_terminal(TERM="xterm"))
        self.assertNotIn(b"\x1b[", self.on_terminal(TERM="xterm", NO_COLOR="1"))
        self.assertNotIn(b"\x1b[", self.on_terminal(TERM="dumb"))
        self.assertNotIn(b"\x1b[", self.on_terminal())
        piped = self.run_it("--list", self.capture, env={"PATH": os.environ["PATH"], "TERM": "xterm"}).stdout
        self.assertNotIn(b"\x1b[", piped)
        self.assertNotIn(b"CLOSER", piped)

    def test_the_list_fits_the_terminal(self):
        for columns, lines in ((80, 4), (0, 4), (120, 2)):
            listed = self.on_terminal(columns=columns).decode().split("\r\n\r\n")[0].split("\r\n")
            self.assertEqual(len(listed), lines, listed)
            self.assertLessEqual(max(map(len, listed)), columns or 80)
        piped = self.run_it("-q", "--list", self.capture).stdout.decode()
        self.assertEqual(piped.count("\n"), 1)

    def test_ascii_unless_the_locale_is_utf8(self):
        for name, ascii_only in (("C", True), ("C.UTF-8", False)):
            page = self.run_it(self.capture, env={"PATH": os.environ["PATH"], "LC_ALL": name}).stdout.decode()
            self.assertEqual(page.isascii(), ascii_only, name)

    def test_lines_fit_eighty_columns(self):
        for option in ("-v", "--help"):
            for line in self.run_it(option, self.capture).stdout.decode().splitlines():
                self.assertLessEqual(len(line), 80, line)


class Usage(Test):
    def test_wrong_usage_is_one_line_and_a_hint(self):
        for arguments, message in (
            ([], "neither a capture file ('-' is standard input) nor an interface (-i) is given"),
            (["--bogus", "x"], "there is no option --bogus"),
            (["-"] * 2, "standard input ('-') can be read only once"),
            (["--csv", "--json", "x"], "only one of --csv, --json, --events, --pcap and --list can go to standard output"),
            (["--time-wait=60x", "x"],
             "--time-wait: seconds (such as 60 or 0.5, more than 0, at most 86400) are needed, not '60x'"),
        ):
            self.assertEqual(self.fails(2, f"lastack: {message}\n{TRY}", *arguments).stdout, b"")

    def test_help_and_version(self):
        self.assertTrue(self.run_it("--help").stdout.startswith(b"Usage: lastack [OPTION]... FILE...\n"))
        self.assertRegex(self.run_it("--version").stdout.decode(),
                         r"^lastack \d+\.\d+\.\d+\n(built with sanitizers: .*\n)?$")
        for option in ("--help", "-h", "--version", "-V"):
            self.assertEqual(self.run_it(option).returncode, 0)


if __name__ == "__main__":
    endtoend.main(__doc__)
