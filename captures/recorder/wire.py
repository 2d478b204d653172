# SPDX-License-Identifier: GPL-2.0-or-later
"""The wire between two TUN devices: it delays, loses, holds, repeats and forges packets, and records
those that pass its tap.

Places on the wire are counted from the client's host (0) to the server's (4). The tap is at 0, 2 or
4; rules act at 1, near the client, or at 3, near the server: so a rule is before or beyond any tap.
"""

import heapq
import itertools
import os
import select
import struct
import threading
import time

from . import packet as wire_packet

CLIENT, SERVER = 0, 1
TAPS = {"client": 0, "middle": 2, "server": 4}
LAST_PLACE = 4
DELAY = 0.010
DLT_RAW = 101


class Rule:
    """What happens at one place to the packets toward one host that match, at most 'times' times."""

    def __init__(self, wire, place, toward, match, act, times):
        self.wire, self.place, self.toward, self.match, self.act = wire, place, toward, match, act
        self.times, self.hits = times, 0

    def takes(self, packet, place, toward):
        if place != self.place or toward != self.toward or self.hits == self.times or not self.match(packet):
            return False
        with self.wire.changed:
            self.hits += 1
            self.wire.changed.notify_all()
        return True

    def wait(self, hits=1, timeout=5):
        """Blocks until it has acted so often."""
        with self.wire.changed:
            if not self.wire.changed.wait_for(lambda: self.hits >= hits, timeout):
                raise TimeoutError("the packet that the scenario waits for did not come")

    def stop(self):
        self.times = self.hits


class Wire(threading.Thread):
    """tuns: the file descriptors of the client's and the server's device. Closing them is the caller's."""

    def __init__(self, tuns, tap):
        super().__init__(daemon=True)
        self.tuns, self.tap = tuns, TAPS[tap]
        self.changed = threading.Condition()
        self.rules = []
        self.newest = {}  # the newest packet of (address, port, address, port)
        self.recorded = []
        self.recording = True
        self.due = []
        self.order = itertools.count()
        self.wake, self.waker = os.pipe()
        self.running = True
        self.failure = None

    # For scenarios, from their thread.

    def rule(self, place, toward, match, act, times=None):
        """act(packet) returns what goes on instead: a list of (packet, seconds later)."""
        rule = Rule(self, place, toward, match, act, times)
        self.rules = self.rules + [rule]
        return rule

    def forge(self, data, toward, place):
        """A packet that appears at a place, on its way to one host."""
        self.schedule(0, wire_packet.parse(data), toward, self.onward(place, toward))
        os.write(self.waker, b"!")

    def settle(self, timeout=2):
        """Blocks until nothing is on its way, and has not been for two round trips."""
        limit, quiet = time.monotonic() + timeout, time.monotonic()
        while time.monotonic() < limit and time.monotonic() - quiet < 4 * DELAY:
            time.sleep(DELAY / 5)
            if self.due:
                quiet = time.monotonic()

    def stop(self):
        self.running = False
        os.write(self.waker, b"!")
        self.join()
        os.close(self.wake)
        os.close(self.waker)

    def pcap(self):
        """The recording as a file: libpcap's format, microseconds, raw IP."""
        parts = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, DLT_RAW)]
        for at, data in self.recorded:
            micros = int(at * 1e6)
            parts.append(struct.pack("<IIII", micros // 1000000, micros % 1000000, len(data), len(data)) + data)
        return b"".join(parts)

    # The wire's own thread.

    @staticmethod
    def onward(place, toward):
        return place + 1 if toward == SERVER else place - 1

    def schedule(self, delay, packet, toward, place):
        """Puts a packet before a place that it reaches after the delay and a quarter of the wire's."""
        at = time.monotonic() + delay + DELAY / LAST_PLACE
        heapq.heappush(self.due, (at, next(self.order), packet, toward, place))

    def enter(self, host):
        try:
            data = os.read(self.tuns[host], 65536)
        except BlockingIOError:
            return
        packet = wire_packet.parse(data)
        if packet:
            self.newest[packet.source, packet.sport, packet.target, packet.dport] = packet
            self.arrive(time.monotonic(), packet, 1 - host, 0 if host == CLIENT else LAST_PLACE)

    def arrive(self, now, packet, toward, place):
        if place == self.tap and self.recording:
            self.recorded.append((time.time(), packet.data))
        if place == (LAST_PLACE if toward == SERVER else 0):
            self.deliver(packet, toward)
            return
        passing = [(packet, 0)]
        for rule in self.rules:
            if rule.takes(packet, place, toward):
                passing = rule.act(packet)
                break
        for each, later in passing:
            at = now + later + DELAY / LAST_PLACE
            heapq.heappush(self.due, (at, next(self.order), each, toward, self.onward(place, toward)))

    def deliver(self, packet, toward):
        try:
            os.write(self.tuns[toward], packet.data)
        except OSError:
            pass  # the device is down: so is the wire

    def run(self):
        try:
            self.carry()
        except Exception as failure:  # pylint: disable=broad-except; the scenario's thread raises it
            self.failure = failure

    def carry(self):
        while self.running:
            wait = max(0, self.due[0][0] - time.monotonic()) if self.due else None
            ready, _, _ = select.select([*self.tuns, self.wake], [], [], wait)
            if self.wake in ready:
                os.read(self.wake, 4096)
            while self.due and self.due[0][0] <= time.monotonic():
                at, _, packet, toward, place = heapq.heappop(self.due)
                self.arrive(at, packet, toward, place)
            for host in (CLIENT, SERVER):
                if self.tuns[host] in ready:
                    self.enter(host)
