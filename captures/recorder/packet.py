# SPDX-License-Identifier: GPL-2.0-or-later
"""IPv4, IPv6, TCP and ICMP errors: enough to look at what passes the wire and to forge more of it."""

import dataclasses
import ipaddress
import struct

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
TCP, ICMP, ICMP6 = 6, 1, 58
# Echoes, neighbours and group reports are not of a connection: the wire carries only ICMP's errors.
ICMP_ERRORS = {ICMP: (3, 11, 12), ICMP6: (1, 2, 3, 4)}


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


@dataclasses.dataclass
class Packet:
    """One packet as it is on the wire; the TCP fields are zero in an ICMP error."""
    data: bytes
    protocol: int
    source: str
    target: str
    ttl: int
    sport: int = 0
    dport: int = 0
    seq: int = 0
    ack: int = 0
    flags: int = 0
    window: int = 0
    length: int = 0

    @property
    def end(self):
        """The sequence number that follows it: SYN and FIN count one each."""
        return (self.seq + self.length + bool(self.flags & SYN) + bool(self.flags & FIN)) & 0xFFFFFFFF


def parse(data):
    """The packet, or None when it is neither TCP nor an ICMP error."""
    if data[0] >> 4 == 4:
        header = (data[0] & 15) * 4
        protocol, ttl, source, target = data[9], data[8], data[12:16], data[16:20]
    else:
        header = 40
        protocol, ttl, source, target = data[6], data[7], data[8:24], data[24:40]
    packet = Packet(data, protocol, str(ipaddress.ip_address(source)), str(ipaddress.ip_address(target)), ttl)
    if protocol in ICMP_ERRORS:
        return packet if data[header] in ICMP_ERRORS[protocol] else None
    if protocol != TCP:
        return None
    packet.sport, packet.dport, packet.seq, packet.ack, offset, packet.flags, packet.window = \
        struct.unpack_from(">HHIIBBH", data, header)
    packet.length = len(data) - header - (offset >> 4) * 4
    return packet


def ip(source, target, protocol, payload, ttl, ip_id=0):
    """An IP packet around a payload whose checksum, at its place, covers the pseudo header too."""
    source, target = ipaddress.ip_address(source), ipaddress.ip_address(target)
    place = 16 if protocol == TCP else 2
    pseudo = source.packed + target.packed + struct.pack(">II", len(payload), protocol)
    total = checksum(payload if protocol == ICMP else pseudo + payload)
    payload = payload[:place] + struct.pack(">H", total) + payload[place + 2:]
    if source.version == 6:
        return struct.pack(">IHBB", 6 << 28, len(payload), protocol, ttl) + source.packed + target.packed + payload
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), ip_id, 0, ttl, protocol, 0)
    head += source.packed + target.packed
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + payload


def tcp(source, target, flags, seq, ack=0, window=0, payload=b"", ttl=64, ip_id=0):
    """A TCP segment without options; source and target are (address, port)."""
    segment = struct.pack(">HHIIBBHHH", source[1], target[1], seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, 0x50, flags,
                          window, 0, 0) + payload
    return ip(source[0], target[0], TCP, segment, ttl, ip_id)


def with_ports(packet, sport, dport):
    """The same segment with other ports, as a gateway translates them."""
    header = (packet.data[0] & 15) * 4 if packet.data[0] >> 4 == 4 else 40
    data = packet.data
    total = struct.unpack_from(">H", data, header + 16)[0]
    # RFC 1624: the checksum is corrected by what has changed.
    total = checksum(struct.pack(">5H", ~total & 0xFFFF, ~packet.sport & 0xFFFF, ~packet.dport & 0xFFFF, sport, dport))
    ports = struct.pack(">HH", sport, dport)
    return parse(data[:header] + ports + data[header + 4:header + 16] + struct.pack(">H", total) + data[header + 18:])


def icmp_error(router, packet, kind, code, extra=0):
    """What a router says of a packet: its IP header and the first bytes after that are quoted."""
    quoted = packet.data[:28] if packet.data[0] >> 4 == 4 else packet.data[:1232]
    body = struct.pack(">BBHI", kind, code, 0, extra) + quoted
    return ip(router, packet.source, ICMP if packet.data[0] >> 4 == 4 else ICMP6, body, 64, 7)


def is_fin(packet):
    return bool(packet.flags & FIN)


def is_rst(packet):
    return bool(packet.flags & RST)


def is_syn(packet):
    return bool(packet.flags & SYN)


def is_data(packet):
    return packet.length > 0


def is_bare_ack(packet):
    return packet.protocol == TCP and packet.length == 0 and packet.flags & (FIN | SYN | RST) == 0
