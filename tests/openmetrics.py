#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A strict reader of OpenMetrics 1.0 text, for tests: refuses whatever the specification does not allow.

parse(text) returns {family: Family}; Wrong is raised with the line that is wrong. Exemplars and timestamps,
which lastack does not write, count as wrong. Run by itself it tests that it refuses bad texts.
"""

import re
import sys

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
SUFFIXES = {
    "counter": ("_total", "_created"),
    "gauge": ("",),
    "histogram": ("_bucket", "_sum", "_count", "_created"),
    "info": ("_info",),
    "unknown": ("",),
}
ALL_SUFFIXES = {suffix for suffixes in SUFFIXES.values() for suffix in suffixes}
COMMENT = re.compile(rf"# (TYPE|UNIT|HELP) ({NAME}) (.*)")
SAMPLE = re.compile(rf'({NAME})(?:\{{((?:[^"}}]|"(?:[^"\\]|\\.)*")*)\}})? (\S+)')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)')
NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]?[Ii]nf(?:inity)?|[Nn]a[Nn]")
CANONICAL = re.compile(r"-?\d+\.\d+(?:[eE][+-]?\d+)?|[+-]Inf")


class Wrong(Exception):
    pass


class Family:
    def __init__(self, name):
        self.name = name
        self.said = {}
        self.samples = {}  # (sample name, ((label, value), ...)) to number, in order

    @property
    def type(self):
        return self.said.get("TYPE", "unknown")


def must(condition, what):
    if not condition:
        raise Wrong(what)


def labels_of(text):
    """The pairs of a label set, in order."""
    labels, at = [], 0
    while at < len(text or ""):
        found = LABEL.match(text, at)
        must(found and (found.group(3) or found.end() == len(text)), f"labels {text}")
        must(not (found.group(3) and found.end() == len(text)), f"a comma at the end of {text}")
        must(not found.group(1).startswith("__"), f"reserved label {found.group(1)}")
        labels.append((found.group(1), found.group(2)))
        at = found.end()
    must(len({name for name, _ in labels}) == len(labels), f"a label twice in {text}")
    return tuple(labels)


def check_comment(family, what, text):
    must(what not in family.said, f"a second {what}")
    must(not family.samples, f"{what} after samples")
    if what == "TYPE":
        must(text in SUFFIXES, f"type {text}")
    if what == "UNIT":
        must(family.name.endswith("_" + text), f"the name does not end in unit {text}")
    if what == "HELP":
        must(not re.search(r'(?<!\\)(?:\\\\)*\\(?![\\n"])|(?<!\\)(?:\\\\)*"', text), "help is not escaped")
    family.said[what] = text


def check_sample(family, name, labels, number):
    must((name, labels) not in family.samples, "a duplicate")
    if family.type in ("counter", "histogram"):
        must(number >= 0, "a counter below 0, or NaN")
    if family.type == "info":
        must(number == 1, "an info that is not 1")
    if name.endswith("_bucket") and family.type == "histogram":
        le = dict(labels).get("le")
        must(le and CANONICAL.fullmatch(le), f"le {le} is not a float as it should be written")
    elif family.type in ("histogram",):
        must("le" not in dict(labels), "le where there is no bucket")


def metric_of(labels):
    return tuple(pair for pair in labels if pair[0] != "le")


def check_histograms(family):
    """Each: buckets by rising le, cumulative, the last +Inf, _count the same, _sum there; all together."""
    metrics = {}
    for (name, labels), number in family.samples.items():
        metrics.setdefault(metric_of(labels), []).append((name[len(family.name) :], dict(labels).get("le"), number))
    for samples in metrics.values():
        buckets = [(float(le), number) for suffix, le, number in samples if suffix == "_bucket"]
        must(buckets and buckets[-1][0] == float("inf"), "no bucket +Inf at the end")
        must(buckets == sorted(set(buckets)), "buckets do not rise")
        must([n for _, n in buckets] == sorted(n for _, n in buckets), "buckets are not cumulative")
        rest = {suffix: number for suffix, _, number in samples if suffix != "_bucket"}
        must(rest.get("_count") == buckets[-1][1], "_count is not bucket +Inf")
        must("_sum" in rest, "no _sum")


def check_family(family):
    must(family.said.get("TYPE"), f"{family.name}: no TYPE")
    order = [metric_of(labels) for _, labels in family.samples]
    changes = [labels for i, labels in enumerate(order) if i == 0 or order[i - 1] != labels]
    must(len(set(changes)) == len(changes), f"{family.name}: samples of one metric are apart")
    if family.type == "histogram":
        check_histograms(family)
    names = {tuple(name for name, _ in labels if name != "le") for _, labels in family.samples}
    must(len(names) <= 1, f"{family.name}: label names differ")


def check_clashes(families):
    """No sample of a family may be called what one of another could be."""
    owner = {}
    for family in families.values():
        for suffix in {*SUFFIXES[family.type], ""}:
            other = owner.setdefault(family.name + suffix, family.name)
            must(other == family.name, f"{family.name} and {other} clash")


def parse(text):
    families, family = {}, None
    must(text.endswith("\n# EOF\n") or text == "# EOF\n", "no # EOF at the end")
    must("\r" not in text, "a carriage return")
    for number, line in enumerate(text[: -len("# EOF\n")].split("\n")[:-1], 1):
        try:
            comment, sample = COMMENT.fullmatch(line), SAMPLE.fullmatch(line)
            must(comment or sample, "neither comment nor sample")
            if comment:
                what, name, rest = comment.groups()
                if family is None or name != family.name:
                    must(name not in families, "the family comes a second time")
                    family = families[name] = Family(name)
                check_comment(family, what, rest)
                continue
            name, labels, value = sample.groups()
            belongs = family and any(name == family.name + suffix for suffix in SUFFIXES[family.type])
            must(belongs, f"{name} is no sample of the family before it")
            must(NUMBER.fullmatch(value), f"number {value}")
            labels = labels_of(labels)
            check_sample(family, name, labels, float(value))
            family.samples[name, labels] = float(value)
        except Wrong as wrong:
            raise Wrong(f"line {number}: {line}: {wrong}") from None
    for family in families.values():
        check_family(family)
    check_clashes(families)
    return families


GOOD = (
    "# EOF\n",
    "# TYPE a gauge\n# EOF\n",
    '# TYPE a counter\n# HELP a b\na_total{x="1"} 2\na_total{x="\\"\\\\\\n}"} 3\n# EOF\n',
    '# TYPE h_seconds histogram\n# UNIT h_seconds seconds\nh_seconds_bucket{le="1.0"} 1\nh_seconds_bucket{le="+Inf"} 2\n'
    "h_seconds_sum 3.5\nh_seconds_count 2\n# EOF\n",
    '# TYPE a info\na_info{version="1"} 1\n# TYPE b gauge\nb -1.5e3\n# EOF\n',
)
BAD = (
    "",
    "# TYPE a gauge\na 1\n",
    "# TYPE a gauge\na 1\n# EOF",
    "# EOF\n# EOF\n",
    "# TYPE a gauge\n\na 1\n# EOF\n",
    "# TYPE a gauge\r\na 1\n# EOF\n",
    "a 1\n# EOF\n",
    "# HELP a b\n# EOF\n",
    "# TYPE a counter\na 1\n# EOF\n",
    "# TYPE a gauge\na_total 1\n# EOF\n",
    "# TYPE a counter\na_total -1\n# EOF\n",
    "# TYPE a counter\na_total NaN\n# EOF\n",
    "# TYPE a info\na_info 2\n# EOF\n",
    "# TYPE a summery\n# EOF\n",
    "# TYPE a gauge\na 1\na 1\n# EOF\n",
    "# TYPE a gauge\na 1\n# HELP a b\n# EOF\n",
    "# TYPE a gauge\n# TYPE a gauge\n# EOF\n",
    "# TYPE a gauge\na 1\n# TYPE b gauge\nb 1\n# TYPE a gauge\n# EOF\n",
    "# TYPE a gauge\n# UNIT a seconds\na 1\n# EOF\n",
    '# TYPE a gauge\n# HELP a "\na 1\n# EOF\n',
    '# TYPE a gauge\na{x="1",} 1\n# EOF\n',
    '# TYPE a gauge\na{x="1",x="2"} 1\n# EOF\n',
    '# TYPE a gauge\na{x="\\t"} 1\n# EOF\n',
    '# TYPE a gauge\na{__x="1"} 1\n# EOF\n',
    '# TYPE a gauge\na{x="1"} 1\na{y="1"} 1\n# EOF\n',
    "# TYPE a gauge\na 1 \n# EOF\n",
    "# TYPE a gauge\na  1\n# EOF\n",
    "# TYPE a gauge\na 0x10\n# EOF\n",
    "# TYPE a counter\na_total 1\n# TYPE a_total gauge\na_total 1\n# EOF\n",
    '# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 3\nh_count 2\n# EOF\n',
    '# TYPE h histogram\nh_bucket{le="1.0"} 1\nh_sum 3\nh_count 1\n# EOF\n',
    '# TYPE h histogram\nh_bucket{le="1.0"} 3\nh_bucket{le="+Inf"} 2\nh_sum 3\nh_count 2\n# EOF\n',
    '# TYPE h histogram\nh_bucket{le="2.0"} 1\nh_bucket{le="1.0"} 1\nh_bucket{le="+Inf"} 2\nh_sum 3\nh_count 2\n# EOF\n',
    '# TYPE h histogram\nh_bucket{le="+Inf"} 2\nh_sum 3\nh_count 3\n# EOF\n',
    '# TYPE h histogram\nh_bucket{le="+Inf"} 2\nh_count 2\n# EOF\n',
    '# TYPE h histogram\nh_bucket{s="a",le="+Inf"} 2\nh_bucket{s="b",le="+Inf"} 2\nh_sum{s="a"} 3\nh_count{s="a"} 2\n'
    'h_sum{s="b"} 3\nh_count{s="b"} 2\n# EOF\n',
)


def main():
    wrong = 0
    for expected, texts in ((True, GOOD), (False, BAD)):
        for text in texts:
            try:
                parse(text)
                got = True
            except Wrong:
                got = False
            if got != expected:
                wrong += 1
                print(f"{'refused' if expected else 'taken'}: {text!r}")
    print(f"{len(GOOD) + len(BAD) - wrong} of {len(GOOD) + len(BAD)} texts judged right")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
