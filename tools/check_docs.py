#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Build the pages of the public headers into build/html, without a warning of Doxygen's.

    tools/check_docs.py

Problems besides: a public header that docs/Doxyfile does not name; a function, struct, enum, typedef
or macro without a comment.  A field or an enumerator whose name says it needs none.
"""
import os
import re
import shutil
import subprocess
import sys

import tree

WARNING = re.compile(r"^(?:.*/)?(include/\S+|docs/\S+):(\d+): (?:warning|error): (.*)$")
NEEDLESS = re.compile(r"\((variable|enumvalue)\)")


def doxygen(more=""):
    """What it says, a problem in each line."""
    with open(os.path.join(tree.ROOT, "docs/Doxyfile"), encoding="utf-8") as file:
        settings = file.read() + more
    os.makedirs(os.path.join(tree.ROOT, "build"), exist_ok=True)
    done = subprocess.run(["doxygen", "-"], input=settings, cwd=tree.ROOT, check=False, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    return [f"{found[1]}:{found[2]}: {found[3]}" if (found := WARNING.match(line)) else line
            for line in lines]


def left_out():
    with open(os.path.join(tree.ROOT, "docs/Doxyfile"), encoding="utf-8") as file:
        named = set(re.findall(r"include/\S+\.h", file.read()))
    return [f"{path}: docs/Doxyfile does not name it" for path in tree.files(".h")
            if path.startswith("include/") and path not in named]


def without_comment():
    """Said only where not everything is shown whatever it has."""
    told = doxygen("\nEXTRACT_ALL = NO\nWARN_IF_UNDOCUMENTED = YES\nWARN_AS_ERROR = NO\n"
                   "HTML_OUTPUT = html-strict\n")
    shutil.rmtree(os.path.join(tree.ROOT, "build/html-strict"), ignore_errors=True)
    return [line for line in told if not NEEDLESS.search(line)]


def main():
    if shutil.which("doxygen") is None:
        sys.exit("check_docs: no doxygen: run tools/install_packages.sh docs as root")
    strict = without_comment()
    problems = left_out() + strict + [line for line in doxygen() if line not in strict]
    tree.end("check_docs", problems, sum(path.startswith("include/") for path in tree.files(".h")))


if __name__ == "__main__":
    main()
