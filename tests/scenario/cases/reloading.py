# SPDX-License-Identifier: BSD-2-Clause
"""The files change while phones talk."""
import copy
import pathlib
import re
import signal

from cases.calls import talk, two_phones
from lab import LeftOut, check, within
from lab.config import option_lines, phone, standard
from lab.ports import free_port
from lab.sipp import answer, request

RELOADS = 20


def rewrite(server, rest="", **settings):
    (server.folder / "res_sip.conf").write_text(standard(server.port, rest=rest, **settings))


def transport(name, **options):
    return f"[{name}]\ntype=transport\nprotocol=udp\n{option_lines(options)}\n"


def scenario_calls_and_requests_go_on_under_reloads(lab):
    server = lab.server()
    caller, callee = two_phones(lab, server)
    talk(caller, callee)
    uri = "sip:[remote_ip]:[remote_port]"
    # A thousand in the time that the reloads take, each sent again where no answer comes.
    options = lab.sipp("options", [request("OPTIONS", uri), answer(200)], server.host,
                       count=1000, options=("-r", "200", "-l", "1000"))
    for number in range(RELOADS):
        rewrite(server, "".join(phone(f"7{number}{other}", "thyme") for other in range(50)))
        told = server.ask("reload")
        check(re.search(r"^endpoints: 54 \(50 new, 0 changed, (0|50) gone\)", told, re.M), told)
    options.passes()
    contacts = server.contacts()
    check("6001" in contacts and "6002" in contacts, f"a binding is lost:\n{contacts}")
    caller.hang_up()
    callee.wait("CALL_CLOSED")
    caller.wait_received("BYE", 200)
    talk(*two_phones_again(caller, callee))


def two_phones_again(caller, callee):
    """The same two the other way round."""
    return callee, caller


def scenario_a_reload_with_a_mistake_changes_nothing_and_says_where(lab):
    server = lab.server()
    rewrite(server, phone("6009", "sage") + "[6009]\ntype=endpoint\naors=nobody\n")
    done = server.run("reload")
    check(done.returncode == 1, "it does not fail")
    told = done.stdout + done.stderr
    check("nothing is changed: " in told, told)
    place, why = r"res_sip\.conf:\d+:\d+: ", r"there is a section \[6009\] of type=endpoint already"
    check(re.search(f"{place}error: {why}", told), told)
    server.wait_log(f"Z error config: .*{place}{why}")
    check("6009" not in server.ask("show", "endpoints"), "it was changed")
    lab.peer(server).alive()


def scenario_sighup_reloads(lab):
    server = lab.server()
    rewrite(server, phone("6009", "sage"))
    server.process.signal(signal.SIGHUP)
    server.wait_log(r"notice reload: endpoints: 5 \(1 new, 0 changed, 0 gone\), AORs: 5")
    server.wait_log(r"notice reload: done in \d+ ms")
    check("6009" in server.ask("show", "endpoints"), "it was not changed")


def scenario_sighup_does_not_break_off_a_stop(lab):
    server = lab.server()
    server.process.signal(signal.SIGTERM)
    while not server.process.ended():
        server.process.signal(signal.SIGHUP)
    server.stop()


def elsewhere(server, port):
    """A server as a peer of it sees it at another port."""
    moved = copy.copy(server)
    moved.port = port
    return moved


def scenario_a_listener_comes_and_goes(lab):
    server = lab.server()
    port = free_port()
    rewrite(server, transport("late", bind=f"127.0.0.1:{port}"))
    told = server.ask("reload")
    check(f"transport [late]: udp 127.0.0.1:{port} is listened on" in told, told)
    late = lab.peer(elsewhere(server, port))
    late.alive()

    rewrite(server)
    told = server.ask("reload")
    check(f"udp 127.0.0.1:{port} takes nothing new, and is closed within 212 s" in told, told)
    refused = late.final(late.request("OPTIONS"))
    check(refused.status == 503, f"it takes something new: {refused.first}")
    check(refused["Retry-After"] == "1", "it does not say when to come again")
    lab.peer(server).alive()

    rewrite(server, transport("again", bind=f"127.0.0.1:{port}"))
    told = server.ask("reload")
    check(f"transport [again]: udp 127.0.0.1:{port} is listened on" in told, told)
    late.alive()


def scenario_a_listener_that_can_not_be_bound_changes_nothing(lab):
    server = lab.server()
    other = lab.server()
    rewrite(server, phone("6009", "sage") + transport("taken", bind=other.host))
    done = server.run("reload")
    told = done.stdout + done.stderr
    check(done.returncode == 1, "it does not fail")
    check(f"transport taken: udp {other.host} is in use" in told, told)
    check(re.search(r"is taken by res_sip \(process \d+\)", told), told)
    check("6009" not in server.ask("show", "endpoints"), "it was changed")
    check("taken" not in server.ask("show", "transports"), "it has a listener more")


def scenario_what_wants_a_restart_is_said(lab):
    server = lab.server()
    rewrite(server, "[system]\ntype=system\nservants=7\n", global_options="log_level=info\n")
    told = server.ask("reload")
    check(re.search(r"warning: servants=7 wants a restart: \d holds until then", told), told)


def many_phones(server, password):
    rewrite(server, "".join(phone(f"8{number}", password) for number in range(20000)))


def resident_kb(server):
    status = pathlib.Path(f"/proc/{server.process.child.pid}/status").read_text()
    return int(re.search(r"^VmRSS:\s+(\d+) kB", status, re.M)[1])


def scenario_reloads_leave_no_memory_behind(lab):
    program = pathlib.Path(lab.program).read_bytes()
    if not program.startswith(b"\x7fELF") or b"__asan_init" in program or b"__tsan_init" in program:
        raise LeftOut("what watches over memory keeps what is freed")
    server = lab.server()
    for number in range(6):
        many_phones(server, f"sage{number}")
        server.ask("reload")
    # 12 MB for itself and 0.7 kB a phone, or 26; what each reload left behind had made 79 of them.
    within(lambda: resident_kb(server) < 40000, f"{resident_kb(server)} kB are resident")
