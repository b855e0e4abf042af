#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Run every test, and close with `N passed, N failed`, and `N skipped` where something is lacking.

    tools/run_tests.py [--full] [part ...]
        parts: checks, gcc, clang, asan, tsan, allocation, fuzz, simulation, gate, scenario
        with --full also: explore, simulate, soak, valgrind

Without parts all of them, in this order.  What failed is shown in full; the rest in a line each.
"""
import json
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILDS = {
    "gcc": ("build", {"CC": "gcc"}, []),
    "clang": ("build-clang", {"CC": "clang"}, []),
    "asan": ("build-asan", {"CC": "gcc"}, ["-Db_sanitize=address,undefined", "-Dleaf_lock_check=true"]),
    # An object is an allocation there, as it is in the build with asan.
    "plain": ("build-plain", {"CC": "gcc"}, ["-Dplain_slabs=true"]),
    "tsan": ("build-tsan", {"CC": "gcc"}, ["-Db_sanitize=thread"]),
}
SANITIZERS = {
    "ASAN_OPTIONS": "abort_on_error=1:detect_stack_use_after_return=0",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
}
results = {"passed": 0, "failed": 0, "skipped": 0}


def say(text):
    print(text, flush=True)


def count(ok, name, output="", seconds=None):
    results["passed" if ok else "failed"] += 1
    took = "" if seconds is None else f" ({seconds:.1f} s)"
    say(f"{'ok    ' if ok else 'FAILED'} {name}{took}")
    if not ok and output:
        say(output[-6000:])


def run(command, timeout=900, **environment):
    """(succeeded, output)"""
    try:
        done = subprocess.run(command, cwd=ROOT, env={**os.environ, **SANITIZERS, **environment},
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=timeout)
    except subprocess.TimeoutExpired as late:
        return False, (late.stdout or b"").decode(errors="replace") + f"\nnot done in {timeout} s"
    return done.returncode == 0, done.stdout.decode(errors="replace")


def step(name, command, timeout=900, **environment):
    begin = time.monotonic()
    ok, output = run(command, timeout, **environment)
    count(ok, name, output, time.monotonic() - begin)
    return ok


def build(kind):
    folder, environment, options = BUILDS[kind]
    return step(f"build with {kind}", ["tools/build.sh", folder, *options], 1800, **environment)


def unit_tests(kind):
    """Every meson test of that build, each counted."""
    if not build(kind):
        return
    folder = BUILDS[kind][0]
    log = ROOT / folder / "meson-logs" / "testlog.json"
    log.unlink(missing_ok=True)
    run(["meson", "test", "-C", folder, "--no-rebuild", "--num-processes", "2",
         "--timeout-multiplier", "6"], 2400)
    if not log.exists():
        count(False, f"{kind}: meson test wrote no log")
        return
    for line in log.read_text().splitlines():
        test = json.loads(line)
        ok = test["result"] in ("OK", "EXPECTEDFAIL")
        count(ok, f"{kind}: {test['name']}", test.get("stdout", "") + test.get("stderr", ""),
              test["duration"])


def checks():
    step("layers", ["python3", "tools/check_layers.py"])
    step("style", ["python3", "tools/check_style.py"])
    step("format", ["sh", "tools/check_format.sh"])
    step("headers compile alone", ["python3", "tools/check_headers.py"])
    step("pages of the headers", ["python3", "tools/check_docs.py"])
    step("the checks find what they are for", ["python3", "tools/test_checks.py"])
    if build("gcc"):
        step("exported symbols", ["python3", "tools/check_exports.py", "build"])
        step("generated files", ["sh", "tools/check_generated.sh", "build"])


def allocation():
    """Each unit test again, with some of its allocations failing in turn.

    The explorer of interleavings is left out: it allocates for itself, and ends without memory.
    So is the test that replaces modules under threads, which waits for an answer to each request;
    what it does is tested without memory on one thread.  And the simulation, which ends with its own.
    """
    left_out = ("interleave", "test_server_module_threads", "test_simulation")
    if not build("gcc"):
        return
    listing = subprocess.run(["meson", "introspect", "--tests", "build"], cwd=ROOT, check=True,
                             stdout=subprocess.PIPE).stdout
    for test in json.loads(listing):
        name = os.path.basename(test["cmd"][0])
        if (name.startswith("test_") and not name.endswith(".py") and
                not any(part in name for part in left_out)):
            step(f"allocations failing: {name}",
                 ["python3", "tools/run_alloc_fail.py", "--max", "12", test["cmd"][0]])


def fuzz():
    """Each target counted, for half a minute each; docs/fuzzing.md says what longer runs found."""
    ok, output = run(["python3", "tests/fuzz/run.py", "--time", "30"], 2400)
    counted = False
    for line in output.splitlines():
        word, _, name = line.partition(" ")
        if word in ("ok", "FAILED") and ":" in name:
            counted = True
            count(word == "ok", f"fuzz: {name.strip()}")
    if not ok or not counted:
        count(False, "fuzz", output)


def simulation():
    """Seeds of whole servers and their phones; fewer where the sanitizers look on."""
    for kind, seeds in (("gcc", 1000), ("asan", 60)):
        if build(kind):
            step(f"simulation of {seeds} seeds with {kind}",
                 [f"{BUILDS[kind][0]}/tests/simulation/simulate", "1", str(seeds)], 300)


def gate():
    """How many instructions a message costs, against what is recorded."""
    if not build("gcc"):
        return
    begin = time.monotonic()
    ok, output = run(["bench/gate.py"], 600)
    lines = [line for line in output.splitlines() if line.startswith(("ok ", "FAILED "))]
    for line in lines:
        count(line.startswith("ok "), f"gate: {line.partition(' ')[2]}")
    if not ok or not lines:
        count(False, "gate", output, time.monotonic() - begin)


def scenarios(kind, seconds, options, **environment):
    """Each scenario counted."""
    begin = time.monotonic()
    ok, output = run(["python3", "tests/scenario/run.py", *options], seconds, **environment)
    for line in output.splitlines():
        word, _, name = line.partition(" ")
        if line.startswith("left out "):
            results["skipped"] += 1
            say(f"left out scenario with {kind}: {line.removeprefix('left out ')}")
        elif word in ("ok", "FAILED"):
            count(word == "ok", f"scenario with {kind}: {name.strip()}")
    if not ok:
        count(False, f"scenarios with {kind}", output, time.monotonic() - begin)


def scenario():
    """The program from outside: with the plain build, then with the sanitizers' builds."""
    for kind in ("gcc", "asan", "tsan"):
        if build(kind):
            scenarios(kind, 1500, [], RES_SIP=str(ROOT / BUILDS[kind][0] / "res_sip"))


