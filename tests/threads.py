#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Threads and shards change nothing but the time: usage: threads.py LASTACK GENERATE RECORDINGS PUBLIC [unittest ...]."""

import io
import os
import pathlib
import random
import re
import resource
import shlex
import shutil
import struct
import subprocess
import sys
import time

import endtoend
from endtoend import Test
from frames import Capture

GENERATE = RECORDINGS = PUBLIC = ""
THREADS = ("1", "2", "3", "4", "7")
SHARDS = ("1/3", "2/3", "3/3")
README = pathlib.Path(__file__).resolve().parents[1] / "README.md"


def captures(folder, *suffixes):
    return sorted(str(path) for path in pathlib.Path(folder).glob("*") if path.name.endswith(suffixes) or not suffixes)


def public():
    """All public captures but what is no capture."""
    return [name for name in captures(PUBLIC) if not name.endswith((".tsv", ".md"))]


def move_times(pcap, move):
    """A pcap of microseconds (little-endian) whose packet i, at 'ticks', is at move(i, ticks)."""
    source, out = io.BytesIO(pcap), io.BytesIO()
    out.write(source.read(24))
    i = 0
    while head := source.read(16):
        seconds, micros, captured, length = struct.unpack("<IIII", head)
        ticks = move(i, seconds * 10**6 + micros)
        out.write(struct.pack("<IIII", ticks // 10**6, ticks % 10**6, captured, length) + source.read(captured))
        i += 1
    return out.getvalue()


class Same(Test):
    def result(self, *arguments):
        done = self.run_it(*arguments)
        self.assertNotIn(b"Sanitizer", done.stderr)
        return done.returncode, done.stdout, done.stderr

    def same_for_all(self, *arguments, threads=THREADS):
        """What any number of threads writes."""
        results = [self.result("--threads=" + n, *arguments) for n in threads]
        for n, result in zip(threads, results):
            self.assertTrue(result == results[0], (n, arguments))  # a difference of megabytes helps nobody
        return results[0]

    def shards_make_the_whole(self, *arguments, kind="--csv"):
        whole = self.run_it("-q", kind, *arguments).stdout.splitlines()
        head = 1 if kind == "--csv" else 0
        parts = []
        for i, shard in enumerate(SHARDS):
            lines = self.run_it("-q", kind, "--shard=" + shard, f"--threads={i + 1}", *arguments).stdout.splitlines()
            self.assertEqual(lines[:head], whole[:head])
            parts.append(lines[head:])
            order = iter(whole)
            self.assertTrue(all(line in order for line in lines), "a shard's rows are in the order of the whole's")
        self.assertTrue(sorted(sum(parts, [])) == sorted(whole[head:]), arguments)
        return [len(part) for part in parts]

    def generated(self, name, *options):
        path = self.path(name)
        subprocess.run([GENERATE, *options, path], check=True, stderr=subprocess.DEVNULL)
        return path


class Threads(Same):
    def test_each_capture(self):
        names = captures(RECORDINGS, ".pcap", ".pcapng") + public()
        self.assertGreater(len(names), 100)
        for name in names:
            self.same_for_all("-v", "--csv", name, threads=("1", "2", "5"))

    def test_all_outputs_of_all_captures_together(self):
        recordings = captures(RECORDINGS, ".pcap", ".pcapng")
        for names in (recordings, public()):
            self.same_for_all("-v", *names)
            rows = self.same_for_all("-q", "--csv", *names)[1]
            self.assertGreater(rows.count(b"\n"), len(names))
            for arguments in (["-qv", "--list"], ["--json"], ["-q", "--events"]):
                self.same_for_all(*arguments, *names)
        name = os.path.join(RECORDINGS, "data_after_close.pcap")
        for selector in ("9", "10.0.0.1", "10.0.0.2"):
            self.same_for_all("--explain=" + selector, "--summary", name)

    def test_rounds(self):
        """Many rounds, rows of many trackers in each, and several that end at one moment."""
        path = self.generated("many.pcap", "--connections=6000")
        rows = self.same_for_all("-v", "--csv", path)[1]
        self.assertEqual(rows.count(b"\n"), 6001)
        # Times of whole seconds.
        coarse = self.path("coarse.pcap", move_times(self.read(path), lambda i, ticks: ticks // 10**6 * 10**6))
        rows = self.same_for_all("-v", "--csv", coarse)[1]
        self.assertEqual(rows.count(b"\n"), 6001)

    def test_a_clock_that_stands_still_runs_backwards_and_jumps(self):
        packets = self.read(self.generated("many.pcap", "--connections=3000"))
        pick = random.Random(1)
        hour = 3600 * 10**6
        moves = {
            "stands": lambda i, ticks: 10**15,
            "backwards": lambda i, ticks: 2 * 10**15 - ticks,
            "anyhow": lambda i, ticks: ticks + pick.randrange(-300, 300) * 10**6,
            "one far ahead": lambda i, ticks: ticks + (1000 * hour if i == 5000 else 0),
            "jumps": lambda i, ticks: ticks + i // 10000 * hour - (i // 30000 * 2 * hour),
        }
        for what, move in moves.items():
            with self.subTest(what):
                path = self.path("moved.pcap", move_times(packets, move))
                self.same_for_all("-v", "--csv", path)
                self.same_for_all("-q", "--events", path, threads=("1", "2"))
                self.same_for_all("-q", "--csv", "--idle=20", path)
                self.shards_make_the_whole(path)
                self.shards_make_the_whole("--idle=20", path)

    def test_what_is_given_up(self):
        """Small limits are for all, large ones for each part; either way for any number of threads."""
        path = self.generated("open.pcap", "--connections=70000", "--concurrency=70000", "--only=open",
                              "--packets-per-connection=2")
        for limit, evicted in ((1000, 69000), (65536, 4464)):
            rows = self.same_for_all("-v", "--csv", "--columns=first_packet,record_end", f"--max-flows={limit}", path,
                                     threads=("1", "3", "4"))[1]
            self.assertGreaterEqual(rows.count(b",evicted"), evicted)
        self.shards_make_the_whole("--max-flows=65536", "--columns=first_packet,record_end", path)

    def test_digits_of_times(self):
        """A second file has finer times: from the first row on, for any number of threads."""
        first = self.generated("first.pcap", "--connections=2000")
        fine = self.path("fine.pcap", Capture().graceful(0, 1001).pcap(nanoseconds=True))
        rows = self.same_for_all("-q", "--csv", "--columns=start", first, fine)[1].split()
        self.assertTrue(all(len(row.split(b".")[1]) == 9 for row in rows[1:]))

    def test_long_rows(self):
        """Names as long as any, which take six times as much in JSON."""
        folder = os.path.join(os.fsencode(self.folder), *[b"\x01" * 250] * 14)
        os.makedirs(folder)
        long = os.path.join(folder, b"\x02" * 250)
        shutil.copy(self.generated("long.pcap", "--connections=300"), long)
        for kind in ("--json", "--csv"):
            rows = self.same_for_all("-v", kind, long, threads=("1", "2", "3"))[1]
            self.assertGreater(len(rows), 300 * 3500 * (6 if kind == "--json" else 1))

    def tasks(self, *arguments):
        """How many threads there are while a pipe is waited for."""
        process = subprocess.Popen([endtoend.LASTACK, *arguments, "-"], stdin=subprocess.PIPE,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        process.stdin.write(Capture().graceful(0, 1001).pcap())
        process.stdin.flush()
        seen = 0
        for _ in range(100):
            seen = max(seen, len(os.listdir(f"/proc/{process.pid}/task")))
            time.sleep(0.01)
        _, errors = process.communicate(timeout=60)
        self.assertEqual((process.returncode, errors), (0, b""))
        return seen

    def test_there_are_so_many(self):
        default = min(4, len(os.sched_getaffinity(0)))
        for expected, *arguments in ((1, "--threads=1"), (2, "--threads=2"), (3, "--threads=3", "--csv"),
                                     (5, "--threads=5"), (2, "--threads=5", "--events=/dev/null"),
                                     (3, "--threads=5", "--max-flows=1000"), (default,)):
            with self.subTest(arguments):
                self.assertEqual(self.tasks("-q", *arguments), expected)

    def test_where_threads_cannot_be_made(self):
        """Then fewer do it: a user of its own may have so many processes and threads, and no more."""
        if os.geteuid() != 0:
            self.skipTest("not root")
        content = Capture().graceful(0, 1001).pcap()
        expected = self.run_it("-q", "--csv", "-", input=content).stdout
        worked = []
        for most in range(1, 9):
            limit = lambda: (resource.setrlimit(resource.RLIMIT_NPROC, (most, most)), os.setgid(61234), os.setuid(61234))
            done = self.run_it("-q", "--csv", "--threads=5", "-", input=content, preexec_fn=limit)
            if done.returncode == 0:
                self.assertEqual((done.stdout, done.stderr), (expected, b""))
                worked.append(most)
        self.assertGreater(len(worked), 4, "from without threads to with all of them")
        self.assertEqual(worked, list(range(worked[0], 9)))

    def test_outputs_that_fail_end_it(self):
        path = self.generated("many.pcap", "--connections=3000")
        for n in THREADS:
            with open("/dev/full", "wb") as full:
                done = self.run_it("-q", "--csv", "--threads=" + n, path, stdout=full)
            self.assertEqual((done.returncode, done.stderr), (1, b"lastack: standard output: No space left on device\n"))
            reader, writer = os.pipe()
            os.close(reader)
            with os.fdopen(writer, "wb") as unread:
                done = self.run_it("-q", "--json", "--threads=" + n, path, stdout=unread)
            self.assertEqual(done.stderr, b"")


class Shards(Same):
    def test_all_captures_together_and_each(self):
        recordings = captures(RECORDINGS, ".pcap", ".pcapng")
        for names in ([recordings], [public()], [[name] for name in public()]):
            for some in names:
                counts = self.shards_make_the_whole(*some)
                if len(some) > 1:
                    self.assertGreater(min(counts), sum(counts) // 6)
        self.shards_make_the_whole(*public(), kind="--json")
        self.shards_make_the_whole(*recordings, kind="--json")

    def test_as_many_as_there_are_parts(self):
        path = self.generated("many.pcap", "--connections=2000")
        whole = self.run_it("-q", "--json", path).stdout.splitlines()
        parts = [self.run_it("-q", "--json", f"--shard={k}/64", path).stdout.splitlines() for k in range(1, 65)]
        self.assertEqual(sorted(sum(parts, [])), sorted(whole))
        self.assertGreater(min(map(len, parts)), 0)
        self.assertEqual(self.run_it("-q", "--json", "--shard=1/1", path).stdout.splitlines(), whole)

    def test_wrong_ones(self):
        for shard in ("0/3", "4/3", "1/65", "1", "/", "1/", "a/b", "1/2/3", "-1/3", "1/0", ""):
            done = self.run_it("--shard=" + shard, "a.pcap")
            self.assertEqual(done.returncode, 2)
            self.assertIn(b"lastack: --shard: K/N is needed", done.stderr)


class Readme(Same):
    """The commands of the README that share the work, as they stand there."""

    def setUp(self):
        super().setUp()
        os.mkdir(self.path("bin"))
        os.symlink(endtoend.LASTACK, self.path("bin/lastack"))
        self.environment = {**os.environ, "PATH": self.path("bin") + ":" + os.environ["PATH"], "HOME": self.folder,
                            "LC_ALL": "C"}
        for i in (1, 2):
            self.generated(f"day-{i}.pcap", "--connections=1000", f"--seed={i}")

    def block(self, word):
        """The one block of code in the README with this word."""
        blocks = re.findall(r"^```(?:sh|yaml)\n(.*?)^```", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
        found, = [block for block in blocks if word in block]
        return found

    def shell(self, script, **environment):
        done = subprocess.run(["sh", "-ec", script], cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True,
                              env={**self.environment, **environment}, check=False)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"", b""))

    def parts_are_the_whole(self, parts, folder=""):
        """'folder' as it stands before the captures' names: rows name the capture that they are from."""
        names = sorted(name for name in os.listdir(self.folder) if name.startswith("part-"))
        self.assertEqual(len(names), parts)
        rows = b"".join(self.read(self.path(name)) for name in names).splitlines()
        days = [folder + "day-1.pcap", folder + "day-2.pcap"]
        whole = self.run_it("-q", "--json", *days, cwd=self.folder).stdout.splitlines()
        self.assertGreater(len(whole), 1000)
        self.assertTrue(sorted(rows) == sorted(whole))
        return b"".join(line + b"\n" for line in sorted(whole))

    def test_gnu_parallel(self):
        if not shutil.which("parallel"):
            self.skipTest("no GNU parallel")
        self.shell(self.block("parallel lastack"))
        self.assertTrue(self.read(self.path("rows.ndjson")) == self.parts_are_the_whole(4))

    def test_gnu_parallel_tells_a_difference(self):
        """The README's last command is no ornament."""
        *_, compare = self.block("parallel lastack").splitlines()
        self.path("rows.ndjson", b"{}\n")
        with self.assertRaises(AssertionError):
            self.shell(compare)

    def test_slurm(self):
        """sbatch runs what it is told to wrap once for each number of the array."""
        command, array, _, wrap, script = shlex.split(self.block("sbatch").replace("\\\n", " "))
        self.assertEqual((command, wrap), ("sbatch", "--wrap"))
        first, last = map(int, re.fullmatch(r"--array=(\d+)-(\d+)", array).groups())
        for task in range(first, last + 1):
            self.shell(script, SLURM_ARRAY_TASK_ID=str(task))
        self.parts_are_the_whole(last - first + 1)

    def test_kubernetes(self):
        """An Indexed Job runs its container once for each index below 'completions'."""
        job = self.block("kind: Job")
        self.assertIn("completionMode: Indexed", job)
        self.assertIn("command: [sh, -c]", job)
        pods = int(re.search(r"completions: (\d+)", job)[1])
        script = " ".join(re.search(r"args:\n +- (.*\n +--shard.*)\n", job)[1].split())
        self.assertNotRegex(script, r"\$\(\w", "Kubernetes itself would put something there")
        for mount in ("/captures", "/rows"):
            self.assertIn("mountPath: " + mount, job)
            script = script.replace(mount + "/", self.folder + "/")
        for index in range(pods):
            self.shell(script, JOB_COMPLETION_INDEX=str(index))
        self.parts_are_the_whole(pods, self.folder + "/")


def main():
    global GENERATE, RECORDINGS, PUBLIC
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    GENERATE, RECORDINGS, PUBLIC = map(os.path.abspath, sys.argv[2:5])
    del sys.argv[2:5]
    endtoend.main(__doc__)


main()
