# SPDX-License-Identifier: BSD-2-Clause
"""Who is known by the certificate that he comes with: identify sections, match_certificate=."""
import secrets
import socket
import ssl
import time

from cases.explaining import explain, message, said
from lab import check
from lab.certificates import Authority, Certificate
from lab.config import phone, transports
from lab.peer import credentials
from lab.ports import free_port
from lab.sip import Message
from lab.wait import PATIENCE_S, within

TRUNK = ("[trunk]\ntype=endpoint\nidentify_by=certificate\n\n"
         "[trunk]\ntype=identify\nendpoint=trunk\n"
         "match_certificate=trunk.example.test, spare.example.test\n\n")


class Client:
    """A TLS client as Python has one, with a certificate or without."""

    def __init__(self, port, certificate=None, user="sip:somebody@elsewhere.test"):
        self.user = user
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        if certificate is not None:
            context.load_cert_chain(str(certificate))
        raw = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        self.socket = context.wrap_socket(raw)
        self.bytes = b""

    def request(self, method, uri, via="127.0.0.1", fields=(), to=None):
        lines = [f"{method} {uri} SIP/2.0",
                 f"Via: SIP/2.0/TLS {via};branch=z9hG4bK{secrets.token_hex(8)}",
                 "Max-Forwards: 70",
                 f"From: <{self.user}>;tag={secrets.token_hex(4)}",
                 f"To: <{to or uri}>",
                 f"Call-ID: {secrets.token_hex(8)}",
                 f"CSeq: 1 {method}",
                 *fields,
                 "Content-Length: 0"]
        return "\r\n".join(lines) + "\r\n\r\n"

    def send(self, text):
        self.socket.sendall(text.encode())

    def receive(self):
        """The next message, none of which has a body here; None: it was closed."""
        deadline = time.monotonic() + PATIENCE_S
        while b"\r\n\r\n" not in self.bytes:
            check(time.monotonic() < deadline, "nothing but keep-alives has come")
            more = self.socket.recv(65536)
            if not more:
                return None
            self.bytes = (self.bytes + more).lstrip(b"\r\n")
        head, self.bytes = self.bytes.split(b"\r\n\r\n", 1)
        return Message(head.decode() + "\r\n\r\n")

    def final(self, text):
        self.send(text)
        answer = self.receive()
        while answer is not None and answer.status < 200:
            answer = self.receive()
        return answer

    def close(self):
        self.socket.close()


def with_trunk(lab, more="verify_client=yes", rest=""):
    """A server that knows a trunk by its certificate; the authority and the server."""
    authority = Authority(lab.path("authority"))
    own = Certificate(lab.path("keys"))

    def config(port):
        return ("[global]\ntype=global\nlog_level=debug\n\n" + transports(port) +
                own.transport(port + 1, f"{more}\nca_list_file={authority.file}\n") +
                phone("6001", "rosemary 1") + TRUNK + rest)
    return lab.server(config=config), authority


def status(server, certificate):
    """What the owner of that certificate hears to a MESSAGE for a phone that is not there."""
    client = Client(server.port + 1, certificate)
    answer = client.final(client.request("MESSAGE", f"sip:6001@{server.host}"))
    client.close()
    return answer.status


def scenario_a_trunk_is_known_by_the_name_in_its_certificate(lab):
    server, authority = with_trunk(lab)
    for name in ("trunk.example.test", "spare.example.test"):
        check(status(server, authority.sign(name)) == 480, f"{name} is the trunk")
    check(status(server, authority.sign("other.example.test")) == 407, "another name is nobody")
    check(status(server, None) == 407, "who has none is nobody")
    stays = Client(server.port + 1, authority.sign("trunk.example.test"))
    within(lambda: "trunk.example.test" in server.ask("show", "connections"),
           "show connections names him")
    stays.close()
    server.wait_log(r'handshake done .* certificate="other\.example\.test"')
    server.wait_log(r'handshake done .* certificate="none proved"')
    for name, settings, reason in (
            ("trunk.example.test", {"days": -1}, "certificate has expired"),
            ("spare.example.test", {"self_signed": True}, "self-signed certificate")):
        closed_for(lab, server, authority.sign(name, **settings), reason)


