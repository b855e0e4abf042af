# SPDX-License-Identifier: BSD-2-Clause
"""Browsers: pages with JsSIP register, call and message each other and phones that speak UDP."""
import subprocess

from lab import check
from lab.config import option_lines, standard
from lab.ports import free_port
from lab.sipp import answer, raw, request, wait

DOMAIN = "phones.test"

# What a browser takes for an answer and an offer: nobody sends media.
MEDIA = "\n".join([
    "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0",
    "m=audio 9 UDP/TLS/RTP/SAVPF 0", "a=rtpmap:0 PCMU/8000", "a=mid:0", "a=rtcp-mux",
    "a=ice-ufrag:abcd", "a=ice-pwd:abcdefghijklmnopqrstuvwx", "a=sendrecv",
    "a=fingerprint:sha-256 " + ":".join(["AB"] * 32), "a=setup:{setup}", ""])


def certificate(lab):
    """Nobody has signed it, and the browser is told not to mind."""
    key, cert = lab.path("key.pem"), lab.path("cert.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
                    "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert],
                   check=True, capture_output=True, stdin=subprocess.DEVNULL)
    return {"cert_file": cert, "priv_key_file": key}


class Web:
    """A server with a WebSocket beside its other transports, and a browser whose pages may come."""

    def __init__(self, lab, rest="", origin=None, protocol="ws"):
        self.browser = lab.browser()
        self.port = free_port()
        self.address = f"{protocol}://127.0.0.1:{self.port}/"
        options = {"type": "transport", "protocol": protocol, "bind": f"127.0.0.1:{self.port}",
                   "websocket_origin": origin or self.browser.origin}
        if protocol == "wss":
            options |= certificate(lab)
        self.server = lab.server(config=lambda port: standard(
            port, f"domain={DOMAIN}", f"[web]\n{option_lines(options)}\n{rest}"))

    def phone(self, user):
        phone = self.browser.phone(user, self.address, DOMAIN)
        phone.says("registered")
        return phone


def uri(user):
    return f"sip:{user}@{DOMAIN}"


def scenario_two_pages_register_call_and_message_each_other(lab):
    talk(lab, "ws")


def scenario_two_pages_register_call_and_message_each_other_by_wss(lab):
    talk(lab, "wss")


def talk(lab, protocol):
    web = Web(lab, protocol=protocol)
    trace = lab.trace(web.server)
    caller, callee = web.phone("6001"), web.phone("6002")
    check(web.server.contacts().count(".invalid;transport=ws") == 2, web.server.contacts())

    callee.order("message", target=uri("6001"), text="the rosemary is in flower")
    callee.says("message arrived")
    caller.says("message from 6002: the rosemary is in flower")

    caller.order("call", target=uri("6002"))
    callee.says("called by 6001")
    caller.says("rings at 6002")
    callee.order("answer")
    for phone, other in ((caller, "6002"), (callee, "6001")):
        phone.says(f"talks with {other}")
    callee.order("hang_up")
    callee.says("hung up by local")
    caller.says("hung up by remote Terminated")
    trace.wait_for(rf"^BYE sip:(.*\n)*?Via: SIP/2\.0/{protocol.upper()} \S+\.invalid;")
    trace.wait_for(r"^SIP/2.0 200 OK(.*\n)*?CSeq: \d+ BYE")


def scenario_a_page_that_is_gone_is_not_called(lab):
    """Its connection has ended, and its contact with it."""
    web = Web(lab)
    caller, callee = web.phone("6001"), web.phone("6002")
    callee.close()
    web.server.wait_log("contact lost aor=6002 ")
    caller.order("call", target=uri("6002"))
    caller.says("failed 480")


