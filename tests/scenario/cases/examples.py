# SPDX-License-Identifier: BSD-2-Clause
"""What is in examples/, built and installed by each one's Makefile out of an installed prefix."""
import hashlib
import statistics
import time

from lab import check, within
from lab.building import Installed, USUAL
from lab.config import phone, standard, transports
from lab.peer import credentials
from lab.sipp import answer, request

TEXT = ["Content-Type: text/plain"]
SERVER = "[remote_ip]:[remote_port]"


def serve(lab, example, modules, config=standard, users=None):
    """A server out of the prefix with that example and a file of users beside its own."""
    installed = Installed.of(lab.program)
    installed.example(example, lab.path(example))
    lab.program = installed.program
    folder = lab.path("server")
    folder.mkdir()
    if users is not None:
        (folder / "users").write_text(users)
    return lab.server(folder=folder, modules=modules, config=config)


def scenario_autoresponder_answers_and_logs_the_text(lab):
    server = serve(lab, "autoresponder", (*USUAL, "autoresponder"))
    lab.sipp("sender", [request("MESSAGE", f"sip:echo@{SERVER}", fields=TEXT,
                                body="anybody there?"), answer(200)], server.host).passes()
    server.wait_log("notice autoresponder: from=sip:tester@.* text=anybody there\\?+$")
    check("autoresponder" in server.ask("show", "modules"), "not among the modules")
    lab.sipp("other", [request("MESSAGE", f"sip:nobody@{SERVER}", fields=TEXT, body="or there?"),
                       answer(404)], server.host).passes()


scenario_autoresponder_answers_and_logs_the_text.seconds = 90


def one_servant(port):
    """Whoever blocks it has all there is."""
    return standard(port, rest="[system]\ntype=system\nservants=1\n")


def scenario_slow_answer_blocks_for_a_second_and_nobody_notices(lab):
    server = serve(lab, "slow_answer", (*USUAL, "slow_answer"), one_servant)
    others, slow = lab.peer(server), lab.peer(server)
    others.alive()
    # Four more, so that one after another they would take five seconds.
    crowd = lab.sipp("slow", [request("MESSAGE", f"sip:slow@{SERVER}", fields=TEXT, body="!"),
                              answer(200)], server.host, count=4)
    begin = time.monotonic()
    slow.send(slow.request("MESSAGE", f"sip:slow@{server.host}", TEXT, "!"))
    slow.socket.setblocking(False)
    waits = []
    first = b""
    while not first:
        before = time.monotonic()
        others.alive()
        waits.append(time.monotonic() - before)
        try:
            first = slow.socket.recv(65536)
        except BlockingIOError:
            pass
        check(time.monotonic() < begin + 30, "the slow request has no answer")
    took = time.monotonic() - begin
    crowd.passes()
    check(first.startswith(b"SIP/2.0 200"), f"answered {first[:40]!r}")
    check(took >= 1, f"it did not block: answered after {took:.3f} s")
    said = (f"{len(waits)} OPTIONS meanwhile, median {1000 * statistics.median(waits):.2f} ms, "
            f"worst {1000 * max(waits):.1f} ms; the slow one {took:.2f} s")
    print(said, flush=True)
    check(len(waits) >= 20 and statistics.median(waits) < 0.1 and max(waits) < 1, said)


scenario_slow_answer_blocks_for_a_second_and_nobody_notices.seconds = 60

# The border controller is at 127.0.0.2; account `anna` has no password, 6001 has.
BORDER = """
[border]
type=endpoint
aors=border
identify_by=ip
trust_id_inbound=yes

[border]
type=aor

[border]
type=identify
endpoint=border
match=127.0.0.2

[trunk]
type=endpoint
aors=border
identify_by=ip

[trunk]
type=identify
endpoint=trunk
match=127.0.0.3

[anna]
type=endpoint
aors=anna
identify_by=ip

[anna]
type=aor
max_contacts=1
"""


def register(aor, account, cseq=1):
    return request("REGISTER", f"sip:{SERVER}", user=aor, to=f"sip:{aor}@{SERVER}", cseq=cseq,
                   fields=[f"X-Account: {account}", f"Contact: <sip:{aor}@[local_ip]:[local_port]>"])


def scenario_identifier_account_believes_the_border_controller_alone(lab):
    server = serve(lab, "identifier_account", ("identifier_account", *USUAL),
                   lambda port: standard(port, rest=BORDER))
    away = lab.peer(server)
    relay = [request("MESSAGE", f"sip:away@{away.host}", fields=["X-Account: anna", *TEXT],
                     body="hello")]
    # What it says is proved: anna may register, and send elsewhere.
    lab.sipp("anna", [register("anna", "anna"), answer(200)], server.host,
             host="127.0.0.2").passes()
    check("127.0.0.2" in server.contacts(), f"not registered: {server.contacts()}")
    outbound = lab.sipp("outbound", [*relay, answer(100, optional=True), answer(202)],
                        server.host, host="127.0.0.2")
    message = away.receive()
    check(message is not None and message.method == "MESSAGE", f"arrived: {message}")
    head = [line for line in message.fields if line[0] in ("Via", "From", "To", "Call-ID", "CSeq")]
    away.send(("SIP/2.0 202 Accepted\r\n" + "".join(f"{n}: {v}\r\n" for n, v in head) +
               "Content-Length: 0\r\n\r\n").encode())
    outbound.passes()
    # An account with a password still has to prove it, and anna is not 6001.
    lab.sipp("6001", [register("6001", "6001"), answer(401)], server.host,
             host="127.0.0.2").passes()
    lab.sipp("other", [register("6001", "anna"), answer(403)], server.host,
             host="127.0.0.2").passes()
    # From anywhere else it is a header like any other: a stranger, and a trunk that is known but
    # not believed.
    lab.sipp("stranger", [register("anna", "anna"), answer(401)], server.host).passes()
    lab.sipp("trunk", [register("anna", "anna"), answer(403)], server.host,
             host="127.0.0.3").passes()


