# SPDX-License-Identifier: BSD-2-Clause
"""The proxy among others: two servers in a row, carriers, loops, and who may relay.

Server A and its phone are at 127.0.0.1, server B at 127.0.0.2 with its phone at 127.0.0.3, a
carrier at 127.0.0.4: on one host nothing else tells them apart.
"""
import re

from lab import check
from lab.config import OPEN_ENDPOINT, PASSWORDS, phone, standard
from lab.ports import free_port
from lab.sipp import answer, raw, request, wait

A, B, B_PHONE, CARRIER = "127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4"


def by_address(name, address, contacts=()):
    """An endpoint without credentials that is known by its address, with static contacts."""
    return (f"[{name}]\ntype=endpoint\naors={name}\nidentify_by=ip\n\n"
            f"[{name}]\ntype=identify\nendpoint={name}\nmatch={address}\n\n" +
            aor(name, *contacts))


def aor(name, *contacts):
    return f"[{name}]\ntype=aor\n" + "".join(f"contact={uri}\n" for uri in contacts) + "\n"


def at(address, *parts):
    """A configuration of `parts` for a server at `address`."""
    return lambda port: (
        f"[global]\ntype=global\nlog_level=debug\n\n"
        f"[udp]\ntype=transport\nprotocol=udp\nbind={address}:{port}\n\n" + "".join(parts))


class Pair:
    """A phone at each of two servers that know each other by address and ask for no password."""

    def __init__(self, lab):
        ports = {A: free_port(), B: free_port()}
        self.a = lab.server(port=ports[A], address=A, config=at(
            A, phone("6001", "rosemary 1"), by_address("b", B),
            aor("6002", f"sip:6002@{B}:{ports[B]}")))
        self.b = lab.server(port=ports[B], address=B, config=at(
            B, phone("6002", "thyme-2"), by_address("a", A),
            aor("6001", f"sip:6001@{A}:{ports[A]}")))
        self.caller = lab.baresip("6001", self.a, host=A).registered()
        self.callee = lab.baresip("6002", self.b, host=B_PHONE).registered()

    def talk(self):
        self.caller.dial(f"sip:6002@{self.a.host}")
        talk_on(self.caller, self.callee)
        routes = ", ".join(self.callee.wait_received("INVITE", 0).all("Record-Route")).split(", ")
        check([re.search(r"sip:([\d.:]+)", route).group(1) for route in routes] ==
              [self.b.host, self.a.host], f"Record-Route: {routes}")

    def end(self, ender):
        other = self.callee if ender is self.caller else self.caller
        ender.hang_up()
        other.wait("CALL_CLOSED")
        check(not other.wait_received("BYE", 0).all("Route"), "a Route is left in the BYE")
        ender.wait_received("BYE", 200)


def talk_on(caller, callee):
    callee.wait("CALL_INCOMING")
    caller.wait("CALL_RINGING")
    callee.accept()
    for one in (caller, callee):
        one.wait("CALL_ESTABLISHED")
    callee.wait_received("ACK", 0)


def hold(holder, other):
    """A re-INVITE passes, and so do its 200 and its ACK."""
    invites, acks = (len(other.received(method, 0)) for method in ("INVITE", "ACK"))
    holder.control.command("hold")
    other.process.output.wait(lambda: len(other.received("INVITE", 0)) > invites and
                              len(other.received("ACK", 0)) > acks,
                              "the re-INVITE and its ACK arrive")
    check("a=sendonly" in other.process.text, "the re-INVITE does not hold the call")


def scenario_two_servers_both_in_the_path_ended_by_the_caller(lab):
    pair = Pair(lab)
    pair.talk()
    hold(pair.caller, pair.callee)
    pair.end(pair.caller)


def scenario_two_servers_both_in_the_path_ended_by_the_callee(lab):
    pair = Pair(lab)
    pair.talk()
    hold(pair.callee, pair.caller)
    pair.end(pair.callee)


def scenario_two_servers_of_which_each_was_restarted_in_mid_call(lab):
    pair = Pair(lab)
    pair.talk()
    for server in (pair.a, pair.b):
        server.stop()
        server.start()
    pair.end(pair.callee)