def closed_for(lab, server, certificate, reason):
    """openssl is told so by an alert, and the log by a line."""
    client = lab.process("s_client", [
        "openssl", "s_client", "-connect", f"127.0.0.1:{server.port + 1}",
        "-cert", str(certificate), "-key", str(certificate), "-crlf", "-ign_eof"], talks=True)
    client.wait_for(r"alert (certificate expired|unknown ca)|tlsv1 alert")
    server.wait_log(f'connection closed .* reason="{reason}"')


def scenario_who_is_known_by_certificate_may_send_to_other_domains(lab):
    server, authority = with_trunk(lab)
    peer = lab.peer(server)
    for name, known in (("trunk.example.test", True), ("other.example.test", False)):
        client = Client(server.port + 1, authority.sign(name))
        client.send(client.request("MESSAGE", f"sip:far@{peer.host}"))
        if known:
            check(peer.receive().first.startswith("MESSAGE sip:far@"), "it is passed on")
        else:
            check(client.receive().status == 407, "a stranger is challenged")
        client.close()


def scenario_nobody_is_known_by_a_certificate_that_is_not_verified(lab):
    """The same certificate, from an authority that is trusted, where verify_client= is off."""
    server, authority = with_trunk(lab, more="verify_client=no")
    server.wait_log("match_certificate: no transport has verify_client=yes")
    check(status(server, authority.sign("trunk.example.test")) == 407, "it proves nothing")


def scenario_explain_says_whose_a_certificate_is(lab):
    server, _ = with_trunk(lab)
    path = message(server, "MESSAGE", "somebody", to=f"sip:6001@{server.host}")
    said(explain(server, path, "127.0.0.9", "--certificate", "trunk.example.test"),
         "identify: trunk", "certificate: trunk.example.test is in match_certificate= of the "
         "identify section trunk", "authenticate: not needed")
    said(explain(server, path, "127.0.0.9", "--certificate", "other.example.test"),
         "certificate: other.example.test is in no match_certificate= of an identify section",
         "identify: unknown")
    said(explain(server, path), "certificate: the peer has none that was verified")


def scenario_a_trunk_is_called_by_the_connection_that_it_has_opened(lab):
    """RFC 5923: nobody listens at its port, so there is no other way."""
    port = free_port()
    server, authority = with_trunk(lab, rest=(
        "[carrier]\ntype=aor\n"
        f"contact=sip:far@127.0.0.1:{port}\\;transport=tls\n\n"))
    caller = lab.peer(server, user="6001")
    cases = (("trunk.example.test", "127.0.0.1", ";alias", True),
             ("spare.example.test", "127.0.0.1", "", False),   # it offers nothing
             ("other.example.test", None, ";alias", False))    # another address is proved
    for name, address, alias, reached in cases:
        trunk = Client(server.port + 1, authority.sign(name, address=address))
        offer = trunk.request("OPTIONS", f"sip:{server.host}", via=f"127.0.0.1:{port}{alias}")
        check(trunk.final(offer).status in (200, 401), "it is heard")
        status = called(server, caller, trunk if reached else None)
        check(status == (200 if reached else 480), f"{name}{alias}: {status}")
        trunk.close()


def called(server, caller, trunk):
    """What the caller hears who sends a MESSAGE to the carrier; the trunk answers it."""
    request = caller.request("MESSAGE", f"sip:carrier@{server.host}")
    caller.send(request)
    answer = caller.receive()
    fields = ("Proxy-Authorization: " + credentials(
        answer["Proxy-Authenticate"], "6001", "rosemary 1", "MESSAGE",
        f"sip:carrier@{server.host}"),)
    caller.send(caller.request("MESSAGE", f"sip:carrier@{server.host}", fields))
    if trunk is not None:
        come = trunk.receive()
        check(come.first.startswith("MESSAGE sip:far@"), f"{come}")
        check(";alias" in come["Via"], f"we offer ours, too: {come['Via']}")
        trunk.send("SIP/2.0 200 OK\r\n" + "".join(
            f"{name}: {value}\r\n" for name in ("Via", "From", "To", "Call-ID", "CSeq")
            for value in come.all(name)) + "Content-Length: 0\r\n\r\n")
    return caller.receive().status


