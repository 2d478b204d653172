#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Fails on an #include that runs against the layers, and on a source file too long to read.

    layers.py ROOT          check the tree at ROOT
    layers.py --self-test   check that made-up bad trees are found out

The rules are the tables below; the reasons stand in the README ("How it is built").
"""

import pathlib
import re
import sys
import tempfile

LINES_MAX = 600

# What of ours each layer may include: folders end in '/'.
OURS = {
    "dissect": ("dissect/",),
    "analyzer": ("analyzer/", "dissect/segment.h"),
    "ui": ("ui/", "analyzer/", "dissect/"),
}

# Foreign headers that only some places may know, as (what the name matches, the files that may).
FOREIGN = (
    (re.compile(r"pcap(/|\.h|-)"), re.compile(r"dissect/")),
    (re.compile(r"nids\.h"), re.compile(r"dissect/reassemble\.c$")),
    (re.compile(r"(n?curses|ncursesw/|panel|menu|form)"), re.compile(r"ui/")),
    (re.compile(r"microhttpd\.h"), re.compile(r"ui/metrics_http\.c$")),
    # The analyzer has no clock and no threads: time is the segment's time.
    (re.compile(r"((sys/)?time|(sys/)?timerfd|pthread|threads)\.h"), re.compile(r"(dissect|ui)/")),
)

# "# include", with comments where the preprocessor allows them.
INCLUDE = re.compile(r"^\s*#\s*include\s*(.*)$")
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
LONG_SUFFIXES = (".c", ".h", ".py")


def without_comments(text):
    """The text with comments blanked out; line numbers stay."""
    return COMMENT.sub(lambda m: " " + "\n" * m.group().count("\n"), text.replace("\\\n", " \n"))


def includes(path):
    """Every include of a file, as (line number, what stands behind '#include')."""
    text = without_comments(path.read_text(encoding="utf-8", errors="replace"))
    for number, line in enumerate(text.split("\n"), 1):
        found = INCLUDE.match(line)
        if found:
            yield number, found.group(1).strip()


def resolve(root, path, name):
    """The file of ours that an include names, relative to root, or None."""
    for base in (root, path.parent):
        target = (base / name).resolve()
        if target.is_file() and target.is_relative_to(root):
            return target.relative_to(root).as_posix()
    return None


def faults_of_include(root, path, operand):
    """What is wrong with one include of one file."""
    here = path.relative_to(root).as_posix()
    layer = here.split("/", 1)[0]
    found = re.match(r'[<"]([^>"]+)[>"]', operand)
    if not found:
        yield f"includes {operand}, which only the preprocessor can read"
        return
    name = found.group(1)
    ours = resolve(root, path, name)
    if ours is None and operand.startswith('"'):
        yield f'includes "{name}", which is not here'
    if ours is not None and not any(ours == may or may.endswith("/") and ours.startswith(may) for may in OURS[layer]):
        yield f"includes {ours}: {layer}/ may include only {', '.join(OURS[layer])}"
    for header, places in FOREIGN:
        if ours is None and header.match(name) and not places.match(here):
            yield f"includes <{name}>, which is not for {layer}/"


def faults(root):
    """Every fault of a tree, a line each."""
    root = root.resolve()
    for layer in OURS:
        for path in sorted((root / layer).rglob("*.[ch]")):
            for number, operand in includes(path):
                for fault in faults_of_include(root, path, operand):
                    yield f"{path.relative_to(root).as_posix()}:{number}: {fault}"
    for folder in (*OURS, "tests", "captures"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in LONG_SUFFIXES and path.is_file():
                lines = path.read_bytes().count(b"\n")
                if lines > LINES_MAX:
                    yield f"{path.relative_to(root).as_posix()}: {lines} lines, more than {LINES_MAX}"


# Trees for the self-test: (what it shows, file, its text, faults expected).
TREES = (
    ("a downward include", "ui/a.c", '#include "analyzer/x.h"\n#include "dissect/y.h"\n#include <stdio.h>\n', 0),
    ("the one shared header", "analyzer/a.c", '#include "dissect/segment.h"\n', 0),
    ("analyzer to dissect", "analyzer/a.c", '#include "dissect/y.h"\n', 1),
    ("analyzer to ui", "analyzer/a.c", '#include "ui/z.h"\n', 1),
    ("dissect to analyzer", "dissect/a.h", '#include "analyzer/x.h"\n', 1),
    ("the same in angle brackets", "dissect/a.h", "#include <analyzer/x.h>\n", 1),
    ("the same by a relative path", "dissect/a.c", '#include "../analyzer/x.h"\n', 1),
    ("the same with a comment inside", "dissect/a.c", ' # include /* why */ "ui/z.h" // so\n', 1),
    ("the same over two lines", "dissect/a.c", '#include \\\n"ui/z.h"\n', 1),
    ("an include in a comment", "dissect/a.c", '/*\n#include "ui/z.h"\n*/\n', 0),
    ("ui to the tests", "ui/a.c", '#include "tests/t.h"\n', 1),
    ("a macro", "ui/a.c", "#include HEADER\n", 1),
    ("a header that is not there", "ui/a.c", '#include "gone.h"\n', 1),
    ("pcap above dissect", "ui/a.c", "#include <pcap/pcap.h>\n#include <pcap.h>\n", 2),
    ("nids beside reassemble.c", "dissect/a.c", "#include <pcap.h>\n#include <nids.h>\n", 1),
    ("nids in reassemble.c", "dissect/reassemble.c", "#include <nids.h>\n", 0),
    ("curses below ui", "analyzer/a.c", "#include <ncursesw/curses.h>\n", 1),
    ("a web server elsewhere", "ui/a.c", "#include <microhttpd.h>\n", 1),
    ("a clock in the analyzer", "analyzer/a.c", "#include <time.h>\n#include <sys/time.h>\n", 2),
    ("a file of 601 lines", "tests/long.c", "\n" * 601, 1),
    ("a file of 600 lines", "tests/long.c", "\n" * 600, 0),
)


def self_test():
    """Builds each tree and compares the number of faults; returns how many came out wrong."""
    wrong = 0
    for what, name, text, expected in TREES:
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            fixed = {n: "" for n in ("analyzer/x.h", "dissect/y.h", "dissect/segment.h", "ui/z.h", "tests/t.h")}
            for file, content in (fixed | {name: text}).items():
                (root / file).parent.mkdir(exist_ok=True)
                (root / file).write_text(content)
            got = list(faults(root))
        if len(got) != expected:
            wrong += 1
            print(f"{what}: {len(got)} faults instead of {expected}: {got}")
    print(f"{len(TREES) - wrong} of {len(TREES)} made-up trees judged right")
    return wrong


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if sys.argv[1] == "--self-test":
        sys.exit(self_test() > 0)
    root = pathlib.Path(sys.argv[1])
    found = list(faults(root))
    found += [f"{layer}/: nothing to read" for layer in OURS if not any((root / layer).glob("*.c"))]
    print("\n".join(found) or "no include runs back, no file is too long")
    sys.exit(bool(found))


main()
