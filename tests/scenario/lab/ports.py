# SPDX-License-Identifier: BSD-2-Clause
"""Ports that nobody has.

Below 10000, because sipsak cuts a port's fifth digit off; below the range that the kernel takes
ports from by itself, so that nobody gets one between our look and its use; and not where SIPp
takes its own from, unasked: from 6000 up for audio, from 8888 up for its remote control; nor one that a
browser refuses to connect to, since other protocols are at home there.
"""
import random
import socket
import threading

FIRST = 6100
LAST = 9899
SIPP_CONTROL = range(8880, 8960)
# The "bad ports" of https://fetch.spec.whatwg.org that lie in between, and the ports below them.
NO_BROWSER = {port - below for port in (6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697) for below in (0, 1)}

_lock = threading.Lock()
_given = set()


def _is_free(port):
    for family, host in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            try:
                with socket.socket(family, kind) as probe:
                    if family == socket.AF_INET6:
                        probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                    probe.bind((host, port))
            except OSError:
                if family == socket.AF_INET or has_ipv6():
                    return False
    return True


def has_ipv6():
    """Is there an IPv6 loopback?"""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


def free_port():
    """A port whose neighbour above is free too: baresip binds that for TLS."""
    with _lock:
        for _ in range(1000):
            port = random.randrange(FIRST, LAST, 2)
            if port in _given or port in SIPP_CONTROL or port in NO_BROWSER:
                continue
            if _is_free(port) and _is_free(port + 1):
                _given.add(port)
                return port
    raise RuntimeError(f"no free port between {FIRST} and {LAST}")
