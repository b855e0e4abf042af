# SPDX-License-Identifier: BSD-2-Clause
"""What no phone sends.  After any of it the server still answers."""
import random

from lab import check

MOST = 65507  # bytes of a datagram


def laboratory(lab):
    """A peer, and a registered contact, so that what passes the server has somewhere to go."""
    server = lab.server()
    peer, sink = lab.peer(server), lab.peer(server)
    answer = peer.final(peer.request("REGISTER", fields=[f"Contact: <sip:sink@{sink.host}>"],
                                     to=f"sip:tester@{server.host}"))
    check(answer.status == 200, f"REGISTER: {answer}")
    return server, peer


def samples(server, peer):
    tester = f"sip:tester@{server.host}"
    sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    contact = f"Contact: <sip:me@{peer.host}>"
    return [
        peer.request("INVITE", tester, [contact, "Content-Type: application/sdp"], sdp),
        peer.request("REGISTER", None, [contact + ";expires=60", "Expires: 60"], to=tester),
        peer.request("MESSAGE", tester, ["Content-Type: text/plain"], "hello"),
        peer.request("OPTIONS"),
        peer.request("CANCEL", tester),
        peer.request("BYE", tester, [f"Route: <sip:{server.host};lr>"]),
        peer.request("ACK", tester),
        b"SIP/2.0 200 OK\r\n" + peer.request("INVITE", tester).split(b"\r\n", 1)[1],
    ]


def scenario_truncated_messages(lab):
    server, peer = laboratory(lab)
    for sample in samples(server, peer):
        for end in range(0, len(sample), 5):
            peer.send(sample[:end])
        peer.alive()


def scenario_datagrams_of_64_kib(lab):
    server, peer = laboratory(lab)
    head = peer.request("MESSAGE", f"sip:tester@{server.host}").partition(b"Content-Length")[0]
    for filler in (b"\0", b"A", b" ", b"\r\n", b",", b'"', b"<", b"\xff", b"Via: SIP/2.0/UDP a\r\n"):
        peer.send((filler * MOST)[:MOST])
        peer.send((head + b"Subject: " + filler * MOST)[:MOST])
        peer.send((head + b"Content-Type: text/plain\r\n\r\n" + filler * MOST)[:MOST])
        peer.send((b"OPTIONS sip:" + filler * MOST)[:MOST])
        peer.alive()


def scenario_ten_thousand_header_fields(lab):
    server, peer = laboratory(lab)
    request = peer.request("OPTIONS", fields=["a: b"] * 10000)
    check(len(request) < MOST, "the datagram is too large for UDP")
    answer = peer.final(request)
    check(answer.status == 513, f"answered {answer}")
    peer.send(b"OPTIONS sip:x SIP/2.0\r\n" + b"a: b\r\n" * 10000 + b"\r\n")
    peer.alive()


def with_field(request, name, value):
    lines = request.split(b"\r\n")
    return b"\r\n".join(name + b": " + value if line.startswith(name + b":") else line
                        for line in lines)


def scenario_a_content_length_that_lies(lab):
    server, peer = laboratory(lab)
    uri = f"sip:tester@{server.host}"
    for value, status in ((b"6", 400), (b"70000", 413), (b"4294967297", 400), (b"-1", 400),
                          (b"99999999999999999999999", 400), (b"five", 400), (b"", 400)):
        request = peer.request("MESSAGE", uri, ["Content-Type: text/plain"], "hello")
        answer = peer.final(with_field(request, b"Content-Length", value))
        check(answer.status == status, f"Content-Length {value!r}: answered {answer}")
        check("length" in answer.first.lower(), f"{answer} does not name the field")
    peer.alive()


def scenario_a_cseq_out_of_range(lab):
    server, peer = laboratory(lab)
    for value in (b"4294967296 OPTIONS", b"99999999999999999999 OPTIONS", b"1 INVITE"):
        answer = peer.final(with_field(peer.request("OPTIONS"), b"CSeq", value))
        check(answer.status == 400 and "CSeq" in answer.first, f"CSeq {value!r}: {answer}")
    # What can't be read is repeated as it came.
    for value in (b"-1 OPTIONS", b"x OPTIONS", b"1"):
        answer = peer.final(with_field(peer.request("OPTIONS"), b"CSeq", value))
        check(answer.status == 400 and answer["CSeq"] == value.decode(), f"CSeq {value!r}: {answer}")
    # Without one nobody knows what is answered.
    mark = server.process.mark()
    peer.send(with_field(peer.request("OPTIONS"), b"CSeq", b""))
    server.wait_log('bad message dropped .* reason="CSeq"', mark)
    peer.alive()


def scenario_nul_bytes_and_bytes_that_are_not_utf_8(lab):
    server, peer = laboratory(lab)
    for sample in samples(server, peer):
        for place in range(0, len(sample), 7):
            for byte in (b"\0", b"\xff", b"\xc3\x28"):
                peer.send(sample[:place] + byte + sample[place:])
        peer.alive()


def scenario_binary_garbage(lab):
    _, peer = laboratory(lab)
    chance = random.Random(3261)
    for size in (0, 1, 2, 3, 4, 15, 16, 64, 255, 1000, 4095, 4096, 4097, 9000, 65000):
        for _ in range(20):
            peer.send(chance.randbytes(size))
        peer.alive()


def mutated(chance, message):
    message = bytearray(message)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        place = chance.randrange(len(message))
        end = min(len(message), place + chance.choice((1, 2, 8, 40)))
        kind = chance.randrange(5)
        if kind == 0:
            message[place] ^= 1 << chance.randrange(8)
        elif kind == 1:
            del message[place:end]
        elif kind == 2:
            message[place:place] = message[place:end] * chance.choice((1, 3, 50))
        elif kind == 3:
            message[place:place] = chance.choice(
                (b"\r\n", b"\0", b";", b",", b'"', b"<", b">", b"@", b":", b"%", b"\\", b"[",
                 b"]", b"=", b" ", b"\t", b"\r", b"\n", b"\r\n ", b"4294967296", b"-1"))
        else:
            other = chance.randrange(len(message))
            message[place:end] = message[other:other + end - place]
        message = message[:MOST] or bytearray(b"x")
    return bytes(message)


def scenario_two_thousand_mutations(lab):
    server, peer = laboratory(lab)
    chance = random.Random(2543)
    for _ in range(40):
        for sample in samples(server, peer):
            for _ in range(6):
                peer.send(mutated(chance, sample))
        peer.alive()


def scenario_what_belongs_to_nothing(lab):
    server, peer = laboratory(lab)
    uri = f"sip:tester@{server.host}"
    answer = peer.final(peer.request("CANCEL", uri))
    check(answer.status == 481, f"a CANCEL of nothing is answered {answer}")
    peer.send(peer.request("ACK", uri))
    for status in (100, 180, 200, 407, 487, 699):
        for method in ("INVITE", "BYE", "OPTIONS"):
            lines = peer.request(method, uri).split(b"\r\n", 1)[1]
            peer.send(f"SIP/2.0 {status} Whatever\r\n".encode() + lines)
    peer.alive()
