# SPDX-License-Identifier: BSD-2-Clause
"""An operator who never rests: show, explain, trace, reload, module reload."""
import itertools
import signal
import subprocess
import time

from hostile import Periodic
from setting import ROOT, VANISHING, configuration

SHOWN = (("counters",), ("pool",), ("works",), ("transactions",), ("transactions", "--limit", "10000"),
         ("contacts", "--json"), ("endpoints",), ("endpoint", "caller"), ("contact", "rings"),
         ("transports",), ("modules", "--json"), ("admission",), ("sources",), ("defaults",))
MODULES = ("res_sip_registrar", "res_sip_proxy", "res_sip_options", "res_sip_authenticator_digest",
           "res_sip_endpoint_identifier_user", "res_sip_endpoint_identifier_ip",
           "res_sip_endpoint_identifier_anonymous")
TRACE_SECONDS = 2
COMMAND_SECONDS_MAX = 60


class Console(Periodic):
    """Looks at each turn; every few turns it changes something."""

    def __init__(self, server, plan, vanishing, pauses):
        """`pauses`: seconds between two reloads, and between two of a module."""
        super().__init__(plan.looks)
        self.reload_s, self.module_reload_s = pauses
        self.server = server
        self.plan = plan
        self.vanishing = vanishing
        self.modules = itertools.cycle(MODULES)
        self.shown = itertools.cycle(SHOWN)
        self.revision = 0
        self.counts = {"looks": 0, "reloads": 0, "module reloads": 0, "traces": 0, "explained": 0}
        self.faults = []
        self.turns = 0
        self.next_change_s = self.next_module_s = time.monotonic() + 1

    def ask(self, kind, *words):
        try:
            done = subprocess.run(
                [self.server.program, *words, "-c", str(self.server.folder)], check=False,
                stdin=subprocess.DEVNULL, capture_output=True, text=True,
                timeout=COMMAND_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.faults.append(f"`{' '.join(words)}` was not answered in {COMMAND_SECONDS_MAX} s")
            return
        self.counts[kind] += 1
        if done.returncode != 0:
            self.faults.append(f"`{' '.join(words)}`: {(done.stdout + done.stderr).strip()[-300:]}")

    def reload(self):
        self.revision += 1
        (self.server.folder / "res_sip.conf").write_text(
            configuration(self.plan, self.server.port, self.vanishing, self.revision))
        if self.revision % 3:
            self.ask("reloads", "reload")
        else:
            self.server.process.signal(signal.SIGHUP)
            self.counts["reloads"] += 1

    def trace(self):
        """Watches those who vanish, then goes without a word itself."""
        with subprocess.Popen(
                [self.server.program, "trace", "--ip", VANISHING, "-c", str(self.server.folder)],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL) as watch:
            self.ending.wait(TRACE_SECONDS)
            watch.kill()
        self.counts["traces"] += 1

    def turn(self):
        self.turns += 1
        self.ask("looks", "show", *next(self.shown))
        if time.monotonic() >= self.next_change_s:
            self.next_change_s += self.reload_s
            self.reload()
        if time.monotonic() >= self.next_module_s:
            self.next_module_s += self.module_reload_s
            self.ask("module reloads", "module", "reload", next(self.modules))
        if self.turns % 20 == 5:
            self.trace()
        if self.turns % 10 == 3:
            self.ask("explained", "explain", str(ROOT / "bench/corpus/register.sip"), "--from",
                     "127.0.0.1:5070")
