# SPDX-License-Identifier: GPL-2.0-or-later
"""Connections that only one of the two ends still knows of: the other's abort was lost, or never left it."""

from .packet import is_fin, is_rst
from .run import nap
from .scenario import scenario


@scenario("the abort is lost beyond the tap; the other's next data finds out", swap=True)
def rst_lost(run):
    a, b = run.talking()
    run.lose(toward=a, near=a, match=is_rst, times=1)
    b.abort()
    nap(0.5)
    a.send(b"more")
    a.recv()


@scenario("the abort is lost beyond the tap; the next data, sent twice, finds out", swap=True)
def half_open_state_lost(run):
    a, b = run.talking()
    run.lose(toward=a, near=a, match=is_rst, times=1)
    b.abort()
    nap(0.3)
    a.send(b"123456")
    a.recv()
    a.send(b"1")


@scenario("the abort is lost beyond the tap; a keepalive finds out", swap=True)
def half_open_keepalive_probe(run):
    a, b = run.talking()
    a.keepalive()
    run.lose(toward=a, near=a, match=is_rst, times=1)
    b.abort()
    a.recv()


@scenario("one side restarts: what it sends as it goes never leaves it; the other's next request finds out", swap=True)
def server_restart(run):
    a, b = run.talking()
    gone = run.lose(toward=a, near=b, match=lambda each: is_fin(each) or is_rst(each))
    b.abort()
    gone.wait()
    gone.stop()
    nap(0.3)
    a.send(b"GET")
    a.recv()


@scenario("one side restarts unseen; the other's keepalive finds out", swap=True, versions=(4,))
def server_restart_keepalive(run):
    a, b = run.talking()
    a.keepalive()
    gone = run.lose(toward=a, near=b, match=lambda each: is_fin(each) or is_rst(each))
    b.abort()
    gone.wait()
    gone.stop()
    a.recv()


@scenario("one side restarts unseen; the other's FIN finds out", swap=True, versions=(4,))
def server_restart_fin(run):
    a, b = run.talking()
    gone = run.lose(toward=a, near=b, match=lambda each: is_fin(each) or is_rst(each))
    b.abort()
    gone.wait()
    gone.stop()
    nap(0.3)
    a.shutdown("WR")
    a.recv()
