# SPDX-License-Identifier: BSD-2-Clause
"""SIPp, playing a scenario that is put together of steps.

    steps = [request("MESSAGE", "sip:echo@[remote_ip]:[remote_port]", body="hello"), answer(200)]
    lab.sipp("sender", steps, server.host).passes()

Debian 12 builds its SIPp without TLS; with_tls() is one that has it, fetched when it's needed first
into a folder beside the program.
"""
import pathlib
import subprocess
import textwrap
import threading

from lab.building import ROOT
from lab.process import Process
from lab.ports import free_port
from lab.wait import LeftOut, check, within

PATIENCE_S = 40

_fetching = threading.Lock()


def with_tls(program):
    folder = pathlib.Path(program).resolve().parent / "sipp-with-tls"
    with _fetching:
        if not (folder / "sipp").exists():
            done = subprocess.run(
                [ROOT / "tools" / "sipp_with_tls.sh", folder], check=False, capture_output=True,
                text=True, stdin=subprocess.DEVNULL, timeout=300)
            if done.returncode != 0:
                raise LeftOut(done.stderr.strip()[-300:])
    return folder / "sipp"


def _send(lines, body, attributes):
    text = "\n".join([*lines, "Content-Length: [len]", "", body])
    return f"  <send{attributes}><![CDATA[\n{textwrap.indent(text, '    ')}\n  ]]></send>\n"


def request(method, uri, user="tester", fields=(), body="", to=None, cseq=1):
    """A request outside of a call, with what every request has; each of `fields` is a line."""
    return _send([
        f"{method} {uri} SIP/2.0",
        "Via: SIP/2.0/[transport] [local_ip]:[local_port];rport;branch=[branch]",
        "Max-Forwards: 70",
        f"From: <sip:{user}@[remote_ip]:[remote_port]>;tag=[pid]x[call_number]",
        f"To: <{to or uri}>",
        "Call-ID: [call_id]",
        f"CSeq: {cseq} {method}",
        *fields,
    ], body, ' retrans="500"' if method != "ACK" else "")


def raw(lines, body="", retrans=False):
    """Whatever else is sent; a line that is [last_Via:] and the like repeats what came."""
    return _send(lines, body, ' retrans="500"' if retrans else "")


def answer(status, attributes="", optional=False):
    """Wait for an answer."""
    more = ' optional="true"' if optional else ""
    return f'  <recv response="{status}"{more} {attributes}/>\n'


def wait(method, attributes=""):
    """Wait for a request."""
    return f'  <recv request="{method}" {attributes}/>\n'


class Sipp:
    """Plays `steps` `count` times, all at once, from `host` toward `target`."""

    def __init__(self, folder, name, steps, target, host="127.0.0.1", count=1, options=(),
                 port=None, program="sipp"):
        folder.mkdir(parents=True)
        self.host, self.port = host, port or free_port()
        self.errors = folder / "errors"
        (folder / "scenario.xml").write_text(
            f'<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="{name}">\n'
            f'{"".join(steps)}</scenario>\n')
        # It paints its screens for people.
        self.process = Process(f"sipp {name}", [
            "sh", "-c", 'exec "$0" "$@" >/dev/null', program, target, "-sf",
            folder / "scenario.xml", "-m", str(count), "-l", str(count), "-r", "1000",
            "-i", host, "-p", str(self.port), "-nostdin", "-trace_err",
            "-error_file", self.errors, "-timeout", str(PATIENCE_S), "-timeout_error", *options],
            folder=folder)

    @property
    def address(self):
        return f"{self.host}:{self.port}"

    def listening(self):
        """Its port is bound: what is sent there arrives."""
        def bound():
            with open("/proc/net/udp", encoding="ascii") as file:
                return any(line.split()[1].endswith(f":{self.port:04X}") for line in file)

        within(bound, f"{self.process.name} listens")
        return self

    def passes(self):
        code = self.process.wait_end(2 * PATIENCE_S)
        told = self.errors.read_text(errors="replace") if self.errors.exists() else ""
        check(code == 0, f"{self.process.name} ended with {code}: {told[:3000]}{self.process.text}")

    def kill(self):
        self.process.kill()
