# SPDX-License-Identifier: GPL-2.0-or-later
"""The README's table of causes: what lastack says of the recordings beside what is known of them."""

import pathlib

import test_recordings

SURE = ("certain", "likely", "possible")
HEAD = ("cause", "connections", "named right", *(f"`{word}`" for word in SURE), "named wrongly", "so as `certain`")


class Cause:
    """Of one cause, counts of connections."""

    def __init__(self):
        self.known = self.wrong = self.wrong_certain = 0
        self.right = dict.fromkeys(SURE, 0)


def count(lastack, captures, words):
    """({cause: Cause} in the order of words, "-" for none; rows with a choice; rows not settled)"""
    causes = {word: Cause() for word in (*words, "-")}
    choices = unsettled = 0
    for recording in sorted(captures.glob("*.pcap")):
        expected = test_recordings.expected_rows(captures / "verdicts.tsv", recording.stem)
        for want, got in zip(expected, test_recordings.rows_of(lastack, recording), strict=True):
            named, allowed = got["cause"] or "-", want["cause"].split("|")
            if allowed == ["*"]:
                unsettled += 1
                continue
            choices += len(allowed) > 1
            if named in allowed:
                causes[named].known += 1
                causes[named].right[got["confidence"]] += 1
                continue
            causes[allowed[0]].known += 1
            causes[named].wrong += 1
            causes[named].wrong_certain += got["confidence"] == "certain"
    return causes, choices, unsettled


def table(lastack, root, words):
    """(the text, how many causes were named wrongly with certainty)"""
    captures = pathlib.Path(root, "captures")
    causes, choices, unsettled = count(lastack, captures, words)
    matched, total = test_recordings.count_states(lastack, captures)
    lines = [f"| {' | '.join(HEAD)} |", "| --- |" + " ---: |" * (len(HEAD) - 1)]
    for word, cause in causes.items():
        if cause.known or cause.wrong:
            name = "none to be named" if word == "-" else f"`{word}`"
            right = sum(cause.right.values())
            cells = (name, cause.known, right, *cause.right.values(), cause.wrong, cause.wrong_certain)
            lines.append(f"| {' | '.join(str(cell) for cell in cells)} |")
    if unsettled:
        lines.append(f"| not settled | {unsettled} |" + " |" * (len(HEAD) - 2))
    lines += ["", f"Where two causes fit, {choices} times, either is right, and it counts as the one named.",
              f"Endpoint states: {matched:,} of the {total:,} transitions that the kernel reported are matched, "
              f"{100 * matched / total:.1f} %."]
    return "\n".join(lines) + "\n", sum(cause.wrong_certain for cause in causes.values())
