# SPDX-License-Identifier: BSD-2-Clause
"""Phones behind routers that masquerade, and a server behind a 1:1 address.

Each in a network namespace of its own; the two phones have the same private address.
"""
import re

from lab import check, within
from lab.config import PASSWORDS, phone
from lab.network import MASQUERADE, ONE_TO_ONE

SERVER = "203.0.113.10"
ROUTERS = ("203.0.113.1", "203.0.113.2")
PRIVATE = "192.168.1.2"
GATEWAY = "192.168.1.1"


def configuration(address, transport="", **aor):
    """`aor`: options of each phone's."""
    def text(port):
        parts = [f"[global]\ntype=global\nlog_level=debug\n\n"
                 f"[udp]\ntype=transport\nbind={address}:{port}\n{transport}\n"]
        parts += [phone(name, PASSWORDS[name], **aor) for name in ("6001", "6002")]
        parts.append("[tester]\ntype=endpoint\n\n")
        return "".join(parts)
    return text


def home(network, public, label, outside):
    """A phone's namespace and its router's, which masquerades behind `outside`."""
    router = network.space(f"router{label}")
    inside = network.space(f"phone{label}")
    router.join(public, outside, interface="out", bridge="street")
    inside.join(router, PRIVATE, GATEWAY)
    inside.route_by(GATEWAY)
    router.forward_to(MASQUERADE)
    router.bindings_last(120)
    return inside, router


def street(network):
    """The public namespace: a bridge that has the server's address."""
    public = network.space("public")
    public.run("ip", "link", "add", "street", "type", "bridge")
    public.run("ip", "address", "add", f"{SERVER}/24", "dev", "street")
    public.run("ip", "link", "set", "street", "up")
    return public


class Town:
    """Two homes and the server."""

    def __init__(self, lab, expires_s=60, **aor):
        network = lab.network()
        public = street(network)
        homes = [home(network, public, "ab"[i], ROUTERS[i]) for i in range(2)]
        self.lab = lab
        self.inside = [one[0] for one in homes]
        self.routers = [one[1] for one in homes]
        self.server = lab.server(config=configuration(SERVER, **aor), space=public, address=SERVER)
        self.phones = [lab.baresip(user, self.server, space=space, expires_s=expires_s).registered()
                       for user, space in zip(("6001", "6002"), self.inside)]

    def contact(self, user):
        """The line of `show contacts`."""
        return next((line for line in self.server.contacts().splitlines()
                     if line.startswith(user)), "")

    def port(self, user):
        """Where the phone's router has it."""
        return int(re.search(r"203\.0\.113\.\d+:(\d+)", self.contact(user))[1])

    def asked(self):
        return int(re.search(r"qualify\.sent\s+(\d+)", self.server.ask("show", "counters"))[1])

    def wait_asked(self, more):
        """The server asks both phones each second: that is how time passes here."""
        wanted = self.asked() + more
        within(lambda: self.asked() >= wanted, f"{more} times asked")


def call(caller, callee):
    marks = caller.mark(), callee.mark()
    caller.dial(callee.aor)
    callee.wait("CALL_INCOMING", marks[1])
    caller.wait("CALL_RINGING", marks[0])
    callee.accept()
    caller.wait("CALL_ESTABLISHED", marks[0])
    callee.wait("CALL_ESTABLISHED", marks[1])


def end(who, other):
    mark = other.mark()
    count = len(who.received("BYE", 200))
    who.hang_up()
    other.wait("CALL_CLOSED", mark)
    within(lambda: len(who.received("BYE", 200)) > count, "the BYE is answered")


def hold_and_resume(who, other):
    """Two re-INVITEs, each answered and acknowledged."""
    for command in ("hold", "resume"):
        invites = len(other.received("INVITE", 0))
        answers = len(who.received("INVITE", 200))
        acks = len(other.received("ACK", 0))
        who.control.command(command)
        within(lambda: len(other.received("INVITE", 0)) > invites, f"{command} arrives")
        within(lambda: len(who.received("INVITE", 200)) > answers, f"{command} is answered")
        within(lambda: len(other.received("ACK", 0)) > acks, f"{command} is acknowledged")


def scenario_two_phones_behind_two_routers_call_each_other(lab):
    town = Town(lab)
    first, second = town.phones
    for user, router in zip(("6001", "6002"), ROUTERS):
        line = town.contact(user)
        check(f"@{PRIVATE}:" in line and f"{router}:" in line, f"registered as: {line}")
    for caller, callee in ((first, second), (second, first)):
        call(caller, callee)
        hold_and_resume(caller, callee)
        hold_and_resume(callee, caller)
        end(caller, callee)
        call(caller, callee)
        end(callee, caller)


