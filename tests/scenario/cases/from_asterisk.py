# SPDX-License-Identifier: BSD-2-Clause
"""An operator brings the pjsip.conf of his office, and phones call under it: docs/from-asterisk.md."""
import pathlib
import re

from cases.calls import talk
from lab import check
from lab.ports import free_port

OFFICE = (pathlib.Path(__file__).resolve().parents[2] /
          "unit/program/configurations/office/res_sip.conf")


def brought(port):
    """As it was, but for the port: others run on this machine."""
    text = OFFICE.read_text()
    return re.sub(r"bind=0\.0\.0\.0:506(\d)",
                  lambda match: f"bind=127.0.0.1:{port + int(match.group(1))}", text)


def mended(port):
    """The certificate stays where it was, and the director's phone comes without TLS."""
    text = brought(port).replace("[6003](phone-secure)", "[6003](phone)")
    return re.sub(r"\[(phone-secure|transport-tls)\].*?\n\n", "", text, flags=re.DOTALL)


def check_said(lab, text, *options):
    folder = lab.path("configuration")
    folder.mkdir()
    (folder / "res_sip.conf").write_text(text)
    done = lab.process("check", [lab.program, "check", *options, "-c", str(folder)])
    return done.wait_end(), done.text


def scenario_what_is_refused_is_told_and_the_rest_is_let_pass(lab):
    port = free_port()
    code, said = check_said(lab, brought(port))
    errors = [line for line in said.splitlines() if ": error: " in line]
    check(code == 1 and len(errors) == 2, f"{code}: {errors}")
    check("office.crt`: No such file" in errors[0] and "media_encryption: refused" in errors[1],
          f"{errors}")
    code, said = check_said(lab, mended(port))
    check(code == 0 and ": error: " not in said and "no errors, " in said, said)
    code, said = check_said(lab, mended(port), "--strict")
    check(code == 1 and ": error: " in said and ": warning: " not in said, said)


def scenario_two_phones_register_and_call_under_it(lab):
    server = lab.server(config=mended)
    phones = [lab.baresip(user, server).registered() for user in ("6001", "6002")]
    contacts = server.contacts()
    check("6001" in contacts and "6002" in contacts, contacts)
    talk(*phones)
    phones[0].hang_up()
    phones[1].wait("CALL_CLOSED")
    phones[0].wait_received("BYE", 200)
    check(" denied " not in server.log, server.log[-2000:])


def scenario_who_is_on_no_list_hears_nothing(lab):
    server = lab.server(config=lambda port: mended(port).replace(
        "permit=127.0.0.0/255.0.0.0", "permit=127.0.0.1"))
    near = lab.peer(server)
    far = lab.peer(server, host="127.0.0.2")
    check(near.final(near.request("OPTIONS")).status == 401, "it is not answered")
    far.send(far.request("OPTIONS"))
    server.wait_log(r"acl: denied source=127\.0\.0\.2:\d+ acl=acl list=acl "
                    r"line=.*res_sip\.conf:45")
    check(near.final(near.request("OPTIONS")).status == 401, "it is not answered any more")
    check(far.receive(0.1) is None, "who is on no list was answered")
    counters = server.ask("show", "counters")
    check(re.search(r"acl\.denied\.server +1\b", counters), counters)
