# SPDX-License-Identifier: GPL-2.0-or-later
"""One run of a scenario: its two hosts, the wire, its sockets, and what each of their calls returned."""

import contextlib
import errno
import re
import socket
import struct
import subprocess
import sys
import time

from . import packet, wire
from .host import Host
from .wire import CLIENT, SERVER

HEADER = "# what the two applications' calls returned, in order, then what the kernel said of its sockets " \
         "and its RSTs\n"
# The client's second address is for a server behind a proxy; the router is nobody's.
ADDRESSES = {4: (("10.9.0.1/24", "10.9.0.3/24"), ("10.9.0.2/24",)), 6: (("fd09::1/64", "fd09::3/64"), ("fd09::2/64",))}
ROUTER = {4: "10.9.0.254", 6: "fd09::fe"}
CALL_TIMEOUT = 5
WORTH_TELLING = 0.25
FLAGS = {"F": packet.FIN, "S": packet.SYN, "R": packet.RST, "P": packet.PSH, "A": packet.ACK}


def error_name(error):
    return errno.errorcode.get(error.errno, str(error)) if error.errno else "py-timeout"


class Socket:
    """A socket whose calls are noted with what they returned, under its application's name. 'local' is its
    own address and port, which a closed one has too."""

    def __init__(self, run, host, name, plain):
        self.run, self.host, self.name, self.plain = run, host, name, plain
        self.local = None
        plain.settimeout(CALL_TIMEOUT)
        run.opened.append(plain)

    def note(self, text):
        self.run.note(self.name, text)

    def call(self, what, function):
        """Notes what the call returned, or its error; returns its result or None."""
        began, result = time.monotonic(), None
        try:
            result = function()
            text = f"{what}={self.told(result)}"
        except OSError as error:
            text = f"{what}={error_name(error)}"
        took = time.monotonic() - began
        self.note(text + (f" after {took:.1f}s" if took >= WORTH_TELLING else ""))
        return result

    @staticmethod
    def told(result):
        if isinstance(result, bytes):
            return f"{len(result)}B" if result else "EOF(0)"
        return str(result)

    def connect(self, to, port_from=None):
        if port_from:
            self.plain.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.call(f"bind({port_from})", lambda: self.plain.bind((self.run.addresses[self.host][0], port_from)))
        self.call("connect", lambda: self.plain.connect(to))
        self.local = self.plain.getsockname()[:2]
        return self.is_connected()

    def is_connected(self):
        try:
            self.plain.getpeername()
        except OSError:
            return False
        return True

    def start_connecting(self, to, port_from=None):
        """A connect that does not wait."""
        if port_from:
            self.plain.bind((self.run.addresses[self.host][0], port_from))
        self.plain.settimeout(0)
        with contextlib.suppress(BlockingIOError):
            self.plain.connect(to)
        self.plain.settimeout(CALL_TIMEOUT)
        self.local = self.plain.getsockname()[:2]

    def send(self, data, more=False):
        flags = socket.MSG_MORE if more else 0
        self.call(f"send({len(data)}{',MORE' if more else ''})", lambda: self.plain.send(data, flags))

    def fill(self, quiet=0.3):
        """Sends until nothing more is taken for a while: a few thousand bytes."""
        self.plain.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4608)
        self.plain.settimeout(quiet)
        total = 0
        with contextlib.suppress(TimeoutError):
            while True:
                total += self.plain.send(bytes(1000))
        self.plain.settimeout(CALL_TIMEOUT)
        self.note(f"buffer full after {total}B")

    def recv(self, size=65536, timeout=CALL_TIMEOUT):
        self.plain.settimeout(timeout)
        return self.call("recv", lambda: self.plain.recv(size))

    def drain(self):
        """Reads until the end or an error."""
        while self.recv():
            pass

    def shutdown(self, how):
        self.call(f"shutdown({how})", lambda: self.plain.shutdown(getattr(socket, "SHUT_" + how)))

    def linger(self, seconds):
        self.note(f"SO_LINGER{{1,{seconds}}}")
        self.plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, seconds))

    def keepalive(self, idle=1, interval=1, probes=2):
        for option, value in ((socket.TCP_KEEPIDLE, idle), (socket.TCP_KEEPINTVL, interval),
                              (socket.TCP_KEEPCNT, probes)):
            self.plain.setsockopt(socket.IPPROTO_TCP, option, value)
        self.plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def user_timeout(self, seconds):
        self.plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(seconds * 1000))

    def close(self):
        began = time.monotonic()
        self.plain.close()
        self.note("close()")
        if time.monotonic() - began >= WORTH_TELLING:
            self.note(f"close took {time.monotonic() - began:.1f}s")

    def abort(self):
        self.linger(0)
        self.close()

    def kill(self):
        """SIGKILL to the process that holds it."""
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], pass_fds=[self.plain.fileno()])
        self.run.children.append(child)
        self.plain.close()
        child.kill()
        child.wait()
        self.note("SIGKILL")

    def ss(self, when=""):
        """Notes how ss shows this host's sockets."""
        self.note(f"ss{when}: {self.run.hosts[self.host].sockets()}".rstrip())



