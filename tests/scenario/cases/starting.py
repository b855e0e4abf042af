# SPDX-License-Identifier: BSD-2-Clause
"""A server that can't start says why in a line, and half a server never starts."""
import os
import pathlib
import re
import shutil
import socket
import subprocess

from lab import check
from lab.config import PASSWORDS, phone, transports
from lab.ports import free_port

BAD = """\
[global]
type=global
log_levle=info

[udp]
type=transport
protocol=udp
bind=127.0.0.1:99999

[6001]
type=endpoint
auth=nobody
aors=6001
  no_such_option=1

[6001]
type=aor
max_contacts=many

[rules]
type=acl
deny=example.com
"""
MISTAKES = ((3, "log_levle"), (8, "bind"), (12, "nobody"), (14, "no_such_option"),
            (18, "max_contacts"), (21, "deny"))


def folder_of(lab, text):
    folder = lab.path("config")
    folder.mkdir()
    (folder / "res_sip.conf").write_text(text)
    return folder


def call(lab, *words):
    return subprocess.run([lab.program, *words], capture_output=True, text=True, check=False)


def scenario_check_tells_every_mistake_with_its_place(lab):
    folder = folder_of(lab, BAD)
    done = call(lab, "check", "-c", str(folder))
    check(done.returncode == 1, f"exit code {done.returncode}")
    lines = re.findall(r"res_sip\.conf:(\d+):(\d+): error: (.+)", done.stderr)
    for number, word in MISTAKES:
        check(any(int(line[0]) in (number, number + 1) and word in line[2] for line in lines),
              f"line {number}: nothing about {word} in {done.stderr}")
    check(("14", "3") in [line[:2] for line in lines], f"not the column: {done.stderr}")
    check("did you mean" in done.stderr and "log_level" in done.stderr, done.stderr)


def scenario_run_refuses_what_check_refuses(lab):
    folder = folder_of(lab, BAD)
    done = call(lab, "run", "-c", str(folder))
    check(done.returncode == 1, f"exit code {done.returncode}")
    check("not started" in done.stderr and "serves" not in done.stderr, done.stderr)
    check(not (folder / "res_sip.sock").exists(), "half a server was started")


def scenario_check_binds_nothing_and_changes_nothing(lab):
    port = free_port()
    folder = folder_of(lab, transports(port) + phone("6001", PASSWORDS["6001"]))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", port))
        done = call(lab, "check", "-c", str(folder))
    check(done.returncode == 0, f"{done.returncode}: {done.stderr}")
    check(os.listdir(folder) == ["res_sip.conf"], f"it made {os.listdir(folder)}")


def scenario_a_port_that_is_taken_names_who_has_it(lab):
    first = lab.server()
    folder = folder_of(lab, transports(first.port) + phone("6001", PASSWORDS["6001"]))
    done = call(lab, "run", "-c", str(folder))
    check(done.returncode == 1, f"exit code {done.returncode}")
    errors = [line for line in done.stderr.splitlines() if " error " in line]
    check(len(errors) == 1, f"not one line: {errors}")
    process = first.process.child.pid
    check(f"127.0.0.1:{first.port} is taken by res_sip (process {process})" in errors[0],
          f"it says {errors[0]}")
    lab.peer(first).alive()


def scenario_a_folder_that_is_not_there_is_said_in_a_line(lab):
    done = call(lab, "run", "-c", str(lab.path("nowhere")))
    check(done.returncode == 1 and "No such file" in done.stderr, f"{done}")


def scenario_root_is_given_up_and_what_it_could_read_was_read_before(lab):
    """A checkout below /root: nobody else can look into it."""
    if os.getuid() != 0:
        done = call(lab, "run", "-c", str(folder_of(lab, transports(free_port()))),
                    "--user", "root")
        check(done.returncode == 1 and "only root can become user root" in done.stderr, f"{done}")
        return
    closed = lab.path("closed")
    build = pathlib.Path(lab.program).parent
    closed.mkdir(mode=0o700)
    shutil.copy(build / "res_sip", closed)
    for library in [*build.glob("libres_sip.so.?"), *build.glob("modules/*/*.so")]:
        target = closed / library.relative_to(build)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, target)
    lab.program = str(closed / "res_sip")
    server = lab.server(user="nobody", folder=closed / "config")
    check(pathlib.Path(f"/proc/{server.process.child.pid}").stat().st_uid != 0, "it is root")
    lab.peer(server).alive()
    caller = lab.baresip("6001", server).registered()
    check(str(caller.port) in server.contacts(), "root can't ask it")
