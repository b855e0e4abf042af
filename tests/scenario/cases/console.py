# SPDX-License-Identifier: BSD-2-Clause
"""What an operator asks the running server."""
import os
import stat
import subprocess

from cases.calls import talk, two_phones
from lab import check
from lab.config import PASSWORDS

MODULES = ("res_sip_endpoint_identifier_ip", "res_sip_endpoint_identifier_user",
           "res_sip_endpoint_identifier_anonymous", "res_sip_authenticator_digest",
           "res_sip_options", "res_sip_registrar", "res_sip_proxy")


def scenario_show_tells_endpoints_contacts_transports_and_modules(lab):
    server = lab.server()
    phone = lab.baresip("6001", server).registered()
    endpoints = server.ask("show", "endpoints")
    for name in (*PASSWORDS, "tester"):
        check(f"\n{name} " in endpoints, f"no {name} in {endpoints}")
    contacts = server.contacts()
    line = next(one for one in contacts.splitlines() if one.startswith("6001 "))
    check(f"@127.0.0.1:{phone.port}" in line and "baresip" in line, f"contacts: {contacts}")
    transports = server.ask("show", "transports")
    check(f"127.0.0.1:{server.port}" in transports and "udp" in transports, transports)
    modules = server.ask("show", "modules")
    places = [modules.find(name) for name in MODULES]
    check(-1 not in places and places == sorted(places), f"modules: {modules}")


def scenario_show_of_nothing_fails_with_a_line(lab):
    server = lab.server()
    done = server.run("show", "rhubarb")
    check(done.returncode == 1, f"exit code {done.returncode}")
    check("endpoints" in done.stderr, f"does not say what there is: {done.stderr}")


def scenario_show_without_a_server_fails_with_a_line(lab):
    server = lab.server()
    server.stop()
    done = server.run("show", "contacts")
    check(done.returncode == 1 and done.stderr.count("\n") == 1,
          f"{done.returncode}: {done.stderr}")


def scenario_trace_shows_messages_live_with_direction_and_addresses(lab):
    server = lab.server()
    trace = lab.trace(server)
    caller, callee = two_phones(lab, server)
    talk(caller, callee)
    callee.hang_up()
    caller.wait("CALL_CLOSED")
    ours = f"udp 127\\.0\\.0\\.1:{server.port}"
    when = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"
    for sign, word, phone, first in (
            ("<-", "from", caller, "INVITE sip:6002@"), ("->", "to", callee, "INVITE sip:6002"),
            ("<-", "from", callee, "SIP/2.0 180 "), ("->", "to", caller, "SIP/2.0 180 "),
            ("<-", "from", callee, "BYE "), ("->", "to", caller, "BYE ")):
        trace.wait_for(f"{when} {sign} {ours} {word} 127\\.0\\.0\\.1:{phone.port}\n{first}")


def scenario_the_control_socket_is_the_owners_alone(lab):
    server = lab.server()
    mode = os.stat(server.folder / "res_sip.sock").st_mode
    check(stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o600, f"its mode is {mode:o}")
    server.stop()
    check(not (server.folder / "res_sip.sock").exists(), "it is still there")


def scenario_version_and_help_are_told(lab):
    for word, wanted in (("--version", "res_sip "), ("help", "usage: res_sip")):
        done = subprocess.run([lab.program, word], capture_output=True, text=True, check=False)
        check(done.returncode == 0 and done.stdout.startswith(wanted), f"{word}: {done}")
    done = subprocess.run([lab.program, "rnu"], capture_output=True, text=True, check=False)
    check(done.returncode == 2 and "did you mean `run`" in done.stderr, f"rnu: {done}")