def scenario_sips_is_by_tls_or_not_at_all(lab):
    """RFC 5630, as phones see it that have registered by TLS and by UDP."""
    server, _ = with_trunk(lab)
    there = lab.baresip("6001", server).registered()
    user = f"sip:6001@127.0.0.1:{server.port + 1}"
    caller = Client(server.port + 1, user=user)
    uri = f"sips:6001@127.0.0.1:{server.port + 1}"
    answer = logged_in(caller, "MESSAGE", uri)
    check((answer.status, answer["Warning"]) == (480, '380 res_sip "SIPS Not Allowed"'),
          f"a phone by UDP is no way for sips: {answer} {answer['Warning']}")
    plain = lab.peer(server)
    refused = plain.final(plain.request("MESSAGE", uri))
    check(refused.status == 480 and refused["Warning"].startswith("380"), f"by UDP: {refused}")
    there.kill()
    secure = Client(server.port + 1, user=user)
    domain = f"sips:127.0.0.1:{server.port + 1}"
    answer = logged_in(secure, "REGISTER", domain, to=f"sips:6001@127.0.0.1:{server.port + 1}",
                       fields=("Contact: <sips:6001@127.0.0.1:9>", "Expires: 60"))
    check(answer.status == 200, f"{answer}")
    caller.send(caller.request("MESSAGE", uri, fields=(
        f"Proxy-Authorization: {login(caller, 'MESSAGE', uri)}",)))
    check(secure.receive().first == "MESSAGE sips:6001@127.0.0.1:9 SIP/2.0", "it comes by TLS")


class Listener:
    """A server of TLS that Python has made: who is called by us."""

    def __init__(self, certificate):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(str(certificate))
        self.socket = context.wrap_socket(socket.create_server(("127.0.0.1", 0)),
                                          server_side=True)
        self.socket.settimeout(PATIENCE_S)
        self.port = self.socket.getsockname()[1]

    def first_line(self):
        """Of what comes; empty where the caller is not content with us."""
        try:
            connection, _ = self.socket.accept()
            line = connection.recv(65536).decode().split("\r\n")[0]
            connection.close()
            return line
        except ssl.SSLError:
            return ""


def scenario_who_is_called_by_sips_has_to_prove_who_he_is(lab):
    """verify_server= is off."""
    authority = Authority(lab.path("peers"))
    listeners = {name: Listener(authority.sign(name, address=address, **settings))
                 for name, address, settings in (
                     ("good", "127.0.0.1", {}), ("other", "127.0.0.2", {}),
                     ("self", "127.0.0.1", {"self_signed": True}))}
    own = Certificate(lab.path("keys"))

    def config(port):
        text = ("[global]\ntype=global\nlog_level=debug\nauthentication=none\n\n" +
                transports(port) +
                own.transport(port + 1, f"ca_list_file={authority.file}\n"))
        for name, listener in listeners.items():
            for scheme, more in (("sips", ""), ("sip", "\\;transport=tls")):
                text += (f"[{scheme}-{name}]\ntype=aor\n"
                         f"contact={scheme}:x@127.0.0.1:{listener.port}{more}\n\n")
        return text + "[tester]\ntype=endpoint\n\n"
    server = lab.server(config=config)
    client = Client(server.port + 1, user=f"sip:tester@127.0.0.1:{server.port + 1}")
    for name, listener in listeners.items():
        for scheme in ("sip", "sips"):
            client.send(client.request(
                "MESSAGE", f"{scheme}:{scheme}-{name}@127.0.0.1:{server.port + 1}"))
            come = listener.first_line()
            wanted = "MESSAGE " if scheme == "sip" or name == "good" else ""
            check(come.startswith(wanted) and bool(come) == bool(wanted),
                  f"{scheme} to {name}: {come!r}")
    server.wait_log(r'reason="its certificate is for another name"')
    server.wait_log(r'reason="self-signed certificate"')


def login(client, method, uri, to=None):
    challenge = client.final(client.request(method, uri, to=to))
    return credentials(challenge["Proxy-Authenticate"] or challenge["WWW-Authenticate"],
                       "6001", "rosemary 1", method, uri)


def logged_in(client, method, uri, to=None, fields=()):
    name = "Authorization" if method == "REGISTER" else "Proxy-Authorization"
    return client.final(client.request(method, uri, to=to, fields=(
        *fields, f"{name}: {login(client, method, uri, to)}")))
