#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Two baresips talk through the server of `make run`.

    python3 tests/scenario/demo_call.py demo/passwords ADDRESS:PORT
"""
import pathlib
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from cases.calls import talk  # noqa: E402  (found by the line above)
from lab.baresip import Baresip  # noqa: E402
from lab.wait import Failure  # noqa: E402


class Demo:
    """As much of a server as a phone wants to know."""

    def __init__(self, host):
        self.host = host


def call(passwords, host, folder, say=lambda line: None):
    phones = []
    try:
        for user, password in passwords.items():
            phones.append(Baresip(folder / user, user, Demo(host), password).registered())
            say(f"{user} is registered")
        caller, callee = phones
        talk(caller, callee)
        say(f"{caller.user} and {callee.user} hear each other")
        callee.hang_up()
        caller.wait("CALL_CLOSED")
        say(f"{callee.user} hung up")
    finally:
        for phone in phones:
            phone.kill()


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    passwords = dict(line.split() for line in pathlib.Path(sys.argv[1]).read_text().splitlines())
    folder = pathlib.Path(tempfile.mkdtemp(prefix="res_sip-"))
    try:
        call(passwords, sys.argv[2], folder, print)
    except Failure as failure:
        sys.exit(f"demo_call: {failure}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
