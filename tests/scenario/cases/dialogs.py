# SPDX-License-Identifier: BSD-2-Clause
"""Calls that end at a service: the two examples that take calls, and real phones at them."""
import re

from lab import check
from lab.building import Installed, USUAL
from lab.config import standard
from lab.sipp import answer, raw, request, wait

OFFER = ("v=0\no=- 1 1 IN IP4 [local_ip]\ns=-\nc=IN IP4 [local_ip]\nt=0 0\n"
         "m=audio 6000 RTP/AVP 8 0\na=rtpmap:8 PCMA/8000")
SDP = ["Contact: <sip:tester@[local_ip]:[local_port]>", "Content-Type: application/sdp"]


def serve(lab, example):
    """A server with that example, asked before the proxy and the registrar."""
    installed = Installed.of(lab.program)
    installed.example(example, lab.path(example))
    lab.program = installed.program
    modules = [*USUAL]
    modules.insert(modules.index("res_sip_proxy"), example)
    return lab.server(modules=tuple(modules), config=standard)


def descriptions(messages):
    """The directions that each body names."""
    return [re.findall(r"^a=(sendrecv|sendonly|recvonly|inactive)", one.body, re.MULTILINE)
            for one in messages]


def ring_through_two_legs(lab):
    """A phone that calls, and the one at which it rings."""
    server = serve(lab, "back_to_back")
    caller, callee = [lab.baresip(user, server).registered() for user in ("6001", "6002")]
    caller.dial(callee.aor)
    callee.wait("CALL_INCOMING")
    return caller, callee


def scenario_a_phone_calls_a_service_and_hangs_up(lab):
    server = serve(lab, "answer_call")
    phone = lab.baresip("6001", server).registered()
    phone.dial(f"sip:answer@{server.host}")
    phone.wait("CALL_ESTABLISHED")
    accepted = phone.wait_received("INVITE", 200)
    check("a=inactive" in accepted.body, f"answered with {accepted.body}")
    phone.process.wait_for(r"\[0:00:01\]")
    phone.hang_up()
    phone.wait_received("BYE", 200)
    server.wait_log("notice answer_call: ended")


def scenario_a_service_holds_a_phone_and_hangs_up(lab):
    server = serve(lab, "answer_call")
    phone = lab.baresip("6001", server).registered()
    phone.dial(f"sip:hold@{server.host}")
    phone.wait("CALL_ESTABLISHED")
    hold = phone.wait_received("INVITE", 0)
    check("a=sendonly" in hold.body, f"held with {hold.body}")
    server.wait_log("notice answer_call: held")
    phone.wait("CALL_CLOSED")
    phone.wait_received("BYE", 0)
    server.wait_log("notice answer_call: ended")


def in_dialog(method, cseq, fields=(), body="", ack=False):
    """A request within the call, toward the Contact of the answer."""
    return raw([
        f"{method} [next_url] SIP/2.0",
        "Via: SIP/2.0/[transport] [local_ip]:[local_port];rport;branch=[branch]",
        "Max-Forwards: 70",
        "From: <sip:tester@[remote_ip]:[remote_port]>;tag=[pid]x[call_number]",
        "[last_To:]",
        "Call-ID: [call_id]",
        f"CSeq: {cseq} {method}",
        *fields,
    ], body, retrans=not ack)


def has(pattern, header):
    return (f'rrs="true"><action><ereg regexp="{pattern}" search_in="hdr" header="{header}" '
            'check_it="true" assign_to="1"/></action></recv>\n')


def answer_with(status, pattern, header):
    """An answer that has such a header field, after which requests go to its Contact."""
    return f'  <recv response="{status}" ' + has(pattern, header)


USED = '  <Reference variables="1"/>\n'


