# SPDX-License-Identifier: BSD-2-Clause
"""A program that runs beside us, and everything it has printed so far.

It prints into a terminal: most programs keep what they print to themselves otherwise.
"""
import os
import re
import subprocess
import termios
import threading

from lab.wait import PATIENCE_S, Failure, Growing


def _raw_terminal():
    ours, theirs = os.openpty()
    mode = termios.tcgetattr(theirs)
    mode[1] &= ~termios.OPOST
    mode[3] &= ~(termios.ECHO | termios.ICANON | termios.ISIG)
    termios.tcsetattr(theirs, termios.TCSANOW, mode)
    return ours, theirs


class Process:
    def __init__(self, name, command, environment=None, folder=None, talks=False):
        """`talks`: it reads from the terminal too; else it has no input."""
        self.name = name
        self.text = ""
        self.output = Growing()
        self.terminal, theirs = _raw_terminal()
        self.child = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **(environment or {})},
            stdin=theirs if talks else subprocess.DEVNULL, stdout=theirs, stderr=theirs,
            start_new_session=True)
        os.close(theirs)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        while True:
            try:
                got = os.read(self.terminal, 65536)
            except OSError:  # nobody has the other end any more
                got = b""
            if not got:
                break
            with self.output.changed:
                self.text += got.decode(errors="replace").replace("\r", "")
                self.output.changed.notify_all()
        self.output.end()

    def say(self, line):
        os.write(self.terminal, (line + "\n").encode())

    def mark(self):
        """A place in what it has printed; later waits look behind it."""
        return len(self.text)

    def saw(self, pattern, mark=0):
        return re.search(pattern, self.text[mark:], re.MULTILINE)

    def wait_for(self, pattern, mark=0, patience_s=PATIENCE_S):
        return self.output.wait(lambda: self.saw(pattern, mark),
                                f"{self.name} prints /{pattern}/", patience_s)

    def ended(self):
        return self.child.poll() is not None

    def wait_end(self, patience_s=PATIENCE_S):
        """Its exit code."""
        try:
            code = self.child.wait(patience_s)
        except subprocess.TimeoutExpired as late:
            raise Failure(f"{self.name} does not end within {patience_s} s") from late
        self.reader.join(patience_s)
        return code

    def signal(self, number):
        self.child.send_signal(number)

    def kill(self):
        if not self.ended():
            self.child.kill()
            self.child.wait()
        self.reader.join(1)
        if not self.reader.is_alive() and self.terminal >= 0:
            os.close(self.terminal)
            self.terminal = -1
