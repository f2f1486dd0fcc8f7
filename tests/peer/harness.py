# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks of the peer itself beyond the recordings: what other tests rely on.

That its server is as unforgiving as the reference, that its client notices what servers do wrong,
that the control commands do what they say, and that the checklist passes a conforming server and
no other.
"""

import io
import os
import subprocess
import sys
import tempfile
from contextlib import redirect_stdout
from typing import Any, Callable

import wire
from checklist import Checklist
from checks import Checks, expect
from client import Interface, PeerClient, Unusable
from device import ExtendedCamera
from ledger import read_journal
from process import DEADLINE, SERVER, PeerServer, wait_until
from replay import Player
from recordings import Record

WAIT = int(DEADLINE * 1000)
FULL = Interface(ExtendedCamera)
Problems = list[str]


def connected(peer: PeerServer, **options: Any) -> PeerClient:
    """A client of the server's own generation."""
    return PeerClient(peer.generation, peer.url, WAIT, **options).connect()


# -- the server is as the reference

def conversation(problems: Problems, generation: int) -> None:
    """Both sides have nothing to blame the other for."""
    with (PeerServer(generation, device="extended") as peer,
          connected(peer, interface=FULL) as client):
        expect(problems, "mixed", client.call("mixed", c=1, a=[]), [[], 2, 1])
        expect(problems, "patient", client.call("patient", 0.0), 0.0)
        expect(problems, "burst", client.call("burst", 3), 3)
        peer.command("emit", signal="ping")
        got = client.wait_signals(4)
        expect(problems, "signals", got, [("captured", ["burst", i]) for i in range(3)]
               + [("ping", [])])
        client.stop_server()
        peer.wait_state("ended")
        problems += peer.violations() + client.violations


def copies(problems: Problems, generation: int) -> None:
    """Each initialisation multiplies emissions; generation 1 sends to the latest alone."""
    with PeerServer(generation) as peer, connected(peer) as first, connected(peer) as second:
        for value in (1, 2):
            second.set("rotation", value)
        wanted = [("rotationChanged", [1])] * 2 + [("rotationChanged", [2])] * 2
        expect(problems, "signals of the second", second.wait_signals(4), wanted)
        if generation == 2:
            expect(problems, "signals of the first", first.wait_signals(4), wanted)
        else:
            expect(problems, "signals of the first", first.signals, [])
        expect(problems, "initialisations", peer.command("state")["inits"], 2)
        counters = peer.command("counters")
        expect(problems, "emissions", counters["emissions"], {"rotationChanged": 2})
        acknowledged = 4 if generation == 1 else 0
        expect(problems, "messages", (counters["messages"], counters["acknowledged"]),
               (4, acknowledged))


def blocking(problems: Problems) -> None:
    """Generation 1 serves nobody until its signal is acknowledged."""
    with PeerServer(1) as peer, connected(peer) as client:
        client.receiver.acknowledge.clear()
        other = Player(1, peer.url)
        other.send(_request(b'{"event": "PROPERTY_SET", "property": "rotation", "value": 7}'))
        wait_until(lambda: peer.command("state")["waiting_ack"], "server waits")
        expect(problems, "silent", other.silent(), True)
        client.receiver.acknowledge.set()
        expect(problems, "answer", other.receive(WAIT), [b'{"success": true}'])
        other.close()


def _request(*frames: bytes) -> Record:
    return Record(0, "", "client->server", "REQ/REP", list(frames), [], "")


def other_generation(problems: Problems) -> None:
    """The generations do not interoperate, and the server tells."""
    with PeerServer(1) as peer, PeerClient(2, peer.url, WAIT) as client:
        client.get_inventory()
        frames = client.exchange({"event": "INIT_SIGNALS_HANDLING"}, WAIT)
        expect(problems, "success", wire.loads(frames[0])["success"], False)
        peer.wait_state("ended")
        expect(problems, "violations", len(peer.violations()), 1)
    with PeerServer(2) as peer, PeerClient(1, peer.url, 100) as client:
        try:
            client.connect()
            problems.append("a generation 1 client connected to a generation 2 server")
        except Unusable:
            peer.wait_state("deaf")
            expect(problems, "violations", len(peer.violations()), 1)


def without_signals(problems: Problems) -> None:
    """A generation 2 client whose interface has no signals works with a generation 1 server."""
    interface = Interface()
    interface.signals = {}
    with PeerServer(1) as peer, PeerClient(2, peer.url, WAIT, interface) as client:
        client.connect()
        expect(problems, "add", client.call("add", 1, 2), 3)
        problems += peer.violations()


