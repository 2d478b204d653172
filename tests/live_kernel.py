#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A few thousand connections closed in all ways within seconds: lastack's rows against the kernel's own word.

  live_kernel.py LASTACK RECORDER_FOLDER [SECONDS]

In a network namespace of its own, sockets are closed on the loopback device while lastack watches it. Every RST that
the kernel reports sending (trace point tcp_send_reset) and every TIME-WAIT that it holds at the end (ss) must be in the
rows, and the rows may name no others. Prints both figures. Needs root and trace points; skipped (exit 77) without.
"""

import collections
import contextlib
import json
import multiprocessing
import os
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile
import time

SKIPPED = 77
LINGER_NONE = struct.pack("ii", 1, 0)
# Nobody else's on this machine, whose kernel tells of all namespaces.
ADDRESSES = ("127.9.9.1", "127.9.9.2", "fd77:9::1")
LEAST = 2000  # connections, or the figures mean little


def aborting(one):
    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NONE)
    one.close()


def graceful(first, second):
    first.close()
    second.recv(1)
    second.close()


def crossed(first, second):
    first.close()
    second.close()


def half_closed(first, second):
    first.shutdown(socket.SHUT_WR)
    second.recv(1)
    second.send(b"the answer")
    second.close()
    first.recv(100)
    first.close()


def aborted(first, second):
    first.send(b"x")
    aborting(first)
    second.close()


def both_aborted(first, second):
    aborting(first)
    aborting(second)


def unread(first, second):
    second.send(b"nobody reads this")
    first.close()
    second.close()


def late_data(first, second):
    first.close()
    with contextlib.suppress(OSError):
        second.send(b"too late")
        second.send(b"again")
    second.close()


WAYS = (graceful, crossed, half_closed, aborted, both_aborted, unread, late_data)


def refused(address):
    """A port that nobody listens on: bound, so that nobody does by chance."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as taken, \
            socket.socket(taken.family) as one:
        taken.bind((address, 0))
        one.bind((address, 0))
        with contextlib.suppress(ConnectionRefusedError):
            one.connect(taken.getsockname()[:2])


def close_in_all_ways(address, seconds, made):
    """For so long, connections with an end closed in each way, first by the client and then by the server."""
    listener = socket.create_server((address, 0), family=socket.AF_INET6 if ":" in address else socket.AF_INET)
    limit, count = time.monotonic() + seconds, 0
    while time.monotonic() < limit:
        for way in WAYS:
            for swapped in (False, True):
                client = socket.create_connection(listener.getsockname()[:2], source_address=(address, 0))
                server = listener.accept()[0]
                client.send(b"GET")
                server.recv(3)
                way(*((server, client) if swapped else (client, server)))
                count += 1
                time.sleep(0.002)
        refused(address)
        count += 1
    made.put(count)


def all_traffic(seconds):
    made = multiprocessing.Queue()
    workers = [multiprocessing.Process(target=close_in_all_ways, args=(address, seconds, made))
               for address in ADDRESSES]
    for worker in workers:
        worker.start()
    total = sum(made.get(timeout=seconds + 60) for _ in workers)
    for worker in workers:
        worker.join()
    return total


def ended_at(text):
    """(address, port) of a text like 127.0.0.1:80 or [::1]:80"""
    address, _, port = text.rpartition(":")
    return address.strip("[]"), int(port)


def kernel_resets(trace):
    """{(source, target): how many} of RSTs that the kernel sent."""
    sent = collections.Counter()
    for line in trace.lines(ADDRESSES):
        if " tcp_send_reset: " in line:
            fields = dict(field.split("=", 1) for field in line.split() if "=" in field)
            sent[ended_at(fields["src"]), ended_at(fields["dest"])] += 1
    return sent


def kernel_time_waits():
    """{(holder, peer)} that are held now."""
    said = subprocess.run(["ss", "-tanH", "state", "time-wait"], check=True, capture_output=True, text=True).stdout
    return {(ended_at(line.split()[2]), ended_at(line.split()[3])) for line in said.splitlines()}


def rows_time_waits(rows):
    held = set()
    for row in rows:
        client, server = (row["client_ip"], row["client_port"]), (row["server_ip"], row["server_port"])
        if row["time_wait"] == "lingering":
            if row["time_wait_side"] in ("client", "both"):
                held.add((client, server))
            if row["time_wait_side"] in ("server", "both"):
                held.add((server, client))
    return held


def rows_resets(rows):
    """{frozenset of both ends: how many RSTs}"""
    seen = collections.Counter()
    for row in rows:
        seen[frozenset(((row["client_ip"], row["client_port"]), (row["server_ip"], row["server_port"])))] += \
            row["rst_count"]
    return seen


def watched(lastack, seconds, trace, folder):
    """Rows, and what the kernel said meanwhile, of traffic for so many seconds."""
    process = subprocess.Popen([lastack, "-q", "-i", "lo", f"--json={folder}/rows.json"], stdin=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True, start_new_session=True)
    try:
        limit = time.monotonic() + 20
        while "Seccomp:\t2" not in pathlib.Path(f"/proc/{process.pid}/status").read_text():
            assert process.poll() is None and time.monotonic() < limit, "lastack does not watch"
            time.sleep(0.02)
        trace.clear()
        total = all_traffic(seconds)
        held = kernel_time_waits()
        time.sleep(1)
        process.terminate()
        errors = process.communicate(timeout=60)[1]
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0 and not errors, (process.returncode, errors)
    rows = [json.loads(line) for line in (folder / "rows.json").read_text().splitlines()]
    return rows, total, kernel_resets(trace), held


def main():
    lastack, recorder = os.path.abspath(sys.argv[1]), sys.argv[2]
    seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 10
    if os.geteuid() != 0:
        print("skipped: needs root")
        return SKIPPED
    sys.path.insert(0, recorder)
    from recorder import host, kernel  # pylint: disable=import-outside-toplevel

    host.checked(host.libc.unshare(host.CLONE_NEWNET))
    for command in ("link set lo up", f"addr add {ADDRESSES[-1]}/128 dev lo"):
        subprocess.run(["ip", *command.split()], check=True)
    with tempfile.TemporaryDirectory(prefix="lastack-kernel-") as path, kernel.Trace() as trace:
        folder = pathlib.Path(path)
        folder.chmod(0o777)
        (trace.folder / "events/sock/inet_sock_set_state/enable").write_text("0")
        (trace.folder / "buffer_size_kb").write_text("16384")
        rows, total, sent, held = watched(lastack, seconds, trace, folder)
    seen, ours = rows_resets(rows), rows_time_waits(rows)
    asked = collections.Counter()
    for (source, target), count in sent.items():
        asked[frozenset((source, target))] += count
    resets_missed, resets_more = asked - seen, seen - asked
    print(f"{total} connections, {len(rows)} rows in {seconds:.0f} s")
    print(f"RSTs the kernel sent: {asked.total()}, in the rows: {asked.total() - resets_missed.total()}; "
          f"in the rows alone: {resets_more.total()}")
    print(f"TIME-WAITs the kernel holds: {len(held)}, in the rows: {len(held & ours)}; "
          f"in the rows alone: {len(ours - held)}")
    for what, wrong in (("RST missed", resets_missed), ("RST too many", resets_more),
                        ("TIME-WAIT missed", held - ours), ("TIME-WAIT too many", ours - held)):
        for each in list(wrong)[:5]:
            print(f"{what}: {each}")
    assert total >= LEAST or seconds < 5, "too few connections"
    assert total == len(rows), "not a row for each"
    return 1 if resets_missed or resets_more or held != ours else 0


if __name__ == "__main__":
    sys.exit(main())
