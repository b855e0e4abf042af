# SPDX-License-Identifier: BSD-2-Clause
"""What an operator asks the running server."""
import configparser
import json
import os
import re
import shlex
import shutil
import stat
import subprocess

from cases.calls import talk, two_phones
from cases.registering import guess
from cases.tcp import Stream, options
from cases.tls import Side, client, with_tls
from lab import check
from lab.building import ROOT
from lab.config import PASSWORDS
from lab.peer import credentials
from lab.wait import within

MODULES = ("res_sip_endpoint_identifier_certificate",
           "res_sip_endpoint_identifier_ip", "res_sip_endpoint_identifier_user",
           "res_sip_endpoint_identifier_anonymous", "res_sip_authenticator_digest",
           "res_sip_options", "res_sip_registrar", "res_sip_proxy")


def scenario_show_tells_endpoints_contacts_transports_and_modules(lab):
    server = lab.server()
    phone = lab.baresip("6001", server).registered()
    endpoints = server.ask("show", "endpoints")
    for name in (*PASSWORDS, "tester"):
        check(f"\n{name} " in endpoints, f"no {name} in {endpoints}")
    contacts = server.contacts()
    line = next(one for one in contacts.splitlines() if one.startswith("6001 "))
    check(f"@127.0.0.1:{phone.port}" in line and "baresip" in line, f"contacts: {contacts}")
    transports = server.ask("show", "transports")
    check(f"127.0.0.1:{server.port}" in transports and "udp" in transports, transports)
    modules = server.ask("show", "modules")
    places = [modules.find(name) for name in MODULES]
    check(-1 not in places and places == sorted(places), f"modules: {modules}")


def scenario_show_tells_who_is_connected(lab):
    server, certificate = with_tls(lab)
    stream = Stream(server)
    stream.say(options(server))
    stream.hear("SIP/2.0 200")
    client(lab, server, certificate, "-tls1_2").wait_for(r"Verify return code: 0 \(ok\)")
    half = Stream(Side(server))
    half.say("\x16")

    def rows():
        return json.loads(server.ask("show", "connections", "--json"))["connections"]

    within(lambda: [row["state"] for row in rows()] == ["open", "open", "handshake"],
           "all three are there")
    first, second, third = rows()
    check(first["peer"] == "%s:%d" % stream.socket.getsockname(), f"{first}")
    check((first["protocol"], first["tls"]) == ("tcp", None), f"{first}")
    check((second["transport"], second["tls"]) == ("tls", "TLSv1.2"), f"{second}")
    check(third["tls"] is None, f"{third}")
    for row in (first, second, third):
        check(row["opened"] == "from" and row["unsent_bytes"] == 0, f"{row}")
    check(server.ask("show", "connections", "--limit", "1").count("\n") == 2, "two lines")
    check(json.loads(server.ask("show", "pool", "--json"))["pool"]["connections"] == 3, "pool")


def scenario_show_of_nothing_fails_with_a_line(lab):
    server = lab.server()
    done = server.run("show", "rhubarb")
    check(done.returncode == 1, f"exit code {done.returncode}")
    check("endpoints" in done.stderr, f"does not say what there is: {done.stderr}")


def scenario_show_without_a_server_fails_with_a_line(lab):
    server = lab.server()
    server.stop()
    done = server.run("show", "contacts")
    check(done.returncode == 1 and done.stderr.count("\n") == 1,
          f"{done.returncode}: {done.stderr}")


def scenario_trace_shows_messages_live_with_direction_and_addresses(lab):
    server = lab.server()
    trace = lab.trace(server)
    caller, callee = two_phones(lab, server)
    talk(caller, callee)
    callee.hang_up()
    caller.wait("CALL_CLOSED")
    ours = f"udp 127\\.0\\.0\\.1:{server.port}"
    when = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"
    branch = r"z9hG4bK\S+"
    for sign, word, phone, transaction, first in (
            ("<-", "from", caller, f"server transaction INVITE \\d+ {branch}", "INVITE sip:6002@"),
            ("->", "to", callee, f"client transaction INVITE \\d+ {branch} of {branch}",
             "INVITE sip:6002"),
            ("<-", "from", callee, f"client transaction INVITE \\d+ {branch} of {branch}, status 180",
             "SIP/2.0 180 "),
            ("->", "to", caller, f"server transaction INVITE \\d+ {branch}, status 180",
             "SIP/2.0 180 "),
            ("<-", "from", callee, f"server transaction BYE \\d+ {branch}", "BYE "),
            ("->", "to", caller, f"client transaction BYE \\d+ {branch} of {branch}", "BYE ")):
        trace.wait_for(f"{when} {sign} {ours} {word} 127\\.0\\.0\\.1:{phone.port}\n"
                       f"{transaction}\n{first}")


