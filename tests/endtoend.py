# SPDX-License-Identifier: GPL-2.0-or-later
"""What tests of the built program share: its path, a folder to work in, running it and reading what it wrote."""

import csv
import io
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest

LASTACK = ""


def drop_root():
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)


class Test(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="lastack-cli-")
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, name, content=None):
        path = os.path.join(self.folder, name)
        if content is not None:
            with open(path, "wb") as file:
                file.write(content)
        return path

    def read(self, path):
        with open(path, "rb") as file:
            return file.read()

    def run_it(self, *arguments, **options):
        options = {"stdin": subprocess.DEVNULL, "env": {"PATH": os.environ["PATH"]}, **options}
        if "input" in options:
            del options["stdin"]
        if "stdout" not in options:
            options["stdout"] = subprocess.PIPE
        return subprocess.run([LASTACK, *arguments], stderr=subprocess.PIPE, timeout=120, check=False, **options)

    def rows(self, *arguments, status=0, errors="", **options):
        """Rows as dictionaries, after checking the exit status and all of standard error."""
        done = self.run_it("-q", "--csv", *arguments, **options)
        self.assertEqual(done.stderr.decode(), errors)
        self.assertEqual(done.returncode, status)
        return list(csv.DictReader(io.StringIO(done.stdout.decode(), newline="")))

    def fails(self, status, errors, *arguments, **options):
        done = self.run_it(*arguments, **options)
        self.assertEqual(done.stderr.decode(), errors)
        self.assertEqual(done.returncode, status)
        return done


def main(usage):
    """Runs the caller's tests: SCRIPT LASTACK [unittest arguments]."""
    global LASTACK
    if len(sys.argv) < 2 or not stat.S_ISREG(os.stat(sys.argv[1]).st_mode):
        sys.exit(usage)
    LASTACK = os.path.abspath(sys.argv.pop(1))
    unittest.main()
