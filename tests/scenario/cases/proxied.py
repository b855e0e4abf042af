# SPDX-License-Identifier: BSD-2-Clause
"""Phones behind a load balancer that speaks the PROXY protocol."""
import socket

from lab import check
from lab.config import PASSWORDS, phone
from lab.ports import free_port
from lab.wait import within

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
