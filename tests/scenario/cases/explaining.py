# SPDX-License-Identifier: BSD-2-Clause
"""What the running server would do with a message, and why."""
import json

from lab import check


def message(server, method, user, extra=(), to=None):
    to = to or f"sip:{user}@{server.host}"
    lines = [f"{method} {to if method != 'REGISTER' else 'sip:' + server.host} SIP/2.0",
             "Via: SIP/2.0/UDP 127.0.0.9:5060;branch=z9hG4bKexplain",
             "Max-Forwards: 70",
             f"From: <sip:{user}@{server.host}>;tag=explain",
             f"To: <{to}>",
             "Call-ID: explain",
             f"CSeq: 1 {method}",
             f"Contact: <sip:{user}@127.0.0.9>",
             *extra,
             "Content-Length: 0"]
    path = server.folder / "message.sip"
    path.write_text("\n".join(lines) + "\n\n")
    return str(path)


def explain(server, path, sender="127.0.0.9", *options):
    return server.ask("explain", path, "--from", sender, *options)


def said(text, *wanted):
    for words in wanted:
        check(words in text, f"no {words!r} in {text}")


def scenario_explain_says_who_is_challenged_and_which_section_decides(lab):
    server = lab.server()
    config = (server.folder / "res_sip.conf").read_text().splitlines()
    text = explain(server, message(server, "REGISTER", "6001"))
    said(text, "note: plain line feeds are made CRLF", "parse: request", "identify: 6001",
         "authenticate: challenged", "SIP/2.0 401 Unauthorized -> 127.0.0.9:5060")
    line = next(one for one in text.splitlines() if "username: endpoint 6001" in one)
    number = int(line.rsplit(":", 1)[1].rstrip("]"))
    check("6001" in config[number - 1], f"{line} is not {config[number - 1]}")


def scenario_explain_shows_a_call_that_is_not_made(lab):
    server = lab.server()
    phone = lab.baresip("6001", server).registered()
    contacts = server.contacts()
    counters = server.ask("show", "counters")
    heard = len(phone.received("INVITE"))
    path = message(server, "INVITE", "tester", to=f"sip:6001@{server.host}")
    text = explain(server, path, server.host, "--messages")
    said(text, "identify: ", "INVITE sip:6001", f"-> 127.0.0.1:{phone.port}")
    answer = json.loads(explain(server, path, server.host, "--json"))
    check([step["step"] for step in answer["steps"]][:3] == ["parse", "work", "match"],
          f"{answer}")
    check(len(phone.received("INVITE")) == heard, "the phone rings")
    check(server.contacts().count("\n") == contacts.count("\n"), "the contacts have changed")
    check(server.ask("show", "counters") == counters, "something was counted")


def scenario_explain_without_a_server_says_so(lab):
    server = lab.server()
    path = message(server, "OPTIONS", "6001")
    server.stop()
    done = server.run("explain", path, "--from", "127.0.0.9")
    check(done.returncode == 1 and "no server is running" in done.stderr,
          f"{done.returncode}: {done.stderr}")


def scenario_explain_of_anything_is_an_explanation(lab):
    server = lab.server()
    path = server.folder / "message.sip"
    for content in (b"", b"\0" * 5000, bytes(range(256)) * 300, b"INVITE sip:a SIP/2.0\r\n" * 3000):
        path.write_bytes(content)
        said(explain(server, str(path)), "parse: malformed", "respond: ")
    path.write_bytes(b"x" * 200000)
    done = server.run("explain", str(path), "--from", "127.0.0.9")
    check(done.returncode == 1 and done.stderr.count("\n") == 1, f"{done.returncode}: {done.stderr}")
    said(explain(server, message(server, "OPTIONS", "6001")), "parse: request")
