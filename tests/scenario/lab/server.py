# SPDX-License-Identifier: BSD-2-Clause
"""The server, from its configuration to its clean end."""
import re
import signal
import subprocess

from lab.config import standard
from lab.ports import free_port
from lab.process import Process
from lab.wait import PATIENCE_S, check

REPORTS = re.compile(r"AddressSanitizer|LeakSanitizer|ThreadSanitizer|runtime error:"
                     r"|UndefinedBehaviorSanitizer|assertion failed|Assertion|^==\d+== ", re.MULTILINE)


class Server:
    """Serves `config` (of lab.config) out of `folder`, on IPv4 and IPv6 at `port`.

    Who gives another `address` has it in the transports of his configuration too.
    """

    def __init__(self, program, folder, config=None, modules=None, environment=None, port=None,
                 user=None, space=None, address="127.0.0.1"):
        """`space`: the network namespace that it is in (lab.network)."""
        self.program = program
        self.folder = folder
        self.environment = environment
        self.address = address
        self.port = port or free_port()
        self.user = user
        self.process = None
        self.space = space
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "res_sip.conf").write_text(config(self.port) if config else standard(self.port))
        if modules is not None:
            (folder / "modules.conf").write_text(
                "[modules]\n" + "".join(f"load = {name}\n" for name in modules))

    def start(self):
        command = [self.program, "run", "-c", str(self.folder)]
        if self.user is not None:
            command += ["--user", self.user]
        if self.space is not None:
            command = self.space.prefix + command
        self.process = Process("res_sip", command, self.environment)
        self.process.wait_for(r" serves$")
        return self

    @property
    def host(self):
        return f"{self.address}:{self.port}"

    @property
    def host6(self):
        return f"[::1]:{self.port}"

    @property
    def log(self):
        return self.process.text

    def wait_log(self, pattern, mark=0):
        return self.process.wait_for(pattern, mark)

    def ask(self, *words):
        """What `res_sip WORDS -c FOLDER` prints; it must succeed."""
        done = self.run(*words)
        check(done.returncode == 0, f"res_sip {' '.join(words)}: {done.stdout}{done.stderr}")
        return done.stdout

    def run(self, *words):
        return subprocess.run([self.program, *words, "-c", str(self.folder)], check=False,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=PATIENCE_S)

    def contacts(self):
        return self.ask("show", "contacts")

    def stop(self):
        """Ends as SIGTERM asks for, having nothing to complain about."""
        if self.process is None:
            return
        process, self.process = self.process, None
        try:
            if not process.ended():
                process.signal(signal.SIGTERM)
            code = process.wait_end()
        finally:
            process.kill()
        report = REPORTS.search(process.text)
        check(code == 0, f"the server ended with {code}:\n{process.text[-8000:]}")
        check(report is None, f"the server's log has a report:\n{process.text[-8000:]}")
        check("stopped" in process.text, f"the server does not say that it stopped:\n"
                                         f"{process.text[-2000:]}")

    def kill(self):
        if self.process is not None:
            self.process.kill()
