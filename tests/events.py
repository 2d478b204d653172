#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What --events writes, against the rows, the kernel's own transitions, and texts that are kept.

usage: events.py LASTACK CAPTURES [unittest arguments]
       events.py LASTACK CAPTURES --write

With --write the golden texts (tests/golden/events_*) are made anew; read the difference before committing it.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys

import endtoend
import test_recordings
from endtoend import Test
from frames import ACK, FIN, Capture

HERE = pathlib.Path(__file__).parent
CAPTURES = pathlib.Path()

GOLDEN = ("simultaneous_close", "last_ack_lost_fin_retrans", "blind_rst_challenge_ack", "timewait_expired",
          "timewait_slow_connect", "half_open_syn_recovery")
FIELDS = ["time", "start", "client_ip", "client_port", "server_ip", "server_port", "community_id", "first_packet",
          "side", "from", "to", "held", "packet", "retracted"]
IDENTITY = FIELDS[1:8]

# At least this share of the kernel's transitions, as for the rows' states (tests/CMakeLists.txt).
SHARE = 94
# The tap stands up to 20 ms from an end, in namespaces whose links delay by about 10 ms.
NEAR = 0.060


def golden(name):
    return HERE / "golden" / f"events_{name}.ndjson"


def events_text(name):
    return subprocess.run([endtoend.LASTACK, "-q", "--events", str(CAPTURES / f"{name}.pcap")], check=True,
                          capture_output=True, text=True, timeout=120).stdout


def ways(events):
    """What is left of the changes of each end, in order: {(first_packet, side): [event, ...]}."""
    ends = {}
    for event in events:
        end = ends.setdefault((event["first_packet"], event["side"]), [])
        assert event["from"] == (end[-1]["to"] if end else None), event
        if event["retracted"]:
            end.pop()
            assert event["to"] == (end[-1]["to"] if end else None), event
        else:
            end.append(event)
    return ends


class Golden(Test):
    def test_golden(self):
        for name in GOLDEN:
            with self.subTest(name):
                self.assertEqual(events_text(name), golden(name).read_text())


class Recordings(Test):
    """Every recording of real sockets."""

    @classmethod
    def setUpClass(cls):
        cls.events, cls.rows = {}, {}
        for recording in sorted(CAPTURES.glob("*.pcap")):
            cls.events[recording] = [json.loads(line) for line in events_text(recording.stem).splitlines()]
            cls.rows[recording] = test_recordings.rows_of(endtoend.LASTACK, recording)

    def test_lead_to_the_rows_states(self):
        retracted = 0
        for recording, events in self.events.items():
            left = ways(events)
            retracted += sum(event["retracted"] for event in events)
            for row in self.rows[recording]:
                for side in ("client", "server"):
                    end = left.pop((row["first_packet"], side), [])
                    states = [event["to"] for event in end]
                    self.assertEqual(">".join(states), row[side + "_states"] or "", (recording.stem, side))
                    for event in end:
                        self.assertEqual([event[name] for name in IDENTITY], [row[name] for name in IDENTITY])
            # Of a SYN that turned out to be no connection everything is taken back.
            self.assertEqual([end for end in left.values() if end], [], recording.stem)
        self.assertGreater(retracted, 30)

    def test_have_their_fields_and_their_order(self):
        for recording, events in self.events.items():
            self.assertTrue(events, recording.stem)
            for event in events:
                self.assertEqual(list(event), FIELDS)
                self.assertEqual(event["held"] is None, event["from"] is None)
            times = [event["time"] for event in events]
            self.assertEqual(times, sorted(times), recording.stem)

    def test_held_is_the_time_in_the_state_before(self):
        for recording, events in self.events.items():
            for end in ways(events).values():
                for before, event in zip(end, end[1:]):
                    self.assertAlmostEqual(event["held"], event["time"] - before["time"], delta=2e-6,
                                           msg=(recording.stem, event))

    def kernel_times(self, recording):
        """{(local ip, local port, remote ip, remote port): [(time, new state)]}, single incarnations only."""
        ends = {}
        for line in recording.with_suffix(".truth").read_text().splitlines():
            found = test_recordings.TRANSITION.search(line)
            if found and found[1] != "0" and found[5] != found[6]:
                key = (found[3], int(found[1]), found[4], int(found[2]))
                ends.setdefault(key, []).append((float(line.split()[1]), test_recordings.STATES[found[6]]))
        return {key: end for key, end in ends.items() if len({state for _, state in end}) == len(end)}

    def pairs_with_kernel(self, recording):
        """The same change of the same end as the kernel tells it and as we do: (kernel's time, ours)."""
        kernel, pairs = self.kernel_times(recording), []
        left = ways(self.events[recording])
        for (_, side), end in left.items():
            other = "server" if side == "client" else "client"
            for event in end:
                key = tuple(event[name] for name in (f"{side}_ip", f"{side}_port", f"{other}_ip", f"{other}_port"))
                told = {state: at for at, state in kernel.get(key, [])}
                # The kernel's socket is closed when TIME-WAIT begins.
                if event["to"] in told and event["to"] != "CLOSED":
                    pairs.append((told[event["to"]], event["time"]))
        return pairs

    def test_come_when_the_kernel_changes(self):
        near = total = 0
        for recording, events in self.events.items():
            used = {(e["client_ip"], e["client_port"], e["server_ip"], e["server_port"]) for e in events}
            if len(used) < len({event["first_packet"] for event in events}):
                continue  # a pair used twice: whose transition is it?
            pairs = self.pairs_with_kernel(recording)
            if pairs:
                offset = statistics.median(ours - kernel for kernel, ours in pairs)
                near += sum(abs(ours - kernel - offset) <= NEAR for kernel, ours in pairs)
                total += len(pairs)
        print(f"{near} of {total} changes within {NEAR} s of the kernel's")
        self.assertGreater(total, 1000)
        self.assertGreater(near, 0.98 * total)

    def test_are_the_kernels_transitions(self):
        matched = total = 0
        for recording in self.events:
            left, used = ways(self.events[recording]), {}
            ends = test_recordings.kernel_ends(recording.with_suffix(".truth"))
            for row in self.rows[recording]:
                for side in ("client", "server"):
                    states = [event["to"] for event in left.get((row["first_packet"], side), [])]
                    told = {**row, side + "_states": ">".join(states)}
                    m, t = test_recordings.compare_end(recording.stem, told, side, ends, used, lambda line: None)
                    matched, total = matched + m, total + t
        print(f"transitions as the kernel told them: {matched} of {total}")
        self.assertGreater(total, 1000)
        self.assertGreaterEqual(matched * 100, SHARE * total)


