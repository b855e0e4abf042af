# SPDX-License-Identifier: BSD-2-Clause
"""Phones with several flows (RFC 5626), behind an edge proxy (RFC 3327), with GRUUs (RFC 5627)."""
import re
import socket
import threading

from cases.messages import in_a_domain
from cases.tcp import talk
from lab import check
from lab.config import PASSWORDS, phone, standard, transports
from lab.wait import within


class Relay:
    """The server's TCP port at another address, which can be cut off."""
    HOST = "127.0.0.2"

    def __init__(self, server):
        self.target = (server.address, server.port)
        self.host = f"{self.HOST}:{server.port}"
        self.listening = socket.create_server((self.HOST, server.port))
        self.ends = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self.listening.accept()
            except OSError:
                return
            far = socket.create_connection(self.target)
            self.ends += [near, far]
            for here, there in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(here, there), daemon=True).start()

    @staticmethod
    def _pass(here, there):
        try:
            while got := here.recv(65536):
                there.sendall(got)
        except OSError:
            pass

    def cut(self):
        self.listening.close()
        for end in self.ends:
            end.shutdown(socket.SHUT_RDWR)
            end.close()


def flows_of(server, user):
    return re.findall(rf"^{user} .*$", server.contacts(), re.MULTILINE)


def scenario_a_phone_with_two_flows_is_called_by_the_other_when_one_is_gone(lab):
    """baresip by TCP and by UDP: one INVITE, whatever is left of them."""
    server = lab.server(config=lambda port: standard(port, f"domain={Relay.HOST}"))
    relay = Relay(server)
    callee = lab.baresip("6002", server, account=(
        f';outbound="sip:{relay.host};transport=tcp"'
        f';outbound2="sip:{server.host}";sipnat=outbound'))
    within(lambda: len(flows_of(server, "6002")) == 2, "two flows are two bindings")
    caller = lab.baresip("6001", server).registered()
    talk(caller, callee, "udp")
    check(len({one["Via"] for one in callee.received("INVITE", 0)}) <= 1 and
          len({one["Via"] for one in callee.messages("INVITE", 0)}) == 1, "one flow is called")
    caller.hang_up()
    callee.wait("CALL_CLOSED")
    relay.cut()
    within(lambda: len(flows_of(server, "6002")) == 1, "one flow goes with its connection")
    mark = caller.mark()
    caller.dial(callee.aor)
    caller.wait("CALL_RINGING", mark)


def edge(port):
    """It knows everybody by his address, and has no phones of its own."""
    return ("[global]\ntype=global\nlog_level=debug\ndomain=edge.test\n\n" + transports(port) +
            "[all]\ntype=endpoint\nidentify_by=ip\n\n"
            "[all]\ntype=identify\nendpoint=all\nmatch=127.0.0.1\n\n")


def registrar(port):
    text = "[global]\ntype=global\nlog_level=debug\n\n" + transports(port)
    return text + "".join(phone(name, password, support_path="yes")
                          for name, password in PASSWORDS.items())


def scenario_a_phone_behind_an_edge_proxy_is_called_by_its_flow(lab):
    """baresip registers elsewhere by way of us: Path, `ob`, and 430 when its flow is gone."""
    server = lab.server(config=registrar)
    trace = lab.trace(server)
    between = lab.server(config=edge)
    callee = lab.baresip("6002", server, account=(
        f';outbound="sip:{between.host};transport=tcp";sipnat=outbound'))
    callee.registered()
    within(lambda: len(flows_of(server, "6002")) == 1, "it is registered")
    trace.wait_for(r"^Path: <sip:127\.0\.0\.1:\d+;lr;ob;fs=")
    caller = lab.baresip("6001", server).registered()
    talk(caller, callee, "udp")
    callee.hang_up()
    caller.wait("CALL_CLOSED")
    callee.kill()
    between.wait_log("connection closed")
    mark = caller.mark()
    caller.dial(callee.aor)
    caller.wait_received("INVITE", 480)
    caller.wait("CALL_CLOSED", mark)
    check(len(flows_of(server, "6002")) == 1, "the registrar knows nothing of connections elsewhere")


def scenario_linphonec_is_given_a_gruu_and_reached_by_it(lab):
    server = lab.server(config=in_a_domain)
    trace = lab.trace(server)
    sender = lab.linphone("6001", server, "phones.test")
    receiver = lab.linphone("6002", server, "phones.test")
    found = trace.wait_for(r'pub-gruu="(sip:6002@phones\.test;gr=[^"]+)"')
    sender.message(found.group(1), "the sage has come up")
    receiver.process.wait_for(r"Message received from sip:6001@phones\.test: .*has come up")
