#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Measure res_sip under more load than it can carry, and under attack.

    bench/overload.py [--build DIR] [--runs N] [--seconds S]

The server runs on one core, everything that loads it on another.  Each round measures, each
time with a server of its own:

  the most    calls and MESSAGEs, closed loop
  overload    the same, open loop at three times that rate, beside calls that were made before;
              these send a re-INVITE and a BYE in the middle of it
  the limit   a program that takes as many datagrams out of a socket as came too many in the
              overload, and forgets them: what no server can do for less
  attack      calls, closed loop, beside a flood from one other address: wrong passwords,
              garbage

What is compared is of one round; the figures are medians of the rounds' ratios.

Exit status: 0 all bounds hold, 1 some do not, 2 could not run.
"""
import argparse
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import run
import servers

TIMES = 3
LIMIT_MS = {"call": 300, "message": 200}  # max_wait_invite, max_wait_other
IN_PROGRESS = 70000  # and no more: the generator's room
HELD = 100      # calls made before the overload
HOLD_SECONDS = 2.0
FLOOD_FROM = "127.0.0.9"
LOST_MOST = 0.10
PRICE_MOST = 1.5  # of a datagram too many, by what it costs to receive and forget it


def resident_kb(pid, name):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    return 0


class Measurement:
    """A server with what runs against it; its figures by name."""

    def __init__(self, arguments, users):
        self.arguments = arguments
        self.folder = tempfile.TemporaryDirectory()
        self.server = run.Server(arguments.build, arguments.server_core, users,
                                 pathlib.Path(self.folder.name))
        self.pid = self.server.process.pid
        self.before_kb = resident_kb(self.pid, "VmRSS")

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.server.stop()
        self.folder.cleanup()

    def start(self, program, *options):
        command = [self.arguments.build / program, "--server", f"127.0.0.1:{self.server.port}",
                   "--pid", self.pid, *options]
        return servers.start(command, self.arguments.load_core, stdout=subprocess.PIPE, text=True)

    def load(self, scenario, *options):
        return self.start("bench/load/bench_load", "--brief", "--scenario", scenario,
                          "--domain", servers.DOMAIN, "--password", servers.PASSWORD, *options)

    def timed(self, scenario, *options):
        return self.load(scenario, "--seconds", self.arguments.seconds, "--warmup", 0.5,
                         *options)

    def finish(self, process):
        text, _ = process.communicate()
        lines = [line for line in text.splitlines() if line.startswith("bench=")]
        if not lines:
            raise RuntimeError(f"a generator ended with {process.returncode}")
        figures = dict(part.split("=", 1) for part in lines[-1].split())
        figures["before_kb"] = self.before_kb
        figures["most_kb"] = resident_kb(self.pid, "VmHWM")
        return figures

    def counters(self):
        text = subprocess.run(
            [str(self.arguments.build / "res_sip"), "show", "counters", "-c", self.folder.name],
            capture_output=True, text=True, check=True).stdout
        pairs = (line.split() for line in text.splitlines())
        return {pair[0]: int(pair[1]) for pair in pairs
                if len(pair) == 2 and pair[1].isdigit()}


def measure_most(arguments, scenario):
    with Measurement(arguments, 1000) as m:
        return m.finish(m.timed(scenario, "--in-progress", 64))


def measure_overload(arguments, scenario, rate):
    """The figures of the load, those of the calls in progress, and the server's counters."""
    with Measurement(arguments, 1000 + HELD) as m:
        held = m.load("call", "--users", HELD, "--first-user", 1000, "--in-progress", HELD,
                      "--count", HELD, "--hold", HOLD_SECONDS)
        time.sleep(0.7)
        figures = m.finish(m.timed(scenario, "--overload", "--rate", rate, "--in-progress",
                                   IN_PROGRESS, "--users", 1000))
        return figures, m.finish(held), m.counters()


def surplus_of(most, overload):
    """Datagrams per second beyond those of the accepted operations."""
    each = float(most["sent"]) / float(most["ops"])
    seconds = float(overload["seconds"])
    return (float(overload["sent"]) - each * float(overload["ops"])) / seconds


def measure_discard(arguments, rate):
    """The part of a core that it takes to receive so many datagrams, and nothing else."""
    raw = run.Raw(arguments.build, arguments.server_core, "discard")
    flood = servers.start([arguments.build / "bench/flood/bench_flood", "--kind", "stranger",
                       "--server", f"127.0.0.1:{raw.port}", "--bind", FLOOD_FROM,
                       "--rate", rate, "--seconds", arguments.seconds,
                       "--pid", raw.process.pid],
                      arguments.load_core, stdout=subprocess.PIPE, text=True)
    text, _ = flood.communicate()
    raw.stop()
    figures = dict(part.split("=", 1) for part in text.split())
    return {"surplus": rate, "discarded": float(figures["sent_per_s"]),
            "us": float(figures["server_cpu"]) / float(figures["sent_per_s"]) * 1e6}


