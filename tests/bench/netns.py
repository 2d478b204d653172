# SPDX-License-Identifier: GPL-2.0-or-later
"""What the live benches share: a veth pair that nobody else has, and lastack watching one end of it."""

import contextlib
import ctypes
import pathlib
import re
import signal
import subprocess
import time

CLONE_NEWNET = 0x40000000


def own_network():
    """From here on this process and its children are alone in a network namespace."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        raise OSError("no network namespace can be made: this needs root")


def ip(command):
    subprocess.run(["ip", *command.split()], check=True)


def veth(mtu=1500):
    """'sender' and 'seer': what goes into one comes out of the other, and nothing else does."""
    for name in ("all", "default"):
        pathlib.Path(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6").write_text("1")
    ip(f"link add sender mtu {mtu} type veth peer name seer mtu {mtu}")
    ip("link set sender up")
    ip("link set seer up")


def status(process, field):
    text = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return re.search(rf"^{field}:\s*(.*)$", text, re.M)[1]


def memory(process):
    """(now, at its peak) in bytes, the kernel's ring left out: that is the kernel's."""
    return tuple(int(status(process, field).split()[0]) * 1024 for field in ("VmRSS", "VmHWM"))


@contextlib.contextmanager
def started(command, **options):
    """A program that is watching; it is killed if it has not ended by the end."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                               start_new_session=True, **options)
    try:
        limit = time.monotonic() + 20
        while pathlib.Path(f"/proc/{process.pid}/net/packet").read_text().count("\n") < 2:
            if process.poll() is not None or time.monotonic() > limit:
                raise RuntimeError(f"{command[0]} does not watch: {process.communicate()[1]}")
            time.sleep(0.02)
        time.sleep(0.5)
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def interrupted(process):
    """Its errors, after SIGINT has ended it well."""
    process.send_signal(signal.SIGINT)
    errors = process.communicate(timeout=300)[1]
    if process.returncode != 0:
        raise RuntimeError(f"it ended with {process.returncode}: {errors}")
    return errors
