# SPDX-License-Identifier: GPL-2.0-or-later
"""Connections that one of their two ends resets."""

import socket

from .run import nap
from .scenario import scenario


@scenario("SO_LINGER 0, then close", swap=True)
def linger0_client(run):
    a, b = run.talking()
    a.abort()
    b.recv()
    b.recv()
    b.send(b"1")


@scenario("SO_LINGER 0 with 8,000 bytes on their way", swap=True)
def linger0_data_in_flight(run):
    a, b = run.connected()
    a.send(bytes(8000))
    a.abort()
    nap(0.1)
    b.drain()


@scenario("SO_LINGER 0 with bytes that could not be sent: the other's window is zero", swap=True, versions=(4,))
def linger0_unsent(run):
    a, b = run.talking(receive_buffer=4096)
    a.fill()
    a.abort()
    nap(0.1)
    b.drain()


@scenario("close with 3,000 bytes unread", swap=True)
def close_unread_data_server(run):
    a, b = run.connected()
    a.send(bytes(3000))
    b.recv(100)
    nap(0.1)
    b.close()
    a.recv()
    a.send(b"1")


@scenario("a partial answer, then close with the rest of the request unread", swap=True, versions=(4,))
def close_unread_after_answer(run):
    a, b = run.connected()
    a.send(bytes(1000))
    b.recv(100)
    nap(0.1)
    b.send(b"413 too large")
    b.close()
    nap(0.1)
    a.recv()
    a.recv()


@scenario("one side has closed fully, the other sends more", swap=True)
def data_after_close(run):
    a, b = run.talking()
    b.close()
    nap(0.1)
    a.send(b"more")
    nap(0.1)
    a.send(b"again")
    a.recv()
    a.recv()


@scenario("a FIN and an abort cross", swap=True, taps=True)
def fin_rst_cross(run):
    a, b = run.talking()
    a.close()
    nap(0.002)
    b.abort()
    nap(0.1)


@scenario("an abort and, a little later, a FIN cross", swap=True, taps=True, versions=(4,))
def rst_fin_cross(run):
    a, b = run.talking()
    a.abort()
    nap(0.002)
    b.close()
    nap(0.1)


@scenario("both abort at once", swap=True, taps=True)
def both_abort(run):
    a, b = run.talking()
    a.abort()
    b.abort()
    nap(0.1)


@scenario("shutdown(SHUT_WR), then close with data unread", swap=True)
def fin_then_rst_same_side(run):
    a, b = run.talking()
    a.shutdown("WR")
    b.recv()
    b.send(bytes(5000))
    a.recv(5)
    nap(0.1)
    a.close()
    nap(0.1)
    b.send(b"1")


@scenario("the answer to a FIN is an abort", swap=True)
def rst_instead_of_second_fin(run):
    a, b = run.talking()
    a.shutdown("WR")
    b.recv()
    b.abort()
    a.recv()
    a.close()


@scenario("shutdown(SHUT_RDWR), then data arrives", swap=True)
def shutdown_rdwr_data(run):
    a, b = run.talking()
    b.shutdown("RDWR")
    nap(0.2)
    a.send(b"more")
    nap(0.1)
    a.send(b"again")
    a.recv()
    b.close()


@scenario("killed with nothing unread", swap=True)
def sigkill_no_unread(run):
    a, b = run.talking()
    b.kill()
    a.recv()
    nap(0.1)
    a.send(b"1")
    nap(0.1)
    a.send(b"1")
    a.close()


@scenario("killed with a request unread", swap=True)
def sigkill_unread(run):
    a, b = run.talking()
    a.send(b"GET")
    nap(0.1)
    b.kill()
    a.recv()
    a.send(b"1")
    a.close()


@scenario("ss -K", swap=True)
def ss_K_admin_kill(run):
    a, b = run.talking()
    run.hosts[a.host].run("ss", "-K", "-tH", "state", "established")
    a.note("ss -K")
    a.recv()
    a.send(b"1")
    b.recv()


@scenario("the listener closes with the connection still in its queue")
def listener_closed_queue_reset(run):
    listener = run.listen()
    client = run.client()
    client.connect(run.target())
    client.send(b"GET")
    nap(0.2)
    listener.close()
    client.recv()


@scenario("Multipath TCP: SO_LINGER 0, and a RST that carries a reason", swap=True, versions=(4,))
def mptcp_abort(run):
    run.protocol = socket.IPPROTO_MPTCP
    a, b = run.talking()
    a.abort()
    b.recv()
    b.recv()


