# SPDX-License-Identifier: BSD-2-Clause
"""Generators from outside: sipsak's ping, and the REGISTER scenarios written for SIPp."""
import pathlib
import subprocess
import sys

from lab import Failure, check

SIPP = pathlib.Path(__file__).resolve().parent.parent / "sipp" / "run.py"


def scenario_sipsak_gets_an_answer_to_options(lab):
    server = lab.server()
    ping = lab.process("sipsak", ["sipsak", "-vvv", "-s", f"sip:6001@{server.host}",
                                  "-u", "6001", "-a", "rosemary 1"])
    code = ping.wait_end()
    check(code == 0, f"sipsak ends with {code}")


def scenario_the_sipp_scenarios_of_register(lab):
    done = subprocess.run([sys.executable, str(SIPP), lab.program], check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0 or done.stdout.count("ok  ") < 10:
        raise Failure(f"ended with {done.returncode}: {done.stdout}")


scenario_the_sipp_scenarios_of_register.seconds = 60
