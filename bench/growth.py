#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Measure what many contacts and transactions make of an operation's cost.

    bench/growth.py [--build DIR] [--runs N] [--contacts N] [--transactions N] [SCENARIO...]

The generator and the server are one process with a virtual clock (bench/gate); what counts is the CPU of
the server's rounds.  Few: 1,000 contacts, and 1,000 transactions alive in the middle of what is measured;
many: 1,000,000 and 100,000.  The transactions come from operations before those that are measured; then
40 s pass, in which all of them end, and what that takes counts by its share.  It is done several times in
one process, the first of them not measured, and in several processes, those of few and of many by turns.

Exit status: 0 all answers were right, 1 some were not, 2 could not run.
"""
import argparse
import pathlib
import subprocess
import sys

import run

TARGET = 1.25
FEW = 1000
# Transactions of one operation: the server's and the client's of a MESSAGE; of an INVITE and of a BYE.  They
# are all alive for the virtual seconds that a cycle takes.
SCENARIOS = {"message": 2, "call": 4}
OPERATIONS = 30000
CYCLES_MAX = 80  # of 40 s and a little: registrations hold for an hour


def gate(arguments, scenario, contacts, before, count, cycles):
    """The CPU of one operation and its end, in us."""
    command = [arguments.build / "bench/gate/bench_gate", "--brief", "--scenario", scenario, "--users", contacts,
               "--before", before, "--count", count, "--cycles", cycles]
    done = subprocess.run([str(part) for part in command], check=False, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, text=True)
    lines = [line for line in done.stdout.splitlines() if line.startswith("bench=load ")]
    if not lines:
        raise RuntimeError(f"{scenario}: the gate ended with {done.returncode}")
    figures = dict(part.split("=", 1) for part in lines[-1].split())
    figures["us_per_op"] = float(figures["server_us_per_op"]) + float(figures["end_us_per_op"])
    return figures


def cycles_of(arguments, scenario, transactions):
    """Operations before, and measured, and how often, so that so many are alive on average."""
    alive = transactions / SCENARIOS[scenario]
    count = max(1, int(alive / 2))
    return int(alive - count / 2), count, 1 + min(CYCLES_MAX, max(1, int(arguments.operations / count)))


def measure(arguments, scenario):
    few, many = [], []
    for _ in range(arguments.runs):
        few.append(gate(arguments, scenario, FEW, *cycles_of(arguments, scenario, FEW)))
        many.append(gate(arguments, scenario, arguments.contacts,
                         *cycles_of(arguments, scenario, arguments.transactions)))
    return few, many


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--build", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent / "build")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--contacts", type=int, default=1000000)
    parser.add_argument("--transactions", type=int, default=100000)
    parser.add_argument("--operations", type=int, default=OPERATIONS, help="measured in each process, at least")
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO",
                        help=", ".join(SCENARIOS) + "; all of them where none is named")
    arguments = parser.parse_args()
    unknown = set(arguments.scenarios) - set(SCENARIOS)
    if unknown:
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}")
    arguments.scenarios = arguments.scenarios or list(SCENARIOS)
    return arguments


def main():
    arguments = read_arguments()
    rows, failed = [], 0
    for scenario in arguments.scenarios:
        try:
            few, many = measure(arguments, scenario)
        except (RuntimeError, OSError) as error:
            print(f"growth: {error}", file=sys.stderr)
            return 2
        ratio = run.ratio(many, few, "us_per_op")
        failed += sum(run.total(runs, "failed") for runs in (few, many))
        rows.append(f"| {run.SCENARIOS[scenario][0]} | {run.median(few, 'us_per_op'):.2f} | "
                    f"{run.median(many, 'us_per_op'):.2f} | **{ratio:.2f} ×** | ≤ {TARGET} × |")
        print(f"bench=growth scenario={scenario} few_us={run.median(few, 'us_per_op'):.3f} "
              f"many_us={run.median(many, 'us_per_op'):.3f} ratio={ratio:.3f} target={TARGET}", flush=True)
    print(f"\nMedians of {arguments.runs} runs, {failed} operations failed.\n")
    print(f"| CPU of the server's rounds, µs per operation | {FEW:,} contacts, {FEW:,} transactions | "
          f"{arguments.contacts:,}, {arguments.transactions:,} | **many / few** | target |")
    print("| --- | --- | --- | --- | --- |")
    print("\n".join(rows))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
