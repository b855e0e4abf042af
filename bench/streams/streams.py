#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Measure connections: res_sip beside Kamailio, in one run.

    bench/streams/streams.py [--build DIR] [--runs N] [--seconds S] [--idle N] [--without-kamailio]
                             [TRANSPORT...]

TRANSPORT is tcp, tls or wss; all three where none is named.  Per transport: phones on kept connections
register with digest (challenged each time, and counting a nonce up), connections that are opened, have
one OPTIONS answered and are closed (of TLS with a full handshake and with a resumed one), and the
memory of connections that are idle.  At the end OPTIONS over UDP and TLS while half-open handshakes
are held.

The servers take turns on one core, the load has another.  CPU is the kernel's account of all threads
of all processes of a server.  Kamailio (Debian's packages kamailio, kamailio-tls-modules and
kamailio-websocket-modules), where it is installed, has one process for TCP (and those it can't do without); its
configuration answers OPTIONS and registers phones with digest in memory, and does nothing else.
"""
import argparse
import os
import pathlib
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

BENCH = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(BENCH))

import servers as bench  # noqa: E402  (found by the line above)

TRANSPORTS = ("tcp", "tls", "wss")

RES_SIP = """\
[global]
type = global
domain = {domain}
log_level = warning

[system]
type = system
servants = 1
max_connections_per_source = 0
first_message_timeout = 120000

[udp]
type = transport
bind = 127.0.0.1:{udp}

[tcp]
type = transport
protocol = tcp
bind = 127.0.0.1:{tcp}

[tls]
type = transport
protocol = tls
bind = 127.0.0.1:{tls}
cert_file = {folder}/cert.pem
priv_key_file = {folder}/key.pem

[wss]
type = transport
protocol = wss
bind = 127.0.0.1:{wss}
websocket_origin = http://bench.example
cert_file = {folder}/cert.pem
priv_key_file = {folder}/key.pem
"""

KAMAILIO = """\
debug=0
log_stderror=yes
children=1
tcp_children=1
tcp_max_connections=40000
tls_max_connections=40000
tcp_connection_lifetime=3600
tcp_accept_no_cl=yes
auto_aliases=no
alias="{domain}"
listen=udp:127.0.0.1:{udp}
listen=tcp:127.0.0.1:{tcp}
listen=tls:127.0.0.1:{tls}
listen=tls:127.0.0.1:{wss}
enable_tls=yes
mpath="/usr/lib/x86_64-linux-gnu/kamailio/modules/"
loadmodule "tm.so"
loadmodule "tls.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
loadmodule "xhttp.so"
loadmodule "websocket.so"
loadmodule "nathelper.so"
modparam("tls", "config", "{folder}/tls.cfg")
modparam("usrloc", "db_mode", 0)
modparam("registrar", "max_contacts", 1)
modparam("registrar", "max_expires", 3600)
modparam("auth", "qop", "auth")
modparam("auth", "nonce_count", 1)
modparam("auth", "nc_array_size", 4194304)
modparam("auth", "nonce_expire", 300)
request_route {{
    if (is_method("OPTIONS")) {{ sl_send_reply("200", "OK"); exit; }}
    if (is_method("REGISTER")) {{
        if (!pv_www_authenticate("{domain}", "{password}", "0")) {{
            www_challenge("{domain}", "1");
            exit;
        }}
        if (proto == WS || proto == WSS) {{ add_contact_alias(); }}
        save("location", "0x04");
        exit;
    }}
    sl_send_reply("405", "No");
}}
event_route[xhttp:request] {{
    if ($hdr(Upgrade) =~ "websocket" && ws_handle_handshake()) {{ exit; }}
    xhttp_reply("404", "No", "", "");
}}
"""

TLS_CFG = """\
[server:default]
method = TLSv1.2+
verify_certificate = no
require_certificate = no
private_key = {folder}/key.pem
certificate = {folder}/cert.pem
"""


def start(command, core, **options):
    return bench.start(command, core, start_new_session=True, **options)


class Server:
    """One of the two, in a process group of its own."""

    def __init__(self, name, command, core, ports):
        self.name = name
        self.ports = ports
        self.process = start(command, core, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            bench.await_answer(self.process, ports["udp"], name)
        except RuntimeError:
            self.stop()
            raise

    def pids(self):
        return bench.session(self.process)

    def cpu_s(self):
        total = 0
        for pid in self.pids():
            for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
                total += int((task / "schedstat").read_text().split()[0])
        return total / 1e9

    def memory_kib(self):
        """What its processes have for themselves, and each shared page once."""
        total = 0
        for pid in self.pids():
            for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
        return total

    def stop(self):
        bench.stop(self.process, 30, bench.kill_session)


def ports():
    return {"udp": bench.free_port(),
            **{name: bench.free_port(socket.SOCK_STREAM) for name in TRANSPORTS}}


def start_res_sip(arguments, folder):
    there = ports()
    text = RES_SIP.format(domain=bench.DOMAIN, folder=folder, **there)
    (folder / "res_sip.conf").write_text(text + bench.phones(arguments.phones))
    return Server("res_sip", [arguments.build / "res_sip", "run", "-c", folder],
                  arguments.server_core, there)


def start_kamailio(arguments, folder):
    there = ports()
    (folder / "tls.cfg").write_text(TLS_CFG.format(folder=folder))
    (folder / "kamailio.cfg").write_text(
        KAMAILIO.format(domain=bench.DOMAIN, password=bench.PASSWORD, folder=folder, **there))
    return Server("Kamailio", ["kamailio", "-DD", "-E", "-m", "2048", "-M", "64", "-x", "tlsf",
                               "-Y", folder, "-f", folder / "kamailio.cfg"],
                  arguments.server_core, there)


class Load:
    def __init__(self, arguments, server, transport, mode, connections, *more):
        self.process = start(
            [arguments.build / "bench/streams/bench_streams", "--server",
             f"127.0.0.1:{server.ports[transport]}", "--transport", transport, "--mode", mode,
             "--connections", connections, "--seconds", arguments.seconds, *more],
            arguments.load_core, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "ready\n":
            self.process.wait()
            raise RuntimeError(f"{server.name}: {transport}: {mode}: the load can't begin")

    def run(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        self.process.wait()
        return {name: float(value) for name, value in
                (part.split("=") for part in line.split()[1:])}

    def end(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def work(arguments, server, transport, mode, connections, *more):
    load = Load(arguments, server, transport, mode, connections, *more)
    before = server.cpu_s()
    figures = load.run()
    spent = server.cpu_s() - before
    if not figures or figures["ops"] == 0:
        raise RuntimeError(f"{server.name}: {transport}: {mode}: nothing was done")
    figures["us"] = spent * 1e6 / figures["ops"]
    figures["cpu"] = spent / figures["seconds"]
    return figures


def idle(arguments, server, transport):
    """KiB per connection, of so many."""
    before = server.memory_kib()
    load = Load(arguments, server, transport, "idle", arguments.idle)
    time.sleep(1)
    after = server.memory_kib()
    load.end()
    return (after - before) / arguments.idle


def median(runs, name):
    return statistics.median(run[name] for run in runs)


def both(arguments, servers, title, transport, mode, connections, *more):
    """A row: each server's runs, in turns."""
    runs = {server.name: [] for server in servers}
    for _ in range(arguments.runs):
        for server in servers:
            runs[server.name].append(work(arguments, server, transport, mode, connections, *more))
    cells = [title]
    for server in servers:
        ours = runs[server.name]
        cells += [f"{median(ours, 'us'):.1f}", f"{median(ours, 'ops') / median(ours, 'seconds'):,.0f}",
                  f"{median(ours, 'p99_us') / 1000:.2f}", f"{sum(run['failed'] for run in ours):.0f}"]
        if more and any(run["resumed"] < run["ops"] * 0.9 for run in ours):
            cells[-1] += " (not all resumed)"
    if len(servers) == 2:
        cells.append(f"{median(runs['Kamailio'], 'us') / median(runs['res_sip'], 'us'):.2f} ×")
    print("| " + " | ".join(cells) + " |", flush=True)


def latencies(server, count=500):
    found = [bench.options_over_udp(server.ports["udp"], 5) for _ in range(count)]
    if None in found:
        raise RuntimeError(f"{server.name}: an OPTIONS had no answer")
    return sorted(found)


def held(arguments, servers):
    print(f"\nOPTIONS over UDP, one after another, while {arguments.idle:,} half-open handshakes are "
          "held; ms\n\n| | p50 | p99 | most |\n| --- | --- | --- | --- |")
    for server in servers:
        quiet = latencies(server)
        load = Load(arguments, server, "tls", "half", arguments.idle)
        busy = latencies(server)
        load.end()
        for name, found in (("none held", quiet), ("held", busy)):
            print(f"| {server.name}, {name} | {found[len(found) // 2] * 1e3:.2f} | "
                  f"{found[int(len(found) * 0.99)] * 1e3:.2f} | {found[-1] * 1e3:.2f} |", flush=True)


def measure(arguments, servers):
    names = [server.name for server in servers]
    print("| | " + " | ".join(f"{name}: CPU µs | per s | p99 ms | failed" for name in names) +
          (" | Kamailio / res_sip, CPU |" if len(names) == 2 else " |"))
    print("|" + " --- |" * (1 + 4 * len(names) + (len(names) == 2)))
    for transport in arguments.transports:
        upper = transport.upper()
        both(arguments, servers, f"{upper}: REGISTER, challenged", transport, "register",
             arguments.phones)
        both(arguments, servers, f"{upper}: refresh, known nonce", transport, "refresh",
             arguments.phones)
        both(arguments, servers, f"{upper}: OPTIONS", transport, "options", arguments.phones)
        both(arguments, servers, f"{upper}: a connection, one OPTIONS", transport, "connect", 32)
        if transport == "tls":
            both(arguments, servers, "TLS: likewise, resumed", transport, "connect", 32, "--resume")
    print(f"\nMemory of {arguments.idle:,} idle connections, KiB each beside the kernel's\n\n| | " +
          " | ".join(names) + " |\n|" + " --- |" * (1 + len(names)))
    for transport in arguments.transports:
        cells = [f"{idle(arguments, server, transport):.2f}" for server in servers]
        print(f"| {transport.upper()} | " + " | ".join(cells) + " |", flush=True)
    if "tls" in arguments.transports:
        held(arguments, servers)


def read_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--build", type=pathlib.Path,
                        default=BENCH.parent / "build")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--phones", type=int, default=1000)
    parser.add_argument("--idle", type=int, default=10000)
    parser.add_argument("--server-core", type=int, default=0)
    parser.add_argument("--load-core", type=int, default=1)
    parser.add_argument("--without-kamailio", action="store_true")
    parser.add_argument("transports", nargs="*", metavar="TRANSPORT")
    arguments = parser.parse_args()
    arguments.transports = arguments.transports or list(TRANSPORTS)
    if not set(arguments.transports) <= set(TRANSPORTS):
        parser.error(f"transports are {', '.join(TRANSPORTS)}")
    return arguments


def raise_file_limit():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def main():
    arguments = read_arguments()
    raise_file_limit()
    servers = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                        "-subj", f"/CN={bench.DOMAIN}",
                        "-addext", f"subjectAltName=DNS:{bench.DOMAIN}",
                        "-keyout", folder / "key.pem", "-out", folder / "cert.pem"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            servers.append(start_res_sip(arguments, folder))
            if shutil.which("kamailio") and not arguments.without_kamailio:
                servers.append(start_kamailio(arguments, folder))
            measure(arguments, servers)
        except (RuntimeError, OSError) as error:
            print(f"streams: {error}", file=sys.stderr)
            return 2
        finally:
            for server in servers:
                server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
