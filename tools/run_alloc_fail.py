#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Run unit tests again and again, each time with another allocation failing.

    tools/run_alloc_fail.py [--max N] [--jobs N] BUILD_DIR | EXECUTABLE...

A test that fails because it did not get its memory is fine.  A crash, a failed
SIP_ASSERT, a hang or a sanitizer's report is not; nor is a leak, where the build has
the leak sanitizer and no test failed (a test that stopped half way has freed nothing).
Exit code: 0 all fine, 1 not, 2 could not run.  See tests/support/alloc_fail.c.
"""
import argparse
import concurrent.futures
import json
import os
import re
import subprocess
import sys

TIMEOUT_S = 120
SEEN = re.compile(r"^alloc_fail: seen=(\d+)$", re.MULTILINE)
TEST_FAILED = re.compile(r"^\[  FAILED  \]", re.MULTILINE)
# cmocka catches SIGSEGV and the like, and calls them a failed test.
CAUGHT = "Test failed with exception"
REPORTS = ("ERROR: AddressSanitizer", "runtime error:", "WARNING: ThreadSanitizer",
           "assertion failed:")
LEAK = "ERROR: LeakSanitizer"


def run(executable, number):
    env = dict(os.environ, SIP_ALLOC_FAIL=str(number))
    env["ASAN_OPTIONS"] = "exitcode=99:allocator_may_return_null=1"
    try:
        done = subprocess.run([executable], env=env, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=TIMEOUT_S, errors="replace", check=False)
    except subprocess.TimeoutExpired:
        return None, ""
    return done.returncode, done.stdout


def judge(code, text):
    """What is wrong with a run; None if nothing is."""
    if code is None:
        return f"no end within {TIMEOUT_S} s"
    for sign in (CAUGHT,) + REPORTS:
        for line in text.splitlines():
            if sign in line:
                return line.strip()
    if code < 0:
        return f"killed by signal {-code}"
    failed = TEST_FAILED.search(text) is not None
    if LEAK in text and not failed:
        return "leak although no test failed"
    if not SEEN.search(text):
        return f"ended before its end, with code {code}"
    if code not in (0, 1) and not (LEAK in text and failed):
        return f"exit code {code}"
    return None


def numbers_to_try(count, at_most):
    """All, or where they are too many, evenly spread."""
    if count <= at_most:
        return range(1, count + 1)
    return sorted({1 + i * count // at_most for i in range(at_most)})


def check(executable, at_most, jobs):
    """Number of failing allocations that were not survived."""
    name = os.path.basename(executable)
    code, text = run(executable, 0)
    problem = judge(code, text)
    if problem is not None or code != 0:
        print(f"{name}: fails without a failing allocation: {problem or 'tests failed'}")
        return 1
    count = int(SEEN.search(text).group(1))
    numbers = numbers_to_try(count, at_most)
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for number, result in zip(numbers, pool.map(lambda n: run(executable, n), numbers)):
            problem = judge(*result)
            if problem is not None:
                bad += 1
                print(f"{name}: SIP_ALLOC_FAIL={number}: {problem}")
    print(f"{name}: {len(numbers)} of {count} allocations failed in turn, {bad} not survived")
    return bad


def executables_of(build_dir):
    listing = subprocess.run(["meson", "introspect", "--tests", build_dir], check=True,
                             stdout=subprocess.PIPE).stdout
    found = {test["cmd"][0] for test in json.loads(listing)}
    return sorted(path for path in found if os.path.basename(path).startswith("test_"))


def main():
    parser = argparse.ArgumentParser(description="Let each allocation of unit tests fail.")
    parser.add_argument("--max", type=int, default=500, help="runs per executable")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("what", nargs="+", help="build directory or test executables")
    options = parser.parse_args()

    executables = []
    for what in options.what:
        try:
            executables += executables_of(what) if os.path.isdir(what) else [what]
        except (OSError, subprocess.CalledProcessError, ValueError) as error:
            print(f"run_alloc_fail: {what}: {error}", file=sys.stderr)
            return 2
    if not executables:
        print("run_alloc_fail: no test executables", file=sys.stderr)
        return 2
    missing = [path for path in executables if not os.access(path, os.X_OK)]
    if missing:
        print(f"run_alloc_fail: not built: {' '.join(missing)}", file=sys.stderr)
        return 2
    bad = sum(check(path, options.max, options.jobs) for path in executables)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
