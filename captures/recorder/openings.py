# SPDX-License-Identifier: GPL-2.0-or-later
"""Connections that fail to open, or open in unusual ways."""

import socket

from . import packet
from .packet import is_bare_ack, is_syn
from .run import nap
from .scenario import scenario
from .wire import CLIENT, SERVER

NEAR_CLIENT, NEAR_SERVER = 1, 3
# What a router says, as (type, code): of IPv4, of IPv6.
REFUSALS = {
    "syn_icmp_port_unreach": ("port unreachable", (3, 3), (1, 4)),
    "syn_icmp_host_unreach": ("host (IPv6: address) unreachable", (3, 1), (1, 3)),
    "syn_icmp_net_unreach": ("network unreachable (IPv6: no route)", (3, 0), (1, 0)),
    "syn_icmp_admin_prohib": ("forbidden", (3, 13), (1, 1)),
    "syn_icmp_proto_unreach": ("protocol unreachable (IPv6: unrecognised next header)", (3, 2), (4, 1)),
    "syn_icmp_policy": ("IPv6: source address failed the policy", None, (1, 5)),
    "syn_icmp_reject_route": ("IPv6: a route that rejects", None, (1, 6)),
}


def router_refuses(name, what, of4, of6):
    def refused(run):
        kind, code = of4 if run.version == 4 else of6
        run.wire.rule(NEAR_SERVER, SERVER, lambda _: True, lambda each: answer(run, each, kind, code))
        run.client().connect(run.target())

    def answer(run, each, kind, code):
        run.wire.forge(packet.icmp_error(run.router, each, kind, code), CLIENT, NEAR_SERVER)
        return []

    refused.__name__ = name
    scenario(f"a router refuses the SYN: {what}", versions=(4, 6) if of4 else (6,))(refused)


for each_refusal, (each_what, each_of4, each_of6) in REFUSALS.items():
    router_refuses(each_refusal, each_what, each_of4, each_of6)


@scenario("nobody listens")
def refused_no_listener(run):
    run.client().connect(run.target())


@scenario("a firewall drops the SYNs")
def syn_dropped_timeout(run):
    run.hosts[CLIENT].sysctl("ipv4.tcp_syn_retries", 1)
    run.wire.rule(NEAR_SERVER, SERVER, is_syn, lambda _: [])
    run.listen()
    run.client().connect(run.target())


@scenario("a firewall answers for the server's host, with a TTL of its own")
def fw_reject_tcp_reset(run):
    def reject(syn):
        run.wire.forge(packet.tcp((syn.target, syn.dport), (syn.source, syn.sport), packet.RST | packet.ACK, 0, syn.end,
                                  ttl=61), CLIENT, NEAR_SERVER)
        return []

    run.wire.rule(NEAR_SERVER, SERVER, is_syn, reject)
    run.client().connect(run.target())


@scenario("nftables on the server's host rejects with a TCP reset")
def firewall_reject(run):
    run.listen()
    nft_reject(run)
    run.client().connect(run.target())


@scenario("nftables on the server's host starts to reject an established connection")
def firewall_reject_established(run):
    a, b = run.talking()
    nft_reject(run)
    a.send(b"GET")
    a.recv()
    nap(0.1)
    b.recv(timeout=0.2)


def nft_reject(run):
    run.hosts[SERVER].run("nft", "add table inet wall")
    run.hosts[SERVER].run("nft", "add chain inet wall in { type filter hook input priority 0; }")
    run.hosts[SERVER].run("nft", f"add rule inet wall in tcp dport {run.port} reject with tcp reset")


@scenario("the client closes while its SYN is out")
def close_in_syn_sent(run):
    run.listen()
    client = run.client()
    client.start_connecting(run.target())
    client.close()
    nap(0.1)


@scenario("the client's host goes dark after its SYN: the SYN-ACKs find nobody", versions=(4,))
def synack_unanswered(run):
    run.hosts[CLIENT].sysctl("ipv4.tcp_syn_retries", 1)
    run.hosts[SERVER].sysctl("ipv4.tcp_synack_retries", 1)
    run.wire.rule(NEAR_CLIENT, CLIENT, lambda _: True, lambda _: [])
    run.listen()
    run.client().connect(run.target())


@scenario("the SYN is lost beyond the tap, then the SYN-ACK", versions=(4,))
def syn_and_synack_lost(run):
    listener = run.listen()
    run.wire.rule(NEAR_SERVER, SERVER, is_syn, lambda _: [], 1)
    run.wire.rule(NEAR_CLIENT, CLIENT, is_syn, lambda _: [], 1)
    client = run.client()
    client.connect(run.target())
    server = run.accept(listener)
    client.close()
    server.recv()
    server.close()


@scenario("the handshake's last ACK is lost; the request carries it", versions=(4,))
def handshake_ack_lost(run):
    listener = run.listen()
    run.wire.rule(NEAR_SERVER, SERVER, is_bare_ack, lambda _: [], 1)
    client = run.client()
    client.connect(run.target())
    nap(0.1)
    client.send(b"GET")
    server = run.accept(listener)
    server.recv()
    server.close()
    client.recv()
    client.close()


