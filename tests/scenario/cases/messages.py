# SPDX-License-Identifier: BSD-2-Clause
"""MESSAGE, from phone to phone, and to nobody."""
from lab import check
from lab.config import standard


def in_a_domain(port):
    return standard(port, "domain=phones.test")


def scenario_a_message_arrives_and_so_does_its_receipt(lab):
    server = lab.server(config=in_a_domain)
    trace = lab.trace(server)
    sender = lab.linphone("6001", server, "phones.test")
    receiver = lab.linphone("6002", server, "phones.test")
    sender.message(receiver.aor, "the rosemary is in flower")
    receiver.process.wait_for(r'Message received from sip:6001@phones\.test: .*is in flower')
    # linphonec tells the sender by a MESSAGE of its own, which is challenged like any other.
    trace.wait_for(r"^MESSAGE sip:6001@127\.0\.0\.1(.*\n)*?Content-Type: message/imdn\+xml")


def scenario_a_message_reaches_every_phone_of_an_aor(lab):
    server = lab.server(config=in_a_domain)
    phones = [lab.linphone("6002", server, "phones.test") for _ in range(2)]
    peer = lab.peer(server)
    answer = peer.final(peer.request("MESSAGE", "sip:6002@phones.test",
                                     ["Content-Type: text/plain"], "for both"))
    check(answer.status == 200, f"answered {answer}")
    check(not answer["Contact"], "the 200 of a MESSAGE has a Contact")
    for phone in phones:
        phone.process.wait_for("Message received from sip:tester@.*: for both")


def scenario_a_message_to_who_is_not_there_is_answered_for(lab):
    server = lab.server(config=in_a_domain)
    peer = lab.peer(server)
    for uri, status in (("sip:6002@phones.test", 480), ("sip:7777@phones.test", 404)):
        answer = peer.final(peer.request("MESSAGE", uri, ["Content-Type: text/plain"], "?"))
        check(answer.status == status, f"{uri} is answered {answer}")


def scenario_a_stranger_sends_no_message(lab):
    server = lab.server(config=in_a_domain)
    receiver = lab.linphone("6002", server, "phones.test")
    stranger = lab.peer(server, user="stranger")
    answer = stranger.final(stranger.request("MESSAGE", receiver.aor,
                                             ["Content-Type: text/plain"], "buy now"))
    check(answer.status in (401, 403, 407), f"answered {answer}")
    friend = lab.peer(server)
    friend.final(friend.request("MESSAGE", receiver.aor, ["Content-Type: text/plain"], "hello"))
    receiver.process.wait_for("Message received .*: hello")
    check("buy now" not in receiver.process.text, "the stranger's message arrived")
