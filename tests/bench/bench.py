# SPDX-License-Identifier: GPL-2.0-or-later
"""What the measuring scripts share: the programs, captures, rounds, what the figures hold for, the README's blocks."""

import argparse
import dataclasses
import datetime
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


@dataclasses.dataclass
class Capture:
    path: str
    packets: int
    size: int  # bytes of the file

    def __str__(self):
        return f"{self.packets:,} packets of {self.size / self.packets - 16:,.0f} bytes"


@dataclasses.dataclass
class Program:
    command: list
    writes: str = None  # a file that is removed before each run

    def fresh(self):
        if self.writes:
            pathlib.Path(self.writes).unlink(missing_ok=True)
        return self.command


class Runs:
    """What one program took, round by round."""

    def __init__(self):
        self.rounds = []  # (seconds, bytes at the peak)

    @property
    def seconds(self):
        return statistics.median(seconds for seconds, _ in self.rounds)

    @property
    def memory(self):
        return statistics.median(memory for _, memory in self.rounds)

    def times(self, other):
        """How often the other's time fits into this one's: of each round, so that a slow moment hits both."""
        return statistics.median(own[0] / its[0] for own, its in zip(self.rounds, other.rounds))


def fail(text):
    print(f"bench: {text}", file=sys.stderr)
    sys.exit(2)


class Bench:
    """The programs under --build, and where captures go."""

    def __init__(self, options, folder):
        self.rounds = options.rounds
        self.folder = pathlib.Path(folder)
        build = pathlib.Path(options.build).resolve()
        self.lastack = str(build / "lastack")
        for name in ("generate", "crowd", "emptyloop", "cost", "reading"):
            setattr(self, name, str(build / "tests/bench" / name))
        for program in (self.lastack, self.generate):
            if not os.access(program, os.X_OK):
                fail(f"no program {program}: build the release preset, or give --build")

    def file(self, name):
        return str(self.folder / name)

    def run(self, command):
        """Runs a command that must succeed; what it said."""
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode:
            fail(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr}")
        return done

    def capture(self, name, *options):
        """A capture made by generate. It is on the disk when this returns: no writing disturbs what is measured."""
        return self.written(name, self.run([self.generate, *options, self.file(name)]).stderr)

    def written(self, name, said):
        path = self.file(name)
        with open(path, "rb") as file:
            os.fsync(file.fileno())
        return Capture(path, int(re.search(r"(\d+) packets", said)[1]), os.path.getsize(path))

    def once(self, program):
        """Runs it; (seconds of wall time, bytes of memory at its peak)."""
        seconds, memory = self.run([self.cost, *program.fresh()]).stdout.split()
        return float(seconds), int(memory)

    def measure(self, programs):
        """{name: Runs}, the programs in turns after one round that only warms up."""
        runs = {name: Runs() for name in programs}
        for turn in range(self.rounds + 1):
            for name, program in programs.items():
                result = self.once(program)
                if turn > 0:
                    runs[name].rounds.append(result)
        return runs


BUSY = os.getloadavg()[0]  # processors, before anything was measured


def machine():
    """What the figures hold for: where, when, and how quiet it was."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = re.search(r"model name\s*: (.*)", file.read())
    with open("/etc/os-release", encoding="utf-8") as file:
        system = re.search(r'PRETTY_NAME="(.*)"', file.read())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (f"{model[1] if model else platform.machine()}, {len(os.sched_getaffinity(0))} cores, {memory:.0f} GiB, "
            f"{system[1] if system else 'Linux'}, Linux {platform.release()}; {datetime.date.today().isoformat()}, "
            f"load before it began {BUSY:.1f}")


def parser(about, **defaults):
    """A command line with what all scripts have."""
    made = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--build", default=str(ROOT / "build/release"), help="build directory (build/release)")
    made.add_argument("--folder", help="where captures go (the folder for temporary files)")
    made.add_argument("--readme", nargs="?", const=str(ROOT / "README.md"), metavar="FILE",
                      help="also write the table into README.md, or into FILE")
    made.set_defaults(**defaults)
    os.environ["PATH"] += ":/usr/sbin"
    return made


def rewrite(readme, block, lines):
    """Puts the lines between a README's two marks."""
    readme = pathlib.Path(readme)
    text = readme.read_text(encoding="utf-8")
    begin, end = f"<!-- {block}:begin -->", f"<!-- {block}:end -->"
    if text.count(begin) != 1 or text.count(end) != 1:
        fail(f"{readme} has no {begin} ... {end}")
    before, rest = text.split(begin)
    readme.write_text(before + "\n".join([begin, *lines, end]) + rest.split(end)[1], encoding="utf-8")
