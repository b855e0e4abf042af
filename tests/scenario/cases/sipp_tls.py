# SPDX-License-Identifier: BSD-2-Clause
"""SIPp by TLS: it registers and calls, on one connection and on many."""
from cases.tcp import answered, count_of, listens, within_call
from cases.tls import Side, with_tls
from lab import check, sipp
from lab.certificates import Certificate
from lab.config import standard
from lab.sipp import answer, request, wait
from lab.wait import within

CALLS = 10
CONTACTS = 2


def by_tls(lab, certificate, mode):
    """What makes a SIPp of ours speak TLS and believe nobody but our certificate."""
    return {"program": sipp.with_tls(lab.program), "options": [
        "-t", mode, "-max_socket", "100", "-tls_cert", certificate.file,
        "-tls_key", certificate.key, "-tls_ca", certificate.file]}


def scenario_sipp_registers_by_tls(lab):
    """One connection for all, and one for each."""
    server, certificate = with_tls(lab)
    steps = [request("REGISTER", "sip:[remote_ip]:[remote_port]",
                     fields=["Contact: <sip:tester@[local_ip]:[local_port];transport=tls>;"
                             "+sip.instance=\"<urn:x:[call_number]>\""],
                     to="sip:tester@[remote_ip]:[remote_port]"), answer(200)]
    for accepted, mode in ((1, "l1"), (1 + CONTACTS, "ln")):
        lab.sipp(f"register-{mode}", steps, Side(server).host, count=CONTACTS,
                 **by_tls(lab, certificate, mode)).passes()
        check(count_of(server, "connections.accepted") == accepted, f"connections of {mode}")


def scenario_sipp_calls_by_tls(lab):
    """A caller, and a callee that the server has to dial and whose certificate it verifies."""
    certificate = Certificate(lab.path("keys"))
    tls = by_tls(lab, certificate, "l1")
    callee = lab.sipp("callee", [
        wait("INVITE"),
        answered("Contact: <sip:box@[local_ip]:[local_port];transport=[transport]>"),
        wait("ACK"), wait("BYE"), answered(),
    ], "127.0.0.1:9", count=CALLS, **tls)
    within(lambda: listens(callee.port), "the callee listens")
    server = lab.server(config=lambda port: standard(port, rest=(
        "[box]\ntype=endpoint\naors=box\nidentify_by=ip\n\n"
        f"[box]\ntype=aor\ncontact=sip:box@{callee.address}\\;transport=tls\n"
    )) + certificate.transport(
        port + 1, f"verify_server=yes\nca_list_file={certificate.file}\n"))
    lab.sipp("caller", [
        request("INVITE", "sip:box@[remote_ip]:[remote_port]",
                fields=["Contact: <sip:tester@[local_ip]:[local_port];transport=[transport]>"]),
        answer(100, optional=True), answer(200, 'rrs="true"'),
        within_call("ACK", 1), within_call("BYE", 2), answer(200),
    ], Side(server).host, count=CALLS, **tls).passes()
    callee.passes()
    check(count_of(server, "connections.opened") == 1, "one connection to the callee")
    check(count_of(server, "connections.accepted") == 1, "one from the caller")
