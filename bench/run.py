#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Measure res_sip against the least that answering SIP over UDP can cost.

    bench/run.py [--build DIR] [--runs N] [--seconds S] [--open] [SCENARIO...]

The server and the raw responder run on one core, the load generator on another.
Each scenario is run several times, and each time right after the raw responder, so that
what drifts on the machine drifts for both: the ratios are what counts, the figures are
medians.  The limit of a scenario is the responder's figure times its messages, where one
in and one out count as one OPTIONS.  With --open each scenario runs again in open loop, at
40 % of the rate that it reached.

Exit status: 0 all answers were right, 1 some were not, 2 could not run.
"""
import argparse
import pathlib
import statistics
import subprocess
import sys
import tempfile

import servers

# Name, what it is, the messages in and out divided by two, the most it should cost of the limit.
SCENARIOS = {
    "options": ("OPTIONS", 1.0, 1.3),
    "register": ("REGISTER, challenged", 2.0, 1.4),
    "refresh": ("refresh, known nonce", 1.0, 1.5),
    "call": ("call through the proxy", 6.5, 1.5),
    "message": ("MESSAGE through the proxy", 2.0, 1.5),
}
OPEN_SHARE = 0.4

GLOBAL = """\
[global]
type = global
domain = {domain}
log_level = warning

[system]
type = system
servants = 1