def scenario_a_message_reaches_a_phone_behind_a_router(lab):
    town = Town(lab)
    sender = lab.peer(town.server, space=town.inside[0])
    answer = sender.final(sender.request("MESSAGE", town.phones[1].aor,
                                         ["Content-Type: text/plain", "Subject: from behind"],
                                         "a router"))
    check(answer.status == 200, f"answered {answer}")
    received = town.phones[1].wait_received("MESSAGE", 0)
    check(received["Subject"] == "from behind", f"another message came: {received['Subject']}")


def scenario_qualify_keeps_the_bindings_of_routers_open(lab):
    town = Town(lab, qualify_frequency=1, qualify_timeout="0.5")
    for router in town.routers:
        router.bindings_last(3)
    town.wait_asked(4)  # from here on each binding is one of 3 s
    ports = [town.port(user) for user in ("6001", "6002")]
    first, second = town.phones
    call(first, second)
    town.wait_asked(16)  # 8 s, in which nothing else passes
    end(second, first)
    town.wait_asked(16)
    call(second, first)
    end(second, first)
    check(ports == [town.port(user) for user in ("6001", "6002")], "a binding was lost")
    for user in ("6001", "6002"):
        check(" reachable" in town.contact(user), f"shown: {town.contact(user)}")


def scenario_a_phone_whose_binding_is_lost_is_unreachable_until_it_registers_again(lab):
    town = Town(lab, expires_s=8, minimum_expiration=1, qualify_frequency=2, qualify_timeout="0.5")
    first, second = town.phones
    port = town.port("6001")
    town.routers[0].bindings_last(1)  # less than what is between two questions
    within(lambda: "unreachable" in town.contact("6001"), "6001 is unreachable")
    town.routers[0].bindings_last(120)
    within(lambda: town.port("6001") != port and " reachable" in town.contact("6001"),
           "6001 is reachable at a new port")
    call(second, first)
    end(second, first)


def scenario_a_server_behind_a_1_to_1_address_has_phones_inside_and_outside(lab):
    network = lab.network()
    public = street(network)
    router = network.space("router")
    inside = network.space("server")
    desk = network.space("desk")
    router.join(public, "203.0.113.1", interface="out", bridge="street")
    router.run("ip", "address", "add", "203.0.113.20/24", "dev", "out")
    router.run("ip", "link", "add", "office", "type", "bridge")
    router.run("ip", "address", "add", "10.0.0.1/24", "dev", "office")
    router.run("ip", "link", "set", "office", "up")
    for space, address in ((inside, "10.0.0.10"), (desk, "10.0.0.11")):
        space.join(router, address, bridge="office")
        space.route_by("10.0.0.1")
    router.forward_to(ONE_TO_ONE, outer="203.0.113.20", inner="10.0.0.10")
    outside, _ = home(network, public, "a", "203.0.113.2")
    server = lab.server(config=configuration(
        "10.0.0.10", "external_signaling_address=203.0.113.20\nlocal_net=10.0.0.0/24\n"),
        space=inside, address="10.0.0.10")
    near = lab.baresip("6001", server, space=desk).registered()
    server.address = "203.0.113.20"  # as the world knows it
    far = lab.baresip("6002", server, space=outside).registered()
    for caller, callee in ((near, far), (far, near)):
        target = callee.aor.replace("203.0.113.20" if caller is near else "10.0.0.10",
                                    "10.0.0.10" if caller is near else "203.0.113.20")
        marks = caller.mark(), callee.mark()
        caller.dial(target)
        callee.wait("CALL_INCOMING", marks[1])
        callee.accept()
        caller.wait("CALL_ESTABLISHED", marks[0])
        callee.wait("CALL_ESTABLISHED", marks[1])
        hold_and_resume(caller, callee)
        hold_and_resume(callee, caller)
        end(callee, caller)
    for message in far.messages("INVITE", 0):
        if message.target == f"{far.host}:{far.port}":
            check("10.0.0." not in message["Via"], f"outside is told {message['Via']}")


def scenario_a_phone_that_moves_in_mid_call_still_gets_its_bye(lab):
    town = Town(lab, expires_s=4, minimum_expiration=1)
    first, second = town.phones
    for router, user, other in ((town.routers[0], "6001", second), (town.routers[1], "6002", first)):
        call(first, second)
        port = town.port(user)
        router.bindings_last(1)
        within(lambda u=user, p=port: town.port(u) != p, f"{user} is at a new port")
        router.bindings_last(120)
        port = town.port(user)
        within(lambda u=user, p=port: town.port(u) != p, f"{user} is at a port that stays")
        hold_and_resume(other, first if other is second else second)
        end(other, first if other is second else second)