def scenario_a_call_between_servers_is_cancelled(lab):
    pair = Pair(lab)
    pair.caller.dial(f"sip:6002@{pair.a.host}")
    pair.callee.wait("CALL_INCOMING")
    pair.caller.wait("CALL_RINGING")
    pair.caller.hang_up()
    pair.callee.wait("CALL_CLOSED")
    pair.caller.wait_received("INVITE", 487)
    pair.callee.wait_received("CANCEL", 0)


# ---- a carrier that has no credentials, and hangs a call up along the Route it was given ----

SDP = """v=0
o=- 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio [media_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000"""
CONTACT = "Contact: <sip:carrier@[local_ip]:[local_port]>"
VIA = ["Via: SIP/2.0/[transport] [local_ip]:[local_port];rport;branch=[branch]", "Max-Forwards: 70"]
KEEP = ('<action><ereg regexp=".*" search_in="hdr" header="From:" assign_to="from"/>'
        '<ereg regexp=".*" search_in="hdr" header="To:" assign_to="to"/></action>')


def called(code, reason, *fields, body=""):
    return raw([f"SIP/2.0 {code} {reason}", "[last_Via:]", "[last_Record-Route:]", "[last_From:]",
                "[last_To:];tag=carrier", "[last_Call-ID:]", "[last_CSeq:]", CONTACT, *fields], body)


def from_the_callee(method, uri, cseq, *fields):
    return raw([f"{method} {uri} SIP/2.0", *VIA, "From: [$to];tag=carrier", "To: [$from]",
                "Call-ID: [call_id]", f"CSeq: {cseq} {method}", *fields], retrans=True)


def hung_up_by_a_called_carrier(lab, configured):
    server = lab.server(config=lambda port: standard(
        port, rest=by_address("trunk", CARRIER) if configured else ""))
    steps = [
        f'  <recv request="INVITE" rrs="true">{KEEP}</recv>\n',
        called(180, "Ringing"),
        called(200, "OK", "Content-Type: application/sdp", body=SDP),
        wait("ACK"),
    ]
    if not configured:
        # Without our Route it is anybody: asked for a password, like a third party.
        steps += [from_the_callee("BYE", f"sip:6001@{server.host}", 1), answer(407)]
    steps += [from_the_callee("BYE", "[next_url]", 2, "[routes]"), answer(200)]
    callee = lab.sipp("carrier", steps, server.host, host=CARRIER).listening()
    caller = lab.baresip("6001", server, outbound=True).registered()
    caller.dial(f"sip:1234@{callee.address}")
    caller.wait("CALL_ESTABLISHED")
    caller.wait("CALL_CLOSED")
    callee.passes()
    check(not caller.sent("BYE", 0), "the phone hung up by itself")


def scenario_a_called_carrier_that_is_known_by_its_address_hangs_up(lab):
    hung_up_by_a_called_carrier(lab, True)


def scenario_a_called_carrier_that_nobody_has_configured_hangs_up(lab):
    hung_up_by_a_called_carrier(lab, False)


def from_the_caller(method, uri, cseq, to, *fields, body=""):
    return raw([f"{method} {uri} SIP/2.0", *VIA, "From: <sip:carrier@[local_ip]>;tag=carrier",
                to, "Call-ID: [call_id]", f"CSeq: {cseq} {method}", CONTACT, *fields], body,
               retrans=method != "ACK")


def scenario_a_carrier_that_called_hangs_up(lab):
    server = lab.server(config=lambda port: standard(port, rest=by_address("trunk", CARRIER)))
    phone_called = lab.baresip("6002", server).registered()
    caller = lab.sipp("carrier", [
        from_the_caller("INVITE", f"sip:6002@{server.host}", 1, f"To: <sip:6002@{server.host}>",
                        "Content-Type: application/sdp", body=SDP),
        answer(100, optional=True), answer(180, optional=True),
        answer(200, 'rrs="true"'),
        from_the_caller("ACK", "[next_url]", 1, f"To: <sip:6002@{server.host}>[peer_tag_param]",
                        "[routes]"),
        from_the_caller("BYE", "[next_url]", 2, f"To: <sip:6002@{server.host}>[peer_tag_param]",
                        "[routes]"),
        answer(200),
    ], server.host, host=CARRIER)
    phone_called.wait("CALL_INCOMING")
    phone_called.accept()
    phone_called.wait("CALL_ESTABLISHED")
    phone_called.wait("CALL_CLOSED")
    caller.passes()