def measure_attack(arguments, kind):
    with Measurement(arguments, 1000) as m:
        flood = m.start("bench/flood/bench_flood", "--kind", kind, "--bind", FLOOD_FROM,
                        "--rate", arguments.flood_rate, "--seconds", arguments.seconds + 1.5)
        time.sleep(0.5)
        figures = m.finish(m.timed("call", "--in-progress", 64))
        return figures, m.finish(flood), m.counters()


def median(rows, name):
    return statistics.median(float(row[name]) for row in rows)


def offered(rows):
    return statistics.median(
        float(row["rate"]) - float(row["skipped"]) / float(row["seconds"]) for row in rows)


def total(rows, name):
    return sum(int(row[name]) for row in rows)


def ratio(rows, bases):
    """Operations per second, of those of the same round."""
    return statistics.median(
        float(row["ops_per_s"]) / float(base["ops_per_s"]) for row, base in zip(rows, bases))


def cpu_ratio(rows, bases):
    """Operations per second of the server's CPU time: others on the machine take none of it."""
    return statistics.median(
        float(base["server_us_per_op"]) / float(row["server_us_per_op"])
        for row, base in zip(rows, bases))


def row(title, cells):
    print(f"| {title} | " + " | ".join(cells) + " |")


def lost_us(most, overload):
    """What each datagram too many took from the accepted operations, in us of the core."""
    return statistics.median(
        (1 - float(o["ops_per_s"]) / float(m["ops_per_s"])) / surplus_of(m, o) * 1e6
        for m, o in zip(most, overload))


def print_overload(most, overload, discards, held, counters):
    """The table of both scenarios; the bounds that do not hold."""
    names = list(most)
    broken = []

    print(f"\nOpen loop at {TIMES} times the most, beside {HELD} calls made before.\n")
    row("", [{"call": "calls", "message": "MESSAGEs"}[name] for name in names])
    print("|" + " --- |" * (len(names) + 1))
    row("the most, closed loop, per second",
        [f"{median(most[n], 'ops_per_s'):,.0f}" for n in names])
    row("wanted, per second", [f"{median(overload[n], 'rate'):,.0f}" for n in names])
    row("offered, per second: what the generator had room for",
        [f"{offered(overload[n]):,.0f}" for n in names])
    row("accepted and completed, per second",
        [f"{median(overload[n], 'ops_per_s'):,.0f}" for n in names])
    row("of the most", [f"{ratio(overload[n], most[n]):.0%}" for n in names])
    row("**the same per second of the server's CPU**",
        [f"**{cpu_ratio(overload[n], most[n]):.0%}**" for n in names])
    row("server CPU, % of its core",
        [f"{median(overload[n], 'server_cpu') * 100:.0f}" for n in names])
    row("datagrams too many, per second",
        [f"{median(discards[n], 'surplus'):,.0f}" for n in names])
    row("**each of them took, us**", [f"**{lost_us(most[n], overload[n]):.2f}**" for n in names])
    row("**receiving and forgetting them takes, us**",
        [f"**{median(discards[n], 'us'):.2f}**" for n in names])
    for title, name in (("p50 since the copy that was let in, ms", "inside_p50_us"),
                        ("**p99 since then, ms**", "inside_p99_us"),
                        ("p99 since the first copy, ms", "p99_us")):
        row(title, [f"{median(overload[n], name) / 1000:.1f}" for n in names])
    for title, name in (("refused with 503", "refused"), ("without an answer", "unanswered"),
                        ("failed", "failed"), ("retransmissions", "retransmissions"),
                        ("kernel drops", "kernel_drops")):
        row(title, [str(total(overload[n], name)) for n in names])
    row("generator CPU, % of its core",
        [f"{median(overload[n], 'generator_cpu') * 100:.0f}" for n in names])
    row("resident, MiB: begin / at most, the most",
        [f"{median(most[n], 'before_kb') / 1024:.0f} / {median(most[n], 'most_kb') / 1024:.0f}"
         for n in names])
    row("resident, MiB: begin / at most, overload",
        [f"{median(overload[n], 'before_kb') / 1024:.0f} / "
         f"{median(overload[n], 'most_kb') / 1024:.0f}" for n in names])
    row("calls made before: re-INVITE and BYE done / failed",
        [f"{total(held[n], 'ops')} / {total(held[n], 'failed')}" for n in names])
    row("their retransmissions", [str(total(held[n], "retransmissions")) for n in names])
    for name in ("admission.waited", "received.dropped.kernel"):
        row(f"counter {name}, sum", [str(sum(c.get(name, 0) for c in counters[n]))
                                     for n in names])
    for n in names:
        if ratio(overload[n], most[n]) < 1 - LOST_MOST and \
                lost_us(most[n], overload[n]) > PRICE_MOST * median(discards[n], "us"):
            broken.append(f"{n}: accepted operations are below {1 - LOST_MOST:.0%} of the most, "
                          f"and each datagram too many took more than {PRICE_MOST} times "
                          "what receiving it takes")
        if median(overload[n], "inside_p99_us") > LIMIT_MS[n] * 1000:
            broken.append(f"{n}: p99 is above {LIMIT_MS[n]} ms")
        if total(held[n], "failed") != 0 or total(held[n], "ops") != HELD * len(held[n]):
            broken.append(f"{n}: calls in progress failed")
    return broken


