# SPDX-License-Identifier: BSD-2-Clause
"""Names: the library's resolver and the server, real DNS servers with a zone of our own, and a silent one."""
import time

from lab import check
from lab.config import standard
from lab.ports import free_port
from lab.sipp import answer, raw, request, wait

ZONE = (
    "host-record=one.example.test,192.0.2.1",
    "host-record=two.example.test,192.0.2.2",
    "host-record=both.example.test,192.0.2.3,2001:db8::3",
    "host-record=example.test,192.0.2.80",
    "naptr-record=example.test,10,10,s,SIPS+D2T,,_sips._tcp.example.test",
    "naptr-record=example.test,20,10,s,SIP+D2U,,_sip._udp.example.test",
    "naptr-record=example.test,5,10,u,E2U+sip,!^.*$!sip:info@example.test!,.",
    "srv-host=_sips._tcp.example.test,one.example.test,5071,1,0",
    "srv-host=_sip._udp.example.test,two.example.test,5062,2,10",
    "srv-host=_sip._udp.example.test,one.example.test,5063,1,10",
    "srv-host=_sip._udp.plain.example.test,one.example.test,5064,1,0",
    "srv-host=_sip._tcp.plain.example.test,two.example.test,5065,1,0",
    "cname=alias.example.test,two.example.test",
)

# What a URI leads to, through that zone.
TARGETS = {
    "sip:example.test": "tls 192.0.2.1:5071",
    "sips:example.test": "tls 192.0.2.1:5071",
    "sip:example.test;transport=udp": "udp 192.0.2.1:5063, udp 192.0.2.2:5062",
    "sip:example.test:5080": "udp 192.0.2.80:5080",
    "sip:plain.example.test": "udp 192.0.2.1:5064, tcp 192.0.2.2:5065",
    "sip:ONE.example.test;transport=tcp": "tcp 192.0.2.1:5060",
    "sip:alias.example.test:5090": "udp 192.0.2.2:5090",
    "sip:nothing.example.test": "not found",
    "sip:one.elsewhere.test": "refused by who was asked",
}


def check_targets(found, uri, wanted):
    check(found == wanted, f"{uri} leads to {found}, not to {wanted}")


def scenario_targets_come_from_a_real_dns_server(lab):
    dns = lab.dns(*ZONE)
    resolver = lab.resolver(dns)
    for (_, found), (uri, wanted) in zip(resolver.ask(*TARGETS), TARGETS.items()):
        check_targets(found, uri, wanted)
    # Which is first depends on the addresses that this machine has.
    both = resolver.targets("sip:both.example.test:5060")
    check(sorted(both.split(", ")) == ["udp 192.0.2.3:5060", "udp [2001:db8::3]:5060"], both)
    asked = resolver.count("resolve.queries")
    for uri, wanted in TARGETS.items():
        if "elsewhere" not in uri:
            check_targets(resolver.targets(uri), uri, wanted)
    check(resolver.count("resolve.queries") == asked, "what is known is asked for again")
    resolver.end()


def scenario_a_hundred_asks_of_a_name_are_one_query(lab):
    dns = lab.dns(*ZONE)
    resolver = lab.resolver(dns)
    for _, found in resolver.ask(*["sip:one.example.test:5060"] * 100):
        check_targets(found, "sip:one.example.test:5060", "udp 192.0.2.1:5060")
    check(dns.asked("A", "one.example.test") == 1,
          f"it was asked {dns.asked('A', 'one.example.test')} times")
    resolver.end()


def scenario_a_dns_answer_too_long_for_a_datagram_comes_by_tcp(lab):
    dns = lab.dns("host-record=one.example.test,192.0.2.1",
                  *(f"srv-host=_sip._udp.example.test,one.example.test,{5100 + i},{i},0"
                    for i in range(50)))
    resolver = lab.resolver(dns)
    found = resolver.targets("sip:example.test;transport=udp")
    check_targets(found, "the long answer",
                  ", ".join(f"udp 192.0.2.1:{5100 + i}" for i in range(16)))
    # Cut off in a datagram, and whole by TCP.
    asked = dns.asked("SRV", "_sip._udp.example.test")
    check(asked == 2, f"it was asked {asked} times")
    resolver.end()


def scenario_a_dns_server_that_is_silent_holds_nobody_up(lab):
    resolver = lab.resolver(lab.silent_dns())
    resolver.late_ms()
    begin = time.monotonic()
    found = resolver.ask(*(f"sip:host{i}.example.test" for i in range(100)), "sip:192.0.2.9",
                         "sip:phone.invalid;transport=ws")
    spent = time.monotonic() - begin
    for spent_ms, words in found[:100]:
        check(words == "no answer in time", words)
        check(4900 <= spent_ms < 20000, f"the deadline of 5 s comes after {spent_ms} ms")
    check(found[100][1] == "udp 192.0.2.9:5060", found[100][1])
    check(found[101][1] == "not found", found[101][1])
    check(max(found[100][0], found[101][0]) < 1000, f"what needs no DNS waits: {found[100:]}")
    late_ms = resolver.late_ms()
    # A resolver that blocks would make it seconds.
    check(late_ms < 1000, f"another work's timer was {late_ms} ms late within {spent:.1f} s")
    resolver.end()


