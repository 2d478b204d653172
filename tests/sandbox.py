#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the built program has given up when it reads: usage: sandbox.py LASTACK CAPTURES [unittest arguments]."""

import fcntl
import os
import pathlib
import pwd
import shutil
import struct
import subprocess
import sys
import termios
import time

import endtoend
from endtoend import Test, drop_root
from frames import Capture

CAPTURES = []
WARNING = "lastack: --no-sandbox: nothing is locked up; for debugging only\n"
ROOT = os.geteuid() == 0


def status(pid):
    """The lines of /proc/PID/status."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return dict(line.split(":", 1) for line in text.splitlines())


class Base(Test):
    def reachable_without_root(self):
        if ROOT:
            os.chmod(self.folder, 0o755)
            if subprocess.run(["test", "-x", endtoend.LASTACK], preexec_fn=drop_root, check=False).returncode:
                self.skipTest("the program is not reachable without root")


class Door(Base):
    def reading(self, *arguments, before=(), **options):
        """The program's status while it waits for more of a capture that it has read all of."""
        process = subprocess.Popen([*before, endtoend.LASTACK, *arguments, "-"], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0, **options)
        self.addCleanup(process.wait)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdin.close)
        self.addCleanup(process.kill)
        process.stdin.write(Capture().graceful(0, 1001).pcap())
        for _ in range(1000):
            if struct.unpack("i", fcntl.ioctl(process.stdin, termios.FIONREAD, bytes(4)))[0] == 0:
                return process.pid, status(process.pid)
            time.sleep(0.02)
        self.fail("the program does not read")

    def held(self, found, uid=None):
        self.assertEqual(found["Seccomp"].strip(), "2")
        self.assertEqual(found["NoNewPrivs"].strip(), "1")
        for name in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
            self.assertEqual(int(found[name], 16), 0, name)
        if uid is not None:
            self.assertEqual(found["Uid"].split(), [str(uid)] * 4)
            self.assertEqual(found["Groups"].split(), [])

    def test_who_reads_is_held(self):
        for arguments in ([], ["-q"], ["--list"], ["--csv"]):
            with self.subTest(arguments):
                _, found = self.reading(*arguments)
                self.held(found, pwd.getpwnam("nobody").pw_uid if ROOT else None)

    def test_so_is_the_reading_thread(self):
        pid, found = self.reading()
        if found["Threads"].strip() == "1":
            self.skipTest("one processor, so there is no reading thread")
        for task in os.listdir(f"/proc/{pid}/task"):
            self.held(status(f"{pid}/task/{task}"))

    def test_no_core_and_nobody_looks_in(self):
        self.reachable_without_root()
        pid, _ = self.reading(preexec_fn=drop_root if ROOT else None)
        limits = pathlib.Path(f"/proc/{pid}/limits").read_text(encoding="ascii")
        self.assertRegex(limits, r"Max core file size +0 +0 ")
        self.assertEqual(os.stat(f"/proc/{pid}/mem").st_uid, 0)  # not dumpable: not its user's, see proc(5)

    def test_another_user(self):
        if not ROOT:
            self.skipTest("not root")
        _, found = self.reading("--user", "daemon")
        self.held(found, pwd.getpwnam("daemon").pw_uid)
        _, found = self.reading("--user=12345")
        self.held(found, 12345)
        self.assertEqual(found["Gid"].split(), ["12345"] * 4)

    def test_a_user_that_there_is_not(self):
        self.fails(2, "lastack: --user: there is no user 'no such'\nTry 'lastack --help' for more information.\n",
                   "--user", "no such", "-")

    def test_a_user_that_cannot_be_had(self):
        name = self.path("a.pcap", Capture().graceful(0, 1001).pcap())
        self.reachable_without_root()
        done = self.fails(1, "lastack: cannot lock itself up (the user): Operation not permitted; --no-sandbox goes "
                          "on without\n", "--user=daemon", name, preexec_fn=drop_root if ROOT else None)
        self.assertEqual(done.stdout, b"")

    def test_without_root(self):
        if not ROOT:
            self.skipTest("all other tests are that")
        self.reachable_without_root()
        _, found = self.reading(preexec_fn=drop_root)
        self.held(found, 65534)

    def test_the_one_right_that_watching_takes_goes_too(self):
        if not ROOT or not shutil.which("setpriv"):
            self.skipTest("not root, or no setpriv")
        self.reachable_without_root()
        user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all,+net_raw",
                "--ambient-caps=-all,+net_raw", "--bounding-set=-all,+net_raw"]
        _, found = self.reading("--no-sandbox", before=user)
        for name in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
            self.assertEqual(int(found[name], 16), 1 << 13, name)
        _, found = self.reading(before=user)
        self.held(found, 65534)

    def test_without_the_door(self):
        _, found = self.reading("--no-sandbox")
        before = status("self")
        for name in ("Seccomp", "NoNewPrivs", "CapEff", "Uid"):
            self.assertEqual(found[name], before[name], name)
        self.fails(0, WARNING, "-q", "--no-sandbox", self.path("a.pcap", Capture().graceful(0, 1001).pcap()))

    def test_files_of_root_are_opened_before(self):
        if not ROOT:
            self.skipTest("not root")
        name = self.path("a.pcap", Capture().graceful(0, 1001).pcap())
        os.chmod(name, 0o600)
        os.chmod(self.folder, 0o700)
        rows = self.path("rows")
        self.fails(0, "", "-q", f"--csv={rows}", "--explain=1", f"--pcap={self.path('packets')}", name)
        self.assertIn(b"graceful", self.read(rows))
        self.assertGreater(len(self.read(self.path("packets"))), 100)

    def test_in_containers(self):
        """Where root has no capabilities, or a user namespace knows no other user."""
        name = self.path("a.pcap", Capture().graceful(0, 1001).pcap())
        for container in (["setpriv", "--bounding-set=-all"], ["unshare", "--user"], ["unshare", "-Ur"]):
            if subprocess.run([*container, "true"], check=False, stderr=subprocess.DEVNULL).returncode:
                continue
            with self.subTest(container):
                done = subprocess.run([*container, endtoend.LASTACK, "-q", "--csv", name], capture_output=True,
                                      check=False, timeout=60)
                self.assertEqual((done.returncode, done.stderr), (0, b""))
                self.assertIn(b"graceful", done.stdout)


