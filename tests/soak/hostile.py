# SPDX-License-Identifier: BSD-2-Clause
"""Peers that vanish in the middle of things, and datagrams that are no SIP.

Who is called by these names: `silent` never answers, `rings` says 180 and no more, `answers` says
200 once and never BYE, `busy` says 486, `refuses` has no socket (the kernel answers), `strange`
answers what cannot be understood.  The callers do one of: never an ACK; CANCEL; ACK and never a BYE;
go at once.
"""
import itertools
import random
import secrets
import socket
import threading

from lab.sip import Message

from setting import DOMAIN, MALFORMED, ROOT, VANISHING

CALLEES = ("silent", "rings", "answers", "busy", "refuses", "strange")
CALLERS = ("no ack", "cancel", "no bye", "gone")
POLL_S = 0.02
MUTATIONS_MAX = 8


def udp_socket(host):
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.bind((host, 0))
    one.settimeout(POLL_S)
    return one


def address_of(one):
    return "%s:%d" % one.getsockname()


class Periodic(threading.Thread):
    """Does turn() `rate` times a second until it is stopped; between, listen()s."""

    def __init__(self, rate):
        super().__init__(daemon=True)
        self.rate = rate
        self.ending = threading.Event()
        self.fault = None

    def run(self):
        try:
            while not self.ending.wait(1 / self.rate):
                self.turn()
        except Exception as error:  # pylint: disable=broad-except  (told at the end)
            self.fault = f"{type(self).__name__}: {error!r}"

    def finish(self):
        self.ending.set()
        self.join()


class Callees(threading.Thread):
    """The phones behind the static contacts."""

    def __init__(self):
        super().__init__(daemon=True)
        self.sockets = {name: udp_socket(VANISHING) for name in CALLEES}
        self.addresses = {name: address_of(one) for name, one in self.sockets.items()}
        self.sockets.pop("refuses").close()
        self.invited = 0
        self.ending = False

    def run(self):
        while not self.ending:
            for name, one in self.sockets.items():
                try:
                    data, source = one.recvfrom(65536)
                except OSError:  # nothing came, or somebody who called us is gone
                    continue
                self.on_datagram(name, one, data, source)

    def on_datagram(self, name, one, data, source):
        request = Message(data.decode(errors="replace"))
        if request.method != "INVITE" or request.status:
            return
        self.invited += 1
        if name == "rings":
            one.sendto(self.answer(request, "180 Ringing", one), source)
        elif name == "answers":
            one.sendto(self.answer(request, "200 OK", one), source)
        elif name == "busy":
            one.sendto(self.answer(request, "486 Busy Here", one), source)
        elif name == "strange":
            text = self.answer(request, "200 OK", one)
            one.sendto(text.replace(b"CSeq: ", b"CSeq: 9"), source)
            one.sendto(text[:len(text) // 2], source)

    @staticmethod
    def answer(request, status, one):
        lines = [f"SIP/2.0 {status}"]
        lines += [f"{name}: {value}" for name, value in request.fields
                  if name in ("Via", "Record-Route", "From", "Call-ID", "CSeq")]
        lines += [f"To: {request['To']};tag={secrets.token_hex(4)}",
                  f"Contact: <sip:{address_of(one)}>", "Content-Length: 0", "", ""]
        return "\r\n".join(lines).encode()

    def finish(self):
        self.ending = True
        self.join()
        for one in self.sockets.values():
            one.close()


class Vanishing(Periodic):
    """Calls every kind of callee as every kind of caller, in turn."""

    def __init__(self, port, rate):
        super().__init__(rate)
        self.server = ("127.0.0.1", port)
        self.kinds = itertools.cycle(itertools.product(CALLERS, CALLEES))
        self.calls = 0

    def turn(self):
        caller, callee = next(self.kinds)
        self.calls += 1
        with udp_socket(VANISHING) as one:
            call = Call(one, self.server, callee)
            call.send("INVITE")
            if caller != "gone":
                self.go_on(call, caller)

    @staticmethod
    def go_on(call, caller):
        answer = call.receive()
        while answer is not None:
            if caller == "cancel" and answer.status == 180:
                call.send("CANCEL")
            if caller == "no bye" and answer.method == "INVITE" and answer.status >= 200:
                call.acknowledge(answer)
            answer = call.receive()
        if caller == "cancel":
            call.send("CANCEL")


class Call:
    def __init__(self, one, server, callee):
        self.socket = one
        self.server = server
        self.uri = f"sip:{callee}@{DOMAIN}"
        self.names = {name: secrets.token_hex(8) for name in ("branch", "tag", "call_id")}

    def text(self, method, uri, to, fields=()):
        branch = self.names["branch"] + ("ack" if method == "ACK" else "")
        return "\r\n".join((
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {address_of(self.socket)};rport;branch=z9hG4bK{branch}",
            "Max-Forwards: 70", f"From: <sip:caller@{DOMAIN}>;tag={self.names['tag']}",
            f"To: {to}", f"Call-ID: {self.names['call_id']}",
            f"CSeq: 1 {method}", f"Contact: <sip:caller@{address_of(self.socket)}>", *fields,
            "Content-Length: 0", "", "")).encode()

    def send(self, method):
        self.socket.sendto(self.text(method, self.uri, f"<{self.uri}>"), self.server)

    def acknowledge(self, answer):
        """Along its Record-Route, as a caller does that means to talk."""
        routes = [f"Route: {value}" for value in reversed(answer.all("Record-Route"))]
        target = answer["Contact"].strip("<>") or self.uri
        self.socket.sendto(self.text("ACK", target, answer["To"], routes), self.server)

    def receive(self):
        """What comes within a moment; None: nothing."""
        try:
            return Message(self.socket.recv(65536).decode(errors="replace"))
        except OSError:
            return None


class Malformed(Periodic):
    """The torture files and the benchmark's messages, as they are and damaged by a seed."""

    def __init__(self, port, rate, seed):
        super().__init__(rate)
        self.server = ("127.0.0.1", port)
        self.random = random.Random(seed)
        self.texts = [file.read_bytes() for folder in ("tests/torture", "bench/corpus")
                      for file in sorted((ROOT / folder).iterdir())
                      if file.suffix in (".dat", ".sip")]
        self.next = 0
        self.sent = 0

    def damaged(self, text):
        text = bytearray(text)
        for _ in range(self.random.randrange(MUTATIONS_MAX)):
            at = self.random.randrange(len(text))
            kind = self.random.randrange(3)
            if kind == 0:
                text[at] = self.random.randrange(256)
            elif kind == 1:
                del text[at:at + self.random.randrange(1, 40)]
            else:
                text[at:at] = text[at:at + self.random.randrange(1, 400)]
            if not text:
                return b"\r\n\r\n"
        return bytes(text[:60000])

    def turn(self):
        # A socket each: what is answered finds nobody any more, and the kernel says so.
        with udp_socket(MALFORMED) as one:
            text = self.texts[self.next % len(self.texts)]
            whole = self.next < len(self.texts)
            one.sendto(text if whole else self.damaged(text), self.server)
        self.next += 1
        self.sent += 1
