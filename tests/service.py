#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What systemd says of the service, and whether the program fits in: usage: service.py LASTACK [unittest arguments]."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from frames import Capture

ROOT = pathlib.Path(__file__).resolve().parent.parent
LASTACK = pathlib.Path()
EXPOSURE_MAX = 2.0


def run(*command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120,
                          check=False, **options)


class Service(unittest.TestCase):
    def setUp(self):
        if not shutil.which("systemd-analyze"):
            self.skipTest("systemd-analyze is not installed")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="lastack-service-"))
        self.addCleanup(shutil.rmtree, self.folder)
        template = (ROOT / "ui/lastack.service").read_text(encoding="ascii")
        self.assertIn("@CMAKE_INSTALL_FULL_BINDIR@/lastack ", template)
        self.text = template.replace("@CMAKE_INSTALL_FULL_BINDIR@", str(LASTACK.parent))
        self.unit = self.folder / "lastack.service"
        self.unit.write_text(self.text, encoding="ascii")

    def test_exposure(self):
        done = run("systemd-analyze", "security", "--offline=true", str(self.unit))
        found = re.search(r"Overall exposure level for lastack.service: ([0-9.]+)", done.stdout)
        self.assertIsNotNone(found, done.stdout)
        self.assertLess(float(found[1]), EXPOSURE_MAX, done.stdout)

    def test_a_worse_unit_is_worse(self):
        """So that the figure is not one that any unit gets."""
        worse = re.sub(r"(?m)^(Protect|Private|Restrict|SystemCall).*\n", "", self.text)
        self.unit.write_text(worse, encoding="ascii")
        done = run("systemd-analyze", "security", "--offline=true", str(self.unit))
        found = re.search(r"Overall exposure level for lastack.service: ([0-9.]+)", done.stdout)
        self.assertGreater(float(found[1]), EXPOSURE_MAX, done.stdout)

    def verify(self):
        manual = self.folder / "man/man1"
        manual.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "ui/lastack.1", manual)
        if not shutil.which("man"):  # which is what it looks for manuals with
            self.unit.write_text(re.sub(r"(?m)^Documentation=.*\n", "", self.unit.read_text()), encoding="ascii")
        return run("systemd-analyze", "verify", str(self.unit),
                   env={**os.environ, "MANPATH": str(self.folder / "man"), "SYSTEMD_LOG_LEVEL": "warning"})

    def test_verify(self):
        done = self.verify()
        self.assertEqual((done.stdout, done.returncode), ("", 0))

    def test_verify_sees_mistakes(self):
        self.unit.write_text(self.text.replace("ProtectHome=yes", "ProtectHome=maybe"), encoding="ascii")
        self.assertIn("protect home", self.verify().stdout.lower())

    def group(self, name):
        """The calls of one of systemd's groups."""
        done = run("systemd-analyze", "syscall-filter", name)
        self.assertEqual(done.returncode, 0, done.stdout)
        lines = [line.strip() for line in done.stdout.splitlines()[1:]]
        calls = set()
        for line in lines:
            if line.startswith("@"):
                calls |= self.group(line)
            elif line and not line.startswith("#"):
                calls.add(line)
        return calls

    def allowed(self):
        calls = set()
        for line in re.findall(r"(?m)^SystemCallFilter=(.*)", self.text):
            words = set()
            for word in line.lstrip("~").split():
                words |= self.group(word) if word.startswith("@") else {word}
            calls = calls - words if line.startswith("~") else calls | words
        return calls | self.group("@default")

    def test_its_list_of_calls_does_not_break_ours(self):
        """All that the program does to lock itself up, and to read, is in systemd's list too."""
        if not shutil.which("strace"):
            self.skipTest("strace is not installed")
        if "sanitizers" in run(str(LASTACK), "--version").stdout:
            self.skipTest("sanitizers, which are not for services, make other calls")
        capture = self.folder / "a.pcap"
        capture.write_bytes(Capture().graceful(0, 1001).pcap())
        capture.chmod(0o644)
        self.folder.chmod(0o755)
        trace = self.folder / "trace"
        user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
        done = run("strace", "-f", "-o", str(trace), *user, str(LASTACK), "--explain=1", "--payload=9", str(capture))
        if "ptrace" in done.stdout:
            self.skipTest("strace may not trace here")
        self.assertEqual(done.returncode, 0, done.stdout)
        text = trace.read_text(errors="replace")
        made = set(re.findall(r"(?m)^\d+ +(\w+)\(", text[text.rindex(f'execve("{LASTACK}"'):]))
        self.assertTrue({"seccomp", "capset", "read"} <= made, made)
        # Becoming root is only tried to see that it fails.
        self.assertEqual(made - self.allowed() - {"setresuid"}, set())


if __name__ == "__main__":
    LASTACK = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main()
