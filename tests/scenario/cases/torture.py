# SPDX-License-Identifier: BSD-2-Clause
"""The torture messages of tests/torture through the running server, in each role it plays.

What has to become of each says tests/torture/table.txt.  Each message comes from an address of its own,
for who sends much that can't be read is ignored (docs/overload.md).  After each the server answers
OPTIONS, and its counters show where the message went.
"""
import importlib.util
import pathlib
import re
import socket

from lab import check, within
from lab.building import ROOT, compile_module
from lab.config import standard
from lab.ports import has_ipv6
from lab.sip import Message
from lab.wait import Failure, PATIENCE_S

HERE = pathlib.Path(__file__).resolve().parent.parent
DOMAINS = ("example.com", "example.net", "example.org", "company.com", "chair-dnrc.example.com",
           "services.example.com", "registrar.example.com", "127.0.0.1", "[2001:db8::10]",
           "[2001:db8::10:5080]", "[2001:db8::192.0.2.1]")
AORS = ("user", "j.user", "vivekg", "kumiko", "UserB", "watson", "sips:user@example.com",
        "user\\;par=u@example.net", "user6", "first6", "zone6", "null", "route")
ROLE_MODULES = {"proxy": ("res_sip_proxy",), "registrar": ("res_sip_registrar",), "agent": ("agent",)}
MODULES = ("res_sip_endpoint_identifier_ip", "res_sip_options")
BAD = ("received.bad.answered", "received.bad.dropped", "received.bad.ignored")
COUNTED = ("received.requests", "received.responses", "received.stray.responses", "proxy.relayed", *BAD)


