#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Play the scenarios: real phones and hand-made datagrams against the program.

    RES_SIP=build/res_sip python3 tests/scenario/run.py [--jobs N] [--without WORD] [WORD ...]

Prints `ok NAME` or `FAILED NAME: why` per scenario, and at the end what everybody said in those
that failed.  With words, only scenarios whose name has one of them.  A scenario that needs a program
this machine lacks fails; one that needs root is `left out NAME: why` without it, and counts for
nothing.
"""
import argparse
import concurrent.futures
import importlib
import os
import pathlib
import shutil
import sys
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

from lab import Failure, Lab, LeftOut  # noqa: E402  (found by the line above)

PROGRAMS = ("baresip", "tshark", "linphonec", "lp-sendmsg", "sipp", "sipsak", "meson", "cc", "pkg-config")


def scenarios():
    """(name, function) of every function `scenario_...` in cases/, longest first."""
    found = []
    for file in sorted((HERE / "cases").glob("*.py")):
        module = importlib.import_module(f"cases.{file.stem}")
        for name, function in vars(module).items():
            if name.startswith("scenario_"):
                words = name.removeprefix("scenario_").replace("_", " ")
                found.append((f"{file.stem}: {words}", function))
    return sorted(found, key=lambda one: -getattr(one[1], "seconds", 0))


def play(program, function):
    """Empty when all went as it should; else why not.  And whether it was left out."""
    lab = Lab(program)
    why = ""
    left_out = False
    try:
        function(lab)
    except LeftOut as reason:
        why = str(reason)
        left_out = True
    except Failure as failure:
        why = f"{failure}\n{lab.told()}"
    except Exception:  # pylint: disable=broad-except  (one scenario must not end the others)
        why = f"an error of ours\n{traceback.format_exc()}\n{lab.told()}"
    try:
        lab.close()
    except Failure as failure:
        why = f"{why}\nat its end: {failure}".lstrip()
        left_out = False
    return why, left_out


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--without", action="append", default=[], metavar="WORD")
    parser.add_argument("word", nargs="*")
    arguments = parser.parse_args()
    program = str(pathlib.Path(os.environ.get("RES_SIP", "build/res_sip")).resolve())
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        sys.exit(f"run: not installed: {', '.join(missing)} (tools/install_packages.sh build test)")
    chosen = [one for one in scenarios()
              if (not arguments.word or any(word in one[0] for word in arguments.word)) and
              not any(word in one[0] for word in arguments.without)]
    failures = []

    def timed(one):
        begin = time.monotonic()
        return play(program, one[1]), time.monotonic() - begin

    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        running = {pool.submit(timed, one): one[0] for one in chosen}
        for done in concurrent.futures.as_completed(running):
            (why, left_out), seconds = done.result()
            word = "left out" if left_out else "FAILED" if why else "ok"
            print(f"{word} {running[done]} ({seconds:.1f} s)"
                  f"{': ' + why.splitlines()[0] if why else ''}", flush=True)
            if why and not left_out:
                failures.append(f"=== {running[done]}\n{why}")
    print("\n".join(failures))
    sys.exit(1 if failures or not chosen else 0)


if __name__ == "__main__":
    main()
