# SPDX-License-Identifier: GPL-2.0-or-later
"""Connections that end by FINs: in every order, with losses around them, and by every shutdown()."""

from .packet import is_bare_ack, is_data, is_fin
from .run import nap
from .scenario import scenario


@scenario("the client closes first")
def graceful_client_first(run):
    a, b = run.talking()
    a.close()
    b.recv()
    b.close()


@scenario("the server closes first")
def graceful_server_first(run):
    a, b = run.talking()
    b.close()
    a.recv()
    a.close()


@scenario("one side shuts down writing, then the answer comes", swap=True)
def half_close_client(run):
    a, b = run.connected()
    a.send(b"GET")
    a.shutdown("WR")
    b.recv()
    b.recv()
    b.send(bytes(1000))
    nap(0.3)
    b.send(bytes(1000))
    b.close()
    a.drain()
    a.close()


@scenario("both close at once", taps=True)
def simultaneous_close(run):
    a, b = run.talking()
    a.close()
    b.close()


@scenario("both shut down writing at once, after a last message each", taps=True)
def simultaneous_shutdown_data(run):
    a, b = run.talking()
    a.send(b"bye")
    b.send(b"goodbye")
    a.shutdown("WR")
    b.shutdown("WR")
    a.drain()
    b.drain()
    a.close()
    b.close()


@scenario("both close at once, and one of the FINs is lost", swap=True, taps=True, versions=(4,))
def simultaneous_close_fin_lost(run):
    a, b = run.talking()
    lost = run.lose(toward=b, near=b, match=is_fin, times=1)
    a.close()
    b.close()
    lost.wait()
    nap(0.6)


@scenario("the last ACK is lost", swap=True)
def last_ack_lost_fin_retrans(run):
    a, b = run.talking()
    a.close()
    b.recv()
    lost = run.lose(toward=b, near=b, match=is_bare_ack, times=1)
    again = run.watch(toward=a, near=a, match=is_fin)
    b.close()
    lost.wait()
    again.wait(2)


@scenario("the first FIN is lost beyond the tap", swap=True, versions=(4,))
def fin_lost(run):
    a, b = run.talking()
    run.lose(toward=b, near=b, match=is_fin, times=1)
    a.close()
    b.recv()
    b.close()


@scenario("the second FIN is lost before the tap", swap=True, versions=(4,))
def second_fin_lost(run):
    a, b = run.talking()
    a.close()
    b.recv()
    lost = run.lose(toward=a, near=b, match=is_fin, times=1)
    again = run.watch(toward=a, near=a, match=is_fin)
    b.close()
    lost.wait()
    again.wait()


@scenario("the last data is lost, the FIN is not", swap=True)
def fin_before_lost_data(run):
    a, b = run.talking()
    run.lose(toward=b, near=a, match=is_data, times=1)
    a.send(b"12345678")
    a.close()
    b.drain()
    b.close()


@scenario("the FIN overtakes the last data", swap=True, taps=True, versions=(4,))
def fin_reordered(run):
    a, b = run.talking()
    run.hold(toward=b, near=a, seconds=0.006, match=is_data)
    a.send(b"12345678")
    a.close()
    b.drain()
    b.close()


@scenario("the FIN carries data", swap=True, versions=(4,))
def fin_with_data(run):
    a, b = run.talking()
    a.send(b"the end", more=True)
    a.close()
    b.drain()
    b.close()


@scenario("both FINs carry data", versions=(4,))
def both_fins_with_data(run):
    a, b = run.talking()
    a.send(b"the end", more=True)
    a.shutdown("WR")
    b.drain()
    b.send(b"farewell", more=True)
    b.close()
    a.drain()
    a.close()


@scenario("a FIN with data is lost and sent again", swap=True, versions=(4,))
def fin_with_data_lost(run):
    a, b = run.talking()
    run.lose(toward=b, near=b, match=is_fin, times=1)
    a.send(b"the end", more=True)
    a.close()
    b.drain()
    b.close()


@scenario("data and FIN are lost, then sent again in one segment", swap=True, versions=(4,))
def fin_retransmitted_with_data(run):
    a, b = run.talking()
    run.lose(toward=b, near=b, match=lambda each: is_data(each) or is_fin(each), times=4)
    a.send(b"123")
    a.send(b"45678")
    a.close()
    b.drain()
    b.close()


@scenario("the network repeats every packet at once", versions=(4,))
def duplicated_at_once(run):
    listener = run.listen()
    client = run.client()
    run.wire.rule(1, 1, lambda _: True, lambda each: [(each, 0), (each, 0.0003)])
    run.wire.rule(3, 0, lambda _: True, lambda each: [(each, 0), (each, 0.0003)])
    client.connect(run.target())
    server = run.accept(listener)
    client.send(b"GET")
    server.recv()
    server.send(b"OK")
    client.recv()
    client.close()
    server.recv()
    server.close()