def no_peer(problems: Problems) -> None:
    """A generation 1 server ends when the TCP connection does not come."""
    with PeerServer(1, peer_timeout=0.2) as peer:
        player = Player(1, peer.url)
        player.send(_request(b'{"event": "FIND_PEER_ADDRESS"}'))
        expect(problems, "answered", player.receive(WAIT) is not None, True)
        peer.wait_state("ended")
        expect(problems, "violations", len(peer.violations()), 1)
        player.close()


FATAL: dict[str, list[bytes]] = {
    "not JSON": [b"x"], "an empty frame": [b""], "an array": [b"[]"], "no event": [b"{}"],
    "two frames": [b'{"event": "GET_INVENTORY"}', b""],
    "a byte order mark": [b'\xef\xbb\xbf{"event": "GET_INVENTORY"}'],
    "invalid UTF-8": [b'{"event": "GET_INVENTORY", "x": "\xff"}'],
    "deep nesting": [b'{"event": "GET_INVENTORY", "x": ' + b"[" * 1000 + b"]" * 1000 + b"}"],
    "no kwargs": [b'{"event": "METHOD_CALL", "method": "fail", "params": {"args": []}}'],
    "an unknown event": [b'{"event": "PING"}']}


def fatal(problems: Problems, generation: int, frames: list[bytes]) -> None:
    """What the reference does not survive is noticed, and not survived."""
    with PeerServer(generation) as peer:
        player = Player(generation, peer.url)
        player.send(_request(*frames))
        peer.wait_state("ended", "deaf")
        expect(problems, "violations", len(peer.violations()) > 0, True)
        player.close()


def survived(problems: Problems) -> None:
    """Violations that the reference survives, and remarks."""
    with PeerServer(2) as peer, connected(peer) as client:
        client.get("no_such_property")
        expect(problems, "violations", len(peer.violations()), 1)
        client.set("config", float("nan"))
        expect(problems, "remarks", len(peer.command("violations")["remarks"]), 1)
        peer.command("reset")
        client.call("echo", "[" * 5)
        peer.assert_clean()


def exit_status(problems: Problems) -> None:
    """Without --keep-control the process ends with its server: 0, or 3 after violations."""
    for frame, status in ((b'{"event": "STOP_SERVER"}', 0), (b"x", 3)):
        command = [sys.executable, str(SERVER), "--generation", "2", "--url", "tcp://127.0.0.1:0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            player = Player(2, wire.loads(process.stdout.readline())["url"])
            player.send(_request(frame))
            expect(problems, "status", process.wait(DEADLINE), status)
            player.close()


# -- the control commands

def behaviours(problems: Problems) -> None:
    """refuse, clamp, keep and delay apply to writes over the wire, and to those alone."""
    with PeerServer(2) as peer, connected(peer) as client:
        peer.command("behave", property="rotation", refuse="not today")
        expect(problems, "refusal", client.set("rotation", 5).error, "not today")
        peer.command("set", property="rotation", value=1)
        peer.command("behave", property="rotation", clamp=[0, 359])
        client.set("rotation", 400)
        expect(problems, "clamped", client.get("rotation"), 359)
        peer.command("behave", property="rotation", keep=True)
        expect(problems, "kept", (client.set("rotation", 5), client.get("rotation")), (None, 359))
        peer.command("behave", property="rotation", delay=50)
        client.set("rotation", 6)
        expect(problems, "signals", [args for _, args in client.wait_signals(3)], [[1], [359], [6]])
        sets = peer.command("counters")["sets"]["rotation"]
        expect(problems, "sets", sets, {"count": 4, "values": [5, 400, 5, 6]})


def commands(problems: Problems, generation: int) -> None:
    """set, get, emit, emit_raw, log; through the server's thread and past it."""
    with PeerServer(generation) as peer, connected(peer) as client:
        peer.command("set", property="rotation", value=3, silent=True)
        peer.command("set", property="mode", value="VIDEO")
        peer.wait_jobs()
        expect(problems, "values", (client.get("rotation"), client.get("mode")), (3, "VIDEO"))
        expect(problems, "get", peer.command("get", property="rotation")["value"], 3)
        busy = Player(generation, peer.url)
        busy.send(_request(b'{"event": "METHOD_CALL", "method": "slow", '
                           b'"params": {"args": [60], "kwargs": {}}}'))
        wait_until(lambda: ["METHOD_CALL", "slow"] in peer.command("log")["entries"], "slow runs")
        peer.command("emit", signal="rotationChanged", args=["8"], times=2, via="thread")
        raw = '{"event": "EMIT_SIGNAL", "signal": "modeChanged", "args": ["X"], "blocking": false}'
        peer.wait_jobs()
        peer.command("emit_raw", frames=[raw], via="thread")
        expect(problems, "signals", client.wait_signals(4),
               [("modeChanged", ["VIDEO"]), *[("rotationChanged", [8])] * 2,
                ("modeChanged", ["X"])])
        expect(problems, "still busy", busy.silent(), True)
        busy.close()
        for wrong in ({"command": "no_such"}, {"command": "get", "property": "no_such"},
                      {"command": "emit", "signal": "ping"}, {"command": "get"}):
            try:
                problems.append(f"{wrong} answered {peer.command(**wrong)}")
            except ValueError:
                pass


def journal(problems: Problems) -> None:
    """Executions are counted across kill -9, restarts, and generations at one url."""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "journal")
        with PeerServer(1, device="extended", journal=path) as peer:
            url = peer.url
            for generation in (2, 1, 1):
                with connected(peer, interface=FULL) as client:
                    client.call("count", "token")
                    client.set("rotation", generation)
                    peer.kill()
                peer.restart(generation)
                expect(problems, "url", peer.url, url)
            expect(problems, "executions", peer.command("counters")["executions"], {"token": 3})
            with connected(peer, interface=FULL) as client:
                expect(problems, "fourth execution", client.call("count", "token"), 4)
        executions, sets = read_journal(path)
        expect(problems, "journal", (dict(executions), sets),
               ({"token": 4}, {"rotation": [2, 1, 1]}))


