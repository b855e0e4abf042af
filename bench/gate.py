#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Count the server's instructions per operation, which no other work on the machine changes.

    bench/gate.py [--build DIR] [--record] [--profile SCENARIO]

The generator and the server are one process (bench/gate), and callgrind counts within the server's
rounds; the difference between a short and a long run is what the operations between them cost, the
end of their transactions included.  Parsing alone is counted of bench_parser, over the corpus.

    --record    write the figures down, as bench/gate/figures.txt
    --profile   which functions one operation spends its instructions in, and nothing else

Exit status: 0 no figure has grown by more than 3 %, 1 one has, 2 could not run.
"""
import argparse
import collections
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
FIGURES = HERE / "gate" / "figures.txt"
SCENARIOS = ("options", "register", "refresh", "call", "message")
SHORT, LONG = 500, 1500
GROWTH = 1.03


class Count:
    """What callgrind saw of one run: instructions by function, calls not included."""

    def __init__(self, file):
        self.by_function = collections.Counter()
        names = {}
        name = None
        skip = False
        for line in file.read_text().splitlines():
            if line.startswith("fn="):
                number, _, text = line[3:].partition(" ")
                name = names.setdefault(number, text) if text else names[number]
            elif line.startswith("cfn="):
                number, _, text = line[4:].partition(" ")
                names.setdefault(number, text)
            elif line.startswith("calls="):
                skip = True  # the next line is what the called one cost
            elif re.match(r"[+*\d-]", line):
                if not skip:
                    self.by_function[name] += int(line.split()[1])
                skip = False

    @property
    def total(self):
        return sum(self.by_function.values())


def count(build, scenario, operations, folder):
    out = pathlib.Path(folder) / f"{scenario}-{operations}"
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "--toggle-collect=serve",
         "--compress-strings=yes", build / "bench/gate/bench_gate", "--brief", "--run", "gate",
         "--scenario", scenario, "--count", str(operations)],
        check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{scenario}: {done.stderr[-500:]}")
    return Count(out)


def operation(build, scenario):
    """Instructions of one, by function."""
    with tempfile.TemporaryDirectory() as folder:
        short, long = (count(build, scenario, many, folder) for many in (SHORT, LONG))
    by_function = long.by_function
    by_function.subtract(short.by_function)
    return collections.Counter({name: instructions / (LONG - SHORT)
                                for name, instructions in by_function.items()})


def profile(by_function):
    total = sum(by_function.values())
    for name, instructions in by_function.most_common(60):
        print(f"{instructions:9.1f} {100 * instructions / total:5.1f} %  {name}")
    print(f"{total:9.1f}")


def recorded():
    if not FIGURES.exists():
        return {}
    lines = FIGURES.read_text().splitlines()
    return {name: int(figure) for name, figure in
            (line.split() for line in lines if line and not line.startswith("#"))}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=HERE.parent / "build")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--profile", choices=SCENARIOS)
    arguments = parser.parse_args()
    if arguments.profile:
        profile(operation(arguments.build, arguments.profile))
        return 0
    before, grown = recorded(), 0
    figures = {}
    for scenario in SCENARIOS:
        figure = figures[scenario] = round(sum(operation(arguments.build, scenario).values()))
        was = before.get(scenario, figure)
        too_much = figure > was * GROWTH
        grown += too_much
        print(f"gate: {scenario:9} {figure:8} instructions, {100 * figure / was:6.1f} % of {was}"
              f"{'  TOO MUCH' if too_much else ''}", flush=True)
    if arguments.record:
        FIGURES.write_text("# SPDX-License-Identifier: BSD-2-Clause\n"
                           "# Instructions per operation, by bench/gate.py --record.\n" +
                           "".join(f"{name} {figure}\n" for name, figure in figures.items()))
        return 0
    return 1 if grown else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RuntimeError as error:
        print(f"gate: {error}", file=sys.stderr)
        sys.exit(2)
