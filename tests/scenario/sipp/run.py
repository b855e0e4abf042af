#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Run the SIPp scenarios of this folder against a server of their own.

    run.py RES_SIP [SCENARIO...]

RES_SIP is the program; a scenario is a file's name, with or without `.xml`.  Without
one all are run.  Exit code: 0 all passed, 1 not, 77 SIPp is not there.
"""
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
START_S = 20
SCENARIO_S = 30

CONFIG = """[global]
type=global
domain=example.com
nonce_lifetime={lifetime}
control_socket={folder}/control.sock

[udp]
type=transport
protocol=udp
bind=127.0.0.1:{port}
"""

# All that are built, and the example.
MODULES = """[modules]
load = res_sip_endpoint_identifier_ip
load = res_sip_endpoint_identifier_user
load = res_sip_endpoint_identifier_anonymous
load = res_sip_authenticator_digest
load = res_sip_options
load = res_sip_registrar
load = autoresponder
load = res_sip_proxy
"""

PHONE = """
[{name}]
type=endpoint
aors={name}
auth={name}
[{name}]
type=auth
auth_type=userpass
username={name}
password=secret
[{name}]
type=aor
max_contacts=2
support_path=yes
"""


def environment(program):
    """Where the modules of the build are that made the program."""
    build = pathlib.Path(program).parent
    return dict(os.environ, RES_SIP_MODULE_PATH=f"{build / 'modules'}:{build / 'examples'}")


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port):
    """Does anybody answer there?  An OPTIONS from nobody is at least challenged."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.settimeout(0.2)
        peer.connect(("127.0.0.1", port))
        own = peer.getsockname()[1]
        lines = (
            "OPTIONS sip:example.com SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{own};branch=z9hG4bKready",
            "From: <sip:ready@example.com>;tag=1",
            "To: <sip:example.com>",
            f"Call-ID: ready-{own}",
            "CSeq: 1 OPTIONS",
            "Max-Forwards: 70",
            "Content-Length: 0",
            "",
            "",
        )
        try:
            peer.send("\r\n".join(lines).encode())
            return peer.recv(65536).startswith(b"SIP/2.0 ")
        except OSError:
            return False


class Server:
    def __init__(self, program, folder, lifetime):
        self.port = free_port()
        config = CONFIG.format(folder=folder, port=self.port, lifetime=lifetime)
        config += PHONE.format(name="6001") + PHONE.format(name="6002")
        (folder / "res_sip.conf").write_text(config)
        (folder / "modules.conf").write_text(MODULES)
        self.log = folder / "log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([program, "run", "-c", str(folder)],
                                            env=environment(program),
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def ready(self):
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and self.process.poll() is None:
            if answers(self.port):
                return True
            time.sleep(0.05)
        return False

    def stop(self):
        self.process.terminate()
        try:
            return self.process.wait(timeout=START_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return -1


def run_scenario(scenario, port, folder):
    """Empty when it passed; else what SIPp said."""
    errors = folder / "errors"
    errors.unlink(missing_ok=True)
    command = ["sipp", f"127.0.0.1:{port}", "-sf", str(scenario), "-m", "1",
               "-i", "127.0.0.1", "-p", str(free_port()), "-nostdin",
               "-trace_err", "-error_file", str(errors), "-timeout", str(SCENARIO_S), "-timeout_error"]
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, check=False,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          timeout=2 * SCENARIO_S, errors="replace")
    if done.returncode == 0:
        return ""
    told = errors.read_text(errors="replace") if errors.exists() else done.stderr
    return told or f"SIPp ended with {done.returncode}"


def run_all(program, scenarios, lifetime):
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        server = Server(program, folder, lifetime)
        ready = server.ready()
        for scenario in scenarios if ready else []:
            told = run_scenario(scenario, server.port, folder)
            failed += told != ""
            print(f"{'FAILED' if told else 'ok'}  {scenario.stem}")
            if told:
                print(told)
        status = server.stop()
        if not ready or status != 0:
            print(f"the server {'ended with ' + str(status) if ready else 'does not answer'}:")
            failed += 1
        if failed:
            print(server.log.read_text(errors="replace"))
    return failed


def main(arguments):
    if not arguments:
        sys.exit(__doc__)
    if shutil.which("sipp") is None:
        return 77
    names = arguments[1:] or sorted(file.stem for file in HERE.glob("*.xml"))
    files = [HERE / (name.removesuffix(".xml") + ".xml") for name in names]
    program = str(pathlib.Path(arguments[0]).resolve())
    # A nonce gets old within a scenario's pause in one of them, and in none of the others.
    old = [file for file in files if file.stem == "stale"]
    others = [file for file in files if file.stem != "stale"]
    failed = run_all(program, others, 300) if others else 0
    failed += run_all(program, old, 1) if old else 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
