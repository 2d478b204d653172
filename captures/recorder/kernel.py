# SPDX-License-Identifier: GPL-2.0-or-later
"""What the kernel says of its sockets: three trace points, by a tracing instance of our own."""

import os
import pathlib
import re
import subprocess

TRACEFS = pathlib.Path("/sys/kernel/tracing")
EVENTS = {
    "inet_sock_set_state": ("sock", ("sport", "dport", "saddr", "daddr", "oldstate", "newstate")),
    "tcp_send_reset": ("tcp", ("src", "dest", "state", "reason")),
    "tcp_receive_reset": ("tcp", ("sport", "dport", "saddr", "daddr")),
}
LINE = re.compile(r"\s(\d+\.\d+): (\w+): (.*)")


class Trace:
    """A context: the trace points are on within it. After it, nothing of it is left."""

    def __init__(self):
        self.folder = TRACEFS / "instances" / f"lastack-record-{os.getpid()}"

    def __enter__(self):
        if not (TRACEFS / "instances").is_dir():
            subprocess.run(["mount", "-t", "tracefs", "tracefs", TRACEFS], check=True)
        self.remove_dead()
        self.folder.mkdir()
        try:
            for name, (group, _) in EVENTS.items():
                (self.folder / "events" / group / name / "enable").write_text("1")
        except BaseException:
            self.folder.rmdir()
            raise
        return self

    def __exit__(self, *_):
        self.folder.rmdir()

    @staticmethod
    def remove_dead():
        """Instances of recorders that were killed beyond cleaning up."""
        for folder in (TRACEFS / "instances").glob("lastack-record-*"):
            if not pathlib.Path("/proc", folder.name.rpartition("-")[2]).exists():
                folder.rmdir()

    def clear(self):
        (self.folder / "trace").write_text("")

    def lines(self, addresses):
        """What was traced since clear() of sockets at these addresses, a line per event."""
        result = []
        for time, name, text in LINE.findall((self.folder / "trace").read_text()):
            fields = dict(field.split("=", 1) for field in text.split() if "=" in field)
            if fields.get("family") == "AF_INET6":
                fields["saddr"], fields["daddr"] = fields["saddrv6"], fields["daddrv6"]
            where = fields.get("saddr") or fields.get("src", "").rpartition(":")[0].strip("[]")
            # Not those that listen, and of Multipath TCP the TCP connections only.
            other = fields.get("dport") == "0" or fields.get("protocol", "IPPROTO_TCP") != "IPPROTO_TCP"
            if where in addresses and not other:
                result.append(f"{time} {name}: " + " ".join(f"{key}={fields[key]}" for key in EVENTS[name][1]))
        return result