def scenario_show_tells_the_transactions_of_a_call_that_rings(lab):
    server = lab.server()
    caller, callee = two_phones(lab, server)
    caller.dial(callee.aor)
    callee.wait("CALL_INCOMING")
    caller.wait("CALL_RINGING")
    told = json.loads(server.ask("show", "transactions", "--json"))
    invites = {one["side"]: one for one in told["transactions"] if one["method"] == "INVITE"}
    check(set(invites) == {"server", "client"}, f"{told}")
    for side, phone in (("server", caller), ("client", callee)):
        one = invites[side]
        check(one["peer"] == f"127.0.0.1:{phone.port}" and one["state"] == "proceeding"
              and one["status"] == 180 and 0 <= one["age_ms"] < 60000, f"{side}: {one}")
    check(invites["server"]["endpoint"] == "6001", f"{invites['server']}")
    check(invites["server"]["call_id"] == invites["client"]["call_id"], f"{invites}")
    check(told["summary"]["calls_that_did_not_answer"] == 0, f"{told['summary']}")
    one = json.loads(server.ask("show", "transactions", "--json", "--limit", "1"))
    check(len(one["transactions"]) == 1 and one["summary"]["shown"] == 1, f"{one}")
    ours = json.loads(server.ask("show", "endpoint", "6002", "--json"))
    check([(one["method"], one["side"]) for one in ours["transactions"]
           if one["method"] == "INVITE"] == [("INVITE", "client")], f"{ours['transactions']}")
    caller.hang_up()
    callee.wait("CALL_CLOSED")


def scenario_show_endpoint_tells_what_belongs_to_it(lab):
    server = lab.server()
    phone = lab.baresip("6001", server).registered()
    told = json.loads(server.ask("show", "endpoint", "6001", "--json"))
    check([one["aor"] for one in told["aors"]] == ["6001"], f"{told}")
    check(told["contacts"][0]["source"] == f"127.0.0.1:{phone.port}", f"{told}")
    check(told["auth"][0]["username"] == "6001", f"{told}")
    options = {one["option"]: one for one in told["options"]}
    line = (server.folder / "res_sip.conf").read_text().splitlines().index("aors=6001") + 1
    check(options["aors"]["source"] == f"{server.folder}/res_sip.conf:{line}"
          and options["aors"]["value"] == "6001", f"{options['aors']}")
    check(options["rewrite_contact"]["source"] == "default", f"{options['rewrite_contact']}")
    file = server.folder / "res_sip.conf"
    file.write_text(file.read_text().replace("aors=6001\n", "aors=6001\nfrom_user=else\n")
                    + "[trunk]\ntype=identify\nendpoint=6001\nmatch=192.0.2.0/24,192.0.2.7:5060\n")
    told = json.loads(server.ask("show", "endpoint", "6001", "--json"))
    other = [one for one in told["options"] if one["file_says"] is not None]
    check([(one["option"], one["file_says"]) for one in other] == [("from_user", "else")],
          f"what is not loaded yet: {other}")
    check([(one["identify"], one["match"]) for one in told["identify"]]
          == [("trunk", ["192.0.2.0/24", "192.0.2.7/32:5060"])], f"{told['identify']}")
    text = server.ask("show", "endpoint", "6001")
    check(PASSWORDS["6001"] not in text + json.dumps(told), "a password is shown")
    contact = json.loads(server.ask("show", "contact", "6001", "--json"))["contacts"][0]
    check(contact["static"] is False and 0 < contact["expires_s"] <= contact["granted_s"]
          and contact["cseq"] > 0 and "baresip" in contact["user_agent"], f"{contact}")
    check(server.ask("show", "contact", contact["contact"]).count("user agent") == 1, "by its URI")


