#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Measure how long the program takes to start and to reload, with 100,000 phones configured.

    bench/start.py [--build DIR] [--runs N] [--endpoints N] [--seconds S]

Start: from exec until it has answered an OPTIONS, its files read and checked.  Reload: the command `res_sip
reload` from its beginning to its end, each phone with another password than before, while a load
generator sends 1,000 OPTIONS a second; and the longest that one of them waited, beside a time without a reload.
The server has two servants, one on each core, and the generator is on the second of them.

Exit status: 0 all answers were right, 1 some were not, 2 could not run.
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

START_S, RELOAD_S, WAIT_MS = 1, 1, 10
OPTIONS_PER_S = 1000
CORES = {0, 1}


class Phones:
    """A configuration with so many, in which every password can change."""

    def __init__(self, folder, count):
        self.folder = folder
        self.port = servers.free_port()
        self.text = run.GLOBAL.format(domain=servers.DOMAIN, port=self.port, gso="no", servants=len(CORES),
                                      cores=",".join(map(str, sorted(CORES)))) + servers.phones(count)
        self.changes = 0
        self.write()

    def write(self):
        """With passwords that were not there before."""
        self.changes += 1
        (self.folder / "res_sip.conf").write_text(
            self.text.replace(f"password = {servers.PASSWORD}", f"password = {self.changes}"))


class Running:
    """The program; `seconds` until it answered."""

    def __init__(self, arguments, phones):
        self.port = phones.port
        begun = time.perf_counter()
        self.process = servers.start([arguments.build / "res_sip", "run", "-c", phones.folder], CORES)
        while servers.options_over_udp(self.port, 5) is None:
            if self.process.poll() is not None:
                raise RuntimeError(f"res_sip does not start: {self.process.returncode}")
            time.sleep(0.001)
        self.seconds = time.perf_counter() - begun

    def pids(self):
        return [self.process.pid]

    def stop(self):
        servers.stop(self.process, 30)


def reload(arguments, phones):
    """Seconds."""
    begun = time.perf_counter()
    done = subprocess.run([str(arguments.build / "res_sip"), "reload", "-c", str(phones.folder)],
                          check=False, stdout=subprocess.DEVNULL)
    if done.returncode != 0:
        raise RuntimeError(f"res_sip reload ended with {done.returncode}")
    return time.perf_counter() - begun


def measure(arguments, phones):
    server = Running(arguments, phones)
    try:
        phones.write()
        quiet = run.load(arguments, server, "options", OPTIONS_PER_S)
        load = run.Beside(arguments, server, "options", OPTIONS_PER_S)
        time.sleep(arguments.warmup + 0.2)
        took = reload(arguments, phones)
        return {"start": server.seconds, "reload": took, "quiet": quiet, "reloading": load.finish()}
    finally:
        server.stop()


def print_table(arguments, runs):
    start = statistics.median(one["start"] for one in runs)
    took = statistics.median(one["reload"] for one in runs)
    quiet, reloading = ([one[name] for one in runs] for name in ("quiet", "reloading"))
    wait_ms = run.median(reloading, "max_us") / 1000
    print(f"\n{arguments.endpoints:,} phones, medians of {arguments.runs} runs.\n")
    print("| | | target | ratio |")
    print("| --- | --- | --- | --- |")
    print(f"| start, s | **{start:.2f}** | ≤ {START_S} | {start / START_S:.2f} |")
    print(f"| reload, s | **{took:.2f}** | ≤ {RELOAD_S} | {took / RELOAD_S:.2f} |")
    print(f"| longest wait of an OPTIONS, ms | **{wait_ms:.1f}** | ≤ {WAIT_MS} | {wait_ms / WAIT_MS:.2f} |")
    print(f"| likewise without a reload | {run.median(quiet, 'max_us') / 1000:.1f} | | |")
    print(f"| p99 of them, ms, with and without | {run.median(reloading, 'p99_us') / 1000:.2f}, "
          f"{run.median(quiet, 'p99_us') / 1000:.2f} | | |")
    print(f"| failed | {run.total(reloading + quiet, 'failed')} | | |")


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--build", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent.parent / "build")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--endpoints", type=int, default=100000)
    parser.add_argument("--seconds", type=float, default=4, help="of OPTIONS, in which the reload has to end")
    parser.add_argument("--warmup", type=float, default=0.5)
    parser.add_argument("--load-core", type=int, default=1)
    arguments = parser.parse_args()
    arguments.users = 1000
    return arguments


def main():
    arguments = read_arguments()
    runs = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            phones = Phones(pathlib.Path(folder), arguments.endpoints)
            for _ in range(arguments.runs):
                runs.append(measure(arguments, phones))
        except (RuntimeError, OSError) as error:
            print(f"start: {error}", file=sys.stderr)
            return 2
    print_table(arguments, runs)
    return 1 if any(run.total([one["quiet"], one["reloading"]], "failed") for one in runs) else 0


if __name__ == "__main__":
    sys.exit(main())
