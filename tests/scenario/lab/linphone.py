# SPDX-License-Identifier: BSD-2-Clause
"""linphonec, a phone that calls and sends messages; typed at, as its user would."""
from lab.config import PASSWORDS
from lab.ports import free_port
from lab.process import Process

CONFIG = """\
[sip]
use_ipv6=0
sip_port={port}
sip_tcp_port={tcp_port}
sip_tls_port={tls_port}
{authority}
default_proxy=0
[proxy_0]
reg_proxy=<sip:{server};transport={transport}>
reg_route=<sip:{server};transport={transport};lr>
reg_identity=sip:{user}@{domain}
reg_sendregister=1
reg_expires=300
[auth_info_0]
username={user}
passwd={password}
realm={domain}
"""


class Linphone:
    """A phone of `user` in `domain`, behind `server`.

    It drops the port of its own address, so that a domain of its own is what it needs.
    """

    def __init__(self, folder, user, server, domain, transport="udp", authority=None):
        self.name = f"linphonec {user}"
        self.aor = f"sip:{user}@{domain}"
        # Without a place for its database it crashes when a message comes.
        (folder / ".local/share/linphone").mkdir(parents=True)
        port = free_port()
        (folder / "config").write_text(CONFIG.format(
            port=port, server=server.host, user=user, domain=domain, transport=transport,
            tcp_port=-1 if transport == "tcp" else 0,
            tls_port=-1 if transport == "tls" else 0,
            # It compares with the Common Name alone, which is no address.
            authority=f"root_ca={authority}\nverify_server_cn=0" if authority else "",
            password=PASSWORDS[user]))
        self.process = Process(self.name, ["linphonec", "-c", str(folder / "config")],
                               {"HOME": str(folder)}, talks=True)
        self.process.wait_for("linphonec>")
        source = port if transport == "udp" else r"\d+"
        server.wait_log(f"contact added aor={user} .*source=127\\.0\\.0\\.1:{source}$")

    def message(self, target, text):
        self.process.say(f'chat {target} "{text}"')

    def call(self, other):
        self.process.say(f"call {other.aor}")
        other.process.wait_for(r"Receiving new incoming call from ")
        self.process.wait_for(r"Call 1 to \S+ ringing\.")

    def answer(self, caller):
        """Until both have said that it is answered, and sound would go to and fro."""
        self.process.say("answer")
        for one in (self, caller):
            one.process.wait_for(r"Call 1 with \S+ connected\.")
            one.process.wait_for(r"Media streams established with \S+ for call 1 \(audio\)\.")

    def hang_up(self, other):
        self.process.say("terminate")
        for one in (self, other):
            one.process.wait_for(r"Call 1 with \S+ ended \(No error\)\.")

    def kill(self):
        self.process.kill()