class Run:
    """A context. Scenarios speak of a and b: a is the one that connects, or with swapped the one
    that accepts."""

    def __init__(self, port, version=4, swapped=False, tap="middle"):
        self.port, self.version, self.swapped, self.tap = port, version, swapped, tap
        self.notes, self.opened, self.children = {}, [], []  # notes: texts by the application's name
        self.hosts, self.wire = [], None
        self.addresses = [[each.partition("/")[0] for each in host] for host in ADDRESSES[version]]
        self.router = ROUTER[version]
        self.protocol = socket.IPPROTO_TCP

    def __enter__(self):
        try:
            for addresses in ADDRESSES[self.version]:
                self.hosts.append(Host(addresses))
            self.wire = wire.Wire([host.tun for host in self.hosts], self.tap)
            self.wire.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for each in self.opened:
            each.close()
        for child in self.children:
            child.kill()
            child.wait()
        if self.wire and self.wire.is_alive():
            self.wire.recording = False
            for host in self.hosts:
                host.forget_sockets()
            self.wire.stop()
        for host in self.hosts:
            host.close()
        self.hosts = []

    def note(self, name, text):
        self.notes.setdefault(name, []).append(text)

    def finish(self):
        """Waits for what is on its way, notes how ss shows what is left, and stops the recording."""
        self.wire.settle()
        for host, name in enumerate(("client", "server")):
            self.note(name, f"ss at the end: {self.hosts[host].sockets()}".rstrip())
        self.wire.recording = False
        if self.wire.failure:
            raise self.wire.failure

    def truth(self, kernel):
        """The .truth file; kernel: the lines that were traced."""
        order = sorted(self.notes, key=lambda name: (name.rstrip("0123456789") != "client", name))
        apps = [f"app {name} {text}\n" for name in order for text in self.notes[name]]
        return HEADER + "".join(apps) + "".join(f"kernel {line}\n" for line in kernel)

    # Sockets.

    def plain(self, host):
        with self.hosts[host].inside():
            return socket.socket(socket.AF_INET6 if self.version == 6 else socket.AF_INET, socket.SOCK_STREAM,
                                 self.protocol)

    def target(self, address=None, port=None):
        return (address or self.addresses[SERVER][0], port or self.port)

    def listen(self, backlog=8, host=SERVER, address=None, receive_buffer=None, options=()):
        """A listening socket of Python's own: its calls are not told."""
        listener = self.plain(host)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if receive_buffer:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        for option, value in options:
            listener.setsockopt(socket.IPPROTO_TCP, option, value)
        listener.bind((address or self.addresses[host][0], self.port))
        listener.listen(backlog)
        listener.settimeout(CALL_TIMEOUT)
        self.opened.append(listener)
        return listener

    def client(self, name="client", host=CLIENT, receive_buffer=None):
        plain = self.plain(host)
        if receive_buffer:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        return Socket(self, host, name, plain)

    def accept(self, listener, name="server", host=SERVER):
        server = Socket(self, host, name, listener.accept()[0])
        server.local = server.plain.getsockname()[:2]
        return server

    def connected(self, receive_buffer=None, port_from=None):
        """An established connection, as (a, b)."""
        listener = self.listen(receive_buffer=receive_buffer)
        client = self.client(receive_buffer=receive_buffer)
        client.connect(self.target(), port_from)
        server = self.accept(listener)
        listener.close()
        self.wire.settle()
        return (server, client) if self.swapped else (client, server)

    def talking(self, **options):
        """The same after a request of 3 bytes and an answer of 2."""
        pair = self.connected(**options)
        client, server = pair[::-1] if self.swapped else pair
        client.send(b"GET")
        server.recv()
        server.send(b"OK")
        client.recv()
        self.wire.settle()
        return pair

    # The wire, in the scenario's words: 'near' and 'toward' are sockets.

    @staticmethod
    def place(near):
        return 1 if near.host == CLIENT else 3

    def lose(self, toward, near, match=lambda _: True, times=None):
        """Near the sender the usual tap in the middle does not see the packet, near the receiver it does."""
        return self.wire.rule(self.place(near), toward.host, match, lambda _: [], times)

    def hold(self, toward, near, seconds, match, times=1):
        return self.wire.rule(self.place(near), toward.host, match, lambda each: [(each, seconds)], times)

    def repeat(self, toward, near, seconds, match=lambda _: True, times=None):
        return self.wire.rule(self.place(near), toward.host, match, lambda each: [(each, 0), (each, seconds)], times)

    def watch(self, toward, near, match):
        return self.wire.rule(self.place(near), toward.host, match, lambda each: [(each, 0)])

    def answer(self, toward, near, make, match=lambda _: True, times=None):
        """In place of the packet an answer goes back: make(packet)."""
        place = self.place(near)

        def act(each):
            data = make(each)
            if data:
                self.wire.forge(data, 1 - toward.host, place)
            return []

        return self.wire.rule(place, toward.host, match, act, times)

    def icmp(self, toward, near, kind, code, match=lambda _: True, times=None):
        """A router refuses."""
        return self.answer(toward, near, lambda each: packet.icmp_error(self.router, each, kind, code), match, times)

    def forge(self, source, target, flags, near, offset=0, seq=None, ack=None, payload=b"", ttl=37, window=0):
        """A segment in the name of 'source'. Its SEQ is offset beyond that side's next, unless given."""
        newest = self.wire.newest[source.local + target.local]
        bits = sum(FLAGS[flag] for flag in flags)
        ack = (newest.ack if ack is None else ack) if bits & packet.ACK else 0
        data = packet.tcp(source.local, target.local, bits, (newest.end if seq is None else seq) + offset, ack,
                          window, payload, ttl, 4660)
        self.wire.forge(data, target.host, self.place(near))


def nap(seconds):
    time.sleep(seconds)


def variant(name):
    """(scenario, version, swapped, tap) of a name like keepalive_race.v6.swap.tap_client."""
    match = re.fullmatch(r"(\w+)(\.v6)?(\.swap)?(?:\.tap_(client|middle|server))?", name)
    if not match:
        raise ValueError(f"{name}: no such scenario")
    return match[1], 6 if match[2] else 4, bool(match[3]), match[4] or "middle"
