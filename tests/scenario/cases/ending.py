# SPDX-License-Identifier: BSD-2-Clause
"""A server that ends in the middle of things, and one that comes back."""
import signal

from cases.calls import talk, two_phones
from lab import check


def scenario_sigterm_in_mid_call_ends_the_server_cleanly(lab):
    server = lab.server()
    caller, callee = two_phones(lab, server)
    talk(caller, callee)
    server.stop()
    check(not caller.control.event("CALL_CLOSED"), "the call ended with the server")


def scenario_sigterm_while_it_rings_ends_the_server_cleanly(lab):
    server = lab.server()
    caller, callee = two_phones(lab, server)
    caller.dial(callee.aor)
    callee.wait("CALL_INCOMING")
    server.stop()


def scenario_sigint_ends_the_server_cleanly(lab):
    server = lab.server()
    server.process.signal(signal.SIGINT)
    check(server.process.wait_end() == 0, "its exit code is not 0")
    check("SIGINT: stopping" in server.log, "it does not say why")


def restarted_in_mid_call(lab, ender):
    server = lab.server()
    phones = dict(zip(("caller", "callee"), two_phones(lab, server)))
    talk(phones["caller"], phones["callee"])
    server.stop()
    server.start()
    other = phones["callee" if ender == "caller" else "caller"]
    phones[ender].hang_up()
    other.wait("CALL_CLOSED")
    other.wait_received("BYE", 0)
    phones[ender].wait_received("BYE", 200)


def scenario_a_restarted_server_passes_the_bye_of_the_caller(lab):
    restarted_in_mid_call(lab, "caller")


def scenario_a_restarted_server_passes_the_bye_of_the_callee(lab):
    restarted_in_mid_call(lab, "callee")