def scenario_a_page_calls_a_phone_that_speaks_udp(lab):
    phone = lab.sipp("box", [
        wait("INVITE", 'rrs="true"'),
        told("180 Ringing"), told("200 OK", MEDIA.format(setup="active")),
        wait("ACK"), wait("BYE"), told("200 OK"),
    ], "127.0.0.1:9").listening()
    web = Web(lab, "[box]\ntype=endpoint\naors=box\nidentify_by=ip\n\n"
                   f"[box]\ntype=aor\ncontact=sip:box@{phone.address}\n")
    caller = web.phone("6001")
    caller.order("call", target=uri("box"))
    caller.says("rings at box")
    caller.says("talks with box")
    caller.order("hang_up")
    caller.says("hung up by local")
    phone.passes()


def told(status, body=""):
    return raw([f"SIP/2.0 {status}", "[last_Via:]", "[last_Record-Route:]", "[last_From:]",
                "[last_To:];tag=[call_number]", "[last_Call-ID:]", "[last_CSeq:]",
                "Contact: <sip:box@[local_ip]:[local_port]>",
                *(["Content-Type: application/sdp"] if body else [])], body)


def within_call(method, cseq):
    return raw([f"{method} [next_url] SIP/2.0",
                "Via: SIP/2.0/[transport] [local_ip]:[local_port];rport;branch=[branch]",
                "Max-Forwards: 70", "[routes]",
                f"From: <sip:tester@{DOMAIN}>;tag=[pid]x[call_number]",
                f"To: <{uri('6001')}>[peer_tag_param]",
                "Call-ID: [call_id]", f"CSeq: {cseq} {method}"])


def scenario_a_phone_that_speaks_udp_calls_a_page(lab):
    web = Web(lab)
    callee = web.phone("6001")
    caller = lab.sipp("tester", [
        raw([f"INVITE {uri('6001')} SIP/2.0",
             "Via: SIP/2.0/[transport] [local_ip]:[local_port];rport;branch=[branch]",
             "Max-Forwards: 70", f"From: <sip:tester@{DOMAIN}>;tag=[pid]x[call_number]",
             f"To: <{uri('6001')}>", "Call-ID: [call_id]", "CSeq: 1 INVITE",
             "Contact: <sip:tester@[local_ip]:[local_port]>",
             "Content-Type: application/sdp"], MEDIA.format(setup="actpass"), retrans=True),
        answer(100, optional=True), answer(180), answer(200, 'rrs="true"'),
        within_call("ACK", 1), wait("BYE"), raw(
            ["SIP/2.0 200 OK", "[last_Via:]", "[last_From:]", "[last_To:]", "[last_Call-ID:]",
             "[last_CSeq:]"]),
    ], web.server.host)
    callee.says("called by tester")
    callee.order("answer")
    callee.says("talks with tester")
    callee.order("hang_up")
    callee.says("hung up by local")
    caller.passes()


def scenario_a_page_and_linphonec_message_each_other(lab):
    web = Web(lab)
    page = web.phone("6001")
    phone = lab.linphone("6002", web.server, DOMAIN)
    page.order("message", target=uri("6002"), text="thyme grows")
    phone.process.wait_for(rf"Message received from sip:6001@{DOMAIN}: .*thyme grows")
    phone.message(uri("6001"), "sage too")
    page.says('message from 6002: "?sage too')


def scenario_a_page_of_another_origin_may_not_come(lab):
    web = Web(lab, origin="https://phone.example.com")
    page = web.browser.page("page")
    page.order("open", server=web.address, protocols=["sip"])
    page.says("closed 1006")
    web.server.wait_log(rf'transport=ws reason="403 websocket_origin= does not name '
                        rf'{web.browser.origin}"')


def scenario_a_page_sees_why_it_was_closed(lab):
    web = Web(lab)
    page = web.browser.page("page")
    page.order("open", server=web.address, protocols=["sip"])
    page.says("open sip")
    page.order("send", text="x" * 140000)
    page.says("closed 1009 the message is too long")


def scenario_a_server_that_ends_says_so_to_pages(lab):
    web = Web(lab)
    page = web.browser.page("page")
    page.order("open", server=web.address, protocols=["sip"])
    page.says("open sip")
    web.server.stop()
    page.says("closed 1001")
