# SPDX-License-Identifier: BSD-2-Clause
"""Phones and generators that speak TCP: kept connections, calls across transports, bad streams."""
import socket

from cases.messages import in_a_domain
from lab import check
from lab.config import standard
from lab.sipp import answer, raw, request, wait
from lab.wait import within


def phone(lab, server, user, transport):
    return lab.baresip(user, server, transport=transport).registered()


def talk(caller, callee, transport):
    """From dialling until both hear each other; whoever calls says by what."""
    caller.dial(callee.aor + (f";transport={transport}" if transport == "tcp" else ""))
    callee.wait("CALL_INCOMING")
    caller.wait("CALL_RINGING")
    callee.accept()
    for one in (caller, callee):
        one.wait("CALL_ESTABLISHED")
    for one in (caller, callee):
        one.hears()


def invites(one):
    return [message for message in one.messages("INVITE", 0)]


def between(lab, caller_by, callee_by):
    """A call between the transports is record-routed once for each: RFC 5658."""
    server = lab.server()
    caller = phone(lab, server, "6001", caller_by)
    callee = phone(lab, server, "6002", callee_by)
    talk(caller, callee, caller_by)
    routes = ", ".join(invites(callee)[0].all("Record-Route")).split(", ")
    check(len(routes) == (1 if caller_by == callee_by else 2), f"Record-Route: {routes}")
    check((";transport=tcp" in routes[0]) == (callee_by == "tcp"), f"toward the callee: {routes}")
    check((";transport=tcp" in routes[-1]) == (caller_by == "tcp"), f"toward the caller: {routes}")
    callee.hang_up()
    caller.wait("CALL_CLOSED")
    callee.process.wait_for(r"^SIP/2.0 200 .*(\n.+)*\nCSeq: \d+ BYE")


def scenario_a_call_by_tcp(lab):
    between(lab, "tcp", "tcp")


def scenario_a_call_from_tcp_to_udp(lab):
    between(lab, "tcp", "udp")


def scenario_a_call_from_udp_to_tcp(lab):
    between(lab, "udp", "tcp")


def scenario_the_caller_is_told_at_once_when_the_callee_s_connection_breaks(lab):
    """Not by timer C, three minutes later."""
    server = lab.server()
    caller = phone(lab, server, "6001", "udp")
    callee = phone(lab, server, "6002", "tcp")
    caller.dial(callee.aor)
    caller.wait("CALL_RINGING")
    callee.kill()
    caller.wait_received("INVITE", 480)
    caller.wait("CALL_CLOSED")


def scenario_a_phone_goes_with_its_connection_and_comes_back_by_another(lab):
    """No call waits for who can't be reached; the other phone of the user is called."""
    server = lab.server()
    caller = phone(lab, server, "6001", "udp")
    gone = phone(lab, server, "6002", "tcp")
    check("6002" in server.ask("show", "contacts"), "registered")
    gone.kill()
    within(lambda: "6002" not in server.ask("show", "contacts"), "it goes with its connection")
    server.wait_log(r"contact lost aor=6002 ")
    caller.dial(gone.aor)
    caller.wait_received("INVITE", 480)
    caller.wait("CALL_CLOSED")
    back = phone(lab, server, "6002", "tcp")
    talk(caller, back, "udp")
    check(server.ask("show", "contacts").count("6002 ") == 1, "and one contact")


def scenario_linphonec_registers_and_sends_messages_by_tcp(lab):
    server = lab.server(config=in_a_domain)
    sender = lab.linphone("6001", server, "phones.test", transport="tcp")
    receiver = lab.linphone("6002", server, "phones.test", transport="tcp")
    sender.message(receiver.aor, "the rosemary is in flower")
    receiver.process.wait_for(r"Message received from sip:6001@phones\.test: .*is in flower")
    check(count_of(server, "connections.accepted") == 2, "each phone keeps its connection")


def asked_every_second(config):
    return lambda port: config(port).replace("type=global\n", "type=global\nkeep_alive_interval=1\n")


def scenario_a_baresip_that_is_asked_whether_it_lives_stays(lab):
    """It does not take the line ends for a message."""
    server = lab.server(config=asked_every_second(standard))
    caller = phone(lab, server, "6001", "tcp")
    callee = phone(lab, server, "6002", "tcp")
    within(lambda: count_of(server, "sent.keepalives") >= 6, "both are asked three times")
    talk(caller, callee, "tcp")
    check(count_of(server, "connections.accepted") == 2, "nobody has had to connect anew")


