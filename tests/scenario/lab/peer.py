# SPDX-License-Identifier: BSD-2-Clause
"""A socket that speaks SIP by hand, for what no phone does."""
import hashlib
import re
import secrets
import socket

from lab.sip import Message
from lab.wait import Failure, PATIENCE_S

RETRANSMIT_S = 1.0


def _md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def credentials(challenge, user, password, method, uri, count=1):
    """The value of an Authorization field that answers an MD5 challenge."""
    fields = dict(re.findall(r'(\w+)="?([^",]*)"?', challenge))
    cnonce = secrets.token_hex(8)
    nc = f"{count:08x}"
    first = _md5(f"{user}:{fields['realm']}:{password}")
    second = _md5(f"{method}:{uri}")
    response = _md5(f"{first}:{fields['nonce']}:{nc}:{cnonce}:auth:{second}")
    return (f'Digest username="{user}", realm="{fields["realm"]}", nonce="{fields["nonce"]}", '
            f'uri="{uri}", response="{response}", opaque="{fields["opaque"]}", algorithm=MD5, '
            f'cnonce="{cnonce}", qop=auth, nc={nc}')


class Peer:
    def __init__(self, server, user="tester", host="127.0.0.1", space=None):
        self.server = server
        self.user = user
        self.count = 0
        self.socket = self._open() if space is None else space.within(self._open)
        host = host if space is None else space.address
        self.socket.bind((host, 0))
        self.socket.connect((server.address, server.port))
        self.host = f"{host}:{self.socket.getsockname()[1]}"

    @staticmethod
    def _open():
        return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def request(self, method, uri=None, fields=(), body="", to=None):
        """The bytes of a new request; each of `fields` is `Name: value`."""
        self.count += 1
        uri = uri or f"sip:{self.server.host}"
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.host};rport;branch=z9hG4bK{secrets.token_hex(8)}",
            "Max-Forwards: 70",
            f"From: <sip:{self.user}@{self.server.host}>;tag={secrets.token_hex(4)}",
            f"To: <{to or uri}>",
            f"Call-ID: {secrets.token_hex(8)}",
            f"CSeq: {self.count} {method}",
            *fields,
            f"Content-Length: {len(body)}",
        ]
        return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()

    def send(self, data):
        self.socket.send(data)

    def receive(self, patience_s=PATIENCE_S):
        """The next message, or None."""
        self.socket.settimeout(patience_s)
        try:
            return Message(self.socket.recv(65536).decode(errors="replace"))
        except OSError:  # late, or nobody there
            return None

    def final(self, data):
        """Sends a request, again if needed, and returns its final answer."""
        wanted = Message(data.decode(errors="replace"))["Call-ID"]
        for _ in range(int(PATIENCE_S / RETRANSMIT_S)):
            self.send(data)
            answer = self.receive(RETRANSMIT_S)
            while answer is not None:
                if answer["Call-ID"] == wanted and answer.status >= 200:
                    return answer
                answer = self.receive(RETRANSMIT_S)
        raise Failure(f"no answer to {data[:200]!r}")

    def alive(self):
        """The server answers OPTIONS."""
        answer = self.final(self.request("OPTIONS"))
        if answer.status != 200:
            raise Failure(f"OPTIONS is answered {answer.first}")

    def kill(self):
        self.socket.close()
