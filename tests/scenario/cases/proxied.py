# SPDX-License-Identifier: BSD-2-Clause
"""Phones behind a load balancer that speaks the PROXY protocol."""
import socket

from lab import check
from lab.config import OPEN_ENDPOINT, PASSWORDS, phone
from lab.ports import free_port
from lab.sip import Message
from lab.wait import PATIENCE_S, within

BALANCER = "127.0.0.9"


def behind(balancer_port):
    """A server whose peers reach it at the load balancer's address."""
    def config(port):
        return ("[global]\ntype=global\nlog_level=debug\n\n"
                "[tcp]\ntype=transport\nprotocol=tcp\n"
                f"bind=127.0.0.1:{port}\nproxy_protocol_from={BALANCER}\n"
                f"external_signaling_address=127.0.0.1\nexternal_signaling_port={balancer_port}\n\n"
                + "".join(phone(name, PASSWORDS[name]) for name in ("6001", "6002")))
    return config


def answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def a_call(lab, options):
    """The phones are known by their own addresses, and reached; inside of the call too."""
    port = free_port()
    server = lab.server(config=behind(port))
    balancer = lab.haproxy(port, server, BALANCER, options)
    within(lambda: answers(port), "haproxy listens")
    one = lab.baresip("6001", balancer, transport="tcp").registered()
    other = lab.baresip("6002", balancer, transport="tcp").registered()
    contacts = server.ask("show", "contacts", "--json")
    check(BALANCER not in contacts, f"the load balancer is nobody's address: {contacts}")
    one.dial(f"{other.aor};transport=tcp")
    other.wait("CALL_INCOMING")
    other.accept()
    for phone_ in (one, other):
        phone_.wait("CALL_ESTABLISHED")
        phone_.hears()
    route = other.messages("INVITE", 0)[0]["Record-Route"]
    check(f"127.0.0.1:{port}" in route, f"Record-Route names the load balancer: {route}")
    other.hang_up()
    one.wait("CALL_CLOSED")
    lines = [line for line in server.log.splitlines()
             if f"peer={BALANCER}" in line and " debug " not in line]
    check(not lines, f"an operator is told nothing of the load balancer's looks: {lines}")


def scenario_a_call_by_a_load_balancer_with_version_1(lab):
    a_call(lab, "send-proxy")


def scenario_a_call_by_a_load_balancer_with_version_2_that_looks_after_us(lab):
    a_call(lab, "send-proxy-v2 check inter 100ms check-send-proxy")


def scenario_a_load_balancer_without_the_protocol_is_told_in_the_log(lab):
    port = free_port()
    server = lab.server(config=behind(port))
    lab.haproxy(port, server, BALANCER, "")
    within(lambda: answers(port), "haproxy listens")
    with socket.create_connection(("127.0.0.1", port)) as peer:
        peer.settimeout(40)
        peer.sendall(b"OPTIONS sip:a SIP/2.0\r\n")
        check(peer.recv(10) == b"", "the connection is closed")
    server.wait_log(rf'peer={BALANCER}.* reason="it has no PROXY header"')


def scenario_a_phone_with_ipv6_before_the_load_balancer_is_reached_inside_of_a_call(lab):
    """The load balancer speaks IPv4 with us: no listener of ours fits the phone's address."""
    callee = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    callee.bind(("127.0.0.1", 0))
    callee.settimeout(PATIENCE_S)
    contact = "127.0.0.1:%d" % callee.getsockname()[1]
    server = lab.server(config=lambda port: (
        "[global]\ntype=global\nlog_level=debug\n\n"
        f"[udp]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:{port}\n\n"
        f"[tcp]\ntype=transport\nprotocol=tcp\nbind=127.0.0.1:{port}\n"
        f"proxy_protocol_from={BALANCER}\n\n" + OPEN_ENDPOINT +
        "[callee]\ntype=endpoint\naors=callee\n\n"
        f"[callee]\ntype=aor\ncontact=sip:callee@{contact}\n"))
    caller = socket.create_connection(
        ("127.0.0.1", server.port), PATIENCE_S, source_address=(BALANCER, 0))
    caller.sendall((
        "PROXY TCP6 2001:db8::7 2001:db8::1 51234 5060\r\n"
        f"INVITE sip:callee@{server.host} SIP/2.0\r\n"
        "Via: SIP/2.0/TCP [2001:db8::7]:51234;branch=z9hG4bK6\r\nMax-Forwards: 70\r\n"
        f"From: <sip:tester@{server.host}>;tag=a\r\nTo: <sip:callee@{server.host}>\r\n"
        "Call-ID: six\r\nCSeq: 1 INVITE\r\nContact: <sip:tester@[2001:db8::7]:51234;transport=tcp>\r\n"
        "Content-Length: 0\r\n\r\n").encode())
    data, source = callee.recvfrom(65536)
    invite = Message(data.decode())
    routes = [line for line in data.decode().split("\r\n") if line.startswith("Record-Route: ")]
    vias = [line for line in data.decode().split("\r\n") if line.startswith("Via: ")]
    callee.sendto("\r\n".join([
        "SIP/2.0 200 OK", *vias, *routes, f"From: {invite['From']}", f"To: {invite['To']};tag=b",
        f"Call-ID: {invite['Call-ID']}", f"CSeq: {invite['CSeq']}",
        f"Contact: <sip:callee@{contact}>", "Content-Length: 0", "", ""]).encode(), source)
    within(lambda: "SIP/2.0 200" in caller.recv(65536).decode(), "the caller is answered")
    callee.sendto("\r\n".join([
        f"BYE sip:tester@[2001:db8::7]:51234;transport=tcp SIP/2.0",
        f"Via: SIP/2.0/UDP {contact};branch=z9hG4bK7", "Max-Forwards: 70",
        *[line.replace("Record-Route", "Route") for line in routes],
        f"From: {invite['To']};tag=b", f"To: {invite['From']}", f"Call-ID: {invite['Call-ID']}",
        "CSeq: 1 BYE", "Content-Length: 0", "", ""]).encode(), source)
    within(lambda: caller.recv(65536).decode().startswith("BYE "), "the BYE comes to the caller")
    caller.close()
    callee.close()