# -- the client notices

BAD_REPLIES: dict[str, tuple[str, list[Any]]] = {
    "an error without traceback": ("METHOD_CALL", ['{"success": false, "error": "x"}']),
    "an error without text": ("METHOD_CALL", ['{"success": false, "traceback": "x"}']),
    "success as text": ("METHOD_CALL", ['{"success": "yes", "result": 1}']),
    "a result twice": ("METHOD_CALL", ['{"success": true, "result": 1, "result": 2}']),
    "two frames": ("METHOD_CALL", ['{"success": true, "result": 1}', ""]),
    "an array": ("METHOD_CALL", ["[]"]),
    "no JSON": ("METHOD_CALL", [""]),
    "invalid UTF-8": ("METHOD_CALL", [{"base64": "eyJ4IjogIv8ifQ=="}]),
    "an inventory without name": ("GET_INVENTORY", [
        '{"json_methods": {}, "buffer_methods": {}, "signals": [], "properties": []}']),
    "a time-out of 0": ("GET_INVENTORY", ['{"json_methods": {"echo": 0}, "buffer_methods": {}, '
                                          '"signals": [], "properties": [], "name": ""}'])}


def bad_reply(problems: Problems, generation: int, event: str, frames: list[Any]) -> None:
    """A wrong reply is noted, whatever else comes of it."""
    with PeerServer(generation) as peer, connected(peer) as client:
        peer.command("tamper", event=event, frames=frames)
        try:
            client.call("echo", 1) if event == "METHOD_CALL" else client.get_inventory()
        except Exception:
            pass
        expect(problems, "noted", len(client.violations) > 0, True)


def bad_buffers(problems: Problems) -> None:
    """Buffer replies of three frames, and with a member `error` in the information."""
    with PeerServer(2) as peer, connected(peer) as client:
        wrong = (["{}", "data", ""], ['{"error": "x", "traceback": ""}', ""])
        for number, frames in enumerate(wrong):
            peer.command("tamper", event="METHOD_CALL", frames=frames)
            client.call_buffer("get_image")
            expect(problems, "violations", len(client.violations), number + 1)


def kinds_of_values(problems: Problems) -> None:
    """1, 1.0 and true are three values; NaN is one."""
    values = [1, 1.0, True, None, "1", [1], [1.0], {"a": 1}, {"a": True}, {"b": 1}, float("nan")]
    for left, one in enumerate(values):
        for right, other in enumerate(values):
            expect(problems, f"{one!r} same as {other!r}", wire.same(one, other), left == right)