def print_attack(most, attack, floods, counters, rate):
    kinds = list(attack)
    broken = []

    print(f"\nCalls, closed loop, beside {rate:,.0f} datagrams a second from one address.\n")
    row("", ["none"] + kinds)
    print("|" + " --- |" * (len(kinds) + 2))
    row("calls per second", [f"{median(most, 'ops_per_s'):,.0f}"] +
        [f"{median(attack[k], 'ops_per_s'):,.0f}" for k in kinds])
    row("of those without", ["1"] + [f"{ratio(attack[k], most):.0%}" for k in kinds])
    row("**the same per second of the server's CPU**",
        ["1"] + [f"**{cpu_ratio(attack[k], most):.0%}**" for k in kinds])
    row("datagrams sent per second", ["0"] +
        [f"{median(floods[k], 'sent_per_s'):,.0f}" for k in kinds])
    row("answered 4xx / 503, of all sent", ["-"] +
        [f"{total(floods[k], 'answers_4xx')} / {total(floods[k], 'answers_503')} of "
         f"{total(floods[k], 'sent')}" for k in kinds])
    for title, name in (("p99, ms", "p99_us"),):
        row(title, [f"{median(rows, name) / 1000:.1f}" for rows in
                    [most] + [attack[k] for k in kinds]])
    for title, name in (("failed", "failed"), ("retransmissions", "retransmissions"),
                        ("kernel drops", "kernel_drops")):
        row(title, [str(total(rows, name)) for rows in [most] + [attack[k] for k in kinds]])
    row("generator CPU, % of its core",
        [f"{median(rows, 'generator_cpu') * 100:.0f}" for rows in
         [most] + [attack[k] for k in kinds]])
    row("flood's CPU, % of the same core",
        ["-"] + [f"{median(floods[k], 'own_cpu') * 100:.0f}" for k in kinds])
    row("resident at most, MiB", [f"{median(rows, 'most_kb') / 1024:.0f}" for rows in
                                  [most] + [attack[k] for k in kinds]])
    for name in ("sources.refused", "sources.dropped", "received.bad.ignored"):
        row(f"counter {name}, sum", ["-"] + [str(sum(c.get(name, 0) for c in counters[k]))
                                             for k in kinds])
    for k in kinds:
        if cpu_ratio(attack[k], most) < 1 - LOST_MOST:
            broken.append(f"{k}: the others lose more than {LOST_MOST:.0%}")
        if total(attack[k], "failed") != 0:
            broken.append(f"{k}: calls failed")
    return broken


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--build", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent / "build")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--flood-rate", type=float, default=40000)
    parser.add_argument("--server-core", type=int, default=0)
    parser.add_argument("--load-core", type=int, default=1)
    return parser.parse_args()


def measure(arguments):
    scenarios, kinds = ("call", "message"), ("password", "garbage")
    most, overload, discards, held, counted = ({n: [] for n in scenarios} for _ in range(5))
    attack, floods, attack_counted = ({k: [] for k in kinds} for _ in range(3))

    for _ in range(arguments.runs):
        for name in scenarios:
            most[name].append(measure_most(arguments, name))
            rate = TIMES * float(most[name][-1]["ops_per_s"])
            for place, figures in zip((overload, held, counted),
                                      measure_overload(arguments, name, rate)):
                place[name].append(figures)
            discards[name].append(measure_discard(
                arguments, surplus_of(most[name][-1], overload[name][-1])))
        for kind in kinds:
            for place, figures in zip((attack, floods, attack_counted),
                                      measure_attack(arguments, kind)):
                place[kind].append(figures)
    broken = print_overload(most, overload, discards, held, counted)
    broken += print_attack(most["call"], attack, floods, attack_counted, arguments.flood_rate)
    for line in broken:
        print(f"bench: {line}", file=sys.stderr)
    return 1 if broken else 0


def main():
    try:
        return measure(read_arguments())
    except (RuntimeError, OSError, subprocess.CalledProcessError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