def scenario_show_survives_what_a_peer_writes(lab):
    server = lab.server()
    peer = lab.peer(server, user="6001")
    nasty = 'a"b\\c\u00e4 \udcff;'
    uri = f"sip:{server.host}"
    aor = f"sip:6001@{server.host}"
    first = peer.final(peer.request("REGISTER", uri, to=aor))
    proof = credentials(first["WWW-Authenticate"], "6001", PASSWORDS["6001"], "REGISTER", uri)
    request = peer.request("REGISTER", uri, [f"Contact: <sip:6001@{peer.host}>", "User-Agent: @",
                                             f"Authorization: {proof}"], to=aor)
    answer = peer.final(request.replace(b"User-Agent: @", b"User-Agent: " + nasty.encode(
        errors="surrogateescape")))
    check(answer.status == 200, f"it does not register: {answer.first}")
    told = json.loads(server.ask("show", "contacts", "--json"))["contacts"]
    check([one["user_agent"] for one in told] == [nasty.replace("\udcff", "\ufffd")], f"{told}")
    check('a"b\\c\u00e4 \\xff;' in server.ask("show", "contacts"), "a byte is not made visible")


def scenario_trace_of_an_endpoint_shows_all_of_its_calls_and_no_others(lab):
    server = lab.server()
    caller, other = two_phones(lab, server)
    callee = lab.baresip("6003", server).registered()
    trace = lab.trace(server, "--endpoint", "6003")
    talk(caller, other)
    caller.hang_up()
    other.wait("CALL_CLOSED")
    check("INVITE" not in trace.text, f"it shows a call of others: {trace.text}")
    talk(caller, callee)
    late = lab.trace(server, "--endpoint", "6003")
    from_address = lab.trace(server, "--ip", f"127.0.0.1:{caller.port}")
    caller.hang_up()
    callee.wait("CALL_CLOSED")
    for phone, first in ((caller, "INVITE sip:6003@"), (callee, "INVITE sip:6003"),
                         (caller, "ACK "), (callee, "ACK ")):
        trace.wait_for(rf"127\.0\.0\.1:{phone.port}\n.* transaction .*\n{first}")
    for one in (trace, late):
        one.wait_for(rf"<- .*:{caller.port}\n.*\nBYE ")
        one.wait_for(rf"-> .*:{callee.port}\n.*\nBYE ")
        one.wait_for(rf"-> .*:{caller.port}\n.*status 200\n")
        check(f":{other.port}" not in one.text, f"it shows another phone: {one.text}")
    from_address.wait_for(rf"-> .*:{caller.port}\n.*status 200\n")
    check(f":{callee.port}\n" not in from_address.text, from_address.text)


def scenario_trace_writes_a_file_that_tshark_reads(lab):
    server = lab.server()
    file = lab.path("trace.pcapng")
    trace = lab.trace(server, "--pcap", str(file), "--call-id", "the-call")
    peer = lab.peer(server)
    request = peer.request("OPTIONS", fields=("Subject: b\xc3\xa4h",))
    ours = re.sub(rb"Call-ID: \S+", b"Call-ID: the-call", request)
    check(peer.final(request).status == 200 and peer.final(ours).status == 200, "no answer")
    within(lambda: file.read_bytes().count(b"the-call") == 2, "both messages are in the file")
    check(stat.S_IMODE(file.stat().st_mode) == 0o600, f"its mode is {file.stat().st_mode:o}")
    check("OPTIONS" not in trace.text, "the messages are printed too")
    fields = ("ip.src", "udp.srcport", "ip.dst", "udp.dstport", "frame.packet_flags_direction",
              "ip.checksum.status", "udp.checksum.status", "sip.Call-ID", "sip.Status-Code")
    words = [word for field in fields for word in ("-e", field)]
    done = subprocess.run(
        ["tshark", "-n", "-r", file, "-T", "fields", "-d", f"udp.port=={server.port},sip",
         "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", *words],
        capture_output=True, text=True, check=False, env={**os.environ, "HOME": str(lab.folder)})
    check(done.returncode == 0, f"tshark: {done.stderr}")
    port = peer.host.split(":")[1]
    check([line.split("\t") for line in done.stdout.splitlines()] == [
        ["127.0.0.1", port, "127.0.0.1", str(server.port), "0x00000001", "1", "1", "the-call", ""],
        ["127.0.0.1", str(server.port), "127.0.0.1", port, "0x00000002", "1", "1", "the-call",
         "200"]], f"tshark reads {done.stdout}")


def scenario_trace_says_what_is_wrong_with_a_filter(lab):
    server = lab.server()
    for options, reason in ((("--endpoint", "nobody"), "there is no endpoint nobody"),
                            (("--ip", "example.com"), "example.com is no address or network"),
                            (("--pcap", "/nonexistent/x"), "can't write /nonexistent/x")):
        done = server.run("trace", *options)
        check(done.returncode == 1 and reason in done.stderr, f"{options}: {done}")


