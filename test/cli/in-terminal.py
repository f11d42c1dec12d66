"""Runs a command in a terminal of its own, a pseudo-terminal of the given size: in-terminal.py ROWS COLUMNS COMMAND...

What it shows goes to stdout. A line on stdin is something that its user does: "size ROWS COLUMNS", or "type TEXT" with Python's escapes.
At the end a line on stderr says how it ended, and whether the terminal's modes are as they were.
"""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import threading

rows, columns, *command = sys.argv[1:]
master, slave = pty.openpty()


def resize(rows, columns):
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", int(rows), int(columns), 0, 0))


def take_terminal():
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)


resize(rows, columns)
modes = termios.tcgetattr(slave)
child = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, preexec_fn=take_terminal)
ended, end = os.pipe()
threading.Thread(target=lambda: (child.wait(), os.close(end)), daemon=True).start()

open_files = [master, 0, ended]
while True:
    ready, _, _ = select.select(open_files, [], [])
    if master in ready:
        os.write(1, os.read(master, 65536))
    elif ended in ready:
        break
    if 0 in ready:
        # One thing at a time: each line is written by itself.
        lines = os.read(0, 4096).decode()
        if lines == "":
            open_files.remove(0)
        for line in lines.splitlines():
            action, _, rest = line.partition(" ")
            if action == "size":
                resize(*rest.split())
            else:
                os.write(master, rest.encode().decode("unicode_escape").encode())

kept = "kept" if termios.tcgetattr(slave) == modes else "changed"
print(f"status {child.returncode}, modes {kept}", file=sys.stderr)
