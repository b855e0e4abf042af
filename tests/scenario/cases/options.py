# SPDX-License-Identifier: BSD-2-Clause
"""Generators from outside: sipsak's ping, and the REGISTER scenarios written for SIPp."""
import pathlib
import subprocess
import sys

from lab import Failure, check
from lab.config import standard
from lab.sipp import answer, request

SIPP = pathlib.Path(__file__).resolve().parent.parent / "sipp" / "run.py"


def ping(lab, user, endpoint):
    """sipsak writes `sipsak` into From, whatever its user is called."""
    def config(port):
        return standard(port, rest=f"{endpoint}\n[{user}]\ntype=auth\nauth_type=userpass\n"
                                   f"username={user}\npassword=clove\n")

    server = lab.server(config=config)
    pinging = lab.process("sipsak", ["sipsak", "-v", "-s", f"sip:{server.host}",
                                     "-u", user, "-a", "clove"])
    code = pinging.wait_end()
    check(code == 0, f"sipsak ends with {code}")


def scenario_sipsak_gets_an_answer_to_options(lab):
    ping(lab, "sipsak", "[sipsak]\ntype=endpoint\nauth=sipsak\n")


def scenario_sipsak_is_known_by_the_name_it_proves(lab):
    ping(lab, "probe", "[probe]\ntype=endpoint\nauth=probe\nidentify_by=auth_username\n")


def scenario_answers_that_leave_as_one_arrive_one_by_one(lab):
    """udp_gso: the kernel cuts them.  Nothing is sent twice (-nr), so none may be missing."""
    def config(port):
        return standard(port).replace("protocol=udp\n", "protocol=udp\nudp_gso=yes\n")

    server = lab.server(config=config)
    lab.sipp("burst", [request("OPTIONS", "sip:[remote_ip]:[remote_port]"), answer(200)],
             server.host, count=600, options=("-r", "20000", "-l", "60", "-nr")).passes()


def scenario_the_sipp_scenarios_of_register(lab):
    done = subprocess.run([sys.executable, str(SIPP), lab.program], check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0 or done.stdout.count("ok  ") < 10:
        raise Failure(f"ended with {done.returncode}: {done.stdout}")


scenario_the_sipp_scenarios_of_register.seconds = 60
