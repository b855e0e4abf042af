# SPDX-License-Identifier: BSD-2-Clause
"""Connections that are of no use, of every kind, and go when others have come.

Who opens one says nothing; a byte each time; half a message; half a handshake of TLS; garbage where
TLS is spoken; HTTP that asks for no WebSocket, and frames without a mask; a length beyond any
limit; a lot, and reads nothing.  It is closed or reset, by turns.
"""
import collections
import itertools
import os
import socket
import struct

from hostile import Periodic
from setting import DOMAIN, STREAMING, STREAM_PORTS

KEPT = 40                # at a time

OPTIONS = "\r\n".join((
    f"OPTIONS sip:{DOMAIN} SIP/2.0", "Via: SIP/2.0/TCP phone.invalid;rport;branch=z9hG4bK%s",
    "Max-Forwards: 70", f"From: <sip:caller@{DOMAIN}>;tag=1", f"To: <sip:{DOMAIN}>",
    "Call-ID: useless-%s", "CSeq: 1 OPTIONS", "Content-Length: %s", "", ""))
HELLO = b"\x16\x03\x01\x02\x00\x01"
UPGRADE = (f"GET / HTTP/1.1\r\nHost: {DOMAIN}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Origin: http://bench.example\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: sip\r\n\r\n").encode()
MANY = 200


def options(name, length="0"):
    return (OPTIONS % (name, name, length)).encode()


class Useless(Periodic):
    """Opens one of each kind in turn."""

    def __init__(self, port, rate):
        super().__init__(rate)
        self.port = port
        self.opened = 0
        self.kept = collections.deque()   # (socket, what it says a byte of each time)
        self.kinds = itertools.cycle(sorted(self.sayings(0)))

    @staticmethod
    def sayings(number):
        """By kind: to whom, what is said at once, and what a byte at a time."""
        name = f"{os.getpid()}-{number}"
        whole = options(name)
        return {
            "silent": ("tcp", b"", b""),
            "silent tls": ("tls", b"", b""),
            "slow": ("tcp", b"", whole),
            "half": ("tcp", whole[:len(whole) // 2], b""),
            "half tls": ("tls", HELLO, b""),
            "garbage": ("tls", os.urandom(300), b""),
            "plain to tls": ("wss", whole, b""),
            "http": ("ws", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b""),
            "no mask": ("ws", UPGRADE + b"\x81\x05hello", b""),
            "long": ("tcp", options(name, "99999999"), b""),
            "deaf": ("tcp", b"".join(options(f"{name}-{i}") for i in range(MANY)), b""),
        }

    def turn(self):
        self.opened += 1
        transport, text, slowly = self.sayings(self.opened)[next(self.kinds)]
        one = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        one.bind((STREAMING, 0))
        one.settimeout(5)
        try:
            one.connect(("127.0.0.1", self.port + STREAM_PORTS[transport]))
            one.setblocking(False)
            one.send(text)
        except OSError:   # refused, or too much at once: no less useless
            pass
        self.kept.append([one, slowly])
        for kept in self.kept:
            self.go_on(kept)
        if len(self.kept) > KEPT:
            self.close(self.kept.popleft()[0], self.opened % 2 == 0)

    @staticmethod
    def go_on(kept):
        try:
            if kept[1]:
                kept[0].send(kept[1][:1])
                kept[1] = kept[1][1:]
        except OSError:   # the server has had enough
            kept[1] = b""

    @staticmethod
    def close(one, reset):
        if reset:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.close()

    def finish(self):
        super().finish()
        while self.kept:
            self.close(self.kept.popleft()[0], False)
