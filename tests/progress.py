#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The line that says how far reading is: usage: progress.py LASTACK GENERATE [unittest arguments]."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import threading
import time

import endtoend
from endtoend import Test
from frames import Capture

GENERATE = ""
WIPE = b"\r\x1b[K"
LINE = re.compile(rb"(\d+|<1|>99) %, [\d,]+ packets/s(, [^\r\x1b]+ left)?")


class Progress(Test):
    def setUp(self):
        super().setUp()
        self.capture = self.path("many.pcap")
        subprocess.run([GENERATE, "--connections=20000", self.capture], check=True, stderr=subprocess.DEVNULL)

    def watch(self, *arguments, stall=1.3, columns=100, term="xterm", rows_on_terminal=False, **options):
        """What a terminal got as standard error; rows go to a pipe that nobody reads for 'stall' seconds."""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        shown = []

        def drain():
            try:
                while chunk := os.read(master, 65536):
                    shown.append(chunk)
            except OSError:
                pass

        process = subprocess.Popen(
            [endtoend.LASTACK, "--csv", "--time-wait=0.000001", *arguments], stderr=slave,
            stdout=slave if rows_on_terminal else subprocess.PIPE, env={"PATH": os.environ["PATH"], "TERM": term},
            **options)
        os.close(slave)
        reader = threading.Thread(target=drain)
        reader.start()
        if not rows_on_terminal:
            time.sleep(stall)
            process.stdout.read()
            process.stdout.close()
        status = process.wait(60)
        reader.join(60)
        os.close(master)
        return status, b"".join(shown)

    def test_it_is_shown_and_wiped(self):
        for threads in ("1", "2", "4"):
            status, shown = self.watch("--threads=" + threads, self.capture)
            self.assertEqual(status, 0)
            lines = shown.split(WIPE)
            self.assertGreater(len(lines), 2, shown)
            self.assertEqual(lines[0], b"")
            for line in lines[1:-1]:
                self.assertTrue(LINE.fullmatch(line), line)
            self.assertIn(b"connections", lines[-1])  # the summary, where the line was
            self.assertFalse(LINE.search(lines[-1]))

    def test_a_narrow_terminal(self):
        _, shown = self.watch("--threads=2", self.capture, columns=12)
        lines = shown.split(WIPE)
        self.assertGreater(len(lines), 2, shown)
        for line in lines[1:-1]:
            self.assertEqual(len(line), 11)

    def test_a_complaint_wipes_it(self):
        """It would stand behind the line."""
        with open(self.capture, "r+b") as file:
            file.truncate(os.path.getsize(self.capture) - 5)
        status, shown = self.watch("--threads=2", self.capture)
        self.assertEqual(status, 1)
        self.assertRegex(shown, rb"left" + re.escape(WIPE) + rb"lastack: [^\n]*the file ends in the middle")

    def test_it_is_not_shown(self):
        with open(self.capture, "rb") as file:
            content = file.read()
        reader, writer = os.pipe()

        def feed():
            with os.fdopen(writer, "wb") as file:
                file.write(content)

        threading.Thread(target=feed, daemon=True).start()
        with os.fdopen(reader, "rb") as pipe:
            self.assertNotIn(b"packets/s", self.watch("-", stdin=pipe)[1])
        with open(self.capture, "rb") as file:
            self.assertIn(b"packets/s", self.watch("-", stdin=file)[1])
        small = self.path("small.pcap", Capture().graceful(0, 1001).pcap())
        for arguments, options in ((["-q", self.capture], {}), ([self.capture], {"term": "dumb"}),
                                   ([self.capture], {"rows_on_terminal": True}), ([small], {"stall": 0})):
            with self.subTest(arguments=arguments, options=options):
                status, shown = self.watch(*arguments, **options)
                self.assertEqual(status, 0)
                self.assertNotIn(b"packets/s", shown)
                self.assertNotIn(b"\x1b[K", shown)
        process = subprocess.Popen([endtoend.LASTACK, "--csv", "--time-wait=0.000001", self.capture],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(1.3)
        _, errors = process.communicate(timeout=60)
        self.assertNotIn(b"packets/s", errors)


def main():
    global GENERATE
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    GENERATE = os.path.abspath(sys.argv.pop(2))
    endtoend.main(__doc__)


main()