@scenario("both connect at once, from fixed ports", taps=True)
def simultaneous_open(run):
    client, server = run.client(), run.client("server", SERVER)
    ends = [(run.addresses[host][0], run.port + host * 1000) for host in (CLIENT, SERVER)]
    client.plain.bind(ends[CLIENT])
    server.plain.bind(ends[SERVER])
    server.start_connecting(ends[CLIENT])
    nap(0.002)  # so that a tap in the middle always sees this SYN first
    client.start_connecting(ends[SERVER])
    nap(0.1)
    client.send(b"1")
    server.recv()
    server.send(b"2")
    client.recv()
    client.close()
    server.recv()
    server.close()


@scenario("a forged RST one below what SYN-RECEIVED expects")
def rst_in_syn_rcvd(run):
    listener = run.listen()
    client = run.client()
    held = run.wire.rule(NEAR_SERVER, SERVER, is_bare_ack, lambda each: [(each, 0.05)], 1)
    client.connect(run.target())
    held.wait()
    source = client.local
    newest = run.wire.newest[source + run.target()]
    forged = packet.tcp(source, run.target(), packet.RST, newest.seq - 1, ttl=37, ip_id=4660)
    run.wire.forge(forged, SERVER, NEAR_CLIENT)
    nap(0.1)
    client.send(b"GET")
    server = run.accept(listener)
    server.recv()
    server.close()
    client.recv()
    client.close()


@scenario("four clients meet an accept queue of one")
def accept_overflow_abort(run):
    run.hosts[SERVER].sysctl("ipv4.tcp_synack_retries", 1)
    listener = run.listen(backlog=0)
    clients = [run.client(f"client{nth}") for nth in range(4)]
    for client in clients:
        client.start_connecting(run.target())
    nap(0.1)
    for client in clients:
        client.note(f"SO_ERROR={client.plain.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)}")
        client.send(b"GET")
    nap(0.1)
    server = run.accept(listener)
    server.recv()
    server.close()
    listener.close()
    nap(0.1)
    for client in clients:
        client.recv()
        client.close()


@scenario("the accept queue is full when a handshake completes, and tcp_abort_on_overflow is set")
def backlog_full_reset(run):
    run.hosts[SERVER].sysctl("ipv4.tcp_abort_on_overflow", 1)
    run.listen(backlog=2)
    clients = [run.client(f"client{nth}") for nth in range(4)]
    for client in clients[:2]:
        client.connect(run.target())
    nap(0.1)
    for client in clients[2:]:
        client.start_connecting(run.target())
    nap(0.1)
    for client in clients[2:]:
        client.note(f"SO_ERROR={client.plain.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)}")


@scenario("the accept queue is full: a later client's SYNs are dropped", versions=(4,))
def backlog_full(run):
    run.hosts[CLIENT].sysctl("ipv4.tcp_syn_retries", 1)
    run.listen(backlog=0)
    first = run.client()
    first.connect(run.target())
    nap(0.1)
    second = run.client("client2")
    second.connect(run.target())


def fast_open(run, requests):
    """Two connections: the first fetches the cookie, the second, yielded, has one."""
    for host in run.hosts:
        host.sysctl("ipv4.tcp_fastopen", 3)
    listener = run.listen(options=((socket.TCP_FASTOPEN, 8),))
    for nth, request in zip(("", "2"), requests):
        client = run.client("client" + nth)
        client.plain.settimeout(None)
        client.call("sendto(TFO)", lambda each=client: each.plain.sendto(request, socket.MSG_FASTOPEN, run.target()))
        yield client, lambda name="server" + nth: run.accept(listener, name)


@scenario("Fast Open: the first connection fetches the cookie, the second uses it")
def tfo(run):
    for client, accept in fast_open(run, (b"GET1", b"GET2")):
        server = accept()
        server.recv()
        server.send(b"OK")
        server.close()
        client.recv()
        client.recv()
        client.close()
        run.wire.settle()


@scenario("Fast Open: the client has closed before the server's answer, its SYN on the way", versions=(4,))
def tfo_client_gone(run):
    for client, accept in fast_open(run, (b"GET1", b"GET2")):
        if client.name == "client":
            server = accept()
            server.recv()
            server.close()
            client.recv()
            client.close()
            run.wire.settle()
        else:
            client.close()
            server = accept()
            server.recv()
            server.send(b"OK")
            server.close()


@scenario("Fast Open: the SYN with the data is lost beyond the tap; a plain one follows")
def tfo_syn_lost(run):
    lost = None
    for client, accept in fast_open(run, (b"GET1", b"GET2")):
        server = accept()
        server.recv()
        server.close()
        client.recv()
        client.close()
        run.wire.settle()
        lost = lost or run.wire.rule(NEAR_SERVER, SERVER, is_syn, lambda _: [], 1)


@scenario("Fast Open: the server aborts, the data in the SYN unread", versions=(4,))
def tfo_unread(run):
    for client, accept in fast_open(run, (b"GET1", b"GET2")):
        accept().close()
        nap(0.1)
        client.recv()
        client.close()
