# SPDX-License-Identifier: GPL-2.0-or-later
"""What a packet costs when all connections are open: opening them, and a row for each at the end, do not count.

A program that reads a capture shows in /proc where it is. The clock runs from the moment when it is past the packets
that open connections until it is at the end; then it is killed.
"""

import os
import re
import statistics
import subprocess
import time

import bench

PAUSE = 0.002  # between two looks, in seconds


def opened_as(process, path):
    """Where /proc tells the position of the file that the process reads."""
    folder = f"/proc/{process.pid}/fd"
    while process.poll() is None:
        for name in os.listdir(folder):
            try:
                if os.readlink(f"{folder}/{name}") == path:
                    return f"/proc/{process.pid}/fdinfo/{name}"
            except FileNotFoundError:
                pass
        time.sleep(PAUSE)
    return bench.fail(f"{' '.join(process.args)}: exit {process.returncode} before it read anything")


def position(place):
    """Bytes read so far; None when the program has closed the file."""
    try:
        with open(place, encoding="ascii") as file:
            return int(re.match(r"pos:\s*(\d+)", file.read())[1])
    except OSError:
        return None


def memory(process):
    """Bytes at the peak."""
    with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
        found = re.search(r"VmHWM:\s*(\d+) kB", file.read())
    return int(found[1]) * 1024 if found else 0


def watch(process, capture, opened):
    """(seconds, bytes read in them, bytes of memory) from where all is open to the end."""
    path = os.path.realpath(capture.path)
    place = opened_as(process, path)
    begin, peak = None, 0
    while True:
        at, now = position(place), time.monotonic()
        if begin is None and at is not None and at >= opened:
            begin = now, at
        if at is None or at >= capture.size:
            break
        peak = max(peak, memory(process))
        time.sleep(PAUSE)
    if begin is None or begin[1] >= capture.size:
        bench.fail(f"{path} is too short, or not read from its beginning to its end: there is nothing to see")
    return now - begin[0], capture.size - begin[1], peak


def costs(measuring, capture, opened, packets, *arguments):
    """(seconds a packet, bytes of memory): medians; 'packets' are there after the byte 'opened'."""
    each = (capture.size - opened) / packets
    # Not locked up: else only root may look at where it is.
    command = [measuring.lastack, "--no-sandbox", "--max-flows=0", *arguments, capture.path]
    results = []
    for _ in range(measuring.rounds):
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as process:
            seconds, size, peak = watch(process, capture, opened)
            process.kill()
        results.append((seconds / (size / each), peak))
    return tuple(statistics.median(column) for column in zip(*results))


def crowd(measuring, connections, packets_each, *ways):
    """The same, for each way to call lastack, with so many connections, all open at once, each packet another's."""
    said = measuring.run([measuring.crowd, str(connections), str(packets_each), measuring.file("crowd.pcap")]).stderr
    capture = measuring.written("crowd.pcap", said)
    opened = int(re.search(r"after (\d+) bytes", said)[1])
    results = [costs(measuring, capture, opened, connections * (packets_each - 3), way) for way in ways]
    os.unlink(capture.path)
    return results