def table():
    spec = importlib.util.spec_from_file_location("table", ROOT / "tests/torture/table.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.rows()


def configuration(role, contacts):
    """Everybody is known by his address, and is asked for nothing."""
    def text(port):
        # Route of mpart01 names 127.0.0.1:5080: this makes it ours.
        own = ("external_signaling_address=192.0.2.200\nexternal_signaling_port=5080\n"
               "local_net=127.0.0.0/8\n")
        lines = ["[global]", "type=global", "log_level=debug", "authentication=none",
                 *(f"domain={domain}" for domain in DOMAINS),
                 f"[udp]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:{port}\n{own}",
                 f"[everybody]\ntype=endpoint\naors={','.join(AORS)}\n",
                 "[everybody]\ntype=identify\nendpoint=everybody\nmatch=127.0.0.0/8\nmatch=::1\n"]
        if has_ipv6():
            lines.append(f"[udp6]\ntype=transport\nprotocol=udp\nbind=[::1]:{port}\n")
        for name in AORS:
            lines.append(f"[{name}]\ntype=aor\nmax_contacts=5")
            if role == "proxy":
                lines.append(f"contact={contacts[name == 'user6']}")
        return "\n".join(lines) + "\n"
    return text


class Socket:
    """One end of a path: raw bytes."""

    def __init__(self, host, server=None):
        self.family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.socket(self.family, socket.SOCK_DGRAM)
        self.socket.bind((host, 0))
        if server is not None:
            self.socket.connect(("::1" if ":" in host else server.address, server.port))
        self.port = self.socket.getsockname()[1]
        self.host = f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"

    def receive(self, patience_s=PATIENCE_S):
        self.socket.settimeout(patience_s)
        return self.socket.recvfrom(65536)

    def waiting(self):
        """What is there already; None: nothing."""
        self.socket.setblocking(False)
        try:
            return self.socket.recv(65536)
        except BlockingIOError:
            return None

    def kill(self):
        self.socket.close()


def unfolded(data):
    """Line by line, head and body apart; a fold is two spaces, as the server writes it."""
    head, _, body = data.partition(b"\r\n\r\n")
    return re.sub(rb"\r\n([ \t])", rb"  \1", head).split(b"\r\n"), body


COMPACT = {"v": "via", "l": "content-length", "f": "from", "t": "to", "i": "call-id"}
# RFC 3261 16.6, and what was not there.
ADDED = {"via", "max-forwards", "record-route", "content-length", "max-breadth"}


def name_of(line):
    name = line.partition(b":")[0].strip().lower().decode(errors="replace")
    return COMPACT.get(name, name)


def value_of(line):
    return line.partition(b":")[2].strip()


def of_name(lines, name):
    return [value_of(line) for line in lines if name_of(line) == name]


def without_source(via):
    """A Via line without what its receiver writes into the topmost: received and rport."""
    return re.sub(rb";\s*(received|rport)(=[^;, ]*)?", b"", via)


def check_forwarded(row, got):
    """Only what RFC 3261 16.6 lists is changed; every other line and the body are as they came."""
    before, body = unfolded(row.bytes)
    after, body_after = unfolded(got)
    body = body[:int((of_name(before, "content-length") or [len(body)])[0])]
    check(body_after == body, f"{row.name}: the body is changed")
    check(after[0].split()[0] == before[0].split()[0], f"{row.name}: the method is {after[0]!r}")
    check(name_of(after[1]) == "via" and (b"127.0.0.1" in after[1] or b"[::1]" in after[1]),
          f"{row.name}: the first line is not our Via: {after[1]!r}")
    before = [line for line in before[1:] if name_of(line) not in ("max-forwards", "route")]
    top = next(place for place, line in enumerate(before) if name_of(line) == "via")
    added = []
    for line in after[2:]:
        if before and line == before[0]:
            del before[0]
            top -= 1
        elif before and top == 0 and without_source(line) == without_source(before[0]):
            del before[0]
            top -= 1
        else:
            added.append(name_of(line))
    check(not before, f"{row.name}: {before[:1]} is missing or changed in\n{got!r}")
    check(set(added) <= ADDED and len(added) == len(set(added)), f"{row.name}: {added} are added")


def answer_to(request):
    """200 of a peer's, with what an answer copies."""
    lines, _ = unfolded(request)
    copied = []
    for line in lines[1:]:
        name = name_of(line)
        if name == "to" and b"tag" not in line:
            line += b";tag=peer"
        if name in ("via", "from", "to", "call-id", "cseq", "record-route"):
            copied.append(line)
    return b"\r\n".join([b"SIP/2.0 200 OK", *copied, b"Content-Length: 0", b"", b""])


class Round:
    """One role's server, and who sends to it."""

    def __init__(self, lab, role):
        self.role = role
        self.lab = lab
        self.peers = [lab._keep(Socket("127.0.0.1"))]  # pylint: disable=protected-access
        if has_ipv6():
            self.peers.append(lab._keep(Socket("::1")))  # pylint: disable=protected-access
        contacts = [f"sip:peer@{peer.host}" for peer in self.peers]
        modules = lab.path("modules")
        if role == "agent":
            compile_module(HERE / "modules/agent.c", modules / "agent.so", lab.program)
        path = f"{modules}:{pathlib.Path(lab.program).parent / 'modules'}"
        self.server = lab.server(config=configuration(role, contacts + contacts[:1]),
                                 modules=(*MODULES, *ROLE_MODULES[role]),
                                 environment={"RES_SIP_MODULE_PATH": path})
        self.prober = lab.peer(self.server)
        self.number = 0

    def counters(self):
        """As `res_sip show counters` has them, without a program for each message."""
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(PATIENCE_S)
            control.connect(str(self.server.folder / "res_sip.sock"))
            control.sendall(b"show counters\n")
            text = b"".join(iter(lambda: control.recv(65536), b"")).decode()
        found = re.findall(r"^(\S+)\s+(\d+)", text, re.MULTILINE)
        counters = {name: int(value) for name, value in found if name in COUNTED}
        check(len(counters) == len(COUNTED), f"counters: {text[:200]}")
        return counters

    def sender(self, row):
        """Of an address that nobody else has."""
        self.number += 1
        if row.is_ipv6 and has_ipv6():
            return Socket("::1", self.server)
        return Socket(f"127.0.1.{self.number}", self.server)

    def forwarded(self, row, sender):
        peer = self.peers[row.is_ipv6 and has_ipv6()]
        try:
            got, source = peer.receive()
        except TimeoutError as late:
            raise Failure(f"{row.name}: not forwarded") from late
        check_forwarded(row, got)
        peer.socket.sendto(answer_to(got), source)
        return self.final(row, sender)

    @staticmethod
    def final(row, sender):
        while True:
            try:
                got, _ = sender.receive()
            except OSError as late:
                raise Failure(f"{row.name}: not answered") from late
            answer = Message(got.decode(errors="replace"))
            if answer.status >= 200:
                return got, answer

    def check_answer(self, row, got, answer, wanted):
        check(str(answer.status) == wanted, f"{row.name}: answered {answer}, not {wanted}")
        asked, _ = unfolded(row.bytes)
        given, _ = unfolded(got)
        for name in ("from", "call-id", "cseq"):
            back = of_name(given, name)
            check(back == of_name(asked, name)[:1], f"{row.name}: {name} comes back as {back}")
        check(len(of_name(given, "via")) == len(of_name(asked, "via")),
              f"{row.name}: not each Via comes back")
        wanted_field = row.answer_has[self.role]
        if wanted_field:
            name, _, value = wanted_field.partition(": ")
            check(", ".join(answer.all(name)) == value, f"{row.name}: {name}: {answer.all(name)}")
        if self.role == "registrar" and row.contacts:
            uris = sorted(re.findall(r"<([^>]*)>", ",".join(answer.all("Contact"))))
            check(uris == sorted(row.contacts), f"{row.name}: registered {uris}")

    def wanted_counts(self, row):
        does = row.does[self.role]
        response = row.bytes.startswith(b"SIP/")
        if not row.well_formed:
            return {"received.bad.dropped" if does == "silence" else "received.bad.answered": 1}
        if response:
            return {"received.responses": 1, "received.stray.responses": 1}
        if does == "forwarded":  # and the peer's answer
            return {"received.requests": 1, "received.responses": 1, "proxy.relayed": 1}
        return {"received.requests": 1}

    def play(self, row):
        before = self.counters()
        sender = self.sender(row)
        sender.socket.send(row.bytes)
        does = row.does[self.role]
        if does == "forwarded":
            got, answer = self.forwarded(row, sender)
            self.check_answer(row, got, answer, "200")
        elif does != "silence":
            self.check_answer(row, *self.final(row, sender), does)
        wanted = self.wanted_counts(row)

        def counted():
            now = self.counters()
            return {name: now[name] - before[name] for name in now if now[name] != before[name]}
        try:
            within(lambda: counted() == wanted, "", 5)
        except Failure as failure:
            raise Failure(f"{row.name}: counted {counted()}, not {wanted}") from failure
        self.prober.alive()
        for end in (sender, *self.peers):
            more = end.waiting()
            check(more is None, f"{row.name}: there is more: {more!r}")
        sender.kill()


def play(lab, role):
    round_ = Round(lab, role)
    failures = []
    for row in table():
        try:
            round_.play(row)
        except Failure as failure:
            failures.append(str(failure))
    check(not failures, "\n".join(failures))


def scenario_torture_messages_to_a_proxy(lab):
    play(lab, "proxy")


def scenario_torture_messages_to_a_registrar(lab):
    play(lab, "registrar")


def scenario_torture_messages_to_a_user_agent(lab):
    play(lab, "agent")


def scenario_torture_messages_to_a_registrar_that_asks(lab):
    """Who cares for passwords answers 401, an Authorization of an unknown scheme or not (3.3.7)."""
    domains = "".join(f"domain={domain}\n" for domain in DOMAINS)
    server = lab.server(config=lambda port: standard(port, domains))
    for row in table():
        if row.well_formed and row.bytes.startswith(b"REGISTER"):
            sender = Socket("127.0.0.1", server)
            sender.socket.send(row.bytes)
            _, answer = Round.final(row, sender)
            check(answer.status == 401 and "Digest" in answer["WWW-Authenticate"],
                  f"{row.name}: answered {answer}")
            sender.kill()
