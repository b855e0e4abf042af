#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Measure what an operation costs with two servants, beside what it costs with one.

    bench/cores.py [--build DIR] [--runs N] [--seconds S] [SCENARIO...]

The server with one servant is on core 0, that with two on cores 0 and 1, and the load generator on core 1,
too.  All get the same open loop, at 40 % of what the one servant reaches in closed loop.  Each scenario
comes from 16 pairs of source ports, which the kernel's hash spreads over the two servants' sockets, so
that half of the messages come to the reactor that does not have their call; and as a trunk sends it,
from one address and port.  The raw responder (bench/raw), with a thread and a socket for each core, is
the reference: what the kernel makes of a second core.

Exit status: 0 all answers were right, 1 some were not, 2 could not run.
"""
import argparse
import pathlib
import statistics
import sys
import tempfile

import run

SCENARIOS = ("options", "refresh", "message", "call")
OPEN_SHARE = 0.4
COST_TARGET = 1.15  # of two servants, in what one takes
WORK_TARGET = 0.4   # the least that each of two does of a trunk's load
SPREAD = ("--pairs", 16)
TRUNK = ("--trunk",)


def thread_seconds(process):
    """CPU of each thread, by its number."""
    seconds = {}
    for task in pathlib.Path(f"/proc/{process.pid}/task").iterdir():
        try:
            seconds[task.name] = int((task / "schedstat").read_text().split()[0]) / 1e9
        except OSError:  # it has just ended
            pass
    return seconds


def least_share(before, after):
    """Of the two threads that did most, what the lesser did of their work."""
    used = sorted((after[name] - before.get(name, 0) for name in after), reverse=True) + [0]
    return used[1] / (used[0] + used[1]) if used[0] else 0


class Round:
    """The same load for one and for two, each measured as often as was asked for."""

    def __init__(self, arguments, pair, scenario, rate, options):
        self.one, self.two, self.shares = [], [], []
        for _ in range(arguments.runs):
            self.one.append(run.load(arguments, pair[0], scenario, rate, *options))
            before = thread_seconds(pair[1].process)
            self.two.append(run.load(arguments, pair[1], scenario, rate, *options))
            self.shares.append(least_share(before, thread_seconds(pair[1].process)))
        self.ratio = run.ratio(self.two, self.one)
        self.share = statistics.median(self.shares)

    def failed(self):
        return sum(run.total(runs, "failed") for runs in (self.one, self.two))

    def cells(self):
        return (f"{run.median(self.one, 'server_us_per_op'):.2f}",
                f"{run.median(self.two, 'server_us_per_op'):.2f}",
                f"**{self.ratio:.2f} ×**", f"{self.share:.0%}",
                f"{run.median(self.one, 'p99_us'):,.0f}, {run.median(self.two, 'p99_us'):,.0f}",
                f"{run.median(self.two, 'generator_cpu'):.0%}", str(self.failed()))


def print_table(rows):
    print("\n| server CPU, µs per operation | rate per second | one servant | two | **two / one** | target | "
          "the lesser's share of the work | target | p99, µs, one, two | generator CPU | failed |")
    print("|" + " --- |" * 11)
    for name, rate, measured, cost_target, work_target in rows:
        one, two, ratio, share, *others = measured.cells()
        print("| " + " | ".join((name, f"{rate:,.0f}", one, two, ratio, cost_target, share,
                                 work_target, *others)) + " |")


def measure(arguments, raws, both, scenario):
    """Rows of the table."""
    most = run.load(arguments, both[0], scenario)
    rate = OPEN_SHARE * float(most["ops_per_s"])
    title, messages = run.SCENARIOS[scenario][:2]
    for name, pair, rounds_rate, what, options, cost, work in (
            (f"{title}: the raw responder", raws, rate * messages, "options", SPREAD, "", ""),
            (title, both, rate, scenario, SPREAD, f"≤ {COST_TARGET} ×", ""),
            (f"{title}, from one port", both, rate, scenario, TRUNK, "", f"≥ {WORK_TARGET:.0%}")):
        measured = Round(arguments, pair, what, rounds_rate, options)
        print(f"bench=cores scenario={scenario} what={name.replace(' ', '_')} rate={rounds_rate:.0f} "
              f"ratio={measured.ratio:.3f} share={measured.share:.3f} failed={measured.failed()}",
              flush=True)
        yield name, rounds_rate, measured, cost, work


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--build", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent / "build")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--warmup", type=float, default=0.5)
    parser.add_argument("--in-progress", type=int, default=64)
    parser.add_argument("--users", type=int, default=1000)
    parser.add_argument("--server-core", type=int, default=0)
    parser.add_argument("--load-core", type=int, default=1, help="that of the second servant, too")
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
    one = arguments.server_core
    two = {arguments.server_core, arguments.load_core}
    running, rows = [], []

    def begin(made):
        running.append(made)
        return made

    with tempfile.TemporaryDirectory() as folder:
        try:
            raws = (begin(run.Raw(arguments.build, one)),
                    begin(run.Raw(arguments.build, two, len(two))))
            both = []
            for cores in (one, two):
                own = pathlib.Path(folder) / f"servants{len(both) + 1}"
                own.mkdir()
                both.append(begin(run.Server(arguments.build, cores, arguments.users, own)))
            for scenario in arguments.scenarios:
                rows += measure(arguments, raws, both, scenario)
        except (RuntimeError, OSError) as error:
            print(f"cores: {error}", file=sys.stderr)
            return 2
        finally:
            for started in running:
                started.stop()
    print(f"\nOpen loop at {OPEN_SHARE:.0%} of what one servant reaches, medians of {arguments.runs} runs of "
          f"{arguments.seconds:g} s.")
    print_table(rows)
    return 1 if any(row[2].failed() for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
