# SPDX-License-Identifier: BSD-2-Clause
"""Calls between two linphonec, by each transport and from one to another."""
from cases.messages import in_a_domain
from cases.tcp import count_of
from cases.tls import Side, with_tls
from lab import check


def between(lab, caller_by, callee_by):
    server, certificate = with_tls(lab, config=in_a_domain)

    def phone(user, by):
        return lab.linphone(user, Side(server) if by == "tls" else server, "phones.test",
                            transport=by, authority=certificate.file if by == "tls" else None)

    caller, callee = phone("6001", caller_by), phone("6002", callee_by)
    caller.call(callee)
    callee.answer(caller)
    caller.hang_up(callee)
    connections = [caller_by, callee_by].count("tcp") + [caller_by, callee_by].count("tls")
    check(count_of(server, "connections.accepted") == connections, "each keeps its connection")
    check(count_of(server, "connections.opened") == 0, "and is reached by it")


def scenario_linphonec_calls_linphonec_by_tcp(lab):
    between(lab, "tcp", "tcp")


def scenario_linphonec_calls_linphonec_by_tls(lab):
    between(lab, "tls", "tls")


def scenario_linphonec_calls_linphonec_from_tls_to_udp(lab):
    between(lab, "tls", "udp")


def scenario_linphonec_calls_linphonec_from_udp_to_tcp(lab):
    between(lab, "udp", "tcp")
