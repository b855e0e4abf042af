# SPDX-License-Identifier: BSD-2-Clause
"""Phones come, and strangers do not."""
import re
import signal

from lab import check, within
from lab.peer import credentials

FAILED = (r"notice authentication: failed login source=127\.0\.0\.1:{port} user={user} "
          r"method={method} reason=(.+)$")


def scenario_two_phones_register_with_digest(lab):
    server = lab.server()
    phones = [lab.baresip(user, server).registered() for user in ("6001", "6002")]
    contacts = server.contacts()
    for phone in phones:
        check(phone.received("REGISTER", 401), f"{phone.name} was not challenged")
        check(f"127.0.0.1:{phone.port}" in contacts, f"no contact of {phone.name} in {contacts}")


def scenario_a_wrong_password_never_gets_in_and_is_one_line_in_the_log(lab):
    server = lab.server()
    phone = lab.baresip("6001", server, password="parsley")
    phone.process.output.wait(lambda: len(phone.received("REGISTER", 401)) >= 2,
                              "the phone is challenged twice")
    phone.process.kill()
    lab.peer(server).alive()  # and with that everything the phone had sent is answered
    line = FAILED.format(port=phone.port, user="6001", method="REGISTER")
    attempts = len([one for one in phone.sent("REGISTER") if one["Authorization"]])
    within(lambda: len(re.findall(line, server.log, re.MULTILINE)) >= attempts, "a line for each")
    lines = re.findall(line, server.log, re.MULTILINE)
    check(len(lines) == attempts, f"{attempts} attempts, {len(lines)} lines: {lines}")
    check("password" in lines[0], f"the line does not say why: {lines[0]}")
    check("127.0.0.1" not in server.contacts(), "it got in")
    check(not phone.received("REGISTER", 200), "it was answered 200")
    check("parsley" not in server.log, "the log has a password")


def scenario_an_unknown_user_is_told_apart_by_the_log_alone(lab):
    server = lab.server()
    peer = lab.peer(server, user="nobody")
    answers = []
    for user in ("nobody", "6001"):
        peer.user = user
        uri = f"sip:{server.host}"
        first = peer.final(peer.request("REGISTER", uri, to=f"sip:{user}@{server.host}"))
        proof = credentials(first["WWW-Authenticate"], user, "parsley", "REGISTER", uri)
        second = peer.final(peer.request("REGISTER", uri, [f"Authorization: {proof}"],
                                         to=f"sip:{user}@{server.host}"))
        answers.append((first.first, second.first, [name for name, _ in second.fields]))
        server.wait_log(f"failed login source={peer.host} user={user} method=REGISTER reason=")
    check(answers[0] == answers[1], f"a stranger sees who exists: {answers}")
    check(answers[0][1].startswith("SIP/2.0 401 "), f"not challenged again: {answers[0]}")


def scenario_a_guesser_cannot_flood_the_log(lab):
    server = lab.server()
    peer = lab.peer(server, user="6001")
    uri = f"sip:{server.host}"
    first = peer.final(peer.request("REGISTER", uri, to=f"sip:6001@{server.host}"))
    for count in range(1, 301):
        proof = credentials(first["WWW-Authenticate"], "6001", "guess", "REGISTER", uri, count)
        answer = peer.final(peer.request("REGISTER", uri, [f"Authorization: {proof}"],
                                         to=f"sip:6001@{server.host}"))
        check(answer.status == 401, f"a guess is answered {answer}")
    lines = server.log.count("failed login")
    check(0 < lines < 150, f"300 guesses are {lines} lines")


def scenario_a_phone_that_leaves_is_forgotten(lab):
    server = lab.server()
    phone = lab.baresip("6001", server).registered()
    phone.process.signal(signal.SIGTERM)
    within(lambda: f"127.0.0.1:{phone.port}" not in server.contacts(), "the contact goes")
