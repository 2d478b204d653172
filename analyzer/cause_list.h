/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cause_list.h - the causes: X(ENUMERATOR, word, meaning, evidence on the wire, what the applications see,
 * what to do about it), in the order of design/verdicts.md section 4. CAUSE_NONE is written as the
 * empty word.
 *
 * --explain-causes, --explain, the help, the manual and the README all read this. vocabulary.h includes it.
 */
#ifndef LASTACK_ANALYZER_CAUSE_LIST_H
#define LASTACK_ANALYZER_CAUSE_LIST_H

/* clang-format off */
#define CAUSES(X)                                                                                            \
	X(CAUSE_NONE, "", "nothing to add",                                                                  \
	  "",                                                                                                \
	  "",                                                                                                \
	  "")                                                                                                \
	X(CAUSE_RST_TEXT, "rst-text", "the RST says why, in its payload or an MPTCP reason",                 \
	  "The RST carries printable payload (RFC 9293 3.5.3) or an MPTCP reset reason (RFC 8684 3.6).",     \
	  "ECONNRESET; the text itself is never handed to the application.",                                 \
	  "Read the text, --explain prints it: it usually names the device or stack that gave up, and "      \
	  "why. Ask whoever runs that.")                                                                     \
	X(CAUSE_SYN_RECOVERY, "syn-recovery", "a new SYN met an old half-open connection",                   \
	  "A SYN on a pair that the other host still holds open; an ACK with the old numbers; a RST "        \
	  "without ACK; then the SYN again (RFC 9293 3.5.1).",                                               \
	  "The host that held the old connection: ECONNRESET on it. The opener: only a connect() that "      \
	  "takes a second longer.",                                                                          \
	  "Find out how the opener lost the old connection without telling: a crash, a reboot, a RST "       \
	  "lost on the way. Keepalives on the host that holds old connections clear them sooner.")           \
	X(CAUSE_INJECTED, "injected", "neither end sent the RST",                                            \
	  "A RST with another TTL, IPv4 ID, window or options than its supposed sender's; or that "          \
	  "sender goes on after it; or it comes sooner than an answer can; or several guess ahead. "         \
	  "--explain shows the score's parts.",                                                              \
	  "ECONNRESET at one end or at both; neither program closed.",                                       \
	  "Neither program is at fault. Look for what sits between: IPS, content filter, NAT gateway, "      \
	  "load balancer, VPN. Capture on both sides of each suspect: the RST is only seen behind the "      \
	  "one that sends it. Its TTL hints at how many hops away that is.")                                 \
	X(CAUSE_KEEPALIVE_DEAD, "keepalive-dead", "keepalive probes went unanswered, then a RST",            \
	  "Two or more keepalive probes (one below the next number, 0 or 1 byte) at a steady interval, "     \
	  "then a RST+ACK one interval after the last.",                                                     \
	  "The prober: ETIMEDOUT. The other, if it still lives and the RST arrives: ECONNRESET.",            \
	  "The peer or the path was gone. Check the peer's host first, then firewalls and NAT between "      \
	  "for state that was dropped. If answers are in the capture, they got lost between the tap "        \
	  "and the prober.")                                                                                 \
	X(CAUSE_ABORT_AFTER_FIN, "abort-after-fin", "the side that had sent FIN aborted",                    \
	  "A RST+ACK from the side that had already sent its FIN.",                                          \
	  "The other side: EOF, then EPIPE when it writes. The side that aborted: nothing.",                 \
	  "That program shut down writing, then closed with data unread, or stopped waiting (SO_LINGER "     \
	  "with a time-out, a kill). Let it read until recv() returns 0 before close(). What the other "     \
	  "side sent after the FIN may be lost.")                                                            \
	X(CAUSE_RST_FOR_FIN, "rst-for-fin", "a RST instead of the second FIN",                               \
	  "One side's FIN, acknowledged; then a RST+ACK from the other where its own FIN was due.",          \
	  "The side that sent FIN: ECONNRESET if it still reads, nothing if it had closed. The side "        \
	  "that aborted: EOF.",                                                                              \
	  "The second side closed with data unread or with SO_LINGER 0. Let it read until recv() "           \
	  "returns 0 before close(). Some load balancers and browsers do this on purpose, to save "          \
	  "TIME-WAIT; then it is harmless.")                                                                 \
	X(CAUSE_LATE_FIN, "late-fin", "the second FIN met a side that was already gone",                     \
	  "A FIN without data, answered by a RST without ACK: that host has no such socket any more.",       \
	  "Usually nothing: who gets the RST was closing anyway.",                                           \
	  "Nothing is lost. To be rid of it, let the second side close before the first side's "             \
	  "FIN-WAIT-2 runs out (Linux: tcp_fin_timeout, 60 s).")                                             \
	X(CAUSE_KEEPALIVE_RACE, "keepalive-race", "an idle connection closed as a request left",             \
	  "An idle gap of at least two round trips and 100 ms; a FIN, and data that crosses it (it "         \
	  "does not acknowledge the FIN); the data is answered by a RST.",                                   \
	  "The side that sent the request: ECONNRESET or EPIPE, although send() succeeded. The side "        \
	  "that closed: nothing.",                                                                           \
	  "Make the client's idle time-out shorter than the server's, on every hop (proxy to backend "       \
	  "too): for instance 55 s against 60 s. Let the client repeat requests that are safe to "           \
	  "repeat on a new connection.")                                                                     \
	X(CAUSE_FIN_TIMEOUT, "fin-timeout", "data after an orphan's FIN-WAIT-2 had run out",                 \
	  "A FIN, its ACK, silence of --fin-timeout (60 s) or more, then data, answered by a RST "           \
	  "without ACK.",                                                                                    \
	  "The late writer: EPIPE or ECONNRESET after a first send() that succeeded. The closer: "           \
	  "nothing.",                                                                                        \
	  "The late writer sat in CLOSE-WAIT: let it close when it reads EOF. Where it is meant to go "      \
	  "on sending, the first side must shutdown(SHUT_WR) and keep its socket open instead of "           \
	  "close().")                                                                                        \
	X(CAUSE_LATE_DATA, "late-data", "data reached a side that was fully closed",                         \
	  "A FIN from a side that closed completely, data from the other, and a RST without ACK whose "      \
	  "number is what that data acknowledged.",                                                          \
	  "The writer: EPIPE or ECONNRESET on its next call, although send() succeeded; that data is "       \
	  "lost. The closer: nothing.",                                                                      \
	  "Let the closer shutdown(SHUT_WR), read until recv() returns 0, then close(). Or settle in "       \
	  "the protocol who closes first, and that the other does not write after it.")                      \
	X(CAUSE_IDLE_TIMEOUT, "idle-timeout", "the reset follows an idle gap of a known timer",              \
	  "No FIN; a gap without packets as long as a known timer (built in, or from --timers); then a "     \
	  "RST, or a packet that is answered by one.",                                                       \
	  "ECONNRESET, at both ends or at the one that spoke next.",                                         \
	  "Send something more often than the timer: TCP keepalive (TCP_KEEPIDLE below it) or the "          \
	  "protocol's own ping. Or raise the timer on the device, or close idle connections earlier "        \
	  "yourself.")                                                                                       \
	X(CAUSE_HALF_OPEN, "half-open", "the other side had lost the connection's state",                    \
	  "Data or a probe answered by a RST without ACK, and no FIN or RST from that side before.",         \
	  "The side that sent: ECONNRESET. The other has no socket that could see anything.",                \
	  "Check the answering host for a crash or restart since it last spoke, and for an address "         \
	  "that moved (failover, NAT, a load balancer's other backend). Or its FIN or RST passed where "     \
	  "this capture does not see.")                                                                      \
	X(CAUSE_ABORT_DISCARD, "abort-discard", "the side that aborted threw away data in flight",           \
	  "A RST+ACK from a side that still had bytes sent and not acknowledged.",                           \
	  "The other side: ECONNRESET, and the last bytes may never have come. The side that aborted: "      \
	  "nothing.",                                                                                        \
	  "Find out why that program closes with SO_LINGER 0 or is killed while it sends: with a plain "     \
	  "close() the kernel delivers the rest. On BSD and Windows, retransmissions that ran out look "     \
	  "the same: look at the path.")                                                                     \
	X(CAUSE_HEALTH_CHECK, "health-check", "handshake, no payload, the client aborts",                    \
	  "A handshake, no payload, and a RST+ACK from the client within two round trips.",                  \
	  "The server: accept() may return a socket whose first call says ECONNRESET. The client: "          \
	  "nothing.",                                                                                        \
	  "Harmless: a load balancer or monitor asks whether the port answers. Do not log it as an "         \
	  "error, or give the checker a real request to make.")                                              \
	X(CAUSE_ACCEPT_REJECT, "accept-reject", "the server aborts right after the handshake",               \
	  "A handshake, no payload either way, and a RST+ACK from the server within about a second.",        \
	  "The client: ECONNRESET on its first read or write, after a connect() that succeeded. The "        \
	  "server: nothing.",                                                                                \
	  "Look at the server: allow lists, connection limits, file descriptors used up, a process "         \
	  "that dies on accept, a listener closed with clients in its queue, a proxy without a "             \
	  "backend.")                                                                                        \
	X(CAUSE_ABORT_UNREAD, "abort-unread", "the server aborts with a request it never answered",          \
	  "A RST+ACK from the server after payload from the client that no payload answered.",               \
	  "The client: ECONNRESET in place of an answer. The server: nothing.",                              \
	  "Read the server's log at that moment: a crash, a kill, a worker's time-out, a request too "       \
	  "large. Let it read the request to its end before close(): unread bytes turn close() into a "      \
	  "reset.")                                                                                          \
	X(CAUSE_ABORT, "abort", "SO_LINGER 0, a killed process, a closed listener or the like",              \
	  "A RST+ACK at exactly the next number, and nothing that tells more.",                              \
	  "The other side: ECONNRESET. The side that aborted: nothing.",                                     \
	  "SO_LINGER 0, close() with data unread, a killed process, an administrator (ss -K) and a "         \
	  "proxy that passes a reset on look the same. --explain ranks them; the log of the host that "      \
	  "sent the RST, at that second, decides.")                                                          \
	X(CAUSE_NO_LISTENER, "no-listener", "nothing listens on that port",                                  \
	  "A SYN answered by a RST+ACK with SEQ 0 and window 0, as the host's own stack answers.",           \
	  "The client: ECONNREFUSED. The server's host: nothing.",                                           \
	  "Start the service, or correct address and port: does it listen on this address (ss -ltn), "       \
	  "in this container, on IPv6 too? A firewall's reject can look the same.")                          \
	X(CAUSE_FIREWALL, "firewall", "something on the way answered for the host",                          \
	  "A SYN answered by a RST that the host's stack does not make: DF not set with ID 0, or "           \
	  "another TTL than the host's.",                                                                    \
	  "The client: ECONNREFUSED. The server's host: nothing.",                                           \
	  "Look for a rule that rejects with tcp-reset (nftables, iptables, an appliance), on the host "     \
	  "itself or between it and the client.")                                                            \
	X(CAUSE_ICMP_NET, "icmp-net", "no route to the network",                                             \
	  "ICMP 3 code 0, 6 or 11, or ICMPv6 1 code 0, that quotes the SYN.",                                \
	  "The client: ENETUNREACH.",                                                                        \
	  "Ask the router that sent the error (--explain names it) for its route to that network.")          \
	X(CAUSE_ICMP_HOST, "icmp-host", "the host cannot be reached",                                        \
	  "ICMP 3 code 1 or the like, ICMPv6 1 code 2 or 3, or time exceeded, that quotes the SYN.",         \
	  "The client: EHOSTUNREACH.",                                                                       \
	  "The last router gets no answer from that address (ARP, neighbour discovery): is the host "        \
	  "up, the address right, the VLAN the same? With time exceeded: a routing loop.")                   \
	X(CAUSE_ICMP_PROTOCOL, "icmp-protocol", "the host does not speak TCP",                               \
	  "ICMP 3 code 2 that quotes the SYN.",                                                              \
	  "The client: ENOPROTOOPT.",                                                                        \
	  "That address does not take TCP: a wrong address, or a device that filters by protocol.")          \
	X(CAUSE_ICMP_PORT, "icmp-port", "the port cannot be reached",                                        \
	  "ICMP 3 code 3 or ICMPv6 1 code 4 that quotes the SYN.",                                           \
	  "The client: ECONNREFUSED.",                                                                       \
	  "Hosts answer a closed TCP port with RST, so this is nearly always a firewall's reject (the "      \
	  "default of iptables' REJECT): look for the rule on the host that sent the error.")                \
	X(CAUSE_ICMP_ADMIN, "icmp-admin", "forbidden by an administrator",                                   \
	  "ICMP 3 code 9, 10 or 13, or ICMPv6 1 code 1, 5 or 6, that quotes the SYN.",                       \
	  "The client: EHOSTUNREACH or ENETUNREACH, over IPv6 EACCES.",                                      \
	  "A filter forbids it and says so: ask whoever runs the host that sent the error.")                 \
	X(CAUSE_HALF_CLOSE, "half-close", "data was sent after acknowledging the other's FIN",               \
	  "Payload from a side that had already acknowledged the other's FIN; both FINs were "               \
	  "acknowledged in the end.",                                                                        \
	  "The side that closed first could still read that data, and then EOF.",                            \
	  "Nothing: this is what shutdown(SHUT_WR) is for.")                                                 \
	X(CAUSE_LAST_ACK_LOST, "last-ack-lost", "a FIN was repeated though its ACK had passed",              \
	  "A FIN sent again although its acknowledgement had passed the tap.",                               \
	  "Nothing but EOF; the close only took longer.",                                                    \
	  "The acknowledgement was lost between the tap and its receiver. One is nothing; many mean "        \
	  "loss on that side.")                                                                              \
	X(CAUSE_DATA, "data", "data was never acknowledged",                                                 \
	  "The same bytes at least three times more, never acknowledged.",                                   \
	  "The sender: ETIMEDOUT in the end (Linux: after about 15 minutes, tcp_retries2, or "               \
	  "TCP_USER_TIMEOUT). The other: nothing, for ever, without keepalives.",                            \
	  "The peer or the path is gone: check that host, then firewalls and NAT that drop state, in "       \
	  "both directions. TCP_USER_TIMEOUT shortens the wait.")                                            \
	X(CAUSE_KEEPALIVE, "keepalive", "keepalive probes were never answered",                              \
	  "Three keepalive probes or more in a row without an answer.",                                      \
	  "The prober: ETIMEDOUT once its probes run out (Linux: 9 of them, 75 s apart). The other: "        \
	  "nothing.",                                                                                        \
	  "The peer or the path is gone: check that host, then firewalls and NAT that forget idle "          \
	  "connections.")                                                                                    \
	X(CAUSE_ZERO_WINDOW, "zero-window", "window probes were never answered",                             \
	  "The peer closed its window; then window probes, three or more in a row, without an answer.",      \
	  "The sender: ETIMEDOUT in the end. The other: nothing.",                                           \
	  "The peer had stopped reading before it vanished: look at that program first (stuck, "             \
	  "stopped, out of memory), then at its host and the path.")
/* clang-format on */

#endif
