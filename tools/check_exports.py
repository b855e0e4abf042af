#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What the library and the modules export.

    tools/check_exports.py [BUILD_DIR]        (default: build)

libres_sip.so: names that start with sip_ or ast_sip_.  A module: ast_sip_module_file and
nothing else.  For builds without sanitizers, which export names of their own.
"""
import glob
import os
import subprocess
import sys

import tree

MODULE_SYMBOL = "ast_sip_module_file"


def exported(path):
    listing = subprocess.run(["nm", "-D", "--defined-only", path], check=True,
                             stdout=subprocess.PIPE, text=True).stdout
    # Type A is the name of a version, not of something.
    found = [line.split() for line in listing.splitlines()]
    return sorted(fields[-1].split("@")[0] for fields in found
                  if len(fields) >= 2 and fields[-2] != "A")


def check_library(path):
    names = exported(path)
    problems = [f"{path}: exports {name}" for name in names
                if not name.startswith(("sip_", "ast_sip_"))]
    if not names:
        problems.append(f"{path}: exports nothing")
    return problems


def check_module(path):
    names = exported(path)
    problems = [f"{path}: exports {name}" for name in names if name != MODULE_SYMBOL]
    if MODULE_SYMBOL not in names:
        problems.append(f"{path}: does not export {MODULE_SYMBOL}")
    return problems


def main():
    build = sys.argv[1] if len(sys.argv) > 1 else os.path.join(tree.ROOT, "build")
    libraries = [path for path in glob.glob(build + "/**/libres_sip.so*", recursive=True)
                 if os.path.isfile(path) and not os.path.islink(path)
                 and not path.endswith(".symbols")]
    modules = sorted(glob.glob(build + "/modules/**/*.so", recursive=True))
    if not libraries:
        print(f"check_exports: no libres_sip.so in {build}", file=sys.stderr)
        return 2
    problems = []
    for path in libraries:
        problems += check_library(path)
    for path in modules:
        problems += check_module(path)
    tree.end("check_exports", problems, len(libraries) + len(modules))
    return 1


if __name__ == "__main__":
    sys.exit(main())
