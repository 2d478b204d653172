#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures replayed onto an interface give the rows that reading them gives; with --closes-only the same closes.

  live_replay.py LASTACK CAPTURES [ETHERNET.pcap...]

tcpreplay sends them at their own speed over a veth pair in a network namespace that goes with this process, while
lastack watches the other end. CAPTURES is the folder of recordings: the short ones, one variant of each scenario and
IP version, are put into one capture of Ethernet frames. Times, packet numbers and the source differ, nothing else may.
Needs root and tcpreplay; skipped (exit 77) without.
"""

import ctypes
import json
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

from live_verdicts import differences, is_watching, rows, wait_until

SKIPPED = 77
LONGEST = 3  # seconds of a recording
# Copies of a frame are told from the sender's own repetitions by microseconds, which no replay keeps to.
LEFT_OUT = {"duplicated_at_once"}
START = 1767225600  # when the capture begins: 2026-01-01
DLT_RAW, DLT_EN10MB = 101, 1
HEADER = struct.Struct("<IHHiIII")
RECORD = struct.Struct("<IIII")
CLONE_NEWNET = 0x40000000
MACS = bytes.fromhex("020000000002" "020000000001")  # to nobody here, so that no kernel answers


def packets(path):
    """(seconds since the first, bytes) of a recording."""
    data, at, found = path.read_bytes(), HEADER.size, []
    assert HEADER.unpack_from(data)[-1] == DLT_RAW, path
    while at < len(data):
        seconds, micros, size, _ = RECORD.unpack_from(data, at)
        found.append((seconds * 1000000 + micros, data[at + RECORD.size:at + RECORD.size + size]))
        at += RECORD.size + size
    return [(when - found[0][0], packet) for when, packet in found]


def together(folder, path):
    """Writes the recordings chosen as one capture; returns how many they are."""
    chosen, all_packets = {}, []
    for each in sorted(folder.glob("*.pcap")):
        key = each.name.split(".")[0], ".v6" in each.name
        seen = packets(each)
        if key not in chosen and key[0] not in LEFT_OUT and seen and seen[-1][0] < LONGEST * 1000000:
            chosen[key] = each
            all_packets += seen
    all_packets.sort(key=lambda packet: packet[0])
    with path.open("wb") as file:
        file.write(HEADER.pack(0xA1B2C3D4, 2, 4, 0, 0, 262144, DLT_EN10MB))
        for at, packet in all_packets:
            frame = MACS + (b"\x86\xdd" if packet[0] >> 4 == 6 else b"\x08\x00") + packet
            file.write(RECORD.pack(START + at // 1000000, at % 1000000, len(frame), len(frame)) + frame)
    return len(chosen)


def quiet_pair():
    """Both ends of a veth pair, in a namespace that nobody else has, where nothing else is sent."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        raise OSError("no network namespace can be made")
    for name in ("all", "default"):
        pathlib.Path(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6").write_text("1")
    for command in ("link add sender mtu 9000 type veth peer name seer mtu 9000", "link set sender up",
                    "link set seer up"):
        subprocess.run(["ip", *command.split()], check=True)


def replay(lastack, capture, folder, *options):
    """The rows of a capture as seen on the interface."""
    (folder / "live.json").unlink(missing_ok=True)  # rows are added to what there is
    process = subprocess.Popen([lastack, "-q", "-i", "seer", *options, f"--json={folder}/live.json"], text=True,
                               stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
    try:
        wait_until(lambda: is_watching(process) or process.poll() is not None, 20, "lastack does not watch")
        sent = subprocess.run(["tcpreplay", "-q", "--timer=gtod", "-i", "sender", capture], capture_output=True, text=True,
                              check=False, timeout=120)
        assert sent.returncode == 0 and "Failed packets:            0" in sent.stdout, sent.stdout + sent.stderr
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        errors = process.communicate(timeout=20)[1]
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0 and not errors, (process.returncode, errors)
    return rows((folder / "live.json").read_text())


# What cannot be known without the segments that carry payload.
UNKNOWN = [f"{side}_{what}" for side in ("client", "server")
           for what in ("packets", "bytes", "after_fin", "lost", "retransmits")]
UNSURE = {"vanished", "closing", "half-closed", "open", "abandoned"}


def closes_only_faults(live, read):
    """What is wrong with rows of a replay under --closes-only, given those of the whole capture."""
    if len(live) != len(read):
        return [f"{len(live)} rows with --closes-only, {len(read)} of the whole"]
    faults = []
    for nth, (row, whole) in enumerate(zip(live, read), 1):
        known = [name for name in UNKNOWN if row[name] is not None]
        if known:
            faults.append(f"row {nth}: {', '.join(known)} cannot be known")
        if row["cause"] not in (whole["cause"], None, "rst-text") and row["close"] == "reset" and \
                row["confidence"] != "possible":
            faults.append(f"row {nth}: cause {row['cause']} is {row['confidence']}, of the whole {whole['cause']}")
        if row["close"] != whole["close"] and (row["confidence"] == "certain" or row["close"] not in UNSURE):
            faults.append(f"row {nth}: {row['confidence']} {row['close']}, but it is {whole['close']}")
    return faults


def main():
    lastack, captures, *others = os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]), *sys.argv[3:]
    if os.geteuid() != 0:
        print("skipped: needs root")
        return SKIPPED
    if not shutil.which("tcpreplay"):
        print("skipped: tcpreplay is not installed")
        return SKIPPED
    quiet_pair()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="lastack-replay-") as path:
        folder = pathlib.Path(path)
        folder.chmod(0o777)
        count = together(captures, folder / "recordings.pcap")
        assert count > 60, f"only {count} recordings are short enough"
        for capture in (folder / "recordings.pcap", *map(pathlib.Path, others)):
            read = subprocess.run([lastack, "-q", "--json", capture], capture_output=True, text=True, check=True,
                                  timeout=60).stdout
            live = replay(lastack, capture, folder, "-s", "65535")
            wrong = differences(live, rows(read))
            assert live, "no row"
            print(f"{capture.name}: {len(live)} connections, {len(wrong)} differences")
            print("".join(f"  {each}\n" for each in wrong[:20]), end="")
            faults = closes_only_faults(replay(lastack, capture, folder, "--closes-only"), rows(read))
            print("".join(f"  {each}\n" for each in faults[:20]), end="")
            failed += len(wrong) + len(faults)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
