#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares the manual's list of causes with analyzer/cause_list.h.

usage: manual.py ROOT [--write]

With --write the manual's block is made anew instead; read the difference before committing it.
"""

import pathlib
import re
import sys
import textwrap

BEGIN, END = '.\\" causes:begin\n', '.\\" causes:end\n'
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


def block(header):
    made = ""
    for word, meaning, *texts in causes(header):
        made += f".It Cm {word}\n" + "".join(lines(meaning[0].upper() + meaning[1:] + "."))
        for field, text in zip(FIELDS, texts):
            made += "".join(lines(field + text))
    return made


def main():
    root = pathlib.Path(sys.argv[1])
    path = root / "ui/lastack.1"
    manual = path.read_text()
    made = block((root / "analyzer/cause_list.h").read_text())
    if made.count(".It ") < 20 or BEGIN not in manual or END not in manual:
        sys.exit("cannot find the causes")
    before, rest = manual.split(BEGIN)
    old, after = rest.split(END)
    if "--write" in sys.argv[2:]:
        path.write_text(before + BEGIN + made + END + after)
    elif old != made:
        sys.exit("ui/lastack.1: the causes are not those of analyzer/cause_list.h; renew: tests/manual.py . --write")


if __name__ == "__main__":
    main()
