# SPDX-License-Identifier: BSD-2-Clause
"""One phone calls another, and either ends it."""
from lab import check


def two_phones(lab, server):
    return [lab.baresip(user, server).registered() for user in ("6001", "6002")]


def talk(caller, callee):
    """From dialling until both hear each other."""
    caller.dial(callee.aor)
    callee.wait("CALL_INCOMING")
    caller.wait("CALL_RINGING")
    callee.accept()
    for phone in (caller, callee):
        phone.wait("CALL_ESTABLISHED")
    for phone in (caller, callee):
        phone.hears()
        phone.process.wait_for(r"\[0:00:01\]")  # its clock of the call


def scenario_a_call_lasts_until_the_caller_hangs_up(lab):
    server = lab.server()
    caller, callee = two_phones(lab, server)
    talk(caller, callee)
    caller.hang_up()
    callee.wait("CALL_CLOSED")
    caller.wait_received("BYE", 200)


def scenario_a_call_lasts_until_the_callee_hangs_up(lab):
    server = lab.server()
    caller, callee = two_phones(lab, server)
    talk(caller, callee)
    callee.hang_up()
    caller.wait("CALL_CLOSED")
    callee.wait_received("BYE", 200)
    check(not caller.sent("BYE", 0), "the caller sent a BYE too")
