# SPDX-License-Identifier: BSD-2-Clause
"""Waiting for something to become true, with a deadline and never for a time.

The deadline is only how long a failure takes: a sanitizer's build on a busy machine is slow, and
valgrind slower (PATIENCE=3 in the environment waits three times as long).
"""
import os
import threading
import time

PATIENCE_S = 40 * int(os.environ.get("PATIENCE", "1"))
POLL_S = 0.02


class Failure(Exception):
    """A scenario did not go as its words say."""


class LeftOut(Exception):
    """A scenario can't be played on this machine, and says why."""


def check(fact, words):
    if not fact:
        raise Failure(words)


def within(condition, words, patience_s=PATIENCE_S):
    """What `condition()` returns as soon as it is true; for what nobody tells us about."""
    deadline = time.monotonic() + patience_s
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise Failure(f"{words}: not within {patience_s} s")
        time.sleep(POLL_S)


class Growing:
    """Something that a thread adds to and others wait on."""

    def __init__(self):
        self.changed = threading.Condition()
        self.ended = False

    def end(self):
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def wait(self, condition, words, patience_s=PATIENCE_S):
        """What `condition()` returns when it is true.  Fails at the end of what it waits for."""
        deadline = time.monotonic() + patience_s
        with self.changed:
            while True:
                result = condition()
                if result:
                    return result
                left = deadline - time.monotonic()
                if self.ended or left <= 0:
                    why = "it has ended" if self.ended else f"not within {patience_s} s"
                    raise Failure(f"{words}: {why}")
                self.changed.wait(left)
