# SPDX-License-Identifier: BSD-2-Clause
"""IPv6, and between the families."""
from cases.among import hold
from cases.calls import talk
from lab import check
from lab.ports import has_ipv6


def phones(lab, *hosts, **settings):
    check(has_ipv6(), "this machine has no IPv6 loopback")
    server = lab.server()
    return [lab.baresip(user, server, host=host, **settings).registered()
            for user, host in zip(("6001", "6002"), hosts)]


def scenario_a_call_over_ipv6(lab):
    caller, callee = phones(lab, "::1", "::1")
    talk(caller, callee)
    routes = callee.wait_received("INVITE", 0).all("Record-Route")
    check(len(routes) == 1 and "[::1]" in routes[0], f"Record-Route: {routes}")
    callee.hang_up()
    caller.wait("CALL_CLOSED")
    callee.wait_received("BYE", 200)


def between(lab, caller_host, callee_host, hang_up):
    """A call between the families is record-routed once for each: RFC 5658."""
    caller, callee = phones(lab, caller_host, callee_host, one_family=False)
    caller.dial(f"sip:6002@{caller.server}")
    callee.wait("CALL_INCOMING")
    invite = callee.wait_received("INVITE", 0)
    routes = ", ".join(invite.all("Record-Route")).split(", ")
    wanted = ["[::1]" if ":" in host else "127.0.0.1" for host in (callee_host, caller_host)]
    check(len(routes) == 2, f"not record-routed twice: {routes}")
    for route, host in zip(routes, wanted):
        check(host in route and ";lr" in route, f"Record-Route {route} does not name {host}")
    callee.accept()
    for phone in (caller, callee):
        phone.wait("CALL_ESTABLISHED")
    callee.wait_received("ACK", 0)
    ender, other = (caller, callee) if hang_up == "caller" else (callee, caller)
    hold(ender, other)
    ender.hang_up()
    other.wait("CALL_CLOSED")
    ender.wait_received("BYE", 200)


def scenario_from_ipv4_to_ipv6_ended_by_the_caller(lab):
    between(lab, "127.0.0.1", "::1", "caller")


def scenario_from_ipv4_to_ipv6_ended_by_the_callee(lab):
    between(lab, "127.0.0.1", "::1", "callee")


def scenario_from_ipv6_to_ipv4_ended_by_the_caller(lab):
    between(lab, "::1", "127.0.0.1", "caller")


def scenario_from_ipv6_to_ipv4_ended_by_the_callee(lab):
    between(lab, "::1", "127.0.0.1", "callee")
