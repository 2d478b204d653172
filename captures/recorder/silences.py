# SPDX-License-Identifier: GPL-2.0-or-later
"""Connections over which nothing arrives any more: who notices, when, and how."""

from .run import nap
from .scenario import scenario


@scenario("the network goes dark; TCP_USER_TIMEOUT runs out", swap=True)
def blackhole_user_timeout(run):
    a, b = run.talking()
    a.user_timeout(2)
    run.lose(toward=b, near=b)
    run.lose(toward=a, near=a)
    a.send(b"1234")
    a.recv()
    a.send(b"1")
    b.recv(timeout=0.5)
    b.close()
    nap(0.5)


@scenario("the network goes dark; tcp_retries2 runs out", swap=True)
def blackhole_retries2(run):
    for host in run.hosts:
        host.sysctl("ipv4.tcp_retries2", 3)
    a, b = run.talking()
    run.lose(toward=b, near=b)
    a.send(b"1234")
    a.recv()
    a.send(b"1")


@scenario("vanished: data is never acknowledged", swap=True)
def vanished_data(run):
    a, b = run.talking()
    run.lose(toward=b, near=b)
    run.lose(toward=a, near=a)
    a.send(b"1234")
    nap(3)


@scenario("vanished: keepalive probes are never answered; the last abort is lost before the tap",
          swap=True, versions=(4,))
def vanished_keepalive(run):
    a, b = run.talking()
    a.keepalive(probes=4)
    run.lose(toward=a, near=b)
    run.lose(toward=b, near=a, match=lambda each: each.flags & 4)
    a.recv(timeout=7)


@scenario("vanished: window probes are never answered", swap=True, versions=(4,))
def vanished_zero_window(run):
    a, b = run.talking(receive_buffer=4096)
    a.fill(quiet=0.15)
    run.lose(toward=a, near=b)
    nap(4)


@scenario("keepalive probes are answered, but the answers are lost beyond the tap", swap=True)
def keepalive_timeout(run):
    a, b = run.talking()
    a.keepalive(probes=3)
    run.lose(toward=a, near=a)
    a.recv()
    b.recv()


@scenario("keepalive probes are never answered", swap=True)
def keepalive_dead(run):
    a, b = run.talking()
    a.keepalive(probes=3)
    run.lose(toward=b, near=b, match=lambda each: not each.flags & 4)
    a.recv()
    b.recv()


@scenario("keepalive probes are answered, then the connection closes", swap=True, versions=(4,))
def keepalive_answered(run):
    a, b = run.talking()
    a.keepalive()
    nap(2.5)
    a.close()
    b.recv()
    b.close()


@scenario("the window closes, probes are answered, the reader reads on", swap=True, versions=(4,))
def zero_window_recovers(run):
    a, b = run.talking(receive_buffer=4096)
    a.fill()
    nap(1)
    b.recv()
    nap(0.3)
    a.shutdown("WR")
    b.drain()
    b.close()
    a.drain()


@scenario("a gateway forgets the connection and drops what comes", swap=True, versions=(4,))
def nat_entry_dropped(run):
    a, b = run.talking()
    nap(1)
    run.lose(toward=b, near=b)
    run.lose(toward=a, near=b)
    a.send(b"0123456789")
    nap(3.5)


@scenario("a gateway forgets the connection for a while; then the packets come through again", swap=True, versions=(4,))
def nat_entry_restored(run):
    a, b = run.talking()
    nap(1)
    dark = run.lose(toward=b, near=b)
    a.send(b"0123456789")
    dark.wait(3)
    dark.stop()
    b.recv()
    a.close()
    b.recv()
    b.close()
