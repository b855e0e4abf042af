#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Measure OPTIONS beside an authenticator that blocks.

    bench/blocking.py [--build DIR] [--runs N] [--seconds S]

The server with one servant is on core 0, and two load generators in open loop on core 1: one sends MESSAGEs,
each of which waits 100 ms for the authenticator of bench/modules, which says that it blocks; the other
OPTIONS, which ask nothing of it.  Each run is beside one without the MESSAGEs.

Exit status: 0 all answers were right, 1 some were not, 2 could not run.
"""
import argparse
import pathlib
import sys
import tempfile

import run

MESSAGES_PER_S = 500
OPTIONS_PER_S = 1000
TARGET_MS = 10


def messages_beside(arguments, server):
    """Somewhat longer than what is measured."""
    longer = argparse.Namespace(**vars(arguments))
    longer.seconds += 1
    longer.warmup = 0.2
    return run.Beside(longer, server, "message", MESSAGES_PER_S)


def measure(arguments, server):
    alone, beside, messages = [], [], []
    for _ in range(arguments.runs):
        alone.append(run.load(arguments, server, "options", OPTIONS_PER_S))
        slow = messages_beside(arguments, server)
        beside.append(run.load(arguments, server, "options", OPTIONS_PER_S))
        messages.append(slow.finish())
    return alone, beside, messages


def print_table(arguments, alone, beside, messages):
    p99_ms = run.median(beside, "p99_us") / 1000
    print(f"\nMedians of {arguments.runs} runs of {arguments.seconds:g} s, {OPTIONS_PER_S} OPTIONS a second.\n")
    print(f"| OPTIONS | alone | beside {MESSAGES_PER_S} requests a second that block 100 ms each | target | ratio |")
    print("| --- | --- | --- | --- | --- |")
    print(f"| p50, ms | {run.median(alone, 'p50_us') / 1000:.2f} | "
          f"{run.median(beside, 'p50_us') / 1000:.2f} | | |")
    print(f"| **p99, ms** | {run.median(alone, 'p99_us') / 1000:.2f} | **{p99_ms:.2f}** | "
          f"≤ {TARGET_MS} | {p99_ms / TARGET_MS:.2f} |")
    print(f"| failed | {run.total(alone, 'failed')} | {run.total(beside, 'failed')} | | |")
    print(f"| those that block: per second, p50 in ms, failed | | "
          f"{run.median(messages, 'ops_per_s'):.0f}, {run.median(messages, 'p50_us') / 1000:.0f}, "
          f"{run.total(messages, 'failed')} | | |")


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--build", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent / "build")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--warmup", type=float, default=0.7)
    parser.add_argument("--users", type=int, default=500)
    parser.add_argument("--server-core", type=int, default=0)
    parser.add_argument("--load-core", type=int, default=1)
    return parser.parse_args()


def main():
    arguments = read_arguments()
    with tempfile.TemporaryDirectory() as folder:
        try:
            server = run.Server(arguments.build, arguments.server_core, arguments.users,
                                pathlib.Path(folder),
                                {"res_sip_authenticator_digest": "bench_slow_authenticator"})
            try:
                runs = measure(arguments, server)
            finally:
                server.stop()
        except (RuntimeError, OSError) as error:
            print(f"blocking: {error}", file=sys.stderr)
            return 2
    print_table(arguments, *runs)
    return 1 if any(run.total(figures, "failed") for figures in runs) else 0


if __name__ == "__main__":
    sys.exit(main())
