# SPDX-License-Identifier: BSD-2-Clause
"""Phones that speak TLS: calls across transports, certificates that change, half handshakes."""
import resource
import socket
import time

from cases.messages import in_a_domain
from cases.tcp import count_of, invites, options
from lab import check
from lab.certificates import Certificate
from lab.config import standard
from lab.wait import within


class Side:
    """The server as it is reached by TLS: at the port above."""

    def __init__(self, server):
        self.server = server
        self.host = f"{server.address}:{server.port + 1}"
        self.wait_log = server.wait_log


def with_tls(lab, config=standard, more="", **settings):
    certificate = Certificate(lab.path("keys"))
    server = lab.server(config=lambda port: config(port) + certificate.transport(port + 1, more),
                        **settings)
    return server, certificate


def phone(lab, server, user, transport, certificate=None):
    if transport == "tls":
        return lab.baresip(user, Side(server), transport="tls",
                           authority=certificate.file).registered()
    return lab.baresip(user, server, transport=transport).registered()


def talk(caller, callee, by):
    caller.dial(f"sip:{callee.user}@{caller.server}" + (";transport=tls" if by == "tls" else ""))
    callee.wait("CALL_INCOMING")
    caller.wait("CALL_RINGING")
    callee.accept()
    for one in (caller, callee):
        one.wait("CALL_ESTABLISHED")
    for one in (caller, callee):
        one.hears()


def between(lab, caller_by, callee_by):
    """A call between the transports is record-routed once for each: RFC 5658."""
    server, certificate = with_tls(lab)
    caller = phone(lab, server, "6001", caller_by, certificate)
    callee = phone(lab, server, "6002", callee_by, certificate)
    talk(caller, callee, caller_by)
    routes = ", ".join(invites(callee)[0].all("Record-Route")).split(", ")
    check(len(routes) == (1 if caller_by == callee_by else 2), f"Record-Route: {routes}")
    check((";transport=tls" in routes[0]) == (callee_by == "tls"), f"toward the callee: {routes}")
    check((";transport=tls" in routes[-1]) == (caller_by == "tls"), f"toward the caller: {routes}")
    via = invites(callee)[0].all("Via")[0]
    check(("SIP/2.0/TLS" in via) == (callee_by == "tls"), f"Via: {via}")
    callee.hang_up()
    caller.wait("CALL_CLOSED")
    callee.process.wait_for(r"^SIP/2.0 200 .*(\n.+)*\nCSeq: \d+ BYE")


def scenario_a_call_by_tls(lab):
    between(lab, "tls", "tls")


def scenario_a_call_from_tls_to_udp(lab):
    between(lab, "tls", "udp")


def scenario_a_call_from_udp_to_tls(lab):
    between(lab, "udp", "tls")


def scenario_linphonec_registers_and_sends_messages_by_tls(lab):
    server, certificate = with_tls(lab, config=in_a_domain)
    phones = [lab.linphone(user, Side(server), "phones.test", transport="tls",
                           authority=certificate.file) for user in ("6001", "6002")]
    phones[0].message(phones[1].aor, "the rosemary is in flower")
    phones[1].process.wait_for(r"Message received from sip:6001@phones\.test: .*is in flower")
    check(count_of(server, "connections.accepted") == 2, "each phone keeps its connection")


def client(lab, server, certificate, *more):
    """openssl, which shows what it is told and believes only our certificate."""
    return lab.process("s_client", [
        "openssl", "s_client", "-connect", Side(server).host, "-CAfile", str(certificate.file),
        "-verify_return_error", "-verify_ip", "127.0.0.1", "-crlf", "-ign_eof", *more], talks=True)


def say(process, text):
    for line in text.split("\n")[:-1]:
        process.say(line)


