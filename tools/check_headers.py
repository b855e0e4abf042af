#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Each header compiles alone, with gcc and with clang.

    tools/check_headers.py [--cc COMPILER]...

Public headers see include/ only; those of the library src/ as well, of a module or the
program their own folder, of the tests tests/.
"""
import argparse
import concurrent.futures
import os
import shutil
import subprocess
import sys

import tree

FLAGS = ["-std=c17", "-D_GNU_SOURCE", "-DSIP_VERSION=\"0\"", "-Wall", "-Wextra", "-Wpedantic",
         "-Wshadow", "-Wconversion", "-Wmissing-prototypes", "-Wstrict-prototypes", "-Werror",
         "-fsyntax-only"]
# What the build compiles for one kind of processor says so in its name.
AVX2 = ["-mavx2", "-mbmi", "-mbmi2"]


def folders(path):
    """Where a header of this place looks for others."""
    if path.startswith("include/"):
        return ["include"]
    if path.startswith(("modules/", "program/")):
        return ["include", "/".join(path.split("/")[:-1]), path.split("/")[0]]
    if path.startswith("tests/unit/program/"):
        return ["include", "program", "tests", os.path.dirname(path)]
    if path.startswith("tests/"):
        return ["include", "src", "tests", "tests/support", os.path.dirname(path)]
    return ["include", "src"]


def compile_alone(compiler, path):
    """What is wrong; None if nothing is."""
    includes = ["-I" + os.path.join(tree.ROOT, folder) for folder in folders(path)]
    # Twice, so that a header without #pragma once shows; and one declaration, for a
    # translation unit must not be empty.
    header = os.path.join(tree.ROOT, path)
    source = f'#include "{header}"\n#include "{header}"\nextern int nothing;\n'
    flags = FLAGS + (AVX2 if path.endswith("_avx2.h") else [])
    done = subprocess.run([compiler, *flags, *includes, "-x", "c", "-"], input=source,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                          check=False)
    if done.returncode == 0:
        return None
    lines = [line for line in done.stderr.splitlines() if "error:" in line]
    reason = (lines or done.stderr.splitlines() or ["no reason given"])[0]
    return f"{path}: does not compile alone with {compiler}: {reason}"


def main():
    parser = argparse.ArgumentParser(description="Each header compiles alone.")
    parser.add_argument("--cc", action="append", help="compiler; default: gcc and clang")
    compilers = parser.parse_args().cc or ["gcc", "clang"]
    for compiler in compilers:
        if shutil.which(compiler) is None:
            print(f"check_headers: no {compiler}", file=sys.stderr)
            return 2
    paths = tree.files(".h")
    jobs = [(compiler, path) for path in paths for compiler in compilers]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        results = pool.map(lambda job: compile_alone(*job), jobs)
        problems = [problem for problem in results if problem]
    tree.end("check_headers", problems, len(paths))
    return 1


if __name__ == "__main__":
    sys.exit(main())
