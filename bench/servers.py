# SPDX-License-Identifier: BSD-2-Clause
"""Servers that are measured: phones of a configuration, and their processes, each on a core."""
import os
import pathlib
import signal
import socket
import subprocess
import time

DOMAIN = "bench.example"
PASSWORD = "secret"

PHONES = f"""
[phone](!)
type = endpoint

[phone-auth](!)
type = auth
auth_type = userpass
password = {PASSWORD}

[phone-aor](!)
type = aor
max_contacts = 1
remove_existing = yes

; Known by its name, and asked for no password.
[caller](phone)
identify_by = username
"""

PHONE = """
[{name}](phone)
aors = {name}
auth = {name}

[{name}](phone-auth)
username = {name}

[{name}](phone-aor)
"""


MODULES = ("res_sip_endpoint_identifier_ip", "res_sip_endpoint_identifier_user",
           "res_sip_authenticator_digest", "res_sip_options", "res_sip_registrar", "res_sip_proxy")


def modules(replaced):
    """modules.conf, with others in the place of some."""
    return "[modules]\n" + "".join(f"load = {replaced.get(name, name)}\n" for name in MODULES)


def module_path(build):
    """What RES_SIP_MODULE_PATH has to be, where modules of bench/modules are wanted."""
    return ":".join(str(build.resolve() / folder) for folder in
                    ("bench/modules", *(f"modules/{name}" for name in MODULES)))


def phones(count):
    """What a configuration of res_sip says of so many, and of who calls them."""
    return PHONES + "".join(PHONE.format(name=f"user{number:04}") for number in range(count))


def free_port(kind=socket.SOCK_DGRAM):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(command, core, stdin=subprocess.DEVNULL, **options):
    """On that core, or on those where it is a set."""
    cores = core if isinstance(core, set) else {core}
    return subprocess.Popen(
        [str(part) for part in command], stdin=stdin,
        preexec_fn=lambda: os.sched_setaffinity(0, cores), **options)


def options_over_udp(port, timeout=0.2):
    """Seconds until an OPTIONS is answered; None: not in time."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.settimeout(timeout)
        probe.connect(("127.0.0.1", port))
        host = "127.0.0.1:%d" % probe.getsockname()[1]
        begun = time.perf_counter()
        try:
            probe.send((f"OPTIONS sip:{DOMAIN} SIP/2.0\r\n"
                        f"Via: SIP/2.0/UDP {host};rport;branch=z9hG4bKp{time.time_ns()}\r\n"
                        f"From: <sip:caller@{DOMAIN}>;tag=probe\r\nTo: <sip:{DOMAIN}>\r\n"
                        f"Call-ID: probe-{time.time_ns()}\r\nCSeq: 1 OPTIONS\r\n"
                        "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n").encode())
            if not probe.recv(4096).startswith(b"SIP/2.0 "):
                return None
        except OSError:
            return None
        return time.perf_counter() - begun


def await_answer(process, port, name):
    """Until it speaks SIP there; RuntimeError where it does not."""
    deadline = time.monotonic() + 20
    while options_over_udp(port) is None:
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{name} does not answer")
        time.sleep(0.05)


def stop(process, seconds=10, kill=subprocess.Popen.kill):
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            kill(process)
            process.wait()


def session(process):
    """The processes of one that was started with a session of its own."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if os.getsid(int(entry.name)) == process.pid:
                    found.append(int(entry.name))
            except OSError:  # it has just ended
                pass
    return found


def kill_session(process):
    os.killpg(process.pid, signal.SIGKILL)