def scenario_a_silent_dns_server_has_another_behind_it(lab):
    dns = lab.dns(*ZONE)
    resolver = lab.resolver(lab.silent_dns(), dns)
    found = resolver.targets("sip:one.example.test:5060")
    check_targets(found, "sip:one.example.test:5060", "udp 192.0.2.1:5060")
    resolver.end()


# ---- the server ----

TRUNK = ("[trunk]\ntype=endpoint\naors=trunk\n\n"
         "[trunk]\ntype=aor\ncontact=sip:service@trunk.example.test\n\n"
         "[slow]\ntype=endpoint\naors=slow\n\n"
         "[slow]\ntype=aor\ncontact=sip:service@slow.example.test\n\n"
         "[system]\ntype=system\ntarget_timeout=500\n\n")

SERVICE = "sip:trunk@[remote_ip]:[remote_port]"


def asking(*servers):
    addresses = ",".join(one.address for one in servers)
    return lambda port: standard(port, f"nameservers={addresses}", TRUNK)


def trunk_zone(*ports):
    """trunk.example.test has a target on each of these ports, in this order."""
    return ("host-record=here.example.test,127.0.0.1",
            *(f"srv-host=_sip._udp.trunk.example.test,here.example.test,{port},{i},1"
              for i, port in enumerate(ports)))


def reply(status, fields=(), tag=";tag=service"):
    return raw([f"SIP/2.0 {status} Answer", "[last_Via:]", "[last_Record-Route:]", "[last_From:]",
                f"[last_To:]{tag}", "[last_Call-ID:]", "[last_CSeq:]", *fields])


CALLED = "Contact: <sip:service@[local_ip]:[local_port]>"


def in_call(method, cseq, ack=False):
    """Toward the Contact of the answer, along its Record-Route."""
    return raw([
        f"{method} [next_url] SIP/2.0",
        "Via: SIP/2.0/[transport] [local_ip]:[local_port];rport;branch=[branch]",
        "Max-Forwards: 70", "[routes]",
        "From: <sip:tester@[remote_ip]:[remote_port]>;tag=[pid]x[call_number]",
        "[last_To:]", "Call-ID: [call_id]", f"CSeq: {cseq} {method}"], retrans=not ack)


def scenario_a_call_goes_from_a_dead_target_to_one_that_answers(lab):
    silent = lab.silent_dns()  # any socket that takes everything and says nothing
    busy = lab.sipp("busy", [wait("INVITE"), reply(503), wait("ACK")], "127.0.0.1").listening()
    good = lab.sipp("good", [wait("INVITE", 'rrs="true"'), reply(200, [CALLED]), wait("ACK"),
                             wait("BYE"), reply(200, tag="")], "127.0.0.1").listening()
    dns = lab.dns(*trunk_zone(free_port(), busy.port, silent.port, good.port))
    server = lab.server(config=asking(dns))
    lab.sipp("caller", [
        request("INVITE", SERVICE, fields=["Contact: <sip:tester@[local_ip]:[local_port]>"]),
        answer(100, optional=True), answer(200, 'rrs="true"'), in_call("ACK", 1, ack=True),
        in_call("BYE", 2), answer(200)], server.host).passes()
    for one in (busy, good):
        one.passes()
    # The dead one, the busy one and the silent one are last now.
    good = lab.sipp("again", [wait("MESSAGE"), reply(200)], "127.0.0.1",
                    port=good.port).listening()
    begin = time.monotonic()
    peer = lab.peer(server)
    message = peer.final(peer.request("MESSAGE", f"sip:trunk@{server.host}"))
    check(message.status == 200, f"answered {message}")
    check(time.monotonic() - begin < 0.5, "a target that failed is tried first again")
    good.passes()
    check(dns.asked("SRV", "_sip._udp.trunk.example.test") == 1, "what is known is asked again")
    text = server.ask("show", "targets")
    check(f"127.0.0.1:{silent.port}" in text and "failed" in text, text)


def scenario_a_silent_dns_server_delays_nobody_else(lab):
    server = lab.server(config=asking(lab.silent_dns()))
    waiting = lab.peer(server)
    for _ in range(40):
        waiting.send(waiting.request("MESSAGE", f"sip:slow@{server.host}"))
    peer = lab.peer(server)
    begin = time.monotonic()
    for _ in range(20):
        peer.alive()
    spent = time.monotonic() - begin
    check(spent < 2, f"20 requests took {spent:.1f} s while others wait for a name")
    # They are told after the deadline of 5 s: nobody is there.
    told = waiting.receive(8)
    while told is not None and told.status == 100:
        told = waiting.receive(8)
    check(told is not None and told.status == 480, f"answered {told}")
    check(time.monotonic() - begin > 4.5, "the name was given up too early")


scenario_a_dns_server_that_is_silent_holds_nobody_up.seconds = 8
scenario_a_silent_dns_server_delays_nobody_else.seconds = 8