def make_target(name, seconds, **variables):
    """What another target of the Makefile does, with bounds that CI has no time for."""
    command = ["make", name, *(f"{key}={value}" for key, value in variables.items())]
    step(" ".join(command), command, seconds)


def soak():
    """A minute of everything at once, under the sanitizers, each with all that is left at its end."""
    for kind in ("asan", "tsan"):
        if build("gcc") and build(kind):
            step(f"soak with {kind}",
                 ["python3", "tests/soak/soak.py", "--short", "--nice", "0", "--share", "0.25",
                  "--program", f"{BUILDS[kind][0]}/res_sip"])


# Under valgrind another process has the port, by name; and a server that takes fifty times as long
# refuses what these send, for it waited too long.
NOT_UNDER_VALGRIND = ("names who has", "can not be bound", "replaced twenty times",
                      "truncated messages")


def valgrind():
    """The scenarios with the server under memcheck.  Those of examples/ run an installed one, which is not."""
    if not build("plain") or not step("a build under valgrind",
                                      ["tools/valgrind_build.sh", "build-valgrind", "build-plain"]):
        return
    scenarios("valgrind", 7200, ["--jobs", "2"] +
              [word for left in NOT_UNDER_VALGRIND for word in ("--without", left)],
              RES_SIP=str(ROOT / "build-valgrind" / "res_sip"), PATIENCE="3")
    for log in sorted((ROOT / "build-valgrind").glob("valgrind-*.log")):
        text = [line for line in log.read_text(errors="replace").splitlines()
                if line.startswith("==")]
        if text:
            count(False, f"valgrind: {log.name}", "\n".join(text))


PARTS = {
    "checks": checks,
    "gcc": lambda: unit_tests("gcc"),
    "clang": lambda: unit_tests("clang"),
    "asan": lambda: unit_tests("asan"),
    "tsan": lambda: unit_tests("tsan"),
    "allocation": allocation,
    "fuzz": fuzz,
    "simulation": simulation,
    "gate": gate,
    "scenario": scenario,
}
# Longer than CI may take.
FULL = {
    "explore": lambda: make_target("explore", 7200),
    "simulate": lambda: make_target("simulate", 7200, SEEDS=10000),
    "soak": soak,
    "valgrind": valgrind,
}


def main():
    full = sys.argv[1:2] == ["--full"]
    parts = {**PARTS, **FULL}
    wanted = sys.argv[1 + full:] or list(parts if full else PARTS)
    for name in wanted:
        if name not in parts:
            sys.exit(f"run_tests: there is no part {name}; there are {', '.join(parts)}")
    for name in wanted:
        say(f"== {name}")
        parts[name]()
    skipped = f", {results['skipped']} skipped" if results["skipped"] else ""
    say(f"{results['passed']} passed, {results['failed']} failed{skipped}")
    sys.exit(results["failed"] != 0)


if __name__ == "__main__":
    main()