[transport-udp]
type = transport
protocol = udp
bind = 127.0.0.1:{port}
"""


class Server:
    def __init__(self, build, core, users, folder):
        self.port = servers.free_port()
        (folder / "res_sip.conf").write_text(
            GLOBAL.format(domain=servers.DOMAIN, port=self.port) + servers.phones(users))
        self.process = servers.start([build / "res_sip", "run", "-c", folder], core)
        try:
            servers.await_answer(self.process, self.port, "res_sip")
        except RuntimeError:
            self.stop()
            raise

    def stop(self):
        servers.stop(self.process)


class Raw:
    def __init__(self, build, core, *options):
        self.process = servers.start([build / "bench/raw/bench_raw", "0", *options], core,
                                     stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("listening port="):
            raise RuntimeError("bench_raw does not start")
        self.port = int(line.split("=")[1])

    def stop(self):
        servers.stop(self.process)
        self.process.stdout.close()


def load(arguments, server, scenario, rate=0):
    """One run of the generator; its figures by name."""
    command = [
        arguments.build / "bench/load/bench_load", "--brief", "--scenario", scenario,
        "--server", f"127.0.0.1:{server.port}", "--pid", server.process.pid,
        "--domain", servers.DOMAIN, "--password", servers.PASSWORD, "--users", arguments.users,
        "--seconds", arguments.seconds, "--warmup", arguments.warmup, "--in-progress",
        arguments.users if rate else arguments.in_progress, "--rate", rate]
    process = servers.start(command, arguments.load_core, stdout=subprocess.PIPE, text=True)
    text, _ = process.communicate()
    lines = [line for line in text.splitlines() if line.startswith("bench=load ")]
    if not lines:
        raise RuntimeError(f"{scenario}: the load generator ended with {process.returncode}")
    figures = dict(part.split("=", 1) for part in lines[-1].split())
    if float(figures["ops"]) == 0:
        raise RuntimeError(f"{scenario}: nothing was answered")
    return figures


def median(runs, name):
    return statistics.median(float(run[name]) for run in runs)


def total(runs, name):
    return sum(int(run[name]) for run in runs)


class Result:
    """What the runs of one scenario came to."""

    def __init__(self, scenario, limits, runs):
        self.title, self.messages, self.target = SCENARIOS[scenario]
        self.runs = runs
        self.limit = self.messages * median(limits, "server_us_per_op")
        self.cost = median(runs, "server_us_per_op")
        self.ratio = statistics.median(
            float(run["server_us_per_op"]) /
            (self.messages * float(limit["server_us_per_op"]))
            for limit, run in zip(limits, runs))

    def line(self):
        return " ".join(f"{name}={value}" for name, value in (
            ("bench", "run"), ("scenario", self.runs[0]["scenario"]),
            ("mode", self.runs[0]["mode"]), ("runs", len(self.runs)),
            ("limit_us", f"{self.limit:.3f}"), ("server_us", f"{self.cost:.3f}"),
            ("ratio", f"{self.ratio:.3f}"), ("target", self.target),
            ("ops_per_s", f"{median(self.runs, 'ops_per_s'):.0f}"),
            ("p50_us", f"{median(self.runs, 'p50_us'):.1f}"),
            ("p99_us", f"{median(self.runs, 'p99_us'):.1f}"),
            ("failed", total(self.runs, "failed")),
            ("retransmissions", total(self.runs, "retransmissions")),
            ("stale", total(self.runs, "stale")),
            ("kernel_drops", total(self.runs, "kernel_drops")),
            ("generator_cpu", f"{median(self.runs, 'generator_cpu'):.2f}")))


def measure(arguments, raw, server, scenario):
    """The closed loop's result, and the open loop's where it was asked for."""
    limits, runs = [], []
    for _ in range(arguments.runs):
        limits.append(load(arguments, raw, "options"))
        runs.append(load(arguments, server, scenario))
    results = [Result(scenario, limits, runs)]
    if arguments.open:
        # At the same messages per second: what waking up costs depends on the rate.
        rate = OPEN_SHARE * median(runs, "ops_per_s")
        limits, runs = [], []
        for _ in range(arguments.runs):
            limits.append(load(arguments, raw, "options", rate * SCENARIOS[scenario][1]))
            runs.append(load(arguments, server, scenario, rate))
        results.append(Result(scenario, limits, runs))
    return results


def row(name, results, cell):
    return f"| {name} | " + " | ".join(cell(result) for result in results) + " |"


def limit_cell(result):
    text = f"{result.limit:.1f}"
    return text if result.messages == 1 and result.title == "OPTIONS" else f"({text})"


def print_table(heading, results):
    print(f"\n{heading}\n")
    print(row("server CPU, µs per operation", results, lambda result: result.title))
    print("|" + " --- |" * (len(results) + 1))
    print(row("raw UDP responder: **the limit**", results, limit_cell))
    print(row("res_sip", results, lambda result: f"{result.cost:.1f}"))
    print(row("**res_sip / limit**", results, lambda result: f"**{result.ratio:.2f} ×**"))
    print(row("target", results, lambda result: f"≤ {result.target} ×"))
    for name, figure in (("operations per second", "ops_per_s"),
                         ("latency p50, µs", "p50_us"), ("latency p99, µs", "p99_us")):
        print(row(name, results, lambda result, f=figure: f"{median(result.runs, f):,.0f}"))
    print(row("server CPU, % of the core", results,
              lambda result: f"{median(result.runs, 'server_cpu') * 100:.0f}"))
    print(row("generator CPU, % of its core", results,
              lambda result: f"{median(result.runs, 'generator_cpu') * 100:.0f}"))
    for name, figure in (("failed", "failed"), ("retransmissions", "retransmissions"),
                         ("unexpected challenges", "stale"),
                         ("kernel drops", "kernel_drops")):
        print(row(name, results, lambda result, f=figure: str(total(result.runs, f))))


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--build", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent / "build")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--warmup", type=float, default=0.5,
                        help="seconds before each run; with 35 what a transaction leaves "
                             "behind goes as fast as it comes")
    parser.add_argument("--in-progress", type=int, default=64)
    parser.add_argument("--users", type=int, default=1000)
    parser.add_argument("--server-core", type=int, default=0)
    parser.add_argument("--load-core", type=int, default=1)
    parser.add_argument("--open", action="store_true", help="open loop too")
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
    results = []
    with tempfile.TemporaryDirectory() as folder:
        raw = server = None
        try:
            raw = Raw(arguments.build, arguments.server_core)
            server = Server(arguments.build, arguments.server_core, arguments.users,
                            pathlib.Path(folder))
            for scenario in arguments.scenarios:
                for result in measure(arguments, raw, server, scenario):
                    print(result.line(), flush=True)
                    results.append(result)
        except (RuntimeError, OSError) as error:
            print(f"bench: {error}", file=sys.stderr)
            return 2
        finally:
            for running in (server, raw):
                if running is not None:
                    running.stop()
    count = f"medians of {arguments.runs} runs of {arguments.seconds:g} s"
    for mode, heading in (
            ("closed", f"Closed loop with {arguments.in_progress} in progress, {count}."),
            ("open", f"Open loop at {OPEN_SHARE:.0%} of that rate, {count}.")):
        chosen = [result for result in results if result.runs[0]["mode"] == mode]
        if chosen:
            print_table(heading, chosen)
    return 1 if any(total(result.runs, "failed") for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
