# SPDX-License-Identifier: GPL-2.0-or-later
"""The two hosts: network namespaces without names, each with one TUN device and its addresses.

They live as long as something in them is open: when this process ends, however it ends, they and
their devices are gone.
"""

import contextlib
import ctypes
import fcntl
import os
import pathlib
import struct
import subprocess

CLONE_NEWNET = 0x40000000
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
DEVICE = "wire"

libc = ctypes.CDLL(None, use_errno=True)


def checked(result):
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def own_namespace():
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


class Host:
    """addresses: with their prefix lengths. close() when done."""

    def __init__(self, addresses):
        self.addresses = [address.partition("/")[0] for address in addresses]
        self.tun = -1
        before = own_namespace()
        try:
            checked(libc.unshare(CLONE_NEWNET))
            try:
                self.namespace = own_namespace()
                self.set_up(addresses)
            finally:
                checked(libc.setns(before, CLONE_NEWNET))
        finally:
            os.close(before)

    def set_up(self, addresses):
        self.tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        fcntl.ioctl(self.tun, TUNSETIFF, struct.pack("16sH22x", DEVICE.encode(), IFF_TUN | IFF_NO_PI))
        commands = ["link set lo up"]
        for nth, address in enumerate(addresses):
            # Only the first is used for what does not ask for one; IPv4 does that by itself.
            more = "nodad" + (" preferred_lft 0" if nth else "") if ":" in address else ""
            commands.append(f"addr add {address} dev {DEVICE} {more}")
        for command in [*commands, f"link set {DEVICE} up"]:
            subprocess.run(["ip", *command.split()], check=True)

    @contextlib.contextmanager
    def inside(self):
        """Within it, this thread makes sockets and starts programs on this host."""
        before = own_namespace()
        try:
            checked(libc.setns(self.namespace, CLONE_NEWNET))
            yield
        finally:
            checked(libc.setns(before, CLONE_NEWNET))
            os.close(before)

    def sysctl(self, name, value):
        """name: below net, e.g. ipv4.tcp_fin_timeout"""
        with self.inside():
            pathlib.Path("/proc/sys/net", *name.split(".")).write_text(str(value))

    def run(self, *command):
        with self.inside():
            return subprocess.run(command, check=True, capture_output=True, text=True, timeout=10).stdout

    def sockets(self):
        """Its TCP sockets as ss shows them, those that listen left out."""
        lines = self.run("ss", "-tanoH").splitlines()
        return " | ".join(line.strip() for line in lines if not line.startswith("LISTEN"))

    def forget_sockets(self):
        """Ends all that is left, so that nothing of it shows up in a later recording."""
        self.run("ss", "-K", "-taH")

    def close(self):
        if self.tun >= 0:
            os.close(self.tun)
        os.close(self.namespace)
