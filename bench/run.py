#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Measure res_sip against the least that answering SIP over UDP can cost, and beside Kamailio.

    bench/run.py [--build DIR] [--runs N] [--seconds S] [--open] [--without-kamailio] [SCENARIO...]

The servers and the raw responder run on one core, the load generator on another.
Each scenario is run several times, and each time right after the raw responder, so that
what drifts on the machine drifts for all: the ratios are what counts, the figures are
medians.  The limit of a scenario is the responder's figure times its messages, where one
in and one out count as one OPTIONS.  With --open each scenario runs again in open loop, at
40 % of the rate that it reached.

Kamailio (Debian's package), where it is installed, runs with the allocator that it has by itself and
with each of the two that it is faster with (bench/peers).

Exit status: 0 all answers were right, 1 some were not, 2 could not run.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading

import servers
from peers import kamailio

# Name, what it is, the messages in and out divided by two, the most it should cost of the limit, and
# how many times more Kamailio should cost.
SCENARIOS = {
    "options": ("OPTIONS", 1.0, 1.3, 1.6),
    "register": ("REGISTER, challenged", 2.0, 1.4, 2.0),
    "refresh": ("refresh, known nonce", 1.0, 1.5, 2.0),
    "call": ("call through the proxy", 6.5, 1.5, 2.5),
    "message": ("MESSAGE through the proxy", 2.0, 1.5, 2.5),
}
OPEN_SHARE = 0.4

# In open loop, or 1.5 times the responder's where that is more.
LATENCY_MS = {"p99_us": 1, "p999_us": 3}

GLOBAL = """\
[global]
type = global
domain = {domain}
log_level = warning

[system]
type = system
servants = {servants}
pin_cores = {cores}

[transport-udp]
type = transport
protocol = udp
bind = 127.0.0.1:{port}
udp_gso = {gso}
"""


class Server:
    """A servant on each core.  `modules`: of bench/modules, in the place of those that they name."""

    def __init__(self, build, core, users, folder, modules=None, gso="no"):
        self.port = servers.free_port()
        folder.mkdir(exist_ok=True)
        cores = sorted(core) if isinstance(core, set) else [core]
        (folder / "res_sip.conf").write_text(
            GLOBAL.format(domain=servers.DOMAIN, port=self.port, gso=gso,
                          servants=len(cores), cores=",".join(map(str, cores))) +
            servers.phones(users))
        environment = dict(os.environ)
        if modules:
            (folder / "modules.conf").write_text(servers.modules(modules))
            environment["RES_SIP_MODULE_PATH"] = servers.module_path(build)
        self.process = servers.start([build / "res_sip", "run", "-c", folder], core, env=environment)
        try:
            servers.await_answer(self.process, self.port, "res_sip")
        except RuntimeError:
            self.stop()
            raise

    def pids(self):
        return [self.process.pid]

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

    def pids(self):
        return [self.process.pid]

    def stop(self):
        servers.stop(self.process)
        self.process.stdout.close()


def load(arguments, server, scenario, rate=0, *options):
    """One run of the generator; its figures by name."""
    command = [
        arguments.build / "bench/load/bench_load", "--brief", "--scenario", scenario,
        "--server", f"127.0.0.1:{server.port}", "--pid", ",".join(map(str, server.pids())),
        "--domain", servers.DOMAIN, "--password", servers.PASSWORD, "--users", arguments.users,
        "--seconds", arguments.seconds, "--warmup", arguments.warmup, "--in-progress",
        arguments.users if rate else arguments.in_progress, "--rate", rate, *options]
    process = servers.start(command, arguments.load_core, stdout=subprocess.PIPE, text=True)
    text, _ = process.communicate()
    lines = [line for line in text.splitlines() if line.startswith("bench=load ")]
    if not lines:
        raise RuntimeError(f"{scenario}: the load generator ended with {process.returncode}")
    figures = dict(part.split("=", 1) for part in lines[-1].split())
    if float(figures["ops"]) == 0:
        raise RuntimeError(f"{scenario}: nothing was answered")
    return figures


class Beside(threading.Thread):
    """A run of the generator meanwhile."""

    def __init__(self, *what):
        super().__init__()
        self.what = what
        self.figures = None
        self.error = None
        self.start()

    def run(self):
        try:
            self.figures = load(*self.what)
        except RuntimeError as error:
            self.error = error

    def finish(self):
        """Its figures."""
        self.join()
        if self.error is not None:
            raise self.error
        return self.figures


def median(runs, name):
    return statistics.median(float(run[name]) for run in runs)


def total(runs, name):
    return sum(int(run[name]) for run in runs)


def ratio(runs, others, name="server_us_per_op"):
    """The median of what each run has of the other's beside it."""
    return statistics.median(float(run[name]) / float(other[name])
                             for run, other in zip(runs, others))


class Result:
    """What the runs of one scenario came to; `gso`: those with udp_gso, `peers`: of each
    Kamailio."""

    def __init__(self, scenario, limits, runs, gso, peers):
        self.title, self.messages, self.target, self.peer_target = SCENARIOS[scenario]
        self.limits, self.runs, self.gso, self.peers = limits, runs, gso, peers
        self.limit = self.messages * median(limits, "server_us_per_op")
        self.cost = median(runs, "server_us_per_op")
        self.ratio = ratio(runs, limits) / self.messages
        self.gso_cost = median(gso, "server_us_per_op")
        self.gso_ratio = ratio(gso, limits) / self.messages

    def beside(self, peer, runs=None):
        """How many times more that one costs."""
        return ratio(self.peers[peer], runs or self.runs)

    def faster_peer(self):
        return min((peer for peer in self.peers if peer.allocator), key=self.beside, default=None)

    def line(self):
        return " ".join(f"{name}={value}" for name, value in (
            ("bench", "run"), ("scenario", self.runs[0]["scenario"]),
            ("mode", self.runs[0]["mode"]), ("runs", len(self.runs)),
            ("limit_us", f"{self.limit:.3f}"), ("server_us", f"{self.cost:.3f}"),
            ("ratio", f"{self.ratio:.3f}"), ("target", self.target),
            ("gso_us", f"{self.gso_cost:.3f}"), ("gso_ratio", f"{self.gso_ratio:.3f}"),
            *((f"kamailio_{peer.allocator or 'default'}", f"{self.beside(peer):.2f}")
              for peer in self.peers),
            ("ops_per_s", f"{median(self.runs, 'ops_per_s'):.0f}"),
            ("p50_us", f"{median(self.runs, 'p50_us'):.1f}"),
            ("p99_us", f"{median(self.runs, 'p99_us'):.1f}"),
            ("p999_us", f"{median(self.runs, 'p999_us'):.1f}"),
            ("failed", total(self.runs, "failed")),
            ("retransmissions", total(self.runs, "retransmissions")),
            ("stale", total(self.runs, "stale")),
            ("kernel_drops", total(self.runs, "kernel_drops")),
            ("generator_cpu", f"{median(self.runs, 'generator_cpu'):.2f}")))


def rounds(arguments, ours, peers, scenario, rate=0):
    """The responder, ours and each peer in turn, as often as was asked for."""
    raw, server, grouping = ours
    limits, runs, gso, others = [], [], [], {peer: [] for peer in peers}
    for _ in range(arguments.runs):
        # At the same messages per second: what waking up costs depends on the rate.
        limits.append(load(arguments, raw, "options", rate * SCENARIOS[scenario][1]))
        runs.append(load(arguments, server, scenario, rate))
        gso.append(load(arguments, grouping, scenario, rate))
        for peer in peers:
            others[peer].append(load(arguments, peer, scenario, rate))
    return Result(scenario, limits, runs, gso, others)


def measure(arguments, ours, peers):
    """The closed loop's results, and then the open loop's where they were asked for."""
    results = []
    for scenario in arguments.scenarios:
        results.append(rounds(arguments, ours, peers, scenario))
        print(results[-1].line(), flush=True)
    if not arguments.open:
        return results
    # What a peer's closed loop has left behind ends by its own timers, on the same core: it
    # would be what delays ours.
    for peer in peers:
        peer.stop()
    for scenario, closed in zip(arguments.scenarios, list(results)):
        rate = OPEN_SHARE * median(closed.runs, "ops_per_s")
        results.append(rounds(arguments, ours, [], scenario, rate))
        print(results[-1].line(), flush=True)
    return results


def row(name, results, cell):
    return f"| {name} | " + " | ".join(cell(result) for result in results) + " |"


def limit_cell(result):
    text = f"{result.limit:.1f}"
    return text if result.messages == 1 and result.title == "OPTIONS" else f"({text})"


def print_peers(results):
    for peer in results[0].peers:
        print(row(f"{peer.name}", results,
                  lambda result, p=peer: f"{median(result.peers[p], 'server_us_per_op'):.1f}"))
    print(row("**Kamailio, its faster allocator / res_sip**", results,
              lambda result: f"**{result.beside(result.faster_peer()):.2f} ×**"))
    print(row("target", results, lambda result: f"≥ {result.peer_target} ×"))
    print(row("Kamailio, its faster allocator / res_sip with udp_gso", results,
              lambda result: f"{result.beside(result.faster_peer(), result.gso):.2f} ×"))
    for peer in results[0].peers:
        if not peer.allocator:
            print(row("Kamailio as it is / res_sip", results,
                      lambda result, p=peer: f"{result.beside(p):.2f} ×"))
        print(row(f"{peer.name}: operations per second, failed", results,
                  lambda result, p=peer: f"{median(result.peers[p], 'ops_per_s'):,.0f}, "
                                         f"{total(result.peers[p], 'failed')}"))


def print_latencies(results):
    for name, figure in (("p50", "p50_us"), ("p99", "p99_us"), ("p99.9", "p999_us")):
        print(row(f"latency {name}, µs", results,
                  lambda result, f=figure: f"{median(result.runs, f):,.0f}"))
        print(row(f"the responder's {name}, µs", results,
                  lambda result, f=figure: f"{median(result.limits, f):,.0f}"))
        if figure in LATENCY_MS and results[0].runs[0]["mode"] == "open":
            print(row("target", results, lambda result, f=figure: "≤ {:,.0f}".format(
                max(LATENCY_MS[f] * 1000, 1.5 * median(result.limits, f)))))


def print_table(heading, results):
    print(f"\n{heading}\n")
    print(row("server CPU, µs per operation", results, lambda result: result.title))
    print("|" + " --- |" * (len(results) + 1))
    print(row("raw UDP responder: **the limit**", results, limit_cell))
    print(row("res_sip", results, lambda result: f"{result.cost:.1f}"))
    print(row("**res_sip / limit**", results, lambda result: f"**{result.ratio:.2f} ×**"))
    print(row("target", results, lambda result: f"≤ {result.target} ×"))
    print(row("res_sip with udp_gso", results, lambda result: f"{result.gso_cost:.1f}"))
    print(row("res_sip with udp_gso / limit", results,
              lambda result: f"{result.gso_ratio:.2f} ×"))
    if results[0].peers:
        print_peers(results)
    print(row("operations per second", results,
              lambda result: f"{median(result.runs, 'ops_per_s'):,.0f}"))
    print_latencies(results)
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
    parser.add_argument("--without-kamailio", action="store_true")
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO",
                        help=", ".join(SCENARIOS) + "; all of them where none is named")
    arguments = parser.parse_args()
    unknown = set(arguments.scenarios) - set(SCENARIOS)
    if unknown:
        parser.error(f"no such scenario: {', '.join(sorted(unknown))}")
    arguments.scenarios = arguments.scenarios or list(SCENARIOS)
    return arguments


def start_peers(arguments, folder, running):
    if arguments.without_kamailio or not kamailio.is_installed():
        return []
    peers = []
    for allocator in kamailio.ALLOCATORS:
        peers.append(kamailio.Kamailio(arguments.server_core, allocator, folder))
        running.append(peers[-1])
    return peers


def main():
    arguments = read_arguments()
    results = []
    running = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        try:
            running.append(Raw(arguments.build, arguments.server_core))
            running.append(Server(arguments.build, arguments.server_core, arguments.users, folder))
            running.append(Server(arguments.build, arguments.server_core, arguments.users,
                                  folder / "gso", gso="yes"))
            ours = list(running)
            peers = start_peers(arguments, folder, running)
            results = measure(arguments, ours, peers)
        except (RuntimeError, OSError) as error:
            print(f"bench: {error}", file=sys.stderr)
            return 2
        finally:
            for one in running:
                one.stop()
    if peers:
        print(f"\nKamailio is {kamailio.version()}.")
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
