# SPDX-License-Identifier: BSD-2-Clause
"""What bench_load and bench_flood send: rounds of honest operations, and floods beside them."""
import subprocess

from setting import DOMAIN, FLOODING, PASSWORD, STREAM_PORTS

# Operations, their share of the server's time, and how many phones each has to itself.
SCENARIOS = {
    "call": (0.35, 400),
    "message": (0.20, 400),
    "register": (0.15, 400),
    "refresh": (0.15, 400),
    "options": (0.15, 400),
}
HELD = 200               # calls that are held, each with phones of their own
HELD_SECONDS = 4
# By connection: transport, what bench_streams does, and the phones that do it.
STREAMS = {
    "tcp kept": ("tcp", ("register",), 40),
    "tls kept": ("tls", ("register",), 40),
    "wss kept": ("wss", ("register",), 40),
    "tcp new": ("tcp", ("connect",), 20),
    "tls new": ("tls", ("connect", "--resume"), 20),
    "wss new": ("wss", ("connect",), 20),
}
USERS = (sum(users for _, users in SCENARIOS.values())
         + sum(users for _, _, users in STREAMS.values()) + HELD)
LATE_MAX = 0.01          # of the operations of a round
ADDED = ("ops", "sent", "failed", "retransmissions", "refused", "unanswered", "skipped",
         "answers_2xx", "answers_4xx", "answers_503")


def first_user(scenario):
    names = list(SCENARIOS)
    return sum(SCENARIOS[name][1] for name in names[:names.index(scenario)])


def first_stream(name):
    names = list(STREAMS)
    before = sum(STREAMS[name][2] for name in names[:names.index(name)])
    return sum(users for _, users in SCENARIOS.values()) + before


def figures_of(text):
    lines = [line for line in text.splitlines() if line.startswith("bench=")]
    return dict(part.split("=", 1) for part in lines[-1].split()) if lines else None


class Traffic:
    """Everything that these two programs did, added up."""

    def __init__(self, tools, port):
        self.tools = tools
        self.server = f"127.0.0.1:{port}"
        self.port = port
        self.sums = {name: {} for name in (*SCENARIOS, "held", *FLOODING, *STREAMS)}
        self.faults = []
        self.running = []
        self.round = {}
        self.failures = []

    def _start(self, name, program, *options, server=None):
        command = [self.tools / program, "--server", server or self.server, "--domain", DOMAIN,
                   *options]
        process = subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.running.append((name, process))
        return process

    def _load(self, name, scenario, users, first, *options):
        self._start(name, "bench/load/bench_load", "--brief", "--scenario", scenario,
                    "--password", PASSWORD, "--users", users, "--first-user", first, *options)

    def start_round(self, rates, seconds):
        """`rates`: operations per second by scenario; 503s are no failures."""
        for scenario, rate in rates.items():
            users = SCENARIOS[scenario][1]
            self._load(scenario, scenario, users, first_user(scenario), "--overload",
                       "--rate", f"{rate:.1f}", "--in-progress", users, "--warmup", 0,
                       "--seconds", seconds)
        self._load("held", "call", HELD, USERS - HELD, "--overload", "--in-progress", HELD,
                   "--count", HELD, "--hold", min(HELD_SECONDS, seconds / 2))

    def start_floods(self, rate, seconds):
        """`rate`: datagrams per second of each kind."""
        for kind in FLOODING:
            self._start(kind, "bench/flood/bench_flood", "--kind", kind,
                        "--bind", FLOODING[kind], "--rate", rate, "--seconds", seconds)

    def start_streams(self, rate, seconds):
        """`rate`: operations per second of each kind."""
        for name, (transport, mode, users) in STREAMS.items():
            process = self._start(
                name, "bench/streams/bench_streams", "--transport", transport, "--mode", *mode,
                "--password", PASSWORD, "--connections", users, "--first-user",
                first_stream(name), "--rate", rate, "--seconds", seconds,
                server=f"127.0.0.1:{self.port + STREAM_PORTS[transport]}")
            # It begins when it reads a line, after its connections are there.
            process.stdin.write("\n")
            process.stdin.flush()

    def collect(self, name, process):
        text, errors = process.communicate()
        figures = figures_of(text)
        if figures is None:
            self.failures.append(f"{name}: the generator ended with {process.returncode}: "
                                 f"{errors.strip()[-300:]}")
            return
        for sums in (self.sums[name], self.round) if name not in FLOODING else (self.sums[name],):
            for key in ADDED:
                sums[key] = sums.get(key, 0) + int(float(figures.get(key, 0)))
        if int(figures.get("failed", 0)):
            self.failures.append(f"{name}: {figures['failed']} operations failed: "
                                 f"{errors.strip()[-300:]}")

    def wait(self):
        """The round's end.  False: there was not time for what was offered.

        Then the server refuses, or the generator comes too late, and a phone that could not
        register can't be called: what failed is counted, and no fault of the server's.
        """
        running, self.running = self.running, []
        self.round, self.failures = {}, []
        for name, process in running:
            self.collect(name, process)
        late = sum(self.round.get(key, 0) for key in ("refused", "unanswered", "skipped"))
        if late > self.round.get("ops", 0) * LATE_MAX:
            return False
        self.faults += self.failures
        return True

    def stop(self):
        for _, process in self.running:
            process.kill()
            process.communicate()
        self.running = []

    def most(self, scenario, seconds, in_progress=64):
        """Operations per second in closed loop, as the machine is now."""
        self._load(scenario, scenario, SCENARIOS[scenario][1], first_user(scenario),
                   "--in-progress", in_progress, "--seconds", seconds, "--warmup", 0.3)
        text, errors = self.running.pop()[1].communicate()
        figures = figures_of(text)
        if figures is None or float(figures["ops"]) == 0:
            raise RuntimeError(f"{scenario}: no capacity was measured: {errors[-300:]}")
        return float(figures["ops_per_s"])

    def capacity(self, seconds):
        return {scenario: self.most(scenario, seconds) for scenario in SCENARIOS}
