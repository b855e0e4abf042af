# SPDX-License-Identifier: BSD-2-Clause
"""The files of the project, for the checks beside this one."""
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def walk():
    """All files of an unpacked archive, which has no list of what belongs to it."""
    for folder, folders, names in os.walk(ROOT):
        # A build directory is what meson left its data in.
        folders[:] = [name for name in folders if not name.startswith(".git")
                      and not os.path.isdir(os.path.join(folder, name, "meson-private"))]
        for name in names:
            yield os.path.relpath(os.path.join(folder, name), ROOT)


def files(*endings):
    """Paths from the root of the tracked files (and new ones) with these endings, sorted."""
    try:
        listing = subprocess.run(
            ["git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard"],
            check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
        paths = listing.splitlines()
    except (OSError, subprocess.CalledProcessError):
        paths = walk()
    return sorted({path for path in paths
                   if path.endswith(endings) and os.path.isfile(os.path.join(ROOT, path))})


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8", errors="replace") as file:
        return file.read()


def end(check, problems, looked_at):
    """Print the problems, one a line, and end: 0 without any, 1 with some."""
    for problem in problems:
        print(problem)
    print(f"{check}: {looked_at} looked at, {len(problems)} problems")
    sys.exit(1 if problems else 0)
