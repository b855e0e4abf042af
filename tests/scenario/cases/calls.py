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


def scenario_a_cancelled_call_stops_ringing(lab):
    server = lab.server()
    caller, callee = two_phones(lab, server)
    caller.dial(callee.aor)
    callee.wait("CALL_INCOMING")
    caller.wait("CALL_RINGING")
    caller.hang_up()
    callee.wait("CALL_CLOSED")
    caller.wait_received("CANCEL", 200)
    caller.wait_received("INVITE", 487)
    callee.wait_received("CANCEL", 0)
    callee.wait_received("ACK", 0)
    check(not caller.received("INVITE", 200), "the call was answered")


def scenario_the_486_of_a_busy_phone_arrives(lab):
    server = lab.server()
    caller, callee = two_phones(lab, server)
    caller.dial(callee.aor)
    callee.wait("CALL_INCOMING")
    callee.hang_up()
    caller.wait_received("INVITE", 486)
    closed = caller.wait("CALL_CLOSED")
    check("486" in closed["param"], f"the caller is told {closed['param']}")


def scenario_who_is_not_there_is_answered_for(lab):
    server = lab.server()
    caller = lab.baresip("6001", server).registered()
    for user, status in (("6002", 480), ("7777", 404)):
        mark = caller.mark()
        caller.dial(f"sip:{user}@{server.host}")
        caller.wait_received("INVITE", status)
        caller.wait("CALL_CLOSED", mark)


def scenario_an_aor_with_two_phones_rings_both_and_one_answers(lab):
    server = lab.server()
    caller = lab.baresip("6001", server).registered()
    first, second = [lab.baresip("6002", server, label=label).registered() for label in "ab"]
    caller.dial(first.aor)
    for phone in (first, second):
        phone.wait("CALL_INCOMING")
    caller.wait("CALL_RINGING")
    second.accept()
    for phone in (caller, second):
        phone.wait("CALL_ESTABLISHED")
    first.wait("CALL_CLOSED")
    reason = first.wait_received("CANCEL", 0)["Reason"].replace(" ", "")
    check(reason == 'SIP;cause=200;text="Callcompletedelsewhere"', f"CANCEL's Reason: {reason}")
    check(not second.received("CANCEL"), "the phone that answered got a CANCEL")
    for phone in (caller, second):
        phone.hears()
    second.hang_up()
    caller.wait("CALL_CLOSED")


def scenario_an_aor_with_two_phones_keeps_ringing_when_one_refuses(lab):
    server = lab.server()
    caller = lab.baresip("6001", server).registered()
    first, second = [lab.baresip("6002", server, label=label).registered() for label in "ab"]
    caller.dial(first.aor)
    for phone in (first, second):
        phone.wait("CALL_INCOMING")
    first.hang_up()
    first.wait_received("ACK", 0)
    check(not caller.received("INVITE", 486), "one phone's 486 ended the call")
    second.accept()
    caller.wait("CALL_ESTABLISHED")
    caller.hang_up()
    second.wait("CALL_CLOSED")