@scenario("the network repeats the FINs, 15 ms later", swap=True, versions=(4,))
def duplicated_fins_late(run):
    a, b = run.talking()
    run.repeat(toward=b, near=a, seconds=0.015, match=is_fin, times=1)
    run.repeat(toward=a, near=b, seconds=0.015, match=is_fin, times=1)
    a.close()
    b.recv()
    b.close()
    nap(0.1)


@scenario("both FINs pass, but one side's packets no longer arrive", swap=True)
def fin_unacked_last_ack_stuck(run):
    for host in run.hosts:
        host.sysctl("ipv4.tcp_orphan_retries", 3)
    a, b = run.talking()
    run.lose(toward=a, near=a)
    a.close()
    b.recv()
    b.close()
    nap(4)


@scenario("one side has closed, the other never does", swap=True)
def half_closed(run):
    a, b = run.talking()
    a.shutdown("WR")
    b.recv()
    nap(0.3)


@scenario("the connection stays open", versions=(4,))
def open_at_end(run):
    a, b = run.talking()
    a.send(b"GET")
    b.recv()
    nap(0.2)


@scenario("shutdown(SHUT_RD), then data: the wire does not show it", swap=True)
def shutdown_rd(run):
    a, b = run.talking()
    b.shutdown("RD")
    b.recv()
    a.send(b"12345678")
    nap(0.1)
    b.recv()
    b.recv()
    b.close()
    a.recv()
    a.close()


@scenario("shutdown(SHUT_RD), then close with data unread", swap=True, versions=(4,))
def shutdown_rd_unread(run):
    a, b = run.talking()
    b.shutdown("RD")
    a.send(b"12345678")
    nap(0.1)
    b.close()
    a.recv()
    a.recv()
    a.close()


@scenario("both shut down writing, one after the other", swap=True, versions=(4,))
def shutdown_wr_both(run):
    a, b = run.talking()
    a.shutdown("WR")
    b.recv()
    b.shutdown("WR")
    a.recv()
    a.close()
    b.close()


@scenario("shutdown(SHUT_RDWR), answered by close", swap=True, versions=(4,))
def shutdown_rdwr(run):
    a, b = run.talking()
    a.shutdown("RDWR")
    b.recv()
    b.close()
    nap(0.1)
    a.close()


@scenario("shutdown(SHUT_RD), then shutdown(SHUT_WR)", swap=True, versions=(4,))
def shutdown_rd_then_wr(run):
    a, b = run.talking()
    a.shutdown("RD")
    a.shutdown("WR")
    b.recv()
    b.shutdown("WR")
    nap(0.1)
    a.close()
    b.close()


@scenario("SO_LINGER 2 s: close waits until all is acknowledged", swap=True, versions=(4,))
def linger_acked(run):
    a, b = run.talking()
    a.linger(2)
    a.send(b"12345678")
    a.close()
    b.drain()
    b.close()


@scenario("SO_LINGER 1 s: close gives up waiting, the other side is dark", swap=True)
def linger1_timeout(run):
    for host in run.hosts:
        host.sysctl("ipv4.tcp_orphan_retries", 3)
    a, b = run.talking()
    a.linger(1)
    run.lose(toward=b, near=b)
    a.send(b"1234")
    a.close()
    nap(3)


@scenario("SO_LINGER 1 s: close gives up waiting, the other side reads on later", swap=True, versions=(4,))
def linger1_late_reader(run):
    a, b = run.talking(receive_buffer=4096)
    a.linger(1)
    a.fill()
    a.close()
    b.drain()
    b.close()


@scenario("close while the other's window is zero; then it reads on", swap=True, versions=(4,))
def close_zero_window(run):
    a, b = run.talking(receive_buffer=4096)
    a.fill()
    a.close()
    nap(0.5)
    b.drain()
    b.close()


@scenario("close while the other's window is zero, for good", swap=True, versions=(4,))
def close_zero_window_stuck(run):
    for host in run.hosts:
        host.sysctl("ipv4.tcp_orphan_retries", 2)
    a, b = run.talking(receive_buffer=4096)
    a.fill()
    a.close()
    nap(4)
    b.close()


@scenario("the server ends an idle connection after 5 seconds, with FIN", versions=(4,))
def server_idle_timeout_fin(run):
    a, b = run.talking()
    nap(5)
    b.close()
    a.recv()
    a.close()


@scenario("a health check that closes by FIN, three times", versions=(4,))
def health_check_fin(run):
    listener = run.listen()
    for nth in ("", "2", "3"):
        client = run.client("client" + nth)
        client.connect(run.target())
        server = run.accept(listener, "server" + nth)
        client.close()
        server.recv()
        server.close()
        nap(0.2)
