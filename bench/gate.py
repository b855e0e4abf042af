#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Count the server's instructions per operation, which no other work on the machine changes.

    bench/gate.py [--build DIR] [--record] [--profile SCENARIO]

The generator and the server are one process (bench/gate), and callgrind counts within the server's
rounds; the difference between a short and a long run is what the operations between them cost, the
end of their transactions included.  Parsing alone is that of bench_parser, over the corpus.

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
VARIANTS = ("sse2", "avx2")
SHORT, LONG = 500, 1500
GROWTH = 1.03

HEAD = """\
# SPDX-License-Identifier: BSD-2-Clause
# Written by bench/gate.py --record: instructions per operation; of parsing, hundredths per byte.
"""


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


def callgrind(command, toggle):
    """What it counted within that function, and what the program printed."""
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "out"
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}",
             f"--toggle-collect={toggle}", *command],
            check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{command[0].name}: {done.stderr[-500:]}")
        return Count(out), done.stdout


def count(build, scenario, operations):
    return callgrind([build / "bench/gate/bench_gate", "--brief", "--run", "gate", "--scenario",
                      scenario, "--count", str(operations)], "serve")[0].by_function


def operation(build, scenario):
    """Instructions of one, by function."""
    by_function = count(build, scenario, LONG)
    by_function.subtract(count(build, scenario, SHORT))
    return collections.Counter({name: instructions / (LONG - SHORT)
                                for name, instructions in by_function.items()})


def parsing(build, variant, passes=20):
    """Hundredths of instructions per byte: the sweep alone, and with the fields that routing needs."""
    for what in ("index", "parse"):
        counted, told = callgrind([build / "bench/parser/bench_parser", HERE / "corpus", str(passes),
                                   variant], f"pass_{what}")
        size = int(re.search(r"bytes=(\d+)", told)[1])
        yield f"{what}_{variant}", round(100 * counted.total / passes / size)


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


def compare(figures, before):
    """How many have grown too much."""
    grown = 0
    for name, figure in figures.items():
        was = before.get(name, figure)
        too_much = figure > was * GROWTH
        grown += too_much
        print(f"{'FAILED' if too_much else 'ok'} {name:10} {figure:7} {100 * figure / was:6.1f} % of {was}")
    return grown


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
    figures = dict(figure for variant in VARIANTS for figure in parsing(arguments.build, variant))
    for scenario in SCENARIOS:
        figures[scenario] = round(sum(operation(arguments.build, scenario).values()))
    grown = compare(figures, recorded())
    if arguments.record:
        FIGURES.write_text(HEAD + "".join(f"{name} {figure}\n" for name, figure in figures.items()))
        return 0
    return 1 if grown else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RuntimeError as error:
        print(f"gate: {error}", file=sys.stderr)
        sys.exit(2)
