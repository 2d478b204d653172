#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Real sockets, seen live and read from a file: the same verdicts.

  live_verdicts.py LASTACK RECORDER_FOLDER [SCENARIO...]

The recorder's scenarios run again, with lastack watching the client's device while the wire records at the same
place. What lastack says live must be what it says of that recording, times and packet numbers apart. Needs root;
skipped (exit 77) without.
"""

import concurrent.futures
import contextlib
import json
import multiprocessing
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

SKIPPED = 77
LIMIT = 60  # seconds a scenario may take
TOGETHER = 6
FIRST_PORT = 7201

# Every close, and what live watching could get wrong: both ends of each in the other's place, crossed FINs,
# forged and ignored RSTs, ICMP errors, keepalives, reuse of a pair.
CHOSEN = """
graceful_client_first graceful_server_first.v6 half_close_client.v6 simultaneous_close simultaneous_close.v6
both_abort linger0_client linger0_client.v6 close_unread_data_server data_after_close.swap keepalive_race
refused_no_listener refused_no_listener.v6 syn_dropped_timeout syn_icmp_admin_prohib accept_reject
est_icmp_host_unreach.v6 blackhole_user_timeout vanished_keepalive fin_lost fin_reordered last_ack_lost_fin_retrans
rst_injected_pair rst_injected_then_data blind_rst_challenge_ack keepalive_dead fin_timeout half_closed open_at_end
close_in_syn_sent fin_unacked_last_ack_stuck synack_unanswered timewait_port_reuse timewait_assassination timewait_slow_connect
server_idle_timeout_fin mptcp_abort backlog_full health_check_rst tfo simultaneous_open rst_text
""".split()

# Packets are counted from the start of the watching, which sees what the recording leaves out (neighbours, say).
APART = {"start", "end", "handshake_time", "teardown_time", "duration", "idle_before_close", "time_wait_left",
         "time_wait_held", "client_close_wait", "server_close_wait", "client_fin_wait_2", "server_fin_wait_2",
         "first_packet", "last_packet", "closing_packet", "trigger_packet", "evidence", "source",
         "client_process", "server_process"}


def rows(text):
    found = [json.loads(line) for line in text.splitlines()]
    found.sort(key=lambda row: row["first_packet"])
    return [{name: value for name, value in row.items() if name not in APART} for row in found]


def wait_until(holds, seconds, what):
    limit = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > limit:
            raise TimeoutError(what)
        time.sleep(0.02)


def is_watching(process):
    """It has a packet socket, and the door is closed."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        sockets = pathlib.Path(f"/proc/{process.pid}/net/packet").read_text().count("\n") - 1
        return sockets > 0 and "Seccomp:\t2" in pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return False


@contextlib.contextmanager
def watching(lastack, host, folder):
    """lastack on the host's device; what it yields returns the rows and errors after the end."""
    with host.inside():
        process = subprocess.Popen([lastack, "-q", "-i", "wire", f"--json={folder}/live.json"], text=True,
                                   stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)

    def finish():
        time.sleep(0.5)  # the kernel hands over what it has gathered
        process.send_signal(signal.SIGINT)
        errors = process.communicate(timeout=20)[1]
        if process.returncode != 0 or errors:
            raise AssertionError(f"lastack -i ended with {process.returncode}: {errors}")
        return rows((folder / "live.json").read_text())

    try:
        wait_until(lambda: is_watching(process) or process.poll() is not None, 20, "lastack does not watch")
        yield finish
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


def differences(live, filed):
    if len(live) != len(filed):
        return [f"{len(live)} rows live, {len(filed)} from the file: {live} {filed}"]
    return [f"row {nth + 1}, {name}: live {seen[name]!r}, from the file {read[name]!r}"
            for nth, (seen, read) in enumerate(zip(live, filed)) for name in read if seen[name] != read[name]]


def compare(lastack, recorder, name):
    """What differs between the live view of one scenario and its recording, as text; and the closes it had."""
    sys.path.insert(0, recorder)
    from recorder import aborts, closes, halfopens, networks, openings, silences, timewaits  # noqa: F401
    from recorder.run import Run, variant
    from recorder.scenario import SCENARIOS

    scenario, version, swapped, _ = variant(name)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(LIMIT)
    with tempfile.TemporaryDirectory(prefix="lastack-live-") as path:
        folder = pathlib.Path(path)
        folder.chmod(0o777)
        with Run(FIRST_PORT + list(SCENARIOS).index(scenario), version, swapped, "client") as run, \
                watching(lastack, run.hosts[0], folder) as finish:
            SCENARIOS[scenario].function(run)
            run.finish()
            (folder / "filed.pcap").write_bytes(run.wire.pcap())
            live = finish()
        filed = subprocess.run([lastack, "-q", "--json", folder / "filed.pcap"], capture_output=True, text=True,
                               check=True, timeout=60).stdout
    signal.alarm(0)
    return differences(live, rows(filed)), [row["close"] for row in rows(filed)]


def main():
    lastack, recorder, *names = sys.argv[1:]
    if os.geteuid() != 0:
        print("skipped: needs root")
        return SKIPPED
    if not os.path.exists("/dev/net/tun"):
        print("skipped: no /dev/net/tun")
        return SKIPPED
    failed, seen = 0, set()
    with concurrent.futures.ProcessPoolExecutor(TOGETHER, multiprocessing.get_context("spawn"),
                                                max_tasks_per_child=1) as pool:
        runs = {name: pool.submit(compare, os.path.abspath(lastack), recorder, name) for name in names or CHOSEN}
        for name, run in runs.items():
            wrong, closes = run.result(timeout=600)
            seen.update(closes)
            failed += bool(wrong)
            print(f"{name}: " + ("; ".join(wrong) if wrong else ", ".join(closes)), flush=True)
    print(f"{len(runs)} scenarios, {failed} seen otherwise live than in their recording; closes: {sorted(seen)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
