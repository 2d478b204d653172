#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares the manual's lists of causes, keys and metrics with the tables they are made from.

usage: manual.py ROOT [--write]

With --write the manual's blocks are made anew instead; read the difference before committing it.
"""

import pathlib
import re
import sys
import textwrap

FIELDS = ("Known by: ", "The applications see: ", "What to do: ")


def causes(header):
    """Every cause as (word, meaning, evidence, seen, advice), in order."""
    body = header.replace("\\\n", " ")
    for entry in re.findall(r'X\(CAUSE_\w+,((?:\s*(?:"[^"]*"\s*)+,?)+)\)', body):
        texts = ["".join(re.findall(r'"([^"]*)"', text)) for text in re.findall(r'(?:"[^"]*"\s*)+', entry)]
        if len(texts) != 5:
            sys.exit(f"cause_list.h: cannot read {texts}")
        if texts[0]:
            yield texts


def lines(text):
    """A sentence begins a line, as manuals have it."""
    for sentence in re.split(r"(?<=[.]) (?=[A-Z-])", text):
        for line in textwrap.wrap(sentence, 78, break_on_hyphens=False):
            yield ("\\&" if line[0] in ".'" else "") + line + "\n"


def cause_block(header):
    made = ""
    for word, meaning, *texts in causes(header):
        made += f".It Cm {word}\n" + "".join(lines(meaning[0].upper() + meaning[1:] + "."))
        for field, text in zip(FIELDS, texts):
            made += "".join(lines(field + text))
    return made


def metrics(header):
    """Every metric as (family, TYPE, unit, labels, help), in order."""
    body = header.replace("\\\n", " ")
    string = r'((?:"[^"]*"\s*)+)'
    pattern = rf"X\(METRIC_\w+,\s*{string},\s*(\w+),\s*{string},\s*{string},\s*{string}\)"
    found = [["".join(re.findall(r'"([^"]*)"', part)) or part for part in entry] for entry in re.findall(pattern, body)]
    if len(found) != len(re.findall(r"X\(METRIC_", body)):
        sys.exit("metric_list.h: cannot read all of it")
    return [[part if part != '""' else "" for part in entry] for entry in found]


def metric_block(header):
    suffixes = {"COUNTER": "_total", "INFO": "_info"}
    made = ""
    for family, kind, _, labels, text in metrics(header):
        made += f".It Va {family}{suffixes.get(kind, '')}\n"
        about = kind.capitalize() + (f"; labels: {labels}" if labels else "") + "."
        made += "".join(lines(about + " " + text))
    return made


def keys(table):
    """Every key of the dashboard as (names, help), in order."""
    found = []
    rows = re.findall(r"\{ ACT_\w+,\s*\{[^}]*\},\s*(.*?)\s*\},\n", table, re.DOTALL)
    for row in rows:
        strings = ["".join(re.findall(r'"([^"]*)"', part)) for part in re.findall(r'(?:"[^"]*"\s*)+', row)]
        if len(strings) not in (2, 3):
            sys.exit(f"keys.c: cannot read {row}")
        found.append((strings[0], strings[-1]))
    if len(found) != len(re.findall(r"\{ ACT_", table)):
        sys.exit("keys.c: cannot read all of it")
    return found


def key_block(table):
    made = ""
    for names, text in keys(table):
        quoted = "\\&" + names if names in "?!.,;:" else names
        made += f".It Ic {quoted}\n" + "".join(lines(text[0].upper() + text[1:] + "."))
    return made


BLOCKS = (
    ("causes", "analyzer/cause_list.h", cause_block, 20),
    ("keys", "ui/keys.c", key_block, 20),
    ("metrics", "ui/metric_list.h", metric_block, 20),
)


def main():
    root = pathlib.Path(sys.argv[1])
    path = root / "ui/lastack.1"
    manual = path.read_text()
    wrong = []
    for name, header, make, least in BLOCKS:
        begin, end = f'.\\" {name}:begin\n', f'.\\" {name}:end\n'
        made = make((root / header).read_text())
        if made.count(".It ") < least or begin not in manual or end not in manual:
            sys.exit(f"cannot find the {name}")
        before, rest = manual.split(begin)
        old, after = rest.split(end)
        if old != made:
            wrong.append(f"ui/lastack.1: the {name} are not those of {header}; renew: tests/manual.py . --write")
        manual = before + begin + made + end + after
    if "--write" in sys.argv[2:]:
        path.write_text(manual)
    elif wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
