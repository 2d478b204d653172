#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares what README.md shows with what lastack prints, the lists of words say and the recordings prove.

usage: readme.py LASTACK ROOT [--write]

With --write the README's blocks are made anew instead; read the difference before committing it. Fails
either way when lastack is certain of a cause that is not a recording's.
"""

import glob
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import cause_table  # noqa: E402

# Lists of vocabulary.h that the README shows, and their titles there.
LISTS = {
    "CLOSES": "close: what happened",
    "CAUSES": "cause: why",
    "CONFIDENCES": "confidence: how sure",
    "CLOSERS": "closer: who began it",
    "TIME_WAITS": "time_wait",
    "RECORD_ENDS": "record_end: why the record ended",
}


def run(lastack, root, *arguments):
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}
    environment.update({k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")})
    done = subprocess.run([lastack, *arguments], cwd=root, env=environment, capture_output=True, timeout=120)
    if done.returncode != 0:
        sys.exit(f"lastack {' '.join(arguments)} ended with {done.returncode}: {done.stderr.decode()}")
    return done.stdout.decode()


def fenced(text):
    return "```text\n" + text.rstrip("\n") + "\n```\n"


def demo(lastack, root):
    captures = sorted(os.path.relpath(p, root) for p in glob.glob(f"{root}/captures/*.pcap"))
    return fenced(run(lastack, root, *captures))


def row(lastack, root):
    return fenced(run(lastack, root, "-q", "-v", "--list", "captures/data_after_close.pcap"))


def explanation(lastack, root):
    return fenced(run(lastack, root, "--explain", "9", "captures/data_after_close.pcap"))


def words(header, name):
    """The (word, meaning) pairs of one X-macro; causes have more behind them."""
    body = re.search(rf"#define {name}\(X\)((?:.*\\\n)*.*\n)", header).group(1)
    return re.findall(r'X\(\w+,\s*"([^"]*)",\s*"([^"]*)"[,)]', body.replace("\\\n", " "))


def vocabulary(_, root):
    header = "".join(pathlib.Path(root, "analyzer", name).read_text() for name in ("vocabulary.h", "cause_list.h"))
    tables = []
    for name, title in LISTS.items():
        pairs = [(word, meaning) for word, meaning in words(header, name) if word]
        if len(pairs) < 3:
            sys.exit(f"vocabulary.h: cannot read {name}")
        lines = [f"| {title} | meaning |", "| --- | --- |"]
        lines += [f"| `{word}` | {meaning} |" for word, meaning in pairs]
        tables.append("\n".join(lines) + "\n")
    return "\n".join(tables)


def causes(lastack, root):
    header = pathlib.Path(root, "analyzer", "cause_list.h").read_text()
    made, certainly_wrong = cause_table.table(lastack, root, [word for word, _ in words(header, "CAUSES") if word])
    if certainly_wrong:
        sys.exit(f"lastack is certain of a wrong cause, {certainly_wrong} times:\n{made}")
    return made


def tmux(socket, *arguments):
    return subprocess.run(["tmux", "-L", socket, *arguments], capture_output=True, timeout=60, check=True).stdout.decode()


def screen(lastack, root, keys, shows):
    """The dashboard of the recordings in a terminal of 80 by 24, after those keys; each has what it then shows."""
    socket = f"lastack-readme-{os.getpid()}-{time.monotonic_ns()}"  # a server of its own: the last one may still go
    with tempfile.TemporaryDirectory() as home:
        tmux(socket, "-f", "/dev/null", "new-session", "-d", "-s", "s", "-x", "80", "-y", "24", "-c", root, "env",
             "-u", "XDG_CONFIG_HOME", f"HOME={home}", "LC_ALL=C.UTF-8", "NO_COLOR=1", "sh", "-c",
             '"$0" --ui captures/*.pcap', lastack)
        try:
            for key, text in zip([None, *keys], shows):
                if key:
                    tmux(socket, "send-keys", "-t", "s", *key)
                shown = before = ""
                for _ in range(600):
                    shown, before = tmux(socket, "capture-pane", "-p", "-t", "s"), shown
                    if text in shown and " reading" not in shown and shown == before:
                        break
                    time.sleep(0.3)
                else:
                    sys.exit(f"the dashboard does not show {text!r}:\n{shown}")
        finally:
            tmux(socket, "kill-server")
    return fenced("\n".join(line.rstrip() for line in shown.splitlines()))


def overview(lastack, root):
    return screen(lastack, root, [], ["TIME-WAITs held"])


def connection(lastack, root):
    keys = [["2"], ["-l", "/cause=keepalive-race"], ["Enter"], ["Enter"], ["End"]]
    return screen(lastack, root, keys, ["RATES", "newest first", "/cause=keepalive-race", "filter: cause=keepalive-race",
                                        "verdict", "decided it"])


BLOCKS = {"demo": demo, "overview": overview, "connection": connection, "row": row, "explanation": explanation, "causes": causes, "vocabulary": vocabulary}


def main():
    lastack, root = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    path = pathlib.Path(root, "README.md")
    text = path.read_text()
    wrong = 0
    for name, make in BLOCKS.items():
        block = re.search(rf"(<!-- {name}:begin -->\n)(.*?)(<!-- {name}:end -->)", text, re.DOTALL)
        if not block:
            sys.exit(f"README.md: no block {name}")
        if make in (overview, connection) and not shutil.which("tmux"):
            print(f"the block {name} is not compared: tmux is not installed")
            continue
        made = make(lastack, root)
        if "--write" in sys.argv[3:]:
            text = text[: block.start(2)] + made + text[block.end(2) :]
        elif block.group(2) != made:
            print(f"README.md: the block {name} is not what lastack says now:\n{made}")
            wrong += 1
    if "--write" in sys.argv[3:]:
        path.write_text(text)
    if wrong:
        sys.exit("renew it by: cmake --build build/release --target readme-tables")


if __name__ == "__main__":
    main()
