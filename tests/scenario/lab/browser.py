# SPDX-License-Identifier: BSD-2-Clause
"""Phones in pages: JsSIP in a headless Chromium, each in a browser of its own to the others.

JsSIP and playwright-core come of npm when they are needed first, into a folder beside the program.
"""
import atexit
import itertools
import json
import pathlib
import shutil
import subprocess
import threading

from lab.config import PASSWORDS
from lab.ports import free_port
from lab.process import Process
from lab.wait import LeftOut

HERE = pathlib.Path(__file__).resolve().parent.parent / "browser"
PROGRAMS = ("chromium", "node", "npm")

# What JsSIP needs, too, so that nothing depends on the day.
PACKAGES = ("jssip@3.10.1", "debug@4.4.1", "ms@2.1.3", "events@3.3.0", "sdp-transform@2.15.0",
            "playwright-core@1.55.0")

_installing = threading.Lock()


def packages(program):
    """The folder that they are in."""
    folder = pathlib.Path(program).resolve().parent / "browser-packages"
    have = folder / "have"
    wanted = " ".join(PACKAGES)
    with _installing:
        if have.exists() and have.read_text() == wanted:
            return folder
        folder.mkdir(exist_ok=True)
        done = subprocess.run(
            ["npm", "install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund",
             "--prefix", folder, *PACKAGES], cwd=folder, check=False, capture_output=True, text=True,
            stdin=subprocess.DEVNULL, timeout=300)
        if done.returncode != 0:
            raise LeftOut(f"npm has no {wanted}: {(done.stderr or done.stdout).strip()[-300:]}")
        have.write_text(wanted)
    return folder


class Chromium:
    """One for all scenarios: it takes longer to start than most of them to play."""

    _lock = threading.Lock()
    _running = None

    def __init__(self, program):
        self.page_port = free_port()
        self.process = Process("browser", ["node", str(HERE / "drive.js"), str(packages(program)),
                                           str(self.page_port)],
                               environment={"CHROMIUM": shutil.which("chromium")}, talks=True)
        atexit.register(self.process.kill)
        self.process.wait_for("^drive: ready")

    @classmethod
    def of(cls, program):
        missing = [name for name in PROGRAMS if shutil.which(name) is None]
        if missing:
            raise LeftOut(f"not installed: {', '.join(missing)}")
        with cls._lock:
            if cls._running is None or cls._running.process.ended():
                cls._running = cls(program)
            return cls._running


class Browser:
    """Pages of one scenario, whose names are nobody else's.  A transport has to name `origin`."""

    _numbers = itertools.count(1)

    def __init__(self, program):
        self.chromium = Chromium.of(program)
        self.origin = f"http://localhost:{self.chromium.page_port}"
        self.number = next(self._numbers)
        self.pages = []

    def page(self, name):
        self.pages.append(Page(self.chromium, f"{self.number}-{name}"))
        return self.pages[-1]

    def phone(self, user, address, domain):
        return self.page(user).order("register", server=address, uri=f"sip:{user}@{domain}",
                                     password=PASSWORDS[user])

    @property
    def process(self):
        return self.chromium.process

    def kill(self):
        for page in self.pages:
            page.close()


class Page:
    def __init__(self, chromium, name):
        self.process = chromium.process
        self.name = name
        self.seen = 0
        self.open = False

    def order(self, what, **arguments):
        """What it says from then on is an answer to this."""
        self.open = what != "close"
        self.seen = self.process.mark()
        self.process.say(json.dumps({"phone": self.name, "do": what, **arguments}))
        return self

    def says(self, pattern):
        """Says a line that begins so, since its last order."""
        return self.process.wait_for(f"^{self.name} {pattern}", self.seen)

    def close(self):
        if self.open and not self.process.ended():
            self.order("close").says("is gone")
