# SPDX-License-Identifier: BSD-2-Clause
"""haproxy as a load balancer before the server, which it tells whose a connection is."""
import os
import shutil

from lab.process import Process
from lab.wait import Failure

CONFIG = """\
defaults
    mode tcp
    timeout connect 5s
    timeout client 10m
    timeout server 10m
    log stdout format raw local0
frontend phones
    bind 127.0.0.1:{port}
    option tcplog
    default_backend servers
backend servers
    source {source}
    server first {server} {options}
"""


class Haproxy:
    """Listens at `port`, and connects to the server from the address `source`."""

    def __init__(self, folder, port, server, source, options):
        program = shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
        if program is None:
            raise Failure("haproxy is not installed (tools/install_packages.sh test)")
        self.port = port
        self.host = f"127.0.0.1:{port}"
        folder.mkdir(parents=True)
        (folder / "haproxy.cfg").write_text(CONFIG.format(
            port=port, server=server.host, source=source, options=options))
        self.process = Process("haproxy", [program, "-db", "-f", str(folder / "haproxy.cfg")])

    def kill(self):
        self.process.kill()
