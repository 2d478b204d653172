#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Outputs of a service, end to end: usage: outputs.py LASTACK [unittest arguments].

Watches real connections over the loopback interface of a network namespace of its own; disks that are full are
small ones in a mount namespace. Without root it is skipped (77).
"""

import csv
import fcntl
import glob
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time

import endtoend
from endtoend import Test

INSIDE = "LASTACK_OUTPUTS_TEST"
COLUMNS = "client_port,close,record_end,first_packet"
HEAD = COLUMNS.encode() + b"\n"


class Outputs(Test):
    def setUp(self):
        super().setUp()
        os.chmod(self.folder, 0o777)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(self.listener.close)

    def start(self, *arguments, **options):
        """The program, once it watches."""
        process = subprocess.Popen(
            [endtoend.LASTACK, "-i", "lo", "--time-wait=0.2", "--columns=" + COLUMNS, *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.wait_for(lambda: b"0003" in self.read("/proc/net/packet") or process.poll() is not None)
        time.sleep(1)  # from its socket to its first look at a packet
        self.assertIsNone(process.poll(), "it does not watch")
        return process

    def wait_for(self, condition, seconds=20):
        end = time.monotonic() + seconds
        while not condition():
            self.assertLess(time.monotonic(), end, "it does not happen")
            time.sleep(0.02)

    def connect(self):
        client = socket.create_connection(self.listener.getsockname())
        server, (_, port) = self.listener.accept()
        return client, server, port

    def graceful(self):
        """A connection, from its begin to its end. Its client's port."""
        client, server, port = self.connect()
        client.close()
        server.close()
        return port

    def ports(self, *paths):
        """Of all rows, after looking whether all is whole."""
        ports = []
        for path in paths:
            content = self.read(path)
            self.assertTrue(content.startswith(HEAD), (path, content[:100]))
            self.assertTrue(content.endswith(b"\n"))
            for row in csv.reader(content.decode().splitlines()[1:]):
                self.assertEqual(len(row), 4)
                ports.append(int(row[0]))
        return ports

    def has(self, path, *ports):
        return os.path.exists(path) and self.read(path).startswith(HEAD) and set(ports) <= set(self.ports(path))

    def end(self, process, status=0, number=signal.SIGTERM):
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, status, err)
        return out.decode(), err.decode()

    def test_a_row_is_there_soon_after_its_end(self):
        path = self.path("a.csv")
        process = self.start("--csv=" + path)
        port = self.graceful()
        began = time.monotonic()
        self.wait_for(lambda: self.has(path, port))
        self.assertLess(time.monotonic() - began, 0.2 + 1 + 2)  # TIME-WAIT, the second, and a slow machine
        self.end(process)

    def test_sigterm_writes_what_is_open_then_the_summary(self):
        for number in signal.SIGTERM, signal.SIGINT:
            path = self.path(f"{number}.csv")
            process = self.start("--csv=" + path)
            client, server, port = self.connect()
            time.sleep(0.5)
            out, err = self.end(process, number=number)
            client.close()
            server.close()
            self.assertIn(b"%d,open,end,1\n" % port, self.read(path))
            self.assertIn("open", out)
            self.assertEqual(err, "")

    def test_sighup_without_a_file_ends_it(self):
        process = self.start("--csv", "-q")
        port = self.graceful()
        time.sleep(0.5)
        out, err = self.end(process, number=signal.SIGHUP)
        self.assertIn(f"{port},graceful", out)
        self.assertEqual(err, "")

    def test_sighup_opens_again_after_a_move(self):
        path, moved, events = self.path("a.csv"), self.path("a.csv.1"), self.path("events")
        process = self.start("-q", "--csv=" + path, "--events=" + events)
        first = self.graceful()
        self.wait_for(lambda: self.has(path, first))
        os.rename(path, moved)
        os.rename(events, events + ".1")
        second = self.graceful()  # until the signal all goes where it went
        self.wait_for(lambda: self.has(moved, first, second))
        process.send_signal(signal.SIGHUP)
        self.wait_for(lambda: os.path.exists(path) and self.read(path) == HEAD)
        third = self.graceful()
        self.wait_for(lambda: self.has(path, third))
        process.send_signal(signal.SIGHUP)  # nobody moved it
        time.sleep(0.5)
        fourth = self.graceful()
        time.sleep(0.5)
        self.assertEqual(self.end(process), ("", ""))
        self.assertEqual(self.ports(moved), [first, second])
        self.assertEqual(self.ports(path), [third, fourth])
        for name, ports in ((events + ".1", {first, second}), (events, {third, fourth})):
            lines = [json.loads(line) for line in self.read(name).splitlines()]
            self.assertEqual({line["client_port"] for line in lines}, ports)

    def test_a_new_file_every_second_and_the_last_three_are_kept(self):
        process = self.start("-q", "--csv=" + self.path("%H%M%S.csv"), "--rotate=1s", "--keep=3")
        self.path("0.csv", b"not ours")
        ports = []
        for _ in range(30):
            ports.append(self.graceful())
            time.sleep(0.2)
        self.assertEqual(self.end(process), ("", ""))
        os.unlink(self.path("0.csv"))
        files = sorted(glob.glob(self.path("*.csv")))
        self.assertEqual(len(files), 3)
        found = self.ports(*files)
        self.assertEqual(found, ports[-len(found):])
        self.assertGreater(len(found), 5)
        # Those that are begun by another run count.
        process = self.start("-q", "--csv=" + self.path("%H%M%S.csv"), "--rotate=1h", "--keep=2")
        self.end(process)
        self.assertEqual(len(glob.glob(self.path("*.csv"))), 2)

    def test_files_of_a_kilobyte(self):
        process = self.start("-q", "--csv=" + self.path("%Y.csv"), "--rotate=1K")
        ports = [self.graceful() for _ in range(200)]
        time.sleep(1)
        self.assertEqual(self.end(process), ("", ""))
        files = sorted(glob.glob(self.path("*.csv")), key=lambda name: [int(n) for n in name.split(".")[1:-1]])
        self.assertGreater(len(files), 3)
        self.assertEqual(sorted(self.ports(*files)), sorted(ports))
        self.assertTrue(all(900 < os.path.getsize(name) <= 1024 for name in files[:-1]))

    def test_a_run_adds_to_the_file_of_the_one_before(self):
        path = self.path("a.csv")
        ports = []
        for _ in range(2):
            process = self.start("-q", "--csv=" + path)
            ports.append(self.graceful())
            time.sleep(0.5)
            self.end(process)
        self.assertEqual(self.ports(path), ports)
        done = self.run_it("-i", "lo", "--count=1", "--csv=" + path)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr.decode(), f"lastack: {path}: holds something else (rows with other columns?), "
                                               "and nothing is added to it\n")
        self.assertEqual(self.ports(path), ports)

    def test_a_file_is_written_by_one_only(self):
        path, other = self.path("a.csv"), self.path("other.csv")
        process = self.start("-q", "--csv=" + path)
        first = self.graceful()
        self.wait_for(lambda: self.has(path, first))
        done = self.run_it("-i", "lo", "--count=1", "--columns=" + COLUMNS, "--csv=" + path)
        self.assertEqual((done.returncode, done.stderr.decode()),
                         (1, f"lastack: {path}: is being written by another lastack\n"))
        # Behind the door too: both what nobody moved, and what another has made in its place.
        process.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        second = self.graceful()
        self.wait_for(lambda: self.has(path, second))
        os.rename(path, other)
        with open(path, "wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            process.send_signal(signal.SIGHUP)
            third = self.graceful()
            self.wait_for(lambda: self.has(other, third))
        self.wait_for(lambda: self.read(path) == HEAD)
        with open(path, "rb") as file, self.assertRaises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        out, err = self.end(process)
        self.assertEqual((out, err), ("", f"lastack: {path}: no other file can be opened, rows still go here: {path} "
                                          "is being written by another lastack\n"))
        self.assertEqual(self.ports(other), [first, second, third])

    def test_two_names_of_one_file(self):
        path = self.path("a.csv")
        other = os.path.join(self.folder, ".", "a.csv")
        done = self.run_it("-i", "lo", "--count=1", "--csv=" + path, "--json=" + other)
        self.assertEqual((done.returncode, done.stderr.decode()),
                         (1, f"lastack: {other}: is given for two outputs\n"))

    def opener(self, process):
        """The process that opens its files."""
        for path in glob.glob("/proc/[0-9]*/stat"):
            try:
                name, state = self.read(path).decode().split("(", 1)[1].rsplit(") ", 1)
            except OSError:
                continue  # it has ended meanwhile
            if name == "lastack-opener" and int(state.split()[1]) == process.pid:
                return int(path.split("/")[2])
        return self.fail("nobody opens files")

    def test_without_an_opener_files_that_follow_one_another_end(self):
        process = self.start("--csv=" + self.path("%Y.csv"), "--rotate=1d")
        first = self.graceful()
        time.sleep(0.5)
        client, server, port = self.connect()
        time.sleep(0.5)
        os.kill(self.opener(process), signal.SIGKILL)
        out, err = process.communicate(timeout=20)  # by itself
        client.close()
        server.close()
        self.assertEqual((process.returncode, err.decode()), (
            1, "lastack: the process that opens files has ended: files cannot follow one another any more\n"))
        files = glob.glob(self.path("*.csv"))
        self.assertEqual(len(files), 1)
        self.assertEqual(self.ports(*files), [first, port])
        self.assertIn(b"%d,open,end,7\n" % port, self.read(files[0]))
        self.assertIn(b"open", out)

    def test_without_an_opener_a_single_file_goes_on(self):
        path = self.path("a.csv")
        process = self.start("-q", "--csv=" + path)
        os.kill(self.opener(process), signal.SIGKILL)
        time.sleep(0.5)
        port = self.graceful()
        self.wait_for(lambda: self.has(path, port))
        self.assertEqual(self.end(process, status=1), (
            "", "lastack: the process that opens files has ended: files cannot be opened again\n"))

    def test_a_folder_that_is_removed(self):
        folder = self.path("folder")
        os.mkdir(folder)
        process = self.start("-q", "--csv=" + os.path.join(folder, "%H%M%S.csv"), "--rotate=1s")
        # A file may be made in it meanwhile.
        self.wait_for(lambda: shutil.rmtree(folder, ignore_errors=True) or not os.path.exists(folder))
        for _ in range(20):
            self.graceful()
            time.sleep(0.1)
        out, err = self.end(process, status=1)
        self.assertEqual(out, "")
        self.assertEqual(err.count("\n"), 1, err)
        self.assertIn("rows go into a file that has no name any more", err)

    def disk(self):
        """A disk of 64 KiB that is full but for a page, and what makes it so."""
        disk = self.path("disk")
        os.mkdir(disk)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=777", "none", disk], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", disk], check=True)
        filler = os.path.join(disk, "filler")
        with open(filler, "wb") as file:
            file.write(bytes(60 * 1024))
        return disk, filler

    def test_a_full_disk_does_not_end_it(self):
        disk, filler = self.disk()
        path = os.path.join(disk, "a.csv")
        process = self.start("--csv=" + path)
        ports = [self.graceful() for _ in range(300)]
        self.wait_for(lambda: os.path.getsize(path) > 4000)
        time.sleep(1.5)
        early = self.ports(path)
        self.assertLess(len(early), 300)
        ports.append(self.graceful())
        os.unlink(filler)
        self.wait_for(lambda: self.has(path, ports[-1]))
        self.assertEqual(sorted(self.ports(path)), sorted(ports))
        out, err = self.end(process)
        self.assertIn("301", out)
        self.assertEqual(err, f"lastack: {path}: No space left on device; tried again every second, rows are held "
                              f"meanwhile\nlastack: {path}: there is room again; 0 rows were lost\n")

    def test_rows_that_a_full_disk_cost_are_told_at_the_end(self):
        disk, _ = self.disk()
        path = os.path.join(disk, "a.csv")
        process = self.start("--csv=" + path)
        for _ in range(300):
            self.graceful()
        time.sleep(1.5)
        out, err = self.end(process, status=1)
        lost = 300 - len(self.ports(path))
        self.assertGreater(lost, 50)
        self.assertTrue(err.endswith(f"lastack: {path}: {lost} rows were lost\n"), err)
        self.assertEqual(err.count("\n"), 2)
        self.assertIn("300", out)

    def test_files_that_must_not_grow_do_not_kill_it(self):
        path = self.path("a.csv")
        process = self.start("-q", "--csv=" + path,
                             preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)))
        for _ in range(100):
            self.graceful()
        self.wait_for(lambda: os.path.exists(path) and os.path.getsize(path) > 900)
        time.sleep(0.5)
        _, err = self.end(process, status=1)
        self.assertIn("File too large", err)
        self.assertLessEqual(len(self.read(path)), 1000)
        self.assertGreater(len(self.ports(path)), 20)


def main():
    if os.geteuid() != 0:
        print("not root: no namespace to watch")
        sys.exit(77)
    if b"--interface" not in subprocess.run([*sys.argv[1:2], "--help"], stdout=subprocess.PIPE, check=False).stdout:
        print("interfaces cannot be watched yet")
        sys.exit(77)
    if INSIDE not in os.environ:
        os.environ[INSIDE] = "1"
        os.execvp("unshare", ["unshare", "--net", "--mount", sys.executable, "-B", *sys.argv])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    endtoend.main(__doc__)


if __name__ == "__main__":
    main()
