#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Dependencies run one way: who may include what.

    tools/check_layers.py

src/<folder>      its own headers, those of the folders that src/LAYERS lists for it,
                  <res_sip...>, the system's
include/res_sip   <res_sip...>, the system's
modules/<name>,   <res_sip...>, headers of their own folder, the system's
program
"""
import os
import re
import sys

import tree

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def read_layers():
    """Folder -> the folders it may see; and what is wrong with the list itself."""
    layers = {}
    problems = []
    for number, line in enumerate(tree.read("src/LAYERS").splitlines(), 1):
        line = line.split("#")[0].strip()
        if not line:
            continue
        folder, colon, lower = line.partition(":")
        if not colon:
            problems.append(f"src/LAYERS:{number}: no colon")
            continue
        for name in lower.split():
            if name not in layers:
                problems.append(f"src/LAYERS:{number}: {folder} may see {name}, "
                                "which stands later or nowhere")
        layers[folder.strip()] = set(lower.split())
    return layers, problems


def folder_of_include(path, name, bracket):
    """The folder in src/ (or None) that `name` means inside of `path`."""
    head = name.split("/")[0]
    if "/" in name and os.path.isdir(os.path.join(tree.ROOT, "src", head)):
        return head
    if bracket == '"' and "/" not in name and path.startswith("src/"):
        return path.split("/")[1]
    return None


def is_public(name):
    return name == "res_sip.h" or name.startswith("res_sip/")


def stands_beside(path, name):
    """`name` is a header of the folder of `path`, or of a folder inside of it."""
    beside = os.path.normpath(os.path.join(os.path.dirname(path), name))
    top = "/".join(path.split("/")[:2]) if path.startswith("modules/") else "program"
    within = os.path.normpath(os.path.join(top, name))
    return any(place.startswith(top + "/") and
               os.path.isfile(os.path.join(tree.ROOT, place)) for place in (beside, within))


def judge_src(layers, path, bracket, name):
    own = path.split("/")[1]
    if own not in layers:
        return f"folder {own} is not in src/LAYERS"
    folder = folder_of_include(path, name, bracket)
    if folder is not None and folder != own and folder not in layers[own]:
        return f"{own} may not see {folder} (src/LAYERS): {name}"
    if folder is None and bracket == '"' and not is_public(name):
        return f"neither a folder in src/ nor res_sip/: {name}"
    return None


def judge(layers, path, bracket, name):
    """What is wrong with this include; None if nothing is."""
    if path.startswith("src/"):
        return judge_src(layers, path, bracket, name)
    if is_public(name):
        return None
    if path.startswith("include/"):
        return f"a public header includes a private one: {name}" if bracket == '"' or \
            folder_of_include(path, name, bracket) else None
    if bracket == '"':
        return None if stands_beside(path, name) else \
            f"only <res_sip...> and headers of its own folder: {name}"
    if folder_of_include(path, name, bracket):
        return f"a private header of the library: {name}"
    return None


def main():
    layers, problems = read_layers()
    paths = [path for path in tree.files(".c", ".h")
             if path.startswith(("src/", "include/", "modules/", "program/"))]
    for path in paths:
        text = tree.read(path)
        for found in INCLUDE.finditer(text):
            problem = judge(layers, path, found[1], found[2])
            if problem:
                line = text.count("\n", 0, found.start(1)) + 1
                problems.append(f"{path}:{line}: {problem}")
    tree.end("check_layers", problems, len(paths))


if __name__ == "__main__":
    sys.exit(main())
