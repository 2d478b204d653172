#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What signals do to the built program: usage: signals.py LASTACK [unittest arguments]."""

import fcntl
import os
import signal
import struct
import subprocess
import termios
import time

import endtoend
from endtoend import Test
from frames import Capture


class Signals(Test):
    def start(self, *arguments, **options):
        def reset():
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)

        process = subprocess.Popen([endtoend.LASTACK, *arguments], stderr=subprocess.PIPE, preexec_fn=reset, bufsize=0,
                                   **options)
        self.addCleanup(process.kill)
        return process

    def wait_until_read(self, pipe):
        """Until all of the pipe was read; then the reader soon waits for more."""
        for _ in range(1000):
            waiting = struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))[0]
            if waiting == 0:
                time.sleep(0.3)
                return
            time.sleep(0.02)
        self.fail("the program does not read")

    def wait_until_it_sleeps_in_write(self, pid):
        for _ in range(1000):
            try:
                with open(f"/proc/{pid}/syscall", encoding="ascii") as file:
                    if file.read().startswith("1 "):
                        return
            except PermissionError:
                self.skipTest("only root may look into the program when it has locked itself up")
            time.sleep(0.02)
        self.skipTest("no x86-64 /proc/PID/syscall to see when it writes")

    def interrupted(self, number):
        process = self.start("--csv", "--columns=client_port,record_end", "-", stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE)
        process.stdin.write(Capture().graceful(0, 1001).pcap() + b"half a")
        self.wait_until_read(process.stdin)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0)
        self.assertEqual(out, b"client_port,record_end\n1001,end\n")
        self.assertNotIn(b"lastack:", err)
        self.assertIn(b"graceful", err)

    def test_sigint_finishes_the_report(self):
        self.interrupted(signal.SIGINT)

    def test_sigint_finishes_a_summary_alone(self):
        """Then the reading has a thread of its own, which waits for the pipe."""
        process = self.start("-", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        process.stdin.write(Capture().graceful(0, 1001).pcap() + b"half a")
        self.wait_until_read(process.stdin)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        self.assertEqual((process.returncode, err), (0, b""))
        self.assertIn(b"graceful", out)
        self.assertIn(b"nterrupted", out)

    def test_sigterm_finishes_the_report(self):
        self.interrupted(signal.SIGTERM)

    def test_a_write_that_a_signal_interrupts_goes_on_and_a_second_signal_kills(self):
        capture = Capture()
        for port in range(1000, 3000):
            capture.graceful((port - 1000) / 100, port)  # so that all rows are written at the end
        name = self.path("a.pcap", capture.pcap())
        for signals in (1, 2):
            reader, writer = os.pipe()
            size = fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
            os.write(writer, bytes(size))  # full: the program waits before its first byte
            process = self.start("-q", "--csv", name, stdout=writer)
            os.close(writer)
            self.wait_until_it_sleeps_in_write(process.pid)
            for _ in range(signals):
                process.send_signal(signal.SIGINT)
                time.sleep(0.3)
            with os.fdopen(reader, "rb") as pipe:
                out = pipe.read()[size:]
            self.assertEqual(process.wait(60), 0 if signals == 1 else -signal.SIGINT)
            self.assertEqual(process.stderr.read(), b"")
            process.stderr.close()
            self.assertEqual(out.count(b"\n"), 2001 if signals == 1 else 0)

    def test_an_ignored_sigint_stays_ignored(self):
        process = subprocess.Popen([endtoend.LASTACK, "-q", "--csv", "--columns=last_packet", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN), bufsize=0)
        whole = Capture().graceful(0, 1001).pcap()
        process.stdin.write(whole[:-10])
        self.wait_until_read(process.stdin)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(whole[-10:], timeout=60)
        self.assertEqual(out, b"last_packet\n6\n")
        self.assertEqual(process.returncode, 0)


if __name__ == "__main__":
    endtoend.main(__doc__)
