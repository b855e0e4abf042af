# SPDX-License-Identifier: BSD-2-Clause
"""Kamailio beside ours: one child for UDP, and the processes that it can't do without."""
import pathlib
import re
import shutil
import subprocess

import servers

HERE = pathlib.Path(__file__).resolve().parent

# The one that it has by itself, which its users run, and those it is faster with.
ALLOCATORS = ("", "tlsf", "fm")


def is_installed():
    return shutil.which("kamailio") is not None


def version():
    told = subprocess.run(["kamailio", "-v"], check=False, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True).stdout
    found = re.search(r"kamailio (\d+\.\d+\.\d+)", told)
    return found[1] if found else "of an unknown version"


def modules():
    """Where Debian has them."""
    return next(iter(pathlib.Path("/usr/lib").glob("*/kamailio/modules")),
                pathlib.Path("/usr/lib/kamailio/modules"))


class Kamailio:
    def __init__(self, core, allocator, folder):
        self.name = f"Kamailio {allocator or 'as it is'}"
        self.allocator = allocator
        self.port = servers.free_port()
        folder = folder / f"kamailio-{allocator}"
        folder.mkdir()
        text = (HERE / "kamailio.cfg").read_text()
        for name, value in (("DOMAIN", servers.DOMAIN), ("PASSWORD", servers.PASSWORD),
                            ("PORT", self.port), ("MODULES", modules())):
            text = text.replace(f"@{name}@", str(value))
        (folder / "kamailio.cfg").write_text(text)
        self.process = servers.start(
            ["kamailio", "-DD", "-E", "-m", "4096", "-M", "64", "-Y", folder, "-f",
             folder / "kamailio.cfg", *(["-x", allocator] if allocator else [])],
            core, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            servers.await_answer(self.process, self.port, self.name)
        except RuntimeError:
            self.stop()
            raise

    def pids(self):
        return servers.session(self.process)

    def stop(self):
        servers.stop(self.process, 30, servers.kill_session)
