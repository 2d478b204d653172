# SPDX-License-Identifier: GPL-2.0-or-later
"""Small captures, made frame by frame, for the end-to-end tests (cli.py)."""

import socket
import struct

FIN, SYN, RST, ACK = 1, 2, 4, 16
START = 1_700_000_000


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data[: len(data) // 2 * 2]))
    total += data[-1] << 8 if len(data) % 2 else 0
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Capture:
    """Frames of Ethernet, IPv4 and TCP or UDP, put into pcap in the order they are made."""

    def __init__(self):
        self.records = []
        self.ip_id = 0

    def frame(self, at, src, dst, protocol, payload):
        self.ip_id += 1
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), self.ip_id & 0xFFFF, 0x4000, 64,
                         protocol, 0, socket.inet_aton(src), socket.inet_aton(dst))
        ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
        self.records.append((at, bytes(12) + b"\x08\x00" + ip + payload))

    def tcp(self, at, src, dst, flags, seq, ack=0, data=b""):
        def build(total):
            return struct.pack(">HHIIBBHHH", src[1], dst[1], seq, ack, 0x50, flags, 1000, total, 0) + data

        pseudo = socket.inet_aton(src[0]) + socket.inet_aton(dst[0])
        pseudo += struct.pack(">BBH", 0, 6, 20 + len(data))
        self.frame(at, src[0], dst[0], 6, build(checksum(pseudo + build(0))))

    def udp(self, at):
        self.frame(at, "192.0.2.1", "192.0.2.2", 17, struct.pack(">HHHH", 1, 2, 8, 0))

    def icmp_error(self, at):
        """Port unreachable, for a datagram of the above."""
        quoted = self.records[-1][1][14:]
        self.frame(at, "192.0.2.2", "192.0.2.1", 1, struct.pack(">BBHI", 3, 3, 0, 0) + quoted)

    def handshake(self, at, client, server):
        self.tcp(at, client, server, SYN, 100)
        self.tcp(at + 0.001, server, client, SYN | ACK, 500, 101)
        self.tcp(at + 0.002, client, server, ACK, 101, 501)

    def graceful(self, at, port, closed=0.01, server=("192.0.2.80", 80)):
        """A connection that the client closes, 'closed' seconds after it began."""
        client = ("192.0.2.10", port)
        self.handshake(at, client, server)
        self.tcp(at + closed, client, server, FIN | ACK, 101, 501)
        self.tcp(at + closed + 0.001, server, client, FIN | ACK, 501, 102)
        self.tcp(at + closed + 0.002, client, server, ACK, 102, 502)
        return self

    def reset(self, at, port, server=("192.0.2.80", 80)):
        client = ("192.0.2.10", port)
        self.handshake(at, client, server)
        self.tcp(at + 0.01, server, client, RST | ACK, 501, 101)
        return self

    def sort(self):
        self.records.sort(key=lambda record: record[0])
        return self

    def pcap(self, link=1, nanoseconds=False):
        unit = 10**9 if nanoseconds else 10**6
        out = struct.pack("<IHHiIII", 0xA1B23C4D if nanoseconds else 0xA1B2C3D4, 2, 4, 0, 0, 65535, link)
        for at, frame in self.records:
            ticks = round(at * unit)
            out += struct.pack("<IIII", START + ticks // unit, ticks % unit, len(frame), len(frame)) + frame
        return out
