# SPDX-License-Identifier: BSD-2-Clause
"""baresip as a phone without sound devices, worked through its control port.

The control port speaks JSON in netstrings: our commands, its answers, and what happens.
"""
import json
import socket
import threading

from lab.config import PASSWORDS
from lab.ports import free_port
from lab.process import Process
from lab.sip import traced
from lab.wait import Failure, Growing, within

CONFIG = """\
sip_listen {address}
{interface}
{authority}
audio_source ausine,440
audio_player aufile,{folder}/heard.wav
audio_alert aufile,{folder}/alert.wav
ausrc_srate 48000
auplay_srate 48000
ausrc_channels 2
auplay_channels 2
module_path {modules}
module g711.so
module ausine.so
module aufile.so
{identity}
module_app account.so
module_app ctrl_tcp.so
module_app menu.so
module_app contact.so
ctrl_tcp_listen 127.0.0.1:{control}
"""
MODULES = "/usr/lib/baresip/modules"


def netstrings(buffer):
    """The whole netstrings at the front of `buffer`, and what is left of it."""
    found = []
    while True:
        length, colon, rest = buffer.partition(b":")
        if not colon or len(rest) <= int(length):
            return found, buffer
        found.append(rest[:int(length)])
        buffer = rest[int(length) + 1:]


class Control:
    """The connection to the control port."""

    def __init__(self, port):
        self.heard = []
        self.news = Growing()
        self.count = 0
        self.socket = within(lambda: self._connect(port), "baresip's control port answers")
        threading.Thread(target=self._read, daemon=True).start()
        # What happens before it has taken the connection is told to nobody.
        self.command("reginfo")

    @staticmethod
    def _connect(port):
        try:
            return socket.create_connection(("127.0.0.1", port))
        except OSError:
            return None

    def _read(self):
        try:
            self._take()
        except OSError:
            pass
        finally:  # whatever ends it: nobody waits for a reader that is gone
            self.news.end()

    def _take(self):
        buffer = b""
        while got := self.socket.recv(65536):
            found, buffer = netstrings(buffer + got)
            with self.news.changed:
                self.heard += [json.loads(one) for one in found]
                self.news.changed.notify_all()

    def command(self, name, params=""):
        self.count += 1
        token = str(self.count)
        text = json.dumps({"command": name, "params": params, "token": token}).encode()
        self.socket.sendall(str(len(text)).encode() + b":" + text + b",")
        answer = self.news.wait(
            lambda: next((one for one in self.heard if one.get("token") == token), None),
            f"baresip answers {name}")
        if not answer.get("ok"):
            raise Failure(f"baresip: {name} {params}: {answer.get('data')}")
        return answer.get("data", "")

    def event(self, kind, mark=0):
        return next((one for one in self.heard[mark:]
                     if one.get("event") and one.get("type") == kind), None)


class Baresip:
    """A phone of `user` at `server`; `label` tells two phones of one user apart.

    Its signalling is on the loopback address `host`.  Its audio is too when it has `one_family`;
    else on any address of the machine, so that it can talk to a phone of the other family.
    With `outbound` all that it sends goes through the server, whatever it dials.
    """

    def __init__(self, folder, user, server, password=None, host="127.0.0.1", label="",
                 one_family=True, outbound=False, space=None, expires_s=60, transport=None, account="",
                 authority=None):
        """`space`: the network namespace that it is in (lab.network), at its address.
        `account`: more parameters of its account; it says which phone it is then.
        `authority`: whose certificates it believes."""
        if space is not None:
            host = space.address
        self.user = user
        self.name = f"baresip {user}{label}"
        self.folder = folder
        self.port = free_port()
        self.host = f"[{host}]" if ":" in host else host
        self.server = server.host6 if ":" in host else server.host
        self.control = None
        control = free_port()
        folder.mkdir(parents=True)
        (folder / "config").write_text(CONFIG.format(
            address=f"{self.host}:{self.port}", interface=f"net_interface {host}" if one_family else "",
            folder=folder, control=control, modules=MODULES,
            identity="module uuid.so" if account else "",
            authority=f"sip_cafile {authority}" if authority else ""))
        by = f";transport={transport}" if transport else ""
        (folder / "accounts").write_text(
            f'<sip:{user}@{self.server}{by}>;auth_user={user}'
            f';auth_pass="{password or PASSWORDS[user]}";regint={expires_s}'
            + (f';outbound="sip:{self.server}"' if outbound else "") + account + "\n")
        (folder / "contacts").write_text("")
        command = ["baresip", "-f", str(folder), "-v", "-s"]
        if space is not None:
            command = space.prefix + command
        self.process = Process(self.name, command)
        self.process.wait_for("baresip is ready")
        self.control = (Control(control) if space is None else
                        space.within(lambda: Control(control)))

    @property
    def aor(self):
        return f"sip:{self.user}@{self.server}"

    def registered(self):
        self.process.wait_for(r"^SIP/2.0 200 .*(\n.+)*\nCSeq: \d+ REGISTER")
        return self

    def dial(self, target):
        self.control.command("dial", target)

    def accept(self):
        self.control.command("accept")

    def hang_up(self, reason=""):
        self.control.command("hangup", reason)

    def mark(self):
        return len(self.control.heard)

    def wait(self, kind, mark=0):
        """The event of that kind: CALL_INCOMING, CALL_RINGING, CALL_ESTABLISHED, CALL_CLOSED."""
        return self.control.news.wait(lambda: self.control.event(kind, mark),
                                      f"{self.name}: {kind}")

    def hears(self):
        """Audio arrives, which flows between the phones alone."""
        self.process.wait_for(r"incoming rtp for 'audio' established")

    def messages(self, method=None, status=None):
        return [one for one in traced(self.process.text)
                if (method is None or one.method == method) and
                (status is None or one.status == status)]

    def sent(self, method, status=None):
        return [one for one in self.messages(method, status)
                if one.source == f"{self.host}:{self.port}"]

    def received(self, method, status=None):
        return [one for one in self.messages(method, status)
                if one.target == f"{self.host}:{self.port}"]

    def wait_received(self, method, status=None):
        return self.process.output.wait(lambda: self.received(method, status),
                                        f"{self.name} receives {method} {status or ''}")[0]

    def kill(self):
        if self.control is not None:
            self.control.socket.close()
        self.process.kill()