class Output(Test):
    def setUp(self):
        super().setUp()
        content = Capture().graceful(0, 1001).graceful(1, 1002, closed=70).reset(2, 1003).sort()
        self.capture = self.path("a.pcap", content.pcap())

    def test_beside_rows_and_summary(self):
        events, rows = self.path("events"), self.path("rows")
        plain = self.run_it("--json=" + self.path("plain"), self.capture)
        done = self.run_it("--json=" + rows, "--events=" + events, self.capture)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, plain.stdout, b""))
        self.assertEqual(self.read(rows), self.read(self.path("plain")))
        self.assertEqual(len(ways(map(json.loads, self.read(events).splitlines()))), 6)

    def test_on_standard_output_the_summary_moves(self):
        summary = self.run_it(self.capture).stdout
        for arguments in (["--events"], ["--events=-"]):
            done = self.run_it(*arguments, self.capture)
            self.assertEqual(done.stderr, summary)
            self.assertEqual(len(ways(map(json.loads, done.stdout.splitlines()))), 6)

    def test_time_wait_ends_in_its_own_moment(self):
        """Client 1001 enters TIME-WAIT at 0.012 s; packets of 1002 come long after 60 s."""
        events = [json.loads(line) for line in self.run_it("-q", "--events", self.capture).stdout.splitlines()]
        [expired] = [event for event in events if event["packet"] is None]
        self.assertEqual((expired["from"], expired["to"], expired["held"], expired["client_port"]),
                         ("TIME-WAIT", "CLOSED", 60.0, 1001))
        self.assertAlmostEqual(expired["time"], 1_700_000_060.012, places=5)
        times = [event["time"] for event in events]
        self.assertEqual(times, sorted(times))

    def test_only_and_explain_do_not_choose_filters_do(self):
        def events(*arguments):
            self.assertEqual(self.run_it("-q", "--events=" + self.path("e"), *arguments, self.capture).returncode, 0)
            return self.read(self.path("e"))

        everything = events()
        self.assertEqual(events("--csv", "--only=reset"), everything)
        self.assertEqual(events("--explain=192.0.2.10:1003"), everything)
        filtered = [json.loads(line) for line in events("-f", "port 1003").splitlines()]
        self.assertEqual({event["client_port"] for event in filtered}, {1003})
        self.fails(2, "lastack: --only is for --csv, --json, --list, --pcap and --explain, and none is given\n"
                   "Try 'lastack --help' for more information.\n", "--only=reset", "--events", self.capture)

    def test_nanoseconds_as_in_the_rows(self):
        capture = self.path("n.pcap", Capture().graceful(0, 1001).pcap(nanoseconds=True))
        first = self.run_it("-q", "--events", capture).stdout.splitlines()[0]
        self.assertIn(b'{"time":1700000000.000000000,"start":1700000000.000000000,', first)

    def test_outputs_are_not_mixed_up(self):
        before = self.read(self.capture)
        self.fails(1, f"lastack: {self.capture}: is an input, and is not overwritten\n", "--events=" + self.capture,
                   self.capture)
        self.assertEqual(self.read(self.capture), before)
        other = os.path.join(self.folder, ".", "out")
        self.fails(1, f"lastack: {other}: is given for two outputs\n", "--csv=" + self.path("out"),
                   "--events=" + other, self.capture)

    def test_a_full_disk_is_an_error(self):
        done = self.run_it("-q", "--events=/dev/full", self.capture)
        self.assertEqual((done.returncode, done.stderr), (1, b"lastack: /dev/full: No space left on device\n"))

    def test_retracted_last_ack(self):
        content = Capture().graceful(0, 1001)
        client, server = ("192.0.2.10", 1001), ("192.0.2.80", 80)
        content.tcp(0.5, server, client, FIN | ACK, 501, 102)
        content.tcp(0.6, client, server, ACK, 102, 502)
        capture = self.path("r.pcap", content.pcap())
        events = [json.loads(line) for line in self.run_it("-q", "--events", capture).stdout.splitlines()]
        told = [(e["from"], e["to"], e["packet"], e["held"], e["retracted"]) for e in events[-2:]]
        self.assertEqual(told, [("CLOSED", "LAST-ACK", 7, 0.488, True), ("LAST-ACK", "CLOSED", 8, 0.589, False)])


def main():
    global CAPTURES
    if len(sys.argv) < 3 or not os.path.isdir(sys.argv[2]):
        sys.exit(__doc__)
    CAPTURES = pathlib.Path(sys.argv.pop(2)).resolve()
    if sys.argv[2:] == ["--write"]:
        endtoend.LASTACK = os.path.abspath(sys.argv[1])
        for name in GOLDEN:
            golden(name).write_text(events_text(name))
        return
    endtoend.main(__doc__)


if __name__ == "__main__":
    main()