@scenario("the client aborts before the server accepts")
def rst_before_accept(run):
    listener = run.listen()
    client = run.client()
    client.connect(run.target())
    client.abort()
    nap(0.1)
    run.accept(listener).recv()


@scenario("the server aborts right after it has accepted")
def accept_reject(run):
    listener = run.listen()
    client = run.client()
    client.connect(run.target())
    run.accept(listener).abort()
    client.recv()


@scenario("the server accepts and closes at once, by FIN; the client had sent its request", versions=(4,))
def accept_close(run):
    listener = run.listen()
    client = run.client()
    client.connect(run.target())
    client.send(b"GET")
    run.accept(listener).close()
    nap(0.1)
    client.recv()
    client.recv()


@scenario("a load balancer looks three times whether the port answers")
def health_check_rst(run):
    listener = run.listen()
    for nth in ("", "2", "3"):
        client = run.client("client" + nth)
        client.connect(run.target())
        client.abort()
        run.accept(listener, "server" + nth).recv()
        nap(0.2)


@scenario("one side closes as the next request leaves, soon after the last", swap=True, taps=True)
def keepalive_race(run):
    a, b = run.talking()
    b.close()
    a.send(b"NEXT")
    a.recv()
    nap(0.1)
    a.recv()
    a.send(b"1")


@scenario("one side closes an idle connection as the next request leaves", swap=True, taps=True)
def keepalive_race_idle(run):
    a, b = run.talking()
    nap(0.4)
    b.close()
    a.send(b"NEXT")
    a.recv()
    nap(0.1)
    a.recv()
    a.send(b"1")


@scenario("idle, then the request answers the FIN: no race", swap=True, versions=(4,))
def late_data_idle(run):
    a, b = run.talking()
    nap(0.4)
    b.close()
    a.recv()
    a.send(b"NEXT")
    nap(0.1)
    a.recv()
    a.send(b"1")


@scenario("one side closes with the next request already received and unread", swap=True, taps=True)
def keepalive_race_unread(run):
    a, b = run.talking()
    a.send(b"NEXT")
    nap(0.1)
    b.close()
    a.recv()
    a.recv()


@scenario("FIN-WAIT-2 has run out (tcp_fin_timeout 1 s) when the second FIN comes", swap=True)
def late_fin(run):
    for host in run.hosts:
        host.sysctl("ipv4.tcp_fin_timeout", 1)
    a, b = run.talking()
    a.close()
    b.recv()
    nap(2.5)
    a.ss("@2.5s")
    b.close()


@scenario("FIN-WAIT-2 has run out (tcp_fin_timeout 1 s) when data comes", swap=True)
def fin_timeout(run):
    for host in run.hosts:
        host.sysctl("ipv4.tcp_fin_timeout", 1)
    a, b = run.talking()
    a.close()
    b.recv()
    nap(0.5)
    a.ss("@0.5s")
    nap(2)
    a.ss("@2.5s")
    b.send(b"late")
    nap(0.1)
    b.send(b"later")
    b.close()


@scenario("FIN-WAIT-2 has run out, by the default of 60 seconds, when data comes", swap=True, versions=(4,))
def fin_timeout_default(run):
    a, b = run.talking()
    a.close()
    b.recv()
    nap(62)
    a.ss("@62s")
    b.send(b"late")
    nap(0.1)
    b.send(b"later")
    b.close()


@scenario("a forgotten close: CLOSE-WAIT here, FIN-WAIT-2 there runs out; data at last", swap=True)
def closewait_leak_finwait2_timeout(run):
    for host in run.hosts:
        host.sysctl("ipv4.tcp_fin_timeout", 3)
    a, b = run.talking()
    a.close()
    b.recv()
    nap(1)
    a.ss("@1s")
    b.ss("@1s")
    nap(4)
    a.ss("@5s")
    b.send(b"late")
    nap(0.1)
    b.send(b"later")
    b.recv()
    b.close()


@scenario("the server resets an idle connection after 5 seconds", versions=(4,))
def server_idle_timeout_rst(run):
    a, b = run.talking()
    nap(5)
    b.abort()
    a.recv()


@scenario("one side does not read; the other's TCP_USER_TIMEOUT runs out silently", swap=True)
def zero_window_user_timeout(run):
    a, b = run.connected(receive_buffer=4096)
    a.user_timeout(2)
    a.fill()
    nap(4)
    a.recv()
    b.close()
