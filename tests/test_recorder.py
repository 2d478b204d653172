#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs captures/record: test_recorder.py RECORD. Needs root, /dev/net/tun and trace points; without
root it is skipped (exit 77)."""

import contextlib
import os
import pathlib
import re
import signal
import struct
import subprocess
import sys
import tempfile
import time

SKIPPED = 77
INSTANCES = pathlib.Path("/sys/kernel/tracing/instances")
FIN, SYN, RST, ACK = 1, 2, 4, 16
RECORD = ""


def record(*arguments):
    """(exit status, what it printed, its errors) of a recorder that ends by itself, and leaves nothing."""
    with subprocess.Popen([RECORD, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as made:
        output, errors = made.communicate(timeout=240)
    assert not left_behind(made.pid), left_behind(made.pid)
    return made.returncode, output, errors


def shown(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout


def left_behind(pid):
    """What a recorder could leave: a named namespace, a device, its tracing instance."""
    names = re.findall(r"^lastack\S*", shown("ip", "netns", "list"), re.M)
    devices = re.findall(r"^\d+: (wire[^:]*)", shown("ip", "-o", "link"), re.M)
    return names + devices + [str(each) for each in INSTANCES.glob(f"lastack-record-{pid}")]


def packets(path):
    """(microseconds, source port, flags, payload length) of an IPv4 or IPv6 recording."""
    data = path.read_bytes()
    magic, major, minor, _, _, _, link = struct.unpack_from("<IHHiIII", data)
    assert (magic, major, minor, link) == (0xA1B2C3D4, 2, 4, 101), "not a pcap of microseconds and raw IP"
    at, result = 24, []
    while at < len(data):
        seconds, micros, size, whole = struct.unpack_from("<IIII", data, at)
        assert size == whole and micros < 1000000
        packet = data[at + 16:at + 16 + size]
        header = (packet[0] & 15) * 4 if packet[0] >> 4 == 4 else 40
        source, = struct.unpack_from(">H", packet, header)
        offset, flags = packet[header + 12] >> 4, packet[header + 13]
        result.append((seconds * 1000000 + micros, source, flags & 23, size - header - offset * 4))
        at += 16 + size
    assert result == sorted(result, key=lambda each: each[0]), "packets out of order"
    return result


def lines(folder, name, pattern):
    return re.findall(pattern, (folder / f"{name}.truth").read_text(), re.M)


def check_graceful(folder):
    """Who closes first holds the TIME-WAIT; handshake and FINs as they must be, ten milliseconds each way."""
    name = "graceful_client_first"
    seen = packets(folder / f"{name}.pcap")
    server = seen[1][1]
    assert [each[2] for each in seen[:3]] == [SYN, SYN | ACK, ACK]
    assert 18000 < seen[2][0] - seen[0][0] < 100000, "the wire does not delay"
    assert [each[1] == server for each in seen if each[2] & FIN] == [False, True]
    assert lines(folder, name, r"^app client connect=None$"), "no calls"
    assert lines(folder, name, r"^app client ss at the end: TIME-WAIT ")
    states = lines(folder, name, rf"sport=(?!{server})\d+ dport={server} .*newstate=TCP_(\w+)$")
    assert states == ["SYN_SENT", "ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2", "CLOSE"], states


def check_abort(folder):
    """On IPv6, the ends exchanged: the server aborts, and the kernel says so of both ends."""
    name = "linger0_client.v6.swap"
    seen = packets(folder / f"{name}.pcap")
    resets = [each for each in seen if each[2] & RST]
    assert len(resets) == 1 and resets[0][1] == seen[1][1]
    assert lines(folder, name, r"^app client recv=ECONNRESET$")
    assert lines(folder, name, r"tcp_send_reset: src=\[fd09::2\]:\d+ dest=\[fd09::1\]:\d+ .*reason=\w+$")
    assert lines(folder, name, r"tcp_receive_reset: sport=\d+ dport=\d+ saddr=fd09::1 daddr=fd09::2$")


def check_taps(folder):
    """Crossed FINs: near each end the tap sees that end's first, with the other's acknowledgement after it."""
    for tap in ("client", "server"):
        seen = packets(folder / f"simultaneous_close.tap_{tap}.pcap")
        server = seen[1][1]
        fins = [each[1] == server for each in seen if each[2] & FIN]
        assert fins == ([False, True] if tap == "client" else [True, False]), (tap, fins)


def records(folder):
    status, _, errors = record("--output", folder, "graceful_client_first", "linger0_client.v6.swap",
                               "simultaneous_close.tap_client", "simultaneous_close.tap_server")
    assert status == 0, errors
    check_graceful(folder)
    check_abort(folder)
    check_taps(folder)
    before = (folder / "graceful_client_first.pcap").read_bytes()
    assert "kept" in record("--output", folder, "graceful_client_first")[1]
    assert before == (folder / "graceful_client_first.pcap").read_bytes(), "a recording was replaced unasked"


def refuses(folder):
    """What it cannot do it says, and writes nothing."""
    for name in ("no_such", "graceful_client_first.swap", "syn_icmp_policy"):
        status, _, errors = record("--output", folder, name)
        assert status != 0 and name in errors, name
    assert not list(folder.glob("graceful_client_first.swap.*"))


def stops(folder, number):
    """Stopped in the middle of a recording, it leaves nothing: no file, no device, no tracing."""
    made = subprocess.Popen([RECORD, "--output", folder, "server_idle_timeout_fin"], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, start_new_session=True)
    try:
        until = time.monotonic() + 120  # another recorder may have its turn
        while not left_behind(made.pid) and made.poll() is None:
            assert time.monotonic() < until, "it does not begin"
            time.sleep(0.05)
        time.sleep(1)
        assert made.poll() is None, made.stderr.read()
        os.kill(made.pid, number)
        assert made.wait(20) == 128 + number, made.returncode
    finally:
        with contextlib.suppress(ProcessLookupError):
            made.kill()
        made.communicate()
    assert not left_behind(made.pid), left_behind(made.pid)
    assert not list(folder.glob("server_idle*")), "half a recording was written"


def is_killed(folder):
    """Killed beyond cleaning up, it leaves its tracing instance to the next one, and nothing else."""
    made = subprocess.Popen([RECORD, "--output", folder, "server_idle_timeout_fin"])
    trace = INSTANCES / f"lastack-record-{made.pid}"
    until = time.monotonic() + 120
    while not trace.is_dir() and made.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    made.kill()
    made.wait()
    assert left_behind(made.pid) == [str(trace)], left_behind(made.pid)
    assert record("--output", folder, "refused_no_listener")[0] == 0
    assert not left_behind(made.pid), left_behind(made.pid)


def why_not():
    """Why this machine cannot record, or None."""
    if os.geteuid() != 0:
        return "needs root"
    return None if os.path.exists("/dev/net/tun") else "no /dev/net/tun"


def main():
    reason = why_not()
    if reason:
        print(f"skipped: {reason}")
        return SKIPPED
    listed = record("--list")[1].splitlines()
    assert len(listed) >= 70, f"{len(listed)} scenarios"
    with tempfile.TemporaryDirectory(prefix="lastack-recorder-") as name:
        folder = pathlib.Path(name)
        records(folder)
        refuses(folder)
        for number in (signal.SIGINT, signal.SIGTERM):
            stops(folder, number)
        is_killed(folder)
    return 0


if __name__ == "__main__":
    RECORD = sys.argv[1]
    sys.exit(main())
