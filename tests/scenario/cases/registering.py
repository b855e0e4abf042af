# SPDX-License-Identifier: BSD-2-Clause
"""Phones come, and strangers do not."""
import re
import signal

from lab import check, within
from lab.config import PASSWORDS, standard
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


def guess(peer, user, password, count=1, challenge=None):
    """The answers to a REGISTER without and with that password."""
    uri = f"sip:{peer.server.host}"
    aor = f"sip:{user}@{peer.server.host}"
    first = challenge or peer.final(peer.request("REGISTER", uri, to=aor))
    proof = credentials(first["WWW-Authenticate"], user, password, "REGISTER", uri, count)
    contact = f"Contact: <sip:{user}@{peer.host}>"
    return first, peer.final(peer.request("REGISTER", uri, [contact, f"Authorization: {proof}"],
                                          to=aor))


def scenario_a_phone_with_a_wrong_password_never_gets_in(lab):
    server = lab.server()
    phone = lab.baresip("6001", server, password="parsley")
    phone.process.output.wait(lambda: len(phone.received("REGISTER", 401)) >= 2,
                              "the phone is challenged twice")
    server.wait_log(FAILED.format(port=phone.port, user="6001", method="REGISTER"))
    check("127.0.0.1" not in server.contacts(), "it got in")
    check(not phone.received("REGISTER", 200), "it was answered 200")
    check("parsley" not in server.log, "the log has a password")


def scenario_each_failed_login_is_one_line_in_the_log(lab):
    server = lab.server()
    peer = lab.peer(server, user="6001")
    for _ in range(3):
        _, answer = guess(peer, "6001", "parsley")
        check(answer.status == 401, f"a wrong password is answered {answer}")
    _, answer = guess(peer, "6001", PASSWORDS["6001"])
    check(answer.status == 200, f"the right one is answered {answer}")
    server.wait_log("contact added aor=6001")  # what comes before it is in the log too
    line = FAILED.format(port=peer.host.rpartition(":")[2], user="6001", method="REGISTER")
    reasons = re.findall(line, server.log, re.MULTILINE)
    check(reasons == ["wrong password"] * 3, f"the lines say {reasons}")


def scenario_an_unknown_user_is_told_apart_by_the_log_alone(lab):
    server = lab.server()
    peer = lab.peer(server)
    answers = []
    for user in ("nobody", "6001"):
        peer.user = user
        first, second = guess(peer, user, "parsley")
        answers.append((first.first, second.first, [name for name, _ in second.fields]))
        server.wait_log(f"failed login source={peer.host} user={user} method=REGISTER reason=")
    check(answers[0] == answers[1], f"a stranger sees who exists: {answers}")
    check(answers[0][1].startswith("SIP/2.0 401 "), f"not challenged again: {answers[0]}")


def scenario_a_guesser_waits_and_who_is_registered_does_not(lab):
    server = lab.server()
    phone = lab.baresip("6002", server).registered()
    peer = lab.peer(server, user="6001")
    answers = [guess(peer, "6001", "guess")[1].status for _ in range(5)]
    check(answers == [401] * 5, f"five guesses are answered {answers}")
    answer = peer.final(peer.request("REGISTER", f"sip:{server.host}",
                                     to=f"sip:6001@{server.host}"))
    check(answer.status == 503 and 0 < int(answer["Retry-After"]) <= 10,
          f"the one who guesses is answered {answer}")
    server.wait_log("admission: source waits source=127.0.0.1 seconds=10 ")
    check("failed login" in server.ask("show", "sources"), "the console does not know of him")
    check(f"127.0.0.1:{phone.port}" in server.contacts(), "the phone's contact is gone")


def scenario_a_guesser_cannot_flood_the_log(lab):
    # He has to be let guess for that.
    server = lab.server(config=lambda port: standard(port, "failed_logins=0\n"))
    peer = lab.peer(server, user="6001")
    challenge = None
    for count in range(1, 301):
        challenge, answer = guess(peer, "6001", "guess", count, challenge)
        check(answer.status == 401, f"a guess is answered {answer}")
    guess(peer, "6001", PASSWORDS["6001"])
    server.wait_log("contact added aor=6001")  # what comes before it is in the log too
    lines = server.log.count("failed login")
    check(0 < lines < 150, f"300 guesses are {lines} lines")


def scenario_a_phone_that_leaves_is_forgotten(lab):
    server = lab.server()
    phone = lab.baresip("6001", server).registered()
    phone.process.signal(signal.SIGTERM)
    within(lambda: f"127.0.0.1:{phone.port}" not in server.contacts(), "the contact goes")