class Watching(Base):
    """All processes of a watch on loopback, with rotation and lookups; bounded in seconds."""

    def processes(self, *before):
        """The status of each by name, once all doors are closed."""
        os.chmod(self.folder, 0o777)
        rows = self.path("%Y%m%d-%H%M%S.ndjson")
        # A network of its own: what others do on this host's would be seen, and lost, too.
        network = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
        with subprocess.Popen([*network, *before, endtoend.LASTACK, "-i", "lo", "-q", f"--json={rows}", "--rotate=1s",
                               "--keep=2", "--duration=4s"], stderr=subprocess.PIPE) as process:
            self.addCleanup(process.kill)
            children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children")
            for _ in range(100):  # the workers close their doors by themselves
                time.sleep(0.02)
                found = [status(pid) for pid in (process.pid, *children.read_text(encoding="ascii").split())]
                if all(each["Seccomp"].strip() == "2" for each in found):
                    break
            _, errors = process.communicate(timeout=60)
        self.assertEqual((process.returncode, errors.decode()), (0, ""))
        files = [name for name in os.listdir(self.folder) if name.endswith(".ndjson")]
        self.assertEqual(len(files), 2, files)  # opened and removed by the broker
        return {each["Name"].strip(): each for each in found}

    def setUp(self):
        super().setUp()
        if not ROOT:
            self.skipTest("only root may watch")
        if subprocess.run(["unshare", "--net", "ip", "link", "set", "lo", "up"], check=False).returncode:
            self.skipTest("no network namespace can be made")
        if not os.path.exists(f"/proc/self/task/{os.getpid()}/children"):
            self.skipTest("this kernel does not list children")

    def test_root_gives_all_up(self):
        found = self.processes()
        self.assertTrue({"lastack", "lastack-opener", "lastack-lookup", "lastack-nids"} <= set(found), found.keys())
        for name, each in found.items():
            self.assertEqual((each["Seccomp"].strip(), each["NoNewPrivs"].strip()), ("2", "1"), name)
            self.assertEqual(int(each["CapPrm"], 16), 1 << 2 | 1 << 19 if name == "lastack-lookup" else 0, name)
            if name in ("lastack", "lastack-nids"):
                self.assertEqual(each["Uid"].split(), ["65534"] * 4, name)

    def test_with_one_right(self):
        if not shutil.which("setpriv"):
            self.skipTest("no setpriv")
        self.reachable_without_root()
        found = self.processes("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                               "--inh-caps=-all,+net_raw", "--ambient-caps=-all,+net_raw",
                               "--bounding-set=-all,+net_raw")
        for name, each in found.items():
            self.assertEqual((each["Seccomp"].strip(), int(each["CapPrm"], 16)), ("2", 0), name)


class Same(Test):
    """Everything that can be asked for gives the same behind the door as without it."""

    def outcome(self, *arguments, **options):
        done = self.run_it(*arguments, **options)
        files = {name: self.read(self.path(name)) for name in ("csv", "json", "pcap") if
                 os.path.exists(self.path(name))}
        return done.returncode, done.stdout, done.stderr.decode().replace(WARNING, ""), files

    def same(self, *arguments, **options):
        inside = self.outcome(*arguments, **options)
        outside = self.outcome("--no-sandbox", *arguments, **options)
        self.assertEqual(inside, outside)
        return inside

    def all_at_once(self, *inputs, **options):
        return self.same("-v", "--list", f"--csv={self.path('csv')}", f"--json={self.path('json')}",
                         f"--pcap={self.path('pcap')}", "--explain=1", "--payload=100", "--summary", *inputs,
                         **options)

    def test_all_captures(self):
        code, out, err, files = self.all_at_once("--explain=10.9.0.1", "--explain=fd09::1", *CAPTURES)
        self.assertEqual((code, err), (0, ""))
        self.assertGreater(len(files), 2)
        self.assertTrue(all(len(content) > 10000 for content in files.values()), files.keys())
        self.assertIn(b"How they closed", out)

    def test_each_capture(self):
        for capture in CAPTURES[::7]:
            with self.subTest(capture):
                self.assertEqual(self.all_at_once(capture)[0], 0)

    def test_only_the_summary(self):
        self.assertEqual(self.same(*CAPTURES)[0], 0)

    def test_standard_input_and_a_time_zone(self):
        capture = pathlib.Path(CAPTURES[0]).read_bytes()
        for environment in ({}, {"TZ": "Europe/Berlin", "LC_ALL": "C.UTF-8"}, {"LC_ALL": "de_DE.ISO-8859-1"}):
            code, *_ = self.all_at_once("-", input=capture, env={"PATH": os.environ["PATH"], **environment})
            self.assertEqual(code, 0)

    def test_a_filter_by_names(self):
        self.assertEqual(self.same("--list", "-f", "tcp port http or host localhost or net 10", *CAPTURES)[0], 0)


if __name__ == "__main__":
    CAPTURES = sorted(str(name.resolve()) for name in pathlib.Path(sys.argv.pop(2)).glob("*.pcap"))
    if len(CAPTURES) < 100:
        sys.exit("the recordings are missing")
    endtoend.main(__doc__)
