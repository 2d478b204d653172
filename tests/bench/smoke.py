#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""That the measuring scripts work, not what they measure: usage: smoke.py BUILD [unittest arguments]."""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
BUILD = ""
FINE = (0, 1)  # budgets kept or not: nobody asks here
SMALL = ("--connections=3000", "--tools=1000", "--flows=5000", "--crowd=200000", "--rounds=1")


def marked(block):
    return f"before\n<!-- {block}:begin -->\nold\n<!-- {block}:end -->\nafter\n"


class Smoke(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="lastack-bench-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def run_it(self, script, *arguments, status=FINE):
        command = [HERE / script, "--build", BUILD, "--folder", self.folder, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False)
        self.assertIn(done.returncode, status, done.stderr)
        if status == FINE:
            self.assertEqual(done.stderr, "")
            self.assertEqual(list(self.folder.glob("tmp*")), [], "captures are left")
        return done

    def readme(self, block):
        path = self.folder / "README.md"
        path.write_text(marked(block))
        return path

    def rewritten(self, path, block, said):
        """The README is what it was, with what was said between its marks."""
        self.assertEqual(path.read_text(), marked(block).replace("old\n", said))

    def test_run(self):
        readme = self.readme("bench")
        done = self.run_it("run", *SMALL, "--readme", readme)
        self.rewritten(readme, "bench", done.stdout)
        judged = re.findall(r"^\| (.*?) \| (.*?) \| ((?:at |more ).*?) \| (yes|\*\*no\*\*) \|$", done.stdout,
                            re.MULTILINE)
        installed = sum(bool(shutil.which(name, path="/usr/bin:/usr/sbin"))
                        for name in ("tshark", "capinfos", "argus", "softflowd", "tcptrace"))
        self.assertEqual(len(judged), 4 + installed + 4 + 2)
        for what, measured, _, _ in judged:
            self.assertRegex(measured, r"^[\d.,]*[1-9]", what)
        self.assertEqual(done.returncode, any(kept != "yes" for *_, kept in judged))
        full = re.search(r"full-size packets \(.*ACKs ([\d,]+) bytes", done.stdout)[1]
        self.assertGreater(int(full.replace(",", "")), 1000)
        reading = re.findall(r"^\| .*read\(\).* \| [\d.]+ \| [\d.]+ \| [\d.]+ \|$", done.stdout, re.MULTILINE)
        self.assertEqual(len(reading), 3)

    def test_crowd(self):
        """All are open and whole to lastack, and no packet is of the connection of the packet before it."""
        capture = self.folder / "crowd.pcap"
        said = subprocess.run([f"{BUILD}/tests/bench/crowd", "1000", "8", capture], stderr=subprocess.PIPE, text=True,
                              check=True).stderr
        self.assertEqual(said, f"8000 packets, all open after {24 + 1000 * (90 + 90 + 82)} bytes\n")
        self.assertEqual(capture.stat().st_size, 24 + 1000 * (90 + 90 + 6 * 82))
        columns = "close,client_packets,server_packets,client_bytes,server_bytes,client_retransmits,history"
        rows = subprocess.run([f"{BUILD}/lastack", "-q", "--csv", "--columns", columns, capture], capture_output=True,
                              text=True, check=True).stdout.splitlines()[1:]
        self.assertEqual(rows, ["open,5,3,300,200,0,ShADd"] * 1000)
        data = capture.read_bytes()[24 + 2 * 90 * 1000:]
        peers = [data[at + 16 + 26 : at + 16 + 38] for at in range(0, len(data), 82)]  # addresses and ports
        self.assertEqual(len(peers), 6000)
        self.assertFalse(any(one == next_ for one, next_ in zip(peers, peers[1:])))
        before, after = (dict(zip(peers[i : i + 999], peers[i + 1 : i + 1000])) for i in (0, 1000))
        self.assertEqual(len(before.keys() | after.keys()), 1000, "both of these rounds are the clients'")
        self.assertFalse(before.items() & after.items(), "neighbours of one round are none in the next")

    def test_billion(self):
        readme = self.readme("billion")
        done = self.run_it("billion", "--packets=2000000", "--every=0.005", "--readme", readme)
        self.rewritten(readme, "billion", done.stdout)
        tenths = re.search(r"in MB: (.*?);", done.stdout)[1].split(", ")
        self.assertEqual(len(tenths), 10)
        self.assertGreater(min(map(float, tenths)), 1)
        self.assertEqual(done.returncode, "not flat" in done.stdout)

    def test_where(self):
        readme = self.readme("where")
        if not shutil.which("perf") or not shutil.which("addr2line"):
            self.assertIn("not installed: ", self.run_it("where", status=(2,)).stderr)
            self.skipTest("no perf or no addr2line")
        done = self.run_it("where", "--connections=3000", "--files", "--readme", readme)
        self.rewritten(readme, "where", done.stdout.split("\nsummary:")[0])
        cells = re.findall(r"^\| (\w+).*? \| ([\d.]+)% \|", done.stdout, re.MULTILINE)
        parts = {name: float(part) for name, part in cells}
        self.assertEqual(set(parts), {"reading", "decoding", "hashing", "table", "state", "verdict", "writing", "the"})
        self.assertAlmostEqual(sum(parts.values()), 100, delta=0.5)
        for name in ("decoding", "table", "state"):
            self.assertGreater(parts[name], 1, name)

    def test_one_part(self):
        done = self.run_it("run", *SMALL, "--part=payload")
        found = re.findall(r"^\| summary, (.*?) \(", done.stdout, re.MULTILINE)
        self.assertEqual(found, ["two threads, full-size packets"])
        self.assertNotIn("open at once", done.stdout)
        done = self.run_it("run", *SMALL, "--part=payload", "--readme", self.readme("bench"), status=(2,))
        self.assertIn("not for the README", done.stderr)

    def test_what_fails_is_said(self):
        self.assertIn("no program", self.run_it("run", "--build", self.folder, status=(2,)).stderr)
        broken = self.folder / "README.md"
        broken.write_text("no marks")
        done = self.run_it("billion", "--packets=2000000", "--every=0.005", "--readme", broken, status=(2,))
        self.assertIn("has no <!-- billion:begin -->", done.stderr)


def main():
    global BUILD
    BUILD = sys.argv.pop(1)
    unittest.main()


main()
