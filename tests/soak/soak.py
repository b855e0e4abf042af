#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Soak the server program: everything at once for a long time, then see what is left of it.

    tests/soak/soak.py [--time 30m] [--share 0.5] [--nice 10] [--short]

Honest operations at a share of the server's capacity (measured first, for two seconds each, against
a server that is thrown away), floods, malformed datagrams, peers that vanish in the middle of a
call, reloads, module reloads and an operator's commands.  A minute of it comes first and drains; then the
given time, and drains.  A row for each look at the server, and the verdict:

  * memory when the last transaction has ended is at most 2 % above that after the first minute,
    both beside traffic and drained;
  * live objects, threads and descriptors are what they were before the first datagram;
  * no honest operation failed, each command was answered, the server ended cleanly.

Exit status: 0 it holds, 1 it does not, 2 could not run.
"""
import argparse
import collections
import dataclasses
import os
import pathlib
import sys
import tempfile
import time

from setting import DOMAIN, ROOT, configuration

from console import MODULES, Console
from hostile import Callees, Malformed, Vanishing
from hostile_streams import Useless
from lab.certificates import Certificate
from lab.server import Server
from lab.wait import Failure
from traffic import SCENARIOS, USERS, Traffic
from watch import HEAD, LIVE, Watch

GROWTH_MAX = 0.02
PRIME_S = 0.3
SLOWER, FASTER, LEAST = 0.8, 1.1, 0.4   # of what is offered, when there is no time for it
RX_BATCH = 32            # datagrams that a servant has room for; it keeps what is not filled yet


@dataclasses.dataclass
class Plan:
    """How much of everything."""
    seconds: float
    share: float                 # of the server's capacity, for the honest
    calls: float                 # per second instead, the rest in proportion; 0: by the share
    round_s: float = 30          # after which bench_load begins anew
    first_s: float = 60          # of traffic before memory is looked at for the first time
    flood_rate: float = 400      # datagrams per second of each of its three kinds
    malformed_rate: float = 50
    vanishing_rate: float = 10
    looks: float = 1             # of the operator, per second
    first_reload_s: float = 1.5  # a reload, and one of a module, in the first minute
    reload_s: float = 15
    module_reload_s: float = 7
    sample_s: float = 30
    drain_look_s: float = 5
    capacity_s: float = 2
    servants: int = 1
    t1_ms: int = 500
    timer_c_ms: int = 20000
    judge_memory: bool = True
    drain_first: bool = True
    users: int = USERS
    seed: int = 1
    stream_rate: float = 20      # operations per second by each kind of connection
    useless_rate: float = 5      # connections per second that are of no use
    certificate: pathlib.Path = None
    key: pathlib.Path = None

    @property
    def expires_s(self):
        """Of registrations: longer than a round, or callees would be gone in the middle."""
        return max(15, int(self.round_s * 2))

    @property
    def drain_s(self):
        """After which nothing may be left: an INVITE that rings until timer C ends it, a CANCEL and
        its INVITE that nobody answers, a final response without an ACK; or a registration."""
        return max(self.timer_c_ms / 1000 + 4 * 64 * self.t1_ms / 1000, self.expires_s) + 15


class Soak:
    def __init__(self, plan, arguments, folder, say):
        self.plan = plan
        self.tools = arguments.tools
        self.program = str(arguments.program)
        self.folder = folder
        self.say = say
        self.faults = []
        self.callees = Callees()
        made = Certificate(folder / "keys", DOMAIN)
        plan.certificate, plan.key = made.file, made.key
        self.vanishing = {name: address for name, address in self.callees.addresses.items()}
        self.revision = 0
        self.part = 1.0              # of the rates
        self.totals = {}

    def serve(self, name):
        return Server(self.program, self.folder / name,
                      config=lambda port: configuration(self.plan, port, self.vanishing, 0)).start()

    def rates(self):
        server = self.serve("capacity")
        try:
            most = Traffic(self.tools, server.port).capacity(self.plan.capacity_s)
        finally:
            server.stop()
        rates = {name: most[name] * self.plan.share * SCENARIOS[name][0] for name in most}
        if self.plan.calls > 0:
            rates = {name: rate * self.plan.calls / rates["call"] for name, rate in rates.items()}
        for name in most:
            self.say(f"capacity: {name} {most[name]:.0f} per second alone; offered beside the "
                     f"others {rates[name]:.0f}")
        return rates

    def prime(self, server):
        """What the server keeps once it has begun: room for datagrams, the copies of modules, a
        descriptor for who comes when there is none left."""
        for name in MODULES:
            server.ask("module", "reload", name)
        traffic = Traffic(self.tools, server.port)
        traffic.most("options", PRIME_S)
        traffic.start_streams(self.plan.stream_rate, PRIME_S)
        traffic.wait()
        self.faults += traffic.failures

    def adapt(self, rates, in_time):
        """What is offered in the next round: less while others want the machine, then again all."""
        part = self.part
        self.part = min(1, part * FASTER) if in_time else max(LEAST, part * SLOWER)
        if self.part != part:
            self.say(f"offered from now on: {self.part:.0%}, "
                     f"{rates['call'] * self.part:.0f} calls per second")

    def traffic(self, server, watch, rates, seconds, seed, pauses):
        """Everything, for that time; `pauses` as Console has them."""
        plan = self.plan
        traffic = Traffic(self.tools, server.port)
        others = [Vanishing(server.port, plan.vanishing_rate),
                  Malformed(server.port, plan.malformed_rate, seed),
                  Useless(server.port, plan.useless_rate)]
        console = Console(server, plan, self.vanishing, pauses)
        console.revision = self.revision
        others.append(console)
        for one in others:
            one.start()
        end_s = time.monotonic() + seconds
        while time.monotonic() < end_s and not server.process.ended():
            left_s = min(plan.round_s, max(1, end_s - time.monotonic()))
            traffic.start_round({name: rate * self.part for name, rate in rates.items()}, left_s)
            traffic.start_floods(plan.flood_rate, left_s)
            traffic.start_streams(plan.stream_rate, left_s)
            self.adapt(rates, traffic.wait())
        sample = watch.look()
        for one in others:
            one.finish()
        self.faults += traffic.faults + console.faults
        self.faults += [one.fault for one in others if one.fault]
        self.revision = console.revision
        self.add(traffic, others)
        return sample

    def add(self, traffic, others):
        rows = dict(traffic.sums)
        rows["vanishing"] = {"ops": others[0].calls}
        rows["malformed"] = {"ops": others[1].sent}
        rows["useless"] = {"ops": others[2].opened}
        rows["operator"] = others[3].counts
        for name, sums in rows.items():
            row = self.totals.setdefault(name, {})
            for key, value in sums.items():
                row[key] = row.get(key, 0) + value

    def drain(self, watch, before):
        """Until nothing is left, and for as long as it may take; the last sample."""
        begin_s = time.monotonic()
        while True:
            sample = watch.look()
            left = self.left(before, sample)
            seconds = time.monotonic() - begin_s
            if not left:
                self.say(f"drained: nothing is left after {seconds:.0f} s")
                # What is freed late, by threads that go to sleep, is freed by now.
                time.sleep(self.plan.drain_look_s)
                return watch.look()
            if seconds > self.plan.drain_s:
                self.faults.append(f"left after {seconds:.0f} s without traffic: "
                                   + ", ".join(f"{name} {value}" for name, value in left.items()))
                return sample
            time.sleep(self.plan.drain_look_s)

    def left(self, before, sample):
        """What there is more of than before the first datagram."""
        left = {name: sample.live[name] - before.live[name] for name in LIVE.values()}
        left["rx"] = sample.live["rx"] - RX_BATCH * self.plan.servants
        # A spare servant ends when it has been idle for a minute, all but one.
        left["threads"] = sample.threads - before.threads - 1
        left["descriptors"] = sample.descriptors - before.descriptors
        return {name: value for name, value in left.items() if value > 0}

    def judge(self, what, first, last):
        grown = last.resident_kib / first.resident_kib - 1
        self.say(f"memory, {what}: {first.resident_kib / 1024:.1f} MiB after the first minute, "
                 f"{last.resident_kib / 1024:.1f} MiB at the end ({grown:+.1%})")
        if self.plan.judge_memory and grown > GROWTH_MAX:
            self.faults.append(f"memory {what} has grown by {grown:.1%}, "
                               f"at most {GROWTH_MAX:.0%}")

    def run(self):
        self.callees.start()
        rates = self.rates()
        server = self.serve("server")
        process = server.process
        watch = Watch(server, self.plan.sample_s, self.say)
        try:
            self.soak(server, watch, rates)
        finally:
            if watch.is_alive():
                watch.finish()
            self.callees.finish()
            try:
                server.stop()
            except Failure as failure:
                self.faults.append(str(failure))
            self.tell_log(process.text)
        if watch.fault:
            self.faults.append(watch.fault)

    def soak(self, server, watch, rates):
        plan = self.plan
        self.say(HEAD)
        self.prime(server)
        before = watch.look()
        watch.phase = "first"
        watch.start()
        # As many as the allocator needs to have the room that each takes for a moment.
        often = (plan.first_reload_s, plan.first_reload_s)
        first = self.traffic(server, watch, rates, plan.first_s, plan.seed, often)
        if plan.drain_first:
            watch.phase = "drains"
            drained = self.drain(watch, before)
        if plan.seconds > 0:
            watch.phase = "soaks"
            self.traffic(server, watch, rates, plan.seconds, plan.seed + 1,
                         (plan.reload_s, plan.module_reload_s))
        watch.phase = "drains"
        last = self.drain(watch, before)
        watch.finish()
        self.judge("beside traffic at first, drained at last", first, last)
        if plan.drain_first:
            self.judge("drained both", drained, last)
        self.tell(last)

    def tell_log(self, text):
        """What the server logged, by level; errors in full."""
        lines = [line.split(" ", 2) for line in text.splitlines() if line.count(" ") >= 2]
        levels = collections.Counter(line[1] for line in lines if line[0].endswith("Z"))
        self.say("log: " + ", ".join(f"{count} {level}" for level, count in levels.items()))
        for line in [line for line in lines if line[1] == "error"][:20]:
            self.say("  " + " ".join(line))

    def tell(self, last):
        self.say("")
        for name, sums in self.totals.items():
            self.say(f"{name:<10} " + ", ".join(f"{key} {value}" for key, value in sums.items()
                                                if value or key in ("ops", "failed")))
        self.say("counters that are not 0:")
        for name, value in last.counters.items():
            if value:
                self.say(f"  {name:<34} {value}")


def seconds_of(text):
    """90, 90s, 30m or 2h."""
    units = {"s": 1, "m": 60, "h": 3600}
    number, unit = (text[:-1], units[text[-1]]) if text[-1:] in units else (text, 1)
    return float(number) * unit


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path,
                        default=os.environ.get("RES_SIP", ROOT / "build" / "res_sip"))
    parser.add_argument("--tools", type=pathlib.Path, default=ROOT / "build",
                        help="the build whose bench_load and bench_flood are used")
    parser.add_argument("--time", type=seconds_of, default=1800, metavar="30m",
                        help="of traffic behind the first minute")
    parser.add_argument("--share", type=float, default=0.5, help="of the server's capacity")
    parser.add_argument("--calls", type=float, default=0, metavar="N",
                        help="per second, and the rest in proportion, whatever the capacity is")
    parser.add_argument("--nice", type=int, default=10, help="of everything that is started")
    parser.add_argument("--servants", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1, help="of what is malformed")
    parser.add_argument("--output", type=pathlib.Path, help="a file for all that is printed")
    parser.add_argument("--short", action="store_true",
                        help="about a minute, with short timers; for sanitizers: memory is not judged")
    return parser.parse_args()


def plan_of(arguments):
    plan = Plan(seconds=arguments.time, share=arguments.share, calls=arguments.calls,
                servants=arguments.servants, seed=arguments.seed)
    if not arguments.short:
        return plan
    return dataclasses.replace(
        plan, seconds=0, first_s=24, round_s=8, sample_s=5, drain_look_s=2, capacity_s=0.5,
        flood_rate=100, vanishing_rate=5, stream_rate=5, looks=3, t1_ms=100,
        timer_c_ms=4000, judge_memory=False, drain_first=False)


def main():
    arguments = read_arguments()
    arguments.program = pathlib.Path(arguments.program).resolve()
    output = open(arguments.output, "w", encoding="utf-8") if arguments.output else None

    def say(text):
        print(text, flush=True)
        if output:
            print(text, file=output, flush=True)

    os.nice(max(0, arguments.nice - os.nice(0)))
    with tempfile.TemporaryDirectory(prefix="res_sip-soak-") as folder:
        soak = Soak(plan_of(arguments), arguments, pathlib.Path(folder), say)
        try:
            soak.run()
        except (RuntimeError, OSError, Failure) as error:
            print(f"soak: {error}", file=sys.stderr)
            return 2
    for fault in soak.faults:
        say(f"soak: {fault}")
    say("soak: FAILED" if soak.faults else "soak: ok")
    return 1 if soak.faults else 0


if __name__ == "__main__":
    sys.exit(main())
