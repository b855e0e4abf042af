#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Play a page of the documentation: write its files, run its commands, compare what they print.

    RES_SIP=build/res_sip python3 tools/play_page.py [--write] docs/getting-started.md

A page says how in fenced blocks:

    ```ini /etc/res_sip/res_sip.conf      the block is that file
    ```console                            lines `$ COMMAND` are run by one shell, in order; what
                                          follows each is what it prints
    ```console background                 its command goes on until the page ends; the block is
                                          compared with what it has printed by then
    ```console shown                      not run: for what only an operator's machine can do

Numbers, times and random words are compared by their shape: 5060 and 17 are alike, and so are two
passwords in hex.  A line `…` stands for any lines, and `…` in a line for any text.  With --write the
page gets what was really printed.  Everything happens in a new folder, which stands for `/`: the
paths /etc, /tmp and /var of the page are below it, and ports 5060 and 5061 are ones that are free.  A
README.md is played in a copy of the folder that it explains.
"""
import argparse
import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
FENCE = re.compile(r"^```(\w+)?(?: (.*))?$")
SHAPES = (
    (re.compile(r"\d{4}-\d\d-\d\dT?[ \d:.]*Z?"), "TIME"),
    (re.compile(r"\b[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d"), "TIME"),
    (re.compile(r"\bz9hG4bK[\w.-]+"), "BRANCH"),
    (re.compile(r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{6,}\b"), "HEX"),
    (re.compile(r"0x[0-9a-fA-F]+"), "HEX"),
    (re.compile(r"\d+(\.\d+)*"), "N"),
    (re.compile(r"[ \t]+"), " "),
    (re.compile(r"-{3,}"), "---"),
)
PATIENCE_S = 30


class Block:
    """A fenced block: its first and last line in the page (those of its text), kind and words."""

    def __init__(self, first, kind, words):
        self.first = first
        self.kind = kind
        self.words = words
        self.lines = []

    @property
    def is_file(self):
        return bool(self.words) and self.words[0].startswith("/")

    def steps(self):
        """[command, [lines that it is to print]]"""
        found = []
        for line in self.lines:
            if line.startswith("$ "):
                found.append([line[2:], []])
            elif found and found[-1][0].endswith("\\") and not found[-1][1]:
                found[-1][0] += "\n" + line
            elif found:
                found[-1][1].append(line)
        return found


def blocks_of(lines):
    found = []
    inside = None
    for number, line in enumerate(lines):
        fence = FENCE.match(line)
        if inside is None and fence:
            inside = Block(number + 1, fence.group(1) or "", (fence.group(2) or "").split())
        elif inside is not None and line == "```":
            found.append(inside)
            inside = None
        elif inside is not None:
            inside.lines.append(line)
    return found


def shape(line):
    for pattern, word in SHAPES:
        line = pattern.sub(word, line)
    return line.rstrip()


def line_fits(wanted, got):
    parts = [re.escape(shape(part).strip()) for part in wanted.split("…")]
    return re.fullmatch(r"\s*" + r"\s*.*\s*".join(parts) + r"\s*", shape(got)) is not None


def fits(wanted, got):
    """Lines against lines; a line of `…` alone stands for any number of them."""
    if not wanted:
        return not got
    if wanted[0].strip() == "…":
        return any(fits(wanted[1:], got[i:]) for i in range(len(got) + 1))
    return bool(got) and line_fits(wanted[0], got[0]) and fits(wanted[1:], got[1:])


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


class Stage:
    """Where a page is played: a folder, a port, and what runs in the background."""

    def __init__(self, program):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="p", dir="/tmp"))
        self.folder.chmod(0o755)
        self.ports = {"5060": free_port(socket.SOCK_DGRAM), "5061": free_port(socket.SOCK_STREAM)}
        self.background = []
        bin_folder = self.folder / "bin"
        bin_folder.mkdir()
        (bin_folder / "res_sip").symlink_to(program)
        self.environment = {**os.environ, "HOME": str(self.folder), "LC_ALL": "C.UTF-8",
                            "PATH": f"{bin_folder}:{os.environ['PATH']}"}
        for name in ("etc", "tmp", "var"):
            (self.folder / name).mkdir()

    def here(self, text):
        """The page's text as it holds on this stage."""
        text = re.sub(r"(?<![\w./])/(etc/res_sip|tmp|var)(?=[/\s'\"]|$)",
                      lambda match: f"{self.folder}/{match.group(1)}", text)
        return re.sub(r"\b506[01]\b", lambda match: self.ports[match.group()], text)

    def there(self, text):
        """What was printed here, as the page has it."""
        # In a table what is taken off a path is put behind it: the columns stay under each other.
        text = re.sub(re.escape(str(self.folder)) + r"(\S*)(?=  )",
                      lambda match: match.group(1) + " " * len(str(self.folder)), text)
        text = text.replace(str(self.folder), "")
        for usual, port in self.ports.items():
            text = text.replace(port, usual)
        return text

    def write(self, path, lines):
        file = pathlib.Path(self.here(path))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(self.here("\n".join(lines)) + "\n")

    def run(self, command):
        # A file and no pipe: what the command leaves running would hold a pipe open.
        with tempfile.TemporaryFile() as output:
            subprocess.run(["bash", "-c", self.here(command)], cwd=self.folder, check=False,
                           env=self.environment, stdin=subprocess.DEVNULL, stdout=output,
                           stderr=subprocess.STDOUT, timeout=PATIENCE_S * 4)
            output.seek(0)
            return self.there(output.read().decode(errors="replace")).splitlines()

    def begin(self, command):
        file = self.folder / f"background-{len(self.background)}"
        with file.open("wb") as output:
            child = subprocess.Popen(["bash", "-c", "exec " + self.here(command)],
                                     cwd=self.folder, env=self.environment,
                                     stdin=subprocess.DEVNULL, stdout=output,
                                     stderr=subprocess.STDOUT, start_new_session=True)
        self.background.append(child)
        return file

    def close(self):
        for child in reversed(self.background):
            # All of a pipe, each of which is in the group of its shell.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGTERM)
            try:
                child.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def printed(file, wanted, stage):
    """What a background command has printed, once that fits or does not come any more."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        got = stage.there(file.read_text(errors="replace")).splitlines()
        if fits(wanted, got) or time.monotonic() > deadline:
            return got
        time.sleep(0.05)


def settle(file, stage):
    """For --write: what it printed when nothing new came for a second; nothing, if that is all."""
    before = None
    deadline = time.monotonic() + PATIENCE_S
    while True:
        got = stage.there(file.read_text(errors="replace")).splitlines()
        if (got and got == before) or time.monotonic() > deadline:
            return got
        before = got
        time.sleep(1)


def play(lines, stage, write):
    """[(block, its lines as they were printed)] and the complaints."""
    news = []
    complaints = []
    for block in blocks_of(lines):
        if block.is_file:
            stage.write(block.words[0], block.lines)
        if block.kind != "console" or "shown" in block.words:
            continue
        new = []
        for command, wanted in block.steps():
            if "background" in block.words:
                file = stage.begin(command)
                got = settle(file, stage) if write else printed(file, wanted, stage)
            else:
                got = stage.run(command)
            new += [f"$ {command}", *got]
            if not fits(wanted, got):
                complaints.append(f"line {block.first}: $ {command}\n--- the page has\n" +
                                  "\n".join(wanted) + "\n--- it printed\n" + "\n".join(got))
        news.append((block, new))
    return news, complaints


def kept(old, new):
    """The lines of the page where they fit: `…` that somebody wrote stays."""
    return old if fits(old, new) else new


def rewritten(lines, news):
    for block, new in sorted(news, key=lambda one: -one[0].first):
        lines[block.first:block.first + len(block.lines)] = kept(block.lines, new)
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("page", type=pathlib.Path)
    arguments = parser.parse_args()
    program = pathlib.Path(os.environ.get("RES_SIP", ROOT / "build/res_sip")).resolve()
    lines = arguments.page.read_text().splitlines()
    stage = Stage(program)
    if arguments.page.name == "README.md":
        shutil.copytree(arguments.page.resolve().parent, stage.folder, dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns("*.so"))
    try:
        news, complaints = play(lines, stage, arguments.write)
    finally:
        stage.close()
    if arguments.write:
        arguments.page.write_text("\n".join(rewritten(lines, news)) + "\n")
    elif complaints:
        sys.exit(f"{arguments.page} is not what happens:\n" + "\n".join(complaints))
    print(f"{arguments.page}: {sum(len(one[0].steps()) for one in news)} commands played")


if __name__ == "__main__":
    main()
