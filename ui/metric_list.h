/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * metric_list.h - the metrics that --metrics tells, each once: X(ENUMERATOR, "family", TYPE, "unit",
 * "labels", "help"). HELP and TYPE lines and the manual's list are made from it (tests/manual.py).
 *
 * The family is named as in OpenMetrics: a counter's samples end in _total, an info's in _info. The unit,
 * where there is one, is the family's last word.
 */
#ifndef LASTACK_UI_METRIC_LIST_H
#define LASTACK_UI_METRIC_LIST_H

#define METRICS(X)                                                                                           \
	X(METRIC_CLOSED, "lastack_connections_closed", COUNTER, "", "close, cause, closer, service",         \
	  "Connections whose record ended: what happened, why, who began it, and the server's port.")        \
	X(METRIC_ENTERED, "lastack_states_entered", COUNTER, "", "side, state",                              \
	  "Ends of connections that went into a state (RFC 9293). What is retracted later stays counted.")   \
	X(METRIC_ENDS, "lastack_connection_ends", GAUGE, "", "side, state",                                  \
	  "Ends of connections that are in a state now. Those in CLOSED are remembered for 2MSL.")           \
	X(METRIC_TIME_WAIT, "lastack_time_wait", GAUGE, "", "side, holder, peer",                            \
	  "Ends in TIME-WAIT now by who holds them: clients towards a service, servers by their own port.")  \
	X(METRIC_TIME_WAIT_OLDEST, "lastack_time_wait_oldest_seconds", GAUGE, "seconds", "side",             \
	  "How long the oldest end in TIME-WAIT has been there, to a sixteenth of 2MSL; 0 where none is.")   \
	X(METRIC_CLOSE_WAIT_OLDEST, "lastack_close_wait_oldest_seconds", GAUGE, "seconds", "side",           \
	  "How long the end that is in CLOSE-WAIT longest has been there; 0 where none is.")                 \
	X(METRIC_PORTS, "lastack_ephemeral_ports", GAUGE, "", "",                                            \
	  "Ports that a client can use towards one service (--ports), which TIME-WAIT takes up.")            \
	X(METRIC_TEARDOWN, "lastack_teardown_seconds", HISTOGRAM, "seconds", "",                             \
	  "From the first FIN or RST of a connection until it was closed.")                                  \
	X(METRIC_CLOSE_WAIT, "lastack_close_wait_seconds", HISTOGRAM, "seconds", "side",                     \
	  "How long ends were in CLOSE-WAIT, counted when the connection's record ended.")                   \
	X(METRIC_LOST, "lastack_reset_lost_bytes", COUNTER, "bytes", "",                                     \
	  "Payload that was sent and never acknowledged when a RST ended the connection.")                   \
	X(METRIC_RST_IGNORED, "lastack_rst_ignored", COUNTER, "", "",                                        \
	  "RSTs that their receivers did not accept: late, lost or forged.")                                 \
	X(METRIC_PACKETS, "lastack_packets", COUNTER, "", "", "Packets that were captured.")                 \
	X(METRIC_SEGMENTS, "lastack_tcp_segments", COUNTER, "", "",                                          \
	  "TCP segments that were analysed, duplicates included.")                                           \
	X(METRIC_DUPLICATES, "lastack_duplicate_frames", COUNTER, "", "",                                    \
	  "Frames that were captured twice (mirror port, several interfaces).")                              \
	X(METRIC_DROPPED, "lastack_capture_dropped", COUNTER, "", "by",                                      \
	  "Packets that passed and were not seen, by who dropped them: the kernel (no room) or the "         \
	  "interface.")                                                                                      \
	X(METRIC_FLOWS, "lastack_flows", GAUGE, "", "", "Connections that are followed now.")                \
	X(METRIC_FLOWS_MOST, "lastack_flows_limit", GAUGE, "", "",                                           \
	  "Connections that can be followed at once (--max-flows); 0 is no limit.")                          \
	X(METRIC_EVICTED, "lastack_evicted", COUNTER, "", "", "Connections given up because of that limit.") \
	X(METRIC_MEMORY, "lastack_memory_bytes", GAUGE, "bytes", "", "Memory of the connections followed.")  \
	X(METRIC_QUEUE, "lastack_queue_packets", GAUGE, "", "",                                              \
	  "Packets that have been captured and wait to be analysed.")                                        \
	X(METRIC_ROWS, "lastack_rows_written", COUNTER, "", "",                                              \
	  "Rows written to --csv, --json, --events and --list.")                                             \
	X(METRIC_ROWS_LOST, "lastack_rows_lost", COUNTER, "", "",                                            \
	  "Rows that could not be written, as the disk was full, say.")                                      \
	X(METRIC_BUILD, "lastack_build", INFO, "", "version", "The program's version.")                      \
	X(METRIC_RESIDENT, "process_resident_memory_bytes", GAUGE, "bytes", "",                              \
	  "Memory of the process that is in RAM.")                                                           \
	X(METRIC_STARTED, "process_start_time_seconds", GAUGE, "seconds", "",                                \
	  "When the process started, since 1970.")

#endif
