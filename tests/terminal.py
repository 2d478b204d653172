# SPDX-License-Identifier: GPL-2.0-or-later
"""What tests of the dashboard share: a terminal (tmux) with the program in it."""

import itertools
import os
import subprocess
import time

import endtoend

NUMBERS = itertools.count()  # no two share a server: one that has just been told to go may still be there
WAIT = int(os.environ.get("DASHBOARD_WAIT", "30"))  # seconds; a sanitizer, and others on the machine


class Terminal:
    """A terminal of its own with a shell in it."""

    def __init__(self, test, rows=24, columns=80, environment=None):
        self.test = test
        self.socket = f"lastack-{os.getpid()}-{next(NUMBERS)}"
        variables = {"LC_ALL": "C.UTF-8", "TERM": "tmux-256color", "PS1": "READY> ", "HOME": test.folder}
        variables.update(environment or {})
        settings = [f"{name}={value}" for name, value in variables.items()]
        unset = [argument for name in ("NO_COLOR", "XDG_CONFIG_HOME") for argument in ("-u", name)]
        self.tmux("-f", "/dev/null", "new-session", "-d", "-s", "s", "-x", str(columns), "-y", str(rows),
                  "-c", test.folder, "env", *unset, *settings, "sh")
        test.addCleanup(self.tmux, "kill-server", check=False)
        self.wait("READY>")

    def tmux(self, *arguments, check=True):
        return subprocess.run(["tmux", "-L", self.socket, *arguments], check=check, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=WAIT).stdout.decode()

    def screen(self, *arguments):
        return self.tmux("capture-pane", "-p", *arguments, "-t", "s")

    def keys(self, *keys):
        for key in keys:
            self.tmux("send-keys", "-t", "s", key)

    def type(self, text):
        self.tmux("send-keys", "-t", "s", "-l", text)

    def mouse(self, button, row, column):
        """A press and a release, as xterm tells them; from 1."""
        for end in "Mm":
            report = f"\033[<{button};{column};{row}{end}".encode()
            self.tmux("send-keys", "-t", "s", "-H", *[f"{byte:02x}" for byte in report])

    def command(self, line):
        self.type(line)
        self.keys("Enter")

    def wait(self, *texts, gone=()):
        """Until all texts are there and those of 'gone' are not. The screen then."""
        for _ in range(WAIT * 20):
            screen = self.screen()
            if all(text in screen for text in texts) and not any(text in screen for text in gone):
                return screen
            time.sleep(0.05)
        self.test.fail(f"{texts} without {gone} does not come:\n{screen}")
        return ""

    def modes(self):
        """What the program may have changed, as the terminal knows it."""
        return self.tmux("display-message", "-p", "-t", "s", "#{alternate_on} #{mouse_any_flag} #{cursor_flag}").strip()

    def pid(self):
        shell = self.tmux("display-message", "-p", "-t", "s", "#{pane_pid}").strip()
        with open(f"/proc/{shell}/task/{shell}/children", encoding="ascii") as file:
            return int(file.read().split()[-1])


class Terminals(endtoend.Test):
    """Tests that open terminals."""

    def open(self, arguments, rows=24, columns=80, shows="RATES", **environment):
        terminal = Terminal(self, rows, columns, environment)
        terminal.command(f"stty -a > before; clear; {endtoend.LASTACK} {arguments}; echo STATUS=$?; stty -a > after")
        terminal.wait(shows)
        return terminal

    def whole_again(self, terminal, status):
        screen = terminal.wait(f"STATUS={status}", gone=("RATES", "1 Overview"))
        terminal.wait("READY>")
        for _ in range(100):
            if os.path.exists(self.path("after")):
                break
            time.sleep(0.05)
        self.assertEqual(self.read(self.path("before")), self.read(self.path("after")))
        self.assertEqual(terminal.modes(), "0 0 1")
        terminal.command("echo typed and seen")
        self.assertEqual(terminal.wait("\ntyped and seen").count("typed and seen"), 2)
        return screen
