# SPDX-License-Identifier: BSD-2-Clause
"""Modules that are replaced, unloaded and loaded while the server has a lot to do."""
import importlib.util
import json
import os
import pathlib
import subprocess
import threading
import time

from lab import check
from lab.building import ROOT
from lab.wait import Failure, PATIENCE_S

ALL = ("res_sip_endpoint_identifier_certificate",
       "res_sip_endpoint_identifier_ip", "res_sip_endpoint_identifier_user",
       "res_sip_endpoint_identifier_anonymous", "res_sip_authenticator_digest",
       "res_sip_options", "res_sip_registrar", "res_sip_proxy")
RELOADS = 20
USERS = 40


CONFIGURATION = """\
[global]
type = global
domain = {domain}
log_level = notice

[system]
type = system
servants = 1

[transport-udp]
type = transport
protocol = udp
bind = 127.0.0.1:{port}
"""


def _bench():
    """bench/servers.py, whose phones are those of its load generator."""
    spec = importlib.util.spec_from_file_location("bench_servers", ROOT / "bench" / "servers.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


BENCH = _bench()


def _configuration(port):
    return CONFIGURATION.format(domain=BENCH.DOMAIN, port=port) + BENCH.phones(USERS)


class Generators:
    """The load generator, again and again, until told to end: one asks OPTIONS, beside one that
    does each of the other things in turn (they share the phones, so not at a time)."""

    KINDS = (("options",), ("register", "call", "message"))

    def __init__(self, lab, server):
        self.program = pathlib.Path(lab.program).parent / "bench/load/bench_load"
        self.server = server
        self.figures = []
        self.ends = threading.Event()
        self.threads = [threading.Thread(target=self._repeat, args=(kinds,))
                        for kinds in self.KINDS]
        for thread in self.threads:
            thread.start()

    def _repeat(self, kinds):
        while not self.ends.is_set():
            for kind in kinds:
                self._run(kind)

    def _run(self, kind):
        done = subprocess.run(
            [self.program, "--brief", "--scenario", kind, "--server", self.server.host,
             "--domain", BENCH.DOMAIN, "--password", BENCH.PASSWORD, "--users", str(USERS),
             "--warmup", "0", "--seconds", "2", "--in-progress", "8"],
            check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=PATIENCE_S)
        lines = [line for line in done.stdout.splitlines() if line.startswith("bench=load ")]
        self.figures.append(dict(part.split("=", 1) for part in lines[-1].split())
                            if lines else {"scenario": kind, "failed": done.stderr})

    def end(self):
        self.ends.set()
        for thread in self.threads:
            thread.join()
        return self.figures


def _instances(server):
    """(module, state) of each row of `show modules`."""
    rows = json.loads(server.ask("show", "modules", "--json"))["modules"]
    return [(row["module"], row["state"]) for row in rows]


def _wait_until_drained(server):
    deadline = time.monotonic() + PATIENCE_S
    while [state for _, state in _instances(server)] != ["running"] * len(ALL):
        if time.monotonic() > deadline:
            raise Failure(server.ask("show", "modules"))
        time.sleep(0.1)


def _mapped(server):
    """How many module files of whatever instance the server has mapped."""
    maps = pathlib.Path(f"/proc/{server.process.child.pid}/maps").read_text()
    return len({(line.split()[4], line.split()[3]) for line in maps.splitlines()
                if "memfd:res_sip_" in line or "/modules/res_sip_" in line})


def scenario_each_module_is_replaced_twenty_times_under_load_and_nothing_is_lost(lab):
    server = lab.server(config=_configuration)
    load = Generators(lab, server)
    try:
        for _ in range(RELOADS):
            for name in ALL:
                server.ask("module", "reload", name)
    finally:
        figures = load.end()
    for figure in figures:
        check(figure["failed"] == "0" and figure.get("stale") == "0", f"{figure}")
        check(int(figure["ops"]) > 0, f"{figure}")
    check({figure["scenario"] for figure in figures} == {"options", "register", "call", "message"},
          f"{figures}")
    _wait_until_drained(server)
    check([name for name, _ in _instances(server)] == list(ALL), server.ask("show", "modules"))
    check(_mapped(server) == len(ALL), f"{_mapped(server)} files are mapped")


scenario_each_module_is_replaced_twenty_times_under_load_and_nothing_is_lost.seconds = 60


def scenario_services_come_and_go_and_each_request_is_answered(lab):
    server = lab.server()
    peer = lab.peer(server)
    seen = {"OPTIONS": set(), "REGISTER": set()}
    ends = threading.Event()
    why = []

    def ask():
        try:
            while not ends.is_set():
                for method, codes in seen.items():
                    uri = f"sip:{server.host}"
                    to = f"sip:tester@{server.host}" if method == "REGISTER" else None
                    codes.add(peer.final(peer.request(method, uri, to=to)).status)
        except Failure as failure:
            why.append(failure)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        for _ in range(RELOADS):
            for name in ("res_sip_options", "res_sip_registrar"):
                server.ask("module", "unload", name)
                server.ask("module", "load", name)
    finally:
        ends.set()
        asking.join()
    check(not why, f"{why}")
    # The proxy serves OPTIONS too, but nobody here.
    check({200} < seen["OPTIONS"] <= {200, 404}, f"{seen}")
    check({200} < seen["REGISTER"] <= {200, 405}, f"{seen}")
    peer.alive()
    _wait_until_drained(server)


def scenario_what_can_not_be_done_to_a_module_is_said(lab):
    server = lab.server()
    for words, reason in (
            (("unload", "res_sip_authenticator_digest"), "the only authenticator"),
            (("load", "res_sip_proxy"), "is loaded already"),
            (("reload", "nothing"), "there is no module nothing in"),
            (("load", "../modules/res_sip_proxy/res_sip_proxy"), "there is no module"),
            (("unload", "nothing"), "is not loaded")):
        done = server.run("module", *words)
        check(done.returncode == 1 and reason in done.stderr, f"{words}: {done}")
    lab.peer(server).alive()


def scenario_a_module_that_may_not_be_read_any_more_is_told(lab):
    """Root opened them at the start; the other user can't look into the folder."""
    if os.geteuid() != 0:
        print("modules: not root, so nobody can give it up: left out")
        return
    folder = lab.path("modules")
    for name in ALL:
        (folder / name).mkdir(parents=True)
        source = pathlib.Path(lab.program).parent / "modules" / name / f"{name}.so"
        (folder / name / f"{name}.so").write_bytes(source.read_bytes())
    server = lab.server(user="nobody", environment={"RES_SIP_MODULE_PATH": str(folder)})
    folder.chmod(0o700)
    done = server.run("module", "reload", "res_sip_proxy")
    check(done.returncode == 1 and "root was given up" in done.stderr, f"{done}")
    lab.peer(server).alive()