def no_reply(problems: Problems) -> None:
    """A reply that does not come makes the client unusable."""
    with PeerServer(2) as peer, connected(peer) as client:
        peer.command("tamper", event="METHOD_CALL", frames=None)
        for _ in range(2):
            try:
                frames = client.execute("echo", {"args": [1], "kwargs": {}}, 100)
                problems.append(f"answered {frames}")
            except Unusable:
                pass


EMIT = '{"event": "EMIT_SIGNAL", "signal": "%s", "args": %s, "blocking": false}'
BAD_SIGNALS: dict[str, tuple[list[str], tuple[int, ...]]] = {
    "an unknown name": ([EMIT % ("noSuch", "[]")], (1, 2)),
    "too many arguments": ([EMIT % ("rotationChanged", "[1, 2]")], (1, 2)),
    "an argument that does not convert": ([EMIT % ("rotationChanged", '["x"]')], (1, 2)),
    "a tuple too long": ([EMIT % ("resolutionChanged", "[[1, 2, 3]]")], (1, 2)),
    "no args": (['{"event": "EMIT_SIGNAL", "signal": "modeChanged", "blocking": false}'], (1, 2)),
    "no blocking": (['{"event": "EMIT_SIGNAL", "signal": "modeChanged", "args": ["X"]}'], (1,)),
    "two frames": ([EMIT % ("modeChanged", '["X"]'), ""], (1, 2)),
    "an array": (["[]"], (1, 2)),
    "no JSON": (["x"], (1, 2))}


def bad_signal(problems: Problems, generation: int, frames: list[str]) -> None:
    """Reception ends for good, and this is noted."""
    with PeerServer(generation) as peer, connected(peer) as client:
        peer.command("emit_raw", frames=frames, via="thread")
        wait_until(lambda: client.reception_ended, "reception ended")
        expect(problems, "violations", len(client.violations) > 0, True)


def odd_signal(problems: Problems) -> None:
    """What converts goes on, but is noted: a server that is careful sends the declared type."""
    with PeerServer(2) as peer, connected(peer) as client:
        peer.command("emit_raw", frames=[EMIT % ("rotationChanged", '["5"]')])
        client.wait_signals(1)
        expect(problems, "violations", len(client.violations), 1)
        expect(problems, "ended", client.reception_ended, "")


# -- the checklist judges rightly

def judge_conforming(problems: Problems) -> None:
    """All checks hold for a server that does what PROTOCOL.md asks."""
    program = SERVER.with_name("conforming.py")
    with PeerServer("both", device="extended", program=program) as peer:
        checks, output = Checks(), io.StringIO()
        with redirect_stdout(output):
            Checklist(checks, peer.url, "conforming").run()
        problems += [line for line in output.getvalue().splitlines() if line.startswith("not ok")]
        expect(problems, "some passed", checks.passed > 60, True)


def judge_reference(problems: Problems) -> None:
    """The reference's own ways do not pass: malformed requests, several copies."""
    for generation in (1, 2):
        with PeerServer(generation) as peer:
            checks = Checks()
            checklist = Checklist(checks, peer.url, "reference", deadline=0.5)
            with redirect_stdout(io.StringIO()):
                checklist.check_errors("not JSON")
            expect(problems, "failed", (checks.passed, checks.failed), (0, 1))


def check_harness(checks: Checks) -> None:
    """All checks of this file, in both generations where they differ."""
    plain: list[Callable[[Problems], None]] = [
        blocking, other_generation, without_signals, no_peer, survived, exit_status, behaviours,
        journal, bad_buffers, kinds_of_values, no_reply, odd_signal, judge_conforming,
        judge_reference]
    for function in plain:
        checks.run(f"peer {function.__name__}", function)
    for generation in (1, 2):
        label = f"gen{generation} peer"
        for check in (conversation, copies, commands):
            checks.run(f"{label} {check.__name__}", lambda p, c=check: c(p, generation))
        for name, frames in FATAL.items():
            checks.run(f"{label} server notes {name}", lambda p, f=frames: fatal(p, generation, f))
        for name, (event, reply) in BAD_REPLIES.items():
            checks.run(f"{label} client notes {name}",
                       lambda p, e=event, r=reply: bad_reply(p, generation, e, r))
        for name, (message, generations) in BAD_SIGNALS.items():
            if generation in generations:
                checks.run(f"{label} reception ends at {name}",
                           lambda p, m=message: bad_signal(p, generation, m))
