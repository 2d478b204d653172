# SPDX-License-Identifier: GPL-2.0-or-later
"""What stands between the two ends: routers, gateways, forgers, a proxy."""

from . import packet
from .packet import is_data
from .run import nap
from .scenario import scenario
from .wire import CLIENT, SERVER


@scenario("a router starts to refuse: host (IPv6: address) unreachable", swap=True)
def est_icmp_host_unreach(run):
    for host in run.hosts:
        host.sysctl("ipv4.tcp_retries2", 3)
    a, b = run.talking()
    run.icmp(b, b, *((3, 1) if run.version == 4 else (1, 3)))
    a.send(b"12345")
    a.recv()
    b.recv(timeout=0.2)


@scenario("a router says of one packet that it is too big; the path is smaller from then on")
def icmp_too_big(run):
    a, b = run.talking()

    def too_big(each):
        kind, code, mtu = (3, 4, 1300) if run.version == 4 else (2, 0, 1300)
        return packet.icmp_error(run.router, each, kind, code, mtu)

    run.answer(b, b, too_big, lambda each: len(each.data) > 1300)
    a.send(bytes(3000))
    a.close()
    b.drain()
    b.close()


@scenario("a box on the way resets both sides", swap=True)
def rst_injected_pair(run):
    a, b = run.talking()
    run.forge(b, a, "RA", near=b)
    run.forge(a, b, "RA", near=a)
    a.recv()
    a.send(b"1")
    b.recv()


@scenario("a box on the way resets one side; the other sends on", swap=True)
def rst_injected_then_data(run):
    a, b = run.talking()
    run.forge(b, a, "RA", near=b)
    a.recv()
    nap(0.1)
    b.send(b"12345678")
    b.recv()


@scenario("a box beyond the tap resets one side; the other sends on", swap=True)
def rst_injected_unseen(run):
    a, b = run.talking()
    run.forge(b, a, "RA", near=a)
    a.recv()
    nap(0.1)
    b.send(b"12345678")
    b.recv()


@scenario("a box on the way resets both sides and says why", swap=True)
def rst_text(run):
    a, b = run.talking()
    run.forge(b, a, "RA", near=b, payload=b"connection closed by policy 17")
    run.forge(a, b, "RA", near=a, payload=b"connection closed by policy 17")
    a.recv()
    b.recv()


@scenario("an attacker guesses: RSTs and a SYN inside and outside the window (RFC 5961)", swap=True)
def blind_rst_challenge_ack(run):
    a, b = run.talking()
    run.forge(b, a, "R", near=b, offset=1000)
    nap(0.1)
    run.forge(b, a, "R", near=b, offset=-5000000)
    nap(0.1)
    run.forge(b, a, "S", near=b, offset=500)
    nap(0.1)
    a.send(b"12345")
    b.recv()
    b.send(b"789")
    a.recv()
    a.close()
    b.recv()
    b.close()


@scenario("a gateway has forgotten the connection and answers for the other side", swap=True)
def nat_idle_timeout_rst(run):
    for host in run.hosts:
        host.sysctl("ipv4.tcp_orphan_retries", 2)
    a, b = run.talking()
    nap(1.5)

    def forgotten(each):
        if each.flags & packet.RST:
            return None
        return packet.tcp((each.target, each.dport), (each.source, each.sport), packet.RST | packet.ACK, each.ack,
                          each.end, window=each.window, ttl=253)

    run.answer(b, b, forgotten)
    a.send(b"0123456789")
    a.recv()
    a.send(b"1")
    nap(0.5)
    b.recv(timeout=0.5)
    b.close()
    nap(1.5)


class Proxy:
    """A proxy on the server's host. Its server is the client's host's other address, so that both
    connections, from the client and to that server, pass the wire."""

    def __init__(self, run):
        self.run = run
        self.behind = run.addresses[CLIENT][1]
        front, back = run.listen(), run.listen(host=CLIENT, address=self.behind)
        self.client = run.client()
        self.client.connect(run.target())
        self.front = run.accept(front, "proxy-front")
        self.back = run.client("proxy-back", SERVER)
        self.back.connect(run.target(self.behind))
        self.server = run.accept(back, "server", CLIENT)

    def talk(self):
        self.client.send(b"GET")
        self.back.send(self.front.recv())
        self.server.recv()
        self.server.send(b"OK")
        self.front.send(self.back.recv())
        self.client.recv()
        self.run.wire.settle()


@scenario("a proxy between: the server behind it closes, the proxy passes that on")
def proxy_server_closes(run):
    proxy = Proxy(run)
    proxy.talk()
    proxy.server.close()
    proxy.back.recv()
    proxy.front.close()
    proxy.client.recv()
    proxy.client.close()
    proxy.back.close()


@scenario("a proxy between: the client closes, the proxy passes that on", versions=(4,))
def proxy_client_closes(run):
    proxy = Proxy(run)
    proxy.talk()
    proxy.client.close()
    proxy.front.recv()
    proxy.back.close()
    proxy.server.recv()
    proxy.server.close()
    proxy.front.close()


@scenario("a proxy between: the server behind it aborts, the client gets a FIN", versions=(4,))
def proxy_server_aborts(run):
    proxy = Proxy(run)
    proxy.talk()
    proxy.server.abort()
    proxy.back.recv()
    proxy.back.close()
    proxy.front.close()
    proxy.client.recv()
    proxy.client.close()


@scenario("a proxy between: nobody listens behind it, the proxy aborts the client's connection", versions=(4,))
def proxy_no_server(run):
    front = run.listen()
    client = run.client()
    client.connect(run.target())
    client.send(b"GET")
    accepted = run.accept(front, "proxy-front")
    accepted.recv()
    back = run.client("proxy-back", SERVER)
    back.connect(run.target(run.addresses[CLIENT][1]))
    accepted.abort()
    client.recv()


@scenario("all of an answer arrives out of order, the FIN among it", swap=True, taps=True, versions=(4,))
def answer_reordered(run):
    a, b = run.talking()
    b.send(b"more", more=True)
    held = run.hold(toward=a, near=b, seconds=0.008, match=is_data, times=2)
    b.send(bytes(4000))
    b.close()
    held.wait()
    a.drain()
    a.close()
