# SPDX-License-Identifier: GPL-2.0-or-later
"""What happens to a pair of addresses and ports that is in TIME-WAIT, or taken."""

import socket

from . import packet
from .run import Socket, nap
from .scenario import scenario
from .wire import CLIENT, SERVER

FIXED_PORT = 40001


def close_both(first, second):
    first.close()
    second.recv()
    second.close()


@scenario("TIME-WAIT without timestamps", swap=True)
def timewait_no_timestamps(run):
    for host in run.hosts:
        host.sysctl("ipv4.tcp_timestamps", 0)
    a, b = run.talking()
    close_both(a, b)


@scenario("TIME-WAIT runs out: 60 seconds, then another connection", versions=(4,))
def timewait_expired(run):
    a, b = run.talking()
    close_both(a, b)
    nap(68)  # its timer is late by up to an eighth
    a.ss("@68s")
    run.client("client2").connect(run.target())


@scenario("a forged RST ends the TIME-WAIT (RFC 1337)", swap=True)
def timewait_assassination(run):
    a, b = run.talking()
    close_both(b, a)
    run.wire.settle()
    b.ss(" before")
    run.forge(a, b, "R", near=a)
    nap(0.1)
    b.ss(" after RST")


@scenario("an old segment reaches TIME-WAIT; the ACK it draws meets nobody, and the RST ends it", swap=True)
def timewait_old_dup_assassination(run):
    a, b = run.talking()
    close_both(b, a)
    run.wire.settle()
    run.forge(a, b, "PA", near=a, offset=-4, payload=b"x", ttl=64, window=63)
    nap(0.1)
    b.ss(" after")


@scenario("an old SYN reaches TIME-WAIT")
def timewait_old_syn(run):
    a, b = run.talking()
    close_both(b, a)
    run.wire.settle()
    run.forge(a, b, "S", near=a, offset=-100000, ttl=64, window=64000)
    nap(0.1)
    b.ss(" after")


def reuse(run, first_closes, wait=1.2):
    """Two connections from one port; the server, or with first_closes the client, holds the TIME-WAIT."""
    listener = run.listen()
    for nth in ("", "2"):
        client = run.client("client" + nth)
        if not client.connect(run.target(), FIXED_PORT):
            return
        server = run.accept(listener, "server" + nth)
        client.send(b"1")
        server.recv()
        server.send(b"OK")
        client.recv()
        if first_closes == "client":
            close_both(client, server)
        else:
            close_both(server, client)
        nap(wait)


@scenario("the client connects again from the port that is in TIME-WAIT at the server (RFC 6191)")
def timewait_port_reuse(run):
    reuse(run, "server")


@scenario("the same without timestamps: the higher sequence number decides", versions=(4,))
def timewait_port_reuse_no_timestamps(run):
    for host in run.hosts:
        host.sysctl("ipv4.tcp_timestamps", 0)
    reuse(run, "server")


@scenario("port reuse allowed at the client, that holds the TIME-WAIT: the timestamps are newer", versions=(4,))
def port_reuse_allowed(run):
    reuse(run, "client")


@scenario("port reuse refused at the client, that holds the TIME-WAIT, without timestamps: no packet shows it",
          versions=(4,))
def port_reuse_refused(run):
    for host in run.hosts:
        host.sysctl("ipv4.tcp_timestamps", 0)
    reuse(run, "client")


@scenario("the server is refused its port while an old connection of it lives (no SO_REUSEADDR)", versions=(4,))
def server_port_refused(run):
    a, b = run.talking()
    close_both(b, a)
    run.wire.settle()
    again = Socket(run, SERVER, "server", run.plain(SERVER))
    again.call("bind", lambda: again.plain.bind((run.addresses[SERVER][0], run.port)))


@scenario("the client's abort is lost; it connects again from the same port (RFC 9293 3.5.1)")
def half_open_syn_recovery(run):
    listener = run.listen()
    client = run.client()
    client.connect(run.target(), FIXED_PORT)
    server = run.accept(listener)
    client.send(b"GET")
    server.recv()
    server.send(b"OK")
    client.recv()
    run.wire.settle()
    run.lose(toward=server, near=server, times=1)
    client.abort()
    nap(0.2)
    client = run.client("client2")
    client.connect(run.target(), FIXED_PORT)
    server.recv()
    server = run.accept(listener, "server2")
    client.send(b"GET")
    server.recv()
    server.send(b"OK")
    client.recv()
    close_both(server, client)


@scenario("a slow connect: behind one NAT a second client gets the pair that is in TIME-WAIT, its SYN looks old",
          versions=(4,))
def timewait_slow_connect(run):
    listener = run.listen()
    first = run.client()
    first.connect(run.target(), FIXED_PORT)
    server = run.accept(listener)
    first.send(b"GET")
    server.recv()
    close_both(server, first)
    run.wire.settle()
    run.hosts[CLIENT].sysctl("ipv4.tcp_timestamps", 0)
    known = run.wire.newest[first.local + server.local].end
    second = translated_client(run, known)
    if second:
        server = run.accept(listener, "server2")
        second.send(b"GET")
        server.recv()
        close_both(server, second)


def translated_client(run, known):
    """A client whose port the wire exchanges for FIXED_PORT, and whose first sequence number is below
    'known'. The kernel chooses it by the ports: one of two is; those that are not do not get through."""
    for port in range(FIXED_PORT + 1, FIXED_PORT + 30):
        refused = []

        def outward(each, refused=refused):
            if each.flags & packet.SYN and (known - each.seq) & 0xFFFFFFFF >= 1 << 31:
                refused.append(each)
            return [] if refused else [(packet.with_ports(each, FIXED_PORT, each.dport), 0)]

        def inward(each, chosen=port):
            return [(packet.with_ports(each, each.sport, chosen), 0)]

        rules = [run.wire.rule(1, SERVER, lambda each, chosen=port: each.sport == chosen, outward),
                 run.wire.rule(1, CLIENT, lambda each: each.dport == FIXED_PORT, inward)]
        client = run.client("client2")
        client.start_connecting(run.target(), port)
        nap(0.1)
        if not refused:
            client.note(f"SO_ERROR={client.plain.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)}")
            return client
        client.plain.close()
        for rule in rules:
            rule.stop()
    return None