def scenario_sipp_refreshes_its_session_and_ends_it(lab):
    server = serve(lab, "answer_call")
    uri = "sip:answer@[remote_ip]:[remote_port]"
    lab.sipp("timers", [
        request("INVITE", uri, fields=[*SDP, "Supported: timer, 100rel", "Min-SE: 90",
                                       "Session-Expires: 90;refresher=uac"], body=OFFER),
        answer(100, optional=True),
        answer_with(200, "90;refresher=uac", "Session-Expires:"),
        in_dialog("ACK", 1, ack=True),
        in_dialog("UPDATE", 2, ["Contact: <sip:tester@[local_ip]:[local_port]>",
                                "Supported: timer", "Session-Expires: 90;refresher=uac"]),
        answer_with(200, "90;refresher=uac", "Session-Expires:"),
        in_dialog("INVITE", 3, [*SDP, "Supported: timer"], OFFER),
        answer(100, optional=True),
        answer_with(200, "INVITE", "CSeq:"),
        in_dialog("ACK", 3, ack=True),
        in_dialog("BYE", 4), answer(200), USED], server.host).passes()
    # Less than there may be.
    lab.sipp("short", [
        request("INVITE", uri, fields=[*SDP, "Supported: timer", "Session-Expires: 60"],
                body=OFFER),
        answer(100, optional=True), answer_with(422, "90", "Min-SE:"),
        in_dialog("ACK", 1, ack=True), USED], server.host).passes()


def scenario_phones_call_each_other_through_two_legs(lab):
    caller, callee = ring_through_two_legs(lab)
    caller.wait("CALL_RINGING")
    callee.accept()
    for phone in (caller, callee):
        phone.wait("CALL_ESTABLISHED")
    for phone in (caller, callee):
        phone.hears()
    first, second = caller.sent("INVITE", 0)[-1], callee.received("INVITE", 0)[-1]
    check(first["Call-ID"] != second["Call-ID"], "it is one call")
    # The caller holds: the callee is asked, and his answer comes back.
    mark = len(callee.received("INVITE", 0))
    caller.control.command("hold")
    callee.process.output.wait(lambda: len(callee.received("INVITE", 0)) > mark,
                               "the callee is told of the hold")
    check("a=sendonly" in callee.received("INVITE", 0)[-1].body, "it is no hold")
    caller.process.output.wait(lambda: len(caller.received("INVITE", 200)) > 1,
                               "the hold is answered")
    caller.hang_up()
    callee.wait("CALL_CLOSED")
    caller.wait_received("BYE", 200)
    callee.wait_received("BYE", 0)


def scenario_the_callee_of_two_legs_hangs_up(lab):
    caller, callee = ring_through_two_legs(lab)
    callee.accept()
    for phone in (caller, callee):
        phone.wait("CALL_ESTABLISHED")
    callee.hang_up()
    caller.wait("CALL_CLOSED")
    callee.wait_received("BYE", 200)
    caller.wait_received("BYE", 0)


def scenario_the_486_of_a_busy_phone_crosses_two_legs(lab):
    caller, callee = ring_through_two_legs(lab)
    callee.hang_up("486 Busy Here")
    caller.wait_received("INVITE", 486)


def scenario_a_cancelled_call_stops_ringing_behind_two_legs(lab):
    caller, callee = ring_through_two_legs(lab)
    caller.wait("CALL_RINGING")
    caller.hang_up()
    callee.wait("CALL_CLOSED")
    caller.wait_received("INVITE", 487)
    callee.wait_received("CANCEL", 0)


def scenario_sipp_acknowledges_what_rings_reliably(lab):
    server = serve(lab, "back_to_back")
    callee = lab.baresip("6002", server).registered()
    caller = lab.sipp("caller", [
        request("INVITE", "sip:6002@[remote_ip]:[remote_port]",
                fields=[*SDP, "Require: 100rel"], body=OFFER),
        answer(100, optional=True),
        '  <recv response="180" ' + has("[0-9]+", "RSeq:"),
        # The 2xx of the two in any order; the Contact is known.
        in_dialog("PRACK", 2, ["RAck: [$1] 1 INVITE"]), answer(200), answer(200),
        in_dialog("ACK", 1, ack=True), in_dialog("BYE", 3), answer(200)], server.host)
    callee.wait("CALL_INCOMING")
    callee.accept()
    caller.passes()
    callee.wait("CALL_CLOSED")
