#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What --pcap writes: read back, it says of every connection what the whole capture said.

usage: slices.py LASTACK CAPTURES SHARED [unittest arguments]
"""

import errno
import fcntl
import json
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest

from frames import ACK, FIN, START, SYN, Capture, checksum

LASTACK = CAPTURES = SHARED = ""

# Packets have other numbers in a slice, and the file another name.
RENUMBERED = {"first_packet", "last_packet", "closing_packet", "trigger_packet", "evidence", "source"}
# Some things last until the capture ends, and a slice ends with its last packet.
UNTIL_THE_END = {"time_wait", "time_wait_left", "time_wait_held", "client_close_wait", "server_close_wait",
                 "client_fin_wait_2", "server_fin_wait_2", "client_state", "server_state", "record_end"}
# Fractions of a microsecond that a file of microseconds cannot have: its times are none.
IMPOSSIBLE_TIMES = {"tcpdump-timestamp_invalid_micro.pcap"}


def read_pcapng(content):
    """The frames of what --pcap writes, as (interface's name, link type, ns, length, bytes)."""
    frames, interfaces, at = [], [], 0
    while at < len(content):
        kind, length = struct.unpack_from("=II", content, at)
        body = content[at + 8:at + length - 4]
        assert struct.unpack_from("=I", content, at + length - 4)[0] == length and length % 4 == 0
        if kind == 1:
            interfaces.append(read_interface(body))
        elif kind == 6:
            number, high, low, captured, sent = struct.unpack_from("=IIIII", body)
            name, link, unit = interfaces[number]
            frames.append((name, link, (high << 32 | low) * unit, sent, body[20:20 + captured]))
        else:
            assert kind == 0x0A0D0D0A and at == 0
        at += length
    return frames


def read_interface(body):
    link, name, unit, at = struct.unpack_from("=H", body)[0], "", 1000, 8
    while at < len(body):
        code, length = struct.unpack_from("=HH", body, at)
        value = body[at + 4:at + 4 + length]
        if code == 2:
            name = value.decode()
        elif code == 9:
            unit = 10 ** (9 - value[0])
        at += 4 + (length + 3) // 4 * 4
    return name, link, unit


def read_pcap(content):
    """The frames of a little endian pcap file in microseconds, as above."""
    link = struct.unpack_from("<I", content, 20)[0]
    frames, at = [], 24
    while at + 16 <= len(content):
        seconds, micro, captured, sent = struct.unpack_from("<IIII", content, at)
        frames.append((link, seconds * 10**9 + micro * 1000, sent, content[at + 16:at + 16 + captured]))
        at += 16 + captured
    return frames


def fragments(frame, size):
    """An Ethernet frame with an IPv4 packet as several, each with so many bytes of its payload."""
    ethernet, header, payload = frame[:14], frame[14:34], frame[34:]
    for at in range(0, len(payload), size):
        piece = payload[at:at + size]
        more = 0x2000 if at + size < len(payload) else 0
        ip = header[:2] + struct.pack(">H", 20 + len(piece)) + header[4:6]
        ip += struct.pack(">H", at // 8 | more) + header[8:10] + b"\0\0" + header[12:]
        yield ethernet + ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:] + piece


def comparable(row):
    """A row without what depends on packet numbers, or on when the capture ends."""
    row = {k: v for k, v in row.items() if k not in RENUMBERED | UNTIL_THE_END}
    for states in ("client_states", "server_states"):
        row[states] = row[states] and row[states].replace("TIME-WAIT>CLOSED", "TIME-WAIT")
    if row["cause"] == "syn-recovery":
        row["confidence"] = None # it is more sure where the next connection on the pair is there, too
    return row


class Test(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="lastack-slices-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.out = self.path("out.pcapng")

    def path(self, name, content=None):
        path = os.path.join(self.folder, name)
        if content is not None:
            pathlib.Path(path).write_bytes(content)
        return path

    def run_it(self, *arguments, **options):
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, **options}
        if "input" in options:
            del options["stdin"]
        return subprocess.run([LASTACK, "-q", *arguments], stderr=subprocess.PIPE, timeout=120, check=False, **options)

    def rows(self, *arguments, **options):
        done = self.run_it("--json", *arguments, **options)
        rows = [json.loads(line) for line in done.stdout.decode().splitlines()]
        self.said = done.stderr.decode()
        return sorted((comparable(row) for row in rows), key=str)

    def slice(self, *arguments, errors="", status=0, **options):
        done = self.run_it(f"--pcap={self.out}", *arguments, **options)
        self.assertEqual(done.stderr.decode(), errors)
        self.assertEqual(done.returncode, status)
        return read_pcapng(pathlib.Path(self.out).read_bytes())


class EveryCapture(Test):
    """Each capture as a whole, and each close in it by itself."""

    def check(self, expected, *arguments):
        self.run_it(f"--pcap={self.out}", *arguments)
        self.assertEqual(self.rows(self.out), expected, arguments)
        self.assertEqual(self.said, "", arguments)

    def check_all(self, folder, pattern):
        names = sorted(str(path) for path in pathlib.Path(folder).glob(pattern))
        for name in names:
            if os.path.basename(name) in IMPOSSIBLE_TIMES or name.endswith(".tsv"):
                continue
            with self.subTest(name):
                rows = self.rows(name)
                self.check(rows, name)
                closes = {row["close"] for row in rows}
                for close in closes if len(closes) > 1 else ():
                    self.check([row for row in rows if row["close"] == close], f"--only={close}", name)
        return names

    def test_recordings(self):
        self.assertGreater(len(self.check_all(CAPTURES, "*.pcap")), 10)

    def test_public_captures(self):
        if not os.path.exists(SHARED + "/captures"):
            self.skipTest(f"no {SHARED}")
        self.assertGreater(len(self.check_all(SHARED + "/captures", "*")), 100)


def is_part(part, whole):
    rest = iter(whole)
    return all(any(frame == other for other in rest) for frame in part)


class Frames(Test):
    def two(self):
        """A connection that is closed and one that is reset, interleaved, with other packets between."""
        capture = Capture().graceful(0, 1001).reset(0.0005, 1002)
        for i in range(8):
            capture.udp(0.0015 * i)
        return capture.sort()

    def test_order_bytes_and_times_are_the_frames_own(self):
        capture = self.two()
        name = self.path("in.pcap", capture.pcap())
        whole = read_pcap(capture.pcap())
        frames = self.slice(name)
        self.assertEqual(len(frames), 10)
        self.assertTrue(is_part([frame[1:] for frame in frames], whole))
        self.assertEqual({frame[0] for frame in frames}, {name})
        reset = self.slice("--only=reset", name)
        self.assertEqual(len(reset), 4)
        self.assertTrue(is_part(reset, frames))

    def test_nanoseconds(self):
        name = self.path("in.pcap", Capture().graceful(0.000000123, 1001).pcap(nanoseconds=True))
        self.assertEqual(self.slice(name)[0][2], START * 10**9 + 123)

    def test_snap_length(self):
        capture = Capture().graceful(0, 1001)
        cut = capture.pcap()[:24]
        for _, at, sent, frame in read_pcap(capture.pcap()):
            cut += struct.pack("<IIII", at // 10**9, at % 10**9 // 1000, 54, sent + 7) + frame[:54]
        frames = self.slice(self.path("in.pcap", cut))
        self.assertEqual({(sent, len(frame)) for _, _, _, sent, frame in frames}, {(61, 54)})

    def test_several_inputs_are_interfaces(self):
        names = [self.path("a.pcap", Capture().graceful(0, 1001).pcap()),
                 self.path("b.pcap", Capture().graceful(0.0005, 1002).pcap(nanoseconds=True))]
        frames = self.slice(*names)
        self.assertEqual(len(frames), 12)
        self.assertEqual({frame[0] for frame in frames}, set(names))
        self.assertEqual([frame[2] for frame in frames], sorted(frame[2] for frame in frames))

    def test_icmp_errors_that_quote_a_connection(self):
        capture = Capture()
        capture.tcp(0, ("192.0.2.1", 1001), ("192.0.2.2", 80), SYN, 100)
        capture.icmp_error(0.01)
        capture.udp(0.02)
        capture.icmp_error(0.03)
        self.assertEqual(len(self.slice(self.path("in.pcap", capture.pcap()))), 2)

    def test_frames_seen_twice_up_to_the_last(self):
        capture = Capture().graceful(0, 1001)
        capture.records = [twin for at, frame in capture.records for twin in ((at, frame), (at + 0.0001, frame))]
        frames = self.slice(self.path("in.pcap", capture.pcap()))
        self.assertEqual(len(frames), 12)

    def test_a_pair_used_again(self):
        capture = Capture().graceful(0, 1001)
        capture.reset(100, 1001)
        name = self.path("in.pcap", capture.pcap())
        self.assertEqual(len(self.slice(name)), 10)
        self.assertEqual([frame[2] // 10**9 - START for frame in self.slice("--only=reset", name)], [100] * 4)

    def test_a_filter(self):
        capture = Capture().graceful(0, 1001).graceful(1, 1002)
        name = self.path("in.pcap", capture.pcap())
        self.assertEqual(len(self.slice("-f", "port 1002", name)), 6)
        self.assertEqual(self.rows("-f", "port 1002", name), self.rows(self.out))

    def test_what_is_explained(self):
        name = self.path("in.pcap", self.two().pcap())
        reset = self.slice("--only=reset", name)
        first = next(i for i, frame in enumerate(self.two().records, 1) if frame[1] == reset[0][4])
        self.assertEqual(self.slice("--explain=192.0.2.10:1002", name), reset)
        self.assertEqual(self.slice(f"--explain={first}", name), reset)
        self.assertEqual(len(self.slice("--explain=192.0.2.10:1002", "--explain=192.0.2.10:1001", name)), 10)
        self.assertEqual(self.slice("--explain=192.0.2.10", "--only=reset", name), reset)

    def test_nothing_selected_is_an_empty_capture(self):
        name = self.path("in.pcap", Capture().graceful(0, 1001).pcap())
        self.assertEqual(self.slice("--only=refused", name), [])
        self.assertEqual(self.run_it(self.out).returncode, 0)

    def test_a_damaged_input(self):
        content = self.two().pcap()
        name = self.path("in.pcap", content[:-9])
        done = self.run_it(f"--pcap={self.out}", name)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(len(done.stderr.decode().splitlines()), 1)
        frames = read_pcapng(pathlib.Path(self.out).read_bytes())
        self.assertTrue(is_part([frame[1:] for frame in frames], read_pcap(content)))
        self.assertGreaterEqual(len(frames), 9)


class Fragments(Test):
    def capture(self, *names):
        """Three connections with requests in fragments; the frames, with the connection each is of."""
        frames = []
        for i, port in enumerate((1001, 1002, 1003)):
            capture = Capture()
            capture.ip_id = 1000 * i
            client, server = ("192.0.2.10", port), ("192.0.2.80", 80)
            capture.handshake(0.01 * i, client, server)
            for j in range(4):
                capture.tcp(0.1 + 0.01 * j + 0.001 * i, client, server, ACK, 101 + 300 * j, 501, b"x" * 300)
                at, whole = capture.records.pop()
                pieces = list(fragments(whole, 96))
                order = pieces if j % 2 else pieces[::-1]
                capture.records += [(at + 0.0002 * k, piece) for k, piece in enumerate(order)]
            if i == 1:
                capture.tcp(0.5, server, client, 4, 501)
            else:
                capture.tcp(0.5, client, server, FIN | ACK, 1301, 501)
                capture.tcp(0.51, server, client, FIN | ACK, 501, 1302)
                capture.tcp(0.52, client, server, ACK, 1302, 502)
            frames += [(at, frame, port) for at, frame in capture.records]
        return sorted(frames, key=lambda frame: frame[0])

    def write(self, frames):
        capture = Capture()
        capture.records = [frame[:2] for frame in frames]
        return self.path("in.pcap", capture.pcap())

    def test_all_fragments_of_those_selected(self):
        frames = self.capture()
        name = self.write(frames)
        got = self.slice("--only=reset", name)
        self.assertEqual([frame[4] for frame in got], [frame for _, frame, port in frames if port == 1002])
        self.assertEqual(len(got), 3 + 4 * 4 + 1)
        self.assertEqual(len(self.slice(name)), len(frames))
        # A filter on ports knows only first fragments; all of them come.
        self.assertEqual(len(self.slice("-f", "port 1002", name)), 3 + 4 * 4 + 1)

    def test_fragments_seen_twice(self):
        frames = [twin for frame in self.capture() for twin in (frame, frame)]
        name = self.write(frames)
        self.slice("--only=reset", name)
        self.assertEqual(self.rows("--only=reset", name), self.rows(self.out))

    def test_fragments_that_never_became_whole_are_of_nobody(self):
        frames = self.capture()
        lost = next(i for i, frame in enumerate(frames) if frame[2] == 1002 and frame[0] > 0.1)
        del frames[lost]
        name = self.write(frames)
        self.assertEqual(len(self.slice("--only=reset", name)), 3 + 3 * 4 + 1)

    def test_fragments_that_were_refused(self):
        """A second try after a forged fragment: what makes the first fail must be there, too."""
        frames = self.capture()
        first = next(i for i, frame in enumerate(frames) if frame[2] == 1002 and frame[0] > 0.1)
        at, frame, port = frames[first]
        forged = frame[:34] + b"y" * (len(frame) - 34)
        frames[first:first] = [(at, frame, port), (at, forged[:-8], port)]
        name = self.write(frames)
        self.assertEqual(len(self.slice("--only=reset", name)), 3 + 4 * 4 + 1 + 2)
        self.assertEqual(self.rows("--only=reset", name), self.rows(self.out))

    def test_through_a_pipe(self):
        content = pathlib.Path(self.write(self.capture())).read_bytes()
        self.assertEqual(len(self.slice("--only=reset", "-", input=content)), 3 + 4 * 4 + 1)


class StandardInput(Test):
    def test_a_pipe_that_fits_is_read_again(self):
        content = Capture().graceful(0, 1001).reset(1, 1002).pcap()
        self.assertEqual(len(self.slice("--only=reset", "-", input=content)), 4)

    def test_a_file_is_read_again_from_where_it_stood(self):
        name = self.path("in", b"0123456789" + Capture().graceful(0, 1001).reset(1, 1002).pcap())
        with open(name, "rb") as file:
            os.lseek(file.fileno(), 10, os.SEEK_SET)
            self.assertEqual(len(self.slice("--only=reset", "-", stdin=file)), 4)

    def test_what_has_left_the_ring_is_said(self):
        capture = Capture()
        for i in range(3000):
            capture.tcp(i, ("192.0.2.10", 1000 + i), ("192.0.2.80", 80), SYN, 1, data=b"x" * 1000)
        whole = [frame[1:] for frame in read_pcap(capture.pcap())]
        done = self.run_it(f"--pcap={self.out}", "--keep-packets=1", "-", input=capture.pcap())
        got = [frame[3:] for frame in read_pcapng(pathlib.Path(self.out).read_bytes())]
        forgotten = 3000 - len(got)
        self.assertTrue(800 < len(got) < 1048576 // 1054)
        self.assertEqual(got, [frame[1:] for frame in whole][-len(got):])
        self.assertEqual(done.stderr.decode(), f"lastack: --pcap: the first {forgotten} packets of standard input "
                         "were not kept (see --keep-packets)\n")
        self.assertEqual(done.returncode, 0)


class Outputs(Test):
    def setUp(self):
        super().setUp()
        self.name = self.path("in.pcap", Capture().graceful(0, 1001).pcap())

    def test_standard_output(self):
        for option in ("--pcap", "--pcap=-"):
            done = subprocess.run([LASTACK, option, self.name], stdin=subprocess.DEVNULL, capture_output=True,
                                  timeout=60, check=False)
            self.assertEqual(len(read_pcapng(done.stdout)), 6)
            self.assertIn(b"1 connection", done.stderr) # the summary
            self.assertEqual(done.returncode, 0)

    def test_beside_rows(self):
        done = self.run_it("--json", f"--pcap={self.out}", self.name)
        self.assertEqual(len(done.stdout.splitlines()), 1)
        self.assertEqual(len(read_pcapng(pathlib.Path(self.out).read_bytes())), 6)
        self.assertEqual(self.run_it("--json", "--pcap", self.name).returncode, 2)

    def test_an_input_is_not_overwritten(self):
        before = pathlib.Path(self.name).read_bytes()
        done = self.run_it(f"--pcap={self.name}", self.name)
        self.assertEqual(done.stderr.decode(), f"lastack: {self.name}: is an input, and is not overwritten\n")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(pathlib.Path(self.name).read_bytes(), before)

    def test_a_full_disk(self):
        done = self.run_it("--pcap=/dev/full", self.name)
        self.assertEqual(done.stderr.decode(), f"lastack: /dev/full: {os.strerror(errno.ENOSPC)}\n")
        self.assertEqual(done.returncode, 1)

    def test_nobody_reads(self):
        read, write = os.pipe()
        os.close(read)
        done = self.run_it("--pcap", self.name, stdout=write)
        os.close(write)
        self.assertEqual((done.returncode, done.stderr), (1, b""))

    def test_an_older_file_is_replaced(self):
        self.path("out.pcapng", b"x" * 100000)
        self.assertEqual(len(self.slice(self.name)), 6)

    def test_no_input_leaves_an_empty_capture(self):
        name = self.path("missing")
        self.assertEqual(self.slice(name, status=1, errors=f"lastack: {name}: No such file or directory\n"), [])

    def test_an_interrupt_writes_what_was_read(self):
        read, write = os.pipe()
        with subprocess.Popen([LASTACK, "-q", f"--pcap={self.out}", "-"], stdin=read, stderr=subprocess.PIPE) as run:
            os.write(write, Capture().graceful(0, 1001).graceful(1, 1002).pcap()[:-20])
            while struct.unpack("i", fcntl.ioctl(read, termios.FIONREAD, b"\0" * 4))[0] > 0:
                time.sleep(0.01)
            os.close(read)
            time.sleep(0.5) # until it waits for more
            run.send_signal(signal.SIGINT)
            _, errors = run.communicate(timeout=60)
        os.close(write)
        self.assertEqual(errors, b"")
        self.assertEqual(len(read_pcapng(pathlib.Path(self.out).read_bytes())), 11)

    def test_wireshark_reads_it(self):
        if not shutil.which("capinfos") or not shutil.which("tshark"):
            self.skipTest("no capinfos, no tshark")
        names = [self.name, self.path("raw.pcap", b"")]
        raw = Capture().graceful(0.1, 1002)
        raw.records = [(at, frame[14:]) for at, frame in raw.records]
        self.path("raw.pcap", raw.pcap(link=101, nanoseconds=True))
        self.slice(*names)
        infos = subprocess.run(["capinfos", "-c", "-M", self.out], capture_output=True, text=True, check=True)
        self.assertRegex(infos.stdout, r"Number of packets: *12\n")
        frames = subprocess.run(["tshark", "-r", self.out, "-T", "fields", "-e", "frame.interface_name", "-e", "tcp.port"],
                                capture_output=True, text=True, check=True).stdout.splitlines()
        self.assertEqual(len(frames), 12)
        self.assertEqual({line.split("\t")[0] for line in frames}, set(names))
        self.assertTrue(all(line.split("\t")[1] for line in frames))


if __name__ == "__main__":
    LASTACK, CAPTURES, SHARED = sys.argv[1:4]
    unittest.main(argv=sys.argv[:1] + sys.argv[4:])