def scenario_openssl_s_client_is_answered(lab):
    server, certificate = with_tls(lab)
    for version in ("-tls1_2", "-tls1_3"):
        one = client(lab, server, certificate, version)
        one.wait_for(r"Verify return code: 0 \(ok\)")
        say(one, options(server, call=version))
        one.wait_for(r"SIP/2\.0 200 ")
    old = client(lab, server, certificate, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0")
    old.wait_for(r"alert protocol version")
    server.wait_log(r'notice transport: connection closed .* reason="unsupported protocol"')


def scenario_a_certificate_changes_in_mid_call(lab):
    server, certificate = with_tls(lab)
    phones = [phone(lab, server, user, "tls", certificate) for user in ("6001", "6002")]
    talk(*phones, "tls")
    accepted = count_of(server, "connections.accepted")
    check(" CN = sip.example.test" in shown(lab, server, certificate), "the first")
    certificate.make("other.example.test")
    check("has other certificates" in server.ask("reload"), "the reload says so")
    check(" CN = other.example.test" in shown(lab, server, certificate), "the second")
    check("nothing" not in server.ask("reload") and
          "has other certificates" not in server.ask("reload"), "nothing has changed since")
    phones[0].hang_up()
    phones[1].wait("CALL_CLOSED")
    phones[0].process.wait_for(r"^SIP/2.0 200 .*(\n.+)*\nCSeq: \d+ BYE")
    check(count_of(server, "connections.accepted") == accepted + 2, "the phones kept theirs")


def shown(lab, server, certificate):
    one = client(lab, server, certificate)
    one.wait_for(r"Verify return code: 0 \(ok\)")
    text = one.text
    one.kill()
    return text


def scenario_a_certificate_that_can_not_be_used_leaves_the_old_one(lab):
    server, certificate = with_tls(lab)
    good = certificate.file.read_text()
    certificate.file.write_text("no certificate at all\n")
    done = server.run("reload")
    check(done.returncode != 0 and "cert_file" in done.stdout + done.stderr and
          "no certificate in it" in done.stdout + done.stderr, f"{done}")
    server.wait_log("no certificate in it")
    certificate.file.write_text(good)
    shown(lab, server, certificate)


def scenario_a_certificate_that_ends_soon_is_told(lab):
    certificate = Certificate(lab.path("keys"), days=3)
    server = lab.server(config=lambda port: standard(port) + certificate.transport(port + 1))
    server.wait_log(r"warning transport: the certificate ends soon name=tls days=[23]")
    until = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 3 * 86400))
    check(until in server.ask("show", "transports"), server.ask("show", "transports"))


def half_open(port, count):
    """Connections that have begun a handshake, and do not go on."""
    hello = b"\x16\x03\x01\x02\x00\x01"
    found = []
    for _ in range(count):
        one = socket.create_connection(("127.0.0.1", port))
        one.sendall(hello)
        found.append(one)
    return found


ROUNDS = 5


def slowest(peer):
    """Of a hundred requests for an answer 99 take less, in seconds."""
    times = []
    for _ in range(200):
        began = time.monotonic()
        check(peer.final(peer.request("OPTIONS")).status == 200, "it is not answered")
        times.append(time.monotonic() - began)
    return sorted(times)[198]


def scenario_ten_thousand_half_handshakes_delay_nobody(lab):
    """As many as this process and the server may have of them.

    What the server does it does in each round; what the machine does beside is not in all of
    them, so the best says what an answer takes, and the others that nothing is worse by far."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    count = min(10000, most - 500)
    server, certificate = with_tls(
        lab, config=lambda port: standard(port, rest="[system]\ntype=system\n"
                                          "max_connections_per_source=0\n"
                                          "max_handshakes_per_source=0\n"
                                          "first_message_timeout=120000\n\n"))
    peer = lab.peer(server)
    held = half_open(server.port + 1, count)
    within(lambda: count_of(server, "connections.accepted") >= count, "all are there")
    rounds = sorted(slowest(peer) for _ in range(ROUNDS))
    print(f"{count} half handshakes: of OPTIONS 99% take less than "
          f"{rounds[0] * 1000:.2f} to {rounds[-1] * 1000:.2f} ms in {ROUNDS} rounds", flush=True)
    check(rounds[0] < 0.01, f"an answer takes {rounds}")
    check(rounds[ROUNDS // 2] < 0.1, f"an answer takes {rounds}")
    shown(lab, server, certificate)
    for one in held:
        one.close()
    within(lambda: "connections" in server.ask("show", "counters"), "it goes on")
