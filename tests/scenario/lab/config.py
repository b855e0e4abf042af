# SPDX-License-Identifier: BSD-2-Clause
"""Configurations, written as an operator would write them."""
from lab.ports import has_ipv6

PASSWORDS = {"6001": "rosemary 1", "6002": "thyme-2", "6003": "sage-3"}


def option_lines(options):
    return "".join(f"{name}={value}\n" for name, value in options.items())


def transports(port):
    text = f"[udp]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:{port}\n\n"
    text += f"[tcp]\ntype=transport\nprotocol=tcp\nbind=127.0.0.1:{port}\n\n"
    if has_ipv6():
        text += f"[udp6]\ntype=transport\nprotocol=udp\nbind=[::1]:{port}\n\n"
        text += f"[tcp6]\ntype=transport\nprotocol=tcp\nbind=[::1]:{port}\n\n"
    return text


def phone(name, password, **aor):
    aor.setdefault("max_contacts", 3)
    return (f"[{name}]\ntype=endpoint\nauth={name}\naors={name}\n\n"
            f"[{name}]\ntype=auth\nauth_type=userpass\nusername={name}\npassword={password}\n\n"
            f"[{name}]\ntype=aor\n{option_lines(aor)}\n")


# Who writes this name into From is it: what the tests that are not about passwords call with.
OPEN_ENDPOINT = ("[tester]\ntype=endpoint\naors=tester\n\n"
                 "[tester]\ntype=aor\nmax_contacts=3\n\n")


def standard(port, global_options="", rest=""):
    """Three phones with passwords, and an endpoint without one."""
    text = f"[global]\ntype=global\nlog_level=debug\n{global_options}\n"
    text += transports(port)
    for name, password in PASSWORDS.items():
        text += phone(name, password)
    return text + OPEN_ENDPOINT + rest