scenario_identifier_account_believes_the_border_controller_alone.seconds = 60


def user_line(user, realm, password):
    return f"{user}:{realm}:{hashlib.md5(f'{user}:{realm}:{password}'.encode()).hexdigest()}\n"


def without_auth(port):
    text = ("[global]\ntype=global\nlog_level=debug\ndomain=phones.test\nfailed_logins=0\n"
            f"{transports(port)}")
    for name in ("6001", "6002"):
        text += f"[{name}]\ntype=endpoint\naors={name}\n[{name}]\ntype=aor\nmax_contacts=3\n"
    return text + phone("6003", "not in the file")


def own_authenticator():
    return [("authenticator_file" if name == "res_sip_authenticator_digest" else name)
            for name in USUAL]


def scenario_authenticator_file_lets_in_who_is_in_the_file_of_the_moment(lab):
    users = "# user:realm:HA1\n" + user_line("6001", "phones.test", "bay leaf")
    server = serve(lab, "authenticator_file", own_authenticator(), without_auth, users)
    file = server.folder / "users"
    lab.baresip("6001", server, password="bay leaf").registered()

    late = lab.baresip("6002", server, password="mint")
    late.wait_received("REGISTER", 401)
    check("6002" not in server.contacts(), "6002 is not in the file, and registered")
    mark = server.process.mark()
    new = file.with_suffix(".new")
    new.write_text(users + user_line("6002", "phones.test", "mint"))
    new.rename(file)
    server.wait_log(r"authenticator_file: .*/users: users=2$", mark)
    lab.baresip("6002", server, password="mint", label="again").registered()

    # Another instance takes its place, and the old one goes, its work and timer with it.
    check("is loaded anew" in server.ask("module", "reload", "authenticator_file"), "it is not")
    within(lambda: server.ask("show", "modules").count("\nauthenticator_file ") == 1,
           "the old instance goes")
    lab.baresip("6001", server, password="bay leaf", label="anew").registered()

    # A file with a mistake changes nothing, and says where it is.
    mark = server.process.mark()
    file.write_text("6001:phones.test:123\n")
    server.wait_log(r"error authenticator_file: .*/users:1: not `user:realm:HA1`", mark)
    lab.baresip("6001", server, password="bay leaf", label="still").registered()

    # Who is taken out stays out.
    mark = server.process.mark()
    file.write_text("")
    server.wait_log(r"authenticator_file: .*/users: users=0$", mark)
    lab.baresip("6001", server, password="bay leaf", label="out").wait_received("REGISTER", 401)
    server.wait_log("authentication: failed login source=127.0.0.1:.* user=6001 method=REGISTER "
                    "reason=wrong password", mark)


scenario_authenticator_file_lets_in_who_is_in_the_file_of_the_moment.seconds = 60


def scenario_authenticator_file_refuses_what_is_not_right(lab):
    users = "".join(user_line(user, "phones.test", "bay leaf") for user in ("6001", "stranger"))
    server = serve(lab, "authenticator_file", own_authenticator(), without_auth, users)
    uri = f"sip:{server.host}"

    def challenge(user):
        answered = lab.peer(server, user=user)
        found = answered.final(answered.request("OPTIONS"))
        check(found.status == 401, f"{user} is answered {found}")
        return answered, found["WWW-Authenticate"]

    def attempt(user, login, password, signed_uri=uri, changed=lambda text: text):
        peer, given = challenge(user)
        value = changed(credentials(given, login, password, "OPTIONS", signed_uri))
        return peer.final(peer.request("OPTIONS", uri, [f"Authorization: {value}"])).status

    check(attempt("6001", "6001", "bay leaf") == 200, "the right password")
    check(attempt("6001", "6001", "bay leaves") == 401, "a wrong one")
    check(attempt("6002", "6001", "bay leaf") == 401, "6002 with the password of 6001")
    check(attempt("stranger", "stranger", "bay leaf") == 401, "who has no endpoint")
    check(attempt("6003", "6003", "not in the file") == 401, "an auth section is not the file")
    check(attempt("6001", "6001", "bay leaf", "sip:else@where.test") == 401, "of another URI")
    check(attempt("6001", "6001", "bay leaf",
                  changed=lambda text: text.replace("qop=auth, ", "")) == 401, "without qop")
    check(attempt("6001", "6001", "bay leaf", changed=lambda text: text.replace(
        "algorithm=MD5", "algorithm=SHA-256")) == 401, "another algorithm")

    # The same words for who is known and who is not.
    words = [challenge(user)[1] for user in ("6001", "6002", "nobody")]
    shape = [[part for part in text.split(",") if "nonce" not in part] for text in words]
    check(shape[0] == shape[1] == shape[2], f"challenges differ: {words}")

    # A nonce that was used: stale, and good again with the next count.
    peer, given = challenge("6001")
    again = f"Authorization: {credentials(given, '6001', 'bay leaf', 'OPTIONS', uri)}"
    check(peer.final(peer.request("OPTIONS", uri, [again])).status == 200, "the first use")
    replay = peer.final(peer.request("OPTIONS", uri, [again]))
    check("stale=true" in replay["WWW-Authenticate"], f"a replay is answered {replay}")
    more = credentials(given, "6001", "bay leaf", "OPTIONS", uri, 2)
    check(peer.final(peer.request("OPTIONS", uri, [f"Authorization: {more}"])).status == 200,
          "the second count")


scenario_authenticator_file_refuses_what_is_not_right.seconds = 60