def scenario_a_linphonec_that_is_asked_whether_it_lives_stays(lab):
    server = lab.server(config=asked_every_second(in_a_domain))
    sender = lab.linphone("6001", server, "phones.test", transport="tcp")
    receiver = lab.linphone("6002", server, "phones.test", transport="tcp")
    within(lambda: count_of(server, "sent.keepalives") >= 6, "both are asked three times")
    sender.message(receiver.aor, "the thyme is cut")
    receiver.process.wait_for("is cut")
    check(count_of(server, "connections.accepted") == 2, "nobody has had to connect anew")


def scenario_sipp_registers_by_tcp(lab):
    """One connection for all, and one for each."""
    server = lab.server()
    steps = [request("REGISTER", "sip:[remote_ip]:[remote_port]",
                     fields=["Contact: <sip:tester@[local_ip]:[local_port];transport=tcp>;"
                             "+sip.instance=\"<urn:x:[call_number]>\""],
                     to="sip:tester@[remote_ip]:[remote_port]"), answer(200)]
    for mode in ("t1", "tn"):
        lab.sipp(f"register-{mode}", steps, server.host, count=2,
                 options=["-t", mode, "-max_socket", "100"]).passes()


def within_call(method, cseq):
    return raw([f"{method} [next_url] SIP/2.0",
                "Via: SIP/2.0/[transport] [local_ip]:[local_port];rport;branch=[branch]",
                "Max-Forwards: 70", "[routes]",
                "From: <sip:tester@[remote_ip]:[remote_port]>;tag=[pid]x[call_number]",
                "To: <sip:box@[remote_ip]:[remote_port]>[peer_tag_param]",
                "Call-ID: [call_id]", f"CSeq: {cseq} {method}"])


def answered(*more):
    return raw(["SIP/2.0 200 OK", "[last_Via:]", "[last_Record-Route:]", "[last_From:]",
                "[last_To:]" + (";tag=[call_number]" if more else ""), "[last_Call-ID:]",
                "[last_CSeq:]", *more])


def scenario_sipp_calls_by_tcp(lab):
    """A caller and a callee that the server has to dial, ten calls at once."""
    callee = lab.sipp("callee", [
        wait("INVITE"),
        answered("Contact: <sip:box@[local_ip]:[local_port];transport=[transport]>"),
        wait("ACK"), wait("BYE"), answered(),
    ], "127.0.0.1:9", count=10, options=["-t", "t1"])
    within(lambda: listens(callee.port), "the callee listens")
    server = lab.server(config=lambda port: standard(port, rest=(
        "[box]\ntype=endpoint\naors=box\nidentify_by=ip\n\n"
        f"[box]\ntype=aor\ncontact=sip:box@{callee.address}\\;transport=tcp\n")))
    lab.sipp("caller", [
        request("INVITE", "sip:box@[remote_ip]:[remote_port]",
                fields=["Contact: <sip:tester@[local_ip]:[local_port];transport=[transport]>"]),
        answer(100, optional=True), answer(200, 'rrs="true"'),
        within_call("ACK", 1), within_call("BYE", 2), answer(200),
    ], server.host, count=10, options=["-t", "t1"]).passes()
    callee.passes()
    check(count_of(server, "connections.opened") == 1, "one connection to the callee")
    check(count_of(server, "connections.accepted") == 1, "one from the caller")


def count_of(server, name):
    line = next(line for line in server.ask("show", "counters").splitlines() if name in line)
    return int(line.split()[-1])


def listens(port):
    with open("/proc/net/tcp", encoding="ascii") as file:
        return any(line.split()[1].endswith(f":{port:04X}") for line in file)


class Stream:
    """A connection to the server, as bytes."""

    def __init__(self, server):
        host, port = server.host.rsplit(":", 1)
        self.socket = socket.create_connection((host.strip("[]"), port))
        self.socket.settimeout(40)

    def say(self, text):
        self.socket.sendall(text.replace("\n", "\r\n").encode())

    def hear(self, until):
        got = b""
        while until.encode() not in got:
            more = self.socket.recv(4096)
            check(more, f"the connection was closed before {until!r}: {got!r}")
            got += more
        return got.decode()

    def ends(self):
        try:
            while self.socket.recv(4096):
                pass
        except ConnectionResetError:
            pass


def options(server, more="Content-Length: 0\n\n", call="a"):
    return (f"OPTIONS sip:{server.host} SIP/2.0\nVia: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK{call}\n"
            f"Max-Forwards: 70\nFrom: <sip:tester@{server.host}>;tag=1\nTo: <sip:{server.host}>\n"
            f"Call-ID: {call}\nCSeq: 1 OPTIONS\n{more}")


