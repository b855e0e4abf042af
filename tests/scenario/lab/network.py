# SPDX-License-Identifier: BSD-2-Clause
"""Networks of one's own: namespaces, wires between them, and routers that masquerade.

Needs root, iproute2 and nftables.  Names have our process's number, so that runs do not meet; what
a run that was killed has left is removed by the next one.  Nothing leaves the namespaces.
"""
import ctypes
import itertools
import os
import pathlib
import re
import shutil
import subprocess
import threading

from lab.wait import Failure, LeftOut

CLONE_NEWNET = 0x40000000
NAMES = re.compile(r"^rs(\d+)x\d+-")

_count = itertools.count()
_why = []  # once looked at: why there can be no namespaces, or an empty text


def _run(*words, text=None):
    done = subprocess.run(words, input=text, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failure(f"{' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


def _sweep():
    for line in _run("ip", "netns", "list").splitlines():
        name = line.split()[0]
        match = NAMES.match(name)
        if match and not pathlib.Path(f"/proc/{match[1]}").exists():
            subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)


def _look():
    if os.geteuid() != 0:
        return "it needs root to make network namespaces"
    missing = [name for name in ("ip", "nft") if shutil.which(name) is None]
    if missing:
        return f"not installed: {', '.join(missing)}"
    try:
        probe = f"rs{os.getpid()}x{next(_count)}-probe"
        _sweep()
        _run("ip", "netns", "add", probe)
        try:
            _run("ip", "netns", "exec", probe, "nft", "-f", "-", text=MASQUERADE.format(out="lo"))
        finally:
            _run("ip", "netns", "delete", probe)
    except Failure as failure:
        return f"no network namespaces here: {failure}"
    return ""


MASQUERADE = """\
table ip nat {{
    chain after {{
        type nat hook postrouting priority srcnat;
        oifname "{out}" masquerade fully-random
    }}
}}
"""
# A 1:1 address: everything to `outer` is `inner`'s, and what `inner` sends comes from `outer`.
ONE_TO_ONE = """\
table ip nat {{
    chain before {{
        type nat hook prerouting priority dstnat;
        iifname "{out}" ip daddr {outer} dnat to {inner}
    }}
    chain after {{
        type nat hook postrouting priority srcnat;
        oifname "{out}" ip saddr {inner} snat to {outer}
    }}
}}
"""


class Namespace:
    def __init__(self, network, label):
        self.network = network
        self.name = f"rs{os.getpid()}x{network.number}-{label}"
        self.address = None
        _run("ip", "netns", "add", self.name)
        self.run("ip", "link", "set", "lo", "up")

    @property
    def prefix(self):
        """Before a command that is to run in it."""
        return ["ip", "netns", "exec", self.name]

    def run(self, *words, text=None):
        return _run(*self.prefix, *words, text=text)

    def within(self, function):
        """What `function` returns, called on a thread that is in it: its sockets stay there."""
        result = []

        def enter():
            with open(f"/run/netns/{self.name}", encoding="utf-8") as file:
                if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET) != 0:
                    raise OSError(ctypes.get_errno(), f"setns {self.name}")
            result.append(function())

        thread = threading.Thread(target=enter)
        thread.start()
        thread.join()
        if not result:
            raise Failure(f"nothing came back from {self.name}")
        return result[0]

    def join(self, other, address, other_address=None, interface="wire", bridge=None):
        """A wire to another namespace: here `interface` with `address`, there with its own, or
        behind a bridge."""
        there = f"v{next(_count)}"
        _run("ip", "link", "add", interface, "netns", self.name, "type", "veth", "peer", "name",
             there, "netns", other.name)
        self.run("ip", "address", "add", f"{address}/24", "dev", interface)
        self.run("ip", "link", "set", interface, "up")
        if bridge:
            other.run("ip", "link", "set", there, "master", bridge)
        else:
            other.run("ip", "address", "add", f"{other_address}/24", "dev", there)
        other.run("ip", "link", "set", there, "up")
        self.address = address

    def route_by(self, gateway):
        self.run("ip", "route", "add", "default", "via", gateway)

    def forward_to(self, rules, **names):
        """It becomes a router with these rules; its interface `out` is outside."""
        self.run("sysctl", "-q", "-w", "net.ipv4.ip_forward=1")
        self.run("nft", "-f", "-", text=rules.format(out="out", **names))

    def bindings_last(self, seconds):
        """So long a router keeps a binding that nothing passes; of those made from now on."""
        for name in ("nf_conntrack_udp_timeout", "nf_conntrack_udp_timeout_stream"):
            self.run("sysctl", "-q", "-w", f"net.netfilter.{name}={seconds}")


class Network:
    def __init__(self):
        if not _why:
            _why.append(_look())
        if _why[0]:
            raise LeftOut(_why[0])
        self.number = next(_count)
        self.spaces = []

    def space(self, label):
        self.spaces.append(Namespace(self, label))
        return self.spaces[-1]

    def kill(self):
        """Their processes were ended before: the laboratory ends what it started in reverse."""
        for space in reversed(self.spaces):
            subprocess.run(["ip", "netns", "delete", space.name], check=False,
                           capture_output=True)
        self.spaces = []
