# SPDX-License-Identifier: BSD-2-Clause
"""Services of other people's; those of examples/ are in examples.py."""
import json
import os
import pathlib

from lab import check
from lab.building import USUAL, compile_module
from lab.config import standard

HERE = pathlib.Path(__file__).resolve().parent.parent
TEXT = ["Content-Type: text/plain"]


def scenario_a_service_that_blocks_delays_nobody_else(lab):
    folder = lab.path("modules")
    compile_module(HERE / "modules/blocker.c", folder / "blocker.so", lab.program)
    fifo = lab.path("fifo")
    os.mkfifo(fifo)
    path = f"{folder}:{pathlib.Path(lab.program).parent / 'modules'}"
    # One servant: whoever blocks it has all there is.
    server = lab.server(
        config=lambda port: standard(port, rest="[system]\ntype=system\nservants=1\n"),
        modules=(*USUAL, "blocker"),
        environment={"RES_SIP_MODULE_PATH": path, "BLOCKER_FIFO": str(fifo)})
    blocked = [lab.peer(server) for _ in range(5)]
    for one in blocked:
        mark = server.process.mark()
        one.send(one.request("MESSAGE", f"sip:block@{server.host}", TEXT, "!"))
        server.wait_log("blocker: waits", mark)
    free = lab.peer(server)
    for _ in range(100):
        free.alive()
    phone = lab.baresip("6001", server).registered()
    check(phone.received("REGISTER", 200), "a phone can't register")
    for one in blocked:
        one.socket.setblocking(False)
        try:
            early = one.socket.recv(65536)
        except BlockingIOError:
            early = b""
        check(not early, f"answered before it was let go: {early[:100]!r}")
    # Held open in both directions: whoever comes later does not block either.
    door = os.open(fifo, os.O_RDWR)
    for one in blocked:
        answer = one.receive()
        check(answer is not None and answer.status == 200, f"a blocked request: {answer}")
    os.close(door)
    counters = server.ask("show", "counters")
    taken = next(line for line in counters.splitlines() if line.startswith("reactors.taken"))
    check(int(taken.split()[1]) >= 1, f"no reactor was taken over: {counters}")
    works = json.loads(server.ask("show", "works", "--json"))
    check(any(one["module"] == "blocker" and one["callback"] == "on_rx_request"
              and one["stalls"] >= 1 for one in works["stalls"]), f"nobody blocks: {works}")
    check([one["reactor"] for one in works["reactors"]] == [0], f"{works}")
