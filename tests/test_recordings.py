#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Hold what lastack says of the recordings in captures/ against what is known of them.

  test_recordings.py verdict LASTACK RECORDING.pcap   compare with captures/verdicts.tsv
  test_recordings.py states LASTACK CAPTURES SHARE    compare with the kernel's transitions in
                                                      the .truth files; fail below SHARE percent

captures/README.md says how both tables read. A recording holds one row per connection: a row too
many is a connection split, one too few is two merged.
"""
import functools
import json
import pathlib
import re
import subprocess
import sys

COMPARED = ("close", "closer", "cause", "time_wait", "client_saw", "server_saw")
SHOWN = ("confidence", "client_states", "server_states", "rst_count", "rst_ignored")
HEADER = ("recording", "nth", "close", "closer", "cause", "time_wait", "client_saw", "server_saw")

# The kernel's names; a connection's first transition leaves TCP_CLOSE or TCP_LISTEN.
STATES = {
    "TCP_SYN_SENT": "SYN-SENT", "TCP_SYN_RECV": "SYN-RECEIVED", "TCP_ESTABLISHED": "ESTABLISHED",
    "TCP_FIN_WAIT1": "FIN-WAIT-1", "TCP_FIN_WAIT2": "FIN-WAIT-2", "TCP_CLOSE_WAIT": "CLOSE-WAIT",
    "TCP_CLOSING": "CLOSING", "TCP_LAST_ACK": "LAST-ACK", "TCP_CLOSE": "CLOSED",
}
TRANSITION = re.compile(r"kernel \S+ inet_sock_set_state: sport=(\d+) dport=(\d+) saddr=(\S+) "
                        r"daddr=(\S+) oldstate=(\S+) newstate=(\S+)")


@functools.cache
def rows_of(lastack, recording):
    """The rows lastack writes, in the order of their first packets."""
    run = subprocess.run([lastack, "--json", str(recording)], capture_output=True, text=True, timeout=120)
    if run.returncode != 0:
        sys.exit(f"{recording.name}: lastack exited with {run.returncode}\n{run.stderr}")
    rows = [json.loads(line) for line in run.stdout.splitlines()]
    return sorted(rows, key=lambda row: row["first_packet"])


def expected_rows(table, name):
    """The lines of verdicts.tsv for one recording, by nth."""
    lines = [line.split("\t") for line in table.read_text().splitlines() if line and line[0] != "#"]
    rows = [dict(zip(HEADER, line)) for line in lines if line[0] == name]
    rows.sort(key=lambda row: int(row["nth"]))
    assert [int(row["nth"]) for row in rows] == list(range(1, len(rows) + 1)), f"{name}: nth has gaps"
    return rows


def verdict(lastack, recording):
    expected = expected_rows(recording.parent / "verdicts.tsv", recording.stem)
    rows = rows_of(lastack, recording)
    wrong = []
    if not expected:
        wrong.append("no line in verdicts.tsv")
    if len(rows) != len(expected):
        wrong.append(f"{len(rows)} rows, the recording holds {len(expected)} connections")
    for want, got in zip(expected, rows):
        for column in COMPARED:
            allowed = ["" if word == "-" and column == "cause" else word for word in want[column].split("|")]
            value = got[column] or ""
            if want[column] != "*" and value not in allowed:
                wrong.append(f"connection {want['nth']}: {column} is '{value}', not '{want[column]}'")
    for line in wrong:
        print(f"{recording.stem}: {line}")
    for row in rows if wrong else ():
        print("  " + " ".join(f"{column}={row[column]}" for column in COMPARED + SHOWN))
    return 1 if wrong else 0


def kernel_ends(truth):
    """{(address, port, peer, peer's port): [[state, ...] per incarnation]}, as the kernel told it."""
    ends = {}
    nameless = []  # connect() chooses the port after the first transition
    for sport, dport, saddr, daddr, old, new in TRANSITION.findall(truth.read_text()):
        key = (saddr, int(sport), daddr, int(dport))
        if sport == "0":
            nameless.append((key, new))
            continue
        if old == new:
            continue  # a call that repeats what is under way: shutdown(SHUT_WR), then close()
        begins = old == "TCP_LISTEN" or (old == "TCP_CLOSE" and new == "TCP_SYN_SENT")
        if begins or key not in ends:
            ends.setdefault(key, []).append([])
            before = next((n for n in nameless if not begins and n[0][2:] == key[2:] and n[0][0] == saddr), None)
            if before:
                nameless.remove(before)
                ends[key][-1].append(STATES[before[1]])
        ends[key][-1].append(STATES[new])
    return ends


def transitions(states):
    return list(zip(states, states[1:]))


def as_kernel(states):
    """In the kernel a small stand-in takes over for TIME-WAIT, so the socket itself is closed."""
    ours = [state for state in states if state != "TIME-WAIT"]
    return ours if ours == states or ours[-1] == "CLOSED" else ours + ["CLOSED"]


def common(a, b):
    """Length of the longest common subsequence."""
    row = [0] * (len(b) + 1)
    for x in a:
        before = 0
        for i, y in enumerate(b, 1):
            before, row[i] = row[i], before + 1 if x == y else max(row[i], row[i - 1])
    return row[-1]


def compare_end(name, row, side, ends, used, say):
    other = "server" if side == "client" else "client"
    key = (row[side + "_ip"], row[side + "_port"], row[other + "_ip"], row[other + "_port"])
    nth = used[key] = used.get(key, -1) + 1
    incarnations = ends.get(key, [])
    if nth >= len(incarnations):
        return 0, 0
    kernel = incarnations[nth]
    ours = as_kernel((row[side + "_states"] or "").split(">"))
    # That stand-in keeps FIN-WAIT-2 as well: the kernel's socket is gone, the endpoint is not.
    if ours[-1] == "FIN-WAIT-2" and kernel[-2:] == ["FIN-WAIT-2", "CLOSED"]:
        kernel = kernel[:-1]
    matched, total = common(transitions(ours), transitions(kernel)), len(transitions(kernel))
    if matched != total:
        say(f"  {name} {side}: kernel {'>'.join(kernel)}, lastack {row[side + '_states']}")
    return matched, total


def count_states(lastack, captures, say=lambda line: None):
    """How many of the kernel's transitions are matched, and how many there are; says what differs."""
    matched = total = 0
    for recording in sorted(captures.glob("*.pcap")):
        ends, used = kernel_ends(recording.with_suffix(".truth")), {}
        m = t = 0
        for row in rows_of(lastack, recording):
            for side in ("client", "server"):
                more = compare_end(recording.stem, row, side, ends, used, say)
                m, t = m + more[0], t + more[1]
        say(f"{recording.stem}: {m} of {t}")
        matched, total = matched + m, total + t
    return matched, total


def states(lastack, captures, share):
    matched, total = count_states(lastack, captures, print)
    print(f"transitions as the kernel told them: {matched} of {total}, at least {share}% wanted")
    return 0 if total and matched * 100 >= share * total else 1


def main():
    mode, lastack, path = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    return verdict(lastack, path) if mode == "verdict" else states(lastack, path, float(sys.argv[4]))


if __name__ == "__main__":
    sys.exit(main())
