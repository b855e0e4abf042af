# SPDX-License-Identifier: BSD-2-Clause
"""One scenario's laboratory: whatever it starts ends with it, in reverse order."""
import pathlib
import shutil
import tempfile

from lab.baresip import Baresip
from lab.browser import Browser
from lab.dns import DnsServer, Resolver, SilentServer
from lab.haproxy import Haproxy
from lab.linphone import Linphone
from lab.network import Network
from lab.peer import Peer
from lab.process import Process
from lab.server import Server
from lab.sipp import Sipp


class Lab:
    def __init__(self, program):
        self.program = program
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="res_sip-"))
        self.things = []

    def _keep(self, thing):
        self.things.append(thing)
        return thing

    def path(self, name):
        """A new path in the laboratory's folder."""
        return self.folder / f"{len(self.things)}-{name}"

    def server(self, **settings):
        folder = settings.pop("folder", None) or self.path("server")
        return self._keep(Server(self.program, folder, **settings)).start()

    def baresip(self, user, server, **settings):
        return self._keep(Baresip(self.path(user), user, server, **settings))

    def browser(self):
        return self._keep(Browser(self.program))

    def linphone(self, user, server, domain, **settings):
        return self._keep(Linphone(self.path(user), user, server, domain, **settings))

    def network(self):
        return self._keep(Network())

    def haproxy(self, port, server, source, options):
        """A load balancer before the server; `options` of haproxy's `server` line."""
        return self._keep(Haproxy(self.path("haproxy"), port, server, source, options))

    def peer(self, server, **settings):
        return self._keep(Peer(server, **settings))

    def sipp(self, name, steps, target, **settings):
        return self._keep(Sipp(self.path(name), name, steps, target, **settings))

    def dns(self, *zone):
        """A DNS server for `example.test`; the lines of its zone are options of dnsmasq."""
        return self._keep(DnsServer(zone))

    def silent_dns(self):
        return self._keep(SilentServer())

    def resolver(self, *servers):
        """The library's resolver, which asks these servers."""
        return self._keep(Resolver(self.program, servers))

    def trace(self, server, *options):
        """`res_sip trace` of it, watching already."""
        watch = self.process("trace", [self.program, "trace", *options, "-c", str(server.folder)])
        watch.wait_for("watching")
        return watch

    def process(self, name, command, **settings):
        return self._keep(Process(name, command, **settings))

    def close(self):
        """Phones go without a word, servers must end cleanly: the scenario fails else."""
        servers = [one for one in self.things if isinstance(one, Server)]
        try:
            for server in servers:
                server.stop()
        finally:
            for thing in reversed(self.things):
                thing.kill()
            shutil.rmtree(self.folder, ignore_errors=True)

    def told(self):
        """What everything printed, for whoever looks for the reason of a failure."""
        parts = []
        for thing in self.things:
            process = getattr(thing, "process", thing)
            if isinstance(process, Process):
                parts.append(f"--- {process.name}\n{process.text[-12000:]}")
            control = getattr(thing, "control", None)
            if control is not None:
                heard = "\n".join(map(str, control.heard))
                parts.append(f"--- its control port\n{heard[-4000:]}")
        return "\n".join(parts)