def scenario_fail2ban_finds_who_fails_to_log_in_and_nobody_who_is_forged(lab):
    server = lab.server()
    guesser, forger = lab.peer(server, user="6001"), lab.peer(server, user="6002")
    guess(guesser, "6001", "a guess")
    guess(guesser, "nobody", "a guess")
    first = forger.final(forger.request("REGISTER", f"sip:{server.host}"))
    foreign = re.sub('nonce="[^"]*"', f'nonce="{"0" * 32}"', first["WWW-Authenticate"])
    first.fields = [(name, foreign if name == "WWW-Authenticate" else value)
                    for name, value in first.fields]
    guess(forger, "6002", "a guess", challenge=first)
    server.wait_log("user=6002 .*reason=wrong password, source not proven$")
    filter_file = ROOT / "docs/fail2ban/res_sip.conf"
    settings = configparser.RawConfigParser()
    settings.read(filter_file)
    pattern = settings["Definition"]["failregex"].replace("<ADDR>", r"\[?(?P<ip>[0-9a-f.:]+?)\]?")
    # What fail2ban sees of a line is behind its time.
    found = [match["ip"] for line in server.log.splitlines()
             if (match := re.search(pattern, line.partition(" ")[2]))]
    check(found == ["127.0.0.1"] * 2, f"the filter finds {found} in {server.log}")
    if shutil.which("fail2ban-regex"):
        log = lab.path("log")
        log.write_text(server.log)
        done = subprocess.run(["fail2ban-regex", "--verbose", log, filter_file],
                              capture_output=True, text=True, check=False)
        check(re.search(r"\b2 matched", done.stdout), done.stdout + done.stderr)
        # Whatever the zone of who reads it.
        check("Zone offset" in done.stdout, done.stdout)


def scenario_bash_completes_commands_options_and_names(lab):
    server = lab.server()
    script = ROOT / "program/completion/res_sip.bash"

    def completed(*words):
        """What bash makes of the line, whose last word is being typed."""
        line = " ".join(shlex.quote(str(word)) for word in (lab.program, *words))
        done = subprocess.run(
            ["bash", "-c", f"source {script}; COMP_WORDS=({line}); "
             "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _res_sip \"${COMP_WORDS[0]}\"; "
             "printf '%s\\n' \"${COMPREPLY[@]}\""],
            capture_output=True, text=True, check=False)
        check(done.returncode == 0 and not done.stderr, f"{words}: {done}")
        return done.stdout.split()

    folder = ("-c", server.folder)
    check({"run", "check", "show", "trace", "module"} <= set(completed("")), completed(""))
    check(completed("tra") == ["trace"], completed("tra"))
    check(completed("show", "cont") == ["contact", "contacts"], completed("show", "cont"))
    check(completed("trace", "--e") == ["--endpoint"], completed("trace", "--e"))
    names = completed(*folder, "trace", "--endpoint", "600")
    check(names == ["6001", "6002", "6003"], f"endpoints: {names}")
    names = completed(*folder, "show", "endpoint", "te")
    check(names == ["tester"], f"endpoints: {names}")
    names = completed("module", "unload", *folder, "res_sip_o")
    check(names == ["res_sip_options"], f"modules: {names}")
    server.stop()
    check(completed(*folder, "show", "endpoint", "") == [], "without a server")


def scenario_the_control_socket_is_the_owners_alone(lab):
    server = lab.server()
    mode = os.stat(server.folder / "res_sip.sock").st_mode
    check(stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o600, f"its mode is {mode:o}")
    server.stop()
    check(not (server.folder / "res_sip.sock").exists(), "it is still there")


def scenario_version_and_help_are_told(lab):
    for word, wanted in (("--version", "res_sip "), ("help", "usage: res_sip")):
        done = subprocess.run([lab.program, word], capture_output=True, text=True, check=False)
        check(done.returncode == 0 and done.stdout.startswith(wanted), f"{word}: {done}")
    done = subprocess.run([lab.program, "rnu"], capture_output=True, text=True, check=False)
    check(done.returncode == 2 and "did you mean `run`? `" in done.stderr, f"rnu: {done}")
    text, views = (subprocess.run([lab.program, *words], capture_output=True, text=True,
                                  check=True).stdout
                   for words in (["help"], ["complete", "--", "show", ""]))
    for what in views.split():
        check(what in text, f"help does not tell of show {what}")