def scenario_an_answer_whose_connection_has_gone_goes_to_the_port_of_the_via(lab):
    """RFC 3261 18.2.2: to where the request came from, and to no third."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(20)
    phone_ = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    phone_.bind(("127.0.0.1", 0))
    phone_.settimeout(20)
    server = lab.server(config=lambda port: standard(port, rest=(
        "[box]\ntype=endpoint\naors=box\nidentify_by=ip\n\n"
        f"[box]\ntype=aor\ncontact=sip:box@127.0.0.1:{phone_.getsockname()[1]}\n")))
    stream = Stream(server)
    # The host of the Via is another one, which is not asked for.
    stream.say(f"INVITE sip:box@{server.host} SIP/2.0\nMax-Forwards: 70\n"
               f"Via: SIP/2.0/TCP 192.0.2.1:{listening.getsockname()[1]};branch=z9hG4bKgone\n"
               f"From: <sip:tester@{server.host}>;tag=1\nTo: <sip:box@{server.host}>\n"
               "Contact: <sip:tester@192.0.2.1>\nCall-ID: gone\nCSeq: 1 INVITE\n"
               "Content-Length: 0\n\n")
    stream.hear("SIP/2.0 100")
    invite, address = phone_.recvfrom(9000)
    stream.socket.close()
    server.wait_log("connection closed")
    head = {"Via": [], "From": [], "To": [], "Call-ID": [], "CSeq": [], "Record-Route": []}
    for line in invite.decode().split("\r\n"):
        if line.partition(":")[0] in head:
            head[line.partition(":")[0]].append(line)
    head["To"][0] += ";tag=2"
    busy = ["SIP/2.0 486 Busy Here", *sum(head.values(), []), "Content-Length: 0", "", ""]
    phone_.sendto("\r\n".join(busy).encode(), address)
    back, _ = listening.accept()
    back.settimeout(20)
    got = back.recv(9000)
    check(got.startswith(b"SIP/2.0 486") and b"Call-ID: gone" in got, f"{got!r}")
    check(count_of(server, "connections.responses.by_another") == 1, "counted")


def scenario_requests_in_pieces_and_many_at_once_by_tcp(lab):
    server = lab.server()
    stream = Stream(server)
    text = options(server)
    for char in text:
        stream.say(char)
    check(stream.hear("\r\n\r\n").startswith("SIP/2.0 200"), "in bytes")
    stream.say("".join(options(server, call=f"c{i}") for i in range(20)))
    # Each is a call of its own, and so they may be answered in any order.
    got = ""
    while got.count("\r\n\r\n") < 20:
        got += stream.hear("\r\n\r\n")
    check(all(f"Call-ID: c{i}\r\n" in got for i in range(20)), "many at once")
    stream.say("\n\n")
    stream.hear("\r\n")


def scenario_streams_that_can_not_be_read_are_closed(lab):
    server = lab.server()
    cases = [("Contact: <sip:a@192.0.2.1>\n\n", "400"),
             ("Content-Length: 10000000\n\n", "413"),
             ("Content-Length: 3\nl: 4\n\n", "400")]
    for more, status in cases:
        stream = Stream(server)
        stream.say(options(server, more))
        check(stream.hear("\r\n\r\n").startswith(f"SIP/2.0 {status}"), f"{more!r}")
        stream.ends()
    stream = Stream(server)
    stream.say("x" * 70000)
    stream.ends()
    server.wait_log(r"connection is closed peer=\S+ number=\d+ transport=tcp "
                    r'reason="400 no Content-Length in a stream"')
    # Nobody else noticed.
    stream = Stream(server)
    stream.say(options(server))
    check(stream.hear("\r\n\r\n").startswith("SIP/2.0 200"), "afterwards")


def scenario_a_source_has_a_bounded_number_of_connections(lab):
    server = lab.server(config=lambda port: standard(port, rest=(
        "[system]\ntype=system\nmax_connections_per_source=100\n")))
    streams = [Stream(server) for _ in range(100)]
    streams[-1].say(options(server))
    check(streams[-1].hear("\r\n\r\n").startswith("SIP/2.0 200"), "the last that it may have")
    Stream(server).ends()
    server.wait_log("connection refused .*it has as many as one source may have")
    streams[0].socket.close()
    within(lambda: is_answered(server), "another one, when one has gone")


def is_answered(server):
    try:
        stream = Stream(server)
        stream.say(options(server))
        return stream.socket.recv(4096).startswith(b"SIP/2.0 200")
    except OSError:
        return False
