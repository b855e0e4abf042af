# SPDX-License-Identifier: BSD-2-Clause
"""The server that is soaked: its configuration, its ports, and who lives where.

Everybody has a loopback address of his own, because the server keeps its budgets by address.
"""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "scenario"))

DOMAIN = "soak.example"
PASSWORD = "secret"

HONEST = "127.0.0.1"       # bench_load's callers and phones
FLOODING = {"password": "127.0.0.9", "garbage": "127.0.0.10", "stranger": "127.0.0.11"}
MALFORMED = "127.0.0.12"   # torture files and what is made of them
VANISHING = "127.0.0.14"   # callers and callees that go without a word
STREAMING = "127.0.0.15"   # connections that are of no use

# Listeners beside the one for datagrams, how far from its port each is.
STREAM_PORTS = {"tcp": 0, "tls": 1, "wss": 2, "ws": 3}

HEAD = """\
[global]
type=global
domain={domain}
log_level=notice

[system]
type=system
servants={servants}
timer_t1={t1_ms}
timer_c={timer_c_ms}
max_connections_per_source=500

[udp]
type=transport
protocol=udp
bind=127.0.0.1:{port}

[stream](!)
type=transport
cert_file={certificate}
priv_key_file={key}
websocket_origin=http://bench.example

{streams}
[phone](!)
type=endpoint

[phone-auth](!)
type=auth
auth_type=userpass
password={password}

[phone-aor](!)
type=aor
max_contacts=1
remove_existing=yes
minimum_expiration=10
default_expiration={expires_s}
maximum_expiration={expires_s}

; Known by its name, and asked for no password.
[caller](phone)
identify_by=username
"""

STREAM = """\
[{name}](stream)
protocol={name}
bind=127.0.0.1:{port}
"""

USER = """
[{name}](phone)
aors={name}
auth={name}

[{name}](phone-auth)
username={name}

[{name}](phone-aor)
"""

STATIC = """
[{name}](phone)
aors={name}

[{name}]
type=aor
contact=sip:{name}@{address}
"""


def configuration(plan, port, vanishing, revision):
    """`vanishing`: addresses by name.  Each `revision` differs, for reloads to do something."""
    streams = "\n".join(STREAM.format(name=name, port=port + more)
                        for name, more in STREAM_PORTS.items())
    parts = [HEAD.format(domain=DOMAIN, password=PASSWORD, port=port, servants=plan.servants,
                         t1_ms=plan.t1_ms, timer_c_ms=plan.timer_c_ms, expires_s=plan.expires_s,
                         certificate=plan.certificate, key=plan.key, streams=streams)]
    parts += [USER.format(name=f"user{number:04}") for number in range(plan.users)]
    parts += [STATIC.format(name=name, address=address) for name, address in vanishing.items()]
    # One more phone in every second revision, and one whose options change in each.
    if revision % 2:
        parts.append(USER.format(name="sometimes"))
    parts.append(USER.format(name="changing") + f"qualify_timeout={1 + revision % 7}\n")
    return "".join(parts)