# ---- loops ----


def ringed(lab, width):
    """`width` AORs at each of two servers, each with all those of the other as its contacts."""
    ports = {A: free_port(), B: free_port()}

    def aors(name, other, address):
        return [aor(f"{name}{i}", *(f"sip:{other}{j}@{address}:{ports[address]}"
                                    for j in range(width))) for i in range(width)]

    a = lab.server(port=ports[A], address=A, config=at(
        A, OPEN_ENDPOINT, by_address("b", B), *aors("here", "there", B)))
    b = lab.server(port=ports[B], address=B, config=at(
        B, by_address("a", A), *aors("there", "here", A)))
    return a, b


def call_by_hand(lab, server, uri, fields=()):
    """The final answer to an INVITE, acknowledged."""
    peer = lab.peer(server)
    data = peer.request("INVITE", uri, fields)
    final = peer.final(data)
    ack = data.replace(b"INVITE", b"ACK").replace(
        f"To: <{uri}>".encode(), f"To: {final['To']}".encode())
    peer.send(ack)
    return final


def counted(server, name):
    found = re.search(rf"^{re.escape(name)}\s+(\d+)", server.ask("show", "counters"), re.MULTILINE)
    check(found is not None, f"no counter {name}")
    return int(found.group(1))


def relayed(*servers):
    return sum(counted(server, "proxy.relayed") for server in servers)


def scenario_aors_that_point_at_each_other_over_a_server_end_in_482(lab):
    """RFC 5393 4: found by the one that sees the request again with nothing changed."""
    servers = ringed(lab, 1)
    final = call_by_hand(lab, servers[0], f"sip:here0@{servers[0].host}")
    check(final.status == 482, f"answered {final}")
    check(relayed(*servers) <= 6, f"sent on {relayed(*servers)} times")
    check(sum(counted(server, "proxy.loops") for server in servers) == 1, "not one loop was found")


def scenario_forks_of_forks_over_two_servers_stay_below_max_breadth(lab):
    """RFC 5393 5.  A loop is one only where an AOR comes again: without Max-Breadth there are more
    than (5!)^2 ways from the first AOR through all ten.
    """
    width = 5
    servers = ringed(lab, width)
    final = call_by_hand(lab, servers[0], f"sip:here0@{servers[0].host}")
    sent = relayed(*servers)
    print(f"{width} AORs at each of two servers: {sent} requests, {final.first}", flush=True)
    check(final.status in (440, 482), f"answered {final}")
    # At most 60 at a time, in branches that pass each AOR once, and the one that closes the loop.
    check(width * width < sent <= 60 * (2 * width + 1), f"sent on {sent} times")


def scenario_a_request_without_breadth_left_is_answered_440(lab):
    server = ringed(lab, 1)[0]
    final = call_by_hand(lab, server, f"sip:here0@{server.host}", ["Max-Breadth: 0"])
    check(final.status == 440, f"answered {final}")
    check(relayed(server) == 0, "it was sent on")


# ---- a domain that is not ours ----


def scenario_a_foreign_domain_with_and_without_the_right_to_relay(lab):
    """By password and by address: yes.  By a name in From, or as nobody: no."""
    server = lab.server(config=lambda port: standard(
        port, "failed_logins=0", by_address("trunk", CARRIER)))
    away = lab.sipp("away", [wait("MESSAGE"), raw([
        "SIP/2.0 200 OK", "[last_Via:]", "[last_From:]", "[last_To:];tag=away", "[last_Call-ID:]",
        "[last_CSeq:]"])], server.host, host=B, count=2).listening()
    uri = f"sip:bob@{away.address}"

    def send(user, host, *steps):
        lab.sipp(f"from-{user}", [request("MESSAGE", uri, user=user, body="hi"), *steps],
                 server.host, host=host).passes()

    send("6002", A, answer(407, 'auth="true"'),
         request("MESSAGE", uri, user="6002", body="hi", cseq=2, fields=[
             f"[authentication username=6002 password={PASSWORDS['6002']}]"]), answer(200))
    send("whoever", CARRIER, answer(200))
    away.passes()
    send("tester", A, answer(403))
    send("stranger", A, answer(407))
    check(counted(server, "proxy.relayed") == 2, f"relayed {counted(server, 'proxy.relayed')}")
