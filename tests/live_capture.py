#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The built program watches real sockets on a wire between two network namespaces.

usage: live_capture.py LASTACK [unittest arguments]

Needs root; skipped (exit 77) without."""

import contextlib
import csv
import ctypes
import io
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time

import endtoend
from endtoend import Test

SKIPPED = 77
CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)
HERE, THERE = "192.0.2.1", "192.0.2.2"
LINGER_NONE = struct.pack("ii", 1, 0)


def own_network():
    """With nobody in it who sends anything by himself."""
    if LIBC.unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    for each in ("all", "default"):
        with contextlib.suppress(FileNotFoundError):
            pathlib.Path(f"/proc/sys/net/ipv6/conf/{each}/disable_ipv6").write_text("1", encoding="ascii")


def ip(command):
    subprocess.run(["ip", *command.split()], check=True)


def watching():
    """How many packet sockets of this network get packets."""
    lines = pathlib.Path("/proc/net/packet").read_text().splitlines()
    running = lines[0].split().index("R")
    return sum(line.split()[running] == "1" for line in lines[1:])


class Live(Test):
    def setUp(self):
        super().setUp()
        # A process whose network is the wire's other end.
        self.other = subprocess.Popen(["sleep", "600"], preexec_fn=own_network)
        self.addCleanup(self.other.communicate)
        self.addCleanup(self.other.kill)
        pid = self.other.pid
        ip(f"link add here type veth peer name there netns {pid}")
        self.addCleanup(subprocess.run, ["ip", "link", "delete", "here"], stderr=subprocess.DEVNULL, check=False)
        ip(f"address add {HERE}/24 dev here")
        ip("link set here up")
        ip("link set lo up")
        with self.beyond():
            ip(f"address add {THERE}/24 dev there")
            ip("link set there up")

    @contextlib.contextmanager
    def beyond(self):
        """In the other network; what sockets are made there stay there."""
        with open("/proc/self/ns/net", "rb") as back, open(f"/proc/{self.other.pid}/ns/net", "rb") as network:
            self.assertEqual(LIBC.setns(network.fileno(), CLONE_NEWNET), 0)
            try:
                yield
            finally:
                self.assertEqual(LIBC.setns(back.fileno(), CLONE_NEWNET), 0)

    def watch(self, *arguments, program=None, sockets=1, rows=("--csv",), stdout=subprocess.PIPE):
        """The program, as soon as it watches with so many sockets."""
        command = [*(program or [endtoend.LASTACK]), *rows, "-q", *arguments]
        process = subprocess.Popen(command, stdout=stdout, stderr=subprocess.PIPE, text=True,
                                   env={"PATH": os.environ["PATH"]})
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        until = time.monotonic() + 30
        while watching() < sockets:
            self.assertIsNone(process.poll(), process.stderr)
            self.assertLess(time.monotonic(), until)
            time.sleep(0.02)
        time.sleep(0.3)
        return process

    def end(self, process, status=0, errors="", number=signal.SIGINT):
        """The rows, by the server's port; a signal ends the program, None: it has to end by itself."""
        time.sleep(0.2)
        if number:
            process.send_signal(number)
        out, said = process.communicate(timeout=30)
        self.assertEqual(said, errors)
        self.assertEqual(process.returncode, status)
        return {int(row["server_port"]): row for row in csv.DictReader(io.StringIO(out, newline=""))}

    def connected(self, server=THERE):
        """Two ends of a new connection; the second is the server's."""
        with self.beyond() if server == THERE else contextlib.nullcontext():
            listener = socket.create_server((server, 0))
        first = socket.create_connection(listener.getsockname(), timeout=10)
        second, _ = listener.accept()
        second.settimeout(10)
        listener.close()
        for end in (first, second):
            self.addCleanup(end.close)
        return first, second

    def graceful(self, server=THERE):
        first, second = self.connected(server)
        port = first.getpeername()[1]
        first.sendall(bytes(5000))
        self.assertEqual(len(second.recv(5000, socket.MSG_WAITALL)), 5000)
        first.close()
        self.assertEqual(second.recv(1), b"")
        second.close()
        return port

    def reset(self):
        first, second = self.connected()
        port = first.getpeername()[1]
        first.sendall(b"request")
        second.recv(100)
        second.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)
        second.close()
        with self.assertRaises(ConnectionResetError):
            first.recv(1)
        return port

    def assert_both(self, rows, graceful, reset):
        self.assertEqual({port: (row["close"], row["closer"]) for port, row in rows.items()},
                         {graceful: ("graceful", "client"), reset: ("reset", "server")})

    def test_closes_are_seen(self):
        process = self.watch("-i", "here")
        graceful, reset = self.graceful(), self.reset()
        rows = self.end(process)
        self.assert_both(rows, graceful, reset)
        self.assertEqual(rows[graceful]["client_bytes"], "5000")
        self.assertNotEqual(rows[graceful]["start"][-3:], "000")

    def test_closes_only_sees_every_close(self):
        process = self.watch("-i", "here", "--closes-only")
        graceful, reset = self.graceful(), self.reset()
        self.assert_both(self.end(process), graceful, reset)

    def answered_reset(self):
        first, second = self.connected()
        port = first.getpeername()[1]
        for one, other in ((first, second), (second, first)):
            one.sendall(b"something")
            other.recv(100)
        second.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)
        second.close()
        with self.assertRaises(ConnectionResetError):
            first.recv(1)
        return port

    def test_closes_only_knows_an_answer_that_it_did_not_see(self):
        process = self.watch("-i", "here", "--closes-only")
        answered, not_answered = self.answered_reset(), self.reset()
        rows = self.end(process)
        self.assertEqual({port: row["cause"] for port, row in rows.items()},
                         {answered: "abort", not_answered: "abort-unread"})

    def test_closes_only_lists_no_bytes(self):
        process = self.watch("-i", "here", "--closes-only", "--list", rows=())
        self.graceful()
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=30)
        self.assertRegex(out, r"^graceful +client +[0-9]+\S+ +\? +\? EOF/EOF ")

    def test_an_output_that_got_nothing_is_an_error(self):
        with open("/dev/full", "wb") as device:
            process = self.watch("-i", "here", stdout=device)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)
        self.assertEqual(process.returncode, 1)

    def test_sigterm_ends_it_as_well(self):
        process = self.watch("-i", "here", "-p", "-s", "128", "-B", "2")
        port = self.graceful()
        self.assertEqual(list(self.end(process, number=signal.SIGTERM)), [port])

    def test_a_filter_chooses(self):
        with self.beyond():
            listener = socket.create_server((THERE, 0))
        wanted = listener.getsockname()[1]
        process = self.watch("-i", "here", "-f", f"port {wanted}")
        self.graceful()
        socket.create_connection(listener.getsockname(), timeout=10).close()
        listener.close()
        self.assertEqual(list(self.end(process)), [wanted])

    def test_several_interfaces_are_named(self):
        process = self.watch("-i", "here", "-i", "lo", sockets=2)
        there, loopback = self.graceful(), self.graceful("127.0.0.1")
        rows = self.end(process)
        self.assertEqual({port: row["source"] for port, row in rows.items()}, {there: "here", loopback: "lo"})

    def test_any(self):
        process = self.watch("-i", "any")
        there, loopback = self.graceful(), self.graceful("127.0.0.1")
        rows = self.end(process)
        self.assertEqual({port: (row["source"], row["close"]) for port, row in rows.items()},
                         {there: ("any", "graceful"), loopback: ("any", "graceful")})

    def test_count_and_duration(self):
        self.graceful()  # and ARP
        process = self.watch("-i", "here", "--count=3")
        port = self.graceful()
        row = self.end(process, number=None)[port]
        self.assertEqual((row["first_packet"], row["last_packet"]), ("1", "3"))
        begun = time.monotonic()
        process = self.watch("-i", "here", "--duration=1.5s")
        port = self.graceful()
        self.assertEqual(list(self.end(process, number=None)), [port])
        self.assertLess(time.monotonic() - begun, 20)

    def test_rows_come_while_nothing_passes(self):
        """The clock ends a record, not the next packet."""
        process = self.watch("-i", "here", "--time-wait=1", "--duration=20")
        port = self.graceful()
        self.assertIn("client_port", process.stdout.readline())
        begun = time.monotonic()
        self.end(process)
        self.assertLess(time.monotonic() - begun, 15)
        self.assertGreater(port, 0)

    def test_down_and_up(self):
        process = self.watch("-i", "here")
        first = self.graceful()
        ip("link set here down")
        self.assertEqual(process.stderr.readline(), "lastack: here: the interface is down; waiting for it\n")
        ip("link set here up")
        self.assertEqual(process.stderr.readline(), "lastack: here: the interface is up again\n")
        second = self.graceful()
        self.assertEqual(set(self.end(process)), {first, second})

    def test_deleted(self):
        process = self.watch("-i", "here", "-i", "lo", sockets=2)
        port = self.graceful()
        ip("link delete here")
        out, said = process.communicate(timeout=30)
        self.assertEqual(said.splitlines()[-1], "lastack: here: the interface is gone")
        self.assertEqual(process.returncode, 1)
        self.assertIn(f",{port},graceful", out)

    def test_what_finds_no_room_while_it_is_stopped_is_told(self):
        process = self.watch("-i", "lo", "-B", "1")
        process.send_signal(signal.SIGSTOP)
        for _ in range(1000):
            self.graceful("127.0.0.1")
        process.send_signal(signal.SIGCONT)
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        out, said = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0)
        rows = list(csv.DictReader(io.StringIO(out, newline="")))
        self.assertTrue(0 < len(rows) < 1000, len(rows))
        self.assertRegex(said, r"\b[1-9][0-9,]* dropped by the kernel")

    def test_what_rests_on_what_found_no_room_is_not_certain(self):
        """Also when the loss becomes known long before the packets that the kernel still holds are looked at."""
        process = self.watch("-i", "lo", "-B", "1")
        process.send_signal(signal.SIGSTOP)
        self.graceful("127.0.0.1")
        time.sleep(0.3)
        first, second = self.connected("127.0.0.1")
        port = second.getsockname()[1]
        for _ in range(1000):
            self.graceful("127.0.0.1")
        first.close()
        second.close()
        process.send_signal(signal.SIGCONT)
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
        row, = (row for row in csv.DictReader(io.StringIO(out, newline="")) if row["server_port"] == str(port))
        self.assertEqual((row["close"], row["confidence"]), ("open", "likely"))

    def test_the_summary_says_how_long_and_whether_anything_was_lost(self):
        done = self.run_it("-i", "here", "--duration", "2")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertRegex(done.stdout.decode(), r"No packets in 1 interface\.\nWatched for (1\.[89]|2(\.\d)?) s; "
                                               r"no packets were lost\.\n")

    def test_what_cannot_be_watched_makes_no_file(self):
        self.run_it("-i", "nosuch0", "--csv=" + self.path("rows.csv"))
        self.assertFalse(os.path.exists(self.path("rows.csv")))

    def test_no_such_interface(self):
        done = self.fails(1, "lastack: nosuch0: there is no such interface (lastack -D lists them)\n", "-i", "nosuch0")
        self.assertEqual(done.stdout, b"")

    def unprivileged(self, *more):
        """As nobody, from where nobody may read it."""
        os.chmod(self.folder, 0o755)
        copy = shutil.copy(endtoend.LASTACK, self.folder)
        return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *more, copy]

    def test_the_right_to_raw_sockets_is_enough(self):
        rights = [f"--{kind}=-all,+net_raw" for kind in ("bounding-set", "inh-caps", "ambient-caps")]
        process = self.watch("-i", "here", program=self.unprivileged(*rights))
        graceful, reset = self.graceful(), self.reset()
        self.assert_both(self.end(process), graceful, reset)

    def test_without_it_that_is_said(self):
        done = subprocess.run([*self.unprivileged("--bounding-set=-all"), "-i", "here"], capture_output=True,
                              text=True, timeout=30, check=False)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (
            1, "", "lastack: here: watching it is not permitted: that takes root, or the capability CAP_NET_RAW "
               "(setcap cap_net_raw+ep)\n"))

    def test_interfaces_are_listed(self):
        done = self.run_it("-D")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        lines = done.stdout.decode().splitlines()
        self.assertEqual([line for line in lines if line.startswith("here ")], [f"here  up      {HERE}"])
        self.assertTrue(any(line.startswith("lo ") and "127.0.0.1" in line and line.endswith("(loopback)")
                            for line in lines), lines)
        self.assertTrue(any(line.startswith("any ") for line in lines), lines)

    def test_packets_are_kept_for_a_slice(self):
        name = self.path("slice.pcapng")
        process = self.watch("-i", "here", f"--pcap={name}")
        port = self.graceful()
        self.end(process)
        row, = self.rows(name)
        self.assertEqual((row["server_port"], row["close"], row["source"]), (str(port), "graceful", name))

    def test_connections_whose_packets_are_gone_are_forgotten(self):
        name = self.path("slice.pcapng")
        process = self.watch("-i", "lo", f"--pcap={name}", "--keep-packets=1")
        for _ in range(2000):
            self.graceful("127.0.0.1")
        ports = [self.graceful("127.0.0.1") for _ in range(100)]
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
        self.assertRegex(said, r"the first \d+ packets of what was watched were not kept")
        rows = {row["server_port"]: row for row in self.rows(name)}
        self.assertLess(len(rows), 2000)
        for port in ports:
            self.assertEqual((rows[str(port)]["close"], rows[str(port)]["midstream"]), ("graceful", "no"))

    def test_what_is_not_kept_is_said(self):
        name = self.path("slice.pcapng")
        process = self.watch("-i", "here", f"--pcap={name}", "--keep-packets=1", "-s", "65535")
        first, second = self.connected()
        for _ in range(100):
            first.sendall(bytes(50000))
            self.assertEqual(len(second.recv(50000, socket.MSG_WAITALL)), 50000)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
        self.assertRegex(said, r"\Alastack: --pcap: the first \d+ packets of what was watched were not kept "
                               r"\(see --keep-packets\)\n\Z")
        self.assertEqual(process.returncode, 0)


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("skipped: a network namespace needs root")
        sys.exit(SKIPPED)
    own_network()
    endtoend.main(__doc__)
