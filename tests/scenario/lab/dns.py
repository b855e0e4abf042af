# SPDX-License-Identifier: BSD-2-Clause
"""DNS servers of the laboratory's own, and the library's resolver, which asks them."""
import os
import pathlib
import re
import shutil
import socket

from lab.ports import free_port
from lab.process import Process
from lab.wait import Failure, check

TTL_S = 120
NEGATIVE_S = 60


class DnsServer:
    """dnsmasq, as the authority for `example.test`; it refuses what is asked about others."""

    def __init__(self, zone):
        program = shutil.which("dnsmasq", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
        if program is None:
            raise Failure("dnsmasq is not installed (tools/install_packages.sh test)")
        self.port = free_port()
        self.process = Process("dnsmasq", [
            program, "--keep-in-foreground", "--conf-file=/dev/null", "--pid-file=", "--user=",
            "--group=", "--no-resolv", "--no-hosts", "--log-queries", "--log-facility=-",
            f"--port={self.port}", "--listen-address=127.0.0.1", "--bind-interfaces",
            "--auth-server=ns.example.test,127.0.0.1", "--auth-zone=example.test",
            "--auth-soa=1,hostmaster.example.test,1200,180,600", f"--auth-ttl={TTL_S}",
            *(f"--{line}" for line in zone)])
        self.process.wait_for("started, version")

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def asked(self, kind, name):
        """How often it was asked for that."""
        return len(re.findall(rf"auth\[{kind}\] {re.escape(name)} from", self.process.text))

    def kill(self):
        self.process.kill()


class SilentServer:
    """A server that takes every question and answers none."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def kill(self):
        self.socket.close()


class Resolver:
    """The library's, in a program that prints the targets of URIs."""

    def __init__(self, program, servers):
        path = pathlib.Path(program).parent / "tests/resolve/print_targets"
        self.process = Process("print_targets",
                               [str(path), ",".join(one.address for one in servers)], talks=True)

    def _tell(self, line, pattern):
        mark = self.process.mark()
        self.process.say(line)
        return self.process.wait_for(pattern, mark), self.process.text[mark:]

    def ask(self, *uris):
        """(milliseconds, what came of it) of each; they are asked for at the same time."""
        _, said = self._tell(" ".join(uris), "^done$")
        found = []
        for line in said.splitlines()[:len(uris)]:
            _, spent, words = line.split(" ", 2)
            found.append((int(spent), words))
        return found

    def targets(self, uri):
        return self.ask(uri)[0][1]

    def late_ms(self):
        """How late a timer of another work came at most, since it was asked last."""
        return int(self._tell("late", r"^late (\d+)$")[0][1])

    def count(self, name):
        return int(self._tell(f"count {name}", rf"^{re.escape(name)} (\d+)$")[0][1])

    def end(self):
        self.process.say("end")
        code = self.process.wait_end()
        check(code == 0, f"print_targets ends with {code}")

    def kill(self):
        self.process.kill()
