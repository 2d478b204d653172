#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Hold what lastack counts in the public captures of ../shared against what tshark counted (INDEX.tsv).

  public_captures.py LASTACK FOLDER

Per file: as many connections and as many TCP packets as tshark, or as DIFFERENT says and why; the exit status that
FAILING says and one line on standard error, else status 0 and none. Both tables have to hold: an entry for a file
that does not differ any more is a failure too. Exits with 77 where the folder is not there.
"""
import csv
import json
import pathlib
import subprocess
import sys

SKIPPED = 77

LYING_OFFSET = "the TCP header claims to be longer than its packet: no host accepts that, so it is malformed"
FIRST_FRAGMENT = "tshark takes a first fragment for a segment; what is never whole is none, and its end is not known"
COMPRESSED = "tshark inflates IPComp; here it is counted as compressed (as many connections)"

# file: (connections, packets, why)
DIFFERENT = {
    "ipsumdump-bad-hdr.trace": (0, 0, LYING_OFFSET),
    "ndpi-fuzz-2006-09-29-28586.pcap": (36, 114, "packets 27 and 80: " + LYING_OFFSET),
    "tcpdump-rpki-rtr-oobr.pcap": (0, 0, FIRST_FRAGMENT),
    "tcpdump-bgp_pmsi_tunnel-oobr.pcap": (0, 0, FIRST_FRAGMENT),
    "libpcap-AH-IPcomp-IPv4.pcap": (1, 6, COMPRESSED),
    "libpcap-AH-IPcomp-IPv6.pcap": (1, 8, COMPRESSED),
    "pcapplusplus-solaris.snoop": (0, 0, "snoop: neither pcap nor pcapng, libpcap does not read it"),
}

# file: what the one line on standard error says, beside the file's name
FAILING = {
    "pcapplusplus-solaris.snoop": "not a pcap or pcapng capture",
    "pcapplusplus-crash-invalid-asn-record-len": "packet 2: the file ends in the middle of a packet",
    "pcapplusplus-clusterfuzz-testcase-minimized-FuzzTarget-5758569646653440": "packet 2: invalid packet",
    "pcapplusplus-clusterfuzz-testcase-minimized-FuzzTarget-5165538295939072": "packet 2: invalid packet",
}


def check_error(name, run):
    lines = run.stderr.splitlines()
    said = FAILING.get(name)
    if said is None:
        return [f"exit status {run.returncode}"] * (run.returncode != 0) + lines
    if run.returncode == 1 and len(lines) == 1 and name in lines[0] and said in lines[0]:
        return []
    return [f"exit status {run.returncode}, not 1 and '{said}'"] + lines


def check_counts(index, rows):
    counted = (len(rows), sum(r["client_packets"] + r["server_packets"] + r["duplicates"] for r in rows))
    theirs = (int(index["connections"]), int(index["tcp"]))
    wanted = DIFFERENT.get(index["file"], theirs)[:2]
    wrong = []
    if counted != wanted:
        wrong.append(f"{counted[0]} connections in {counted[1]} packets, not {wanted[0]} in {wanted[1]}")
    if index["file"] in DIFFERENT and wanted == theirs:
        wrong.append("listed as different, but is not")
    return wrong


def check_file(lastack, folder, index):
    # JSON on standard output sends the summary to standard error: -q leaves that to complaints.
    run = subprocess.run([lastack, "-q", "--json", str(folder / index["file"])], capture_output=True, text=True,
                         timeout=300)
    try:
        rows = [json.loads(line) for line in run.stdout.splitlines()]
    except json.JSONDecodeError as error:
        return [f"not JSON: {error}"]
    return check_error(index["file"], run) + check_counts(index, rows)


def main():
    lastack, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    if not (folder / "INDEX.tsv").exists():
        print(f"skipped: no {folder}")
        return SKIPPED
    with open(folder / "INDEX.tsv", newline="", encoding="utf-8") as table:
        files = list(csv.DictReader(table, delimiter="\t"))
    names = {index["file"] for index in files}
    wrong = [f"{name}: listed here, but not in INDEX.tsv" for name in {*DIFFERENT, *FAILING} - names]
    for index in files:
        wrong += [f"{index['file']}: {line}" for line in check_file(lastack, folder, index)]
    for line in wrong:
        print(line)
    print(f"{len(files)} captures, {len(DIFFERENT)} of them counted differently from tshark:")
    for name, (_, _, why) in DIFFERENT.items():
        print(f"  {name}: {why}")
    return 1 if wrong or not files else 0


if __name__ == "__main__":
    sys.exit(main())
