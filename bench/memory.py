#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Measure the memory that things take of which a server has many.

    bench/memory.py [--build DIR] [--runs N] [--contacts N] [--transactions N] [--calls N] [--minutes N]

Contacts: what malloc has handed out for each of a million (bench/location), and what ten minutes of refreshing
leave behind.  Transactions and calls: how much more is resident after so many operations within a virtual
second or so (bench/gate, generator and server in one process), while all that they leave behind is kept;
the OPTIONS are answered by a service that keeps them (bench/modules), in some 420 bytes.  Idle: what is
resident of the program with a thousand phones configured and none registered.

Exit status: 0 all answers were right, 2 could not run.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import run

# Name, what it is, the most it should be, and of what.
ROWS = (
    ("contact", "a registered contact", 400, "bytes"),
    ("transaction", "a lingering non-INVITE server transaction, its response of some 420 bytes", 600, "bytes"),
    ("call", "a finished, proxied call within its 32 s", 2560, "bytes"),
    ("idle", "an idle server, resident", 12, "MiB"),
    ("growth", "ten minutes of refreshing, more resident", 1, "% of the contacts' memory"),
)


def figures_of(command, start, **environment):
    """The last line that begins so, by name."""
    done = subprocess.run([str(part) for part in command], check=False, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, text=True, env={**os.environ, **environment})
    lines = [line for line in done.stdout.splitlines() if line.startswith(start)]
    if done.returncode != 0 or not lines:
        raise RuntimeError(f"{command[0].name} ended with {done.returncode}")
    return dict(part.split("=", 1) for part in lines[-1].split())


def left_behind(arguments, scenario, count, **environment):
    """Bytes resident for each operation, all of it being kept."""
    return float(figures_of(
        [arguments.build / "bench/gate/bench_gate", "--brief", "--run", "x", "--scenario", scenario,
         "--before", 1000, "--count", count], "bench=load ", **environment)["grown_bytes_per_op"])


def resident_mib(process):
    for line in pathlib.Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the server has ended")


def idle_mib(arguments):
    with tempfile.TemporaryDirectory() as folder:
        server = run.Server(arguments.build, 0, arguments.users, pathlib.Path(folder))
        try:
            time.sleep(1)
            return resident_mib(server.process)
        finally:
            server.stop()


def measure(arguments):
    contacts = figures_of([arguments.build / "bench/location/bench_contacts", arguments.contacts,
                           arguments.minutes], "bench=contacts ")
    bytes_each = float(contacts["bytes_per_contact"])
    return {
        "contact": bytes_each,
        "transaction": left_behind(
            arguments, "options", arguments.transactions,
            GATE_MODULE=str(arguments.build / "bench/modules/bench_keeper.so")),
        "call": left_behind(arguments, "call", arguments.calls),
        "idle": idle_mib(arguments),
        "growth": 100 * float(contacts["grown_bytes"]) / (bytes_each * arguments.contacts),
    }


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--build", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent / "build")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--contacts", type=int, default=1000000)
    parser.add_argument("--transactions", type=int, default=100000)
    parser.add_argument("--calls", type=int, default=30000)
    parser.add_argument("--minutes", type=int, default=10)
    parser.add_argument("--users", type=int, default=1000, help="phones of the idle server")
    return parser.parse_args()


def main():
    arguments = read_arguments()
    runs = []
    try:
        for _ in range(arguments.runs):
            runs.append(measure(arguments))
    except (RuntimeError, OSError) as error:
        print(f"memory: {error}", file=sys.stderr)
        return 2
    print(f"\nMedians of {arguments.runs} runs: {arguments.contacts:,} contacts, refreshed for {arguments.minutes} "
          f"minutes, {arguments.transactions:,} transactions, {arguments.calls:,} calls.\n")
    print("| memory | | target | ratio |")
    print("| --- | --- | --- | --- |")
    for name, what, target, unit in ROWS:
        figure = statistics.median(measured[name] for measured in runs)
        print(f"| {what} | **{figure:,.1f} {unit}** | ≤ {target:,} | {figure / target:.2f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
