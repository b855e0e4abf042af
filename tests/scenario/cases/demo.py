# SPDX-License-Identifier: BSD-2-Clause
"""What `make run` starts, without its installing and building."""
import os
import pathlib
import shutil
import subprocess

from demo_call import call
from lab import check
from lab.building import ROOT
from lab.config import PASSWORDS
from lab.ports import free_port


def checkout(lab):
    """As much of one as the demo needs, so that the real one keeps its own."""
    folder = lab.path("checkout")
    (folder / "tools").mkdir(parents=True)
    shutil.copy(ROOT / "tools/run_demo.sh", folder / "tools")
    (folder / "build").symlink_to(pathlib.Path(lab.program).parent)
    return folder


def start(lab, folder, port):
    demo = lab.process("run_demo", ["sh", str(folder / "tools/run_demo.sh"), str(port)])
    demo.wait_for(" serves$")
    return demo


def passwords_of(folder):
    return dict(line.split() for line in (folder / "demo/passwords").read_text().splitlines())


def scenario_two_phones_talk_through_the_demo(lab):
    folder, port = checkout(lab), free_port()
    demo = start(lab, folder, port)
    passwords = passwords_of(folder)
    check(sorted(passwords) == ["6001", "6002"], f"its phones: {list(passwords)}")
    for user, password in passwords.items():
        check(len(password) >= 20 and password not in PASSWORDS.values(), "a weak password")
        check(f"user {user}   password {password}" in demo.text, f"{user} is not told of")
    check(os.stat(folder / "demo/passwords").st_mode & 0o077 == 0, "everybody reads passwords")
    if os.getuid() == 0:
        check(os.stat(f"/proc/{demo.child.pid}").st_uid != 0, "it still is root")
    call(passwords, f"127.0.0.1:{port}", lab.path("phones"))


def scenario_the_demo_keeps_its_passwords(lab):
    folder, port = checkout(lab), free_port()
    first = start(lab, folder, port)
    passwords = passwords_of(folder)
    first.child.terminate()
    check(first.wait_end() == 0, "its exit code is not 0")
    second = start(lab, folder, port)
    check(passwords_of(folder) == passwords, "other passwords")
    second.child.terminate()
    check(second.wait_end() == 0, "its exit code is not 0")


def scenario_the_demo_refuses_a_port_that_is_none(lab):
    folder = checkout(lab)
    for port in ("", "sip", "0", "65536", "-5060"):
        done = subprocess.run(["sh", str(folder / "tools/run_demo.sh"), port],
                              capture_output=True, text=True, check=False)
        check(done.returncode == 1 and done.stderr.count("\n") == 1, f"PORT={port}: {done}")
        check(not (folder / "demo").exists(), f"PORT={port} made a demo")


def scenario_the_demo_names_who_has_its_port(lab):
    folder, port = checkout(lab), free_port()
    first = start(lab, folder, port)
    done = subprocess.run(["sh", str(checkout(lab) / "tools/run_demo.sh"), str(port)],
                          capture_output=True, text=True, check=False)
    errors = [line for line in done.stderr.splitlines() if " error " in line]
    check(done.returncode == 1 and len(errors) == 1, f"{done}")
    check(f"is taken by res_sip (process {first.child.pid})" in errors[0], errors[0])


def scenario_installing_without_root_says_so_in_a_line(lab):
    """A machine with nothing installed, no root and no sudo, made of three programs."""
    machine = lab.path("bin")
    machine.mkdir()
    for name, script in (("id", "echo 1000"), ("dpkg-query", "exit 1")):
        (machine / name).write_text(f"#!/bin/sh\n{script}\n")
        (machine / name).chmod(0o755)
    (machine / "grep").symlink_to(shutil.which("grep"))
    done = subprocess.run(["/bin/sh", str(ROOT / "tools/install_packages.sh"), "build"],
                          capture_output=True, text=True, check=False,
                          env={"PATH": str(machine)})
    check(done.returncode == 1, f"{done}")
    check(done.stderr.count("\n") == 1 and "root or sudo" in done.stderr and
          " meson" in done.stderr, f"it says {done.stderr}")
