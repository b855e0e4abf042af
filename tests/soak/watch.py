# SPDX-License-Identifier: BSD-2-Clause
"""What the server holds: memory, live objects, threads and descriptors, one row for each look."""
import json
import os
import pathlib
import subprocess
import threading
import time

# Of `show pool`, as it is called there and in the table.  Each must come back to what it was.
LIVE = {"calls": "calls", "transactions": "txns", "contacts": "contacts", "branches": "branches", "connections": "conns",
        "received_messages": "rx", "messages_to_send": "tx"}
LOOK_SECONDS_MAX = 60
TICKS = os.sysconf("SC_CLK_TCK")


class Sample:
    def __init__(self, watch, phase):
        pid = watch.server.process.child.pid
        proc = pathlib.Path(f"/proc/{pid}")
        status = dict(line.split(":", 1) for line in (proc / "status").read_text().splitlines())
        figures = watch.ask("pool")
        counters = watch.ask("counters")
        self.phase = phase
        self.at_s = time.monotonic() - watch.begin_s
        self.resident_kib = int(status["VmRSS"].split()[0])
        self.anonymous_kib = int(status["RssAnon"].split()[0])
        self.threads = int(status["Threads"])
        self.descriptors = len(list((proc / "fd").iterdir()))
        fields = (proc / "stat").read_text().rpartition(")")[2].split()
        self.cpu_s = (int(fields[11]) + int(fields[12])) / TICKS
        self.live = {short: figures[name] for name, short in LIVE.items()}
        self.requests = counters["received.requests"]
        self.refused = counters.get("admission.waited", 0)
        self.dropped = counters.get("received.dropped.kernel", 0)
        self.counters = counters


HEAD = (f"{'s':>6} {'phase':<10} {'resident MiB':>12} {'anon MiB':>9} "
        + " ".join(f"{name:>8}" for name in LIVE.values())
        + f" {'threads':>7} {'fds':>4} {'cpu %':>6} {'requests/s':>10} {'waited':>7}")


class Watch(threading.Thread):
    def __init__(self, server, every_s, say):
        super().__init__(daemon=True)
        self.server = server
        self.every_s = every_s
        self.say = say
        self.begin_s = time.monotonic()
        self.samples = []
        self.phase = "idle"
        self.ending = threading.Event()
        self.lock = threading.Lock()
        self.fault = None

    def ask(self, what):
        done = subprocess.run(
            [self.server.program, "show", what, "--json", "-c", str(self.server.folder)],
            check=True, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=LOOK_SECONDS_MAX)
        return json.loads(done.stdout)[what]

    def look(self):
        """One more row; the sample."""
        with self.lock:
            sample = Sample(self, self.phase)
            before = self.samples[-1] if self.samples else None
            self.samples.append(sample)
            self.say(self.row(sample, before))
        return sample

    @staticmethod
    def row(sample, before):
        seconds = sample.at_s - before.at_s if before else 0
        cpu = (sample.cpu_s - before.cpu_s) / seconds * 100 if seconds else 0
        rate = (sample.requests - before.requests) / seconds if seconds else 0
        return (f"{sample.at_s:6.0f} {sample.phase:<10} {sample.resident_kib / 1024:12.1f} "
                f"{sample.anonymous_kib / 1024:9.1f} "
                + " ".join(f"{value:8}" for value in sample.live.values())
                + f" {sample.threads:7} {sample.descriptors:4} {cpu:6.1f} {rate:10.0f} "
                  f"{sample.refused:7}")

    def run(self):
        try:
            while not self.ending.wait(self.every_s):
                self.look()
        except Exception as error:  # pylint: disable=broad-except  (told at the end)
            self.fault = f"Watch: {error!r}"

    def finish(self):
        self.ending.set()
        self.join()
